"""The loops behind distance maps and watersheds."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["count_levels", "envelope", "flood", "order_levels"]

Array = NDArray[Any]


@numba.njit(nogil=True, cache=True, error_model="numpy")
def envelope(first: int, last: int, squares: Array, size: float) -> None:
    """The lower envelope of parabolas along the last axis, for rows of ``squares`` (rows, voxels).

    In place: squared distances within a plane become those with this axis added, ``size`` the
    voxel's length along it.
    """
    count = squares.shape[1]
    vertex = np.empty(count, np.int64)
    begin = np.empty(count + 1)
    row = np.empty(count)
    for number in range(first, last):
        top = -1
        for q in range(count):
            row[q] = squares[number, q]
            if not row[q] < np.inf:
                continue
            start = -np.inf
            while top >= 0:
                p = vertex[top]
                start = (row[q] - row[p]) / (2 * size * size * (q - p)) + (q + p) / 2
                if start > begin[top]:
                    break
                top -= 1
                start = -np.inf
            top += 1
            vertex[top] = q
            begin[top] = start
        if top < 0:
            continue
        place = 0
        for q in range(count):
            while place < top and begin[place + 1] <= q:
                place += 1
            apart = size * (q - vertex[place])
            squares[number, q] = apart * apart + row[vertex[place]]


@numba.njit(nogil=True, cache=True, error_model="numpy")
def count_levels(distance: Array, scale: float, counts: Array) -> None:
    """How many voxels (shape (n,)) have each level of distance; those at zero are left out."""
    for place in range(distance.size):
        if distance[place] > 0:
            counts[min(int(distance[place] * scale), counts.size - 1)] += 1


@numba.njit(nogil=True, cache=True, error_model="numpy")
def order_levels(distance: Array, scale: float, starts: Array, order: Array) -> None:
    """Places of voxels by level of distance; ``starts`` is used up."""
    for place in range(distance.size):
        if distance[place] > 0:
            level = min(int(distance[place] * scale), starts.size - 1)
            order[starts[level]] = place
            starts[level] += 1


@numba.njit(cache=True, error_model="numpy")
def _root(parent: Array, label: int) -> int:
    while parent[label] != label:
        parent[label] = parent[parent[label]]
        label = parent[label]
    return label


@numba.njit(nogil=True, cache=True, error_model="numpy")
def flood(
    distance: Array,
    order: Array,
    labels: Array,
    nj: int,
    nk: int,
    neck: float,
    least: float,
    parent: Array,
    peaks: Array,
) -> int:
    """Basins around the maxima of the distance; voxels come in ``order``, the deepest first.

    Where two meet, they are one if there the distance is above ``neck`` times the lower maximum or
    less than ``least`` below it. Returns the number of particles, numbered from 1 in ``labels``.
    """
    used = 0
    ni = distance.size // (nj * nk)
    for index in range(order.size):
        place = order[index]
        i, j, k = place // (nj * nk), (place // nk) % nj, place % nk
        here = distance[place]
        mine = 0
        for a in range(max(i - 1, 0), min(i + 2, ni)):
            for b in range(max(j - 1, 0), min(j + 2, nj)):
                for c in range(max(k - 1, 0), min(k + 2, nk)):
                    other = labels[(a * nj + b) * nk + c]
                    if other == 0:
                        continue
                    other = _root(parent, other)
                    if mine == 0 or other == mine:
                        mine = other
                        continue
                    high, low = (mine, other) if peaks[mine] >= peaks[other] else (other, mine)
                    if here > neck * peaks[low] or peaks[low] - here < least:
                        parent[low] = high
                        mine = high
                    else:
                        mine = _nearer(distance, labels, parent, place, nj, nk, mine, other)
        if mine == 0:
            used += 1
            if used >= parent.size:
                return -1
            mine = used
            parent[mine] = mine
            peaks[mine] = here
        labels[place] = mine
    number = 0
    fresh = np.zeros(used + 1, np.int32)
    for place in range(labels.size):
        if labels[place]:
            root = _root(parent, labels[place])
            if fresh[root] == 0:
                number += 1
                fresh[root] = number
            labels[place] = fresh[root]
    return number


@numba.njit(cache=True, error_model="numpy")
def _nearer(
    distance: Array,
    labels: Array,
    parent: Array,
    place: int,
    nj: int,
    nk: int,
    one: int,
    two: int,
) -> int:
    """Of two basins the one that has the deeper of the six neighbours."""
    ni = distance.size // (nj * nk)
    i, j, k = place // (nj * nk), (place // nk) % nj, place % nk
    best, deepest = one, -1.0
    for axis in range(3):
        for side in (-1, 1):
            a = i + side if axis == 0 else i
            b = j + side if axis == 1 else j
            c = k + side if axis == 2 else k
            if a < 0 or a >= ni or b < 0 or b >= nj or c < 0 or c >= nk:
                continue
            other = (a * nj + b) * nk + c
            if labels[other] == 0 or distance[other] <= deepest:
                continue
            root = _root(parent, labels[other])
            if root != one and root != two:
                continue
            best, deepest = root, distance[other]
    return best
