"""How fast a capacity fades: a straight line that single bad cycles do not bend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._lines import fit_straight
from solith.core.intervals import widening_95
from solith.core.scatter import robust_deviation

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEAST_CYCLES", "Fade", "find_knee", "fit_fade"]

LEAST_CYCLES = 6
"""Cycles that a straight line needs."""

_MOST_PAIRED = 150
_STEPS = 50
_TUNING = 4.685
_ROUNDING = 1e-12
_BENT = 0.01
_LEAST_BOW = 0.05
"""Part of its fall by which a line has to be bowed to be called bent."""

_ROUND = 1e-4
"""The same, of the capacity itself."""

_AFTER_KNEE = 3
"""Cycles that a knee needs after it."""

_FITS_BETTER = 0.25
"""Part of the straight line's squares that two lines may leave where there is a knee."""

_DEPARTS = 0.03
"""Part of its start by which the capacity ends below the first line where there is a knee."""


@dataclass(frozen=True)
class Fade:
    """Capacity = ``start`` + ``slope`` (number - first number), in the capacity's unit.

    ``per_cycle`` [%] is -100 slope / start and ``uncertainty`` its standard uncertainty, so wide
    that 1.96 of it are Student's 95 % interval. ``reaches`` gives the number at which the line
    has come down to a capacity, with uncertainty. ``scatter`` is the robust standard deviation
    of one capacity, as wide. ``bent`` tells that a parabola fits better (1 % F-test).
    """

    start: float
    slope: float
    covariance: NDArray[np.float64]
    scatter: float
    widened: float
    bent: bool

    @property
    def per_cycle(self) -> float:
        return -100 * self.slope / self.start

    @property
    def uncertainty(self) -> float:
        return self._spread(np.array([100 * self.slope / self.start**2, -100 / self.start]))

    def reaches(self, capacity: float) -> tuple[float, float]:
        """Cycles after the first at which ``capacity`` is left, and its uncertainty."""
        number = (capacity - self.start) / self.slope
        return number, self._spread(np.array([-1 / self.slope, -number / self.slope]))

    def _spread(self, gradient: NDArray[np.float64]) -> float:
        return self.widened * float(np.sqrt(gradient @ self.covariance @ gradient))


def fit_fade(numbers: NDArray[np.float64], capacities: NDArray[np.float64]) -> Fade | None:
    """A line by Tukey's biweight (tuning constant 4.685), from a start of medians of slopes.

    Numbers count from the first. Covariance after Huber (Robust Statistics, 1981, chapter 7;
    recalled): s^2 mean(psi^2) / mean(psi')^2 (X^T X)^-1 with n - 2 degrees of freedom. ``None``
    where the capacities do not tell a line.
    """
    along = numbers - numbers[0]
    freedom = len(along) - 2
    slope = _median_slope(along, capacities)
    design = np.stack([np.ones_like(along), along], axis=1)
    line = np.array([float(np.median(capacities - slope * along)), slope])
    least = _ROUNDING * float(np.max(np.abs(capacities)))
    scale = max(_scale(capacities - design @ line, freedom), least)
    for _ in range(_STEPS):
        weights = _weights((capacities - design @ line) / scale)
        root = np.sqrt(weights)
        better = np.linalg.lstsq(design * root[:, None], capacities * root, rcond=None)[0]
        settled = bool(np.all(np.abs(design @ (better - line)) <= 1e-6 * scale))
        line = better
        if settled:
            break
    if not line[0] > 0:
        return None
    scaled = (capacities - design @ line) / scale
    inside = np.abs(scaled) < _TUNING
    weights = _weights(scaled)
    psi = scaled * weights
    ratio = (scaled / _TUNING) ** 2
    slopes = np.where(inside, (1 - ratio) * (1 - 5 * ratio), 0.0)
    flatness = float(np.mean(slopes))
    if not flatness > 0:
        return None
    variance = scale**2 * float(np.sum(psi**2)) / freedom / flatness**2
    # Huber's correction for few points: 1 + p var(psi') / (n mean(psi')^2).
    correction = 1 + 2 / len(along) * float(np.var(slopes)) / flatness**2
    covariance = correction**2 * variance * np.linalg.inv(design.T @ design)
    widened = widening_95(freedom)
    return Fade(
        float(line[0]),
        float(line[1]),
        covariance,
        correction * float(np.sqrt(variance)) * widened,
        widened,
        _is_bent(along[inside], capacities[inside]),
    )


def find_knee(numbers: NDArray[np.float64], capacities: NDArray[np.float64]) -> int | None:
    """The place from which on the capacity falls faster, ``None`` where it does not.

    Two lines that meet there leave at most a quarter of one line's squares, the second is at
    least twice as steep, and the capacity ends more than 3 % of the start below the first one
    drawn on. Two lines as in the Bacon-Watts model of Fermin-Cueto et al. (Energy and AI 1,
    2020, 100006; recalled), here of medians of three cycles, so that a single bad one is no knee.
    """
    count = len(capacities)
    if count < LEAST_CYCLES + _AFTER_KNEE:
        return None
    along = numbers - numbers[0]
    middle = np.median(np.stack([capacities[:-2], capacities[1:-1], capacities[2:]]), axis=0)
    # Level at both ends, where a single bad cycle would otherwise stay.
    values = np.concatenate([middle[:1], middle, middle[-1:]])
    least, most = LEAST_CYCLES - 1, count - 1 - _AFTER_KNEE
    coarse = np.linspace(least, most, min(most - least + 1, _MOST_PAIRED)).astype(int)
    best = min(coarse.tolist(), key=lambda place: _two_lines(along, values, place)[1])
    step = (most - least) // _MOST_PAIRED + 1
    near = range(max(least, best - step), min(most, best + step) + 1)
    best = min(near, key=lambda place: _two_lines(along, values, place)[1])
    (start, slope, turn), left = _two_lines(along, values, best)
    squares = fit_straight(along, values).squares
    falls = turn < min(slope, -slope)
    departs = -turn * (along[-1] - along[best]) > _DEPARTS * start
    return best if falls and departs and left < _FITS_BETTER * squares else None


def _two_lines(
    along: NDArray[np.float64], values: NDArray[np.float64], place: int
) -> tuple[list[float], float]:
    """Start, slope and change of slope at a place, and the squares that they leave."""
    after = np.maximum(along - along[place], 0.0)
    design = np.stack([np.ones_like(along), along, after], axis=1)
    fitted = np.linalg.lstsq(design, values, rcond=None)[0]
    return fitted.tolist(), float(np.sum((values - design @ fitted) ** 2))


def _median_slope(along: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """The median of the slopes between all points (Theil 1950, Sen 1968), of 150 at most."""
    few = np.unique(np.linspace(0, len(along) - 1, min(len(along), _MOST_PAIRED)).astype(int))
    first, second = np.triu_indices(len(few), 1)
    rise = values[few[second]] - values[few[first]]
    return float(np.median(rise / (along[few[second]] - along[few[first]])))


def _scale(residuals: NDArray[np.float64], freedom: int) -> float:
    """Standard deviation by the median of abs, for the two numbers that the line took."""
    size = np.sort(np.abs(residuals))
    return robust_deviation(size[2:]) if freedom > 2 else float(np.max(size))


def _weights(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(scaled) < _TUNING, (1 - (scaled / _TUNING) ** 2) ** 2, 0.0)


def _is_bent(along: NDArray[np.float64], values: NDArray[np.float64]) -> bool:
    from scipy.special import fdtrc

    if len(along) < LEAST_CYCLES:
        return False
    scaled = along / max(float(along[-1]), 1.0)
    columns = np.stack([np.ones_like(scaled), scaled, scaled**2], axis=1)
    straight, curved = (
        part @ np.linalg.lstsq(part, values, rcond=None)[0] for part in (columns[:, :2], columns)
    )
    bow = float(np.max(np.abs(curved - straight)))
    if bow < max(_LEAST_BOW * abs(float(straight[0] - straight[-1])), _ROUND * abs(values[0])):
        return False
    rest = float(np.sum((values - curved) ** 2)) / (len(along) - 3)
    gain = float(np.sum((values - straight) ** 2)) - rest * (len(along) - 3)
    return bool(rest <= 0 or fdtrc(1, len(along) - 3, gain / rest) < _BENT)
