"""Lines that a segmentation draws between grains: grown over, or found where nobody named them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError

__all__ = ["grow_over_lines", "refuse_lines"]

Array = NDArray[Any]
_BORDERED, _THIN, _THINNER = 0.8, 0.1, 0.5
"""Lines touch such a part of all grains; such a part of their voxels at most lies inside, and such
a part of what does in grains."""
_FEWEST = 8
"""Grains, at least, for lines to be told from grains."""


def grow_over_lines(
    grains: Array, lines: Array, voxel_size: tuple[float, float, float], wraps: tuple[bool, ...]
) -> None:
    """Give each voxel of the ``lines`` the number of the grain that is nearest, in place.

    Distances are between centres [m], across periodic sides too.
    """
    from scipy.ndimage import distance_transform_edt

    if not lines.any():
        return
    steps = np.array(voxel_size)
    away = distance_transform_edt(grains < 0, sampling=voxel_size)
    # Across a side nothing nearer lies beyond the farthest that was found without going round.
    farthest = float(away[lines].max())
    pad = [
        (min(int(np.ceil(farthest / h)), n),) * 2 if wrap and n > 1 else (0, 0)
        for h, n, wrap in zip(steps, grains.shape, wraps, strict=True)
    ]
    wide = np.pad(grains, pad, mode="wrap")
    near = distance_transform_edt(
        wide < 0, sampling=voxel_size, return_distances=False, return_indices=True
    )
    inner = tuple(slice(low, low + n) for (low, _), n in zip(pad, grains.shape, strict=True))
    at = [axis[inner][lines] for axis in near]
    grains[lines] = wide[tuple(at)]


def refuse_lines(labels: Array, grains: Array, count: int, pairs: Array) -> None:
    """:class:`InputError` where a label is that of lines: thin, and at nearly every grain."""
    firsts = np.zeros(count, np.int64)
    for numbers, names in zip(grains, labels, strict=True):
        filled = numbers >= 0
        firsts[numbers[filled]] = names[filled]
    names, own = np.unique(firsts, return_inverse=True)
    one, other = np.concatenate([pairs, pairs[:, ::-1]]).T
    keys = np.unique(own[one].astype(np.int64) * count + other)
    touched = np.bincount(keys // count, minlength=len(names))
    others = count - np.bincount(own, minlength=len(names))
    likely = (others >= _FEWEST) & (touched >= _BORDERED * others)
    if not likely.any():
        return
    inside = _inside(labels)
    for label in names[likely]:
        here = labels == label
        share, grown = float(inside[here].mean()), float(inside[~here].mean())
        if share <= _THIN and share < _THINNER * grown:
            place = int(np.searchsorted(names, label))
            raise InputError(
                f"the label {label} is thin and touches {touched[place]} of {others[place]} "
                f"grains, as boundaries drawn as lines do: give boundary_label={label}, and the "
                "grains grow over them",
                where="labels",
            )


def _inside(labels: Array) -> Array:
    """Which voxels have the label of all their neighbours."""
    inner = np.ones(labels.shape, bool)
    for axis in range(labels.ndim):
        along, kept = np.moveaxis(labels, axis, 0), np.moveaxis(inner, axis, 0)
        alike = along[1:] == along[:-1]
        kept[1:] &= alike
        kept[:-1] &= alike
    return inner
