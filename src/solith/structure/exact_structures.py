"""Structures whose conductivity or surface is known, to check measures and solvers against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from solith.core.errors import InputError
from solith.core.volume import Volume, axis_number
from solith.structure._drawing import Grid, draw_spheres
from solith.structure._given import require_fraction, whole_number, whole_numbers

__all__ = ["generate_checkerboard", "generate_cubic_spheres", "generate_laminate"]


def generate_laminate(
    shape: Sequence[int], thicknesses: Sequence[int], axis: str | int = "z", voxel_size: Any = 1.0
) -> Volume:
    """Layers normal to ``axis``, so many voxels thick each, over and over: phases ``0``, ``1``, ...

    Exact on voxels: conductivities add up in parallel along the layers, resistivities across them.
    :class:`InputError` where the layers do not fill the volume a whole number of times.
    """
    grid, along = Grid.of(shape, voxel_size), axis_number(axis)
    thick = whole_numbers(thicknesses, "voxels", "thicknesses")
    if not 0 < len(thick) < 256:
        raise InputError(f"{len(thick)} layers are not 1 to 255", where="thicknesses")
    layers = np.repeat(np.arange(len(thick), dtype=np.uint8), thick)
    times, rest = divmod(grid.shape[along], len(layers))
    if rest:
        raise InputError(
            f"layers of {len(layers)} voxels do not fill {grid.shape[along]}", where="thicknesses"
        )
    labels = np.zeros(grid.shape, np.uint8)
    labels += np.tile(layers, times).reshape([-1 if one == along else 1 for one in range(3)])
    return Volume(labels, voxel_size=grid.voxel_size)


def generate_checkerboard(
    shape: Sequence[int], side: int, axis: str | int = "z", voxel_size: Any = 1.0
) -> Volume:
    """Square columns along ``axis``, ``side`` voxels wide, black on white: phases ``0`` and ``1``.

    Across the columns the conductivity is the square root of the product of both (Dykhne 1970,
    recalled); voxels come near it only slowly, because current crowds in the corners.
    :class:`InputError` where the fields are no even number across.
    """
    grid, along = Grid.of(shape, voxel_size), axis_number(axis)
    side = whole_number(side, "voxels", "side")
    across = [one for one in range(3) if one != along]
    if any(grid.shape[one] % (2 * side) for one in across):
        raise InputError(
            f"fields of {side} voxels are no even number across "
            f"{' x '.join(str(grid.shape[one]) for one in across)}",
            where="side",
        )
    fields = [
        (np.arange(grid.shape[one]) // side).reshape([-1 if i == one else 1 for i in range(3)])
        for one in across
    ]
    labels = np.zeros(grid.shape, np.uint8)
    labels += ((fields[0] + fields[1]) % 2).astype(np.uint8)
    return Volume(labels, voxel_size=grid.voxel_size)


def generate_cubic_spheres(
    side: int, fraction: float, cells: int = 1, voxel_size: Any = 1.0
) -> Volume:
    """A simple cubic array of spheres: phases ``matrix`` 0 and ``particle`` 1.

    Each of ``cells`` along every axis is ``side`` voxels wide with a sphere in its middle, whose
    exact volume is ``fraction`` of it, up to pi/6 where spheres touch. A voxel belongs to the
    sphere if its centre does: the fraction of voxels differs from the exact one by some
    ``side ** -2``, so compare at the voxels' own fraction, or extrapolate in ``1 / side``.
    Exact conductivities: McPhedran and McKenzie, https://doi.org/10.1098/rspa.1978.0031 (recalled).
    """
    wanted = require_fraction(fraction, np.pi / 6)
    side, cells = whole_number(side, "voxels", "side"), whole_number(cells, "cells", "cells")
    one = Grid.of((side,) * 3, 1.0)
    cell = np.zeros(one.shape, np.uint8)
    radius = side * (3 * wanted / (4 * np.pi)) ** (1 / 3)
    draw_spheres(cell, one, np.full((1, 3), side / 2), np.array([radius]), 1)
    sizes = Grid.of(one.shape, voxel_size).voxel_size
    return Volume(np.tile(cell, (cells,) * 3), ["matrix", "particle"], sizes)
