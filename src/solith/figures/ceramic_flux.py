"""Current at the face of polycrystals: profiles, contrast against conductivity, decay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import INK, label, log_axis, looks, named_results, new_figure, style_axes

__all__ = ["plot_flux_contrast", "plot_flux_decay", "plot_flux_profile", "plot_flux_section"]

_BARE, _LAYERED = "#D55E00", "#0072B2"
_TEN = 10.0


def plot_flux_profile(result: Result) -> go.Figure:
    """Current density along the face of the first polycrystal over its mean, bare and layered.

    Averages over the window that is told at the axis. Of a polycrystal of three dimensions, the row
    through the middle of the face.
    """
    maps = _details(result, "flux_map")
    figure = new_figure()
    for name, told, colour in (
        ("without_layer", "without layer", _BARE),
        ("with_layer", "with layer", _LAYERED),
    ):
        density = np.asarray(maps[name]["density"])
        spacing = maps[name]["spacing_um"]
        if density.ndim == 2:
            density = density[:, density.shape[1] // 2]
        figure.add_scatter(
            x=(np.arange(len(density)) + 0.5) * spacing[0],
            y=density,
            name=told,
            mode="lines",
            line={"color": colour, "width": 1.8},
        )
    window = _details(result, "window_um")
    style_axes(
        figure, "Position along the electrode (µm)", f"Current density over {window:g} µm / mean"
    )
    figure.update_yaxes(rangemode="tozero")
    return figure


def plot_flux_section(result: Result) -> go.Figure:
    """Potential over the bias in a section of the first polycrystal; lines bound the layers."""
    section = _details(result, "section")
    values = np.array(section["potential"], float)
    step = section["spacing_um"]
    figure = new_figure(height=int(np.clip(160 + 560 * values.shape[1] / len(values), 220, 520)))
    figure.add_heatmap(
        z=values.T,
        x0=step / 2,
        dx=step,
        y0=step / 2,
        dy=step,
        colorscale="Viridis",
        colorbar={"title": {"text": "Potential / bias", "side": "right"}, "thickness": 14},
        hovertemplate="%{z:.3f}<extra></extra>",
    )
    deep = values.shape[1] * step
    for height in (section["layer_um"], deep - section["layer_um"]):
        figure.add_hline(height, line={"color": "white", "width": 1.5, "dash": "dash"})
    middle = 0.5 * section["layer_um"]
    for height, colour in ((middle, INK), (deep - middle, "white")):
        figure.add_annotation(
            x=1.5 * step,
            y=height,
            text="layer",
            showarrow=False,
            xanchor="left",
            font={"color": colour},
        )
    style_axes(figure, "Position along the electrode (µm)", "Depth (µm)")
    figure.update_xaxes(constrain="domain", ticks="outside")
    figure.update_yaxes(
        scaleanchor="x", constrain="domain", constraintoward="bottom", ticks="outside"
    )
    return figure


def plot_flux_contrast(results: Mapping[str, Result]) -> go.Figure:
    """Contrast between grains against the ratio of conductivities, bare and layered.

    Means of realisations with their uncertainty; dotted the highest grain over the lowest, medians
    with quartiles; of ceramics of two dimensions whose grains and boundaries are alike. The line at
    ten is the publication's.
    """
    alike = (
        one
        for one in named_results(results).values()
        if not _details(one, "scattered") and _details(one, "dimensions") == 2
    )
    given = sorted(alike, key=lambda one: one.details["ratio"])
    ratios = [float(one.details["ratio"]) for one in given]
    figure = new_figure()
    rows = (
        ("current_contrast_without_layer", "highest over the others, bare", _BARE, "solid"),
        ("grain_contrast_max_over_min_without_layer", "highest over lowest, bare", _BARE, "dot"),
        ("current_contrast_with_layer", "highest over the others, layer", _LAYERED, "solid"),
        ("grain_contrast_max_over_min_with_layer", "highest over lowest, layer", _LAYERED, "dot"),
    )
    for quantity, told, colour, dash in rows:
        values = [one[quantity].value or 1.0 for one in given]
        up, down = _bars(given, quantity)
        figure.add_scatter(
            x=ratios,
            y=values,
            error_y={
                "type": "data",
                "symmetric": False,
                "array": up,
                # A logarithmic axis has no place for what reaches zero.
                "arrayminus": np.minimum(down, np.array(values) - 1.0).clip(0.0),
                "thickness": 1,
                "color": colour,
            },
            name=told,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 1.8},
            marker={"size": 7},
        )
    figure.add_hline(_TEN, line={"color": INK, "width": 1, "dash": "dash"})
    style_axes(figure, "Boundary over grain conductivity", "Contrast between grains")
    highest = max(one[f"{rows[1][0]}_high_quartile"].value or 1.0 for one in given)
    figure.update_xaxes(**log_axis(ratios))
    figure.update_yaxes(**log_axis([1.0, max(highest, _TEN)]))
    return figure


def plot_flux_decay(results: Result | Mapping[str, Result]) -> go.Figure:
    """Excess of the peak over the mean against the depth in the layer, mean of realisations.

    Of those in two sizes of voxels, carried on to voxels of no size.
    """
    given = named_results(results)
    figure = new_figure()
    lines = looks(given)
    for name, result in given.items():
        decays = _details(result, "decays")
        excess = np.mean([one["excess"] for one in decays], axis=0)
        figure.add_scatter(
            x=decays[0]["depth_um"],
            y=excess / excess[0],
            name=label(name),
            mode="lines",
            line=lines[name],
        )
    figure.add_hline(0.2, line={"color": INK, "width": 1, "dash": "dash"})
    style_axes(figure, "Depth in the layer (µm)", "Excess of the peak / that at the ceramic")
    figure.update_yaxes(range=[0, 1.02])
    return figure


def _bars(given: list[Result], quantity: str) -> tuple[np.ndarray, np.ndarray]:
    """What bars reach above and below: to the quartiles where a result has them."""
    ends = [f"{quantity}_high_quartile", f"{quantity}_low_quartile"]
    if all(end in one for end in ends for one in given):
        high, middle, low = (
            np.array([one[name].value or 1.0 for one in given])
            for name in (ends[0], quantity, ends[1])
        )
        return high - middle, middle - low
    spread = np.array([one[quantity].uncertainty or 0.0 for one in given])
    return spread, spread


def _details(result: Result, name: str) -> Any:
    if name not in result.details:
        raise InputError(
            f"{result.name!r} holds no {name}; expected a result of measure_ceramic_flux"
        )
    return result.details[name]
