"""Files to records: one module per format, each recognised by its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.readers._front import format_of, read
    from solith.readers._rosettasciio import read_with_rosettasciio
    from solith.readers.bdf import write_bdf

__all__ = ["format_of", "read", "read_with_rosettasciio", "write_bdf"]

_HOMES = {
    "format_of": "_front",
    "read": "_front",
    "read_with_rosettasciio": "_rosettasciio",
    "write_bdf": "bdf",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
