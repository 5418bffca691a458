"""Particles drawn on voxels, planes ``first`` to ``last`` along x.

Lengths are in voxels, axis by axis; voxel i has its centre at i + 1/2 and belongs to a particle if
its centre does. ``period`` are the whole numbers of voxels after which particles repeat, which may
be more than the array has.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_ellipsoids", "draw_polyhedra"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


@_compiled
def _fill(row: Array, begin: int, end: int, period: int, label: int, only: int) -> None:
    """Label voxels ``begin`` to ``end`` of a row, those that are ``only`` unless that is < 0."""
    if end - begin >= period:
        begin, end = 0, period - 1
    place = begin % period
    for _ in range(begin, end + 1):
        if place < len(row) and (only < 0 or row[place] == only):
            row[place] = label
        place += 1
        if place == period:
            place = 0


@_compiled
def draw_ellipsoids(
    first: int, last: int, labels: Array, label: int, only: int, centres: Array, axes: Array,
    period: Array,
) -> None:  # fmt: skip
    """Ellipsoids with half axes (n, 3) along x, y and z."""
    for s in range(len(centres)):
        a, b, c = axes[s]
        x, y, z = centres[s, 0] - 0.5, centres[s, 1] - 0.5, centres[s, 2] - 0.5
        for i in range(int(np.ceil(x - a)), int(np.floor(x + a)) + 1):
            row = i % period[0]
            if row < first or row >= last:
                continue
            left = 1.0 - ((i - x) / a) ** 2
            wide = b * np.sqrt(max(left, 0.0))
            for j in range(int(np.ceil(y - wide)), int(np.floor(y + wide)) + 1):
                column = j % period[1]
                if column >= labels.shape[1]:
                    continue
                high = c * np.sqrt(max(left - ((j - y) / b) ** 2, 0.0))
                begin, end = int(np.ceil(z - high)), int(np.floor(z + high))
                _fill(labels[row, column], begin, end, period[2], label, only)


@_compiled
def draw_polyhedra(
    first: int, last: int, labels: Array, label: int, centres: Array, reach: Array, starts: Array,
    normals: Array, offsets: Array, shift: float, period: Array,
) -> None:  # fmt: skip
    """Convex cells: points p with normal . (p - centre) < offset - shift for all faces.

    ``reach`` (n, 3) bounds them around their centres; faces ``starts[s]`` to ``starts[s + 1]`` are
    those of cell s.
    """
    for s in range(len(centres)):
        x, y, z = centres[s, 0] - 0.5, centres[s, 1] - 0.5, centres[s, 2] - 0.5
        a, b, c = reach[s]
        for i in range(int(np.ceil(x - a)), int(np.floor(x + a)) + 1):
            row = i % period[0]
            if row < first or row >= last:
                continue
            for j in range(int(np.ceil(y - b)), int(np.floor(y + b)) + 1):
                column = j % period[1]
                if column >= labels.shape[1]:
                    continue
                low, high = -c, c
                for f in range(starts[s], starts[s + 1]):
                    room = offsets[f] - shift
                    room -= normals[f, 0] * (i - x) + normals[f, 1] * (j - y)
                    slope = normals[f, 2]
                    if slope > 1e-12:
                        high = min(high, room / slope)
                    elif slope < -1e-12:
                        low = max(low, room / slope)
                    elif room < 0.0:
                        high = -np.inf
                    if low > high:
                        break
                if low <= high:
                    begin, end = int(np.ceil(z + low)), int(np.floor(z + high))
                    _fill(labels[row, column], begin, end, period[2], label, -1)
