"""Which voxels are joined, through faces of any conductance, to the ends of a stack."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from solith.core._run_kernels import root_of

__all__ = ["keep_joined"]

Array = NDArray[Any]


def keep_joined(
    along: tuple[Array, Array, Array],
    cells: tuple[int, int, int],
    periodic: tuple[bool, bool, bool],
    axis: int,
) -> tuple[Array, int]:
    """Faces of voxels that are joined to no end are set to zero; those of all, if none joins both.

    Returns which voxels these are (1), and how many others there are. What is joined to one end
    only stays: it takes that end's voltage. ``along`` are the faces of
    :class:`solith.transport._faces.Faces`, before any is split.
    """
    count = int(np.prod(cells))
    parents = np.arange(count + 2, dtype=np.int32 if count < 2**31 - 2 else np.int64)
    dropped = np.zeros(cells, np.uint8)
    kept = _keep(*along, *periodic, axis, parents, dropped)
    return dropped, int(kept)


@numba.njit(nogil=True, cache=True)
def _unite(parents: Array, one: int, other: int) -> None:
    a, b = root_of(parents, one), root_of(parents, other)
    parents[max(a, b)] = min(a, b)


@numba.njit(nogil=True, cache=True)
def _keep(
    along_i: Array,
    along_j: Array,
    along_k: Array,
    periodic_i: bool,
    periodic_j: bool,
    periodic_k: bool,
    axis: int,
    parents: Array,
    dropped: Array,
) -> int:
    ni, nj, nk = dropped.shape
    begin, end = len(parents) - 2, len(parents) - 1
    for i in range(ni):
        for j in range(nj):
            for k in range(nk):
                here = (i * nj + j) * nk + k
                if along_i[i, j, k] > 0.0:
                    if i > 0 or periodic_i:
                        _unite(parents, here, (((i + ni - 1) % ni) * nj + j) * nk + k)
                    else:
                        _unite(parents, here, begin)
                if along_j[i, j, k] > 0.0:
                    if j > 0 or periodic_j:
                        _unite(parents, here, (i * nj + (j + nj - 1) % nj) * nk + k)
                    else:
                        _unite(parents, here, begin)
                if along_k[i, j, k] > 0.0:
                    if k > 0 or periodic_k:
                        _unite(parents, here, (i * nj + j) * nk + (k + nk - 1) % nk)
                    else:
                        _unite(parents, here, begin)
                if (
                    (axis == 0 and i == ni - 1 and along_i[ni, j, k] > 0.0)
                    or (axis == 1 and j == nj - 1 and along_j[i, nj, k] > 0.0)
                    or (axis == 2 and k == nk - 1 and along_k[i, j, nk] > 0.0)
                ):
                    _unite(parents, here, end)
    spans = root_of(parents, begin) == root_of(parents, end)
    root = root_of(parents, begin)
    kept = 0
    for i in range(ni):
        for j in range(nj):
            for k in range(nk):
                here = (i * nj + j) * nk + k
                if spans and root_of(parents, here) == root:
                    kept += 1
                    continue
                dropped[i, j, k] = 1
                along_i[i, j, k] = along_j[i, j, k] = along_k[i, j, k] = 0.0
                along_i[i + 1, j, k] = along_j[i, j + 1, k] = along_k[i, j, k + 1] = 0.0
    return kept
