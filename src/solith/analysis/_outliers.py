"""Numbers that lie too far from the others, by tests for few and for many numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from solith.core.scatter import robust_deviation

__all__ = ["find_outliers", "outlier_test"]

_LEAST = 4
_NO_SCATTER = 1e-9  # of the median: a scale below is that of rounding

_GAPS = {4: 0.921, 5: 0.824, 6: 0.755, 7: 0.693}
"""Dixon's Q that a part of samples of so many normal numbers exceed at either end: 1 % for 4 and
5, 0.8 % for 6 and 7, by Monte Carlo with 1 500 000 samples each."""

_NUMBERS = (6, 7, 8, 9, 10, 12, 15, 20, 30, 50, 100)
_LIMITS = (15.4, 16.5, 7.92, 8.25, 6.94, 6.28, 5.96, 5.24, 4.78, 4.47, 4.30)
"""The largest distance from the median in robust standard deviations that 1 % of samples of so
many normal numbers exceed (0.3 % of 6 and 7): by Monte Carlo, 20 000 to 1 500 000 samples each."""


def find_outliers(numbers: Sequence[float | None]) -> list[int]:
    """The places of the outliers among ``numbers``; those that are ``None`` are passed over.

    Each test errs in about 1 % of normal samples. Of fewer than four numbers, none is one.

    * Four to seven: Dixon's Q, the gap between the number at an end and its neighbour, by the
      range of all (W. J. Dixon, Ann. Math. Stat. 21, 488 (1950), 10.1214/aoms/1177729747;
      recalled). It sees one outlier at an end; two that lie together hide each other.
    * From six on: the distance from the median in robust standard deviations, the median
      distance from the median over 0.6745 (Iglewicz and Hoaglin, How to Detect and Handle
      Outliers, 1993; recalled). Their fixed limit of 3.5 would cry wolf in small samples, so
      the limit follows the number. Several outliers do not spoil it, but few numbers do not
      settle the scale. For six and seven both tests share the 1 %.
    """
    known = [place for place, number in enumerate(numbers) if number is not None]
    values = np.array([numbers[place] for place in known], dtype=float)
    if len(values) < _LEAST:
        return []
    far = _far_ends(values) | _far_from_median(values)
    return [place for place, out in zip(known, far, strict=True) if out]


def outlier_test(number: int) -> str:
    """The name of the test that so many numbers undergo; "" where there is none."""
    names = ["Dixon's Q"] if number in _GAPS else []
    if number >= _NUMBERS[0]:
        names.append("the distance from the median")
    return " and ".join(names)


def _far_ends(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    far = np.zeros(len(values), dtype=bool)
    order = np.argsort(values, kind="stable")
    gaps = np.diff(values[order])
    scale = max(float(gaps.sum()), _NO_SCATTER * abs(float(np.median(values))))
    limit = _GAPS.get(len(values))
    if limit is not None and scale > 0:
        far[order[[0, -1]]] = gaps[[0, -1]] > limit * scale
    return far


def _far_from_median(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    if len(values) < _NUMBERS[0]:
        return np.zeros(len(values), dtype=bool)
    middle = float(np.median(values))
    distances = values - middle
    scale = max(robust_deviation(distances), _NO_SCATTER * abs(middle))
    return np.asarray(np.abs(distances) > float(np.interp(len(values), _NUMBERS, _LIMITS)) * scale)
