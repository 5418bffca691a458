"""The loops over voxel edges: which of them are triple lines, and how long these are."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["BEYOND", "HALO", "find_edges", "sum_edges"]

BEYOND = 4
"""The code of what lies outside the volume."""
_REACH = 6
"""Voxels at which an edge no longer counts for the tangent of another."""
HALO = _REACH + 2
"""Voxels about a slab that its lines may lead into."""

Array = NDArray[Any]

_SPAN = 2 * _REACH + 3
_MOST = _SPAN**3


@numba.njit(nogil=True, cache=True)
def _turn(first: int, second: int, third: int, fourth: int) -> int:
    """How the phases 1, 2, 3 go round an edge: 2 in this order, -2 in the other, 0 if not all.

    With a fourth phase between, half of that: two triple lines meet, and one of the two ways to
    part them has this one.
    """
    seen = (1 << first) | (1 << second) | (1 << third) | (1 << fourth)
    if seen & 14 != 14 or seen >> BEYOND:
        return 0
    around = (first, second, third, fourth)
    steps = 0
    for place in range(4):
        here = around[place]
        there = around[(place + 1) & 3]
        if there == 0:
            there = around[(place + 2) & 3]
        if here == 0 or here == there:
            continue
        steps += 1 if (there - here) % 3 == 1 else -1
    if steps == 3:
        return 1 if seen & 1 else 2
    if steps == -3:
        return -1 if seen & 1 else -2
    return 0


@numba.njit(nogil=True, cache=True)
def find_edges(codes: Array, edges: Array) -> None:
    """Marks the triple edges of a slab.

    ``edges[axis, x, y, z]`` is the edge along the axis at the far corner of the voxel (x, y, z), as
    :func:`_turn` tells. ``codes`` has one voxel more along each axis.
    """
    _, ni, nj, nk = edges.shape
    for i in range(ni):
        for j in range(nj):
            for k in range(nk):
                v = codes[i, j, k]
                x, y, z = codes[i + 1, j, k], codes[i, j + 1, k], codes[i, j, k + 1]
                xy, yz, zx = codes[i + 1, j + 1, k], codes[i, j + 1, k + 1], codes[i + 1, j, k + 1]
                edges[0, i, j, k] = _turn(v, y, yz, z)
                edges[1, i, j, k] = _turn(v, z, zx, x)
                edges[2, i, j, k] = _turn(v, x, xy, y)


@numba.njit(nogil=True, cache=True)
def _tangent(
    edges: Array, axis: int, place: Array, met: Array, corners: Array, spacing: Array, sums: Array
) -> None:
    """The weighted sum of the edges that hang together with one, each with its turn.

    From both ends of the edge along all that follow, as far as the reach; every edge is seen from
    each of its ends and counts half each time.
    """
    sums[:] = 0.0
    met[:] = 0
    middle = _SPAN // 2
    corner = corners[0]
    corner[:] = middle
    met[middle, middle, middle] = 1
    count, done = 1, 0
    while done < count:
        corner = corners[done]
        done += 1
        for d in range(3):
            for ahead in range(2):
                square = 0.0
                inside = True
                for p in range(3):
                    at = corner[p] + (ahead if p == d else 0)
                    away = at - middle - 0.5 * (p == d) + 0.5 * (p == axis)
                    square += away * away
                    inside = inside and 0 < at < _SPAN - 1
                if not inside or square >= _REACH * _REACH:
                    continue
                i = place[0] + corner[0] - middle + (ahead if d == 0 else 0)
                j = place[1] + corner[1] - middle + (ahead if d == 1 else 0)
                k = place[2] + corner[2] - middle + (ahead if d == 2 else 0)
                turn = edges[d, i, j, k]
                if turn == 0:
                    continue
                weight = (1 - square / (_REACH * _REACH)) ** 2
                sums[d] += 0.5 * turn * weight * spacing[d]
                step = 1 if ahead else -1
                u, v, w = corner[0], corner[1], corner[2]
                if d == 0:
                    u += step
                elif d == 1:
                    v += step
                else:
                    w += step
                if met[u, v, w] == 0:
                    met[u, v, w] = 1
                    corners[count, 0], corners[count, 1], corners[count, 2] = u, v, w
                    count += 1


@numba.njit(nogil=True, cache=True)
def sum_edges(edges: Array, spacing: Array) -> float:
    """Length of the triple lines in a slab: each edge's part along the smoothed tangent.

    ``edges`` has ``HALO`` voxels more on each side, which do not count themselves.
    """
    _, ni, nj, nk = edges.shape
    met = np.zeros((_SPAN, _SPAN, _SPAN), np.uint8)
    corners = np.zeros((_MOST, 3), np.int64)
    place = np.zeros(3, np.int64)
    sums = np.zeros(3)
    total = 0.0
    for i in range(HALO, ni - HALO):
        for j in range(HALO, nj - HALO):
            for k in range(HALO, nk - HALO):
                for d in range(3):
                    turn = edges[d, i, j, k]
                    if turn == 0:
                        continue
                    place[0], place[1], place[2] = i, j, k
                    _tangent(edges, d, place, met, corners, spacing, sums)
                    size = np.sqrt((sums**2).sum())
                    if size > 0.0:
                        total += 0.5 * turn * spacing[d] * sums[d] / size
    return total
