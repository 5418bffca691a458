"""How far numbers scatter, told so that single bad ones do not count."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["robust_deviation"]

_NORMAL_MEDIAN = 0.6744897501960817
"""The median of abs(x) for normal x of mean 0 and standard deviation 1."""


def robust_deviation(deviations: ArrayLike) -> float:
    """The standard deviation of normal scatter about zero, by the median of its size.

    ``deviations`` are of any shape, at least one. Up to half of them may be wild.
    """
    return float(np.median(np.abs(deviations))) / _NORMAL_MEDIAN
