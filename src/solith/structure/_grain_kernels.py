"""Voxels of one label that hang together, numbered in the order in which they come."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["number_regions"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True)


@_compiled
def number_regions(labels: Array, wraps: Array, void: Array, numbers: Array) -> int:
    """Into ``numbers`` goes the region of each voxel, -1 for labels marked ``void``.

    Regions are voxels of one label joined through faces, across the sides that wrap too. Returns
    how many there are.
    """
    ni, nj, nk = labels.shape
    parent = np.arange(labels.size)
    for i in range(ni):
        for j in range(nj):
            for k in range(nk):
                own = labels[i, j, k]
                if void[own]:
                    continue
                here = (i * nj + j) * nk + k
                for axis in range(3):
                    a, b, c = i, j, k
                    if axis == 0:
                        a = i + 1
                        if a == ni:
                            if not wraps[0]:
                                continue
                            a = 0
                    elif axis == 1:
                        b = j + 1
                        if b == nj:
                            if not wraps[1]:
                                continue
                            b = 0
                    else:
                        c = k + 1
                        if c == nk:
                            if not wraps[2]:
                                continue
                            c = 0
                    if labels[a, b, c] == own:
                        _unite(parent, here, (a * nj + b) * nk + c)
    regions = 0
    flat = numbers.ravel()
    for i in range(ni):
        for j in range(nj):
            for k in range(nk):
                here = (i * nj + j) * nk + k
                if void[labels[i, j, k]]:
                    flat[here] = -1
                    continue
                root = _root(parent, here)
                if root == here:
                    flat[here] = regions
                    regions += 1
                else:
                    flat[here] = flat[root]
    return regions


@_compiled
def _root(parent: Array, one: int) -> int:
    while parent[one] != one:
        parent[one] = parent[parent[one]]
        one = parent[one]
    return one


@_compiled
def _unite(parent: Array, one: int, other: int) -> None:
    a, b = _root(parent, one), _root(parent, other)
    if a < b:
        parent[b] = a
    elif b < a:
        parent[a] = b
