"""Diffusion from current pulses and rests: galvanostatic intermittent titration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._half_cycles import NOISE, find_pulses
from solith.analysis._options import AREAS, areas_of, chosen, fact, positive
from solith.analysis._rows import title_of
from solith.analysis._titration import (
    DIRECTIONS,
    MeasuredPulse,
    Setting,
    Trace,
    add_states,
    judge_durations,
    measure_pulse,
    titration_of,
)
from solith.core.errors import InputError
from solith.core.quantities import in_unit
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["GATES", "fit_gitt"]

GATES = ("pulse too long", "not linear", "not relaxed")
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
    * ``pulses``: how many of them the means hold.

    ``details["pulses"]`` is the table of all pulses, in the units of ``details["units"]``.

    The volume is that of the record (``active_volume_m3``), ``volume``, or with
    ``molar_volume`` and ``molar_mass`` the record's ``active_mass_kg`` x V_m / M.
    ``direction`` is "charge", "discharge" or "both"; without it the one with more pulses.

    ``transient`` says what dEt is: "slope", the slope of the voltage over sqrt(t) after the
    delay (least squares) x sqrt(tau), or "difference", the voltage at the pulse's end minus
    that at the delay, as often published, which lacks the rise during the delay and is
    flagged with the factor that this makes. ``tau = "relaxation"`` puts the rest's duration
    in place of the pulse's in D, as some publications print it; flagged likewise.

    Left out always: the last pulse if a cut-off cut it short (below 0.9 of the usual
    duration), pulses without a rest on each side, with an uneven current, and plateaus, where
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
      once the decay is faster.

    If no pulse passes the gates, the means hold all pulses with a D and say so. A record
    with no point between half and twice the delay has "IR not separated" as a flag.

    Raises :class:`InputError` for another kind of record, a record without pulses, and
    options or areas that cannot be.
    """
    body = _Body.of(record, area, volume, molar_volume, molar_mass)
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
    barring = {chosen("gate", gate, GATES) for gate in gates}
    if direction is not None:
        chosen("direction", direction, DIRECTIONS)
    found, dropped = find_pulses(record, noise=noise)
    traces = titration_of([Trace.of(record, pulse) for pulse in found], direction)
    if not traces:
        raise InputError(
            f"{title_of(record)} holds no {direction + ' ' if direction else ''}pulses of current "
            "between rests; a titration is a cycling record with rests in which no current flows"
        )
    pulses = [measure_pulse(trace, setting) for trace in traces]
    judge_durations(pulses)
    add_states(record, traces, pulses)
    rows = [_row(number, pulse, body, barring) for number, pulse in enumerate(pulses, start=1)]
    return _result(record, rows, setting, body, dropped)


# --- volume and areas -------------------------------------------------------------------


@dataclass(frozen=True)
class _Body:
    """Volume of active material [m3], the record's areas [m2], and the one to report."""

    volume: float | None
    areas: dict[str, float]
    chosen: str
    chosen_area: float | None
    missing: str

    @classmethod
    def of(
        cls, record: Record, area: Any, volume: Any, molar_volume: Any, molar_mass: Any
    ) -> _Body:
        areas = areas_of(record)
        body, missing = _volume(record, volume, molar_volume, molar_mass)
        if area is None:
            name = next((name for name in ("active", "geometric") if name in areas), "")
            found = areas.get(name)
        elif isinstance(area, str) and area.isidentifier():
            name = chosen("area", area, AREAS)
            if name not in areas:
                raise InputError(
                    f"the record has no {name}_area_m2; give the area as a number with its unit",
                    where="area",
                )
            found = areas[name]
        else:
            name, found = "given", positive(area, "m2", "area")
        if found is None and not missing:
            missing = "no area known: give one, or the record's active_area_m2"
        return cls(body, areas, name, found, missing)

    def length(self, radius: float) -> float:
        """V / S of the active particles [m], R / 3 where it is not known."""
        if self.volume is None or "active" not in self.areas:
            return radius / 3
        return self.volume / self.areas["active"]

    def diffusivity(self, diffusion_time: float | None, area: float | None) -> float | None:
        """(V / S)^2 / diffusion time, in cm2/s."""
        if diffusion_time is None or area is None or self.volume is None:
            return None
        return in_unit((self.volume / area) ** 2 / diffusion_time, "m2/s", "cm2/s")


def _volume(
    record: Record, volume: Any, molar_volume: Any, molar_mass: Any
) -> tuple[float | None, str]:
    """The volume [m3], or why it is not known."""
    if (molar_volume is None) != (molar_mass is None):
        raise InputError("molar_volume and molar_mass belong together; give both or neither")
    if volume is not None and molar_volume is not None:
        raise InputError("give either volume, or molar_volume and molar_mass", where="volume")
    if volume is not None:
        return positive(volume, "m3", "volume"), ""
    if molar_volume is not None:
        mass = fact(record, "active_mass_kg")
        if mass is None:
            raise InputError(
                "the record has no active_mass_kg, which molar_volume and molar_mass turn into "
                "a volume; give it, or volume instead",
                where="molar_volume",
            )
        per_mole = positive(molar_volume, "m3/mol", "molar_volume")
        return mass * per_mole / positive(molar_mass, "kg/mol", "molar_mass"), ""
    known = fact(record, "active_volume_m3")
    if known is not None:
        return known, ""
    return None, (
        "volume of active material not known: give volume, molar_volume and molar_mass, or the "
        "record's active_volume_m3"
    )


# --- the result -------------------------------------------------------------------------


def _row(
    number: int, pulse: MeasuredPulse, body: _Body, barring: Collection[str]
) -> dict[str, Any]:
    """One row of the table of pulses, in the units of :func:`_units`."""
    trace = pulse.trace
    barred = any(name not in GATES or name in barring for name in pulse.failures)
    row: dict[str, Any] = {
        "pulse": number,
        "direction": "charge" if trace.pulse.direction > 0 else "discharge",
        "start": trace.start,
        "duration": trace.duration,
        "rest": trace.rest,
        "current": float(np.median(trace.on.current)),
        "capacity": pulse.capacity,
        "state_of_charge": pulse.state_of_charge,
        "lithium_fraction": pulse.lithium_fraction,
        "voltage_before": pulse.rested_before,
        "voltage_after": pulse.rested_after,
        "ir_drop_start": _millivolt(pulse.drop_start),
        "ir_drop_end": _millivolt(pulse.drop_end),
        "ir_drop_extrapolated": _millivolt(pulse.drop_extrapolated),
        "change_rested": _millivolt(pulse.change_rested),
        "change_in_pulse": _millivolt(pulse.change_pulse),
        "slope": pulse.slope,
        "r_squared": pulse.r_squared,
        "penetration": pulse.penetration,
        "diffusion_time": pulse.diffusion_time,
        "diffusivity_apparent": body.diffusivity(pulse.diffusion_time, body.chosen_area),
    }
    for name, area in body.areas.items():
        row[f"diffusivity_{name}_area"] = body.diffusivity(pulse.diffusion_time, area)
    row["used"] = pulse.diffusion_time is not None and not barred
    row["fails"] = list(pulse.failures)
    row["notes"] = list(pulse.notes)
    row["flags"] = [*pulse.failures.values(), *pulse.notes.values()]
    return row


def _units(rows: Sequence[dict[str, Any]], by_mass: bool) -> dict[str, str]:
    units = {
        "start": "s",
        "duration": "s",
        "rest": "s",
        "current": "A",
        "capacity": "mAh/g" if by_mass else "mAh",
        "state_of_charge": "%",
        "lithium_fraction": "",
        "voltage_before": "V",
        "voltage_after": "V",
        "ir_drop_start": "mV",
        "ir_drop_end": "mV",
        "ir_drop_extrapolated": "mV",
        "change_rested": "mV",
        "change_in_pulse": "mV",
        "slope": "V/s^0.5",
        "r_squared": "",
        "penetration": "",
        "diffusion_time": "s",
    }
    return units | {name: "cm2/s" for name in rows[0] if name.startswith("diffusivity_")}


def _millivolt(voltage: float | None) -> float | None:
    return None if voltage is None else 1e3 * voltage


def _result(
    record: Record,
    rows: Sequence[dict[str, Any]],
    setting: Setting,
    body: _Body,
    dropped: tuple[str, ...],
) -> Result:
    used, flags = _used(rows)
    flags = flags + dropped
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
    values.append(_ir_drop(rows, setting, dropped))
    values.append(Value("pulses", float(len(used)), "", method=f"of {len(rows)} in the record"))
    by_mass = record.data.attrs.get("active_mass_kg") is not None
    details = {"units": _units(rows, by_mass), "area": area_name, "pulses": list(rows)}
    return Result(f"Titration of {title_of(record)}", tuple(values), details)


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


def _ir_drop(rows: Sequence[dict[str, Any]], setting: Setting, dropped: tuple[str, ...]) -> Value:
    drops = np.array([row["ir_drop_start"] for row in rows if row["ir_drop_start"] is not None])
    mean, error = _mean(drops)
    unclear = sum("IR not separated" in row["notes"] for row in rows)
    flags: tuple[str, ...] = ()
    if unclear:
        flags = (f"IR not separated at {unclear} of {len(rows)} pulses",)
    if mean is None:
        flags += ("no rest before a pulse",)
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


def _over(what: Any, numbers: NDArray[np.float64]) -> float | None:
    return float(what(numbers)) if len(numbers) else None
