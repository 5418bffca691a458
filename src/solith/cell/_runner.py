"""One solver for all steps of a protocol, on any PyBaMM lithium-ion model."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pybamm

from solith.core.errors import ConvergenceError
from solith.core.progress import SILENT, Progress

__all__ = ["PASSED", "TIME_OVER", "Machine", "Program", "Run", "Stage", "Stretch", "quiet"]

TIME_OVER = "time over"
REACHED = "cut-off reached"
FULL = "active material full before the cut-off"
PASSED = "cut-off passed at its start"
_OFF = 1e3  # beyond any voltage, current or lithium fraction of a cell
_ARMED_AFTER = 1e-3  # s: a hold's current must first have come up
_SLACK = 1e-6  # V by which a step may begin beyond its cut-off
_MOST_SHORTENED = 50  # times that one time step is made shorter: a sweep begins without current
_SOLVER_WORDS = re.compile(r"IDA_[A-Z_]+: ([^(]*)")


@dataclass(frozen=True)
class Stage:
    """One step as the solver takes it.

    Either ``current`` [A], positive in discharge, flows, or the cell is at ``voltage`` [V],
    which then changes by ``sweep`` [V/s]. It ends after ``duration`` [s], or before at the
    voltage ``lower`` or ``upper``, at the current ``least_current``, or where a host of the
    lithium fraction ``fullest`` is full. ``must_end_early``: running out of time is an error.
    """

    text: str
    duration: float
    current: float | None = None
    voltage: float | None = None
    sweep: float = 0.0
    lower: float | None = None
    upper: float | None = None
    least_current: float | None = None
    fullest: float | None = None
    must_end_early: bool = False
    cycle: int = 1


Program = Generator[Stage, str, None]
"""Yields stages and is sent how each ended."""


@dataclass(frozen=True)
class Stretch:
    """A stage as it was solved: rows ``start`` to ``stop`` of the solution."""

    stage: Stage
    number: int
    start: int
    stop: int
    end: str


@dataclass
class Run:
    """What a program gave."""

    solution: pybamm.Solution
    stretches: list[Stretch] = field(default_factory=list)


class Machine:
    """A model with its parameters, discretised once, that runs one program after another.

    ``numbers`` are the parameters that may have other values in each run.
    """

    def __init__(
        self,
        model: pybamm.BaseModel,
        mapping: Mapping[str, Any],
        numbers: Mapping[str, float],
        mesh: Mapping[str, int],
        tolerance: float,
        suppress_algebraic_error: bool = False,
    ) -> None:
        values = pybamm.ParameterValues({**mapping, **dict.fromkeys(numbers, "[input]")})
        self._solver = pybamm.IDAKLUSolver(
            rtol=tolerance,
            atol=tolerance / 100,
            options={
                "suppress_algebraic_error": suppress_algebraic_error,
                "max_error_test_failures": _MOST_SHORTENED,
                "silence_sundials_errors": True,
            },
        )
        with quiet():
            self.model = _discretised(_controlled(model, values), values, mesh)

    def run(
        self, program: Program, numbers: Mapping[str, float], progress: Progress = SILENT
    ) -> Run:
        """Run ``program``.

        Raises :class:`ConvergenceError`, with step and reason, where a stage does not
        converge or does not end as it must.
        """
        solution: Any = pybamm.EmptySolution()
        parts: list[Any] = []
        stretches: list[Stretch] = []
        row = 0
        with quiet():
            stage: Stage | None = next(program)
            while stage is not None:
                number = len(stretches) + 1
                start = float(solution.t[-1])
                part, end = self._solve(solution, stage, start, numbers, number)
                rows = 0 if part is None else len(part.t)
                stretches.append(Stretch(stage, number, row, row + rows, end))
                row += rows
                if part is not None:
                    parts.append(part)
                    solution = part
                try:
                    stage = program.send(end)
                except StopIteration:
                    stage = None
        if not parts:
            raise ConvergenceError(f"step 1 ({stretches[0].stage.text!r}): {_AT_START}")
        return Run(pybamm.Solution.from_sub_solutions(parts), stretches)

    def _solve(
        self,
        before: Any,
        stage: Stage,
        start: float,
        numbers: Mapping[str, float],
        number: int,
    ) -> tuple[Any, str]:
        where = f"cycle {stage.cycle}, step {number} ({stage.text!r}) ended early: "
        inputs = {**numbers, **_controls(stage, start)}
        try:
            part = self._solver.step(before, self.model, stage.duration, save=False, inputs=inputs)
        except pybamm.SolverError as error:
            if "[experiment]" in str(error) and "non-positive" in str(error):
                return None, PASSED
            raise ConvergenceError(where + _in_words(str(error))) from None
        termination = str(part.termination)
        if "[experiment]" in termination:
            if _began_beyond(part, stage):
                return None, PASSED
            return part, FULL if "Full" in termination else REACHED
        if termination == "final time":
            if _began_beyond(part, stage):
                return None, PASSED
            if stage.must_end_early:
                raise ConvergenceError(where + _NOT_REACHED)
            return part, TIME_OVER
        raise ConvergenceError(where + _in_words(termination))


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


def _controlled(model: pybamm.BaseModel, values: pybamm.ParameterValues) -> pybamm.BaseModel:
    """The model with its current as a variable, and with the events that end a stage."""

    def residual(variables: dict[str, Any]) -> Any:
        share = pybamm.InputParameter("Share of current control")
        current = (variables["Current [A]"] - pybamm.InputParameter("Set current [A]")) / (
            model.param.Q
        )
        set_voltage = pybamm.InputParameter("Set voltage [V]") + pybamm.InputParameter(
            "Sweep rate [V.s-1]"
        ) * (pybamm.t - pybamm.InputParameter("Start of stage [s]"))
        return share * current + (1 - share) * (variables["Voltage [V]"] - set_voltage)

    control = pybamm.external_circuit.FunctionControl(
        model.param, residual, model.options, control="algebraic"
    )
    model, variables = pybamm.step.BaseStepImplicit.add_control_submodel(model, control, values)
    voltage, current = variables["Voltage [V]"], variables["Current [A]"]
    since = pybamm.t - pybamm.InputParameter("Start of stage [s]")
    not_yet = _OFF * pybamm.exp(-since / _ARMED_AFTER)
    fullest = variables.get("Maximum positive particle surface stoichiometry", pybamm.Scalar(0))
    model.events += [
        pybamm.Event(
            "Lower voltage [experiment]", voltage - pybamm.InputParameter("Lower voltage [V]")
        ),
        pybamm.Event(
            "Upper voltage [experiment]", pybamm.InputParameter("Upper voltage [V]") - voltage
        ),
        pybamm.Event(
            "Current [experiment]",
            abs(current) - pybamm.InputParameter("Least current [A]") + not_yet,
        ),
        pybamm.Event("Full [experiment]", pybamm.InputParameter("Fullest") - fullest),
    ]
    return model


def _discretised(
    model: pybamm.BaseModel, values: pybamm.ParameterValues, mesh: Mapping[str, int]
) -> pybamm.BaseModel:
    geometry = model.default_geometry
    values.process_model(model, delayed_variable_processing=True)
    values.process_geometry(geometry)
    meshed = pybamm.Mesh(geometry, model.default_submesh_types, dict(mesh))
    method = pybamm.Discretisation(meshed, model.default_spatial_methods)
    method.process_model(model, delayed_variable_processing=True)
    return model


def _controls(stage: Stage, start: float) -> dict[str, float]:
    held = stage.voltage is not None
    return {
        "Share of current control": 0.0 if held else 1.0,
        "Set current [A]": 0.0 if stage.current is None else stage.current,
        "Set voltage [V]": 0.0 if stage.voltage is None else stage.voltage,
        "Sweep rate [V.s-1]": stage.sweep,
        "Start of stage [s]": start,
        "Lower voltage [V]": -_OFF if stage.lower is None else stage.lower,
        "Upper voltage [V]": _OFF if stage.upper is None else stage.upper,
        "Least current [A]": -_OFF if stage.least_current is None else stage.least_current,
        "Fullest": _OFF if stage.fullest is None else stage.fullest,
    }


def _began_beyond(part: Any, stage: Stage) -> bool:
    """Whether the step was beyond its cut-off from its first moment."""
    if stage.lower is None and stage.upper is None:
        return False
    first = float(part.first_state["Voltage [V]"].entries[0])
    return (stage.lower is not None and first < stage.lower - _SLACK) or (
        stage.upper is not None and first > stage.upper + _SLACK
    )


_AT_START = (
    "the cut-off is passed at its start; the cell's resistance is too high for this "
    "current, or it is charged (discharged) already"
)
_NOT_REACHED = "the cut-off was not reached in ten times the time that all lithium takes"


def _in_words(reason: str) -> str:
    if "valid positive electrode stoichiometry" in reason:
        which = "low" if "Lowest" in reason else "high"
        return (
            f"the particles' surface left the range in which the open-circuit potential is "
            f"known (lithium fraction too {which}) before the cut-off was reached"
        )
    if "valid negative electrode stoichiometry" in reason:
        which = "empty" if "Lowest" in reason else "full"
        return f"the anode's host is {which} before the cut-off was reached"
    if "IDA" in reason:
        told = _SOLVER_WORDS.search(reason)
        words = (told.group(1) if told else reason).strip()
        return (
            f"the solver found no solution (its words: {words}); the current may be too high for "
            "so little contact or so slow diffusion"
        )
    return reason or "the solver gave no reason"
