"""Spheres at random, hard or overlapping, with a coating if wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.core.volume import Volume
from solith.structure._drawing import Grid, draw_spheres, meet_fraction
from solith.structure._given import require_fraction, seeded
from solith.structure.diameters import draw_diameters, widest
from solith.structure.packing import Packing, pack_spheres

__all__ = ["draw_packing", "generate_spheres"]


def generate_spheres(
    shape: Sequence[int],
    voxel_size: Any,
    fraction: float,
    diameter: Any,
    *,
    overlapping: bool = False,
    gap: Any = 0.0,
    coating: Any = None,
    stretch: Sequence[float] = (1.0, 1.0, 1.0),
    periodic: bool = True,
    seed: int = 0,
) -> Volume:
    """Spheres at random in a matrix: phases ``matrix`` 0, ``particle`` 1, and ``coating`` 2.

    ``fraction`` of the voxels are particles; ``diameter`` is one length, a
    :class:`LognormalDiameters` or a list of lengths. Hard spheres keep ``gap`` between them, and
    fit up to some 0.6; overlapping ones lie anywhere (Boolean model). A ``coating`` [m] lies
    around them where there was matrix. ``stretch`` draws the whole structure out along x, y and z:
    spheres become ellipsoids. Radii are adjusted by a common factor to meet the fraction in voxels.

    The structure repeats on all sides, unless ``periodic`` is false: then it is cut out of a larger
    one. The same ``seed`` gives the same volume. Raises :class:`InputError` for what is no such
    structure, :class:`ConvergenceError` where particles do not fit or voxels are too coarse.
    """
    wanted = require_fraction(fraction, 0.999 if overlapping else 0.7)
    layer = 0.0 if coating is None else to_si(coating, "m")
    margin = 2 * (widest(diameter) + 2 * layer + to_si(gap, "m"))
    grid = Grid.of(shape, voxel_size, stretch, periodic=periodic, margin=margin)
    if coating is not None and layer < max(grid.voxel_size):
        raise InputError(
            f"a coating of {layer:.4g} m is thinner than a voxel ({max(grid.voxel_size):.4g} m); "
            "let the solver know it by its resistance on the faces instead",
            where="coating",
        )
    if overlapping:
        if to_si(gap, "m") != 0:
            raise InputError("spheres that overlap keep no gap", where="gap")
        packing = _anywhere(grid, wanted, diameter, seed)
    else:
        between = to_si(gap, "m") + 2 * layer
        packing = pack_spheres(list(grid.box), wanted, diameter, gap=between, seed=seed)
    labels = np.zeros(grid.shape, np.uint8)
    meet_fraction(
        labels,
        lambda size: draw_spheres(labels, grid, packing.centres, packing.radii * size, 1),
        wanted,
        *(0.3, 1.0, 3.0),
    )
    phases = ["matrix", "particle"]
    if coating is not None:
        phases.append("coating")
        draw_spheres(labels, grid, packing.centres, packing.radii, 2, onto=0, coating=layer)
    return Volume(labels, phases, grid.voxel_size)


def draw_packing(packing: Packing, voxel_size: Any) -> Volume:
    """A packing on voxels, as it is: phases ``matrix`` 0 and ``particle`` 1.

    The box must be a whole number of voxels wide along each axis, or :class:`InputError`. The
    fraction of voxels differs a little from that of the spheres.
    """
    sizes = np.array(Grid.of((1, 1, 1), voxel_size).voxel_size)
    sides = np.array(packing.size) / sizes
    shape = [max(round(side), 1) for side in sides]
    if np.abs(sides - shape).max() > 1e-6 * max(shape):
        raise InputError(
            f"the box is {' x '.join(f'{side:.6g}' for side in sides)} voxels wide, not whole ones",
            where="voxel_size",
        )
    grid = Grid.of(shape, sizes)
    labels = np.zeros(grid.shape, np.uint8)
    draw_spheres(labels, grid, packing.centres, packing.radii, 1)
    return Volume(labels, ["matrix", "particle"], grid.voxel_size)


def _anywhere(grid: Grid, fraction: float, diameter: Any, seed: int) -> Packing:
    chance = np.random.default_rng(seeded(seed))
    box = grid.box
    volume = -float(np.log1p(-fraction)) * float(np.prod(box))
    radii = draw_diameters(diameter, volume, chance) / 2
    centres = chance.random((len(radii), 3)) * box
    return Packing(centres, radii, (float(box[0]), float(box[1]), float(box[2])))
