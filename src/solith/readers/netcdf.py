"""Records that solith wrote: netCDF, as :func:`solith.core.storage.write_record` makes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from solith.core.storage import read_record

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "solith's own records (netCDF)"

_SIGNATURES = (b"\x89HDF\r\n\x1a\n", b"CDF\x01", b"CDF\x02", b"CDF\x05")


def recognises(head: bytes) -> bool:
    """Whether a file begins like netCDF (version 4 or classic)."""
    return head.startswith(_SIGNATURES)


def read(path: Path) -> list[Record]:
    """The one record in the file, as it was written.

    Raises :class:`StorageError` for a file that is damaged or is no record of solith.
    """
    return [read_record(path)]
