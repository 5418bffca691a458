"""Peaks and shoulders of the current on one sweep, with baselines and uncertainties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._voltammetry.baselines import Line, capacitive_line, line_between
from solith.analysis._voltammetry.local_fit import LocalFit, fit_near

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._voltammetry.curve import Curve

__all__ = ["Peak", "Shoulder", "find_peaks_of", "find_shoulders_of"]

_EDGE = 0.01
"""Within this part of its span from both ends, where the potential turns, a sweep has no peak."""

_SURE = 8.0
"""Standard uncertainties that a peak or shoulder is above the noise. It is the difference of
the highest and the lowest of many places, which of noise alone reaches six or seven."""

_ABOVE_ZERO = 5.0
"""The same for minus the second derivative above zero, in one place."""

_TOP_DEGREES, _SIDE_DEGREE = (4, 2), 3
"""Degrees of the polynomials that are tried at a top and at half height."""

_TOP_REACH, _SIDE_REACH = 1.2, 0.8
"""Their widest windows, in distances from the top to half height."""

_CHOICE = 1.12
"""What choosing window and degree from the same noise adds to the scatter of the top: set by
hand after twelve Monte Carlo sets of gaussian peaks, where the potential's errors spread 1.07 to
1.22 times as far as without it (once by far more: another place was taken for the top) and the
current's 0.83 to 1.14 times."""

_ROWS = 5
"""Rows above half of the height below which a peak is sampled too coarsely."""


@dataclass(frozen=True)
class Peak:
    """A peak of the current [A, with its sign] over the baseline at a potential [V].

    ``prominence`` is how far the current falls on both sides before it rises higher [A],
    ``half_width`` the distance from the peak to half of its current on the side that the sweep
    comes from [V], ``full_width`` the width at half height; ``None`` where the sweep does not
    hold them. ``charge`` is that above the baseline [C, with sign]. ``u_...`` are standard
    uncertainties; ``baseline`` the ends of the baseline ((V, A), (V, A)).
    """

    potential: float
    current: float
    prominence: float
    half_width: float | None
    full_width: float | None
    charge: float
    u_potential: float
    u_current: float
    u_half_width: float | None
    u_full_width: float | None
    u_charge: float
    baseline: tuple[tuple[float, float], tuple[float, float]]
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Shoulder:
    """Where a flank bulges without a maximum: potential [V], current [A], and how surely.

    ``height`` is that of the bulge over the chord between its two inflections [A].
    """

    potential: float
    current: float
    height: float
    significance: float


@dataclass(frozen=True)
class _Crossing:
    x: float
    noise: float
    slope: float


def find_peaks_of(curve: Curve, least: float, baseline: str) -> tuple[list[Peak], bool]:
    """The peaks of a sweep, the highest first, and whether its end is higher than all.

    Peaks are maxima of the smoothed height that fall on both sides by ``least`` x its span and
    by eight times its noise.
    """
    from scipy.signal import find_peaks, peak_prominences

    needed = max(least * float(np.ptp(curve.smooth)), _SURE * curve.smooth_noise)
    places, _ = find_peaks(curve.smooth, prominence=needed)
    # The smoothing is one-sided, and noisier, within half a window of the ends.
    edge = max(_EDGE * curve.span, curve.width / 2)
    inside = (curve.grid - curve.grid[0] > edge) & (curve.grid[-1] - curve.grid > edge)
    places = places[inside[places]]
    prominences, left, right = peak_prominences(curve.smooth, places)
    found = []
    for place, prominence, begin, end in zip(places, prominences, left, right, strict=True):
        line, told = _baseline(curve, baseline, int(place), int(begin), int(end))
        found.append(_measure(curve, line, int(place), (int(begin), int(end)), prominence, told))
    found.sort(key=lambda peak: -abs(peak.current))
    return found, _at_end(curve, edge)


def _at_end(curve: Curve, edge: float) -> bool:
    """Whether the largest current is at the end, surely above that of any place before."""
    last = curve.grid >= curve.grid[-1] - edge
    above = float(curve.smooth[last].max() - curve.smooth[~last].max())
    return above > 2 * curve.smooth_noise


def find_shoulders_of(curve: Curve, least: float, peaks: list[Peak]) -> list[Shoulder]:
    """The shoulders of a sweep, in its order.

    A shoulder is a maximum of minus the second derivative, above zero between two inflections,
    in a bulge that has no peak. It stands five standard uncertainties above zero and eight
    above the higher valley beside it; the height of its bulge is ``least`` x the current's span.
    """
    from scipy.signal import find_peaks

    places, about = find_peaks(
        curve.bend,
        prominence=_SURE * curve.bend_noise,
        height=_ABOVE_ZERO * curve.bend_noise,
    )
    tops = np.array([peak.potential * curve.direction for peak in peaks])
    needed = max(least * float(np.ptp(curve.smooth)), _SURE * curve.smooth_noise)
    reach = max(curve.bend_width, _EDGE * curve.span)
    found = []
    for place, prominence in zip(places, about["prominences"], strict=True):
        at = float(curve.grid[place])
        lobe = _lobe(curve.bend, int(place))
        ends = curve.grid[lobe[0]], curve.grid[lobe[1]]
        chord = np.interp(at, ends, [curve.smooth[lobe[0]], curve.smooth[lobe[1]]])
        height = float(curve.smooth[place] - chord)
        near_end = at - curve.grid[0] < reach or curve.grid[-1] - at < reach
        near_gap = any(a - reach < at < b + reach for a, b in curve.gaps)
        owned = bool(np.any((tops >= ends[0]) & (tops <= ends[1])))
        if near_end or near_gap or owned or height < needed:
            continue
        found.append(
            Shoulder(
                potential=curve.direction * at,
                current=float(curve.direction * curve.smooth[place]),
                height=height,
                significance=float(prominence / curve.bend_noise) if curve.bend_noise else np.inf,
            )
        )
    return found


def _lobe(bend: NDArray[np.float64], place: int) -> tuple[int, int]:
    """The inflections, or valleys between two bulges, on both sides of a place."""
    ends = []
    for way in (-1, 1):
        row = place
        lowest = row
        while 0 < row < len(bend) - 1:
            row += way
            if bend[row] < bend[lowest]:
                lowest = row
            if bend[row] <= 0 or bend[row] > bend[place]:
                break
        ends.append(row if bend[row] <= 0 else lowest)
    return ends[0], ends[1]


def _baseline(
    curve: Curve, name: str, place: int, begin: int, end: int
) -> tuple[Line, tuple[str, ...]]:
    if name == "linear":
        return line_between(curve, begin, end), ()
    if name == "capacitive":
        line = capacitive_line(curve, place)
        if line is not None:
            return line, ()
        return Line.zero(), ("no flat part before the peak: baseline zero",)
    return Line.zero(), ()


def _measure(
    curve: Curve,
    line: Line,
    place: int,
    bases: tuple[int, int],
    prominence: float,
    told: tuple[str, ...],
) -> Peak:
    over = curve.smooth - line.at(curve.grid)
    begin, end = bases
    place = int(begin + np.argmax(over[begin : end + 1]))
    place = min(max(place, 1), len(over) - 2)
    raw = curve.height - line.at(curve.x)
    rough = _rough_width(curve, over, place)
    x, _, _ = _apex(curve, raw, float(curve.grid[place]), rough)
    x, u_x, fit = _apex(curve, raw, x, rough)
    top, u_top = fit.value(x)
    u_x, u_top = _CHOICE * u_x, _CHOICE * u_top
    model = _model_error(curve, raw, fit, x, top)
    u_x, u_top = float(np.hypot(u_x, model[0])), float(np.hypot(u_top, model[1]))
    u_top = float(np.hypot(u_top, line.uncertainty(x)))
    crossings = [_crossing(curve, raw, over, line, place, top, way) for way in (-1, 1)]
    half, u_half, full, u_full = _widths(x, u_x, u_top, crossings)
    charge, u_charge = _charge(curve, line, over, place, bases)
    limits = [item.x if item else x for item in crossings]
    many = int(np.sum((curve.x >= limits[0]) & (curve.x <= limits[1])))
    if many < _ROWS:
        told = (f"{many} rows above half of the peak: sampled too coarsely", *told)
    if any(a < limits[1] and b > limits[0] for a, b in curve.gaps):
        told = ("rows missing in the peak", *told)
    sign, ends = curve.direction, (float(curve.grid[begin]), max(x, float(curve.grid[end])))
    drawn = [(sign * at, sign * float(line.at(np.array([at]))[0])) for at in ends]
    return Peak(
        potential=sign * x,
        current=sign * top,
        prominence=float(prominence),
        half_width=half,
        full_width=full,
        charge=sign * charge,
        u_potential=u_x,
        u_current=u_top,
        u_half_width=u_half,
        u_full_width=u_full,
        u_charge=u_charge,
        baseline=(drawn[0], drawn[1]),
        flags=told,
    )


def _rough_width(curve: Curve, over: NDArray[np.float64], place: int) -> float:
    """The nearer of the places where the smoothed height is at half [V]."""
    low = np.flatnonzero(over < over[place] / 2)
    if len(low) == 0:
        return 0.1 * curve.span
    return float(np.min(np.abs(curve.grid[low] - curve.grid[place])))


def _apex(
    curve: Curve, raw: NDArray[np.float64], start: float, rough: float
) -> tuple[float, float, LocalFit]:
    """Where a parabola or a quartic is highest, whichever tells it more surely.

    With the standard uncertainty of that, and the polynomial.
    """
    found = []
    for degree in _TOP_DEGREES:
        fit = fit_near(curve.x, raw, start, _TOP_REACH * rough, curve.noise, degree)
        found.append((*_top(fit, start), fit))
    return min(found, key=lambda one: one[1])


def _top(fit: LocalFit, start: float) -> tuple[float, float]:
    """The maximum of a polynomial near ``start``, and its standard uncertainty."""
    reach = fit.reach / 2
    x = start
    for _ in range(8):
        bend = fit.bend(x)
        if bend >= 0:
            return start, fit.reach
        x = float(np.clip(x - fit.slope(x)[0] / bend, start - reach, start + reach))
    bend = fit.bend(x)
    # A top that is flatter than the noise may lie anywhere in the window.
    return x, min(fit.slope(x)[1] / -bend, fit.reach) if bend < 0 else fit.reach


def _model_error(
    curve: Curve, raw: NDArray[np.float64], fit: LocalFit, x: float, top: float
) -> tuple[float, float]:
    """What a parabola through three rows says otherwise, where the rows are no more than five."""
    if not fit.bare:
        return 0.0, 0.0
    near = np.sort(np.argsort(np.abs(curve.x - x))[:3])
    square, slope, level = np.polyfit(curve.x[near] - x, raw[near], 2)
    if not square < 0:
        return float(np.ptp(curve.x[near])) / 2, 0.0
    away = float(np.clip(-slope / (2 * square), *(curve.x[near] - x)[[0, -1]]))
    return abs(away), abs(float(level + slope * away + square * away**2) - top)


def _crossing(
    curve: Curve,
    raw: NDArray[np.float64],
    over: NDArray[np.float64],
    line: Line,
    place: int,
    top: float,
    way: int,
) -> _Crossing | None:
    """Where the height over the baseline is half of the top on one side."""
    side = np.arange(place, -1, -1) if way < 0 else np.arange(place, len(over))
    low = np.flatnonzero(over[side] < top / 2)
    if top <= 0 or len(low) == 0 or low[0] == 0:
        return None
    a, b = side[low[0] - 1], side[low[0]]
    part = (over[a] - top / 2) / (over[a] - over[b])
    x = float(curve.grid[a] + part * (curve.grid[b] - curve.grid[a]))
    reach = _SIDE_REACH * abs(x - float(curve.grid[place]))
    fit = fit_near(curve.x, raw, x, reach, curve.noise, _SIDE_DEGREE)
    step = float(curve.grid[1] - curve.grid[0])
    start = x
    for _ in range(4):
        slope = fit.slope(x)[0]
        if slope * way >= 0:
            return None
        x = float(np.clip(x - (fit.value(x)[0] - top / 2) / slope, start - reach, start + reach))
    spread = float(np.hypot(fit.value(x)[1], line.uncertainty(x) / 2))
    if fit.bare:
        # Beside a straight line between two rows.
        straight = float(np.interp(x, curve.x, raw)) - top / 2
        spread = float(np.hypot(spread, min(abs(straight), abs(fit.slope(x)[0]) * step)))
    return _Crossing(x, spread, abs(fit.slope(x)[0]))


def _widths(
    x: float, u_x: float, u_top: float, crossings: list[_Crossing | None]
) -> tuple[float | None, float | None, float | None, float | None]:
    before, after = crossings
    half = u_half = full = u_full = None
    if before is not None and before.slope > 0:
        half = x - before.x
        u_half = float(np.hypot(u_x, np.hypot(before.noise, u_top / 2) / before.slope))
        if after is not None and after.slope > 0:
            full = after.x - before.x
            both = u_top / 2 * (1 / before.slope + 1 / after.slope)
            parts = (before.noise / before.slope, after.noise / after.slope, both)
            u_full = float(np.linalg.norm(parts))
    return half, u_half, full, u_full


def _charge(
    curve: Curve,
    line: Line,
    over: NDArray[np.float64],
    place: int,
    bases: tuple[int, int],
) -> tuple[float, float]:
    """Charge where the peak is above its baseline [C], and its standard uncertainty."""
    low = np.flatnonzero(over <= 0)
    before, after = low[low < place], low[low > place]
    begin = max(bases[0], int(before[-1]) if len(before) else 0)
    end = min(bases[1], int(after[0]) if len(after) else len(over) - 1)
    rows = (curve.x >= curve.grid[begin]) & (curve.x <= curve.grid[end])
    x, time = curve.x[rows], curve.time[rows]
    if len(x) < 2:
        return 0.0, 0.0
    weights = (np.append(np.diff(time), 0) + np.append(0, np.diff(time))) / 2
    charge = float(weights @ (curve.height[rows] - line.at(x)))
    of_noise = curve.noise * float(np.linalg.norm(weights))
    return charge, float(np.hypot(of_noise, line.integral_uncertainty(x, weights)))
