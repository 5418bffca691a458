"""When the current of a pulse is switched on and off, where no row lies at the switch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._half_cycles import Pulse
    from solith.core.record import Record

__all__ = ["Switch", "find_switches"]

_ROWS = 6
"""Rows on each side of a switch that are looked at."""

_WHOLE = 0.5
"""Part of the usual interval above which the last one of a step is one as usual."""

_MISSING = 1.5
"""Longest intervals before it above which rows are missing at a switch."""

_REGULAR = 0.1
"""Two intervals that differ by less than this part of them are of one regular clock."""

_JITTERS = 5.0
"""Times its jitter by which the first interval of a step is shorter than a regular one."""

_LEAD = 0.25
"""Part of a regular interval within which a row is taken for one logged when the step began."""

_RESOLUTION = 1e-7
"""Part of an interval that no clock of an instrument is held to resolve."""


@dataclass(frozen=True)
class Switch:
    """A switch at ``time`` [s] or, where no row tells it, up to ``slack`` later."""

    time: float
    slack: float = 0.0


def find_switches(record: Record, pulses: Sequence[Pulse]) -> list[tuple[Switch, Switch]]:
    """Switch on and switch off of each pulse.

    It lies between the last row before it and the first row after it. ``step_time_second`` of
    the first row tells it where it starts anew there. Otherwise the rows' intervals do, where
    at least half of the record's switches of one kind agree: a first interval shorter than the
    regular ones after it, always by the same time, is that of a row logged when the step began,
    and the step's clock counted back gives the switch; a last interval of the earlier step
    followed by much shorter ones ends just before the first row. Where intervals are all alike,
    or follow no rule, as in a record that kept only some of its rows, they tell nothing.
    """
    time = record.array("test_time_second")
    inside = None
    if "step_time_second" in record.data.variables:
        inside = record.array("step_time_second")
    on = [_Edge.of(time, inside, p.before, p.rows, p.start) for p in pulses]
    off = [_Edge.of(time, inside, p.rows, p.after, float(time[p.rows[-1]])) for p in pulses]
    return list(zip(_switches(on), _switches(off), strict=True))


@dataclass(frozen=True)
class _Edge:
    """Time of the last row before a switch, intervals before, across (``gap``) and after it.

    ``since`` is the time of the step at the first row after it, where it is known.
    """

    last: float
    gap: float
    earlier: NDArray[np.float64]
    later: NDArray[np.float64]
    since: float | None

    @classmethod
    def of(
        cls,
        time: NDArray[np.float64],
        inside: NDArray[np.float64] | None,
        before: NDArray[np.intp],
        after: NDArray[np.intp],
        last: float,
    ) -> _Edge:
        gap = float(time[after[0]]) - last if len(after) else 0.0
        since = None
        if inside is not None and len(before) and len(after):
            counted, ended = float(inside[after[0]]), float(inside[before[-1]])
            if 0 <= counted <= gap * (1 + _RESOLUTION) and counted < ended:
                since = min(counted, gap)
        earlier, later = (np.diff(time[rows]) for rows in (before[-_ROWS:], after[:_ROWS]))
        return cls(last, gap, earlier, later, since)

    @property
    def usual(self) -> float:
        """The usual interval before the switch [s]."""
        return float(np.median(self.earlier)) if len(self.earlier) else 0.0

    @property
    def longest(self) -> float:
        """The longest interval before the switch [s]."""
        return float(np.max(self.earlier)) if len(self.earlier) else 0.0

    @property
    def lead(self) -> float:
        """By how much the first interval is shorter than the regular ones after it [s]."""
        if len(self.later) < 3 or np.ptp(self.later[1:3]) > _REGULAR * self.later[1]:
            return 0.0
        return float(np.median(self.later[1:]) - self.later[0])

    @property
    def jitter(self) -> float:
        """Scatter of the regular intervals, and what the clock resolves [s]."""
        if len(self.later) < 3:
            return 0.0
        return float(np.std(self.later[1:]) + _RESOLUTION * self.later[1])

    @property
    def led(self) -> bool:
        """Whether the first row after the switch is one logged when the step began."""
        if not _JITTERS * self.jitter < self.lead <= self.gap * (1 + _RESOLUTION):
            return False
        return self.lead <= _LEAD * float(self.later[1])

    def led_by(self, lead: float | None) -> bool:
        """Whether its own lead is the usual one, as that of a step's clock is."""
        if lead is None or not self.led:
            return False
        alike = max(_REGULAR * float(self.later[1]), _JITTERS * self.jitter)
        return abs(self.lead - lead) <= alike

    @property
    def densens(self) -> bool:
        """Whether an interval as usual is followed by much shorter ones."""
        if not len(self.later) or not self.later[0] < self.gap / 2:
            return False
        longest = self.usual * _MISSING + float(self.later[0])
        return self.usual * _WHOLE < self.gap < longest


def _switches(edges: Sequence[_Edge]) -> list[Switch]:
    complete = [edge for edge in edges if len(edge.earlier) and len(edge.later)]

    def usual(holding: Sequence[bool]) -> bool:
        return 2 * sum(holding) >= len(complete)

    leads = [edge.lead for edge in complete if edge.led]
    lead = float(np.median(leads)) if leads else None
    if not usual([edge.led_by(lead) for edge in complete]):
        lead = None
    dense = usual([edge.densens for edge in complete])
    return [_switch(edge, lead, dense) for edge in edges]


def _switch(edge: _Edge, lead: float | None, dense: bool) -> Switch:
    if edge.since is not None:
        return Switch(edge.last + edge.gap - edge.since)
    if edge.led_by(lead) and edge.gap < edge.usual * _MISSING + edge.lead:
        return Switch(max(edge.last, edge.last + edge.gap - edge.lead))
    if dense and edge.densens:
        after = edge.gap - edge.usual
        if not 0 <= after <= edge.later[0]:
            after = float(edge.later[0]) / 2
        return Switch(edge.last + edge.gap - after)
    return Switch(edge.last, edge.gap if edge.gap < edge.longest * _MISSING else 0.0)
