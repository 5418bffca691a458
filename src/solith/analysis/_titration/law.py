"""The law of a sphere or plate over the rows of one pulse: all is linear but a diffusion time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._titration.flows import Flows, Remains
from solith.analysis._titration.sphere import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._titration.trace import Trace

__all__ = ["Law", "LinearPart", "Rows"]

_BIN = 0.03
"""Width of a bin of rows in the logarithm of the time since a switch."""

_FEW_ROWS = 150
"""Rows of a stretch that are fitted one by one; more are put together in bins."""

_BEFORE = 0.25
"""Last part of the rest before the pulse that is fitted with it."""

_GRID = 36
"""Diffusion times tried between the first row and what a rest can still tell."""

_LONGEST = 1e3
"""The longest R^2 / D tried, in durations of pulse and rest."""

_TOLD = 16.0
"""Variances by which the squares at the shortest and longest time tried exceed the least: four
standard errors, or what moves the fit is the noise."""

_STEP = 1e-4
"""In the logarithm of R^2 / D, for derivatives."""

_SETTLED = 1e-8
"""A step of the logarithm of R^2 / D that is the last one."""

_MOST_STEPS = 25

_DEPENDENT = 1e-12
"""Part of a response that is left across the other columns, below which it is one of them."""


@dataclass(frozen=True)
class Rows:
    """Times [s] from the switch on, voltages, roots of the rows' numbers, those in the pulse."""

    time: NDArray[np.float64]
    voltage: NDArray[np.float64]
    weight: NDArray[np.float64]
    on: NDArray[np.bool_]

    @classmethod
    def of(cls, trace: Trace, delay: float) -> Rows | None:
        """End of a rest, pulse and rest; ``None`` where there are too few rows."""
        start, duration = trace.start, trace.duration
        before, since = trace.before.time - start, trace.on.time - start
        after = trace.after.time - start
        first = before >= before[-1] - _BEFORE * (before[-1] - before[0])
        late, rest = since >= delay, after - duration >= delay
        parts = (
            _binned(before[first], trace.before.voltage[first], start=None),
            _binned(since[late], trace.on.voltage[late], start=0.0),
            _binned(after[rest], trace.after.voltage[rest], start=duration),
        )
        if min(len(part[0]) for part in parts) < 1 or len(parts[1][0]) + len(parts[2][0]) < 8:
            return None
        time, voltage, number = (np.concatenate(column) for column in zip(*parts, strict=True))
        on = np.zeros(len(time), dtype=bool)
        on[len(parts[0][0]) : len(parts[0][0]) + len(parts[1][0])] = True
        return cls(time, voltage, np.sqrt(number), on)


def _binned(
    time: NDArray[np.float64], voltage: NDArray[np.float64], *, start: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Means of rows alike in the logarithm of the time since ``start``, and their numbers."""
    if len(time) <= _FEW_ROWS:
        return time, voltage, np.ones(len(time))
    if start is None:
        place = np.floor((time - time[0]) / max(np.ptp(time), 1e-30) * _FEW_ROWS)
    else:
        place = np.floor(np.log(time - start) / _BIN)
    _, bins, number = np.unique(place, return_inverse=True, return_counts=True)
    return (
        np.bincount(bins, time) / number,
        np.bincount(bins, voltage) / number,
        number.astype(float),
    )


class Law:
    """The surface's rise by all flows for a place, the logarithm of R^2 / D."""

    def __init__(self, trace: Trace, flows: Flows, rows: Rows, shape: Shape) -> None:
        self.rows, self.shape, self.duration = rows, shape, trace.duration
        own = trace.pulse.direction * trace.charge
        self.remains = Remains(flows, trace.start, own, rows.time, shape)
        shortest = np.log(0.1 * np.min(rows.time[rows.on]))
        longest = np.log(_LONGEST * (rows.time[-1] - rows.time[0]))
        self.grid = np.linspace(shortest, longest, _GRID)

    def responses(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rise at each row (columns) for each place (rows), 1 where this pulse has spread."""
        scales = np.exp(places)
        time, rise = self.rows.time, self.shape.rise
        own = rise(np.multiply.outer(1 / scales, time))
        own -= rise(np.multiply.outer(1 / scales, time - self.duration))
        own *= (scales / (self.shape.inverse_length * self.duration))[:, None]
        own += self.remains.left(scales)
        return own

    @cached_property
    def on_grid(self) -> NDArray[np.float64]:
        """The responses for all places tried."""
        return self.responses(self.grid)

    def with_derivative(self, place: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The response for a place, and what it changes by with the place."""
        below, here, above = self.responses(place + _STEP * np.array([-1.0, 0.0, 1.0]))
        return here, (above - below) / (2 * _STEP)


class LinearPart:
    """The columns beside the response: a voltage, a step in the pulse, with ``drift`` a slope.

    What they explain is taken out of voltages and responses once (weighted), so that the squares
    of any place are those of one number (variable projection).
    """

    def __init__(self, law: Law, *, drift: bool) -> None:
        rows = law.rows
        columns = [np.ones_like(rows.time), rows.on.astype(float)]
        if drift:
            columns.append(rows.time)
        self.law, self.weight = law, rows.weight
        self.columns = np.column_stack(columns)
        weighted = self.columns * rows.weight[:, None]
        self._basis = np.linalg.qr(weighted / np.linalg.norm(weighted, axis=0))[0]
        self._voltage = self._across((rows.voltage * rows.weight)[None, :])[0]

    def nearest(self) -> tuple[float, int]:
        """The best place, and -1 or 1 where the shortest or longest tried is as good."""
        grid = self.law.grid
        squares = self._squares(self.law.on_grid)
        best = int(np.argmin(squares))
        variance = squares[best] / max(len(self.weight) - 4, 1)
        told = squares[best] + _TOLD * variance
        for end, edge in ((0, -1), (_GRID - 1, 1)):
            if squares[end] <= told:
                return float(grid[best]), edge
        low, high = float(grid[best - 1]), float(grid[best + 1])
        found = self._descended(float(grid[best]), low, high)
        return (self._searched(low, high) if found is None else found), 0

    def solve(
        self, response: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coefficients of constant, step, response and drift; the weighted residuals."""
        columns = np.insert(self.columns, 2, response, axis=1)
        size = np.linalg.norm(columns, axis=0)
        size = np.where(size > 0, size, 1.0)
        voltage = self.law.rows.voltage * self.weight
        scaled = columns / size * self.weight[:, None]
        found, *_ = np.linalg.lstsq(scaled, voltage, rcond=None)
        return found / size, voltage - scaled @ found

    def _across(self, weighted: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the columns do not explain of rows of weighted numbers."""
        for _ in range(2):  # the second time takes out what rounding left
            weighted = weighted - (weighted @ self._basis) @ self._basis.T
        return weighted

    def _fitted(
        self, responses: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Each response across the columns, its coefficient, and the residuals."""
        weighted = responses * self.weight
        across = self._across(weighted)
        size = np.sum(across**2, axis=1)
        told = size > _DEPENDENT**2 * np.sum(weighted**2, axis=1)
        factors = np.where(told, across @ self._voltage / np.where(told, size, 1.0), 0.0)
        return across, factors, self._voltage - factors[:, None] * across

    def _squares(self, responses: NDArray[np.float64]) -> NDArray[np.float64]:
        squares: NDArray[np.float64] = np.sum(self._fitted(responses)[2] ** 2, axis=1)
        return squares

    def _descended(self, place: float, low: float, high: float) -> float | None:
        """The least squares near a place by Gauss-Newton steps, ``None`` where they fail."""
        least, step = np.inf, 0.0
        for _ in range(_MOST_STEPS):
            response, derivative = self.law.with_derivative(place)
            (across,), (factor,), (left,) = self._fitted(response[None, :])
            squares = float(left @ left)
            if squares > least * (1 + 1e-12):
                step /= 2
                place -= step
                continue
            along = self._across((factor * derivative * self.weight)[None, :])[0]
            along -= across * (across @ along / max(float(across @ across), 1e-300))
            size = float(along @ along)
            if not size > 0:
                return None
            least, step = squares, float(along @ left) / size
            if abs(step) < _SETTLED:
                return place
            step = float(np.clip(place + step, low, high)) - place
            if step == 0:
                return None
            place += step
        return None

    def _searched(self, low: float, high: float) -> float:
        """The least squares between two places by a search that needs no derivative."""
        from scipy.optimize import minimize_scalar

        found = minimize_scalar(
            lambda place: float(self._squares(self.law.responses(np.array([place])))[0]),
            bounds=(low, high),
            method="bounded",
            options={"xatol": 1e-6},
        )
        return float(found.x)
