"""Steps that ended before their time: by a voltage limit, or by whoever stopped the test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from solith.analysis._symmetric.step_voltages import StepVoltage
from solith.analysis._symmetric.steps import Samples

__all__ = ["cut_short", "steps_at_limit"]

_PLANNED = 0.9  # of the usual duration or charge; below, a step was cut short
_REGULAR = 0.05  # relative scatter of durations or charges that makes them a plan
_LEAST_STEPS = 3
_AT_LIMIT = 0.98  # of a voltage that counts as reached
_RISES = 1.1  # end over start of a step whose polarisation runs away


def steps_at_limit(
    samples: Samples, steps: Sequence[StepVoltage], voltage_limit: float | None
) -> list[tuple[int, str]]:
    """The steps (from 0) that a limit of the voltage ended, and by which sign that is told.

    Either ``voltage_limit`` [V] was reached, or the current was let go while the voltage was
    highest, or the step was cut short at the highest polarisation so far. At both ends of a
    record, where rows may be missing, that counts only where the voltage rose by 10 % in the step.
    """
    short = cut_short(samples, steps)
    found = []
    highest = 0.0
    for number, step in enumerate(steps):
        top = float(np.max(step.resistance)) * step.size
        if voltage_limit is not None and max(step.end, top if not step.step.held else 0.0) >= (
            _AT_LIMIT * voltage_limit
        ):
            found.append((number, f"{voltage_limit:g} V reached"))
        elif not step.step.held and step.end >= 0.9 * top:
            found.append((number, "the current was let go"))
        elif short[number] and step.end >= _AT_LIMIT * highest:
            rose = step.start > 0 and step.end >= _RISES * step.start
            if rose or 0 < number < len(steps) - 1:
                found.append((number, "cut short at the highest polarisation so far"))
        highest = max(highest, step.end)
    return found


def cut_short(samples: Samples, steps: Sequence[StepVoltage]) -> NDArray[np.bool_]:
    """Which steps took less than the time, or passed less than the charge, of the others.

    The plan is what varies least, duration or charge; where both vary, or fewer than three
    steps tell, none is cut short. Time without rows at both ends counts as time that it may have
    taken.
    """
    none = np.zeros(len(steps), dtype=bool)
    if len(steps) < _LEAST_STEPS:
        return none
    unseen = np.array([_unseen(samples, step) for step in steps])
    duration = np.array([step.step.duration for step in steps])
    plans = []
    for values, most in (
        (duration, duration + unseen),
        (
            np.array([step.step.charge for step in steps]),
            np.array([step.step.charge for step in steps])
            + unseen * np.array([step.size for step in steps]),
        ),
    ):
        usual = float(np.median(values))
        if usual > 0:
            scatter = float(np.median(np.abs(values - usual))) / usual
            plans.append((scatter, most < _PLANNED * usual))
    if not plans:
        return none
    scatter, short = min(plans, key=lambda plan: plan[0])
    return short if scatter <= _REGULAR else none


def _unseen(samples: Samples, step: StepVoltage) -> float:
    """The time for which the current may have flowed unseen at the ends of a step [s]."""
    own = step.step
    spacing = float(np.median(np.diff(step.time)))
    behind = int(own.rows[-1]) + 1
    lost = spacing  # a switch lies between two rows
    if own.before is not None:
        lost += max(0.0, own.start - float(samples.time[own.before]))
    if own.held and behind < len(samples.time):
        lost += max(0.0, float(samples.time[behind]) - own.stop - spacing)
    return lost
