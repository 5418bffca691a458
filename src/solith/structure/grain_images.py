"""Polycrystals from images of labelled grains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal, periodic_axes
from solith.core.volume import Volume
from solith.structure._grain_boundaries import BoundaryFaces, boundary_faces

__all__ = ["polycrystal_from_labels"]

Array = NDArray[Any]
_CURVED = 0.5
"""A plane's faces add up to at least 0.58 of their area; below this a boundary is curved."""
_ALL_WAYS = np.full(3, 0.5)
"""The mean of |nx|, |ny| and |nz| over all directions."""
_MOST_LABEL = 2**31


def polycrystal_from_labels(
    labels: Volume | ArrayLike,
    voxel_size: Any = 1.0,
    *,
    void: int | Iterable[int] = (),
    periodic: bool | Sequence[bool] = False,
) -> Polycrystal:
    """Grains from an image or volume in which each has a label, as a segmented EBSD map has.

    Voxels of one label are a grain if they hang together through faces; labels may repeat. Those
    with a label in ``void`` belong to none. The voxel size of a :class:`Volume` is its own.

    The normal of a boundary is the sum of its faces as vectors: that of a plane exactly, of a
    curved boundary the mean. Where a boundary turns so far that its faces cancel (their sum is
    below half their area), (1/2, 1/2, 1/2) stands for it, the mean of |n| over all directions.

    Memory: 12 bytes a voxel while it works. :class:`InputError` for labels that are no whole
    numbers from 0, for an image without grains and for one without boundaries.
    """
    if isinstance(labels, Volume):
        voxel_size = labels.voxel_size
        labels = labels.labels
    try:
        array = np.asanyarray(labels)
    except ValueError:
        raise InputError("the rows of labels are of unlike length", where="labels") from None
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.ndim != 3 or array.size == 0 or not np.issubdtype(array.dtype, np.integer):
        raise InputError(
            f"an image of grains has whole numbers and two or three axes, this one {array.dtype} "
            f"and shape {array.shape}",
            where="labels",
        )
    if int(array.min()) < 0 or int(array.max()) >= _MOST_LABEL:
        raise InputError("labels of grains are numbers from 0 to 2^31", where="labels")
    wraps = periodic_axes(periodic)
    grains, count = _numbered(array, _voids(void), wraps)
    if count == 0:
        raise InputError("the image has no grain: every label is a void", where="void")
    table = Polycrystal(grains, voxel_size, np.zeros((count, 3)), None, wraps)  # checks the rest
    faces = boundary_faces(grains, table.voxel_size, table.periodic)
    if len(faces.pairs) == 0:
        raise InputError(
            "the image has no boundary between two grains: give each grain a label of its own",
            where="labels",
        )
    normals = (faces.pairs, _normals(faces))
    return Polycrystal(grains, voxel_size, periodic=wraps, normals=normals)


def _voids(void: int | Iterable[int]) -> list[int]:
    listed = list(void) if isinstance(void, Iterable) else [void]
    if not all(isinstance(one, (int, np.integer)) for one in listed):
        raise InputError(f"{void!r} is no label, or several", where="void")
    return listed


def _numbered(labels: Array, void: list[int], wraps: tuple[bool, ...]) -> tuple[Array, int]:
    from solith.structure._grain_kernels import number_regions

    empty = np.zeros(int(labels.max()) + 1, np.bool_)
    for label in void:
        if 0 <= label < len(empty):
            empty[label] = True
    numbers = np.empty(labels.shape, np.int32)
    around = np.array([wrap and n > 1 for wrap, n in zip(wraps, labels.shape, strict=True)])
    return numbers, int(number_regions(labels, around, empty, numbers))


def _normals(faces: BoundaryFaces) -> Array:
    """Normals (m, 3); see :func:`polycrystal_from_labels`."""
    length = np.linalg.norm(faces.vectors, axis=1)
    flat = length >= _CURVED * faces.areas.sum(axis=1)
    units = faces.vectors / np.maximum(length, 1e-300)[:, np.newaxis]
    return np.where(flat[:, np.newaxis], units, _ALL_WAYS)
