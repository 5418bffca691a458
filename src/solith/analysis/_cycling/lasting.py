"""What is left of a cell after many cycles: retention, fade and mean efficiency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from solith.analysis._cycling.end_of_life import Discharges, fade_values
from solith.analysis._cycling.fade import Fade
from solith.analysis._options import whole_number
from solith.core.errors import InputError, UnknownNameError
from solith.core.intervals import NORMAL_95, half_width_95
from solith.core.result import Value

__all__ = ["lasting_values"]

_SAME_RATE = 0.05
"""Part by which the rates of two cycles may differ without a flag."""

_NUMBER = "the number of a cycle, counted from 1"

_SETTLED = 2
"""Cycles that the mean efficiency leaves out."""

_WHOLE = 0.8
"""Part of the next discharge that a record's first half-cycle has to give to be whole."""

_ALL = 100.2
"""Percent above which a mean efficiency is none."""

_ROUNDING = 1e-9
"""Part of a value; a smaller uncertainty is that of the numbers' last digits."""


def lasting_values(
    cycles: Sequence[dict[str, Any]],
    reference_cycle: int | None,
    at_cycles: Iterable[int],
    currents: Mapping[int, float],
    faults: Mapping[int, Sequence[str]],
    whole: Sequence[str] = (),
) -> list[Value]:
    """Retention, fade and mean efficiency; each row of ``cycles`` gets its ``retention`` [%].

    ``currents`` [A] are those of the discharges by cycle, ``faults`` what was noticed in a cycle,
    ``whole`` flags of every value. Nothing where fewer than two cycles have a
    discharge, unless ``at_cycles`` asks for it.
    """
    if not isinstance(at_cycles, Iterable):
        raise InputError(f"{at_cycles!r} is no list of cycles, such as [100]", where="at_cycles")
    wanted = [whole_number(number, _NUMBER, "at_cycles") for number in at_cycles]
    place = reference_cycle
    if place is not None:
        place = whole_number(place, _NUMBER, "reference_cycle")
    discharged = [row for row in cycles if row["discharge_capacity"]]
    if len(discharged) < 2:
        return [_missing(number, "the record holds fewer than two discharges") for number in wanted]
    if place is not None and place > len(cycles):
        raise UnknownNameError.among(
            "reference_cycle", str(place), map(str, range(1, len(cycles) + 1))
        )
    usual = _usual_rate(discharged, currents)
    if place is None:
        reference, last = _first_full(usual, cycles[0]), usual[-1]
    else:
        reference, last = cycles[place - 1], discharged[-1]
    for row in cycles:
        row["retention"] = _retention(row, reference)
    left_out = () if cycles[-1]["discharge_capacity"] else ("the last cycle has no discharge",)
    values = [_value("retention", last, reference, left_out, currents)]
    if last is reference:
        why = "it is the reference" if place else "no other whole discharge has its rate"
        told = f"cycle {last['cycle']} would be compared with itself: {why}"
        values = [replace(values[0], value=None, flags=(told, *values[0].flags))]
    elif place is None and len(usual) < len(discharged):
        method = f"{values[0].method}{_about(usual, discharged, currents)}"
        values = [replace(values[0], method=method)]
    for number in wanted:
        if number > len(cycles):
            values.append(_missing(number, f"the record holds {len(cycles)} cycles"))
        else:
            row = cycles[number - 1]
            values.append(_value(f"retention_{number}", row, reference, (), currents))
    fade, told_of_fade = _fade_of(cycles, reference, currents)
    if fade is not None:
        values = [_with_scatter(value, fade, reference) for value in values]
    means, seen = _mean_efficiency(cycles, usual, discharged, currents, faults)
    # What the mean does not tell of, the retention does, and what of its own two cycles.
    seen -= {reference["cycle"], last["cycle"]}
    others = {cycle: listed for cycle, listed in faults.items() if cycle not in seen}
    if others:
        values[0] = replace(values[0], flags=(*values[0].flags, _noticed(others)))
    return [replace(value, flags=(*value.flags, *whole)) for value in values + told_of_fade + means]


def _usual_rate(
    discharged: list[dict[str, Any]], currents: Mapping[int, float]
) -> list[dict[str, Any]]:
    """The cycles of the rate that most have, the latest of several; all where none has two."""
    strength = np.array([currents.get(row["cycle"], np.nan) for row in discharged])
    order = np.sort(strength[np.isfinite(strength)])
    low, high = strength * (1 - _SAME_RATE), strength * (1 + _SAME_RATE)
    alike = np.searchsorted(order, high, side="right") - np.searchsorted(order, low, side="left")
    alike = np.where(np.isfinite(strength), alike, 0)
    most = int(np.max(alike))
    if most < 2:
        return discharged
    usual = strength[np.flatnonzero(alike == most)[-1]]
    near = np.abs(strength - usual) <= _SAME_RATE * usual
    return [row for row, is_near in zip(discharged, near.tolist(), strict=True) if is_near]


def _about(
    rows: Sequence[dict[str, Any]],
    all_rows: Sequence[dict[str, Any]],
    currents: Mapping[int, float],
) -> str:
    """The rate of cycles, where there are others at another one."""
    other = len(all_rows) - len(rows)
    if not other:
        return ""
    middle = rows[len(rows) // 2]
    rate, current = middle["c_rate"], currents.get(middle["cycle"], 0.0)
    at = f"{rate:.3g} C" if rate else f"{1e3 * current:.3g} mA"
    return f", at {at} ({other} cycles at another rate left out)"


def _noticed(faults: Mapping[int, Sequence[str]]) -> str:
    """What was noticed in the first of some cycles, and how many there are."""
    cycle, (first, *_) = next(iter(faults.items()))
    more = f"; a fault was noticed in {len(faults) - 1} more cycles" if len(faults) > 1 else ""
    return f"cycle {cycle}: {first}{more}"


def _first_full(rows: Sequence[dict[str, Any]], begin: dict[str, Any]) -> dict[str, Any]:
    """The first cycle with one discharge that is whole; the record begins with ``begin``.

    A record may begin in the midst of a discharge, or with what was left in the cell; that
    is no reference where the next discharge gives more.
    """
    single = [row for row in rows if row["discharge_runs"] == 1]
    if len(single) < 2:
        return (single or rows)[0]
    first, second = single[:2]
    begins = first is begin and first["begins_with"] == "discharge"
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
    return replace(value, uncertainty=_sure(float(part * np.hypot(100, value.value))))


def _sure(uncertainty: float | None) -> float | None:
    """An uncertainty [%] that is more than rounding."""
    return uncertainty if uncertainty is not None and uncertainty > 100 * _ROUNDING else None


def _fade_of(
    cycles: Sequence[dict[str, Any]],
    reference: dict[str, Any],
    currents: Mapping[int, float],
) -> tuple[Fade | None, list[Value]]:
    """The loss per cycle and the cycles to 80 % of the discharges at the reference's rate."""
    start = next(place for place, row in enumerate(cycles) if row is reference)
    after = [(at, row) for at, row in enumerate(cycles[start:]) if row["discharge_capacity"]]
    rows = [(at, row) for at, row in after if not _rates(row, reference, currents)]
    if not rows or rows[0][0]:
        return None, []
    mine = [row for _, row in rows]
    discharged = [row for row in cycles if row["discharge_capacity"]]
    alike = [row for row in discharged if not _rates(row, reference, currents)]
    return fade_values(
        Discharges(
            cycles=tuple(row["cycle"] for row in mine),
            places=np.array([at for at, _ in rows], dtype=float),
            capacities=np.array([row["discharge_capacity"] for row in mine], dtype=float),
            about=_about(alike, discharged, currents),
        )
    )


def _mean_efficiency(
    cycles: Sequence[dict[str, Any]],
    usual: Sequence[dict[str, Any]],
    discharged: Sequence[dict[str, Any]],
    currents: Mapping[int, float],
    faults: Mapping[int, Sequence[str]],
) -> tuple[list[Value], set[int]]:
    """The mean efficiency at the usual rate, and the cycles of which it told faults."""
    at_rate = {row["cycle"] for row in usual}
    others = {row["cycle"] for row in discharged} - at_rate
    settled = [row for row in cycles[_SETTLED:] if row["coulombic_efficiency"] is not None]
    rows = [row for row in settled if row["cycle"] in at_rate] or settled
    if not rows:
        return [], set()
    found = [row["coulombic_efficiency"] for row in rows]
    half, mean = half_width_95(found), float(np.mean(found))
    lacking = sum(
        row["coulombic_efficiency"] is None and row["cycle"] not in others
        for row in cycles[_SETTLED:]
    )
    flags = [f"{lacking} cycles without an efficiency left out"] if lacking else []
    if half is not None and half > abs(mean):
        low, high = min(found), max(found)
        flags.append(f"the efficiencies lie between {low:.3g} and {high:.3g} %: no mean tells them")
        half = None
    if mean > _ALL:
        flags.append("above 100 %: the half-cycles compared do not belong together")
    told = {row["cycle"]: faults[row["cycle"]] for row in rows if row["cycle"] in faults}
    if told:
        flags.append(f"{_noticed(told)}; the median is {float(np.median(found)):.4g} %")
    at = _about(usual, discharged, currents) if len(rows) < len(settled) else ""
    value = Value(
        "mean_coulombic_efficiency",
        mean,
        "%",
        _sure(None if half is None else half / NORMAL_95),
        method=f"mean over {len(found)} cycles after the second{at}",
        flags=tuple(flags),
    )
    return [value], set(told)
