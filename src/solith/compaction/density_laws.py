"""Laws of porosity against pressure, fitted to measured or computed compaction curves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import ConvergenceError, InputError
from solith.core.quantities import to_si
from solith.core.result import Result, Value

__all__ = ["DensityLaw", "fit_heckel", "fit_kawakita"]

Array = NDArray[np.float64]

_SURE = 1e7
"""Condition of the scaled Jacobian beyond which a parameter is not told apart."""
_ROUNDING = 1e-6
_FLAT = 1e-9
"""Fall of ln(porosity) over the whole range that is no more than rounding."""
_STEP = 1e-30
"""Of an imaginary step, which takes a derivative without loss of digits."""
_GIVEN = "given"


def _heckel(p: Any, x: Any) -> Any:
    return np.exp(-(p[0] * x + p[1]))


def _kawakita(p: Any, x: Any) -> Any:
    return 1.0 - (1.0 - p[2]) / (1.0 - p[0] * p[1] * x / (1.0 + p[1] * x))


_LAWS: dict[str, Callable[[Any, Any], Any]] = {"heckel": _heckel, "kawakita": _kawakita}
"""Porosity by parameters and by pressure over the largest fitted one."""


@dataclass(frozen=True)
class DensityLaw(Result):
    """A fitted law: its parameters as values, and the porosity between the fitted pressures.

    ``details`` keep the ``law``, the fitted ``range`` [Pa], the ``root_mean_square`` of what the
    law misses the data by, and ``parameters`` with ``covariance`` for pressures over ``scale``
    [Pa].
    """

    def porosity_at(self, pressure: Any) -> Value:
        """Porosity at ``pressure`` [Pa, or with unit], with its standard uncertainty.

        That is the curve's own, from the covariance of the parameters, and in quadrature the root
        mean square by which the law misses what it was fitted to. :class:`InputError` for a
        pressure outside the fitted range: these laws do not carry beyond their data.
        """
        known, load = self.details, to_si(pressure, "Pa")
        low, high = known["range"]
        if not low * (1 - _ROUNDING) <= load <= high * (1 + _ROUNDING):
            raise InputError(
                f"{load / 1e6:.4g} MPa is outside the fitted range of {low / 1e6:.4g} to "
                f"{high / 1e6:.4g} MPa",
                where="pressure",
            )
        model, best = _LAWS[known["law"]], np.array(known["parameters"], float)
        x = load / known["scale"]
        steps = best + 1j * _STEP * np.eye(best.size)
        slope = np.array([model(one, x).imag / _STEP for one in steps])
        variance = float(slope @ np.array(known["covariance"], float) @ slope)
        spread = float(np.hypot(np.sqrt(variance), known["root_mean_square"]))
        flags = tuple(dict.fromkeys(flag for v in self for flag in v.flags if flag != _GIVEN))
        return Value("porosity", float(model(best, x)), "", spread, method=self.name, flags=flags)


def fit_heckel(pressures: Any, porosities: ArrayLike, *, uncertainty: Any = None) -> DensityLaw:
    """Heckel's law, ln(1/porosity) = K P + A, fitted to porosities.

    ``pressures`` [Pa, or with unit] and ``porosities`` (fractions), three or more;
    ``uncertainty``: standard uncertainty of the porosities, one or each, without which the
    scatter about the fit is taken. Gives ``yield_pressure`` 1/K [Pa], ``intercept`` A and
    ``initial_porosity`` exp(-A), with standard uncertainties, and the porosity at any fitted
    pressure (:meth:`DensityLaw.porosity_at`). Least squares of the porosities
    themselves, so that the nearly dense end does not weigh more. Where porosity does not fall
    ``yield_pressure`` is None. R. W. Heckel, Trans. Metall. Soc. AIME 221 (1961) 671, recalled.
    :class:`InputError` for data that do not fit together, :class:`ConvergenceError` where they do
    not determine the law.
    """
    load, pores, spread = _data(pressures, porosities, uncertainty, 2)
    scale = float(load.max())
    slope, start = np.polyfit(load / scale, -np.log(pores), 1)
    best, covariance = _fitted(
        lambda p: _heckel(p, load / scale), np.array([slope, start]), pores, spread
    )
    rate, rate_spread = best[0] / scale, np.sqrt(covariance[0, 0]) / scale
    initial = float(np.exp(-best[1]))
    if best[0] > _FLAT:
        found = Value("yield_pressure", float(1 / rate), "Pa", float(rate_spread / rate**2))
    else:
        flags = ("porosity does not fall with pressure",)
        found = Value("yield_pressure", None, "Pa", flags=flags)
    values = (
        found,
        Value("intercept", float(best[1]), "", float(np.sqrt(covariance[1, 1]))),
        Value("initial_porosity", initial, "", initial * float(np.sqrt(covariance[1, 1]))),
    )
    details = _kept("heckel", load, pores, best, covariance)
    return DensityLaw("Heckel's law", values, details)


def fit_kawakita(
    pressures: Any, porosities: ArrayLike, *, initial_porosity: Any = None, uncertainty: Any = None
) -> DensityLaw:  # fmt: skip
    """Kawakita's law, C = a b P / (1 + b P) with C = 1 - V/V0, fitted to porosities.

    As :func:`fit_heckel`; the volume follows from the porosity, V ~ 1/(1 - porosity). Without
    ``initial_porosity``, that of the loose powder, it is fitted as a third parameter. Gives
    ``final_reduction`` a (the part of the volume that pressing can take), ``half_pressure`` 1/b
    [Pa] and ``initial_porosity``; what the law does not allow is flagged. Kawakita and Luedde,
    Powder Technol. 4 (1971) 61, recalled.
    """
    load, pores, spread = _data(pressures, porosities, uncertainty, 2 + (initial_porosity is None))
    scale = float(load.max())
    loose = None if initial_porosity is None else to_si(initial_porosity, "")
    if loose is not None and not pores.max() < loose < 1:
        raise InputError(
            f"{loose!r} must lie between the largest porosity ({pores.max():.4g}) and 1",
            where="initial_porosity",
        )

    def model(p: Array) -> Array:
        found: Array = _kawakita(p if loose is None else [*p, loose], load / scale)
        return found

    first = [0.5, 2.0] if loose is not None else [0.5, 2.0, min(1.05 * float(pores.max()), 0.95)]
    best, covariance = _fitted(model, np.array(first), pores, spread)
    errors = np.sqrt(np.diag(covariance))
    half = scale / best[1]
    spread_of_half = float(abs(half) * errors[1] / abs(best[1]))
    lawful = 0 < best[0] < 1 + _ROUNDING and half > 0
    wrong = () if lawful else ("the porosities do not follow the law",)
    values = [
        Value("final_reduction", float(best[0]), "", float(errors[0]), flags=wrong),
        Value("half_pressure", float(half), "Pa", spread_of_half, flags=wrong),
    ]
    if loose is None:
        values.append(Value("initial_porosity", float(best[2]), "", float(errors[2])))
    else:
        values.append(Value("initial_porosity", float(loose), "", flags=(_GIVEN,)))
        best, covariance = np.append(best, loose), np.pad(covariance, (0, 1))
    details = _kept("kawakita", load, pores, best, covariance)
    return DensityLaw("Kawakita's law", tuple(values), details)


def _kept(law: str, load: Array, pores: Array, best: Array, covariance: Array) -> dict[str, Any]:
    """What a law's details hold, as plain data."""
    scale = float(load.max())
    missed = pores - _LAWS[law](best, load / scale)
    return {
        "law": law,
        "parameters": best.tolist(),
        "covariance": covariance.tolist(),
        "scale": scale,
        "range": [float(load.min()), scale],
        "root_mean_square": float(np.sqrt(np.mean(missed**2))),
    }


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
        try:
            spread = np.broadcast_to(np.asarray(uncertainty, float), pores.shape)
        except (TypeError, ValueError):
            raise InputError(
                f"must be a number, or {pores.size} of them", where="uncertainty"
            ) from None
        if not np.all((spread > 0) & np.isfinite(spread)):
            raise InputError("uncertainties must be above 0 and finite", where="uncertainty")
    return load, pores, spread


def _fitted(
    model: Callable[[Array], Array], start: Array, pores: Array, spread: Array | None
) -> tuple[Array, Array]:
    from scipy.optimize import least_squares

    weight = 1.0 if spread is None else 1.0 / spread
    found = least_squares(lambda p: (model(p) - pores) * weight, start, x_scale="jac", xtol=1e-12)
    sizes = np.linalg.norm(found.jac, axis=0)
    if not found.success or not np.all(sizes > 0) or np.linalg.cond(found.jac / sizes) > _SURE:
        raise ConvergenceError("the law's parameters are not determined by these porosities")
    inverse = np.linalg.pinv(found.jac / sizes, rcond=0.1 / _SURE) / sizes[:, np.newaxis]
    covariance: Array = inverse @ inverse.T
    if spread is None:
        covariance = covariance * (2 * found.cost / (pores.size - start.size))
    return found.x, covariance
