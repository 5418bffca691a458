"""A quantity of a result, by name and cycle."""

from __future__ import annotations

from dataclasses import replace

from solith.core.cycles import result_of_cycle
from solith.core.errors import InputError
from solith.core.result import Result, Value

__all__ = ["as_input", "value_in"]


def value_in(result: Result, quantity: str, cycle: int | None = None) -> Value:
    """The quantity, or that of one cycle, with the spread where replicates were summarised.

    Raises :class:`InputError` for what the result does not hold; the choices are listed.
    """
    if cycle is None:
        return result[quantity]
    value = result_of_cycle(result, cycle)[quantity]
    row = next(row for row in result.details["cycles"] if row["cycle"] == cycle)
    return replace(value, uncertainty=row.get("uncertainty", {}).get(quantity))


def as_input(result: Result, quantity: str, cycle: int | None = None) -> str | float:
    """The quantity as a description reads it: a text with its unit, or a pure number.

    Raises :class:`InputError` where it has no value.
    """
    value = value_in(result, quantity, cycle)
    if value.value is None:
        reason = "; ".join(value.flags) or "no reason given"
        raise InputError(f"{quantity!r} of {result.name!r} has no value ({reason})")
    return f"{value.value!r} {value.unit}" if value.unit else value.value
