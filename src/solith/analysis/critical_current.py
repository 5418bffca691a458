"""The critical current density of a lithium symmetric cell, from steps of rising current."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._rows import title_of
from solith.analysis._symmetric.short_events import LIMIT, Event
from solith.analysis._symmetric.step_limits import cut_short
from solith.analysis._symmetric.step_voltages import StepVoltage
from solith.analysis._symmetric.steps import SAME_LEVEL
from solith.analysis._symmetric.table import Test, polarisation_line, read_test
from solith.analysis._symmetric.values import plated, until_failure
from solith.core.result import LOWER_BOUND, Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["find_critical_current"]

_LOWER = 1 - SAME_LEVEL  # of a current; what is above counts as the same
_BRACKET = "last current density completed before the first failure"


def find_critical_current(
    record: Record,
    *,
    area: Any = None,
    least_drop: float = 0.1,
    false_alarm: float = 1e-4,
    leads: Any = None,
    voltage_limit: Any = None,
) -> Result:
    """The highest current density that Li | electrolyte | Li bore, and how it failed above it.

    For a stepped test of plating and stripping (or of one direction), measured or simulated, found
    by the current alone: levels that differ by more than 2 %, each repeated at will, with rests or
    without, limited by time or by charge. Which sign of the current plates which side does not
    matter, nor does a voltage that is counted the other way.

    ``critical_current_density`` is the highest current density below the first failing one
    that was completed before it, ``first_failing_current_density`` that of the step that failed.
    The true threshold lies between the two; spread evenly, its standard deviation about the middle
    is width / sqrt(12), about the lower end width / sqrt(3), which is the uncertainty of the
    critical current density: the 95 % interval holds the whole bracket
    (``details["bracket"]``). Without a failure, the value is a lower bound and says so.

    A failure is the first of (``details["events"]``):

    * a *soft short*: part of the resistance V/I is lost abruptly within a step; or a step lies 15 %
      or more (``least_drop`` where that is more) below what the one before in its direction
      allows, from its start on; or the voltage falls within a step 15 % further than in any step
      before and is back at the next switch; or it fluctuates five times as much as before, by 3 %
      or more. Slow decline and bent kinetics are none of these.
    * a *hard short*: 80 % of the resistance or more, less that of ``leads`` [ohm], is lost and
      nothing later comes back above 40 %.
    * a *polarisation limit*: the step was ended, or its current let go, at the highest voltage so
      far, or at ``voltage_limit`` [V].

    An abrupt drop is at least ``least_drop`` of the resistance and exceeds what the record's own
    noise and wander give anywhere in it with the probability ``false_alarm`` (Bonferroni over all
    gaps between rows, normal noise; ``details["score_limit"]``). A drop that lasts fewer than
    three rows is taken for outliers.

    Other values: ``area_resistance`` of the safe steps, the slope of mean polarisation against
    current density (its uncertainty times 1.96 is a 95 % interval, with Student's t where steps
    scatter), ``plated_capacity`` and ``plated_thickness`` of a half cycle at the critical current,
    ``cumulative_capacity`` (both directions added up) and ``time_of_failure``. Densities are of
    the *geometric* area: ``area`` [m2 or text], else the record's ``geometric_area_m2``; without
    one they are currents of the cell, flagged. ``details["steps"]`` is the table of steps, in
    ``details["units"]``.

    Raises :class:`InputError` for another kind of record, for one without current, and for
    options out of range.
    """
    test = read_test(
        record,
        area,
        least_drop=least_drop,
        false_alarm=false_alarm,
        leads=leads,
        voltage_limit=voltage_limit,
    )
    safe = _completed(test)
    last = _last_safe(test, safe)
    bound = () if last is None or test.failure else (f"{LOWER_BOUND}: no step failed",)
    values = [
        *_bracket(test, last),
        *_resistance(test, safe),
        *plated(test, last, "half cycle at the critical current", bound),
        *until_failure(test),
    ]
    failure = test.failure
    return Result(
        f"Critical current of {title_of(record)}",
        tuple(values),
        {
            **test.told(),
            "bracket": [
                None if last is None else test.units.current(last[0].size),
                None if failure is None else test.units.current(test.steps[failure.step].size),
            ],
        },
    )


def _completed(test: Test) -> tuple[StepVoltage, ...]:
    """The safe steps that nobody cut short."""
    short = cut_short(test.samples, test.steps)
    return tuple(
        step
        for number, step in enumerate(test.safe_steps())
        if step.step.held and not short[number]
    )


def _last_safe(test: Test, safe: Sequence[StepVoltage]) -> tuple[StepVoltage, ...] | None:
    """The completed steps at the highest current below that which failed; ``None`` if none is."""
    failure = test.failure
    below = [
        step
        for step in safe
        if failure is None or step.size < _LOWER * test.steps[failure.step].size
    ]
    if not below:
        return None
    highest = max(step.size for step in below)
    return tuple(step for step in below if step.size > _LOWER * highest)


def _bracket(test: Test, last: tuple[StepVoltage, ...] | None) -> list[Value]:
    units, failure = test.units, test.failure
    density = "critical_current" if units.area is None else "critical_current_density"
    failing = "first_failing_current" + ("" if units.area is None else "_density")
    unit, flags = units.texts["current"], (*units.flags, *test.flags)
    safe = None if last is None else units.current(float(np.mean([one.size for one in last])))
    failed = None if failure is None else units.current(test.steps[failure.step].size)
    told = _told(test, failure)
    spread = None
    if safe is not None and failed is not None:
        spread = (failed - safe) / 3**0.5
    if failure is None:
        bound = "" if safe is None else f"{LOWER_BOUND}: no failure up to {safe:.4g} {unit}"
        told = (bound or "no short", *told)
    elif safe is None:
        told = ("the lowest current failed: an upper bound is all that is known", *told)
    return [
        Value(
            density,
            safe,
            unit,
            spread,
            area=units.name,
            method=_BRACKET,
            flags=(*told, *flags),
        ),
        Value(
            failing,
            failed,
            unit,
            area=units.name,
            method="" if failure is None else failure.sign,
            flags=(*(told if failure else ("no step failed",)), *flags),
        ),
    ]


def _told(test: Test, failure: Event | None) -> tuple[str, ...]:
    """The failure in words, and what came before or after it."""
    told: list[str] = []
    if failure is not None:
        step = test.steps[failure.step]
        told.append(f"{failure.kind} in step {failure.step + 1}: {failure.sign}")
        if any(one.size > step.size / _LOWER for one in test.safe_steps()):
            told.append("failed at a current below one that it had passed")
        elif any(one.size > _LOWER * step.size for one in test.safe_steps()):
            told.append("steps at the failing current passed before it failed")
        later = {event.kind: event.step for event in reversed(test.events)}
        told += [
            f"{kind} later, in step {number + 1}"
            for kind, number in later.items()
            if kind != failure.kind
        ]
    short = cut_short(test.samples, test.steps)
    limited = {event.step for event in test.events if event.kind == LIMIT}
    told += [
        f"step {number + 1} was cut short and does not count as completed"
        for number in np.flatnonzero(short).tolist()
        if number not in limited and number <= (len(short) if failure is None else failure.step)
    ]
    return tuple(told)


def _resistance(test: Test, safe: Sequence[StepVoltage]) -> list[Value]:
    units = test.units
    name = "resistance" if units.area is None else "area_resistance"
    unit, flags = units.texts["resistance"], units.flags
    method = "slope of mean polarisation against current, safe steps"
    if not safe:
        return [Value(name, None, unit, area=units.name, flags=("no safe step", *flags))]
    line, bent = polarisation_line(safe)
    each = [units.resistance(step.mean / step.size) for step in safe]
    if bent:
        first, last = each[0], each[-1]
        flags = (
            f"polarisation bends against current: V/j from {first:.4g} at the first safe step to "
            f"{last:.4g} {unit} at the last",
            *flags,
        )
    return [
        Value(
            name,
            units.resistance(float(line.coefficients[0])),
            unit,
            units.resistance(line.widened(0)),
            area=units.name,
            method=method,
            flags=flags,
        )
    ]
