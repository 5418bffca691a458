"""How large the particles of a phase are."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._phase_colours import length_unit
from solith.figures._style import INK, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_particle_sizes"]

_MARKS = (
    ("D10", "diameter_d10", "dot"),
    ("D50", "diameter_d50", "dash"),
    ("D90", "diameter_d90", "dot"),
)


def plot_particle_sizes(result: Result) -> go.Figure:
    """Histogram of particle diameters by volume [%], with D10, D50 and D90.

    ``result`` is that of :func:`solith.structure.measure_particles`.
    """
    if "diameter_edges_m" not in result.details:
        raise InputError("holds no sizes; expected a result of measure_particles, with whole ones")
    edges = np.array(result.details["diameter_edges_m"])
    unit, scale = length_unit(float(edges.max()))
    shares = 100 * np.array(result.details["volume_share"])
    figure = new_figure(height=380)
    figure.add_bar(
        x=(edges[1:] + edges[:-1]) / 2 * scale,
        y=shares,
        width=np.diff(edges) * scale,
        marker={"color": "#4C8DC4", "line": {"color": "white", "width": 0.5}},
        showlegend=False,
        hovertemplate=f"%{{x:.3g}} {unit}: %{{y:.3g}} %<extra></extra>",
    )
    top = 1.05 * float(shares.max())
    for name, quantity, dash in _MARKS:
        at = result[quantity].value
        if at is not None:
            figure.add_scatter(
                x=[at * scale] * 2,
                y=[0, top],
                mode="lines",
                line={"color": INK, "width": 1.5, "dash": dash},
                name=f"{name} {show_number(at * scale, 3)} {unit}",
            )
    style_axes(figure, f"Diameter of the sphere of equal volume ({unit})", "Volume (%)")
    figure.update_yaxes(range=[0, top])
    return figure
