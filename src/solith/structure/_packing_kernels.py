"""The loops of a packing in a periodic box: insertion, neighbours, and pushing overlaps apart.

``centres`` (n, 3) and ``radii`` (n,) are in units of one length, ``box`` its three sides. A grid of
cells no smaller than the largest distance asked for finds what is near.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["insert", "near_pairs", "push_apart"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


@_compiled
def _cell(point: Array, box: Array, cells: Array) -> int:
    number = 0
    for axis in range(3):
        place = int(point[axis] / box[axis] * cells[axis])
        number = number * cells[axis] + min(max(place, 0), cells[axis] - 1)
    return number


@_compiled
def _neighbour_cells(cell: int, cells: Array, out: Array) -> int:
    """The different cells around a cell, itself among them; fewer where few lie along an axis."""
    count = 0
    x, rest = cell // (cells[1] * cells[2]), cell % (cells[1] * cells[2])
    y, z = rest // cells[2], rest % cells[2]
    for i in range(-1 if cells[0] > 2 else 0, min(2, cells[0])):
        for j in range(-1 if cells[1] > 2 else 0, min(2, cells[1])):
            for k in range(-1 if cells[2] > 2 else 0, min(2, cells[2])):
                a, b, c = (x + i) % cells[0], (y + j) % cells[1], (z + k) % cells[2]
                out[count] = (a * cells[1] + b) * cells[2] + c
                count += 1
    return count


@_compiled
def _square_distance(one: Array, other: Array, box: Array) -> float:
    total = 0.0
    for axis in range(3):
        step = one[axis] - other[axis]
        step -= box[axis] * np.rint(step / box[axis])
        total += step * step
    return total


@_compiled
def insert(
    trials: Array, centres: Array, radii: Array, placed: int, box: Array, cells: Array, head: Array,
    after: Array, failures: int, most: int,
) -> tuple[int, int]:  # fmt: skip
    """Put spheres where a trial point leaves them free: the number placed, and failures in a row.

    ``head`` and ``after`` are the chains of the spheres in each cell.
    """
    near = np.empty(27, np.int64)
    for t in range(len(trials)):
        if placed == len(radii) or failures >= most:
            break
        point = trials[t]
        cell = _cell(point, box, cells)
        free = True
        for n in range(_neighbour_cells(cell, cells, near)):
            other = head[near[n]]
            while other >= 0 and free:
                reach = radii[placed] + radii[other]
                free = _square_distance(point, centres[other], box) >= reach * reach
                other = after[other]
            if not free:
                break
        if free:
            centres[placed] = point
            after[placed] = head[cell]
            head[cell] = placed
            placed += 1
            failures = 0
        else:
            failures += 1
    return placed, failures


@_compiled
def near_pairs(centres: Array, reach: Array, box: Array, cells: Array, room: int) -> Array:
    """Pairs (i < j) whose distance is below the sum of their reaches; empty if ``room`` is full."""
    n = len(centres)
    head = np.full(cells[0] * cells[1] * cells[2], -1, np.int32)
    after = np.empty(n, np.int32)
    for i in range(n):
        cell = _cell(centres[i], box, cells)
        after[i] = head[cell]
        head[cell] = i
    pairs = np.empty((room, 2), np.int32)
    near = np.empty(27, np.int64)
    count = 0
    for i in range(n):
        for c in range(_neighbour_cells(_cell(centres[i], box, cells), cells, near)):
            j = head[near[c]]
            while j >= 0:
                far = reach[i] + reach[j]
                if i < j and _square_distance(centres[i], centres[j], box) < far * far:
                    if count == room:
                        return pairs[:0]
                    pairs[count, 0], pairs[count, 1] = i, j
                    count += 1
                j = after[j]
    return pairs[:count]


@_compiled
def push_apart(
    centres: Array, radii: Array, box: Array, pairs: Array, speed: Array, state: Array,
    growth: float, leave: float, steps: int,
) -> tuple[float, int]:  # fmt: skip
    """Steps of inertial relaxation of spheres ``1 + growth`` times as large, moved in place.

    ``state`` holds time step, mixing and steps since the last turn. Ends with no overlap of the
    spheres as they are, once one has moved by ``leave``, or after ``steps``; gives the largest
    overlap and the steps done.
    """
    n = len(radii)
    force = np.empty((n, 3))
    moved = np.zeros((n, 3))
    worst = 0.0
    for step in range(steps):
        force[:] = 0.0
        worst = 0.0
        for p in range(len(pairs)):
            i, j = pairs[p, 0], pairs[p, 1]
            dx = centres[i, 0] - centres[j, 0]
            dy = centres[i, 1] - centres[j, 1]
            dz = centres[i, 2] - centres[j, 2]
            dx -= box[0] * np.rint(dx / box[0])
            dy -= box[1] * np.rint(dy / box[1])
            dz -= box[2] * np.rint(dz / box[2])
            square = dx * dx + dy * dy + dz * dz
            touch = radii[i] + radii[j]
            far = touch * (1.0 + growth)
            if square < far * far:
                distance = max(np.sqrt(square), 1e-9)
                worst = max(worst, touch - distance)
                push = (far - distance) / distance
                force[i, 0] += push * dx
                force[i, 1] += push * dy
                force[i, 2] += push * dz
                force[j, 0] -= push * dx
                force[j, 1] -= push * dy
                force[j, 2] -= push * dz
        if worst <= 0.0:
            return 0.0, step
        power = 0.0
        squares_f = 1e-300
        squares_v = 0.0
        for i in range(n):
            for axis in range(3):
                power += force[i, axis] * speed[i, axis]
                squares_f += force[i, axis] ** 2
                squares_v += speed[i, axis] ** 2
        if power > 0.0:
            mix = state[1] * np.sqrt(squares_v / squares_f)
            for i in range(n):
                for axis in range(3):
                    speed[i, axis] = (1.0 - state[1]) * speed[i, axis] + mix * force[i, axis]
            state[2] += 1.0
            if state[2] > 5.0:
                state[0] = min(state[0] * 1.1, 0.4)
                state[1] *= 0.99
        else:
            speed[:] = 0.0
            state[0] = max(0.5 * state[0], 0.02)
            state[1] = 0.1
            state[2] = 0.0
        farthest = 0.0
        for i in range(n):
            total = 0.0
            for axis in range(3):
                speed[i, axis] += state[0] * force[i, axis]
                shift = state[0] * speed[i, axis]
                moved[i, axis] += shift
                centres[i, axis] = (centres[i, axis] + shift) % box[axis]
                total += moved[i, axis] ** 2
            farthest = max(farthest, total)
        if farthest > leave * leave:
            return worst, step + 1
    return worst, steps
