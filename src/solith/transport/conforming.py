"""The referee of conduction through polycrystals: finite elements that follow the boundaries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.polycrystal import Polycrystal
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.core.volume import AXES, axis_number
from solith.transport._conforming_cells import FIRST, LAST, Piece, add_layer, laguerre_pieces
from solith.transport._conforming_currents import density_map, electrode_density, grain_means
from solith.transport._conforming_mesh import BrokenMesh, Joint, MeshSizes, mesh_pieces
from solith.transport._conforming_system import System, Trace, build_system, solve_system
from solith.transport._lateral_maps import highest_window, window_average
from solith.transport._phase_tables import not_negative
from solith.transport._polycrystal_inputs import boundary_conductivities, grain_conductivities
from solith.transport._polycrystal_problem import read_layers
from solith.transport.interface_currents import InterfaceCurrent
from solith.transport.polycrystal_layers import Layer

__all__ = ["ConformingConduction", "solve_conforming"]

Array = NDArray[Any]

_SAMPLES = {1: 512, 2: 16}
"""Cells across a window to which the current is given, by lateral directions. Along a line the
highest window ends where the density leaps; over a face the leaps are slanted."""
_SIDES = {"first": FIRST, "last": LAST}


@dataclass(frozen=True, eq=False, repr=False)
class ConformingConduction:
    """How a polycrystal conducts along one axis, by finite elements that follow its boundaries.

    The values are those of :class:`solith.transport.PolycrystalConduction`. ``unknowns`` and
    ``elements`` are how many there were; ``flux_balance`` is the difference of the electrodes'
    currents over their mean.
    """

    polycrystal: Polycrystal
    axis: int
    bias: float
    effective_conductivity: float
    stack_resistance: float
    bulk_share: float
    boundary_share: float
    layer_share: float
    interface_share: float
    flux_balance: float
    iterations: int
    elements: int
    order: int
    periodic: tuple[bool, bool, bool]
    mesh: BrokenMesh
    system: System
    grains: Array
    voltage: Array

    @property
    def unknowns(self) -> int:
        """Values of the potential that were sought."""
        return len(self.voltage)

    @property
    def current_density(self) -> float:
        """The mean through the cross-section [A/m2]."""
        return self.bias / self.stack_resistance

    def interface_current(self, window: Any = "1 um", *, side: str = "last") -> InterfaceCurrent:
        """Current density through an electrode, averaged over a ``window`` [m or text].

        Squares (lines in two dimensions) around the middles of cells, a 16th of the window (a
        512th) apart, which get the exact current of the elements. Raises :class:`InputError`.
        """
        size = not_negative(window, "m", "window")
        sides = [d for d in range(3) if d != self.axis]
        wide = [d for d in sides if self.polycrystal.shape[d] > 1]
        lengths = [self.polycrystal.size[d] for d in wide]
        if not 0 < size <= min(lengths):
            raise InputError(
                f"{window!r} is not between zero and the face ({min(lengths):.3g} m)",
                where="window",
            )
        cells = _SAMPLES[len(wide)]
        counts = [max(1, round(length / size * cells)) for length in lengths]
        traces = self._traces(side)
        axes = [d for d in range(3) if self.polycrystal.shape[d] > 1]
        found = density_map(
            self._density(traces, side),
            traces,
            [axes.index(d) for d in wide],
            lengths,
            counts,
            self.order,
        )
        shape = [counts[wide.index(d)] if d in wide else 1 for d in sides]
        steps = [self.polycrystal.size[d] / n for d, n in zip(sides, shape, strict=True)]
        spacing, wraps = (steps[0], steps[1]), (self.periodic[sides[0]], self.periodic[sides[1]])
        density = found.reshape(shape)
        averages = window_average(density, size, spacing, wraps)
        peak = highest_window(density, size, spacing, wraps)
        return InterfaceCurrent(averages, peak, spacing, size, 0.0, ())

    def grain_densities(self, *, side: str = "last") -> tuple[Array, Array, Array]:
        """Grains at the electrode of a ``side``, mean current density [A/m2] and area [m2] of each.

        In two dimensions a length [m]. With a layer on that side, areas lie above the grains.
        Raises :class:`InputError`.
        """
        traces = self._traces(side)
        density = self._density(traces, side)
        numbers, means, areas = [], [], []
        for trace in traces:
            mean, area = grain_means(density, trace, self.order)
            numbers.append(self._grain_below(trace.joint.piece))
            means.append(mean * area)
            areas.append(area)
        grains, which = np.unique(numbers, return_inverse=True)
        measure = np.bincount(which, areas)
        return grains, np.bincount(which, means) / measure, measure

    @property
    def result(self) -> Result:
        """The values as a result that prints itself and goes into a report."""
        told = partial(
            Value, method=f"finite elements of order {self.order}, boundaries of no thickness"
        )
        return Result(
            f"polycrystal along {AXES[self.axis]}",
            (
                told("effective_conductivity", self.effective_conductivity, "S/m"),
                told("stack_resistance", self.stack_resistance, "ohm m2", area="geometric"),
                told("bulk_share", self.bulk_share),
                told("boundary_share", self.boundary_share),
                told("layer_share", self.layer_share),
                told("interface_share", self.interface_share),
            ),
            {
                "flux_balance": self.flux_balance,
                "iterations": self.iterations,
                "unknowns": self.unknowns,
                "elements": self.elements,
            },
        )

    def _traces(self, side: str) -> list[Trace]:
        if side not in _SIDES:
            raise UnknownNameError.among("side", str(side), tuple(_SIDES))
        return [trace for trace in self.system.traces if trace.joint.other == _SIDES[side]]

    def _density(self, traces: list[Trace], side: str) -> Array:
        sign = -self.bias if side == "first" else self.bias
        return sign * electrode_density(self.system, self.voltage, traces, self.order)

    def _grain_below(self, piece: int) -> int:
        while self.grains[piece] < 0:
            # A layer's piece was made upon one of lower number, which its first joint leads to.
            piece = min(j.piece for j in self.mesh.joints if j.other == piece)
        return int(self.grains[piece])

    def __repr__(self) -> str:
        return str(self.result)

    def _repr_html_(self) -> str:
        return self.result._repr_html_()


def solve_conforming(
    polycrystal: Polycrystal,
    grain_conductivity: Any,
    boundary_conductivity: Any,
    boundary_width: Any,
    *,
    axis: str | int = "z",
    layers: Layer | Sequence[Layer] | None = None,
    element_size: Any = None,
    refinement: float = 4.0,
    order: int = 2,
    bias: Any = 1.0,
    boundary: str | None = None,
) -> ConformingConduction:
    """Steady conduction through the exact cells of a polycrystal's seeds, by finite elements.

    Slow and exact, to judge :func:`solve_polycrystal`, whose other arguments it takes: grains are
    polygons or polyhedra, meshed each by itself on faces that two of them share; a boundary is a
    jump of the potential over elements of no thickness, with the resistance of width over
    conductivity. ``element_size`` [m or text], a sixth of the mean grain's edge where left out, is
    made ``refinement`` times finer where boundaries meet an electrode, and where they meet each
    other (there, in three dimensions, by the square root only). ``order`` of the elements: 1 or 2.
    The defaults serve the conductivity; a peak over 1 um among grains of 10 um takes elements of
    0.3 um at the electrode. Where a boundary ends at a layer that conducts less, without an
    interface's resistance, convergence is slow: compare with a ``refinement`` ten times as large.

    Layers cover their face wholly. Conductivities are all positive. Needs ``solith[fem]``
    (scikit-fem and Gmsh).

    Raises :class:`InputError` and :class:`ConvergenceError`.
    """
    _require_seeds(polycrystal)
    along = axis_number(axis)
    wide = [d for d in range(3) if polycrystal.shape[d] > 1]
    if along not in wide or len(wide) < 2:
        raise InputError(f"the polycrystal is one voxel thin along {AXES[along]}", where="axis")
    if order not in (1, 2):
        raise InputError(f"{order!r} is none of the orders 1 and 2", where="order")
    periodic = _wraps(polycrystal, along, boundary)
    volts = _positive(bias, "V", "bias")
    width = _positive(boundary_width, "m", "boundary_width")
    inner = grain_conductivities(grain_conductivity, polycrystal.count)
    if np.any(inner <= 0):
        raise InputError("every grain has to conduct here", where="grain_conductivity")
    stack = read_layers(polycrystal, along, layers)
    size = np.array([polycrystal.size[d] for d in wide])
    unit = float(np.prod(size) / polycrystal.count) ** (1 / len(wide))
    edge = unit / 6 if element_size is None else _positive(element_size, "m", "element_size")
    if not 1 <= refinement <= 1e4:
        raise InputError(f"{refinement!r} is not between 1 and 10000", where="refinement")
    pieces = _pieces_of(polycrystal, wide, wide.index(along), periodic, stack, unit)
    heights = np.concatenate(
        [face.corners[:, wide.index(along)] for piece in pieces for face in piece.faces]
    )
    sizes = MeshSizes(
        edge / unit,
        edge / unit / (refinement if len(wide) == 2 else math.sqrt(refinement)),
        edge / unit / refinement,
        wide.index(along),
        (float(heights.min()), float(heights.max())),
    )
    scaled = mesh_pieces(pieces, sizes)
    mesh = BrokenMesh(scaled.points * unit, scaled.simplices, scaled.pieces, scaled.joints)
    grains = np.array([piece.grain for piece in pieces])
    of_layers = np.array([to_si(layer.conductivity, "S/m") for layer in stack])
    # Layers count down from -1.
    conductivities = np.concatenate([inner, of_layers[::-1]])[grains]
    resistances = _resistances(
        mesh.joints, grains, boundary_conductivity, width, polycrystal.count, stack
    )
    system = build_system(mesh, conductivities, resistances, order, grains)
    known, values = _electrodes(system)
    voltage, iterations = solve_system(system, known, values)
    return _answer(
        polycrystal, along, volts, periodic, mesh, system, grains, voltage, iterations, order
    )


def _pieces_of(
    polycrystal: Polycrystal,
    wide: list[int],
    axis: int,
    periodic: tuple[bool, bool, bool],
    layers: Sequence[Layer],
    unit: float,
) -> list[Piece]:
    """Grains and layers in the ``wide`` directions, of which ``axis`` is one, in the ``unit``."""
    assert polycrystal.seeds is not None
    assert polycrystal.weights is not None
    thin = [d for d in range(3) if d not in wide]
    # A plane through the middle of the voxels cuts cells that are cells of a diagram in it.
    beside = polycrystal.seeds[:, thin] - 0.5 * np.array([polycrystal.size[d] for d in thin])
    pieces = laguerre_pieces(
        polycrystal.seeds[:, wide] / unit,
        (polycrystal.weights - (beside**2).sum(axis=1)) / unit**2,
        np.array([polycrystal.size[d] for d in wide]) / unit,
        [polycrystal.periodic[d] for d in wide],
        [periodic[d] for d in wide],
        axis,
    )
    for number, layer in enumerate(layers):
        if layer.coverage is not None:
            raise InputError("a layer covers its face wholly here", where="layers.coverage")
        for side, end in _SIDES.items():
            if layer.side in (side, "both"):
                thickness = to_si(layer.thickness, "m") / unit
                add_layer(pieces, axis, end, thickness, -1 - number)
    return pieces


def _answer(
    polycrystal: Polycrystal,
    axis: int,
    bias: float,
    periodic: tuple[bool, bool, bool],
    mesh: BrokenMesh,
    system: System,
    grains: Array,
    voltage: Array,
    iterations: int,
    order: int,
) -> ConformingConduction:
    bulk, boundary, layer, interface = (
        float(voltage @ (matrix @ voltage))
        for matrix in (system.grains, system.boundaries, system.layers, system.interfaces)
    )
    power, ceramic = bulk + boundary + layer + interface, bulk + boundary
    rest = system.whole @ voltage
    first, last = (abs(float(rest[_nodes_at(system, side)].sum())) for side in (FIRST, LAST))
    wide = [d for d in range(3) if polycrystal.shape[d] > 1]
    area = float(np.prod([polycrystal.size[d] for d in wide if d != axis]))
    return ConformingConduction(
        polycrystal=polycrystal,
        axis=axis,
        bias=bias,
        effective_conductivity=polycrystal.size[axis] * power**2 / ceramic / area,
        stack_resistance=area / power,
        bulk_share=bulk / ceramic,
        boundary_share=boundary / ceramic,
        layer_share=layer / power,
        interface_share=interface / power,
        flux_balance=2 * abs(first - last) / (first + last),
        iterations=iterations,
        elements=len(mesh.simplices),
        order=order,
        periodic=periodic,
        mesh=mesh,
        system=system,
        grains=grains,
        voltage=voltage,
    )


def _electrodes(system: System) -> tuple[Array, Array]:
    """Values known: 1 at the first electrode, 0 at the last."""
    first, last = _nodes_at(system, FIRST), _nodes_at(system, LAST)
    return np.append(first, last), np.append(np.ones(len(first)), np.zeros(len(last)))


def _nodes_at(system: System, side: int) -> Array:
    return np.unique(
        np.concatenate([t.nodes.ravel() for t in system.traces if t.joint.other == side])
    )


def _resistances(
    joints: Sequence[Joint],
    grains: Array,
    conductivity: Any,
    width: float,
    count: int,
    layers: Sequence[Layer],
) -> Array:
    """Of every joint [ohm m2]; zero where a grain or a layer goes on, and at sides."""
    one = grains[[joint.piece for joint in joints]]
    other = np.array([grains[joint.other] if joint.other >= 0 else 0 for joint in joints])
    inner = np.array([joint.other >= 0 for joint in joints])
    found = np.zeros(len(joints))
    between = inner & (one >= 0) & (other >= 0) & (one != other)
    low, high = np.minimum(one, other)[between], np.maximum(one, other)[between]
    values = boundary_conductivities(conductivity, low, high, count)
    if np.any(values <= 0):
        raise InputError("every boundary has to conduct here", where="boundary_conductivity")
    found[between] = width / values
    upon = inner & ((one >= 0) != (other >= 0))
    told = np.array([to_si(layer.interface_resistance, "ohm m2") for layer in layers])
    if upon.any():
        found[upon] = told[-1 - np.minimum(one, other)[upon]]
    return found


def _require_seeds(polycrystal: Polycrystal) -> None:
    if not isinstance(polycrystal, Polycrystal):
        raise InputError(
            "expected a Polycrystal, as from solith.structure.generate_polycrystal, "
            f"not {type(polycrystal).__name__}",
            where="polycrystal",
        )
    if polycrystal.seeds is None:
        raise InputError(
            "grains of an image have no exact cells: a conforming solution needs seeds",
            where="polycrystal",
        )
    if min(int(part.min()) for part in polycrystal.grains) < 0:
        raise InputError("a conforming solution knows no voids", where="polycrystal")


def _wraps(polycrystal: Polycrystal, axis: int, boundary: str | None) -> tuple[bool, bool, bool]:
    """Along which axes current goes around."""
    if boundary not in (None, "periodic", "insulating"):
        raise UnknownNameError.among("boundary", str(boundary), ("periodic", "insulating"))
    wraps = [d != axis and polycrystal.shape[d] > 1 for d in range(3)]
    if boundary == "periodic":
        for d in range(3):
            if wraps[d] and not polycrystal.periodic[d]:
                raise InputError(
                    f"the polycrystal's grains do not go on at the sides along {AXES[d]}",
                    where="boundary",
                )
    goes = [w and polycrystal.periodic[d] and boundary != "insulating" for d, w in enumerate(wraps)]
    return goes[0], goes[1], goes[2]


def _positive(value: Any, unit: str, where: str) -> float:
    number = not_negative(value, unit, where)
    if number == 0:
        raise InputError(f"{value!r} is not positive", where=where)
    return number
