"""Sizes of grains, their neighbours, and the area of their boundaries."""

from __future__ import annotations

import numpy as np

from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal
from solith.core.result import Result, Value
from solith.structure._grain_boundaries import boundary_faces

__all__ = ["measure_grains"]

_BINS = 30


def measure_grains(polycrystal: Polycrystal) -> Result:
    """How many grains, how large, with how many neighbours, and their boundaries' area.

    Sizes are diameters [m] of spheres of a grain's volume (circles in an image): mean and standard
    deviation by number, ``grain_size_d50`` by volume. Grains that a free side cuts count for
    sizes and neighbours only if no other is left, with a flag. ``boundary_area_per_volume`` [1/m]
    is the true area: each face between voxels counts by the boundary's normal across it, so that a
    plane has its own area however it lies (per area a length in an image). ``details`` has a
    histogram of the sizes and of the neighbours' number. :class:`InputError` for what is no
    polycrystal or has one grain only.
    """
    if not isinstance(polycrystal, Polycrystal):
        raise InputError(f"a Polycrystal is measured here, not {type(polycrystal).__name__}")
    faces = boundary_faces(polycrystal.grains, polycrystal.voxel_size, polycrystal.periodic)
    if len(faces.pairs) == 0:
        raise InputError("the polycrystal has no boundary between grains")
    counts = np.zeros(polycrystal.count, np.int64)
    for plane in polycrystal.grains:
        counts += np.bincount(plane[plane >= 0].ravel(), minlength=polycrystal.count)
    kept = (counts > 0) & ~_cut(polycrystal)
    flags: tuple[str, ...] = ()
    if not kept.any():
        kept, flags = counts > 0, ("every grain is cut by a free side: sizes are too small",)
    steps = np.array(polycrystal.voxel_size)
    flat = np.array(polycrystal.shape) == 1
    dimensions = max(polycrystal.dimensions, 1)
    sphere = {1: 1.0, 2: np.pi / 4, 3: np.pi / 6}[dimensions]
    volumes = counts[kept] * float(np.prod(steps[~flat]))
    sizes = (volumes / sphere) ** (1 / dimensions)
    order = np.argsort(sizes)
    share = np.cumsum(volumes[order]) / volumes.sum()
    neighbours = np.bincount(faces.pairs.ravel(), minlength=polycrystal.count)[kept]
    normals = np.abs(polycrystal.boundary_normals(faces.pairs[:, 0], faces.pairs[:, 1]))
    normals[np.all(normals == 0.5, axis=1)] = 2 / 3  # a boundary that turns: of 1.5 faces an area
    area = float(np.sum(faces.areas * normals)) / float(
        np.count_nonzero(polycrystal.grains >= 0) * np.prod(steps)
    )
    number = len(sizes)
    spread = float(np.std(sizes, ddof=1)) if number > 1 else 0.0
    values = (
        Value("grains", float(np.count_nonzero(counts))),
        Value("grain_size_mean", float(sizes.mean()), "m", spread / number**0.5, flags=flags),
        Value("grain_size_std", spread, "m", flags=flags),
        Value("grain_size_d50", float(sizes[order][np.searchsorted(share, 0.5)]), "m", flags=flags),
        Value(
            "neighbours_mean",
            float(neighbours.mean()),
            "",
            float(np.std(neighbours)) / number**0.5,
            flags=flags,
        ),
        Value("boundary_area_per_volume", area, "1/m", area="boundaries between grains"),
    )
    heights, edges = np.histogram(sizes, min(_BINS, max(1, number)))
    return Result(
        "grains",
        values,
        {
            "sizes": {"edges": edges.tolist(), "counts": heights.tolist()},
            "neighbours": np.bincount(neighbours).tolist(),
            "counted": number,
        },
    )


def _cut(polycrystal: Polycrystal) -> np.ndarray:
    """Which grains touch a free side."""
    cut = np.zeros(polycrystal.count, bool)
    for axis, (wraps, n) in enumerate(zip(polycrystal.periodic, polycrystal.shape, strict=True)):
        if wraps or n == 1:
            continue
        for end in (0, -1):
            side = np.take(polycrystal.grains, end, axis)
            cut[side[side >= 0]] = True
    return cut
