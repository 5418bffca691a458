"""Pairs of spheres that are near: a grid of cells, rows of neighbours, contact history carried on.

Each pair stands once, in the row of the sphere that was larger before radii grew (of two alike,
the one of lower number), so that a small sphere looks only as far as its own size. ``own`` are the
first radii, ``radii`` the present ones, at most ``growth`` times as large. Sides are periodic where
``periodic`` is 1.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["count_pairs", "fill_pairs", "insert_spheres", "link_pairs", "sort_cells"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


@_compiled
def sort_cells(places: Array, box: Array, cells: Array) -> tuple[Array, Array]:
    """Where each cell begins in the list of spheres by cell, and that list."""
    number = cells[0] * cells[1] * cells[2]
    own = np.empty(len(places), np.int64)
    begin = np.zeros(number + 1, np.int64)
    for i in range(len(places)):
        cell = 0
        for axis in range(3):
            along = int(places[i, axis] / box[axis] * cells[axis])
            cell = cell * cells[axis] + min(max(along, 0), cells[axis] - 1)
        own[i] = cell
        begin[cell + 1] += 1
    begin = np.cumsum(begin)
    after = begin[:-1].copy()
    order = np.empty(len(places), np.int64)
    for i in range(len(places)):
        order[after[own[i]]] = i
        after[own[i]] += 1
    return begin, order


@_compiled
def _row(
    i: int, places: Array, own: Array, radii: Array, growth: float, box: Array, periodic: Array,
    skin: float, cells: Array, begin: Array, order: Array, out: Array,
) -> int:  # fmt: skip
    """Write the neighbours of sphere ``i`` in its row to ``out``, as far as it has room."""
    low, high = np.empty(3, np.int64), np.empty(3, np.int64)
    reach = radii[i] + growth * own[i] + skin
    for axis in range(3):
        scale = cells[axis] / box[axis]
        low[axis] = math.floor((places[i, axis] - reach) * scale)
        high[axis] = math.floor((places[i, axis] + reach) * scale)
        if periodic[axis] == 0:
            low[axis], high[axis] = max(low[axis], 0), min(high[axis], cells[axis] - 1)
        elif high[axis] - low[axis] >= cells[axis]:
            low[axis], high[axis] = 0, cells[axis] - 1
    found = 0
    for a in range(low[0], high[0] + 1):
        for b in range(low[1], high[1] + 1):
            for c in range(low[2], high[2] + 1):
                cell = ((a % cells[0]) * cells[1] + b % cells[1]) * cells[2] + c % cells[2]
                for place in range(begin[cell], begin[cell + 1]):
                    j = order[place]
                    if own[j] > own[i] or (own[j] == own[i] and j <= i):
                        continue
                    square = 0.0
                    for axis in range(3):
                        step = places[i, axis] - places[j, axis]
                        if periodic[axis] == 1:
                            step -= box[axis] * np.rint(step / box[axis])
                        square += step * step
                    if square < (radii[i] + radii[j] + skin) ** 2:
                        if found < len(out):
                            out[found] = j
                        found += 1
    return found


@_compiled
def count_pairs(
    first: int, last: int, places: Array, own: Array, radii: Array, growth: float, box: Array,
    periodic: Array, skin: float, cells: Array, begin: Array, order: Array, counts: Array,
) -> None:  # fmt: skip
    """The length of each row."""
    nothing = np.empty(0, np.int32)
    for i in range(first, last):
        counts[i] = _row(
            i, places, own, radii, growth, box, periodic, skin, cells, begin, order, nothing
        )


@_compiled
def fill_pairs(
    first: int, last: int, places: Array, own: Array, radii: Array, growth: float, box: Array,
    periodic: Array, skin: float, cells: Array, begin: Array, order: Array, starts: Array,
    partners: Array, history: Array, old_starts: Array, old_partners: Array, old_history: Array,
) -> None:  # fmt: skip
    """The rows themselves, with the history that pairs had in the old rows."""
    for i in range(first, last):
        row = partners[starts[i] : starts[i + 1]]
        _row(i, places, own, radii, growth, box, periodic, skin, cells, begin, order, row)
        for place in range(starts[i], starts[i + 1]):
            history[place] = 0.0
            for old in range(old_starts[i], old_starts[i + 1]):
                if old_partners[old] == partners[place]:
                    history[place] = old_history[old]
                    break


@_compiled
def link_pairs(starts: Array, partners: Array) -> tuple[Array, Array]:
    """For each sphere the pairs it takes part in: where they begin, and pair or ``-1 - pair``."""
    count = len(starts) - 1
    begin = np.zeros(count + 1, np.int64)
    for i in range(count):
        begin[i + 1] += starts[i + 1] - starts[i]
        for place in range(starts[i], starts[i + 1]):
            begin[partners[place] + 1] += 1
    begin = np.cumsum(begin)
    after = begin[:-1].copy()
    links = np.empty(begin[-1], np.int64)
    for i in range(count):
        for place in range(starts[i], starts[i + 1]):
            j = partners[place]
            links[after[i]] = place
            after[i] += 1
            links[after[j]] = -1 - place
            after[j] += 1
    return begin, links


@_compiled
def insert_spheres(
    trials: Array, places: Array, radii: Array, placed: int, box: Array, periodic: Array,
    cells: Array, head: Array, after: Array,
) -> int:  # fmt: skip
    """Put spheres, the largest first, where a trial point (in parts of the box) is free.

    Cells are no smaller than the largest diameter; ``head`` and ``after`` chain what they hold.
    Returns how many have found a place, counting the ``placed`` ones from before.
    """
    around = np.empty((3, 3), np.int64)
    for t in range(len(trials)):
        if placed == len(radii):
            break
        r = radii[placed]
        point = trials[t] * box
        for axis in range(3):
            if periodic[axis] == 0:
                point[axis] = r + trials[t, axis] * (box[axis] - 2.0 * r)
            own = min(int(point[axis] / box[axis] * cells[axis]), cells[axis] - 1)
            for k in range(3):
                near = own + k - 1
                if periodic[axis] == 1 and cells[axis] > 2:
                    near %= cells[axis]
                around[axis, k] = near if 0 <= near < cells[axis] else -1
        free = True
        for a in around[0]:
            for b in around[1]:
                for c in around[2]:
                    if not free or a < 0 or b < 0 or c < 0:
                        continue
                    j = head[(a * cells[1] + b) * cells[2] + c]
                    while j >= 0 and free:
                        square = 0.0
                        for axis in range(3):
                            step = point[axis] - places[j, axis]
                            if periodic[axis] == 1:
                                step -= box[axis] * np.rint(step / box[axis])
                            square += step * step
                        free = square >= (r + radii[j]) ** 2
                        j = after[j]
        if free:
            places[placed] = point
            cell = 0
            for axis in range(3):
                along = min(int(point[axis] / box[axis] * cells[axis]), cells[axis] - 1)
                cell = cell * cells[axis] + along
            after[placed] = head[cell]
            head[cell] = placed
            placed += 1
    return placed
