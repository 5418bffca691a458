"""Calibration: parameters within bounds that bring predictions to their targets.

Nothing here knows of cells or studies: ``predict`` is any function from values of parameters
to named numbers. It may be dear, repeat itself only to about 1e-6, and fail here and there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import ConvergenceError, InputError, InterruptedRunError, SolithError
from solith.core.intervals import NORMAL_95
from solith.core.progress import SILENT, Progress
from solith.core.quantities import in_unit, split_quantity
from solith.core.result import Result, Value
from solith.study._identifiability import (
    AS_WIDE,
    Knowledge,
    find_knowledge,
    principal_directions,
)
from solith.study._least_squares import Fit, differentiate, minimise

__all__ = ["SCALES", "Parameter", "Target", "absolute_uncertainty", "calibrate", "propagate"]

Array = NDArray[np.float64]
Predict = Callable[[Mapping[str, float]], Mapping[str, float]]

SCALES = ("linear", "log")

_AT_BOUND = 1e-6
_LEANS = 0.05  # of a gradient: above the errors of derivatives
_UNLIKELY = 1e-3  # the chance of a chi-squared this large, gammaincc(freedom / 2, squares / 2)


@dataclass(frozen=True)
class Parameter:
    """A number to be found between ``low`` and ``high``, beginning at ``start``.

    All are in ``unit``. On the scale "log" its logarithm is sought. ``prior`` is what was
    known before, a value and its standard uncertainty, and counts as one more target (on the
    scale "log": of the logarithm, with the relative uncertainty).
    """

    name: str
    start: float
    low: float
    high: float
    scale: str = "linear"
    unit: str = ""
    prior: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        numbers = [self.start, self.low, self.high, *(self.prior or ())]
        if not all(math.isfinite(number) for number in numbers):
            raise InputError("start, low, high and prior must be finite", where=self.name)
        if self.scale not in SCALES:
            raise InputError(f"{self.scale!r} must be linear or log", where=f"{self.name}.scale")
        if not self.low < self.high:
            raise InputError(
                f"{self._shown(self.low)} must be below high, {self._shown(self.high)}",
                where=f"{self.name}.low",
            )
        if self.scale == "log" and self.low <= 0:
            raise InputError(
                f"{self._shown(self.low)} must be above 0 on the scale log",
                where=f"{self.name}.low",
            )
        if not self.low <= self.start <= self.high:
            raise InputError(
                f"{self._shown(self.start)} is outside its bounds, {self._shown(self.low)} to "
                f"{self._shown(self.high)}",
                where=f"{self.name}.start",
            )
        if self.prior is not None and self.prior[1] <= 0:
            raise InputError("an uncertainty must be above 0", where=f"{self.name}.prior")
        if self.prior is not None and self.scale == "log" and self.prior[0] <= 0:
            raise InputError("must be above 0 on the scale log", where=f"{self.name}.prior")

    def part_of_range(self, value: float) -> float:
        """Where ``value`` lies between the bounds on its scale, from 0 to 1."""
        if self.scale == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def value_at(self, part: float) -> float:
        """The value at a part of the range."""
        if part <= 0.0 or part >= 1.0:
            return self.low if part <= 0.0 else self.high
        if self.scale == "log":
            return self.low * math.exp(part * math.log(self.high / self.low))
        return self.low + part * (self.high - self.low)

    def slope_at(self, value: float) -> float:
        """The change of the value with the part of the range."""
        if self.scale == "log":
            return value * math.log(self.high / self.low)
        return self.high - self.low

    def pull_of_prior(self, value: float) -> float:
        """How many standard uncertainties ``value`` lies above the prior."""
        assert self.prior is not None
        known, uncertainty = self.prior
        if self.scale == "log":
            return math.log(value / known) / (uncertainty / known)
        return (value - known) / uncertainty

    def _shown(self, value: float) -> str:
        return f"{value:.6g} {self.unit}".rstrip()


@dataclass(frozen=True)
class Target:
    """A number to be met, with its absolute standard uncertainty, both in ``unit``."""

    name: str
    value: float
    uncertainty: float
    unit: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise InputError(f"{self.value!r} is not a finite number", where=self.name)
        if not (math.isfinite(self.uncertainty) and self.uncertainty > 0):
            raise InputError(
                f"an uncertainty of {self.uncertainty!r} {self.unit}".rstrip()
                + " is not above 0; every target needs one to be weighed",
                where=self.name,
            )


def calibrate(
    predict: Predict,
    parameters: Sequence[Parameter],
    targets: Sequence[Target],
    *,
    name: str = "Calibration",
    most_evaluations: int | None = None,
    progress: Progress = SILENT,
) -> Result:
    """The parameters with which ``predict`` comes closest to the targets.

    Minimises chi-squared, the sum of ((predicted - target) / uncertainty)^2, with the
    targets' uncertainties taken as absolute standard deviations, by Gauss-Newton steps with
    Broyden updates within the bounds (``_least_squares.py``). ``predict`` is given the value
    of every parameter by name and returns at least every target by name; what it raises as
    a :class:`SolithError`, and what is not finite, is a refused step. Where the targets are
    missed by more than chance and a parameter ended at a bound or without effect, there is a
    second search with that parameter halfway back, and the better of both counts.
    ``most_evaluations`` of a search is 40 + 20 for each parameter unless given.

    The result holds each parameter with its standard uncertainty, the square root of the
    diagonal of (J^T J)^-1, and ``chi_squared``. Flags of a parameter: "at its bound ..." (no
    uncertainty then), "cannot be told apart from ..." (correlation beyond 0.98, see
    ``_identifiability.py``), "not determined by these targets" (a standard uncertainty as
    wide as an even spread between the bounds; none is given), targets missed by more than
    chance allows (chi-squared beyond its 99.9 % quantile), and not converged. ``details``:

    * ``converged``, ``evaluations``, ``failed_evaluations``, ``chi_squared``,
      ``degrees_of_freedom`` (targets and priors less the combinations of parameters that
      they determine), ``warnings`` (all flags as sentences);
    * ``names``, ``units``, ``covariance`` and ``correlation`` in the order of the names,
      ``parameters`` (value, start, low, high, scale, unit, at_bound, determined);
    * ``intervals``: 95 % of each determined parameter, normal since the targets' uncertainties
      are known, in the logarithm on the scale "log", within the bounds;
    * ``targets``: predicted, target, uncertainty, unit, residual, pull = residual / uncertainty;
      ``priors`` likewise;
    * ``sensitivities``: change of each target with each parameter, in their units;
    * ``combinations``: which of them are determined, in words.

    Raises :class:`InputError` for names given twice, no parameter or no target, and
    :class:`ConvergenceError` where the start values cannot be evaluated.
    """
    _check(parameters, targets)
    most = most_evaluations or 40 + 20 * len(parameters)
    evaluate = _Residuals(predict, parameters, targets)

    def listen(count: int, squares: float) -> None:
        told = f"chi-squared {squares:.4g}" if math.isfinite(squares) else "cannot be evaluated"
        progress.report(count / (count + 5 * len(parameters)), f"evaluation {count}: {told}")

    start = np.array([item.part_of_range(item.start) for item in parameters])
    try:
        fit = minimise(evaluate, start, most_evaluations=most, listen=listen)
    except ConvergenceError as error:
        if evaluate.last_error is not None and evaluate.succeeded == 0:
            raise evaluate.last_error from None
        raise ConvergenceError(f"{error}; {evaluate.last_error}") from None
    stuck = _stuck(fit)
    if stuck.any():
        fit = _better(fit, _second(fit, start, stuck, evaluate, most, listen))
    return _result(name, fit, parameters, targets)


def propagate(
    result: Result, predict: Predict, *, units: Mapping[str, str] | None = None
) -> Result:
    """Predictions at calibrated values, with the standard uncertainty that these give them.

    ``result`` is that of :func:`calibrate`. The variance is g^T C g with the parameters'
    covariance C and the prediction's derivatives g by inward differences; a parameter at
    its bound adds nothing. A prediction whose gradient lies by more than 5 % along combinations
    of parameters that the targets do not determine has no uncertainty and a flag; a smaller
    part counts with the spread between their bounds. ``units`` names the predictions' units.
    """
    written = result.details["parameters"]
    parameters = [
        Parameter(row["name"], row["value"], row["low"], row["high"], row["scale"], row["unit"])
        for row in written
    ]
    point = np.array([item.part_of_range(item.start) for item in parameters])
    names: list[str] = []

    def predicted(parts: Array) -> Array | None:
        try:
            found = predict(_values(parameters, parts))
        except InterruptedRunError:
            raise
        except SolithError:
            return None
        if not names:
            names.extend(found)
        values = np.array([found.get(key, math.nan) for key in names], dtype=float)
        return values if np.all(np.isfinite(values)) else None

    values = predicted(point)
    if values is None:
        raise ConvergenceError("the predictions cannot be made at the calibrated values")
    gradients = differentiate(predicted, point, values)
    slopes = np.array([item.slope_at(item.start) for item in parameters])
    covariance = np.array(result.details["covariance"], dtype=float)
    covariance = (covariance / np.outer(slopes, slopes)).reshape(len(slopes), len(slopes))
    directions = principal_directions(covariance)
    rows = []
    for place, key in enumerate(names):
        along = [(float(gradients[place] @ way), spread) for way, spread in directions]
        unknown = math.hypot(*(change for change, spread in along if spread >= 0.99 * AS_WIDE))
        leans = unknown > _LEANS * float(np.linalg.norm(gradients[place]))
        # What is not determined still lies between its bounds.
        known = math.hypot(*(change * min(spread, AS_WIDE) for change, spread in along))
        flag = "leans on what its calibration does not determine"
        rows.append(
            Value(
                key,
                float(values[place]),
                (units or {}).get(key, ""),
                uncertainty=None if leans else known,
                method="covariance of the calibration, linear",
                flags=(flag,) if leans else (),
            )
        )
    return Result(f"Predictions of {result.name}", tuple(rows))


def absolute_uncertainty(written: Any, value: float, unit: str) -> float:
    """The standard uncertainty of ``value``, in its ``unit``, that is ``written`` as a text.

    "3 mAh/g" is absolute. "2 %" is a part of the value, unless that is itself in %.
    Raises :class:`InputError` for another unit, and for what is not above 0.
    """
    if not isinstance(written, (str, int, float)) or isinstance(written, bool):
        raise InputError(f"{written!r} is not an uncertainty; write one such as '2 %'")
    number, own = split_quantity(written) if isinstance(written, str) else (float(written), "")
    if own == "%" and unit != "%":
        found = abs(value) * number / 100
    else:
        found = in_unit(number, own, unit) - in_unit(0.0, own or unit, unit)
    if not (math.isfinite(found) and found > 0):
        raise InputError(f"{written!r} is no uncertainty above 0")
    return found


class _Residuals:
    """The weighted residuals of targets and priors at a point of the unit box."""

    def __init__(
        self, predict: Predict, parameters: Sequence[Parameter], targets: Sequence[Target]
    ) -> None:
        self._predict = predict
        self._parameters = parameters
        self._targets = targets
        self.last_error: SolithError | None = None
        self.succeeded = 0

    def __call__(self, point: Array) -> Array | None:
        values = _values(self._parameters, point)
        try:
            predicted = self._predict(values)
        except InterruptedRunError:
            raise
        except SolithError as error:
            self.last_error = error
            return None
        residuals = []
        for target in self._targets:
            if target.name not in predicted:
                raise InputError(f"predict gives no {target.name!r}", where="targets")
            residuals.append((float(predicted[target.name]) - target.value) / target.uncertainty)
        residuals += [p.pull_of_prior(values[p.name]) for p in self._parameters if p.prior]
        self.succeeded += 1
        return np.array(residuals)


def _stuck(fit: Fit) -> NDArray[np.bool_]:
    """Parameters that may have run to where they have no effect, if the targets are missed."""
    freedom = len(fit.residuals) - len(fit.point)
    if not _missed(float(fit.residuals @ fit.residuals), max(freedom, 1)):
        return np.zeros(len(fit.point), dtype=bool)
    idle = np.linalg.norm(fit.jacobian, axis=0) * AS_WIDE < 1
    at_end = (fit.point <= _AT_BOUND) | (fit.point >= 1 - _AT_BOUND)
    return np.asarray(idle | at_end)


def _second(
    fit: Fit,
    start: Array,
    stuck: NDArray[np.bool_],
    evaluate: _Residuals,
    most: int,
    listen: Callable[[int, float], None],
) -> Fit | None:
    """A second search, the stuck parameters halfway between where they began and ended."""
    again = np.where(stuck, (start + fit.point) / 2, fit.point)

    def count_on(count: int, squares: float) -> None:
        listen(fit.evaluations + count, squares)

    try:
        return minimise(evaluate, again, most_evaluations=most, listen=count_on)
    except ConvergenceError:
        return None


def _better(first: Fit, second: Fit | None) -> Fit:
    if second is None:
        return first
    found = min(first, second, key=lambda fit: float(fit.residuals @ fit.residuals))
    return replace(
        found,
        evaluations=first.evaluations + second.evaluations,
        failed=first.failed + second.failed,
    )


def _missed(squares: float, freedom: int) -> bool:
    from scipy.special import gammaincc

    return bool(gammaincc(freedom / 2, squares / 2) < _UNLIKELY)


def _values(parameters: Sequence[Parameter], point: Array) -> dict[str, float]:
    return {
        item.name: item.value_at(float(part)) for item, part in zip(parameters, point, strict=True)
    }


def _check(parameters: Sequence[Parameter], targets: Sequence[Target]) -> None:
    if not parameters:
        raise InputError("there is nothing to find; give at least one", where="parameters")
    if not targets:
        raise InputError("there is nothing to meet; give at least one", where="targets")
    for what, names in (
        ("parameters", [item.name for item in parameters]),
        ("targets", [item.name for item in targets]),
    ):
        for place, name in enumerate(names):
            if name in names[:place]:
                raise InputError(f"{name!r} stands there twice", where=what)
    if any(item.name == "chi_squared" for item in parameters):
        raise InputError("'chi_squared' is the name of another value", where="parameters")


def _result(
    name: str, fit: Fit, parameters: Sequence[Parameter], targets: Sequence[Target]
) -> Result:
    names = [item.name for item in parameters]
    values = [item.value_at(float(part)) for item, part in zip(parameters, fit.point, strict=True)]
    bounds = [_bound(fit, place) for place in range(len(parameters))]
    knowledge = find_knowledge(fit.jacobian, names, [bound != "" for bound in bounds])
    squares = float(fit.residuals @ fit.residuals)
    freedom = len(fit.residuals) - sum(part["determined"] for part in knowledge.combinations)
    of_all = _flags_of_all(fit, squares, freedom)
    slopes = np.array([p.slope_at(v) for p, v in zip(parameters, values, strict=True)])
    covariance = knowledge.covariance * np.outer(slopes, slopes)
    found, rows = [], []
    for place, item in enumerate(parameters):
        flags = (*_flags_of_bound(item, bounds[place]), *knowledge.flags[place], *of_all)
        known = knowledge.determined[place]
        found.append(
            Value(
                item.name,
                values[place],
                item.unit,
                uncertainty=math.sqrt(covariance[place, place]) if known else None,
                method="weighted least squares",
                flags=flags,
            )
        )
        rows.append(
            {
                "name": item.name,
                "value": values[place],
                "start": item.start,
                "low": item.low,
                "high": item.high,
                "scale": item.scale,
                "unit": item.unit,
                "at_bound": bounds[place],
                "determined": known,
            }
        )
    flags = () if freedom > 0 else ("the targets are used up: nothing is left to test the model",)
    squared = Value("chi_squared", squares, method=f"{freedom} degrees of freedom", flags=flags)
    count = len(targets)
    deviations = np.array([target.uncertainty for target in targets])
    details = {
        "converged": not fit.unsettled,
        "evaluations": fit.evaluations,
        "failed_evaluations": fit.failed,
        "chi_squared": squares,
        "degrees_of_freedom": freedom,
        "warnings": _warnings((*found, squared)),
        "names": names,
        "units": [item.unit for item in parameters],
        "parameters": rows,
        "covariance": covariance.tolist(),
        "correlation": knowledge.correlation.tolist(),
        "intervals": _intervals(fit, parameters, knowledge),
        "targets": [
            {
                "name": target.name,
                "predicted": target.value + pull * target.uncertainty,
                "target": target.value,
                "uncertainty": target.uncertainty,
                "unit": target.unit,
                "residual": pull * target.uncertainty,
                "pull": pull,
            }
            for target, pull in zip(targets, fit.residuals[:count].tolist(), strict=True)
        ],
        "priors": [
            {"name": item.name, "value": item.prior[0], "uncertainty": item.prior[1], "pull": pull}
            for item, pull in zip(
                [item for item in parameters if item.prior],
                fit.residuals[count:].tolist(),
                strict=True,
            )
            if item.prior
        ],
        "sensitivities": (fit.jacobian[:count] * deviations[:, None] / slopes).tolist(),
        "combinations": list(knowledge.combinations),
    }
    return Result(name, (*found, squared), details)


def _bound(fit: Fit, place: int) -> str:
    """The bound against which chi-squared pushes a parameter, or nothing."""
    gradient = float(fit.jacobian[:, place] @ fit.residuals)
    if fit.point[place] <= _AT_BOUND and gradient >= 0:
        return "low"
    if fit.point[place] >= 1 - _AT_BOUND and gradient <= 0:
        return "high"
    return ""


def _flags_of_bound(item: Parameter, bound: str) -> tuple[str, ...]:
    if not bound:
        return ()
    value = item.low if bound == "low" else item.high
    return (f"at its bound {value:.6g} {item.unit}".rstrip() + "; no uncertainty is defined there",)


def _flags_of_all(fit: Fit, squares: float, freedom: int) -> tuple[str, ...]:
    flags = [fit.unsettled] if fit.unsettled else []
    if freedom > 0 and _missed(squares, freedom):
        flags.append(
            "the targets are missed by more than their uncertainties (chi-squared "
            f"{squares:.3g} at {freedom} degrees of freedom): the model does not give them together"
        )
    return tuple(flags)


def _warnings(values: Sequence[Value]) -> list[str]:
    said: dict[str, list[str]] = {}
    for value in values:
        for flag in value.flags:
            said.setdefault(flag, []).append(value.quantity)
    return [f"{', '.join(names)}: {flag}" for flag, names in said.items()]


def _intervals(
    fit: Fit, parameters: Sequence[Parameter], knowledge: Knowledge
) -> dict[str, list[float] | None]:
    intervals: dict[str, list[float] | None] = {}
    for place, item in enumerate(parameters):
        reach = NORMAL_95 * math.sqrt(knowledge.covariance[place, place])
        centre = float(fit.point[place])
        ends = [item.value_at(centre - reach), item.value_at(centre + reach)]
        intervals[item.name] = ends if knowledge.determined[place] else None
    return intervals
