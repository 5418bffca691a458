"""The loops that smooth and flatten grey values of 16 bits, over planes ``first`` to ``last``."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["average_alike", "smooth", "subtract"]

Array = NDArray[Any]
_compiled = numba.njit(
    nogil=True, cache=True, fastmath={"contract", "reassoc", "nsz", "arcp"}, error_model="numpy"
)


@_compiled
def smooth(first: int, last: int, grey: Array, smoothed: Array) -> None:
    """Weights 1, 2, 1 along each axis; at the border those that are inside."""
    ni, nj, nk = grey.shape
    total = np.empty(nk, np.float32)
    for i in range(first, last):
        for j in range(nj):
            total[:] = 0
            weights = np.float32(0.0)
            for a in range(max(i - 1, 0), min(i + 2, ni)):
                for b in range(max(j - 1, 0), min(j + 2, nj)):
                    weight = np.float32((2 - abs(a - i)) * (2 - abs(b - j)))
                    weights += weight
                    for k in range(nk):
                        total[k] += weight * np.float32(grey[a, b, k])
            for k in range(nk):
                before, after = max(k - 1, 0), min(k + 1, nk - 1)
                mean = np.float32(2) * total[k] + total[before] + total[after]
                smoothed[i, j, k] = np.uint16(mean / (np.float32(4) * weights) + np.float32(0.5))


@_compiled
def average_alike(
    first: int,
    last: int,
    grey: Array,
    guide: Array,
    result: Array,
    offsets: Array,
    alike: float,
) -> None:
    """Means over neighbours, each weighted by how alike its guide is: (1 - (d / alike)^2)^2."""
    ni, nj, nk = grey.shape
    total = np.empty(nk, np.float32)
    weights = np.empty(nk, np.float32)
    own = np.empty(nk, np.float32)
    one = np.float32(1.0)
    steepness = np.float32(1.0 / alike**2)
    for i in range(first, last):
        for j in range(nj):
            for k in range(nk):
                own[k] = guide[i, j, k]
                total[k] = 0
                weights[k] = 0
            for offset in range(offsets.shape[0]):
                a, b, c = i + offsets[offset, 0], j + offsets[offset, 1], offsets[offset, 2]
                if a < 0 or a >= ni or b < 0 or b >= nj:
                    continue
                values, guides = grey[a, b], guide[a, b]
                for k in range(max(0, -c), min(nk, nk - c)):
                    apart = np.float32(guides[k + c]) - own[k]
                    weight = max(one - apart * apart * steepness, np.float32(0.0))
                    weight *= weight
                    total[k] += weight * np.float32(values[k + c])
                    weights[k] += weight
            for k in range(nk):
                result[i, j, k] = np.uint16(total[k] / weights[k] + np.float32(0.5))


@_compiled
def subtract(
    first: int,
    last: int,
    grey: Array,
    along_i: Array,
    along_j: Array,
    along_k: Array,
    factors: Array,
    slices: Array,
    axis: int,
) -> None:
    """Takes a polynomial away in place: the sum of factors times powers along each axis.

    ``along_i`` and its like have the shape (terms, voxels): the power of the coordinate that a
    term holds. ``slices`` is one more offset for each slice across ``axis``.
    """
    _, nj, nk = grey.shape
    terms = factors.size
    row = np.empty(nk, np.float32)
    for i in range(first, last):
        for j in range(nj):
            row[:] = 0
            for term in range(terms):
                factor = np.float32(factors[term] * along_i[term, i] * along_j[term, j])
                for k in range(nk):
                    row[k] += factor * along_k[term, k]
            for k in range(nk):
                place = i if axis == 0 else (j if axis == 1 else k)
                flat = np.float32(grey[i, j, k]) - row[k] - slices[place] + np.float32(0.5)
                grey[i, j, k] = np.uint16(min(max(flat, np.float32(0)), np.float32(65535)))
