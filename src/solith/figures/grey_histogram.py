"""How often each grey value is, with the thresholds between the phases."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.core.volume import GreyVolume
from solith.figures._phase_colours import phase_colours
from solith.figures._style import INK, label, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_grey_histogram"]

_SAMPLE = 2_000_000
_BINS = 256
_RANGE = 1.96


def plot_grey_histogram(grey: GreyVolume, segmentation: Result) -> go.Figure:
    """Share of voxels [%] by grey value, thresholds with their 95 % ranges, and phases' greys.

    ``segmentation`` is the result of a :class:`solith.structure.Segmentation`. Of large volumes
    every so many voxels are counted.
    """
    thresholds = [one for one in segmentation if one.quantity.startswith("threshold_")]
    if not thresholds:
        raise InputError("holds no threshold; expected the result of a segmentation")
    step = max(1, round((grey.values.size / _SAMPLE) ** (1 / 3)))
    sample = np.asarray(grey.values[::step, ::step, ::step]).ravel()
    low, high = float(sample.min()), float(sample.max())
    if np.issubdtype(sample.dtype, np.integer):
        wide = max(1, round((high - low) / _BINS))
        edges = np.arange(low, high + wide + 1, wide) - 0.5
    else:
        edges = np.linspace(low, high, _BINS + 1)
    counts, _ = np.histogram(sample, edges)
    share = 100 * counts / max(counts.sum(), 1) / np.diff(edges)
    figure = new_figure(height=380)
    figure.add_scatter(
        x=(edges[1:] + edges[:-1]) / 2,
        y=share,
        mode="lines",
        line={"color": "#5b6672", "width": 1, "shape": "hvh"},
        fill="tozeroy",
        fillcolor="#d5dade",
        name="all voxels",
        showlegend=False,
        hovertemplate="grey %{x:.4g}: %{y:.3g} %<extra></extra>",
    )
    names = [one.quantity[5:] for one in segmentation if _is_mean(one.quantity)]
    for name, colour in phase_colours(names).items():
        mean = segmentation[f"grey_{name}"].value
        figure.add_scatter(
            x=[mean, mean],
            y=[0, float(share.max())],
            mode="lines",
            name=f"{label(name)} ({show_number(mean, 3)})",
            line={"color": colour, "width": 3},
        )
    for number, one in enumerate(thresholds):
        at, reach = float(one.value or 0.0), _RANGE * float(one.uncertainty or 0.0)
        figure.add_vrect(
            x0=at - reach, x1=at + reach, fillcolor="#D55E00", opacity=0.18, line_width=0
        )
        figure.add_scatter(
            x=[at, at],
            y=[0, float(share.max())],
            mode="lines",
            line={"color": INK, "width": 1.5, "dash": "dash"},
            name="threshold, with its 95 % range",
            showlegend=number == 0,
            hovertemplate=f"threshold {show_number(at, 4)}<extra></extra>",
        )
    style_axes(figure, "Grey value", "Voxels (% per grey value)")
    figure.update_yaxes(rangemode="tozero")
    return figure


def _is_mean(quantity: str) -> bool:
    return quantity.startswith("grey_") and not quantity.startswith("grey_spread_")
