"""Where a phase is, as bytes in the order that kernels want."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solith.core.volume import Volume
from solith.core.voxel_runs import VoxelRuns, unite_voxels

__all__ = ["ENDS", "phase_mask", "unite_mask"]

ENDS = np.array([False, True])
"""Which codes of a mask are joined to the ends of the volume."""


def phase_mask(volume: Volume, label: int, first_axis: int = 0) -> NDArray[np.uint8]:
    """1 where the phase is, in a new C-ordered array whose first axis is ``first_axis``."""
    order = [first_axis, *(axis for axis in range(3) if axis != first_axis)]
    mask = np.empty([volume.shape[axis] for axis in order], np.uint8)
    target = np.moveaxis(mask, 0, first_axis)
    for plane, labels in zip(target, volume.labels, strict=True):
        plane[...] = labels == label
    return mask


def unite_mask(mask: NDArray[np.uint8]) -> VoxelRuns:
    """The clusters of voxels of a mask that share faces."""
    both = np.outer(ENDS, ENDS)
    return unite_voxels(mask, ENDS, (both, both, both))
