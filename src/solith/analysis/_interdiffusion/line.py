"""A measured line of compositions, and the error function through it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.analysis._least_squares import LeastSquares, minimise
from solith.core.errors import InputError
from solith.core.quantities import to_si

__all__ = ["Line", "StepFit", "fit_step", "given_duration", "given_probe", "line_of"]

Array = NDArray[np.float64]

_LEAST = 8
_WIDEST = 1.0  # m, of a probe
_FIRST_WIDTHS = (0.02, 0.08, 0.3)  # of the line, from which the fit starts


@dataclass(frozen=True)
class Line:
    """Points in order of rising ``position`` [m] with their ``composition``, in its own unit."""

    position: Array
    composition: Array

    @property
    def length(self) -> float:
        """From the first to the last point [m]."""
        return float(self.position[-1] - self.position[0])

    def __len__(self) -> int:
        return len(self.position)


def line_of(position: ArrayLike, composition: ArrayLike) -> Line:
    """The points of a line that are numbers; :class:`InputError` for what is no line."""
    columns = []
    for name, given in (("position", position), ("composition", composition)):
        try:
            columns.append(np.asarray(given, float))
        except (TypeError, ValueError):
            raise InputError("the values are not numbers", where=name) from None
    if columns[0].ndim != 1 or columns[0].shape != columns[1].shape:
        raise InputError(
            f"is of shape {columns[1].shape}, but position of {columns[0].shape}; give one "
            "composition for each position",
            where="composition",
        )
    usable = np.isfinite(columns[0]) & np.isfinite(columns[1])
    at, found = columns[0][usable], columns[1][usable]
    if len(at) < _LEAST:
        raise InputError(f"{len(at)} points are too few for a profile; at least {_LEAST}")
    order = np.argsort(at, kind="stable")
    line = Line(at[order], found[order])
    if not line.length > 0:
        raise InputError("all points lie at one place", where="position")
    if not np.ptp(line.composition) > 0:
        raise InputError("is the same everywhere; there is no interface", where="composition")
    return line


def given_duration(time: float | str) -> float:
    """The ``time`` of an anneal [s], above 0."""
    try:
        lasted = to_si(time, "s")
    except InputError as error:
        raise error.inside("time") from None
    if not lasted > 0:
        raise InputError(f"{time!r} must be above 0 s", where="time")
    return lasted


def given_probe(resolution: float | str) -> float:
    """The ``resolution`` of a probe, its full width at half height [m], 0 or more."""
    try:
        width = to_si(resolution, "m")
    except InputError as error:
        raise error.inside("resolution") from None
    if not 0 <= width <= _WIDEST:
        raise InputError(f"{resolution!r} must be 0 to {_WIDEST:g} m", where="resolution")
    return width


@dataclass(frozen=True)
class StepFit:
    """``right + (left - right) erfc((x - centre) / sqrt(2) deviation) / 2`` by least squares.

    ``errors`` are standard errors in the order left, right, centre, deviation, by the points'
    own scatter; ``residuals`` (n,).
    """

    left: float
    right: float
    centre: float
    deviation: float
    errors: Array
    residuals: Array


def fit_step(line: Line) -> StepFit:
    """The best error function through a line; :class:`InputError` where there is none."""
    from scipy.special import ndtr

    middle, scale = float(np.mean(line.position)), line.length
    x = (line.position - middle) / scale
    height = float(np.ptp(line.composition))
    y = (line.composition - line.composition.min()) / height

    def function(point: Array) -> tuple[Array, Array]:
        left, right, centre, width = point
        z = (x - centre) / width
        share = ndtr(-z)
        bell = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        across = (left - right) * bell / width
        columns = np.column_stack([share, 1 - share, across, across * z])
        return right + (left - right) * share - y, columns

    tenth = max(2, len(x) // 10)
    ends = float(np.mean(y[:tenth])), float(np.mean(y[-tenth:]))
    half = (ends[0] + ends[1]) / 2
    crossings = np.flatnonzero(np.diff(np.sign(y - half)))
    centre = float(np.median(x[crossings])) if len(crossings) else 0.0
    fits = [minimise(function, np.array([*ends, centre, width])) for width in _FIRST_WIDTHS]
    best = min(fits, key=lambda fit: fit.squares)
    covariance = best.covariance()
    left, right, at, width = (float(value) for value in best.point)
    if not best.converged or covariance is None or left == right:
        raise _no_step(best)
    if width < 0:
        left, right, width = right, left, -width
    low = float(np.min(line.composition))
    errors = np.sqrt(np.diag(covariance)) * np.array([height, height, scale, scale])
    if abs(left - right) < 2 * np.hypot(errors[0], errors[1]) / height:
        raise _no_step(best)
    return StepFit(
        left=low + height * left,
        right=low + height * right,
        centre=middle + scale * at,
        deviation=scale * width,
        errors=errors,
        residuals=height * best.residuals,
    )


def _no_step(fit: LeastSquares) -> InputError:
    return InputError(
        "no step was found in the profile: the line must cross the interface, with the plateaus on "
        f"both sides ({fit.reason})"
    )
