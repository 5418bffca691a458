"""What a cell gives at each rate: the rate table and the points of Ragone's plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._cycling.constant_current import main_current, wrong_way
from solith.analysis._half_cycles import NOISE, HalfCycle, find_half_cycles, taken_apart
from solith.analysis._options import fact, positive, require_text
from solith.analysis._rows import title_of
from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.intervals import NORMAL_95, half_width_95
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["find_rate_capability"]

_SAME_RATE = 0.05
"""Part by which the currents of two cycles at one rate may differ."""

_ENOUGH = 3
"""Discharges of a step, from which on a part of one is told."""

_WHOLE = 0.9
"""Part of the next discharge of its own cycle that the record's first one has to give."""

_ROUNDING = 1e-9
"""Part of a value; a smaller uncertainty is that of the numbers' last digits."""

_QUANTITIES = (
    "discharge_capacity",
    "mean_discharge_voltage",
    "discharge_energy",
    "mean_discharge_power",
    "areal_capacity",
    "areal_energy",
    "areal_power",
)


@dataclass(frozen=True)
class _Discharge:
    """One discharge: its cycle, current [A] or C rate, and its numbers by quantity."""

    cycle: int
    current: float | None
    c_rate: float | None
    numbers: dict[str, float]

    @property
    def rate(self) -> float:
        return (self.c_rate if self.c_rate is not None else self.current) or 0.0


def find_rate_capability(
    data: Record | Result,
    *,
    mass: float | str | None = None,
    mass_of: str = "",
    noise: float = NOISE,
) -> Result:
    """Discharge capacity, voltage, energy and power at each rate, and what returns in the end.

    Consecutive discharges whose currents agree within 5 % are one step of the test. The C rate is
    the current that passes most of the discharge's charge over the record's ``one_c_ampere``;
    where that is not known the current itself tells the rate. ``details["rates"]`` has a row for
    each step: cycles, ``c_rate``, ``current_ampere``, ``current_density`` [mA/cm2] of the
    geometric area where the record names it, and of each quantity its mean, the ``spread``
    (sample standard deviation), the ``uncertainty`` of the mean and, of the capacity,
    ``relative_capacity`` [%] to the slowest step. ``details["discharges"]`` has every discharge.

    Ragone's points are ``discharge_energy`` against ``mean_discharge_power``, the energy over the
    time in which current flows: in Wh/kg and W/kg of active material where the record knows its
    ``active_mass_kg``, or of another ``mass`` [kg], which ``mass_of`` must name ("cathode
    composite"), otherwise in Wh and W; per geometric area also in Wh/m2 and W/m2.
    ``details["mass_of"]`` says which mass.

    Values carry the rate in their name (``discharge_capacity_0.5C``, ``..._2mA``; a rate that
    comes again is ``..._0.5C_2``); their uncertainty is that of the mean with Student's t folded
    in (x 1.96 is the 95 % interval), none for a single cycle. A trend over the cycles of one rate
    counts as scatter. ``recovery`` [%] is the capacity of the last step relative to the first,
    where both have one rate. The first or last discharge of the record is left out, with a flag,
    where it gives less than half of its step's others. From a result (of
    :func:`solith.analysis.analyse_cycling`) capacities, voltages and energies are taken as they
    are; it knows no power.

    Raises :class:`InputError` for another kind of record, for no discharge, for a result
    whose cycles know no C rate and for a ``mass`` without ``mass_of``.
    """
    if isinstance(data, Result):
        if mass is not None:
            raise InputError("a result keeps its own mass; give the record", where="mass")
        units, discharges, title, basis = _of_result(data)
        told = _apart(data)
    else:
        require_record(data)
        require_text(mass_of, "mass_of")
        if (mass is not None) != bool(mass_of):
            raise InputError(
                "mass and mass_of belong together: the mass, and in words what it is the mass of",
                where="mass_of" if mass is not None else "mass",
            )
        other = None if mass is None else positive(mass, "kg", "mass")
        units, discharges, basis, told = _of_record(data, other, mass_of, noise)
        title = title_of(data)
    if not discharges:
        raise InputError(f"{title} holds no discharge; there is no rate table")
    rows = [_row(step, units) for step in _steps(discharges)]
    flags = _drop_parts(rows, discharges, units) + told
    least = min(_rate_of(row) for row in rows)
    slowest = next(row for row in rows if _same(_rate_of(row), least))
    for row in rows:
        row["relative_capacity"] = 100 * row["discharge_capacity"] / slowest["discharge_capacity"]
    units |= {"relative_capacity": "%"}
    values = _values(rows, units, basis, flags)
    details = {
        "rates": rows,
        "units": units,
        "mass_of": basis,
        "discharges": [
            {"cycle": one.cycle, "c_rate": one.c_rate, "current_ampere": one.current, **one.numbers}
            for one in discharges
        ],
    }
    return Result(f"Rate capability of {title}", tuple(values), details)


def _of_record(
    record: Record, other_mass: float | None, mass_of: str, noise: float
) -> tuple[dict[str, str], list[_Discharge], str, tuple[str, ...]]:
    """Units, every discharge, what mass they are per, and flags."""
    halves, dropped = find_half_cycles(record, noise=noise)
    mass = fact(record, "active_mass_kg") if other_mass is None else other_mass
    basis = mass_of or ("active material" if mass is not None else "")
    units = {
        "discharge_capacity": "mAh" if mass is None else "mAh/g",
        "mean_discharge_voltage": "V",
        "discharge_energy": "Wh" if mass is None else "Wh/kg",
        "mean_discharge_power": "W" if mass is None else "W/kg",
    }
    area = fact(record, "geometric_area_m2")
    if area is not None:
        units |= {"current_density": "mA/cm2", "areal_capacity": "mAh/cm2"}
        units |= {"areal_energy": "Wh/m2", "areal_power": "W/m2"}
    one_c = fact(record, "one_c_ampere")
    time, voltage = record.array("test_time_second"), record.array("voltage_volt")
    found: list[_Discharge] = []
    flags = list(dropped)
    for half in taken_apart(halves):
        mean = half.mean(voltage)
        if half.direction > 0 or mean is None:
            continue
        flags += wrong_way(record, half)
        if half.runs > 1:
            flags.append(f"cycle {half.cycle} holds {half.runs} discharges, taken together")
        current = main_current(record, half)
        numbers = _numbers(half, mean, float(np.sum(time[half.stops] - time[half.starts])), mass)
        if area is not None:
            numbers |= {
                "current_density": current / area / 10,
                "areal_capacity": half.charge / 3.6 / (1e4 * area),
                "areal_energy": half.charge * mean / 3600 / area,
                "areal_power": numbers["mean_discharge_power"] * (mass or 1.0) / area,
            }
        found.append(_Discharge(half.cycle, current, one_c and current / one_c, numbers))
    if len(found) > 1 and found[0].cycle == found[1].cycle:
        first, second = (one.numbers["discharge_capacity"] for one in found[:2])
        if first < _WHOLE * second:
            flags.append(f"the part of a discharge in cycle {found[0].cycle} is left out")
            found = found[1:]
    return units, found, basis, tuple(dict.fromkeys(flags))


def _numbers(
    half: HalfCycle, mean_voltage: float, seconds: float, mass: float | None
) -> dict[str, float]:
    energy = half.charge * mean_voltage
    per = 1.0 if mass is None else mass
    return {
        "discharge_capacity": half.charge / 3.6 / (per if mass is None else 1000 * per),
        "mean_discharge_voltage": mean_voltage,
        "discharge_energy": energy / 3600 / per,
        "mean_discharge_power": energy / seconds / per,
    }


def _of_result(result: Result) -> tuple[dict[str, str], list[_Discharge], str, str]:
    table = [row for row in result.details.get("cycles", ()) if row.get("discharge_capacity")]
    if any(not row.get("c_rate") for row in table):
        raise InputError(
            f"the cycles of {result.name} know no C rate; give the record, whose currents tell"
        )
    table = [row for row in table if row.get("discharge_runs", 1) == 1] or table
    given = result.details.get("units", {})
    names = [name for name in _QUANTITIES if name in given]
    units = {name: str(given[name]) for name in names}
    found = [
        _Discharge(
            row["cycle"],
            None,
            float(row["c_rate"]),
            {name: float(row[name]) for name in names if row.get(name) is not None},
        )
        for row in table
    ]
    basis = "active material" if units.get("discharge_capacity") == "mAh/g" else ""
    return units, found, result.name, basis


def _apart(result: Result) -> tuple[str, ...]:
    """Flags of the cycles of a result whose discharges are several."""
    several = [row for row in result.details.get("cycles", ()) if row.get("discharge_runs", 1) > 1]
    return tuple(
        f"cycle {row['cycle']} holds {row['discharge_runs']} discharges, left out"
        for row in several
    )


def _steps(discharges: Sequence[_Discharge]) -> list[list[_Discharge]]:
    """Consecutive discharges at one rate."""
    steps: list[list[_Discharge]] = []
    for one in discharges:
        if steps and _same(steps[-1][0].rate, one.rate):
            steps[-1].append(one)
        else:
            steps.append([one])
    return steps


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME_RATE * max(one, other)


def _row(step: Sequence[_Discharge], units: dict[str, str]) -> dict[str, Any]:
    """A step's cycles, rate, and mean, spread and uncertainty of each quantity."""
    rates = [one.c_rate for one in step if one.c_rate is not None]
    currents = [one.current for one in step if one.current is not None]
    row: dict[str, Any] = {
        "cycles": [one.cycle for one in step],
        "number": len(step),
        "c_rate": float(np.mean(rates)) if rates else None,
        "current_ampere": float(np.mean(currents)) if currents else None,
        "spread": {},
        "uncertainty": {},
    }
    for name in units:
        numbers = [one.numbers[name] for one in step if name in one.numbers]
        reach = half_width_95(numbers)
        row[name] = float(np.mean(numbers)) if numbers else None
        row["spread"][name] = float(np.std(numbers, ddof=1)) if len(numbers) > 1 else None
        sure = reach is not None and reach > _ROUNDING * abs(row[name])
        row["uncertainty"][name] = reach / NORMAL_95 if reach is not None and sure else None
    return row


def _drop_parts(
    rows: list[dict[str, Any]], discharges: Sequence[_Discharge], units: dict[str, str]
) -> tuple[str, ...]:
    """Leave out a first or last discharge of the record that is but a part of one; flags."""
    flags = []
    for place in (0, -1):
        row, one = rows[place], discharges[place]
        if row["number"] < _ENOUGH:
            continue
        mine = set(row["cycles"])
        step = [other for other in discharges if other.cycle in mine]
        usual = float(np.median([other.numbers["discharge_capacity"] for other in step]))
        if one.numbers["discharge_capacity"] < usual / 2:
            rows[place] = _row([other for other in step if other is not one], units)
            flags.append(f"the part of a discharge in cycle {one.cycle} is left out")
    return tuple(flags)


def _rate_of(row: dict[str, Any]) -> float:
    rate = row["c_rate"] if row["c_rate"] is not None else row["current_ampere"]
    return float(rate)


def _values(
    rows: Sequence[dict[str, Any]], units: dict[str, str], basis: str, flags: tuple[str, ...]
) -> list[Value]:
    values = []
    seen: dict[str, int] = {}
    for row in rows:
        label = _label(row)
        seen[label] = seen.get(label, 0) + 1
        row["label"] = label if seen[label] == 1 else f"{label}_{seen[label]}"
        cycles = row["cycles"]
        span = f"{cycles[0]} to {cycles[-1]}" if len(cycles) > 1 else f"{cycles[0]}"
        about = f"mean of {len(cycles)} cycles ({span})" if len(cycles) > 1 else f"cycle {span}"
        for name, unit in units.items():
            if row[name] is None or name == "current_density":
                continue
            per_mass = unit.endswith(("/g", "/kg"))
            values.append(
                Value(
                    f"{name}_{row['label']}",
                    row[name],
                    unit,
                    uncertainty=row["uncertainty"].get(name),
                    area="geometric" if name.startswith("areal") else "",
                    method=f"{about}, per mass of {basis}" if per_mass else about,
                    flags=flags if len(cycles) > 1 else ("a single cycle", *flags),
                )
            )
    first, last = rows[0], rows[-1]
    returned = len(rows) > 2 and _same(_rate_of(first), _rate_of(last))
    values.append(
        Value(
            "recovery",
            100 * last["discharge_capacity"] / first["discharge_capacity"] if returned else None,
            "%",
            method=f"capacity at {last['label']} relative to {first['label']}",
            flags=() if returned else ("the last rate is not the first one again",),
        )
    )
    return values


def _label(row: dict[str, Any]) -> str:
    if row["c_rate"] is not None:
        return f"{row['c_rate']:.2g}C"
    milliampere = float(f"{1e3 * row['current_ampere']:.3g}")
    return f"{milliampere:g}mA"
