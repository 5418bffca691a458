"""How far numbers scatter, told so that single bad ones do not count."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["median", "robust_deviation", "row_noise"]

_NORMAL_MEDIAN = 0.6744897501960817
"""The median of abs(x) for normal x of mean 0 and standard deviation 1."""


def robust_deviation(deviations: ArrayLike) -> float:
    """The standard deviation of normal scatter about zero, by the median of its size.

    ``deviations`` are of any shape, at least one. Up to half of them may be wild.
    """
    return median(np.abs(np.ravel(deviations))) / _NORMAL_MEDIAN


def row_noise(values: NDArray[np.float64], order: int) -> float:
    """The standard deviation of white noise on a curve (n,), by its differences from row to row.

    Differences of ``order`` k are free of a polynomial of degree k - 1 through neighbouring rows
    in even steps, and scatter sqrt((2k)! / k!^2) times as much as the values. ``order`` is less
    than n. Noise that is alike in neighbouring rows is underestimated.
    """
    return robust_deviation(np.diff(values, order)) / math.sqrt(math.comb(2 * order, order))


def median(values: NDArray[np.float64]) -> float:
    """As numpy's for an array (n,), which spends most of its time on checks where n is small."""
    place = len(values) // 2
    lower = place if len(values) % 2 else place - 1
    ordered = np.partition(values, (lower, place, -1))
    if np.isnan(ordered[-1]):
        return math.nan
    return float(ordered[lower] + ordered[place]) / 2
