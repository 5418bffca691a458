"""The loops over the faces of a stack: grains with boundaries between them, and layers on top.

A voxel has a code: that of its grain from 0, then two a layer (covered, gap), the last one for
voids. ``half`` is by code half of the resistivity [ohm m], infinite where nothing conducts.
``rows`` gives the layer of every row of voxels along the axis, -1 in the ceramic, which begins at
``begin``; ``maps[layer]`` the codes of a layer over the lateral directions. ``offsets`` and
``others`` list the neighbours b > a of every grain a, ``resistances`` the boundary's [ohm m2] and
``normals`` the size of its unit normal's components; ``contacts`` are the resistances between a
layer's codes and a grain.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from solith.transport._stair_law import boundary_part_on_stairs, resistance_on_stairs

__all__ = ["BOUNDARY", "BULK", "INTERFACE", "LAYERS", "account", "fill", "planes"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True, error_model="numpy")
_inlined = numba.njit(nogil=True, cache=True, error_model="numpy", inline="always")

BULK, BOUNDARY, INTERFACE, LAYERS = 0, 1, 2, 3
"""Places of the parts of the dissipation in what :func:`account` returns; planes follow."""


@_compiled
def _code(
    grains: Array,
    rows: Array,
    maps: Array,
    begin: int,
    axis: int,
    void: int,
    i: int,
    j: int,
    k: int,
) -> int:
    layer = rows[i if axis == 0 else (j if axis == 1 else k)]
    if layer >= 0:
        one, other = (j, k) if axis == 0 else ((i, k) if axis == 1 else (i, j))
        return int(maps[layer, one, other])
    grain = int(
        grains[
            i - (begin if axis == 0 else 0),
            j - (begin if axis == 1 else 0),
            k - (begin if axis == 2 else 0),
        ]
    )
    return grain if grain >= 0 else void


@_compiled
def _row(
    grains: Array,
    rows: Array,
    maps: Array,
    begin: int,
    axis: int,
    void: int,
    i: int,
    j: int,
    codes: Array,
) -> None:
    """The codes of the voxels of one row along the last axis."""
    number = len(codes)
    if axis == 2:
        for k in range(number):
            layer = rows[k]
            if layer >= 0:
                codes[k] = maps[layer, i, j]
            else:
                grain = grains[i, j, k - begin]
                codes[k] = grain if grain >= 0 else void
        return
    place, beside = (i, j) if axis == 0 else (j, i)
    layer = rows[place]
    if layer >= 0:
        for k in range(number):
            codes[k] = maps[layer, beside, k]
        return
    a, b = (i - begin, j) if axis == 0 else (i, j - begin)
    for k in range(number):
        grain = grains[a, b, k]
        codes[k] = grain if grain >= 0 else void


@_inlined
def _between(
    one: int,
    other: int,
    number: int,
    offsets: Array,
    others: Array,
    resistances: Array,
    normals: Array,
    contacts: Array,
    d: int,
    voxels: float,
) -> tuple[float, float]:
    """The resistance of a face across d between two codes, beside that of the ``voxels`` [ohm m2],
    and how much of both follows the boundaries'.

    A boundary's is corrected for the stairs as ``_stair_law.py`` derives.
    """
    a, b = min(one, other), max(one, other)
    if a == b or a >= number:
        return 0.0, 0.0
    if b >= number:
        return float(contacts[b - number]), 0.0
    for place in range(offsets[a], offsets[a + 1]):
        if others[place] == b:
            plain = resistances[place]
            if np.isinf(plain) or np.isinf(voxels):
                return np.inf, np.inf
            across = normals[place, d]
            beside = normals[place, 0] + normals[place, 1] + normals[place, 2] - across
            return (
                float(resistance_on_stairs(plain, across, beside, voxels)),
                float(boundary_part_on_stairs(plain, across, beside, voxels)),
            )
    return 0.0, 0.0


@_inlined
def _face_area(d: int, axis: int, lateral: float, widths: Array, height: float) -> float:
    if d == axis:
        return lateral
    # Of the two directions beside d, one is the axis.
    return float(widths[3 - axis - d] * height)


@_compiled
def fill(
    first: int,
    last: int,
    grains: Array,
    rows: Array,
    heights: Array,
    maps: Array,
    begin: int,
    axis: int,
    widths: Array,
    half: Array,
    offsets: Array,
    others: Array,
    resistances: Array,
    normals: Array,
    contacts: Array,
    touched: Array,
    d: int,
    periodic: bool,
    scale: float,
    faces: Array,
) -> None:
    """What every face in direction d conducts, over ``scale``.

    ``touched[0]`` and ``touched[1]`` say where the electrodes touch the first and the last row.
    """
    total = len(rows)
    ni = total if axis == 0 else grains.shape[0]
    nj = total if axis == 1 else grains.shape[1]
    nk = total if axis == 2 else grains.shape[2]
    number = len(offsets) - 1
    void = len(half) - 1
    lateral = widths[0] * widths[1] * widths[2] / widths[axis]
    here, there = np.empty(nk, np.int32), np.empty(nk, np.int32)
    for i in range(first, last):
        for j in range(nj):
            _row(grains, rows, maps, begin, axis, void, i, j, here)
            q, size = (i, ni) if d == 0 else ((j, nj) if d == 1 else (0, nk))
            p = i if axis == 0 else j
            if d < 2 and (q > 0 or periodic):
                a = (i if i else ni) - 1 if d == 0 else i
                b = (j if j else nj) - 1 if d == 1 else j
                _row(grains, rows, maps, begin, axis, void, a, b, there)
            for k in range(nk):
                if axis == 2:
                    p = k
                if d == 2:
                    q = k
                code = here[k]
                area = _face_area(d, axis, lateral, widths, heights[p]) / scale
                own = half[code] * (heights[p] if d == axis else widths[d])
                if q > 0 or periodic:
                    other = there[k] if d < 2 else here[k - 1 if k else nk - 1]
                    thick = heights[p - 1] if d == axis else widths[d]
                    voxels = own + half[other] * thick
                    between, _ = _between(
                        code,
                        other,
                        number,
                        offsets,
                        others,
                        resistances,
                        normals,
                        contacts,
                        d,
                        voxels,
                    )
                    g = area / (voxels + between)
                    faces[i, j, k] = g
                    if q == 0:  # the last face is the first
                        faces[
                            i + (ni if d == 0 else 0),
                            j + (nj if d == 1 else 0),
                            k + (nk if d == 2 else 0),
                        ] = g
                if d == axis and (q == 0 or q == size - 1):
                    u, v = (j, k) if axis == 0 else ((i, k) if axis == 1 else (i, j))
                    if q == 0 and touched[0, u, v]:
                        faces[i, j, k] = area / own
                    if q == size - 1 and touched[1, u, v]:
                        faces[i + (d == 0), j + (d == 1), k + (d == 2)] = area / own


@_compiled
def account(
    first: int,
    last: int,
    grains: Array,
    rows: Array,
    heights: Array,
    maps: Array,
    begin: int,
    axis: int,
    widths: Array,
    half: Array,
    offsets: Array,
    others: Array,
    resistances: Array,
    normals: Array,
    contacts: Array,
    touched: Array,
    periodic: Array,
    voltage: Array,
) -> Array:
    """Where power goes [W] for a drop of 1 V, and the current through every plane [A].

    Power in grains, boundaries, interfaces of layers, then in every layer; the planes last. A
    boundary's is what of it follows its resistance (``_stair_law.py``).
    """
    ni, nj, nk = voltage.shape
    number = len(offsets) - 1
    void = len(half) - 1
    lateral = widths[0] * widths[1] * widths[2] / widths[axis]
    through = LAYERS + len(maps)
    out = np.zeros(through + len(rows) + 1)
    codes = np.empty((3, nk), np.int32)
    for i in range(first, last):
        for j in range(nj):
            _row(grains, rows, maps, begin, axis, void, i, j, codes[2])
            back_i, back_j = (i if i else ni) - 1, (j if j else nj) - 1
            _row(grains, rows, maps, begin, axis, void, back_i, j, codes[0])
            _row(grains, rows, maps, begin, axis, void, i, back_j, codes[1])
            for k in range(nk):
                x = voltage[i, j, k]
                if np.isnan(x):
                    continue
                here = codes[2, k]
                mine = LAYERS + (here - number) // 2 if here >= number else BULK
                p = i if axis == 0 else (j if axis == 1 else k)
                for d in range(3):
                    q, size = (i, ni) if d == 0 else ((j, nj) if d == 1 else (k, nk))
                    area = _face_area(d, axis, lateral, widths, heights[p])
                    own = half[here] * (heights[p] if d == axis else widths[d])
                    if d == axis and (q == 0 or q == size - 1):
                        u, v = (j, k) if axis == 0 else ((i, k) if axis == 1 else (i, j))
                        if q == 0 and touched[0, u, v]:
                            current = (1.0 - x) * area / own
                            out[mine] += current * (1.0 - x)
                            out[through] += current
                        if q == size - 1 and touched[1, u, v]:
                            current = x * area / own
                            out[mine] += current * x
                            out[through + size] += current
                    if q == 0 and not periodic[d]:
                        continue
                    back_k = (k if k else nk) - 1
                    if d == 0:
                        y = voltage[back_i, j, k]
                    elif d == 1:
                        y = voltage[i, back_j, k]
                    else:
                        y = voltage[i, j, back_k]
                    there = codes[d, k] if d < 2 else codes[2, back_k]
                    thick = heights[p - 1] if d == axis else widths[d]
                    its = half[there] * thick
                    between, part = _between(
                        here,
                        there,
                        number,
                        offsets,
                        others,
                        resistances,
                        normals,
                        contacts,
                        d,
                        own + its,
                    )
                    density = (y - x) / (own + its + between)
                    if density == 0.0 or np.isnan(density):
                        continue
                    power = density * density * area
                    if part > 0.0:
                        out[BOUNDARY] += power * part
                        out[BULK] += power * (own + its + between - part)
                    else:
                        out[mine] += power * own
                        out[LAYERS + (there - number) // 2 if there >= number else BULK] += (
                            power * its
                        )
                        out[INTERFACE] += power * between
                    if d == axis:
                        out[through + q] += density * area
    return out


@_compiled
def planes(
    first: int,
    last: int,
    grains: Array,
    rows: Array,
    heights: Array,
    maps: Array,
    begin: int,
    axis: int,
    widths: Array,
    half: Array,
    offsets: Array,
    others: Array,
    resistances: Array,
    normals: Array,
    contacts: Array,
    touched: Array,
    voltage: Array,
    start: int,
    out: Array,
) -> None:
    """Current density along the axis [A/m2] through the planes of faces from ``start``."""
    number = len(offsets) - 1
    void = len(half) - 1
    total = len(rows)
    for u in range(first, last):
        for n in range(out.shape[0]):
            for v in range(out.shape[2]):
                plane = start + n
                after, before = min(plane, total - 1), max(plane - 1, 0)
                i, j, k = after, u, v
                a, b, c = before, u, v
                if axis == 1:
                    i, j, k = u, after, v
                    a, b, c = u, before, v
                elif axis == 2:
                    i, j, k = u, v, after
                    a, b, c = u, v, before
                x, y = voltage[a, b, c], voltage[i, j, k]
                if np.isnan(x) or np.isnan(y):
                    continue
                one = _code(grains, rows, maps, begin, axis, void, a, b, c)
                other = _code(grains, rows, maps, begin, axis, void, i, j, k)
                if plane == 0:
                    if touched[0, u, v]:
                        out[n, u, v] = (1.0 - y) / (half[other] * heights[0])
                elif plane == total:
                    if touched[1, u, v]:
                        out[n, u, v] = x / (half[one] * heights[total - 1])
                else:
                    voxels = half[one] * heights[before] + half[other] * heights[after]
                    between, _ = _between(
                        one,
                        other,
                        number,
                        offsets,
                        others,
                        resistances,
                        normals,
                        contacts,
                        axis,
                        voxels,
                    )
                    out[n, u, v] = (x - y) / (voxels + between)
