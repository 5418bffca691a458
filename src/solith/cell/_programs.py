"""Protocols as programs: which stage comes next, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from solith.cell._runner import PASSED, TIME_OVER, Program, Stage
from solith.cell.protocol import Cycling, Gitt, Voltammetry
from solith.cell.reference import read_voltage
from solith.cell.steps import Step, pair_numbers
from solith.core.errors import InputError
from solith.core.progress import Progress

__all__ = ["cycling_program", "gitt_program", "voltammetry_program"]

_MARGIN = 1e-4  # of the lithium fraction, so that the next step begins inside the curve


def cycling_program(protocol: Cycling, cell: Any, progress: Progress) -> Program:
    """The steps of a cycling protocol, one cycle after another."""
    steps = protocol.read_steps()
    pairs = pair_numbers(steps)
    stages = [_stage(step, cell) for step in steps]
    total = protocol.cycles * len(steps)
    for number in range(total):
        cycle, place = divmod(number, len(steps))
        yield replace(stages[place], cycle=cycle * pairs[-1] + pairs[place])
        progress.report((number + 1) / total, f"step {number + 1} of {total}")


def gitt_program(protocol: Gitt, cell: Any, progress: Progress) -> Program:
    """What comes before the titration, then pulses and rests until a pulse is cut short."""
    for step in protocol.read_steps():
        yield _stage(step, cell)
    pulse, rest = _stage(protocol.read_pulse(), cell), _stage(protocol.read_rest(), cell)
    charge = cell.full_capacity * cell.area / abs(pulse.current or 1.0) / protocol.pulse
    expected = min(protocol.most_pulses, charge)
    for number in range(1, protocol.most_pulses + 1):
        end = yield pulse
        if number == 1 and end == PASSED:
            raise InputError(
                f"the first pulse begins beyond {protocol.until!r}; begin elsewhere, e.g. "
                "begin = ['charge at 0.1 C until ...', 'rest for 2 h'], or change the direction",
                where="until",
            )
        yield rest
        progress.report(min(number / expected, 1.0), f"pulse {number}")
        if end != TIME_OVER:
            return


def voltammetry_program(
    protocol: Voltammetry, cell: Any, progress: Progress, open_circuit: float
) -> Program:
    """Sweeps between the vertices; a cycle begins at the vertex that came first."""
    upper, lower = (read_voltage(v).in_cell(cell) for v in (protocol.upper, protocol.lower))
    vertices = (upper, lower) if protocol.first == "upper" else (lower, upper)
    here = open_circuit if protocol.start is None else read_voltage(protocol.start).in_cell(cell)
    turns = [vertex for _ in range(protocol.cycles) for vertex in vertices]
    for number, vertex in enumerate(turns, start=1):
        if vertex != here:
            words = f"sweep from {here:.4g} V to {vertex:.4g} V"
            yield Stage(
                words,
                duration=abs(vertex - here) / protocol.scan_rate,
                voltage=here,
                sweep=protocol.scan_rate if vertex > here else -protocol.scan_rate,
                cycle=(number + 1) // 2,
            )
        here = vertex
        progress.report(number / len(turns), f"sweep {number} of {len(turns)}")


def _stage(step: Step, cell: Any) -> Stage:
    limit = None if step.potential is None else step.potential.in_cell(cell)
    if step.action == "rest":
        assert step.duration is not None
        return Stage(step.text, step.duration, current=0.0)
    early = step.duration is None
    duration = step.duration or _longest_time(step, cell)
    if step.action == "hold":
        ending = None if step.current is None else step.current.amperes(cell)
        return Stage(step.text, duration, voltage=limit, least_current=ending, must_end_early=early)
    assert step.current is not None
    amperes = step.current.amperes(cell)
    if step.action == "charge":
        return Stage(step.text, duration, current=-amperes, upper=limit, must_end_early=early)
    full = cell.open_circuit_potential.extended_high - _MARGIN
    return Stage(
        step.text,
        duration,
        current=amperes,
        lower=limit,
        fullest=None if limit is None else full,
        must_end_early=early,
    )


def _longest_time(step: Step, cell: Any) -> float:
    """More time than all the lithium of the cathode can take [s]."""
    assert step.current is not None
    amperes = step.current.amperes(cell)
    return 10.0 * float(cell.full_capacity) * float(cell.area) / amperes
