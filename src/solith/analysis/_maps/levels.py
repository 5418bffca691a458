"""Grey values parted into levels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from solith.analysis._maps.given import Array
from solith.core.errors import InputError

__all__ = ["by_thresholds", "split_levels"]

_BINS = 1024
_ROUNDS = 200


def split_levels(values: Array, number: int, *, where: str) -> NDArray[np.intp]:
    """Which of ``number`` levels each pixel belongs to, from the lowest, by the nearest mean.

    Thresholds lie half-way between the means of neighbouring levels (Ridler and Calvard 1978,
    10.1109/TSMC.1978.4310039, DOI looked up; for more than two).
    """
    inside = values[np.isfinite(values)]
    low, high = np.percentile(inside, (0.1, 99.9)) if len(inside) else (0.0, 0.0)
    if not high > low:
        raise InputError("does not vary over the pixels", where=where)
    count, edges = np.histogram(np.clip(inside, low, high), _BINS)
    centre = 0.5 * (edges[1:] + edges[:-1])
    means = low + (high - low) * (np.arange(number) + 0.5) / number
    for _ in range(_ROUNDS):
        level = np.searchsorted(0.5 * (means[1:] + means[:-1]), centre)
        weight = np.bincount(level, count, number)
        if (weight == 0).any():
            raise InputError(f"does not part into {number} levels; give thresholds", where=where)
        better = np.bincount(level, count * centre, number) / weight
        if np.allclose(better, means, rtol=0, atol=1e-9 * (high - low)):
            break
        means = better
    return by_thresholds(values, (0.5 * (means[1:] + means[:-1])).tolist())


def by_thresholds(values: Array, thresholds: Sequence[float]) -> NDArray[np.intp]:
    """Which level each pixel belongs to, from the lowest."""
    return np.asarray(np.searchsorted(np.asarray(thresholds, float), values), dtype=np.intp)
