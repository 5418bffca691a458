"""Peaks of a pattern found one layer after another: what stands out of the noise is fitted."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from solith.analysis._diffraction.pattern import Pattern
from solith.analysis._diffraction.peak_model import Fit, Peaks, fit_peaks, smooth_basis

__all__ = ["search_peaks"]

Array = NDArray[np.float64]

_WIDEST = 2.0
"""Degrees of full width, up to which a bump is a peak and not a halo."""
_NARROWEST = 2.0
"""Points of full width from which on a bump is a peak and not one point."""
_LADDER = 1.4
_ROUNDS = 8
_GAIN = 0.98
"""Of the misfit: what a round without further peaks must leave, or less, to be followed."""
_MOST = 80
_UNLIKE = 0.02
"""Of a peak's height: how far its true shape may lie beside the model's."""
_BORNE_OUT = 4.0
"""Standard uncertainties that the area of a peak has at least, all peaks fitted together."""
_FOOT, _OF_MAIN = 6.0, 0.3
"""Widths about a peak within which a bump has to wait if it is less clear than this part of it."""
_SIGMA = 1 / 2.3548200450309493


def search_peaks(pattern: Pattern, false_alarm: float) -> Fit:
    """All peaks above the noise, fitted together with the smooth part.

    A bump counts where a Gaussian of the bump's width, correlated with what is not yet explained,
    exceeds the noise by more than chance would anywhere in the pattern and at any width with the
    probability ``false_alarm``. Of neighbours the highest is taken first, the others from what its
    fit leaves, so that K-alpha 2 and the foot of a peak are no peaks.
    """
    basis = smooth_basis(pattern.angle)
    coefficients, noise = _first_smooth(pattern, basis)
    smooth = basis @ coefficients
    peaks = Peaks(np.empty(0), np.empty(0), np.empty(0), 0.5)
    fit = Fit(peaks, smooth, smooth, noise, None, math.nan)
    for _ in range(_ROUNDS):
        found = _bumps(pattern, fit, false_alarm)[: _MOST - len(fit.peaks)]
        if not len(found):
            break
        before = fit
        fit = _refined(pattern, _joined(before.peaks, found), basis, before)
        if len(fit.peaks) <= len(before.peaks) and fit.chi_squared > _GAIN * before.chi_squared:
            break
    return _settled(pattern, basis, fit) if len(fit.peaks) else fit


def _first_smooth(pattern: Pattern, basis: Array) -> tuple[Array, Array]:
    """The spline through what lies low, and the noise about it."""
    y, kept = pattern.intensity, np.ones(len(pattern.angle), dtype=bool)
    coefficients = np.zeros(basis.shape[1])
    noise = np.ones_like(y)
    reach = max(3, round(0.15 / pattern.step))
    for _ in range(20):
        weighted = basis[kept] / noise[kept, None]
        ridge = 1e-6 * np.eye(basis.shape[1]) * np.mean(weighted**2) * len(y)
        coefficients = np.linalg.solve(
            weighted.T @ weighted + ridge, weighted.T @ (y[kept] / noise[kept])
        )
        curve = basis @ coefficients
        noise = _noise(pattern, curve)
        high = (y - curve) > 2.5 * noise
        run = np.convolve(high, np.ones(5), mode="same") >= 3
        wide = np.convolve(run, np.ones(2 * reach + 1), mode="same") > 0
        now = ~(high | wide)
        if now.sum() < max(0.15 * len(y), 2 * basis.shape[1]):
            now = y - curve <= np.quantile(y - curve, 0.4)
        if np.array_equal(now, kept):
            break
        kept = now
    return coefficients, noise


def _noise(pattern: Pattern, curve: Array) -> Array:
    """Standard deviation of each point: of counts by the curve, else by neighbours' differences."""
    if pattern.counts is not None:
        return np.sqrt(np.maximum(curve, 1 / pattern.counts) / pattern.counts)
    second = np.diff(pattern.intensity, 2)
    single = 1.4826 * float(np.median(np.abs(second))) / math.sqrt(6)
    single = max(single, 1e-9 * float(np.ptp(pattern.intensity)))
    level = np.maximum(curve, 0.0) / max(float(np.median(np.maximum(curve, 0.0))), 1e-300)
    return single * np.sqrt(np.clip(level, 0.25, None))


def _bumps(pattern: Pattern, fit: Fit, false_alarm: float) -> Array:
    """Rows (position, area, width) of what stands out of the residuals, the clearest first."""
    from scipy.special import ndtri

    residual = pattern.intensity - fit.curve
    noise = np.hypot(fit.noise, _UNLIKE * (fit.curve - fit.smooth))
    widths = _widths(pattern)
    step = pattern.step
    tests = sum((pattern.angle[-1] - pattern.angle[0]) / (0.5 * width) for width in widths)
    limit = -float(ndtri(min(false_alarm / max(tests, 1.0), 0.5)))
    best = np.full(len(residual), -np.inf)
    area = np.zeros(len(residual))
    size = np.zeros(len(residual))
    for width in widths:
        kernel = _kernel(width / step)
        if len(kernel) > len(residual):
            break
        total = np.convolve(residual / noise**2, kernel, mode="same")
        weight = np.convolve(1 / noise**2, kernel**2, mode="same")
        clear = total / np.sqrt(weight)
        better = clear > best
        best[better] = clear[better]
        scale = width * 1.0644670194312262
        area[better] = (total / weight)[better] * scale
        size[better] = width
    return _highest(pattern, best, area, size, limit)


def _highest(pattern: Pattern, best: Array, area: Array, size: Array, limit: float) -> Array:
    taken: list[tuple[float, float, float]] = []
    blocked = np.zeros(len(best), dtype=bool)
    for place in np.argsort(-best):
        if best[place] < limit:
            break
        if blocked[place]:
            continue
        at, width = float(pattern.angle[place]), float(size[place])
        beyond = float(pattern.second_angle(np.array([at]))[0][0])
        near = (pattern.angle > at - 1.5 * width - (beyond - at)) & (
            pattern.angle < beyond + 1.5 * width
        )
        foot = (pattern.angle > at - _FOOT * width) & (pattern.angle < beyond + _FOOT * width)
        blocked |= near | (foot & (best < _OF_MAIN * best[place]))
        taken.append((at, float(area[place]), width))
    return np.array(taken).reshape(-1, 3)


def _widths(pattern: Pattern) -> list[float]:
    narrow = max(_NARROWEST * pattern.step, 0.02)
    steps = max(1, math.ceil(math.log(max(_WIDEST / narrow, 1.0)) / math.log(_LADDER)))
    return [narrow * _LADDER**n for n in range(steps)]


def _kernel(width: float) -> Array:
    sigma = width * _SIGMA
    reach = max(1, math.ceil(3 * sigma))
    shape: Array = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return shape


def _joined(peaks: Peaks, found: Array) -> Peaks:
    position = np.concatenate([peaks.position, found[:, 0]])
    area = np.concatenate([peaks.area, found[:, 1]])
    width = np.concatenate([peaks.width, found[:, 2]])
    return Peaks(position, area, width, peaks.share)


def _refined(pattern: Pattern, start: Peaks, basis: Array, before: Fit) -> Fit:
    """A rough fit with the noise of its own curve, without the peaks that it does not bear out."""
    coefficients = _coefficients(basis, before)
    fit = fit_peaks(pattern, start, coefficients, _noise(pattern, before.curve), rough=True)
    kept = _borne_out(pattern, fit)
    return fit if np.all(kept) else _again(pattern, basis, fit, kept, rough=True)


def _settled(pattern: Pattern, basis: Array, fit: Fit) -> Fit:
    """The whole fit; peaks that it does not bear out are dropped, until it bears all out."""
    fit = _again(pattern, basis, fit, np.ones(len(fit.peaks), dtype=bool))
    while len(fit.peaks) and not np.all(kept := _borne_out(pattern, fit)):
        fit = _again(pattern, basis, fit, kept)
    return fit


def _again(
    pattern: Pattern, basis: Array, fit: Fit, kept: NDArray[np.bool_], *, rough: bool = False
) -> Fit:
    """The fit of the peaks that are kept, from where they are."""
    coefficients = _coefficients(basis, fit)
    old = fit.peaks
    peaks = Peaks(old.position[kept], old.area[kept], old.width[kept], old.share)
    return fit_peaks(pattern, peaks, coefficients, _noise(pattern, fit.curve), rough=rough)


def _coefficients(basis: Array, fit: Fit) -> Array:
    return np.asarray(np.linalg.lstsq(basis, fit.smooth, rcond=None)[0], dtype=float)


def _borne_out(pattern: Pattern, fit: Fit) -> NDArray[np.bool_]:
    """Which peaks stay: shaped as peaks and clear of the noise when all are fitted together.

    Two that share one bump take each other's certainty: of neighbours only the smallest is
    dropped at a time.
    """
    peaks = fit.peaks
    inside = (peaks.position > pattern.angle[0]) & (peaks.position < pattern.angle[-1])
    wide = peaks.width < 1.5 * _WIDEST
    narrow = peaks.width > 0.5 * pattern.step
    shaped = inside & wide & narrow & (peaks.area > 0)
    errors = np.array([fit.error(len(peaks) + k) for k in range(len(peaks))])
    doubtful = peaks.area < _BORNE_OUT * np.where(np.isfinite(errors), errors, 0.0)
    kept: NDArray[np.bool_] = shaped.copy()
    for k in np.flatnonzero(doubtful & shaped):
        near = np.abs(peaks.position - peaks.position[k]) < np.maximum(peaks.width, peaks.width[k])
        kept[k] = bool(np.any(near & doubtful & shaped & (peaks.area < peaks.area[k])))
    return kept
