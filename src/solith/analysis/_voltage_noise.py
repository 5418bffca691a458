"""How far a voltage scatters from row to row, and how finely it is written."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solith.core.scatter import robust_deviation

__all__ = ["find_noise", "find_resolution"]

Array = NDArray[np.float64]

_LEAST_ROWS = 8
_WHOLE = 0.05  # part of a step by which a difference may miss a whole number of them
_MOST_WHOLE = 0.9


def find_noise(abscissa: Array, values: Array) -> float:
    """The standard deviation of uncorrelated noise in ``values`` over a rising ``abscissa``.

    The median of the distances from the cubic through the two rows on either side, each
    divided by what noise of 1 gives there: a smooth curve adds next to nothing and single
    outliers do not matter. 0 for fewer than 8 rows.
    """
    if len(values) < _LEAST_ROWS:
        return 0.0
    at = np.lib.stride_tricks.sliding_window_view(abscissa, 5)
    seen = np.lib.stride_tricks.sliding_window_view(values, 5)
    middle, others = at[:, 2], (0, 1, 3, 4)
    distance = seen[:, 2].copy()
    variance = np.ones(len(middle))
    for one in others:
        weight = np.ones(len(middle))
        for other in others:
            if other != one:
                weight = weight * (middle - at[:, other]) / (at[:, one] - at[:, other])
        distance -= weight * seen[:, one]
        variance += weight**2
    return robust_deviation(distance / np.sqrt(variance))


def find_resolution(values: Array) -> float:
    """The step in which ``values`` are written, 0 where they lie on no common grid."""
    levels = np.unique(values)
    if len(levels) < _LEAST_ROWS:
        return float(np.min(np.diff(levels))) if len(levels) > 1 else 0.0
    gaps = np.diff(levels)
    gaps = gaps[gaps > 1e-7 * np.max(np.abs(levels))]
    if not len(gaps):
        return 0.0
    step = float(np.quantile(gaps, 0.02, method="lower"))
    step = float(np.median(gaps[np.abs(gaps - step) < 0.2 * step]))
    # A grid is told from chance only where gaps of many steps are as whole as short ones.
    parts = gaps / step
    few = parts < 20
    whole = np.abs(parts - np.round(parts)) < _WHOLE
    return step if np.mean(whole[few]) > _MOST_WHOLE else 0.0
