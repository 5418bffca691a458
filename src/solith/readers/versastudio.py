"""VersaStudio's data files (.par, text): blocks of settings, and rows by segment.

Each row says its segment; the actions say how many segments they have, in the order in which
they ran. Where frequency is 0 a row is direct current. The current is positive where it
oxidises the working electrode.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solith.core.errors import StorageError
from solith.readers._columns import columns_of
from solith.readers._grid import fields_of, rows_of
from solith.readers._headings import Heading, named, plain_name
from solith.readers._measured import Part, records_of
from solith.readers._parts import parts_of
from solith.readers._text import decoded, read_lines

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises"]

FORMAT = "VersaStudio (.par, text)"
UNVERIFIED = (
    "VersaStudio files with several actions, and those of direct current (cycling, voltammetry), "
    "are read as their layout is described; only one spectrum was at hand."
)

_BLOCK = re.compile(r"<(Action|Segment)(\d{1,6})>\s*")
_NAMES = {
    "Segment #": ("segment", ""),
    "Point #": ("point", ""),
    "E(V)": ("voltage_volt", "V"),
    "I(A)": ("current_ampere", "A"),
    "Elapsed Time(s)": ("test_time_second", "s"),
    "ADC Sync Input(V)": ("synchronous_input_volt", "V"),
    "E Applied(V)": ("applied_voltage_volt", "V"),
    "Frequency(Hz)": ("frequency_hertz", "Hz"),
    "E Real": ("real_voltage_volt", "V"),
    "E Imag": ("imaginary_voltage_volt", "V"),
    "I Real": ("real_current_ampere", "A"),
    "I Imag": ("imaginary_current_ampere", "A"),
    "Z Real": ("real_impedance_ohm", "ohm"),
    "Z Imag": ("imaginary_impedance_ohm", "ohm"),
    "E2(V)": ("second_voltage_volt", "V"),
    "E2 Real": ("real_second_voltage_volt", "V"),
    "E2 Imag": ("imaginary_second_voltage_volt", "V"),
    "Z2 Real": ("real_second_impedance_ohm", "ohm"),
    "Z2 Imag": ("imaginary_second_impedance_ohm", "ohm"),
    "AC Amplitude": ("amplitude", ""),
    "0": ("unnamed", ""),
}
_CLAIMS = ("Working Electrode Area (cm2)", "Mass (g)", "Density (g/ml)")
_SWEPT = ("voltammetry", "linear scan", "potentiodynamic")


@dataclass
class _File:
    """What the file's blocks hold: the actions of each segment, settings, rows by definition."""

    actions: list[str]
    settings: dict[str, str]
    tables: list[_Rows]


@dataclass
class _Rows:
    headings: list[str]
    rows: list[list[str]]
    lines: list[int]
    notes: list[str]


def recognises(head: bytes) -> bool:
    """Whether a file begins with VersaStudio's first block."""
    lines = [line.strip() for line in decoded(head).split("\n")[:8]]
    return lines[0] in ("<Application>", "VersaStudio File") and any(
        "VersaStudio" in line for line in lines
    )


def read(path: Path) -> list[Record]:
    """The records of a file: the segments of one action together, each spectrum by itself.

    Areas and masses in the settings become ``header_claims``. Raises :class:`StorageError`
    for a file without a segment of measured values, :class:`InputError` for a segment that
    lacks a column.
    """
    file = _parsed(path, read_lines(path))
    parts: list[Part] = []
    for table in file.tables:
        for action, first, last in _runs(table, file.actions):
            parts += _parts(path, table, slice(first, last), action)
    if not parts:
        raise StorageError(f"{path}: has no segment with measured values")
    claims = {key: file.settings[key] for key in _CLAIMS if key in file.settings}
    attributes: dict[str, Any] = {"header_claims": claims} if claims else {}
    model = f"{file.settings.get('Type', '')}{file.settings.get('Model', '')}"
    parts = [replace(part, attributes=attributes) for part in parts]
    return records_of(path, parts, model or "VersaStudio")


def _parsed(path: Path, lines: list[str]) -> _File:
    file = _File([], {}, [])
    place = 0
    while place < len(lines):
        match = _BLOCK.fullmatch(lines[place])
        inside = place + 1
        if match is None:
            # What other blocks say of the instrument; the first one counts.
            key, _, value = lines[place].partition("=")
            file.settings.setdefault(key.strip(), value.strip())
            place = inside
            continue
        end = f"</{match[1]}{match[2]}>"
        place = inside
        while place < len(lines) and lines[place].strip() != end:
            place += 1
        block = lines[inside:place]
        if match[1] == "Action":
            _add_action(file, block)
        else:
            _add_segment(path, file, block, inside, broken=place == len(lines))
    return file


def _add_action(file: _File, block: Sequence[str]) -> None:
    settings = dict(line.partition("=")[::2] for line in block)
    for key in _CLAIMS:
        if key in settings:
            file.settings.setdefault(key, settings[key])
    segments = settings.get("Segments", "0").strip()
    count = int(segments) if segments.isascii() and segments.isdigit() and len(segments) < 5 else 0
    file.actions += [settings.get("Name", "").strip()] * count


def _add_segment(
    path: Path, file: _File, block: Sequence[str], first: int, *, broken: bool
) -> None:
    place = next((n for n, line in enumerate(block) if line.startswith("Definition=")), None)
    if place is None:
        if broken:
            return
        raise StorageError(f"{path}: the segment in line {first} has no Definition of its columns")
    headings = fields_of(block[place].removeprefix("Definition="), ",")
    below = next((line for line in block[place + 1 :] if line.strip()), "")
    if headings and headings[-1] == "0" and len(fields_of(below, ",")) < len(headings):
        headings.pop()  # some versions end the definition so, without a column
    rows, lines, notes = rows_of(
        block[place + 1 :], first + place + 2, len(headings), ",", last=broken
    )
    if broken:
        notes.append("the file breaks off within a segment")
    if rows:
        file.tables.append(_Rows(headings, rows, lines, notes))


def _runs(table: _Rows, actions: Sequence[str]) -> list[tuple[str, int, int]]:
    """Action, first row and row after the last, for each run of rows of one action.

    Segments are counted from 0. Equal actions that follow each other are one run; the sweeps
    of a spectrum are told apart by their frequencies.
    """
    if "Segment #" not in table.headings:
        return [(actions[0] if actions else "", 0, len(table.rows))]
    place = table.headings.index("Segment #")
    runs = []
    first = 0
    for segment, rows in groupby(table.rows, key=lambda row: row[place]):
        last = first + len(list(rows))
        runs.append((_action(segment, actions), first, last))
        first = last
    joined = []
    for action, group in groupby(runs, key=lambda run: run[0]):
        members = list(group)
        joined.append((action, members[0][1], members[-1][2]))
    return joined


def _action(segment: str, actions: Sequence[str]) -> str:
    if segment.isascii() and segment.isdigit() and len(segment) < 6 and int(segment) < len(actions):
        return actions[int(segment)]
    return actions[0] if len(set(actions)) == 1 else ""


def _parts(path: Path, table: _Rows, rows: slice, action: str) -> list[Part]:
    headings = [_heading(text) for text in table.headings]
    columns = columns_of(path, headings, table.rows[rows], table.lines[rows], notes=table.notes)
    values = {name: column for name, column in columns.values.items() if name != "unnamed"}
    swept = any(word in action.lower() for word in _SWEPT)
    series = "voltammogram" if swept else "cycling"
    parts = parts_of(path, replace(columns, values=values), series=series)
    return [replace(part, technique=action) for part in parts]


def _heading(text: str) -> Heading:
    return named(text, *_NAMES[text]) if text in _NAMES else named(text, plain_name(text))
