"""DSC and TG curves: onset, top and heat of peaks, steps of mass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solith.analysis._options import chosen, fact, positive
from solith.analysis._thermal.curve import curve_of
from solith.analysis._thermal.heat_peaks import HeatPeak, find_heat_peaks, measure_heat_peak
from solith.analysis._thermal.mass_steps import find_mass_steps
from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.quantities import in_unit, to_si
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solith.core.record import Record

__all__ = ["analyse_thermal"]

_EXOTHERMIC = ("up", "down")
_KELVIN = 273.15
_CLEAR = 4.0
"""Standard uncertainties that the area of a peak has at least: a step of the baseline is none."""


def analyse_thermal(
    record: Record,
    *,
    heating_rate: float | str | None = None,
    mass: float | str | None = None,
    exothermic: str | None = None,
    spans: Sequence[tuple[float, float]] | None = None,
) -> Result:
    """Peaks of a DSC curve or steps of a TG curve, a spectrum over temperature.

    A record is one run, of heating or of cooling; onsets are on the side that was measured first.

    Technique "dsc": peaks of either sign that stand six times above the scatter about a slow
    spline, or those between the given ``spans`` [degC]. Each has an onset (the tangent through 30
    to 70 % of its height, met with the baseline), a top, and an area on a baseline that is the
    mean of a straight and a sigmoidal one; half their difference and the noise are its uncertainty.
    ``heating_rate`` [K/s, or "10 K/min"] turns the area into heat; a heat flow per mass ("W/g")
    gives J/kg, one in watts needs the ``mass`` [kg]. Rate and mass may be the record's attributes
    (``heating_rate_kelvin_per_second``, ``active_mass_kg``). ``exothermic`` "up" or "down" (or the
    attribute) is the curve's direction of released heat, without which the sign of the heat is the
    curve's, and a flag says so: heat is counted as taken up.

    Technique "tg": steps between plateaus, the change of mass at the steepest place between the
    plateaus' levels; the uncertainty holds half the difference of sloping and flat plateaus.

    Values, of the largest peak: ``onset``, ``top`` [K], ``heat`` [J/kg]; ``peak_count``. Of the
    largest step: ``onset``, ``steepest`` [K], ``mass_change`` in the curve's unit; ``step_count``.
    Details list all, in degC.

    Raises :class:`InputError` for another kind of record, other units, spans without a peak, and a
    temperature that goes up and down.
    """
    require_record(record)
    technique = record.data.attrs.get("technique", "")
    if technique == "tg":
        return _of_mass(record)
    if technique != "dsc":
        raise InputError(
            f"a thermal curve is a spectrum of technique 'dsc' or 'tg', not {technique!r}"
        )
    if mass is not None:
        positive(mass, "kg", "mass")
    if exothermic is not None:
        chosen("direction", exothermic, _EXOTHERMIC)
    curve = curve_of(record, "dsc")
    places = find_heat_peaks(curve) if spans is None else _given(spans)
    peaks = []
    cut_off = 0
    for start, end in places:
        try:
            peaks.append(measure_heat_peak(curve, start, end))
        except InputError:
            if spans is not None:
                raise
            cut_off += 1
    if spans is None:
        peaks = [peak for peak in peaks if abs(peak.area) > _CLEAR * peak.area_error]
    factor, unit, flags = _heat_factor(record, curve.unit, heating_rate, mass)
    direction = exothermic if exothermic is not None else record.data.attrs.get("exothermic")
    if direction is not None:
        factor *= -1.0 if chosen("direction", direction, _EXOTHERMIC) == "up" else 1.0
    else:
        flags += ("exothermic is not given: the sign is the curve's",)
    if cut_off:
        flags += (f"{cut_off} peaks at the curve's ends were left out",)
    values = _of_largest(peaks, factor, unit, flags)
    rows = [
        dict(peak.__dict__)
        | {"heat": peak.area * factor, "heat_error": peak.area_error * abs(factor)}
        for peak in peaks
    ]
    details = {
        "peaks": rows,
        "heat_unit": unit,
        "temperature_celsius": curve.temperature.tolist(),
        "curve": curve.value.tolist(),
        "curve_unit": curve.unit,
    }
    return Result("thermal analysis (DSC)", values, details)


def _of_largest(
    peaks: list[HeatPeak], factor: float, unit: str, flags: tuple[str, ...]
) -> tuple[Value, ...]:
    count = Value("peak_count", float(len(peaks)))
    if not peaks:
        told = ("no peak stands above the scatter",)
        return (
            Value("onset", None, "K", flags=told),
            Value("top", None, "K", flags=told),
            Value("heat", None, unit, flags=told),
            count,
        )
    peak = max(peaks, key=lambda one: abs(one.area))
    onset = None if peak.onset is None else peak.onset + _KELVIN
    lost = () if onset is not None else ("the rising side is too short for a tangent",)
    return (
        Value("onset", onset, "K", peak.onset_error, method="tangent", flags=lost),
        Value("top", peak.top + _KELVIN, "K", peak.top_error),
        Value("heat", peak.area * factor, unit, peak.area_error * abs(factor), flags=flags),
        count,
    )


def _heat_factor(
    record: Record, unit: str, rate: float | str | None, mass: float | str | None
) -> tuple[float, str, tuple[str, ...]]:
    """What an area [unit K] is multiplied by, the unit of the product, and what is missing."""
    if rate is not None:
        seconds: float | None = positive(rate, "K/s", "heating_rate")
    else:
        seconds = fact(record, "heating_rate_kelvin_per_second")
    if seconds is None:
        told = "the heating rate is not known: areas are not heat; give heating_rate"
        return 1.0, f"{unit} K".strip(), (told,)
    try:
        return in_unit(1.0, unit, "W/kg") / seconds, "J/kg", ()
    except InputError:
        pass
    try:
        watts = in_unit(1.0, unit, "W")
    except InputError:
        return 1.0 / seconds, f"{unit} s".strip(), ("the unit of the heat flow is not known",)
    known = positive(mass, "kg", "mass") if mass is not None else fact(record, "active_mass_kg")
    if known is None:
        return watts / seconds, "J", ("the mass is not known: heat of the whole sample",)
    return watts / seconds / known, "J/kg", ()


def _given(spans: Any) -> list[tuple[float, float]]:
    if not isinstance(spans, (list, tuple)):
        raise InputError(f"{spans!r} is no list of pairs (start, end) [degC]", where="spans")
    places = []
    for number, span in enumerate(spans):
        if not isinstance(span, (tuple, list)) or len(span) != 2:
            raise InputError(f"{span!r} is no pair (start, end) [degC]", where=f"spans.{number}")
        start, end = (to_si(one, "") for one in span)
        if not start < end:
            raise InputError(f"{span!r}: the start is not below the end", where=f"spans.{number}")
        places.append((start, end))
    return places


def _of_mass(record: Record) -> Result:
    curve = curve_of(record, "tg")
    steps = find_mass_steps(curve)
    count = Value("step_count", float(len(steps)))
    if steps:
        step = max(steps, key=lambda one: abs(one.change))
        values = (
            Value("onset", step.onset + _KELVIN, "K", step.onset_error, method="tangent"),
            Value("steepest", step.steepest + _KELVIN, "K", step.steepest_error),
            Value("mass_change", step.change, curve.unit, step.change_error),
            count,
        )
    else:
        told = ("no step stands above the noise",)
        values = (
            Value("onset", None, "K", flags=told),
            Value("steepest", None, "K", flags=told),
            Value("mass_change", None, curve.unit, flags=told),
            count,
        )
    details = {
        "steps": [dict(step.__dict__) for step in steps],
        "temperature_celsius": curve.temperature.tolist(),
        "curve": curve.value.tolist(),
        "curve_unit": curve.unit,
    }
    return Result("thermal analysis (TG)", values, details)
