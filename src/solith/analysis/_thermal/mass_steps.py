"""Steps of a TG curve: mass lost or gained between plateaus, where and how surely."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._thermal.curve import Curve

__all__ = ["MassStep", "find_mass_steps"]

Array = NDArray[np.float64]

_CLEAR = 6.0
_BELOW = 0.1
"""Part of a step's steepest slope at which its plateau begins."""
_BEYOND = 0.4
"""Part of that width by which a plateau begins further out: a slope's tails belong to the step."""
_STEEP = 0.5
"""Part of a step's steepest slope down to which a cubic tells the steepest place."""
_PLATEAU = 0.5
"""Part of a step's width on either side that tells the plateau."""


@dataclass(frozen=True)
class MassStep:
    """Temperatures [degC] and change of a step in the curve's unit, with standard uncertainties.

    The change is that in the course of the measurement, on cooling towards lower temperatures.
    """

    start: float
    end: float
    onset: float
    onset_error: float
    steepest: float
    steepest_error: float
    change: float
    change_error: float


@dataclass(frozen=True)
class _Inflection:
    """The steepest place of a step, by a cubic in ``t - origin`` with its covariance (4, 4)."""

    origin: float
    terms: Array
    covariance: Array

    @property
    def _off(self) -> float:
        return float(-self.terms[2] / (3.0 * self.terms[3])) if self.terms[3] else 0.0

    @property
    def place(self) -> float:
        return self.origin + self._off

    @property
    def place_error(self) -> float:
        by_terms = np.array([0.0, 0.0, -1.0, -3.0 * self._off]) / (3.0 * self.terms[3])
        return math.sqrt(float(by_terms @ self.covariance @ by_terms))

    @property
    def slope(self) -> float:
        return float(self.terms[1] - self.terms[2] ** 2 / (3.0 * self.terms[3]))

    def meets(self, level: float) -> tuple[float, float]:
        """Where the tangent meets a level, and its uncertainty by the noise of the cubic.

        The place of the tangent does not matter to first order, because the slope is greatest.
        """
        off, slope = self._off, self.slope
        height = float(np.polyval(self.terms[::-1], off))
        apart = (level - height) / slope
        by_height = off ** np.arange(4.0)
        by_slope = np.array([0.0, 1.0, 2.0 * off, 3.0 * off**2])
        by_terms = (by_height + apart * by_slope) / slope
        error = math.sqrt(float(by_terms @ self.covariance @ by_terms))
        return self.place + apart, error


def _around(steepness: Array, place: int, least: float) -> slice:
    """The rows about a place where a curve is above ``least``, five at least on either side."""
    first = last = place
    while first > 0 and steepness[first - 1] > least:
        first -= 1
    while last < len(steepness) - 1 and steepness[last + 1] > least:
        last += 1
    return slice(max(min(first, place - 5), 0), max(last, place + 5) + 1)


def _inflection(t: Array, y: Array, near: slice, noise: float) -> _Inflection | None:
    """The cubic's inflection; ``None`` where it has none within its rows."""
    x, values = t[near], y[near]
    origin, half = float(np.mean(x)), float(np.ptp(x)) / 2
    design = np.vander((x - origin) / half, 4, increasing=True)
    inverse = np.linalg.pinv(design)
    scale = half ** -np.arange(4.0)
    rest = values - design @ (inverse @ values)
    scatter = max(noise, float(np.sqrt(rest @ rest / max(len(x) - 4, 1))))
    covariance = inverse @ inverse.T * scatter**2 * np.outer(scale, scale)
    found = _Inflection(origin, inverse @ values * scale, covariance)
    return found if x[0] < found.place < x[-1] and found.terms[3] else None


def find_mass_steps(curve: Curve) -> list[MassStep]:
    """The steps whose slope stands clear of the noise and of the usual drift."""
    from scipy.signal import savgol_filter

    t = np.linspace(curve.temperature[0], curve.temperature[-1], len(curve.temperature))
    y = np.interp(t, curve.temperature, curve.value)
    step = float(t[1] - t[0])
    width = max(9, 2 * round(max(4.0 / step, len(t) / 150) / 2) + 1)
    slope = savgol_filter(y, width, 2, deriv=1, delta=step)
    drift = float(np.median(slope))
    rest = slope - drift
    noise = 1.4826 * float(np.median(np.abs(rest - np.median(rest))))
    noise = max(noise, curve.noise / (step * width**1.5) * math.sqrt(12))
    steps = []
    taken = np.zeros(len(t), dtype=bool)
    for place in np.argsort(-np.abs(rest)):
        if abs(rest[place]) < _CLEAR * noise:
            break
        if taken[place]:
            continue
        sign = math.copysign(1.0, rest[place])
        least = max(_BELOW * abs(rest[place]), 1.5 * noise)
        first = last = int(place)
        while first > 0 and sign * rest[first - 1] > least:
            first -= 1
        while last < len(t) - 1 and sign * rest[last + 1] > least:
            last += 1
        beyond = round(_BEYOND * (last - first)) + width // 2
        first, last = max(first - beyond, 0), min(last + beyond, len(t) - 1)
        seen_before = bool(taken[first : last + 1].any())
        taken[first : last + 1] = True
        if seen_before:
            continue
        near = _around(np.abs(rest), int(place), _STEEP * abs(float(rest[place])))
        steep = _inflection(t, y, near, curve.noise)
        found = None if steep is None else _measured(t, y, (first, last), steep, curve)
        if found is not None and abs(found.change) > 3 * found.change_error:
            steps.append(found)
    return sorted(steps, key=lambda one: one.steepest)


def _measured(
    t: Array,
    y: Array,
    span: tuple[int, int],
    steep: _Inflection,
    curve: Curve,
) -> MassStep | None:
    first, last = span
    noise = curve.noise
    side = max(6, round(_PLATEAU * (last - first)))
    before, after = slice(max(first - side, 0), first), slice(last + 1, last + 1 + side)
    if len(t[before]) < 5 or len(t[after]) < 5:
        return None
    middle = steep.place
    levels, errors = [], []
    for part in (before, after):
        x = t[part] - middle
        fit = np.polyfit(x, y[part], 1)
        scatter = max(noise, float(np.std(y[part] - np.polyval(fit, x), ddof=2)))
        lever = float(np.sum((x - x.mean()) ** 2))
        own = scatter * math.sqrt(1 / len(x) + float(x.mean()) ** 2 / lever)
        flat = float(np.mean(y[part]))
        levels.append((float(fit[1]) + flat) / 2)
        errors.append(math.hypot(own, (float(fit[1]) - flat) / 2))
    change = levels[1] - levels[0]
    begins = 1 if curve.cooling else 0
    onset, from_noise = steep.meets(levels[begins])
    return MassStep(
        float(t[first]),
        float(t[last]),
        onset,
        math.hypot(errors[begins] / abs(steep.slope), from_noise),
        middle,
        steep.place_error,
        -change if curve.cooling else change,
        math.hypot(*errors),
    )
