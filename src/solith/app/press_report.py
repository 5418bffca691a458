"""The report on a pressed series: one HTML page that needs nothing but a browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from solith.app._report_html import boxed, cell, number_cell
from solith.app._report_numbers import show_name, show_unit
from solith.app._report_page import Panel, panels_html, render_page
from solith.figures import plot_phase_surfaces, plot_pressure_series, plot_slices
from solith.study.pressure_series import PressedPoint

__all__ = ["render_pressed"]

_CURVES = (
    ("Porosity and fractions", "Fraction of the volume", ("porosity", "fraction_active",
     "fraction_electrolyte", "fraction_carbon")),
    ("Contact", "Contact fraction of the active surface", ("contact_fraction",)),
    ("Direction of contact", "Contacts along the axis over across",
     ("particle_contact_anisotropy",)),
    ("Tortuosity of the electrolyte", "Tortuosity", ("tortuosity_geodesic_mode",
     "tortuosity_geodesic_minimum", "tortuosity_flux")),
    ("Conduction", "Effective ionic conductivity (S/m)", ("effective_conductivity",)),
)  # fmt: skip


def render_pressed(mixture: str, points: Sequence[PressedPoint], given: str) -> str:
    """The report on a series as one self-contained HTML page (UTF-8 text).

    A table with a column for each pressure, curves, and the first and the last state in space.
    """
    curves = list(_curves(points))
    shapes = list(_shapes(points))
    sections = [
        ("numbers", "Numbers", f"<p>{escape(given)}</p>{_table(points)}"),
        ("curves", "Against pressure", panels_html(curves, 1)),
        ("shapes", "States", panels_html(shapes, 1 + len(curves))),
    ]
    return render_page(
        kind="Report on a pressed mixture",
        title=mixture,
        question=f"{len(points)} pressures, voxels as a tomogram has them",
        sections=sections,
    )


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


def _curves(points: Sequence[PressedPoint]) -> Iterator[Panel]:
    pressures = [point.pressure for point in points]
    for title, axis, names in _CURVES:
        curves = {
            show_name(name): [point.result[name].value for point in points]
            for name in names
            if name in points[0].result
        }
        known = {
            name: [float(value) for value in curve if value is not None]
            for name, curve in curves.items()
        }
        whole = {name: curve for name, curve in known.items() if len(curve) == len(points)}
        if whole:
            yield Panel("", title, f"{axis}, at each pressure.", plot_pressure_series(
                pressures, whole, axis
            ))  # fmt: skip


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
