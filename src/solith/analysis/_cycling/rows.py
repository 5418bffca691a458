"""The table of cycles: what each charge and discharge gave, and the flags of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from solith.analysis._cycling.half_facts import HalfFacts
from solith.analysis._options import fact
from solith.core.quantities import in_unit

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["CHARGE", "DISCHARGE", "Scale", "cycle_row", "first_of", "scale_of"]

CHARGE, DISCHARGE = 1, -1

_NAMES = {CHARGE: "charge", DISCHARGE: "discharge"}

_NEARLY_ALL = 100.01
"""Percent; what lies above by less comes from the trapezoid rule."""

_COMPARABLE = 0.75
"""Part of the larger of two half-cycles that the smaller needs for a hysteresis."""

_ABOVE_ALL = {
    "charge": "above 100 %: more charge out than in (the cell was assembled less than full of "
    "lithium, or the discharge took charge that no charge of this cycle had put in)",
    "discharge": "above 100 %: the charge took more out than the discharge before it had put in "
    "(a discharge that began part way, or lithium that was there from the start)",
}

_WRONG_WAY = {
    "charge": "the cycle begins with a discharge",
    "discharge": "the cycle begins with a charge",
}


@dataclass(frozen=True)
class Scale:
    """Units of the capacities and energies, and what turns C and J into them."""

    capacity: float
    energy: float
    units: Mapping[str, str]


def scale_of(record: Record) -> Scale:
    """mAh/g and Wh/kg where the record knows its active mass, mAh and Wh otherwise."""
    mass = fact(record, "active_mass_kg")
    capacity, energy = ("mAh", "Wh") if mass is None else ("mAh/g", "Wh/kg")
    per_mass = "" if mass is None else "/kg"
    return Scale(
        capacity=in_unit(1.0, f"C{per_mass}", capacity) / (mass or 1.0),
        energy=in_unit(1.0, f"J{per_mass}", energy) / (mass or 1.0),
        units={
            "charge_capacity": capacity,
            "discharge_capacity": capacity,
            "coulombic_efficiency": "%",
            "mean_charge_voltage": "V",
            "mean_discharge_voltage": "V",
            "hysteresis": "V",
            "charge_energy": energy,
            "discharge_energy": energy,
        },
    )


def first_of(charge: HalfFacts | None, discharge: HalfFacts | None) -> str | None:
    """What a cycle begins with, "charge" or "discharge"."""
    if charge is None:
        return None if discharge is None else "discharge"
    if discharge is None or charge.half.first_row < discharge.half.first_row:
        return "charge"
    return "discharge"


def cycle_row(
    cycle: int,
    charge: HalfFacts | None,
    discharge: HalfFacts | None,
    scale: Scale,
    first: str,
    told: Mapping[int, Sequence[str]],
    following: HalfFacts | None,
) -> dict[str, Any]:
    """The capacities, voltages, energies and efficiency of one cycle with their flags.

    ``first`` is the half-cycle that the efficiency begins with; ``told`` are flags by direction.
    ``following`` is the discharge with which the next cycle begins, if it does: what a charge at
    the end of its cycle is compared with.
    """
    row: dict[str, Any] = {"cycle": cycle}
    for name, facts in (("charge", charge), ("discharge", discharge)):
        capacity = energy = mean = None
        if facts is not None and (mean := facts.mean) is not None:
            capacity = facts.half.charge * scale.capacity
            energy = facts.half.charge * mean * scale.energy
        row[f"{name}_capacity"], row[f"mean_{name}_voltage"] = capacity, mean
        row[f"{name}_energy"] = energy
    row["begins_with"] = first_of(charge, discharge)
    for way, facts in (("charge", charge), ("discharge", discharge)):
        row[f"{way}_runs"] = 0 if facts is None else facts.half.runs
    across = None
    if first == "charge" and row["begins_with"] == "discharge" and following is not None:
        across = following.half.charge * scale.capacity
    row["coulombic_efficiency"] = _efficiency(row, first, across)
    high, low = row["mean_charge_voltage"], row["mean_discharge_voltage"]
    row["hysteresis"] = None if high is None or low is None else high - low
    row["flags"] = _flags(row, {CHARGE: charge, DISCHARGE: discharge}, first, told, scale)
    return row


def _efficiency(row: Mapping[str, Any], first: str, across: float | None) -> float | None:
    charge, discharge = row["charge_capacity"], row["discharge_capacity"]
    if charge is not None and across is not None:
        return float(100 * across / charge)
    if charge is None or discharge is None or row["begins_with"] != first:
        return None
    part = discharge / charge if first == "charge" else charge / discharge
    return float(100 * part)


def _flags(
    row: Mapping[str, Any],
    facts: Mapping[int, HalfFacts | None],
    first: str,
    told: Mapping[int, Sequence[str]],
    scale: Scale,
) -> dict[str, list[str]]:
    """Why values of a cycle are missing or doubtful, by quantity."""
    cycle = row["cycle"]
    of: dict[str, list[str]] = {}
    for way, name in _NAMES.items():
        fact = facts[way]
        of[name] = list(told.get(way, ()))
        if fact is None:
            of[name].insert(0, f"no {name}")
        elif fact.half.runs > 1:
            of[name].insert(0, f"cycle {cycle} holds {fact.half.runs} {name}s, taken together")
    both = [*of["charge"], *of["discharge"]]
    # A charge at the end of its cycle is compared with the next cycle's discharge.
    across = first == "charge" and row["begins_with"] == "discharge"
    efficiency, hysteresis = list(of["charge"] if across else both), list(both)
    charge, discharge = row["charge_capacity"], row["discharge_capacity"]
    if row["coulombic_efficiency"] is None:
        if charge is not None and discharge is not None:
            efficiency = list(both)
            efficiency.append(_WRONG_WAY[first])
        efficiency.insert(0, "efficiency not defined")
    elif row["coulombic_efficiency"] > _NEARLY_ALL:
        efficiency.append(_ABOVE_ALL[first])
    if row["hysteresis"] is not None:
        if min(charge, discharge) < _COMPARABLE * max(charge, discharge):
            hysteresis.append(
                f"compares {charge:.3g} {scale.units['charge_capacity']} of charge with "
                f"{discharge:.3g} of discharge: not the same range"
            )
        if row["hysteresis"] < 0:
            hysteresis.append(
                "negative: the mean voltage of the charge is below that of the discharge "
                "(different ranges, or the current's sign swapped)"
            )
    return {
        "charge_capacity": of["charge"],
        "discharge_capacity": of["discharge"],
        "coulombic_efficiency": efficiency,
        "mean_charge_voltage": of["charge"],
        "mean_discharge_voltage": of["discharge"],
        "hysteresis": hysteresis,
        "charge_energy": of["charge"],
        "discharge_energy": of["discharge"],
    }
