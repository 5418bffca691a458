"""Straight lines and linear laws by least squares, and how well the points tell them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.core.intervals import NORMAL_95, student_95

__all__ = ["LinearFit", "StraightLine", "bends", "fit_linear", "fit_straight"]

Array = NDArray[np.float64]

_DOUBT = 0.05  # of the chi-squared test: below, the scatter sets the uncertainty
_ROUNDING = 1e-12  # of values: simulated ones may have no other uncertainty
_SURE_BEND = 0.01


@dataclass(frozen=True)
class StraightLine:
    """``y = level + slope (x - middle)``, through points whose scatter is its only measure.

    ``middle`` and ``level`` are the weighted means of x and y, ``lever`` is the weighted sum of
    ``(x - middle)^2`` and ``weight`` that of the weights, ``squares`` the weighted sum of squared
    residuals and ``freedom`` the number of points less two. Errors are standard errors by that
    scatter: infinite where two points or fewer leave none, or where x is one.
    """

    slope: float
    level: float
    middle: float
    lever: float
    weight: float
    squares: float
    freedom: int

    @property
    def deviation(self) -> float:
        """Standard deviation of a point of weight one about the line."""
        return float(np.sqrt(self.squares / self.freedom)) if self.freedom > 0 else float("inf")

    @property
    def slope_error(self) -> float:
        """Standard error of the slope."""
        return self.deviation / float(np.sqrt(self.lever)) if self.lever > 0 else float("inf")

    @property
    def intercept(self) -> float:
        """The line at x = 0."""
        return self.level - self.slope * self.middle

    @property
    def intercept_error(self) -> float:
        """Standard error of the line at x = 0."""
        return math.hypot(self.deviation / self.weight**0.5, self.middle * self.slope_error)

    def along(self, x: Array) -> Array:
        """The line at ``x``."""
        return self.level + self.slope * (x - self.middle)


def fit_straight(x: Array, y: Array, weights: Array | None = None) -> StraightLine:
    """The line through points (n,) by least squares, ``weights`` one over relative variances.

    The slope is 0 where all x are one.
    """
    own = np.ones(len(x)) if weights is None else weights
    weight = float(np.sum(own))
    middle, level = float(own @ x) / weight, float(own @ y) / weight
    across, up = x - middle, y - level
    lever = float(own @ across**2)
    slope = float((own * across) @ up) / lever if lever > 0 else 0.0
    squares = float(own @ (up - slope * across) ** 2)
    return StraightLine(slope, level, middle, lever, weight, squares, len(x) - 2)


@dataclass(frozen=True)
class LinearFit:
    """Least squares ``y = design @ coefficients``, through points of known uncertainty.

    ``covariance`` holds the points' uncertainties; where they scatter more than these allow
    (chi-squared test, 5 %), it is widened by ``chi_squared / freedom`` and ``reach``, the half
    width of a 95 % interval in standard uncertainties, is Student's.
    """

    coefficients: Array
    covariance: Array
    chi_squared: float
    freedom: int
    scattered: bool
    reach: float

    def uncertainty(self, place: int) -> float:
        """Standard uncertainty of a coefficient."""
        return float(np.sqrt(self.covariance[place, place]))

    def widened(self, place: int) -> float:
        """The same, so wide that 1.96 of it are the half width of the 95 % interval."""
        return self.uncertainty(place) * self.reach / NORMAL_95

    def interval(self, place: int) -> list[float]:
        """95 % interval of a coefficient."""
        value, half = float(self.coefficients[place]), self.reach * self.uncertainty(place)
        return [value - half, value + half]


def fit_linear(design: Array, y: Array, covariance: Array) -> LinearFit:
    """The coefficients (k,) of ``design`` (m, k) for ``y`` (m,) of known covariance (m, m)."""
    from scipy.special import chdtrc

    own = np.diag(covariance)
    least = _ROUNDING**2 * float(np.mean(y**2)) or _ROUNDING * float(np.mean(own)) or 1.0
    root = np.linalg.cholesky(covariance + np.diag(_ROUNDING * own + least))
    columns, values = np.linalg.solve(root, design), np.linalg.solve(root, y)
    lengths = np.linalg.norm(columns, axis=0)
    lengths[lengths == 0] = 1.0
    inverse = np.linalg.pinv(columns / lengths)
    coefficients = inverse @ values / lengths
    spread = inverse @ inverse.T / np.outer(lengths, lengths)
    chi_squared = float(np.sum((values - columns @ coefficients) ** 2))
    freedom = len(y) - design.shape[1]
    scattered = freedom > 0 and bool(chdtrc(freedom, chi_squared) < _DOUBT)
    if scattered:
        spread = spread * chi_squared / freedom
    reach = student_95(freedom) if scattered else NORMAL_95
    return LinearFit(coefficients, spread, chi_squared, freedom, scattered, reach)


def bends(x: Array, y: Array, covariance: Array) -> tuple[bool, LinearFit] | None:
    """Whether a parabola's curvature differs from 0 (1 % test), and the parabola.

    The parabola is in ``x`` less its mean. ``None`` for fewer than four different ``x``.
    """
    from scipy.special import ndtr, stdtr

    if len(np.unique(x)) < 4:
        return None
    centred = x - x.mean()
    scale = float(np.max(np.abs(centred)))
    design = np.stack([np.ones_like(x), centred, centred**2 / scale], axis=1)
    parabola = fit_linear(design, y, covariance)
    size = abs(float(parabola.coefficients[2])) / parabola.uncertainty(2)
    beyond = stdtr(parabola.freedom, -size) if parabola.scattered else ndtr(-size)
    return bool(2 * beyond < _SURE_BEND), parabola
