"""Labels of a volume as codes of one byte, laid out the way the loops read fastest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.volume import Volume

__all__ = ["MOST_CODES", "code_volume", "order_of_axes"]

Array = NDArray[Any]

MOST_CODES = 255
"""One byte, of which the last code stands for what conducts nothing."""
_STRONG = 0.3
"""Directions that conduct at least this part of the best one may lie last."""


def order_of_axes(labels: Array, voxel_size: tuple[float, float, float]) -> tuple[int, int, int]:
    """The axes of a volume's array in the order of the loops.

    The last one is read straight through and always coarsened: one whose voxels are short, so that
    it conducts well, and among these the longest, or as long and next to each other in memory.
    """
    conducts = [h**-2.0 if n > 1 else 0.0 for n, h in zip(labels.shape, voxel_size, strict=True)]
    strong = [d for d in range(3) if conducts[d] >= _STRONG * max(conducts)]
    last = max(strong, key=lambda d: (labels.shape[d], -abs(labels.strides[d])))
    first, second = (d for d in range(3) if d != last)
    return first, second, last


def code_volume(volume: Volume, codes: Mapping[int, int], order: tuple[int, int, int]) -> Array:
    """The code of every voxel, a new array of bytes with its axes in the given order."""
    if len(set(codes.values())) >= MOST_CODES:
        raise InputError(
            f"{len(set(codes.values()))} phases conduct differently; at most {MOST_CODES - 1} can"
        )
    labels = volume.labels.transpose(order)
    coded = np.empty(labels.shape, np.uint8)
    present = np.array(sorted(codes))
    as_codes = np.array([codes[label] for label in present], np.uint8)
    direct = present[0] >= 0 and present[-1] < 2**16
    if direct:
        table = np.zeros(present[-1] + 1, np.uint8)
        table[present] = as_codes
    for part, out in zip(labels, coded, strict=True):
        out[:] = table[part] if direct else as_codes[np.searchsorted(present, part)]
    return coded
