"""The loop that moves phases to where, blurred, they look most like the grey values."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["remove_specks", "sweep"]

Array = NDArray[Any]


@numba.njit(nogil=True, cache=True, error_model="numpy")
def sweep(
    first: int,
    last: int,
    labels: Array,
    rest: Array,
    spread: Array,
    levels: Array,
    tilts: Array,
    area: float,
    own_weight: float,
    least: float,
    thickness: int,
    parity: int,
    backward: bool,
) -> int:
    """One pass over the blocks of planes 2 b + parity, b from ``first``; how many voxels changed.

    ``rest`` is the blurred difference between grey values and blurred phases, kept up with every
    change: ``spread`` is the blur applied twice, ``own_weight`` its middle. A voxel changes from
    level a to b where ``-2 (b - a) rest + (b - a)^2 own_weight + tilt_b - tilt_a`` and ``area``
    times what surface it adds come out negative. Voxels amid their like are asked only where
    ``rest`` is beyond ``least``; one without any like neighbour always changes.
    """
    ni, nj, nk = labels.shape
    phases = levels.size
    around = np.empty(phases)
    changed = 0
    for block in range(first, last):
        low = (2 * block + parity) * thickness
        high = min(low + thickness, ni)
        for plane in range(low, high):
            i = high - 1 - (plane - low) if backward else plane
            for row in range(nj):
                j = nj - 1 - row if backward else row
                for column in range(nk):
                    k = nk - 1 - column if backward else column
                    own = labels[i, j, k]
                    left = rest[i, j, k]
                    if (
                        abs(left) < least
                        and (i == 0 or labels[i - 1, j, k] == own)
                        and (i == ni - 1 or labels[i + 1, j, k] == own)
                        and (j == 0 or labels[i, j - 1, k] == own)
                        and (j == nj - 1 or labels[i, j + 1, k] == own)
                        and (k == 0 or labels[i, j, k - 1] == own)
                        and (k == nk - 1 or labels[i, j, k + 1] == own)
                    ):
                        continue
                    around[:] = 0.0
                    for a in range(-1, 2):
                        x = min(max(i + a, 0), ni - 1)
                        for b in range(-1, 2):
                            y = min(max(j + b, 0), nj - 1)
                            for c in range(-1, 2):
                                z = min(max(k + c, 0), nk - 1)
                                apart = a * a + b * b + c * c
                                if apart > 0:
                                    around[labels[x, y, z]] += 1.0 / apart
                    best, least_cost = own, 0.0
                    if around[own] == 0.0:
                        least_cost = np.inf
                    for other in range(phases):
                        if other == own:
                            continue
                        step = levels[other] - levels[own]
                        cost = step * (step * own_weight - 2.0 * left)
                        cost += tilts[other] - tilts[own]
                        cost += area * (around[own] - around[other])
                        if cost < least_cost:
                            best, least_cost = other, cost
                    if best == own:
                        continue
                    labels[i, j, k] = best
                    _take_from(rest, i, j, k, levels[best] - levels[own], spread)
                    changed += 1
    return changed


@numba.njit(nogil=True, cache=True, error_model="numpy")
def remove_specks(
    labels: Array,
    rest: Array,
    spread: Array,
    levels: Array,
    tilts: Array,
    most: int,
    evidence: float,
) -> int:
    """Gives bodies of at most ``most`` voxels to the phase around them; how many were given.

    Those stay whose phase lowers the misfit, as in :func:`sweep`, by more than ``evidence`` against
    the commonest phase among the neighbours. A body hangs together by faces.
    """
    ni, nj, nk = labels.shape
    reach = spread.shape[0] // 2
    phases = levels.size
    places = np.empty((most + 1, 3), np.int64)
    around = np.empty(phases, np.int64)
    removed = 0
    for i in range(ni):
        for j in range(nj):
            for k in range(nk):
                own = labels[i, j, k]
                if (
                    (i > 0 and labels[i - 1, j, k] == own)
                    or (j > 0 and labels[i, j - 1, k] == own)
                    or (k > 0 and labels[i, j, k - 1] == own)
                ):
                    continue
                count = _body(labels, i, j, k, places, around)
                if count > most:
                    continue
                other = np.argmax(around)
                if around[other] == 0:
                    continue
                step = levels[other] - levels[own]
                gain = count * (tilts[other] - tilts[own])
                for one in range(count):
                    x, y, z = places[one]
                    gain -= 2.0 * step * rest[x, y, z]
                    for two in range(count):
                        a = places[two, 0] - x + reach
                        b = places[two, 1] - y + reach
                        c = places[two, 2] - z + reach
                        if min(a, b, c) >= 0 and max(a, b, c) <= 2 * reach:
                            gain += step * step * spread[a, b, c]
                if gain > evidence:
                    continue
                removed += 1
                for one in range(count):
                    x, y, z = places[one]
                    labels[x, y, z] = other
                    _take_from(rest, x, y, z, step, spread)
    return removed


@numba.njit(cache=True, error_model="numpy")
def _body(labels: Array, i: int, j: int, k: int, places: Array, around: Array) -> int:
    """Voxels that hang together with one, until ``places`` is full, and the phases beside them."""
    ni, nj, nk = labels.shape
    own = labels[i, j, k]
    around[:] = 0
    places[0] = i, j, k
    count, asked = 1, 0
    while asked < count:
        x, y, z = places[asked]
        asked += 1
        for side in range(6):
            a = x + (side == 0) - (side == 1)
            b = y + (side == 2) - (side == 3)
            c = z + (side == 4) - (side == 5)
            if a < 0 or a >= ni or b < 0 or b >= nj or c < 0 or c >= nk:
                continue
            if labels[a, b, c] != own:
                around[labels[a, b, c]] += 1
                continue
            known = False
            for one in range(count - 1, -1, -1):
                if places[one, 0] == a and places[one, 1] == b and places[one, 2] == c:
                    known = True
                    break
            if known:
                continue
            places[count] = a, b, c
            count += 1
            if count == len(places):
                return count
    return count


@numba.njit(cache=True, error_model="numpy")
def _take_from(rest: Array, i: int, j: int, k: int, step: float, spread: Array) -> None:
    """What one voxel brighter by ``step`` no longer leaves unexplained."""
    ni, nj, nk = rest.shape
    reach = spread.shape[0] // 2
    low, high = max(k - reach, 0), min(k + reach + 1, nk)
    for a in range(max(i - reach, 0), min(i + reach + 1, ni)):
        for b in range(max(j - reach, 0), min(j + reach + 1, nj)):
            weights = spread[a - i + reach, b - j + reach]
            for c in range(low, high):
                rest[a, b, c] -= step * weights[c - k + reach]
