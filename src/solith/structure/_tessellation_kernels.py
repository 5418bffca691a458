"""Loops over voxels and the seeds near them: which power cell each voxel lies in."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "assign", "sum_cells"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True)

BLOCK = 16
"""Voxels along the side of a block that shares its search."""
_PART, _PIECE = 4, 2
"""Voxels along the sides of its parts, and of theirs."""
_ROUNDING = 1e-13


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
    than 2 r |s - s0|, which is what their difference changes within the block's radius r. A part of
    the block looks among these alone.
    """
    ni, nj, nk = grains.shape
    across = (nj + BLOCK - 1) // BLOCK
    ends = np.empty((3, 2), np.int64)
    near = np.empty((256, 5))
    for row in range(first, last):
        i0, j0 = BLOCK * (row // across), BLOCK * (row % across)
        for k0 in range(0, nk, BLOCK):
            ends[0, 0], ends[0, 1] = i0, min(i0 + BLOCK, ni)
            ends[1, 0], ends[1, 1] = j0, min(j0 + BLOCK, nj)
            ends[2, 0], ends[2, 1] = k0, min(k0 + BLOCK, nk)
            count, near = _find(
                ends, near, steps, sizes, seeds, weights, numbers, begins, bins, wraps
            )
            _fill_block(ends, near[:count], grains, steps, sizes)


@_compiled
def _find(
    ends: Array,
    near: Array,
    steps: Array,
    sizes: Array,
    seeds: Array,
    weights: Array,
    numbers: Array,
    begins: Array,
    bins: Array,
    wraps: Array,
) -> tuple[int, Array]:
    """The seeds (or images) that can reach into a block: how many, and rows (x, y, z, weight,
    number), in an array that has grown if need be."""
    widths = sizes / bins
    heaviest = weights.max()
    middle, radius = _middle(ends, steps)
    least, ax, ay, az = _nearest(
        middle, seeds, weights, heaviest, begins, bins, widths, sizes, wraps
    )
    away = np.sqrt((middle[0] - ax) ** 2 + (middle[1] - ay) ** 2 + (middle[2] - az) ** 2)
    reach = radius + np.sqrt(radius**2 + 2 * radius * away + heaviest + least)
    reach *= 1 + 1e-9
    slack = _ROUNDING * (sizes**2).sum()
    low, high = np.empty(3, np.int64), np.empty(3, np.int64)
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
                    if power - least > 2 * radius * apart + slack:
                        continue
                    if count == len(near):
                        near = np.concatenate((near, np.empty_like(near)))
                    near[count, 0], near[count, 1], near[count, 2] = x, y, z
                    near[count, 3], near[count, 4] = weights[one], numbers[one]
                    count += 1
    return count, near


@_compiled
def _fill_block(ends: Array, near: Array, grains: Array, steps: Array, sizes: Array) -> None:
    """The cells of a block's voxels, part by part and piece by piece."""
    slack = _ROUNDING * (sizes**2).sum()
    part, piece = np.empty((3, 2), np.int64), np.empty((3, 2), np.int64)
    of_part, of_piece = np.empty_like(near), np.empty_like(near)
    for i in range(ends[0, 0], ends[0, 1], _PART):
        for j in range(ends[1, 0], ends[1, 1], _PART):
            for k in range(ends[2, 0], ends[2, 1], _PART):
                part[0, 0], part[0, 1] = i, min(i + _PART, ends[0, 1])
                part[1, 0], part[1, 1] = j, min(j + _PART, ends[1, 1])
                part[2, 0], part[2, 1] = k, min(k + _PART, ends[2, 1])
                some = _reaching(part, near, len(near), of_part, steps, slack)
                for a in range(part[0, 0], part[0, 1], _PIECE):
                    for b in range(part[1, 0], part[1, 1], _PIECE):
                        for c in range(part[2, 0], part[2, 1], _PIECE):
                            piece[0, 0], piece[0, 1] = a, min(a + _PIECE, part[0, 1])
                            piece[1, 0], piece[1, 1] = b, min(b + _PIECE, part[1, 1])
                            piece[2, 0], piece[2, 1] = c, min(c + _PIECE, part[2, 1])
                            few = _reaching(piece, of_part, some, of_piece, steps, slack)
                            _fill_piece(piece, of_piece, few, grains, steps)


@_compiled
def _reaching(ends: Array, near: Array, count: int, kept: Array, steps: Array, slack: float) -> int:
    """Into ``kept`` go those of ``near`` that can reach into a part of their block: how many."""
    x, y, z = (
        0.5 * (ends[0, 0] + ends[0, 1]) * steps[0],
        0.5 * (ends[1, 0] + ends[1, 1]) * steps[1],
        0.5 * (ends[2, 0] + ends[2, 1]) * steps[2],
    )
    _, radius = _middle(ends, steps)
    least, best = np.inf, 0
    for one in range(count):
        power = (x - near[one, 0]) ** 2 + (y - near[one, 1]) ** 2 + (z - near[one, 2]) ** 2
        power -= near[one, 3]
        kept[one, 0] = power  # overwritten below, never before it is read
        if power < least:
            least, best = power, one
    found = 0
    ax, ay, az = near[best, 0], near[best, 1], near[best, 2]
    for one in range(count):
        above = kept[one, 0] - least - slack
        square = (near[one, 0] - ax) ** 2 + (near[one, 1] - ay) ** 2 + (near[one, 2] - az) ** 2
        if above <= 0 or above * above <= 4 * radius * radius * square:
            for column in range(5):
                kept[found, column] = near[one, column]
            found += 1
    return found


@_compiled
def _fill_piece(ends: Array, near: Array, count: int, grains: Array, steps: Array) -> None:
    for i in range(ends[0, 0], ends[0, 1]):
        for j in range(ends[1, 0], ends[1, 1]):
            for k in range(ends[2, 0], ends[2, 1]):
                x, y, z = (i + 0.5) * steps[0], (j + 0.5) * steps[1], (k + 0.5) * steps[2]
                best, found = np.inf, np.int64(-1)
                for one in range(count):
                    power = (
                        (x - near[one, 0]) ** 2
                        + (y - near[one, 1]) ** 2
                        + (z - near[one, 2]) ** 2
                        - near[one, 3]
                    )
                    number = np.int64(near[one, 4])
                    if power < best or (power == best and number < found):
                        best, found = power, number
                grains[i, j, k] = found


@_compiled
def _middle(ends: Array, steps: Array) -> tuple[Array, float]:
    """The middle of a block, and how far from it the centres of its voxels lie."""
    middle, square = np.empty(3), 0.0
    for d in range(3):
        middle[d] = 0.5 * (ends[d, 0] + ends[d, 1]) * steps[d]
        square += (0.5 * (ends[d, 1] - ends[d, 0] - 1) * steps[d]) ** 2
    return middle, np.sqrt(square)


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
