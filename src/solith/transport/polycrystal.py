"""Steady conduction through a polycrystal: grains, boundaries that resist, layers on its faces."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal
from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.core.volume import AXES, axis_number
from solith.transport import _polycrystal_kernels as kernels
from solith.transport._multigrid import Grid, grid_of
from solith.transport._network import balance_grid
from solith.transport._polycrystal_problem import Problem, read_layers, read_problem
from solith.transport._polycrystal_stack import Stack
from solith.transport.interface_currents import (
    GrainCurrent,
    InterfaceCurrent,
    LayerDecay,
    average_interface,
    average_over_grains,
    follow_decay,
)
from solith.transport.polycrystal_layers import Layer

__all__ = ["PolycrystalConduction", "solve_polycrystal", "with_layers"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class PolycrystalConduction:
    """How a polycrystal with its layers conducts along one axis, from the first face to the last.

    * ``effective_conductivity`` [S/m]: of the ceramic, from the power that goes into it; without
      layers, that of a homogeneous medium of the same resistance. Narrow contacts count as its own.
    * ``stack_resistance`` [ohm m2, geometric area]: of everything between the electrodes.
    * ``bulk_share`` and ``boundary_share``: parts of the ceramic's resistance R that follow those
      of grains and boundaries, d ln R / d ln r, which is the power in them. ``along_share``: the
      power that goes into boundaries along themselves, if they conduct so. Their sum is 1.
    * ``layer_share`` and ``interface_share``: parts of the stack's, in the layers and between
      layers and grains.
    * ``tortuosity_factor``: the mean conductivity of the grains over the effective one.
    * ``residual`` and ``flux_balance`` are those of :class:`solith.transport.Conduction`.
    * ``flags``: what makes a value doubtful or zero.
    """

    polycrystal: Polycrystal
    axis: int
    bias: float
    layers: tuple[Layer, ...]
    effective_conductivity: float
    stack_resistance: float
    bulk_share: float
    boundary_share: float
    along_share: float
    layer_share: float
    interface_share: float
    tortuosity_factor: float
    residual: float
    flux_balance: float
    iterations: int
    flags: tuple[str, ...]
    stack: Stack
    voltage: Array
    problem: Problem

    @property
    def current_density(self) -> float:
        """The mean through the cross-section [A/m2]."""
        return self.bias / self.stack_resistance

    @property
    def potential(self) -> Array:
        """By voxel [V], layers included, axes x, y, z; NaN where no current can flow."""
        return self.bias * self.voltage.transpose(np.argsort(self.stack.order))

    def interface_current(
        self, window: Any = "1 um", *, side: str = "last", depth: Any = None
    ) -> InterfaceCurrent:
        """Current density averaged over squares with the edge ``window`` [m or text].

        Through the electrode of a ``side``; or at a ``depth`` [m or text] from the ceramic's face
        into the layer, negative inside the ceramic. The value of a single voxel is no result: at
        the corners of boundaries it grows without end the smaller the voxels are.

        Raises :class:`InputError`.
        """
        self._require_current()
        return average_interface(self.stack, self.voltage, self.bias, window, side, depth)

    def grain_current(
        self, *, side: str = "last", depth: Any = None, least_area: Any = None
    ) -> GrainCurrent:
        """Mean current density of every grain at a face, over the area it has there.

        With a layer, through the electrode (or at ``depth``) over the area that lies above the
        grain. Grains of less than ``least_area`` [m2 or text] there are left out; by default a
        twentieth of the mean.

        Raises :class:`InputError`.
        """
        self._require_current()
        return average_over_grains(self.stack, self.voltage, self.bias, side, depth, least_area)

    def decay(self, window: Any = "1 um", *, side: str = "last") -> LayerDecay:
        """How the current evens out in a layer, from the ceramic's face to the electrode.

        Raises :class:`InputError` where the side has no layer.
        """
        self._require_current()
        return follow_decay(self.stack, self.voltage, self.bias, window, side)

    @property
    def result(self) -> Result:
        """The values as a result that prints itself and goes into a report."""
        told = partial(Value, method="voxels, boundaries by their true normals")
        dead = self.effective_conductivity == 0
        return Result(
            f"polycrystal along {AXES[self.axis]}",
            (
                told(
                    "effective_conductivity", self.effective_conductivity, "S/m", flags=self.flags
                ),
                told(
                    "stack_resistance",
                    None if dead else self.stack_resistance,
                    "ohm m2",
                    area="geometric",
                    flags=self.flags,
                ),
                told("bulk_share", None if dead else self.bulk_share, flags=self.flags),
                told("boundary_share", None if dead else self.boundary_share, flags=self.flags),
                *self._along(told),
                told("layer_share", None if dead else self.layer_share, flags=self.flags),
                told("interface_share", None if dead else self.interface_share, flags=self.flags),
                told("tortuosity_flux", None if dead else self.tortuosity_factor, flags=self.flags),
            ),
            {
                "residual": self.residual,
                "flux_balance": self.flux_balance,
                "iterations": self.iterations,
                "bias": self.bias,
            },
        )

    def _along(self, told: Callable[..., Value]) -> tuple[Value, ...]:
        if self.problem.boundaries.sheets is None:
            return ()
        dead = self.effective_conductivity == 0
        return (told("along_share", None if dead else self.along_share, flags=self.flags),)

    def _require_current(self) -> None:
        if self.effective_conductivity == 0:
            raise InputError(f"there is no current: {self.flags[0]}")

    def __repr__(self) -> str:
        return str(self.result)

    def _repr_html_(self) -> str:
        return self.result._repr_html_()


def solve_polycrystal(
    polycrystal: Polycrystal,
    grain_conductivity: Any,
    boundary_conductivity: Any,
    boundary_width: Any,
    *,
    axis: str | int = "z",
    layers: Layer | Sequence[Layer] | None = None,
    bias: Any = 1.0,
    boundary: str | None = None,
    contact: Any = None,
    along: Any = None,
    tolerance: float = 1e-6,
    progress: Progress = SILENT,
) -> PolycrystalConduction:
    """Steady conduction through grains and the boundaries between them, along ``axis``.

    ``grain_conductivity`` [S/m or text]: one value, one for each grain (by its number), or a
    :class:`Lognormal`. ``boundary_conductivity`` [S/m or text]: one value; a table by pair of
    grains (``"others"`` stands for those not named); a square array; a function of two arrays of
    grain numbers; or a :class:`Lognormal`. Zero blocks. ``boundary_width`` [m or text]: a boundary
    is a resistance of width over conductivity, across it. ``along`` [S/m or text], given in the
    same ways: its conductivity along itself, half of it on either side of what resists across;
    left out, it conducts nothing along itself (:func:`measure_boundary_leakage` bounds what it
    would). Electrons that leak along boundaries are a call of
    their own, with the electronic conductivities of grains and of boundaries, across and along.

    ``layers``: :class:`Layer` upon the first or last face, from the ceramic outwards, in rows of
    voxels of their own (about as high as the polycrystal's, a whole number to a layer).
    ``contact``: where the last electrode touches: :class:`Patches` or an array of true and false
    over the face, or a table of these by ``"first"`` and ``"last"``. ``boundary``: the sides are
    ``"periodic"`` or ``"insulating"``; left out, as the polycrystal has them. ``bias`` [V or text]
    lies between the outer faces.

    Finite volumes with a boundary's resistance between voxels, corrected for the stairs by the
    boundary's true normal: derived in ``_polycrystal_stack.py``. Solved as :func:`solve_conduction`
    is, to ``tolerance``. What does not conduct from end to end gives zero and a flag.

    Raises :class:`InputError` and :class:`ConvergenceError`.
    """
    problem = read_problem(
        polycrystal,
        grain_conductivity,
        boundary_conductivity,
        boundary_width,
        axis_number(axis),
        bias,
        boundary,
        contact,
        tolerance,
        progress,
        along,
    )
    return _solve(problem, read_layers(polycrystal, problem.axis, layers), progress)


def with_layers(
    conduction: PolycrystalConduction, layers: Sequence[Layer], progress: Progress = SILENT
) -> PolycrystalConduction:
    """The same polycrystal solved again, with other layers."""
    problem = conduction.problem
    return _solve(problem, read_layers(problem.polycrystal, problem.axis, layers), progress)


def _solve(
    problem: Problem, layers: tuple[Layer, ...], progress: Progress
) -> PolycrystalConduction:
    stack = problem.stack(layers)
    progress.report(0.02, "coarsening")
    best = max(0.5 / float(stack.half.min()), float(problem.conductivities.max()))
    scale = best * max(np.prod(stack.widths) / stack.widths**2)
    grid, dropped, kept = _grid(stack, scale)
    conduction = partial(
        PolycrystalConduction,
        polycrystal=problem.polycrystal,
        axis=problem.axis,
        bias=problem.bias,
        layers=layers,
        stack=stack,
        problem=problem,
    )
    if kept == 0:
        return conduction(
            effective_conductivity=0.0,
            stack_resistance=math.inf,
            bulk_share=0.0,
            boundary_share=0.0,
            layer_share=0.0,
            interface_share=0.0,
            tortuosity_factor=math.inf,
            residual=0.0,
            along_share=0.0,
            flux_balance=0.0,
            iterations=0,
            flags=("what conducts does not join the electrodes", *problem.flags),
            voltage=np.full(stack.cells, np.nan),
        )
    solved = balance_grid(grid.pop(), stack.cells, stack.axis, problem.tolerance, progress)
    voltage = solved.in_order(dropped, 1)
    parts, planes = stack.account(voltage)
    progress.report(1.0, "conduction solved")
    power = float(parts.sum())
    bulk, boundary, interface = (float(part) for part in parts[: kernels.LAYERS])
    along, beside = stack.account_sheets(voltage)
    power, planes = power + along, planes + beside
    ceramic = bulk + boundary + along
    # The power is stationary at the solution: exact to the square of the voltages' error.
    effective = problem.polycrystal.size[problem.axis] * power**2 / ceramic / stack.area
    return conduction(
        effective_conductivity=effective,
        stack_resistance=stack.area / power,
        bulk_share=bulk / ceramic,
        boundary_share=boundary / ceramic,
        along_share=along / ceramic,
        layer_share=float(parts[kernels.LAYERS :].sum()) / power,
        interface_share=interface / power,
        tortuosity_factor=problem.mean_conductivity / effective,
        residual=solved.residual,
        flux_balance=float(np.ptp(planes) / planes.mean()),
        iterations=solved.iterations,
        flags=problem.flags,
        voltage=voltage,
    )


def _grid(stack: Stack, scale: float) -> tuple[list[Grid], Array, int]:
    """The grid, held in a list so that it can be let go; voxels without current, and the others.

    The finest faces are let go while the coarser grids are made.
    """
    faces, dropped, kept = stack.faces(scale)
    if kept == 0:
        return [], dropped, 0
    held = [faces]
    del faces
    return [grid_of(held.pop())], dropped, kept
