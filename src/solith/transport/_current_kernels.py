"""The loop over voxels that makes current densities of voltages."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["crossing_currents", "current_density"]

Array = NDArray[Any]


@numba.njit(nogil=True, cache=True)
def current_density(
    first: int,
    last: int,
    codes: Array,
    voltage: Array,
    between: Array,
    at_first: Array,
    at_last: Array,
    periodic: bool,
    drop: float,
    di: int,
    dj: int,
    dk: int,
    per_area: float,
    out: Array,
) -> None:
    """The mean of the currents through a voxel's two faces across one direction.

    ``drop`` is by how much the voltage falls along the direction over the volume: at its ends from
    1 V to 0 V, or from one period to the next.
    """
    ni, nj, nk = codes.shape
    size = ni * di + nj * dj + nk * dk
    for i in range(first, last):
        for j in range(nj):
            for k in range(nk):
                here = voltage[i, j, k]
                if np.isnan(here):
                    continue
                code = codes[i, j, k]
                place = i * di + j * dj + k * dk
                current = 0.0
                if place > 0 or periodic:
                    fall = 0.0 if place > 0 else drop
                    a, b, c = (i - di) % ni, (j - dj) % nj, (k - dk) % nk
                    conductance = between[codes[a, b, c], code]
                    if conductance > 0.0:
                        current += conductance * (voltage[a, b, c] + fall - here)
                else:
                    current += at_first[code] * (drop - here)
                if place < size - 1 or periodic:
                    fall = 0.0 if place < size - 1 else drop
                    a, b, c = (i + di) % ni, (j + dj) % nj, (k + dk) % nk
                    conductance = between[code, codes[a, b, c]]
                    if conductance > 0.0:
                        current += conductance * (here - voltage[a, b, c] + fall)
                else:
                    current += at_last[code] * here
                out[i, j, k] = 0.5 * current * per_area


@numba.njit(nogil=True, cache=True)
def crossing_currents(
    first: int,
    last: int,
    codes: Array,
    sides: Array,
    axis: int,
    voltage: Array,
    between_i: Array,
    between_j: Array,
    between_k: Array,
    areas: Array,
) -> Array:
    """Current from side 1 to side 2, and the area of the faces it crosses, by layer along an axis.

    ``sides`` tells the side of each code (0: neither), ``areas`` the area of a face by direction
    and by the codes at its sides. A face between two layers counts half in each. Where ``voltage``
    is of one voxel only, areas alone are counted; else those of voxels that have a voltage.
    """
    ni, nj, nk = codes.shape
    counted = voltage.size > 1
    out = np.zeros(((ni, nj, nk)[axis], 2))
    for i in range(first, last):
        for j in range(nj):
            for k in range(nk):
                here = sides[codes[i, j, k]]
                if here == 0:
                    continue
                for d in range(3):
                    a, b, c = i + (d == 0), j + (d == 1), k + (d == 2)
                    if a >= ni or b >= nj or c >= nk:
                        continue
                    there = sides[codes[a, b, c]]
                    if there == 0 or there == here:
                        continue
                    current, area = 0.0, areas[d, codes[i, j, k], codes[a, b, c]]
                    if counted:
                        table = between_i if d == 0 else (between_j if d == 1 else between_k)
                        fall = voltage[i, j, k] - voltage[a, b, c]
                        current = table[codes[i, j, k], codes[a, b, c]] * fall
                        if here == 2:
                            current = -current
                        if np.isnan(current):
                            continue
                    one, other = (i, j, k)[axis], (a, b, c)[axis]
                    out[one, 0] += 0.5 * current
                    out[other, 0] += 0.5 * current
                    out[one, 1] += 0.5 * area
                    out[other, 1] += 0.5 * area
    return out
