"""Energy at a load and Ragone lines of a stack, with what each resistance takes of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from solith.core.errors import InputError
from solith.core.quantities import in_unit
from solith.core.result import Result, Value
from solith.design._plausible import capacity_flags
from solith.design._weights import Weights, weigh
from solith.design.energy import require_stack
from solith.design.load import Discharge, area_resistances, highest_power, read_load
from solith.design.resistances import INTERFACE_LOSSES
from solith.design.stack import Stack

__all__ = ["RATE_UNITS", "compute_energy_at", "energy_row", "trace_ragone"]

RATE_UNITS = {
    "discharge_energy": "Wh/kg",
    "mean_discharge_power": "W/kg",
    "energy_density": "Wh/L",
    "power_density": "W/L",
    "areal_energy": "Wh/m2",
    "areal_power": "W/m2",
    "open_circuit_energy": "Wh/kg",
    "interface_cost": "Wh/kg",
    "current_density": "mA/cm2",
    "mean_discharge_voltage": "V",
}
"""Units of the rows in ``details["rates"]``; masses and volumes are the whole stack's."""

_OF = "the whole stack"
_METHOD = "resistances and mean open-circuit voltage; the capacity stays"
_LOWEST, _HIGHEST = 2e-3, 0.49
"""Part of the voltage that is lost at both ends of a Ragone line; at 1/2 the power is highest."""
_PAST = "past the highest power: less than half the voltage is left, and a cut-off ends it before"
_ALONE = "no resistances but the separator's are given"


def compute_energy_at(stack: Stack, load: Any) -> Result:
    """Energy of ``stack`` discharged at ``load``, and what each resistance takes of it.

    ``load`` is a power ("300 W/kg", "500 W/L", "10 mW/cm2" of the geometric face) or the current
    of one cell ("2 mA/cm2" of geometric area, "1 C"). Closed form of
    :class:`solith.design.load.Discharge`: E = C (U - j R) while the capacity stays. Values:
    ``gravimetric`` and ``volumetric`` energy, ``gravimetric_power`` and ``volumetric_power``,
    ``current_density``, ``c_rate``, ``voltage`` of one cell, ``cell_resistance``,
    ``open_circuit_energy``, ``lost_<part>`` and ``interface_cost`` [Wh/kg], which is the sum over
    :data:`INTERFACE_LOSSES`, also as ``interface_share`` [%] of the energy at open circuit.
    ``gravimetric`` and the losses sum to the energy at open circuit. Where the stack cannot bear
    the load its energies have no value and a flag tells the most; without ``resistances`` of the
    stack the interfaces' cost has none.
    """
    require_stack(stack)
    asked, weights = read_load(load), weigh(stack)
    discharge = asked.on(stack, weights)
    told = stack.convention
    resistance = float(sum(area_resistances(stack).values()))
    shown = in_unit(resistance, "ohm m2", "ohm cm2")
    cell = Value("cell_resistance", shown, "ohm cm2", area="geometric", method=told)
    flags = (*capacity_flags(stack), *(_ALONE,) * (stack.resistances is None))
    if not np.isfinite(discharge.delivered):
        most = float(highest_power(stack, weights) / weights.mass)
        flag = f"not reached: the stack gives {most:.4g} W/kg at most"
        empty = [
            Value(name, None, unit, method=told, flags=(flag, *flags))
            for name, unit in (("gravimetric", "Wh/kg"), ("volumetric", "Wh/L"))
        ]
        return Result(f"energy at {asked.written}", (*empty, cell), {"convention": told})
    row = energy_row(weights, discharge, asked.written)
    energy = row["discharge_energy"]
    if 2 * discharge.voltage < stack.cell_voltage:
        flags = (*flags, _PAST)
    values = [
        Value("gravimetric", energy, "Wh/kg", method=told, flags=flags),
        Value("volumetric", row["energy_density"], "Wh/L", method=told, flags=flags),
        Value("gravimetric_power", row["mean_discharge_power"], "W/kg", method=told),
        Value("volumetric_power", row["power_density"], "W/L", method=told),
        Value("current_density", row["current_density"], "mA/cm2", area="geometric", method=told),
        Value("c_rate", row["c_rate"], "", method=told),
        Value("voltage", row["mean_discharge_voltage"], "V", method=told),
        cell,
        Value("open_circuit_energy", row["open_circuit_energy"], "Wh/kg", method=told),
        *(
            Value(f"lost_{name}", lost, "Wh/kg", method=told)
            for name, lost in row["losses"].items()
        ),
        *_interfaces(row, told, flags, known=stack.resistances is not None),
    ]
    details = {"convention": told, "rates": [row], "units": RATE_UNITS, "mass_of": _OF}
    return Result(f"energy at {asked.written}", tuple(values), details)


def trace_ragone(stack: Stack, *, points: int = 41) -> Result:
    """Ragone line of ``stack`` up to nearly its highest power, from its resistances.

    ``points`` powers, from one at which 0.2 % of the voltage is lost to 49 %; the highest one,
    U^2 / 4R for every cell, takes half of it. ``details["rates"]`` has a row
    for each in the units of :data:`RATE_UNITS`, with ``losses`` [Wh/kg] by part, so that
    :func:`solith.figures.plot_ragone` and :func:`solith.figures.plot_energy_losses` draw it.
    Values: ``highest_power`` [W/kg and W/L], ``open_circuit_energy`` and ``cell_resistance``.
    """
    require_stack(stack)
    if isinstance(points, bool) or not isinstance(points, int) or points < 2:
        raise InputError(f"{points!r} is no number of points from 2 up", where="points")
    weights = weigh(stack)
    most = float(highest_power(stack, weights))
    if not np.isfinite(most):
        raise InputError("the stack has no resistance; its power has no bound", where="resistances")
    rows = []
    for lost in np.geomspace(_LOWEST, _HIGHEST, points):
        power = float(4 * lost * (1 - lost) * most / weights.mass)
        discharge = read_load(f"{power!r} W/kg").on(stack, weights)
        rows.append(energy_row(weights, discharge, f"{power:.4g} W/kg"))
    told = stack.convention
    method = f"{_METHOD}; {told}"
    resistance = float(sum(area_resistances(stack).values()))
    flags = (_ALONE,) * (stack.resistances is None)
    values = (
        Value("highest_power", most / weights.mass, "W/kg", method=method, flags=flags),
        Value(
            "highest_power_density",
            in_unit(float(most / weights.volume), "W/m3", "W/L"),
            "W/L",
            method=method,
            flags=flags,
        ),
        Value("open_circuit_energy", rows[0]["open_circuit_energy"], "Wh/kg", method=told),
        Value(
            "cell_resistance",
            in_unit(resistance, "ohm m2", "ohm cm2"),
            "ohm cm2",
            area="geometric",
            method=told,
        ),
    )
    details = {"convention": told, "rates": rows, "units": RATE_UNITS, "mass_of": _OF}
    return Result("Ragone line of a stack", values, details)


def _interfaces(
    row: dict[str, Any], told: str, flags: tuple[str, ...], *, known: bool
) -> tuple[Value, Value]:
    """What the interfaces take; nothing is known of a stack without resistances."""
    cost = row["interface_cost"] if known else None
    share = None if cost is None else 100 * cost / row["open_circuit_energy"]
    return (
        Value("interface_cost", cost, "Wh/kg", method=told, flags=flags),
        Value("interface_share", share, "%", method=told, flags=flags),
    )


def energy_row(weights: Weights, discharge: Discharge, label: str) -> dict[str, Any]:
    """One discharge per mass, volume and area of the whole stack, in :data:`RATE_UNITS`."""
    per_mass = in_unit(1.0, "J/kg", "Wh/kg") / float(weights.mass)
    lost = {name: per_mass * float(one) for name, one in discharge.losses.items() if np.all(one)}
    energy, power = float(discharge.delivered), float(discharge.power)
    return {
        "label": label,
        "c_rate": float(discharge.current * 3600 / weights.capacity),
        "current_density": float(discharge.current) / 10,
        "mean_discharge_voltage": float(discharge.voltage),
        "discharge_energy": per_mass * energy,
        "mean_discharge_power": power / float(weights.mass),
        "energy_density": in_unit(energy / float(weights.volume), "J/m3", "Wh/L"),
        "power_density": in_unit(power / float(weights.volume), "W/m3", "W/L"),
        "areal_energy": energy / 3600,
        "areal_power": power,
        "open_circuit_energy": per_mass * float(discharge.open_circuit),
        "interface_cost": sum(lost.get(name, 0.0) for name in INTERFACE_LOSSES),
        "losses": lost,
    }
