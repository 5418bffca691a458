"""The loops that add what boundaries conduct along themselves to the faces between voxels.

Derived in ``_boundary_sheets.py``. ``grains`` and the faces have their axes in the order of the
loops; the ceramic begins at the row ``begin`` along ``axis``.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["add_sheets", "sheet_currents"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True, error_model="numpy")

_TURNS = 0.15
"""What stairs lose where the current has to turn, by the shape of their corners."""
_UNIT = 0.9
"""Squares of normals of less are means of boundaries that turn."""


@_compiled
def add_sheets(
    grains: Array,
    offsets: Array,
    others: Array,
    sheets: Array,
    normals: Array,
    half: Array,
    widths: Array,
    axis: int,
    begin: int,
    periodic: Array,
    ends: Array,
    touched: Array,
    half_strong: float,
    along_i: Array,
    along_j: Array,
    along_k: Array,
) -> None:
    """Adds to the faces along i, j and k what all boundaries conduct along themselves.

    ``sheets`` [S] by pair of grains, ``normals`` from the lesser to the greater grain. ``ends``:
    whether the ceramic's first and last row lie at an electrode, which touches where ``touched``.
    """
    shape = grains.shape
    cube = (widths[0] * widths[1] * widths[2]) ** (1 / 3)
    low, high = np.empty(3, np.int64), np.empty(3, np.int64)
    normal = np.empty(3)
    for i in range(shape[0]):
        for j in range(shape[1]):
            for k in range(shape[2]):
                after = grains[i, j, k]
                if after < 0:
                    continue
                for d in range(3):
                    high[0], high[1], high[2] = i, j, k
                    low[:] = high
                    if high[d] > 0:
                        low[d] -= 1
                    elif periodic[d]:
                        low[d] = shape[d] - 1
                    else:
                        continue
                    before = grains[low[0], low[1], low[2]]
                    if before < 0 or before == after:
                        continue
                    a, b = min(before, after), max(before, after)
                    place = offsets[a]
                    while others[place] != b:
                        place += 1
                    sheet = sheets[place]
                    if sheet == 0.0:
                        continue
                    # From before to after, which is the way of d.
                    turn = 1.0 if normals[place, d] >= 0.0 else -1.0
                    total = 0.0
                    corner = 27.0
                    for e in range(3):
                        normal[e] = turn * normals[place, e]
                        total += abs(normal[e])
                        corner *= normal[e] * normal[e]
                    turns = _TURNS * corner * (1.0 - corner)
                    square = normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2
                    leans = 1.0
                    if square < _UNIT:  # which way is not known
                        leans, turns = 0.0, 0.0
                    for e in range(3):
                        if e == d:
                            continue
                        f = 3 - d - e
                        own = normal[e] * normal[e] / square
                        beside = max(total - abs(normal[e]), 1e-3)
                        for side in range(2):
                            grain = before if side == 0 else after
                            here = low if side == 0 else high
                            away = -1 if side == 0 else 1
                            strength = 2.0 * sheet * half[grain] / cube
                            part = 1.0
                            if not np.isinf(strength):
                                part = strength / (strength + half_strong)
                            g = 0.5 * sheet * widths[f] / widths[e]
                            g *= (1.0 - own + own * part) * (1.0 + turns * part) / beside
                            _add(
                                grains,
                                grain,
                                after if side == 0 else before,
                                here[0],
                                here[1],
                                here[2],
                                d,
                                -away,
                                e,
                                f,
                                away * _sign(leans * normal[e]),
                                away * _sign(leans * normal[f]),
                                g,
                                axis,
                                begin,
                                periodic,
                                ends,
                                touched,
                                along_i,
                                along_j,
                                along_k,
                            )


@_compiled
def _sign(value: float) -> int:
    return 0 if abs(value) < 1e-6 else (1 if value > 0 else -1)


@_compiled
def _beside(place: int, step: int, size: int, wraps: bool) -> int:
    """The place a step away, or -1 outside."""
    there = place + step
    if 0 <= there < size:
        return there
    return (there + size) % size if wraps else -1


@_compiled
def _add(
    grains: Array,
    grain: int,
    other: int,
    i: int,
    j: int,
    k: int,
    d: int,
    across: int,
    e: int,
    f: int,
    step: int,
    shift: int,
    g: float,
    axis: int,
    begin: int,
    periodic: Array,
    ends: Array,
    touched: Array,
    along_i: Array,
    along_j: Array,
    along_k: Array,
) -> None:
    """A facet's conductance along e, half of it shifted along f, all of it a step along e.

    The facet lies between a voxel of ``grain`` and the next one ``across`` d, of ``other``.
    """
    shape = grains.shape
    along = along_i if e == 0 else (along_j if e == 1 else along_k)
    for moved in range(2 if shift != 0 else 1):
        weight = 0.5 * g if shift != 0 else g
        at = np.array([i, j, k])
        if moved:
            there = _beside(at[f], shift, shape[f], periodic[f])
            if there >= 0:
                was = at[f]
                at[f] = there
                if grains[at[0], at[1], at[2]] != grain:
                    at[f] = was
        for way in range(-1, 2, 2):
            there = _beside(at[e], way, shape[e], periodic[e])
            if there < 0:
                continue
            then = at.copy()
            then[e] = there
            beyond = grains[then[0], then[1], then[2]]
            if beyond < 0 or beyond == other:
                continue
            # Level facets reach half a step to either side.
            part = weight if way == step else 0.0
            if step == 0:
                part = 0.5 * weight
                back = _beside(at[e], -way, shape[e], periodic[e])
                if back >= 0:
                    then[e] = back
                    if grains[then[0], then[1], then[2]] == other:
                        part = weight
                    then[e] = there
            ends_here = beyond != grain
            if not ends_here:
                then[d] = _beside(then[d], across, shape[d], periodic[d])
                next_to = grains[then[0], then[1], then[2]]
                ends_here = next_to >= 0 and next_to != other and next_to != grain
            if ends_here:  # joined to the next boundary, which gives as much
                part = 0.5 * weight
            if part == 0.0:
                continue
            face = at.copy()
            face[e] = at[e] + (1 if way > 0 else 0)
            last = shape[e] + (begin if e == axis else 0)
            face[axis] += begin
            along[face[0], face[1], face[2]] += part
            if periodic[e] and (face[e] == 0 or face[e] == last):
                face[e] = last - face[e]
                along[face[0], face[1], face[2]] += part
        if e == axis:
            u, v = at[0], at[1]
            if axis == 0:
                u, v = at[1], at[2]
            elif axis == 1:
                v = at[2]
            for end in range(2):
                row = shape[e] - 1 if end else 0
                if at[e] == row and ends[end] and touched[end, u, v]:
                    face = at.copy()
                    face[e] = at[e] + begin + end
                    along[face[0], face[1], face[2]] += 2.0 * weight


@_compiled
def sheet_currents(
    first: int,
    last: int,
    voltage: Array,
    along_i: Array,
    along_j: Array,
    along_k: Array,
    axis: int,
    periodic: Array,
) -> Array:
    """The power in what was added, and the currents along the axis through every plane, for 1 V."""
    shape = voltage.shape
    out = np.zeros(2 + shape[axis])
    for i in range(first, last):
        for j in range(shape[1]):
            for k in range(shape[2]):
                x = voltage[i, j, k]
                if np.isnan(x):
                    continue
                for d in range(3):
                    along = along_i if d == 0 else (along_j if d == 1 else along_k)
                    q = i if d == 0 else (j if d == 1 else k)
                    if d == axis and q == shape[d] - 1:
                        g = along[i + (d == 0), j + (d == 1), k + (d == 2)]
                        out[0] += g * x * x
                        out[1 + shape[d]] += g * x
                    g = along[i, j, k]
                    if g == 0.0:
                        continue
                    y = 1.0
                    if q > 0 or d != axis:
                        if q == 0 and not periodic[d]:
                            continue
                        a = (i if i else shape[0]) - 1 if d == 0 else i
                        b = (j if j else shape[1]) - 1 if d == 1 else j
                        c = (k if k else shape[2]) - 1 if d == 2 else k
                        y = voltage[a, b, c]
                        if np.isnan(y):
                            continue
                    out[0] += g * (y - x) * (y - x)
                    if d == axis:
                        out[1 + q] += g * (y - x)
    return out
