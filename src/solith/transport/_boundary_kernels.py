"""The loops over voxels that find boundaries between grains."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["count_faces", "find_pairs"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True)


@_compiled
def find_pairs(grains: Array, periodic_i: bool, periodic_j: bool, periodic_k: bool) -> Array:
    """The pairs a < b of grains that touch, as a * 2^32 + b, in no order."""
    ni, nj, nk = grains.shape
    found = {np.int64(-1)}
    before = np.int64(-1)
    for i in range(ni):
        for j in range(nj):
            for k in range(nk):
                here = np.int64(grains[i, j, k])
                if here < 0:
                    continue
                for d in range(3):
                    a, b, c = i, j, k
                    if d == 0:
                        a = i - 1
                        if i == 0:
                            if not periodic_i:
                                continue
                            a = ni - 1
                    elif d == 1:
                        b = j - 1
                        if j == 0:
                            if not periodic_j:
                                continue
                            b = nj - 1
                    else:
                        c = k - 1
                        if k == 0:
                            if not periodic_k:
                                continue
                            c = nk - 1
                    there = np.int64(grains[a, b, c])
                    if there < 0 or there == here:
                        continue
                    key = min(here, there) * np.int64(2**32) + max(here, there)
                    if key != before:
                        found.add(key)
                        before = key
    out = np.empty(len(found) - 1, np.int64)
    n = 0
    for key in found:
        if key >= 0:
            out[n] = key
            n += 1
    return out


@_compiled
def count_faces(
    first: int, last: int, grains: Array, offsets: Array, others: Array, periodic: Array
) -> Array:
    """Faces across each direction, by pair of grains."""
    ni, nj, nk = grains.shape
    counts = np.zeros((len(others), 3), np.int64)
    for i in range(first, last):
        for j in range(nj):
            for k in range(nk):
                here = grains[i, j, k]
                if here < 0:
                    continue
                for d in range(3):
                    if (i if d == 0 else (j if d == 1 else k)) == 0 and not periodic[d]:
                        continue
                    a = (i if i else ni) - 1 if d == 0 else i
                    b = (j if j else nj) - 1 if d == 1 else j
                    c = (k if k else nk) - 1 if d == 2 else k
                    there = grains[a, b, c]
                    if there < 0 or there == here:
                        continue
                    one, other = min(here, there), max(here, there)
                    for place in range(offsets[one], offsets[one + 1]):
                        if others[place] == other:
                            counts[place, d] += 1
                            break
    return counts
