"""What can be told of each half-cycle from its rows: voltages, scatter, gaps, steps of current."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._cycling.constant_current import ONE_CURRENT
from solith.analysis._half_cycles import HalfCycle
from solith.analysis._rows import pauses_among, usable_rows
from solith.core.scatter import median, row_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["HalfFacts", "Trace", "facts_of", "trace_of"]

_STEADY = 0.005
"""Part by which neighbouring currents differ on both sides of a step of current."""

_LONG = 10.0
"""An interval this many times as long as the usual one is a gap, if it is sudden."""

_SUDDEN = 4.0
"""Times that a gap is longer than the intervals beside it: solvers' steps grow little by little."""

_FEW = 8
"""Rows below which a flow does not tell its scatter or its usual interval."""


@dataclass(frozen=True)
class Trace:
    """Time [s], voltage [V] and current [A] in the usable rows of a cycling record.

    ``pauses`` are the rows after which an unknown time passed.
    """

    time: NDArray[np.float64]
    voltage: NDArray[np.float64]
    current: NDArray[np.float64]
    pauses: NDArray[np.intp]


@dataclass(frozen=True)
class HalfFacts:
    """One half-cycle; voltages in V, currents in A, charges in C, times in s.

    ``current`` is the median of abs(I). ``sag`` is how far the voltage went back at constant
    current from the furthest it had been, ``span`` how far it went, ``scatter`` the standard
    deviation of its white noise (``None`` for fewer than eight rows), from ``rows`` rows.
    ``jumps`` are the currents after each step from one constant current to another. ``gap`` and
    ``gap_charge`` are the intervals far longer than the usual one together and the charge that
    the trapezoid rule gives them; ``silence`` and ``silent_charge`` the time beside the flow in
    which it may have gone on unseen, and the charge of that; ``torn`` tells that rows are
    missing there. ``paused`` tells that a pause of unknown length lies within or beside it.
    """

    half: HalfCycle
    mean: float | None
    current: float
    start: float
    end: float
    span: float
    sag: float
    scatter: float | None
    rows: int
    jumps: tuple[float, ...]
    gap: float
    gap_charge: float
    silence: float
    silent_charge: float
    torn: bool
    paused: bool


def trace_of(record: Record) -> Trace:
    """The usable rows, as :func:`find_half_cycles` counts them; arrays are not copied."""
    names = ("test_time_second", "voltage_volt", "current_ampere")
    rows, _ = usable_rows(record, "cycling", names, at_least=2)
    columns = [record.array(name) for name in names]
    if len(rows) < len(record):
        columns = [column[rows] for column in columns]
    time, voltage, current = columns
    return Trace(time, voltage, current, pauses_among(record, rows))


def facts_of(
    trace: Trace, halves: Iterable[HalfCycle], voltage: NDArray[np.float64]
) -> dict[tuple[int, int], HalfFacts]:
    """The facts by cycle and direction; ``voltage`` has a value for each row of the record."""
    return {
        (half.cycle, half.direction): _facts(trace, half, voltage)
        for half in halves
        if half.charge > 0
    }


def _facts(trace: Trace, half: HalfCycle, voltage: NDArray[np.float64]) -> HalfFacts:
    first, last = half.blocks[np.argmax(half.blocks[:, 1] - half.blocks[:, 0])]
    time, volts, amperes = (
        column[first : last + 1] for column in (trace.time, trace.voltage, trace.current)
    )
    strength = np.abs(amperes)
    usual = median(strength)
    along = half.direction * volts
    level = along[np.abs(strength - usual) <= ONE_CURRENT * usual]
    intervals = np.diff(time)
    long = _long(intervals)
    charges = strength[1:] + strength[:-1]
    silence, silent_charge, torn = _silence(trace, half, intervals)
    return HalfFacts(
        half=half,
        mean=half.mean(voltage),
        current=usual,
        start=float(volts[0]),
        end=float(trace.voltage[half.blocks[-1, 1]]),
        span=float(np.max(along) - np.min(along)),
        sag=float(np.max(np.maximum.accumulate(level) - level)) if len(level) else 0.0,
        scatter=row_noise(volts, 2) if len(volts) >= _FEW else None,
        rows=len(volts),
        jumps=_jumps(strength, usual),
        gap=float(np.sum(intervals[long])),
        gap_charge=float(np.sum(charges[long] * intervals[long])) / 2,
        silence=silence,
        silent_charge=silent_charge,
        torn=torn,
        paused=any(
            np.any((half.blocks[:, 0] <= pause + 1) & (pause <= half.blocks[:, 1]))
            for pause in trace.pauses.tolist()
        ),
    )


def _jumps(strength: NDArray[np.float64], usual: float) -> tuple[float, ...]:
    """The currents after each step from one constant current to another [A]."""
    if len(strength) < _FEW:
        return ()
    change = np.abs(np.diff(strength)) / usual
    inside = change[2:-2]
    if not len(inside) or float(np.max(inside)) <= ONE_CURRENT:
        return ()
    around = np.maximum(np.maximum(change[:-4], change[1:-3]), np.maximum(change[3:-1], change[4:]))
    places = np.flatnonzero((inside > ONE_CURRENT) & (around <= _STEADY)) + 3
    return tuple(float(strength[place]) for place in places)


def _long(intervals: NDArray[np.float64]) -> NDArray[np.bool_]:
    if len(intervals) < _FEW:
        return np.zeros(len(intervals), dtype=bool)
    beside = np.zeros(len(intervals))
    beside[1:] = intervals[:-1]
    beside[:-1] = np.maximum(beside[:-1], intervals[1:])
    return (intervals > _LONG * _usual(intervals)) & (intervals > _SUDDEN * beside)


def _usual(intervals: NDArray[np.float64]) -> float:
    """The usual interval: nine tenths are not longer (sampling by voltage is uneven)."""
    if not len(intervals):
        return 0.0
    place = int(0.9 * (len(intervals) - 1))
    return float(np.partition(intervals, place)[place])


def _silence(
    trace: Trace, half: HalfCycle, intervals: NDArray[np.float64]
) -> tuple[float, float, bool]:
    """Time beside the flow in which it may have gone on unseen, its charge, if rows are missing.

    A flow that is sampled at intervals may begin one interval before its first row and end one
    after its last. A longer silence, far longer than its neighbour's intervals too, is a gap.
    """
    if not len(intervals):
        return 0.0, 0.0, False
    usual, total, hidden, torn = _usual(intervals), 0.0, 0.0, False
    time, final = trace.time, len(trace.time) - 1
    for first, last in half.blocks.tolist():
        for inside, way in ((first, -1), (last, 1)):
            outside = inside + way
            if not 0 <= outside <= final:
                continue
            between = abs(float(time[outside] - time[inside]))
            further = min(max(outside + way, 0), final)
            around = max(usual, abs(float(time[further] - time[outside])))
            if between <= _LONG * around:
                between = min(between, usual)
            else:
                torn = True
            total += between
            hidden += between * abs(float(trace.current[inside]))
    return total, hidden, torn
