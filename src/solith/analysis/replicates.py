"""Like cells summarised: mean, spread, confidence of the mean, outliers."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from solith.analysis._options import require_text
from solith.analysis._outliers import find_outliers, outlier_test
from solith.core.errors import InputError
from solith.core.given import listed, require_result
from solith.core.intervals import half_width_95
from solith.core.record import Record
from solith.core.result import Result, Value, bounds_of

__all__ = ["summarise_replicates"]


def summarise_replicates(
    results: Sequence[Result | Record] | Mapping[str, Result | Record],
    *,
    name: str = "",
    what: str = "replicates",
) -> Result:
    """Mean, spread and number of every quantity over results of the same kind.

    A record among ``results`` is first given to :func:`solith.analysis.analyse`.

    Each value is the mean, its ``uncertainty`` the spread: the sample standard deviation
    (with number - 1), that of one cell and not of the mean. It is ``None`` for a single number.
    A quantity that some results lack is the mean over the others, with a flag; a mean over lower
    bounds, as of cells that did not fail, is one, and its first flag says so; flags of
    the results are kept with how many have them. ``details["summary"]`` has mean, spread,
    number, minimum, maximum, unit and the ``values`` of every quantity, ``half_width_95``, the
    half width of the mean's 95 % interval by Student's t, and ``outliers``: which of the
    results (from 1) lie too far from the others for four or more normal numbers: Dixon's Q up to
    seven, from six on the distance from the median, which err in about 1 % of samples
    (:func:`solith.analysis._outliers.find_outliers`). An outlier is a flag and stays in the mean.
    ``details["cycles"]`` has the table of cycles in the same way, with the spreads under
    ``uncertainty`` and the half widths under ``half_width_95``.

    Raises :class:`InputError` for no results, for what is neither result nor record and for
    units that do not fit together.
    """
    require_text(name, "name")
    require_text(what, "what")
    items = listed(results, "results")
    if not items:
        raise InputError("there is nothing to summarise; give at least one result")
    analysed = [_analysed(item, place) for place, item in enumerate(items, start=1)]
    names = [result.name or str(place) for place, result in enumerate(analysed, start=1)]
    quantities = dict.fromkeys(value.quantity for result in analysed for value in result)
    values, summary = [], {}
    for quantity in quantities:
        found = [_value_of(result, quantity) for result in analysed]
        value, told = _summary_of(quantity, found, names, what)
        values.append(value)
        summary[quantity] = told
    details: dict[str, Any] = {"number": len(analysed), "summary": summary}
    units: Mapping[str, str] = analysed[0].details.get("units", {})
    if all(result.details.get("cycles") and result.details.get("units") for result in analysed):
        details["units"] = units
        details["cycles"] = _cycles(analysed, names, units, what)
    return Result(name or f"Mean of {len(analysed)} {what}", tuple(values), details)


def _analysed(given: Result | Record, place: int) -> Result:
    if isinstance(given, Record):
        from solith.analysis._front import analyse

        return analyse(given)
    try:
        require_result(given)
    except InputError as error:
        raise error.inside(f"results.{place}") from None
    return given


def _value_of(result: Result, quantity: str) -> Value | None:
    return result[quantity] if quantity in result else None  # noqa: SIM401


def _summary_of(
    quantity: str, found: Sequence[Value | None], names: Sequence[str], what: str
) -> tuple[Value, dict[str, Any]]:
    first = next(value for value in found if value is not None)
    try:
        same_unit = [None if value is None else value.to(first.unit) for value in found]
    except InputError as error:
        raise error.inside(quantity) from None
    numbers = [None if value is None else value.value for value in same_unit]
    told = _statistics(numbers)
    flags = _bounds([value for value in found if value is not None], len(found), what)
    flags += _incomplete(told["number"], len(found), what)
    flags += _outlier_flags(told["outliers"], numbers, names, first.unit)
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
        method=_method(told["number"], what, first.method),
        flags=tuple(flags),
    )
    return value, {**told, "unit": first.unit, "values": numbers}


def _method(number: int, what: str, theirs: str) -> str:
    test = outlier_test(number)
    tested = [f"outliers by {test} (1 %)"] if test else []
    mean = f"mean and sample standard deviation of {number} {what}"
    return "; ".join(filter(None, [mean, *tested, theirs]))


def _statistics(numbers: Sequence[float | None]) -> dict[str, Any]:
    known = [number for number in numbers if number is not None]
    return {
        "mean": statistics.fmean(known) if known else None,
        "spread": statistics.stdev(known) if len(known) > 1 else None,
        "number": len(known),
        "minimum": min(known, default=None),
        "maximum": max(known, default=None),
        "half_width_95": half_width_95(known),
        "outliers": [place + 1 for place in find_outliers(numbers)],
    }


def _outlier_flags(
    outliers: Sequence[int], numbers: Sequence[float | None], names: Sequence[str], unit: str
) -> list[str]:
    return [
        f"outlier: number {place}, {names[place - 1]} ({numbers[place - 1]:.4g} {unit})"
        for place in outliers
    ]


def _incomplete(number: int, of: int, what: str) -> list[str]:
    if number == of:
        return []
    return [f"mean of {number} of {of} {what}; the others have none" if number else "none has it"]


def _bounds(found: Sequence[Value], of: int, what: str) -> list[str]:
    """That the mean is a bound, where values among it are: at least, or at most, so far."""
    bounds = [bound for value in found if value.value is not None for bound in bounds_of(value)]
    return [
        f"{bound}: for {bounds.count(bound)} of {of} {what} no more than that is known"
        for bound in dict.fromkeys(bounds)
    ]


def _shared_flags(flags: Sequence[Sequence[str]], of: int) -> list[str]:
    counted: dict[str, int] = {}
    for told in flags:
        for flag in dict.fromkeys(told):
            counted[flag] = counted.get(flag, 0) + 1
    return [flag if count == of else f"{flag} ({count} of {of})" for flag, count in counted.items()]


def _cycles(
    results: Sequence[Result], names: Sequence[str], units: Mapping[str, str], what: str
) -> list[dict[str, Any]]:
    tables = [{row["cycle"]: row for row in result.details["cycles"]} for result in results]
    rows = []
    for number in sorted({number for table in tables for number in table}):
        listed = [table.get(number, {}) for table in tables]
        present = [item for item in listed if item]
        row: dict[str, Any] = {"cycle": number, "flags": {}, "uncertainty": {}, "half_width_95": {}}
        for quantity, unit in units.items():
            numbers = [item.get(quantity) for item in listed]
            told = _statistics(numbers)
            row[quantity] = told["mean"]
            row["uncertainty"][quantity] = told["spread"]
            row["half_width_95"][quantity] = told["half_width_95"]
            row["flags"][quantity] = [
                *_incomplete(told["number"], len(results), what),
                *_outlier_flags(told["outliers"], numbers, names, unit),
                *_shared_flags(
                    [item.get("flags", {}).get(quantity, ()) for item in present], len(results)
                ),
            ]
        rows.append(row)
    return rows
