"""Halos of what is amorphous: broad bumps on an instrument's background, and their area."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._diffraction.pattern import Pattern
from solith.analysis._diffraction.peak_model import Fit
from solith.analysis._least_squares import minimise
from solith.core.errors import ConvergenceError

__all__ = ["Halo", "find_halos"]

Array = NDArray[np.float64]

_NARROWEST, _WIDEST = 2.5, 25.0
"""Degrees of full width of a halo."""
_MOST = 3
_SURE = 10.0
"""How much Bayes' criterion must fall for a further halo (Kass and Raftery 1995,
10.1080/01621459.1995.10476572: "very strong" from 10 on, as the R package pcal quotes them)."""
_GAUSS = 4 * math.log(2)
_AREA = math.sqrt(math.pi / _GAUSS)


@dataclass(frozen=True)
class Halo:
    """Position and full width [deg] and area [intensity deg], with standard uncertainties."""

    position: float
    position_error: float
    width: float
    width_error: float
    area: float
    area_error: float


def find_halos(pattern: Pattern, fit: Fit) -> tuple[list[Halo], Array]:
    r"""The halos in what the peaks leave, and the background below them (n,).

    The background is :math:`b_0 + b_1 x + b_2 / x`, the last for the direct beam's foot. As many
    Gaussians stand on it, up to three, as lower Bayes' criterion by more than ten each. The
    uncertainty of an area holds the fit's and how far it moves without the background's last term.
    """
    rest = pattern.intensity - (fit.curve - fit.smooth)
    noise = fit.noise * math.sqrt(max(fit.chi_squared, 1.0)) if fit.chi_squared > 0 else fit.noise
    fewer: list[Halo] = []
    best = _fitted(pattern.angle, rest, noise, [], foot=True)
    if best is None:
        return [], np.full_like(rest, np.median(rest))
    count = len(rest)
    while len(best[0]) < _MOST:
        start = _next(pattern.angle, rest - best[1])
        more = _fitted(pattern.angle, rest, noise, [*best[0], start], foot=True)
        if more is None or more[2] + 3 * math.log(count) > best[2] - _SURE:
            break
        best = more
    if best[0]:
        straight = _fitted(pattern.angle, rest, noise, best[0], foot=False)
        fewer = straight[0] if straight else []
    halos = []
    for number, halo in enumerate(best[0]):
        moved = abs(fewer[number].area - halo.area) / 2 if fewer else halo.area
        error = math.hypot(halo.area_error, moved)
        halos.append(Halo(**{**halo.__dict__, "area_error": error}))
    return halos, best[3]


Fitted = tuple[list[Halo], Array, float, Array]
"""Halos, the whole curve (n,), the weighted sum of squares, the background (n,)."""


def _next(angle: Array, residual: Array) -> Halo:
    """Where a broad bump is highest in what is left."""
    width = min(6.0, (angle[-1] - angle[0]) / 4)
    step = float(np.median(np.diff(angle)))
    sigma = width / 2.3548200450309493 / step
    reach = min(math.ceil(3 * sigma), (len(angle) - 1) // 2)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    smooth = np.convolve(residual, kernel / kernel.sum(), mode="same")
    place = int(np.argmax(smooth))
    height = max(float(smooth[place]), 1e-9 * float(np.ptp(residual)) + 1e-300)
    return Halo(float(angle[place]), 0.0, width, 0.0, height * width * _AREA, 0.0)


def _fitted(
    angle: Array, rest: Array, noise: Array, start: list[Halo], *, foot: bool
) -> Fitted | None:
    middle, half = (angle[0] + angle[-1]) / 2, (angle[-1] - angle[0]) / 2
    columns = [np.ones_like(angle), (angle - middle) / half]
    columns += [angle[0] / angle] if foot else []
    basis = np.stack(columns, axis=1) / noise[:, None]
    count, fixed = len(start), basis.shape[1]

    def function(point: Array) -> tuple[Array, Array]:
        residuals = basis @ point[:fixed] - rest / noise
        slopes = np.zeros((len(angle), len(point)))
        slopes[:, :fixed] = basis
        for k in range(count):
            place, turn, area = point[fixed + 3 * k : fixed + 3 * k + 3]
            width = _width(turn)
            x = (angle - place) / width
            shape = np.exp(-_GAUSS * np.minimum(x * x, 200.0)) / (width * _AREA) / noise
            residuals = residuals + area * shape
            own = slopes[:, fixed + 3 * k : fixed + 3 * k + 3]
            own[:, 0] = area * shape * 2 * _GAUSS * x / width
            by_width = area * shape * (2 * _GAUSS * x * x - 1) / width
            own[:, 1] = by_width * _width_slope(turn)
            own[:, 2] = shape
        return residuals, slopes

    turned = [(h.position, _turn(h.width), h.area) for h in start]
    first = np.linalg.lstsq(basis, rest / noise, rcond=None)[0]
    point = np.concatenate([first, np.array(turned).ravel()])
    try:
        fitted = minimise(function, point, tolerance=1e-2, most_evaluations=200)
    except ConvergenceError:
        return None
    background = (basis @ fitted.point[:fixed]) * noise
    curve = (fitted.residuals + rest / noise) * noise
    covariance = fitted.covariance()
    errors = np.zeros(len(point)) if covariance is None else np.sqrt(np.diag(covariance))
    halos = []
    for k in range(count):
        here = slice(fixed + 3 * k, fixed + 3 * k + 3)
        (place, turn, area), spread = fitted.point[here], errors[here]
        width_error = abs(_width_slope(turn)) * spread[1]
        if not angle[0] < place < angle[-1] or area <= 0:
            return None
        halos.append(Halo(place, spread[0], _width(turn), width_error, area, spread[2]))
    return halos, curve, fitted.squares, background


def _width(turn: float) -> float:
    return _NARROWEST + (_WIDEST - _NARROWEST) * (0.5 + math.atan(turn) / math.pi)


def _width_slope(turn: float) -> float:
    return (_WIDEST - _NARROWEST) / (math.pi * (1 + turn * turn))


def _turn(width: float) -> float:
    part = (width - _NARROWEST) / (_WIDEST - _NARROWEST)
    return math.tan(math.pi * (min(max(part, 0.02), 0.98) - 0.5))
