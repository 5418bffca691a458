r"""Pseudo-Voigt peaks, each with its K-alpha 2, over a smooth spline: values and derivatives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._diffraction.pattern import Pattern
from solith.analysis._least_squares import LeastSquares, minimise

__all__ = ["Fit", "Peaks", "fit_peaks", "smooth_basis"]

Array = NDArray[np.float64]

_GAUSS = 4 * math.log(2)
_HEIGHT = math.sqrt(_GAUSS / math.pi)
_ROUGH, _MOST = 15, 150
"""Evaluations of a rough fit and of a whole one."""
_KNOTS = 4.0
"""Degrees between the knots of the smooth part: it follows halos and no peaks."""


@dataclass(frozen=True)
class Peaks:
    """Positions of K-alpha 1 [deg], areas of both lines [intensity deg], full widths [deg]."""

    position: Array
    area: Array
    width: Array
    share: float
    """Lorentzian part of every peak, 0 to 1."""

    def __len__(self) -> int:
        return len(self.position)

    @property
    def point(self) -> Array:
        """Parameters: positions, areas, logarithms of widths, and the logit of the share."""
        share = min(max(self.share, 1e-3), 1 - 1e-3)
        logit = [math.log(share / (1 - share))]
        return np.concatenate([self.position, self.area, np.log(self.width), logit])

    @classmethod
    def of_point(cls, point: Array) -> Peaks:
        """The peaks that :attr:`point` stands for."""
        count = (len(point) - 1) // 3
        share = 1 / (1 + math.exp(-min(max(float(point[-1]), -30.0), 30.0)))
        position, area, width = point[:-1].reshape(3, count)
        return cls(position, area, np.exp(np.clip(width, -20, 6)), share)


@dataclass(frozen=True)
class Fit:
    """Peaks and smooth part that explain a pattern, with the covariance of all parameters.

    ``covariance`` (3 k + 1 + m, ...) is of the k peaks' positions, areas, log widths, the share's
    logit and the m coefficients of the smooth part; ``chi_squared`` is reduced.
    """

    peaks: Peaks
    curve: Array
    smooth: Array
    noise: Array
    covariance: Array | None
    chi_squared: float

    def error(self, which: int) -> float:
        """One standard uncertainty of a parameter, nan where it is not known."""
        if self.covariance is None:
            return math.nan
        return math.sqrt(max(float(self.covariance[which, which]), 0.0))


def smooth_basis(angle: Array) -> Array:
    """Cubic B-splines (n, m) with even knots about 4 degrees apart."""
    from scipy.interpolate import BSpline

    pieces = max(1, round((angle[-1] - angle[0]) / _KNOTS))
    inner = np.linspace(angle[0], angle[-1], pieces + 1)
    knots = np.concatenate([[angle[0]] * 3, inner, [angle[-1]] * 3])
    basis: Array = BSpline.design_matrix(angle, knots, 3).toarray()
    return basis


def fit_peaks(
    pattern: Pattern, start: Peaks, coefficients: Array, noise: Array, *, rough: bool = False
) -> Fit:
    """The least squares of peaks and smooth part, weighted by ``noise`` (n,).

    A ``rough`` one ends after some steps: its peaks are a start for a better one.
    """
    basis = smooth_basis(pattern.angle)
    fitted = _minimised(pattern, start, coefficients, basis, noise, _ROUGH if rough else _MOST)
    many = 3 * len(start) + 1
    peaks = Peaks.of_point(fitted.point[:many])
    smooth = basis @ fitted.point[many:]
    curve = smooth + _peak_curve(pattern, peaks, derivatives=False)[0]
    chi_squared = fitted.variance
    covariance = fitted.covariance(scaled=False)
    if covariance is not None:
        known = pattern.counts is not None
        covariance = covariance * (max(chi_squared, 1.0) if known else chi_squared)
    return Fit(peaks, curve, smooth, noise, covariance, chi_squared)


def _minimised(
    pattern: Pattern, start: Peaks, coefficients: Array, basis: Array, noise: Array, most: int
) -> LeastSquares:
    weighted = basis / noise[:, None]
    many = 3 * len(start) + 1

    def function(point: Array) -> tuple[Array, Array]:
        peaks = Peaks.of_point(point[:many])
        curve, slopes = _peak_curve(pattern, peaks, derivatives=True)
        residuals = (curve - pattern.intensity) / noise + weighted @ point[many:]
        return residuals, np.hstack([slopes / noise[:, None], weighted])

    return minimise(
        function,
        np.concatenate([start.point, coefficients]),
        tolerance=1e-3 if most == _MOST else 0.1,
        most_evaluations=most,
    )


def _peak_curve(pattern: Pattern, peaks: Peaks, *, derivatives: bool) -> tuple[Array, Array]:
    """The sum of the peaks (n,) and, if asked for, its derivatives (n, 3 k + 1)."""
    ratio = pattern.ratio if pattern.second else 0.0
    curve = np.zeros_like(pattern.angle)
    count = len(peaks)
    slopes = np.zeros((len(curve) if derivatives else 0, 3 * count + 1))
    second, follow = pattern.second_angle(peaks.position)
    lines = [(peaks.position, np.ones(count), 1 / (1 + ratio))]
    if ratio:
        lines.append((second, follow, ratio / (1 + ratio)))
    for centre, moves, weight in lines:
        for k in range(count):
            shape, by_place, by_width, by_share = _line(
                pattern.angle - centre[k], peaks.width[k], peaks.share
            )
            curve += weight * peaks.area[k] * shape
            if derivatives:
                slopes[:, k] -= weight * peaks.area[k] * by_place * moves[k]
                slopes[:, count + k] += weight * shape
                slopes[:, 2 * count + k] += weight * peaks.area[k] * by_width
                slopes[:, -1] += weight * peaks.area[k] * by_share
    if derivatives:
        slopes[:, -1] *= peaks.share * (1 - peaks.share)
    return curve, slopes


def _line(apart: Array, width: float, share: float) -> tuple[Array, Array, Array, Array]:
    """A pseudo-Voigt of area 1, its derivatives by place, log width and share."""
    x = apart / width
    gauss = _HEIGHT / width * np.exp(-_GAUSS * np.minimum(x * x, 200.0))
    lorentz = 2 / (math.pi * width) / (1 + 4 * x * x)
    shape = (1 - share) * gauss + share * lorentz
    gauss_slope = -2 * _GAUSS * x * gauss
    lorentz_slope = -8 * x / (1 + 4 * x * x) * lorentz
    slope = (1 - share) * gauss_slope + share * lorentz_slope
    return shape, slope / width, -shape - x * slope, lorentz - gauss
