"""Set and reset of a switching device, its two states at a read voltage, and its cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solith.analysis._current_voltage.abrupt_rise import Rise, find_rise
from solith.analysis._current_voltage.branches import Branch, Loop
from solith.analysis._current_voltage.current_noise import Compliance, Noise

__all__ = ["Event", "Reading", "Scan", "cycles_of", "find_offset", "read_states", "scan_of"]

Array = NDArray[np.float64]

_BEYOND = 16
"""Rows of the back scan that may confirm a rise at the end of the scan out."""

_CHANGED = 2.0
"""Factor between the currents before and after that makes a change of state."""

_SURE = 5.0
_NEAREST = 6
_AROUND = 0.5
_NEAR_ZERO = 0.1


@dataclass(frozen=True)
class Event:
    """Where a state changes on a branch: between two biases [V, on the branch's side].

    ``row`` is the first row of the record after it; ``abrupt`` is false where it goes
    gradually, and then ``first`` and ``last`` are the bias of the largest current.
    """

    first: float
    last: float
    row: int
    abrupt: bool
    rise: Rise | None = None

    @property
    def bias(self) -> float:
        """The middle of the two."""
        return (self.first + self.last) / 2


@dataclass(frozen=True)
class Reading:
    """A current at the read voltage [A], its standard uncertainty; ``limited`` by compliance."""

    current: float
    uncertainty: float
    limited: bool


@dataclass(frozen=True)
class Scan:
    """What happened in one loop; ``outward`` and ``inward`` are its readings.

    ``relaxed`` is where the device falls back on the way in, ``skipped`` are biases [V] of
    steps that were taken for the amplifier's, ``others`` bias [V] and factor of abrupt rises
    smaller than the set.
    """

    loop: Loop
    set: Event | None
    reset: Event | None
    relaxed: Event | None
    skipped: tuple[float, ...]
    others: tuple[tuple[float, float], ...] = ()
    outward: Reading | None = None
    inward: Reading | None = None

    @property
    def volatile(self) -> bool:
        """Whether it was set and fell back by itself before zero bias."""
        if self.set is None:
            return False
        both = self.inward is not None and self.outward is not None
        return self.relaxed is not None or (both and not _above(self.inward, self.outward))

    @property
    def switched_on(self) -> bool:
        """Whether its current at the read voltage is higher after the scan, or it was set."""
        return self.set is not None or _above(self.inward, self.outward)


def scan_of(loop: Loop, noise: Noise, compliance: Compliance | None) -> Scan:
    """The abrupt changes in a loop: up and down on the way out, down on the way in."""
    out, back = loop.outward, loop.inward
    rise = fall = relaxed = None
    skipped: tuple[float, ...] = ()
    others: tuple[tuple[float, float], ...] = ()
    if out is not None:
        tail = slice(1, _BEYOND + 1)
        beyond = (back.bias[tail], back.current[tail]) if back is not None else (out.bias[:0],) * 2
        rises = find_rise(
            np.concatenate([out.bias, beyond[0]]),
            np.concatenate([out.current, beyond[1]]),
            noise,
            compliance,
            rows=len(out.bias),
            shift=0.0
            if back is None
            else _zero_current(back, noise, back.rows.size) - _zero_current(out, noise, 4),
        )
        found, skipped = rises.largest, rises.skipped
        others = tuple(
            (float(out.bias[one.before] + out.bias[one.after]) / 2, one.factor)
            for one in rises.others
        )
        if found is not None:
            rise = Event(
                float(out.bias[found.before]),
                float(out.bias[found.after]),
                int(out.rows[found.after]),
                True,
                found,
            )
        fall = _fall(out, noise)
    if back is not None:
        relaxed = _fall(back, noise)
    return Scan(loop, rise, fall, relaxed, skipped, others)


def _zero_current(branch: Branch, noise: Noise, most: int) -> float:
    """The current at zero bias, by a line through the nearest rows; 0 where none is near."""
    rows = _near_zero(branch)[:most]
    if branch.bias.min() > _NEAR_ZERO * branch.bias.max():
        return 0.0
    value, error = _line_at(0.0, branch.bias[rows], branch.current[rows], noise)
    return value if abs(value) > _SURE * error else 0.0


def _near_zero(branch: Branch) -> NDArray[np.intp]:
    """The rows below a tenth of the highest bias, at least four."""
    rows = np.argsort(branch.bias, kind="stable")
    return rows[: max(4, int(np.sum(branch.bias <= _NEAR_ZERO * branch.bias.max())))]


def _fall(branch: Branch, noise: Noise) -> Event | None:
    """An abrupt fall with time: a rise of the branch read backwards."""
    found = find_rise(branch.bias[::-1], branch.current[::-1], noise, None).largest
    if found is None:
        return None
    last = len(branch.bias) - 1
    before, after = last - found.after, last - found.before
    return Event(
        float(branch.bias[before]), float(branch.bias[after]), int(branch.rows[after]), True
    )


def find_offset(loops: Sequence[Loop], noise: Noise) -> tuple[float, float]:
    """The current at zero bias [A, counted along positive voltage] and its uncertainty.

    Weighted mean over the branches of lines through their rows below a tenth of the bias
    (at least four rows), which the branches of low current settle.
    """
    values, variances = [], []
    for loop in loops:
        for branch in loop.branches:
            rows = _near_zero(branch)
            value, error = _line_at(0.0, branch.bias[rows], branch.current[rows], noise)
            values.append(branch.polarity * value)
            variances.append(error**2)
    if not values:
        return 0.0, noise.additive
    weights = 1 / np.array(variances)
    mean = float(weights @ np.array(values) / weights.sum())
    left = float(weights @ (np.array(values) - mean) ** 2) / max(len(values) - 1, 1)
    return mean, float(np.sqrt(max(left, 1.0) / weights.sum()))


def read_states(
    scan: Scan,
    bias: float,
    noise: Noise,
    compliance: Compliance | None,
    offset: float,
) -> Scan:
    """The scan with its readings at ``bias``, and a reset where the state fell.

    On the way out only rows before a set count. A reset is where the current at the read
    voltage is less by a factor of 2 after the scan than before: at the abrupt fall on the way
    out, or else, gradual, at the largest current of the scan out.
    """
    out, back = scan.loop.outward, scan.loop.inward
    before = None
    if out is not None:
        stop = scan.set.rise.before + 1 if scan.set and scan.set.rise else len(out.bias)
        before = _reading(out, slice(0, stop), bias, noise, compliance, offset)
    after = None
    if back is not None:
        after = _reading(back, slice(None), bias, noise, compliance, offset)
    known = before is not None and after is not None
    reset = scan.reset
    if known and scan.set is None:
        if not _above(before, after):
            reset = None
        elif reset is None and out is not None:
            place = int(np.argmax(_evened(out.current)))
            top = float(out.bias[place])
            reset = Event(top, top, int(out.rows[place]), False)
    elif scan.set is not None and reset is not None and reset.row < scan.set.row:
        reset = None
    return replace(scan, outward=before, inward=after, reset=reset)


def _reading(
    branch: Branch,
    part: slice,
    bias: float,
    noise: Noise,
    compliance: Compliance | None,
    offset: float,
) -> Reading | None:
    x, y = branch.bias[part], branch.current[part] - branch.polarity * offset
    if not len(x) or not x.min() <= bias <= x.max():
        return None
    nearest = np.sort(np.argsort(np.abs(x - bias), kind="stable")[:_NEAREST])
    nearest = nearest[np.abs(x[nearest] - bias) <= _AROUND * bias]
    if len(nearest) >= 3 and x[nearest].min() <= bias <= x[nearest].max():
        value, error = _line_at(bias, x[nearest], y[nearest], noise)
    else:
        order = np.argsort(x, kind="stable")
        value = float(np.interp(bias, x[order], y[order]))
        error = float(noise.of(np.array(value)))
    limited = compliance is not None and bool(compliance.holds(np.array(value)))
    return Reading(value, error, limited)


def _line_at(at: float, x: Array, y: Array, noise: Noise) -> tuple[float, float]:
    across = x - x.mean()
    square = float(across @ across)
    weights = 1 / len(x) + (across * (at - x.mean()) / square if square > 0 else 0 * across)
    typical = np.full_like(y, float(np.median(np.abs(y))))
    return float(weights @ y), float(np.sqrt(weights**2 @ noise.of(typical) ** 2))


def _above(high: Reading | None, low: Reading | None) -> bool:
    """Whether a reading is above another one by more than a factor of 2 and its noise."""
    if high is None or low is None:
        return False
    apart = high.current - low.current
    sure = _SURE * float(np.hypot(high.uncertainty, low.uncertainty))
    return high.current > _CHANGED * low.current and apart > sure


def _evened(current: Array) -> Array:
    """Mean over three rows."""
    padded = np.pad(current, 1, mode="edge")
    return np.asarray((padded[:-2] + padded[1:-1] + padded[2:]) / 3)


def cycles_of(scans: Sequence[Scan], counted: Mapping[int, int] | None) -> list[int]:
    """The number of each scan's cycle.

    ``counted`` maps the first row of a loop to the record's own count. Without it a cycle
    begins, where both polarities are scanned, when the first one returns; where there is
    one, with every scan but one that resets what the scan before has set.
    """
    if counted is not None:
        return [counted[int(scan.loop.branches[0].rows[0])] for scan in scans]
    both = len({scan.loop.polarity for scan in scans}) > 1
    numbers: list[int] = []
    for place, scan in enumerate(scans):
        if place == 0:
            numbers.append(1)
            continue
        last = scans[place - 1]
        goes_on = (
            scan.loop.polarity != scans[0].loop.polarity
            if both
            else scan.reset is not None and last.switched_on and last.reset is None
        )
        numbers.append(numbers[-1] + (not goes_on))
    return numbers
