"""Spectra that Autolab's software exports for ZView ("Z60W Data File").

Eight lines of settings, the number of points, the headings, and nine columns separated by
commas. Amplitude and bias are in a unit that the file does not tell.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from solith.core.errors import StorageError
from solith.readers._columns import columns_of
from solith.readers._grid import rows_of
from solith.readers._measured import records_of
from solith.readers._parts import parts_of
from solith.readers._text import decoded, read_lines
from solith.readers.zplot import sweep_headings

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "Autolab (Z60W text)"

_MARK = "Z60W Data File"


def recognises(head: bytes) -> bool:
    """Whether the first line is that of a Z60W file."""
    return decoded(head).lstrip().lstrip('"').startswith(_MARK)


def read(path: Path) -> list[Record]:
    """The spectra in a file.

    Raises :class:`StorageError` for a file without its line of headings or without rows.
    """
    lines = read_lines(path)
    place = next((n for n, line in enumerate(lines) if "Freq" in line and "Z''" in line), None)
    if place is None:
        raise StorageError(f"{path}: breaks off within the settings; there are no headings")
    headings = sweep_headings()
    rows, numbers, notes = rows_of(lines[place + 1 :], place + 2, len(headings), ",", last=True)
    if not rows:
        raise StorageError(f"{path}: has no row of {len(headings)} values below its headings")
    told = lines[place - 1].strip()
    if told.isascii() and told.isdigit() and told.lstrip("0") != str(len(rows)):
        notes.append(f"the file announces {told[:20]} points and has {len(rows)}")
    return records_of(
        path, parts_of(path, columns_of(path, headings, rows, numbers, notes=notes)), "Autolab"
    )
