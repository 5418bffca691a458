"""Running a protocol on a cell."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pybamm

from solith.cell.cell import Cell
from solith.cell.losses import find_loss_budget
from solith.cell.model import ELEMENTS, FILMS, SolidStateCell
from solith.cell.parameters import parameter_values
from solith.cell.protocol import Cycling, Impedance
from solith.cell.steps import Step
from solith.core.errors import ConvergenceError, InputError
from solith.core.progress import SILENT, Progress
from solith.core.provenance import Provenance
from solith.core.record import Record

__all__ = ["simulate"]

_CATHODE_CELLS = 20
_PARTICLE_CELLS = 30
# At high frequency current and lithium stay within a thin layer at the faces: the
# spectrum wants many cells there, and can afford them.
_IMPEDANCE_CATHODE_CELLS = 60
_IMPEDANCE_PARTICLE_CELLS = 60
_SLOW_ELEMENTS = ("charge transfer", "anode")


def simulate(
    cell: Cell,
    protocol: Cycling | Impedance,
    *,
    sample: str = "",
    progress: Progress = SILENT,
    cathode_cells: int | None = None,
    particle_cells: int | None = None,
) -> Record:
    """The record that ``protocol`` gives on ``cell``.

    A cycling protocol gives time, voltage, current (charging positive), open-circuit
    voltage, mean lithium fraction and the loss budget; an impedance protocol the spectrum
    of the cell in ohm, linearised about equilibrium. ``cathode_cells`` and
    ``particle_cells`` are the finite volumes through the cathode and a particle.

    Raises :class:`InputError` for a cut-off that the open-circuit potential cannot reach
    and :class:`ConvergenceError`, with step and reason, where a step does not converge or
    ends before its cut-off.
    """
    if isinstance(protocol, Impedance):
        mesh = _mesh(
            cathode_cells or _IMPEDANCE_CATHODE_CELLS, particle_cells or _IMPEDANCE_PARTICLE_CELLS
        )
        return _impedance(cell, protocol, mesh, sample)
    if isinstance(protocol, Cycling):
        mesh = _mesh(cathode_cells or _CATHODE_CELLS, particle_cells or _PARTICLE_CELLS)
        return _cycling(cell, protocol, mesh, sample, progress)
    raise InputError(f"{protocol!r} is not a protocol; give Cycling(...) or Impedance(...)")


def _mesh(cathode_cells: int, particle_cells: int) -> dict[str, int]:
    return {"x_n": 1, "x_s": 3, "x_p": cathode_cells, "r_n": 1, "r_p": particle_cells}


def build_model(cell: Cell, capacitances: tuple[str, ...]) -> SolidStateCell:
    """The PyBaMM model with the films that ``cell`` has and the named capacitances."""
    cathode = cell.cathode
    present = {
        "coating": cathode.coating,
        "interphase": cathode.interphase,
        "further resistance": cathode.further_resistance,
    }
    without_resistance = {
        "anode": cell.anode.interface.resistance == 0,
        "further resistance": cathode.further_resistance is not None
        and cathode.further_resistance.resistance == 0,
    }
    kept = tuple(name for name in capacitances if not without_resistance.get(name, False))
    return SolidStateCell(
        {
            "surface form": "differential" if kept else "algebraic",
            "intercalation kinetics": cathode.charge_transfer.pybamm_option,
        },
        films=tuple(film for film in FILMS if present[film] is not None),
        capacitances=kept,
        grain_boundary=cell.electrolyte.grain_boundary is not None,
    )


def _impedance(cell: Cell, protocol: Impedance, mesh: dict[str, int], sample: str) -> Record:
    fraction = protocol.lithium_fraction_in(cell)
    decades = np.log10(protocol.highest / protocol.lowest)
    count = max(2, round(decades * protocol.points_per_decade) + 1)
    frequency = np.geomspace(protocol.highest, protocol.lowest, count)
    values = parameter_values(cell)
    sites = values["Maximum concentration in positive electrode [mol.m-3]"]
    values["Initial concentration in positive electrode [mol.m-3]"] = fraction * sites
    with _quiet():
        model = build_model(cell, ELEMENTS)
        simulation = pybamm.EISSimulation(
            model,
            parameter_values=values,
            var_pts=mesh,
            submesh_types={
                **model.default_submesh_types,
                "positive electrode": pybamm.Chebyshev1DSubMesh,
            },
        )
        impedance = np.asarray(simulation.solve(frequency).impedance)
    if not np.all(np.isfinite(impedance)):
        raise ConvergenceError("the impedance is not finite; check the cell's resistances")
    open_circuit = cell.cell_potential(float(cell.cathode.open_circuit_potential(fraction)))
    return Record.from_arrays(
        "impedance",
        name=f"{sample} impedance".strip(),
        provenance=_provenance(cell, protocol, sample, "Im Z is negative for a capacitance"),
        attributes={
            **_facts(cell),
            "lithium_fraction": fraction,
            "open_circuit_voltage_volt": open_circuit,
        },
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
    )


def _cycling(
    cell: Cell, protocol: Cycling, mesh: dict[str, int], sample: str, progress: Progress
) -> Record:
    steps = protocol.read_steps()
    protocol.check_on(cell)
    model = build_model(cell, _SLOW_ELEMENTS if protocol.double_layers else ())
    experiment = pybamm.Experiment([tuple(_pybamm_step(s, cell) for s in steps)] * protocol.cycles)
    listener = _Listener(progress, protocol.cycles * len(steps))
    with _quiet():
        simulation = pybamm.Simulation(
            model,
            experiment=experiment,
            parameter_values=parameter_values(cell),
            var_pts=mesh,
            solver=_solver(protocol),
            experiment_model_mode="unified",
        )
        try:
            solution = simulation.solve(callbacks=[listener], calc_esoh=False)
        except pybamm.SolverError as error:
            raise ConvergenceError(_failure(listener, steps, str(error))) from None
    pieces = _pieces(solution, steps, protocol.cycles, listener)
    return _record_of(solution, pieces, model, cell, protocol, sample)


def _solver(protocol: Cycling) -> pybamm.IDAKLUSolver:
    # A current step makes the algebraic currents jump while double layers stand still:
    # with them, steps are judged by the states alone. Without them the currents are all
    # there is, and must meet the tolerance themselves.
    return pybamm.IDAKLUSolver(
        rtol=1e-6,
        atol=1e-8,
        options={
            "suppress_algebraic_error": protocol.double_layers,
            "silence_sundials_errors": True,
        },
    )


def _pybamm_step(step: Step, cell: Cell) -> Any:
    if step.action == "rest":
        return pybamm.step.rest(step.duration)
    if step.action == "hold":
        assert step.potential is not None
        ending = (
            None if step.current is None else f"{step.current.amperes(cell.one_c, cell.area)!r} A"
        )
        return pybamm.step.voltage(
            cell.cell_potential(step.potential),
            duration=step.duration or _longest_time(step, cell),
            termination=ending,
        )
    assert step.current is not None
    amperes = step.current.amperes(cell.one_c, cell.area)
    ending = None if step.potential is None else f"{cell.cell_potential(step.potential)!r} V"
    return pybamm.step.current(
        amperes if step.action == "discharge" else -amperes,
        duration=step.duration or _longest_time(step, cell),
        termination=ending,
    )


def _longest_time(step: Step, cell: Cell) -> float:
    """More time than all the lithium of the cathode can take [s]."""
    assert step.current is not None
    amperes = step.current.amperes(cell.one_c, cell.area)
    return 10.0 * cell.cathode.full_capacity * cell.area / amperes


class _Listener(pybamm.callbacks.LoggingCallback):  # type: ignore[misc]
    """Passes PyBaMM's steps on to a progress, and remembers why it stopped."""

    def __init__(self, progress: Progress, total: int) -> None:
        super().__init__()
        self.progress = progress
        self.total = total
        self.done = 0
        self.reason = ""

    def on_experiment_start(self, logs: dict[str, Any]) -> None:
        self.progress.report(0.0, "solving")

    def on_cycle_start(self, logs: dict[str, Any]) -> None:
        pass

    def on_step_start(self, logs: dict[str, Any]) -> None:
        pass

    def on_step_end(self, logs: dict[str, Any]) -> None:
        self.done += 1
        self.progress.report(self.done / self.total, f"step {self.done} of {self.total}")

    def on_cycle_end(self, logs: dict[str, Any]) -> None:
        pass

    def on_experiment_end(self, logs: dict[str, Any]) -> None:
        pass

    def on_experiment_error(self, logs: dict[str, Any]) -> None:
        self.reason = str(logs.get("error", "the solver failed"))

    def on_experiment_infeasible_time(self, logs: dict[str, Any]) -> None:
        self.reason = "it took longer than all the lithium of the cathode allows"

    def on_experiment_infeasible_event(self, logs: dict[str, Any]) -> None:
        self.reason = str(logs.get("termination", "an event ended it"))


@dataclass(frozen=True)
class _Piece:
    """A step as it was solved: rows ``start`` to ``stop`` of the solution."""

    cycle: int
    number: int
    start: int
    stop: int
    end: str


def _pieces(
    solution: Any, steps: tuple[Step, ...], cycles: int, listener: _Listener
) -> list[_Piece]:
    if isinstance(solution, pybamm.EmptySolution):
        raise ConvergenceError(_failure(listener, steps, "infeasible", 0))
    solved = [list(cycle.steps) for cycle in solution.cycles if cycle is not None]
    pieces: list[_Piece] = []
    row = 0
    for number in range(cycles * len(steps)):
        cycle, place = divmod(number, len(steps))
        step = steps[place]
        if cycle >= len(solved) or place >= len(solved[cycle]):
            raise ConvergenceError(_failure(listener, steps, listener.reason))
        part = solved[cycle][place]
        if isinstance(part, pybamm.EmptySolution):
            pieces.append(_Piece(cycle + 1, number + 1, row, row, "cut-off passed at its start"))
            continue
        end = str(part.termination)
        if not _ended_as_asked(step, end):
            raise ConvergenceError(_failure(listener, steps, end, number))
        pieces.append(_Piece(cycle + 1, number + 1, row, row + len(part.t), end))
        row += len(part.t)
    if row != len(solution.t):
        raise ConvergenceError("the solution's steps do not add up to the whole")
    return pieces


def _ended_as_asked(step: Step, end: str) -> bool:
    if "[experiment]" in end:
        return True
    return end == "final time" and step.duration is not None


def _failure(
    listener: _Listener, steps: tuple[Step, ...], reason: str, number: int | None = None
) -> str:
    place = listener.done if number is None else number
    cycle, index = divmod(min(place, listener.total - 1), len(steps))
    return (
        f"cycle {cycle + 1}, step {index + 1} ({steps[index].text!r}) ended early: "
        f"{_in_words(reason)}"
    )


def _in_words(reason: str) -> str:
    if "valid positive electrode stoichiometry" in reason:
        which = "low" if "Lowest" in reason else "high"
        return (
            f"the particles' surface left the range in which the open-circuit potential is "
            f"known (lithium fraction too {which}) before the cut-off was reached"
        )
    if "infeasible" in reason:
        return (
            "the cut-off is passed at its start; the cell's resistance is too high for this "
            "current, or it is charged (discharged) already"
        )
    if reason == "final time":
        return "the cut-off was not reached in ten times the time that all lithium takes"
    return reason or "the solver gave no reason"


def _record_of(
    solution: Any,
    pieces: list[_Piece],
    model: SolidStateCell,
    cell: Cell,
    protocol: Cycling,
    sample: str,
) -> Record:
    cycle = np.concatenate([np.full(p.stop - p.start, float(p.cycle)) for p in pieces])
    number = np.concatenate([np.full(p.stop - p.start, float(p.number)) for p in pieces])
    losses = find_loss_budget(solution, model, cell)
    arrays = {
        "test_time_second": np.asarray(solution.t, dtype=float),
        "voltage_volt": solution["Voltage [V]"].entries,
        "current_ampere": -solution["Current [A]"].entries,
        "cycle_count": cycle,
        "step_count": number,
        "open_circuit_voltage_volt": solution["Bulk open-circuit voltage [V]"].entries,
        "mean_lithium_fraction": solution["Mean positive electrode stoichiometry"].entries,
        **{f"loss_{name}_volt": values for name, values in losses.items()},
    }
    if not all(np.all(np.isfinite(values)) for values in arrays.values()):
        raise ConvergenceError("the solution holds values that are not finite")
    return Record.from_arrays(
        "cycling",
        name=f"{sample} cycling".strip(),
        provenance=_provenance(cell, protocol, sample, "positive current charges the cell"),
        attributes={
            **_facts(cell),
            "steps": list(protocol.steps),
            "step_ends": [piece.end for piece in pieces],
        },
        **arrays,
    )


def _facts(cell: Cell) -> dict[str, Any]:
    return {
        "geometric_area_m2": cell.area,
        "active_area_m2": cell.active_area,
        "contact_area_m2": cell.contact_area,
        "active_mass_kg": cell.active_mass,
        "one_c_ampere": cell.one_c * cell.area,
        "anode_potential_volt": cell.anode.potential,
        "reference": f"vs {cell.anode.material}",
        "temperature_kelvin": cell.temperature,
    }


def _provenance(
    cell: Cell, protocol: Cycling | Impedance, sample: str, conventions: str
) -> Provenance:
    from solith import __version__

    return Provenance(
        "simulated",
        sample=sample,
        method=f"{SolidStateCell.__name__}, PyBaMM {pybamm.__version__}",
        parameters={
            "cell": cell.to_mapping(),
            "protocol": {"kind": protocol.kind, **protocol.to_mapping()},
        },
        conventions=conventions,
        version=__version__,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep PyBaMM's log lines from the terminal; failures are raised as errors."""
    logger: logging.Logger = pybamm.logger
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
