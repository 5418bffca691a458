"""Whether a cycling record is a titration, told by its current and rests alone."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._half_cycles import Pulse, find_pulses
from solith.core.errors import InputError

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["looks_like_titration"]

_LEAST_PULSES = 5
_ALIKE = 0.2
_MOST = 0.7
"""Part of the pulses of a run whose duration and current are alike."""

_LEAST_REST = 0.2
"""Shortest rest of a titration, in durations of its pulse."""

_LEAST_CHANGE = 1e-3
"""Change of the rested voltage over a run [V]; a symmetric cell comes back to 0."""


def looks_like_titration(record: Record) -> bool:
    """Whether a record holds pulses of current between rests, as a titration does.

    At least five flows of current in one direction follow each other, with a rest before and
    after each that is at least a fifth as long; for most of them duration and current agree
    within 20 %; and the rested voltage differs by more than 1 mV between first and last.
    Attributes are not asked. What cannot be read as a cycling record is no titration.
    """
    try:
        pulses, _ = find_pulses(record)
    except InputError:
        return False
    if len(pulses) < _LEAST_PULSES:
        return False
    columns = _Columns(record)
    run: list[Pulse] = []
    for pulse in pulses:
        if run and pulse.direction != run[-1].direction:
            if columns.titrates(run):
                return True
            run = []
        if columns.rested(pulse):
            run.append(pulse)
        else:
            if columns.titrates(run):
                return True
            run = []
    return columns.titrates(run)


class _Columns:
    """Time, voltage and current of a record."""

    def __init__(self, record: Record) -> None:
        self.time = record.array("test_time_second")
        self.voltage = record.array("voltage_volt")
        self.current = record.array("current_ampere")

    def rested(self, pulse: Pulse) -> bool:
        """Whether rests on both sides are long enough."""
        if not (len(pulse.before) and len(pulse.after)):
            return False
        least = _LEAST_REST * self._duration(pulse)
        end = self.time[pulse.rows[-1]]
        before = self.time[pulse.before[-1]] - self.time[max(pulse.before[0] - 1, 0)]
        return bool(before >= least and self.time[pulse.after[-1]] - end >= least)

    def titrates(self, run: list[Pulse]) -> bool:
        """Whether flows that follow each other are pulses of a titration."""
        if len(run) < _LEAST_PULSES:
            return False
        durations = np.array([self._duration(pulse) for pulse in run])
        currents = np.array([np.median(np.abs(self.current[pulse.rows])) for pulse in run])
        for sizes in (durations, currents):
            middle = np.median(sizes)
            if np.mean(np.abs(sizes - middle) <= _ALIKE * middle) < _MOST:
                return False
        rested = [self.voltage[run[0].before[-1]], *(self.voltage[p.after[-1]] for p in run)]
        moved = abs(rested[-1] - rested[0])
        steps = [abs(later - earlier) for earlier, later in pairwise(rested)]
        return bool(moved > max(_LEAST_CHANGE, float(np.median(steps))))

    def _duration(self, pulse: Pulse) -> float:
        return float(self.time[pulse.rows[-1]] - pulse.start)
