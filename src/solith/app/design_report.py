"""The report of ``solith design``: one HTML page that needs nothing but a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape

from solith import __version__
from solith.app._design_task import Asked, Found
from solith.app._design_text import (
    COATING_HEADS,
    SPREAD_HEADS,
    coating_rows,
    judged_at,
    missing_reason,
    spread_rows,
    when,
)
from solith.app._report_cases import Case
from solith.app._report_html import boxed, cell, number_cell
from solith.app._report_numbers import show_name, show_unit
from solith.app._report_page import panels_html, render_page
from solith.app._report_stacks import find_stack_panels
from solith.core.provenance import fingerprint_data
from solith.core.result import Result, Value
from solith.design import Stack
from solith.design.load import area_resistances
from solith.study.stack_energy import choose_among, measure_stack_energy
from solith.study.stack_load import measure_stack_load

__all__ = ["render_design"]

_THICKNESS, _LOADING = "separator.thickness", "cathode.loading"
_WIDEST, _HIGHEST = 150e-6, 0.5  # m; kg/m2
_CHOICE = "choice"
_AIMS_AT_LOAD = ("gravimetric_at_load", "highest_power")
_TRADED = {_THICKNESS: "separator_thickness"}
"""What an energy is weighed against without a load, by a place that the ranges vary."""


def render_design(
    title: str,
    command: str,
    asked: Asked,
    found: Mapping[str, Found],
    reference: Found | None,
) -> str:
    """The report on stacks as one self-contained HTML page (UTF-8 text).

    Numbers, coatings, the spread over ranges, figures (energy along thickness and loading, what
    the stacks weigh, Ragone lines, Pareto set, sensitivities), and what was assumed.
    """
    shown = dict(found) if reference is None else {**found, "reference": reference}
    sections = [("numbers", "Numbers", _numbers(asked, shown))]
    if any(one.loaded for one in shown.values()):
        sections.append(("load", f"At {asked.load}", _at_load(asked, shown)))
    if any(one.coatings is not None for one in found.values()):
        sections.append(("coatings", "Coatings", _coatings(found)))
    if any(one.spread for one in found.values()):
        sections.append(("ranges", "Over the ranges", _spread(asked, found)))
    panels = find_stack_panels([*_cases(asked), *_choices(asked)])
    sections += [
        ("figures", "Figures", panels_html(panels, 1)),
        ("provenance", "Provenance", _provenance(command, asked)),
    ]
    return render_page(
        kind="Report on a design",
        title=title,
        question=f"Energy of {', '.join(found)}" + (f" at {asked.load}" if asked.load else ""),
        sections=sections,
    )


def _numbers(asked: Asked, shown: Mapping[str, Found]) -> str:
    told = dict.fromkeys(one.stack.convention for one in shown.values())
    values = {name: (*each.energy.values, *each.against) for name, each in shown.items()}
    return _table(asked, shown, values) + _paragraphs(tuple(told))


def _at_load(asked: Asked, shown: Mapping[str, Found]) -> str:
    """Of the stacks that tell what a load needs; the others are named."""
    loaded = {name: one.loaded for name, one in shown.items() if one.loaded}
    silent = [name for name in shown if name not in loaded]
    told = f"{', '.join(silent)}: no separator.conductivity is given, which a load needs."
    return _table(asked, shown, loaded) + _paragraphs((told,) * bool(silent))


def _table(asked: Asked, shown: Mapping[str, Found], found: Mapping[str, Sequence[Value]]) -> str:
    """Values by quantity, a column for each stack; what is missing has its reason."""
    own = {name: {one.quantity: one for one in values} for name, values in found.items()}
    quantities = dict.fromkeys(quantity for values in own.values() for quantity in values)
    body = []
    for quantity in quantities:
        cells, known = "", next(one[quantity] for one in own.values() if quantity in one)
        for name, values in own.items():
            is_reference = name in (asked.reference_name, "reference")
            why = missing_reason(quantity, shown[name], is_reference=is_reference)
            cells += number_cell(values.get(quantity, Value(quantity, None, flags=(why,))))
        at = when(known, next(iter(shown.values())).stack.convention)
        at = at if at.startswith("at ") else ""
        body.append(
            f"<tr>{cell('quantity', show_name(quantity))}{cells}"
            f"{cell('', show_unit(known.unit))}{cell('', at)}</tr>"
        )
    heads = ("Quantity", *found, "Unit", "When")
    return boxed(heads, body, numbers=tuple(range(1, len(found) + 1)))


def _coatings(found: Mapping[str, Found]) -> str:
    parts = []
    for name, one in found.items():
        if one.coatings is None:
            continue
        rows = [
            "<tr>" + "".join(cell("", text) for text in row) + "</tr>" for row in coating_rows(one)
        ]
        parts.append(_paragraphs((f"{name}: judged at {judged_at(one)}.",)))
        parts.append(boxed(COATING_HEADS, rows))
    return "".join(parts)


def _spread(asked: Asked, found: Mapping[str, Found]) -> str:
    parts = []
    for name, one in found.items():
        body = []
        for quantity, *numbers, unit, at, notes in spread_rows(one):
            cells = "".join(cell("number", number) for number in numbers)
            rest = "".join(cell("", text) for text in (show_unit(unit), at, notes))
            body.append(f"<tr>{cell('quantity', show_name(quantity))}{cells}{rest}</tr>")
        parts.append(_paragraphs((f"{name}, a thousand samples.",)))
        parts.append(boxed(SPREAD_HEADS, body, numbers=(1, 2, 3, 4)))
    varied = [f"{one.path}: {one.low} to {one.high} ({one.source})" for one in asked.ranges]
    return _paragraphs((f"Varied: {'; '.join(varied)}.",)) + "".join(parts)


def _cases(asked: Asked) -> Iterator[Case]:
    for name, stack in asked.stacks.items():
        against = None if name == asked.reference_name else asked.reference
        found = measure_stack_energy(stack, reference=against, curves=_curves(stack))
        if "reference" in found.details and asked.reference_name:
            drawn = {**found.details["reference"], "name": asked.reference_name}
            found = replace(found, details={**found.details, "reference": drawn})
        yield _case(name, found)
        if asked.load is not None and _resists(stack):
            yield _case(f"{name} at {asked.load}", measure_stack_load(stack, asked.load))


def _resists(stack: Stack) -> bool:
    """Whether there is a Ragone line: without any resistance the power has no bound."""
    known = stack.separator.conductivity is not None
    return known and sum(area_resistances(stack).values()) > 0


def _choices(asked: Asked) -> Iterator[Case]:
    """Pareto set and sensitivities of all stacks that the ranges and the load fit."""
    named = dict(asked.stacks)
    if asked.load is not None:
        named = {name: one for name, one in named.items() if one.separator.conductivity is not None}
    if not asked.ranges or not named:
        return
    traded = [_TRADED[one.path] for one in asked.ranges if one.path in _TRADED]
    aims: Sequence[str] = ("gravimetric", *(traded or ["volumetric"]))
    if asked.load is not None:
        aims = _AIMS_AT_LOAD
    yield _case(
        _CHOICE,
        choose_among(named, asked.ranges, asked.reference, maximise=aims, load=asked.load),
    )


def _curves(stack: Stack) -> dict[str, list[str]]:
    """Thicknesses and loadings to draw, wider than what is usual where the stack is."""
    thickness, loading = stack.separator.thickness, float(stack.cathode.areal_loading())
    widest, highest = max(_WIDEST, 2 * thickness), max(_HIGHEST, 2 * loading)
    return {
        _THICKNESS: [f"{widest / 150!r} m", f"{widest!r} m"],
        _LOADING: [f"{highest / 50!r} kg/m2", f"{highest!r} kg/m2"],
    }


def _case(name: str, result: Result) -> Case:
    return Case(name, "", None, result)


def _provenance(command: str, asked: Asked) -> str:
    stacks = {name: stack.to_mapping() for name, stack in asked.stacks.items()}
    facts = (
        ("solith", __version__),
        ("Command", command),
        ("Hash of the stacks (SHA-256)", fingerprint_data(stacks)),
    )
    body = [f"<tr>{cell('', what)}{cell('code', text)}</tr>" for what, text in facts]
    sources = [f"{name}: {one.source}." for name, one in asked.stacks.items() if one.source]
    return _paragraphs((*asked.notes, *sources)) + boxed(("What", "Value"), body)


def _paragraphs(told: Sequence[str]) -> str:
    return "".join(f"<p>{escape(one)}</p>" for one in told)
