"""A sweep as a smooth curve of current over potential, and how it was smoothed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._lines import fit_straight
from solith.analysis._voltammetry.sweep_noise import noise_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._voltammetry.sweeps import Sweep

__all__ = ["Curve", "curve_of"]

_LEAST_ROWS = 7
_DEGREE = 3
_NARROWEST, _WIDEST = 0.005, 0.05
"""Parts of its span between which the smoothing window of a sweep lies."""

_SURE = 5.0
"""Standard uncertainties of a smoothing window's own noise that the least peak is high."""

_BEND_SURE = 10.0
"""The same for a bulge that is as wide as the widest window, in the second derivative."""

_GAP = 5.0
"""A step is a gap where it is this many times the usual one and 1 % of the span."""


@dataclass(frozen=True)
class Curve:
    """Height (current x direction of the sweep) along x (potential x direction), x rising.

    ``x``, ``height`` and ``time`` are rows, ``grid``, ``smooth`` and ``bend`` (minus the second
    derivative) on even steps. ``noise`` is the standard deviation of ``height``; ``smooth_noise``
    and ``bend_noise`` those that are left. ``gaps`` are the ends of steps without rows.
    """

    direction: int
    x: NDArray[np.float64]
    height: NDArray[np.float64]
    time: NDArray[np.float64]
    noise: float
    grid: NDArray[np.float64]
    smooth: NDArray[np.float64]
    bend: NDArray[np.float64]
    smooth_noise: float
    bend_noise: float
    window: int
    bend_window: int
    gaps: tuple[tuple[float, float], ...]
    notes: tuple[str, ...]

    @property
    def span(self) -> float:
        """Span of the potential [V]."""
        return float(self.x[-1] - self.x[0])

    @property
    def width(self) -> float:
        """Width of the smoothing window [V]."""
        return float((self.window - 1) * (self.grid[1] - self.grid[0]))

    @property
    def bend_width(self) -> float:
        """Width of the window of the second derivative [V]."""
        return float((self.bend_window - 1) * (self.grid[1] - self.grid[0]))

    def told(self) -> dict[str, Any]:
        """How the curve was smoothed, for the details of a result."""
        return {
            "method": f"Savitzky and Golay, degree {_DEGREE}",
            "window_points": self.window,
            "window_volt": self.width,
            "second_derivative_window_points": self.bend_window,
            "second_derivative_window_volt": self.bend_width,
            "current_noise_ampere": self.noise,
            "notes": list(self.notes),
        }


def curve_of(sweep: Sweep, least: float) -> Curve | None:
    """The curve of a sweep; ``None`` with fewer than seven potentials or a flat current.

    Rows of one potential (a staircase) are averaged. A potential that scatters is taken from a
    straight line in time, or if it does not follow one from its running maximum. The window
    is the smallest in which a bulge as wide as the window and as high as ``least`` x the span of
    the current stands 5 standard uncertainties above the noise; for the second derivative the
    smallest that shows a bulge over 5 % of the span 10 of them high. Both are between 0.5 and
    5 % of the span of potential.
    """
    x, height, time, notes = _rows(sweep)
    if len(x) < _LEAST_ROWS or np.ptp(height) == 0:
        return None
    noise = noise_of(height)
    steps = np.diff(x)
    usual = float(np.median(steps))
    wide = np.flatnonzero((steps > _GAP * usual) & (steps > 0.01 * (x[-1] - x[0])))
    gaps = tuple((float(x[row]), float(x[row + 1])) for row in wide)
    count = int(np.clip(round((x[-1] - x[0]) / usual) + 1, len(x), 3 * len(x)))
    grid = np.linspace(x[0], x[-1], count)
    even = np.interp(grid, x, height)
    part = noise / (least * float(np.ptp(height)))
    window = _odd(720.0 / 64.0 * (_SURE * part) ** 2, count)
    bulge = (_WIDEST * count) ** 2 / 8
    bend_window = _odd((720.0**0.5 * _BEND_SURE * part * bulge) ** 0.4, count)
    step = float(grid[1] - grid[0])
    smooth, smooth_gain = _smoothed(even, window, step, 0)
    bend, bend_gain = _smoothed(even, bend_window, step, 2)
    return Curve(
        direction=sweep.direction,
        x=x,
        height=height,
        time=time,
        noise=noise,
        grid=grid,
        smooth=smooth,
        bend=-bend,
        smooth_noise=noise * smooth_gain,
        bend_noise=noise * bend_gain,
        window=window,
        bend_window=bend_window,
        gaps=gaps,
        notes=notes,
    )


def _rows(
    sweep: Sweep,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], tuple[str, ...]]:
    x, height, time = sweep.direction * sweep.potential, sweep.direction * sweep.current, sweep.time
    notes: list[str] = []
    if np.any(np.diff(x) < 0):
        if sweep.even:
            x = fit_straight(time, x).along(time)
            notes.append("the potential scatters: taken from a straight line in time")
        else:
            x = np.maximum.accumulate(x)
            notes.append("the potential goes back and forth: taken from its running maximum")
    first = np.flatnonzero(np.diff(x, prepend=-np.inf) > 0)
    if len(first) < len(x):
        many = np.diff(np.append(first, len(x)))
        height, time = (np.add.reduceat(rows, first) / many for rows in (height, time))
        x = x[first]
        notes.append(f"rows of one potential averaged: {many.mean():.3g} each")
    return x, height, time, tuple(notes)


def _odd(wanted: float, count: int) -> int:
    """A window of an odd number of grid points, within the limits."""
    # A bulge of width w = n d and height s bends by 8 s / w^2; a parabola through n points tells
    # that with the standard deviation sqrt(720 / n^5) noise / d^2.
    number = int(np.clip(wanted, _NARROWEST * count, max(_WIDEST * count, 5)))
    return min(max(number | 1, 5), (count - 1) | 1 if count % 2 else count - 1)


def _smoothed(
    even: NDArray[np.float64], window: int, step: float, order: int
) -> tuple[NDArray[np.float64], float]:
    """The smoothed derivative of an order, and what it makes of the noise."""
    from scipy.signal import savgol_coeffs, savgol_filter

    degree = min(_DEGREE, window - 1)
    gain = np.linalg.norm(savgol_coeffs(window, degree, deriv=order, delta=step))
    return savgol_filter(even, window, degree, deriv=order, delta=step), float(gain)
