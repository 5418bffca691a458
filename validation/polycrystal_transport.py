"""Conduction through polycrystals: bricks, tilted lamellae, voxel sizes, layers, contacts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.polycrystal import Polycrystal
from solith.transport import (
    Layer,
    PolycrystalConduction,
    extrapolate_peak,
    find_layer,
    solve_conforming,
    solve_polycrystal,
)
from validation.marks import Mark, finish

__all__ = ["bricks", "marks", "voronoi"]

Array = NDArray[Any]

RATIOS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
PEAK_RATIOS = (1e-3, 1e-4)
WIDTH = 5e-9
GRAIN = 10e-6


def marks() -> Iterator[Mark]:
    """All marks, exact cases first."""
    yield from _bricks()
    yield from _lamellae()
    yield from _voxel_sizes()
    yield from _lateral_modes()
    yield _stripes()
    yield from _layers_found()


def bricks(counts: tuple[int, int, int], voxels: int, edge: float = GRAIN) -> Polycrystal:
    """Cubes ``voxels`` across; one voxel in directions with one grain."""
    split = [voxels if n > 1 else 1 for n in counts]
    places = np.indices([n * m for n, m in zip(counts, split, strict=True)])
    i, j, k = (place // m for place, m in zip(places, split, strict=True))
    seeds = np.stack(np.meshgrid(*[(np.arange(n) + 0.5) * edge for n in counts], indexing="ij"), -1)
    grains = np.ravel_multi_index((i, j, k), counts)
    return Polycrystal(grains, [edge / m for m in split], seeds.reshape(-1, 3))


def voronoi(
    shape: tuple[int, int, int], number: int, seed: int = 0, grain: float = GRAIN
) -> Polycrystal:
    """Grains of random seeds with periodic sides, the mean grain of the volume (or area, where the
    second direction has one voxel) of a cube (a square) with the edge ``grain``."""
    from scipy.spatial import cKDTree

    wide = np.array(shape) > 1
    h = grain * (number / np.prod(shape)) ** (1 / wide.sum())
    size = np.array(shape) * h
    seeds = np.random.default_rng(seed).random((number, 3)) * size
    seeds[:, ~wide] = 0.5 * size[~wide]
    turns = np.array([(a, b, 0) for a, b in product((-1, 0, 1), repeat=2)]) * size
    images, numbers = (seeds + turns[:, None]).reshape(-1, 3), np.tile(np.arange(number), 9)
    near = np.all((images > -3 * grain) & (images < size + 3 * grain), axis=1)
    tree, numbers = cKDTree(images[near]), numbers[near]
    grains = np.empty(shape, np.int32)
    y, z = np.meshgrid(*[(np.arange(n) + 0.5) * h for n in shape[1:]], indexing="ij")
    for i, part in enumerate(grains):
        places = np.column_stack([np.full(y.size, (i + 0.5) * h), y.ravel(), z.ravel()])
        part[:] = numbers[tree.query(places)[1]].reshape(part.shape)
    return Polycrystal(grains, h, seeds, periodic=(True, True, False))


def _bricks() -> Iterator[Mark]:
    for name, counts in (("cubic", (4, 4, 4)), ("square", (4, 1, 4))):
        errors, iterations = [], []
        for ratio in RATIOS:
            found = solve_polycrystal(bricks(counts, 6), 1.0, ratio, WIDTH, tolerance=1e-10)
            exact = 4 * GRAIN / (4 * GRAIN + 3 * WIDTH / ratio)
            errors.append(abs(found.effective_conductivity / exact - 1))
            iterations.append(found.iterations)
        yield Mark(
            f"brick layer of {name} grains, boundaries 1e-1 to 1e-5 of the grains' conductivity",
            f"off by at most {max(errors):.1e}, {min(iterations)} to {max(iterations)} iterations",
            "at most 1e-8",
            max(errors) <= 1e-8,
        )


def _lamellae() -> Iterator[Mark]:
    """Boundaries ``turns`` times across x and z: along z, 1 - (1 - k) cos^2, k = 1 / (1 + part).

    Of what a second length adds: an electrode lets the current into lamellae of any tilt.
    """
    for stretch, part in product((1, 2), (0.05, 1.0, 30.0)):
        errors = []
        for turns in ((3, 1), (3, 3), (3, 9)):
            resistances = []
            for lengths in (1, 2):
                polycrystal, cosine, spacing = _tilted(192, stretch, turns, lengths)
                found = solve_polycrystal(polycrystal, 1.0, 1e-3 / part, 1e-3 * spacing)
                resistances.append(found.stack_resistance)
            exact = 1 - part / (1 + part) * cosine**2
            errors.append(3 / (resistances[1] - resistances[0]) / exact - 1)
        yield Mark(
            f"lamellae tilted by 84, 72 and 45 degrees, a boundary {part:g} times a lamella, "
            f"voxels {stretch} : 1",
            "off by " + ", ".join(f"{error:+.2%}" for error in errors),
            "within 1.5 %",
            max(map(abs, errors)) <= 0.015,
        )


def _tilted(
    voxels: int, stretch: int, turns: tuple[int, int], lengths: int
) -> tuple[Polycrystal, float, float]:
    """``turns`` along x and along a length of 3 along z."""
    once = 3 * voxels // stretch
    shape = (voxels, 1, lengths * once)
    x, _, z = np.indices(shape) + 0.5
    waves = np.array([turns[0], 0.0, turns[1] / 3])  # per length, with a side of 1 along x
    grains = np.floor(turns[0] * x / voxels + turns[1] * z / once).astype(int) % 3
    length = float(np.linalg.norm(waves))
    pairs = np.array([[0, 1], [0, 2], [1, 2]])
    normals = (pairs, np.tile(waves / length, (3, 1)))
    size = (1 / voxels, 1.0, stretch / voxels)
    crystal = Polycrystal(grains, size, normals=normals, periodic=(True, False, False))
    return crystal, float(waves[2]) / length, 1 / length


def _voxel_sizes() -> Iterator[Mark]:
    """The same seeds in smaller and smaller voxels; of two dimensions beside finite elements."""
    for ratio in RATIOS:
        found = {n: _grains((n,) * 3, ratio) for n in (48, 96, 144)}
        ways = [one.effective_conductivity for one in found.values()]
        changes = [way / ways[-1] - 1 for way in ways[:-1]]
        balance = max(one.flux_balance for one in found.values())
        yield Mark(
            f"3-D, 64 grains, boundaries of {ratio:g}: change of the conductivity from 24 to 36 "
            "voxels a grain (and from 12)",
            f"{changes[1]:+.2%} ({changes[0]:+.2%}); flux balance {balance:.1e}",
            "within 1 %, balance at most 1e-4",
            abs(changes[1]) <= 0.01 and balance <= 1e-4,
        )
        yield from _beside_elements(ratio)


def _beside_elements(ratio: float) -> Iterator[Mark]:
    judge = solve_conforming(
        voronoi((96, 1, 96), 64, 1), 0.1, 0.1 * ratio, WIDTH, element_size=2e-6, refinement=16
    )
    found = [_grains((n, 1, n), ratio) for n in (288, 576, 1152)]
    ways = [one.effective_conductivity / judge.effective_conductivity - 1 for one in found]
    yield Mark(
        f"2-D, 64 grains, boundaries of {ratio:g}: conductivity in 36, 72 and 144 voxels a grain "
        "against finite elements",
        ", ".join(f"{way:+.2%}" for way in ways),
        "the first within 1 %",
        abs(ways[0]) <= 0.01,
    )
    if ratio not in PEAK_RATIOS:
        return
    right = judge.interface_current().peak_over_mean
    currents = [one.interface_current() for one in found]
    peaks = [one.peak_over_mean / right - 1 for one in currents]
    carried = [
        (extrapolate_peak(*pair)["peak_over_mean"].value or 0.0) / right - 1
        for pair in (currents[1:], currents[:2])
    ]
    yield Mark(
        f"2-D, 64 grains, boundaries of {ratio:g}: 1 um peak ({right:.2f} times the mean) against "
        "finite elements, carried on from windows of 7.2 and 14.4 voxels",
        f"{carried[0]:+.1%} ({carried[1]:+.1%} from 3.6 and 7.2; 3.6, 7.2 and 14.4 as they are: "
        + ", ".join(f"{peak:+.1%}" for peak in peaks)
        + ")",
        "within 5 %",
        abs(carried[0]) <= 0.05,
    )


def _grains(shape: tuple[int, int, int], ratio: float) -> PolycrystalConduction:
    return solve_polycrystal(voronoi(shape, 64, 1), 0.1, 0.1 * ratio, WIDTH)


def _lateral_modes() -> Iterator[Mark]:
    """Two kinds of columns alternate: the wave is two columns long."""
    for voxels in (10, 20, 40):
        columns = bricks((8, 1, 1), voxels)
        h = GRAIN / voxels
        tall = Polycrystal(
            columns.grains.repeat(2 * voxels, 2), h, columns.seeds, None, (True, False, False)
        )
        values = np.where(np.arange(8) % 2, 0.1, 1.0)
        decay = solve_polycrystal(
            tall, values, 1e-4, WIDTH, layers=Layer(2 * GRAIN, 0.1), tolerance=1e-8
        ).decay("1 um")
        error = decay.decay_lengths[0] / (2 * GRAIN / (2 * math.pi)) - 1
        yield Mark(
            f"a wave of 20 um over {2 * voxels} voxels: decay length in the layer against L / 2 pi",
            f"off by {error:+.2%}",
            "within 1 %",
            abs(error) <= 0.01 and abs(decay.wavelengths[0] / (2 * GRAIN) - 1) < 1e-9,
        )


def _stripes() -> Mark:
    """Half of a face touches, in stripes: by conformal mapping (recalled) as if the sample were
    longer by (period / pi) ln(1 / sin(pi / 4))."""
    errors = []
    for voxels in (32, 64, 128):
        polycrystal = bricks((2, 1, 4), voxels)
        touched = np.zeros((2 * voxels, 1), bool)
        touched[: voxels // 2] = touched[voxels : voxels + voxels // 2] = True
        # An insulating side mirrors: stripes of a grain's width, two grains apart.
        touched[voxels:] = touched[voxels:][::-1]
        found = solve_polycrystal(polycrystal, 1.0, 1e4, WIDTH, contact=touched, tolerance=1e-8)
        exact = 4 * GRAIN + 2 * GRAIN / math.pi * math.log(1 / math.sin(math.pi / 4))
        errors.append((found.stack_resistance - exact) / (exact - 4 * GRAIN))
    limit = 2 * errors[2] - errors[1]
    return Mark(
        "contact in stripes, half of the face: constriction in 64, 128 and 256 voxels a period",
        ", ".join(f"{error:+.2%}" for error in errors) + f"; extrapolated {limit:+.2%}",
        "the extrapolated one within 0.5 %",
        abs(limit) <= 0.005,
    )


def _layers_found() -> Iterator[Mark]:
    bare = solve_polycrystal(voronoi((64, 64, 64), 64), 0.1, 1e-5, WIDTH, bias=0.1)
    for wanted in (1.1, 1.5):
        search = find_layer(bare, wanted, ["1e-5 S/cm", "1e-4 S/cm", "1 mS/cm"])
        reached = [one.peak for one in search.layers]
        told = "; ".join(
            f"{one.conductivity:g} S/m: {_um(one.thickness)} um (waves alone "
            f"{_um(one.estimated_thickness)}), {one.solves} solutions"
            for one in search.layers
        )
        yield Mark(
            f"layer for a 1 um peak below {wanted:g} times the mean ({search.bare_peak:.1f} bare)",
            f"{told}; solved peaks {', '.join(f'{peak:.3f}' for peak in reached)}",
            "all peaks below, by at most 5 % of the excess",
            all(wanted - 0.05 * (wanted - 1) <= peak <= wanted for peak in reached),
        )
    yield _single_reference(bare)


def _single_reference(bare: PolycrystalConduction) -> Mark:
    """A layer changes the ceramic's own resistance little, the stack's by what it adds."""
    layered = solve_polycrystal(
        bare.polycrystal, 0.1, 1e-5, WIDTH, layers=Layer("10 um", "1e-4 S/cm", "both")
    )
    added = (layered.stack_resistance - bare.stack_resistance) / (2 * 10e-6 / 1e-2) - 1
    return Mark(
        "two layers of 10 um and 1e-4 S/cm: resistance they add, over thickness by conductivity",
        f"{added:+.2%} (currents spread in the layer)",
        "0 to +10 %",
        0 <= added <= 0.1,
    )


def _um(length: float | None) -> str:
    return "none" if length is None else f"{1e6 * length:.2f}"


if __name__ == "__main__":
    finish(marks())
