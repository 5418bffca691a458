"""Computed beside published: the rows of the comparison table."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from solith.core.errors import InputError
from solith.core.quantities import in_unit
from solith.core.result import Result, Value
from solith.core.table import text_table
from solith.study._description import Comparison, Output, Study
from solith.study._published import Published, find_published
from solith.study._values import value_in

if TYPE_CHECKING:
    from solith.study.run import StudyRun

__all__ = ["Row", "compare", "known_as", "rows_to_data", "rows_to_json", "rows_to_text"]


@dataclass(frozen=True)
class Row:
    """One computed number beside the published one, both in ``unit``.

    ``unit`` is the published value's own. ``role`` says whether the number was put in,
    calibrated on the published one, set by an assumption, or predicted. ``uncertainty`` is one
    standard uncertainty of ``computed``, of replicate cells their spread. ``source`` says where
    the published value stands. ``range`` is the least and the greatest of a prediction and of those
    for the samples that vary its sample, the same under other assumptions. Where a sample
    stands for another name in publications, that is ``stands_for``. With ``measured`` the
    ``published`` number is that of a task of the study, as a rule of a measured file; with
    ``synthetic`` it is what the synthetic record was made with.
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
    range: tuple[float, float] | None = None
    stands_for: str = ""
    measured: bool = False
    synthetic: bool = False


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
    """The rows as plain data; what is not finite is ``None``.

    ``range``, ``stands_for`` and ``measured`` are there where a row has them.
    """
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
            **({"range": list(row.range)} if row.range is not None else {}),
            **({"stands_for": row.stands_for} if row.stands_for else {}),
            **({"measured": True} if row.measured else {}),
            **({"synthetic": True} if row.synthetic else {}),
        }
        for row in rows
    ]


def rows_to_json(rows: Sequence[Row]) -> str:
    """The rows as a JSON list."""
    return json.dumps(rows_to_data(rows), indent=1, ensure_ascii=False, allow_nan=False)


def rows_to_text(rows: Sequence[Row]) -> str:
    """The rows as a table for a terminal."""
    known = known_as(rows) or "published"
    headings = ("sample", "quantity", "computed", known, "unit", "role", "area", "flags")
    return text_table(
        headings,
        [
            (
                f"{row.sample} ({row.stands_for})" if row.stands_for else row.sample,
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


def known_as(rows: Iterable[Row]) -> str:
    """What the rows are compared with: "published", "measured", "put in", or several of them."""
    kinds = {
        "measured" if row.measured else "put in" if row.synthetic else "published" for row in rows
    }
    return " or ".join(kind for kind in ("published", "measured", "put in") if kind in kinds)


def _rows(study: Study, comparison: Comparison, results: Mapping[str, Result]) -> list[Row]:
    samples = comparison.samples or ("",)
    of_task = isinstance(comparison.published, Output)
    told = {
        sample: _put_in(comparison, sample, results)
        if comparison.synthetic
        else _of_task(study, comparison, sample, results)
        if of_task
        else (_published(study, comparison, sample), ())
        for sample in samples
    }
    # A sample that nobody published is shown in the unit of those that somebody did.
    units = [published.unit for published, _ in told.values() if published is not None]
    unit = "" if comparison.ratio_to else comparison.unit or next(iter(units), "")
    rows = [_row(study, comparison, sample, told[sample], unit, results) for sample in samples]
    return [_with_range(study, row, rows) for row in rows]


def _row(
    study: Study,
    comparison: Comparison,
    sample: str,
    known: tuple[Published | None, tuple[str, ...]],
    usual_unit: str,
    results: Mapping[str, Result],
) -> Row:
    published, doubts = known
    task = comparison.task_for(sample)
    if comparison.ratio_to:
        value, flags = _ratio(comparison, sample, results)
        unit = published.unit if published is not None else ""
        value, flags = _pure(value, flags, unit)
    else:
        unit = published.unit if published is not None else usual_unit
        value, flags = _computed(results.get(task), comparison, sample, unit)
    shown = sample or study.task(task).sample
    return Row(
        study=study.name,
        sample=shown,
        quantity=comparison.quantity,
        computed=_finite(value.value),
        published=None if published is None else _finite(published.value),
        unit=unit or value.unit,
        role=comparison.role_of(sample),
        uncertainty=_finite(value.uncertainty),
        area=comparison.area or value.area,
        flags=(*flags, *doubts, *_unsettled(study, shown, results)),
        source="" if published is None else published.source,
        stands_for=study.samples[shown].stands_for if shown else "",
        measured=isinstance(comparison.published, Output),
        synthetic=bool(comparison.synthetic),
    )


def _pure(value: Value, flags: tuple[str, ...], unit: str) -> tuple[Value, tuple[str, ...]]:
    """A ratio in the unit of the published one: none, or a part such as %."""
    if not unit or value.value is None:
        return value, flags
    try:
        one = in_unit(1.0, unit, "")
    except InputError:
        return replace(value, value=None), (*flags, f"a ratio cannot be given in {unit!r}")
    spread = None if value.uncertainty is None else value.uncertainty / one
    return replace(value, value=value.value / one, unit=unit, uncertainty=spread), flags


def _computed(
    result: Result | None, comparison: Comparison, sample: str, unit: str
) -> tuple[Value, tuple[str, ...]]:
    name = comparison.value_for(sample)
    nothing = Value(name, None, unit)
    if result is None:
        return nothing, ("not computed",)
    try:
        value = value_in(result, name, comparison.cycle)
    except InputError as error:
        return nothing, (str(error),)
    if not unit:
        return value, value.flags
    try:
        return value.to(unit), value.flags
    except InputError:
        return nothing, (*value.flags, f"{value.unit!r} cannot be given in {unit!r}")


def _ratio(
    comparison: Comparison, sample: str, results: Mapping[str, Result]
) -> tuple[Value, tuple[str, ...]]:
    """The value of a sample over that of another, uncertainties taken as independent."""
    other = comparison.ratio_to
    above, flags = _computed(results.get(comparison.task_for(sample)), comparison, sample, "")
    below, others = _computed(
        results.get(comparison.task_for(other)), comparison, other, above.unit
    )
    flags += tuple(f"{other}: {flag}" for flag in others)
    if above.area != below.area:
        flags += (f"areas differ: {above.area or 'none'} over {below.area or 'none'}",)
    nothing = Value(comparison.value, None, area=above.area)
    if above.value is None or below.value is None:
        return nothing, flags
    if below.value == 0:
        return nothing, (*flags, f"the value of {other} is 0")
    ratio = above.value / below.value
    parts = [
        part.uncertainty / abs(below.value) * scale
        for part, scale in ((above, 1.0), (below, abs(ratio)))
        if part.uncertainty is not None
    ]
    spread = math.hypot(*parts) if parts else None
    return Value(comparison.value, ratio, uncertainty=spread, area=above.area), flags


def _unsettled(study: Study, sample: str, results: Mapping[str, Result]) -> tuple[str, ...]:
    if not sample:
        return ()
    tasks = {name: study.calibrations[name].task for name in study.samples[sample].calibrated_by}
    return tuple(
        f"its calibration {name!r} has not converged"
        for name, task in tasks.items()
        if task in results and not results[task].details.get("converged", True)
    )


def _with_range(study: Study, row: Row, rows: Sequence[Row]) -> Row:
    """A predicted or assumed row with the least and the greatest of it and of its variants."""
    if row.role not in ("predicted", "assumed") or row.computed is None:
        return row
    varied = [
        other.computed
        for other in rows
        if other.computed is not None
        and other.unit == row.unit
        and other.sample in study.samples
        and study.samples[other.sample].varies == row.sample
    ]
    if not varied:
        return row
    same = [row.computed, *varied]
    return replace(row, range=(min(same), max(same)))


def _of_task(
    study: Study, comparison: Comparison, sample: str, results: Mapping[str, Result]
) -> tuple[Published | None, tuple[str, ...]]:
    """The number of a task that a row is compared with, and what is doubtful about it."""
    value, flags = _output_of(study, comparison, sample, results)
    if value.value is None:
        return None, flags
    known = Published(value.value, value.unit, _source_of(study, comparison, sample))
    if not comparison.ratio_to:
        return known, flags
    below, others = _output_of(study, comparison, comparison.ratio_to, results)
    flags += tuple(f"{comparison.ratio_to}: {flag}" for flag in others)
    try:
        below = below.to(value.unit)
    except InputError:
        return None, (*flags, f"{below.unit!r} cannot be given in {value.unit!r}")
    if not below.value:
        return None, flags
    source = _source_of(study, comparison, comparison.ratio_to)
    return known.over(Published(below.value, below.unit, source)), flags


def _put_in(
    comparison: Comparison, sample: str, results: Mapping[str, Result]
) -> tuple[Published | None, tuple[str, ...]]:
    """What the synthetic record was made with, as its analysis' result tells."""
    task, name = comparison.task_for(sample), comparison.value_for(sample)
    if task not in results:
        return None, ()
    known = results[task].details.get("truth", {}).get(name)
    if not isinstance(known, Mapping):
        return None, ("its record is not a synthetic one that was made with a known value",)
    value = Value(name, float(known["value"]), str(known["unit"]))
    try:
        value = value.to(comparison.unit or value.unit)
    except InputError as error:
        return None, (str(error),)
    assert value.value is not None
    return Published(value.value, value.unit, f"put in: {comparison.synthetic}"), ()


def _output_of(
    study: Study, comparison: Comparison, sample: str, results: Mapping[str, Result]
) -> tuple[Value, tuple[str, ...]]:
    output = comparison.known_for(sample)
    assert output is not None
    nothing = Value(output.value, None)
    if output.task not in results:
        in_study = any(task.name == output.task for task in study.tasks)
        return nothing, (f"{output.task}: not computed",) if in_study else ()
    try:
        value = value_in(results[output.task], output.value, output.cycle)
        value = value.to(comparison.unit or value.unit)
    except InputError as error:
        return nothing, (f"{output.task}: {error}",)
    return value, tuple(f"{output.task}: {flag}" for flag in value.flags)


def _source_of(study: Study, comparison: Comparison, sample: str) -> str:
    """The measured file whose record the task analyses, or else the task."""
    output = comparison.known_for(sample)
    assert output is not None
    record = study.task(output.task).inputs.get("record")
    if isinstance(record, Output) and study.task(record.task).do == "read":
        inputs = study.task(record.task).inputs
        return f"measured: {inputs.get('file') or ', '.join(inputs['files'])}"
    return f"task {output.task}"


def _published(study: Study, comparison: Comparison, sample: str) -> Published | None:
    if isinstance(comparison.published, Published):
        return comparison.published
    if not comparison.published or isinstance(comparison.published, Output):
        return None
    found = find_published(comparison.published, _published_name(study, sample))
    if not comparison.ratio_to or found is None:
        return found
    other = find_published(comparison.published, _published_name(study, comparison.ratio_to))
    return None if other is None else found.over(other)


def _published_name(study: Study, sample: str) -> str:
    return study.samples[sample].published_as if sample else ""


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
