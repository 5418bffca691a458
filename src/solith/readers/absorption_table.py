"""Plain columns of X-ray absorption: energy first, then mu or the intensities that make it.

With a heading the columns are known by their words. Without one, two or three columns are taken
for absorption only where the numbers speak for it, and a note says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solith.core.errors import StorageError
from solith.readers._absorption import absorption_records, columns_of_scan, signal_of
from solith.readers._grid import Grid, decimal_of, fields_of, grids, is_number, rows_of
from solith.readers._text import decoded, numbers, read_lines

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "LAST_RESORT", "UNVERIFIED", "read", "recognises"]

FORMAT = "columns of X-ray absorption (text)"
LAST_RESORT = True
UNVERIFIED = "Columns of X-ray absorption: made by hand and from XDI files, none of a beamline."

_ABSORPTION = {
    *("i0", "itrans", "ifluor", "irefer", "mutrans", "mufluor", "murefer", "mu", "norm"),
}
_SEPARATORS = ("\t", ";", ",", "blanks")
_COMMENTS = "#%!"
_WIDEST = 3
_LEAST_ROWS = 20
_LOWEST, _HIGHEST = 1000.0, 40000.0  # eV: a bare first column outside is something else
_SHORTEST, _LONGEST = 15.0, 3000.0  # eV that a scan of an edge spans
_WIDE = 0.5  # of its first value: what spans more is no edge
_STEP = 0.15  # of the range: how much the last fifth lies above the first


def recognises(head: bytes) -> bool:
    """Whether a heading names an energy and an absorption, or bare columns look like an edge."""
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    lines = decoded(head).split("\n")
    return bool(grids(lines, _is_heading)[1]) or _bare(lines[:-1] or lines) is not None


def read(path: Path) -> list[Record]:
    """The spectra in columns of text: one table, several where the heading repeats.

    Raises :class:`StorageError` for a table without rows and :class:`InputError` for what is
    no number and for energies that are not those of X-rays.
    """
    lines = read_lines(path)
    _, tables = grids(lines, _is_heading)
    if not tables:
        bare = _bare(lines)
        if bare is None:
            raise StorageError(f"{path}: has no row that fits the headings of a table")
        tables = [bare]
    records: list[Record] = []
    for table in tables:
        if not table.rows:
            continue
        units = table.units or ("",) * len(table.headings)
        columns = columns_of_scan(
            path, table.headings, units, table.rows, table.lines, table.decimal, table.notes
        )
        records += absorption_records(path, columns, attributes={})
    if not records:
        raise StorageError(f"{path}: the table has headings but no rows")
    return records


def _is_heading(fields: Sequence[str]) -> bool:
    """Energy in eV, keV or without a unit comes first, and something of absorption after it."""
    signal, unit = signal_of(fields[0])
    if signal != "energy" or unit.strip().lower() not in ("", "ev", "kev"):
        return False
    return any(signal_of(text)[0] in _ABSORPTION for text in fields[1:])


def _bare(lines: Sequence[str]) -> Grid | None:
    """Two or three columns without a heading that can only be the scan of an edge.

    Energies of 1 to 40 keV that rise from row to row over 15 to 3000 eV and less than half of the
    first, and values that end well above where they begin.
    """
    place = next(
        (n for n, line in enumerate(lines) if line.strip() and line.strip()[0] not in _COMMENTS),
        len(lines),
    )
    body = [("" if line.strip()[:1] in _COMMENTS else line) for line in lines[place:]]
    for separator in _SEPARATORS:
        fields = fields_of(body[0], separator) if body else []
        if not 2 <= len(fields) <= _WIDEST or not all(map(is_number, fields)):
            continue
        rows, places, notes = rows_of(body, place + 1, len(fields), separator, last=True)
        decimal = "." if separator == "," else decimal_of(rows)
        if not _is_edge(rows, decimal):
            continue
        told = "nothing in the file says so: its columns were taken for photon energy [eV] and mu"
        headings = ("energy", "mu", "column 3")[: len(fields)]
        if len(fields) == _WIDEST:
            told += (
                "; the third column was not used (if one of them is the incident intensity, put "
                "a heading above: energy ifluor i0)"
            )
        units = ("",) * len(fields)
        return Grid(headings, units, rows, places, decimal, (*notes, told))
    return None


def _is_edge(rows: Sequence[Sequence[str]], decimal: str) -> bool:
    energy = numbers([row[0] for row in rows], decimal)
    values = numbers([row[1] for row in rows], decimal)
    if energy is None or values is None or len(energy) < _LEAST_ROWS:
        return False
    if not (np.all(np.isfinite(energy)) and np.all(np.isfinite(values))):
        return False
    span = float(energy[-1] - energy[0])
    if energy[0] < _LOWEST or energy[-1] > _HIGHEST or not np.all(np.diff(energy) > 0):
        return False
    if not _SHORTEST <= span <= min(_LONGEST, _WIDE * float(energy[0])):
        return False
    fifth = max(len(values) // 5, 1)
    with np.errstate(all="ignore"):
        rise = float(np.median(values[-fifth:]) - np.median(values[:fifth]))
        reach = float(np.ptp(values))
    return bool(np.isfinite(reach) and 0.0 < _STEP * reach < rise)
