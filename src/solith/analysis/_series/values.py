"""What a traced resistance says of its law against the variable of the series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._lines import LinearFit, bends, fit_linear
from solith.analysis._series.laws import GrowthFit, fit_growth
from solith.analysis._series.rows import Trace
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.result import Value

__all__ = ["VARIABLES", "law_of"]

Array = NDArray[np.float64]

_KILO = 1e3
_CURVE_POINTS = 60


@dataclass(frozen=True)
class _Variable:
    """A variable: the records' attribute, its SI unit, how to give it, the law looked for.

    ``coordinate`` is what logarithms of resistances are nearly straight in; a ``positive`` one is
    above 0, a ``counted`` one at least 0.
    """

    attribute: str
    unit: str
    how_given: str
    law: Callable[[Trace, Array, Array | None, str], tuple[list[Value], dict[str, Any]]]
    coordinate: Callable[[Array], Array] = lambda x: x
    positive: bool = False
    counted: bool = False


def law_of(
    variable: str, trace: Trace, x: Array, scales: Array | None
) -> tuple[list[Value], dict[str, Any]]:
    """The values of a resistance's law, and details: intervals, tests, curves.

    ``scales`` turn ``1/R`` into a conductivity (thickness over area [1/m]), or are ``None``.
    """
    about = VARIABLES[variable]
    reached = Trace(**{**trace.__dict__, "flags": (*trace.flags, *_left_out(trace, x, about.unit))})
    return about.law(reached, x, scales, about.unit)


def _left_out(trace: Trace, x: Array, unit: str) -> list[str]:
    told = []
    for reason, places in trace.left_out.items():
        at = ", ".join(f"{x[place]:.4g}" for place in places)
        told.append(f"left out at {at} {unit}".rstrip() + f": {reason}")
    return told


def _arrhenius(
    trace: Trace, x: Array, scales: Array | None, unit: str
) -> tuple[list[Value], dict[str, Any]]:
    temperature = x[trace.places]
    geometry = np.zeros(len(temperature)) if scales is None else np.log(scales[trace.places])
    per_metre, area = ("", "") if scales is None else ("/m", "geometric")
    if len(np.unique(temperature)) < 2:
        flags = (*trace.flags, "fewer than two temperatures with this resistance")
        return [
            Value(f"{trace.name}_activation_energy_{which}", None, "kJ/mol", flags=flags)
            for which in ("sigma", "sigma_T")
        ], {}
    values: list[Value] = []
    details: dict[str, Any] = {}
    for which, more, size in (
        ("sigma", np.zeros(len(temperature)), f"S{per_metre}"),
        ("sigma_T", np.log(temperature), f"S K{per_metre}"),
    ):
        y = geometry - np.log(trace.resistance) + more
        inverse = 1.0 / (GAS_CONSTANT * temperature)
        line = fit_linear(np.stack([np.ones_like(inverse), -inverse], axis=1), y, trace.covariance)
        bend = bends(inverse, y, trace.covariance)
        flags = (*trace.flags, *_doubts(line, "temperatures"))
        if bend is not None and bend[0]:
            flags += (f"not one straight line: {_slopes(bend[1], temperature)}",)
        method = f"weighted line of ln({'1' if which == 'sigma' else 'T'}/R) against 1/T"
        prefactor = float(np.exp(line.coefficients[0]))
        values += [
            *(
                Value(
                    f"{trace.name}_activation_energy_{which}{ending}",
                    float(line.coefficients[1]) / divisor,
                    energy_unit,
                    line.uncertainty(1) / divisor,
                    method=method,
                    flags=flags,
                )
                for ending, energy_unit, divisor in (("", "kJ/mol", _KILO), ("_eV", "eV", FARADAY))
            ),
            Value(
                f"{trace.name}_prefactor_{which}",
                prefactor,
                size,
                prefactor * line.uncertainty(0),
                area=area,
                method=method,
                flags=flags,
            ),
        ]
        details[which] = {
            "activation_energy_electronvolt": float(line.coefficients[1]) / FARADAY,
            "activation_energy_uncertainty_electronvolt": line.uncertainty(1) / FARADAY,
            "activation_energy_interval_95": [end / _KILO for end in line.interval(1)],
            "prefactor_interval_95": np.exp(np.clip(line.interval(0), -700, 700)).tolist(),
            "chi_squared": line.chi_squared,
            "freedom": line.freedom,
            "straight": None if bend is None else not bend[0],
        }
        if which == "sigma" and scales is None:
            around = np.linspace(temperature.min(), temperature.max(), _CURVE_POINTS)
            energy = line.coefficients[1] / (GAS_CONSTANT * around)
            details["curve"] = _curve(around, np.exp(energy - line.coefficients[0]))
    if "curve" not in details:
        details["curve"] = _resistance_line(trace, temperature)
    return values, details


def _resistance_line(trace: Trace, temperature: Array) -> dict[str, list[float]]:
    """The line of ln R against 1/T, where conductivities have each record's own geometry."""
    design = np.stack([np.ones_like(temperature), 1.0 / temperature], axis=1)
    line = fit_linear(design, np.log(trace.resistance), trace.covariance)
    around = np.linspace(temperature.min(), temperature.max(), _CURVE_POINTS)
    return _curve(around, np.exp(line.coefficients[0] + line.coefficients[1] / around))


def _slopes(parabola: LinearFit, temperature: Array) -> str:
    """The energies at both ends of the range, by the slope of the parabola."""
    inverse = 1.0 / (GAS_CONSTANT * temperature)
    centred = inverse - inverse.mean()
    scale = float(np.max(np.abs(centred)))
    _, first, second = parabola.coefficients
    slopes = -(first + 2.0 * second * centred / scale) / _KILO
    cold, hot = int(np.argmin(temperature)), int(np.argmax(temperature))
    return (
        f"{slopes[cold]:.3g} kJ/mol at {temperature[cold]:.4g} K, "
        f"{slopes[hot]:.3g} kJ/mol at {temperature[hot]:.4g} K"
    )


def _growth(
    trace: Trace, x: Array, scales: Array | None, unit: str
) -> tuple[list[Value], dict[str, Any]]:
    at = x[trace.places]
    if len(np.unique(at)) < 3:
        flags = (*trace.flags, "fewer than three points with this resistance")
        return [Value(f"{trace.name}_growth_rate", None, "", flags=flags)], {}
    covariance = trace.covariance * np.outer(trace.resistance, trace.resistance)
    fits = fit_growth(at, trace.resistance, covariance)
    best = fits[0]
    flags = (*trace.flags, *_doubts(best.line, "points"))
    if best.at_limit:
        flags += ("the law's curvature ended at its limit",)
    near = [fit.law for fit in fits[1:] if fit.criterion < best.criterion + 2.0]
    if near:
        flags += (f"not told apart from: {', '.join(near)}",)
    method = f"{best.law}: lowest information criterion"
    values = [
        Value(
            f"{trace.name}_growth_start",
            float(best.line.coefficients[0]),
            "ohm",
            best.line.uncertainty(0),
            method=method,
            flags=flags,
        )
    ]
    if best.law != "constant":
        values.append(
            Value(
                f"{trace.name}_growth_rate",
                float(best.line.coefficients[1]),
                _rate_unit(best, unit),
                best.line.uncertainty(1),
                method=method,
                flags=flags,
            )
        )
    values += [
        Value(
            f"{trace.name}_growth_exponent",
            fit.extra,
            "",
            fit.line.uncertainty(2),
            method="power",
            flags=flags,
        )
        for fit in fits
        if fit.law == "power" and best.law != "constant"
    ]
    around = np.linspace(at.min(), at.max(), _CURVE_POINTS)
    return values, {
        "law": best.law,
        "extra": best.extra,
        "rate_interval_95": None if best.law == "constant" else best.line.interval(1),
        "candidates": [{"law": fit.law, "criterion": fit.criterion} for fit in fits],
        "curve": _curve(around, best.curve(around)),
    }


def _rate_unit(fit: GrowthFit, unit: str) -> str:
    powers = {"linear": "-1", "root of time": "-1/2", "power": f"-{fit.extra or 0.0:.3g}"}
    power = powers.get(fit.law)
    return "ohm" if not unit or power is None else f"ohm {unit}^{power}"


def _power(
    trace: Trace, x: Array, scales: Array | None, unit: str
) -> tuple[list[Value], dict[str, Any]]:
    pressure = np.log(x[trace.places])
    if len(np.unique(pressure)) < 2:
        flags = (*trace.flags, "fewer than two pressures with this resistance")
        return [Value(f"{trace.name}_pressure_exponent", None, "", flags=flags)], {}
    y = np.log(trace.resistance)
    line = fit_linear(np.stack([np.ones_like(pressure), pressure], axis=1), y, trace.covariance)
    bend = bends(pressure, y, trace.covariance)
    flags = (*trace.flags, *_doubts(line, "pressures"))
    if bend is not None and bend[0]:
        flags += ("not one power law: ln R bends against ln p",)
    around = np.linspace(pressure.min(), pressure.max(), _CURVE_POINTS)
    value = Value(
        f"{trace.name}_pressure_exponent",
        float(line.coefficients[1]),
        "",
        line.uncertainty(1),
        method="weighted line of ln R against ln p",
        flags=flags,
    )
    return [value], {
        "exponent_interval_95": line.interval(1),
        "straight": None if bend is None else not bend[0],
        "curve": _curve(
            np.exp(around), np.exp(line.coefficients[0] + line.coefficients[1] * around)
        ),
    }


def _no_law(
    trace: Trace, x: Array, scales: Array | None, unit: str
) -> tuple[list[Value], dict[str, Any]]:
    lowest = float(trace.resistance.min()) if len(trace.resistance) else None
    highest = float(trace.resistance.max()) if len(trace.resistance) else None
    return [
        Value(f"{trace.name}_lowest", lowest, "ohm", flags=trace.flags),
        Value(f"{trace.name}_highest", highest, "ohm", flags=trace.flags),
    ], {}


def _doubts(line: LinearFit, what: str) -> tuple[str, ...]:
    if line.freedom == 0:
        return (f"no more {what} than the law has parameters: it is not tested",)
    if line.scattered:
        times = float(np.sqrt(line.chi_squared / line.freedom))
        return (f"the points scatter {times:.1f} times as much as their uncertainties",)
    return ()


def _curve(x: Array, resistance: Array) -> dict[str, list[float]]:
    return {"x": x.tolist(), "resistance_ohm": resistance.tolist()}


VARIABLES: dict[str, _Variable] = {
    "temperature": _Variable(
        "temperature_kelvin",
        "K",
        "say record.with_facts(temperature='25 degC')",
        _arrhenius,
        lambda x: 1.0 / x,
        True,
    ),
    "pressure": _Variable(
        "pressure_pa", "Pa", "say record.with_facts(pressure='50 MPa')", _power, np.log, True
    ),
    "potential": _Variable("potential_volt", "V", "put it into the record's attributes", _no_law),
    "state_of_charge": _Variable(
        "state_of_charge", "", "put it into the record's attributes", _no_law
    ),
    "cycle": _Variable("cycle", "", "put it into the record's attributes", _growth, counted=True),
    "time": _Variable(
        "time_second", "s", "put it into the record's attributes", _growth, counted=True
    ),
}
"""What spectra may be measured against."""
