"""Gamry's data files (.DTA): a list of settings and tables, each with names and units above it.

Spectra stand in ZCURVE tables, open circuit in OCVCURVE, everything else in CURVE tables. The
current is positive where it oxidises the working electrode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import StorageError
from solith.readers._columns import Columns, columns_of
from solith.readers._grid import decimal_of, fields_of, is_number, rows_of
from solith.readers._headings import Heading, heading_of, named, plain_name
from solith.readers._measured import Part, records_of
from solith.readers._parts import parts_of
from solith.readers._text import decoded, read_lines

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises"]

FORMAT = "Gamry (.DTA)"
UNVERIFIED = (
    "Gamry's CURVE tables (cycling, voltammetry) and several ZCURVE tables in one file are read "
    "as their layout is described; only a spectrum with its open circuit was at hand."
)

_TABLE = re.compile(r"(\w*CURVE\w*)\tTABLE(?:\t(\d{1,9}))?")
_NAMES = {
    "T": "test_time_second",
    "Time": "test_time_second",
    "Vf": "voltage_volt",
    "V": "voltage_volt",
    "Im": "current_ampere",
    "Freq": "frequency_hertz",
    "Zreal": "real_impedance_ohm",
    "Zimag": "imaginary_impedance_ohm",
    "Zmod": "absolute_impedance_ohm",
    "Zphz": "phase_degree",
    "Zsig": "signal_volt",
    "Idc": "direct_current_ampere",
    "Vdc": "direct_voltage_volt",
    "Vm": "measured_voltage_volt",
    "Vu": "uncompensated_voltage_volt",
    "Ach": "auxiliary_voltage_volt",
    "Temp": "temperature_celsius",
    "Cycle": "cycle_count",
    "Pt": "point",
    "Over": "overload",
    "IERange": "current_range",
}
_UNITS = {"s": "s", "volt": "V", "ampere": "A", "hertz": "Hz", "ohm": "ohm", "degree": "deg"}
_SWEEPS = ("CV", "LSV", "CYCPOL", "POTENTIODYNAMIC", "POTDYN")
_RESTS = ("OCV", "CORPOT")
_NO_SENSOR = -327.67


@dataclass(frozen=True)
class _Table:
    name: str
    number: int
    columns: Columns


def recognises(head: bytes) -> bool:
    """Whether a file begins with EXPLAIN and a TAG."""
    lines = decoded(head).split("\n")[:6]
    return lines[0].strip() == "EXPLAIN" and any(line.startswith("TAG\t") for line in lines)


def read(path: Path) -> list[Record]:
    """A record for each table, in the order of the file; a spectrum may be several.

    Open circuit is cycling without current. The area in the settings becomes
    ``header_claims``. Raises :class:`StorageError` for a file without a table and
    :class:`InputError` for a table that lacks a column.
    """
    lines = read_lines(path)
    settings = _settings(lines)
    tag = settings.get("TAG", "")
    parts: list[Part] = []
    for table in _tables(path, lines):
        parts += _parts(path, table, tag)
    if not parts:
        raise StorageError(f"{path}: has no table of measured values (CURVE, ZCURVE, OCVCURVE)")
    if tag not in _RESTS and all(part.technique == "OCV" for part in parts):
        told = f"only the open circuit before {tag} is there; the measurement itself is missing"
        parts = [replace(part, notes=(*part.notes, told)) for part in parts]
    parts = [replace(part, attributes=_claims(settings)) for part in parts]
    return records_of(path, parts, f"Gamry {settings.get('PSTAT', '')}".strip())


def _settings(lines: list[str]) -> dict[str, str]:
    found = {}
    for line in lines:
        fields = line.split("\t")
        if _TABLE.match(line):
            break
        if len(fields) > 2:
            found[fields[0]] = fields[2]
        elif len(fields) == 2:
            found[fields[0]] = fields[1]
    return found


def _claims(settings: dict[str, str]) -> dict[str, Any]:
    return {"header_claims": {"area_cm2": settings["AREA"]}} if "AREA" in settings else {}


def _tables(path: Path, lines: list[str]) -> list[_Table]:
    starts = [place for place, line in enumerate(lines) if _TABLE.match(line)]
    tables: list[_Table] = []
    for start, end in pairwise([*starts, len(lines)]):
        match = _TABLE.match(lines[start])
        stop = start + 1
        while stop < end and (not lines[stop].strip() or lines[stop].startswith("\t")):
            stop += 1
        table = _table(path, lines, start, stop, match[2] if match else None)
        name = match[1] if match else ""
        if table is not None:
            tables.append(_Table(name, len(tables) + 1, table))
    return tables


def _table(path: Path, lines: list[str], start: int, stop: int, told: str | None) -> Columns | None:
    """The columns of the table headed in the line ``start``; ``None`` if it has no rows."""
    body = [line.removeprefix("\t") for line in lines[start + 1 : stop]]
    if len(body) < 2:
        return None
    names, units = fields_of(body[0], "\t"), fields_of(body[1], "\t")
    if not names or any(is_number(unit) for unit in units if unit != "#"):
        raise StorageError(f"{path}: the table in line {start + 1} has no row of names and units")
    units += [""] * (len(names) - len(units))
    rows, numbers, notes = rows_of(body[2:], start + 4, len(names), "\t", last=stop == len(lines))
    if not rows:
        return None
    if told is not None and int(told) != len(rows):
        notes.append(f"the table announces {told} rows and has {len(rows)}")
    headings = [_heading(name, unit) for name, unit in zip(names, units, strict=False)]
    return _without_sensor(columns_of(path, headings, rows, numbers, decimal_of(rows), notes))


def _heading(name: str, unit: str) -> Heading:
    if name in _NAMES:
        return named(name, _NAMES[name], "" if unit in ("#", "bits") else unit)
    found = heading_of(name, unit)
    return found if found.unit else named(name, plain_name(name))


def _without_sensor(columns: Columns) -> Columns:
    """The columns without a temperature that no sensor measured."""
    temperature = columns.values.get("temperature_celsius")
    if temperature is None or temperature.dtype.kind != "f" or np.any(temperature != _NO_SENSOR):
        return columns
    values = {k: v for k, v in columns.values.items() if k != "temperature_celsius"}
    note = f"the temperature is {_NO_SENSOR} in every row: no sensor, the column was left out"
    return replace(columns, values=values, notes=(*columns.notes, note))


def _parts(path: Path, table: _Table, tag: str) -> list[Part]:
    columns = table.columns
    technique = tag
    if "current_ampere" not in columns.values and table.name.startswith("OCV"):
        technique = "OCV"
    if "frequency_hertz" not in columns.values and "current_ampere" not in columns.values:
        if technique not in _RESTS:
            return [replace(p, technique=tag) for p in parts_of(path, columns)]
        values = {**columns.values, "current_ampere": np.zeros(len(columns.lines))}
        note = "open circuit: the file has no current, it is 0"
        columns = replace(
            columns,
            values=values,
            units={**columns.units, "current_ampere": "A"},
            notes=(*columns.notes, note),
        )
    series = "voltammogram" if tag.upper().startswith(_SWEEPS) else "cycling"
    parts = parts_of(path, columns, series=series)
    return [replace(part, technique=technique) for part in parts]
