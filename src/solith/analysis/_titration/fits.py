"""The fits of all pulses of a titration, and whether its voltage drifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from solith.analysis._titration.flows import Flows
from solith.analysis._titration.pulse import MeasuredPulse, Setting
from solith.analysis._titration.pulse_fit import PulseFit, fit_pulse
from solith.analysis._titration.trace import Trace

__all__ = ["Drift", "fit_pulses"]

_SURE = 4.0
"""Standard errors that a drift has to be above zero by to be held by the fits."""

_LEAST_PART = 0.003
"""Part of the change of the rested voltage below which a drift is of no account."""

_DOUBTED = 3
"""Pulses of which it is asked what a doubt about their switches changes."""


@dataclass(frozen=True)
class Drift:
    """Mean drift of the rested voltage [V/s], its standard error, and whether the fits hold it."""

    rate: float
    error: float
    held: bool


def fit_pulses(
    pulses: Sequence[MeasuredPulse],
    flows: Sequence[Trace],
    setting: Setting,
    *,
    shape: str,
    drift: bool | None,
) -> Drift | None:
    """Fit every pulse, into the pulses themselves, and say how the rested voltage drifts.

    With ``drift`` ``None``, a linear drift is fitted to all pulses where their mean drift is
    four standard errors above zero (of the fits, or of the scatter over the pulses where that
    is larger) and changes the voltage over a pulse and its rest by more than 0.3 % of the
    change by the pulse. Where the law leaves too much, nothing is told of a drift; ``None``.
    """
    earlier = Flows.of(flows)
    complete = [p for p in pulses if len(p.trace.before) > 1 and len(p.trace.after) > 1]
    drifts = [held for held in (False, True) if drift is None or drift is held]
    fits = [
        fit_pulse(p.trace, earlier, setting.delay, shape=shape, drifts=drifts) for p in complete
    ]
    without = [found[0] if found else None for found in fits]
    with_drift = [found[-1] if found else None for found in fits]
    found = None if drift is False else _drift(complete, with_drift, bool(drift))
    held = with_drift if drift or (found is not None and found.held) else without
    for pulse, fit in zip(complete, held, strict=True):
        pulse.fit = fit
    _add_doubts(complete, flows, setting, shape)
    if found is not None:
        _judge(pulses, found, setting)
    return found


def _add_doubts(
    pulses: Sequence[MeasuredPulse], flows: Sequence[Trace], setting: Setting, shape: str
) -> None:
    """What one standard uncertainty of the switches changes, at a few of the pulses."""
    doubted = [p for p in pulses if p.trace.unknown > 0 and p.fit and not p.fit.failures]
    if not doubted:
        return
    moved = Flows.of([flow.doubted() for flow in flows])
    for place in np.unique(np.linspace(0, len(doubted) - 1, _DOUBTED).round().astype(int)):
        pulse = doubted[place]
        fit, trace = pulse.fit, pulse.trace.doubted()
        assert fit is not None
        drifts = [fit.drift is not None]
        for other in fit_pulse(trace, moved, setting.delay, shape=shape, drifts=drifts):
            time = abs(other.diffusion_time - fit.diffusion_time)
            pulse.fit = replace(fit, by_switch=(time, abs(other.step - fit.step)))


def _drift(
    pulses: Sequence[MeasuredPulse], fits: Sequence[PulseFit | None], wanted: bool
) -> Drift | None:
    known = [
        (fit.drift, fit.u_drift, abs(fit.change), p.trace.duration + p.trace.rest)
        for p, fit in zip(pulses, fits, strict=True)
        if fit is not None
        and fit.drift is not None
        and fit.u_drift
        and not fit.failures
        and fit.close
        and not p.failures.keys() & {"gap", "wrong sign"}
    ]
    if not known:
        return None
    rates, errors, changes, spans = np.array(known).T
    weight = 1 / errors**2
    mean = float(np.sum(weight * rates) / np.sum(weight))
    squares = float(np.sum(weight * (rates - mean) ** 2))
    birge = max(1.0, squares / max(len(rates) - 1, 1))
    error = float((birge / np.sum(weight)) ** 0.5)
    part = abs(mean) * np.median(spans) / np.median(changes)
    return Drift(mean, error, wanted or bool(abs(mean) > _SURE * error and part > _LEAST_PART))


def _judge(pulses: Sequence[MeasuredPulse], drift: Drift, setting: Setting) -> None:
    """Where the drift makes the change of the rested voltage wrong by more than allowed."""
    if abs(drift.rate) <= _SURE * drift.error:
        return
    for pulse in pulses:
        change = pulse.change_rested
        if change is None or "plateau" in pulse.failures:
            continue
        by_drift = drift.rate * (pulse.trace.duration + pulse.trace.rest)
        if abs(by_drift) > setting.most_bias / 2 * abs(change):
            pulse.failures["drift"] = (
                f"drift: the rested voltage drifts by {3.6e6 * drift.rate:.3g} mV/h, "
                f"{100 * abs(by_drift / change):.2g} % of its change by the pulse"
            )
