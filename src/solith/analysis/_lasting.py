"""What is left of a cell after many cycles: retention, fade and mean efficiency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._fade import LEAST_CYCLES, Fade, fit_fade
from solith.core.errors import InputError, UnknownNameError
from solith.core.intervals import NORMAL_95, half_width_95
from solith.core.result import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["lasting_values"]

_SAME_RATE = 0.05
"""Part by which the rates of two cycles may differ without a flag."""

_SETTLED = 2
"""Cycles that the mean efficiency leaves out."""

_WHOLE = 0.8
"""Part of the next discharge that a record's first half-cycle has to give to be whole."""

_LEFT = 0.8
"""The part of the capacity at which cells are said to be at their end."""

_ALL = 100.2
"""Percent above which a mean efficiency is none."""

_REACH = 2.0
"""Times the measured cycles to which a straight fade is drawn on."""


def lasting_values(
    cycles: Sequence[dict[str, Any]],
    reference_cycle: int | None,
    at_cycles: Iterable[int],
    currents: Mapping[int, float],
    faulty: Iterable[int],
    whole: Sequence[str] = (),
) -> list[Value]:
    """Retention, fade and mean efficiency; each row of ``cycles`` gets its ``retention`` [%].

    ``currents`` [A] are those of the discharges by cycle, ``faulty`` the cycles in which a fault
    was noticed, ``whole`` flags of every value. Nothing where fewer than two cycles have a
    discharge, unless ``at_cycles`` asks for it.
    """
    wanted = [_whole(number, "at_cycles") for number in at_cycles]
    place = None if reference_cycle is None else _whole(reference_cycle, "reference_cycle")
    discharged = [row for row in cycles if row["discharge_capacity"]]
    if len(discharged) < 2:
        return [_missing(number, "the record holds fewer than two discharges") for number in wanted]
    if place is not None and place > len(cycles):
        raise UnknownNameError.among(
            "reference_cycle", str(place), map(str, range(1, len(cycles) + 1))
        )
    reference = _first_full(cycles) if place is None else cycles[place - 1]
    for row in cycles:
        row["retention"] = _retention(row, reference)
    last = discharged[-1]
    left_out = ("the last cycle has no discharge",) if last is not cycles[-1] else ()
    values = [_value("retention", last, reference, left_out, currents)]
    for number in wanted:
        if number > len(cycles):
            values.append(_missing(number, f"the record holds {len(cycles)} cycles"))
        else:
            row = cycles[number - 1]
            values.append(_value(f"retention_{number}", row, reference, (), currents))
    fade, told = _fade_of(cycles, reference, currents)
    if fade is not None:
        values = [_with_scatter(value, fade, reference) for value in values]
    values += told
    values += _mean_efficiency(cycles, set(faulty))
    return [replace(value, flags=(*value.flags, *whole)) for value in values]


def _whole(given: Any, where: str) -> int:
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < 1:
        raise InputError(f"{given!r} is not the number of a cycle, counted from 1", where=where)
    return int(given)


def _first_full(cycles: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The first cycle with one discharge that is whole.

    A record may begin in the midst of a discharge, or with what was left in the cell; that
    is no reference where the next discharge gives more.
    """
    discharged = [row for row in cycles if row["discharge_capacity"]]
    single = [row for row in discharged if row["discharge_runs"] == 1]
    if len(single) < 2:
        return discharged[0]
    first, second = single[:2]
    begins = first is cycles[0] and first["begins_with"] == "discharge"
    part = first["discharge_capacity"] / second["discharge_capacity"]
    return second if begins and part < _WHOLE else first


def _retention(row: dict[str, Any], reference: dict[str, Any]) -> float | None:
    if not reference["discharge_capacity"] or row["discharge_capacity"] is None:
        return None
    return float(100 * row["discharge_capacity"] / reference["discharge_capacity"])


def _value(
    name: str,
    row: dict[str, Any],
    reference: dict[str, Any],
    flags: tuple[str, ...],
    currents: Mapping[int, float],
) -> Value:
    retention = row["retention"]
    for cycle in (row, reference):
        if not cycle["discharge_capacity"]:
            flags += (f"no discharge in cycle {cycle['cycle']}",)
    told = _rates(row, reference, currents)
    flags += (told,) if told else ()
    if retention is not None and retention > 100 / _WHOLE:
        flags += ("more than at the start: the reference cycle is not a full one",)
    method = f"discharge capacity of cycle {row['cycle']} relative to cycle {reference['cycle']}"
    return Value(name, retention, "%", method=method, flags=flags)


def _rates(row: dict[str, Any], reference: dict[str, Any], currents: Mapping[int, float]) -> str:
    rates = row["c_rate"], reference["c_rate"]
    if all(rates):
        if abs(rates[0] - rates[1]) > _SAME_RATE * rates[1]:
            return f"the cycles differ in rate: {rates[0]:.3g} C and {rates[1]:.3g} C"
        return ""
    one, other = (currents.get(cycle["cycle"]) for cycle in (row, reference))
    if one and other and abs(one - other) > _SAME_RATE * other:
        return f"the cycles differ in current: {1e3 * one:.3g} mA and {1e3 * other:.3g} mA"
    return ""


def _missing(number: int, why: str) -> Value:
    return Value(f"retention_{number}", None, "%", flags=(why,))


def _with_scatter(value: Value, fade: Fade, reference: dict[str, Any]) -> Value:
    """The retention with what the scatter of both capacities makes uncertain of it."""
    if value.value is None or fade.bent or not fade.scatter:
        return value
    if value.value == 100:  # the reference itself
        return value
    part = fade.scatter / reference["discharge_capacity"]
    return replace(value, uncertainty=float(part * np.hypot(100, value.value)))


def _fade_of(
    cycles: Sequence[dict[str, Any]],
    reference: dict[str, Any],
    currents: Mapping[int, float],
) -> tuple[Fade | None, list[Value]]:
    """The loss per cycle of a straight line, and the cycles to 80 %, from the reference on."""
    start = next(place for place, row in enumerate(cycles) if row is reference)
    rows = [
        (place, row)
        for place, row in enumerate(cycles)
        if place >= start and row["discharge_capacity"] and not _rates(row, reference, currents)
    ]
    if len(rows) < LEAST_CYCLES:
        return None, []
    numbers = np.array([place for place, _ in rows], dtype=float)
    capacities = np.array([row["discharge_capacity"] for _, row in rows], dtype=float)
    fade = fit_fade(numbers, capacities)
    if fade is None:
        return None, []
    first, last = rows[0][1]["cycle"], rows[-1][1]["cycle"]
    bent = ("the capacity does not fall along a straight line",) if fade.bent else ()
    other = len([row for row in cycles[start:] if row["discharge_capacity"]]) - len(rows)
    left = (f"{other} cycles at another rate left out",) if other else ()
    return fade, [
        Value(
            "capacity_fade_per_cycle",
            fade.per_cycle,
            "%",
            fade.uncertainty,
            method=f"robust straight line through cycles {first} to {last}, of its start",
            flags=bent + left,
        ),
        _to_the_end(fade, numbers - numbers[0], capacities, first, bent),
    ]


def _to_the_end(
    fade: Fade,
    numbers: NDArray[np.float64],
    capacities: NDArray[np.float64],
    first: int,
    bent: tuple[str, ...],
) -> Value:
    """Cycles after the first until less than 80 % of the line's start is left."""
    name = f"cycles_to_{100 * _LEFT:.0f}_percent"
    method = f"counted from cycle {first}, relative to its robust line's start"
    below = np.flatnonzero(capacities < _LEFT * fade.start)
    # The first of three in a row: a single bad cycle is not the end.
    for place in below:
        if np.all(capacities[place : place + 3] < _LEFT * fade.start):
            if not place or place + 3 > len(capacities):
                break
            part = (capacities[place - 1] - _LEFT * fade.start) / (
                capacities[place - 1] - capacities[place]
            )
            before, after = numbers[place - 1], numbers[place]
            number = float(before + part * (after - before))
            return Value(name, number, "", method=f"measured, {method}")
    if not fade.slope < -2 * fade.uncertainty / 100 * fade.start:
        return Value(name, None, "", method=method, flags=("no fade beyond its uncertainty",))
    number, spread = fade.to(_LEFT)
    if number > _REACH * numbers[-1]:
        told = f"beyond twice the {int(numbers[-1]) + 1} measured cycles: not extrapolated"
        return Value(name, None, "", method=method, flags=(told,))
    flags = () if number <= numbers[-1] else ("extrapolated along the straight line",)
    return Value(name, number, "", spread, method=method, flags=flags + bent)


def _mean_efficiency(cycles: Sequence[dict[str, Any]], faulty: set[int]) -> list[Value]:
    rows = [row for row in cycles[_SETTLED:] if row["coulombic_efficiency"] is not None]
    if not rows:
        return []
    found = [row["coulombic_efficiency"] for row in rows]
    half = half_width_95(found)
    lacking = len(cycles) - _SETTLED - len(found)
    flags = [f"{lacking} cycles without an efficiency left out"] if lacking else []
    if np.mean(found) > _ALL:
        flags.append("above 100 %: the half-cycles compared do not belong together")
    if bad := sum(row["cycle"] in faulty for row in rows):
        flags.append(
            f"{bad} cycles with a fault noticed are part of it; the median is "
            f"{float(np.median(found)):.4g} %"
        )
    return [
        Value(
            "mean_coulombic_efficiency",
            float(np.mean(found)),
            "%",
            None if half is None else half / NORMAL_95,
            method=f"mean over {len(found)} cycles after the second",
            flags=tuple(flags),
        )
    ]
