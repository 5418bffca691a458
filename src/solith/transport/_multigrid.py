"""A multigrid cycle for voltages on a grid of conductances.

Cells are joined to 2 x 2 x 2; their voltages are taken as equal, and the conductance between two
joined cells is half the sum of those between their parts, because the distance has doubled
(recalled: Braess 1995, doi:10.1007/BF02238538, there as a factor of the correction). Each coarser
grid is visited twice (W-cycle) and smoothed by red-black Gauss-Seidel, in symmetric order, so that
conjugate gradients can use the cycle as their preconditioner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.threads import share_out
from solith.transport import _kernels
from solith.transport._faces import Faces, coarser, dense, split_by_color

__all__ = ["Grid", "Level", "fill_ghosts", "grid_of", "precondition"]

Array = NDArray[Any]

_DIRECT_CELLS = 30
"""A grid of at most so many cells is solved directly."""
_WEAK = 0.3
"""A direction is not coarsened where it conducts less than this part of the best one."""


@dataclass(frozen=True)
class Level:
    """One grid: its conductances by red cell, and how the next coarser one follows from it."""

    conductances: Array
    periodic: tuple[bool, bool, bool]
    factors: tuple[int, int]
    voltage: Array
    right: Array

    @property
    def rows(self) -> int:
        _, i, j, _ = self.conductances.shape
        return int((i - 2) * (j - 2))

    @property
    def cells(self) -> int:
        places = int(self.conductances.shape[3]) - 2
        return self.rows * 2 * places


@dataclass(frozen=True)
class Grid:
    """All levels, the finest first, and the inverse on the coarsest.

    The arrays ``voltage`` and ``right`` of the finest level are empty: callers bring their own.
    """

    levels: tuple[Level, ...]
    inverse: Array


def grid_of(faces: Faces) -> Grid:
    """The levels that stand on the finest faces (padded to even numbers of cells)."""
    levels: list[Level] = []
    while True:
        i, j, k = faces.shape
        last = i * j * k <= _DIRECT_CELLS
        factors = (1, 1) if last else _factors(faces)
        conductances = split_by_color(faces)
        shape = (2, *conductances.shape[1:]) if levels else (2, 0, 0, 0)
        levels.append(
            Level(
                conductances,
                faces.periodic,
                factors,
                np.zeros(shape, np.float32),
                np.zeros(shape, np.float32),
            )
        )
        if last:
            return Grid(tuple(levels), np.linalg.pinv(dense(faces), hermitian=True))
        faces = coarser(faces, factors)


def precondition(grid: Grid, voltage: Array, right: Array) -> None:
    """Into ``voltage`` goes what a cycle, begun at zero, makes of the currents ``right``."""
    _solve(grid, 0, voltage, right, cycles=1)


def fill_ghosts(
    array: Array, periodic: tuple[bool, bool, bool], jump: tuple[int, float] = (0, 0.0)
) -> None:
    """Ghosts of periodic directions repeat the other side.

    ``jump`` names a direction and by how much voltages fall along it from one period to the next.
    """
    for direction in range(3):
        if periodic[direction]:
            ends = np.moveaxis(array, direction + 1, 0)
            fall = jump[1] if direction == jump[0] else 0.0
            ends[0], ends[-1] = ends[-2] + fall, ends[1] - fall


def _solve(grid: Grid, depth: int, voltage: Array, right: Array, cycles: int) -> None:
    level = grid.levels[depth]
    if depth == len(grid.levels) - 1:
        _solve_directly(grid.inverse, voltage, right)
        return
    coarse = grid.levels[depth + 1]
    voltage[1] = 0.0
    _relax(level, voltage, right, 0)
    for _ in range(cycles):
        _relax(level, voltage, right, 1)
        joined = (coarse.right.shape[1] - 2) * (coarse.right.shape[2] - 2)
        share_out(
            _kernels.restrict,
            joined,
            level.cells,
            voltage,
            right,
            level.conductances,
            coarse.right,
            *level.factors,
        )
        _solve(grid, depth + 1, coarse.voltage, coarse.right, cycles=2)
        share_out(
            _kernels.add_coarse, level.rows, level.cells, voltage, coarse.voltage, *level.factors
        )
        fill_ghosts(voltage, level.periodic)
        _relax(level, voltage, right, 1)
        _relax(level, voltage, right, 0)


def _relax(level: Level, voltage: Array, right: Array, color: int) -> None:
    share_out(_kernels.relax, level.rows, level.cells, voltage, right, level.conductances, color)
    fill_ghosts(voltage, level.periodic)


def _solve_directly(inverse: Array, voltage: Array, right: Array) -> None:
    inside = right[:, 1:-1, 1:-1, 1:-1]
    solved = inverse @ inside.ravel().astype(np.float64)
    voltage[:, 1:-1, 1:-1, 1:-1] = solved.reshape(inside.shape)


def _factors(faces: Faces) -> tuple[int, int]:
    """By how much the first two directions are coarsened; the third always is."""
    strength = [
        float(np.mean(part[_inner(axis)])) if size > 1 else 0.0
        for axis, (part, size) in enumerate(zip(faces.along, faces.cells, strict=True))
    ]
    strongest = max(strength)
    first, second = (
        1 if size == 1 or part < _WEAK * strongest else 2
        for size, part in zip(faces.cells[:2], strength[:2], strict=True)
    )
    return first, second


def _inner(axis: int) -> tuple[slice, ...]:
    return tuple(slice(1, -1) if direction == axis else slice(None) for direction in range(3))
