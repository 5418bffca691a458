"""The loops over the cells of a grid of two colours.

Rows ``first`` to ``last`` are those of the cells inside, i before j.

Arrays of cells, as ``voltage`` and ``right``, have the shape (2, i + 2, j + 2, m + 2):
colour, and the places of a colour with one ghost at every end. ``faces`` has the shape
(6, i + 2, j + 2, m + 2): the conductances from a red cell to its neighbours before and after it in
each direction. In a row whose i + j is even (ghosts counted) the m-th red cell lies before the m-th
black one, else behind it.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "add_coarse",
    "flow_out",
    "inner",
    "relax",
    "restrict",
    "step",
    "update_direction",
]

Array = NDArray[Any]
_TINY = np.float32(1e-37)
_compiled = numba.njit(
    nogil=True, cache=True, fastmath={"contract", "reassoc", "nsz", "arcp"}, error_model="numpy"
)


@_compiled
def relax(first: int, last: int, voltage: Array, right: Array, faces: Array, color: int) -> None:
    """Voltages of one colour that balance the currents from the other colour: a x = b + g x'."""
    _, _ni, nj, nm = voltage.shape
    for row in range(first, last):
        i, j = 1 + row // (nj - 2), 1 + row % (nj - 2)
        p = (i + j) & 1
        if color == 0:
            for m in range(1, nm - 1):
                a, b = faces[0, i, j, m], faces[1, i, j, m]
                c, d = faces[2, i, j, m], faces[3, i, j, m]
                e, f = faces[4, i, j, m], faces[5, i, j, m]
                inflow = (
                    right[0, i, j, m]
                    + a * voltage[1, i - 1, j, m]
                    + b * voltage[1, i + 1, j, m]
                    + c * voltage[1, i, j - 1, m]
                    + d * voltage[1, i, j + 1, m]
                    + e * voltage[1, i, j, m - 1 + p]
                    + f * voltage[1, i, j, m + p]
                )
                voltage[0, i, j, m] = inflow / max(a + b + c + d + e + f, _TINY)
        else:
            for m in range(1, nm - 1):
                a, b = faces[1, i - 1, j, m], faces[0, i + 1, j, m]
                c, d = faces[3, i, j - 1, m], faces[2, i, j + 1, m]
                e, f = faces[5, i, j, m - p], faces[4, i, j, m + 1 - p]
                inflow = (
                    right[1, i, j, m]
                    + a * voltage[0, i - 1, j, m]
                    + b * voltage[0, i + 1, j, m]
                    + c * voltage[0, i, j - 1, m]
                    + d * voltage[0, i, j + 1, m]
                    + e * voltage[0, i, j, m - p]
                    + f * voltage[0, i, j, m + 1 - p]
                )
                voltage[1, i, j, m] = inflow / max(a + b + c + d + e + f, _TINY)


@_compiled
def restrict(
    first: int,
    last: int,
    voltage: Array,
    right: Array,
    faces: Array,
    coarse: Array,
    factor_i: int,
    factor_j: int,
) -> None:
    """The imbalance of the red cells, summed over those of each coarse cell."""
    nm = voltage.shape[3]
    _, _ci, cj, _ = coarse.shape
    for row in range(first, last):
        big_i, big_j = 1 + row // (cj - 2), 1 + row % (cj - 2)
        total = np.zeros(nm, np.float32)
        for i in range(1 + (big_i - 1) * factor_i, 1 + big_i * factor_i):
            for j in range(1 + (big_j - 1) * factor_j, 1 + big_j * factor_j):
                if i >= voltage.shape[1] - 1 or j >= voltage.shape[2] - 1:
                    continue
                p = (i + j) & 1
                for m in range(1, nm - 1):
                    x = voltage[0, i, j, m]
                    total[m] += (
                        right[0, i, j, m]
                        + faces[0, i, j, m] * (voltage[1, i - 1, j, m] - x)
                        + faces[1, i, j, m] * (voltage[1, i + 1, j, m] - x)
                        + faces[2, i, j, m] * (voltage[1, i, j - 1, m] - x)
                        + faces[3, i, j, m] * (voltage[1, i, j + 1, m] - x)
                        + faces[4, i, j, m] * (voltage[1, i, j, m - 1 + p] - x)
                        + faces[5, i, j, m] * (voltage[1, i, j, m + p] - x)
                    )
        p = (big_i + big_j) & 1
        for m in range(1, nm - 1):
            k = m - 1
            coarse[(k + p) & 1, big_i, big_j, 1 + k // 2] = total[m]


@_compiled
def add_coarse(
    first: int, last: int, voltage: Array, coarse: Array, factor_i: int, factor_j: int
) -> None:
    """Each red cell takes the voltage of its coarse cell on top of its own."""
    _, _ni, nj, nm = voltage.shape
    for row in range(first, last):
        i, j = 1 + row // (nj - 2), 1 + row % (nj - 2)
        big_i, big_j = 1 + (i - 1) // factor_i, 1 + (j - 1) // factor_j
        p = (big_i + big_j) & 1
        for m in range(1, nm - 1):
            k = m - 1
            voltage[0, i, j, m] += coarse[(k + p) & 1, big_i, big_j, 1 + k // 2]


@_compiled
def flow_out(first: int, last: int, voltage: Array, faces: Array, out: Array) -> float:
    """The current that leaves each cell, and the sum of voltage times current."""
    _, _ni, nj, nm = voltage.shape
    power = 0.0
    for row in range(first, last):
        i, j = 1 + row // (nj - 2), 1 + row % (nj - 2)
        p = (i + j) & 1
        part = 0.0
        for m in range(1, nm - 1):
            x = voltage[0, i, j, m]
            flow = (
                faces[0, i, j, m] * (x - voltage[1, i - 1, j, m])
                + faces[1, i, j, m] * (x - voltage[1, i + 1, j, m])
                + faces[2, i, j, m] * (x - voltage[1, i, j - 1, m])
                + faces[3, i, j, m] * (x - voltage[1, i, j + 1, m])
                + faces[4, i, j, m] * (x - voltage[1, i, j, m - 1 + p])
                + faces[5, i, j, m] * (x - voltage[1, i, j, m + p])
            )
            out[0, i, j, m] = flow
            part += x * flow
        for m in range(1, nm - 1):
            x = voltage[1, i, j, m]
            flow = (
                faces[1, i - 1, j, m] * (x - voltage[0, i - 1, j, m])
                + faces[0, i + 1, j, m] * (x - voltage[0, i + 1, j, m])
                + faces[3, i, j - 1, m] * (x - voltage[0, i, j - 1, m])
                + faces[2, i, j + 1, m] * (x - voltage[0, i, j + 1, m])
                + faces[5, i, j, m - p] * (x - voltage[0, i, j, m - p])
                + faces[4, i, j, m + 1 - p] * (x - voltage[0, i, j, m + 1 - p])
            )
            out[1, i, j, m] = flow
            part += x * flow
        power += part
    return power


@_compiled
def inner(first: int, last: int, a: Array, b: Array) -> float:
    """The sum of products over all cells, ghosts left out."""
    _, _ni, nj, nm = a.shape
    total = 0.0
    for row in range(first, last):
        i, j = 1 + row // (nj - 2), 1 + row % (nj - 2)
        part = 0.0
        for color in range(2):
            for m in range(1, nm - 1):
                part += np.float64(a[color, i, j, m]) * np.float64(b[color, i, j, m])
        total += part
    return total


@_compiled
def update_direction(first: int, last: int, direction: Array, new: Array, beta: float) -> None:
    """direction = new + beta direction."""
    _, _ni, nj, nm = direction.shape
    factor = np.float32(beta)
    for row in range(first, last):
        i, j = 1 + row // (nj - 2), 1 + row % (nj - 2)
        for color in range(2):
            for m in range(1, nm - 1):
                direction[color, i, j, m] = new[color, i, j, m] + factor * direction[color, i, j, m]


@_compiled
def step(
    first: int,
    last: int,
    voltage: Array,
    residual: Array,
    direction: Array,
    flow: Array,
    length: float,
) -> float:
    """One step along a direction, and the squared residual after it."""
    _, _ni, nj, nm = direction.shape
    total = 0.0
    for row in range(first, last):
        i, j = 1 + row // (nj - 2), 1 + row % (nj - 2)
        part = 0.0
        for color in range(2):
            for m in range(1, nm - 1):
                voltage[color, i, j, m] += length * direction[color, i, j, m]
                left = residual[color, i, j, m] - np.float32(length) * flow[color, i, j, m]
                residual[color, i, j, m] = left
                part += left * left
        total += part
    return total


@_compiled
def plane_currents(first: int, last: int, voltage: Array, faces: Array, axis: int) -> Array:
    """The current through every plane of faces along an axis, in the direction of the axis.

    Rows count ghosts here: what crosses the volume's ends may belong to a red ghost.
    """
    _, ni, nj, nm = voltage.shape
    size = (ni - 2, nj - 2, 2 * (nm - 2))[axis]
    planes = np.zeros(size + 1)
    for row in range(first, last):
        i, j = row // nj, row % nj
        p = (i + j) & 1
        for m in range(nm):
            x = voltage[0, i, j, m]
            before, after = faces[2 * axis, i, j, m], faces[2 * axis + 1, i, j, m]
            plane = (i - 1, j - 1, 2 * (m - 1) + p)[axis]
            if before > 0.0:
                if axis == 0:
                    there = voltage[1, i - 1, j, m]
                elif axis == 1:
                    there = voltage[1, i, j - 1, m]
                else:
                    there = voltage[1, i, j, m - 1 + p]
                planes[plane] += before * (there - x)
            if after > 0.0:
                if axis == 0:
                    there = voltage[1, i + 1, j, m]
                elif axis == 1:
                    there = voltage[1, i, j + 1, m]
                else:
                    there = voltage[1, i, j, m + p]
                planes[plane + 1] += after * (x - there)
    return planes


@_compiled
def natural_order(
    first: int, last: int, voltage: Array, codes: Array, empty: int, out: Array
) -> None:
    """Voltages in the order of voxels, NaN where the code is ``empty``."""
    _, nj, nk = out.shape
    for row in range(first, last):
        i, j = row // nj, row % nj
        p = (i + j) & 1
        for k in range(nk):
            if codes[i, j, k] == empty:
                out[i, j, k] = np.nan
            else:
                out[i, j, k] = voltage[(k + p) & 1, i + 1, j + 1, 1 + k // 2]
