r"""Profiles across the edge, and the two steps in each: vacuum to coating, coating to particle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solith.analysis._coating.edge import Edge
from solith.analysis._least_squares import minimise
from solith.core.errors import ConvergenceError

__all__ = ["Stretch", "fit_stretches", "profiles_of"]

Array = NDArray[np.float64]

_ROOT_PI = math.sqrt(math.pi)
_DEPTHS = (0.15, 0.3, 0.5, 0.75, 1.0, 1.4, 2.0)
"""Parts of the expected thickness from which the inner step is looked for."""
_CLEAR = 3.0
"""Standard uncertainties by which a step, and the thickness, must stand out."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of the edge: its middle (y, x) [pixel], thickness and uncertainty [pixel].

    ``outer`` is where the coating begins, from the traced line inwards [pixel]. ``thickness`` is
    ``None`` where two steps cannot be told apart.
    """

    middle: tuple[float, float]
    normal: tuple[float, float]
    outer: float
    thickness: float | None
    uncertainty: float | None


def profiles_of(values: Array, edge: Edge, outside: float, inside: float) -> tuple[Array, Array]:
    """Depths (m,) [pixel], half a pixel apart, and profiles (n, m); nan outside the image."""
    from scipy.ndimage import map_coordinates

    depth = np.arange(-outside, inside, 0.5)
    places = edge.points[:, None, :] + depth[None, :, None] * edge.normals[:, None, :]
    profiles = map_coordinates(
        values, [places[..., 0], places[..., 1]], order=1, cval=np.nan, mode="constant"
    )
    return depth, profiles


def fit_stretches(
    depth: Array, profiles: Array, edge: Edge, length: int, expected: float
) -> list[Stretch]:
    """Stretches of ``length`` [pixel] of the edge, each with the steps of its mean profile.

    ``expected`` [pixel] is where the search for the inner step begins. All stretches share one blur
    and start from the steps of the mean of all.
    """
    whole = np.nanmean(profiles, axis=0)
    usable = np.isfinite(whole)
    point = _common_start(depth[usable], whole[usable], expected)
    if point is None:
        return []
    stretches = []
    for first in range(0, len(profiles) - length + 1, length):
        rows = profiles[first : first + length]
        middle = first + length // 2
        counted = np.isfinite(rows).sum(axis=0)
        kept = counted > length / 2
        if kept.sum() < 0.8 * len(depth):
            continue
        mean = np.nanmean(rows[:, kept], axis=0)
        found = _fit(depth[kept], mean, point, blur=float(point[2]))
        at = (float(edge.points[middle, 0]), float(edge.points[middle, 1]))
        along = (float(edge.normals[middle, 0]), float(edge.normals[middle, 1]))
        if found is None:
            stretches.append(Stretch(at, along, 0.0, None, None))
            continue
        fitted, error, clear, _ = found
        thickness = float(fitted[1] - fitted[0])
        if not clear or not thickness > _CLEAR * error or fitted[1] > depth[kept][-1]:
            stretches.append(Stretch(at, along, float(fitted[0]), None, None))
        else:
            stretches.append(Stretch(at, along, float(fitted[0]), thickness, error))
    return stretches


def _common_start(depth: Array, profile: Array, expected: float) -> Array | None:
    """The steps of the mean of all stretches: the best of fits from several depths."""
    best: tuple[float, Array] | None = None
    for part in _DEPTHS:
        found = _fit(depth, profile, np.array([0.0, part * expected, math.log(2.0)]))
        if found is None:
            continue
        inside = depth[0] < found.places[0] < found.places[1] < depth[-1]
        if inside and found.clear and (best is None or found.squares < best[0]):
            best = found.squares, found.places
    return None if best is None else best[1]


class _Steps(NamedTuple):
    """Places of both steps and log blur; what is said of them."""

    places: Array
    error: float
    clear: bool
    squares: float


def _fit(depth: Array, profile: Array, start: Array, blur: float | None = None) -> _Steps | None:
    """The two steps, the thickness's uncertainty, and whether both stand clear of the noise.

    Levels are solved for linearly. Residuals that follow each other (fringes, grain) widen the
    uncertainty by their own correlation.
    """

    def steps(point: Array) -> tuple[Array, Array]:
        width = math.exp(min(max(point[2] if blur is None else blur, -3.0), 5.0))
        columns, slopes = [np.ones_like(depth)], []
        for place in point[:2]:
            x = (depth - place) / width
            columns.append(0.5 + 0.5 * _error_function(x))
            slopes.append(-np.exp(-np.minimum(x * x, 600.0)) / (_ROOT_PI * width))
        return np.stack(columns, axis=1), np.stack(slopes, axis=1)

    free = 3 if blur is None else 2

    def function(point: Array) -> tuple[Array, Array]:
        whole = point if blur is None else np.append(point[:2], blur)
        basis, slopes = steps(whole)
        levels = point[free:]
        residuals = basis @ levels - profile
        jacobian = np.zeros((len(depth), free + 3))
        jacobian[:, 0] = levels[1] * slopes[:, 0]
        jacobian[:, 1] = levels[2] * slopes[:, 1]
        if blur is None:
            jacobian[:, 2] = levels[1] * slopes[:, 0] * (depth - point[0]) + levels[2] * slopes[
                :, 1
            ] * (depth - point[1])
        jacobian[:, free:] = basis
        return residuals, jacobian

    basis, _ = steps(start)
    levels = np.linalg.lstsq(basis, profile, rcond=None)[0]
    try:
        fitted = minimise(
            function, np.concatenate([start[:free], levels]), tolerance=1e-3, most_evaluations=100
        )
    except ConvergenceError:
        return None
    covariance = fitted.covariance()
    if covariance is None:
        return None
    covariance = covariance * _following(fitted.residuals)
    places = covariance[:2, :2]
    error = math.sqrt(max(float(places[0, 0] + places[1, 1] - 2 * places[0, 1]), 0.0))
    sizes = np.abs(fitted.point[free + 1 :])
    errors = np.sqrt(np.diag(covariance)[free + 1 :])
    same = fitted.point[free + 1] * fitted.point[free + 2] > 0
    clear = bool(np.all(sizes > _CLEAR * errors) and same)
    found = np.append(fitted.point[:2], fitted.point[2] if blur is None else blur)
    return _Steps(found, error, clear, fitted.squares)


def _following(residuals: Array) -> float:
    """By what the variance of a fit grows because residuals resemble their neighbours."""
    squares = float(residuals @ residuals)
    if squares <= 0:
        return 1.0
    total = 1.0
    for lag in range(1, min(40, len(residuals) // 3)):
        alike = float(residuals[lag:] @ residuals[:-lag]) / squares
        if alike < 0.05:
            break
        total += 2 * alike
    return total


def _error_function(x: Array) -> Array:
    from scipy.special import erf

    values: Array = erf(x)
    return values
