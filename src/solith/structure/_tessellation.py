"""Power diagrams (Voronoi and Laguerre tessellations) on voxels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.threads import share_out

__all__ = ["Box", "assign_cells", "fit_weights", "relax"]

Array = NDArray[Any]
_A_BIN = 2.0
"""Seeds in a bin, in the mean."""
_COARSE, _FINE = 100, 1000
"""Voxels of a grain in the mean where cells are only measured."""
_MOVES, _MOST_MOVES, _NEWTONS = 15, 80, 12
"""Seeds move so many times, and more often until no cell is empty."""
_PARTS_OF_A_STEP = (1.0, 0.5, 0.25, 0.1, 0.03)
_DAMPING = 0.5
_CLOSE = 0.01


@dataclass(frozen=True)
class Box:
    """What is filled: voxels, lengths [m], and along which axes it repeats."""

    shape: tuple[int, int, int]
    size: tuple[float, float, float]
    wraps: tuple[bool, bool, bool]

    @property
    def dimensions(self) -> int:
        return sum(n > 1 for n in self.shape)

    def coarser(self, voxels: int) -> Box:
        """The same box in about so many voxels; at most as many as it has."""
        factor = max(1.0, (float(np.prod(self.shape)) / voxels) ** (1 / max(self.dimensions, 1)))
        x, y, z = (max(1, round(n / factor)) for n in self.shape)
        return Box((x, y, z), self.size, self.wraps)

    @property
    def voxel(self) -> float:
        """The volume of a voxel [m3]."""
        return float(np.prod(self.steps))

    @property
    def steps(self) -> Array:
        """The lengths of a voxel [m]."""
        return np.asarray(np.array(self.size) / np.array(self.shape))


def assign_cells(box: Box, seeds: Array, weights: Array) -> NDArray[np.int32]:
    """The number of the power cell that each voxel's centre lies in, shape of the box."""
    from solith.structure._tessellation_kernels import BLOCK, assign

    sizes = np.array(box.size)
    active = np.array(box.shape) > 1
    volume = float(np.prod(sizes[active]))
    edge = (_A_BIN * volume / len(seeds)) ** (1 / max(int(active.sum()), 1))
    bins = np.where(active, np.maximum(1, (sizes / edge).astype(np.int64)), 1)
    place = np.minimum((seeds / (sizes / bins)).astype(np.int64), bins - 1)
    keys = (place[:, 0] * bins[1] + place[:, 1]) * bins[2] + place[:, 2]
    order = np.argsort(keys, kind="stable")
    begins = np.searchsorted(keys[order], np.arange(int(np.prod(bins)) + 1))
    grains = np.empty(box.shape, np.int32)
    share_out(
        assign,
        -(-box.shape[0] // BLOCK) * -(-box.shape[1] // BLOCK),
        grains.size * 10,
        grains,
        box.steps,
        sizes,
        np.ascontiguousarray(seeds[order]),
        np.ascontiguousarray(weights[order]),
        order,
        begins,
        bins,
        np.array(box.wraps),
    )
    return grains


def relax(box: Box, seeds: Array, weights: Array) -> Array:
    """The seeds moved to the centroids of their cells (Lloyd's step,
    doi:10.1109/TIT.1982.1056489); seeds of empty cells stay."""
    sums, _ = _sums(box.coarser(_COARSE * len(seeds)), seeds, weights)
    number = np.maximum(sums[:, :1], 1.0)
    moved = seeds + sums[:, 1:] / number
    sizes = np.array(box.size)
    return np.asarray(np.where(np.array(box.wraps), moved % sizes, moved))


def fit_weights(box: Box, seeds: Array, targets: Array) -> tuple[Array, Array]:
    """Weights [m2] with which cells have the volumes ``targets`` [m3], and seeds moved for it.

    Exact weights exist for any volumes that fill the box (Aurenhammer, Hoffmann and Aronov,
    doi:10.1007/PL00009187, recalled). At first each weight follows its own cell's volume while
    seeds move towards the centroids, which makes cells compact; then Newton steps are taken, in
    which the derivative of a volume by a neighbour's weight is the area of the boundary over twice
    the distance of the seeds (Kitagawa, Merigot and Thibert, doi:10.4171/JEMS/889, recalled).
    Cells are measured on coarse voxels.
    """
    dimensions = max(box.dimensions, 1)
    thickness = float(np.prod([s for s, n in zip(box.size, box.shape, strict=True) if n == 1]))
    areas = targets / thickness  # in the dimensions that have voxels
    stiffness = dimensions * areas ** (1 - 2 / dimensions)
    sizes = np.array(box.size)
    weights = np.zeros(len(seeds))
    coarse, fine = (box.coarser(voxels * len(seeds)) for voxels in (_COARSE, _FINE))
    for turn in range(_MOST_MOVES):
        sums, _grains = _sums(coarse, seeds, weights)
        miss = areas - sums[:, 0] * coarse.voxel / thickness
        moved = seeds + 0.5 * sums[:, 1:] / np.maximum(sums[:, :1], 1.0)
        seeds = np.where(np.array(box.wraps), moved % sizes, moved)
        weights = weights + _DAMPING * miss / stiffness
        if turn >= _MOVES and sums[:, 0].min() > 0:
            break

    def measured(trial: Array) -> tuple[float, Array, Array]:
        sums, grains = _sums(fine, seeds, trial)
        miss = areas - sums[:, 0] * fine.voxel / thickness
        return float(np.sqrt(np.mean((miss / areas) ** 2))), miss, grains

    error, miss, grains = measured(weights)
    for _ in range(_NEWTONS):
        if error < _CLOSE:
            break
        step = _newton_step(fine, grains, seeds, miss * thickness)
        for part in _PARTS_OF_A_STEP:
            nearer, left, cells = measured(weights + part * step)
            if nearer < error:
                break
        else:
            break
        weights, error, miss, grains = weights + part * step, nearer, left, cells
    return weights - weights.mean(), seeds


def _newton_step(box: Box, grains: Array, seeds: Array, miss: Array) -> Array:
    """The change of weights that brings the volumes ``miss`` [m3] to first order."""
    from scipy.sparse import coo_array, diags_array
    from scipy.sparse.linalg import cg

    count = len(seeds)
    keys, slopes = [], []
    for axis in range(3):
        if box.shape[axis] == 1:
            continue
        ahead = np.roll(grains, -1, axis)
        unlike = grains != ahead
        if not box.wraps[axis]:
            np.moveaxis(unlike, axis, 0)[-1] = False
        one, other = grains[unlike].astype(np.int64), ahead[unlike].astype(np.int64)
        along = seeds[other] - seeds[one]
        sizes = np.array(box.size)
        along -= np.where(np.array(box.wraps), sizes * np.round(along / sizes), 0.0)
        length = np.maximum(np.linalg.norm(along, axis=1), 1e-3 * box.voxel ** (1 / 3))
        face = box.voxel / box.steps[axis]
        keys.append(np.minimum(one, other) * count + np.maximum(one, other))
        slopes.append(face * np.abs(along[:, axis]) / (2 * length**2))
    pairs, place = np.unique(np.concatenate(keys), return_inverse=True)
    joined = np.bincount(place, weights=np.concatenate(slopes))
    a, b = pairs // count, pairs % count
    off = coo_array((joined, (a, b)), shape=(count, count)).tocsr()
    off = off + off.T
    total = off.sum(axis=1)
    total = np.maximum(total, 1e-3 * total.max())
    matrix = diags_array(1.001 * total) - off
    step, _ = cg(matrix, miss, rtol=1e-3, maxiter=500, M=diags_array(1 / total))
    return np.asarray(step)


def _sums(box: Box, seeds: Array, weights: Array) -> tuple[Array, Array]:
    from solith.structure._tessellation_kernels import sum_cells

    grains = assign_cells(box, seeds, weights)
    found: Array = sum_cells(
        grains, box.steps, np.ascontiguousarray(seeds), np.array(box.size), np.array(box.wraps)
    )
    return found, grains
