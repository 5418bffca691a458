r"""Pseudo-Voigt peaks, each with its K-alpha 2, over a smooth spline: values and derivatives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._diffraction.pattern import Pattern
from solith.analysis._diffraction.peak_descent import Minimum, descend

__all__ = ["Fit", "Peaks", "fit_peaks", "smooth_basis"]

Array = NDArray[np.float64]

_GAUSS = 4 * math.log(2)
_HEIGHT = math.sqrt(_GAUSS / math.pi)
_ROUGH, _MOST = 25, 150
"""Evaluations of a rough fit and of a whole one."""
_ROUGHLY, _ENOUGH = 0.1, 1e-3
"""Of the confidence region's radius: how far from the minimum either may end."""
_END = 4.0
"""Widths from a Gaussian's top, beyond which it is below 1e-19 of it: rounding."""
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
        """Parameters (3 k + 1,): positions, areas, logarithms of widths, and the share."""
        return np.concatenate([self.position, self.area, np.log(self.width), [self.share]])

    @classmethod
    def of_point(cls, point: Array) -> Peaks:
        """The peaks that :attr:`point` stands for."""
        position, area, width = point[:-1].reshape(3, -1)
        return cls(position, area, np.exp(np.clip(width, -20, 6)), float(point[-1]))


@dataclass(frozen=True)
class Fit:
    """Peaks and smooth part that explain a pattern, with the covariance of all parameters.

    ``covariance`` (3 k + 1 + m, ...) is of the k peaks' positions, areas, log widths, their
    share and the m coefficients of the smooth part; ``chi_squared`` is reduced.
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
    curve = pattern.intensity + fitted.residuals * noise
    chi_squared = fitted.variance
    covariance = fitted.covariance()
    if covariance is not None:
        known = pattern.counts is not None
        covariance = covariance * (max(chi_squared, 1.0) if known else chi_squared)
    return Fit(peaks, curve, smooth, noise, covariance, chi_squared)


def _minimised(
    pattern: Pattern, start: Peaks, coefficients: Array, basis: Array, noise: Array, most: int
) -> Minimum:
    weights = 1 / noise
    weighted = np.ascontiguousarray((basis * weights[:, None]).T)
    many = 3 * len(start) + 1

    def function(point: Array) -> tuple[Array, Array]:
        peaks = Peaks.of_point(point[:many])
        rows = np.empty((len(point), len(noise)))
        curve, rows[:many] = _peak_curve(pattern, peaks)
        rows[:many] *= weights
        rows[many:] = weighted
        return (curve - pattern.intensity) * weights + point[many:] @ weighted, rows

    start_point = np.concatenate([start.point, coefficients])
    below, above = np.full_like(start_point, -np.inf), np.full_like(start_point, np.inf)
    below[many - 1], above[many - 1] = 0.0, 1.0
    return descend(
        function,
        start_point,
        below=below,
        above=above,
        tolerance=_ENOUGH if most == _MOST else _ROUGHLY,
        most=most,
    )


def _peak_curve(pattern: Pattern, peaks: Peaks) -> tuple[Array, Array]:
    """The sum of the peaks (n,) and its derivatives (3 k + 1, n)."""
    ratio = pattern.ratio if pattern.second else 0.0
    curve = np.zeros_like(pattern.angle)
    count = len(peaks)
    slopes = np.zeros((3 * count + 1, len(curve)))
    second, follow = pattern.second_angle(peaks.position)
    lines = [(peaks.position, np.ones(count), 1 / (1 + ratio))]
    if ratio:
        lines.append((second, follow, ratio / (1 + ratio)))
    for centre, moves, weight in lines:
        for k in range(count):
            scale = weight * peaks.area[k]
            shape, by_place, by_width, by_share = _line(
                pattern.angle - centre[k], peaks.width[k], peaks.share
            )
            curve += scale * shape
            slopes[k] -= scale * moves[k] * by_place
            slopes[count + k] += weight * shape
            slopes[2 * count + k] += scale * by_width
            slopes[-1] += scale * by_share
    return curve, slopes


def _line(apart: Array, width: float, share: float) -> tuple[Array, Array, Array, Array]:
    """A pseudo-Voigt of area 1, its derivatives by place, log width and share."""
    x = apart / width
    first, last = np.searchsorted(x, (-_END, _END))
    core = x[first:last]
    gauss = _HEIGHT / width * np.exp(-_GAUSS * core * core)
    flat = 1 / (1 + 4 * x * x)
    lorentz = 2 / (math.pi * width) * flat
    by_share = lorentz.copy()
    by_share[first:last] -= gauss
    shape = share * lorentz
    slope = -8 * x * flat * shape
    shape[first:last] += (1 - share) * gauss
    slope[first:last] -= (2 * _GAUSS * (1 - share)) * core * gauss
    return shape, slope / width, -shape - x * slope, by_share
