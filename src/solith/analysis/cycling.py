"""Capacity, efficiency, voltage and energy of charge and discharge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solith.analysis._half_cycles import NOISE, HalfCycle, find_half_cycles
from solith.analysis._rows import title_of
from solith.analysis.losses import has_losses, loss_values
from solith.core.errors import InputError
from solith.core.quantities import in_unit
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["analyse_cycling"]

_CHARGE, _DISCHARGE = 1, -1


def analyse_cycling(record: Record, *, noise: float = NOISE) -> Result:
    """What the cycles of a cell gave, measured or simulated.

    Charge Q = integral of abs(I) dt (trapezoid rule over the intervals in which current
    flows in one direction), energy E = integral of V abs(I) dt, mean voltage E / Q,
    coulombic efficiency Q(discharge) / Q(charge), hysteresis = difference of the two mean
    voltages. The values are those of the first cycle; ``details["cycles"]`` has a table
    of all cycles in the units of ``details["units"]``. Capacities are in mAh/g and
    energies in Wh/kg of active material where the record's attributes give
    ``active_mass_kg``, otherwise in mAh and Wh. A record that holds a loss budget also
    gives the mean of each loss over the first cycle's discharge, weighted by charge.

    ``noise`` is the part of the largest current below which the cell rests.

    A value that is not defined is ``None`` with a flag that says why. Raises
    :class:`InputError` for another kind of record, for time that runs backwards, for
    fewer than two usable rows and for an ``active_mass_kg`` that is not positive.
    """
    halves, dropped = find_half_cycles(record, noise=noise)
    units = _units(record)
    numbers = list(dict.fromkeys(half.cycle for half in halves))
    cycles = [_describe(record, number, halves, units) for number in numbers]
    first = cycles[0] if cycles else _describe(record, 1, [], units)
    flags = _flags(first, halves)
    method = f"cycle {first['cycle']}, trapezoid rule"
    values = [
        Value(
            quantity="initial_coulombic_efficiency" if key == "coulombic_efficiency" else key,
            value=first[key],
            unit=unit,
            method=method,
            flags=flags[key] + dropped,
        )
        for key, unit in units.items()
    ]
    if has_losses(record):
        discharge = _half(halves, first["cycle"], _DISCHARGE)
        values += loss_values(record, discharge, first["cycle"])
    return Result(
        f"Cycling of {title_of(record)}", tuple(values), {"units": units, "cycles": cycles}
    )


def _units(record: Record) -> dict[str, str]:
    by_mass = _active_mass(record) is not None
    capacity, energy = ("mAh/g", "Wh/kg") if by_mass else ("mAh", "Wh")
    return {
        "charge_capacity": capacity,
        "discharge_capacity": capacity,
        "coulombic_efficiency": "%",
        "mean_charge_voltage": "V",
        "mean_discharge_voltage": "V",
        "hysteresis": "V",
        "charge_energy": energy,
        "discharge_energy": energy,
    }


def _active_mass(record: Record) -> float | None:
    mass = record.data.attrs.get("active_mass_kg")
    if mass is None:
        return None
    if isinstance(mass, bool) or not isinstance(mass, (int, float)) or not mass > 0:
        raise InputError(f"{mass!r} is not a mass above 0 kg", where="active_mass_kg")
    return float(mass)


def _half(halves: list[HalfCycle], cycle: int, direction: int) -> HalfCycle | None:
    for half in halves:
        if half.cycle == cycle and half.direction == direction and half.charge > 0:
            return half
    return None


def _describe(
    record: Record, cycle: int, halves: list[HalfCycle], units: dict[str, str]
) -> dict[str, Any]:
    """One row of the table of cycles."""
    mass = _active_mass(record)
    voltage = record.array("voltage_volt")
    row: dict[str, Any] = {"cycle": cycle}
    for name, direction in (("charge", _CHARGE), ("discharge", _DISCHARGE)):
        half = _half(halves, cycle, direction)
        capacity = energy = mean = None
        if half is not None and (mean := half.mean(voltage)) is not None:
            capacity, energy = half.charge, half.charge * mean
            if mass is not None:
                capacity, energy = capacity / mass, energy / mass
            per_mass = "" if mass is None else "/kg"
            capacity = in_unit(capacity, f"C{per_mass}", units["charge_capacity"])
            energy = in_unit(energy, f"J{per_mass}", units["charge_energy"])
        row |= {f"{name}_capacity": capacity, f"mean_{name}_voltage": mean}
        row[f"{name}_energy"] = energy
    row["coulombic_efficiency"] = _efficiency(row, _begins_with_charge(halves, cycle))
    row["hysteresis"] = _difference(row["mean_charge_voltage"], row["mean_discharge_voltage"])
    return row


def _begins_with_charge(halves: list[HalfCycle], cycle: int) -> bool:
    charge, discharge = (_half(halves, cycle, way) for way in (_CHARGE, _DISCHARGE))
    if charge is None or discharge is None:
        return charge is not None
    return charge.first_row < discharge.first_row


def _efficiency(row: dict[str, Any], charged_first: bool) -> float | None:
    charge, discharge = row["charge_capacity"], row["discharge_capacity"]
    if charge is None or discharge is None or not charged_first:
        return None
    return float(100 * discharge / charge)


def _difference(high: float | None, low: float | None) -> float | None:
    return None if high is None or low is None else high - low


def _flags(row: dict[str, Any], halves: list[HalfCycle]) -> dict[str, tuple[str, ...]]:
    """Why values of a cycle are missing or doubtful, by quantity."""
    cycle = row["cycle"]
    of: dict[str, tuple[str, ...]] = {}
    for name, direction in (("charge", _CHARGE), ("discharge", _DISCHARGE)):
        half = _half(halves, cycle, direction)
        if half is None:
            of[name] = (f"no {name}",)
        elif half.runs > 1:
            of[name] = (f"cycle {cycle} holds {half.runs} {name}s, taken together",)
        else:
            of[name] = ()
    both = of["charge"] + of["discharge"]
    efficiency = both
    if row["coulombic_efficiency"] is None:
        if row["charge_capacity"] is not None and row["discharge_capacity"] is not None:
            efficiency = (*both, "the cycle begins with a discharge")
        efficiency = ("efficiency not defined", *efficiency)
    return {
        "charge_capacity": of["charge"],
        "discharge_capacity": of["discharge"],
        "coulombic_efficiency": efficiency,
        "mean_charge_voltage": of["charge"],
        "mean_discharge_voltage": of["discharge"],
        "hysteresis": both,
        "charge_energy": of["charge"],
        "discharge_energy": of["discharge"],
    }
