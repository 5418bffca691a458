"""The report on a pressed series: one HTML page that needs nothing but a browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from solith import __version__
from solith.app._report_html import boxed, cell, number_cell
from solith.app._report_numbers import show_input, show_name, show_unit
from solith.app._report_page import Panel, panels_html, render_page
from solith.compaction import Mixture
from solith.core.provenance import fingerprint_data
from solith.figures import plot_phase_surfaces, plot_slices, plot_under_pressure, show_number
from solith.study.pressure_series import PressedPoint

__all__ = ["Pressing", "render_pressed"]

_CURVES = (
    (
        "Porosity and fractions",
        "Fraction of the volume",
        "Porosity is void; porosity imaged is void and carbon together.",
        ("porosity", "porosity_imaged", "fraction_active", "fraction_electrolyte",
         "fraction_carbon"),
        None,
    ),
    (
        "Contact",
        "Contact fraction of the active surface",
        "Part of the active surface that touches electrolyte on voxels.",
        ("contact_fraction",),
        None,
    ),
    (
        "Direction of contact",
        "Along the axis over across",
        "How much contacts favour the pressing axis; 1: not at all. Of surfaces on voxels, and of "
        "the normals of contacts between particles.",
        ("contact_anisotropy", "particle_contact_anisotropy"),
        ("no direction", 1.0),
    ),
    (
        "Path lengths through the electrolyte",
        "Path length over thickness",
        "Geodesic: the shortest ways from face to face; 1: straight.",
        ("tortuosity_geodesic_mode", "tortuosity_geodesic_minimum"),
        None,
    ),
    (
        "Tortuosity factor of the electrolyte",
        "Tortuosity factor",
        "By how much a current through the electrolyte is less than its volume fraction alone "
        "would have it: longer ways and bottlenecks together.",
        ("tortuosity_flux",),
        None,
    ),
    (
        "Conduction",
        "Effective ionic conductivity (S/m)",
        "Of the whole body along the axis; contacts between grains of electrolyte cost nothing "
        "here.",
        ("effective_conductivity",),
        None,
    ),
)  # fmt: skip
_FLAT = ("tortuosity_geodesic_mode", "tortuosity_geodesic_minimum")
"""Lengths that lie near 1, where an axis from 0 would show a line alone."""
_IMAGED = (
    "porosity_imaged counts carbon as void, as a tomogram of active material and electrolyte "
    "does, in which carbon has no grey value of its own: it is what a published porosity from "
    "images is to be compared with."
)
_CARBON = (
    "Carbon is pressed as {hardness} agglomerates with pores of their own; these pores belong to "
    "fraction_carbon, not to porosity. Its share of the volume, {share} of the solid from {mass} "
    "of the mass, follows from the density of {density} that is set for it."
)
_POWDERS = (
    "A soft powder flows at its yield stress, the effective one of the powder, not that of a "
    "dense body; a hard one stays elastic. Friction counts between unlike powders with the "
    "geometric mean, cohesion with the smaller."
)


@dataclass(frozen=True)
class Pressing:
    """What was pressed, and how: ``conductivity`` [S/m] of the grains and its ``source``."""

    title: str
    mixture: Mixture
    mode: str
    particles: int
    voxel: str
    conductivity: float
    source: str
    seeds: tuple[int, ...]
    command: str


def render_pressed(pressing: Pressing, points: Sequence[PressedPoint], told: str = "") -> str:
    """The report on a series as one self-contained HTML page (UTF-8 text).

    A table with a column for each pressure, the powders, curves, the first and the last state in
    space, and where the numbers come from. ``told`` is what there is to say first.
    """
    curves = list(_curves(points))
    shapes = list(_shapes(points))
    sections = [
        ("numbers", "Numbers", _numbers(pressing, points, told)),
        ("powders", "Powders", _powders(pressing.mixture)),
        ("curves", "Against pressure", panels_html(curves, 1)),
        ("shapes", "States", panels_html(shapes, 1 + len(curves))),
        ("provenance", "Provenance", _provenance(pressing)),
    ]
    return render_page(
        kind="Report on a pressed mixture",
        title=pressing.title,
        question=f"{len(points)} pressures, voxels as a tomogram has them",
        sections=sections,
    )


def _numbers(pressing: Pressing, points: Sequence[PressedPoint], told: str) -> str:
    packings = len(pressing.seeds)
    said = [told] if told else []
    said.append(
        f"{pressing.mode.capitalize()} pressing of {pressing.particles} particles, voxels of "
        f"{show_input(pressing.voxel)}."
    )
    if pressing.mixture.names_of("electrolyte"):
        said[-1] += (
            " Conductivity of the electrolyte's grains: "
            f"{show_number(pressing.conductivity * 10)} mS/cm ({pressing.source})."
        )
    if packings > 1:
        said.append(
            f"Means and standard deviations of {packings} packings; figures of states show the "
            "first."
        )
    else:
        said.append(
            "One packing: another seed gives other numbers; --seeds 3 tells by how much. What "
            "stands behind ± of a single packing is the class width of path lengths."
        )
    if "porosity_imaged" in points[0].result:
        said.append(_IMAGED)
    return "".join(f"<p>{escape(one)}</p>" for one in said) + _table(points)


def _table(points: Sequence[PressedPoint]) -> str:
    heads = ("Quantity", *(f"{point.pressure / 1e6:.4g} MPa" for point in points), "Unit")
    body = []
    for value in points[0].result:
        found = [point.result[value.quantity] for point in points]
        cells = "".join(number_cell(one) for one in found)
        body.append(
            f"<tr>{cell('quantity', show_name(value.quantity))}{cells}"
            f"{cell('', show_unit(value.unit))}</tr>"
        )
    return boxed(heads, body, numbers=tuple(range(1, len(points) + 1)))


def _powders(mixture: Mixture) -> str:
    solid, masses = mixture.volume_shares, _masses(mixture)
    heads = ("Powder", "Phase", "Of the mass", "Of the solid", "Diameter", "Density", "Modulus",
             "Yield stress", "Friction", "Cohesion", "What is known of it")  # fmt: skip
    body = []
    for powder in mixture.powders:
        written = powder.to_mapping()
        shown = [show_input(written[name]) for name in ("diameter", "density", "modulus")]
        shown.append(show_input(written.get("yield_stress", "none, hard")))
        shown.append(show_input(powder.friction))
        shown.append(show_input(written["cohesion"]) if powder.cohesion else "none")
        shares = (f"{100 * solid_or_mass[powder.name]:.3g} %" for solid_or_mass in (masses, solid))
        cells = [cell("", powder.name), cell("", powder.phase)]
        cells += [cell("number", text) for text in (*shares, *shown)]
        cells.append(cell("told", powder.about or "as given"))
        body.append(f"<tr>{''.join(cells)}</tr>")
    said = [_POWDERS]
    said += [
        _CARBON.format(
            share=f"{100 * solid[powder.name]:.3g} %",
            mass=f"{100 * masses[powder.name]:.3g} %",
            hardness=powder.hardness,
            density=show_input(powder.to_mapping()["density"]),
        )
        for powder in mixture.powders
        if powder.phase == "carbon"
    ]
    return boxed(heads, body, numbers=tuple(range(2, 10))) + "".join(
        f"<p>{escape(one)}</p>" for one in said
    )


def _masses(mixture: Mixture) -> dict[str, float]:
    """Each powder's part of the mass."""
    return {
        powder.name: mixture.volume_shares[powder.name] * powder.density / mixture.density
        for powder in mixture.powders
    }


def _provenance(pressing: Pressing) -> str:
    seeds = pressing.seeds
    facts = (
        ("solith", __version__),
        ("Command", pressing.command),
        ("Seed" if len(seeds) == 1 else "Seeds", ", ".join(map(str, seeds))),
        ("Hash of the mixture (SHA-256)", fingerprint_data(pressing.mixture.to_mapping())),
    )
    body = [f"<tr>{cell('', what)}{cell('code', text)}</tr>" for what, text in facts]
    return boxed(("What", "Value"), body)


def _curves(points: Sequence[PressedPoint]) -> Iterator[Panel]:
    for title, axis, caption, names, level in _CURVES:
        curves = {
            show_name(name): [
                (point.pressure, value.value, value.uncertainty)
                for point in points
                if (value := point.result[name]).value is not None
            ]
            for name in names
            if name in points[0].result
        }
        if any(curves.values()):
            figure = plot_under_pressure(
                {name: rows for name, rows in curves.items() if rows},
                axis,
                across="Pressure (MPa)",
                from_zero=not set(names) & set(_FLAT),
                level=level,
            )
            yield Panel("", title, caption, figure)


def _shapes(points: Sequence[PressedPoint]) -> Iterator[Panel]:
    for point in dict.fromkeys((points[0], points[-1])):
        told = f"{point.pressure / 1e6:.4g} MPa"
        yield Panel(
            "", f"Cuts at {told}", "Through the middle, one scale.", plot_slices(point.volume)
        )
        shown = [phase for phase in ("active", "void") if phase in point.volume.phases]
        yield Panel(
            "",
            f"In space at {told}",
            "Surfaces of active material and voids. Drag to turn.",
            plot_phase_surfaces(point.volume, shown),
        )
