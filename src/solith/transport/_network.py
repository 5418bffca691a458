"""The voltages of a network of voxels between two ends, or in a periodic one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import ConvergenceError, InputError
from solith.core.progress import Progress
from solith.core.threads import share_out
from solith.transport import _kernels
from solith.transport._conjugate_gradients import solve_voltage
from solith.transport._faces import faces_of
from solith.transport._multigrid import Grid, fill_ghosts, grid_of
from solith.transport._phase_tables import FaceTables, not_negative
from solith.transport._spanning import keep_spanning

__all__ = [
    "Balanced",
    "Solution",
    "balance_grid",
    "solve_network",
    "tolerance_of",
    "unbalanced",
]

Array = NDArray[Any]

_MOST_ITERATIONS = 2000
"""Some 20 do; islands that conduct 10^4 times as well as what they lie in take some 1000."""
_UNEVEN = 100.0
"""Planes may differ in current by this many times the tolerance, relative to their mean."""
_FINEST = 1e-6
"""Where currents are uneven, the residual is lowered to at most this part of the tolerance."""
_USELESS = 1e-3
"""A spread of the current through planes that is worth no answer, relative to its mean."""
_DOUBTFUL = 1e-2
"""A spread that a flag tells."""
_ADVICE = "the conductivities are too far apart to be resolved: set what hardly conducts to zero"


@dataclass(frozen=True)
class Solution:
    """Voltages for a drop of 1 V over the volume, and the currents that follow.

    ``voltage`` [V] by voxel, NaN where no current can flow; ``planes[d]`` [A] is the current
    through every plane of faces in direction d, the ends included; ``spanning`` counts the voxels
    that join both ends.
    """

    voltage: Array
    planes: tuple[Array, Array, Array]
    spanning: int
    residual: float
    iterations: int


@dataclass(frozen=True)
class Balanced:
    """Voltages in the layout by colour, and the currents through planes in units of the faces."""

    voltage: Array
    planes: tuple[Array, Array, Array]
    residual: float
    iterations: int

    def in_order(self, codes: Array, empty: int) -> Array:
        """The voltage by voxel, NaN where the code is ``empty``."""
        natural = np.empty(codes.shape)
        rows = codes.shape[0] * codes.shape[1]
        share_out(_kernels.natural_order, rows, codes.size, self.voltage, codes, empty, natural)
        return natural


def tolerance_of(given: Any) -> float:
    """A tolerance as a number; :class:`InputError` for one that is not between 1e-12 and 1."""
    tolerance = not_negative(given, "", "tolerance")
    if not 1e-12 <= tolerance < 1:
        raise InputError(f"{given!r} is not between 1e-12 and 1", where="tolerance")
    return tolerance


def unbalanced(flux_balance: float) -> tuple[str, ...]:
    """A flag where the current differs too much from plane to plane."""
    if flux_balance <= _DOUBTFUL:
        return ()
    told = f"the current through planes differs by {100 * flux_balance:.2g} %"
    return (f"{told}: lower the tolerance",)


def solve_network(
    codes: Array,
    tables: FaceTables,
    axis: int,
    periodic: tuple[bool, bool, bool],
    tolerance: float,
    progress: Progress,
) -> Solution:
    """The voltages of a volume of codes, its axes in the order of the loops.

    Where ``axis`` is not periodic, the first end is at 1 V and the last at 0 V, and voxels that do
    not join both get the last code. Raises :class:`ConvergenceError`.
    """
    progress.report(0.0, "joining voxels")
    empty = len(tables.between[0]) - 1
    spanning = keep_spanning(codes, tables, axis, periodic, empty)
    if spanning == 0:
        return _nothing(codes.shape, 0)
    if periodic[axis] and codes.shape[axis] == 1:
        return _one_period(codes, tables, axis)
    # One periodic voxel is its own neighbour, which carries no current across the axis.
    wraps = tuple(on and n > 1 for on, n in zip(periodic, codes.shape, strict=True))
    periodic = (wraps[0], wraps[1], wraps[2])
    progress.report(0.02, "coarsening")
    cells: tuple[int, int, int] = codes.shape
    solved = balance_grid(
        grid_of(faces_of(codes, tables, axis, periodic)), cells, axis, tolerance, progress
    )
    natural = solved.in_order(codes, empty)
    progress.report(1.0, "conduction solved")
    i, j, k = (tables.scale * through for through in solved.planes)
    return Solution(natural, (i, j, k), spanning, solved.residual, solved.iterations)


def balance_grid(
    grid: Grid, cells: tuple[int, int, int], axis: int, tolerance: float, progress: Progress
) -> Balanced:
    """The voltages of a grid of ``cells``, all of which join both ends or have no conductance.

    Raises :class:`ConvergenceError`.
    """
    level = grid.levels[0]
    periodic = level.periodic
    voltage = np.zeros((2, *level.conductances.shape[1:]))
    jump = float(periodic[axis])
    scale = _residual_without_voltage(level.conductances, voltage, periodic, axis)
    _start_with_a_line(voltage, axis, cells[axis], periodic[axis])

    def tick(iterations: int, residual: float) -> None:
        done = math.log(max(residual, tolerance)) / math.log(tolerance) if residual < 1 else 0.0
        progress.report(0.1 + 0.85 * done, f"iteration {iterations}, residual {residual:.1e}")

    wanted, iterations = tolerance, 0
    while True:
        solved = solve_voltage(grid, voltage, (axis, jump), scale, wanted, _MOST_ITERATIONS, tick)
        iterations += solved.iterations
        planes = [_plane_currents(voltage, level.conductances, d)[: cells[d] + 1] for d in range(3)]
        through = planes[axis]
        even = np.ptp(through) <= _UNEVEN * tolerance * abs(np.mean(through))
        if not solved.converged or even or wanted <= _FINEST * tolerance:
            break
        wanted *= 0.3
    if solved.residual > tolerance:
        raise ConvergenceError(
            f"conduction: the residual is {solved.residual:.1e} after {iterations} "
            f"iterations, {tolerance:.1e} was wanted; {_ADVICE}"
        )
    spread = float(np.ptp(through) / abs(np.mean(through)))
    if spread > max(_USELESS, _UNEVEN * tolerance):
        raise ConvergenceError(
            f"conduction: the currents through planes across the axis differ by {spread:.1e} of "
            f"their mean after {iterations} iterations; {_ADVICE}"
        )
    return Balanced(voltage, (planes[0], planes[1], planes[2]), solved.residual, iterations)


def _plane_currents(voltage: Array, conductances: Array, direction: int) -> Array:
    rows = voltage.shape[1] * voltage.shape[2]
    planes: Array = share_out(
        _kernels.plane_currents, rows, voltage.size, voltage, conductances, direction
    )
    return planes


def _nothing(shape: tuple[int, ...], spanning: int) -> Solution:
    i, j, k = (np.zeros(size + 1) for size in shape)
    return Solution(np.full(shape, np.nan), (i, j, k), spanning, 0.0, 0)


def _one_period(codes: Array, tables: FaceTables, axis: int) -> Solution:
    """A periodic volume one voxel long: every voxel feels the whole drop, and none flows aside."""
    table = tables.between[axis].diagonal()
    current = tables.scale * sum(float(table[part].sum(dtype=np.float64)) for part in codes)
    planes = [np.zeros(size + 1) for size in codes.shape]
    planes[axis][:] = current
    empty = len(table) - 1
    voltage = np.where(codes == empty, np.nan, 0.5)
    spanning = int(np.count_nonzero(codes != empty))
    return Solution(voltage, (planes[0], planes[1], planes[2]), spanning, 0.0, 0)


def _residual_without_voltage(
    conductances: Array, voltage: Array, periodic: tuple[bool, bool, bool], axis: int
) -> float:
    """The norm of the currents that flow where all voxels are at 0 V, which counts as one."""
    ends = np.moveaxis(voltage, axis + 1, 0)
    if not periodic[axis]:
        ends[0] = 1.0
    fill_ghosts(voltage, periodic, (axis, float(periodic[axis])))
    flow = np.zeros(voltage.shape, np.float32)
    rows = (voltage.shape[1] - 2) * (voltage.shape[2] - 2)
    share_out(_kernels.flow_out, rows, voltage.size, voltage, conductances, flow)
    return float(np.sqrt(share_out(_kernels.inner, rows, voltage.size, flow, flow)))


def _start_with_a_line(voltage: Array, axis: int, cells: int, periodic: bool) -> None:
    """The voltage of a homogeneous volume, as good as it can be told from the layout by colour."""
    inside = np.moveaxis(voltage, axis + 1, 0)[1:-1]
    step = cells / inside.shape[0] / cells
    line = 1.0 - step * (np.arange(inside.shape[0]) + 0.5)
    inside[:] = line.reshape(-1, 1, 1, 1)
    ends = np.moveaxis(voltage, axis + 1, 0)
    ends[0], ends[-1] = float(not periodic), 0.0
