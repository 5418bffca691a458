"""The labels that sharpening begins with: thresholds, without the coats that blur makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.threads import share_out
from solith.structure._sharpen import Imaging

__all__ = ["between", "without_rims"]

Array = NDArray[Any]
Labels = NDArray[np.uint8]
_SLAB = 32
_THICK = 2.0
"""Standard deviations of the blur that a coat is thick at most."""


def between(cuts: Array, values: NDArray[np.uint16]) -> Labels:
    """Number of the thresholds ``cuts`` [steps] that each value reaches."""
    labels: Labels = np.searchsorted(cuts, np.arange(65536), side="right").astype(np.uint8)[values]
    return labels


def without_rims(labels: Labels, values: NDArray[np.uint16], imaging: Imaging) -> Labels:
    """The labels without the coat that thresholds put between a darker and a brighter phase.

    A voxel that has both among its neighbours becomes the darkest or the brightest of them,
    whichever its grey is nearer to; again for each voxel that the blur makes a coat thick.
    """
    halves = np.add.outer(imaging.levels, imaging.levels) / 2
    for _ in range(max(1, round(_THICK * imaging.blur))):
        labels = _thinner(labels, values, halves)
    return labels


def _thinner(labels: Labels, values: NDArray[np.uint16], halves: Array) -> Labels:
    from scipy.ndimage import maximum_filter, minimum_filter

    result = np.empty_like(labels)
    planes = labels.shape[0]

    def fill(first: int, last: int) -> None:
        for slab in range(first, last):
            low, high = slab * _SLAB, min((slab + 1) * _SLAB, planes)
            a, b = max(low - 1, 0), min(high + 1, planes)
            inner = slice(low - a, high - a)
            own = labels[low:high]
            dark = minimum_filter(labels[a:b], 3, mode="nearest")[inner]
            bright = maximum_filter(labels[a:b], 3, mode="nearest")[inner]
            rim = (dark < own) & (own < bright)
            result[low:high] = own
            below, above = dark[rim], bright[rim]
            nearer = values[low:high][rim] > halves[below, above]
            result[low:high][rim] = np.where(nearer, above, below)

    share_out(fill, -(-planes // _SLAB), labels.size)
    return result
