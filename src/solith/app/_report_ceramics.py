"""Figures of current through polycrystals in a study's report."""

from __future__ import annotations

from solith.app._report_cases import Case
from solith.app._report_page import Panel
from solith.figures import (
    plot_flux_contrast,
    plot_flux_decay,
    plot_flux_profile,
    plot_flux_section,
)

__all__ = ["find_ceramic_panels"]

_GROUP = "Current through the ceramic"


def find_ceramic_panels(cases: list[Case]) -> list[Panel]:
    """Contrast, decay, and profile and section of the sample with the highest contrast."""
    results = {
        case.sample: case.result
        for case in cases
        if case.result is not None and "flux_map" in case.result.details
    }
    if not results:
        return []
    steepest = max(
        results, key=lambda name: results[name]["current_contrast_without_layer"].value or 0.0
    )
    shown = results[steepest]
    window, voxel = shown.details["window_um"], min(shown.details["voxel_um"])
    panels = []
    alike = {
        one.details["ratio"]
        for one in results.values()
        if not one.details["scattered"] and one.details["dimensions"] == 2
    }
    if len(alike) > 1:
        panels.append(
            Panel(
                _GROUP,
                "Contrast between grains",
                "Mean current density of grains at the electrode: the highest over the mean of "
                "the others (means and standard deviations of realisations, with that of carrying "
                "them on to voxels of no size), and over the lowest (medians and quartiles), of "
                "grains with more than 0.05 of the mean area. Alike grains, two dimensions.",
                plot_flux_contrast(results),
            )
        )
    panels += [
        Panel(
            _GROUP,
            "Decay in the layer",
            f"What is left of the peak's excess over the mean, averaged over {window:g} µm, at a "
            "depth in the layer: of the realisations in two sizes of voxels, carried on to none. "
            "The dashed line: 80 % are gone. No layer only as thick as this does as much.",
            plot_flux_decay(results),
        ),
        Panel(
            _GROUP,
            f"Current at the electrode ({steepest})",
            f"Averages over {window:g} µm along the electrode, over the mean; first realisation, "
            f"voxels of {voxel:g} µm.",
            plot_flux_profile(shown),
        ),
        Panel(
            _GROUP,
            f"Potential ({steepest})",
            "A section through the first realisation; dashed lines bound the layers.",
            plot_flux_section(shown),
        ),
    ]
    return panels
