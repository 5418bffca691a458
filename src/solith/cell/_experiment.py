"""A cycling protocol as a PyBaMM experiment: solved, checked, and cut into its steps."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pybamm

from solith.cell.cell import Cell
from solith.cell.model import SolidStateCell
from solith.cell.parameters import parameter_values
from solith.cell.protocol import Cycling
from solith.cell.steps import Step
from solith.core.errors import ConvergenceError
from solith.core.progress import Progress

__all__ = ["Piece", "quiet", "solve_experiment"]

_FULL = "Active material full [experiment]"
_MARGIN = 1e-4  # of the lithium fraction, so that the next step begins inside the curve


@dataclass(frozen=True)
class Piece:
    """A step as it was solved: rows ``start`` to ``stop`` of the solution."""

    cycle: int
    number: int
    start: int
    stop: int
    end: str


def solve_experiment(
    cell: Cell,
    protocol: Cycling,
    model: SolidStateCell,
    mesh: dict[str, int],
    progress: Progress,
) -> tuple[pybamm.Solution, list[Piece]]:
    """The solution of ``protocol`` and the pieces that its steps are.

    Raises :class:`ConvergenceError`, with step and reason, where a step does not converge
    or ends before its cut-off; PyBaMM itself would only log it.
    """
    steps = protocol.read_steps()
    experiment = pybamm.Experiment([tuple(_pybamm_step(s, cell) for s in steps)] * protocol.cycles)
    listener = _Listener(progress, protocol.cycles * len(steps))
    with quiet():
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
    return solution, _pieces(solution, cell, protocol, listener)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep PyBaMM's log lines from the terminal; failures are raised as errors."""
    logger: logging.Logger = pybamm.logger
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


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
        ending = None if step.current is None else f"{step.current.amperes(cell)!r} A"
        return pybamm.step.voltage(
            cell.cell_potential(step.potential),
            duration=step.duration or _longest_time(step, cell),
            termination=ending,
        )
    assert step.current is not None
    amperes = step.current.amperes(cell)
    endings = [] if step.potential is None else [f"{cell.cell_potential(step.potential)!r} V"]
    if step.action == "discharge" and endings:
        endings.append(_full(cell))
    return pybamm.step.current(
        amperes if step.action == "discharge" else -amperes,
        duration=step.duration or _longest_time(step, cell),
        termination=endings or None,
    )


def _full(cell: Cell) -> pybamm.step.CustomTermination:
    """Where the host is full no lower potential is known: the discharge ends there."""
    highest = cell.cathode.open_circuit_potential.extended_high - _MARGIN
    return pybamm.step.CustomTermination(
        _FULL,
        lambda variables: highest - variables["Maximum positive particle surface stoichiometry"],
    )


def _longest_time(step: Step, cell: Cell) -> float:
    """More time than all the lithium of the cathode can take [s]."""
    assert step.current is not None
    amperes = step.current.amperes(cell)
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


def _pieces(solution: Any, cell: Cell, protocol: Cycling, listener: _Listener) -> list[Piece]:
    steps, cycles = protocol.read_steps(), protocol.cycles
    pairs = _pair_numbers(steps)
    if isinstance(solution, pybamm.EmptySolution):
        raise ConvergenceError(_failure(listener, steps, "infeasible", 0))
    solved = [list(cycle.steps) for cycle in solution.cycles if cycle is not None]
    pieces: list[Piece] = []
    row = 0
    for number in range(cycles * len(steps)):
        cycle, place = divmod(number, len(steps))
        step = steps[place]
        count = cycle * pairs[-1] + pairs[place]
        if cycle >= len(solved) or place >= len(solved[cycle]):
            raise ConvergenceError(_failure(listener, steps, listener.reason))
        part = solved[cycle][place]
        if isinstance(part, pybamm.EmptySolution):
            pieces.append(Piece(count, number + 1, row, row, "cut-off passed at its start"))
            continue
        end = str(part.termination)
        if not _ended_as_asked(step, end):
            raise ConvergenceError(_failure(listener, steps, end, number))
        told = _end_in_words(end, step, part, cell)
        pieces.append(Piece(count, number + 1, row, row + len(part.t), told))
        row += len(part.t)
    if row != len(solution.t):
        raise ConvergenceError("the solution's steps do not add up to the whole")
    return pieces


def _pair_numbers(steps: tuple[Step, ...]) -> list[int]:
    """Which pair of charge and discharge each step belongs to, from 1.

    A new pair begins where the direction that came first comes again after the other.
    """
    first = next((s.action for s in steps if s.action in ("charge", "discharge")), None)
    numbers, count, turned = [], 1, False
    for step in steps:
        if step.action == first and turned:
            count, turned = count + 1, False
        elif step.action in ("charge", "discharge") and step.action != first:
            turned = True
        numbers.append(count)
    return numbers


def _end_in_words(end: str, step: Step, part: Any, cell: Cell) -> str:
    if end == "final time":
        return "time over"
    limit = None if step.potential is None else cell.cell_potential(step.potential)
    # Two conditions may end a discharge; which did is told by where the voltage stands.
    if step.action == "discharge" and limit is not None:
        stands = float(part["Voltage [V]"].entries[-1])
        if stands > limit + 1e-3:
            return "active material full before the cut-off"
    return "cut-off reached"


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
    if "IDA" in reason:
        return (
            "the solver found no solution (its words: "
            f"{reason.split(':')[-1].strip()}); the current may be too high for so little "
            "contact or so slow diffusion"
        )
    if "infeasible" in reason:
        return (
            "the cut-off is passed at its start; the cell's resistance is too high for this "
            "current, or it is charged (discharged) already"
        )
    if reason == "final time":
        return "the cut-off was not reached in ten times the time that all lithium takes"
    return reason or "the solver gave no reason"
