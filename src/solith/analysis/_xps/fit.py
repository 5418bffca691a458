"""The fit of components to counts: start, rounds with counting weights, limits, covariance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solith.analysis._least_squares import LeastSquares, minimise
from solith.analysis._xps.backgrounds import (
    ends_of,
    linear_background,
    shirley_background,
    tougaard_background,
)
from solith.analysis._xps.components import Peak
from solith.analysis._xps.model import Choices, Model
from solith.core.errors import ConvergenceError, InputError

__all__ = ["NARROWEST", "WIDEST", "Fit", "end_points", "fit_counts", "fixed_background"]

Array = NDArray[np.float64]

NARROWEST, WIDEST = 0.2, 5.0
"""Between what a component's full width lies [eV]."""

_WIDTHS = (0.6, 0.9, 1.2, 1.6, 2.2, 3.0)
_SHIFT_STEP = 0.1  # eV
_ROUNDS = 3  # of weights from the last fit: counting weights settle at once
_TOLERANCE = 1e-5
_SHOWN = 4.0  # standard uncertainties above which an area lets its position be fitted
_NEGATIVE = 3.0  # standard uncertainties below zero that counting alone does not make
_AT_START = "held for a start"
_ALIKE = "the spectrum does not tell all components apart; fit fewer, or one width for all"
_END_PART = 0.03  # of the rows at each end that make the end's height
_LEAST_END, _MOST_END = 3, 10


@dataclass(frozen=True)
class Fit:
    """The point (p,) of least squares, its covariance (p, p) as of counts, and what was held.

    ``covariance`` has zeros for what was held; ``held`` says why, by the parameter's place.
    ``residuals`` (n,) are in standard deviations of counting.
    """

    model: Model
    point: Array
    covariance: Array
    residuals: Array
    held: dict[int, str]

    @property
    def freedom(self) -> int:
        return len(self.residuals) - (len(self.point) - len(self.held))

    @property
    def chi_square(self) -> float:
        return float(self.residuals @ self.residuals)


def end_points(rows: int) -> int:
    """How many rows make the height of an end."""
    return int(min(max(round(_END_PART * rows), _LEAST_END), _MOST_END))


def fixed_background(energy: Array, counts: Array, choices: Choices) -> Array:
    """The background from the intensity and its ends alone; the errors of its kind."""
    low, high = ends_of(counts, end_points(len(counts)))
    if choices.background == "linear":
        return linear_background(energy, low, high)
    if choices.background == "shirley":
        return shirley_background(energy, counts, low, high)
    return tougaard_background(energy, counts, low, high, choices.loss)[0]


def fit_counts(
    energies: Sequence[Array], counts: Sequence[Array], peaks: Sequence[Peak], choices: Choices
) -> Fit:
    """The components' least squares, weighted by the counts that the fit itself expects.

    Weights of the fitted counts, taken anew three times, give the estimate of greatest likelihood
    of Poisson counts; weights of the measured counts would make areas too small. Areas are free
    down to three standard uncertainties below zero. A position is fitted where its component's
    area is above four standard uncertainties; what leaves its limits is held there.

    Raises :class:`ConvergenceError` where it does not settle or components are not told apart.
    """
    fixed: list[Array] = []
    if choices.from_ends:
        fixed = [
            fixed_background(energy, measured, choices)
            for energy, measured in zip(energies, counts, strict=True)
        ]
    model = Model(energies, counts, peaks, choices, fixed)
    if model.layout.size >= model.rows[-1]:
        raise InputError(
            f"{model.layout.size} parameters are too many for {model.rows[-1]} rows; fit fewer "
            "components or a wider window"
        )
    measured = np.concatenate(list(counts))
    expected = np.concatenate([_smooth(one) for one in counts])
    point = _start(model, expected)
    held = {
        model.layout.position(record, peak): _AT_START
        for record in range(model.layout.records)
        for peak in range(model.layout.peaks)
    }
    for _ in range(len(peaks)):
        point, result, expected = _minimum(model, point, held, measured, expected)
        spread = _spread(model, result, held)
        below = _below_zero(model, point, spread, held)
        if not below:
            break
        _hold(point, held, below)
    held = {n: why for n, why in held.items() if why != _AT_START}
    held |= _weak(model, point, spread)
    for _ in range(2 * model.layout.size):
        for _ in range(_ROUNDS):
            point, result, expected = _minimum(model, point, held, measured, expected)
        spread = _spread(model, result, held)
        outside = _beyond(model, point, held) | _below_zero(model, point, spread, held)
        if not outside:
            break
        _hold(point, held, outside)
    if not result.converged:
        raise ConvergenceError(
            f"the fit did not settle ({result.reason}); fit fewer components, or narrow the reach "
            "of their positions"
        )
    inverse = result.covariance(scaled=False)
    if inverse is None:
        raise ConvergenceError(_ALIKE)
    free = _free(model, held)
    covariance = np.zeros((len(point), len(point)))
    covariance[np.ix_(free, free)] = inverse
    return Fit(model, point, covariance, result.residuals, held)


def _minimum(
    model: Model, start: Array, held: dict[int, str], measured: Array, expected: Array
) -> tuple[Array, LeastSquares, Array]:
    free = _free(model, held)
    deviation = np.sqrt(np.maximum(expected, 1.0))

    def function(part: Array) -> tuple[Array, Array]:
        point = start.copy()
        point[free] = part
        total, jacobian = model.evaluate(point)
        return (total - measured) / deviation, jacobian[:, free] / deviation[:, None]

    found = minimise(function, start[free], tolerance=_TOLERANCE)
    point = start.copy()
    point[free] = found.point
    return point, found, measured + found.residuals * deviation


def _free(model: Model, held: dict[int, str]) -> NDArray[np.intp]:
    return np.array([n for n in range(model.layout.size) if n not in held], dtype=np.intp)


def _spread(model: Model, found: LeastSquares, held: dict[int, str]) -> Array:
    """The standard uncertainty of each parameter, zero where it is held."""
    inverse = found.covariance(scaled=False)
    if inverse is None:
        raise ConvergenceError(_ALIKE)
    spread = np.zeros(model.layout.size)
    spread[_free(model, held)] = np.sqrt(np.diag(inverse))
    return spread


def _hold(point: Array, held: dict[int, str], limits: dict[int, tuple[float, str]]) -> None:
    for place, (limit, why) in limits.items():
        point[place], held[place] = limit, why


def _weak(model: Model, point: Array, spread: Array) -> dict[int, str]:
    """The positions that stay held because no spectrum shows enough of their component."""
    layout = model.layout
    strength: dict[int, float] = {}
    for record in range(layout.records):
        for peak in range(layout.peaks):
            at, area = layout.position(record, peak), layout.area(record, peak)
            times = point[area] / spread[area] if spread[area] > 0 else 0.0
            strength[at] = max(strength.get(at, 0.0), times)
    why = "held where it started, because too little of it shows"
    return {at: why for at, times in strength.items() if times < _SHOWN}


def _below_zero(
    model: Model, point: Array, spread: Array, held: dict[int, str]
) -> dict[int, tuple[float, str]]:
    """Areas that are below zero by more than counting makes them."""
    layout = model.layout
    areas = [
        layout.area(record, peak)
        for record in range(layout.records)
        for peak in range(layout.peaks)
    ]
    return {
        area: (0.0, "area held at zero: it came out far below")
        for area in areas
        if area not in held and point[area] < -_NEGATIVE * spread[area]
    }


def _beyond(model: Model, point: Array, held: dict[int, str]) -> dict[int, tuple[float, str]]:
    """What lies outside of its limits: the limit, and why."""
    layout, beyond = model.layout, {}
    for n, peak in enumerate(model.peaks):
        for record in range(layout.records):
            at = layout.position(record, n)
            if at not in held and abs(point[at]) > peak.reach:
                beyond[at] = (
                    math.copysign(peak.reach, point[at]),
                    f"held at the end of its reach, {peak.reach:.3g} eV",
                )
        at = layout.width(n)
        for limit, outside in ((NARROWEST, -1), (WIDEST, 1)):
            if at not in held and outside * (point[at] - math.log(limit)) > 0:
                beyond[at] = (math.log(limit), f"held at its limit of {limit:g} eV")
    if layout.mixes and layout.mix not in held and not 0 <= point[layout.mix] <= 1:
        beyond[layout.mix] = (float(np.clip(point[layout.mix], 0, 1)), "held at its limit")
    return beyond


def _start(model: Model, expected: Array) -> Array:
    """Areas, one width and one shift of all positions that fit the strongest spectrum best."""
    from scipy.optimize import nnls

    layout, choices = model.layout, model.choices
    backgrounds = [_guess(model, record) for record in range(layout.records)]
    strongest = int(np.argmax([float(np.sum(one)) for one in model.counts]))
    reach = min(peak.reach for peak in model.peaks)
    steps = max(round(reach / _SHIFT_STEP), 1)
    best = (math.inf, 0.0, 1.2)
    for width in _WIDTHS:
        for shift in np.linspace(-reach, reach, 2 * steps + 1):
            rows = slice(int(model.rows[strongest]), int(model.rows[strongest + 1]))
            deviation = np.sqrt(np.maximum(expected[rows], 1.0))
            columns = model.profiles(strongest, float(shift), width) / deviation[:, None]
            above = (model.counts[strongest] - backgrounds[strongest]) / deviation
            _, misfit = nnls(columns, above)
            best = min(best, (float(misfit), float(shift), width))
    _, shift, width = best
    point = np.zeros(layout.size)
    point[: layout.groups * layout.peaks] = shift
    for n in range(layout.peaks):
        point[layout.width(n)] = math.log(width)
    if layout.mixes:
        point[layout.mix] = 0.3
    for record in range(layout.records):
        background = backgrounds[record]
        areas, _ = nnls(model.profiles(record, shift, width), model.counts[record] - background)
        point[layout.area(record, 0) : layout.area(record, layout.peaks)] = areas
        if not choices.from_ends:
            point[layout.height(record, 0)] = background[0]
            point[layout.height(record, 1)] = _second(model, record, background, float(areas.sum()))
    return point


def _guess(model: Model, record: int) -> Array:
    """A background to start from: its own kind, or a line where that cannot be made."""
    if model.choices.from_ends:
        return model.fixed[record]
    energy, counts = model.energies[record], model.counts[record]
    try:
        return fixed_background(energy, counts, model.choices)
    except (ConvergenceError, InputError):
        return fixed_background(energy, counts, replace(model.choices, background="linear"))


def _second(model: Model, record: int, background: Array, area: float) -> float:
    rise = float(background[-1] - background[0])
    if model.choices.background == "linear":
        return rise
    if model.choices.background == "shirley":
        return max(rise, 0.0) / area if area > 0 else 0.0
    lost, ones = model.lost[record]
    full = float(lost[-1] - background[0] * ones[-1])
    return max(rise, 0.0) / full if full > 0 else 0.0


def _smooth(counts: Array) -> Array:
    """A running mean of five, for the first weights."""
    padded = np.pad(counts, 2, mode="edge")
    return np.convolve(padded, np.ones(5) / 5, mode="valid")
