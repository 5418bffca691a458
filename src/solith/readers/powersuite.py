"""PowerSuite's spectra: frequency, real and imaginary part, separated by tabs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from solith.core.errors import StorageError
from solith.readers._columns import columns_of
from solith.readers._grid import fields_of, grids
from solith.readers._headings import named
from solith.readers._measured import records_of
from solith.readers._parts import parts_of
from solith.readers._text import decoded, read_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "PowerSuite text"

_HEADINGS = {
    "Frequency": ("frequency_hertz", "Hz"),
    "Zre": ("real_impedance_ohm", "ohm"),
    "Zimg": ("imaginary_impedance_ohm", "ohm"),
}


def recognises(head: bytes) -> bool:
    """Whether the first line holds PowerSuite's three headings."""
    return _is_heading(fields_of(decoded(head).split("\n", 1)[0], "\t"))


def read(path: Path) -> list[Record]:
    """The spectra in a file, whose frequencies are in Hz and impedances in ohm.

    Raises :class:`StorageError` for a file without rows.
    """
    _, tables = grids(read_lines(path), _is_heading)
    parts = [
        part
        for table in tables
        if table.rows
        for part in parts_of(
            path,
            columns_of(
                path,
                [named(text, *_HEADINGS[text]) for text in table.headings],
                table.rows,
                table.lines,
                table.decimal,
                table.notes,
            ),
        )
    ]
    if not parts:
        raise StorageError(f"{path}: the table has headings but no rows")
    return records_of(path, parts, "PowerSuite")


def _is_heading(fields: Sequence[str]) -> bool:
    return list(fields) == list(_HEADINGS)
