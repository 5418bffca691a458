"""Abrupt drops of a resistance within a step, told from its noise and its trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from solith.analysis._symmetric.step_voltages import StepVoltage, usual_noise
from solith.core.scatter import robust_deviation

__all__ = ["Drop", "find_drops", "resistance_noise"]

Array = NDArray[np.float64]

_WIDTHS = (4, 8, 16)
_LAST = (3, 2)  # rows after a drop at the end of a step
_SIDE = 5  # rows whose medians confirm it, so that single rows do not
_LEAST_CHANCE = 1e-300  # of a false alarm: smaller ones are no numbers
_MOST_NOISE = 2.0  # times the record's usual noise that a step's own may count for


@dataclass(frozen=True)
class Drop:
    """The resistance falls between two rows of a step, from ``before`` to ``after`` [ohm].

    ``place`` is the first row after it (within the step), ``score`` the fall in standard
    deviations of what noise and trend give.
    """

    step: int
    place: int
    before: float
    after: float
    score: float

    @property
    def share(self) -> float:
        """The part of the resistance that is lost."""
        return 1 - self.after / self.before


def resistance_noise(steps: Sequence[StepVoltage]) -> Array:
    """The noise of each step's resistance [ohm] that a test against it uses.

    The usual noise of the record, or the step's own where that is larger: up to twice the usual,
    or what the steps around it have too, since a short may be what makes a step noisy.
    """
    own = np.array([step.noise for step in steps])
    means = np.array([abs(step.mean) for step in steps])
    usual = usual_noise(own, means, np.array([len(step.time) for step in steps]))
    around = np.array(
        [np.median(own[max(0, place - 2) : place + 3]) for place in range(len(steps))]
    )
    used = np.maximum(usual, np.minimum(own, np.maximum(_MOST_NOISE * usual, 1.5 * around)))
    return np.asarray(used / np.array([step.size for step in steps]))


def find_drops(
    steps: Sequence[StepVoltage], least_drop: float, false_alarm: float
) -> tuple[list[list[Drop]], float]:
    """The drops of each step in order of time, and the score that they had to exceed.

    Straight lines through 4, 8 and 16 rows on either side of each gap between rows are led to
    its middle; their difference is compared with its standard deviation, by the rows' noise or by
    the median difference over the whole record, if that is larger (so a record that wanders
    sets its own measure). At the end of a step the rows after the gap are 3 or 2. The limit is
    that of normal scatter which a record of as many gaps passes with the probability
    ``false_alarm`` (Bonferroni). A drop also is at least ``least_drop`` of the resistance, between
    the medians of the five rows on either side. Of the places of one drop the one of the highest
    score counts.
    """
    noise = resistance_noise(steps)
    tests = sum(len(_WIDTHS) * len(step.time) for step in steps)
    limit = -NormalDist().inv_cdf(max(false_alarm / max(tests, 1), _LEAST_CHANCE))
    found = [
        {width: _differences(step, width) for width in _WIDTHS if len(step.time) >= width + 2}
        for step in steps
    ]
    scales = {}
    for width in _WIDTHS:
        parts = [
            all_[width][0] / all_[width][1] / sigma
            for all_, sigma in zip(found, noise, strict=True)
            if width in all_
        ]
        scales[width] = max(1.0, robust_deviation(np.concatenate(parts))) if parts else 1.0
    drops = []
    for number, (step, by_width, sigma) in enumerate(zip(steps, found, noise, strict=True)):
        score = np.zeros(len(step.time))
        for width, (difference, factor) in by_width.items():
            own = -difference / (factor * sigma * scales[width])
            np.maximum(score[width : width + len(own)], own, out=score[width : width + len(own)])
        following = steps[number + 1] if number + 1 < len(steps) else None
        drops.append(_peaks(number, step, score, limit, least_drop, following))
    return drops, limit


def _differences(step: StepVoltage, width: int) -> tuple[Array, Array]:
    """Right minus left level at each gap, from row ``width`` on, and its deviation per noise."""
    time, values = step.time, step.resistance
    total = len(time)
    gap = (time[:-1] + time[1:]) / 2  # gap k lies before row k + 1
    levels, variances = _lines(time, values, width)
    middles = gap[width - 1 :]
    left = _at(levels[: len(middles)], middles)
    left_variance = _variance(variances[: len(middles)], middles, width)
    right, right_variance = np.full(len(middles), np.nan), np.full(len(middles), np.nan)
    whole = max(0, total - 2 * width + 1)
    right[:whole] = _at(levels[width : width + whole], middles[:whole])
    right_variance[:whole] = _variance(variances[width : width + whole], middles[:whole], width)
    for last in _LAST:
        place = total - last - width
        if place >= whole:
            right[place] = float(np.mean(values[-last:]))
            right_variance[place] = 1.0 / last
    difference = np.nan_to_num(right - left, nan=0.0)
    deviation = np.sqrt(left_variance + np.nan_to_num(right_variance, nan=1.0))
    return difference, deviation


def _lines(time: Array, values: Array, width: int) -> tuple[Array, Array]:
    """Mean time, mean value and slope (n, 3) of each window; mean time and squares (n, 2)."""
    count = len(time) - width + 1
    mean_time, mean = np.zeros(count), np.zeros(count)
    for shift in range(width):
        mean_time += time[shift : shift + count]
        mean += values[shift : shift + count]
    mean_time /= width
    mean /= width
    squares, products = np.zeros(count), np.zeros(count)
    for shift in range(width):
        away = time[shift : shift + count] - mean_time
        squares += away**2
        products += away * (values[shift : shift + count] - mean)
    slope = np.divide(products, squares, out=np.zeros(count), where=squares > 0)
    return np.stack([mean_time, mean, slope], axis=1), np.stack([mean_time, squares], axis=1)


def _at(lines: Array, time: Array) -> Array:
    return np.asarray(lines[:, 1] + lines[:, 2] * (time - lines[:, 0]))


def _variance(lines: Array, time: Array, width: int) -> Array:
    away = (time - lines[:, 0]) ** 2
    return 1.0 / width + np.divide(
        away, lines[:, 1], out=np.zeros(len(away)), where=lines[:, 1] > 0
    )


def _peaks(
    number: int,
    step: StepVoltage,
    score: Array,
    limit: float,
    least_drop: float,
    following: StepVoltage | None,
) -> list[Drop]:
    """The confirmed places of highest score; those within a window of one another are one.

    A single row at the end of a step needs the next step to confirm it.
    """
    values = step.resistance
    found: list[Drop] = []
    places = np.flatnonzero(score > limit)
    for group in np.split(places, np.flatnonzero(np.diff(places) > _WIDTHS[0]) + 1):
        for likely in group[np.argsort(-score[group], kind="stable")][:_SIDE]:
            place = _placed(step, int(likely))
            before = float(np.median(values[max(0, place - _SIDE) : place]))
            after = float(np.median(values[place : place + _SIDE]))
            lasts = place < len(values) - 1 or (
                following is not None and following.thirds[0] <= (before + after) / 2
            )
            if lasts and before > 0 and before - after >= least_drop * before:
                found.append(Drop(number, place, before, after, float(score[likely])))
                break
    return found


def _placed(step: StepVoltage, likely: int) -> int:
    """The most likely place near one: least squares of two levels with one slope.

    Windows of a few rows find a drop, but near the ends of a step not its place.
    """
    first, last = max(0, likely - 2 * _WIDTHS[0]), min(len(step.time), likely + 2 * _WIDTHS[0])
    time, values = step.time[first:last], step.resistance[first:last]
    candidates = range(
        max(1, likely - _WIDTHS[0] - first), min(len(values), likely + _WIDTHS[0] - first)
    )
    across = (time - time.mean()) / max(float(np.ptp(time)), np.finfo(float).tiny)
    least, best = np.inf, likely - first
    for place in candidates:
        after = (np.arange(len(values)) >= place).astype(float)
        design = np.stack([np.ones_like(across), across, after], axis=1)
        solved = np.linalg.lstsq(design, values, rcond=None)[0]
        left = float(np.sum((values - design @ solved) ** 2))
        if solved[2] < 0 and left < least:
            least, best = left, place
    return first + best
