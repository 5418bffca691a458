"""One pulse of a titration: what its voltages give, and whether they can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._lines import fit_straight
from solith.analysis._titration.sphere import sphere_rise, true_penetration
from solith.analysis._titration.trace import Stretch, Trace
from solith.core.intervals import widening_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._titration.pulse_fit import PulseFit

__all__ = ["MeasuredPulse", "Setting", "measure_pulse"]

_LEAST_R_SQUARED = 0.99

_EVEN_CURRENT = 0.02
"""Span of the current in a pulse beside its median; the first and last row do not count."""

_REST_END = 0.01
"""The rested voltage is the mean over this last part of a rest."""

_DRIFT_ENDS = (0.1, 0.5)
"""The drift of a rest is taken from one of these last parts of it."""

_CONFIDENCE = 0.99
"""With which a drift or a bend has to be there: what may be scatter does not count."""

_SCATTERS = 3.0
"""A change of the rested voltage below so many times its scatter is no change."""

_LAST_ROWS = 20
"""Rows at the end of a rest whose scatter is the noise of the voltage."""


@dataclass(frozen=True)
class Setting:
    """How pulses are read; ``body_length`` is V / S of the spheres of ``radius`` [m]."""

    delay: float
    relaxation: bool
    difference: bool
    most_bias: float
    least_change: float
    radius: float | None
    body_length: float | None


@dataclass
class MeasuredPulse:
    """What one pulse gave; voltages in V, ``failures`` the gates and faults by name.

    ``u_`` are standard uncertainties, ``noise`` the scatter of the resting voltage.
    """

    trace: Trace
    rested_before: float | None = None
    rested_after: float | None = None
    drop_start: float | None = None
    drop_end: float | None = None
    drop_extrapolated: float | None = None
    change_rested: float | None = None
    change_pulse: float | None = None
    slope: float | None = None
    r_squared: float | None = None
    diffusion_time: float | None = None
    penetration: float | None = None
    capacity: float | None = None
    state_of_charge: float | None = None
    lithium_fraction: float | None = None
    noise: float | None = None
    u_drop_start: float | None = None
    u_change_rested: float | None = None
    u_slope: float | None = None
    u_diffusion_time: float | None = None
    fit: PulseFit | None = None
    failures: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def measure_pulse(trace: Trace, setting: Setting) -> MeasuredPulse:
    """Drops, changes and slope of one pulse, its diffusion time, and what speaks against it."""
    pulse = MeasuredPulse(trace)
    current = np.abs(trace.on.current)
    if np.ptp(current[1:-1] if len(current) > 3 else current) > _EVEN_CURRENT * np.median(current):
        pulse.failures["current not even"] = "the current in the pulse is not even"
    pulse.noise = _noise(trace)
    _measure_drops(pulse, setting)
    _measure_slope(pulse, setting)
    _measure_rests(pulse, setting)
    _find_diffusion_time(pulse, setting)
    if pulse.diffusion_time is not None:
        _judge_length(pulse, setting)
    return pulse


def _measure_drops(pulse: MeasuredPulse, setting: Setting) -> None:
    """The steps of the voltage when the current is switched on and off."""
    trace, way, delay = pulse.trace, pulse.trace.pulse.direction, setting.delay
    for on, earlier, switched, at in (
        (True, trace.before, trace.on, trace.start),
        (False, trace.on, trace.after, trace.end),
    ):
        if not (len(earlier) and len(switched)):
            continue
        since = switched.time - at
        step = float(_after(since, switched.voltage, delay) - earlier.voltage[-1])
        if on:
            pulse.drop_start = way * step
            if pulse.noise is not None:
                share = _shares(since, delay)
                pulse.u_drop_start = pulse.noise * (1 + share**2 + (1 - share) ** 2) ** 0.5
        else:
            pulse.drop_end = -way * step
        if on and not np.any((since >= delay / 2) & (since <= 2 * delay)):
            later = since[since > delay]
            pulse.notes["IR not separated"] = (
                f"IR not separated: no point near {delay:g} s after the switch, the first one "
                f"comes after {later[0] if len(later) else np.nan:.3g} s"
            )
    if len(trace.on) and trace.on.time[-1] - trace.start > delay:
        since = trace.on.time - trace.start
        pulse.change_pulse = float(trace.on.voltage[-1] - _after(since, trace.on.voltage, delay))


def _after(since: NDArray[np.float64], voltage: NDArray[np.float64], delay: float) -> float:
    """The voltage ``delay`` after a switch, linear in the root of time between rows."""
    return float(np.interp(np.sqrt(delay), np.sqrt(np.maximum(since, 0)), voltage))


def _shares(since: NDArray[np.float64], delay: float) -> float:
    """The weight of the later of the two rows between which the voltage is read."""
    place = np.interp(np.sqrt(delay), np.sqrt(np.maximum(since, 0)), np.arange(len(since)))
    return float(place % 1)


def _measure_slope(pulse: MeasuredPulse, setting: Setting) -> None:
    """dV/dsqrt(t) after the delay, and what it gives at the switch itself."""
    trace = pulse.trace
    root, voltage = _linear_part(trace, setting)
    if len(np.unique(root)) < 3:
        pulse.failures["few points"] = "fewer than 3 points after the delay: no slope"
        return
    line = fit_straight(root, voltage)
    if line.freedom > 1:
        pulse.u_slope = line.slope_error * widening_95(line.freedom)
    spread = float(np.sum((voltage - line.level) ** 2))
    pulse.slope = line.slope
    pulse.r_squared = 1 - line.squares / spread if spread > 0 else 0.0
    if len(trace.before):
        way = trace.pulse.direction
        pulse.drop_extrapolated = way * (line.intercept - float(trace.before.voltage[-1]))
    if pulse.r_squared < _LEAST_R_SQUARED:
        pulse.failures["not linear"] = (
            f"voltage not linear in sqrt(t): R^2 = {pulse.r_squared:.4f}, below "
            f"{_LEAST_R_SQUARED:g}"
        )


def _linear_part(trace: Trace, setting: Setting) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    since = trace.on.time - trace.start
    late = since >= setting.delay
    return np.sqrt(since[late]), trace.on.voltage[late]


def _measure_rests(pulse: MeasuredPulse, setting: Setting) -> None:
    """The rested voltages, their change, and whether they had come to rest."""
    trace = pulse.trace
    for where, rest in (("before", trace.before), ("after", trace.after)):
        if len(rest) < 2 or rest.time[-1] <= rest.time[0]:
            pulse.failures["no rest"] = f"no rest {where} the pulse"
            return
    pulse.rested_before, pulse.rested_after = _rested(trace.before), _rested(trace.after)
    change = pulse.rested_after - pulse.rested_before
    pulse.change_rested = change
    if pulse.noise is not None:
        share = sum(1 / _last_rows(rest) for rest in (trace.before, trace.after))
        pulse.u_change_rested = pulse.noise * share**0.5
    noise = max(_scatter(trace.before), _scatter(trace.after))
    least = max(setting.least_change, _SCATTERS * noise)
    if change * trace.pulse.direction < least:
        pulse.failures["plateau"] = (
            f"plateau: the rested voltage changes by {1e3 * change:.3g} mV, which is less than "
            f"{1e3 * least:.3g} mV in the direction of the current; D not defined"
        )
        return
    allowed = setting.most_bias / 2 * abs(change)
    remaining = max(_remaining(rest, allowed) for rest in (trace.before, trace.after))
    if remaining > allowed:
        pulse.failures["not relaxed"] = (
            f"not relaxed: up to {1e3 * remaining:.3g} mV of the rest's change were still to "
            f"come, beside {1e3 * abs(change):.3g} mV of rested voltage"
        )


def _rested(rest: Stretch) -> float:
    return float(np.mean(rest.voltage[-_last_rows(rest) :]))


def _last_rows(rest: Stretch) -> int:
    """How many rows the rested voltage is the mean of."""
    last = rest.time >= rest.time[-1] - _REST_END * (rest.time[-1] - rest.time[0])
    return int(np.sum(last))


def _scatter(rest: Stretch) -> float:
    """Standard deviation of the last rows about a straight line [V]."""
    line = fit_straight(rest.time[-_LAST_ROWS:], rest.voltage[-_LAST_ROWS:])
    return line.deviation if line.freedom > 0 else 0.0


def _noise(trace: Trace) -> float | None:
    """Scatter of the resting voltage, from both rests [V]; widened for few rows."""
    known = [rest for rest in (trace.before, trace.after) if len(rest) > 3]
    if not known:
        return None
    freedom = [min(len(rest), _LAST_ROWS) - 2 for rest in known]
    squares = [number * _scatter(rest) ** 2 for number, rest in zip(freedom, known, strict=True)]
    return float((sum(squares) / sum(freedom)) ** 0.5) * widening_95(max(sum(freedom), 1))


def _remaining(rest: Stretch, allowed: float) -> float:
    """Change of voltage still to come, if it decays with 1 / sqrt(t) [V].

    From the shortest last part of the rest that tells it better than ``allowed``.
    """
    since = rest.time - rest.time[0]
    remaining = uncertain = 0.0
    for part in _DRIFT_ENDS:
        last = since >= (1 - part) * since[-1]
        if np.sum(last) < 2:
            last[-2:] = since[-2:] > 0
        place = np.sqrt(since[-1] / since[last])
        line = fit_straight(place, rest.voltage[last])
        remaining = line.slope
        uncertain = _sure(line.freedom) * line.slope_error if line.freedom > 0 else 0.0
        if uncertain < allowed:
            break
    return abs(remaining) if abs(remaining) > uncertain else 0.0


def _sure(freedom: int) -> float:
    """Standard errors that a number from few points is above zero by (Student's t)."""
    from scipy.special import stdtrit

    return float(stdtrit(max(freedom, 1), (1 + _CONFIDENCE) / 2))


def _find_diffusion_time(pulse: MeasuredPulse, setting: Setting) -> None:
    """(V / S)^2 / D = (pi tau / 4) (dEt / dEs)^2 [s]."""
    trace, rested = pulse.trace, pulse.change_rested
    if rested is None or "plateau" in pulse.failures:
        return
    change = pulse.change_pulse
    if not setting.difference:
        change = None if pulse.slope is None else pulse.slope * trace.duration**0.5
    if change is None:
        pulse.failures.setdefault("few points", "the pulse is no longer than the delay")
        return
    if change * trace.pulse.direction <= 0:
        pulse.failures["no transient"] = (
            "the voltage in the pulse does not move with the current; D not defined"
        )
        return
    pulse.diffusion_time = np.pi * trace.duration / 4 * (change / rested) ** 2
    u_change = None
    if setting.difference and pulse.noise is not None:
        u_change = 2**0.5 * pulse.noise
    elif not setting.difference and pulse.u_slope is not None:
        u_change = pulse.u_slope * trace.duration**0.5
    u_rested = pulse.u_change_rested
    relative = None
    if u_change is not None and u_rested is not None:
        relative = 2 * float(np.hypot(u_change / change, u_rested / rested))
    if setting.relaxation:
        factor = trace.rest / trace.duration
        pulse.diffusion_time *= factor
        pulse.notes["tau"] = (
            f"the rest's {trace.rest:.4g} s stand for tau, which by definition is the pulse's "
            f"{trace.duration:.4g} s: D is {factor:.4g} times lower"
        )
    if relative is not None:
        pulse.u_diffusion_time = pulse.diffusion_time * relative
    if setting.difference:
        share = 1 - (setting.delay / trace.duration) ** 0.5
        pulse.notes["difference"] = (
            f"dEt lacks the rise during the delay of {setting.delay:g} s: a voltage linear in "
            f"sqrt(t) gives D {share**-2:.4g} times higher"
        )


def _judge_length(pulse: MeasuredPulse, setting: Setting) -> None:
    _judge_bend(pulse, setting)
    if setting.radius is None or setting.body_length is None:
        return
    assert pulse.diffusion_time is not None
    time = pulse.diffusion_time
    if setting.relaxation:
        time /= pulse.trace.rest / pulse.trace.duration
    apparent = setting.body_length / setting.radius * (pulse.trace.duration / time) ** 0.5
    pulse.penetration = apparent
    low = 1 - sphere_rise(true_penetration(apparent)) ** -2
    if low > setting.most_bias:
        told = (
            f"a sphere of this radius gives D about {100 * low:.2g} % too low"
            if low < _MOST_TOLD
            else "no more than a lower bound of D"
        )
        pulse.failures["pulse too long"] = (
            f"pulse too long: sqrt(D tau) is {apparent:.3g} of the particle radius; {told}"
        )


_MOST_TOLD = 0.9
"""Near the limit of long pulses the change in D cannot be told from the pulse."""


def _judge_bend(pulse: MeasuredPulse, setting: Setting) -> None:
    """Whether the voltage over sqrt(t) bends: upwards, as when a body fills up, or at all."""
    root, voltage = _linear_part(pulse.trace, setting)
    if len(root) < 5:
        return
    place = root / pulse.trace.duration**0.5
    terms = np.stack([np.ones_like(place), place, place**2], axis=1)
    found, *_ = np.linalg.lstsq(terms, voltage, rcond=None)
    left = voltage - terms @ found
    variance = float(np.sum(left**2)) / (len(root) - 3)
    error = float(np.sqrt(variance * np.linalg.inv(terms.T @ terms)[2, 2]))
    first, bend = float(found[1]), float(found[2])
    change = np.inf if first == 0 else (1 + bend / first) ** 2 - 1
    if abs(change) <= setting.most_bias or abs(bend) <= _sure(len(root) - 3) * error:
        return
    gate = "pulse too long" if change > 0 and setting.radius is None else "not linear"
    pulse.failures.setdefault(
        gate,
        f"{gate}: the voltage over sqrt(t) bends; its slope at the switch alone would change D "
        f"by {100 * change:.2g} %",
    )
