"""Least squares in the unit box, for functions that are dear, slightly noisy and may fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import ConvergenceError

__all__ = ["STEP", "Fit", "differentiate", "minimise"]

Array = NDArray[np.float64]
Function = Callable[[Array], Array | None]

STEP = 1e-2
"""The difference step as a part of a parameter's range.

What is read off a simulation (a capacity that a cut-off ends) is smooth to about 1e-4 of its
value: a step of 1e-2 keeps that noise near 1e-2 of a derivative of order one, and the
curvature's error at the same size.
"""

_FIRST_RADIUS = 0.25
_ENOUGH = 1e-4  # a hundredth of a standard uncertainty ...
_ENOUGH_OF_ALL = 1e-3  # ... or this part of a large sum of squares, which scales them
_UNSURE = 3 * STEP  # of the sensitivities: what may come from errors of the derivatives
_NEARLY_ENOUGH = 5e-2  # where no step keeps its promise: errors of the derivatives
_DAMPING = 0.5  # against residuals in standard uncertainties: what they do not determine stays


@dataclass(frozen=True)
class Fit:
    """The point found, its residuals, and their derivatives there (freshly made).

    ``unsettled`` says why it ended without having converged, and is empty if it has.
    """

    point: Array
    residuals: Array
    jacobian: Array
    evaluations: int
    failed: int
    unsettled: str


def minimise(
    function: Function,
    start: Array,
    *,
    most_evaluations: int,
    listen: Callable[[int, float], Any] = lambda evaluations, squares: None,
) -> Fit:
    """The point in the unit box with the least sum of squares of ``function``.

    Gauss-Newton steps in a box-shaped trust region, each the bounded linear least squares
    problem (Stark and Parker's BVLS, :func:`scipy.optimize.lsq_linear`). The derivatives are
    made by one-sided differences at the start, updated by Broyden's rank-one formula
    (Broyden, Math. Comp. 19, 577 (1965), 10.1090/S0025-5718-1965-0198670-6; recalled, no
    source read), and made afresh where a step disappoints and at the end. A ``function``
    that returns ``None`` could not be evaluated: the step is refused and halved.

    ``function`` gives residuals in standard uncertainties. It has converged where the next
    step promises less than 1e-4, or 1e-3 of the sum of squares; or less than 5e-2 of
    ``max(1, sum of squares)`` where no step, however short, keeps its promise.
    Raises :class:`ConvergenceError` where the start, or every neighbour of a point in one
    direction, cannot be evaluated.
    """
    search = _Search(function, listen)
    point = start.astype(float)
    residuals = search(point)
    if residuals is None:
        raise ConvergenceError("the start values cannot be evaluated")
    jacobian = differentiate(search, point, residuals)
    fresh = True
    radius = _FIRST_RADIUS
    unsettled = ""
    while True:
        squares = float(residuals @ residuals)
        enough = max(_ENOUGH, _ENOUGH_OF_ALL * squares)
        whole = _bounded_step(jacobian, residuals, point, 1.0)
        step = whole
        if np.max(np.abs(whole)) > radius:
            step = _bounded_step(jacobian, residuals, point, radius)
        promise = _promise(jacobian, residuals, step)
        if promise <= enough:
            if not fresh:
                jacobian, fresh = differentiate(search, point, residuals), True
                radius = max(radius, 1e-2)
                continue
            sure = _bounded_step(jacobian, residuals, point, 1.0, _UNSURE)
            if _promise(jacobian, residuals, sure) > _NEARLY_ENOUGH * max(1.0, squares):
                unsettled = "the sum of squares does not fall although its gradient says so"
            break
        if search.evaluations >= most_evaluations:
            unsettled = f"not converged after {search.evaluations} evaluations"
            break
        length = float(np.max(np.abs(step)))
        there = np.clip(point + step, 0.0, 1.0)
        tried = search(there)
        if tried is None:
            radius = length / 4
            continue
        gain = (squares - float(tried @ tried)) / promise
        if gain < 0.25:
            radius = length / 4
        elif gain > 0.75 and length > 0.99 * radius:
            radius = min(2 * radius, 1.0)
        if gain > 1e-3:
            change = tried - residuals - jacobian @ step
            jacobian = jacobian + np.outer(change, step) / float(step @ step)
            point, residuals, fresh = there, tried, False
        if gain < 0.25 and not fresh:
            jacobian, fresh = differentiate(search, point, residuals), True
    if not fresh:
        jacobian = differentiate(search, point, residuals)
    return Fit(point, residuals, jacobian, search.evaluations, search.failed, unsettled)


def differentiate(function: Function, point: Array, values: Array) -> Array:
    """The derivatives of ``function`` at a ``point`` of the unit box, by inward differences."""
    columns = []
    for place in range(len(point)):
        inward = 1.0 if point[place] <= 0.5 else -1.0
        for step in (inward * STEP, -inward * STEP, inward * STEP / 10):
            moved = point.copy()
            moved[place] += step
            if not 0.0 <= moved[place] <= 1.0:
                continue
            there = function(moved)
            if there is not None:
                columns.append((there - values) / step)
                break
        else:
            raise ConvergenceError(f"cannot be evaluated beside the point in direction {place + 1}")
    return np.array(columns).reshape(len(point), len(values)).T


class _Search:
    """The function, asked once for each point."""

    def __init__(self, function: Function, listen: Callable[[int, float], Any]) -> None:
        self._function = function
        self._listen = listen
        self._known: dict[bytes, Array | None] = {}
        self.evaluations = 0
        self.failed = 0

    def __call__(self, point: Array) -> Array | None:
        key = point.tobytes()
        if key not in self._known:
            found = self._function(point)
            if found is not None and not np.all(np.isfinite(found)):
                found = None
            self._known[key] = found
            self.evaluations += 1
            self.failed += found is None
            self._listen(self.evaluations, np.nan if found is None else float(found @ found))
        return self._known[key]


def _bounded_step(
    jacobian: Array, residuals: Array, point: Array, radius: float, relative_damping: float = 0.0
) -> Array:
    from scipy.optimize import lsq_linear

    size = len(point)
    damping = max(_DAMPING, relative_damping * float(np.linalg.norm(jacobian)))
    rows = np.vstack([jacobian, damping * np.eye(size)])
    sides = np.concatenate([-residuals, np.zeros(size)])
    low, high = np.maximum(-point, -radius), np.minimum(1.0 - point, radius)
    solved = lsq_linear(rows, sides, bounds=(low, high), method="bvls")
    step: Array = np.clip(np.asarray(solved.x, dtype=float), low, high)
    return step


def _promise(jacobian: Array, residuals: Array, step: Array) -> float:
    there = residuals + jacobian @ step
    return float(residuals @ residuals - there @ there)
