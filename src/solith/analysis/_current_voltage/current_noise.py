"""The noise of a measured current, its floor, and the rows in which the instrument limits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._current_voltage.branches import Branch, Loop
from solith.analysis._lines import fit_straight
from solith.core.scatter import robust_deviation

__all__ = ["Compliance", "Noise", "find_compliances", "find_noise"]

Array = NDArray[np.float64]

_SMOOTH = 9
_LEAST_TRIPLETS = 8
_MOST_RELATIVE = 0.2
_ROUNDING = 1e-12
_BISECTIONS = 20
_ROUNDS = 3
_ABOVE = (300.0, 100.0, 20.0)
"""Times the additive noise above which rows tell the relative one, the best first."""

_EXACT = 0.005
"""A current within this part of the limit is at it, where the limit itself has no noise."""

_EVEN = 5e-4
"""Part of the limit by which a limited current varies at most, besides its noise."""

_LEAST_LIMITED = 4
_FLAT = 0.5
"""d ln I / d ln V that a limited current stays below with twice its standard error."""

_ABOVE_FLOOR = 100.0


@dataclass(frozen=True)
class Noise:
    """Standard deviation of a current: ``additive`` [A] and ``relative`` [-], independent.

    Where even the smallest currents have relative noise, the additive one is little known:
    ``highest`` [A] is what it is at most.
    """

    additive: float
    relative: float
    highest: float

    @property
    def cautious(self) -> Noise:
        """The noise with a third of the highest additive part, if that is more."""
        return Noise(max(self.additive, self.highest / 3), self.relative, self.highest)

    def of(self, current: Array) -> Array:
        """The standard deviation at currents [A]."""
        return np.asarray(np.hypot(self.additive, self.relative * current))


@dataclass(frozen=True)
class Compliance:
    """A limit of the current [A]; ``reached`` says from which current on rows are at it."""

    level: float
    reached: float

    def holds(self, current: Array) -> NDArray[np.bool_]:
        """The rows that are at the limit."""
        return np.asarray(current >= self.reached)


def find_noise(branches: Sequence[Branch]) -> Noise:
    """From the distance of each row to the line through its neighbours (median, normal noise).

    The quarter of rows with the smallest currents, and all others that are no larger than five
    times their noise, give the additive part, rows more than
    twenty times above it the relative one, there by the less of the distances from a straight
    line and from an exponential, so that a steep rise is not taken for noise.
    """
    distances, levels, relatives = [], [], []
    for branch in branches:
        x, y = branch.bias, branch.current
        span = x[2:] - x[:-2]
        place = np.divide(x[1:-1] - x[:-2], span, out=np.full_like(span, 0.5), where=span != 0)
        place = np.clip(place, 0, 1)
        size = np.sqrt(1 + place**2 + (1 - place) ** 2)
        straight = np.abs(y[1:-1] - (1 - place) * y[:-2] - place * y[2:]) / size
        level = np.abs(_smoothed(y))[1:-1]
        logs = np.log(np.maximum(np.abs(y), np.finfo(float).tiny))
        bent = np.abs(logs[1:-1] - (1 - place) * logs[:-2] - place * logs[2:]) / size
        distances.append(straight)
        levels.append(level)
        relatives.append(np.minimum(straight / np.maximum(level, np.finfo(float).tiny), bent))
    far, level, part = (np.concatenate(lists) for lists in (distances, levels, relatives))
    least = _ROUNDING * float(np.max(level)) or np.finfo(float).tiny
    low = far[np.argsort(level, kind="stable")[: max(_LEAST_TRIPLETS, len(far) // 4)]]
    additive = robust_deviation(low)
    for _ in range(_ROUNDS):
        alike = far[level <= 5 * additive]
        if len(alike) > len(low):
            additive = robust_deviation(alike)
    if additive <= least:  # a current in steps of the converter, most of them the same
        additive = float(np.sqrt(np.mean(np.sort(low)[: max(1, int(0.9 * len(low)))] ** 2)))
    additive = max(additive, least)
    relative = 0.0
    for factor in _ABOVE:
        high = part[level > factor * additive]
        if len(high) >= _LEAST_TRIPLETS:
            relative = robust_deviation(high)
            break
    relative = min(relative, _MOST_RELATIVE)
    return Noise(max(_without(relative, level, far, additive), least), relative, additive)


def _without(relative: float, level: Array, far: Array, whole: float) -> float:
    """The additive noise where the relative one has a part in that of small currents too.

    The median distance over its standard deviation is that of normal noise; ``whole`` is the
    noise without this, the most, and a ten thousandth of it the least.
    """
    low = np.argsort(level, kind="stable")[: max(_LEAST_TRIPLETS, len(far) // 4)]
    below, above = 1e-4 * whole, whole
    for _ in range(_BISECTIONS):
        middle = (below * above) ** 0.5
        spread = np.hypot(middle, relative * level[low])
        if robust_deviation(far[low] / spread) > 1:
            below = middle
        else:
            above = middle
    return float((below * above) ** 0.5)


def _smoothed(values: Array) -> Array:
    """Running median."""
    half = min(_SMOOTH // 2, (len(values) - 1) // 2)
    padded = np.pad(values, half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    return np.asarray(np.median(windows, axis=1))


def find_compliances(
    loops: Sequence[Loop], noise: Noise, given: float | None
) -> list[Compliance | None]:
    """The limit of the current in each loop: given, or found as a flat top.

    A flat top is at least four rows on end next to the loop's largest current in which
    ``d ln I / d ln V`` is 0 and not 1/2 or more (twice the standard error). Where the current
    falls again as the bias grows, as in a reset, the upper half of these rows must be even: the
    rounded top of a current that nothing limits is not. A loop whose
    largest current is that of a limit found in another one of its side has it too. Loops of
    larger currents than the limit have none: a reset is scanned without.
    """
    loose = max(_EXACT, 4 * noise.relative)
    if given is None:
        limits = [_flat_top(loop, noise, loose) for loop in loops]
    else:
        limits = [None] * len(loops)
    known = {
        side: [
            limit
            for loop, limit in zip(loops, limits, strict=True)
            if loop.polarity == side and limit is not None
        ]
        for side in (-1, 1)
    }
    return [
        limit or _same_limit(loop, known[loop.polarity], given, loose)
        for loop, limit in zip(loops, limits, strict=True)
    ]


def _same_limit(
    loop: Loop, known: Sequence[Compliance], given: float | None, loose: float
) -> Compliance | None:
    """The given limit, or a known one, where the loop's largest current is at it."""
    top = max(float(np.max(branch.current)) for branch in loop.branches)
    if given is None:
        return next((one for one in known if one.reached <= top <= one.level * (1 + _EXACT)), None)
    if abs(top / given - 1) <= _EXACT:
        return Compliance(given, given * (1 - _EXACT))
    return Compliance(given, given * (1 - loose)) if top <= given * (1 + loose) else None


def _flat_top(loop: Loop, noise: Noise, loose: float) -> Compliance | None:
    bias = np.concatenate([branch.bias for branch in loop.branches])
    current = np.concatenate([branch.current for branch in loop.branches])
    top = float(np.max(current))
    if top < _ABOVE_FLOOR * noise.additive:
        return None
    for tolerance in dict.fromkeys((_EXACT, loose)):
        run = _longest_run(current >= (1 - tolerance) * top)
        if (
            len(run) >= _LEAST_LIMITED
            and _is_flat(bias[run], current[run])
            and (not _falls_after(loop, run, current) or _is_even(current[run], noise))
        ):
            level = float(np.median(current[run]))
            return Compliance(level, level * (1 - tolerance))
    return None


def _falls_after(loop: Loop, run: NDArray[np.intp], current: Array) -> bool:
    """Whether rows of higher bias follow the run on the way out, or lead to it on the way in."""
    out = 0 if loop.outward is None else len(loop.outward.bias)
    return bool(run[-1] < out - 1 or (run[0] > out and len(current) > out))


def _is_even(limited: Array, noise: Noise) -> bool:
    """Whether the upper half of the rows at a limit differ by no more than it and noise do.

    The noise is the rows' own where that is less: by third differences, which a curve has not.
    """
    top, middle = float(np.max(limited)), float(np.median(limited))
    own = float(np.sqrt(np.mean(np.diff(limited, 3) ** 2) / 20))
    return top - middle <= _EVEN * top + 3 * min(own, float(noise.of(np.array(top))))


def _longest_run(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    if not len(edges):
        return np.zeros(0, dtype=np.intp)
    starts, stops = edges[::2], edges[1::2]
    longest = int(np.argmax(stops - starts))
    return np.arange(starts[longest], stops[longest])


def _is_flat(bias: Array, current: Array) -> bool:
    kept = bias > 0
    x, y = np.log(bias[kept]), np.log(current[kept])
    if len(x) < _LEAST_LIMITED or np.ptp(x) == 0:
        return False
    line = fit_straight(x, y)
    return line.slope + 2 * line.slope_error < _FLAT
