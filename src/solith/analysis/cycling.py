"""Capacity, efficiency, voltage and energy of charge and discharge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._half_cycles import NOISE, HalfCycle, find_half_cycles
from solith.analysis._lasting import lasting_values
from solith.analysis._rows import title_of
from solith.analysis._step_ends import step_flags
from solith.analysis.losses import has_losses, loss_values
from solith.core.errors import InputError
from solith.core.quantities import in_unit
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["analyse_cycling"]

_CHARGE, _DISCHARGE = 1, -1
# Percent; what lies above by less comes from the trapezoid rule.
_NEARLY_ALL = 100.01
_ABOVE_ALL = (
    "above 100 %: more charge out than in (the cell was assembled less than full of lithium, "
    "or the discharge took charge that no charge of this cycle had put in)"
)


def analyse_cycling(
    record: Record,
    *,
    reference_cycle: int = 1,
    at_cycles: Iterable[int] = (),
    noise: float = NOISE,
) -> Result:
    """What the cycles of a cell gave, measured or simulated.

    Charge Q = integral of abs(I) dt (trapezoid rule over the intervals in which current
    flows in one direction), energy E = integral of V abs(I) dt, mean voltage E / Q,
    coulombic efficiency Q(discharge) / Q(charge), hysteresis = difference of the two mean
    voltages. The values are those of the first cycle; ``details["cycles"]`` has a table
    of all cycles in the units of ``details["units"]``, with the ``c_rate`` of each discharge
    (abs(median current) / ``one_c_ampere`` of the record, ``None`` where that is not known)
    and the ``flags`` of its values; :func:`solith.core.cycles.result_of_cycle` takes one
    out. Capacities are in
    mAh/g and energies in Wh/kg of active material where the record's attributes give
    ``active_mass_kg``, otherwise in mAh and Wh. A record that holds a loss budget also
    gives the mean of each loss over a cycle's discharge, weighted by charge. Steps that
    ended unlike asked (``step_ends`` of a simulated record) are flags of their half-cycle.

    A record with the discharges of several cycles also gives ``retention`` [%], the discharge
    capacity of the last cycle with a discharge relative to that of the ``reference_cycle``-th
    cycle of the record, and one with three or more efficiencies
    ``mean_coulombic_efficiency`` [%], the arithmetic mean over the cycles after the second, as
    publications give it. ``retention_N`` [%] is the same as ``retention`` for each N of
    ``at_cycles``, counted from the first cycle of the record. Each row of the table then has
    its ``retention``.

    ``noise`` is the part of the largest current below which the cell rests.

    A value that is not defined is ``None`` with a flag that says why. Raises
    :class:`InputError` for another kind of record, for time that runs backwards, for
    fewer than two usable rows and for an ``active_mass_kg`` that is not positive.
    """
    halves, dropped = find_half_cycles(record, noise=noise)
    units = _units(record)
    numbers = list(dict.fromkeys(half.cycle for half in halves))
    told = step_flags(record)
    cycles = [_describe(record, number, halves, units, told, dropped) for number in numbers]
    first = cycles[0] if cycles else _describe(record, 1, [], units, told, dropped)
    method = f"cycle {first['cycle']}, trapezoid rule"
    values = [
        Value(
            quantity="initial_coulombic_efficiency" if key == "coulombic_efficiency" else key,
            value=first[key],
            unit=unit,
            method=method,
            flags=tuple(first["flags"].get(key, ())),
        )
        for key, unit in units.items()
    ]
    if has_losses(record):
        discharge = _half(halves, first["cycle"], _DISCHARGE)
        losses = loss_values(record, discharge, first["cycle"])
        values += losses
        units = units | {value.quantity: value.unit for value in losses}
    lasting = lasting_values(cycles, reference_cycle, at_cycles)
    if "retention" in first:
        units = units | {"retention": "%"}
    values += lasting
    units = units | {"c_rate": ""}
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
    record: Record,
    cycle: int,
    halves: list[HalfCycle],
    units: dict[str, str],
    told: dict[tuple[int, int], tuple[str, ...]],
    dropped: tuple[str, ...],
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
    discharge = _half(halves, cycle, _DISCHARGE)
    row["c_rate"] = _c_rate(record, discharge)
    flags = {name: [*told_of, *dropped] for name, told_of in _flags(row, halves, told).items()}
    if has_losses(record):
        losses = loss_values(record, discharge, cycle)
        row |= {value.quantity: value.value for value in losses}
        flags |= {value.quantity: list(value.flags) for value in losses}
    row["flags"] = {name: listed for name, listed in flags.items() if listed}
    return row


def _c_rate(record: Record, discharge: HalfCycle | None) -> float | None:
    one_c = record.data.attrs.get("one_c_ampere")
    if not one_c or discharge is None:
        return None
    rows = np.union1d(discharge.starts, discharge.stops)
    return abs(float(np.median(record.array("current_ampere")[rows]))) / float(one_c)


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


def _flags(
    row: dict[str, Any], halves: list[HalfCycle], told: dict[tuple[int, int], tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
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
        of[name] += told.get((cycle, direction), ())
    both = of["charge"] + of["discharge"]
    efficiency = both
    if row["coulombic_efficiency"] is None:
        if row["charge_capacity"] is not None and row["discharge_capacity"] is not None:
            efficiency = (*both, "the cycle begins with a discharge")
        efficiency = ("efficiency not defined", *efficiency)
    elif row["coulombic_efficiency"] > _NEARLY_ALL:
        efficiency = (*both, _ABOVE_ALL)
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
