"""Smoothing a scan: local cubic polynomials, as weights on its rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solith.analysis._xanes.scan import Scan
from solith.core.intervals import widening_95

__all__ = ["Extreme", "Smoother", "noise_near"]

Array = NDArray[np.float64]

_REACH = 5.0  # widths: rows further away have no weight
_TERMS = 4  # of a cubic
_FINE = 0.02  # of a width: steps of differences, and of the last search
_COARSE = 0.2  # of a width: steps of the first search
_TOGETHER = 256  # energies whose weights are made at a time
_NOISE_ROWS = 60
_ROWS_A_FREEDOM = 2.0  # neighbouring rows share their neighbours


@dataclass(frozen=True)
class Extreme:
    """A maximum or minimum of a smoothed curve: where, how high, how sharp, and how well known.

    ``deviation`` is the standard uncertainty of ``height``, ``spread`` that of ``energy`` [eV].
    """

    energy: float
    height: float
    bend: float
    deviation: float
    spread: float


@dataclass(frozen=True)
class Smoother:
    """Local cubics with Gaussian weights of standard deviation ``width`` [eV] over ``energy``.

    Where rows are sparser than that, the weights are as wide as the step between rows. A cubic
    keeps the position of peaks wider than the weights (Cleveland, 10.1080/01621459.1979.10481038,
    DOI looked up; the weights there are others).
    """

    energy: Array
    width: float

    def weights(self, at: Array, order: int) -> Array:
        """What gives the curve (``order`` 0) or its derivative (1) at energies ``at``: (m, n)."""
        return _weights(self.energy, at, self.widths(at), order)

    def curve(self, values: Array, at: Array, order: int) -> Array:
        """The curve (``order`` 0) or derivative (1) of ``values`` (..., n) at ``at``: (..., m).

        ``at`` rises; only rows within the weights' reach are looked at, so that memory and time
        stay those of a scan, whatever its length.
        """
        widths = self.widths(at)
        made = np.empty((*values.shape[:-1], len(at)))
        for first in range(0, len(at), _TOGETHER):
            part = slice(first, first + _TOGETHER)
            reach = _REACH * float(np.max(widths[part]))
            ends = np.searchsorted(self.energy, [at[part][0] - reach, at[part][-1] + reach])
            rows = slice(int(ends[0]), int(ends[1]))
            weights = _weights(self.energy[rows], at[part], widths[part], order)
            made[..., part] = values[..., rows] @ weights.T
        return made

    def means(self, at: Array) -> Array:
        """What gives the mean of rows around energies ``at`` by the same Gaussian: (m, n).

        It has no negative weights: beside a strong feature it makes none of the other sign.
        """
        near = np.exp(-0.5 * ((self.energy - at[:, None]) / self.widths(at)[:, None]) ** 2)
        return np.asarray(near / np.sum(near, axis=1, keepdims=True))

    def widths(self, at: Array) -> Array:
        """The width of the weights at energies ``at`` [eV]."""
        return np.maximum(self.width, np.interp(at, self.energy, self._steps))

    @cached_property
    def _steps(self) -> Array:
        return np.asarray(np.gradient(self.energy))

    def grid(self, low: float, high: float) -> Array:
        """Energies close enough to see every maximum between two ends."""
        return np.linspace(low, high, max(int((high - low) / (_COARSE * self.width)) + 1, 5))

    def maxima(
        self, values: Array, order: int, low: float, high: float, most: int = 12
    ) -> list[float]:
        """The ``most`` highest maxima of the curve or derivative between two ends, in order."""
        grid = self.grid(low, high)
        curve = self.curve(values, grid, order)
        inner = np.flatnonzero((curve[1:-1] >= curve[:-2]) & (curve[1:-1] > curve[2:])) + 1
        ranked = inner[np.argsort(-curve[inner], kind="stable")][:most]
        return [self._refined(values, order, grid[place - 1], grid[place + 1]) for place in ranked]

    def extreme(self, values: Array, order: int, at: float, noise: float) -> Extreme:
        """The extreme at ``at``, its uncertainties those of rows with independent ``noise``.

        To first order the position moves by the change of the slope there over the bend.
        """
        step = _FINE * float(self.widths(np.array([at]))[0])
        below, here, above = self.weights(np.array([at - step, at, at + step]), order)
        slope = (above - below) / (2.0 * step)
        bend = float((above - 2.0 * here + below) @ values) / step**2
        wander = noise * float(np.linalg.norm(slope))
        return Extreme(
            energy=at,
            height=float(here @ values),
            bend=bend,
            deviation=noise * float(np.linalg.norm(here)),
            spread=wander / abs(bend) if bend else np.inf,
        )

    def _refined(self, values: Array, order: int, low: float, high: float) -> float:
        """The maximum between two neighbours on the grid, by a parabola through its top."""
        for _ in range(3):
            grid = np.linspace(low, high, 9)
            curve = self.curve(values, grid, order)
            top = int(np.clip(np.argmax(curve), 1, 7))
            low, high = float(grid[top - 1]), float(grid[top + 1])
        left, middle, right = curve[top - 1 : top + 2]
        bend = left - 2.0 * middle + right
        part = 0.5 * (left - right) / bend if bend < 0 else 0.0
        return float(grid[top] + np.clip(part, -1.0, 1.0) * (grid[1] - grid[0]))


def _weights(energy: Array, at: Array, widths: Array, order: int) -> Array:
    """The weights of rows at ``energy`` (n,) for local cubics of ``widths`` at ``at``: (m, n)."""
    distance = (energy - at[:, None]) / widths[:, None]
    near = np.where(np.abs(distance) < _REACH, np.exp(-0.5 * distance**2), 0.0)
    powers = [near]
    for _ in range(2 * _TERMS - 2):
        powers.append(powers[-1] * distance)
    sums = np.array([np.sum(power, axis=1) for power in powers])
    moments = np.moveaxis(np.array([sums[row : row + _TERMS] for row in range(_TERMS)]), -1, 0)
    wanted = np.zeros((len(at), _TERMS, 1))
    wanted[:, order] = 1.0
    terms = np.linalg.solve(moments, wanted)[..., 0]
    made = sum(terms[:, [term]] * powers[term] for term in range(_TERMS))
    return np.asarray(made / widths[:, None] ** order)


def noise_near(scan: Scan, at: float) -> float:
    """The standard deviation of one row near an energy, from 60 rows around it.

    Widened by Student's factor of half as many degrees of freedom, so that 1.96 of it hold 95 %.
    """
    nearest = np.argsort(np.abs(scan.energy - at), kind="stable")[:_NOISE_ROWS]
    deviation = float(np.sqrt(np.mean(scan.scatter[nearest] ** 2)))
    return deviation * widening_95(max(len(nearest) / _ROWS_A_FREEDOM, 1.0))
