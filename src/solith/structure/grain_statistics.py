"""Sizes of grains, their neighbours, and the area of their boundaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal
from solith.core.result import Result, Value
from solith.core.volume import AXES, axis_number
from solith.structure._grain_boundaries import BoundaryFaces, boundary_faces

__all__ = ["measure_grains"]

Array = NDArray[Any]
_BINS = 30
_UM = 1e6


def measure_grains(polycrystal: Polycrystal, *, columnar: str | int | None = None) -> Result:
    """How many grains, how large, with how many neighbours, and their boundaries' area.

    Sizes are diameters [um] of spheres of a grain's volume (circles in an image): mean and standard
    deviation by number, ``grain_size_d50`` by volume. Grains that a free side cuts count for
    sizes and neighbours only if no other is left, with a flag; ``grains_counted`` tells how many
    do. ``boundary_area_per_volume`` [1/um] is the true area: each face between voxels counts by the
    boundary's normal across it, so that a plane has its own area however it lies (per area a length
    in an image).

    ``columnar`` names the axis along which grains are columns; left out, it is that along which
    every grain goes through unchanged, if there is one. Sizes are then ``column_diameter_...``, of
    circles of a column's mean section within its length; sides across the axis do not cut it.
    ``share_touching_face``: the part of all grains that reaches the first or the last face along
    the axis; ``share_through``: both.

    ``details`` has a histogram of the sizes and of the neighbours' number. Flags tell of grains of
    few voxels, of narrow periodic sides and of a grain that touches nearly all others.
    :class:`InputError` for what is no polycrystal or has one grain only.
    """
    if not isinstance(polycrystal, Polycrystal):
        raise InputError(f"a Polycrystal is measured here, not {type(polycrystal).__name__}")
    faces = boundary_faces(polycrystal.grains, polycrystal.voxel_size, polycrystal.periodic)
    if len(faces.pairs) == 0:
        raise InputError("the polycrystal has no boundary between grains")
    along = _through(polycrystal) if columnar is None else axis_number(columnar)
    grains = _counted(polycrystal, along)
    touched = np.bincount(faces.pairs.ravel(), minlength=polycrystal.count)
    doubts = polycrystal.doubts + polycrystal.surrounded(touched)
    flags = grains.flags
    neighbours = touched[grains.kept]
    values = [
        Value("grains", float(grains.present), flags=doubts),
        Value("grains_counted", float(len(neighbours)), flags=grains.flags),
        *_sizes("grain_size" if along is None else "column_diameter", grains, flags),
        *([] if along is None else _at_faces(polycrystal, along, grains.present)),
        Value(
            "neighbours_mean",
            float(neighbours.mean()),
            "",
            float(np.std(neighbours)) / len(neighbours) ** 0.5,
            flags=flags,
        ),
        Value(
            "boundary_area_per_volume",
            _area(polycrystal, faces) / _UM,
            "1/um",
            area="boundaries between grains",
            flags=doubts,
        ),
    ]
    heights, edges = np.histogram(_UM * grains.sizes, min(_BINS, len(grains.sizes)))
    return Result(
        "grains" if along is None else f"columnar grains along {AXES[along]}",
        tuple(values),
        {
            "sizes": {"edges_um": edges.tolist(), "counts": heights.tolist()},
            "neighbours": np.bincount(neighbours).tolist(),
            "counted": len(neighbours),
        },
    )


@dataclass(frozen=True, eq=False)
class _Grains:
    """How many have a voxel; which of them count (``kept``), and of these ``sizes`` [m] and
    ``volumes``."""

    present: int
    kept: Array
    sizes: Array
    volumes: Array
    flags: tuple[str, ...]


def _counted(polycrystal: Polycrystal, along: int | None) -> _Grains:
    counts = np.zeros(polycrystal.count, np.int64)
    for plane in polycrystal.grains:
        counts += np.bincount(plane[plane >= 0].ravel(), minlength=polycrystal.count)
    kept = (counts > 0) & ~_cut(polycrystal, along)
    flags: tuple[str, ...] = ()
    if not kept.any():
        kept, flags = counts > 0, ("every grain is cut by a free side: sizes are too small",)
    present = int(np.count_nonzero(counts))
    steps = np.array(polycrystal.voxel_size)
    inside = [d for d, n in enumerate(polycrystal.shape) if n > 1 and d != along]
    measured = counts[kept].astype(float)
    if along is not None:
        measured /= _lengths(polycrystal, along)[kept]
    volumes = measured * float(np.prod(steps[inside]))
    dimensions = len(inside)
    sphere = {0: 1.0, 1: 1.0, 2: np.pi / 4, 3: np.pi / 6}[dimensions]
    return _Grains(present, kept, (volumes / sphere) ** (1 / max(dimensions, 1)), volumes, flags)


def _sizes(name: str, grains: _Grains, flags: tuple[str, ...]) -> list[Value]:
    sizes = _UM * grains.sizes
    spread = float(np.std(sizes, ddof=1)) if len(sizes) > 1 else 0.0
    order = np.argsort(sizes)
    share = np.cumsum(grains.volumes[order]) / grains.volumes.sum()
    middle = float(sizes[order][np.searchsorted(share, 0.5)])
    return [
        Value(f"{name}_mean", float(sizes.mean()), "um", spread / len(sizes) ** 0.5, flags=flags),
        Value(f"{name}_std", spread, "um", flags=flags),
        Value(f"{name}_d50", middle, "um", flags=flags),
    ]


def _at_faces(polycrystal: Polycrystal, along: int, present: int) -> list[Value]:
    first, last = (np.unique(np.take(polycrystal.grains, end, along)) for end in (0, -1))
    first, last = first[first >= 0], last[last >= 0]
    return [
        Value("share_touching_face", len(np.union1d(first, last)) / present),
        Value("share_through", len(np.intersect1d(first, last)) / present),
    ]


def _area(polycrystal: Polycrystal, faces: BoundaryFaces) -> float:
    """The true area of all boundaries per volume [1/m]."""
    sizes, squares = polycrystal.boundary_directions(faces.pairs[:, 0], faces.pairs[:, 1])
    each = np.divide(squares, sizes, out=np.zeros_like(sizes), where=sizes > 0)
    filled = sum(np.count_nonzero(part >= 0) for part in polycrystal.grains)
    return float(np.sum(faces.areas * each)) / (filled * float(np.prod(polycrystal.voxel_size)))


def _through(polycrystal: Polycrystal) -> int | None:
    """The axis of a volume along which all planes are alike."""
    grains = polycrystal.grains
    if polycrystal.dimensions < 3:
        return None
    for axis in range(3):
        planes = np.moveaxis(grains, axis, 0)
        if all(np.array_equal(planes[0], plane) for plane in planes[1:]):
            return axis
    return None


def _lengths(polycrystal: Polycrystal, along: int) -> Array:
    """Over how many planes along the axis each grain reaches; 1 for one that has no voxel."""
    planes = np.zeros(polycrystal.count, np.int64)
    for plane in np.moveaxis(polycrystal.grains, along, 0):
        numbers = np.unique(plane)
        planes[numbers[numbers >= 0]] += 1
    return np.maximum(planes, 1)


def _cut(polycrystal: Polycrystal, along: int | None) -> Array:
    """Which grains touch a free side, those across the columns' axis left aside."""
    cut = np.zeros(polycrystal.count, bool)
    for axis, (wraps, n) in enumerate(zip(polycrystal.periodic, polycrystal.shape, strict=True)):
        if wraps or n == 1 or axis == along:
            continue
        for end in (0, -1):
            side = np.take(polycrystal.grains, end, axis)
            cut[side[side >= 0]] = True
    return cut
