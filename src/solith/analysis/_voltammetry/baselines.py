"""Straight baselines under a peak of a sweep, with their covariance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._voltammetry.curve import Curve

__all__ = ["Line", "capacitive_line", "line_between"]

_EDGE = 0.02
"""Part of its span after the turn in which the current of a sweep still settles."""

_SHORTEST = 0.03
"""Part of the span that a flat part is long at least."""

_STRAIGHT = 3e-4
"""Part of the peak's height by which a flat part may bend."""

_ROUGHLY = 0.02
"""The same for the stretch that it grows from: more is no flat part."""

_CUT = 0.7
"""Part of the straight stretch that is used: what bends unseen is at the end near the peak."""


_CHOICE = 1.2
"""What choosing the flat part from the same noise adds to the scatter of its line: set by
hand after six Monte Carlo sets of gaussian peaks, where errors of the charge over such a line
spread 1.01 to 1.20 times as far as without it."""


@dataclass(frozen=True)
class Line:
    """``level`` + ``slope`` (x - ``centre``), with the covariance (2, 2) of level and slope."""

    centre: float
    level: float
    slope: float
    covariance: NDArray[np.float64]

    @classmethod
    def zero(cls) -> Line:
        """No baseline."""
        return cls(0.0, 0.0, 0.0, np.zeros((2, 2)))

    def at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """The line at x."""
        return self.level + self.slope * (x - self.centre)

    def uncertainty(self, x: float) -> float:
        """Standard uncertainty of the line at x."""
        row = np.array([1.0, x - self.centre])
        return math.sqrt(max(float(row @ self.covariance @ row), 0.0))

    def integral_uncertainty(self, x: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
        """Standard uncertainty of the sum of ``weights`` x line."""
        row = np.array([weights.sum(), weights @ (x - self.centre)])
        return math.sqrt(max(float(row @ self.covariance @ row), 0.0))


def line_between(curve: Curve, begin: int, end: int) -> Line:
    """The line through the smoothed heights at two feet."""
    x, y = curve.grid[[begin, end]], curve.smooth[[begin, end]]
    length = float(x[1] - x[0])
    variance = curve.smooth_noise**2
    covariance = variance * np.array([[0.5, 0.0], [0.0, 2.0 / length**2]])
    return Line(float(x.mean()), float(y.mean()), float((y[1] - y[0]) / length), covariance)


def capacitive_line(curve: Curve, place: int) -> Line | None:
    """The straight line of the flat part before a peak, to be extended under it.

    The flat part grows from where the smoothed current changes least with potential as long
    as a parabola bends no more in it than two standard uncertainties or 0.03 % of the peak's
    height; the 30 % next to the peak are then left. ``None`` where nothing is straight over 3 %
    of the span.
    """
    begin = curve.grid[0] + _EDGE * curve.span
    low = np.flatnonzero(curve.smooth[:place] < (curve.smooth[place] + curve.smooth[0]) / 2)
    if len(low) == 0:
        return None
    end = float(curve.grid[low[-1]])
    shortest = _SHORTEST * curve.span
    if end - begin < 2 * shortest:
        return None
    starts = np.linspace(begin, end - shortest, 40)
    slopes = [_line(curve, at, at + shortest) for at in starts]
    usable = [line for line in slopes if line is not None]
    if not usable:
        return None
    seed = min(usable, key=lambda line: abs(line.slope)).centre
    a, b = seed - shortest / 2, seed + shortest / 2
    height = float(curve.smooth[place]) - float(np.interp(seed, curve.grid, curve.smooth))
    grown = True
    while grown:
        grown = False
        for left, right in ((a, min(b + shortest / 3, end)), (max(a - shortest / 3, begin), b)):
            if right - left > b - a and _straight(curve, left, right, _STRAIGHT * height):
                a, b, grown = left, right, True
    if not _straight(curve, a, b, _ROUGHLY * height):
        return None
    return _line(curve, a, max(a + _CUT * (b - a), min(b, a + shortest)))


def _within(curve: Curve, a: float, b: float) -> NDArray[np.bool_]:
    return (curve.x >= a) & (curve.x <= b)


def _line(curve: Curve, a: float, b: float) -> Line | None:
    rows = _within(curve, a, b)
    x, y = curve.x[rows], curve.height[rows]
    if len(x) < 3:
        return None
    centre = float(x.mean())
    square = float(np.sum((x - centre) ** 2))
    slope = float((x - centre) @ y) / square
    covariance = (_CHOICE * curve.noise) ** 2 * np.diag([1 / len(x), 1 / square])
    return Line(centre, float(y.mean()), slope, covariance)


def _straight(curve: Curve, a: float, b: float, tolerance: float) -> bool:
    """Whether a parabola through the rows bends no more than noise and tolerance allow."""
    rows = _within(curve, a, b)
    x, y = curve.x[rows], curve.height[rows]
    if len(x) < 4:
        return False
    scaled = 2 * (x - x.mean()) / (b - a)
    columns = np.vander(scaled, 3)
    inverse = np.linalg.pinv(columns)
    bend = float((inverse @ y)[0])
    spread = curve.noise * float(np.linalg.norm(inverse[0]))
    return abs(bend) <= max(2 * spread, tolerance)
