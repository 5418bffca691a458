"""The least squares of many peaks at once: Levenberg and Marquardt's method, normal equations."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.small_blocks import inverse_factor, product
from solith.core.errors import ConvergenceError

__all__ = ["Minimum", "descend"]

Array = NDArray[np.float64]
Function = Callable[[Array], tuple[Array, Array]]

_FIRST_DAMPING = 1e-3
"""Of the normal equations with a diagonal of ones."""
_LEAST_DAMPING, _MOST_DAMPING = 1e-12, 1e12
_BLOCK, _LONG = 44, 100
"""Rows and points of one product, which OpenBLAS leaves to one thread (see ``small_blocks``)."""
_SMALL = 112
"""Rows up to which ``inverse_factor`` starts no other thread."""
_ROUNDING = 1e-13
"""Of the sum of squares: a step that promises less is rounding."""


@dataclass(frozen=True)
class Minimum:
    """Where the descent ended: residuals (n,) and derivatives, a row for each parameter (p, n)."""

    point: Array
    residuals: Array
    rows: Array

    @property
    def variance(self) -> float:
        """The variance of one residual, nan where there are no more than parameters."""
        freedom = self.residuals.size - self.point.size
        return float(self.residuals @ self.residuals) / freedom if freedom > 0 else math.nan

    def covariance(self) -> Array | None:
        """``inv(J^T J)`` (p, p) by Cholesky's factor; None where it has no full rank."""
        scaled, lengths = _normal(self.rows)
        factor = _factor(scaled, 0.0)
        if factor is None:
            return None
        root = factor / lengths
        return product(root.T, root)


def descend(
    function: Function, start: Array, *, below: Array, above: Array, tolerance: float, most: int
) -> Minimum:
    """The point between two bounds (p,) with the least sum of squares, in ``most`` evaluations.

    ``function(point)`` gives residuals (n,) and rows of derivatives (p, n). The normal equations
    are made with columns of length one and solved by Cholesky's factor; the damping follows the
    gain of the last step (Nielsen 1999, IMM-REP-1999-05, recalled). They cost a fraction of a
    decomposition of the Jacobian, and half the digits of the steps, not those of the minimum,
    which is where the gradient vanishes. A parameter at a bound that its gradient points out of
    is held there. It ends where the relative offset (Bates and Watts 1981, recalled) is
    ``tolerance``. Raises :class:`ConvergenceError` where the start has no numbers.
    """
    with np.errstate(all="ignore"):
        return _descend(function, start, (below, above), tolerance, most)


def _descend(
    function: Function, start: Array, bounds: tuple[Array, Array], tolerance: float, most: int
) -> Minimum:
    point = np.clip(start, *bounds)
    residuals, rows = function(point)
    squares = float(residuals @ residuals)
    if not math.isfinite(squares + float(rows.sum())):
        raise ConvergenceError("peaks: the fit has no finite start")
    damping, raised, left = _FIRST_DAMPING, 2.0, most - 1
    enough = tolerance**2 * len(point) / max(len(residuals) - len(point), 1)
    while True:
        normal, lengths = _normal(rows)
        gradient = (rows @ residuals) / lengths
        free = ~((gradient > 0) & (point <= bounds[0]) | (gradient < 0) & (point >= bounds[1]))
        inner = normal[np.ix_(free, free)]
        tangent = _tangent(inner, gradient[free], squares)
        if tangent <= enough * (squares - tangent):
            break
        while left > 0 and damping < _MOST_DAMPING:
            step = np.zeros_like(point)
            factor = _factor(inner, damping)
            if factor is not None:
                step[free] = -(factor.T @ (factor @ gradient[free])) / lengths[free]
            there = np.clip(point + step, *bounds)
            step = (there - point) * lengths
            promise = -float(step @ (2 * gradient + normal @ step))
            if promise > _ROUNDING * squares:
                left -= 1
                now, rows_there = function(there)
                fewer = float(now @ now)
                if fewer < squares and math.isfinite(float(rows_there.sum())):
                    break
            damping, raised = damping * raised, 2 * raised
        else:
            break
        damping *= max(1 / 3, 1 - (2 * (squares - fewer) / promise - 1) ** 3)
        damping, raised = max(damping, _LEAST_DAMPING), 2.0
        point, residuals, rows, squares = there, now, rows_there, fewer
    return Minimum(point, residuals, rows)


def _normal(rows: Array) -> tuple[Array, Array]:
    """The normal equations' matrix with a diagonal of ones, and the lengths of the rows."""
    size, count = rows.shape
    normal = np.empty((size, size))
    for top in range(0, size, _BLOCK):
        upper = rows[top : top + _BLOCK]
        for side in range(0, top + 1, _BLOCK):
            lower = rows[side : side + _BLOCK]
            part = np.zeros((len(upper), len(lower)))
            for begin in range(0, count, _LONG):
                part += upper[:, begin : begin + _LONG] @ lower[:, begin : begin + _LONG].T
            normal[top : top + _BLOCK, side : side + _BLOCK] = part
            normal[side : side + _BLOCK, top : top + _BLOCK] = part.T
    lengths = np.sqrt(np.diag(normal))
    lengths[lengths == 0] = 1.0
    return normal / np.outer(lengths, lengths), lengths


def _factor(normal: Array, damping: float) -> Array | None:
    """``W`` with ``W.T @ W`` the inverse of the damped matrix; None where it has none."""
    damped = normal.copy()
    damped[np.diag_indices_from(damped)] += damping
    try:
        return _halved(damped)
    except np.linalg.LinAlgError:
        return None


def _halved(matrix: Array) -> Array:
    """``inverse_factor`` for more rows than its products leave to one thread."""
    if len(matrix) <= _SMALL:
        return inverse_factor(matrix)
    half = len(matrix) // 2
    first = _halved(matrix[:half, :half])
    below = product(matrix[half:, :half], first.T)
    last = _halved(matrix[half:, half:] - product(below, below.T))
    whole = np.zeros_like(matrix)
    whole[:half, :half] = first
    whole[half:, half:] = last
    whole[half:, :half] = -product(last, product(below, first))
    return whole


def _tangent(normal: Array, gradient: Array, squares: float) -> float:
    """The part of the squares that a Gauss-Newton step takes off; all where there is no step."""
    factor = _factor(normal, 0.0)
    if factor is None:
        return squares
    along = factor @ gradient
    return float(along @ along)
