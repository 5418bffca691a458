"""The phases and particles that a measure of surfaces is asked for, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.volume import AXES, GreyVolume, Volume, labels_present

__all__ = ["checked_labels", "checked_particles", "thin_axes"]


def checked_labels(volume: Volume, **phases: str | int) -> list[int]:
    """The labels of phases that are different and present, each named by its argument."""
    if isinstance(volume, GreyVolume):
        raise InputError(
            "these are grey values; segment_phases turns them into a Volume", where="volume"
        )
    if not isinstance(volume, Volume):
        raise InputError(
            f"{type(volume).__name__} is no Volume; Volume(labels, phases, voxel_size) makes one",
            where="volume",
        )
    labels = [volume.label_of(phase) for phase in phases.values()]
    present = labels_present(volume.labels)
    for (name, phase), label in zip(phases.items(), labels, strict=True):
        if label not in present:
            raise InputError(f"no voxel of the volume is {phase!r}", where=name)
        if labels.count(label) > 1:
            raise InputError(f"phase {phase!r} is given twice", where=name)
    return labels


def checked_particles(particles: ArrayLike, volume: Volume) -> tuple[NDArray[Any], int]:
    """Numbers of particles for each voxel, and the largest of them."""
    array = np.asanyarray(particles)
    if array.shape != volume.shape:
        raise InputError(
            f"{' x '.join(map(str, array.shape))} numbers of particles "
            f"for {' x '.join(map(str, volume.shape))} voxels",
            where="particles",
        )
    if not np.issubdtype(array.dtype, np.integer):
        raise InputError(
            f"particles are numbered by whole numbers, these are {array.dtype}", where="particles"
        )
    least, last = int(array.min()), int(array.max())
    if least < 0 or last > array.size:
        raise InputError(
            f"particles are numbered 1, 2, 3, ... (0 is none), these from {least} to {last}",
            where="particles",
        )
    if last == 0:
        raise InputError("no voxel belongs to a particle (all numbers are 0)", where="particles")
    return array, last


def thin_axes(volume: Volume, seen: str = "surfaces") -> tuple[str, ...]:
    """A flag where the volume is one voxel thick, so that what goes across that axis is unseen."""
    thin = [name for name, voxels in zip(AXES, volume.shape, strict=True) if voxels == 1]
    return (f"one voxel along {' and '.join(thin)}: {seen} of a section",) if thin else ()
