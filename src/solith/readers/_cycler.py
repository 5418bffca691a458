"""A cycler's table as a cycling record: names, units, signs and counters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.quantities import in_unit
from solith.core.record import RECORD_KINDS, Record, unit_of_variable
from solith.readers._bdf_names import column_of
from solith.readers._clock import clock_seconds
from solith.readers._current_sign import charging_positive, directions_of
from solith.readers._delimited import Table
from solith.readers._measured import measured_record
from solith.readers._restarts import without_restarts
from solith.readers._text import numbers

__all__ = ["Dialect", "cycler_record", "known_names", "plain", "split_heading", "told_of_counters"]

_REQUIRED = RECORD_KINDS["cycling"].required
_NUMBERS = (*_REQUIRED, "step_time_second", "cycle_count")
_TEXTS = ("date_time", "step_type", "ending_status")
_STEPS = ("step_count", "step_id", "step_type")
_COUNTERS = (
    "charging_capacity_ah",
    "discharging_capacity_ah",
    "charging_energy_wh",
    "discharging_energy_wh",
)
_HEADING = re.compile(r"\s*(.*?)\s*[(\[（]([^()\[\]（）]*)[)\]）](.*)", re.DOTALL)
_PER_MASS = re.compile(r"[/.·]\s*(m|k|u|µ)?g\b|/\s*(cm|mm|m)\W*2|g\^?-1", re.IGNORECASE)
_SPELLINGS = {
    "℃": "degC",
    "°C": "degC",
    "C": "degC",
    "F": "degF",
    "Ohms": "ohm",
    "Ohm": "ohm",
    "mO": "mohm",
    "mΩ": "mohm",
    "mOhm": "mohm",
    "Sec": "s",
    "sec": "s",
    "Min": "min",
    "Hr": "h",
    "Hour": "h",
    "AHr": "Ah",
    "WHr": "Wh",
    "PSI": "psi",
    "Deg": "deg",
}


@dataclass(frozen=True)
class Dialect:
    """How one make of cycler heads its columns.

    ``names`` gives the machine name of a heading (as :func:`plain` has it, with its unit in
    parentheses after it where the same words mean two things); ``units`` the unit of a
    heading that has it in its word or not at all.
    """

    instrument: str
    names: Mapping[str, str]
    units: Mapping[str, str] = field(default_factory=dict)


def plain(text: str) -> str:
    """A heading's words for comparison: without case, spaces and signs."""
    return re.sub(r"[\W_]+", "", text).casefold()


def split_heading(heading: str) -> tuple[str, str]:
    """The words of a heading and its unit: "Current(A)", "Temperature (C)_1", "DCIR/Ohms"."""
    found = _HEADING.fullmatch(heading)
    if found:
        return f"{found[1]}{found[3].rstrip()}", found[2].strip()
    words, slash, unit = heading.rpartition("/")
    return (words.strip(), unit.strip()) if slash and words else (heading.strip(), "")


def known_names(headings: Sequence[str], dialect: Dialect) -> dict[str, str]:
    """The machine names that headings stand for, each with the first such heading."""
    found: dict[str, str] = {}
    for heading in headings:
        name = _name(heading, dialect)
        if name:
            found.setdefault(name, heading)
    return found


def cycler_record(
    path: Path,
    table: Table,
    dialect: Dialect,
    *,
    attributes: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
) -> Record:
    """The cycling record in a cycler's table.

    Known columns get their machine names, the others one made from their heading; units are
    converted to those of the names. Columns per mass or area are left out: they rest on what
    somebody typed in at the instrument. Raises :class:`InputError` for a missing column or
    one that does not hold numbers.
    """
    said = [*notes, *table.notes]
    columns, units = _columns(path, table, dialect, said)
    _complete(path, table, columns, said)
    _join_time(columns, said)
    _share_counters(columns, said)
    columns, turned = charging_positive(columns)
    return measured_record(
        "cycling",
        path,
        columns,
        units=units,
        instrument=dialect.instrument,
        attributes=attributes,
        notes=(*said, *turned, *told_of_counters(columns)),
    )


def told_of_counters(columns: Mapping[str, NDArray[Any]]) -> tuple[str, ...]:
    """A note on the counters of charge and energy that a cycler's columns hold."""
    told = [name for name in _COUNTERS if name in columns and columns[name].dtype.kind == "f"]
    if not told:
        return ()
    restarts = max(_restarts(np.abs(columns[name])) for name in told)
    return (
        f"{', '.join(told)}: the instrument's own counters as the file has them; "
        + (f"they start again {restarts} times" if restarts else "they run through the whole file"),
    )


def _restarts(counter: NDArray[np.float64]) -> int:
    known = counter[np.isfinite(counter)]
    return int(np.sum(known[1:] < 0.5 * known[:-1]))


def _name(heading: str, dialect: Dialect) -> str:
    words, unit = split_heading(heading)
    key = plain(words)
    return dialect.names.get(f"{key}({unit.casefold()})") or dialect.names.get(key, "")


def _columns(
    path: Path, table: Table, dialect: Dialect, said: list[str]
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Columns in the units of their names, and the units of those that name none."""
    known = known_names(table.headings, dialect)
    columns: dict[str, NDArray[Any]] = {}
    units: dict[str, str] = {}
    per_mass, converted, texts = [], [], []
    for heading, fields in zip(table.headings, table.columns, strict=True):
        words, written = split_heading(heading)
        named = _name(heading, dialect)
        named = named if known.get(named) == heading else ""
        if named not in _REQUIRED and _PER_MASS.search(written):
            per_mass.append(heading)
            continue
        unit = _SPELLINGS.get(written, written) or dialect.units.get(plain(words), "")
        column = column_of(f"{words} / {unit}" if unit else words)
        name = _free(named or column.name or "column", columns)
        if name in _TEXTS:
            columns[name] = np.array(fields, dtype=object)
        elif (values := _numbers(fields)) is not None:
            if named:
                columns[name] = _in_unit_of_name(path, heading, values, unit, named)
                if columns[name] is not values:
                    converted.append(f"{heading} from {unit} to {unit_of_variable(named)}")
            else:
                columns[name], units[name] = column.converted(values), column.unit
        elif name.endswith("_second") and (clock := clock_seconds(fields)) is not None:
            columns[name] = clock
        elif name in _NUMBERS:
            raise _no_number(path, heading, fields)
        else:
            columns[name], units[name] = np.array(fields, dtype=object), ""
            texts += [heading] if unit else []
    for told, headings in (
        ("left out, as they rest on a mass or area typed in at the instrument", per_mass),
        ("converted", converted),
        ("not all numbers, kept as text", texts),
    ):
        if headings:
            said.append(f"{told}: {', '.join(headings)}")
    return columns, units


def _free(name: str, taken: Mapping[str, Any]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _numbers(fields: Sequence[str]) -> NDArray[np.float64] | None:
    listed = list(fields)
    values = numbers(listed)
    return numbers(listed, ",") if values is None else values


def _no_number(path: Path, heading: str, fields: Sequence[str]) -> InputError:
    for place, text in enumerate(fields):
        if text.strip() and _numbers([text]) is None and clock_seconds([text]) is None:
            return InputError(
                f"{text[:60]!r} in row {place + 1} is not a number",
                where=f"column {heading!r}",
                file=str(path),
            )
    return InputError("holds numbers of several forms", where=f"column {heading!r}", file=str(path))


def _in_unit_of_name(
    path: Path, heading: str, values: NDArray[np.float64], unit: str, name: str
) -> NDArray[np.float64]:
    """The values in the unit that a known name ends in; the same array if it is theirs."""
    wanted = unit_of_variable(name)
    if not unit or not wanted or unit == wanted:
        return values
    try:
        offset = in_unit(0.0, unit, wanted)
        slope = in_unit(1.0, unit, wanted) - offset
    except InputError as error:
        raise error.inside(f"column {heading!r}", file=str(path)) from None
    with np.errstate(over="ignore"):
        return values * slope + offset


def _complete(path: Path, table: Table, columns: dict[str, NDArray[Any]], said: list[str]) -> None:
    """Adds a test time from the steps' times; tells of required columns that are missing."""
    if "test_time_second" not in columns and "step_time_second" in columns:
        columns["test_time_second"] = _running(columns)
        said.append("test_time_second is the sum of the steps' times; the file has no other")
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        raise InputError(
            f"no column for {', '.join(missing)}; the file has {', '.join(table.headings)}",
            file=str(path),
        )


def _join_time(columns: dict[str, NDArray[Any]], said: list[str]) -> None:
    rows = np.arange(1, len(columns["test_time_second"]) + 1)
    joined, told = without_restarts(columns, "row", rows)
    columns.update(joined)
    said.extend(told)


def _running(columns: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Time of the test from times within steps."""
    inside = columns["step_time_second"]
    with np.errstate(all="ignore"):
        began = np.diff(inside) < 0
        for name in _STEPS:
            if name in columns:
                began |= columns[name][1:] != columns[name][:-1]
        passed = np.where(began, inside[1:], np.diff(inside))
        return np.concatenate([inside[:1], inside[:1] + np.cumsum(passed)])


def _share_counters(columns: dict[str, NDArray[Any]], said: list[str]) -> None:
    """One counter for both directions is also given as the two that the format has."""
    if "step_type" not in columns or columns["step_type"].dtype.kind in "fiu":
        return
    way = directions_of(columns["step_type"])
    shared = []
    for name in ("capacity_ah", "energy_wh"):
        both = [f"charging_{name}", f"discharging_{name}"]
        if name in columns and columns[name].dtype.kind == "f" and not set(both) & set(columns):
            for key, direction in zip(both, (1, -1), strict=True):
                columns[key] = np.where(way == direction, np.abs(columns[name]), 0.0)
            shared.append(name)
    if shared:
        said.append(
            f"{' and '.join(shared)}: one counter for charge and discharge; by the step types it "
            "is also given as a counter of each, which is 0 elsewhere"
        )
