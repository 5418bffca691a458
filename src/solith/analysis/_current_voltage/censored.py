"""Right-censored samples: median, Weibull distribution, tests of a difference."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, inf, log
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solith.core.intervals import NORMAL_95, student_95

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "Sample",
    "Weibull",
    "bootstrap",
    "fit_weibull",
    "kaplan_meier",
    "median_of",
    "permuted_log_rank",
    "superiority",
]

Array = NDArray[np.float64]

_MOST_EXACT = 20_000
_PERMUTATIONS = 9_999
_AT_ONCE = 2**21  # random numbers (16 MiB) whose order is found at once
_STEEPEST = 1e3
_ENOUGH = 6


@dataclass(frozen=True)
class Sample:
    """Sizes above 0 at which something happened, or (``seen`` false) had not yet happened."""

    sizes: Array
    seen: NDArray[np.bool_]

    def take(self, rows: NDArray[np.intp]) -> Sample:
        """The sample of some rows."""
        return Sample(self.sizes[rows], self.seen[rows])


def kaplan_meier(sample: Sample) -> tuple[Array, Array, Array, Array]:
    """Sizes of events, the part that has happened up to each, and its 95 % band.

    Kaplan and Meier, J. Am. Stat. Assoc. 53, 457 (1958), 10.1080/01621459.1958.10501452
    (recalled); the band by Greenwood's variance of log(-log S) (recalled).
    """
    times, counts = np.unique(sample.sizes[sample.seen], return_counts=True)
    risk = np.array([np.sum(sample.sizes >= time) for time in times])
    survival = np.cumprod(1 - counts / risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(counts / (risk * (risk - counts)))
        spread = NORMAL_95 * np.sqrt(greenwood) / np.abs(np.log(survival))
        low = survival ** np.exp(spread)
        high = survival ** np.exp(-spread)
    ended = survival <= 0
    low[ended], high[ended] = 0.0, (high[~ended][-1] if np.any(~ended) else 1.0)
    return times, 1 - survival, 1 - high, 1 - low


def median_of(sample: Sample) -> tuple[float, float, float]:
    """Kaplan-Meier median and the ends of its 95 % interval; inf where not reached.

    The interval holds the sizes at which the band of the survival function holds one half
    (Brookmeyer and Crowley, Biometrics 38, 29 (1982), 10.2307/2530286; recalled). Where all
    of at least six were seen, it ends at the largest one at the latest: that all lie below the
    median has a probability of one half to their number, less than 2.5 %.
    """
    times, happened, low, high = kaplan_meier(sample)
    end = _first(times, low)
    if sample.seen.all() and len(sample.sizes) >= _ENOUGH:
        end = min(end, float(sample.sizes.max()))
    return _first(times, happened), _first(times, high), end


def _first(times: Array, part: Array) -> float:
    reached = np.flatnonzero(part >= 0.5 - 1e-12)
    return float(times[reached[0]]) if len(reached) else inf


@dataclass(frozen=True)
class Weibull:
    """F(x) = 1 - exp(-(x / scale)^shape); covariance of the logarithms of shape and scale.

    ``reach`` is the half width of a 95 % interval in standard uncertainties.
    """

    shape: float
    scale: float
    covariance: Array
    reach: float

    def uncertainty(self, place: int) -> float:
        """Of the shape (0) or the scale (1): a 1.96th of the half width, near the value."""
        value = (self.shape, self.scale)[place]
        return float(value * self.reach / NORMAL_95 * np.sqrt(self.covariance[place, place]))

    def interval(self, place: int) -> tuple[float, float]:
        """95 % interval of the shape (0) or the scale (1), symmetric in the logarithm."""
        value = (self.shape, self.scale)[place]
        factor = float(np.exp(self.reach * np.sqrt(self.covariance[place, place])))
        return value / factor, value * factor


def fit_weibull(sample: Sample) -> Weibull | None:
    """Maximum likelihood with right-censoring; ``None`` for fewer than two different events.

    The shape solves ``sum(x^k ln x) / sum(x^k) - 1/k = mean(ln x of events)``, covariance is
    the inverse of the observed information (A. C. Cohen, Technometrics 7, 579 (1965),
    10.1080/00401706.1965.10490300; recalled). Intervals reach as far as Student's t with one
    degree of freedom less than events: normal ones held the truth in 89 % of samples of ten.
    """
    from scipy.optimize import brentq

    events = np.log(sample.sizes[sample.seen])
    if len(np.unique(events)) < 2:
        return None
    centre = float(events.max())
    logs = np.log(sample.sizes) - centre
    mean = float(events.mean()) - centre

    def balance(shape: float) -> float:
        powers = np.exp(shape * (logs - logs.max()))
        return float(powers @ logs / powers.sum() - 1 / shape - mean)

    if balance(_STEEPEST) <= 0:
        return None
    shape = float(brentq(balance, 1e-3, _STEEPEST))
    scale = float(np.exp(centre) * (np.exp(shape * logs).sum() / len(events)) ** (1 / shape))
    # x = (X / scale)^shape: derivatives of the log-likelihood in (ln shape, ln scale)
    own = shape * (np.log(sample.sizes) - log(scale))
    weight = np.exp(own)
    information = np.array(
        [
            [
                float(np.sum(weight * own**2 + weight * own) - np.sum(own[sample.seen])),
                -shape * float(np.sum(weight * (1 + own)) - len(events)),
            ],
            [0.0, shape**2 * float(weight.sum())],
        ]
    )
    information[1, 0] = information[0, 1]
    reach = student_95(len(events) - 1)
    return Weibull(shape, scale, np.linalg.inv(information), reach)


def permuted_log_rank(first: Sample, second: Sample, rng: Generator) -> tuple[float, str]:
    """Two-sided p of the log-rank test by permutation, and how.

    Scores of Peto and Peto, J. R. Stat. Soc. A 135, 185 (1972), 10.2307/2344317 (recalled):
    one (seen) or zero, less the cumulative hazard of both samples together. All assignments
    of rows to samples where there are at most 20000, otherwise 9999 at random.
    """
    sizes = np.concatenate([first.sizes, second.sizes])
    seen = np.concatenate([first.seen, second.seen])
    scores = seen - _hazard(sizes, seen)
    number, whole = len(first.sizes), len(sizes)
    # The sum of one sample's scores tells that of the other's, of which the smaller is shorter.
    fewer = slice(number) if 2 * number <= whole else slice(number, whole)
    number = min(number, whole - number)
    mean = number * scores.mean()
    found = abs(float(scores[fewer].sum()) - mean)
    least = found - 1e-9 * max(found, 1.0)
    if comb(whole, number) <= _MOST_EXACT:
        from itertools import combinations

        places = np.array(list(combinations(range(whole), number)), dtype=np.intp)
        extreme = np.abs(scores[places].sum(axis=1) - mean) >= least
        return float(np.mean(extreme)), f"all {len(places)} permutations"
    rows, extremes = max(1, _AT_ONCE // whole), 0
    for begin in range(0, _PERMUTATIONS, rows):
        drawn = rng.random((min(rows, _PERMUTATIONS - begin), whole))
        order = np.argsort(drawn, axis=1)[:, fewer]
        extremes += int(np.sum(np.abs(scores[order].sum(axis=1) - mean) >= least))
    return (extremes + 1) / (_PERMUTATIONS + 1), f"{_PERMUTATIONS} random permutations"


def _hazard(sizes: Array, seen: NDArray[np.bool_]) -> Array:
    """Nelson-Aalen cumulative hazard at each row."""
    times, counts = np.unique(sizes[seen], return_counts=True)
    risk = np.array([np.sum(sizes >= time) for time in times])
    total = np.concatenate([[0.0], np.cumsum(counts / risk)])
    return np.asarray(total[np.searchsorted(times, sizes, side="right")])


def superiority(first: Sample, second: Sample) -> tuple[float, float]:
    """The part of pairs in which the second is larger, and the part that is undecided.

    Equal pairs, and those whose order censoring hides, count as half.
    """
    won, undecided = _pairs(first, second)
    return float(np.mean(won)), float(np.mean(undecided))


def _pairs(first: Sample, second: Sample) -> tuple[Array, NDArray[np.bool_]]:
    """1 where the second is larger, 0 where smaller, else 1/2; and where censoring hides it."""
    a, b = first.sizes[:, None], second.sizes[None, :]
    seen_a, seen_b = first.seen[:, None], second.seen[None, :]
    larger = seen_a & ((b > a) | ((b == a) & ~seen_b))
    smaller = seen_b & ((a > b) | ((a == b) & ~seen_a))
    undecided = ~(larger | smaller | (seen_a & seen_b & (a == b)))
    return 0.5 + 0.5 * larger - 0.5 * smaller, undecided


def bootstrap(first: Sample, second: Sample, resamples: int, rng: Generator) -> tuple[Array, Array]:
    """Superiorities and differences of medians (nan where one is not reached) of resamples."""
    won, _ = _pairs(first, second)
    rows = [rng.integers(0, len(s.sizes), (resamples, len(s.sizes))) for s in (first, second)]
    counts = [np.stack([np.bincount(row, minlength=row.size) for row in drawn]) for drawn in rows]
    parts = np.einsum("ri,ij,rj->r", counts[0], won, counts[1], optimize=True) / won.size
    medians = [_medians(s, drawn) for s, drawn in zip((first, second), rows, strict=True)]
    known = np.isfinite(medians[0]) & np.isfinite(medians[1])
    differences = np.full(resamples, np.nan)
    differences[known] = medians[1][known] - medians[0][known]
    return parts, differences


def _medians(sample: Sample, rows: NDArray[np.intp]) -> Array:
    """Kaplan-Meier medians of resamples; at once where no event is above a censored size."""
    if sample.seen.all() or sample.sizes[~sample.seen].min() >= _largest(sample):
        ordered = np.sort(np.where(sample.seen, sample.sizes, inf)[rows], axis=1)
        return np.asarray(ordered[:, (rows.shape[1] - 1) // 2])
    return np.array([median_of(sample.take(row))[0] for row in rows])


def _largest(sample: Sample) -> float:
    return float(sample.sizes[sample.seen].max(initial=0.0))
