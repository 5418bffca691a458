"""The table of a BioLogic text file: numbers behind tabs, under one line of headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import StorageError
from solith.readers._text import numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.readers._biologic_columns import Columns

__all__ = ["read_table"]


def read_table(
    path: Path, lines: Sequence[str], heading: int, promised: int | None
) -> tuple[Columns, list[str]]:
    """The columns below line ``heading`` of ``lines``, and notes.

    Columns that are no numbers stay as text, moments become seconds since the first. Raises
    :class:`StorageError` for a table without a whole row and for a damaged line.
    """
    headings = [cell.strip() for cell in lines[heading].split("\t")]
    while headings and not headings[-1]:
        headings.pop()
    rows, notes = _rows(path, lines, heading, len(headings))
    if not rows:
        raise StorageError(f"{path}: there is a heading but no whole row of values")
    if promised is not None and len(rows) < promised:
        notes.append(f"the header promises {promised} points, {len(rows)} are there")
    decimal = "," if any("," in field for row in rows[:100] for field in row) else "."
    columns = []
    for name, fields in zip(headings, zip(*rows, strict=True), strict=True):
        texts = list(fields)
        column: NDArray[Any] | None = numbers(texts, decimal)
        if column is None and name.startswith("time"):
            column = _seconds(texts, notes)
        if column is None:
            column = np.array(texts, dtype=object)
            notes.append(f"the column {name!r} is not all numbers and kept as text")
        columns.append((name, column))
    return columns, notes


def _rows(
    path: Path, lines: Sequence[str], heading: int, width: int
) -> tuple[list[list[str]], list[str]]:
    """The fields of every whole row; the last may be torn."""
    filled = [place for place in range(heading + 1, len(lines)) if lines[place].strip()]
    rows = []
    for place in filled:
        fields = lines[place].split("\t")
        while len(fields) > width and not fields[-1].strip():
            fields.pop()
        if len(fields) == width:
            rows.append(fields)
        elif place != filled[-1] or len(fields) > width:
            raise StorageError(
                f"{path}: line {place + 1} has {len(fields)} values, the heading has {width}"
            )
    torn = len(rows) < len(filled)
    if not torn and len(rows) > 1 and place == len(lines) - 1 and _is_cut(rows):
        rows.pop()
        torn = True
    return rows, ["the file breaks off: its last line is not whole and left out"] if torn else []


def _is_cut(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the very last value is shorter than all above it, which have all their digits."""
    lengths = [len(row[-1].strip().lstrip("+-")) for row in rows]
    return lengths[-1] < min(lengths[:-1])


_MOMENTS = (
    "%m/%d/%Y %H:%M:%S.%f",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S.%f",
    "%d/%m/%Y %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S",
)


def _seconds(texts: Sequence[str], notes: list[str]) -> NDArray[np.float64] | None:
    """Moments as seconds since the first, where one way to write them fits all."""
    plain = [
        re.sub(r"[-.](?=\d\d\D)", "/", text.strip()[:10]) + text.strip()[10:] for text in texts
    ]
    for pattern in _MOMENTS:
        try:
            moments = [datetime.strptime(text.replace(",", "."), pattern) for text in plain]
        except ValueError:
            continue
        notes.append(f"times of day ({pattern}) are turned into seconds since the first row")
        return np.array([(moment - moments[0]).total_seconds() for moment in moments])
    return None
