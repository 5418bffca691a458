"""Delimited text to columns of fields, with what is to be said of a file that breaks off."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from solith.core.errors import StorageError
from solith.readers._grid import is_number

__all__ = ["Table", "delimiter_of", "split_table"]


@dataclass(frozen=True)
class Table:
    """Headings and, for each, the fields below it; ``notes`` tell what was left out."""

    headings: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def delimiter_of(line: str) -> str:
    """The delimiter that occurs most often in a line of headings."""
    return max(",\t;", key=line.count)


def split_table(path: Path, text: str, delimiter: str = ",", *, quoted: bool = True) -> Table:
    """The table in ``text``, whose first line holds the headings.

    A last row with too few fields, or cut within a number, is where the file breaks off: it
    is left out, and a note says so. Raises :class:`StorageError` for text that is no such
    table, has no whole row, or has a row of another length before its last.
    """
    try:
        lines = [
            line
            for line in csv.reader(
                io.StringIO(text, newline=""),
                delimiter=delimiter,
                quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
                strict=True,
            )
            if line and not (len(line) == 1 and not line[0].strip())
        ]
    except csv.Error as error:
        what = {",": "comma", ";": "semicolon", "\t": "tab"}[delimiter]
        raise StorageError(f"{path}: cannot be read as {what}-separated text ({error})") from None
    if len(lines) < 2:
        raise StorageError(f"{path}: the table has a heading but no rows")
    headings, rows = lines[0], lines[1:]
    while len(headings) > 1 and not headings[-1].strip():
        headings.pop()
    rows, notes = _whole(path, len(headings), rows, ended=text.endswith("\n"))
    return Table(tuple(headings), tuple(zip(*rows, strict=True)), notes)


def _whole(
    path: Path, width: int, rows: list[list[str]], *, ended: bool
) -> tuple[list[list[str]], tuple[str, ...]]:
    last = len(rows) - 1
    for place, row in enumerate(rows):
        if len(row) > width and not any(field.strip() for field in row[width:]):
            del row[width:]
        if len(row) > width or (len(row) < width and place < last):
            raise StorageError(
                f"{path}: row {place + 1} has {len(row)} fields, the heading has {width}"
            )
    if len(rows[last]) == width and ended:
        return rows, ()
    if not last and len(rows[0]) == width:
        value = rows[0][-1]
        return rows, (f"the only row has no end: its last value, {value!r}, may be cut short",)
    if len(rows[last]) < width or (
        is_number(rows[last - 1][-1].strip()) and not is_number(rows[last][-1].strip())
    ):
        if not last:
            raise StorageError(f"{path}: the file breaks off in its first row")
        found = f"{len(rows[last])} of {width} fields"
        return rows[:last], (f"the file breaks off in row {last + 1} ({found}), which is left out",)
    if len(rows[last][-1]) < len(rows[last - 1][-1]):
        return rows, (
            f"the last line has no end: its last value, {rows[last][-1]!r}, may be cut short",
        )
    return rows, ()
