"""The charge and the discharge of one cycle, with the charge passed along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.full_cycle import first_full_cycle
from solith.core.record import Record

__all__ = [
    "HalfCycle",
    "capacity_scale",
    "cycle_numbers",
    "discharge_capacity_title",
    "discharge_rates",
    "first_cycle",
    "full_cycle",
    "half_cycle",
]

# A current below this part of the largest one is a rest.
_REST = 1e-6
# A current below this part of the largest one tells no rate: it may be scatter at rest.
_SCATTER = 1e-3
# Currents that differ by less than this part are the same rate.
_SAME_RATE = 0.05


@dataclass(frozen=True)
class HalfCycle:
    """``rows`` of the record and the ``charge`` [C] passed from the first to each."""

    rows: NDArray[np.int64]
    charge: NDArray[np.float64]


def half_cycle(record: Record, *, cycle: int, charging: bool) -> HalfCycle:
    """The rows of a cycle in which the cell is charged (or discharged).

    Rests in between carry no charge. An unknown ``cycle`` is an :class:`InputError`;
    a cycle without a charge (or discharge) gives no rows.
    """
    numbers = cycle_numbers(record)
    if not np.any(numbers == cycle):
        known = ", ".join(f"{number:g}" for number in np.unique(numbers)[:12])
        raise InputError(f"the record has no cycle {cycle}; it holds: {known}")
    time = record.array("test_time_second")
    flow = np.abs(record.array("current_ampere"))
    active = (_direction(record) == (1 if charging else -1)) & (numbers == cycle)
    joined = active[1:] & active[:-1]
    passed = np.where(joined, np.diff(time) * (flow[1:] + flow[:-1]) / 2, 0.0)
    total = np.concatenate([[0.0], np.cumsum(passed)])
    rows = np.flatnonzero(active)
    charge = total[rows] - total[rows[0]] if rows.size else np.empty(0)
    return HalfCycle(rows, charge)


def cycle_numbers(record: Record) -> NDArray[np.float64]:
    """The cycle of each row; where it is not recorded, the direction that came first begins one."""
    if "cycle_count" in record.data.variables:
        return record.array("cycle_count")
    direction = _direction(record)
    running = direction[direction != 0]
    begins = np.zeros(len(direction), dtype=bool)
    if running.size:
        begins[np.flatnonzero(direction)[1:]] = (running[1:] == running[0]) & (
            running[:-1] == -running[0]
        )
    numbers: NDArray[np.float64] = 1.0 + np.cumsum(begins)
    return numbers


def first_cycle(record: Record) -> int:
    """The number of the first cycle in which current flows (1 if none does)."""
    numbers = cycle_numbers(record)
    flowing = numbers[(_direction(record) != 0) & np.isfinite(numbers)]
    return int(flowing[0]) if flowing.size else 1


def full_cycle(record: Record) -> int:
    """The first cycle that is whole, charge and discharge; else the first with current."""
    numbers, direction = cycle_numbers(record), _direction(record)
    flow, time = np.abs(record.array("current_ampere")), record.array("test_time_second")
    joined = (direction[1:] == direction[:-1]) & (numbers[1:] == numbers[:-1])
    passed = np.where(joined, np.diff(time) * (flow[1:] + flow[:-1]) / 2, 0.0)
    known = np.isfinite(passed) & np.isfinite(numbers[1:]) & (direction[1:] != 0)
    key = np.where(known, 2 * numbers[1:] + (direction[1:] > 0), 0).astype(np.int64)[known]
    keys, first, place = np.unique(key, return_index=True, return_inverse=True)
    sums = np.bincount(place, weights=passed[known], minlength=len(keys))
    found = {
        (int(keys[at] // 2), 1 if keys[at] % 2 else -1): float(sums[at]) for at in np.argsort(first)
    }
    full = first_full_cycle(found)
    return first_cycle(record) if full is None else full


def discharge_rates(record: Record, *, repeated: bool = True) -> dict[int, str]:
    """The rate of each cycle's discharge in words, where they are not all the same.

    "0.5 C" where the record knows its ``one_c_ampere``, otherwise the median current; a
    rate that occurs again carries its cycle, or is left out unless ``repeated``. A record
    discharged at one rate gives nothing.
    """
    numbers, current = cycle_numbers(record), record.array("current_ampere")
    flowing = current < -_SCATTER * np.nanmax(np.abs(current), initial=0.0)
    flowing &= np.isfinite(numbers)
    found = {
        int(number): float(-np.median(current[flowing & (numbers == number)]))
        for number in np.unique(numbers[flowing])
    }
    if not found or max(found.values()) <= (1 + _SAME_RATE) * min(found.values()):
        return {}
    one_c = record.data.attrs.get("one_c_ampere")
    shown: dict[int, str] = {}
    for number, size in found.items():
        text = f"{size / float(one_c):.2g} C" if one_c else f"{1e3 * size:.2g} mA"
        if text not in shown.values():
            shown[number] = text
        elif repeated:
            shown[number] = f"{text} (cycle {number})"
    return shown


def capacity_scale(records: list[Record]) -> tuple[list[float], str]:
    """What a charge in coulomb is multiplied with, and the unit it then has.

    mAh per gram of active material where every record knows its ``active_mass_kg``,
    otherwise mAh.
    """
    masses = [record.data.attrs.get("active_mass_kg") for record in records]
    if all(masses):
        return [1 / 3.6 / (1000 * float(mass)) for mass in masses if mass], "mAh/g"
    return [1 / 3.6] * len(records), "mAh"


def _direction(record: Record) -> NDArray[np.float64]:
    current = record.array("current_ampere")
    largest = np.nanmax(np.abs(current), initial=0.0)
    direction: NDArray[np.float64] = np.sign(current)
    direction[np.abs(current) <= _REST * largest] = 0.0
    return direction


def discharge_capacity_title(units: set[str]) -> str:
    """The axis of discharge capacities that are all in one unit, mAh/g or mAh."""
    if len(units) != 1:
        raise InputError(
            f"the discharge capacities have different units ({', '.join(sorted(units))}); "
            "give them in one"
        )
    (unit,) = units
    quantity = "Specific discharge capacity" if unit == "mAh/g" else "Discharge capacity"
    return f"{quantity} ({unit})"
