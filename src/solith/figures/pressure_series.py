"""What pressing does: quantities of a series against pressure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.figures._style import label, log_axis, looks, new_figure, style_axes

__all__ = ["plot_pressure_series"]


def plot_pressure_series(
    pressures: Sequence[float], curves: Mapping[str, Sequence[float]], title: str
) -> go.Figure:
    """``curves`` by name against ``pressures`` [Pa], drawn in MPa on a logarithmic axis.

    ``title`` names the quantity with its unit. :class:`InputError` for curves of another length
    than the pressures.
    """
    megapascals = [pressure / 1e6 for pressure in pressures]
    if not curves or any(len(curve) != len(megapascals) for curve in curves.values()):
        raise InputError(f"{len(megapascals)} pressures need curves of as many values")
    figure = new_figure()
    lines = looks(curves)
    for name, curve in curves.items():
        figure.add_scatter(
            x=megapascals,
            y=list(curve),
            name=label(name),
            mode="lines+markers",
            line=lines[name],
            marker={"size": 7},
        )
    style_axes(figure, "Pressure (MPa)", title)
    figure.update_xaxes(**log_axis(megapascals))
    figure.update_yaxes(rangemode="tozero")
    return figure
