"""What a pixel classifier looks at: grey values at several scales."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["features_of", "reach_of"]

Array = NDArray[Any]
_TRUNCATE = 3.0


def features_of(grey: Array, scales: tuple[float, ...]) -> Array:
    """For each voxel, shape (x, y, z, features), float32.

    At each scale [voxels]: the Gaussian mean, its slope, the sum and the root of the squared sum of
    the eigenvalues of its second derivatives, and the standard deviation within the Gaussian. None
    of them depends on how the volume is turned.
    """
    values = grey.astype(np.float32)
    found = [values]
    for scale in scales:
        found += _at_scale(values, scale)
    return np.stack(found, axis=-1)


def reach_of(scales: tuple[float, ...]) -> int:
    """How many voxels away a feature still sees."""
    return int(np.ceil(_TRUNCATE * max(scales))) + 2


def _at_scale(values: Array, scale: float) -> list[Array]:
    from scipy.ndimage import gaussian_filter

    def smooth(given: Array) -> Array:
        return np.asarray(gaussian_filter(given, scale, mode="nearest", truncate=_TRUNCATE))

    mean = smooth(values)
    slopes = [_derivative(mean, axis) for axis in range(3)]
    trace, squares = np.zeros_like(mean), np.zeros_like(mean)
    for a in range(3):
        for b in range(a, 3):
            bend = _derivative(slopes[a], b)
            squares += bend**2 * (1 if a == b else 2)
            if a == b:
                trace += bend
    slope = np.sqrt(slopes[0] ** 2 + slopes[1] ** 2 + slopes[2] ** 2)
    scatter = np.sqrt(np.maximum(smooth(values**2) - mean**2, 0))
    return [mean, slope, trace, np.sqrt(squares), scatter]


def _derivative(values: Array, axis: int) -> Array:
    """Along an axis, per voxel; zero where the volume is one voxel thick."""
    if values.shape[axis] == 1:
        return np.zeros_like(values)
    return np.asarray(np.gradient(values, axis=axis))
