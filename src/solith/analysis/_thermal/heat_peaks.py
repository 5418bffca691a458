"""Peaks of a DSC curve: where they begin and end, onset, top, area on two kinds of baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._thermal.curve import Curve, smooth_baseline
from solith.core.errors import InputError

__all__ = ["HeatPeak", "find_heat_peaks", "measure_heat_peak"]

Array = NDArray[np.float64]

_CLEAR = 6.0
_END = 1.0
_SIDE = 0.5
"""Part of a peak's width on both sides that tells the baseline."""
_LEAST_POINTS = 5


@dataclass(frozen=True)
class HeatPeak:
    """Temperatures [degC], height and area [unit K] of a peak, with standard uncertainties.

    ``start`` and ``end`` are where the baseline is joined; the area is negative below it.
    """

    start: float
    end: float
    onset: float | None
    onset_error: float | None
    top: float
    top_error: float
    height: float
    area: float
    area_error: float


def find_heat_peaks(curve: Curve) -> list[tuple[float, float]]:
    """Where peaks of either sign begin and end [degC], by what stands clear of a slow baseline."""
    base, scale = smooth_baseline(curve)
    step = float(np.median(np.diff(curve.temperature)))
    width = max(5, 2 * round(1.0 / step / 2) + 1)
    kernel = np.hanning(width + 2)[1:-1]
    kernel /= kernel.sum()
    rest = np.convolve(curve.value - base, kernel, mode="same")
    quiet = max(scale * math.sqrt(float(np.sum(kernel**2))), 0.3 * scale)
    spans = []
    for sign in (1, -1):
        high = sign * rest
        place = 0
        while place < len(high):
            if high[place] < _CLEAR * quiet:
                place += 1
                continue
            first = place
            while first > 0 and high[first - 1] > _END * quiet:
                first -= 1
            last = place
            while last < len(high) - 1 and high[last + 1] > _END * quiet:
                last += 1
            if last - first >= _LEAST_POINTS:
                spans.append((float(curve.temperature[first]), float(curve.temperature[last])))
            place = last + 1
    return sorted(spans)


def measure_heat_peak(curve: Curve, start: float, end: float) -> HeatPeak:
    """What a peak between ``start`` and ``end`` [degC] is, on straight and sigmoidal baselines.

    The baseline is fitted beside the peak, over half its width on either side, and drawn as one
    straight line through both sides, or as each side's line, passing from one to the other as the
    heat is released. The area is the mean of both, onset and top are those of the second; their
    uncertainties hold half the difference and the noise of the points, that of the area the noise
    of the baseline too.
    """
    width = end - start
    part = curve.within(start - _SIDE * width, end + _SIDE * width)
    t, y = part.temperature, part.value
    inside = (t >= start) & (t <= end)
    left, right = t < start, t > end
    if inside.sum() < _LEAST_POINTS or left.sum() < 3 or right.sum() < 3:
        raise InputError(
            f"the peak from {start:.4g} to {end:.4g} degC has too few points in it or beside it"
        )
    both = left | right
    straight = np.polyval(np.polyfit(t[both], y[both], 1), t)
    line_left = np.polyval(np.polyfit(t[left], y[left], 1), t)
    line_right = np.polyval(np.polyfit(t[right], y[right], 1), t)
    sigmoid = straight
    for _ in range(8):
        rest = np.where(inside, y - sigmoid, 0.0)
        done = np.cumsum(rest)
        share = np.clip(done / done[-1], 0, 1) if done[-1] else np.linspace(0, 1, len(t))
        sigmoid = (1 - share) * line_left + share * line_right
    areas = [_area(t[inside], (y - base)[inside]) for base in (straight, sigmoid)]
    step = float(np.median(np.diff(t)))
    scatter = max(curve.noise, float(np.std((y - straight)[both])))
    noise = scatter * math.hypot(
        math.sqrt(step * width), width * math.sqrt(1 / both.sum()) * math.sqrt(2)
    )
    tops, onsets = [], []
    way = -1 if curve.cooling else 1  # the side that was measured first
    for base in (sigmoid, straight):
        above = (y - base)[inside]
        tops.append(_top(t[inside], above, scatter))
        onsets.append(_onset(way * t[inside][::way], above[::way], scatter))
    height = tops[0][0]
    top, top_error = _first([one[1:] for one in tops])
    onset, onset_error = _first([one for one in onsets if one is not None])
    onset = None if onset is None else way * onset
    return HeatPeak(
        start,
        end,
        onset,
        onset_error,
        top,
        top_error,
        height,
        float(np.mean(areas)),
        math.hypot(noise, (areas[0] - areas[1]) / 2),
    )


def _first(found: list[tuple[float, float]]) -> tuple[Any, Any]:
    """What the first baseline gives, half the difference to another in its uncertainty."""
    if not found:
        return None, None
    values, errors = np.array(found).T
    return float(values[0]), math.hypot(float(errors[0]), float(np.ptp(values)) / 2)


def _area(t: Array, y: Array) -> float:
    return float(np.trapezoid(y, t))


def _top(t: Array, y: Array, noise: float) -> tuple[float, float, float]:
    """Height, temperature and its uncertainty of the top, by a parabola through what is high."""
    sign = 1.0 if abs(float(y.max())) > abs(float(y.min())) else -1.0
    up = sign * y
    high = up > 0.8 * up.max()
    place = int(np.argmax(up))
    first, last = place, place
    while first > 0 and high[first - 1]:
        first -= 1
    while last < len(up) - 1 and high[last + 1]:
        last += 1
    first, last = max(min(first, place - 2), 0), min(max(last, place + 2), len(up) - 1)
    x = t[first : last + 1] - t[place]
    fit, covariance = np.polyfit(x, up[first : last + 1], 2), None
    if fit[0] >= 0:
        return float(y[place]), float(t[place]), float(t[1] - t[0])
    design = np.stack([x**2, x, np.ones_like(x)], axis=1)
    covariance = np.linalg.pinv(design.T @ design) * noise**2
    off = -fit[1] / (2 * fit[0])
    slopes = np.array([fit[1] / (2 * fit[0] ** 2), -1 / (2 * fit[0]), 0.0])
    error = math.sqrt(max(float(slopes @ covariance @ slopes), 0.0))
    if not x[0] <= off <= x[-1]:
        off, error = 0.0, float(t[1] - t[0])
    return sign * float(np.polyval(fit, off)), float(t[place] + off), error


def _onset(t: Array, y: Array, noise: float) -> tuple[float, float] | None:
    """Where the tangent at the steepest place of the rising side meets the baseline.

    The tangent is the line through 30 to 70 % of the height, the standard's inflection for a side
    that is straight there (ISO 11357-1, recalled).
    """
    sign = 1.0 if abs(float(y.max())) > abs(float(y.min())) else -1.0
    up = sign * y
    place = int(np.argmax(up))
    below = np.flatnonzero(up[:place] < 0.3 * up[place])
    first = int(below[-1]) + 1 if len(below) else 0
    above = np.flatnonzero(up[first:place] > 0.7 * up[place])
    last = first + int(above[0]) if len(above) else place
    last = max(last, first + 2)
    if last > place or last - first < 2:
        return None
    x, values = t[first : last + 1], up[first : last + 1]
    middle = float(x.mean())
    slope, level = np.polyfit(x - middle, values, 1)
    if slope <= 0:
        return None
    onset = middle - level / slope
    lever = float(np.sum((x - middle) ** 2))
    error = noise / slope * math.sqrt(1 / len(x) + (onset - middle) ** 2 / lever)
    return float(onset), float(error)
