"""The exact law of a sphere or plate, fitted to one pulse and the rest after it together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._titration.sphere import plate_rise, surface_rise
from solith.core.intervals import NORMAL_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._titration.pulse import Trace

__all__ = ["SHAPES", "Flow", "PulseFit", "fit_pulse"]

SHAPES = {"sphere": (surface_rise, 3.0), "plate": (plate_rise, 1.0)}
"""Rise of the surface under constant flux, and surface times length over volume."""

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

_LEAST_KNOWN = 1 / 3
"""Relative standard uncertainty of the diffusion time above which it is not known."""

_MOST_MISFIT = 0.03
"""Misfit beside the span of the voltage without the step, above which the law does not hold."""

_TOLD = 16.0
"""Variances by which the squares at the shortest and longest time tried exceed the least: four
standard errors, or what moves the fit is the noise."""

_NODES = 48
"""Times at which what earlier flows left is evaluated; a cubic spline lies between."""


@dataclass(frozen=True)
class Flow:
    """A flow of current between ``start`` and ``end`` [s]; ``charge`` [C] has its sign."""

    start: float
    end: float
    charge: float

    @classmethod
    def of(cls, trace: Trace) -> Flow:
        return cls(trace.start, trace.end, trace.pulse.direction * trace.charge)


@dataclass(frozen=True)
class PulseFit:
    """What the fit gave: times in s, voltages in V, drift in V/s, ``u_`` standard uncertainties.

    ``diffusion_time`` is (V / S)^2 / D, R^2 / 9 D of a sphere and L^2 / D of a plate; ``step``
    is positive where the current costs voltage; ``change`` is that of the rested voltage by
    this pulse. ``misfit`` is the root mean square of what the fit leaves, ``patterned`` whether
    neighbouring residuals resemble each other; ``squares`` is the sum of the weighted residuals'
    squares, ``freedom`` its degrees of freedom, ``widened`` the factor on its variance by such
    patterns. ``by_switch`` is what one standard uncertainty of the switches changes in
    ``diffusion_time`` and ``step``, where it was asked; ``u_`` do not contain it. ``failures``
    say by name what speaks against it.
    """

    diffusion_time: float
    u_diffusion_time: float
    step: float
    u_step: float
    change: float
    u_change: float
    drift: float | None
    u_drift: float | None
    misfit: float
    patterned: bool
    squares: float
    freedom: int
    widened: float
    by_switch: tuple[float, float] | None = None
    failures: dict[str, str] = field(default_factory=dict)


def fit_pulse(
    trace: Trace, flows: Sequence[Flow], delay: float, *, shape: str, drift: bool
) -> PulseFit | None:
    """The sphere or plate nearest to the voltage: end of a rest, pulse, and rest after it.

    V = V0 + step (in the pulse) + change x g + drift x t, g being the rise of the surface of
    a sphere by all ``flows`` of current (constant flux while one lasts, superposed), 1 where
    this pulse's lithium has spread. Of the four only R^2 / D is not linear: the others follow
    for each value of it (variable projection, G. H. Golub and V. Pereyra, SIAM J. Numer. Anal.
    10, 413 (1973), recalled), which is searched on a logarithmic grid and refined. Rows within
    ``delay`` of a switch are left out, so that what is faster lies in the step. Fits of a
    sphere to pulse and relaxation are published by Horner et al., 10.48550/arXiv.2107.05835,
    and Gümrükçüoğlu et al., 10.48550/arXiv.2404.16658, with numerical models; the exact form
    needs a voltage linear in the concentration over one pulse.

    Uncertainties are from the residuals and, where neighbours resemble each other, widened
    by what this costs. ``None`` where there are too few rows.
    """
    rows = _Rows.of(trace, delay)
    if rows is None:
        return None
    law = _Law(trace, flows, rows, shape, drift)
    place, edge = law.nearest()
    columns, derivative = law.columns(place), law.derivative(place)
    found, left = law.solve(columns)
    jacobian = np.column_stack([columns, derivative * found[2]]) * rows.weight[:, None]
    freedom = len(left) - jacobian.shape[1]
    squares, widened = float(left @ left), _widened(left, rows)
    variance = squares / freedom * widened
    spread = np.sqrt(np.diag(_inverse(jacobian)) * variance) * _student(freedom)
    way = trace.pulse.direction
    time = float(np.exp(place)) / law.inverse_length**2
    plain = left / rows.weight
    patterned = _alike(left) > 3 / np.sqrt(len(left))
    fit = PulseFit(
        diffusion_time=time,
        u_diffusion_time=float(spread[-1]) * time,
        step=way * float(found[1]),
        u_step=float(spread[1]),
        change=float(found[2]),
        u_change=float(spread[2]),
        drift=float(found[3]) if drift else None,
        u_drift=float(spread[3]) if drift else None,
        misfit=float(np.sqrt(np.mean(plain**2))),
        patterned=bool(patterned),
        squares=squares,
        freedom=freedom,
        widened=widened,
    )
    _judge(fit, trace, edge, float(np.ptp(columns[:, 2] * found[2])))
    return fit


def _judge(fit: PulseFit, trace: Trace, edge: int, span: float) -> None:
    known = fit.u_diffusion_time <= _LEAST_KNOWN * fit.diffusion_time
    moved = fit.change * trace.pulse.direction > NORMAL_95 * fit.u_change
    if edge < 0:
        fit.failures["not identifiable"] = (
            "not identifiable: diffusion is over before the first row after the delay"
        )
    elif edge > 0 or not known:
        fit.failures["not identifiable"] = (
            "not identifiable: the rest does not tell a diffusion time of "
            f"{fit.diffusion_time:.2g} s from the change of the rested voltage"
        )
    elif not moved:
        fit.failures["not identifiable"] = (
            "not identifiable: the voltage does not settle in the direction of the current"
        )
    if span > 0 and fit.misfit > _MOST_MISFIT * span and fit.patterned:
        fit.failures["not described"] = (
            f"not described: the fit leaves {1e3 * fit.misfit:.3g} mV, "
            f"{100 * fit.misfit / span:.2g} % of the voltage that it should explain"
        )


# --- the rows ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rows:
    """Times [s] from the switch on, voltages, roots of the rows' numbers, those in the pulse."""

    time: NDArray[np.float64]
    voltage: NDArray[np.float64]
    weight: NDArray[np.float64]
    on: NDArray[np.bool_]

    @classmethod
    def of(cls, trace: Trace, delay: float) -> _Rows | None:
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


# --- the law ----------------------------------------------------------------------------


class _Law:
    """The columns of the linear part for a logarithm of R^2 / D."""

    def __init__(
        self, trace: Trace, flows: Sequence[Flow], rows: _Rows, shape: str, drift: bool
    ) -> None:
        self.rows, self.drift = rows, drift
        self.rise, self.inverse_length = SHAPES[shape]
        start, self.duration = trace.start, trace.duration
        earlier = [flow for flow in flows if flow.end <= start]
        own_charge = trace.pulse.direction * trace.charge
        self.starts = np.array([flow.start - start for flow in earlier])
        self.ends = np.array([flow.end - start for flow in earlier])
        self.parts = np.array([flow.charge / own_charge for flow in earlier])
        last = float(self.ends[-1]) if len(earlier) else -1.0
        span = rows.time[[0, -1]] - last
        self.nodes = last + np.geomspace(max(span[0], 1e-9 * span[1]), span[1], _NODES)
        self.base = np.column_stack([np.ones_like(rows.time), rows.on])
        self.shortest = float(np.log(0.1 * np.min(rows.time[rows.on])))
        self.longest = float(np.log(_LONGEST * (rows.time[-1] - rows.time[0])))

    def response(self, place: float) -> NDArray[np.float64]:
        """The surface's rise by all flows, 1 where this pulse's lithium has spread."""
        scale = float(np.exp(place))
        time, rise, duration = self.rows.time, self.rise, self.duration
        own: NDArray[np.float64] = rise(time / scale) - rise((time - duration) / scale)
        own *= scale / (self.inverse_length * duration)
        if not len(self.parts):
            return own
        from scipy.interpolate import CubicSpline

        since, until = (self.nodes[:, None] - ends for ends in (self.starts, self.ends))
        risen = rise(since / scale) - rise(until / scale)
        left = risen * (scale / (self.inverse_length * (self.ends - self.starts))) - 1
        own += CubicSpline(self.nodes, left @ self.parts)(time)
        return own

    def columns(self, place: float) -> NDArray[np.float64]:
        parts = [self.base, self.response(place)[:, None]]
        if self.drift:
            parts.append(self.rows.time[:, None])
        return np.hstack(parts)

    def derivative(self, place: float) -> NDArray[np.float64]:
        step = 1e-4
        change: NDArray[np.float64] = self.response(place + step) - self.response(place - step)
        slope: NDArray[np.float64] = change / (2 * step)
        return slope

    def solve(
        self, columns: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The coefficients, and the weighted residuals."""
        weight = self.rows.weight
        size = np.linalg.norm(columns, axis=0)
        scaled = columns / np.where(size > 0, size, 1) * weight[:, None]
        found, *_ = np.linalg.lstsq(scaled, self.rows.voltage * weight, rcond=None)
        left = self.rows.voltage * weight - scaled @ found
        return found / np.where(size > 0, size, 1), left

    def squares(self, place: float) -> float:
        left = self.solve(self.columns(place))[1]
        return float(left @ left)

    def nearest(self) -> tuple[float, int]:
        """The best logarithm, and -1 or 1 where the shortest or longest tried is as good."""
        from scipy.optimize import minimize_scalar

        grid = np.linspace(self.shortest, self.longest, _GRID)
        squares = [self.squares(place) for place in grid]
        best = int(np.argmin(squares))
        variance = squares[best] / max(len(self.rows.time) - self.base.shape[1] - 2, 1)
        told = squares[best] + _TOLD * variance
        for end, edge in ((0, -1), (_GRID - 1, 1)):
            if squares[end] <= told:
                return float(grid[best]), edge
        found = minimize_scalar(
            self.squares,
            bounds=(grid[best - 1], grid[best + 1]),
            method="bounded",
            options={"xatol": 1e-6},
        )
        return float(found.x), 0


def _inverse(jacobian: NDArray[np.float64]) -> NDArray[np.float64]:
    """(J^T J)^-1 from columns of length one; what is not determined becomes very large."""
    size = np.linalg.norm(jacobian, axis=0)
    size = np.where(size > 0, size, 1.0)
    _, values, rows = np.linalg.svd(jacobian / size, full_matrices=False)
    root = rows.T / np.maximum(values, 1e-12) / size[:, None]
    inverse: NDArray[np.float64] = root @ root.T
    return inverse


def _alike(left: NDArray[np.float64]) -> float:
    """Correlation of neighbouring residuals."""
    total = float(left @ left)
    return float(left[1:] @ left[:-1]) / total if total > 0 else 0.0


def _widened(left: NDArray[np.float64], rows: _Rows) -> float:
    """The factor on the variance of means where neighbours resemble each other (AR(1))."""
    alike = _alike(left)
    if alike <= 3 / np.sqrt(len(left)):
        return 1.0
    alike = min(alike, 1 - 1 / len(rows.time))
    return (1 + alike) / (1 - alike)


def _student(freedom: int) -> float:
    """What makes 1.96 of it the half width of the 95 % interval at few degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(max(freedom, 1), 0.975)) / NORMAL_95
