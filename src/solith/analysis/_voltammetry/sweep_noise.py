"""Scatter of one variable along a sweep, told from its own rows."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

import numpy as np

from solith.core.scatter import row_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["noise_of"]

_WITHIN_THREE = 0.9733369
"""Variance of a normal distribution cut off at three standard deviations."""

_ORDERS = (2, 3, 4, 5)
_NEAR = 1.1


def noise_of(values: NDArray[np.float64]) -> float:
    """Standard deviation of the white noise on a smooth curve sampled in even steps.

    From the median of the absolute differences of orders 2 to 5, which leaves out what a few rows
    on a sharp peak do, the lowest order is taken that is within 10 % of the least: high
    orders are free of a curve sampled coarsely, low ones scatter less. The root of the mean
    square of that order's differences within three deviations is the estimate. Noise that is
    correlated from row to row is underestimated. 0 for fewer than 8 rows.
    """
    if len(values) < 8:
        return 0.0
    medians = {order: row_noise(values, order) for order in _ORDERS}
    order = next(o for o in _ORDERS if medians[o] <= _NEAR * min(medians.values()))
    within = np.abs(np.diff(values, order)) / comb(2 * order, order) ** 0.5
    within = within[within <= 3 * medians[order]]
    return float(np.sqrt(np.mean(within**2) / _WITHIN_THREE)) if len(within) else medians[order]
