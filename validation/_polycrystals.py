"""Polycrystals: brute force, exact bricks, the known means of random cells, sizes, images, time."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.polycrystal import Polycrystal
from solith.structure import generate_polycrystal, measure_grains, polycrystal_from_labels
from solith.structure._tessellation import Box, assign_cells
from solith.transport import measure_boundary_leakage
from validation.marks import Mark

__all__ = ["marks"]

Array = NDArray[Any]

AREA = 2.910
"""Boundary area per volume of Poisson-Voronoi cells times their density^(-1/3): Meijering 1953,
recalled."""
NEIGHBOURS = 2 + 48 * math.pi**2 / 35
"""15.54, likewise."""
LENGTH = 2.0
"""In the plane, boundary length per area over the root of the density; likewise."""


def marks() -> Iterator[Mark]:
    """All marks, exact ones first."""
    yield _brute_force()
    yield from _bricks()
    yield from _random_cells()
    yield from _random_cells_in_the_plane()
    yield from _sizes()
    yield _image_of_cells()
    yield from _turning_boundaries()
    yield _image_with_lines()
    yield from _time()


def _brute_force() -> Mark:
    chance = np.random.default_rng(0)
    wrong, voxels = 0, 0
    for trial in range(60):
        shape = (int(chance.integers(1, 25)), int(chance.integers(1, 40)), int(chance.integers(9)))
        shape = (shape[0], shape[1], shape[2] + 1)
        box = Box(
            shape,
            (shape[0] * 1.0, shape[1] * 0.6, shape[2] * 1.7),
            (bool(trial & 1), bool(trial & 2), bool(trial & 4)),
        )
        seeds = chance.random((int(chance.integers(1, 60)), 3)) * np.array(box.size)
        weights = chance.choice([0.0, 2.0, 50.0]) * chance.random(len(seeds))
        wrong += int(
            np.count_nonzero(assign_cells(box, seeds, weights) != _least(box, seeds, weights))
        )
        voxels += math.prod(shape)
    return Mark(
        "power cells against the least power of all seeds, 60 boxes, free and periodic",
        f"{wrong} of {voxels} voxels differ",
        "none",
        wrong == 0,
    )


def _least(box: Box, seeds: Array, weights: Array) -> Array:
    axes = [(np.arange(n) + 0.5) * h for n, h in zip(box.shape, box.steps, strict=True)]
    away = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 1, 3) - seeds
    sizes = np.array(box.size)
    away = np.where(np.array(box.wraps), away - sizes * np.round(away / sizes), away)
    return np.asarray(np.argmin((away**2).sum(-1) - weights, axis=1).reshape(box.shape))


def _bricks() -> Iterator[Mark]:
    """Seeds on a lattice make bricks; their area is known exactly."""
    for counts in ((4, 4, 4), (6, 6, 1)):
        split = [6 if n > 1 else 1 for n in counts]
        box_shape = tuple(n * m for n, m in zip(counts, split, strict=True))
        sizes = [float(n) for n in counts]
        box = Box(
            (box_shape[0], box_shape[1], box_shape[2]), (sizes[0], sizes[1], sizes[2]), (True,) * 3
        )
        places = [np.arange(n) + 0.5 for n in counts]
        seeds = np.stack(np.meshgrid(*places, indexing="ij"), -1).reshape(-1, 3)
        cells = assign_cells(box, seeds, np.zeros(len(seeds)))
        where = [i // m for i, m in zip(np.indices(box.shape), split, strict=True)]
        same = np.array_equal(cells, np.ravel_multi_index(tuple(where), counts))
        told = _measured(Polycrystal(cells, box.steps.tolist(), seeds, periodic=True))
        dimensions = sum(n > 1 for n in counts)
        yield Mark(
            f"lattice of {' x '.join(map(str, counts))} seeds, periodic",
            f"area per volume x edge {told['boundary_area_per_volume']:.12f}, "
            f"{told['neighbours_mean']:.0f} neighbours",
            f"bricks, {dimensions} and {2 * dimensions}",
            same
            and abs(told["boundary_area_per_volume"] - dimensions) < 1e-9
            and told["neighbours_mean"] == 2 * dimensions,
        )


def _random_cells() -> Iterator[Mark]:
    found = [
        generate_polycrystal((240, 240, 240), 30.0, periodic=True, seed=seed) for seed in range(3)
    ]
    told = [_measured(one) for one in found]
    scaled = [
        t["boundary_area_per_volume"] / (one.count / 240.0**3) ** (1 / 3)
        for one, t in zip(found, told, strict=True)
    ]
    area, neighbours = np.mean(scaled), np.mean([t["neighbours_mean"] for t in told])
    yield Mark(
        f"random cells in 3-D, 3 x {found[0].count}: boundary area per volume x n^(-1/3)",
        f"{area:.4f} (staircase {_staircase(found[0]):.3f})",
        f"{AREA} within 1 %",
        bool(abs(area / AREA - 1) < 0.01),
    )
    yield Mark(
        "the same: neighbours of a grain, faces below a voxel missing",
        f"{neighbours:.2f}",
        f"{NEIGHBOURS:.2f} within 0.3",
        bool(abs(neighbours - NEIGHBOURS) < 0.3),
    )


def _random_cells_in_the_plane() -> Iterator[Mark]:
    found = generate_polycrystal((2000, 2000), 40.0, periodic=True, seed=0)
    told = _measured(found)
    length = told["boundary_area_per_volume"] / (found.count / 2000.0**2) ** 0.5
    yield Mark(
        f"random cells in the plane, {found.count}: boundary length per area x n^(-1/2)",
        f"{length:.4f}",
        f"{LENGTH} within 1 %",
        abs(length / LENGTH - 1) < 0.01,
    )
    yield Mark(
        "the same: neighbours of a grain",
        f"{told['neighbours_mean']:.3f}",
        "6 within 0.05",
        abs(told["neighbours_mean"] - 6) < 0.05,
    )


def _sizes() -> Iterator[Mark]:
    for spread in (0.0, 0.15, 0.3, 0.35):
        made = generate_polycrystal((120, 120, 120), 13.0, spread=spread, periodic=True, seed=1)
        volumes = np.bincount(made.grains.ravel(), minlength=made.count)
        got = float(np.std(np.log(np.maximum(volumes, 1)))) / 3
        empty = int(np.count_nonzero(volumes == 0))
        yield Mark(
            f"{made.count} Laguerre cells, logarithms of diameters spread by {spread}",
            f"{got:.4f}, {empty} empty",
            "within 0.02, 0 empty",
            abs(got - spread) < 0.02 and empty == 0,
        )


def _image_of_cells() -> Mark:
    made = generate_polycrystal((100, 100, 100), 25.0, seed=2)
    exact = _measured(made)["boundary_area_per_volume"]
    seen = _measured(polycrystal_from_labels(made.grains))["boundary_area_per_volume"]
    return Mark(
        "area of the same cells, from their image alone over from their seeds",
        f"{seen / exact:.4f}",
        "1 within 1 %",
        abs(seen / exact - 1) < 0.01,
    )


def _turning_boundaries() -> Iterator[Mark]:
    """A circle and a sphere, whose boundary turns all ways."""
    for name, radius, shape in (("circle", 60.0, (140, 140)), ("sphere", 40.0, (96, 96, 96))):
        middle = [(n - 1) / 2 for n in shape]
        away = sum((x - m) ** 2 for x, m in zip(np.indices(shape), middle, strict=True))
        grains = polycrystal_from_labels((away < radius**2).astype(np.uint8))
        exact = (2 * math.pi * radius if len(shape) == 2 else 4 * math.pi * radius**2) / math.prod(
            shape
        )
        area = _measured(grains)["boundary_area_per_volume"] / exact - 1
        leakage = measure_boundary_leakage(grains, 1.0, 0.01, axis="x")
        of_leakage = float(leakage["boundary_area_per_volume"].to("1/m").value or 0.0) / exact - 1
        conducts = float(leakage["leakage_conductivity"].to("S/m").value or 0.0)
        along = conducts / (0.01 * (1 - 1 / len(shape)) * exact) - 1
        yield Mark(
            f"a {name} in an image: boundary by measure_grains, by measure_boundary_leakage, and "
            "the leakage",
            f"off by {area:+.1%}, {of_leakage:+.1%}, {along:+.1%}",
            "within 2 %",
            max(map(abs, (area, of_leakage, along))) < 0.02,
        )


def _image_with_lines() -> Mark:
    """Cells with boundaries drawn as lines of one voxel, as a watershed gives them."""
    made = generate_polycrystal((400, 400), 20.0, relaxation=3, seed=1)
    labels = made.grains[:, :, 0] + 1
    lines = np.zeros(labels.shape, bool)
    lines[:-1] |= labels[:-1] != labels[1:]
    lines[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    grown = polycrystal_from_labels(np.where(lines, 0, labels), boundary_label=0)
    whole = polycrystal_from_labels(labels)
    areas = [_measured(one)["boundary_area_per_volume"] for one in (grown, whole)]
    return Mark(
        f"image of {whole.count} grains with lines between them, boundary_label named: grains, and "
        "boundary over that without lines",
        f"{grown.count}, {areas[0] / areas[1] - 1:+.2%}",
        "as many, within 1 %",
        grown.count == whole.count and abs(areas[0] / areas[1] - 1) < 0.01,
    )


def _time() -> Iterator[Mark]:
    generate_polycrystal((40, 40, 40), 12.0, spread=0.1)
    for what, options, most in (
        ("Voronoi", {}, 3.0),
        ("Laguerre, spread 0.3", {"spread": 0.3}, 15.0),
    ):
        begin = sum(os.times()[:2])
        wall = time.perf_counter()
        made = generate_polycrystal((216, 216, 216), 12.4, periodic=True, **options)
        used, waited = sum(os.times()[:2]) - begin, time.perf_counter() - wall
        yield Mark(
            f"{what}: {made.count} grains on {made.grains.size:.2g} voxels",
            f"{used:.1f} s of processor time, {waited:.1f} s waited",
            f"at most {most:g} s of processor time",
            used < most,
        )


def _measured(polycrystal: Polycrystal) -> dict[str, float]:
    """Boundary area per volume [1/m] and neighbours."""
    told = measure_grains(polycrystal)
    return {
        name: float(told[name].to(unit).value or 0.0)
        for name, unit in (("boundary_area_per_volume", "1/m"), ("neighbours_mean", ""))
    }


def _staircase(polycrystal: Polycrystal) -> float:
    """Area of voxel faces per volume, scaled likewise."""
    grains = polycrystal.grains
    faces = sum(np.count_nonzero(grains != np.roll(grains, 1, axis)) for axis in range(3))
    return float(faces / grains.size * (grains.size / polycrystal.count) ** (1 / 3))
