"""The rows of one pulse and of the rests beside it, with the moments of its switches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._half_cycles import Pulse
from solith.analysis._rows import pauses_among
from solith.analysis._titration.switch import find_switches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["Stretch", "Trace"]


@dataclass(frozen=True)
class Stretch:
    """Rows of one rest or pulse: time [s], voltage [V], current [A]."""

    time: NDArray[np.float64]
    voltage: NDArray[np.float64]
    current: NDArray[np.float64]

    @classmethod
    def of(cls, record: Record) -> Stretch:
        """All rows of a record."""
        names = ("test_time_second", "voltage_volt", "current_ampere")
        return cls(*(record.array(name) for name in names))

    def taken(self, places: NDArray[np.intp]) -> Stretch:
        return Stretch(self.time[places], self.voltage[places], self.current[places])

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True)
class Trace:
    """A pulse between the rests before and after it; ``start`` and ``end``, its switches, in s.

    Where the rows do not tell them, the switches may lie later by a part of ``slack`` [s];
    ``unknown`` is one standard uncertainty of this part. ``until`` is when the rest after the
    pulse ends. ``pause`` is the time of the last row before a pause of unknown length that lies
    between the rests' ends, if one does.
    """

    pulse: Pulse
    before: Stretch
    on: Stretch
    after: Stretch
    start: float
    end: float
    slack: tuple[float, float]
    until: float
    unknown: float = 0.0
    pause: float | None = None

    @classmethod
    def all_of(cls, record: Record, pulses: Sequence[Pulse]) -> list[Trace]:
        """The flows of a record with their switches."""
        switches, whole = find_switches(record, pulses), Stretch.of(record)
        found = []
        for place, (pulse, (on, off)) in enumerate(zip(pulses, switches, strict=True)):
            rows = (pulse.before, pulse.rows, pulse.after)
            before, flow, after = (whole.taken(part) for part in rows)
            until = float(after.time[-1]) if len(after) else off.time
            if len(after) and place + 1 < len(pulses):
                until = max(until, switches[place + 1][0].time)
            slack, pause = (on.slack, off.slack), _pause(record, np.concatenate(rows))
            trace = cls(pulse, before, flow, after, on.time, off.time, slack, until, pause=pause)
            found.append(trace)
        return found

    def moved(self, part: float, unknown: float = 0.0) -> Trace:
        """With switches later by a part of the slack."""
        on, off = self.slack
        start, end = self.start + part * on, self.end + part * off
        return replace(self, start=start, end=end, unknown=unknown if max(self.slack) > 0 else 0.0)

    def doubted(self) -> Trace:
        """With switches one standard uncertainty later, or earlier where that is past a row."""
        later = self.moved(self.unknown)
        past = [rows.time[0] for rows in (self.on, self.after) if len(rows)]
        ahead = later.start > past[0] or (len(past) > 1 and later.end > past[1])
        return self.moved(-self.unknown) if ahead else later

    @property
    def duration(self) -> float:
        return self.end - self.start

    @property
    def rest(self) -> float:
        """Duration of the rest after the pulse [s]."""
        return self.until - self.end if len(self.after) else 0.0

    @property
    def charge(self) -> float:
        """Charge passed [C], never negative; the current flows from switch to switch."""
        time = np.concatenate([[self.start], self.on.time, [self.end]])
        current = self.on.current[[0, *range(len(self.on)), -1]]
        return abs(float(np.trapezoid(current, time)))


def _pause(record: Record, rows: NDArray[np.intp]) -> float | None:
    pauses = pauses_among(record, rows)
    return float(record.array("test_time_second")[rows[pauses[0]]]) if len(pauses) else None
