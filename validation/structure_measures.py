"""Paths, chords, correlations and standard errors of volumes against what is known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from solith.core.result import Result
from solith.core.volume import Volume
from solith.structure import (
    generate_blobs,
    measure_chord_lengths,
    measure_connectivity,
    measure_constrictivity,
    measure_correlation,
    measure_fractions,
    measure_geodesic_tortuosity,
    measure_representative,
)
from validation.marks import Mark, finish

__all__ = ["marks"]

_CUBIC_THRESHOLD = 0.3116
"""Site percolation on the simple cubic lattice (Wang et al. 2013,
https://doi.org/10.1103/PhysRevE.87.052107, recalled)."""


def marks() -> Iterator[Mark]:
    """Marks of the measures of structure, one after another."""
    yield _channels()
    yield _plate()
    yield _subdivided()
    yield _necks()
    yield _spheres()
    yield _overlapping_spheres()
    yield _percolation()
    yield _standard_errors()


def _channels() -> Mark:
    """Parallel walls, so wide that the shortest path is one straight line."""
    worst: dict[int, float] = {}
    for width in (4, 8, 16):
        for slope in (0.0, 0.2, 1 / 3, 0.5, 0.75, 1.0):
            z = np.arange(100) + 0.5
            y = np.arange(int(slope * 100 + width + 4)) + 0.5
            inside = np.abs(y[:, None] - (2 + width / 2 + slope * z)) <= width / 2
            found = measure_geodesic_tortuosity(Volume(inside[None].astype(np.uint8)), 1)
            exact = np.hypot(max(0.0, slope * 100 - width), 100) / 100
            error = _value(found, "tortuosity_geodesic_minimum") / exact - 1
            worst[width] = max(worst.get(width, 0.0), abs(error))
    told = ", ".join(f"{width} voxels wide {error:.1%}" for width, error in worst.items())
    return Mark(
        "minimum geodesic tortuosity of inclined channels, slopes 0 to 1",
        f"worst error: {told}",
        "8 voxels and wider: at most 2 %",
        max(worst[8], worst[16]) <= 0.02,
    )


def _plate() -> Mark:
    long, wide, edge = 81, 100, 60
    labels = np.ones((1, wide, long), np.uint8)
    labels[:, :edge, 40] = 0
    found = measure_geodesic_tortuosity(Volume(labels), 1)
    around = np.hypot(np.maximum(edge - np.arange(wide) - 0.5, 0), 40)
    error = _value(found, "tortuosity_geodesic_mean") / float((41 + around).mean() / long) - 1
    return Mark(
        "mean geodesic tortuosity behind a plate that blocks 60 %",
        f"error {error:+.2%}",
        "at most 1 %",
        abs(error) <= 0.01,
    )


def _subdivided() -> Mark:
    """The solver's own error: the same voxels cut into 2^3 and 4^3, extrapolated."""
    told, worst = [], 0.0
    for chord, fraction in ((4, 0.4), (8, 0.4), (8, 0.25)):
        blobs = generate_blobs((64, 64, 64), 1.0, fraction, float(chord), seed=1)
        means = []
        for cut in (1, 2, 4):
            fine = blobs.labels.repeat(cut, 0).repeat(cut, 1).repeat(cut, 2)
            found = measure_geodesic_tortuosity(Volume(fine), 1)
            means.append(_value(found, "tortuosity_geodesic_mean"))
        limit = 2 * means[2] - means[1]
        error = means[0] / limit - 1
        told.append(f"chords of {chord} voxels, {fraction:.0%}: {error:+.1%}")
        if chord >= 8:
            worst = max(worst, abs(error))
    return Mark(
        "mean geodesic tortuosity of blobs against the limit of cut voxels",
        "; ".join(told),
        "at most 2 % for chords from 8 voxels",
        worst <= 0.02,
    )


def _necks() -> Mark:
    x, y = np.meshgrid(np.arange(41) - 20, np.arange(41) - 20, indexing="ij")
    told, worst = [], 0.0
    for radius in (5.5, 8.5, 11.5):
        labels = np.repeat((x * x + y * y <= 15.5**2)[:, :, None].astype(np.uint8), 60, axis=2)
        labels[:, :, 8:12] = (x * x + y * y <= radius**2)[:, :, None]
        found = _value(measure_constrictivity(Volume(labels), 1), "constrictivity")
        exact = (radius / 15.5) ** 2
        told.append(f"{found:.3f} for {exact:.3f}")
        worst = max(worst, abs(found / exact - 1))
    return Mark("constrictivity of a channel with a neck", ", ".join(told), "10 %", worst <= 0.1)


def _spheres() -> Mark:
    worst = 0.0
    for radius in (8, 16, 24):
        axis = np.arange(2 * radius + 6) - radius - 2.5
        a, b, c = np.meshgrid(axis, axis, axis, indexing="ij", sparse=True)
        ball = (a * a + b * b + c * c <= radius**2).astype(np.uint8)
        found = _value(measure_chord_lengths(Volume(ball), 1), "chord_length")
        worst = max(worst, abs(found / (4 / 3 * radius) - 1))
    return Mark(
        "mean chord of spheres, radius 8 to 24 voxels: 4 R / 3",
        f"worst error {worst:.2%}",
        "at most 2 %",
        worst <= 0.02,
    )


def _overlapping_spheres() -> Mark:
    """Outside spheres at random places: phi ** (volume of two together / volume of one)."""
    side, radius = 160, 10.0
    labels = _outside_spheres(side, radius, int(0.7 * side**3 / (4 / 3 * np.pi * radius**3)))
    found = measure_correlation(Volume(labels), 1)
    phi = float(labels.mean())
    r = np.arange(0, 20)
    exact = phi ** (1 + 0.75 * r / radius - r**3 / (16 * radius**3))
    curve = np.mean([found.details["correlation"][axis][:20] for axis in "xyz"], axis=0)
    miss = float(np.abs(curve - exact).max())
    surface = _value(found, "surface_area_per_volume") / (-3 * np.log(phi) * phi / radius) - 1
    return Mark(
        "two-point correlation outside overlapping spheres, and the surface from its slope",
        f"largest difference {miss:.4f}, surface {surface:+.1%}",
        "at most 0.01 and 5 %",
        miss <= 0.01 and abs(surface) <= 0.05,
    )


def _percolation() -> Mark:
    rng = np.random.default_rng(1)
    noise = rng.random((100, 100, 100))
    shares = {
        p: _value(
            measure_connectivity(Volume((noise < p).astype(np.uint8)), 1), "connected_fraction"
        )
        for p in (_CUBIC_THRESHOLD - 0.02, _CUBIC_THRESHOLD + 0.02)
    }
    below, above = shares.values()
    return Mark(
        "random voxels around the threshold of site percolation, 0.3116",
        ", ".join(f"{p:.4f}: {share:.0%} connected" for p, share in shares.items()),
        "none below, most above",
        below == 0 and above > 0.5,
    )


def _standard_errors() -> Mark:
    """Random cells of 4 voxels: the standard error known, and its intervals' coverage."""
    runs, cells, share = 100, 20, 0.3
    inside, ratios = 0, []
    for seed in range(runs):
        cell = (np.random.default_rng(seed).random((cells,) * 3) < share).astype(np.uint8)
        labels = cell.repeat(4, 0).repeat(4, 1).repeat(4, 2)
        found = measure_representative(Volume(labels), measure_fractions, "fraction_1", seed=seed)
        one = found["fraction_1"]
        assert one.value is not None
        assert one.uncertainty is not None
        inside += abs(one.value - share) <= 1.96 * one.uncertainty
        ratios.append(one.uncertainty / (share * (1 - share) / cells**3) ** 0.5)
    return Mark(
        f"standard error of a fraction, random cells, {runs} volumes",
        f"intervals cover {inside / runs:.0%}, stated over exact error {np.median(ratios):.2f} "
        f"({np.quantile(ratios, 0.05):.2f} to {np.quantile(ratios, 0.95):.2f})",
        "cover 89 % to 99 %",
        0.89 <= inside / runs <= 0.99,
    )


def _outside_spheres(side: int, radius: float, number: int) -> NDArray[np.uint8]:
    from scipy.ndimage import distance_transform_edt

    rng = np.random.default_rng(3)
    seeds = np.ones((side,) * 3, np.uint8)
    seeds[tuple(rng.integers(0, side, (3, number)))] = 0
    pad = int(radius) + 1
    near = distance_transform_edt(np.pad(seeds, pad, mode="wrap"))
    labels: NDArray[np.uint8] = (near[pad:-pad, pad:-pad, pad:-pad] > radius).astype(np.uint8)
    return labels


def _value(result: Result, quantity: str) -> float:
    value = result[quantity].value
    assert value is not None, result[quantity].flags
    return value


if __name__ == "__main__":
    finish(marks())
