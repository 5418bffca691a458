"""Computed beside published: the rows of the comparison table."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from solith.core.cycles import result_of_cycle
from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.core.table import text_table
from solith.study._description import Comparison, Study
from solith.study._published import Published, find_published

if TYPE_CHECKING:
    from solith.study.run import StudyRun

__all__ = ["Row", "compare", "rows_to_data", "rows_to_json", "rows_to_text"]


@dataclass(frozen=True)
class Row:
    """One computed number beside the published one, both in ``unit``.

    ``unit`` is the published value's own. ``role`` says whether the number was put in,
    calibrated on the published one, or predicted. ``uncertainty`` is one standard
    uncertainty of ``computed``. ``source`` says where the published value stands.
    """

    study: str
    sample: str
    quantity: str
    computed: float | None
    published: float | None
    unit: str
    role: str
    uncertainty: float | None
    area: str
    flags: tuple[str, ...]
    source: str = ""


def compare(what: StudyRun | Study, results: Mapping[str, Result] | None = None) -> tuple[Row, ...]:
    """The comparison rows of a run, or of a study with results by task.

    A row whose task has no result, or whose value cannot be given in the published
    unit, has no computed number and a flag that says why.
    """
    if not isinstance(what, Study):
        return what.rows
    return tuple(
        row
        for comparison in what.comparisons
        for row in _rows(what, comparison, results if results is not None else {})
    )


def rows_to_data(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as plain data; what is not finite is ``None``."""
    return [
        {
            "study": row.study,
            "sample": row.sample,
            "quantity": row.quantity,
            "computed": _finite(row.computed),
            "published": _finite(row.published),
            "unit": row.unit,
            "role": row.role,
            "uncertainty": _finite(row.uncertainty),
            "area": row.area,
            "flags": list(row.flags),
        }
        for row in rows
    ]


def rows_to_json(rows: Sequence[Row]) -> str:
    """The rows as a JSON list."""
    return json.dumps(rows_to_data(rows), indent=1, ensure_ascii=False, allow_nan=False)


def rows_to_text(rows: Sequence[Row]) -> str:
    """The rows as a table for a terminal."""
    headings = ("sample", "quantity", "computed", "published", "unit", "role", "area", "flags")
    return text_table(
        headings,
        [
            (
                row.sample,
                row.quantity,
                Value("", row.computed, uncertainty=row.uncertainty).shown,
                Value("", row.published).shown,
                row.unit,
                row.role,
                row.area,
                "; ".join(row.flags),
            )
            for row in rows
        ],
    )


def _rows(study: Study, comparison: Comparison, results: Mapping[str, Result]) -> list[Row]:
    samples = comparison.samples or ("",)
    known = {sample: _published(comparison, sample) for sample in samples}
    # A sample that nobody published is shown in the unit of those that somebody did.
    units = [published.unit for published in known.values() if published is not None]
    unit = comparison.unit or next(iter(units), "")
    return [_row(study, comparison, sample, known[sample], unit, results) for sample in samples]


def _row(
    study: Study,
    comparison: Comparison,
    sample: str,
    published: Published | None,
    usual_unit: str,
    results: Mapping[str, Result],
) -> Row:
    task = comparison.task_for(sample)
    unit = published.unit if published is not None else usual_unit
    value, flags = _computed(results.get(task), comparison, unit)
    return Row(
        study=study.name,
        sample=sample or study.task(task).sample,
        quantity=comparison.quantity,
        computed=_finite(value.value),
        published=None if published is None else _finite(published.value),
        unit=unit or value.unit,
        role=comparison.role,
        uncertainty=_finite(value.uncertainty),
        area=comparison.area or value.area,
        flags=flags,
        source="" if published is None else published.source,
    )


def _computed(
    result: Result | None, comparison: Comparison, unit: str
) -> tuple[Value, tuple[str, ...]]:
    nothing = Value(comparison.value, None, unit)
    if result is None:
        return nothing, ("not computed",)
    try:
        if comparison.cycle is not None:
            result = result_of_cycle(result, comparison.cycle)
        value = result[comparison.value]
    except InputError as error:
        return nothing, (str(error),)
    if not unit:
        return value, value.flags
    try:
        return value.to(unit), value.flags
    except InputError:
        return nothing, (*value.flags, f"{value.unit!r} cannot be given in {unit!r}")


def _published(comparison: Comparison, sample: str) -> Published | None:
    if isinstance(comparison.published, Published):
        return comparison.published
    return find_published(comparison.published, sample) if comparison.published else None


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
