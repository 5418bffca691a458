"""Sizes of clusters of runs, and which particles touch voxels that are marked."""

from __future__ import annotations

from typing import Any

import numba
from numpy.typing import NDArray

from solith.core._run_kernels import root_of

__all__ = ["add_up_clusters", "keep_clusters", "touch_particles"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True)


@_compiled
def add_up_clusters(starts: Array, stops: Array, parents: Array, sizes: Array) -> None:
    """The voxels of every cluster, at its root."""
    for run in range(len(parents)):
        sizes[root_of(parents, run)] += int(stops[run]) - int(starts[run])


@_compiled
def keep_clusters(
    mask: Array, offsets: Array, starts: Array, stops: Array, parents: Array, kept: Array
) -> None:
    """Clears the voxels of clusters whose root is not ``kept``."""
    _, nj, _ = mask.shape
    for row in range(len(offsets) - 1):
        i, j = row // nj, row % nj
        for run in range(offsets[row], offsets[row + 1]):
            if not kept[root_of(parents, run)]:
                for k in range(starts[run], stops[run]):
                    mask[i, j, k] = 0


@_compiled
def touch_particles(
    i: int, numbers: Array, active: Array, mask: Array, sizes: Array, touched: Array
) -> None:
    """Adds plane ``i`` of particles: their voxels, and which share a face with the mask."""
    ni, nj, nk = mask.shape
    for j in range(nj):
        for k in range(nk):
            number = numbers[j, k]
            if number == 0 or not active[j, k]:
                continue
            sizes[number] += 1
            if not touched[number]:
                touched[number] = (
                    (i > 0 and mask[i - 1, j, k])
                    or (i < ni - 1 and mask[i + 1, j, k])
                    or (j > 0 and mask[i, j - 1, k])
                    or (j < nj - 1 and mask[i, j + 1, k])
                    or (k > 0 and mask[i, j, k - 1])
                    or (k < nk - 1 and mask[i, j, k + 1])
                )
