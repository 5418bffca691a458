"""Voltages on a grid by conjugate gradients, preconditioned by multigrid, refined in double."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.threads import share_out
from solith.transport import _kernels
from solith.transport._multigrid import Grid, fill_ghosts, precondition

__all__ = ["Solved", "solve_voltage"]

Array = NDArray[Any]

_GAIN = 1e-4
"""By how much a run in single precision may lower the residual before it is computed anew."""


@dataclass(frozen=True)
class Solved:
    """How a solution was reached: residual over that of no voltage at all, iterations."""

    residual: float
    iterations: int
    converged: bool


def solve_voltage(
    grid: Grid,
    voltage: Array,
    jump: tuple[int, float],
    scale: float,
    tolerance: float,
    most: int,
    tick: Callable[[int, float], None],
) -> Solved:
    """Improves ``voltage`` (double, by colour, with its ghosts) until the currents balance.

    ``jump`` is as in :func:`fill_ghosts`; ``scale`` is the norm of the residual that counts as one.
    """
    level = grid.levels[0]
    residual = np.zeros(voltage.shape, np.float32)
    new, direction, flow = (np.zeros_like(residual) for _ in range(3))

    def run(kernel: Callable[..., Any], *arguments: Any) -> Any:
        return share_out(kernel, level.rows, level.cells, *arguments)

    iterations = 0
    while True:
        fill_ghosts(voltage, level.periodic, jump)
        run(_kernels.flow_out, voltage, level.conductances, residual)
        np.negative(residual, out=residual)
        size = start = float(np.sqrt(run(_kernels.inner, residual, residual)))
        if size <= tolerance * scale or iterations >= most:
            return Solved(size / scale if scale else 0.0, iterations, size <= tolerance * scale)
        direction[:] = 0.0
        before, begun = 1.0, iterations
        while iterations < most and size > max(0.7 * tolerance * scale, _GAIN * start):
            precondition(grid, new, residual)
            product = run(_kernels.inner, new, residual)
            run(_kernels.update_direction, direction, new, product / before if before else 0.0)
            fill_ghosts(direction, level.periodic)
            power = run(_kernels.flow_out, direction, level.conductances, flow)
            if not (power > 0.0 and product > 0.0):
                break
            size = float(
                np.sqrt(run(_kernels.step, voltage, residual, direction, flow, product / power))
            )
            before = product
            iterations += 1
            tick(iterations, size / scale)
        if iterations == begun:  # rounding leaves no direction that helps
            return Solved(size / scale, iterations, converged=False)
