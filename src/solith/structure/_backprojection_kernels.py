"""The loops that smear filtered projections back over a slice, rows ``first`` to ``last``.

Pixels beyond the circle that all projections see are left as they are. Rows are taken in blocks, so
that a projection stays in the cache for all of a block's rows.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["LANES", "project_back", "project_back_lanes"]

Array = NDArray[Any]
_compiled = numba.njit(
    nogil=True, cache=True, fastmath={"contract", "reassoc", "nsz", "arcp"}, error_model="numpy"
)

LANES = 8
"""Slices that one pass of :func:`project_back_lanes` makes side by side."""
_BLOCK = 16


@_compiled
def project_back(
    first: int,
    last: int,
    filtered: Array,
    cosines: Array,
    sines: Array,
    centre: float,
    middle: float,
    radius: float,
    stride: int,
    image: Array,
) -> None:
    """Adds to ``image`` (m, m) what ``filtered`` (angles, width) says of its pixels.

    Pixel (i, j) lies at x = i stride - middle, y = j stride - middle, and is seen at
    centre + x cos + y sin, in columns.
    """
    count = image.shape[1]
    for block in range(first, last, _BLOCK):
        end = min(block + _BLOCK, last)
        for a in range(filtered.shape[0]):
            row = filtered[a]
            step = np.float32(sines[a] * stride)
            for i in range(block, end):
                x = i * stride - middle
                room = radius * radius - x * x
                if room <= 0.0:
                    continue
                half = math.sqrt(room)
                low = max(0, math.ceil((middle - half) / stride))
                high = min(count, math.floor((middle + half) / stride) + 1)
                start = np.float32(centre + x * cosines[a] - middle * sines[a])
                for j in range(low, high):
                    place = start + np.float32(j) * step
                    whole = np.int32(place)
                    part = place - np.float32(whole)
                    image[i, j] += row[whole] + part * (row[whole + 1] - row[whole])


@_compiled
def project_back_lanes(
    first: int,
    last: int,
    filtered: Array,
    cosines: Array,
    sines: Array,
    centre: float,
    middle: float,
    radius: float,
    images: Array,
) -> None:
    """As :func:`project_back`, of eight slices, which are the last axis of both arrays."""
    count = images.shape[1]
    for block in range(first, last, _BLOCK):
        end = min(block + _BLOCK, last)
        for a in range(filtered.shape[0]):
            row = filtered[a]
            step = np.float32(sines[a])
            for i in range(block, end):
                x = i - middle
                room = radius * radius - x * x
                if room <= 0.0:
                    continue
                half = math.sqrt(room)
                low = max(0, math.ceil(middle - half))
                high = min(count, math.floor(middle + half) + 1)
                start = np.float32(centre + x * cosines[a] - middle * sines[a])
                for j in range(low, high):
                    place = start + np.float32(j) * step
                    whole = np.int32(place)
                    part = place - np.float32(whole)
                    for k in range(LANES):
                        below = row[whole, k]
                        images[i, j, k] += below + part * (row[whole + 1, k] - below)
