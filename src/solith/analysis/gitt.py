"""Diffusion from current pulses and rests: galvanostatic intermittent titration."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from solith.analysis._half_cycles import NOISE, find_pulses
from solith.analysis._options import chosen, fact, positive, yes_or_no
from solith.analysis._rows import title_of
from solith.analysis._titration.body import Body
from solith.analysis._titration.fits import fit_pulses
from solith.analysis._titration.means import fit_values, ir_drop, pulses_of_means, root_values
from solith.analysis._titration.phase import settle_switches
from solith.analysis._titration.pulse import Setting, measure_pulse
from solith.analysis._titration.pulses import (
    DIRECTIONS,
    add_states,
    judge_rows,
    judge_signs,
    titration_of,
)
from solith.analysis._titration.sphere import SHAPES
from solith.analysis._titration.table import pulse_row, units_of
from solith.analysis._titration.trace import Trace
from solith.core.errors import InputError
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["GATES", "fit_gitt"]

GATES = ("pulse too long", "not linear", "not relaxed", "drift")
"""What leaves a pulse out of the means, unless ``gates`` says otherwise."""

_TIMES = ("pulse", "relaxation")
_TRANSIENTS = ("slope", "difference")


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
      ``_maximum``; uncertainties are the scatter over the pulses / sqrt(number), Student's t folded
      in (1.96 of them are the 95 % interval);
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
    if drift is not None:
        drift = yes_or_no(drift, "drift")
    barring = _names_of(gates)
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
    used, chosen_flags = pulses_of_means(rows, GATES)
    values = [
        *root_values(used, rows, body, chosen_flags + doubts + dropped),
        *fit_values(rows, body, shape, drifting, doubts + dropped),
        ir_drop(rows, setting.delay, dropped, doubts),
        Value("pulses", float(len(used)), "", method=f"of {len(rows)} in the record"),
    ]
    by_mass = record.data.attrs.get("active_mass_kg") is not None
    details = {"units": units_of(rows, by_mass), "area": body.chosen, "pulses": rows}
    return Result(f"Titration of {title_of(record)}", tuple(values), details)


def _names_of(gates: Any) -> set[str]:
    """The gates asked for; one name alone is not taken for its letters."""
    if isinstance(gates, str) or not isinstance(gates, Iterable):
        raise InputError(
            f"{gates!r} is not a list of gates; give their names in a list, such as ['drift'], or "
            "[] for none",
            where="gates",
        )
    return {chosen("gate", gate, GATES) for gate in gates}
