"""Convex polyhedra at random, as broken or grown grains: shrunken cells around a packing's spheres.

Space is shared out by the power diagram of the spheres (a Voronoi diagram weighted by radius), and
all faces are moved inwards by the same distance until the fraction is met. Aurenhammer,
https://doi.org/10.1137/0216006 (recalled).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.threads import share_out
from solith.core.volume import Volume
from solith.structure._drawing import Grid, meet_fraction
from solith.structure._drawing_kernels import draw_polyhedra
from solith.structure._given import require_fraction, seeded
from solith.structure.diameters import draw_diameters, widest
from solith.structure.packing import Packing, near_spheres, place_spheres

__all__ = ["draw_grains", "generate_polyhedra", "grain_margin"]

_PACKED = 0.5
"""The fraction at which the spheres behind the cells are packed."""
_HOLE = 1.2
"""Of the mean radius: no hole between spheres packed so is larger, nor do cells reach farther."""


def generate_polyhedra(
    shape: Sequence[int],
    voxel_size: Any,
    fraction: float,
    diameter: Any,
    *,
    stretch: Sequence[float] = (1.0, 1.0, 1.0),
    periodic: bool = True,
    seed: int = 0,
) -> Volume:
    """Convex polyhedra apart from each other in a matrix: phases ``matrix`` 0, ``particle`` 1.

    ``fraction`` of the voxels, up to 0.95, are particles; ``diameter`` is that of spheres of the
    same volume, as in :func:`generate_spheres`, which knows the other arguments and errors too.
    Gaps between neighbours are even, and narrow at high fractions: below a voxel they close.
    """
    wanted = require_fraction(fraction, 0.95)
    margin = grain_margin(diameter, wanted)
    grid = Grid.of(shape, voxel_size, stretch, periodic=periodic, margin=margin)
    labels = np.zeros(grid.shape, np.uint8)
    draw_grains(labels, grid, wanted, diameter, np.random.default_rng(seeded(seed)))
    return Volume(labels, ["matrix", "particle"], grid.voxel_size)


def grain_margin(diameter: Any, fraction: float) -> float:
    """How much wider than what is cut out of it the box of grains must be [m]."""
    return 2 * widest(diameter) * _swelling(fraction)


def draw_grains(
    labels: NDArray[np.uint8],
    grid: Grid,
    fraction: float,
    diameter: Any,
    chance: np.random.Generator,
) -> None:
    """Draw polyhedra that fill a ``fraction`` of the voxels, with the label 1."""
    radii = draw_diameters(diameter, fraction * float(np.prod(grid.box)), chance) / 2
    packing = place_spheres(radii * _swelling(fraction), grid.box, 0.0, chance)
    starts, normals, offsets = _faces(packing)
    spacing = np.array(grid.spacing)
    hole = _HOLE * float(packing.radii.mean())
    reach = (packing.radii + hole)[:, np.newaxis] / spacing
    arguments = (labels, 1, packing.centres / spacing, reach, starts, normals * spacing, offsets)
    period = np.array(grid.period, np.int64)
    thick = float(packing.radii.max()) + hole

    def draw(size: float) -> None:
        share_out(
            draw_polyhedra, labels.shape[0], labels.size, *arguments, thick * (1 - size), period
        )

    meet_fraction(labels, draw, fraction, 0.0, 0.9, 1.0)


def _swelling(fraction: float) -> float:
    """How much larger than grains the spheres behind them are."""
    return float((_PACKED / fraction) ** (1 / 3))


def _faces(
    packing: Packing,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Normals and distances from the centre of the planes between each sphere and its neighbours.

    Of a pair whose plane lies behind a centre, that sphere's cell does without its centre.
    """
    box = np.array(packing.size)
    pairs, distances = near_spheres(packing, 2 * _HOLE * float(packing.radii.mean()))
    both = np.concatenate([pairs, pairs[:, ::-1]])
    distance = np.concatenate([distances, distances])
    squares = packing.radii[both[:, 0]] ** 2 - packing.radii[both[:, 1]] ** 2
    offsets = (distance**2 + squares) / (2 * distance)
    order = np.lexsort((offsets, both[:, 0]))  # near faces first, which end a row early
    both, distance, offsets = both[order], distance[order], offsets[order]
    steps = packing.centres[both[:, 1]] - packing.centres[both[:, 0]]
    steps -= box * np.rint(steps / box)
    counts = np.bincount(both[:, 0], minlength=len(packing.radii))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return starts, steps / distance[:, np.newaxis], offsets
