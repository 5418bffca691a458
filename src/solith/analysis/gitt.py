"""Diffusion from current pulses and rests: galvanostatic intermittent titration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._half_cycles import NOISE, find_pulses
from solith.analysis._options import chosen, fact, positive
from solith.analysis._rows import title_of
from solith.analysis._titration.body import Body
from solith.analysis._titration.fits import Drift, fit_pulses
from solith.analysis._titration.phase import settle_switches
from solith.analysis._titration.pulse import Setting, Trace, measure_pulse
from solith.analysis._titration.pulse_fit import SHAPES
from solith.analysis._titration.pulses import (
    DIRECTIONS,
    add_states,
    judge_rows,
    judge_signs,
    titration_of,
)
from solith.analysis._titration.table import pulse_row, units_of
from solith.core.errors import InputError
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["GATES", "fit_gitt"]

GATES = ("pulse too long", "not linear", "not relaxed", "drift")
"""What leaves a pulse out of the means, unless ``gates`` says otherwise."""

_TIMES = ("pulse", "relaxation")
_TRANSIENTS = ("slope", "difference")

_SOURCE = "10.1149/1.2133112"


def fit_gitt(
    record: Record,
    *,
    delay: Any = "1 s",
    direction: str | None = None,
    tau: str = "pulse",
    transient: str = "slope",
    area: Any = None,
    volume: Any = None,
    molar_volume: Any = None,
    molar_mass: Any = None,
    gates: Collection[str] = GATES,
    most_bias: Any = 0.03,
    least_change: Any = "0.2 mV",
    shape: str = "sphere",
    drift: bool | None = None,
    noise: float = NOISE,
) -> Result:
    """Diffusion and internal resistance from pulses of current between rests.

    Of each pulse, with Es the rested voltage, Et the voltage in the pulse without the step
    at its switch, and tau the pulse's duration,

        D = 4 / (pi tau) (V / S)^2 (dEs / dEt)^2

    (W. Weppner and R. A. Huggins, J. Electrochem. Soc. 124, 1569 (1977),
    10.1149/1.2133112; the form with V = m V_m / M that most publications print, read in
    secondary sources), V being the volume of active material and S the area through which
    lithium enters. What the pulses alone give is
    the *diffusion time* (V / S)^2 / D = (pi tau / 4) (dEt / dEs)^2, which needs no area; D
    follows for each area that the record names.

    Values:

    * ``diffusion_time`` [s]: the harmonic mean, so that (V / S)^2 over it is the mean of D;
    * ``diffusivity_apparent`` [cm2/s]: the arithmetic mean over the pulses for ``area``
      ("geometric", "active", "contact" or an area; without it the active area where the
      record has it, otherwise the geometric), and its ``_median``, ``_minimum`` and
      ``_maximum``; uncertainties are the scatter over the pulses / sqrt(number);
    * ``diffusivity_<name>_area`` [cm2/s]: the same mean for each area of the record;
    * ``gitt_ir_drop`` [mV]: mean change of voltage from the last row before the current is
      switched on to ``delay`` after it (linear in the root of time between rows), positive
      where the current costs voltage; the drop at the pulse's end is in the details;
    * ``pulses``: how many of them the means hold;
    * ``diffusion_time_fit``, ``diffusivity_fit_apparent``, ``diffusivity_fit_<name>_area`` and
      ``gitt_ir_drop_fit`` (the ohmic step and what is faster than ``delay``): the same means over
      the pulses described by the exact law of a sphere (``shape = "plate"``: a plate entered from
      one side), fitted to pulse and rest together with all earlier currents. It holds for
      pulses too long and rests too short for the root of time, which need not be gated;
    * ``voltage_drift`` [mV/h]: linear drift of the rested voltage, where the fits tell it. With
      ``drift`` ``None`` the fits hold it where it is sure, four standard errors above zero;
      ``True`` and ``False`` say so or not.

    ``details["pulses"]`` is the table of all pulses, in the units of ``details["units"]``; there
    ``<quantity>_uncertainty`` is one standard uncertainty by the scatter of this pulse's voltage
    (Student's t is folded in, so that 1.96 of it are the 95 % interval). Where no row lies at the
    switches they are told by ``step_time_second``, by the rows' intervals, or by the fit; what
    then is not known is flagged "switch known to ... only" and contained in the uncertainty of
    the fits' means (``<quantity>_by_switch``, at a few pulses). ``fit_used``,
    ``fit_fails`` and ``fit_flags`` speak of the fit: "not identifiable" where diffusion is over
    before the first row or far slower than the rest, "not described" where it leaves more than
    3 % of the voltage that it should explain.

    The volume is that of the record (``active_volume_m3``), ``volume``, or with
    ``molar_volume`` and ``molar_mass`` the record's ``active_mass_kg`` x V_m / M.
    ``direction`` is "charge", "discharge" or "both"; without it both where each has at least
    three pulses, otherwise the one with more. Flows more than three times as long as the usual
    pulse, or below a twentieth of it, are no pulses, nor are those of another current before the
    titration or after it.

    ``transient`` says what dEt is: "slope", the slope of the voltage over sqrt(t) after the
    delay (least squares) x sqrt(tau), or "difference", the voltage at the pulse's end minus
    that at the delay, as often published, which lacks the rise during the delay and is
    flagged with the factor that this makes. ``tau = "relaxation"`` puts the rest's duration
    in place of the pulse's in D, as some publications print it; flagged likewise.

    Left out always: the last pulse if a cut-off cut it short (below 0.9 of the usual
    duration), pulses without a rest on each side, with an uneven current, with a gap in their
    rows, with a voltage that goes against the current, and plateaus, where
    the rested voltage changes by less than ``least_change`` or three times its scatter, or
    against the current. Left out as ``gates`` say:

    * "pulse too long": tau << R^2 / D is not fulfilled. With a ``particle_radius_m``, a
      sphere of this radius (constant flux through its surface) would give a D that is too low
      by more than ``most_bias``; without it, the voltage over sqrt(t) bends upwards, so
      that the slope at the switch alone would give a D higher by more than that (quadratic
      term of least squares, above zero with 99 % confidence);
    * "not linear": R^2 of the voltage over sqrt(t) is below 0.99, or it bends in another way,
      as when the pulse is large beside the bend of the open-circuit voltage;
    * "not relaxed": what the rest before or after still had to come exceeds ``most_bias`` / 2
      of dEs. It is taken from V = V_rested + b / sqrt(t) over the rest's last tenth (last half
      where scatter wants it; least squares, b above zero with 99 % confidence) as b / sqrt(t) at
      its end, which is 2 t abs(dV/dt): right after a short pulse into a thick body, too much
      once the decay is faster;
    * "drift": the drift changes the rested voltage over pulse and rest by more than
      ``most_bias`` / 2 of dEs.

    If no pulse passes the gates, the means hold all pulses with a D and say so. A record
    with no point between half and twice the delay has "IR not separated" as a flag.

    Raises :class:`InputError` for another kind of record, a record without pulses, one in which
    the voltage goes against the current in half of the pulses (its sign is wrong), and
    options or areas that cannot be.
    """
    body = Body.of(record, area, volume, molar_volume, molar_mass)
    radius = fact(record, "particle_radius_m")
    setting = Setting(
        delay=positive(delay, "s", "delay"),
        relaxation=chosen("tau", tau, _TIMES) == "relaxation",
        difference=chosen("transient", transient, _TRANSIENTS) == "difference",
        most_bias=positive(most_bias, "", "most_bias"),
        least_change=positive(least_change, "V", "least_change"),
        radius=radius,
        body_length=None if radius is None else body.length(radius),
    )
    chosen("shape", shape, SHAPES)
    barring = {chosen("gate", gate, GATES) for gate in gates}
    if direction is not None:
        chosen("direction", direction, DIRECTIONS)
    found, dropped = find_pulses(record, noise=noise)
    flows = Trace.all_of(record, found)
    flows, doubts = settle_switches(flows, titration_of(flows, direction), setting, shape=shape)
    traces = titration_of(flows, direction)
    if not traces:
        raise InputError(
            f"{title_of(record)} holds no {direction + ' ' if direction else ''}pulses of current "
            "between rests; a titration is a cycling record with rests in which no current flows"
        )
    pulses = [measure_pulse(trace, setting) for trace in traces]
    judge_signs(pulses, title_of(record))
    judge_rows(pulses)
    add_states(record, flows, pulses)
    drifting = fit_pulses(pulses, flows, setting, shape=shape, drift=drift)
    rows = [
        pulse_row(number, pulse, body, barring, GATES)
        for number, pulse in enumerate(pulses, start=1)
    ]
    return _result(record, rows, setting, body, dropped, doubts, shape, drifting)


def _result(
    record: Record,
    rows: Sequence[dict[str, Any]],
    setting: Setting,
    body: Body,
    dropped: tuple[str, ...],
    doubts: tuple[str, ...],
    shape: str,
    drift: Drift | None,
) -> Result:
    used, flags = _used(rows)
    flags = flags + doubts + dropped
    of_mean = f"mean over {len(used)} of {len(rows)} pulses, Weppner and Huggins"
    rates = np.array([1 / row["diffusion_time"] for row in used])
    mean, error = _mean(rates)
    values = [
        Value(
            "diffusion_time",
            None if mean is None else 1 / mean,
            "s",
            None if mean is None or error is None else error / mean**2,
            method=f"harmonic {of_mean}",
            source=_SOURCE,
            flags=flags,
        )
    ]
    area_name, flags_of_d = body.chosen, flags
    if body.missing:
        flags_of_d = (body.missing, *flags)
    known = [row["diffusivity_apparent"] for row in used if row["diffusivity_apparent"] is not None]
    spread = np.array(known)
    mean, error = _mean(spread)
    statistics = {
        "": (mean, error, of_mean),
        "_median": (_over(np.median, spread), None, of_mean.replace("mean", "median", 1)),
        "_minimum": (_over(np.min, spread), None, of_mean.replace("mean", "lowest", 1)),
        "_maximum": (_over(np.max, spread), None, of_mean.replace("mean", "highest", 1)),
    }
    for name, (number, uncertainty, method) in statistics.items():
        values.append(
            Value(
                f"diffusivity_apparent{name}",
                number,
                "cm2/s",
                uncertainty,
                area=area_name if number is not None else "",
                method=method,
                source=_SOURCE,
                flags=flags_of_d,
            )
        )
    for name in body.areas if body.volume is not None else ():
        mean, error = _mean(np.array([row[f"diffusivity_{name}_area"] for row in used]))
        values.append(
            Value(
                f"diffusivity_{name}_area",
                mean,
                "cm2/s",
                error,
                area=name,
                method=of_mean,
                source=_SOURCE,
                flags=flags,
            )
        )
    values += _fit_values(rows, body, shape, drift, doubts + dropped)
    values.append(_ir_drop(rows, setting, dropped, doubts))
    values.append(Value("pulses", float(len(used)), "", method=f"of {len(rows)} in the record"))
    by_mass = record.data.attrs.get("active_mass_kg") is not None
    details = {"units": units_of(rows, by_mass), "area": area_name, "pulses": list(rows)}
    return Result(f"Titration of {title_of(record)}", tuple(values), details)


def _fit_values(
    rows: Sequence[dict[str, Any]],
    body: Body,
    shape: str,
    drift: Drift | None,
    dropped: tuple[str, ...],
) -> list[Value]:
    """Means over the pulses that the fit of pulse and relaxation describes."""
    used = [row for row in rows if row["fit_used"]]
    left_out = Counter(name for row in rows if not row["fit_used"] for name in row["fit_fails"])
    counted = ", ".join(f"{name} ({number})" for name, number in left_out.items())
    flags: tuple[str, ...] = ()
    if not used:
        flags = (f"no pulse is described by the fit: {counted}",)
    elif len(used) < len(rows):
        flags = (f"{len(rows) - len(used)} of {len(rows)} pulses left out: {counted}",)
    if drift is not None and drift.held:
        flags += (
            f"drift: the rested voltage drifts by {_MILLIVOLT_PER_HOUR * drift.rate:.3g} mV/h, "
            "which the fit holds and the root of time does not",
        )
    flags += dropped
    method = f"{shape} fitted to pulse and rest, mean over {len(used)} of {len(rows)} pulses"
    mean, error = _mean(np.array([1 / row["diffusion_time_fit"] for row in used]))
    asked = [row for row in used if row["ir_drop_fit_by_switch"] is not None]
    doubt = _common(
        [row["diffusion_time_fit_by_switch"] / row["diffusion_time_fit"] for row in asked]
    )
    error = _joined(error, doubt, mean)
    found = [
        Value(
            "diffusion_time_fit",
            None if mean is None else 1 / mean,
            "s",
            None if mean is None or error is None else error / mean**2,
            method=f"{method} (harmonic)",
            flags=flags,
        )
    ]
    names = {"apparent": body.chosen} | {f"{name}_area": name for name in body.areas}
    for name, area in names.items():
        column = [row[f"diffusivity_fit_{name}"] for row in used]
        mean, error = _mean(np.array([number for number in column if number is not None]))
        error = _joined(error, doubt, mean)
        if name != "apparent" and body.volume is None:
            continue
        missing = (body.missing,) if body.missing and name == "apparent" else ()
        found.append(
            Value(
                f"diffusivity_fit_{name}",
                mean,
                "cm2/s",
                error,
                area=area if mean is not None else "",
                method=method,
                flags=missing + flags,
            )
        )
    mean, error = _mean(np.array([row["ir_drop_fit"] for row in used]))
    error = _joined(error, _common([row["ir_drop_fit_by_switch"] for row in asked]), 1.0)
    found.append(Value("gitt_ir_drop_fit", mean, "mV", error, method=method, flags=flags))
    if drift is not None:
        found.append(
            Value(
                "voltage_drift",
                _MILLIVOLT_PER_HOUR * drift.rate,
                "mV/h",
                _MILLIVOLT_PER_HOUR * drift.error,
                method="linear part of the fits, weighted mean over the pulses",
                flags=dropped,
            )
        )
    return found


_MILLIVOLT_PER_HOUR = 3.6e6
"""In one V/s."""


def _used(rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The pulses that the means hold, and what has to be said of the choice."""
    flags: tuple[str, ...] = ()
    used = [row for row in rows if row["used"]]
    left_out = Counter(name for row in rows if not row["used"] for name in row["fails"])
    counted = ", ".join(f"{name} ({number})" for name, number in left_out.items())
    if used and len(used) < len(rows):
        flags += (f"{len(rows) - len(used)} of {len(rows)} pulses left out: {counted}",)
    if not used:
        used = [
            row
            for row in rows
            if row["diffusion_time"] is not None and set(row["fails"]) <= set(GATES)
        ]
        for row in used:
            row["used"] = True
        kept = f"mean over the {len(used)} with a diffusivity" if used else "D not defined"
        flags += (f"no pulse passes the gates: {counted}; {kept}",)
    else:
        kept_failing = Counter(name for row in used for name in row["fails"])
        flags += tuple(f"{name} at {n} of {len(used)} pulses" for name, n in kept_failing.items())
    noted = Counter(name for row in used for name in row["notes"])
    flags += tuple(
        next(text for row in used if name in row["notes"] for text in _note(row, name))
        + (f" ({number} pulses)" if number > 1 else "")
        for name, number in noted.items()
    )
    return used, flags


def _note(row: dict[str, Any], name: str) -> list[str]:
    return [row["flags"][len(row["fails"]) + row["notes"].index(name)]]


def _ir_drop(
    rows: Sequence[dict[str, Any]],
    setting: Setting,
    dropped: tuple[str, ...],
    doubts: tuple[str, ...],
) -> Value:
    drops = np.array([row["ir_drop_start"] for row in rows if row["ir_drop_start"] is not None])
    mean, error = _mean(drops)
    unclear = sum("IR not separated" in row["notes"] for row in rows)
    flags: tuple[str, ...] = ()
    if unclear:
        flags = (f"IR not separated at {unclear} of {len(rows)} pulses",)
    if mean is None:
        flags += ("no rest before a pulse",)
    if unclear < len(rows):
        flags += doubts
    return Value(
        "gitt_ir_drop",
        mean,
        "mV",
        error,
        method=f"{setting.delay:g} s after the switch on, mean over {len(drops)} pulses",
        flags=flags + dropped,
    )


def _mean(numbers: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Arithmetic mean, and its standard uncertainty from the scatter."""
    if len(numbers) == 0:
        return None, None
    mean = float(np.mean(numbers))
    if len(numbers) < 2:
        return mean, None
    return mean, float(np.std(numbers, ddof=1) / np.sqrt(len(numbers)))


def _common(doubts: Sequence[float]) -> float:
    """An uncertainty that all pulses share, so that no mean makes it smaller."""
    return float(np.mean(doubts)) if doubts else 0.0


def _joined(error: float | None, doubt: float, size: float | None) -> float | None:
    """A scatter's uncertainty with a shared one, relative to ``size``."""
    if doubt <= 0 or size is None:
        return error
    return float(np.hypot(error or 0.0, doubt * size))


def _over(what: Any, numbers: NDArray[np.float64]) -> float | None:
    return float(what(numbers)) if len(numbers) else None
