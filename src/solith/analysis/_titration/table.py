"""The table of pulses of a titration: one row a pulse, with units."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from solith.analysis._titration.body import Body
    from solith.analysis._titration.pulse import MeasuredPulse
    from solith.analysis._titration.pulse_fit import PulseFit

__all__ = ["pulse_row", "units_of"]

_UNITS = {
    "start": "s",
    "duration": "s",
    "rest": "s",
    "current": "A",
    "capacity": "",
    "state_of_charge": "%",
    "lithium_fraction": "",
    "voltage_before": "V",
    "voltage_after": "V",
    "ir_drop_start": "mV",
    "ir_drop_end": "mV",
    "ir_drop_extrapolated": "mV",
    "ir_drop_fit": "mV",
    "internal_resistance": "ohm",
    "internal_resistance_fit": "ohm",
    "change_rested": "mV",
    "change_rested_fit": "mV",
    "change_in_pulse": "mV",
    "drift_fit": "mV/h",
    "misfit": "mV",
    "slope": "V/s^0.5",
    "r_squared": "",
    "penetration": "",
    "diffusion_time": "s",
    "diffusion_time_fit": "s",
    "diffusion_time_fit_by_switch": "s",
    "ir_drop_fit_by_switch": "mV",
}

_HOUR = 3600.0


def pulse_row(
    number: int, pulse: MeasuredPulse, body: Body, barring: Collection[str], gates: Collection[str]
) -> dict[str, Any]:
    """One row of the table of pulses, in the units of :func:`units_of`."""
    trace = pulse.trace
    barred = any(name not in gates or name in barring for name in pulse.failures)
    current = float(np.median(trace.on.current))
    row: dict[str, Any] = {
        "pulse": number,
        "direction": "charge" if trace.pulse.direction > 0 else "discharge",
        "start": trace.start,
        "duration": trace.duration,
        "rest": trace.rest,
        "current": current,
        "capacity": pulse.capacity,
        "state_of_charge": pulse.state_of_charge,
        "lithium_fraction": pulse.lithium_fraction,
        "voltage_before": pulse.rested_before,
        "voltage_after": pulse.rested_after,
        "ir_drop_start": _times(pulse.drop_start, 1e3),
        "ir_drop_start_uncertainty": _times(pulse.u_drop_start, 1e3),
        "ir_drop_end": _times(pulse.drop_end, 1e3),
        "ir_drop_extrapolated": _times(pulse.drop_extrapolated, 1e3),
        "internal_resistance": _times(pulse.drop_start, 1 / abs(current)),
        "internal_resistance_uncertainty": _times(pulse.u_drop_start, 1 / abs(current)),
        "change_rested": _times(pulse.change_rested, 1e3),
        "change_rested_uncertainty": _times(pulse.u_change_rested, 1e3),
        "change_in_pulse": _times(pulse.change_pulse, 1e3),
        "slope": pulse.slope,
        "slope_uncertainty": pulse.u_slope,
        "r_squared": pulse.r_squared,
        "penetration": pulse.penetration,
        "diffusion_time": pulse.diffusion_time,
        "diffusion_time_uncertainty": pulse.u_diffusion_time,
    }
    time, error = pulse.diffusion_time, pulse.u_diffusion_time
    row |= _diffusivities(body, "", time, error)
    row |= _fitted(pulse.fit, current, body)
    row["used"] = pulse.diffusion_time is not None and not barred
    row["fails"] = list(pulse.failures)
    row["notes"] = list(pulse.notes)
    row["flags"] = [*pulse.failures.values(), *pulse.notes.values()]
    against = {} if pulse.fit is None else pulse.fit.failures
    faults = [name for name in pulse.failures if name in _FIT_FAULTS]
    row["fit_used"] = pulse.fit is not None and not against and not faults
    row["fit_fails"] = [*faults, *against] or ([] if pulse.fit else ["few points"])
    row["fit_flags"] = [*(pulse.failures[name] for name in faults), *against.values()]
    return row


_FIT_FAULTS = ("current not even", "gap", "no rest", "wrong sign")
"""What speaks against a pulse whatever law is fitted to it."""


def _fitted(fit: PulseFit | None, current: float, body: Body) -> dict[str, Any]:
    time = None if fit is None else fit.diffusion_time
    error = None if fit is None else fit.u_diffusion_time
    row: dict[str, Any] = {"diffusion_time_fit": time, "diffusion_time_fit_uncertainty": error}
    of_fit = {
        "ir_drop_fit": ("step", 1e3),
        "internal_resistance_fit": ("step", 1 / abs(current)),
        "change_rested_fit": ("change", 1e3),
        "drift_fit": ("drift", 1e3 * _HOUR),
    }
    for name, (quantity, factor) in of_fit.items():
        row[name] = None if fit is None else _times(getattr(fit, quantity), factor)
        spread = None if fit is None else _times(getattr(fit, f"u_{quantity}"), factor)
        row[f"{name}_uncertainty"] = spread
    of_switch = None if fit is None else fit.by_switch
    row["diffusion_time_fit_by_switch"] = None if of_switch is None else of_switch[0]
    row["ir_drop_fit_by_switch"] = None if of_switch is None else 1e3 * of_switch[1]
    row["misfit"] = None if fit is None else 1e3 * fit.misfit
    return row | _diffusivities(body, "_fit", time, error)


def _diffusivities(
    body: Body, kind: str, time: float | None, error: float | None
) -> dict[str, float | None]:
    """D for the chosen area and each area of the record, with uncertainties."""
    areas = {"apparent": body.chosen_area}
    areas |= {f"{name}_area": area for name, area in body.areas.items()}
    row: dict[str, float | None] = {}
    for name, area in areas.items():
        number = body.diffusivity(time, area)
        relative = None if time is None or error is None else error / time
        row[f"diffusivity{kind}_{name}"] = number
        row[f"diffusivity{kind}_{name}_uncertainty"] = (
            None if number is None else _times(relative, number)
        )
    return row


def units_of(rows: Sequence[dict[str, Any]], by_mass: bool) -> dict[str, str]:
    """The unit of each quantity of the table."""
    units = _UNITS | {"capacity": "mAh/g" if by_mass else "mAh"}
    units |= {name: "cm2/s" for name in rows[0] if name.startswith("diffusivity_")}
    spreads = [name for name in rows[0] if name.endswith("_uncertainty")]
    return units | {name: units[name.removesuffix("_uncertainty")] for name in spreads}


def _times(number: float | None, factor: float) -> float | None:
    return None if number is None else factor * number
