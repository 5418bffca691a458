"""The jump of the voltage where current is switched: a resistance at every start and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._cycling.half_facts import HalfFacts, Trace
from solith.core.intervals import widening_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SWITCHES", "Switch", "find_switches"]

SWITCHES = {
    "charge_resistance": (1, True),
    "discharge_resistance": (-1, True),
    "charge_end_resistance": (1, False),
    "discharge_end_resistance": (-1, False),
}
"""Column of the table of cycles: direction of the half-cycle, and whether it is its start."""

_UNSETTLED = 0.02
"""Part of the current's change by which it may still change in the next row."""

_CREEP = 0.2
"""Part of the jump by which the voltage may move within the same time again."""

_SURE = 3.0
"""Standard uncertainties from which such a movement is believed."""

_LEAST_CHANGE = 0.2
"""Part of the half-cycle's current by which a switch has to change it."""

_AROUND = 3
"""Half-cycles on either side whose scatter is taken together with a half-cycle's own."""

_FAR_MORE = 1.5

_MEDIAN = 0.37
"""Efficiency of a standard deviation by the median of abs (Huber 1981, recalled)."""


@dataclass(frozen=True)
class Switch:
    """A resistance [ohm] of the whole cell with its uncertainty, and the seconds it spans."""

    resistance: float | None
    uncertainty: float | None
    seconds: float | None
    flags: tuple[str, ...]


def find_switches(
    trace: Trace, facts: Sequence[HalfFacts], at_start: bool, delay: float | None
) -> list[Switch]:
    """The change of voltage over that of current at the start or end of each half-cycle.

    From the last row before the switch to the first row after it; where the current has not
    settled there (the next one differs by more than 2 % of the change), to the next. With
    ``delay`` [s] the voltage after is that so long after the last row before, linear between
    rows. The uncertainty is that of two voltages that scatter as those of the half-cycle and of
    up to three on either side do, widened by Student's factor for so few rows. A half-cycle
    of several flows has its first start and its last end.

    "IR not separated" tells that within the same time again the voltage moved by more than a
    fifth of the jump: rows are too far apart to keep the ohmic part from what follows.
    """
    if not facts:
        return []
    rows = len(trace.time)
    places = np.array(
        [fact.half.blocks[0, 0] if at_start else fact.half.blocks[-1, 1] + 1 for fact in facts],
        dtype=np.intp,
    )
    known = (places > 0) & (places < rows)
    after = np.clip(places, 1, rows - 1)
    before = after - 1
    following = np.minimum(after + 1, rows - 1)
    change = trace.current[after] - trace.current[before]
    unsettled = np.abs(trace.current[following] - trace.current[after]) > _UNSETTLED * np.abs(
        change
    )
    if delay is None:
        after = np.where(unsettled & _same_flow(trace, after, following), following, after)
        seconds = trace.time[after] - trace.time[before]
        volts = trace.voltage[after]
        change = trace.current[after] - trace.current[before]
    else:
        seconds = np.full(len(facts), delay)
        volts, change = _delayed(trace, before, delay)
    jump = volts - trace.voltage[before]
    later = _at(trace, trace.time[before] + 2 * seconds, trace.voltage, after)
    creep = np.abs(later - volts)
    scatter = np.sqrt(2.0) * _noise(facts)
    separated = (creep <= _CREEP * np.abs(jump)) | (creep <= _SURE * scatter)
    found = []
    for place in range(len(facts)):
        ends = _stop(trace, facts, place, at_start)
        found.append(
            _switch(
                float(jump[place]),
                float(change[place]),
                float(scatter[place]),
                float(seconds[place]),
                bool(separated[place]),
                float(creep[place]),
                bool(known[place]) and abs(change[place]) > _LEAST_CHANGE * facts[place].current,
                trace.time[before[place]] + seconds[place] > ends,
            )
        )
    return found


def _switch(
    jump: float,
    change: float,
    scatter: float,
    seconds: float,
    separated: bool,
    creep: float,
    seen: bool,
    beyond: bool,
) -> Switch:
    if not seen:
        return Switch(None, None, None, ("the switch of the current is not in the record",))
    if beyond:
        return Switch(None, None, None, (f"the current changed again within {seconds:.4g} s",))
    flags = []
    if not separated:
        part = 100 * creep / abs(jump) if jump else np.inf
        flags.append(
            f"IR not separated: the voltage after {seconds:.4g} s moves by {part:.3g} % of the "
            "jump within the same time again"
        )
    resistance = jump / change
    if resistance < 0:
        flags.append("the voltage moves against the current")
    uncertainty = scatter / abs(change) if np.isfinite(scatter) else None
    return Switch(resistance, uncertainty, seconds, tuple(flags))


def _noise(facts: Sequence[HalfFacts]) -> NDArray[np.float64]:
    """Standard deviation of the voltage around each half-cycle, so wide that 1.96 are 95 %.

    That of a half-cycle that scatters far more than those around it is its own.
    """
    own = np.array([np.nan if fact.scatter is None else fact.scatter for fact in facts])
    rows = np.where(np.isnan(own), 0, [fact.rows for fact in facts])
    total = np.concatenate([[0.0], np.cumsum(rows * np.nan_to_num(own))])
    counted = np.concatenate([[0], np.cumsum(rows)])
    place = np.arange(len(facts))
    low, high = np.maximum(place - _AROUND, 0), np.minimum(place + _AROUND + 1, len(facts))
    many = counted[high] - counted[low]
    pooled = (total[high] - total[low]) / np.maximum(many, 1)
    pooled = np.where(many > 0, pooled, np.nan)
    lone = own > _FAR_MORE * pooled
    pooled, many = np.where(lone, own, pooled), np.where(lone, rows, many)
    return np.asarray(pooled * widening_95(np.maximum(_MEDIAN * many, 2.0)))


def _same_flow(trace: Trace, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Where the current does not turn or stop between two rows."""
    first, second = trace.current[one], trace.current[other]
    same = (np.sign(first) == np.sign(second)) & (np.abs(second) >= np.abs(first) / 2)
    return np.asarray(same, dtype=bool)


def _delayed(
    trace: Trace, before: NDArray[np.intp], delay: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    times = trace.time[before] + delay
    volts = _at(trace, times, trace.voltage, before + 1)
    return volts, _at(trace, times, trace.current, before + 1) - trace.current[before]


def _at(
    trace: Trace,
    times: NDArray[np.float64],
    column: NDArray[np.float64],
    least: NDArray[np.intp],
) -> NDArray[np.float64]:
    """A column at some times, linear between rows, of which the earlier is not before ``least``.

    Before the row ``least`` its own value counts.
    """
    last = len(trace.time) - 1
    upper = np.clip(np.searchsorted(trace.time, times, side="left"), least, last)
    lower = np.clip(upper - 1, np.minimum(least, last), last)
    width = trace.time[upper] - trace.time[lower]
    part = np.where(width > 0, (times - trace.time[lower]) / np.where(width > 0, width, 1.0), 1.0)
    part = np.clip(part, 0.0, 1.0)
    return np.asarray(column[lower] + part * (column[upper] - column[lower]))


def _stop(trace: Trace, facts: Sequence[HalfFacts], place: int, at_start: bool) -> float:
    """The time until which the current after the switch lasts."""
    if at_start:
        return float(trace.time[facts[place].half.blocks[0, 1]])
    if place + 1 < len(facts):
        return float(
            trace.time[
                max(facts[place + 1].half.blocks[0, 0] - 1, facts[place].half.blocks[-1, 1] + 1)
            ]
        )
    return float(trace.time[-1])
