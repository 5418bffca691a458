"""The grey values of phases, and how they drift, from voxels that lie inside a phase."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError

__all__ = [
    "Drift",
    "Levels",
    "find_levels",
    "inner_voxels",
    "levels_at",
    "levels_between",
    "split_histogram",
]

Array = NDArray[Any]
_SAMPLE = 80_000
_FLAT = 0.2
"""Part of the voxels that surely lie inside a phase; twice their steepest slope still is flat."""
_OUTLIERS = 1e-3
"""Weight of an even background in the mixture: voxels of no phase."""
_ROUNDS = 60
_TURNS = 10
_ENOUGH = 10
"""Voxels of which a mean is taken."""
_KNOWN = 0.02
"""Part of the least contrast by which a grey that was given is uncertain."""
_APART = 2.5
"""Standard deviations between the greys of phases that can be told apart."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Of each phase, dark to bright, in steps: mean, spread of voxels, share of inner voxels.

    ``doubts`` is the standard deviation of the mean from one place of the volume to another.
    ``missing`` tells which phases did not show as peaks of their own, if any;
    ``from_peaks`` and ``fitted`` how the means were found, where they were not given.
    """

    means: Array
    spreads: Array
    shares: Array
    doubts: Array
    drift: Drift
    missing: str = ""
    from_peaks: bool = False
    fitted: bool = False

    def require_peaks(self) -> None:
        """:class:`InputError` where phases did not show as peaks."""
        if self.missing:
            raise InputError(self.missing, where="phases")


@dataclass(frozen=True, eq=False)
class Drift:
    """A polynomial of the place, powers (terms, 3) with factors, and an offset for each slice."""

    powers: Array
    factors: Array
    axis: int
    slices: Array
    shape: tuple[int, int, int]

    def at(self, terms: Array, slices: Array) -> Array:
        """The drift at voxels with these terms (n, terms), in these slices (n)."""
        return np.asarray(terms @ self.factors + self.slices[slices])

    def along(self) -> tuple[Array, Array, Array]:
        """What each term holds of each coordinate, shape (terms, voxels), for all three."""
        x, y, z = (
            _coordinate(np.arange(n), n) ** self.powers[:, axis : axis + 1]
            for axis, n in enumerate(self.shape)
        )
        return x, y, z


def inner_voxels(
    values: Array, *, slices: int | None = None, most: int = _SAMPLE
) -> tuple[Array, Array]:
    """Indices (n, 3) and values of voxels inside a phase, on an even grid.

    Flat is where the values two voxels before and behind agree along all axes: few voxels between
    phases are, so that the histogram of flat voxels shows the phases alone. Slices across the
    axis ``slices`` are all on the grid, and only compared within themselves.
    """
    reach = [0 if axis == slices else min(2, (n - 1) // 2) for axis, n in enumerate(values.shape)]
    free = values.size / (1 if slices is None else values.shape[slices])
    wanted = 3 * most / (1 if slices is None else values.shape[slices])
    stride = max(1, round((free / wanted) ** (1 / 3 if slices is None else 1 / 2)))
    axes = [
        np.arange(r, max(n - r, r + 1), 1 if axis == slices else min(stride, n))
        for axis, (r, n) in enumerate(zip(reach, values.shape, strict=True))
    ]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    slope = np.zeros(len(places), np.float32)
    centre = values[tuple(places.T)].astype(np.float32)
    for axis in range(3):
        step = np.zeros(3, np.int64)
        step[axis] = reach[axis]
        before = values[tuple((places - step).T)].astype(np.float32)
        after = values[tuple((places + step).T)].astype(np.float32)
        np.maximum(slope, np.abs(after - before), out=slope)
        np.maximum(slope, np.abs(after + before - 2 * centre), out=slope)
    flat = slope <= 2 * np.quantile(slope, _FLAT)
    return places[flat], centre[flat].astype(float)


def find_levels(
    places: Array,
    greys: Array,
    phases: int,
    shape: tuple[int, int, int],
    *,
    order: int = 2,
    slices: int | None = None,
) -> Levels:
    """The phases' greys in ``greys`` at ``places``, and the drift common to all phases.

    A mixture of normal distributions with one spread and an even background (expectation and
    maximisation), whose means drift together as a polynomial of the place of this ``order`` and
    by slice across the axis ``slices`` (the bias field of Wells et al., doi:10.1109/42.511747).
    Begun at several places; the likeliest is taken. Where fewer phases than wanted show as peaks,
    the levels' ``missing`` tells.
    """
    powers = _powers(order, shape)
    if len(greys) <= 2 * (phases + len(powers)):
        raise InputError(
            f"{len(greys)} voxels inside phases are too few to tell {phases} phases and a drift",
            where="grey",
        )
    terms = _terms(places, shape, powers)
    starts = [split_histogram(greys, phases), *_peaks(greys, phases), *_rare(greys, phases)]
    axis = slices or 0
    still = Drift(powers, np.zeros(len(powers)), axis, np.zeros(shape[axis]), shape)
    at = np.ascontiguousarray(places[:, axis])
    found = [_mixture(greys, start) for start in starts]
    different: list[tuple[float, Levels]] = []
    for one in sorted(found, key=lambda one: -one[0]):
        known = [abs(one[1].means - other[1].means).max() for other in different]
        if all(apart > one[1].spreads[0] / 10 for apart in known):
            different.append(one)
    if len(powers) or slices is not None:
        different = [
            _drifting(at, greys, one, still, terms, by_slice=slices is not None)
            for _, one in different
        ]
    levels = max(different, key=lambda one: one[0])[1]
    drift = levels.drift if len(powers) or slices is not None else still
    flat = greys - drift.at(terms, at)
    cuts = (levels.means[1:] + levels.means[:-1]) / 2
    return replace(
        _with_spreads(places, flat, levels, cuts, shape),
        drift=drift,
        from_peaks=True,
        missing=_missing_peak(flat, levels),
    )


def levels_between(places: Array, greys: Array, cuts: Array, shape: tuple[int, int, int]) -> Levels:
    """Median grey of the inner voxels between given thresholds.

    :class:`InputError` where there are none.
    """
    phase = np.searchsorted(cuts, greys, side="right")
    counts = np.bincount(phase, minlength=len(cuts) + 1)
    if np.any(counts == 0):
        empty = int(np.argmin(counts)) + 1
        raise InputError(
            f"no voxels of phase {empty} (dark to bright) between these thresholds; "
            "name fewer phases or move the thresholds",
            where="thresholds",
        )
    means = np.array([np.median(greys[phase == number]) for number in range(len(counts))])
    levels = Levels(means, means, counts / len(greys), means, _no_drift(shape))
    return _with_spreads(places, greys, levels, cuts, shape)


def levels_at(
    places: Array,
    greys: Array,
    means: Array,
    shape: tuple[int, int, int],
    doubt: float = _KNOWN,
) -> Levels:
    """Levels of known ``means``, with the spreads of the inner voxels nearest to each.

    ``doubt`` is the part of the least contrast by which they are uncertain.
    """
    cuts = (means[1:] + means[:-1]) / 2
    phase = np.searchsorted(cuts, greys, side="right")
    shares = np.bincount(phase, minlength=len(means)) / len(greys)
    found = _with_spreads(
        places, greys, Levels(means, means, shares, means, _no_drift(shape)), cuts, shape
    )
    return replace(found, doubts=np.full(len(means), doubt * float(np.diff(means).min())))


def _drifting(
    at: Array, greys: Array, levels: Levels, drift: Drift, terms: Array, *, by_slice: bool
) -> tuple[float, Levels]:
    """Log-likelihood and levels with their drift, found in turns."""
    likelihood = -np.inf
    for _ in range(_TURNS):
        drift = _fitted_drift(drift, at, greys, levels, terms, by_slice=by_slice)
        before = likelihood
        likelihood, levels = _mixture(greys - drift.at(terms, at), levels.means, levels.spreads[0])
        if likelihood - before < 1e-6 * abs(likelihood):
            break
    return likelihood, replace(levels, drift=drift)


def split_histogram(greys: Array, phases: int, bins: int = 256) -> Array:
    """Means of the classes that multi-level Otsu makes (doi:10.1109/TSMC.1979.4310076).

    The exact optimum, found by dynamic programming over the histogram.
    """
    counts, edges = np.histogram(greys, bins)
    centres = (edges[1:] + edges[:-1]) / 2
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    moment = np.concatenate([[0.0], np.cumsum(counts * centres)])
    between = np.subtract.outer(moment, moment) ** 2
    share = np.subtract.outer(weight, weight)
    gain = between / np.where(share > 0, share, np.inf)
    best, origin = gain[:, 0], []
    for _ in range(phases - 1):
        options = np.where(np.tri(bins + 1, dtype=bool), best[np.newaxis, :] + gain, -np.inf)
        origin.append(np.argmax(options, axis=1))
        best = np.max(options, axis=1)
    cuts = [bins]
    for choice in reversed(origin):
        cuts.append(int(choice[cuts[-1]]))
    cuts = [*cuts, 0][::-1]
    return np.array(
        [
            (moment[b] - moment[a]) / (weight[b] - weight[a])
            if weight[b] > weight[a]
            else centres[min(a, bins - 1)]
            for a, b in pairwise(cuts)
        ]
    )


def _peaks(greys: Array, phases: int) -> list[Array]:
    """The ``phases`` highest peaks of the histogram, smoothed narrowly and widely."""
    from scipy.ndimage import gaussian_filter1d

    counts, edges = np.histogram(greys, 256)
    centres = (edges[1:] + edges[:-1]) / 2
    starts = []
    for width in (2.0, 4.0, 8.0):
        dense = gaussian_filter1d(counts.astype(float), width, mode="constant")
        inside = np.concatenate([[0.0], dense, [0.0]])
        tops = np.flatnonzero((dense >= inside[:-2]) & (dense > inside[2:]))
        if len(tops) >= phases:
            highest = np.sort(tops[np.argsort(dense[tops])[-phases:]])
            starts.append(centres[highest])
    return starts


def _rare(greys: Array, phases: int) -> list[Array]:
    """One phase is rare and the darkest or the brightest."""
    common = split_histogram(greys, phases - 1) if phases > 2 else np.array([np.median(greys)])
    dark, bright = np.quantile(greys, (0.001, 0.999))
    return [np.array([dark, *common]), np.array([*common, bright])]


def _mixture(greys: Array, means: Array, spread: float | None = None) -> tuple[float, Levels]:
    """Log-likelihood and levels of the mixture, from these means on, on a fine histogram."""
    counts, edges = np.histogram(greys, 1024)
    centres = (edges[1:] + edges[:-1]) / 2
    even = _OUTLIERS / (edges[-1] - edges[0])
    shares = np.full(len(means), (1 - _OUTLIERS) / len(means))
    means = np.asarray(means, float)
    if spread is None:
        nearest = np.min(np.abs(centres[:, None] - means), axis=1)
        spread = float(np.sqrt(np.average(nearest**2, weights=counts)))
    least = edges[1] - edges[0]
    likelihood = -np.inf
    for _ in range(_ROUNDS):
        spread = max(spread, least)
        density = shares * np.exp(-(((centres[:, None] - means) / spread) ** 2) / 2)
        density /= spread * np.sqrt(2 * np.pi)
        total = density.sum(axis=1) + even
        belongs = counts[:, None] * density / total[:, None]
        before, likelihood = likelihood, float(counts @ np.log(total))
        size = np.maximum(belongs.sum(axis=0), 1e-9)
        means = centres @ belongs / size
        spread = float(np.sqrt(np.sum(belongs * (centres[:, None] - means) ** 2) / size.sum()))
        shares = size / counts.sum()
        if likelihood - before < 1e-9 * abs(likelihood):
            break
    order = np.argsort(means)
    spreads = np.full(len(means), max(spread, least))
    return likelihood, Levels(means[order], spreads, shares[order], spreads, _no_drift((1, 1, 1)))


def _fitted_drift(
    drift: Drift, at: Array, greys: Array, levels: Levels, terms: Array, *, by_slice: bool
) -> Drift:
    """The polynomial and the slices' offsets that bring every voxel to its phase's mean."""
    flat = greys - drift.at(terms, at)
    means = levels.means
    nearest = means[np.searchsorted((means[1:] + means[:-1]) / 2, flat)]
    near = np.abs(flat - nearest) < 3.5 * levels.spreads[0]
    rest = (greys - nearest)[near]
    at = at[near]
    factors, slices = drift.factors, drift.slices
    if len(drift.powers):
        inner = terms[near]
        factors = np.linalg.lstsq(inner.T @ inner, inner.T @ (rest - slices[at]), rcond=None)[0]
        rest = rest - inner @ factors
    if by_slice:
        number = np.bincount(at, minlength=slices.size)
        sums = np.bincount(at, weights=rest, minlength=slices.size)
        known = number > 20
        if not known.any():
            raise InputError("no slice has more than 20 voxels inside phases", where="slices")
        slices = np.interp(
            np.arange(slices.size), np.flatnonzero(known), sums[known] / number[known]
        )
        slices = slices - slices.mean()
    return replace(drift, factors=factors, slices=slices)


def _with_spreads(
    places: Array, flat: Array, levels: Levels, cuts: Array, shape: tuple[int, int, int]
) -> Levels:
    """Each phase's own spread, and how far its means differ between 27 parts of the volume."""
    phase = np.searchsorted(cuts, flat)
    part = np.ravel_multi_index(tuple((3 * places // np.array(shape)).T), (3, 3, 3))
    spreads, doubts = [], []
    for number, mean in enumerate(levels.means):
        own = phase == number
        spread = max(1.4826 * float(np.median(np.abs(flat[own] - mean))), 1e-9) if own.any() else 0
        size = np.bincount(part[own], minlength=27)
        means = np.bincount(part[own], weights=flat[own], minlength=27) / np.maximum(size, 1)
        known = means[size >= _ENOUGH]
        spreads.append(spread)
        doubts.append(float(np.std(known, ddof=1)) if len(known) >= 4 else spread)
    return replace(levels, spreads=np.array(spreads), doubts=np.array(doubts))


def _no_drift(shape: tuple[int, int, int]) -> Drift:
    return Drift(np.zeros((0, 3), int), np.zeros(0), 0, np.zeros(shape[0]), shape)


def _missing_peak(flat: Array, levels: Levels) -> str:
    """Which phase is no peak with a valley to the next; nothing if all are."""
    gaps = np.diff(levels.means) / levels.spreads[:-1]
    width = levels.spreads[0]
    at = [np.count_nonzero(np.abs(flat - mean) < width / 2) for mean in levels.means]
    for number, gap in enumerate(gaps):
        low, high = levels.means[number], levels.means[number + 1]
        between = np.histogram(flat, np.arange(low, high + width / 2, width / 2))[0]
        valley = 2 * between.min() if len(between) else np.inf
        if gap < _APART or valley > 0.9 * min(at[number], at[number + 1]):
            return (
                f"{len(levels.means)} phases are wanted, but the grey values show fewer peaks: "
                f"phases {number + 1} and {number + 2} (dark to bright) are not told apart; "
                "name fewer phases, or give their greys or thresholds"
            )
    return ""


def _powers(order: int, shape: tuple[int, int, int]) -> Array:
    """Powers of x, y and z up to an order in all, without the constant and flat axes."""
    grid = np.array(list(np.ndindex((order + 1,) * 3))).reshape(-1, 3)
    total = grid.sum(axis=1)
    room = np.all(grid < np.minimum(np.array(shape), order + 1), axis=1)
    chosen: Array = grid[(total > 0) & (total <= order) & room]
    return chosen


def _terms(places: Array, shape: tuple[int, int, int], powers: Array) -> Array:
    at = np.stack([_coordinate(places[:, axis], n) for axis, n in enumerate(shape)], axis=1)
    found = np.ones((len(places), len(powers)))
    for number, power in enumerate(powers):
        for axis in range(3):
            found[:, number] *= at[:, axis] ** power[axis]
    return found


def _coordinate(index: Array, voxels: int) -> Array:
    """-1 to 1 from the first to the last voxel."""
    return np.asarray((2 * index - (voxels - 1)) / max(voxels - 1, 1), float)
