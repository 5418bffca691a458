"""Figures of spectra, maps and images in the report of an analysis."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from solith.app._analyse_panels import panel
from solith.app._report_page import Panel
from solith.app.analyse_joined import Joined
from solith.core.record import Record
from solith.core.result import Result
from solith.figures import (
    plot,
    plot_coating,
    plot_crystallinity,
    plot_edges,
    plot_map,
    plot_mixture,
    plot_spectral_components,
    plot_xanes,
    plot_xanes_series,
    plot_xps,
    plot_xps_fractions,
)

__all__ = ["DRAWN_TOGETHER", "map_panels", "spectra_panels", "spectrum_panels"]

DRAWN_TOGETHER = ("xanes-edges", "xanes-series", "xanes-components", "xps-series")
"""What :func:`spectra_panels` draws."""

_MOST_OVERLAID = 12
_CAPTIONS = {
    "xanes": (
        "X-ray absorption",
        "Normalised absorption above, its derivative below; an open circle is the edge, a "
        "triangle the white line.",
    ),
    "xps": ("Background", "From the ends of the spectrum alone."),
    "xps-fit": ("Components", "Residuals below, in standard deviations of counting."),
    "xrd": ("Diffraction", "Peaks, and what they and the halo add up to."),
    "dsc": ("Heat flow", "Peaks above their base lines."),
    "tg": ("Mass", "Steps of the mass."),
}


def spectrum_panels(record: Record, results: dict[str, Result]) -> list[Panel]:
    """The figures of a spectrum: its results', or the record as it is."""
    panels: list[Panel] = []
    for technique, result in results.items():
        if technique == "mixture":
            caption = "The record, the references that explain it, and what they leave below."
            panels += panel("Mixture of references", caption, plot_mixture, result)
            continue
        title, caption = _CAPTIONS.get(technique, (technique.capitalize(), "As analysed."))
        panels += panel(title, caption, plot, result)
    return panels or panel("Spectrum", "As recorded.", plot, record)


def map_panels(record: Record, results: dict[str, Result]) -> list[Panel]:
    """The channels of a map, and what was found in it."""
    panels: list[Panel] = []
    if "crystallinity" in results or "coating" in results:
        name = "crystallinity" if "crystallinity" in results else "coating"
        draw, title, caption = {
            "crystallinity": (
                plot_crystallinity,
                "Lattice",
                "Windows that show a lattice are tinted; beside it the mean of their transforms.",
            ),
            "coating": (
                plot_coating,
                "Coating",
                "The edges that were found, and how the thickness is distributed.",
            ),
        }[name]
        channel = str(results[name].details.get("channel", ""))
        shown = replace(record, data=record.data[[channel]]) if channel in record.data else record
        panels += panel(title, caption, draw, results[name], shown)
    return panels or panel("Map", "As recorded.", plot_map, record)


def spectra_panels(one: Joined) -> list[Panel]:
    """The figures of what spectra of several files tell together."""
    panels: list[Panel] = []
    if "xanes-edges" in one.results:
        edges = one.results["xanes-edges"]
        spectra = {
            str(row["spectrum"]): member.results["xanes"]
            for row, (_, member) in zip(edges.details["spectra"], one.members, strict=True)
        }
        if len(spectra) <= _MOST_OVERLAID:
            caption = "Normalised absorption above, its derivative below."
            panels += panel("Spectra", caption, plot_xanes, spectra)
        caption = "Bars are 95 % intervals; a common calibration would move all alike."
        panels += panel("Edge and white line", caption, plot_edges, edges)
    if "xanes-series" in one.results:
        panels += _series(one.results["xanes-series"])
    if "xanes-components" in one.results:
        caption = (
            "Singular values, filled where they stand above the noise, and the components: they "
            "span the species' spectra and are none themselves."
        )
        panels += panel(
            "Principal components",
            caption,
            plot_spectral_components,
            one.results["xanes-components"],
        )
    if "xps-series" in one.results:
        fit = one.results["xps-series"]
        caption = "All spectra with the same positions and widths."
        panels += panel("Components", caption, plot_xps, fit)
        caption = "Share of each component's area, with its 95 % interval."
        panels += panel("Fractions", caption, plot_xps_fractions, fit)
    return panels


def _series(result: Result) -> list[Panel]:
    told = "Warm grows, cold fades; dashed lines are features that stand above the noise."
    against = next(
        (
            quantity
            for quantity, column in (("potential", "potential_volt"), ("charge", "charge_mah"))
            if column in result.details and "current_ampere" not in result.details
        ),
        "time",
    )
    panels: list[Panel] = []
    for derivative, title in ((False, "Differences"), (True, "Differences of the derivatives")):
        caption = f"Change from the first spectrum. {told}"
        for quantity in dict.fromkeys((against, "time")):
            draw = partial(plot_xanes_series, derivative=derivative, against=quantity)
            if drawn := panel(title, caption, draw, result):
                panels += drawn
                break
    return panels
