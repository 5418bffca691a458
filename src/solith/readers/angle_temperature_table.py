"""Plain columns over a diffraction angle (XRD) or a temperature (DSC, TG), known by headings.

The first column whose heading is an angle 2 theta or a temperature is the abscissa; each column
that is an intensity, a heat flow or a mass becomes a record of its own, and so does each run of
heating or cooling.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, StorageError
from solith.readers._grid import Grid, grids
from solith.readers._measured import Part, records_of
from solith.readers._text import decoded, numbers, read_lines

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "LAST_RESORT", "UNVERIFIED", "read", "recognises"]

FORMAT = "columns over angle or temperature (text)"
LAST_RESORT = True
UNVERIFIED = "Columns over angle or temperature: made by hand, none of an instrument's software."

_NAME = re.compile(r"^[#\s]*(.*?)\s*(?:[\[(]\s*([^\])]*)[\])]|/\s*\(?([^()]*)\)?)?\s*$")
_TWO_THETA = re.compile(r"^([\s#\"'%]*)2[\s_*-]*(th|θ)", re.IGNORECASE)
_ANGLES = {"twotheta", "twoth", "twoθ", "twothetaangle", "2theta", "2θ", "tth", "angle2theta"}
_TEMPERATURES = {"temperature", "temp", "t", "sampletemperature", "ts"}
_INTENSITIES = {"intensity", "counts", "i", "cps", "iobs", "yobs", "int"}
_HEATS = {"dsc", "heatflow", "heatflux", "dscsignal"}
_MASSES = {"mass", "weight", "tg", "tga", "masschange"}
_DEGREES = {"", "deg", "degree", "degrees", "°"}
_CELSIUS = {"degc", "°c", "c", "celsius", "℃"}
_COUNTS = {"": "", "counts": "counts", "cts": "counts", "cps": "1/s", "counts/s": "1/s"}
_FLOWS = ("W/g", "mW/mg", "W/kg", "mW/g", "mW", "W", "uW")
_SHARES = {"%": "percent", "wt%": "percent", "wt.%": "percent", "": "percent"}
_MASS_UNITS = ("mg", "g", "kg", "ug")
_LONG = {"xrd": "Intensity", "dsc": "Heat flow", "tg": "Mass"}
_TURNED = 0.05
"""Part of the temperature's range by which it has turned back, and not merely wavered."""
_MOST_DEGREES = 180.0
_LARGEST = 1e30
Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Column:
    """What a heading is: technique and role ("angle", "temperature", "xrd", "dsc", "tg"), unit."""

    role: str
    unit: str


def recognises(head: bytes) -> bool:
    """Whether a heading names an angle 2 theta or a temperature, and something measured over it."""
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return bool(grids(_spelled(decoded(head).split("\n")), _is_heading)[1])


def read(path: Path) -> list[Record]:
    """A record for each measured column of each table, over its angle or temperature.

    Raises :class:`StorageError` for a table without rows and :class:`InputError` for what is no
    number.
    """
    _, tables = grids(_spelled(read_lines(path)), _is_heading)
    parts = [part for table in tables if table.rows for part in _parts(table)]
    if not parts:
        raise StorageError(
            f"{path}: the table has headings but no rows, or no column in a unit that is known"
        )
    records = records_of(path, parts)
    for record in records:
        attributes = record.data.attrs
        over = "2θ" if attributes["technique"] == "xrd" else "Temperature"
        record.data["abscissa"].attrs["long_name"] = over
        record.data["intensity"].attrs["long_name"] = _LONG[str(attributes["technique"])]
    return records


def _spelled(lines: Sequence[str]) -> list[str]:
    """The lines, "2theta" at the start of one as a word: what begins with a digit is a row."""
    return [_TWO_THETA.sub(r"\1two\2", line, count=1) for line in lines]


def _is_heading(fields: Sequence[str]) -> bool:
    found = [_column_of(text) for text in fields]
    over = next((one.role for one in found if one and one.role in ("angle", "temperature")), "")
    wanted = {"angle": ("xrd",), "temperature": ("dsc", "tg")}.get(over, ())
    return any(one is not None and one.role in wanted for one in found)


def _column_of(text: str, written: str = "") -> _Column | None:
    match = _NAME.match(text[:80])
    if match is None:
        return None
    name = re.sub(r"[\s_.\-*]", "", match[1]).lower()
    unit = (match[2] or match[3] or written).strip()
    plain = unit.lower().replace(" ", "")
    if name in _ANGLES and plain in _DEGREES:
        return _Column("angle", "deg")
    if name in _TEMPERATURES and plain in _CELSIUS | {"k"}:
        return _Column("temperature", "K" if plain == "k" else "degC")
    if name in _INTENSITIES:
        counted = "counts" if name == "counts" and not plain else _COUNTS.get(plain, "")
        return _Column("xrd", "1/s" if name == "cps" else counted)
    if name in _HEATS:
        flow = next((one for one in _FLOWS if one.lower() == plain.replace("µ", "u")), None)
        return None if flow is None else _Column("dsc", flow)
    if name in _MASSES:
        mass = next((one for one in _MASS_UNITS if one == plain), _SHARES.get(plain))
        return None if mass is None else _Column("tg", mass)
    return None


def _parts(table: Grid) -> list[Part]:
    units = table.units or ("",) * len(table.headings)
    columns = [_column_of(text, unit) for text, unit in zip(table.headings, units, strict=True)]
    overs = [
        (n, one) for n, one in enumerate(columns) if one and one.role in ("angle", "temperature")
    ]
    if not overs:
        raise InputError(
            f"the units {', '.join(filter(None, units))} are none of an angle or a temperature"
        )
    place, over = overs[0]
    angle = over.role == "angle"
    abscissa = _values(table, place)
    if angle and np.nanmax(np.abs(abscissa), initial=0.0) > _MOST_DEGREES:
        raise InputError(
            f"{table.headings[place]!r} goes to {np.nanmax(np.abs(abscissa)):g}: no angle 2 theta"
        )
    runs = [slice(None)] if angle else _runs(abscissa)
    parts = []
    for number, column in enumerate(columns):
        if column is None or column.role not in (("xrd",) if angle else ("dsc", "tg")):
            continue
        attributes = {
            "abscissa_quantity": "two_theta" if angle else "temperature",
            "abscissa_unit": over.unit,
            "intensity_unit": column.unit,
        }
        values = _values(table, number)
        for count, run in enumerate(runs, start=1):
            told = (f"run {count} of {len(runs)} of the temperature",) if len(runs) > 1 else ()
            parts.append(
                Part(
                    "spectrum",
                    {"abscissa": abscissa[run], "intensity": values[run]},
                    {"abscissa": over.unit, "intensity": column.unit},
                    notes=(*table.notes, *told),
                    technique=column.role,
                    attributes=attributes,
                )
            )
    return parts


def _runs(temperature: Array) -> list[slice]:
    """The rows of each heating and cooling, parted where the temperature turns back."""
    known = np.flatnonzero(np.isfinite(temperature))
    if not len(known):
        return [slice(None)]
    values = temperature[known]
    least = _TURNED * float(np.ptp(values))
    turns: list[int] = []
    lowest = highest = 0  # places, since the last turn
    way = 0
    for place, value in enumerate(values.tolist()):
        highest = place if value > values[highest] else highest
        lowest = place if value < values[lowest] else lowest
        if way >= 0 and values[highest] - value > least:
            turns += [highest] if way else []
            way, lowest = -1, place
            highest = place
        elif way <= 0 and value - values[lowest] > least:
            turns += [lowest] if way else []
            way, highest = 1, place
            lowest = place
    ends = [0, *(int(known[turn]) + 1 for turn in turns), len(temperature)]
    return [slice(first, last) for first, last in pairwise(ends) if last > first]


def _values(table: Grid, place: int) -> Array:
    found = numbers([row[place] for row in table.rows], table.decimal)
    if found is None:
        for row, line in zip(table.rows, table.lines, strict=True):
            if numbers([row[place]], table.decimal) is None:
                raise InputError(
                    f"line {line}: {row[place][:40]!r} below {table.headings[place]!r} is no number"
                )
        raise InputError(f"the column {table.headings[place]!r} holds no numbers")
    if np.any(np.abs(found) > _LARGEST):
        raise InputError(f"the column {table.headings[place]!r} has numbers that are not finite")
    return found
