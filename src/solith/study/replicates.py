"""Replicate cells: drawn around a sample's cell, and summarised."""

from __future__ import annotations

import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.core.result import Result, Value

__all__ = ["Replicates", "summarise"]


@dataclass(frozen=True)
class Replicates:
    """``number`` cells whose numbers at the places of ``spread`` scatter.

    ``spread`` gives relative standard deviations as texts ("3 %"). ``seed`` begins the
    draws: the same seed gives the same cells.
    """

    number: int
    spread: Mapping[str, str]
    seed: int = 1

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        return {"number": self.number, "spread": dict(self.spread), "seed": self.seed}

    def factors(self, sample: str, replicate: int) -> tuple[tuple[str, float], ...]:
        """Place and factor of everything that scatters, for one replicate of a sample.

        A factor is 1 + s z with s the relative standard deviation and z from the normal
        distribution, of a generator of its own for every sample, replicate and place: more
        replicates or places leave the others' draws as they were.
        """
        return tuple(
            (place, 1 + to_si(written, "") * _draw(f"{self.seed}/{sample}/{replicate}/{place}"))
            for place, written in self.spread.items()
        )


def summarise(results: Sequence[Result], *, name: str = "", what: str = "replicates") -> Result:
    """Mean, spread and number of every quantity over results of the same kind.

    Each value is the mean, its ``uncertainty`` the spread: the sample standard deviation
    (with number - 1), that of one cell and not of the mean. It is ``None`` for a single number.
    A quantity that some results lack is the mean over the others, with a flag; flags of
    the results are kept with how many have them. ``details["summary"]`` has mean, spread,
    number, minimum, maximum, unit and the ``values`` of every quantity; ``details["cycles"]``
    the table of cycles in the same way, with the spreads under ``uncertainty``.

    Raises :class:`InputError` for no results and for units that do not fit together.
    """
    if not results:
        raise InputError("there is nothing to summarise; give at least one result")
    quantities = dict.fromkeys(value.quantity for result in results for value in result)
    values, summary = [], {}
    for quantity in quantities:
        found = [_value_of(result, quantity) for result in results]
        value, told = _summary_of(quantity, found, what)
        values.append(value)
        summary[quantity] = told
    details: dict[str, Any] = {"number": len(results), "summary": summary}
    if all(result.details.get("cycles") for result in results):
        details["units"] = results[0].details.get("units", {})
        details["cycles"] = _cycles(results, details["units"], what)
    return Result(name or f"Mean of {len(results)} {what}", tuple(values), details)


def _value_of(result: Result, quantity: str) -> Value | None:
    return result[quantity] if quantity in result else None  # noqa: SIM401


def _draw(seed: str) -> float:
    # The standard library's generator gives the same numbers in every version.
    return random.Random(seed).gauss(0.0, 1.0)


def _summary_of(
    quantity: str, found: Sequence[Value | None], what: str
) -> tuple[Value, dict[str, Any]]:
    first = next(value for value in found if value is not None)
    try:
        same_unit = [None if value is None else value.to(first.unit) for value in found]
    except InputError as error:
        raise error.inside(quantity) from None
    numbers = [None if value is None else value.value for value in same_unit]
    told = _statistics(numbers)
    flags = [_count(told["number"], len(found), what)]
    flags += _shared_flags([value.flags for value in found if value is not None], len(found))
    areas = dict.fromkeys(value.area for value in found if value is not None)
    if len(areas) > 1:
        flags.append(f"areas differ: {', '.join(area or 'none named' for area in areas)}")
    value = Value(
        quantity,
        told["mean"],
        first.unit,
        uncertainty=told["spread"],
        area=first.area if len(areas) == 1 else "",
        method=f"mean and sample standard deviation; {first.method}".removesuffix("; "),
        flags=tuple(flags),
    )
    return value, {**told, "unit": first.unit, "values": numbers}


def _statistics(numbers: Sequence[float | None]) -> dict[str, Any]:
    known = [number for number in numbers if number is not None]
    return {
        "mean": statistics.fmean(known) if known else None,
        "spread": statistics.stdev(known) if len(known) > 1 else None,
        "number": len(known),
        "minimum": min(known, default=None),
        "maximum": max(known, default=None),
    }


def _count(number: int, of: int, what: str) -> str:
    if number == of:
        return f"mean of {of} {what}"
    return f"mean of {number} of {of} {what}; the others have none"


def _shared_flags(flags: Sequence[Sequence[str]], of: int) -> list[str]:
    counted: dict[str, int] = {}
    for listed in flags:
        for flag in dict.fromkeys(listed):
            counted[flag] = counted.get(flag, 0) + 1
    return [flag if count == of else f"{flag} ({count} of {of})" for flag, count in counted.items()]


def _cycles(results: Sequence[Result], units: Mapping[str, str], what: str) -> list[dict[str, Any]]:
    tables = [{row["cycle"]: row for row in result.details["cycles"]} for result in results]
    rows = []
    for number in sorted({number for table in tables for number in table}):
        present = [table[number] for table in tables if number in table]
        row: dict[str, Any] = {"cycle": number, "flags": {}, "uncertainty": {}}
        for quantity in units:
            told = _statistics([item.get(quantity) for item in present])
            row[quantity] = told["mean"]
            row["uncertainty"][quantity] = told["spread"]
            row["flags"][quantity] = [
                _count(told["number"], len(results), what),
                *_shared_flags(
                    [item.get("flags", {}).get(quantity, ()) for item in present], len(results)
                ),
            ]
        rows.append(row)
    return rows
