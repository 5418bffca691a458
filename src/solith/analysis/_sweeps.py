"""The sweeps of a voltammogram and the peaks on them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Peak", "Sweep", "find_peaks_of", "split_sweeps"]

_TURN = 0.02
"""The potential turns where it goes back by more than this part of its whole range."""

_EDGE = 0.01
"""Within this part of its span from both ends, where the potential turns, a sweep has no peak."""

_FULL = 0.95
"""A sweep over more than this part of the range between turning points is a full one."""


@dataclass(frozen=True)
class Sweep:
    """One scan of the potential in one direction: 1 upwards (anodic), -1 downwards.

    ``rate`` is dV/dt by least squares [V/s], ``departure`` the largest distance of the
    potential from that line [V]. ``cycle`` is 0 before the first full sweep.
    """

    number: int
    direction: int
    cycle: int
    full: bool
    time: NDArray[np.float64]
    potential: NDArray[np.float64]
    current: NDArray[np.float64]
    rate: float
    departure: float


@dataclass(frozen=True)
class Peak:
    """A peak of the current [A, with its sign] over the baseline at a potential [V].

    ``prominence`` is how far the current falls on both sides before it rises higher [A],
    ``half_width`` the distance from the peak to half of its current on the side that the
    sweep comes from [V], ``None`` where the sweep does not begin below half.
    """

    potential: float
    current: float
    prominence: float
    half_width: float | None


def split_sweeps(
    time: NDArray[np.float64], potential: NDArray[np.float64], current: NDArray[np.float64]
) -> list[Sweep]:
    """The sweeps between the turning points of the potential, in order of time.

    Two sweeps are a cycle, counted from the first full one (from the first one where no
    two full ones follow each other).
    """
    turns = _turning_rows(potential)
    bounds = [0, *turns, len(potential) - 1]
    spans = [slice(a, b + 1) for a, b in pairwise(bounds) if b > a]
    window = float(np.ptp(potential[turns if len(turns) > 1 else bounds]))
    full = [abs(potential[s][-1] - potential[s][0]) > _FULL * window for s in spans]
    pairs = [place for place in range(len(full) - 1) if full[place] and full[place + 1]]
    first = pairs[0] if pairs else 0
    sweeps = []
    for place, span in enumerate(spans):
        rate, departure = _rate(time[span], potential[span])
        sweeps.append(
            Sweep(
                number=place + 1,
                direction=1 if potential[span][-1] > potential[span][0] else -1,
                cycle=(place - first) // 2 + 1 if place >= first else 0,
                full=bool(full[place]),
                time=time[span],
                potential=potential[span],
                current=current[span],
                rate=rate,
                departure=departure,
            )
        )
    return sweeps


def _turning_rows(potential: NDArray[np.float64]) -> list[int]:
    from scipy.signal import find_peaks

    least = _TURN * float(np.ptp(potential))
    if least == 0:
        return []
    upper, _ = find_peaks(potential, prominence=least)
    lower, _ = find_peaks(-potential, prominence=least)
    return sorted([*upper.tolist(), *lower.tolist()])


def _rate(time: NDArray[np.float64], potential: NDArray[np.float64]) -> tuple[float, float]:
    if len(np.unique(time)) < 2:
        return 0.0, 0.0
    slope, level = np.polyfit(time - time[0], potential, 1)
    left = potential - level - slope * (time - time[0])
    return float(slope), float(np.max(np.abs(left)))


def find_peaks_of(sweep: Sweep, least: float, *, baseline: bool) -> tuple[list[Peak], bool]:
    """The peaks of a sweep, the highest first, and whether its end is higher than all.

    Anodic sweeps have maxima, cathodic ones minima of the current. A peak is at least
    ``least`` x the sweep's span of current prominent; it lies on a parabola through three
    points. With ``baseline`` a straight line through the lowest points on both sides of the
    peak is subtracted first.
    """
    from scipy.signal import find_peaks, peak_prominences

    height = sweep.direction * sweep.current
    span = float(np.ptp(height))
    if len(height) < 3 or span == 0:
        return [], False
    rows, _ = find_peaks(height, prominence=least * span)
    edge = _EDGE * float(np.ptp(sweep.potential))
    to_end = np.abs(sweep.potential - sweep.potential[-1])
    inside = (to_end > edge) & (np.abs(sweep.potential - sweep.potential[0]) > edge)
    rows = rows[inside[rows]]
    prominences, left, right = peak_prominences(height, rows)
    found = []
    for row, prominence, begin, end in zip(rows, prominences, left, right, strict=True):
        over = height
        if baseline:
            part = (sweep.potential - sweep.potential[begin]) / (
                sweep.potential[end] - sweep.potential[begin]
            )
            over = height - height[begin] - part * (height[end] - height[begin])
            row = int(begin + np.argmax(over[begin : end + 1]))
            row = min(max(row, 1), len(height) - 2)
        potential, top = _apex(sweep.potential, over, int(row))
        width = _half_width(sweep.potential, over, int(row), potential, top)
        found.append(Peak(potential, sweep.direction * top, float(prominence), width))
    found.sort(key=lambda peak: -abs(peak.current))
    return found, bool(to_end[np.argmax(height)] <= edge)


def _apex(
    potential: NDArray[np.float64], height: NDArray[np.float64], row: int
) -> tuple[float, float]:
    """Potential and height where a parabola through three points has its top."""
    near = slice(row - 1, row + 2)
    places = potential[near] - potential[row]
    if len(np.unique(places)) < 3:
        return float(potential[row]), float(height[row])
    square, slope, level = np.polyfit(places, height[near], 2)
    if not square < 0:
        return float(potential[row]), float(height[row])
    turn = float(np.clip(-slope / (2 * square), places.min(), places.max()))
    return float(potential[row] + turn), float(level + slope * turn + square * turn**2)


def _half_width(
    potential: NDArray[np.float64],
    height: NDArray[np.float64],
    row: int,
    at: float,
    top: float,
) -> float | None:
    low = np.flatnonzero(height[:row] < top / 2)
    if top <= 0 or len(low) == 0:
        return None
    last = int(low[-1])
    part = (top / 2 - height[last]) / (height[last + 1] - height[last])
    return abs(at - float(potential[last] + part * (potential[last + 1] - potential[last])))
