"""Which flows of current are the pulses of a titration, and whether their rows can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._options import fact
from solith.core.errors import InputError
from solith.core.quantities import in_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._titration.pulse import MeasuredPulse
    from solith.analysis._titration.trace import Trace
    from solith.core.record import Record

__all__ = ["DIRECTIONS", "add_states", "judge_rows", "judge_signs", "titration_of"]

DIRECTIONS = {"charge": (1,), "discharge": (-1,), "both": (1, -1)}

_SHORT, _LONG = 0.9, 3.0
"""In usual durations: a last pulse below the first was cut short; a flow of current above the
second is no pulse but what brought the cell to the titration."""

_BLIP = 0.05
"""In usual durations: a shorter flow of current is a check of the wiring, no pulse."""

_OTHER_CURRENT = 1.5
"""A flow before the titration or after it whose current is so many times the usual one, or by so
many lower, is no pulse of it."""

_LEAST_OTHER_WAY = 3
"""Pulses of the rarer direction from which on both directions are taken."""

_GAP_STEPS, _GAP_PART = 5.0, 0.05
"""A step of time so many times its neighbours and above such a part of the pulse is a gap."""

_SCATTERS = 5.0
"""A change of voltage in a pulse below so many times the scatter tells no sign."""

_MOST_WRONG = 0.5
"""Part of the pulses with the wrong sign above which there is no answer."""


def titration_of(traces: Sequence[Trace], direction: str | None) -> list[Trace]:
    """The pulses of the wanted direction, without what brought the cell there.

    Without a direction both are taken where each has at least three pulses, otherwise the
    one with more.
    """
    beside_rest = [t for t in traces if (len(t.before) or len(t.after)) and t.duration > 0]
    by_way = {way: _alike([t for t in beside_rest if t.pulse.direction == way]) for way in (1, -1)}
    if direction is None:
        up, down = len(by_way[1]), len(by_way[-1])
        direction = "charge" if up > down else "discharge"
        if min(up, down) >= _LEAST_OTHER_WAY and _comparable(by_way[1], by_way[-1]):
            direction = "both"
    wanted = [trace for way in DIRECTIONS[direction] for trace in by_way[way]]
    return sorted(wanted, key=lambda trace: trace.start)


def _alike(found: list[Trace]) -> list[Trace]:
    """Flows without those that are no pulses: long or very short, or of another current at the
    beginning and the end."""
    if not found:
        return []
    usual = float(np.median([trace.duration for trace in found]))
    found = [t for t in found if _BLIP * usual <= t.duration <= _LONG * usual]
    current = float(np.median([_current(trace) for trace in found]))

    def other(trace: Trace) -> bool:
        ratio = _current(trace) / current
        return not 1 / _OTHER_CURRENT <= ratio <= _OTHER_CURRENT

    while len(found) > 1 and other(found[0]):
        found = found[1:]
    while len(found) > 1 and other(found[-1]):
        found = found[:-1]
    return found


def _comparable(one: Sequence[Trace], other: Sequence[Trace]) -> bool:
    """Whether pulses of both directions belong to one kind of titration."""
    ratio = np.median([t.duration for t in one]) / np.median([t.duration for t in other])
    return bool(1 / _LONG <= ratio <= _LONG)


def _current(trace: Trace) -> float:
    return abs(float(np.median(trace.on.current)))


def judge_signs(pulses: Sequence[MeasuredPulse], title: str) -> None:
    """Pulses in which the voltage goes against the current, against all sense.

    Raises :class:`InputError` where that are half of those that tell a sign.
    """
    told, wrong = 0, []
    for pulse in pulses:
        trace = pulse.trace
        if not len(trace.before):
            continue
        change = float(trace.on.voltage[-1] - trace.before.voltage[-1]) * trace.pulse.direction
        if abs(change) > _SCATTERS * (pulse.noise or 0.0):
            told += 1
            if change < 0:
                wrong.append(pulse)
    if wrong and len(wrong) >= _MOST_WRONG * told:
        charging = 2 * sum(pulse.trace.pulse.direction > 0 for pulse in wrong) >= len(wrong)
        seen = "falls in a charge" if charging else "rises in a discharge"
        raise InputError(
            f"{title}: the current has the wrong sign: at {len(wrong)} of {told} pulses the "
            f"voltage {seen}. Turn current_ampere round so that it is positive where "
            "it raises the voltage"
        )
    for pulse in wrong:
        pulse.failures["wrong sign"] = "wrong sign: the voltage goes against the current"


def judge_rows(pulses: Sequence[MeasuredPulse]) -> None:
    """Gaps in the rows of a pulse, and where the last one of a direction was cut short."""
    for pulse in pulses:
        gap, pause = _gap(pulse.trace), pulse.trace.pause
        if pause is not None:
            pulse.failures["gap"] = (
                f"gap: the clock restarts after {pause:.6g} s, and how long the pause in the pulse "
                "or its rests was is not known"
            )
        elif gap is not None:
            pulse.failures["gap"] = (
                f"gap: no rows from {gap[0]:.6g} s to {gap[1]:.6g} s, {gap[2]} the pulse; when "
                "current flowed is not known"
            )
    usual = float(np.median([pulse.trace.duration for pulse in pulses]))
    for way in (1, -1):
        mine = [pulse for pulse in pulses if pulse.trace.pulse.direction == way]
        if mine and mine[-1].trace.duration < _SHORT * usual:
            last = mine[-1]
            last.failures["cut short"] = (
                f"the last pulse was cut short: {last.trace.duration:.4g} s instead of "
                f"{usual:.4g} s"
            )


def _gap(trace: Trace) -> tuple[float, float, str] | None:
    """From when to when rows are missing in a pulse or at its ends, and where that is."""
    ahead = np.array([trace.start] if len(trace.before) else [])
    switched = np.array([trace.end] if trace.end > trace.on.time[-1] else [])
    behind = np.concatenate([switched, trace.after.time[:2]])[:2]
    time = np.concatenate([ahead, trace.on.time, behind])
    steps = np.diff(time)
    if len(steps) < 3:
        return None
    beside = np.maximum(np.concatenate([[0.0], steps[:-1]]), np.concatenate([steps[1:], [0.0]]))
    number = len(ahead) + len(trace.on) - 1 + min(len(behind), 1)  # the last is only beside
    missing = (steps > _GAP_STEPS * beside) & (steps > _GAP_PART * trace.duration)
    places = np.flatnonzero(missing[:number])
    if not len(places):
        return None
    first = int(places[np.argmax(steps[places])])
    if len(ahead) and first == 0:
        where = "at the start of"
    elif first >= len(ahead) + len(trace.on) - 1:
        where = "at the end of"
    else:
        where = "within"
    return float(time[first]), float(time[first + 1]), where


def add_states(record: Record, flows: Sequence[Trace], pulses: Sequence[MeasuredPulse]) -> None:
    """Capacity passed and state of charge in the middle of each pulse.

    The state of charge counts all ``flows`` between the first and the last pulse; its ends are
    the extremes reached there.
    """
    first, last = pulses[0].trace.start, pulses[-1].trace.end
    within = [flow for flow in flows if first <= flow.start and flow.end <= last]
    signed = np.array([flow.charge * flow.pulse.direction for flow in within])
    ends = np.concatenate([[0.0], np.cumsum(signed)])
    starts = [flow.start for flow in within]
    middle = dict(zip(starts, ends[:-1] + signed / 2, strict=True))
    charges: NDArray[np.float64] = np.array([pulse.trace.charge for pulse in pulses])
    behind = np.cumsum(charges) - charges
    mass = fact(record, "active_mass_kg")
    lithium = "mean_lithium_fraction"
    for place, pulse in enumerate(pulses):
        trace = pulse.trace
        passed = float(behind[place] + charges[place] / 2)
        pulse.capacity = (
            in_unit(passed, "C", "mAh") if mass is None else in_unit(passed / mass, "C/kg", "mAh/g")
        )
        pulse.state_of_charge = float(100 * (middle[trace.start] - ends.min()) / np.ptp(ends))
        if lithium in record.data.variables:
            pulse.lithium_fraction = float(
                np.mean(record.array(lithium)[trace.pulse.rows[[0, -1]]])
            )
