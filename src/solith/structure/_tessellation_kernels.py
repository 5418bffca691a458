"""Loops over voxels and the seeds near them: which power cell each voxel lies in."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "assign", "sum_cells"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True)

BLOCK = 4
"""Voxels along the side of a block that shares its search."""


@_compiled
def assign(
    first: int,
    last: int,
    grains: Array,
    steps: Array,
    sizes: Array,
    seeds: Array,
    weights: Array,
    numbers: Array,
    begins: Array,
    bins: Array,
    wraps: Array,
) -> None:
    """The cell that each voxel's centre lies in, for rows of blocks along the last axis.

    ``seeds`` lie sorted by bin: ``begins`` tells where each of ``bins`` (3,) bins begins,
    ``numbers`` what a seed's cell is called. For each block of voxels the seeds are found whose
    cells can reach into it: those whose power at the block's centre is above the least by no more
    than 2 r |s - s0|, which is what their difference changes within the block's radius r.
    """
    ni, nj, nk = grains.shape
    across = (nj + BLOCK - 1) // BLOCK
    widths = sizes / bins
    heaviest = weights.max()
    near = np.empty((64, 4))
    names = np.empty(64, np.int64)
    middle = np.empty(3)
    low = np.empty(3, np.int64)
    high = np.empty(3, np.int64)
    for row in range(first, last):
        i0, j0 = BLOCK * (row // across), BLOCK * (row % across)
        i1, j1 = min(i0 + BLOCK, ni), min(j0 + BLOCK, nj)
        for k0 in range(0, nk, BLOCK):
            k1 = min(k0 + BLOCK, nk)
            middle[0] = (i0 + i1) / 2 * steps[0]
            middle[1] = (j0 + j1) / 2 * steps[1]
            middle[2] = (k0 + k1) / 2 * steps[2]
            radius = 0.5 * np.sqrt(
                ((i1 - i0 - 1) * steps[0]) ** 2
                + ((j1 - j0 - 1) * steps[1]) ** 2
                + ((k1 - k0 - 1) * steps[2]) ** 2
            )
            least, ax, ay, az = _nearest(
                middle, seeds, weights, heaviest, begins, bins, widths, sizes, wraps
            )
            away = np.sqrt((middle[0] - ax) ** 2 + (middle[1] - ay) ** 2 + (middle[2] - az) ** 2)
            reach = radius + np.sqrt(radius**2 + 2 * radius * away + heaviest + least)
            reach *= 1 + 1e-9
            for d in range(3):
                low[d] = np.floor((middle[d] - reach) / widths[d])
                high[d] = np.floor((middle[d] + reach) / widths[d])
                if not wraps[d]:
                    low[d], high[d] = max(low[d], 0), min(high[d], bins[d] - 1)
            count = 0
            for cx in range(low[0], high[0] + 1):
                for cy in range(low[1], high[1] + 1):
                    for cz in range(low[2], high[2] + 1):
                        bx, by, bz = cx % bins[0], cy % bins[1], cz % bins[2]
                        place = (bx * bins[1] + by) * bins[2] + bz
                        for one in range(begins[place], begins[place + 1]):
                            x = seeds[one, 0] + (cx - bx) // bins[0] * sizes[0]
                            y = seeds[one, 1] + (cy - by) // bins[1] * sizes[1]
                            z = seeds[one, 2] + (cz - bz) // bins[2] * sizes[2]
                            power = (
                                (middle[0] - x) ** 2 + (middle[1] - y) ** 2 + (middle[2] - z) ** 2
                            ) - weights[one]
                            apart = np.sqrt((x - ax) ** 2 + (y - ay) ** 2 + (z - az) ** 2)
                            if power - least > 2 * radius * apart * (1 + 1e-9):
                                continue
                            if count == len(names):
                                near = np.concatenate((near, np.empty_like(near)))
                                names = np.concatenate((names, np.empty_like(names)))
                            near[count, 0], near[count, 1], near[count, 2] = x, y, z
                            near[count, 3] = weights[one]
                            names[count] = numbers[one]
                            count += 1
            for i in range(i0, i1):
                for j in range(j0, j1):
                    for k in range(k0, k1):
                        x, y, z = (i + 0.5) * steps[0], (j + 0.5) * steps[1], (k + 0.5) * steps[2]
                        best, found = np.inf, np.int64(-1)
                        for one in range(count):
                            power = (
                                (x - near[one, 0]) ** 2
                                + (y - near[one, 1]) ** 2
                                + (z - near[one, 2]) ** 2
                                - near[one, 3]
                            )
                            if power < best or (power == best and names[one] < found):
                                best, found = power, names[one]
                        grains[i, j, k] = found


@_compiled
def _nearest(
    at: Array,
    seeds: Array,
    weights: Array,
    heaviest: float,
    begins: Array,
    bins: Array,
    widths: Array,
    sizes: Array,
    wraps: Array,
) -> tuple[float, float, float, float]:
    """The least power at a point, and where that seed (or its image) is: bins shell by shell."""
    b0 = min(int(at[0] / widths[0]), bins[0] - 1)
    b1 = min(int(at[1] / widths[1]), bins[1] - 1)
    b2 = min(int(at[2] / widths[2]), bins[2] - 1)
    narrowest = np.inf
    for d in range(3):
        if bins[d] > 1 or wraps[d]:
            narrowest = min(narrowest, widths[d])
    least, ax, ay, az = np.inf, 0.0, 0.0, 0.0
    shell = 0
    while shell <= 1 or max(shell - 1, 0) ** 2 * narrowest**2 - heaviest <= least:
        if shell > max(bins[0], bins[1], bins[2]) and least < np.inf:
            break
        for cx in range(b0 - shell, b0 + shell + 1):
            if not wraps[0] and not 0 <= cx < bins[0]:
                continue
            for cy in range(b1 - shell, b1 + shell + 1):
                if not wraps[1] and not 0 <= cy < bins[1]:
                    continue
                inner = abs(cx - b0) < shell and abs(cy - b1) < shell
                for cz in range(b2 - shell, b2 + shell + 1, max(2 * shell, 1) if inner else 1):
                    if not wraps[2] and not 0 <= cz < bins[2]:
                        continue
                    bx, by, bz = cx % bins[0], cy % bins[1], cz % bins[2]
                    place = (bx * bins[1] + by) * bins[2] + bz
                    for one in range(begins[place], begins[place + 1]):
                        x = seeds[one, 0] + (cx - bx) // bins[0] * sizes[0]
                        y = seeds[one, 1] + (cy - by) // bins[1] * sizes[1]
                        z = seeds[one, 2] + (cz - bz) // bins[2] * sizes[2]
                        power = (at[0] - x) ** 2 + (at[1] - y) ** 2 + (at[2] - z) ** 2
                        power -= weights[one]
                        if power < least:
                            least, ax, ay, az = power, x, y, z
        shell += 1
    return least, ax, ay, az


@_compiled
def sum_cells(grains: Array, steps: Array, seeds: Array, sizes: Array, wraps: Array) -> Array:
    """Voxels of each cell, and the sums of their places seen from its seed: shape (n, 4)."""
    sums = np.zeros((len(seeds), 4))
    ni, nj, nk = grains.shape
    for i in range(ni):
        for j in range(nj):
            for k in range(nk):
                one = grains[i, j, k]
                dx = (i + 0.5) * steps[0] - seeds[one, 0]
                dy = (j + 0.5) * steps[1] - seeds[one, 1]
                dz = (k + 0.5) * steps[2] - seeds[one, 2]
                if wraps[0]:
                    dx -= sizes[0] * np.round(dx / sizes[0])
                if wraps[1]:
                    dy -= sizes[1] * np.round(dy / sizes[1])
                if wraps[2]:
                    dz -= sizes[2] * np.round(dz / sizes[2])
                sums[one, 0] += 1.0
                sums[one, 1] += dx
                sums[one, 2] += dy
                sums[one, 3] += dz
    return sums
