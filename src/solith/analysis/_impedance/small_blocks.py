"""Symmetric matrices of some hundred rows, in blocks that BLAS leaves to one thread.

A pool of threads costs more than it saves on matrices of this size, and where other work keeps the
cores busy a product of microseconds takes milliseconds. OpenBLAS multiplies on one thread below
some 2.6e5 multiplications (measured with 0.3.31, as in numpy 2.4: from 80 rows on ``A.T @ A``
starts the pool, from 106 on ``solve``, up to 64 nothing does); scipy.linalg has another pool that
fights with numpy's, and is not used.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["gram", "inverse_factor", "product"]

Array = NDArray[np.float64]

_MULTIPLICATIONS = 200_000  # of one product
_ROWS = 56  # of one factor


def gram(columns: Array) -> Array:
    """``columns.T @ columns`` (m, m) of ``columns`` (n, m)."""
    size = columns.shape[1]
    rows = max(_MULTIPLICATIONS // size**2, 1)
    product = np.zeros((size, size))
    for begin in range(0, len(columns), rows):
        part = columns[begin : begin + rows]
        product += part.T @ part.copy()
    return product


def product(left: Array, right: Array) -> Array:
    """``left @ right`` (n, k) of matrices (n, m) and (m, k)."""
    rows = max(_MULTIPLICATIONS // right.size, 1)
    parts = [left[begin : begin + rows] @ right for begin in range(0, len(left), rows)]
    return np.concatenate(parts)


def inverse_factor(matrix: Array) -> Array:
    """``W`` (m, m), lower triangular, with ``W.T @ W`` the inverse of the ``matrix`` (m, m).

    It is the inverse of the Cholesky factor. Raises :class:`numpy.linalg.LinAlgError` where the
    matrix is not positive definite.
    """
    size = len(matrix)
    if size <= _ROWS:
        # Row exchanges of the inversion leave rounding above the diagonal.
        return np.tril(np.linalg.inv(np.linalg.cholesky(matrix)))
    half = size // 2
    first = inverse_factor(matrix[:half, :half])
    below = matrix[half:, :half] @ first.T
    last = inverse_factor(matrix[half:, half:] - below @ below.T)
    whole = np.zeros_like(matrix)
    whole[:half, :half] = first
    whole[half:, half:] = last
    whole[half:, :half] = -last @ (below @ first)
    return whole
