"""The tables of a report: comparison, inputs, computed values, provenance."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from solith.app._report_cases import Case, split_by_rate
from solith.app._report_html import boxed, cell, number_cell, tag
from solith.app._report_numbers import show_deviation, show_input, show_name, show_unit
from solith.app._report_origins import find_origin
from solith.core.cycles import result_of_cycle
from solith.core.provenance import fingerprint_data
from solith.core.result import Result, Value
from solith.core.table import html_table
from solith.figures import show_number
from solith.study.comparison import known_as

if TYPE_CHECKING:
    from solith.study import Row, Sample, StudyRun

__all__ = [
    "comparison_table",
    "failures_table",
    "inputs_table",
    "provenance_table",
    "results_tables",
    "samples_list",
]

_ROLES = {
    "input": "given to the model, so its agreement says nothing",
    "calibrated": "parameters were adjusted to it, so its agreement is no prediction",
    "assumed": "an assumption sets it, so that its agreement says little",
    "predicted": "computed without use of the published value",
    "recovered": "found again in a synthetic record that was made with it: a test of the analysis",
}

# Which area the quantities of a cell refer to, by the place where they stand; the first
# that fits.
_AREAS = (
    ("cathode.coating.", "contact"),
    ("cathode.interphase.", "contact"),
    ("cathode.further_resistance.", "contact"),
    ("cathode.charge_transfer.", "contact"),
    ("cathode.space_charge.", "contact"),
    ("cathode.oxidation.", "contact"),
    ("cathode.composite.surface_area", "active"),
    ("cathode.loading", "geometric"),
    ("cathode.thickness", "geometric"),
    ("electrolyte.", "geometric"),
    ("anode.", "geometric"),
    ("area", "geometric"),
    ("one_c", "geometric"),
)
_ORIGINS = (
    "<p>From: told by comparison. What equals the preferred value of the materials table or the "
    "model's default counts as taken from there, also where it was written down; recalled means "
    "that no source was read.</p>"
)
_PER_AREA = ("ohm m2", "A/m2", "F/m2", "kg/m2", "m2", "1/m")


def comparison_table(run: StudyRun) -> str:
    """Computed against published values, with the role of each."""
    if not run.rows:
        return "<p>The study compares no value with a published or measured one.</p>"
    present = [role for role in _ROLES if any(row.role == role for row in run.rows)]
    key = "".join(f"<li>{tag(role)} {escape(_ROLES[role])}</li>" for role in present)
    known = known_as(run.rows).capitalize()
    headings = ("Sample", "Quantity", "Computed", known, "Unit", "Deviation", "Role")
    body = []
    for row in run.rows:
        cells = (
            ("", row.sample),
            ("number", _computed(row)),
            ("number", show_number(row.published)),
            ("", show_unit(row.unit, row.area)),
            ("number", show_deviation(row.computed, row.published, row.unit)),
            ("tag", row.role),
        )
        told = [cell(kind, text) for kind, text in cells]
        told.insert(1, _quantity_cell(row))
        body.append(f"<tr>{''.join(told)}</tr>")
    return f'<ul class="key">{key}</ul>' + boxed(headings, body, numbers=(2, 3, 5))


def _computed(row: Row) -> str:
    """The number with its uncertainty, and its range where assumptions were varied."""
    known = Value("", row.computed, uncertainty=row.uncertainty).spread
    spread = "" if known is None else f" ± {show_number(known, 2)}"
    varied = ""
    if row.range is not None:
        low, high = row.range
        varied = f" ({show_number(low, 3)} to {show_number(high, 3)})"
    return show_number(row.computed, _digits(row.computed, known)) + spread + varied


def _digits(value: float | None, spread: float | None) -> int:
    """Four, or as many as reach the second digit of the uncertainty."""
    if not value or not spread or not math.isfinite(value) or not 0 < spread < abs(value):
        return 4
    return max(4, math.floor(math.log10(abs(value))) - math.floor(math.log10(spread)) + 2)


def samples_list(run: StudyRun) -> str:
    """What there is to say about each sample."""
    told = [(name, sample.about) for name, sample in run.study.samples.items() if sample.about]
    if not told:
        return ""
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(about)}</dd>" for name, about in told)
    return f"<dl>{items}</dl>"


def inputs_table(run: StudyRun) -> str:
    """The inputs of all samples that have a cell, differences first, areas named.

    What a sample takes from a task stands as that task found it.
    """
    taken = {name: _taken(run, sample) for name, sample in run.study.samples.items()}
    flat = {
        name: dict(_flattened(sample.cell.to_mapping()))
        | {path: value for path, (value, _) in taken[name].items()}
        for name, sample in run.study.samples.items()
        if sample.cell is not None
    }
    if not flat:
        return "<p>No sample of this study describes a cell.</p>"
    paths = list(dict.fromkeys(path for values in flat.values() for path in values))
    differing = [
        path for path in paths if len({repr(values.get(path)) for values in flat.values()}) > 1
    ]
    same = [path for path in paths if path not in differing]
    cells = [sample.cell for name, sample in run.study.samples.items() if name in flat]
    headings = ("Input", *flat, "From", "Area it refers to")
    body = []
    for title, group in (("Differs between samples", differing), ("The same in all", same)):
        if not group:
            continue
        shown = title if len(flat) > 1 else "All inputs"
        body.append(f'<tr class="group"><th colspan="{len(headings)}">{shown}</th></tr>')
        body += [_input_row(path, flat, cells, taken, same=group is same) for path in group]
    return _ORIGINS + boxed(headings, body)


def results_tables(cases: Iterable[Case]) -> str:
    """Every value of every result, one table an experiment with the samples side by side.

    An experiment with several C rates has a column for each.
    """
    groups: dict[str, dict[str, Result]] = {}
    for case in split_by_rate(list(cases)):
        if case.result is not None:
            rate = "" if case.part is None else f"{case.part:g} C"
            column = ", ".join(filter(None, (*case.label.split("/"), rate)))
            groups.setdefault(case.experiment, {})[column] = case.result
    return "".join(
        f"<h3>{escape(experiment or 'Further results')}</h3>" + _result_table(results)
        for experiment, results in groups.items()
    )


def failures_table(run: StudyRun) -> str:
    """What did not succeed and why."""
    rows = [(name, message) for name, message in run.failures.items()]
    return f'<div class="scroll">{html_table(("Task", "What went wrong"), rows)}</div>'


def provenance_table(run: StudyRun) -> str:
    """What made the numbers: version, hash of the parameters, origin of each record."""
    cells = {
        name: sample.cell.to_mapping()
        for name, sample in run.study.samples.items()
        if sample.cell is not None
    }
    facts = [
        ("Study", run.study.name),
        ("solith", _version(run)),
        ("Hash of the samples' parameters (SHA-256)", fingerprint_data(_plain(cells))),
    ]
    summary = boxed(
        ("What", "Value"),
        [
            f"<tr><td>{escape(what)}</td><td><code>{escape(value)}</code></td></tr>"
            for what, value in facts
        ],
    )
    body = []
    for name, record in run.records.items():
        origin = record.provenance
        identity = origin.sha256
        if origin.parameters and not identity:
            identity = fingerprint_data(_plain(dict(origin.parameters)))
        cells_of_row = (
            ("", name),
            ("", record.kind),
            ("", origin.origin),
            ("", origin.method or origin.instrument or origin.file or "–"),
            ("number", f"{len(record)}"),
            ("code", identity[:16] or "–"),
        )
        body.append("<tr>" + "".join(cell(*one) for one in cells_of_row) + "</tr>")
    if not body:
        return summary
    headings = ("Record", "Kind", "Origin", "Model, instrument or file", "Rows", "Hash (first 16)")
    return summary + boxed(headings, body, numbers=(4,))


def _quantity_cell(row: Row) -> str:
    """The quantity, with its flags and the published value's source under it."""
    under = (("flags", "; ".join(row.flags)), ("source", row.source))
    told = "".join(f'<span class="{kind}">{escape(text)}</span>' for kind, text in under if text)
    return f'<td class="quantity">{escape(show_name(row.quantity))}{told}</td>'


def _input_row(
    path: str,
    flat: Mapping[str, Mapping[str, Any]],
    cells: Sequence[Any],
    taken: Mapping[str, Mapping[str, tuple[Any, str]]],
    *,
    same: bool,
) -> str:
    values = [values.get(path) for values in flat.values()]
    shown = ["–" if value is None else show_input(value) for value in values]
    name = " › ".join(show_name(part) for part in path.split("."))
    if same:
        told = f'<td class="value" colspan="{len(shown)}">{escape(shown[0])}</td>'
    else:
        told = "".join(cell("value", text) for text in shown)
    origins = {
        sample: taken[sample][path][1]
        if path in taken[sample]
        else find_origin(path, flat[sample], described)
        for sample, described in zip(flat, cells, strict=True)
        if path in flat[sample]
    }
    return (
        f"<tr>{cell('', name)}{told}<td>{_origins(origins)}</td>"
        f"{cell('', _area_of(path, values))}</tr>"
    )


def _taken(run: StudyRun, sample: Sample) -> dict[str, tuple[Any, str]]:
    """The inputs of a sample's cell that tasks gave: value as it is written, and whence."""
    found: dict[str, tuple[Any, str]] = {}
    for place, output in sample.takes.items():
        result = run.results.get(output.task)
        value: Any = "not computed"
        if result is not None and output.cycle is not None:
            result = result_of_cycle(result, output.cycle)
        if result is not None and output.value in result:
            one = result[output.value]
            if one.value is not None:
                value = f"{one.value!r} {one.unit}" if one.unit else one.value
        found[place.removeprefix("cell.")] = value, f"computed, task {output.task}"
    return found


def _origins(origins: Mapping[str, str]) -> str:
    """Where an input comes from; told sample by sample where it is not the same for all."""
    found = dict.fromkeys(origins.values())
    if len(found) == 1:
        return _marked(next(iter(found)))
    return "<br>".join(f"{escape(name)}: {_marked(text)}" for name, text in origins.items())


def _marked(origin: str) -> str:
    if not origin.endswith("recalled"):
        return escape(origin)
    return f'{escape(origin.removesuffix("recalled"))}<span class="tag recalled">recalled</span>'


def _area_of(path: str, values: Sequence[Any]) -> str:
    units = {value.split(maxsplit=1)[-1] for value in values if isinstance(value, str)}
    if not units & set(_PER_AREA) and path.rpartition(".")[2] != "thickness":
        return ""
    return next((area for start, area in _AREAS if path.startswith(start)), "")


def _flattened(value: Any, path: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flattened(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)) and any(isinstance(item, Mapping) for item in value):
        for place, item in enumerate(value, start=1):
            yield from _flattened(item, f"{path}.{place}")
    else:
        yield path, value


def _result_table(results: Mapping[str, Result]) -> str:
    quantities = dict.fromkeys(
        (value.quantity, value.unit, value.area) for result in results.values() for value in result
    )
    body = []
    for quantity, unit, area in quantities:
        cells = [cell("", show_name(quantity)), cell("", show_unit(unit, area))]
        cells += [_result_cell(result, quantity, unit) for result in results.values()]
        body.append(f"<tr>{''.join(cells)}</tr>")
    columns = tuple(range(2, 2 + len(results)))
    return boxed(("Quantity", "Unit", *results), body, numbers=columns)


def _result_cell(result: Result, quantity: str, unit: str) -> str:
    if quantity not in result or result[quantity].unit != unit:
        return cell("number", "–")
    return number_cell(result[quantity])


def _version(run: StudyRun) -> str:
    made_by = {record.provenance.version for record in run.records.values()} - {""}
    if made_by:
        return ", ".join(sorted(made_by))
    try:
        return version("solith")
    except PackageNotFoundError:
        return "version not recorded"


def _plain(data: Any) -> Any:
    return json.loads(json.dumps(data, default=str))
