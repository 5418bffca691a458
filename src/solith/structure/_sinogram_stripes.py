"""Stripes of a sinogram, which become rings: what a bad pixel adds at all angles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["without_stripes"]

Array = NDArray[Any]

_SLOWLY = 0.2
"""Part of the ranks over which a column's stripe is averaged."""
_DEAD = 3.0
"""Times the usual ripple of a column's means at which it is a stripe too strong for sorting."""


def without_stripes(sinogram: Array, reach: int) -> Array:
    """The sinogram (angles, width) without stripes up to about half ``reach`` columns wide.

    Vo, Atwood and Drakopoulos 2018, 10.1364/OE.26.028396: each column is sorted by its values,
    which lines up what the sample does; what a column differs from the median of its neighbours
    is a stripe ("algorithm 3"). Here the difference is averaged over a fifth of the ranks before
    it is taken off, so that noise and detail stay. Columns that do not respond, or far more than
    others, are first replaced by their neighbours (the idea of "algorithm 6").
    """
    from scipy.ndimage import median_filter, uniform_filter1d

    whole = _without_dead(np.asarray(sinogram, dtype=np.float32), reach)
    order = np.argsort(whole, axis=0, kind="stable")
    lined_up = np.take_along_axis(whole, order, axis=0)
    smooth = median_filter(lined_up, size=(1, 2 * (reach // 2) + 1), mode="nearest")
    span = max(3, round(_SLOWLY * len(whole)))
    stripes = uniform_filter1d(lined_up - smooth, span, axis=0, mode="nearest")
    result = np.empty_like(whole)
    np.put_along_axis(result, order, lined_up - stripes, axis=0)
    return result


def _without_dead(sinogram: Array, reach: int) -> Array:
    """Columns whose changes from angle to angle are far from their neighbours', interpolated."""
    from scipy.ndimage import binary_dilation, median_filter, uniform_filter1d

    ripple = np.mean(np.abs(sinogram - uniform_filter1d(sinogram, 11, axis=0)), axis=0)
    usual = median_filter(ripple, size=2 * (reach // 2) + 1, mode="nearest")
    ratio = ripple / np.maximum(usual, 1e-12)
    dead = (ratio > _DEAD) | (ratio < 1 / _DEAD)
    if not dead.any() or dead.mean() > 0.2:
        return sinogram
    dead = binary_dilation(dead)
    columns = np.arange(sinogram.shape[1])
    good = columns[~dead]
    whole = sinogram.copy()
    after = np.searchsorted(good, columns[dead]).clip(1, len(good) - 1)
    left, right = good[after - 1], good[after]
    part = ((columns[dead] - left) / (right - left)).clip(0, 1).astype(np.float32)
    whole[:, dead] = sinogram[:, left] * (1 - part) + sinogram[:, right] * part
    return whole
