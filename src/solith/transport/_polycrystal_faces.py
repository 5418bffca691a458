"""What a face between two voxels of a stack resists beside the voxels themselves, in loops.

Codes and tables are those of ``_polycrystal_kernels.py``.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from solith.transport._stair_law import moved_by_stairs

__all__ = ["between_codes"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


@_compiled
def _place(one: int, other: int, offsets: Array, others: Array) -> int:
    """Where the boundary between two grains is listed, or -1."""
    a, b = min(one, other), max(one, other)
    for place in range(offsets[a], offsets[a + 1]):
        if others[place] == b:
            return int(place)
    return -1


@_compiled
def _moved(
    grain: int,
    place: int,
    width: float,
    half: Array,
    stairs: Array,
) -> tuple[float, float]:
    """What the stairs of a boundary move in a ``grain`` to it, and r d/dr of that [ohm m2]."""
    voxels = 2 * half[grain] * width
    if np.isinf(voxels):
        return 0.0, 0.0
    part, slope = moved_by_stairs(stairs[place] / voxels)
    return voxels * part, voxels * slope


@_compiled
def between_codes(
    before: int,
    one: int,
    other: int,
    after: int,
    number: int,
    offsets: Array,
    others: Array,
    upon: Array,
    contacts: Array,
    half: Array,
    stairs: Array,
    width: float,
) -> tuple[float, float]:
    """The resistance of a face between two codes, beside that of its voxels [ohm m2], and how much
    of both follows the boundaries'.

    ``before`` and ``after`` are the codes next to them in the line of voxels across the face, -1
    where it ends. A boundary is corrected for the stairs as ``_stair_law.py`` derives.
    """
    found, follows = 0.0, 0.0
    if one == other:
        if 0 <= one < number:
            for beyond in (before, after):
                if beyond != one and 0 <= beyond < number:
                    place = _place(one, beyond, offsets, others)
                    if place >= 0:
                        moved, slope = _moved(one, place, width, half, stairs)
                        found -= moved
                        follows -= slope
        return found, follows
    if min(one, other) >= number:
        return 0.0, 0.0
    if max(one, other) >= number:
        return float(contacts[max(one, other) - number]), 0.0
    place = _place(one, other, offsets, others)
    if place < 0:
        return 0.0, 0.0
    found = follows = upon[place]
    if before == one:
        moved, slope = _moved(one, place, width, half, stairs)
        found += moved
        follows += slope
    if after == other:
        moved, slope = _moved(other, place, width, half, stairs)
        found += moved
        follows += slope
    return found, follows
