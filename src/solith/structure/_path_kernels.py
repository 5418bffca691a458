"""Lengths of shortest paths through a mask: sweeps over layers, octant by octant.

A voxel's value is the least, over the triangles between its neighbours in one octant (along an
axis, across a face's diagonal, across the body's), of the value interpolated on the triangle plus
the distance to there. That solves the eikonal equation of speed 1 to first order, with far less
error around corners than neighbours along the axes give.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "sweep_strips"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True, error_model="numpy")

BLOCK = 32
"""Voxels of a row that are looked at again together where something changed."""


@_compiled
def _through(a: float, b: float, c: float, i: float, j: float, k: float, best: float) -> float:
    """The least of ``best`` and what comes through a triangle.

    ``i``, ``j``, ``k`` are the voxel's lengths along the axes on which a, b and c lie further.
    """
    best = min(best, a + i)
    if b == np.inf:
        return best
    ii, jj = i * i, j * j
    slope_b = a - b
    if slope_b > 0:
        g = slope_b * slope_b / jj
        best = min(best, a + i * np.sqrt(1 - g) if g * (ii + jj) < jj else b + np.sqrt(ii + jj))
    if c == np.inf or min(a, b, c) + i >= best:
        return best
    kk = k * k
    slope_c = b - c
    if slope_c > 0:
        g = slope_c * slope_c / kk
        far = ii + jj
        edge = b + np.sqrt(far * (1 - g)) if g * (far + kk) < kk else c + np.sqrt(far + kk)
        best = min(best, edge)
    if a > c:
        across = jj + kk
        g = (a - c) * (a - c) / across
        if g * (ii + across) < across:
            best = min(best, a + i * np.sqrt(1 - g))
    if slope_b > 0 and slope_c > 0:
        gb, gc = slope_b / j, slope_c / k
        rest = 1 - gb * gb - gc * gc
        if rest > 0:
            reach = i / np.sqrt(rest)
            if gc * reach / k <= gb * reach / j <= 1:
                best = min(best, a + i * np.sqrt(rest))
    return best


@_compiled
def _row(
    mask: Array,
    times: Array,
    k: int,
    i: int,
    kk: int,
    ii: int,
    first: int,
    stop: int,
    dj: int,
    sizes: Array,
    tolerance: float,
) -> bool:
    """Updates a row's voxels from one octant; tells whether one fell by over ``tolerance``."""
    nk, ni, nj = mask.shape
    h0, h1, h2 = sizes[0], sizes[1], sizes[2]
    nearest = min(h0, h1, h2)
    in_k, in_i = 0 <= kk < nk, 0 <= ii < ni
    changed = False
    for j in range(first, stop, dj):
        if not mask[k, i, j]:
            continue
        jj = j - dj
        in_j = 0 <= jj < nj
        t0 = times[kk, i, j] if in_k else np.inf
        t1 = times[k, ii, j] if in_i else np.inf
        t2 = times[k, i, jj] if in_j else np.inf
        if t0 == np.inf and t1 == np.inf and t2 == np.inf:
            continue
        t01 = times[kk, ii, j] if in_k and in_i else np.inf
        t02 = times[kk, i, jj] if in_k and in_j else np.inf
        t12 = times[k, ii, jj] if in_i and in_j else np.inf
        t3 = times[kk, ii, jj] if in_k and in_i and in_j else np.inf
        old = times[k, i, j]
        if min(t0, t1, t2, t01, t02, t12, t3) + nearest >= old:
            continue
        best = np.float64(old)
        if t0 < np.inf:
            best = _through(t0, t01, t3, h0, h1, h2, best)
            best = _through(t0, t02, t3, h0, h2, h1, best)
        if t1 < np.inf:
            best = _through(t1, t01, t3, h1, h0, h2, best)
            best = _through(t1, t12, t3, h1, h2, h0, best)
        if t2 < np.inf:
            best = _through(t2, t02, t3, h2, h0, h1, best)
            best = _through(t2, t12, t3, h2, h1, h0, best)
        if best < old:
            times[k, i, j] = best
            changed = changed or best < old - tolerance
    return changed


@_compiled
def sweep_strips(
    first: int,
    last: int,
    colour: int,
    width: int,
    mask: Array,
    times: Array,
    stamps: Array,
    number: int,
    sizes: Array,
    tolerance: float,
) -> int:
    """One pass through all layers, upwards if ``number`` is odd, in every other strip of rows.

    ``stamps`` (layer, row, block) hold the pass in which a block last changed: what did not since
    the last pass in the same direction is left alone. Returns the number of blocks that changed.
    """
    nk, ni, nj = mask.shape
    blocks = stamps.shape[2]
    since = number - 2
    changes = 0
    up = number % 2 == 1
    for strip in range(2 * first + colour, 2 * last + colour, 2):
        low, high = strip * width, min((strip + 1) * width, ni)
        for layer in range(nk):
            k = layer if up else nk - 1 - layer
            kk = k - 1 if up else k + 1
            layer_kk = kk if 0 <= kk < nk else k
            for octant in range(4):
                di = 1 if octant < 2 else -1
                dj = 1 if octant % 2 == 0 else -1
                for row in range(high - low):
                    i = low + row if di > 0 else high - 1 - row
                    ii = i - di
                    row_ii = ii if 0 <= ii < ni else i
                    for place in range(blocks):
                        block = place if dj > 0 else blocks - 1 - place
                        before = min(max(block - dj, 0), blocks - 1)
                        if (
                            stamps[k, i, block] < since
                            and stamps[k, i, before] < since
                            and stamps[k, row_ii, block] < since
                            and stamps[k, row_ii, before] < since
                            and stamps[layer_kk, i, block] < since
                            and stamps[layer_kk, i, before] < since
                            and stamps[layer_kk, row_ii, block] < since
                            and stamps[layer_kk, row_ii, before] < since
                        ):
                            continue
                        begin, end = block * BLOCK, min((block + 1) * BLOCK, nj)
                        start, stop = (begin, end) if dj > 0 else (end - 1, begin - 1)
                        if _row(mask, times, k, i, kk, ii, start, stop, dj, sizes, tolerance):
                            changes += stamps[k, i, block] != number
                            stamps[k, i, block] = number
    return changes
