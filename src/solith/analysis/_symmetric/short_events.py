"""What went wrong in a symmetric cell: shorts, and steps that a voltage limit ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._symmetric.abrupt_drops import Drop, find_drops, resistance_noise
from solith.analysis._symmetric.step_limits import steps_at_limit
from solith.analysis._symmetric.step_voltages import StepVoltage
from solith.analysis._symmetric.steps import Samples

__all__ = ["HARD", "LIMIT", "SOFT", "Event", "find_events"]

Array = NDArray[np.float64]

HARD, SOFT, LIMIT = "hard short", "soft short", "polarisation limit"

_BELOW = "below the polarisation at no higher current before"

_COLLAPSE = 0.8  # of the resistance, lost for good: a hard short
_STAYS = 0.4  # of the resistance before it: below, all later steps are still short
_LEAST_BETWEEN = 0.15  # of the resistance, where it is compared between steps
_LEAST_GRADUAL = 0.15  # beyond the falls within all earlier steps
_RECOVERED = 0.5  # of a gradual fall, at the start of the next step
_NOISY = 5.0  # times the usual noise
_LEAST_NOISE = 0.03  # of the polarisation
_UNSEEN = 4  # rows before a drop that the test within a step needs
_EARLIER = 2  # steps that set the measure of shape and noise, at least
_MEMORY = 50  # and at most


@dataclass(frozen=True)
class Event:
    """Something that ends the safe part of a test, or would if it came first.

    ``step`` counts from 0; ``time`` [s] with standard uncertainty; resistances [ohm] before and
    after; ``recovered`` is the part of the loss that the next step begins without.
    """

    kind: str
    sign: str
    step: int
    time: float
    time_uncertainty: float
    before: float | None
    after: float | None
    recovered: float | None
    score: float | None


def find_events(
    samples: Samples,
    steps: Sequence[StepVoltage],
    *,
    least_drop: float,
    false_alarm: float,
    leads: float,
    voltage_limit: float | None,
) -> tuple[list[Event], float]:
    """All events in order of time, and the score that an abrupt drop had to exceed.

    Shorts show as an abrupt drop within a step; as a step that lies below what the one before
    it in the same direction allows, all along (the voltage of a passive cell does not fall with
    rising current, nor its resistance rise); as a fall within a step beyond that of all steps
    before, taken back at the next switch; or as noise. They are hard where at least 80 % of
    the resistance less ``leads`` is lost and does not come back.
    """
    drops, limit = find_drops(steps, least_drop, false_alarm)
    noise = resistance_noise(steps)
    events: list[Event] = []
    for number in range(len(steps)):
        events += [_of_drop(drop, steps, leads) for drop in drops[number]]
        if drops[number]:
            continue
        known = any(one.step == number - 1 for one in events)
        event = (
            _below_earlier(number, steps, max(least_drop, _LEAST_BETWEEN), leads, known)
            or _gradual(number, steps, float(noise[number]), limit)
            or _noisy(number, steps)
        )
        if event is not None:
            events.append(event)
    for number, sign in steps_at_limit(samples, steps, voltage_limit):
        step = steps[number]
        events.append(
            Event(LIMIT, sign, number, float(step.time[-1]), _spacing(step), None, None, None, None)
        )
    return sorted(events, key=lambda event: (event.step, event.time)), limit


def _of_drop(drop: Drop, steps: Sequence[StepVoltage], leads: float) -> Event:
    step = steps[drop.step]
    one, other = step.time[drop.place - 1], step.time[drop.place]
    rest = float(np.median(step.resistance[drop.place :]))
    kind = _kind(drop.before, min(drop.after, rest), rest, drop.step, steps, leads)
    return Event(
        kind,
        "abrupt drop",
        drop.step,
        float(one + other) / 2,
        float(other - one) / 12**0.5,
        drop.before,
        drop.after,
        _recovered(drop.before, min(drop.after, rest), drop.step, steps),
        drop.score,
    )


def _kind(
    before: float,
    after: float,
    rest: float,
    number: int,
    steps: Sequence[StepVoltage],
    leads: float,
) -> str:
    """Hard where the resistance collapses and nothing later is above 40 % of what it was."""
    whole = before - leads
    if after - leads > (1 - _COLLAPSE) * whole:
        return SOFT
    highest = max([rest, *(step.usual for step in steps[number + 1 :])])
    return HARD if highest - leads <= _STAYS * whole else SOFT


def _recovered(
    before: float, after: float, number: int, steps: Sequence[StepVoltage]
) -> float | None:
    if number + 1 == len(steps) or before <= after:
        return None
    following = steps[number + 1]
    return (following.start / following.size - after) / (before - after)


def _below_earlier(
    number: int, steps: Sequence[StepVoltage], least: float, leads: float, known: bool
) -> Event | None:
    """A step that lies below what the last one in its direction allows, from its start on.

    Rows at its start that do not, or rows at the end of the step before that do (unless its
    loss is ``known``), say where this one began; else it was at the switch, told no better than
    to a row's spacing.
    """
    step = steps[number]
    earlier = _before(number, steps, step.step.direction)
    if not earlier:
        return None
    low = _bound(earlier[-1], step)
    # Slow changes go on from step to step, so the step just before speaks too.
    last = steps[number - 1]
    whole = min(low[0], min(_bound(last, step)))
    own = step.thirds
    high = _first_rows_above((whole + step.usual) / 2, step)
    below = all(mine <= (1 - least) * bound for mine, bound in zip(own, low, strict=True))
    early = 0 < high < _UNSEEN and step.usual <= (1 - least) * min(whole, *low)
    if not early and (not below or own[0] > (1 - least) * whole):
        return None
    before, after = float(np.mean(low)), float(np.mean(own))
    if high:
        before, after = whole, float(np.median(step.resistance[high:]))
    at, one, other = _beginning(number, steps, high, None if known else after)
    rest = float(np.median(step.resistance[high:]))
    return Event(
        _kind(before, after, rest, number, steps, leads),
        "abrupt drop" if high or at < number else _BELOW,
        at,
        (one + other) / 2 if high or at < number else other,
        max((other - one) / 12**0.5, _spacing(step)),
        before,
        after,
        _recovered(before, after, number, steps),
        None,
    )


def _first_rows_above(middle: float, step: StepVoltage) -> int:
    """How many of the first rows are above a resistance [ohm]."""
    under = np.flatnonzero(step.resistance <= middle)
    return int(under[0]) if len(under) else 0


def _beginning(
    number: int, steps: Sequence[StepVoltage], high: int, after: float | None
) -> tuple[int, float, float]:
    """The step in which a loss began, and the times of the rows around that [s].

    Without the resistance ``after`` it [ohm] not in the step before.
    """
    step, last = steps[number], steps[number - 1]
    if high:
        return number, float(step.time[high - 1]), float(step.time[high])
    if after is not None:
        over = np.flatnonzero(last.resistance > (last.usual + after) / 2)
        place = int(over[-1]) if len(over) else len(last.time) - 1
        if place + 1 < len(last.time):
            return number - 1, float(last.time[place]), float(last.time[place + 1])
    return number, float(last.time[-1]), float(step.time[0])


def _before(
    number: int, steps: Sequence[StepVoltage], direction: int | None = None
) -> list[StepVoltage]:
    """The steps before one, or those of them that go in one direction."""
    recent = steps[max(0, number - _MEMORY) : number]
    return [one for one in recent if direction in (None, one.step.direction)]


def _bound(earlier: StepVoltage, step: StepVoltage) -> tuple[float, float, float]:
    """The least resistance [ohm] that a passive cell has after ``earlier``, by thirds."""
    factor = min(1.0, earlier.size / step.size)
    first, middle, last = (factor * value for value in earlier.thirds)
    return first, middle, last


def _gradual(number: int, steps: Sequence[StepVoltage], noise: float, limit: float) -> Event | None:
    """A fall within a step that no earlier one had, and that the next switch takes back."""
    step = steps[number]
    if number < _EARLIER or number + 1 == len(steps) or step.start <= 0:
        return None
    shapes = [one.end / one.start for one in _before(number, steps) if one.start > 0]
    same = _before(number, steps, step.step.direction)
    if len(shapes) < _EARLIER or not same:
        return None
    first, last = step.start / step.size, step.end / step.size
    fell = step.end / step.start <= (1 - _LEAST_GRADUAL) * min(shapes)
    deep = last <= 0.9 * same[-1].end / same[-1].size
    recovered = _recovered(first, last, number, steps)
    if not fell or not deep or recovered is None or recovered < _RECOVERED:
        return None
    score = (first - last) / (noise or np.finfo(float).tiny)
    if score < limit:
        return None
    below = np.flatnonzero(step.resistance < first - (first - last) / 2)
    place = int(below[0]) if len(below) else len(step.time) - 1
    return Event(
        SOFT,
        "gradual fall, taken back at the next switch",
        number,
        float(step.time[place]),
        float(step.time[-1] - step.time[0]) / 12**0.5,
        first,
        last,
        recovered,
        score,
    )


def _noisy(number: int, steps: Sequence[StepVoltage]) -> Event | None:
    """A voltage that fluctuates from row to row much more than in the steps before."""
    step = steps[number]
    earlier = [one for one in _before(number, steps) if len(one.time) >= 8]
    if len(earlier) < _EARLIER or step.mean <= 0:
        return None
    usual = float(np.median([one.noise for one in earlier]))
    part = float(np.median([one.noise / max(one.mean, np.finfo(float).tiny) for one in earlier]))
    score = step.noise / max(usual, part * step.mean, np.finfo(float).tiny)
    if score < _NOISY or step.noise < _LEAST_NOISE * step.mean:
        return None
    return Event(
        SOFT,
        "the voltage fluctuates",
        number,
        float(step.time[0] + step.time[-1]) / 2,
        float(step.time[-1] - step.time[0]) / 12**0.5,
        None,
        None,
        None,
        score,
    )


def _spacing(step: StepVoltage) -> float:
    return float(np.median(np.diff(step.time))) / 12**0.5
