"""Where between two rows the current of a titration is switched, told by its voltage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._titration.flows import Flows
from solith.analysis._titration.pulse import Setting
from solith.analysis._titration.pulse_fit import PulseFit, fit_pulse
from solith.analysis._titration.trace import Stretch, Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["settle_switches"]

_PARTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Parts of the interval between the two rows at a switch that are tried."""

_PULSES = 6
"""Pulses that are asked."""

_ROWS = 60
"""Rows of a stretch that are asked."""

_SURE, _LIKELY = 9.0, 4.0
"""Squares beside the variance by which a part is worse than the best: not so, hardly so."""

_NOTHING_TOLD, _ANY_PART = 3**-0.5, 12**-0.5
"""Root mean square of a part that may be anything from 0 to 1, about 0 and about its middle."""

_NO_ACCOUNT = 2e-3
"""Part of a pulse's duration below which a doubt about its switches is not worth a word."""


def settle_switches(
    flows: Sequence[Trace], pulses: Sequence[Trace], setting: Setting, *, shape: str
) -> tuple[list[Trace], tuple[str, ...]]:
    """The flows with their switches where the voltage wants them, and what is not known.

    Where rows do not tell the switches, they lie at the last row before, as when a row ends
    each step, unless the law of :func:`fit_pulse` fits better with all of them later by one
    part of the interval (three standard errors); where that part differs from pulse to pulse,
    in the middle. ``unknown`` of the flows is one standard uncertainty of the switches.
    """
    asked = [p for p in pulses if max(p.slack) > 0 and len(p.before) > 1 and len(p.after) > 1]
    asked = [p for p in asked if p.pause is None]
    if not asked:
        return list(flows), ()
    places = np.unique(np.linspace(0, len(asked) - 1, _PULSES).round().astype(int))
    part, unknown = _part([asked[place] for place in places], flows, setting, shape)
    gap = float(np.median([max(pulse.slack) for pulse in asked]))
    known = gap * min(1.0, unknown / _NOTHING_TOLD)
    told: tuple[str, ...] = ()
    if known > _NO_ACCOUNT * np.median([pulse.duration for pulse in asked]):
        told = (
            f"switch known to {known:.2g} s only at {len(asked)} of {len(pulses)} pulses: no row "
            "lies at it",
        )
    moved = [flow.moved(part, unknown) for flow in flows]
    for place, (flow, following) in enumerate(pairwise(moved)):
        if len(flow.after):
            moved[place] = replace(flow, until=max(flow.until, following.start))
    return moved, told


def _part(
    asked: Sequence[Trace], flows: Sequence[Trace], setting: Setting, shape: str
) -> tuple[float, float]:
    """The part of the interval by which the switches are later, and its uncertainty."""
    thinned = [_thinned(pulse, setting.delay) for pulse in asked]

    def fitted(part: float) -> list[list[PulseFit]]:
        earlier = Flows.of([flow.moved(part) for flow in flows])
        return [
            fit_pulse(pulse.moved(part), earlier, 0.0, shape=shape, drifts=[True])
            for pulse in thinned
        ]

    fits = [fitted(part) for part in _PARTS]
    columns = [[fit for found in column for fit in found] for column in zip(*fits, strict=True)]
    columns = [c for c in columns if len(c) == len(_PARTS) and any(map(_describes, c))]
    if not columns:
        return 0.0, _NOTHING_TOLD
    squares = np.array([[fit.squares for fit in column] for column in columns]).T
    total = squares.sum(axis=1)
    best = int(np.argmin(total))
    freedom = sum(column[best].freedom for column in columns)
    widened = float(np.mean([column[best].widened for column in columns]))
    variance = max(float(total[best]) / freedom * widened, np.finfo(float).tiny)
    worse = (total - total[best]) / variance
    apart = float(total[best] - squares.min(axis=0).sum()) / variance
    if apart > _SURE * len(columns):  # each pulse wants another part
        return (0.0, _NOTHING_TOLD) if best == 0 else (0.5, _ANY_PART)
    if worse[0] <= _SURE:
        return 0.0, _likely(worse) * _NOTHING_TOLD
    return _refined(best, worse)


def _likely(worse: NDArray[np.float64]) -> float:
    """The largest part that is likely, linear between those tried."""
    last = int(np.flatnonzero(worse <= _LIKELY)[-1])
    if last == len(_PARTS) - 1:
        return 1.0
    return float(np.interp(_LIKELY, worse[last : last + 2], _PARTS[last : last + 2]))


def _refined(best: int, worse: NDArray[np.float64]) -> tuple[float, float]:
    """The lowest point of a parabola through the three parts around the best, and its width."""
    middle = int(np.clip(best, 1, len(_PARTS) - 2))
    place = slice(middle - 1, middle + 2)
    curve, slope, _ = np.polyfit(_PARTS[place], worse[place], 2)
    if curve <= 0:
        return _PARTS[best], _PARTS[1] / 2
    return float(np.clip(-slope / (2 * curve), 0, 1)), min(float(curve**-0.5), _NOTHING_TOLD)


def _describes(fit: PulseFit) -> bool:
    return not fit.failures and fit.close


def _thinned(trace: Trace, delay: float) -> Trace:
    """Rows later than the delay wherever the switches lie, denser after a switch."""
    return replace(
        trace,
        before=_some(trace.before, even=True),
        on=_some(_late(trace.on, trace.start + trace.slack[0], delay)),
        after=_some(_late(trace.after, trace.end + trace.slack[1], delay)),
    )


def _late(stretch: Stretch, switch: float, delay: float) -> Stretch:
    return stretch.taken(np.flatnonzero(stretch.time - switch >= delay))


def _some(stretch: Stretch, *, even: bool = False) -> Stretch:
    if len(stretch) <= _ROWS:
        return stretch
    spaced = np.linspace if even else np.geomspace
    places = np.unique(spaced(1, len(stretch), _ROWS).round().astype(int)) - 1
    return stretch.taken(places)
