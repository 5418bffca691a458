"""What is left of a cell after many cycles: retention and mean efficiency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from solith.core.errors import InputError, UnknownNameError
from solith.core.result import Value

__all__ = ["lasting_values"]

_SAME_RATE = 0.05
"""Part by which the C rates of two cycles may differ without a flag."""

_SETTLED = 2
"""Cycles that the mean efficiency leaves out."""


def lasting_values(
    cycles: Sequence[dict[str, Any]], reference_cycle: int, at_cycles: Iterable[int]
) -> list[Value]:
    """Retention and mean efficiency; each row of ``cycles`` gets its ``retention`` [%].

    Nothing where fewer than two cycles have a discharge, unless ``at_cycles`` asks for it.
    """
    wanted = [_whole(number, "at_cycles") for number in at_cycles]
    place = _whole(reference_cycle, "reference_cycle")
    discharged = [row for row in cycles if row["discharge_capacity"]]
    if len(discharged) < 2:
        return [_missing(number, "the record holds fewer than two discharges") for number in wanted]
    if place > len(cycles):
        raise UnknownNameError.among(
            "reference_cycle", str(place), map(str, range(1, len(cycles) + 1))
        )
    reference = cycles[place - 1]
    for row in cycles:
        row["retention"] = _retention(row, reference)
    last = discharged[-1]
    left_out = ("the last cycle has no discharge",) if last is not cycles[-1] else ()
    values = [_value("retention", last, reference, left_out)]
    for number in wanted:
        if number > len(cycles):
            values.append(_missing(number, f"the record holds {len(cycles)} cycles"))
        else:
            values.append(_value(f"retention_{number}", cycles[number - 1], reference, ()))
    return [*values, *_mean_efficiency(cycles)]


def _whole(given: Any, where: str) -> int:
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < 1:
        raise InputError(f"{given!r} is not the number of a cycle, counted from 1", where=where)
    return int(given)


def _retention(row: dict[str, Any], reference: dict[str, Any]) -> float | None:
    if not reference["discharge_capacity"] or row["discharge_capacity"] is None:
        return None
    return float(100 * row["discharge_capacity"] / reference["discharge_capacity"])


def _value(
    name: str, row: dict[str, Any], reference: dict[str, Any], flags: tuple[str, ...]
) -> Value:
    retention = row["retention"]
    for cycle in (row, reference):
        if not cycle["discharge_capacity"]:
            flags += (f"no discharge in cycle {cycle['cycle']}",)
    rates = row["c_rate"], reference["c_rate"]
    if all(rates) and abs(rates[0] - rates[1]) > _SAME_RATE * rates[1]:
        flags += (f"the cycles differ in rate: {rates[0]:.3g} C and {rates[1]:.3g} C",)
    method = f"discharge capacity of cycle {row['cycle']} relative to cycle {reference['cycle']}"
    return Value(name, retention, "%", method=method, flags=flags)


def _missing(number: int, why: str) -> Value:
    return Value(f"retention_{number}", None, "%", flags=(why,))


def _mean_efficiency(cycles: Sequence[dict[str, Any]]) -> list[Value]:
    found = [
        row["coulombic_efficiency"]
        for row in cycles[_SETTLED:]
        if row["coulombic_efficiency"] is not None
    ]
    if not found:
        return []
    spread = float(np.std(found, ddof=1) / len(found) ** 0.5) if len(found) > 1 else None
    lacking = len(cycles) - _SETTLED - len(found)
    return [
        Value(
            "mean_coulombic_efficiency",
            float(np.mean(found)),
            "%",
            spread,
            method=f"mean over {len(found)} cycles after the second",
            flags=(f"{lacking} cycles without an efficiency left out",) if lacking else (),
        )
    ]
