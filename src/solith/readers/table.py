"""Tables of text that no instrument's format claims: any delimiter, decimal sign, encoding.

Headings are known by their words and units (``_headings.py``); text may stand above them, a
row of units below. Three columns without headings are a spectrum if the first is a series of
frequencies.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solith.core.errors import StorageError
from solith.core.quantities import format_quantity
from solith.core.record import RECORD_KINDS
from solith.readers._columns import Columns, columns_of
from solith.readers._current_sign import directions_of
from solith.readers._grid import Grid, decimal_of, fields_of, grids, is_number, rows_of
from solith.readers._headings import CURRENT_DENSITY, Heading, heading_of, is_core, named
from solith.readers._measured import Part, records_of
from solith.readers._parts import parts_of
from solith.readers._swept_potential import is_swept
from solith.readers._text import decoded, numbers, read_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["FORMAT", "LAST_RESORT", "TAKES_AREA", "read", "recognises"]

FORMAT = "table of text (CSV, TSV, ...)"
LAST_RESORT = True
TAKES_AREA = True

_VOLTAMMETRY = re.compile(
    r"(?i:(?<![a-z])(?:voltammetry|voltammograms?|scan[ _]?rate)(?![a-z]))"
    r"|^[^\w\n]*(?:(?i:technique|method|experiment|measurement)[^\w\n]+)?CV[^\w\n]*$",
    re.MULTILINE,
)
"""CV, which is also a step at constant voltage, counts only where its line says nothing else."""
_CURRENT = "current_ampere"
_SPECTRUM = ("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm")
_SEPARATORS = ("\t", ";", ",", "blanks")
_LEAST_RANGE = 10.0
_LEAST_ROWS = 4
_FOREIGN = ("EC-Lab ASCII FILE",)


def recognises(head: bytes) -> bool:
    """Whether one of the first lines heads an electrochemical table, or bare spectra begin.

    The head of another instrument's own format is no such table.
    """
    if (
        b"\0" in head
        and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
        and (head[1:64:2].count(0) <= 24 and head[:64:2].count(0) <= 24)
    ):
        return False
    text = decoded(head)
    if text.lstrip().startswith(_FOREIGN):
        return False
    lines = text.split("\n")
    return bool(grids(lines, _is_heading)[1]) or _bare(lines[:-1] or lines) is not None


def read(path: Path, *, area: float | None = None) -> list[Record]:
    """The records in a table: spectra, cycling, voltammograms or current-voltage curves.

    A table of time, voltage and current is a voltammogram if the text above it or a heading
    says so, or if its potential is a triangle wave while its current is not constant
    (``_swept_potential.py``); otherwise it is cycling. A current per area is multiplied by the
    geometric ``area`` [m2], which the records then know. Raises :class:`StorageError` for a file
    without rows and :class:`InputError` for missing columns and for what is no number.
    """
    lines = read_lines(path)
    start, tables = grids(lines, _is_heading)
    if not tables:
        bare = _bare(lines)
        if bare is None:
            raise StorageError(f"{path}: has no row that fits the headings of a table")
        return records_of(path, _parts(path, bare, _bare_headings(), "cycling", area))
    above = "\n".join(lines[:start])
    parts: list[Part] = []
    for table in tables:
        if table.rows:
            swept = _VOLTAMMETRY.search(f"{above}\n{' '.join(table.headings)}") is not None
            headings = _with_units(table)
            kind = "voltammogram" if swept else "cycling"
            parts += _parts(path, table, headings, kind, area)
    if not parts:
        raise StorageError(f"{path}: the table has headings but no rows")
    return records_of(path, parts)


def _is_heading(fields: Sequence[str]) -> bool:
    return is_core(heading_of(text) for text in fields)


def _with_units(table: Grid) -> list[Heading]:
    units = table.units or ("",) * len(table.headings)
    return [heading_of(text, unit) for text, unit in zip(table.headings, units, strict=True)]


def _parts(
    path: Path, table: Grid, headings: Sequence[Heading], series: str, area: float | None
) -> list[Part]:
    columns = columns_of(path, headings, table.rows, table.lines, table.decimal, table.notes)
    per_area = CURRENT_DENSITY in columns.values and _CURRENT not in columns.values
    known: dict[str, float] = {}
    if area is not None and per_area:
        columns, known = _times_area(columns, area), {"geometric_area_m2": area}
    parts = parts_of(path, columns, series=series)
    parts = [replace(part, attributes={**part.attributes, **known}) for part in parts]
    return [_swept(part) if part.kind == "cycling" else part for part in parts]


def _times_area(columns: Columns, area: float) -> Columns:
    """The columns with the current in place of that per area, and a note."""
    values = dict(columns.values)
    values[_CURRENT] = values.pop(CURRENT_DENSITY) * area
    headings = dict(columns.headings)
    headings[_CURRENT] = headings.pop(CURRENT_DENSITY)
    told = (
        f"{_CURRENT} is {headings[_CURRENT]!r} times the given geometric area of "
        f"{format_quantity(area * 1e4, 'cm2')}"
    )
    units = {**columns.units, _CURRENT: "A"}
    return replace(
        columns, values=values, headings=headings, units=units, notes=(*columns.notes, told)
    )


def _swept(part: Part) -> Part:
    """The part as a voltammogram, with a note, where its potential tells that it is one.

    Steps that charge or discharge the cell are those of a cycler.
    """
    steps = part.columns.get("step_type")
    if steps is not None and steps.dtype.kind not in "fiu" and np.any(directions_of(steps)):
        return part
    time, potential, current = (part.columns[name] for name in RECORD_KINDS["cycling"].required)
    if not is_swept(time, potential, current):
        return part
    note = (
        "taken for a voltammogram, although nothing in the file says so: the potential goes up "
        "and down at one constant rate while the current is not constant"
    )
    return replace(part, kind="voltammogram", notes=(*part.notes, note))


def _bare(lines: Sequence[str]) -> Grid | None:
    """Three columns of numbers whose first is a series of frequencies, without any heading."""
    place = next((n for n, line in enumerate(lines) if line.strip()), 0)
    for separator in _SEPARATORS:
        fields = fields_of(lines[place], separator) if lines else []
        if len(fields) != len(_SPECTRUM) or not all(map(is_number, fields)):
            continue
        rows, places, notes = rows_of(lines[place:], place + 1, len(fields), separator, last=True)
        decimal = "." if separator == "," else decimal_of(rows)
        if _are_frequencies([row[0] for row in rows], decimal):
            note = "the table has no headings; its columns were taken for frequency, Re Z and Im Z"
            return Grid(_SPECTRUM, (), rows, places, decimal, (*notes, note))
    return None


def _bare_headings() -> list[Heading]:
    units = ("Hz", "ohm", "ohm")
    return [
        named(f"column {place}", name, unit)
        for place, (name, unit) in enumerate(zip(_SPECTRUM, units, strict=True), start=1)
    ]


def _are_frequencies(fields: list[str], decimal: str) -> bool:
    """Whether numbers are spaced as frequencies are: evenly on a logarithmic scale."""
    found = numbers(fields, decimal)
    if found is None or len(found) < _LEAST_ROWS:
        return False
    if not np.all(np.isfinite(found)) or np.min(found) <= 0 or np.max(found) > 1e12:
        return False
    if np.max(found) / max(float(np.min(found)), 1e-12) < _LEAST_RANGE:
        return False
    linear, logarithmic = np.diff(found), np.diff(np.log(found))
    return _spread(logarithmic) < _spread(linear)


def _spread(steps: NDArray[np.float64]) -> float:
    """How uneven steps are: their median deviation from the median step, over that step."""
    middle = float(np.median(np.abs(steps)))
    if middle == 0.0:
        return np.inf
    return float(np.median(np.abs(np.abs(steps) - middle))) / middle
