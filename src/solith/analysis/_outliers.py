"""Numbers that lie too far from the others, by a test that outliers do not spoil."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["find_outliers"]

_NORMAL_MEDIAN = 0.6744898  # of abs(x) for normal scatter of standard deviation 1
_SAME = 1e-9  # of the median: what is no scatter
_NUMBERS = (4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30, 50, 100)
_LIMITS = (15.99, 18.69, 10.14, 10.69, 7.92, 8.25, 6.94, 6.28, 5.96, 5.24, 4.78, 4.47, 4.30)
"""The largest distance from the median in robust standard deviations that 1 % of samples of so
many normal numbers exceed: by Monte Carlo, 20 000 to 1 000 000 samples each."""


def find_outliers(numbers: Sequence[float | None]) -> list[int]:
    """The places of the outliers among ``numbers``; those that are ``None`` are passed over.

    A robust standard deviation is the median distance from the median over 0.6745 (Iglewicz
    and Hoaglin, How to Detect and Handle Outliers, 1993; recalled); their fixed limit of 3.5
    would cry wolf in small samples, so the limit follows the number and is passed by 1 % of
    normal samples (about, between the numbers of the table). Of fewer than four, none is one.
    """
    known = [place for place, number in enumerate(numbers) if number is not None]
    values = np.array([numbers[place] for place in known], dtype=float)
    if len(values) < _NUMBERS[0]:
        return []
    distances = np.abs(values - np.median(values))
    scale = max(float(np.median(distances)) / _NORMAL_MEDIAN, _SAME * abs(float(np.median(values))))
    limit = float(np.interp(len(values), _NUMBERS, _LIMITS))
    return [place for place, far in zip(known, distances > limit * scale, strict=True) if far]
