"""The straight line of a back scan: resistance, intercept, and whether it is a line at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.core.intervals import NORMAL_95

__all__ = ["BackScan", "fit_back_scan"]

Array = NDArray[np.float64]

_LEAST_ROWS = 5
_ROUNDS = 3
_SURE_BEND = 0.01
_ROUNDING = 1e-12
_MOST_CORRELATED = 0.95


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
    residuals' own scatter. Where neighbouring residuals correlate significantly (by more than
    twice 1/sqrt(n)), the variance is widened by (1 + r)/(1 - r), that of a first-order
    autoregression, r less its bias of about -(2 + 4 r)/n (both recalled). Also ``None`` where
    the current does not rise with the bias, or where the interval of the slope holds zero.
    """
    from scipy.special import stdtrit

    if len(bias) < _LEAST_ROWS or np.ptp(bias) == 0:
        return None
    centre, span = float(bias.mean()), float(np.ptp(bias))
    across = (bias - centre) / span
    line = np.stack([np.ones_like(across), across], axis=1)
    weights = np.ones_like(current)
    for _ in range(_ROUNDS):
        fit = _Fit.of(line, current, weights)
        weights = _weights(line @ fit.coefficients, fit.residuals)
    fit = _Fit.of(line, current, weights)
    correlation = _correlation(fit.residuals * np.sqrt(weights))
    covariance = fit.covariance * _widened(correlation, len(bias))
    freedom = len(bias) - 2
    reach = float(stdtrit(freedom, 0.975))
    slope, error = float(fit.coefficients[1]) / span, float(np.sqrt(covariance[1, 1])) / span
    if not slope > reach * error:
        return None
    interval = (1 / (slope + reach * error), 1 / (slope - reach * error))
    to_zero = np.array([1.0, -centre / span])
    intercept = float(to_zero @ fit.coefficients)
    intercept_error = float(np.sqrt(to_zero @ covariance @ to_zero))
    parabola = _Fit.of(np.column_stack([line, across**2]), current, weights)
    wider = _widened(_correlation(parabola.residuals * np.sqrt(weights)), len(bias))
    bend_error = float(np.sqrt(parabola.covariance[2, 2] * wider))
    bend_size = abs(float(parabola.coefficients[2]))
    rounding = _ROUNDING * float(np.max(np.abs(current)))
    return BackScan(
        resistance=1 / slope,
        uncertainty=error * reach / NORMAL_95 / slope**2,
        interval=interval,
        intercept=intercept,
        intercept_uncertainty=intercept_error * reach / NORMAL_95,
        intercept_p=_two_sided(intercept, intercept_error, rounding, freedom),
        bend_p=_two_sided(bend_size, bend_error, rounding, freedom - 1),
        bend=bend_size / 4 / abs(slope * span),
        correlation=correlation,
        rows=len(bias),
        lowest=float(bias.min()),
        highest=float(bias.max()),
    )


@dataclass(frozen=True)
class _Fit:
    coefficients: Array
    covariance: Array
    residuals: Array

    @classmethod
    def of(cls, design: Array, y: Array, weights: Array) -> _Fit:
        root = np.sqrt(weights)
        columns, values = design * root[:, None], y * root
        inverse = np.linalg.pinv(columns)
        coefficients = inverse @ values
        left = values - columns @ coefficients
        variance = float(left @ left) / (len(y) - design.shape[1])
        return cls(coefficients, inverse @ inverse.T * variance, y - design @ coefficients)


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


def _correlation(residuals: Array) -> float:
    square = float(residuals @ residuals)
    if square == 0:
        return 0.0
    return float(
        np.clip(residuals[1:] @ residuals[:-1] / square, -_MOST_CORRELATED, _MOST_CORRELATED)
    )


def _widened(correlation: float, rows: int) -> float:
    """The factor of the variance; one where the correlation is not significant."""
    if correlation <= 2 / np.sqrt(rows):
        return 1.0
    correlation = min(correlation + (2 + 4 * correlation) / rows, _MOST_CORRELATED)
    return (1 + correlation) / (1 - correlation)


def _two_sided(size: float, error: float, rounding: float, freedom: int) -> float:
    """Student's probability of a distance from zero as large as ``size``."""
    from scipy.special import stdtr

    if abs(size) <= rounding:
        return 1.0
    return float(2 * stdtr(freedom, -abs(size) / error)) if error > 0 else 0.0
