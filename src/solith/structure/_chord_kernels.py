"""Chords of a mask along its last axis."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["count_chords"]


@numba.njit(nogil=True, cache=True)
def count_chords(first: int, last: int, mask: NDArray[Any]) -> NDArray[Any]:
    """Of rows (rows, voxels): numbers of chords by length (row 0 whole, 1 cut once, 2 twice)."""
    voxels = mask.shape[1]
    counts = np.zeros((3, voxels + 1), np.int64)
    for row in range(first, last):
        start = -1
        for k in range(voxels):
            if mask[row, k]:
                if start < 0:
                    start = k
            elif start >= 0:
                counts[1 if start == 0 else 0, k - start] += 1
                start = -1
        if start >= 0:
            counts[2 if start == 0 else 1, voxels - start] += 1
    return counts
