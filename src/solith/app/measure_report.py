"""The report on a volume: one HTML page that needs nothing but a browser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from solith.app._measure_figures import (
    contact_panels,
    current_panels,
    path_panels,
    volume_panels,
)
from solith.app._report_html import boxed, cell, number_cell
from solith.app._report_numbers import show_input, show_name, show_unit
from solith.app._report_page import Panel, panels_html, render_page
from solith.core.result import Value
from solith.study.structure_chain import MeasuredStructure

__all__ = ["render_measured"]

_UNITS = {"m": "um", "1/m": "1/um", "S/m": "mS/cm", "1/m2": "1/um2"}
_DETAILED = (
    *("particle_contact_fraction_std", "contact_area_per_volume", "isolated_fraction"),
    *("tortuosity_geodesic_mean", "tortuosity_geodesic_std", "current_density_p95"),
)
"""Values that stand in values.csv but not in the first table."""


def render_measured(found: MeasuredStructure, given: Mapping[str, str] | None = None) -> str:
    """The report on a volume as one self-contained HTML page (UTF-8 text).

    The numbers first, then the composite that follows, the volume with its phases, contact, paths
    and current. ``given`` is what the command line was given.
    """
    sections = [("numbers", "Numbers", _overview(found, given or {}) + _values(found))]
    sections.append(("composite", "Composite", _composite(found)))
    figures = 1
    for name, heading, panels in (
        ("volume", "Volume", volume_panels(found)),
        ("contact", "Contact and particles", contact_panels(found)),
        ("paths", "Paths and current", _both(path_panels(found), current_panels(found))),
    ):
        listed = list(panels)
        if listed:
            sections.append((name, heading, panels_html(listed, figures)))
            figures += len(listed)
    return render_page(
        kind="Report on a volume",
        title=found.name,
        question=_question(found),
        sections=sections,
    )


def _question(found: MeasuredStructure) -> str:
    voxels = " × ".join(map(str, found.volume.shape))
    sizes = found.volume.voxel_size
    each = sizes if len(set(sizes)) > 1 else sizes[:1]
    shown = " × ".join(show_input(f"{size!r} m") for size in each)
    return f"{voxels} voxels of {shown}, measured along {found.axis}"


def _both(*panels: Iterator[Panel]) -> Iterable[Panel]:
    return [one for some in panels for one in some]


def _overview(found: MeasuredStructure, given: Mapping[str, str]) -> str:
    roles = [f"{phase} is the {role}" for role, phase in found.roles.items() if role != phase]
    told = [f"By name or as told, {', '.join(roles)}."] if roles else []
    if given:
        told.append("Given: " + "; ".join(f"{key} {text}" for key, text in given.items()) + ".")
    if found.segmentation is not None:
        told.append(
            "The volume was grey and has been segmented. ± is one standard uncertainty, from the "
            "plausible range of thresholds and of detail."
            if any(one.value.uncertainty is not None for one in found.measures)
            else "The volume was grey and has been segmented."
        )
    notes = "".join(f'<li class="flags">{escape(note)}</li>' for note in found.notes)
    listed = f'<ul class="notes">{notes}</ul>' if notes else ""
    return f"<p>{escape(' '.join(told))}</p>{listed}" if told or notes else ""


def _values(found: MeasuredStructure) -> str:
    """A table of the values by phase; the finer ones are folded away."""
    main = [one for one in found.measures if one.value.quantity not in _DETAILED]
    rest = [one for one in found.measures if one.value.quantity in _DETAILED]
    parts = []
    for chosen in (main, rest):
        body = []
        for phase in dict.fromkeys(one.phase for one in chosen):
            body.append(f'<tr class="group"><th colspan="3">{escape(phase)}</th></tr>')
            for one in chosen:
                if one.phase != phase:
                    continue
                value = _for_people(one.value)
                name = show_name(value.quantity) + (f", with {one.other}" if one.other else "")
                body.append(
                    f"<tr>{cell('quantity', name)}{number_cell(value)}"
                    f"{cell('', show_unit(value.unit))}</tr>"
                )
        parts.append(boxed(("Quantity", "Value", "Unit"), body, numbers=(1,)) if body else "")
    more = f"<details><summary>Further values</summary>{parts[1]}</details>" if rest else ""
    return parts[0] + more


def _for_people(value: Value) -> Value:
    return value.to(_UNITS[value.unit]) if value.unit in _UNITS else value


def _composite(found: MeasuredStructure) -> str:
    if found.composite is None:
        return f"<p>There is none: {escape(found.no_composite)}.</p>"
    body = [
        f"<tr>{cell('', show_name(name))}{cell('number', show_input(text))}"
        f"{cell('told', found.composite.sources.get(name, ''))}</tr>"
        for name, text in found.composite.table()
        if not name.startswith("sources")
    ]
    return (
        "<p>What a cell takes, as it stands in <code>composite.toml</code> beside this report: "
        "<code>cell.with_composite(composite)</code>.</p>"
        + boxed(("Quantity", "Value", "Where from"), body, numbers=(1,))
    )
