"""A test time that starts again, as after a crash or a resumed test: its parts joined."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["counted_without_restarts", "without_restarts"]

_MOST = 10
"""Restarts; a time that falls more often counts something else than the test."""

_LARGE = 0.5
"""Part of the time since the last start that a fall must take back."""

_LEAST_ROWS = 3
"""Rows between restarts: fewer are rows in disorder."""

_TIME = "test_time_second"
_RUNNING = ("record_index", "cycle_count", "half_cycle_count", "step_count")
"""Counters that only grow within a test."""

_PROGRAM = ("step_index", "step_id")
"""Places in the instrument's program, to which a loop goes back."""


def without_restarts(
    time: NDArray[np.float64], place: str, numbers: NDArray[np.intp]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The time (row,) in s with the parts after restarts moved behind those before, and a note.

    A restart takes back more than half of the time since the start before it; time goes on from
    there, and is not soon where it was, as it is after a row out of its order. The first row
    of a part then follows the last one before at the usual interval (the median one). A time
    that falls more than ten times, and one with a lone row far ahead, stays as it is. The note
    names each restart by its ``place``, "line" or "row", and that row's entry in ``numbers``.
    """
    starts = _starts(time)
    if not starts:
        return time, ()
    usual = float(np.median(np.diff(time)))
    joined = time.copy()
    for first, end in pairwise([*starts, len(time)]):
        joined[first:end] += joined[first - 1] + usual - time[first]
    shown = ", ".join(str(numbers[start]) for start in starts)
    return joined, (
        f"the clock restarts in {place} {shown}: the times after it were joined to those before at "
        f"the usual interval of {usual:.6g} s; how long the pause was is not known",
    )


def counted_without_restarts(
    values: Mapping[str, NDArray[Any]],
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """The columns (row,) with the test time as :func:`without_restarts` joins it, and its note.

    Only where the counters among the columns (records, cycles, steps) go on at each restart, as
    those of one test do; without such a counter, the place in the instrument's program must not
    go back. Otherwise, and where there is neither, the file may hold several tests, and the time
    stays as it is. Rows without a time are left aside; the note counts rows from 1.
    """
    time = values.get(_TIME)
    if time is None or time.dtype.kind != "f":
        return dict(values), ()
    rows = np.flatnonzero(np.isfinite(time))
    starts = _starts(time[rows])
    if not starts or not _go_on(values, rows, starts):
        return dict(values), ()
    part, told = without_restarts(time[rows], "row", rows + 1)
    joined = time.copy()
    joined[rows] = part
    return {**values, _TIME: joined}, told


def _go_on(values: Mapping[str, NDArray[Any]], rows: NDArray[np.intp], starts: list[int]) -> bool:
    known = {name for name, column in values.items() if column.dtype.kind in "fiu"}
    counters = [name for name in _RUNNING if name in known]
    counters = counters or [name for name in _PROGRAM if name in known]
    first, before = rows[starts], rows[np.array(starts) - 1]
    return bool(counters) and not any(
        np.any(values[name][first] < values[name][before]) for name in counters
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
