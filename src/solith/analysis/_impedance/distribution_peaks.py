"""Peaks of a distribution of relaxation times, each with its resistance and uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.log_distribution import Distribution

__all__ = ["Peak", "Peaks", "find_peaks"]

Array = NDArray[np.float64]

_DEEP = 0.5  # standard uncertainties that a valley lies below the lower of its two peaks
_LEAST = 0.01  # of the resistance of all that is as fast or faster: less is no peak
_CERTAIN = 1.0  # standard uncertainties that a resistance lies above 0
_ROUNDS = 40
_SHARE = 0.5  # of what two peaks share: the standard uncertainty of where it belongs
_ROUNDED = 12.0**-0.5  # of the grid's step
_NARROWEST = 0.985  # exponent: narrower is a matter of the grid
_SPREADING = 0.3
_LONGEST = 50.0  # argument of a hyperbolic cosine


@dataclass(frozen=True)
class Peak:
    """A relaxation: its resistance [ohm], time constant [s] and standard uncertainties.

    ``beyond`` [ohm] is what of the resistance lies at time constants outside the measured range.
    """

    resistance: float
    resistance_uncertainty: float
    time_constant: float
    time_constant_uncertainty: float
    beyond: float


@dataclass(frozen=True)
class Peaks:
    """The peaks within the measured range, from the fastest on, and what lies outside [ohm].

    ``resistance`` is that of all peaks, ``fast`` that in series together with ``faster``, what has
    its maximum beyond the highest frequency and cannot well be told from it; ``slower`` has it
    beyond the lowest.
    """

    peaks: tuple[Peak, ...]
    resistance: float
    resistance_uncertainty: float
    fast: float
    fast_uncertainty: float
    faster: float
    slower: float

    def doubted_by(self, weaker: Peaks, longer: Peaks) -> Peaks:
        """These, with the totals as uncertain as two other fits to the same data leave them.

        The one has a tenth of the penalty, which the covariance of these covers already; the other
        a longer grid, whose covariance counts where it is larger. By what either differs is added
        in quadrature.
        """
        others = (weaker, longer)
        return replace(
            self,
            fast_uncertainty=math.hypot(
                max(self.fast_uncertainty, longer.fast_uncertainty),
                *(other.fast - self.fast for other in others),
            ),
            resistance_uncertainty=math.hypot(
                max(self.resistance_uncertainty, longer.resistance_uncertainty),
                *(other.resistance - self.resistance for other in others),
            ),
        )


def find_peaks(distribution: Distribution, first: float, last: float) -> Peaks:
    """The peaks with time constants from ``first`` to ``last`` [s].

    Maxima that no clear valley parts are one peak. Where two overlap, gamma is shared out in
    proportion to the flanks of two Cole-Cole arcs (1941, 10.1063/1.1750906) as high as the peaks;
    a maximum beyond the range has a flank of the slope that is found on its way. Uncertainties are
    linear in ln gamma; that of a resistance has in quadrature half of what overlaps.
    """
    place = np.log(distribution.tau)
    amounts = distribution.gamma * distribution.step
    tops = _tops(distribution)
    inside = [top for top in tops if np.log(first) <= place[top] <= np.log(last)]
    fast = [top for top in tops if place[top] < np.log(first)]
    slow = [top for top in tops if place[top] > np.log(last)]
    shares = _shares(distribution, inside, fast, slow)
    while (weak := _weakest(distribution, inside, shares)) is not None:
        inside.remove(weak)
        shares = _shares(distribution, inside, fast, slow)
    own = shares[: len(inside)]
    seen = (distribution.tau >= first) & (distribution.tau <= last)
    peaks = tuple(
        _peak(distribution, top, share, seen) for top, share in zip(inside, own, strict=True)
    )
    together, beyond = own.sum(axis=0), shares[len(inside) :]
    nothing = np.zeros_like(together)
    faster = beyond[0] if fast else nothing
    slower = beyond[-1] if slow else nothing
    return Peaks(
        peaks,
        float(together @ amounts),
        _uncertainty(distribution, together),
        float(distribution.series[0] + faster @ amounts),
        float(
            np.hypot(
                distribution.uncertainty(faster, (1.0, 0.0, 0.0)), _overlap(distribution, faster)
            )
        ),
        float(faster @ amounts),
        float(slower @ amounts),
    )


def _tops(distribution: Distribution) -> list[int]:
    """Maxima, ends included, with a clear valley between neighbours."""
    u = distribution.log_gamma
    padded = np.concatenate([[-np.inf], u, [-np.inf]])
    tops = [int(i) for i in np.flatnonzero((u > padded[:-2]) & (u >= padded[2:]))]
    while len(tops) > 1:
        depths = [_depth(distribution, left, right) for left, right in pairwise(tops)]
        worst = int(np.argmin(depths))
        if depths[worst] >= _DEEP:
            break
        pair = tops[worst : worst + 2]
        tops.remove(min(pair, key=lambda top: float(u[top])))
    return tops


def _valley(distribution: Distribution, left: int, right: int) -> int:
    return left + int(np.argmin(distribution.log_gamma[left : right + 1]))


def _depth(distribution: Distribution, left: int, right: int) -> float:
    """How far the valley lies below the lower peak, in standard uncertainties."""
    u, covariance = distribution.log_gamma, distribution.covariance
    valley = _valley(distribution, left, right)
    lower = left if u[left] < u[right] else right
    variance = covariance[lower, lower] + covariance[valley, valley]
    variance -= 2 * covariance[lower, valley]
    return float((u[lower] - u[valley]) / np.sqrt(max(variance, np.finfo(float).tiny)))


def _weakest(distribution: Distribution, inside: list[int], shares: Array) -> int | None:
    """The peak that is least worth its name, if there is one that is not."""
    amounts = distribution.gamma * distribution.step
    worth = {}
    for top, share in zip(inside, shares, strict=False):
        as_fast = float(distribution.series[0] + amounts[: top + 1].sum())
        least = max(_LEAST * as_fast, _CERTAIN * _uncertainty(distribution, share))
        worth[top] = float(share @ amounts) / least
    weakest = min(worth, key=lambda top: worth[top], default=None)
    return None if weakest is None or worth[weakest] > 1.0 else weakest


def _shares(
    distribution: Distribution, inside: list[int], fast: list[int], slow: list[int]
) -> Array:
    """The share of each peak in gamma (k, m), then that of what is faster and what is slower."""
    place, gamma = np.log(distribution.tau), distribution.gamma
    branches = [_branch(distribution, fast[-1], inside[:1], -1)] if fast else []
    branches += [_branch(distribution, slow[0], inside[-1:], 1)] if slow else []
    if not inside:
        return np.asarray(np.reshape(branches, (len(branches), gamma.size)) / gamma)
    distance = np.abs(place - place[inside][:, None])
    nearest = np.argmin(distance, axis=0) == np.arange(len(inside))[:, None]
    amounts = gamma * distribution.step
    resistances, heights = nearest @ amounts, gamma[inside]
    shares: Array = nearest.astype(float)
    for _ in range(_ROUNDS):
        shapes = np.vstack([_cole_cole(distance, resistances, heights), *branches])
        shares = np.asarray(shapes / shapes.sum(axis=0))
        resistances = shares[: len(inside)] @ amounts
        heights = np.array([shares[k, top] * gamma[top] for k, top in enumerate(inside)])
    return shares


def _cole_cole(distance: Array, resistances: Array, heights: Array) -> Array:
    """The distributions (k, m) of depressed arcs at a ``distance`` (k, m) in ln tau.

    The exponent is the one at which an arc of this resistance is so high.
    """
    exponent = 1.0 - 2.0 / np.pi * np.arctan(resistances / (2 * np.pi * heights))
    exponent = np.clip(exponent, _SPREADING, _NARROWEST)[:, None]
    cosine = np.cos((1.0 - exponent) * np.pi)
    spread = np.cosh(np.minimum(exponent * distance, _LONGEST))
    return np.asarray(heights[:, None] * (1.0 - cosine) / (spread - cosine))


def _branch(distribution: Distribution, top: int, beside: list[int], way: int) -> Array:
    """What has its maximum at ``top``, beyond the range on this ``way`` (1: slower)."""
    u, rows = distribution.log_gamma, np.arange(distribution.tau.size)
    if not beside:
        return distribution.gamma
    valley = _valley(distribution, *sorted((beside[0], top)))
    middle = int(np.clip((valley + top) // 2, 1, rows.size - 2))
    slope = max((u[middle + way] - u[middle - way]) / 2, 0.0)
    flank = u[middle] + slope * way * (rows - middle)
    return np.exp(np.where(way * (rows - middle) >= 0, u, np.minimum(flank, u)))


def _peak(distribution: Distribution, top: int, share: Array, seen: NDArray[np.bool_]) -> Peak:
    u, covariance, step = distribution.log_gamma, distribution.covariance, distribution.step
    near = slice(top - 1, top + 2)
    slope = np.array([-0.5, 0.0, 0.5]) / step
    bend = float(u[near] @ np.array([1.0, -2.0, 1.0])) / step**2
    # The posterior is that of the slope at the top; the grid adds what it cannot tell.
    moved = float(np.sqrt(slope @ covariance[near, near] @ slope)) / abs(bend)
    tau = distribution.tau[top] * np.exp(-float(u[near] @ slope) / bend)
    return Peak(
        float(share @ distribution.gamma) * step,
        _uncertainty(distribution, share),
        float(tau),
        float(tau * np.hypot(moved, step * _ROUNDED)),
        float(share[~seen] @ distribution.gamma[~seen]) * step,
    )


def _uncertainty(distribution: Distribution, share: Array) -> float:
    """The standard uncertainty of the resistance [ohm] of a share (m,) in gamma."""
    return float(np.hypot(distribution.uncertainty(share), _overlap(distribution, share)))


def _overlap(distribution: Distribution, share: Array) -> float:
    """What of a share may belong elsewhere [ohm]."""
    return _SHARE * float(np.sum(share * (1.0 - share) * distribution.gamma)) * distribution.step
