"""How fast a capacity fades: a straight line that single bad cycles do not bend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.core.intervals import NORMAL_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEAST_CYCLES", "Fade", "fit_fade"]

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


@dataclass(frozen=True)
class Fade:
    """Capacity = ``start`` + ``slope`` (number - first number), in the capacity's unit.

    ``per_cycle`` [%] is -100 slope / start and ``uncertainty`` its standard uncertainty, so wide
    that 1.96 of it are Student's 95 % interval. ``to`` gives the number at which the line reaches
    a part of its start, with uncertainty. ``scatter`` is the robust standard deviation of one
    capacity, as wide. ``bent`` tells that a parabola fits better (1 % F-test).
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

    def to(self, part: float) -> tuple[float, float]:
        """Cycles after the first at which ``part`` of the start is left, and its uncertainty."""
        number = (part - 1) * self.start / self.slope
        return number, self._spread(
            np.array([(part - 1) / self.slope, -(part - 1) * self.start / self.slope**2])
        )

    def _spread(self, gradient: NDArray[np.float64]) -> float:
        return self.widened * float(np.sqrt(gradient @ self.covariance @ gradient))


def fit_fade(numbers: NDArray[np.float64], capacities: NDArray[np.float64]) -> Fade | None:
    """A line by Tukey's biweight (tuning constant 4.685), from a start of medians of slopes.

    Numbers count from the first. Covariance after Huber (Robust Statistics, 1981, chapter 7;
    recalled): s^2 mean(psi^2) / mean(psi')^2 (X^T X)^-1 with n - 2 degrees of freedom. ``None``
    where the capacities do not tell a line.
    """
    from scipy.special import stdtrit

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
    widened = float(stdtrit(freedom, 0.975)) / NORMAL_95
    return Fade(
        float(line[0]),
        float(line[1]),
        covariance,
        correction * float(np.sqrt(variance)) * widened,
        widened,
        _is_bent(along[inside], capacities[inside]),
    )


def _median_slope(along: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """The median of the slopes between all points (Theil 1950, Sen 1968), of 150 at most."""
    few = np.unique(np.linspace(0, len(along) - 1, min(len(along), _MOST_PAIRED)).astype(int))
    first, second = np.triu_indices(len(few), 1)
    rise = values[few[second]] - values[few[first]]
    return float(np.median(rise / (along[few[second]] - along[few[first]])))


def _scale(residuals: NDArray[np.float64], freedom: int) -> float:
    """Standard deviation by the median of abs, for the two numbers that the line took."""
    size = np.sort(np.abs(residuals))
    return 1.4826 * float(np.median(size[2:])) if freedom > 2 else float(np.max(size))


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
