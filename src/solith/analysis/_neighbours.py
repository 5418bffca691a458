"""Residuals that resemble their neighbours, and how much wider that makes an uncertainty."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["correlated", "neighbour_correlation", "neighbour_widening"]

_MOST = 0.95
_BY_CHANCE = 2.0


def neighbour_correlation(residuals: NDArray[np.float64]) -> float:
    """The correlation of neighbouring residuals, within 0.95 of zero."""
    square = float(residuals @ residuals)
    if square == 0:
        return 0.0
    return float(np.clip(residuals[1:] @ residuals[:-1] / square, -_MOST, _MOST))


def correlated(correlation: float, rows: int) -> bool:
    """Whether it is above twice 1/sqrt(n), which independent residuals pass in 2 % of cases."""
    return bool(correlation > _BY_CHANCE / rows**0.5)


def neighbour_widening(correlation: float, rows: int) -> float:
    """The factor on the variance of what is fitted to ``rows`` points; one where by chance.

    (1 + r) / (1 - r), that of a first-order autoregression, r less its bias in residuals of a
    line, about -(2 + 4 r) / n, and at most 0.95 (both recalled). 95 % intervals of straight
    lines whose scatter has r of 0 to 0.8 held the truth in 94 to 96 % of cases at 300 and 1000
    points, 91 to 95 % at 100 and 89 to 94 % at 50. Without the bias, and with a threshold of
    three times 1/sqrt(n), it was 84 % at 50 points and r of 0.4 to 0.6. Twenty points or
    fewer do not tell: 76 % at r of 0.6.
    """
    if not correlated(correlation, rows):
        return 1.0
    correlation = min(correlation + (2 + 4 * correlation) / rows, _MOST)
    return (1 + correlation) / (1 - correlation)
