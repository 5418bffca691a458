"""Maccor's text export: some lines about the test, then a tab-separated table.

The current has no sign; a letter (C, D, R, ...) says what the cell does. Times are written
with their days ("  2d 02:52:51.57"), or as plain seconds. Each auxiliary channel has a
column of values and one of its unit.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solith.core.errors import StorageError
from solith.readers._cycler import Dialect, cycler_record, known_names, plain
from solith.readers._delimited import Table, split_table
from solith.readers._text import decoded, numbers, read_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "Maccor text"

_HEADINGS = {
    "record_index": "rec",
    "cycle_count": "cyc cycle cyclep",
    "step_id": "step",
    "test_time_second": "testtime test(sec) test(s)",
    "step_time_second": "steptime step(sec) step(s)",
    "capacity_ah": "amphr mamphr capacity cap",
    "energy_wh": "watthr mwatthr energy ener",
    "current_ampere": "amps mamps current",
    "voltage_volt": "volts mvolts voltage",
    "step_type": "state md",
    "ending_status": "es",
    "date_time": "dpttime",
    "ac_impedance_ohm": "acimp",
    "internal_resistance_ohm": "dcir",
}
_DIALECT = Dialect(
    "Maccor",
    {word: name for name, words in _HEADINGS.items() for word in words.split()},
    {"mamps": "mA", "mamphr": "mAh", "mwatthr": "mWh", "mvolts": "mV"},
)
_NEEDED = {"record_index", "cycle_count", "step_id", "current_ampere", "voltage_volt", "step_type"}
_BARE = {"current", "voltage", "capacity", "energy"}
_HEADER_LINES = 40
_ABSOLUTE_ZERO = -273.15


def recognises(head: bytes) -> bool:
    """Whether one of the first lines heads a Maccor table."""
    return _heading_line(decoded(head).split("\n")) is not None


def read(path: Path) -> list[Record]:
    """The cycling record in an export; what its first lines claim is ``header_claims``.

    Raises :class:`StorageError` for what is no such table, :class:`InputError` for a missing
    column or one that does not hold numbers.
    """
    lines = read_lines(path)
    place = _heading_line(lines)
    if place is None:
        raise StorageError(f"{path}: has no line of Maccor's headings (Rec#, Cyc#, Step, ...)")
    table = split_table(path, "\n".join(lines[place:]), "\t", quoted=False)
    notes = []
    if _BARE & {plain(heading) for heading in table.headings}:
        notes.append("columns without a unit are taken to be in A, V, Ah and Wh")
    table, told = _with_units(table)
    claims = _claims(lines[:place])
    return [
        cycler_record(
            path,
            table,
            _DIALECT,
            attributes={"header_claims": claims} if claims else None,
            notes=(*notes, *told),
        )
    ]


def _heading_line(lines: Sequence[str]) -> int | None:
    for place, line in enumerate(lines[:_HEADER_LINES]):
        if (
            line.lstrip().startswith("Rec")
            and set(known_names(line.split("\t"), _DIALECT)) >= _NEEDED
        ):
            return place
    return None


def _claims(lines: Sequence[str]) -> dict[str, str]:
    """What the lines above the table say: names that end in a colon, each with its value."""
    claims: dict[str, str] = {}
    name = ""
    for line in lines:
        for text in line.split("\t"):
            if text.strip().endswith(":"):
                name = text.strip().rstrip(":")
            elif name and text.strip():
                claims[name] = text.strip()
                name = ""
    return claims


def _with_units(table: Table) -> tuple[Table, tuple[str, ...]]:
    """The table with the units of auxiliary channels in their headings, and notes."""
    headings: list[str] = []
    columns: list[tuple[str, ...]] = []
    unconnected = []
    for heading, fields in zip(table.headings, table.columns, strict=True):
        units = {field.strip() for field in fields}
        if plain(heading) == "units" and headings and len(units) == 1:
            headings[-1] = f"{headings[-1].replace('Aux #', 'Auxiliary ')} ({units.pop()})"
            if headings[-1].endswith("(C)") and _below_zero(columns[-1]):
                unconnected.append(headings[-1])
            continue
        headings.append(heading)
        columns.append(fields)
    changed = Table(tuple(headings), tuple(columns), table.notes)
    if not unconnected:
        return changed, ()
    return changed, (
        "below absolute zero in every row, as if no sensor were connected: "
        f"{', '.join(unconnected)}",
    )


def _below_zero(fields: Sequence[str]) -> bool:
    values = numbers(list(fields))
    return values is not None and bool(np.all(values < _ABSOLUTE_ZERO))
