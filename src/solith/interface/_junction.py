"""Lithium ions across joined conductors: the discrete equations, their mesh and solution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.constants import FARADAY, GAS_CONSTANT, VACUUM_PERMITTIVITY
from solith.core.errors import ConvergenceError
from solith.interface._arguments import Array
from solith.interface.lattice_conductor import LatticeConductor

__all__ = [
    "Junction",
    "State",
    "admittances",
    "blocked_capacitance",
    "mesh_junction",
    "solve_steady",
]

_MOST_NEWTON = 400
_LONGEST_STEP = 3.0  # RT/F, of one Newton step
_SETTLED = 1e-11  # RT/F
_STALLED = 1e-6  # RT/F, below which a step that does not shrink is rounding
_BIAS_STEP = 4.0  # RT/F, of the continuation
_LEAST_BIAS_STEP = 1e-3  # RT/F
_TRIAL_NODES = 400  # of each conductor, on which the mesh is laid out
_CLOSEST = 0.02  # Debye lengths, at the interface of the trial mesh

# Gauss and Legendre's points and weights on 0 to 1, exact to the seventh power.
_POINTS, _WEIGHTS = ((half := np.polynomial.legendre.leggauss(4))[0] + 1) / 2, half[1] / 2


@dataclass(frozen=True)
class Junction:
    """Conductors side by side on nodes (n,), the first node of each the last of the one before.

    Both the electric potential u and the ions' electrochemical potential m, in RT/F and RT, are
    continuous; ``owner`` (n - 1,) names the conductor of each edge.
    """

    conductors: tuple[LatticeConductor, ...]
    nodes: Array
    owner: NDArray[np.intp]
    temperature: float
    shifts: Array = field(init=False)
    lengths: Array = field(init=False)
    dielectric: Array = field(init=False)

    def __post_init__(self) -> None:
        thermal = GAS_CONSTANT * self.temperature
        energies = [one.bulk_potential(self.temperature) / thermal for one in self.conductors]
        lengths = np.diff(self.nodes)
        permittivity = np.array([one.permittivity for one in self.conductors])[self.owner]
        object.__setattr__(self, "shifts", np.array(energies) - energies[0])
        object.__setattr__(self, "lengths", lengths)
        object.__setattr__(
            self, "dielectric", VACUUM_PERMITTIVITY * permittivity * self.volt / lengths
        )

    @property
    def volt(self) -> float:
        """RT/F [V]."""
        return GAS_CONSTANT * self.temperature / FARADAY

    def part(self, conductor: int) -> slice:
        """The nodes of a conductor, both its faces included."""
        edges = np.flatnonzero(self.owner == conductor)
        return slice(int(edges[0]), int(edges[-1]) + 2)

    def share(self, conductor: int) -> Array:
        """Length of each node of a conductor [m]."""
        lengths = self.lengths[self.owner == conductor]
        return np.asarray((np.append(lengths, 0) + np.append(0, lengths)) / 2)

    def shift_in(self, conductor: int, state: State) -> Array:
        """The ions' electrochemical potential against the bulk's at the nodes of a conductor."""
        own = self.part(conductor)
        return np.asarray(state.ions[own] - state.electric[own] - self.shifts[conductor])

    def charges(self, state: State) -> tuple[Array, Array]:
        """Charge of each node and its derivative by the ions' shift [C/m2]."""
        charge, stored = np.zeros((2, len(self.nodes)))
        for place, one in enumerate(self.conductors):
            shift, share = self.shift_in(place, state), self.share(place)
            charge[self.part(place)] += share * one.charge_at(shift)
            stored[self.part(place)] += share * one.stored_charge(shift)
        return charge, stored

    def resistances(self, state: State) -> tuple[Array, Array]:
        """Of each edge [ohm m2], and the derivatives (n - 1, 2) by the shifts at its ends.

        The mean resistivity along a straight course of the shift: of Boltzmann's statistics
        that is the flux of Scharfetter and Gummel (1969, 10.1109/T-ED.1969.16566, recalled).
        """
        mean, slopes = np.empty(len(self.owner)), np.empty((len(self.owner), 2))
        for place, one in enumerate(self.conductors):
            shift = self.shift_in(place, state)
            along = shift[:-1, None] * (1 - _POINTS) + shift[1:, None] * _POINTS
            own = self.owner == place
            lengths = self.lengths[own]
            mean[own] = lengths * (one.resistivity_at(along) @ _WEIGHTS)
            slope = one.resistivity_slope(along) * _WEIGHTS
            slopes[own] = lengths[:, None] * np.stack(
                [slope @ (1 - _POINTS), slope @ _POINTS], axis=1
            )
        return mean, slopes

    def bulk_resistance(self, conductor: int) -> float:
        """Of a conductor as if it were neutral all through [ohm m2]."""
        length = float(np.sum(self.lengths[self.owner == conductor]))
        return length / self.conductors[conductor].conductivity


@dataclass(frozen=True)
class State:
    """Electric potential [RT/F] and electrochemical potential of the ions [RT] at the nodes."""

    electric: Array
    ions: Array

    def current(self, junction: Junction) -> float:
        """Current density from the first to the last conductor [A/m2]."""
        return junction.volt * float(self.ions[0] - self.ions[-1]) / self.resistance(junction)

    def resistance(self, junction: Junction) -> float:
        """Drop of the ions' potential over the current, all through [ohm m2]."""
        return float(np.sum(junction.resistances(self)[0]))


def mesh_junction(
    conductors: Sequence[LatticeConductor],
    thicknesses: Sequence[float],
    temperature: float,
    points: int,
) -> Junction:
    """A junction with ``points`` edges in each conductor, dense where the potential changes.

    The density follows that of a trial solution; doubling ``points`` halves each edge.
    """
    trial = _assembled(
        conductors,
        [
            _spread(length, one.debye_length(temperature), place, len(conductors))
            for place, (one, length) in enumerate(zip(conductors, thicknesses, strict=True))
        ],
        temperature,
    )
    state = solve_equilibrium(trial)
    laid = []
    for place, one in enumerate(conductors):
        own = trial.part(place)
        x = trial.nodes[own]
        potential = state.electric[own]
        debye = one.debye_length(temperature)
        middle = (x[1:] + x[:-1]) / 2
        faces = [x[0]] * (place > 0) + [x[-1]] * (place < len(conductors) - 1)
        density = np.abs(np.diff(potential) / np.diff(x))
        density += sum(1 / (np.abs(middle - face) + debye / 2) for face in faces)
        reach = np.append(0, np.cumsum(density * np.diff(x)))
        laid.append(np.interp(np.linspace(0, reach[-1], points + 1), reach, x))
    return _assembled(conductors, laid, temperature)


def solve_equilibrium(junction: Junction) -> State:
    """The state without a current: Poisson's equation with the ions in equilibrium."""
    from scipy.linalg import solve_banded

    ions = np.zeros(len(junction.nodes))
    electric = np.empty(len(junction.nodes))
    for place in range(len(junction.conductors)):
        electric[junction.part(place)] = -junction.shifts[place]
    electric[junction.part(len(junction.conductors) - 1)] = -junction.shifts[-1]
    matrix = np.zeros((3, len(electric)))
    weights = junction.dielectric
    matrix[0, 1:], matrix[2, :-1] = -weights, -weights
    matrix[0, 1] = matrix[2, -2] = 0.0
    before = math.inf
    for _ in range(_MOST_NEWTON):
        state = State(electric, ions)
        charge, stored = junction.charges(state)
        flux = weights * -np.diff(electric)
        rest = np.zeros_like(electric)
        rest[1:-1] = np.diff(flux) - charge[1:-1]
        matrix[1, 1:-1] = weights[1:] + weights[:-1] + stored[1:-1]
        matrix[1, 0] = matrix[1, -1] = 1.0
        step = solve_banded((1, 1), matrix, -rest)
        largest = float(np.max(np.abs(step)))
        electric = electric + step * min(1.0, _LONGEST_STEP / max(largest, 1e-300))
        if _ends(largest, before, 1.0):
            return State(electric, ions)
        before = largest
    raise _not_settled("Poisson's equation at rest")


def solve_steady(junction: Junction, bias: float) -> State:
    """The steady state with ``bias`` [V] between the bulks, in steps from equilibrium."""
    state = solve_equilibrium(junction)
    target, reached, step = bias / junction.volt, 0.0, _BIAS_STEP
    while reached != target:
        ahead = reached + math.copysign(min(step, abs(target - reached)), target)
        if abs(target - ahead) < _LEAST_BIAS_STEP:
            ahead = target
        found = _newton(junction, state, ahead)
        if found is None:
            step /= 2
            if step < _LEAST_BIAS_STEP:
                raise _not_settled(f"the steady state at {ahead * junction.volt:.3g} V")
        else:
            state, reached, step = found, ahead, min(2 * step, _BIAS_STEP)
    return state


def admittances(junction: Junction, state: State, frequencies: Array) -> NDArray[np.complex128]:
    """Small-signal current over the bias between the bulks [S/m2] at ``frequencies`` [Hz]."""
    steepest = int(np.argmax(junction.resistances(state)[0]))
    found = np.empty(len(frequencies), complex)
    for place, frequency in enumerate(frequencies):
        matrix, carried = _linearised(junction, state, 2j * np.pi * float(frequency))
        rest = np.zeros(2 * len(junction.nodes), complex)
        rest[:2] = 1.0
        answer = _solved(matrix, rest)
        electric, ions = answer[0::2], answer[1::2]
        pair = slice(steepest, steepest + 2)
        ionic = carried[steepest] @ np.append(electric[pair], ions[pair])
        stored = 2j * np.pi * frequency * junction.dielectric[steepest]
        found[place] = ionic + stored * (electric[steepest] - electric[steepest + 1])
    return np.asarray(found / junction.volt)


def blocked_capacitance(junction: Junction, state: State) -> float:
    """Charge of the first conductor by the bias [F/m2], no ion leaving its conductor.

    The outer conductors stay in equilibrium with their bulks; ions between them do not move.
    """
    from scipy.linalg import solve_banded

    first, last = np.zeros((2, len(junction.nodes)))
    for place, stored in ((0, first), (len(junction.conductors) - 1, last)):
        shift = junction.shift_in(place, state)
        stored[junction.part(place)] = junction.share(place) * junction.conductors[
            place
        ].stored_charge(shift)
    weights = junction.dielectric
    matrix = np.zeros((3, len(first)))
    matrix[0, 1:], matrix[2, :-1] = -weights, -weights
    matrix[1] = first + last + np.append(weights, 0) + np.append(0, weights)
    matrix[0, 1] = matrix[2, -2] = 0.0
    matrix[1, 0] = matrix[1, -1] = 1.0
    rest = first.copy()
    rest[0], rest[-1] = 1.0, 0.0
    electric = solve_banded((1, 1), matrix, rest)
    return float(np.sum(first * (1 - electric))) / junction.volt


def _newton(junction: Junction, start: State, bias: float) -> State | None:
    """The steady state at ``bias`` [RT/F] near ``start``; ``None`` where it does not settle."""
    electric, ions = start.electric.copy(), start.ions.copy()
    step = bias - ions[0]
    profile = (ions - ions[-1]) / ions[0] if ions[0] else _linear_drop(junction, start)
    electric, ions = electric + step * profile, ions + step * profile
    before = math.inf
    for _ in range(_MOST_NEWTON):
        state = State(electric, ions)
        matrix, _ = _linearised(junction, state, 0.0)
        answer = _solved(matrix, -_rest(junction, state))
        largest = float(np.max(np.abs(answer)))
        if not math.isfinite(largest):
            return None
        part = min(1.0, _LONGEST_STEP / max(largest, 1e-300))
        electric, ions = electric + part * answer[0::2], ions + part * answer[1::2]
        if _ends(largest, before, max(1.0, abs(bias))):
            return State(electric, ions)
        before = largest
    return None


def _ends(step: float, before: float, scale: float) -> bool:
    """Whether Newton's method is done: the step is nothing, or as small as rounding lets it be."""
    return step < _SETTLED * scale or (step < _STALLED * scale and step > before / 2)


def _linear_drop(junction: Junction, state: State) -> Array:
    reach = np.append(0, np.cumsum(junction.resistances(state)[0]))
    return np.asarray(1 - reach / reach[-1])


def _rest(junction: Junction, state: State) -> Array:
    """What is left of Poisson's equation and of the current's conservation, in turn."""
    charge, _ = junction.charges(state)
    straight = junction.volt / junction.resistances(state)[0]
    rest = np.zeros(2 * len(junction.nodes))
    rest[2:-2:2] = np.diff(junction.dielectric * -np.diff(state.electric)) - charge[1:-1]
    rest[3:-2:2] = np.diff(straight * -np.diff(state.ions)) / (straight[:-1] + straight[1:])
    return rest


def _linearised(
    junction: Junction, state: State, rate: complex
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """The bands (7, 2n) of both equations' derivatives, and those (n - 1, 4) of each current.

    Unknowns are u and m of the nodes in turn; ``rate`` [1/s] multiplies changes in time.
    """
    _, stored = junction.charges(state)
    resistance, slopes = junction.resistances(state)
    drop = -np.diff(state.ions)
    straight = junction.volt / resistance
    bent = -(junction.volt * drop / resistance**2)[:, None] * slopes
    carried = np.column_stack(
        [-bent[:, 0], -bent[:, 1], straight + bent[:, 0], -straight + bent[:, 1]]
    )  # by u left, u right, m left, m right
    count = len(junction.nodes)
    bands = np.zeros((7, 2 * count), complex if rate else float)
    inner = np.arange(1, count - 1)
    weights = junction.dielectric

    def put(rows: NDArray[np.intp], columns: NDArray[np.intp], values: Any) -> None:
        bands[3 + rows - columns, columns] += values

    put(2 * inner, 2 * inner - 2, -weights[:-1])
    put(2 * inner, 2 * inner, weights[:-1] + weights[1:] + stored[1:-1])
    put(2 * inner, 2 * inner + 2, -weights[1:])
    put(2 * inner, 2 * inner + 1, -stored[1:-1])
    scale = 1 / (straight[:-1] + straight[1:])  # rows of one size, whatever the resistances
    row = 2 * inner + 1
    for offset, right, left in (
        (-2, 0.0, carried[:-1, 0]),
        (0, carried[1:, 0], carried[:-1, 1]),
        (2, carried[1:, 1], 0.0),
    ):
        put(row, 2 * inner + offset, scale * (right - left))
    for offset, right, left in (
        (-1, 0.0, carried[:-1, 2]),
        (1, carried[1:, 2], carried[:-1, 3]),
        (3, carried[1:, 3], 0.0),
    ):
        put(row, 2 * inner + offset, scale * (right - left))
    if rate:
        put(row, 2 * inner, -scale * rate * stored[1:-1])
        put(row, 2 * inner + 1, scale * rate * stored[1:-1])
    ends = np.array([0, 1, 2 * count - 2, 2 * count - 1])
    put(ends, ends, 1.0)
    return bands, carried


def _solved(bands: NDArray[Any], rest: NDArray[Any]) -> NDArray[Any]:
    from scipy.linalg import solve_banded

    return np.asarray(solve_banded((3, 3), bands, rest))


def _assembled(
    conductors: Sequence[LatticeConductor], parts: Sequence[Array], temperature: float
) -> Junction:
    start, placed, owner = 0.0, [np.zeros(1)], []
    for place, part in enumerate(parts):
        offset = part - part[0]
        placed.append(start + offset[1:])
        start += float(offset[-1])
        owner.append(np.full(len(part) - 1, place))
    nodes = np.concatenate(placed) - float(parts[0][-1] - parts[0][0])
    return Junction(tuple(conductors), nodes, np.concatenate(owner), temperature)


def _spread(length: float, debye: float, place: int, count: int) -> Array:
    """Nodes over ``length``, dense at the faces that touch another conductor."""
    closest = min(_CLOSEST * debye, length / _TRIAL_NODES)
    faces = (place > 0) + (place < count - 1)
    half = length / faces
    number = _TRIAL_NODES // faces
    away = np.append(0, np.geomspace(closest, half, number))
    if faces == 2:
        return np.append(away, length - away[-2::-1])
    return away if place > 0 else length - away[::-1]


def _not_settled(what: str) -> ConvergenceError:
    return ConvergenceError(
        f"space charge: {what} was not found; take smaller differences of energy or bias"
    )
