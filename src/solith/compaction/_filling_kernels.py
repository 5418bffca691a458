"""Distances from the surfaces of spheres, written on voxels, planes ``first`` to ``last`` along x.

Lengths are in the mean voxel; voxel i has its centre at i + 1/2.
"""

from __future__ import annotations

import math
from typing import Any

import numba
from numpy.typing import NDArray

__all__ = ["stamp_levels"]

Array = NDArray[Any]


@numba.njit(nogil=True, cache=True, error_model="numpy")
def stamp_levels(
    first: int, last: int, levels: Array, places: Array, radii: Array, spacing: Array,
    periodic: Array, reach: float,
) -> None:  # fmt: skip
    """Lower each voxel's level to its distance from a sphere's surface, negative inside.

    Voxels up to ``reach`` outside are written; x and y are periodic, z where ``periodic[2]`` is 1.
    """
    shape = levels.shape
    for s in range(len(radii)):
        far = radii[s] + reach
        x, y, z = places[s, 0], places[s, 1], places[s, 2]
        begin = math.ceil((x - far) / spacing[0] - 0.5)
        end = math.floor((x + far) / spacing[0] - 0.5)
        for i in range(begin, end + 1):
            row = i % shape[0]
            if row < first or row >= last:
                continue
            dx = (i + 0.5) * spacing[0] - x
            wide = math.sqrt(max(far * far - dx * dx, 0.0))
            left = math.ceil((y - wide) / spacing[1] - 0.5)
            right = math.floor((y + wide) / spacing[1] - 0.5)
            for j in range(left, right + 1):
                dy = (j + 0.5) * spacing[1] - y
                high = math.sqrt(max(wide * wide - dy * dy, 0.0))
                low = math.ceil((z - high) / spacing[2] - 0.5)
                top = math.floor((z + high) / spacing[2] - 0.5)
                if periodic[2] == 0:
                    low, top = max(low, 0), min(top, shape[2] - 1)
                column = j % shape[1]
                for k in range(low, top + 1):
                    dz = (k + 0.5) * spacing[2] - z
                    level = math.sqrt(dx * dx + dy * dy + dz * dz) - radii[s]
                    place = k % shape[2]
                    if level < levels[row, column, place]:
                        levels[row, column, place] = level
