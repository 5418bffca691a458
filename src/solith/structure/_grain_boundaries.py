"""The faces between voxels of different grains, summed for every pair of grains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BoundaryFaces", "boundary_faces"]

Array = NDArray[Any]
_SLAB = 4_000_000
"""Voxels that are looked at at once."""


@dataclass(frozen=True, eq=False)
class BoundaryFaces:
    """Of each pair of touching grains (``pairs`` (m, 2), the lesser first, in rising order):

    ``areas`` (m, 3) [m2] of the faces across x, y and z, and ``vectors`` (m, 3) [m2], their sum
    with the sign of the direction from the lesser grain to the other.
    """

    pairs: Array
    areas: Array
    vectors: Array


def boundary_faces(
    grains: NDArray[np.int32], voxel_size: tuple[float, float, float], periodic: tuple[bool, ...]
) -> BoundaryFaces:
    """All faces between two grains; those to voids do not count."""
    count = int(max(part.max() for part in grains)) + 1
    total: dict[str, Array] = {"keys": np.empty(0, np.int64), "sums": np.empty((0, 6))}
    thick = max(1, _SLAB // max(grains[0].size, 1))
    for low in range(0, grains.shape[0], thick):
        slab = grains[low : low + thick]
        for axis in range(3):
            for before, after in _neighbours(grains, slab, low, thick, axis, periodic[axis]):
                _add(total, before, after, count, axis)
    pairs = np.stack([total["keys"] // count, total["keys"] % count], axis=1)
    faces = np.prod(voxel_size) / np.array(voxel_size)
    sums = total["sums"]
    return BoundaryFaces(pairs.astype(np.int32), sums[:, :3] * faces, sums[:, 3:] * faces)


def _neighbours(
    grains: Array, slab: Array, low: int, thick: int, axis: int, wraps: bool
) -> list[tuple[Array, Array]]:
    """Voxels of a slab and those after them along an axis."""
    found = []
    if axis == 0:
        ahead = grains[low + 1 : low + thick + 1]
        found.append((slab[: len(ahead)], ahead))
        if wraps and low + thick >= len(grains) > 1:
            found.append((grains[-1:], grains[:1]))
    else:
        turned = np.moveaxis(slab, axis, 0)
        found.append((turned[:-1], turned[1:]))
        if wraps and len(turned) > 1:
            found.append((turned[-1:], turned[:1]))
    return found


def _add(total: dict[str, Array], before: Array, after: Array, count: int, axis: int) -> None:
    unlike = (before != after) & (before >= 0) & (after >= 0)
    one, other = before[unlike].astype(np.int64), after[unlike].astype(np.int64)
    keys = np.minimum(one, other) * count + np.maximum(one, other)
    found, place = np.unique(keys, return_inverse=True)
    sums = np.zeros((len(found), 6))
    sums[:, axis] = np.bincount(place, minlength=len(found))
    sums[:, 3 + axis] = np.bincount(place, np.where(one < other, 1.0, -1.0), len(found))
    merged = np.union1d(total["keys"], found)
    both = np.zeros((len(merged), 6))
    both[np.searchsorted(merged, total["keys"])] += total["sums"]
    both[np.searchsorted(merged, found)] += sums
    total["keys"], total["sums"] = merged, both
