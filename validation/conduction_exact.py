"""Voxel conduction in exact cases: laminates, checkerboard, lattice of spheres, bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from solith import Volume
from solith.transport import find_voxel_limit, solve_conduction, solve_conductivity_tensor
from validation._cubic_spheres import cubic_spheres
from validation.marks import Mark, finish

Labels = NDArray[np.uint8]

STRUCTURES = 300
SIDE = 16
SLACK = 1e-6
"""Of the solution itself, relative to a bound."""
SPHERES = {0.0: (0.1, 0.3, 0.45), 10.0: (0.1, 0.3, 0.45)}
HALF_CELLS = (24, 32, 48, 64, 96)
SQUARES = (8, 16, 32, 64, 128)


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from _laminates()
    yield _checkerboard()
    for sphere, fractions in SPHERES.items():
        for fraction in fractions:
            yield _spheres(sphere, fraction)
    yield from _bounds()


def _laminates() -> Iterator[Mark]:
    labels = (np.indices((60, 20, 20))[0] // 5) % 2
    for contrast in (10.0, 1000.0):
        exact = {"x": 2 / (1 + 1 / contrast), "y": (1 + contrast) / 2}
        for axis, name in (("x", "series"), ("y", "parallel")):
            found = solve_conduction(labels, {0: 1.0, 1: contrast}, axis)
            error = abs(found.effective_conductivity / exact[axis] - 1)
            yield Mark(
                f"laminate in {name}, contrast {contrast:g}",
                f"off by {error:.1e}, {found.iterations} iterations",
                "at most 1e-6",
                error <= 1e-6,
            )


def _checkerboard() -> Mark:
    """Two-dimensional, sqrt(k1 k2) exactly (Dykhne 1971, recalled)."""

    def board(n: int) -> Volume:
        x, y, _ = np.indices((2 * n, 2 * n, 1)) // n
        return Volume((x + y) % 2, voxel_size=1 / n)

    limit = find_voxel_limit(
        map(board, SQUARES),
        lambda volume: (
            solve_conduction(volume, {0: 1.0, 1: 10.0}, "x", "periodic").effective_conductivity
        ),
    )
    exact = math.sqrt(10)
    return Mark(
        f"checkerboard in two dimensions, contrast 10, squares of {SQUARES[0]} to {SQUARES[-1]} "
        "voxels extrapolated",
        f"off by {limit.value / exact - 1:+.2%} (finest {limit.values[-1] / exact - 1:+.2%}), "
        f"order {limit.order:.2f}, uncertainty {limit.uncertainty / exact:.2%}",
        "within 1 %",
        abs(limit.value / exact - 1) < 0.01,
    )


def _spheres(sphere: float, fraction: float) -> Mark:
    """An eighth of the cell, its corner the sphere's centre: its sides are mirrors."""
    radius = (3 * fraction / (4 * np.pi)) ** (1 / 3)

    def eighth(n: int) -> Volume:
        inside = sum((np.indices((n, n, n)) + 0.5) ** 2) < (2 * n * radius) ** 2
        return Volume(inside, {"matrix": 0, "sphere": 1}, 0.5 / n)

    limit = find_voxel_limit(
        map(eighth, HALF_CELLS),
        lambda volume: solve_conduction(volume, {0: 1.0, 1: sphere}, "z").effective_conductivity,
        order=1.0,
    )
    exact = cubic_spheres(fraction, sphere)
    return Mark(
        f"simple cubic spheres, {fraction:.0%} of the volume, conducting {sphere:g} times as well: "
        f"multipoles give {exact:.4f}",
        f"off by {limit.value / exact - 1:+.2%} (finest {limit.values[-1] / exact - 1:+.2%}), "
        f"uncertainty {limit.uncertainty / exact:.2%}",
        "within 0.5 %",
        abs(limit.value / exact - 1) < 0.005,
    )


def _bounds() -> Iterator[Mark]:
    """Wiener's bounds for each direction of any structure; Hashin and Shtrikman's (1962,
    doi:10.1063/1.1728579, recalled) for the mean of the three directions.

    The latter hold for the medium, not for its equation on coarse voxels: a structure that breaks
    them is solved again with each voxel split in 2 x 2 x 2, the same medium.
    """
    generator = np.random.default_rng(6)
    wiener, coarse, shtrikman = [], [], []
    for number in range(STRUCTURES):
        labels = _random_structure(generator, number % 3)
        better = float(10 ** generator.uniform(0.3, 3))
        found = _diagonal(labels, better)
        part = float(labels.mean())
        lowest, highest = 1 / (1 - part + part / better), 1 - part + part * better
        wiener.append(min(found.min() / lowest - 1, 1 - found.max() / highest))
        if number % 3 == 2:  # drawn out along z
            continue
        coarse.append(_within(found, part, better))
        broken = coarse[-1] < -SLACK
        split = labels.repeat(2, 0).repeat(2, 1).repeat(2, 2)
        shtrikman.append(_within(_diagonal(split, better), part, better) if broken else coarse[-1])
    yield _never(f"Wiener's bounds in {STRUCTURES} random structures of {SIDE}^3", wiener)
    yield _never(
        f"Hashin and Shtrikman's in the isotropic {len(shtrikman)}, of which "
        f"{sum(margin < -SLACK for margin in coarse)} (by up to {-min(coarse):.2%}) break them "
        "until voxels are split in two",
        shtrikman,
    )


def _diagonal(labels: Labels, better: float) -> NDArray[np.float64]:
    tensor = solve_conductivity_tensor(labels, {0: 1.0, 1: better}).tensor
    return np.diagonal(tensor)


def _within(found: NDArray[np.float64], part: float, better: float) -> float:
    """By how much the mean stays within Hashin and Shtrikman's bounds, relative to them."""
    low = 1 + part / (1 / (better - 1) + (1 - part) / 3)
    high = better + (1 - part) / (1 / (1 - better) + part / (3 * better))
    return float(min(found.mean() / low - 1, 1 - found.mean() / high))


def _never(what: str, margins: list[float]) -> Mark:
    broken = sum(margin < -SLACK for margin in margins)
    return Mark(
        f"{what}, contrast 2 to 1000",
        f"{broken} broken; the nearest leaves {min(margins):.1e} of the bound",
        "none broken (by more than 1e-6, the solution's own)",
        broken == 0,
    )


def _random_structure(generator: np.random.Generator, kind: int) -> Labels:
    """Blobs, overlapping spheres, or blobs drawn out along z; periodic."""
    from scipy.ndimage import gaussian_filter

    shape, part = (SIDE,) * 3, generator.uniform(0.05, 0.95)
    if kind == 1:
        centres = generator.uniform(0, SIDE, (int(generator.integers(1, 30)), 3))
        places = np.moveaxis(np.indices(shape), 0, -1)[..., None, :] + 0.5
        apart = np.abs(places - centres)
        distance = np.linalg.norm(np.minimum(apart, SIDE - apart), axis=-1).min(axis=-1)
        return (distance < generator.uniform(2, 6)).astype(np.uint8)
    radii = (2.0, 2.0, 2.0) if kind == 0 else (1.0, 1.0, 6.0)
    field = gaussian_filter(generator.standard_normal(shape), radii, mode="wrap")
    return (field < np.quantile(field, part)).astype(np.uint8)


if __name__ == "__main__":
    finish(marks())
