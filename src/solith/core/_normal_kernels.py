"""The loop over voxel faces: each one's area weighted by the normal of the surface it belongs to.

The window about a face is 8 x 8 x 8 voxels as eight words of 64 bits, so that what hangs together
in it is found by shifts. Bit ``8 * y + z`` of word x is the voxel (x, y, z) of the window; the face
lies between the voxels (3, 3, 3) and the next along its axis. Across it the window ends at 6.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["HALO", "OUTSIDE", "add_faces"]

HALO = (3, 4)
"""Voxels of the window before and behind the one in front of the face."""
OUTSIDE = 3
"""The code of what lies outside the volume."""

Array = NDArray[Any]

_ONE = np.uint64(1)
_EIGHT = np.uint64(8)
_NONE = np.uint64(0)
_NOT_FIRST = np.uint64(0xFEFEFEFEFEFEFEFE)
_NOT_LAST = np.uint64(0x7F7F7F7F7F7F7F7F)
_ALL_ROWS = np.uint64(0xFFFFFFFFFFFFFFFF)
_SEVEN_ROWS = np.uint64(0x00FFFFFFFFFFFFFF)
_MIDDLE = np.uint64(1 << 27)
_CANCELLED = 1e-12
"""Square of the sum of faces, each weighing up to 1, below which it is rounding."""
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_SHIFT = np.uint64(58)


def _positions() -> Array:
    found = np.zeros(64, np.int64)
    for bit in range(64):
        found[((int(_DE_BRUIJN) << bit) & (2**64 - 1)) >> 58] = bit
    return found


_POSITION = _positions()


@numba.njit(nogil=True, cache=True)
def _spread_in_layer(within: np.uint64, now: np.uint64) -> np.uint64:
    before = _NONE
    while now != before:
        before = now
        now |= ((before << _ONE) & _NOT_FIRST) | ((before >> _ONE) & _NOT_LAST)
        now |= (before << _EIGHT) | (before >> _EIGHT)
        now &= within
    return now


@numba.njit(nogil=True, cache=True)
def _spread(within: Array, found: Array) -> None:
    """All of ``within`` that hangs together, face to face, with what is ``found`` already."""
    for layer in range(8):
        if found[layer] != _NONE:
            found[layer] = _spread_in_layer(within[layer], found[layer])
    changed = True
    while changed:
        changed = False
        for step in range(14):
            layer = step if step < 8 else 14 - step
            now = found[layer]
            if layer > 0:
                now |= found[layer - 1]
            if layer < 7:
                now |= found[layer + 1]
            now &= within[layer]
            if now != found[layer]:
                found[layer] = _spread_in_layer(within[layer], now)
                changed = True


@numba.njit(nogil=True, cache=True)
def _weigh(plus: np.uint64, minus: np.uint64, weights: Array, position: Array) -> float:
    """The sum of weights of the bits of ``plus``, less those of ``minus``."""
    total = 0.0
    bits = plus | minus
    while bits != _NONE:
        lowest = bits & (~bits + _ONE)
        weight = weights[position[(lowest * _DE_BRUIJN) >> _SHIFT]]
        total += weight if plus & lowest else -weight
        bits ^= lowest
    return total


@numba.njit(nogil=True, cache=True)
def _add_vector(lower: Array, upper: Array, weights: Array, position: Array, total: Array) -> None:
    """The weighted sum of the unit vectors of all faces from ``lower`` to ``upper``."""
    x = y = z = 0.0
    for layer in range(8):
        here, there = lower[layer], upper[layer]
        if here | there == _NONE:
            continue
        ahead = here & (there >> _ONE) & _NOT_LAST
        back = there & (here >> _ONE) & _NOT_LAST
        z += _weigh(ahead, back, weights[2, layer], position)
        ahead, back = here & (there >> _EIGHT), there & (here >> _EIGHT)
        y += _weigh(ahead, back, weights[1, layer], position)
        if layer < 7:
            ahead, back = here & upper[layer + 1], there & lower[layer + 1]
            x += _weigh(ahead, back, weights[0, layer], position)
    total[0], total[1], total[2] = x, y, z


@numba.njit(nogil=True, cache=True)
def _look(
    rows: Array, code: int, place: tuple[int, int, int], axis: int, window: Array
) -> np.uint64:
    """The voxels of a code in the window of a face; whether there are any."""
    i, j, k = place
    seen = _NONE
    inside = _ALL_ROWS if axis == 1 else _SEVEN_ROWS
    if axis != 2:
        inside &= _NOT_LAST
    for x in range(8):
        word = _NONE
        if x < 7 or axis == 0:
            for y in range(7, -1, -1):
                word = (word << _EIGHT) | np.uint64(rows[code, i + x, j + y, k])
        word &= inside
        window[x] = word
        seen |= word
    return seen


@numba.njit(nogil=True, cache=True)
def _rows(codes: Array) -> Array:
    """For each of three codes, the eight voxels from (x, y, z) on along z as bits."""
    ni, nj, nk = codes.shape
    rows = np.empty((3, ni, nj, nk - 7), np.uint8)
    for code in range(3):
        for i in range(ni):
            for j in range(nj):
                bits = 0
                for k in range(nk):
                    bits >>= 1
                    if codes[i, j, k] == code:
                        bits |= 128
                    if k >= 7:
                        rows[code, i, j, k - 7] = bits
    return rows


@numba.njit(nogil=True, cache=True)
def _alike(vector: Array, normal: Array) -> float:
    """The square of the cosine between a vector and the normal; nothing if they part."""
    along = square = 0.0
    for d in range(3):
        along += vector[d] * normal[d]
        square += vector[d] * vector[d]
    return along * along / square if along > 0.0 else 0.0


@numba.njit(nogil=True, cache=True)
def _join(vectors: Array, normal: Array) -> None:
    """The normal of a face between two phases.

    ``vectors[0]`` sums the faces between the two. Beside a third phase the surface of the first
    phase goes on with ``vectors[1]``, that of the second with ``vectors[2]``: each counts by the
    square of the cosine of its angle with the normal, found in four rounds.
    """
    first = second = 0.0
    for _ in range(4):
        square = 0.0
        for d in range(3):
            normal[d] = vectors[0, d] + first * vectors[1, d] + second * vectors[2, d]
            square += normal[d] * normal[d]
        scale = 1.0 / np.sqrt(square)
        for d in range(3):
            normal[d] *= scale
        first = _alike(vectors[1], normal)
        second = _alike(vectors[2], normal)
        if first == 0.0 and second == 0.0:
            break


@numba.njit(nogil=True, cache=True)
def _find_normal(
    rows: Array,
    place: tuple[int, int, int],
    axis: int,
    here: int,
    there: int,
    weights: Array,
    spacing: Array,
    words: Array,
    vectors: Array,
    normal: Array,
) -> None:
    """The normal, from ``here`` to ``there``, of the surface that a face belongs to."""
    windows, found, position = words[:3], words[3:], _POSITION
    _look(rows, here, place, axis, windows[0])
    _look(rows, there, place, axis, windows[1])
    third = _look(rows, 3 - here - there, place, axis, windows[2])
    found[:] = _NONE
    found[0, 3] = _MIDDLE
    if axis == 0:
        found[1, 4] = _MIDDLE
    else:
        found[1, 3] = _MIDDLE << (_EIGHT if axis == 1 else _ONE)
    _spread(windows[0], found[0])
    _spread(windows[1], found[1])
    _add_vector(found[0], found[1], weights[axis], position, vectors[0])
    vectors[1:] = 0.0
    if third != _NONE:
        for side in range(2):
            for x in range(8):
                windows[1 - side, x] |= windows[2, x]
                found[2 + side, x] = found[1 - side, x]
            _spread(windows[1 - side], found[2 + side])
            for x in range(8):
                windows[1 - side, x] &= ~windows[2, x]
                found[2 + side, x] &= ~found[1 - side, x]
        _add_vector(found[0], found[2], weights[axis], position, vectors[1])
        _add_vector(found[3], found[1], weights[axis], position, vectors[2])
    if (vectors[0] ** 2).sum() < _CANCELLED:
        vectors[0, axis] = 1.0
    vectors /= spacing
    _join(vectors, normal)


@numba.njit(nogil=True, cache=True)
def _add(total: Array, axis: int, size: float, normal: Array, cosine: float) -> None:
    """Adds a face of a size to the area, the nine sums of normals and the rose of one interface.

    The voxel faces' own normals e are right on average and n is smooth, so that n e + e n - n n
    has no error of first order in that of n.
    """
    area = size * normal[axis]
    total[0] += area
    for p in range(3):
        total[1 + 3 * axis + p] += size * normal[p]
        total[1 + 3 * p + axis] += size * normal[p]
        for q in range(3):
            total[1 + 3 * p + q] -= area * normal[p] * normal[q]
    bins = total.size - 10
    total[10 + min(int((cosine + 1.0) * 0.5 * bins), bins - 1)] += area


@numba.njit(nogil=True, cache=True)
def add_faces(
    codes: Array,
    particles: Array,
    weights: Array,
    spacing: Array,
    pressing: int,
    sums: Array,
    of_particles: Array,
) -> None:
    """Adds all faces of a slab to the sums.

    ``codes`` of shape (x + 7, y + 7, z + 7) holds 1 for phase a, 2 for b, 0 for any other,
    ``OUTSIDE`` beyond the volume. ``particles``, of shape (x + 1, y, z), is empty where there are
    none. ``weights[axis of the face, axis of a neighbouring face, x, bit]``.

    ``sums[interface]``, for the interfaces a | b, a | all and b | all, holds the area, nine sums of
    area times normal times normal, and the area in bins of the cosine between normal and pressing
    axis. ``of_particles[particle]`` holds the area and that in contact with b.
    """
    rows = _rows(codes)
    words = np.zeros((7, 8), np.uint64)
    vectors = np.zeros((3, 3))
    normal = np.zeros(3)
    step = np.zeros(3, np.int64)
    for i in range(codes.shape[0] - 7):
        for j in range(codes.shape[1] - 7):
            for k in range(codes.shape[2] - 7):
                here = codes[i + 3, j + 3, k + 3]
                for d in range(3):
                    step[:] = 0
                    step[d] = 1
                    there = codes[i + 3 + step[0], j + 3 + step[1], k + 3 + step[2]]
                    if here == there or max(here, there) == OUTSIDE:
                        continue
                    _find_normal(
                        rows, (i, j, k), d, here, there, weights, spacing, words, vectors, normal
                    )
                    size = spacing[0] * spacing[1] * spacing[2] / spacing[d]
                    contact = here + there == 3 and here != 0 and there != 0
                    if contact:
                        cosine = normal[pressing] if here == 1 else -normal[pressing]
                        _add(sums[0], d, size, normal, cosine)
                    for phase in (here, there):
                        if phase != 0:
                            cosine = normal[pressing] if here == phase else -normal[pressing]
                            _add(sums[phase], d, size, normal, cosine)
                    if of_particles.size > 0 and (here == 1 or there == 1):
                        if here == 1:
                            particle = particles[i, j, k]
                        else:
                            particle = particles[i + step[0], j + step[1], k + step[2]]
                        of_particles[particle, 0] += size * normal[d]
                        if contact:
                            of_particles[particle, 1] += size * normal[d]
