"""Capacity, efficiency, voltage, energy and resistance of charge and discharge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from solith.analysis._cycling.faults import cycle_faults, record_faults, sampling_flags
from solith.analysis._cycling.half_facts import HalfFacts, Trace, facts_of, trace_of
from solith.analysis._cycling.lasting import lasting_values
from solith.analysis._cycling.rows import (
    CHARGE,
    DISCHARGE,
    cycle_row,
    first_of,
    scale_of,
)
from solith.analysis._cycling.step_ends import step_flags
from solith.analysis._cycling.switches import SWITCHES, find_switches
from solith.analysis._half_cycles import NOISE, find_half_cycles
from solith.analysis._options import chosen, fact, positive
from solith.analysis._rows import title_of
from solith.analysis.losses import has_losses, loss_values
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["analyse_cycling"]

Facts = Mapping[tuple[int, int], HalfFacts]

_FIRST = ("charge", "discharge")
_AREA = "geometric_area_m2"
_CM2 = 1e4
_ROUNDING = 1e-9
"""Part of a value; a smaller uncertainty is that of the numbers' last digits."""

_WHOLE = 0.8
"""Part of the next discharge that the first one has to give to be whole."""


def analyse_cycling(
    record: Record,
    *,
    reference_cycle: int | None = None,
    at_cycles: Iterable[int] = (),
    first: str | None = None,
    delay: Any = None,
    noise: float = NOISE,
) -> Result:
    """What the cycles of a cell gave, measured or simulated.

    Charge Q = integral of abs(I) dt (trapezoid rule over the intervals in which current
    flows in one direction), energy E = integral of V abs(I) dt, mean voltage E / Q,
    coulombic efficiency Q(discharge) / Q(charge), hysteresis = difference of the two mean
    voltages. The values are those of the first cycle that has one whole charge and discharge
    (their method names it; the initial efficiency is the first one defined);
    ``details["cycles"]`` has a table of all cycles in the units of ``details["units"]``, with the
    ``c_rate`` of each discharge
    (abs(median current) / ``one_c_ampere`` of the record, ``None`` where that is not known),
    the ``flags`` of its values and their ``uncertainty``;
    :func:`solith.core.cycles.result_of_cycle` takes one out. Capacities are in
    mAh/g and energies in Wh/kg of active material where the record's attributes give
    ``active_mass_kg``, otherwise in mAh and Wh. A record that holds a loss budget also
    gives the mean of each loss over a cycle's discharge, weighted by charge. Steps that
    ended unlike asked (``step_ends`` of a simulated record) are flags of their half-cycle.

    ``first`` is the half-cycle that an efficiency begins with: "charge" (the discharge after it
    counts, be it that with which the next cycle begins), or "discharge" for
    cells that are filled by it (efficiency = Q(charge) / Q(discharge before it), as for negative
    electrodes). Without it, it is what most of the cycles begin with, and "charge" where the first
    discharge gives less than 80 % of the next; the method says which.

    ``charge_resistance`` and ``discharge_resistance`` [ohm] are the whole cell's change of voltage
    over that of current where the half-cycle begins, ``..._end_resistance`` (in the table alone)
    where it ends, each ``..._seconds`` after the last row before the switch: at the first row
    after it, or ``delay`` (seconds, or a text such as "1 s") after it. ``..._area_resistance``
    [ohm cm2] refer to the geometric area where the record knows it. The uncertainty is from
    the voltage's scatter; "IR not separated" tells of rows too far apart.

    A record with the discharges of several cycles also gives ``retention`` [%], the discharge
    capacity of the last cycle relative to that of the first whole one, both at the rate (current
    within 5 %) that most cycles have; the method names the rate where there are others. A
    ``reference_cycle``, counted from the record's first, is compared with the last discharge.
    Six or more at that rate give ``capacity_fade_per_cycle`` [%] of a robust straight line,
    before a knee or sudden death where there is one, and ``cycles_to_80_percent`` of the
    reference: where the measured capacity comes below and stays there, otherwise by the line,
    with a flag. One with three or more efficiencies gives
    ``mean_coulombic_efficiency`` [%], the arithmetic mean over the cycles after the second, as
    publications give it. ``retention_N`` [%] is the same as ``retention`` for each N of
    ``at_cycles``, counted from the first cycle of the record. Each row of the table then has
    its ``retention``. Uncertainties of these are so wide that 1.96 of them are Student's
    95 % interval.

    Noticed by themselves and told as flags: a current whose sign is swapped (on every value), gaps
    with the charge that they hold, repeated rows, half-cycles that end at another voltage or pass
    another charge than those around them, currents that change within a step, and the signs
    of an internal short: a charge whose voltage falls, a rest after it that does not slow down.

    ``noise`` is the part of the largest current below which the cell rests.

    A value that is not defined is ``None`` with a flag that says why. Raises
    :class:`InputError` for another kind of record, for time that runs backwards, for
    fewer than two usable rows and for an ``active_mass_kg`` that is not positive.
    """
    seconds = None if delay is None else positive(delay, "s", "delay")
    halves, dropped = find_half_cycles(record, noise=noise)
    trace = trace_of(record)
    facts = facts_of(trace, halves, record.array("voltage_volt"))
    numbers = list(dict.fromkeys(half.cycle for half in halves)) or [1]
    pairs = {
        number: (facts.get((number, CHARGE)), facts.get((number, DISCHARGE))) for number in numbers
    }
    begins = _usual_first(pairs) if first is None else chosen("first", first, _FIRST)
    whole = (*dropped, *record_faults(trace, facts))
    noticed, shorts = cycle_faults(trace, facts)
    told = step_flags(record)
    scale, one_c = scale_of(record), fact(record, "one_c_ampere")
    cycles = []
    for (number, (charge, discharge)), following in zip(
        pairs.items(), _following(pairs), strict=True
    ):
        flags = {
            way: (*told.get((number, way), ()), *noticed.get((number, way), ()))
            for way in (CHARGE, DISCHARGE)
        }
        for way, half in ((CHARGE, charge), (DISCHARGE, discharge)):
            flags[way] += () if half is None else sampling_flags(half)
        row = cycle_row(number, charge, discharge, scale, begins, flags, following)
        _extend(row, shorts.get(number, ()), whole)
        row["c_rate"] = None if discharge is None or one_c is None else discharge.current / one_c
        cycles.append(row)
    units = dict(scale.units) | _add_resistances(record, trace, facts, cycles, seconds, whole)
    shown = _shown(cycles)
    losses = _add_losses(record, pairs, cycles, shown)
    for row in cycles:
        row["flags"] = {name: listed for name, listed in row["flags"].items() if listed}
    values = _first_values(cycles, shown, units, begins)
    values += losses
    faults = {
        number: listed
        for number in numbers
        if (
            listed := [
                *shorts.get(number, ()),
                *noticed.get((number, CHARGE), ()),
                *noticed.get((number, DISCHARGE), ()),
            ]
        )
    }
    currents = {cycle: fact.current for (cycle, way), fact in facts.items() if way == DISCHARGE}
    values += lasting_values(cycles, reference_cycle, at_cycles, currents, faults, whole)
    units |= {value.quantity: value.unit for value in losses}
    if "retention" in cycles[0]:
        units["retention"] = "%"
    units["c_rate"] = ""
    details = {"units": units, "first": begins, "cycles": cycles if halves else []}
    return Result(f"Cycling of {title_of(record)}", tuple(values), details)


def _usual_first(pairs: Mapping[int, tuple[HalfFacts | None, HalfFacts | None]]) -> str:
    """What most cycles with both begin with; a charge where that is even.

    A first discharge that is not whole emptied a cell that charges fill.
    """
    begun = [first_of(*pair) for pair in pairs.values() if None not in pair]
    discharges = [pair[1].half.charge for pair in pairs.values() if pair[1] is not None]
    if len(discharges) > 1 and discharges[0] < _WHOLE * discharges[1]:
        return "charge"
    return "discharge" if 2 * begun.count("discharge") > len(begun) else "charge"


def _following(
    pairs: Mapping[int, tuple[HalfFacts | None, HalfFacts | None]],
) -> list[HalfFacts | None]:
    """The discharge with which the cycle after each begins, if it does."""
    after = [pair[1] if first_of(*pair) == "discharge" else None for pair in pairs.values()]
    return [*after[1:], None]


def _extend(row: dict[str, Any], shorts: Sequence[str], whole: Sequence[str]) -> None:
    """Adds what is wrong with the cycle and with the record to the flags of its values."""
    for name, listed in row["flags"].items():
        mine = shorts if "discharge" not in name else ()
        row["flags"][name] = [*listed, *mine, *whole]


def _add_resistances(
    record: Record,
    trace: Trace,
    facts: Facts,
    cycles: Sequence[dict[str, Any]],
    delay: float | None,
    whole: Sequence[str],
) -> dict[str, str]:
    """Adds the resistances at the switches of current to the rows; their units by name.

    A column that would hold no number at all is left out, unless a delay asked for it.
    """
    area = fact(record, _AREA)
    units: dict[str, str] = {}
    for row in cycles:
        row["uncertainty"] = {}
    for name, (way, at_start) in SWITCHES.items():
        mine = [one for (_, direction), one in facts.items() if direction == way]
        switches = find_switches(trace, mine, at_start, delay)
        if delay is None and all(switch.resistance is None for switch in switches):
            continue
        columns = {name: ("ohm", 1.0)}
        if area is not None:
            columns[name.replace("_resistance", "_area_resistance")] = ("ohm cm2", area * _CM2)
        by_cycle = {one.half.cycle: switch for one, switch in zip(mine, switches, strict=True)}
        units |= {column: unit for column, (unit, _) in columns.items()}
        waited = name.replace("resistance", "seconds")
        units[waited] = "s"
        for row in cycles:
            switch = by_cycle.get(row["cycle"])
            row[waited] = None if switch is None else switch.seconds
            flags = ["no charge" if way == CHARGE else "no discharge"]
            if switch is not None:
                flags = [*switch.flags, *whole]
            for column, (_, factor) in columns.items():
                row[column] = None
                row["flags"][column] = flags
                if switch is None or switch.resistance is None:
                    continue
                row[column] = switch.resistance * factor
                spread = switch.uncertainty or 0.0
                if spread > _ROUNDING * abs(switch.resistance):
                    row["uncertainty"][column] = spread * factor
    return units


def _add_losses(
    record: Record,
    pairs: Mapping[int, tuple[HalfFacts | None, HalfFacts | None]],
    cycles: Sequence[dict[str, Any]],
    shown: Mapping[str, Any],
) -> list[Value]:
    """Adds the losses of a simulated record to the rows; those of the cycle shown."""
    if not has_losses(record):
        return []
    found: list[Value] = []
    for row in cycles:
        discharge = pairs[row["cycle"]][1]
        losses = loss_values(record, None if discharge is None else discharge.half, row["cycle"])
        row |= {value.quantity: value.value for value in losses}
        row["flags"] |= {value.quantity: list(value.flags) for value in losses}
        if row is shown:
            found = losses
    return found


def _shown(cycles: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The first whole cycle: one charge and one discharge, none of them but a part."""
    halves = ("charge", "discharge")
    whole = [row for row in cycles if all(row[f"{way}_runs"] == 1 for way in halves)]
    if not whole:
        return cycles[0]
    if len(whole) > 1 and whole[0] is cycles[0] and whole[0]["begins_with"] == "discharge":
        first, second = (row["discharge_capacity"] or 0.0 for row in whole[:2])
        if first < _WHOLE * second:
            return whole[1]
    return whole[0]


def _first_values(
    cycles: Sequence[Mapping[str, Any]],
    shown: Mapping[str, Any],
    units: Mapping[str, str],
    first: str,
) -> list[Value]:
    """The values of the first whole cycle; those of the current's end stay in the table."""
    defined = (row for row in cycles if row["coulombic_efficiency"] is not None)
    efficient = next(defined, shown)
    values = []
    for key, unit in units.items():
        if "_end_" in key or key.endswith("_seconds"):
            continue
        row = efficient if key == "coulombic_efficiency" else shown
        method = f"cycle {row['cycle']}, trapezoid rule"
        how, name = method, key
        if key == "coulombic_efficiency":
            name = f"initial_{key}"
            if first == "discharge":
                how = f"{method}; charge relative to the discharge before it"
            elif row["begins_with"] == "discharge":
                how = f"{method}; the next cycle's discharge relative to the charge before it"
        waited = row.get(key.replace("_area", "").replace("resistance", "seconds"))
        if "resistance" in key:
            how = f"cycle {row['cycle']}, jump of the voltage"
            how += "" if waited is None else f" within {waited:.4g} s of the current's"
        values.append(
            Value(
                quantity=name,
                value=row[key],
                unit=unit,
                uncertainty=row["uncertainty"].get(key),
                area="geometric" if "_area_" in key else "",
                method=how,
                flags=tuple(row["flags"].get(key, ())),
            )
        )
    return values
