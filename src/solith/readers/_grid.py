"""Text to tables of fields: where a heading is, what separates columns, which rows are whole."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from solith.readers._heading_units import unit_of

__all__ = ["Grid", "Separator", "decimal_of", "fields_of", "grids", "is_number", "rows_of"]

Separator = str
"""One character, "blanks" for any number of blanks, "wide" for two blanks or more."""

_SEPARATORS = ("\t", ";", ",", "wide", "blanks")
_NUMBER = re.compile(
    r"[+\-\u2212]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,4})?|nan|[+-]?inf", re.I
)
_POINT = re.compile(r"[+-]?\d*\.\d*(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_NUMBER_FIRST = re.compile(r"[+\-\u2212]?[.,]?\d")
_WIDE = re.compile(r"\t| {2,}")
_WIDEST = 500
"""More columns than any instrument writes; what has more is no heading."""
_SHOWN = 40
_LOOK_AHEAD = 4


@dataclass(frozen=True)
class Grid:
    """A table as it stands in the file.

    ``rows`` have as many fields as ``headings``, ``lines`` their numbers in the file (from 1).
    ``units`` is empty or has one entry for each heading. ``decimal`` is the sign before
    decimals. ``notes`` tell of rows that were left out or filled up.
    """

    headings: tuple[str, ...]
    units: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    decimal: str = "."
    notes: tuple[str, ...] = field(default=())


def grids(
    lines: Sequence[str], is_heading: Callable[[Sequence[str]], bool]
) -> tuple[int, list[Grid]]:
    """The tables below each line that ``is_heading``, and the place of the first such line.

    The place is the number of lines where there is none.
    """
    starts = list(_headings(lines, is_heading))
    if not starts:
        return len(lines), []
    ends = [start for start, _, _ in starts[1:]] + [len(lines)]
    return starts[0][0], [
        _grid(lines, start, end, headings, separator)
        for (start, headings, separator), end in zip(starts, ends, strict=True)
    ]


def rows_of(
    lines: Sequence[str], first: int, width: int, separator: Separator, *, last: bool
) -> tuple[list[list[str]], list[int], list[str]]:
    """The rows of ``width`` fields in ``lines``, their line numbers and notes.

    ``first`` is the number of the first of the lines, ``last`` says whether they are the
    file's last. A row with too few fields gets empty ones, but where the file breaks off in
    it, it is left out; a line that is no row is left out. The notes say so.
    """
    rows: list[list[str]] = []
    numbers: list[int] = []
    filled: list[int] = []
    strange: list[int] = []
    final = max((place for place, line in enumerate(lines) if line.strip()), default=-1)
    unended = final == len(lines) - 1
    notes = []
    for place, line in enumerate(lines):
        fields = fields_of(line, separator)
        if not fields:
            continue
        if len(fields) > width and not any(fields[width:]):
            del fields[width:]
        if len(fields) < width <= line.count(separator) + 1 and len(separator) == 1:
            fields += [""] * (width - len(fields))
        if len(fields) != width:
            if not any(character.isalnum() for character in line):
                continue
            numeric = sum(map(is_number, fields)) >= min(2, width - 1)
            if last and place == final and len(fields) < width and (numeric or unended):
                notes.append(
                    f"the file breaks off in line {first + place} ({len(fields)} of {width} "
                    "fields), which is left out"
                )
                continue
            if len(fields) > width or not numeric:
                strange.append(place)
                continue
            filled.append(place)
            fields += [""] * (width - len(fields))
        rows.append(fields)
        numbers.append(first + place)
    if filled:
        notes.append(f"{_lines(first, filled)} has fewer fields than the table; the rest is empty")
    if strange:
        notes.append(
            f"{_lines(first, strange)} is no row of the table and was left out: "
            f"{lines[strange[0]].strip()[:_SHOWN]!r}"
        )
    if last and unended and numbers and numbers[-1] == first + final:
        notes.append("the last line has no end: its last value may be cut short")
    return rows, numbers, notes


def fields_of(line: str, separator: Separator) -> list[str]:
    """The fields of a line, without blanks around them and empty ones at its end."""
    if separator == "blanks":
        return line.split()
    if separator == "wide":
        return [part.strip() for part in _WIDE.split(line.strip()) if part.strip()]
    if '"' in line:
        try:
            parts = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
        except csv.Error:
            parts = line.split(separator)
    else:
        parts = line.split(separator)
    parts = [part.strip() for part in parts]
    while parts and not parts[-1]:
        parts.pop()
    return parts


def decimal_of(rows: Sequence[Sequence[str]]) -> str:
    """The decimal sign in rows whose fields are not separated by commas."""
    fields = [text for row in islice(rows, 200) for text in row]
    if any(map(_POINT.fullmatch, fields)):
        return "."
    return "," if any(map(_COMMA.fullmatch, fields)) else "."


def is_number(text: str) -> bool:
    """Whether a field is a number, with whichever decimal sign."""
    return _NUMBER.fullmatch(text) is not None


def _headings(
    lines: Sequence[str], is_heading: Callable[[Sequence[str]], bool]
) -> Iterable[tuple[int, tuple[str, ...], Separator]]:
    """Line, headings and separator of the rows, for each heading with fitting rows below."""
    separators: tuple[Separator, ...] = _SEPARATORS
    for place, line in enumerate(lines):
        text = line.strip().strip("\ufeff")
        if not text or _NUMBER_FIRST.match(text) or not any(map(str.isalpha, text)):
            continue
        if text[0] in "#%~":
            text = text.lstrip("#%~ ")
        elif text.startswith('"') and text.endswith('"') and text.count('"') == 2:
            text = text.strip('"')
        elif line.startswith("\t"):
            text = line  # an empty first heading
        found = _heading(text, separators, lines, place, is_heading)
        if found is not None:
            headings, apart, between = found
            separators = (apart,)  # a file that repeats its headings writes them alike
            yield place, headings, between


def _heading(
    text: str,
    separators: Sequence[Separator],
    lines: Sequence[str],
    place: int,
    is_heading: Callable[[Sequence[str]], bool],
) -> tuple[tuple[str, ...], Separator, Separator] | None:
    """The headings in a line, what separates them, and what separates the rows below."""
    for separator in separators:
        for headings in _ways(text, separator):
            if not 1 < len(headings) < _WIDEST or any(map(is_number, headings)):
                continue
            if not is_heading(headings):
                continue
            below = [line for line in lines[place + 1 : place + 12] if line.strip()]
            if not below:
                return tuple(headings), separator, separator
            for between in (separator, *(other for other in _SEPARATORS if other != separator)):
                if any(
                    _fits(fields_of(line, between), len(headings)) for line in below[:_LOOK_AHEAD]
                ):
                    return tuple(headings), separator, between
    return None


def _ways(text: str, separator: Separator) -> list[list[str]]:
    fields = fields_of(text, separator)
    if separator != "blanks":
        return [fields]
    joined: list[str] = []
    for part in fields:
        if joined and (part[0] in "([/" or joined[-1].endswith("/")):
            joined[-1] += part
        else:
            joined.append(part)
    return [fields, joined] if joined != fields else [fields]


def _fits(fields: Sequence[str], width: int) -> bool:
    return len(fields) == width and sum(map(is_number, fields)) >= 2


def _grid(
    lines: Sequence[str], start: int, end: int, headings: tuple[str, ...], separator: Separator
) -> Grid:
    width = len(headings)
    place = start + 1
    while place < end and not lines[place].strip():
        place += 1
    units: tuple[str, ...] = ()
    if place < end:
        below = fields_of(lines[place], separator)
        if _is_units(below, width):
            units = tuple(below + [""] * (width - len(below)))
            place += 1
    body = lines[place:end]
    ends_file = end == len(lines)
    rows, numbers, notes = rows_of(body, place + 1, width, separator, last=ends_file)
    decimal = "." if separator == "," else decimal_of(rows)
    return Grid(headings, units, rows, numbers, decimal, tuple(notes))


def _is_units(fields: Sequence[str], width: int) -> bool:
    """Whether the fields of a line are the units of the columns above."""
    given = [text.strip("()[]{} ") for text in fields if text]
    if not given or len(fields) > width or any(map(is_number, given)):
        return False
    return 2 * sum(text in ("#", "-") or unit_of(text) is not None for text in given) >= len(given)


def _lines(first: int, places: Sequence[int]) -> str:
    if len(places) == 1:
        return f"line {first + places[0]}"
    return f"each of {len(places)} lines (line {first + places[0]} the first)"
