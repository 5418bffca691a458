"""A test time that starts again, as after a crash or a resumed test: its parts joined."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["without_restarts"]

_MOST = 10
"""Restarts; a time that falls more often counts something else than the test."""

_LARGE = 0.5
"""Part of the time since the last start that a fall must take back."""

_LEAST_ROWS = 3
"""Rows between restarts: fewer are rows in disorder."""


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
    falls = np.flatnonzero(np.diff(time) < 0) + 1
    if not 0 < len(falls) <= _MOST:
        return time, ()
    starts = [0]
    for fall in falls.tolist():
        if _restarts(time, starts[-1], fall):
            starts.append(fall)
    edges = [*starts, len(time)]
    if len(starts) == 1 or min(np.diff(edges)) < _LEAST_ROWS:
        return time, ()
    usual = float(np.median(np.diff(time)))
    joined = time.copy()
    for first, end in pairwise(edges[1:]):
        joined[first:end] += joined[first - 1] + usual - time[first]
    shown = ", ".join(str(numbers[start]) for start in starts[1:])
    return joined, (
        f"the clock restarts in {place} {shown}: the times after it were joined to those before at "
        f"the usual interval of {usual:.6g} s; how long the pause was is not known",
    )


def _restarts(time: NDArray[np.float64], start: int, place: int) -> bool:
    before = time[place - 1]
    if before - time[place] <= _LARGE * (before - time[start]):
        return False
    after = time[place : place + _LEAST_ROWS]
    ahead = place - 1 > start and time[place - 2] <= time[place]  # a lone row is far ahead
    return bool(np.all(after < before) and not ahead)
