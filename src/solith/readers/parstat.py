"""Text that a Parstat potentiostat's software exports: direct current and spectra, tabs.

In rows of direct current frequency and impedance are 0. The current is positive where it
oxidises the working electrode.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from solith.core.errors import StorageError
from solith.readers._columns import columns_of
from solith.readers._grid import fields_of, grids
from solith.readers._headings import Heading, heading_of, named
from solith.readers._measured import records_of
from solith.readers._parts import parts_of
from solith.readers._text import decoded, read_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "Parstat text"

_NAMES = {
    "Potential (V)": ("voltage_volt", "V"),
    "Current (A)": ("current_ampere", "A"),
    "Elapsed Time (s)": ("test_time_second", "s"),
    "Frequency (Hz)": ("frequency_hertz", "Hz"),
    "Zre (ohms)": ("real_impedance_ohm", "ohm"),
    "Zim (ohms)": ("imaginary_impedance_ohm", "ohm"),
    "|Vac| (V)": ("voltage_amplitude_volt", "V"),
    "|Iac| (A)": ("current_amplitude_ampere", "A"),
}
_MARKS = {"Potential (V)", "Elapsed Time (s)", "Zre (ohms)", "Zim (ohms)"}


def recognises(head: bytes) -> bool:
    """Whether the first line holds Parstat's headings."""
    return _is_heading(fields_of(decoded(head).split("\n", 1)[0], "\t"))


def read(path: Path) -> list[Record]:
    """The cycling record of the rows without a frequency, and the spectra.

    Raises :class:`StorageError` for a file without rows, :class:`InputError` for a missing
    column.
    """
    _, tables = grids(read_lines(path), _is_heading)
    parts = []
    for table in tables:
        if table.rows:
            headings = [_heading(text) for text in table.headings]
            parts += parts_of(
                path,
                columns_of(path, headings, table.rows, table.lines, table.decimal, table.notes),
            )
    if not parts:
        raise StorageError(f"{path}: the table has headings but no rows")
    return records_of(path, parts, "Parstat")


def _heading(text: str) -> Heading:
    return named(text, *_NAMES[text]) if text in _NAMES else heading_of(text)


def _is_heading(fields: Sequence[str]) -> bool:
    return set(fields) >= _MARKS
