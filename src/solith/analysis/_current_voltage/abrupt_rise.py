"""An abrupt rise of the current along a branch: the change-point, told from smooth rises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._current_voltage.current_noise import Compliance, Noise
from solith.analysis._lines import fit_straight

__all__ = ["Rise", "Rises", "find_rise"]

Array = NDArray[np.float64]

_FACTOR = 2.0
"""Least factor by which the current rises beyond what the curve's slope explains."""

_STEPS = 3
"""Sampling steps within which an abrupt rise is over."""

_SURE = 6.0
"""Standard deviations of noise that a rise has at least."""

_GAP = 0.4
"""Part of a rise that the slopes on both sides must leave unexplained, in amperes."""

_WINDOWS = (4, 8, 16)
_LASTS = 5
_LEAST_ERROR = 0.02  # of asinh of the current, where two lines are compared
_NEARLY = 2.0  # of the log-likelihood: places that are as good as the best
_FLOOR = 3.0  # standard errors below which the current before a rise is not told
_CONDUCTS = 0.3
_LEAST_AFTER = 6
_SPREAD_AFTER = 0.2


@dataclass(frozen=True)
class Rise:
    """An abrupt rise between two rows of a branch.

    ``before`` and ``after`` are the places of the last row before and the first after it;
    ``low`` and ``high`` the currents there [A], by lines through the rows next to it.
    ``limited`` says that the instrument limits the current after it.
    """

    before: int
    after: int
    low: float
    high: float
    low_error: float
    limited: bool

    @property
    def factor(self) -> float:
        """By what the current rises; where noise hides it before, by this at least."""
        return self.high / max(self.low, _FLOOR * self.low_error, np.finfo(float).tiny)


@dataclass(frozen=True)
class Rises:
    """What a branch has: the largest rise, the others in order, and steps left out [V]."""

    largest: Rise | None
    others: tuple[Rise, ...]
    skipped: tuple[float, ...]


def find_rise(
    bias: Array,
    current: Array,
    noise: Noise,
    compliance: Compliance | None,
    *,
    rows: int | None = None,
    shift: float = 0.0,
) -> Rises:
    """The abrupt rise of the largest factor within the first ``rows``, the first of equals.

    A surge of some other current, such as that of ions before a filament is through, may
    come before it, and goes with the others.

    Straight lines are fitted on both sides of a pair of rows (4, 8, 16 rows each), against the
    bias, to the current and to asinh(I / 2s), s its additive noise, which is logarithmic above
    the noise. A rise is abrupt if on both scales the lines leave a gap, after the steeper of
    the two slopes is taken off for the bias between the rows: an exponential is a line on the
    one scale, an ohmic current on the other, and a space-charge current has its slope. The
    gap is at least a factor of 2, 6 standard deviations, and 0.4 of the whole rise for some
    width, and half of that for the smallest; it is over within three rows and lasts (most of
    five rows on either side). Where it is, is where two lines have the least squares (the
    change-point's maximum likelihood).

    A step of the amplifier is left out: one that ``shift``, by which the current at zero bias
    is higher after the scan than before [A], explains by half or more (nothing flows through
    a passive device at zero bias), or after which the current does not grow with the bias
    without being at its limit. These rules and their numbers are this project's own;
    ``validation/_known_switching.py`` has their trials.
    """
    count = len(bias) if rows is None else rows
    scale = 2 * noise.additive
    z = np.arcsinh(current / scale)
    error_z = noise.of(current) / np.hypot(current, scale)
    data = _Data(bias, current, z, error_z, noise.of(current))
    rises: list[Rise] = []
    skipped: list[float] = []
    end = 0
    for before, after in _candidates(z, error_z, count):
        if before < end or not _is_abrupt(data, before, after):
            continue
        rise = _placed(data, before, after, compliance)
        end = rise.after + 1
        moved = 2 * shift > rise.high - rise.low
        if moved or (not rise.limited and _is_flat_after(data, rise.after, noise, compliance)):
            skipped.append(float((bias[rise.before] + bias[rise.after]) / 2))
            continue
        rises.append(rise)
    largest = max(rises, key=lambda rise: rise.factor, default=None)
    others = tuple(rise for rise in rises if rise is not largest)
    if largest is not None:
        skipped = [at for at in skipped if at < bias[largest.after]]
    return Rises(largest, others, tuple(skipped))


@dataclass(frozen=True)
class _Data:
    x: Array
    y: Array
    z: Array
    error_z: Array
    error_y: Array


def _candidates(z: Array, error: Array, count: int) -> Iterator[tuple[int, int]]:
    """Pairs of rows between which the current may rise abruptly, in order."""
    least = np.log(_FACTOR)
    pairs = set()
    for step in range(1, _STEPS + 1):
        change = z[step:count] - z[: max(count - step, 0)]
        sure = 3 * np.hypot(error[step:count], error[: max(count - step, 0)])
        places = np.flatnonzero(change > np.maximum(least, sure))
        pairs |= {(int(place), int(place) + step) for place in places}
    yield from sorted(pairs)


def _is_abrupt(data: _Data, before: int, after: int) -> bool:
    if before < 1 or after > len(data.x) - 2 or not _lasts(data, before, after):
        return False
    run = float(data.x[after] - data.x[before])
    sure = False
    for width in _WINDOWS:
        left = slice(max(0, before - width + 1), before + 1)
        right = slice(after, min(len(data.x), after + width))
        gap_z, error_z = _gap(data.x, data.z, data.error_z, left, right, run)
        gap_y, error_y = _gap(data.x, data.y, data.error_y, left, right, run)
        whole = _ends(data.x, data.y, data.error_y, right, first=True)[0]
        whole -= _ends(data.x, data.y, data.error_y, left, first=False)[0]
        if width == _WINDOWS[0] and (gap_z < np.log(_FACTOR) / 2 or gap_y < _GAP / 2 * whole):
            return False
        sure = sure or bool(
            gap_z > max(np.log(_FACTOR), _SURE * error_z)
            and gap_y > max(_GAP * whole, _SURE * error_y)
        )
    return sure


def _lasts(data: _Data, before: int, after: int) -> bool:
    """Whether most rows beside a rise are on their own side of its middle."""
    middle = (data.z[before] + data.z[after]) / 2
    below = data.z[max(0, before - _LASTS + 1) : before + 1] < middle
    above = data.z[after : after + _LASTS] > middle
    return bool(np.mean(below) > 0.5 and np.mean(above) > 0.5)


def _gap(
    x: Array, y: Array, error: Array, left: slice, right: slice, run: float
) -> tuple[float, float]:
    """What the steeper of two lines leaves unexplained of a rise, and its standard error."""
    low, low_error, low_slope = _ends(x, y, error, left, first=False)
    high, high_error, high_slope = _ends(x, y, error, right, first=True)
    explained = max(low_slope * run, high_slope * run, 0.0)
    return high - low - explained, float(np.hypot(low_error, high_error))


def _ends(
    x: Array, y: Array, error: Array, rows: slice, *, first: bool
) -> tuple[float, float, float]:
    """Value, standard error and slope of a line through ``rows`` at its first or last row."""
    across, values, spread = x[rows], y[rows], error[rows]
    mean = float(across.mean())
    square = float(np.sum((across - mean) ** 2))
    at = float(across[0 if first else -1]) - mean
    if square == 0:
        typical = float(np.sqrt(np.mean(spread**2)))
        return float(values[0 if first else -1]), typical, 0.0
    weights = 1 / len(across) + (across - mean) * at / square
    slope = float((across - mean) @ values) / square
    end = float(np.clip(weights @ values, values.min(), values.max()))
    return end, float(np.sqrt(np.sum((weights * spread) ** 2))), slope


def _placed(data: _Data, before: int, after: int, compliance: Compliance | None) -> Rise:
    """The change-point near a rise, and every place that is as likely."""
    low, high = max(1, before - 1), min(len(data.x) - 2, after + 1)
    begin, stop = max(0, low - 8), min(len(data.x), high + 9)
    costs = {
        split: _cost(data, slice(begin, split + 1)) + _cost(data, slice(split + 1, stop))
        for split in range(low, high)
    }
    best = min(costs, key=lambda split: costs[split])
    nearly = [split for split, cost in costs.items() if cost < costs[best] + 2 * _NEARLY]
    first = last = best
    while first - 1 in nearly:
        first -= 1
    while last + 1 in nearly:
        last += 1
    left = slice(max(0, first - 7), first + 1)
    right = slice(last + 1, min(len(data.x), last + 9))
    value, error, _ = _ends(data.x, data.y, data.error_y, left, first=False)
    limited = compliance is not None and bool(compliance.holds(data.y[last + 1 : last + 2]).any())
    top = (
        float(data.y[last + 1])
        if limited
        else _ends(data.x, data.y, data.error_y, right, first=True)[0]
    )
    return Rise(first, last + 1, value, top, error, limited)


def _cost(data: _Data, rows: slice) -> float:
    """Chi-squared of a line through asinh of the current."""
    x, z, weight = data.x[rows], data.z[rows], 1 / np.maximum(data.error_z[rows], _LEAST_ERROR)
    design = np.stack([weight, weight * (x - x.mean())], axis=1)
    left = weight * z
    solved = np.linalg.lstsq(design, left, rcond=None)[0]
    return float(np.sum((left - design @ solved) ** 2))


def _is_flat_after(data: _Data, after: int, noise: Noise, compliance: Compliance | None) -> bool:
    """Whether the current after a rise is a constant, as if zero had moved."""
    x, y = data.x[after:], data.y[after:]
    if compliance is not None:
        free = ~compliance.holds(y)
        x, y = x[free], y[free]
    if len(x) < _LEAST_AFTER or np.ptp(x) < _SPREAD_AFTER * np.max(x):
        return False
    line = fit_straight(x, y)
    error = max(line.deviation, noise.additive) / line.lever**0.5
    return bool((line.slope + 2.6 * error) * line.middle < _CONDUCTS * line.level)
