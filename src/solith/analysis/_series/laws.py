"""Laws by which a resistance grows, the best chosen by criterion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._lines import LinearFit, fit_linear

__all__ = ["GROWTH_LAWS", "GrowthFit", "fit_growth"]

Array = NDArray[np.float64]

_EXPONENTS = (0.1, 3.0)


@dataclass(frozen=True)
class _Law:
    """``R = a + b shape(x, extra)``; ``extra`` is sought between limits that ``x`` gives."""

    name: str
    shape: Callable[[Array, float], Array]
    limits: Callable[[Array], tuple[float, float]] | None = None


def _times(x: Array) -> tuple[float, float]:
    beyond = x[x > 0]
    return 1e-2 * float(beyond.min()), 3.0 * float(beyond.max())


GROWTH_LAWS: dict[str, _Law] = {
    law.name: law
    for law in (
        _Law("constant", lambda x, _: np.zeros_like(x)),
        _Law("linear", lambda x, _: x),
        _Law("root of time", lambda x, _: np.sqrt(x)),
        _Law("power", lambda x, extra: x**extra, lambda x: _EXPONENTS),
        _Law("logarithm", lambda x, extra: np.log1p(x / extra), _times),
    )
}
"""What is tried: ``a``, ``a + b x``, ``a + b x^1/2``, ``a + b x^m``, ``a + b ln(1 + x/x0)``."""


@dataclass(frozen=True)
class GrowthFit:
    """A law at its least chi-squared; ``line`` has ``a``, ``b`` and the extra parameter."""

    law: str
    extra: float | None
    line: LinearFit
    criterion: float
    at_limit: bool

    def curve(self, x: Array) -> Array:
        """The resistance that the law gives at ``x``."""
        shape = GROWTH_LAWS[self.law].shape(x, self.extra or 0.0)
        rate = 0.0 if self.law == "constant" else float(self.line.coefficients[1])
        curve: Array = self.line.coefficients[0] + rate * shape
        return curve


def fit_growth(x: Array, y: Array, covariance: Array) -> list[GrowthFit]:
    """Every law that the number of points allows, the lowest criterion first.

    The criterion is Schwarz's with known uncertainties, ``chi^2/s^2 + k ln m``, where ``s^2``
    is the least reduced chi-squared of all laws, at least 1.
    """
    fits = []
    for law in GROWTH_LAWS.values():
        size = 1 + (law.name != "constant") + (law.limits is not None)
        if len(np.unique(x)) > size or (len(np.unique(x)) == size == 2):
            fits.append(_fitted(law, x, y, covariance))
    reduced = [fit.line.chi_squared / fit.line.freedom for fit in fits if fit.line.freedom > 0]
    scale = max(1.0, min(reduced, default=1.0))
    judged = [
        GrowthFit(
            fit.law,
            fit.extra,
            fit.line,
            fit.line.chi_squared / scale + len(fit.line.coefficients) * float(np.log(len(x))),
            fit.at_limit,
        )
        for fit in fits
    ]
    return sorted(judged, key=lambda fit: fit.criterion)


def _fitted(law: _Law, x: Array, y: Array, covariance: Array) -> GrowthFit:
    one = np.ones_like(x)
    if law.limits is None:
        columns = [one] if law.name == "constant" else [one, law.shape(x, 0.0)]
        return GrowthFit(
            law.name, None, fit_linear(np.stack(columns, axis=1), y, covariance), 0.0, False
        )
    low, high = (float(np.log(limit)) for limit in law.limits(x))

    def chi_squared(logarithm: float) -> float:
        design = np.stack([one, law.shape(x, float(np.exp(logarithm)))], axis=1)
        return fit_linear(design, y, covariance).chi_squared

    place = _lowest(chi_squared, np.linspace(low, high, 40))
    extra = float(np.exp(place))
    step = 1e-4
    shape = law.shape(x, extra)
    rate = fit_linear(np.stack([one, shape], axis=1), y, covariance).coefficients
    slope = rate[1] * (law.shape(x, extra * (1 + step)) - law.shape(x, extra * (1 - step)))
    slope = slope / (2 * step * extra)
    # About the minimum the law is linear in all three: the third column is its derivative.
    around = fit_linear(np.stack([one, shape, slope], axis=1), y, covariance)
    line = LinearFit(
        np.array([*rate, extra]),
        around.covariance,
        chi_squared(place),
        len(y) - 3,
        around.scattered,
        around.reach,
    )
    return GrowthFit(law.name, extra, line, 0.0, not low + 1e-6 < place < high - 1e-6)


def _lowest(function: Callable[[float], float], grid: Sequence[float] | Array) -> float:
    """Where a function of one variable is least, near the best of a grid."""
    from scipy.optimize import minimize_scalar

    values = [function(float(place)) for place in grid]
    best = int(np.argmin(values))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(function, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
    return float(found.x) if found.fun < values[best] else float(grid[best])
