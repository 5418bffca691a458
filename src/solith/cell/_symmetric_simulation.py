"""Simulation of the symmetric cell, in closed form at every time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq

from solith.cell._settings import Settings
from solith.cell.cell import REFERENCE_TEMPERATURE
from solith.cell.kinds import write_cell
from solith.cell.protocol import Cycling, Impedance
from solith.cell.steps import Step, pair_numbers
from solith.cell.symmetric import LithiumElectrode, SymmetricCell
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import ConvergenceError
from solith.core.provenance import Provenance
from solith.core.record import Record
from solith.interface.arrhenius import arrhenius_factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["simulate_symmetric"]

# In the words of the other cells' records, whose runner needs PyBaMM.
TIME_OVER = "time over"
REACHED = "cut-off reached"
PASSED = "cut-off passed at its start"
USED_UP = "lithium of the {side} electrode used up"

_ROWS = 101  # a step, where an interphase grows
_STILL_ROWS = 11  # where nothing changes
_LONGEST = 3.2e7  # s, a year: what a step without a duration may take
_OFFSET = 1e-9  # s between two steps, as PyBaMM has it
_HALVINGS = 80
_SIDES = ("working", "counter")


def simulate_symmetric(cell: SymmetricCell, protocol: Any, settings: Settings) -> Record:
    r"""The record that ``protocol`` gives on ``cell``.

    With i the current density on the geometric area, positive in charge, and W, C the working
    and the counter electrode,

    .. math::
        V = i (R_{layer} + R_{gb} + R_W(\tau) + R_C(\tau)) + \eta_W(i) + \eta_C(i), \qquad
        R_k = \sqrt{t_k^2 + k_k \tau} / \sigma_k

    :math:`\eta` the overpotential of charge transfer, :math:`\tau` the time since the cell was
    made. A current that is held makes V explicit; a voltage that is held gives i by bisection.
    Lithium is plated by Faraday's law. Where a step uses up the lithium of the side it
    strips, it ends, and ``step_ends`` says so.

    Raises :class:`InputError` for what the cell cannot do and :class:`ConvergenceError` for a
    step that strips a side without lithium or never reaches its end.
    """
    protocol.check_on(cell)
    if isinstance(protocol, Impedance):
        return _impedance(cell, protocol, settings)
    run = _Run(_Stack(cell))
    steps = protocol.read_steps()
    pairs = pair_numbers(steps)
    total = protocol.cycles * len(steps)
    for number in range(total):
        cycle, place = divmod(number, len(steps))
        run.take(steps[place], cycle * pairs[-1] + pairs[place])
        settings.progress.report((number + 1) / total, f"step {number + 1} of {total}")
    return _record_of(run, cell, protocol, settings)


class _Side:
    """One electrode at the cell's temperature."""

    def __init__(self, electrode: LithiumElectrode, temperature: float) -> None:
        transfer, film = electrode.charge_transfer, electrode.interphase
        self.is_linear = transfer.law == "linear"
        self.thermal = GAS_CONSTANT * temperature / FARADAY
        self.exchange = transfer.exchange(REFERENCE_TEMPERATURE) * _factor(transfer, temperature)
        self.double_layer = transfer.double_layer
        self.film = film
        self.growth = 0.0
        if film is not None:
            assert film.conductivity is not None
            self.conductivity = film.conductivity * _factor(film, temperature)
            if film.growth is not None:
                self.growth = float(film.growth.rate_at(0.0, temperature))

    @property
    def transfer_resistance(self) -> float:
        """Slope of the overpotential at rest [ohm m2]."""
        return self.thermal / self.exchange

    def overpotential(self, current: Array) -> Array:
        """Of charge transfer [V] at a current density [A/m2]."""
        if self.is_linear:
            return np.asarray(self.transfer_resistance * current)
        return np.asarray(2 * self.thermal * np.arcsinh(current / (2 * self.exchange)))

    def thickness(self, time: Array) -> Array:
        """Of the interphase [m]."""
        if self.film is None:
            return np.zeros_like(time)
        return np.asarray(np.sqrt(self.film.thickness**2 + self.growth * time))

    def film_resistance(self, time: Array) -> Array:
        """Of the interphase [ohm m2]."""
        return self.thickness(time) / self.conductivity if self.film else np.zeros_like(time)


class _Stack:
    """The cell's resistances at its temperature, on the geometric area."""

    def __init__(self, cell: SymmetricCell) -> None:
        layer, boundary = cell.electrolyte, cell.electrolyte.grain_boundary
        self.cell = cell
        self.sides = [
            _Side(electrode, cell.temperature)
            for electrode in (cell.electrode, cell.counter_electrode)
        ]
        self.bulk = layer.area_resistance / _factor(layer, cell.temperature)
        self.boundary = 0.0
        if boundary is not None:
            self.boundary = boundary.resistance / _factor(boundary, cell.temperature)
        volume = cell.lithium_molar_volume
        self.charges = [  # of all lithium of a side [C/m2]
            np.inf if electrode.thickness is None else FARADAY * electrode.thickness / volume
            for electrode in (cell.electrode, cell.counter_electrode)
        ]

    @property
    def grows(self) -> bool:
        """Whether an interphase grows."""
        return any(side.growth > 0 for side in self.sides)

    def drops(self, current: Array, time: Array) -> tuple[Array, Array, Array]:
        """Voltage over the electrolyte layer, the working and the counter electrode [V]."""
        working, counter = (
            side.film_resistance(time) * current + side.overpotential(current)
            for side in self.sides
        )
        return (self.bulk + self.boundary) * current, working, counter

    def voltage(self, current: Array, time: Array) -> Array:
        """Of the cell [V] at a current density [A/m2]."""
        return np.asarray(sum(self.drops(current, time)))

    def current(self, voltage: float, time: Array) -> Array:
        """The current density [A/m2] at a cell voltage [V], which rises with it."""
        # No more than through the electrolyte layer alone.
        low = np.full_like(time, min(0.0, voltage / self.bulk))
        high = np.full_like(time, max(0.0, voltage / self.bulk))
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            above = self.voltage(middle, time) > voltage
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return (low + high) / 2


@dataclass
class _Run:
    """What has been done to a cell so far; ``passed`` is the charge in the counter [C/m2]."""

    stack: _Stack
    time: float = 0.0
    passed: float = 0.0
    columns: list[tuple[Array, ...]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    def take(self, step: Step, cycle: int) -> None:
        """Do one step."""
        number = len(self.texts) + 1
        where = f"cycle {cycle}, step {number} ({step.text!r}): "
        flow = _Flow(step, self.stack)
        start = self.time + (_OFFSET if self.columns else 0.0)
        stop, end = flow.end(start, where)
        if end != PASSED:
            stop, end = self._lithium_end(flow, start, stop, end, where)
            time = _times(start, stop, self.stack.grows)
            current = flow.current(time)
            charge = self.passed + _summed(time, current)
            count, place = np.full_like(time, cycle), np.full_like(time, number)
            self.columns.append((time, current, charge, count, place))
            self.time, self.passed = float(time[-1]), float(charge[-1])
        self.texts.append(step.text)
        self.ends.append(end)

    def _lithium_end(
        self, flow: _Flow, start: float, stop: float, end: str, where: str
    ) -> tuple[float, str]:
        """Where the stripped side runs out before ``stop``: then that, and how it is called."""
        time = _times(start, stop, self.stack.grows)
        flowed = _summed(time, flow.current(time))
        if flowed[-1] == 0:
            return stop, end
        stripped = 0 if flowed[-1] > 0 else 1
        held = self.stack.charges[stripped] + (-1, 1)[stripped] * self.passed
        if abs(flowed[-1]) <= held * (1 + 1e-9):
            return stop, end
        if held <= 1e-9 * self.stack.charges[stripped]:
            raise ConvergenceError(f"{where}no lithium is left on the {_SIDES[stripped]} electrode")
        return float(np.interp(held, np.abs(flowed), time)), USED_UP.format(side=_SIDES[stripped])


class _Flow:
    """The current of one step."""

    def __init__(self, step: Step, stack: _Stack) -> None:
        self.step, self.stack = step, stack
        self.density = 0.0
        self.voltage: float | None = None
        if step.action == "hold":
            assert step.potential is not None
            self.voltage = step.potential.in_cell(stack.cell)
        elif step.current is not None:
            sign = 1.0 if step.action == "charge" else -1.0
            self.density = sign * step.current.amperes(stack.cell) / stack.cell.area

    def current(self, time: Array) -> Array:
        """Current density [A/m2]."""
        if self.voltage is None:
            return np.full_like(time, self.density)
        return self.stack.current(self.voltage, time)

    def end(self, start: float, where: str) -> tuple[float, str]:
        """When the step ends [s] and how, were there lithium without end."""
        step = self.step
        stop = start + (step.duration or _LONGEST)
        if self._left(start) is not None:
            if self._left(start) <= 0:
                return start, PASSED
            if self._left(stop) <= 0:
                return float(brentq(self._left, start, stop, xtol=1e-9, rtol=1e-14)), REACHED
        if step.duration is None:
            raise ConvergenceError(
                f"{where}its end is not reached in a year: only an interphase that grows changes "
                "the resistance of a symmetric cell; add a duration ('for 1 h or until ...')"
            )
        return stop, TIME_OVER

    def _left(self, time: float) -> Any:
        """How far the cut-off is away; it only comes nearer. ``None`` without a cut-off."""
        step, cell, at = self.step, self.stack.cell, np.array([time])
        if self.voltage is not None:
            if step.current is None:
                return None
            least = step.current.amperes(cell) / cell.area
            return abs(float(self.current(at)[0])) - least
        if step.potential is None:
            return None
        reached = float(self.stack.voltage(self.current(at), at)[0])
        return abs(step.potential.in_cell(cell)) - abs(reached)


def _factor(held: Any, temperature: float) -> float:
    """How much faster a process of activation energy ``held`` is than at 298.15 K."""
    energy = held.activation_energy or 0.0
    return float(arrhenius_factor(energy, temperature, REFERENCE_TEMPERATURE))


def _times(start: float, stop: float, grows: bool) -> Array:
    """Times of a step's rows; closer at its start, where an interphase grows fastest."""
    share = np.linspace(0.0, 1.0, _ROWS if grows else _STILL_ROWS)
    return np.asarray(start + (stop - start) * (share**2 if grows else share))


def _summed(time: Array, current: Array) -> Array:
    """Charge since the first of the times [C/m2], by the trapezoid rule."""
    pieces = np.diff(time) * (current[1:] + current[:-1]) / 2
    return np.concatenate([[0.0], np.cumsum(pieces)])


def _record_of(run: _Run, cell: SymmetricCell, protocol: Cycling, settings: Settings) -> Record:
    if not run.columns:
        raise ConvergenceError(f"step 1 ({run.texts[0]!r}): the cut-off is passed at its start")
    time, current, charge, cycle, number = map(np.concatenate, zip(*run.columns, strict=True))
    layer, working, counter = run.stack.drops(current, time)
    per_charge = cell.lithium_molar_volume / FARADAY
    arrays: dict[str, Any] = {
        "test_time_second": time,
        "voltage_volt": layer + working + counter,
        "current_ampere": current * cell.area,
        "cycle_count": cycle,
        "step_count": number,
        "open_circuit_voltage_volt": np.zeros_like(time),
    }
    for name, sign, side in zip(_SIDES, (-1, 1), run.stack.sides, strict=True):
        plated = sign * charge + 0.0  # no negative zero
        arrays[f"{name}_plated_charge_ah"] = plated * cell.area / 3600
        arrays[f"{name}_plated_thickness_metre"] = plated * per_charge
        if side.growth > 0:
            arrays[f"{name}_interphase_thickness_metre"] = side.thickness(time)
    if settings.losses:
        arrays |= {
            "loss_electrolyte_layer_volt": 0.0 - layer,
            "loss_anode_volt": 0.0 - working,
            "loss_counter_volt": 0.0 - counter,
        }
    return Record.from_arrays(
        "cycling",
        name=f"{settings.sample} {protocol.kind}".strip(),
        provenance=_provenance(
            cell,
            protocol,
            settings,
            "positive current strips the working electrode and plates the counter electrode",
        ),
        attributes={
            **_facts(cell),
            "steps": run.texts,
            "step_ends": run.ends,
            "technique": protocol.kind,
        },
        **arrays,
    )


def _impedance(cell: SymmetricCell, protocol: Impedance, settings: Settings) -> Record:
    r"""All elements in series, each :math:`R / (1 + j \omega R C)`, as the cell was made."""
    decades = np.log10(protocol.highest / protocol.lowest)
    count = max(2, round(decades * protocol.points_per_decade) + 1)
    frequency = np.geomspace(protocol.highest, protocol.lowest, count)
    stack, boundary = _Stack(cell), cell.electrolyte.grain_boundary
    elements = [(stack.bulk, cell.electrolyte.area_capacitance)]
    if boundary is not None:
        elements.append((stack.boundary, boundary.capacitance))
    for side in stack.sides:
        elements.append((side.transfer_resistance, side.double_layer))
        if side.film is not None:
            resistance = side.film.thickness / side.conductivity
            elements.append((resistance, side.film.area_capacitance))
    omega = 2j * np.pi * frequency
    whole = np.sum([r / (1 + omega * r * c) for r, c in elements], axis=0) / cell.area
    settings.progress.report(1.0, "solved")
    return Record.from_arrays(
        "impedance",
        name=f"{settings.sample} impedance".strip(),
        provenance=_provenance(cell, protocol, settings, "Im Z is negative for a capacitance"),
        attributes={**_facts(cell), "open_circuit_voltage_volt": 0.0},
        frequency_hertz=frequency,
        real_impedance_ohm=whole.real,
        imaginary_impedance_ohm=whole.imag,
    )


def _provenance(
    cell: SymmetricCell, protocol: Any, settings: Settings, conventions: str
) -> Provenance:
    from solith import __version__

    return Provenance(
        "simulated",
        sample=settings.sample,
        method="symmetric cell in closed form",
        parameters={
            "cell": write_cell(cell),
            "protocol": {"kind": protocol.kind, **protocol.to_mapping()},
        },
        conventions=conventions,
        version=__version__,
    )


def _facts(cell: SymmetricCell) -> dict[str, Any]:
    return {
        "geometric_area_m2": cell.area,
        "contact_area_m2": cell.area,
        "anode_potential_volt": cell.anode_potential(),
        "reference": "vs Li",
        "temperature_kelvin": cell.temperature,
        "notes": _notes(cell),
    }


def _notes(cell: SymmetricCell) -> list[str]:
    """What a reader of the record must know of how the cell was taken."""
    if abs(cell.temperature - REFERENCE_TEMPERATURE) < 0.5:
        return []
    parts: dict[str, Any] = {
        "electrolyte layer": cell.electrolyte,
        "grain boundary": cell.electrolyte.grain_boundary,
    }
    for name, electrode in (("working", cell.electrode), ("counter", cell.counter_electrode)):
        parts[f"{name} electrode's charge transfer"] = electrode.charge_transfer
        film = electrode.interphase
        parts[f"{name} electrode's interphase"] = film
        parts[f"growth on the {name} electrode"] = None if film is None else film.growth
    lacking = [n for n, held in parts.items() if held is not None and not held.activation_energy]
    if not lacking:
        return []
    return [
        f"at {cell.temperature:g} K: no activation energy is given for {', '.join(lacking)}; "
        "these stay as at 298.15 K"
    ]
