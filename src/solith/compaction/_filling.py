"""Pressed particles put on voxels, the volume of each phase kept.

Hard particles are drawn as the spheres they are. What overlaps of soft ones has been pressed into
the voids beside them: their phase fills voxels by distance from its particles' surfaces, from
inside outwards, until it has its volume. Where two soft phases meet, a voxel goes to the one
further below its own level.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.compaction._filling_kernels import stamp_levels
from solith.core.errors import ConvergenceError, InputError
from solith.core.threads import share_out

__all__ = ["fill_voxels"]

Array = NDArray[Any]
Body = tuple[int, Array, Array]
"""Label, places and radii of particles of one phase."""

_CLOSE = 5e-4
_LOST = 1e-3
"""Of a volume: more must not be lost on voxels."""
_TURNS = 30
_MOST_VOXELS = 1 << 30


def fill_voxels(
    size: Array, voxel_size: float, periodic: Array, hard: Sequence[Body], soft: Sequence[Body]
) -> tuple[NDArray[np.uint8], tuple[float, float, float]]:
    """Labels, 0 where nothing is, and the voxel's sides [m], fitted to the box ``size`` [m].

    :class:`InputError` for voxels that are too large to show the smallest phase or too many;
    :class:`ConvergenceError` where they cannot hold the volumes.
    """
    shape = np.maximum(np.rint(size / voxel_size), 1).astype(np.int64)
    if np.prod(shape.astype(float)) > _MOST_VOXELS:
        raise InputError(
            f"voxels of {voxel_size:.4g} m are {np.prod(shape.astype(float)):.3g} in number; "
            "take larger ones",
            where="voxel_size",
        )
    spacing = size / shape
    for _, _, radii in (*hard, *soft):
        if voxel_size > float(radii.mean()):
            raise InputError(
                f"voxels of {voxel_size:.4g} m are wider than the radius of particles "
                f"({float(radii.mean()):.4g} m), which they cannot show; take smaller ones",
                where="voxel_size",
            )
    labels = np.zeros(tuple(shape), np.uint8)
    for bodies in (hard, soft):
        if bodies:
            _fill(labels, bodies, spacing, periodic)
    return labels, (float(spacing[0]), float(spacing[1]), float(spacing[2]))


def _fill(
    labels: NDArray[np.uint8], bodies: Sequence[Body], spacing: Array, periodic: Array
) -> None:
    free = labels == 0
    room = int(np.count_nonzero(free))
    volumes = np.array([4 / 3 * np.pi * float(np.sum(radii**3)) for _, _, radii in bodies])
    wanted = np.rint(volumes / float(np.prod(spacing))).astype(np.int64)
    if wanted.sum() > room:
        if wanted.sum() * (1 - _LOST) > room:
            raise _does_not_fit(int(wanted.sum()), room)
        wanted = (wanted * (room / wanted.sum())).astype(np.int64)
    reach = 0.5 * float(np.mean([radii.mean() for _, _, radii in bodies]))
    while True:
        levels = [
            _levels(labels.shape, places, radii, spacing, periodic, reach)[free]
            for _, places, radii in bodies
        ]
        found = np.min(levels, axis=0) < np.inf
        if np.count_nonzero(found) >= wanted.sum():
            chosen = _chosen(levels, wanted)
            if all(
                level[chosen == n].max(initial=-np.inf) < reach for n, level in enumerate(levels)
            ) and np.all(_counts(chosen, bodies) >= wanted * (1 - _LOST) - 1):
                break
        if reach > float(np.max(spacing * labels.shape)):
            raise _does_not_fit(int(wanted.sum()), room)
        reach *= 2.0
    filled = np.zeros(room, np.uint8)
    for number, (label, _, _) in enumerate(bodies):
        filled[chosen == number] = label
    labels[free] = filled


def _chosen(levels: Sequence[Array], wanted: Array) -> Array:
    """Which body each voxel goes to, -1 for none, so that each has as many as ``wanted``."""
    heights = np.zeros(len(levels))
    for _ in range(_TURNS):
        for number, level in enumerate(levels):
            key = level.astype(np.float64)
            for other, beside in enumerate(levels):
                if other != number:
                    with np.errstate(invalid="ignore"):
                        ahead = level - beside.astype(np.float64) + heights[other]
                    np.fmax(key, ahead, out=key)
            last = min(max(int(wanted[number]), 1), len(key)) - 1
            heights[number] = np.partition(key, last)[last]
        below = np.stack([level - height for level, height in zip(levels, heights, strict=True)])
        nearest = np.argmin(below, axis=0)
        chosen = np.where(np.min(below, axis=0) <= 0, nearest, -1)
        counts = _counts(chosen, levels)
        if np.all(np.abs(counts - wanted) <= _CLOSE * wanted + 1):
            break
    return chosen


def _counts(chosen: Array, bodies: Sequence[Any]) -> Array:
    return np.bincount(chosen + 1, minlength=len(bodies) + 1)[1:]


def _does_not_fit(wanted: int, room: int) -> ConvergenceError:
    return ConvergenceError(
        f"particles of {wanted} voxels do not fit in the {room} that are left; take smaller voxels"
    )


def _levels(
    shape: tuple[int, ...], places: Array, radii: Array, spacing: Array, periodic: Array,
    reach: float,
) -> Array:  # fmt: skip
    levels = np.full(shape, np.inf, np.float32)
    share_out(stamp_levels, shape[0], levels.size, levels, places, radii, spacing, periodic, reach)
    return levels
