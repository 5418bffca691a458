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
_COARSE, _MIDDLE, _FINE = 60, 250, 1000
"""Voxels of a grain in the mean where cells are only measured."""
_MOVES, _MOST_MOVES, _NEWTONS = 15, 40, 8
"""Seeds move so many times, and more often until no cell is empty."""
_PARTS_OF_A_STEP = (1.0, 0.5, 0.25, 0.1)
_DAMPING = 0.5
_SOFT, _SLOW = 0.3, 0.8
_TRIED = 64
_SEEN = 4.0
"""Voxels below which a cell's volume is not known to its own part."""
_NEARLY, _CLOSE = 0.03, 0.01


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

    Which seed gets which volume is chosen here, but ``targets`` keep their order: seeds are
    reordered. Exact weights exist for any volumes that fill the box (Aurenhammer, Hoffmann and
    Aronov, doi:10.1007/PL00009187, recalled). At first each weight follows its own cell's volume
    while seeds move towards the centroids, which makes cells compact; then Newton steps are taken,
    in which the derivative of a volume by a neighbour's weight is the area of the boundary over
    twice the distance of the seeds (Kitagawa, Merigot and Thibert, doi:10.4171/JEMS/889,
    recalled). Cells are measured on coarse voxels, at last on ``_FINE`` voxels a grain.
    """
    change = targets / _stiffness(box, targets)
    sizes = np.array(box.size)
    coarse = box.coarser(_COARSE * len(seeds))
    sums, _ = _sums(coarse, seeds, np.zeros(len(seeds)))
    ordered = np.empty_like(seeds)
    ordered[np.argsort(targets)] = seeds[np.argsort(sums[:, 0], kind="stable")]
    seeds, weights = ordered, np.zeros(len(seeds))
    middle, fine = (box.coarser(voxels * len(seeds)) for voxels in (_MIDDLE, _FINE))
    for turn in range(_MOST_MOVES):
        grid = coarse if turn < _MOVES else middle
        sums, grains = _sums(grid, seeds, weights)
        empty = sums[:, 0] == 0
        if turn >= _MOVES and not np.any(empty & (targets > _SEEN * grid.voxel)):
            break
        moved = seeds + 0.5 * sums[:, 1:] / np.maximum(sums[:, :1], 1.0)
        moved[empty], weights[empty] = _corners(grid, grains, seeds, weights, empty.sum(), turn)
        lacking = 1 - sums[:, 0] * grid.voxel / targets
        weights += _DAMPING * change * np.maximum(lacking, -1.0)  # else small cells vanish again
        seeds = np.where(np.array(box.wraps), moved % sizes, moved)
    weights = _newton(middle, middle, seeds, weights, targets, _NEARLY)
    weights = _newton(fine, middle, seeds, weights, targets, _CLOSE)
    return weights - weights.mean(), seeds


def _corners(
    box: Box, grains: Array, seeds: Array, weights: Array, number: int, turn: int
) -> tuple[Array, Array]:
    """Places near corners of cells, where a cell can begin, and the weights to begin with.

    Of places at random each is the one with the greatest power.
    """
    chance = np.random.default_rng(turn)
    at = np.stack([chance.integers(0, n, (number, _TRIED)) for n in box.shape], axis=-1)
    owner = grains[at[..., 0], at[..., 1], at[..., 2]]
    places = (at + 0.5) * box.steps
    sizes = np.array(box.size)
    away = places - seeds[owner]
    away -= np.where(np.array(box.wraps), sizes * np.round(away / sizes), 0.0)
    powers = (away**2).sum(axis=-1) - weights[owner]
    chosen = np.argmax(powers, axis=1)[:, np.newaxis]
    found = np.take_along_axis(places, chosen[..., np.newaxis], axis=1)[:, 0]
    return found, -np.take_along_axis(powers, chosen, axis=1)[:, 0]


def _newton(
    box: Box, coarse: Box, seeds: Array, weights: Array, targets: Array, close: float
) -> Array:
    """Weights after Newton steps, each shortened until cells come nearer to their volumes.

    Volumes are measured on ``box``, their derivatives on ``coarse``.
    """

    def measured(trial: Array) -> tuple[float, Array]:
        miss = targets - _sums(box, seeds, trial)[0][:, 0] * box.voxel
        rated = miss / (targets + _SEEN * box.voxel)
        return float(np.sqrt(np.mean(rated**2))), miss

    error, miss = measured(weights)
    for _ in range(_NEWTONS):
        if error < close:
            break
        grains = assign_cells(coarse, seeds, weights)
        step = _newton_step(coarse, grains, seeds, miss, _stiffness(box, targets))
        for part in _PARTS_OF_A_STEP:
            nearer, left = measured(weights + part * step)
            if nearer < error:
                break
        else:
            break
        slow = nearer > _SLOW * error
        weights, error, miss = weights + part * step, nearer, left
        if slow:
            break
    return weights


def _stiffness(box: Box, targets: Array) -> Array:
    """About the change of a cell's volume [m3] by its own weight [m2], from its volume."""
    dimensions = max(box.dimensions, 1)
    thickness = float(np.prod([s for s, n in zip(box.size, box.shape, strict=True) if n == 1]))
    return np.asarray(thickness * dimensions * (targets / thickness) ** (1 - 2 / dimensions))


def _newton_step(box: Box, grains: Array, seeds: Array, miss: Array, usual: Array) -> Array:
    """The change of weights that brings the volumes ``miss`` [m3] to first order.

    Cells that are empty, or nearly, change by their ``usual`` stiffness.
    """
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
    total = np.maximum(total, np.where(total < _SOFT * usual, usual, 0.0))
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
