"""Numbers of voxels carried on to voxels of no size, by a few realisations in finer ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from solith.core.result import LOWER_BOUND, UPPER_BOUND

__all__ = ["GridFactor", "carry_on"]

_LEAST = 2 / 3
"""Ratio of a number to that in voxels twice as large from which it is carried on."""


@dataclass(frozen=True)
class GridFactor:
    """What a number of the coarsest voxels is multiplied by, and its relative uncertainty.

    ``bound`` says that the product is a bound only, and of which kind.
    """

    factor: float
    uncertainty: float
    bound: str = ""


def carry_on(levels: Sequence[Sequence[float]], *, heavy: bool = False) -> GridFactor:
    """The factor from the coarsest voxels to none.

    ``levels[k][i]`` is the number of realisation ``i`` in voxels halved ``k`` times; finer levels
    have fewer realisations, the first ones. Between levels it is the ratio of the means, or of
    ``heavy`` tails, whose middle is the median, the mean of the ratios. Past the finest, the error
    is taken as proportional to the voxel's size, as :func:`extrapolate_peak` does, and half of this
    last correction is given as uncertainty beside the standard errors of the ratios. Where the last
    ratio is below 2/3 or above 3/2, that is not so: the finest number is a bound. This is
    multilevel Monte Carlo (10.1287/opre.1070.0496) with a ratio in place of a difference.
    """
    factor, variance = 1.0, 0.0
    steps = list(pairwise(levels))
    for number, (coarse, fine) in enumerate(steps, start=1):
        ratio, error = _ratio(coarse[: len(fine)], fine, heavy=heavy)
        if number == len(steps):
            if not _LEAST <= ratio <= 1 / _LEAST:
                bound = LOWER_BOUND if ratio > 1 else UPPER_BOUND
                return GridFactor(factor * ratio, math.hypot(math.sqrt(variance), error), bound)
            ratio, error = 2 * ratio - 1, 2 * ratio * error / (2 * ratio - 1)
            variance += (0.25 * (ratio - 1) / ratio) ** 2
        variance += error**2
        factor *= ratio
    return GridFactor(factor, math.sqrt(variance))


def _ratio(coarse: Sequence[float], fine: Sequence[float], *, heavy: bool) -> tuple[float, float]:
    """Of two levels, with its relative standard error (none of a single realisation)."""
    below, above = np.asarray(coarse, float), np.asarray(fine, float)
    known = np.isfinite(below) & np.isfinite(above) & (below > 0)
    below, above = below[known], above[known]
    if not len(below):
        return math.nan, math.nan
    if heavy:
        below, above = np.ones(len(below)), above / below
    ratio = float(above.mean() / below.mean())
    if len(below) == 1:
        return ratio, 0.0
    rest = above - ratio * below
    return ratio, float(rest.std(ddof=1) / math.sqrt(len(rest)) / above.mean())
