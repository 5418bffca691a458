"""Laws of porosity against pressure, fitted to measured or computed compaction curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import ConvergenceError, InputError
from solith.core.quantities import to_si
from solith.core.result import Result, Value

__all__ = ["fit_heckel", "fit_kawakita"]

Array = NDArray[np.float64]

_SURE = 1e8
"""Condition of the normal equations beyond which a parameter is not told apart."""


def fit_heckel(pressures: Any, porosities: ArrayLike, *, uncertainty: Any = None) -> Result:
    """Heckel's law, ln(1/porosity) = K P + A, fitted to porosities.

    ``pressures`` [Pa, or with unit] and ``porosities`` (fractions), three or more;
    ``uncertainty``: standard uncertainty of the porosities, one or each, without which the
    scatter about the fit is taken. Gives ``yield_pressure`` 1/K [Pa], ``intercept`` A and
    ``initial_porosity`` exp(-A), with standard uncertainties. Least squares of the porosities
    themselves, so that the nearly dense end does not weigh more. R. W. Heckel, Trans. Metall.
    Soc. AIME 221 (1961) 671, recalled. :class:`InputError` for data that do not fit together.
    """
    load, pores, spread = _data(pressures, porosities, uncertainty, 2)
    scale = float(load.max())
    slope, start = np.polyfit(load / scale, -np.log(pores), 1)
    best, covariance = _fitted(
        lambda p: np.exp(-(p[0] * load / scale + p[1])), np.array([slope, start]), pores, spread
    )
    rate, rate_spread = best[0] / scale, np.sqrt(covariance[0, 0]) / scale
    flags = () if rate > 0 else ("porosity does not fall with pressure",)
    initial = float(np.exp(-best[1]))
    values = (
        Value("yield_pressure", 1 / rate, "Pa", float(rate_spread / rate**2), flags=flags),
        Value("intercept", float(best[1]), "", float(np.sqrt(covariance[1, 1]))),
        Value("initial_porosity", initial, "", initial * float(np.sqrt(covariance[1, 1]))),
    )
    residual = pores - np.exp(-(rate * load + best[1]))
    return Result(
        "Heckel's law", values, {"root_mean_square": float(np.sqrt(np.mean(residual**2)))}
    )


def fit_kawakita(
    pressures: Any, porosities: ArrayLike, *, initial_porosity: float | None = None,
    uncertainty: Any = None,
) -> Result:  # fmt: skip
    """Kawakita's law, C = a b P / (1 + b P) with C = 1 - V/V0, fitted to porosities.

    As :func:`fit_heckel`; the volume follows from the porosity, V ~ 1/(1 - porosity). Without
    ``initial_porosity``, that of the loose powder, it is fitted as a third parameter. Gives
    ``final_reduction`` a (the part of the volume that pressing can take), ``half_pressure`` 1/b
    [Pa] and ``initial_porosity``. Kawakita and Luedde, Powder Technol. 4 (1971) 61, recalled.
    """
    load, pores, spread = _data(pressures, porosities, uncertainty, 2 + (initial_porosity is None))
    scale = float(load.max())
    loose = initial_porosity
    if loose is not None and not pores.max() < loose < 1:
        raise InputError(
            f"{loose!r} must lie between the largest porosity ({pores.max():.4g}) and 1",
            where="initial_porosity",
        )

    def model(p: Array) -> Array:
        start = p[2] if loose is None else loose
        left = 1.0 - p[0] * p[1] * load / (scale + p[1] * load)
        found: Array = 1.0 - (1.0 - start) / left
        return found

    first = [0.5, 2.0] if loose is not None else [0.5, 2.0, min(1.05 * float(pores.max()), 0.95)]
    best, covariance = _fitted(model, np.array(first), pores, spread)
    errors = np.sqrt(np.diag(covariance))
    half = scale / best[1]
    values = [
        Value("final_reduction", float(best[0]), "", float(errors[0])),
        Value("half_pressure", float(half), "Pa", float(half * errors[1] / abs(best[1]))),
    ]
    if loose is None:
        values.append(Value("initial_porosity", float(best[2]), "", float(errors[2])))
    else:
        values.append(Value("initial_porosity", float(loose), "", flags=("given",)))
    miss = float(np.sqrt(np.mean((pores - model(best)) ** 2)))
    return Result("Kawakita's law", tuple(values), {"root_mean_square": miss})


def _data(
    pressures: Any, porosities: ArrayLike, uncertainty: Any, parameters: int
) -> tuple[Array, Array, Array | None]:
    if isinstance(pressures, str) or not np.iterable(pressures):
        raise InputError(f"{pressures!r} is not a list of pressures", where="pressures")
    load = np.array([to_si(one, "Pa") for one in pressures])
    try:
        pores = np.asarray(porosities, float)
    except (TypeError, ValueError):
        raise InputError("porosities must be numbers", where="porosities") from None
    if load.shape != pores.shape or load.ndim != 1:
        raise InputError(
            f"{load.size} pressures and {pores.size} porosities; give one for each",
            where="porosities",
        )
    if np.unique(load).size <= parameters:
        raise InputError(
            f"{np.unique(load).size} different pressures do not determine {parameters} parameters "
            "and their uncertainty; give more",
            where="pressures",
        )
    if load.min() < 0 or not np.all((pores > 0) & (pores < 1)):
        raise InputError("pressures must be at least 0 and porosities between 0 and 1")
    spread = None
    if uncertainty is not None:
        spread = np.broadcast_to(np.asarray(uncertainty, float), pores.shape)
        if not np.all(spread > 0):
            raise InputError("uncertainties must be above 0", where="uncertainty")
    return load, pores, spread


def _fitted(
    model: Callable[[Array], Array], start: Array, pores: Array, spread: Array | None
) -> tuple[Array, Array]:
    from scipy.optimize import least_squares

    weight = 1.0 if spread is None else 1.0 / spread
    found = least_squares(lambda p: (model(p) - pores) * weight, start, x_scale="jac", xtol=1e-12)
    squares = found.jac.T @ found.jac
    if not found.success or np.linalg.cond(squares) > _SURE**2:
        raise ConvergenceError("the law's parameters are not determined by these porosities")
    covariance = np.linalg.inv(squares)
    if spread is None:
        covariance = covariance * (2 * found.cost / (pores.size - start.size))
    return found.x, covariance
