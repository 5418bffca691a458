"""How long the shortest paths through a phase are."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import INK, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_geodesic_tortuosity"]

_MARKS = (("mode", "#D55E00", "dash"), ("minimum", INK, "dot"))


def plot_geodesic_tortuosity(result: Result) -> go.Figure:
    """Histogram of geodesic tortuosities, with their mode and their minimum.

    ``result`` is that of :func:`solith.structure.measure_geodesic_tortuosity`; the bars are shares
    [%] of the places in the last layer that a path reaches.
    """
    histogram = result.details.get("histogram")
    if not histogram:
        raise InputError("holds no histogram; expected a result of measure_geodesic_tortuosity")
    edges, counts = np.array(histogram["edges"]), np.array(histogram["counts"])
    shares = 100 * counts / counts.sum()
    figure = new_figure(height=380)
    figure.add_bar(
        x=(edges[1:] + edges[:-1]) / 2,
        y=shares,
        width=np.maximum(np.diff(edges), 1e-4),
        marker={"color": "#56B4E9", "line": {"color": "white", "width": 0.5}},
        showlegend=False,
        hovertemplate="%{x:.4f}: %{y:.3g} %<extra></extra>",
    )
    for name, colour, dash in _MARKS:
        at = result[f"tortuosity_geodesic_{name}"].value
        figure.add_scatter(
            x=[at, at],
            y=[0, 1.05 * float(shares.max())],
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash},
            name=f"{name} {show_number(at, 4)}",
        )
    style_axes(figure, "Geodesic tortuosity", "Paths (%)")
    room = max(0.03 * float(edges[-1] - edges[0]), 1e-3)
    figure.update_xaxes(range=[float(edges[0]) - room, float(edges[-1]) + room])
    figure.update_yaxes(range=[0, 1.05 * float(shares.max())])
    return figure
