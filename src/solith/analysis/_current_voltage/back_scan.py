"""The straight line of a back scan: resistance, intercept, and whether it is a line at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._lines import StraightLine, fit_straight
from solith.analysis._neighbours import neighbour_correlation, neighbour_widening
from solith.core.intervals import student_95, widening_95

__all__ = ["BackScan", "fit_back_scan"]

Array = NDArray[np.float64]

_LEAST_ROWS = 5
_ROUNDS = 3
_SURE_BEND = 0.01
_ROUNDING = 1e-12


@dataclass(frozen=True)
class BackScan:
    """``I = a + V / R`` over the rows of a back scan, both counted along the polarity.

    ``interval`` is R's 95 % interval [ohm], ``uncertainty`` a 1.96th of its half width;
    ``intercept`` a [A], ``intercept_p`` the probability of one as large if there were none;
    ``bend_p`` that of the curvature, ``bend`` its part of the current's span; ``correlation``
    that of neighbouring residuals, ``rows`` the number used.
    """

    resistance: float
    uncertainty: float
    interval: tuple[float, float]
    intercept: float
    intercept_uncertainty: float
    intercept_p: float
    bend_p: float
    bend: float
    correlation: float
    rows: int
    lowest: float
    highest: float

    @property
    def bends(self) -> bool:
        """Whether the curvature is significant (1 %)."""
        return self.bend_p < _SURE_BEND


def fit_back_scan(bias: Array, current: Array) -> BackScan | None:
    """The line of ``current`` [A] over ``bias`` [V]; ``None`` for fewer than five rows.

    Weighted least squares: the variance of a row is ``a + b I^2``, from the residuals
    themselves (non-negative least squares, three rounds). The interval is Student's, with the
    residuals' own scatter, widened as :func:`neighbour_widening` says where neighbouring ones
    are alike. Also ``None`` where the current does not rise with the bias, or where the interval
    of the slope holds zero.
    """
    if len(bias) < _LEAST_ROWS or np.ptp(bias) == 0:
        return None
    weights = np.ones_like(current)
    for _ in range(_ROUNDS):
        fitted = fit_straight(bias, current, weights).along(bias)
        weights = _weights(fitted, current - fitted)
    line = fit_straight(bias, current, weights)
    correlation, wider = _alike((current - line.along(bias)) * np.sqrt(weights))
    freedom, slope, error = line.freedom, line.slope, line.slope_error * wider
    reach = student_95(freedom)
    if not slope > reach * error:
        return None
    interval = (1 / (slope + reach * error), 1 / (slope - reach * error))
    intercept_error = line.intercept_error * wider
    bend_size, bend_error = _bend(line, bias, current, weights)
    rounding = _ROUNDING * float(np.max(np.abs(current)))
    return BackScan(
        resistance=1 / slope,
        uncertainty=error * widening_95(freedom) / slope**2,
        interval=interval,
        intercept=line.intercept,
        intercept_uncertainty=intercept_error * widening_95(freedom),
        intercept_p=_two_sided(line.intercept, intercept_error, rounding, freedom),
        bend_p=_two_sided(bend_size, bend_error, rounding, freedom - 1),
        bend=bend_size / 4 / abs(slope * float(np.ptp(bias))),
        correlation=correlation,
        rows=len(bias),
        lowest=float(bias.min()),
        highest=float(bias.max()),
    )


def _weights(fitted: Array, residuals: Array) -> Array:
    """One over the variance ``a + b I^2``, scaled to a mean of one."""
    from scipy.optimize import nnls

    size = float(np.mean(residuals**2))
    top = float(np.max(np.abs(fitted)))
    if not size > (_ROUNDING * top) ** 2:
        return np.ones_like(fitted)
    design = np.stack([np.ones_like(fitted), (fitted / top) ** 2], axis=1)
    parts, _ = nnls(design, residuals**2 / size)
    variance = np.maximum(design @ parts, 1e-3 * float(np.max(design @ parts)))
    return np.asarray(float(np.mean(variance)) / variance)


def _alike(residuals: Array) -> tuple[float, float]:
    """The correlation of neighbouring residuals, and by what it widens standard errors."""
    correlation = neighbour_correlation(residuals)
    return correlation, float(neighbour_widening(correlation, len(residuals)) ** 0.5)


def _bend(line: StraightLine, bias: Array, current: Array, weights: Array) -> tuple[float, float]:
    """The coefficient of ((V - mean) / span)^2 [A] without its sign, and its standard error."""
    root = np.sqrt(weights)
    across = (bias - line.middle) / float(np.ptp(bias))
    columns = np.stack([np.ones_like(across), across, across**2], axis=1) * root[:, None]
    inverse = np.linalg.pinv(columns)
    left = current * root - columns @ (inverse @ (current * root))
    variance = float(left @ left) / (len(left) - 3) * float(inverse[2] @ inverse[2])
    return abs(float(inverse[2] @ (current * root))), variance**0.5 * _alike(left)[1]


def _two_sided(size: float, error: float, rounding: float, freedom: int) -> float:
    """Student's probability of a distance from zero as large as ``size``."""
    from scipy.special import stdtr

    if abs(size) <= rounding:
        return 1.0
    return float(2 * stdtr(freedom, -abs(size) / error)) if error > 0 else 0.0
