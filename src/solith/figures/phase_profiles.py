"""How the phases are spread along an axis."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._phase_colours import length_unit, phase_colours
from solith.figures._style import label, new_figure, style_axes

__all__ = ["plot_phase_profiles"]


def plot_phase_profiles(result: Result) -> go.Figure:
    """Share of each phase in the planes across the axis [%] against their position.

    ``result`` is that of :func:`solith.structure.measure_fractions`.
    """
    profile = result.details.get("profile")
    if not profile:
        raise InputError("holds no profile; expected a result of measure_fractions")
    position = np.array(profile["position"])
    unit, scale = length_unit(float(position.max()))
    figure = new_figure(height=380)
    shown = {name: 100 * np.array(share) for name, share in profile["fraction"].items()}
    for name, colour in phase_colours(shown).items():
        if shown[name].max() > 0:
            figure.add_scatter(
                x=position * scale,
                y=shown[name],
                mode="lines",
                name=label(name),
                line={"color": colour, "width": 2},
                hovertemplate=f"%{{x:.4g}} {unit}: %{{y:.3g}} %<extra>{label(name)}</extra>",
            )
    style_axes(figure, f"Position along {result.details['axis']} ({unit})", "Volume fraction (%)")
    figure.update_xaxes(range=[0, float(position[0] + position[-1]) * scale])
    figure.update_yaxes(rangemode="tozero")
    return figure
