"""The loops over the faces of a grid."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["count_faces", "fill", "join", "split"]

Array = NDArray[Any]


@numba.njit(nogil=True, cache=True)
def fill(
    first: int, last: int, codes: Array, table: Array, faces: Array, di: int, dj: int, dk: int
) -> None:
    """Each inner face conducts what the table says for the phases before and after it."""
    _ni, nj, nk = codes.shape
    for i in range(first, last):
        for j in range(nj - dj):
            for k in range(nk - dk):
                faces[i + di, j + dj, k + dk] = table[codes[i, j, k], codes[i + di, j + dj, k + dk]]


@numba.njit(nogil=True, cache=True)
def count_faces(first: int, last: int, codes: Array, number: int) -> Array:
    """Faces by direction and by the codes before and after them."""
    ni, nj, nk = codes.shape
    counts = np.zeros((3, number, number), np.int64)
    for i in range(first, last):
        for j in range(nj):
            for k in range(nk):
                here = codes[i, j, k]
                if i + 1 < ni:
                    counts[0, here, codes[i + 1, j, k]] += 1
                if j + 1 < nj:
                    counts[1, here, codes[i, j + 1, k]] += 1
                if k + 1 < nk:
                    counts[2, here, codes[i, j, k + 1]] += 1
    return counts


@numba.njit(nogil=True, cache=True)
def join(
    first: int,
    last: int,
    fine: Array,
    coarse: Array,
    si: int,
    sj: int,
    sk: int,
    direction: int,
    factor: float,
) -> None:
    """Conductances across a coarse face, summed over the fine faces in it, times a factor."""
    ni, nj, nk = fine.shape
    _ci, cj, ck = coarse.shape
    wi = 1 if direction == 0 else si
    wj = 1 if direction == 1 else sj
    wk = 1 if direction == 2 else sk
    for big_i in range(first, last):
        for big_j in range(cj):
            for big_k in range(ck):
                total = np.float32(0.0)
                for i in range(big_i * si, min(big_i * si + wi, ni)):
                    for j in range(big_j * sj, min(big_j * sj + wj, nj)):
                        for k in range(big_k * sk, min(big_k * sk + wk, nk)):
                            total += fine[i, j, k]
                coarse[big_i, big_j, big_k] = factor * total


@numba.njit(nogil=True, cache=True)
def split(
    first: int, last: int, along_i: Array, along_j: Array, along_k: Array, red: Array
) -> None:
    """Every face goes to the red cell at its side, red ghosts included."""
    ni, nj, nk = along_j.shape[0], along_i.shape[1], along_i.shape[2]
    _, _ri, rj, rm = red.shape
    for row in range(first, last):
        big_i, big_j = row // rj, row % rj
        i, j = big_i - 1, big_j - 1
        p = (big_i + big_j) & 1
        inside_i, inside_j = 0 <= i < ni, 0 <= j < nj
        for m in range(rm):
            k = 2 * (m - 1) + p
            inside_k = 0 <= k < nk
            if inside_j and inside_k:
                if i >= 0:
                    red[0, big_i, big_j, m] = along_i[i, j, k]
                if i < ni:
                    red[1, big_i, big_j, m] = along_i[i + 1, j, k]
            if inside_i and inside_k:
                if j >= 0:
                    red[2, big_i, big_j, m] = along_j[i, j, k]
                if j < nj:
                    red[3, big_i, big_j, m] = along_j[i, j + 1, k]
            if inside_i and inside_j:
                if 0 <= k <= nk:
                    red[4, big_i, big_j, m] = along_k[i, j, k]
                if -1 <= k < nk:
                    red[5, big_i, big_j, m] = along_k[i, j, k + 1]
