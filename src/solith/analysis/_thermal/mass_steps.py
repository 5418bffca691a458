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
_PLATEAU = 0.5
"""Part of a step's width on either side that tells the plateau."""


@dataclass(frozen=True)
class MassStep:
    """Temperatures [degC] and change of a step in the curve's unit, with standard uncertainties."""

    start: float
    end: float
    onset: float
    steepest: float
    steepest_error: float
    change: float
    change_error: float


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
        found = _measured(t, y, (first, last), int(place), float(slope[place]), curve.noise)
        if found is not None and abs(found.change) > 3 * found.change_error:
            steps.append(found)
    return sorted(steps, key=lambda one: one.steepest)


def _measured(
    t: Array, y: Array, span: tuple[int, int], place: int, slope: float, noise: float
) -> MassStep | None:
    first, last = span
    side = max(6, round(_PLATEAU * (last - first)))
    before, after = slice(max(first - side, 0), first), slice(last + 1, last + 1 + side)
    if len(t[before]) < 5 or len(t[after]) < 5:
        return None
    middle = float(t[place])
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
    height = float(np.interp(middle, t, y))
    onset = middle - (height - levels[0]) / slope
    width = float(t[last] - t[first])
    near = max(2.0 * float(t[1] - t[0]), width * noise / max(abs(change), 1e-300))
    return MassStep(
        float(t[first]), float(t[last]), onset, middle, near, change, math.hypot(*errors)
    )
