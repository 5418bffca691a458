"""Fields below headings to columns of numbers in the units of their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.readers._clock import clock_seconds
from solith.readers._headings import CORE, Heading
from solith.readers._text import numbers

__all__ = ["Columns", "columns_of"]

_TIME = "test_time_second"
_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?")
_UNREADABLE_PART = 0.5
"""Above this part of unreadable rows a column does not hold what its heading says."""


@dataclass(frozen=True)
class Columns:
    """Columns of one table by machine name: ``values`` and the ``units`` they are in.

    ``minus`` names those whose heading calls them the negative of the quantity; their values
    are turned already. ``bare`` names those whose unit was taken for granted. ``headings`` gives
    each column's heading in the file, ``lines`` each row's line.
    """

    values: dict[str, NDArray[Any]]
    units: dict[str, str]
    headings: dict[str, str]
    lines: NDArray[np.intp]
    minus: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def columns_of(
    path: Path,
    headings: Sequence[Heading],
    rows: Sequence[Sequence[str]],
    lines: Sequence[int],
    decimal: str = ".",
    notes: Iterable[str] = (),
) -> Columns:
    """The columns of a table in the units of their names.

    Where two headings stand for one quantity, the clearer one is it and the other keeps its
    own words. What is no number in the column of a quantity that a record needs becomes NaN,
    with a note that names its line. Raises :class:`InputError` where most of such a column is
    none, and for two equal headings.
    """
    said = list(notes)
    names = _names(path, headings, said)
    fields = list(zip(*rows, strict=True)) if rows else [() for _ in headings]
    values: dict[str, NDArray[Any]] = {}
    units: dict[str, str] = {}
    timed: set[str] = set()
    for heading, name, column in zip(headings, names, fields, strict=True):
        found = _numbers(heading, name, list(column), decimal, timed, said)
        if found is None and name in CORE:
            found = _forced(path, heading, column, lines, decimal, said)
        if found is None:
            values[name], units[name] = np.array(column, dtype=object), ""
            continue
        found = _converted(heading, found)
        if name in CORE:
            found[~np.isfinite(found)] = np.nan
        values[name], units[name] = found, heading.unit
    if _TIME not in values:
        _dated(headings, names, values, units, said)
    _tell(headings, names, timed, said)
    return Columns(
        values,
        units,
        {name: heading.text for heading, name in zip(headings, names, strict=True)},
        np.asarray(lines, dtype=np.intp),
        frozenset(name for heading, name in zip(headings, names, strict=True) if heading.minus),
        frozenset(name for heading, name in zip(headings, names, strict=True) if _bare(heading)),
        tuple(said),
    )


def _names(path: Path, headings: Sequence[Heading], said: list[str]) -> list[str]:
    """A name for each column, none twice."""
    best: dict[str, int] = {}
    for place, heading in enumerate(headings):
        name = heading.name
        if name not in CORE:
            continue
        other = best.setdefault(name, place)
        if other == place:
            continue
        if heading.rank == headings[other].rank:
            raise InputError(
                f"the columns {headings[other].text!r} and {heading.text!r} are both {name}; "
                "keep one",
                file=str(path),
            )
        best[name] = min(place, other, key=lambda n: headings[n].rank)
        said.append(
            f"{name} is the column {headings[best[name]].text!r}, not "
            f"{headings[place + other - best[name]].text!r}"
        )
    taken: set[str] = set()
    names = []
    for place, heading in enumerate(headings):
        name = heading.name
        if name in CORE and best[name] != place:
            name = f"other_{name}"
        number, free = 2, name
        while free in taken:
            free, number = f"{name}_{number}", number + 1
        taken.add(free)
        names.append(free)
    return names


def _numbers(
    heading: Heading,
    name: str,
    column: list[str],
    decimal: str,
    timed: set[str],
    said: list[str],
) -> NDArray[np.float64] | None:
    """The numbers in a column; a name whose column holds clock times or dates joins ``timed``."""
    found = _read(column, decimal)
    if found is not None or not name.endswith("_second"):
        return found
    clock = clock_seconds(column)
    dates = _dates(column) if clock is None else None
    if clock is not None or dates is not None:
        timed.add(name)
    if clock is not None:
        said.append(f"{name}: {heading.text!r} was converted from hours:minutes:seconds")
        return clock
    if dates is not None:
        said.append(f"{name}: {heading.text!r} holds dates; it is the time since the first row")
    return dates


def _read(column: list[str], decimal: str) -> NDArray[np.float64] | None:
    """The fields as numbers; an underscore or another sign within one makes it none."""
    joined = "\n".join(column)
    if "_" in joined:
        return None
    found = numbers(column, decimal)
    if found is None and "\u2212" in joined:
        found = numbers([text.replace("\u2212", "-") for text in column], decimal)
    return found


def _forced(
    path: Path,
    heading: Heading,
    column: Sequence[str],
    lines: Sequence[int],
    decimal: str,
    said: list[str],
) -> NDArray[np.float64]:
    """The numbers in a column with some fields that are none; those are NaN."""
    found = np.full(len(column), np.nan)
    bad = []
    for place, text in enumerate(column):
        number = _read([text], decimal)
        if number is None:
            bad.append(place)
        else:
            found[place] = number[0]
    if len(bad) > _UNREADABLE_PART * len(column):
        raise InputError(
            f"{column[bad[0]][:40]!r} in line {lines[bad[0]]} is not a number",
            where=f"column {heading.text!r}",
            file=str(path),
        )
    said.append(
        f"{len(bad)} fields of {heading.text!r} are no numbers, the first "
        f"{column[bad[0]][:40]!r} in line {lines[bad[0]]}"
    )
    return found


def _converted(heading: Heading, found: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        if heading.offset == 0.0 and 0.0 < heading.slope < 1.0:
            found = found / float(f"{1 / heading.slope:.14g}")  # 3.5 / 1000, not 3.5 * 0.001
        elif heading.slope != 1.0 or heading.offset != 0.0:
            found = found * heading.slope + heading.offset
        return -found if heading.minus else found


def _dates(column: Sequence[str]) -> NDArray[np.float64] | None:
    found = []
    for text in column:
        plain = text.replace("/", "-")
        if not _DATE.fullmatch(plain):
            return None
        try:
            found.append(datetime.fromisoformat(plain))
        except ValueError:
            return None
    return np.array([(date - found[0]).total_seconds() for date in found])


def _dated(
    headings: Sequence[Heading],
    names: Sequence[str],
    values: dict[str, NDArray[Any]],
    units: dict[str, str],
    said: list[str],
) -> None:
    """Adds the time since the first row, where a column of texts holds dates."""
    for heading, name in zip(headings, names, strict=True):
        column = values[name]
        dates = _dates(column.tolist()) if column.dtype.kind == "O" and len(column) else None
        if dates is not None:
            values[_TIME], units[_TIME] = dates, "s"
            said.append(
                f"{_TIME} is the time since the first row, by the dates of {heading.text!r}"
            )
            return


def _tell(
    headings: Sequence[Heading], names: Sequence[str], timed: set[str], said: list[str]
) -> None:
    """Notes on units that were converted or taken for granted, and on signs of headings."""
    converted, assumed = [], []
    for heading, name in zip(headings, names, strict=True):
        if heading.minus:
            said.append(f"{name}: the heading {heading.text!r} names its negative; it was turned")
        if heading.written and (heading.slope != 1.0 or heading.offset != 0.0):
            converted.append(f"{name} from {heading.written}")
        elif _bare(heading) and name not in timed:
            assumed.append(f"{name} in {heading.unit}")
    if converted:
        said.append(f"converted: {', '.join(converted)}")
    if assumed:
        said.append(f"the headings give no unit: taken to be {', '.join(assumed)}")


def _bare(heading: Heading) -> bool:
    return heading.name in CORE and not heading.written and bool(heading.unit)
