"""Polycrystals from images of labelled grains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal, all_ways, periodic_axes
from solith.core.volume import GreyVolume, Volume, voxel_size_of
from solith.structure._grain_boundaries import BoundaryFaces, boundary_faces
from solith.structure._grain_lines import grow_over_lines, refuse_lines

__all__ = ["polycrystal_from_labels"]

Array = NDArray[Any]
_CURVED = 0.5
"""A plane's faces add up to at least 0.58 of their area; below this a boundary is curved."""
_MOST_LABEL = 2**31
_SAMPLES, _AN_IMAGE = (3, 4), 16
"""Red, green, blue, and opacity perhaps; pixels along a side from which on that is an image."""


def polycrystal_from_labels(
    labels: Volume | GreyVolume | ArrayLike,
    voxel_size: Any = None,
    *,
    void: int | Iterable[int] = (),
    boundary_label: int | None = None,
    colours: bool = False,
    periodic: bool | Sequence[bool] = False,
) -> Polycrystal:
    """Grains from an image or volume in which each has a label, as a segmented EBSD map has.

    ``labels`` are an array of whole numbers, or what :func:`solith.volumes.read_volume` gives for a
    file (PNG, TIFF, .npy, ...): grey values that are whole numbers count as labels. The voxel size
    of a volume is its own; ``voxel_size`` [m or text] is that of an array, 1 m where it is left
    out. With ``colours`` an image (x, y, 3 or 4) has a label for each of its colours.

    Voxels of one label are a grain if they hang together through faces; labels may repeat. Those
    with a label in ``void`` belong to none. Lines that a segmentation draws between grains, as a
    watershed does, are no grain: ``boundary_label`` names their label, and each of their voxels
    goes to the grain that is nearest.

    The normal of a boundary is the sum of its faces as vectors: that of a plane exactly, of a
    curved boundary the mean. Where a boundary turns so far that its faces cancel (their sum is
    below half their area), the mean of |n| over all directions stands for it: 1/2 each, in an
    image 2/pi in its plane.

    Memory: 12 bytes a voxel while it works, 40 with lines. :class:`InputError` for labels that are
    no whole numbers from 0, for colours, for an image without grains, without boundaries, or with
    lines that are not named.
    """
    array, size = _labels(labels, voxel_size, colours)
    wraps = periodic_axes(periodic)
    empty = _labels_in(void, "void")
    lines = _labels_in(() if boundary_label is None else boundary_label, "boundary_label")
    grains, count = _numbered(array, empty + lines, wraps)
    if count == 0:
        raise InputError(
            f"the image has no grain: every label is a {'line or a ' * bool(lines)}void",
            where="void",
        )
    for line in lines:
        grow_over_lines(grains, array == line, size, wraps)
    faces = boundary_faces(grains, size, wraps)
    if len(faces.pairs) == 0:
        raise InputError(_no_boundary(count, empty), where="labels")
    if not lines:
        refuse_lines(array, grains, count, faces.pairs)
    normals = (faces.pairs, _normals(faces, grains.shape))
    return Polycrystal(grains, size, periodic=wraps, normals=normals)


def _labels(
    labels: Volume | GreyVolume | ArrayLike, voxel_size: Any, colours: bool
) -> tuple[Array, tuple[float, float, float]]:
    """The labels (x, y, z) and the size of their voxels [m]."""
    if isinstance(labels, (str, Path)):
        raise InputError(
            f"an image of grains is an array or a volume; read the file first: "
            f"polycrystal_from_labels(read_volume({str(labels)!r}, voxel_size=...)), with "
            "solith.volumes.read_volume",
            where="labels",
        )
    if isinstance(labels, (Volume, GreyVolume)):
        if voxel_size is not None and voxel_size_of(voxel_size, labels.shape) != labels.voxel_size:
            raise InputError(
                f"{voxel_size!r} is not the volume's own voxel size, "
                f"{' x '.join(f'{h:.4g}' for h in labels.voxel_size)} m: leave it out",
                where="voxel_size",
            )
        voxel_size = labels.voxel_size
        array: Array = labels.labels if isinstance(labels, Volume) else labels.values
    else:
        try:
            array = np.asanyarray(labels)
        except ValueError:
            raise InputError("the rows of labels are of unlike length", where="labels") from None
        array = _without_colours(array, colours)
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
    return array, voxel_size_of(1.0 if voxel_size is None else voxel_size, array.shape)


def _without_colours(array: Array, colours: bool) -> Array:
    """The array, its colours numbered if that is wanted; an error where it isn't and has some."""
    coloured = array.ndim == 3 and array.shape[2] in _SAMPLES
    if colours:
        if not coloured:
            raise InputError(
                f"an image in colours has the shape (x, y, 3 or 4), not {array.shape}",
                where="colours",
            )
        _, numbers = np.unique(array[..., :3].reshape(-1, 3), axis=0, return_inverse=True)
        return numbers.reshape(array.shape[:2])
    if (
        coloured
        and min(array.shape[:2]) >= _AN_IMAGE
        and np.issubdtype(array.dtype, np.integer)
        and int(array.max()) <= 255
    ):
        raise InputError(
            f"an array of {' x '.join(map(str, array.shape))} is an image in colours: give labels, "
            "or colours=True for a label for each colour; a volume so thin as Volume(labels)",
            where="labels",
        )
    return array


def _labels_in(given: int | Iterable[int], where: str) -> list[int]:
    listed = list(given) if isinstance(given, Iterable) else [given]
    if not all(isinstance(one, (int, np.integer)) for one in listed):
        raise InputError(f"{given!r} is no label, or several", where=where)
    return listed


def _numbered(labels: Array, left_out: list[int], wraps: tuple[bool, ...]) -> tuple[Array, int]:
    from solith.structure._grain_kernels import number_regions

    empty = np.zeros(int(labels.max()) + 1, np.bool_)
    for label in left_out:
        if 0 <= label < len(empty):
            empty[label] = True
    numbers = np.empty(labels.shape, np.int32)
    around = np.array([wrap and n > 1 for wrap, n in zip(wraps, labels.shape, strict=True)])
    return numbers, int(number_regions(labels, around, empty, numbers))


def _no_boundary(count: int, void: list[int]) -> str:
    if count == 1 or not void:
        return "the image has no boundary between two grains: give each grain a label of its own"
    return (
        f"none of the {count} grains touches another: void lies between all of them. If it is "
        f"the boundaries drawn as lines, give boundary_label={void[0]} in its place"
    )


def _normals(faces: BoundaryFaces, shape: tuple[int, ...]) -> Array:
    """Normals (m, 3); see :func:`polycrystal_from_labels`."""
    length = np.linalg.norm(faces.vectors, axis=1)
    total = faces.areas.sum(axis=1)
    flat = length >= _CURVED * total
    units = faces.vectors / np.maximum(length, 1e-300)[:, np.newaxis]
    straight = faces.areas.max(axis=1) == total  # two planes of one pair across a periodic side
    units[straight & ~flat] = faces.areas[straight & ~flat] > 0
    return np.where((flat | straight)[:, np.newaxis], units, all_ways(shape))
