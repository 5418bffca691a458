"""The loops over the faces of a stack: grains with boundaries between them, and layers on top.

A voxel has a code: that of its grain from 0, then two a layer (covered, gap), the last one for
voids. ``half`` is by code half of the resistivity [ohm m], infinite where nothing conducts.
``rows`` gives the layer of every row of voxels along the axis, -1 in the ceramic, which begins at
``begin``; ``maps[layer]`` the codes of a layer over the lateral directions. ``offsets`` and
``others`` list the neighbours b > a of every grain a, ``upon`` the resistance of a face between
them [ohm m2]: that of the boundary, times |n|_1; ``contacts`` are the resistances between a layer's
codes and a grain. ``stairs`` is ``upon``, but zero where a boundary lies along the voxels.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from solith.transport._polycrystal_faces import between_codes

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
def _in_line(
    grains: Array,
    rows: Array,
    maps: Array,
    begin: int,
    axis: int,
    void: int,
    place: int,
    u: int,
    v: int,
) -> int:
    """The code at a ``place`` along the axis; -1 beyond the electrodes."""
    if not 0 <= place < len(rows):
        return -1
    i, j, k = (place, u, v) if axis == 0 else ((u, place, v) if axis == 1 else (u, v, place))
    return int(_code(grains, rows, maps, begin, axis, void, i, j, k))


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
    """The codes of the voxels of one row along the last axis; -1 beyond the sides."""
    number = len(codes)
    if i < 0 or j < 0:
        codes[:] = -1
        return
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
def _step(place: int, by: int, size: int, periodic: bool) -> int:
    """The place so many voxels on, or -1 beyond the sides."""
    there = place + by
    if 0 <= there < size:
        return there
    return there % size if periodic else -1


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
    upon: Array,
    contacts: Array,
    stairs: Array,
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
    # The codes of the line of voxels across d: two before a face, two after it.
    line = np.empty((4, nk), np.int32)
    for i in range(first, last):
        for j in range(nj):
            q, size = (i, ni) if d == 0 else ((j, nj) if d == 1 else (0, nk))
            p = i if axis == 0 else j
            for n in range(4):
                if d < 2 or n == 2:
                    a = _step(i, n - 2, ni, periodic) if d == 0 else i
                    b = _step(j, n - 2, nj, periodic) if d == 1 else j
                    _row(grains, rows, maps, begin, axis, void, a, b, line[n])
            if d == 2:
                for k in range(nk):
                    for n in (0, 1, 3):
                        c = _step(k, n - 2, nk, periodic)
                        line[n, k] = line[2, c] if c >= 0 else -1
            for k in range(nk):
                if axis == 2:
                    p = k
                if d == 2:
                    q = k
                code = line[2, k]
                area = _face_area(d, axis, lateral, widths, heights[p]) / scale
                own = half[code] * (heights[p] if d == axis else widths[d])
                if q > 0 or periodic:
                    other = line[1, k]
                    thick = heights[p - 1] if d == axis else widths[d]
                    between, _ = between_codes(
                        line[0, k],
                        other,
                        code,
                        line[3, k],
                        number,
                        offsets,
                        others,
                        upon,
                        contacts,
                        half,
                        stairs,
                        widths[d],
                    )
                    g = area / (own + half[other] * thick + between)
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
    upon: Array,
    contacts: Array,
    stairs: Array,
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
    # By direction: the codes of two voxels before a face, two after it.
    lines = np.empty((3, 4, nk), np.int32)
    for i in range(first, last):
        for j in range(nj):
            _row(grains, rows, maps, begin, axis, void, i, j, lines[0, 2])
            lines[1, 2] = lines[2, 2] = lines[0, 2]
            for n in (0, 1, 3):
                a = _step(i, n - 2, ni, periodic[0])
                _row(grains, rows, maps, begin, axis, void, a, j, lines[0, n])
                b = _step(j, n - 2, nj, periodic[1])
                _row(grains, rows, maps, begin, axis, void, i, b, lines[1, n])
                for k in range(nk):
                    c = _step(k, n - 2, nk, periodic[2])
                    lines[2, n, k] = lines[0, 2, c] if c >= 0 else -1
            for k in range(nk):
                x = voltage[i, j, k]
                if np.isnan(x):
                    continue
                here = lines[0, 2, k]
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
                    if d == 0:
                        y = voltage[(i if i else ni) - 1, j, k]
                    elif d == 1:
                        y = voltage[i, (j if j else nj) - 1, k]
                    else:
                        y = voltage[i, j, (k if k else nk) - 1]
                    there = lines[d, 1, k]
                    thick = heights[p - 1] if d == axis else widths[d]
                    its = half[there] * thick
                    between, part = between_codes(
                        lines[d, 0, k],
                        there,
                        here,
                        lines[d, 3, k],
                        number,
                        offsets,
                        others,
                        upon,
                        contacts,
                        half,
                        stairs,
                        widths[d],
                    )
                    density = (y - x) / (own + its + between)
                    if density == 0.0 or np.isnan(density):
                        continue
                    power = density * density * area
                    if here < number and there < number:
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
    upon: Array,
    contacts: Array,
    stairs: Array,
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
                one = _in_line(grains, rows, maps, begin, axis, void, before, u, v)
                other = _in_line(grains, rows, maps, begin, axis, void, after, u, v)
                if plane == 0:
                    if touched[0, u, v]:
                        out[n, u, v] = (1.0 - y) / (half[other] * heights[0])
                elif plane == total:
                    if touched[1, u, v]:
                        out[n, u, v] = x / (half[one] * heights[total - 1])
                else:
                    voxels = half[one] * heights[before] + half[other] * heights[after]
                    between, _ = between_codes(
                        _in_line(grains, rows, maps, begin, axis, void, before - 1, u, v),
                        one,
                        other,
                        _in_line(grains, rows, maps, begin, axis, void, after + 1, u, v),
                        number,
                        offsets,
                        others,
                        upon,
                        contacts,
                        half,
                        stairs,
                        widths[axis],
                    )
                    out[n, u, v] = (x - y) / (voxels + between)
