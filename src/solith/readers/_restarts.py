"""A test time that starts again, as after a crash or a resumed test: its parts joined."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.record import CLOCK_PART
from solith.readers._dates import date_seconds

__all__ = ["counted_without_restarts", "without_restarts"]

Columns = Mapping[str, NDArray[Any]]

_MOST = 10
"""Restarts; a time that falls more often counts something else than the test."""

_LARGE = 0.5
"""Part of the time since the last start that a fall must take back."""

_LEAST_ROWS = 3
"""Rows between restarts: fewer are rows in disorder."""

_TIME = "test_time_second"
_VOLTAGE, _CURRENT = "voltage_volt", "current_ampere"
_UNIX, _DATE = "unix_time_second", "date_time"
_RUNNING = ("record_index", "cycle_count", "half_cycle_count", "step_count")
"""Counters that only grow within a test."""

_PROGRAM = ("step_index", "step_id")
"""Places in the instrument's program, to which a loop goes back."""

_SAME_VOLTAGE = 5e-3
"""Change of voltage [V] from one row to the next up to which a step may have gone on."""

_SAME_CURRENT, _NO_CURRENT = 0.02, 1e-3
"""The same for the current, of itself and of the largest one."""

_DAY = 86400.0
"""A pause from which on [s] the same step is that of another test."""


def without_restarts(
    values: Columns, place: str, numbers: NDArray[np.intp]
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """The columns (row,) with the test time after restarts moved behind that before, and a note.

    A restart takes back more than half of the time since the start before it; time goes on from
    there, and is not soon where it was, as it is after a row out of its order. Where the columns
    have an absolute time (Unix time, else a date) that is finite and never falls, the first row of
    a part follows the last one before by its difference. Otherwise it follows at the usual interval
    (the median one), and the column :data:`CLOCK_PART` counts the parts, between which a time
    unknown passed. A time that falls more than ten times, and one with a lone row far ahead, stays
    as it is; rows without a time are left aside. The note names each restart by its ``place``,
    "line" or "row", and that row's entry in ``numbers``.
    """
    rows, starts = _found(values)
    return _joined(values, rows, starts, place, numbers) if starts else (dict(values), ())


def counted_without_restarts(values: Columns) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """The columns as :func:`without_restarts` joins them, where they are those of one test.

    At each restart no counter of records, cycles and steps may fall (without such a counter, the
    place in the instrument's program), and one must rise; or all stand still while voltage and
    current go on as they were, after less than a day if the pause is known. Otherwise the file may
    hold several tests, and the time stays as it is, with a note where the counters stand still.
    The notes count rows from 1.
    """
    rows, starts = _found(values)
    if not starts:
        return dict(values), ()
    first, before = rows[starts], rows[np.array(starts) - 1]
    absolute = _absolute(values, rows, starts)
    pauses = np.full(len(starts), np.nan) if absolute is None else absolute[0]
    counters = _counters(values, (*_RUNNING, *_PROGRAM))
    deciding = _counters(values, _RUNNING) or counters
    if not counters or any(np.any(column[first] < column[before]) for column in deciding):
        return dict(values), ()
    for row, last, pause in zip(first.tolist(), before.tolist(), pauses.tolist(), strict=True):
        if any(column[row] > column[last] for column in counters):
            continue
        why = "voltage, current or step are others than before"
        if all(column[row] == column[last] for column in counters) and _same(values, row, last):
            if not pause > _DAY:
                continue
            why = f"{pause / _DAY:.3g} days passed"
        return dict(values), (
            f"the clock restarts in row {row + 1}, where no counter goes on and {why}: another "
            "test may begin there, so the times stay as they are in the file",
        )
    return _joined(values, rows, starts, "row", np.arange(1, len(values[_TIME]) + 1))


def _found(values: Columns) -> tuple[NDArray[np.intp], list[int]]:
    """The rows with a time, and the places among them at which parts after restarts begin."""
    time = values.get(_TIME)
    if time is None or time.dtype.kind != "f":
        return np.empty(0, dtype=np.intp), []
    rows = np.flatnonzero(np.isfinite(time))
    return rows, _starts(time[rows])


def _joined(
    values: Columns,
    rows: NDArray[np.intp],
    starts: list[int],
    place: str,
    numbers: NDArray[np.intp],
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    time = values[_TIME][rows]
    usual = float(np.median(np.diff(time)))
    absolute = _absolute(values, rows, starts)
    pauses = np.full(len(starts), usual) if absolute is None else absolute[0]
    for (first, end), pause in zip(pairwise([*starts, len(time)]), pauses.tolist(), strict=True):
        time[first:end] += time[first - 1] + pause - time[first]
    whole = values[_TIME].copy()
    whole[rows] = time
    columns = {**values, _TIME: whole}
    shown = ", ".join(str(numbers[rows[start]]) for start in starts)
    told = f"the clock restarts in {place} {shown}: the times after it were joined to those before "
    if absolute is not None:
        lengths = ", ".join(f"{pause:.6g}" for pause in pauses)
        return columns, (f"{told}by {absolute[1]}, after {lengths} s",)
    part = np.searchsorted(rows[starts], np.arange(len(whole)), side="right") + 1
    columns[CLOCK_PART] = part.astype(np.float64)
    return columns, (
        f"{told}at the usual interval of {usual:.6g} s; how long the pause was is not known",
    )


def _absolute(
    values: Columns, rows: NDArray[np.intp], starts: list[int]
) -> tuple[NDArray[np.float64], str] | None:
    """The time [s] from the last row before each restart to its first, and what tells it."""
    ends = np.stack([np.array(starts) - 1, starts], axis=1)
    unix = values.get(_UNIX)
    if unix is not None and unix.dtype.kind in "fiu":
        known = unix[rows].astype(np.float64)
        if np.all(np.isfinite(known)) and np.all(np.diff(known) >= 0):
            return np.diff(known[ends], axis=1)[:, 0], _UNIX
    dates = values.get(_DATE)
    if dates is not None and dates.dtype.kind in "OU":
        asked = np.unique([0, *ends.ravel().tolist(), len(rows) - 1])
        told = date_seconds([str(dates[row]) for row in rows[asked]])
        if told is not None and np.all(np.diff(told) >= 0):
            return np.diff(told[np.searchsorted(asked, ends)], axis=1)[:, 0], _DATE
    return None


def _counters(values: Columns, names: tuple[str, ...]) -> list[NDArray[Any]]:
    return [values[n] for n in names if n in values and values[n].dtype.kind in "fiu"]


def _same(values: Columns, row: int, last: int) -> bool:
    """Whether voltage and current in a row are what they were in another one."""
    if not {_VOLTAGE, _CURRENT} <= set(values):
        return False
    voltage, current = values[_VOLTAGE], values[_CURRENT]
    largest = float(np.max(np.abs(current), where=np.isfinite(current), initial=0.0))
    alike = max(_SAME_CURRENT * abs(float(current[last])), _NO_CURRENT * largest)
    return bool(
        abs(voltage[row] - voltage[last]) <= _SAME_VOLTAGE
        and abs(current[row] - current[last]) <= alike
    )


def _starts(time: NDArray[np.float64]) -> list[int]:
    """The first row of each part after a restart; none where that is not what the falls are."""
    falls = np.flatnonzero(np.diff(time) < 0) + 1
    if not 0 < len(falls) <= _MOST:
        return []
    starts = [0]
    for fall in falls.tolist():
        if _restarts(time, starts[-1], fall):
            starts.append(fall)
    return starts[1:] if min(np.diff([*starts, len(time)])) >= _LEAST_ROWS else []


def _restarts(time: NDArray[np.float64], start: int, place: int) -> bool:
    before = time[place - 1]
    if before - time[place] <= _LARGE * (before - time[start]):
        return False
    after = time[place : place + _LEAST_ROWS]
    ahead = place - 1 > start and time[place - 2] <= time[place]  # a lone row is far ahead
    return bool(np.all(after < before) and not ahead)
