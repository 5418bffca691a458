"""Edge and white line of several spectra of X-ray absorption, against what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import label, looks, named_results, new_figure, style_axes

__all__ = ["plot_edges"]

_TITLES = {
    "order": ("Spectrum", 1.0),
    "time": ("Time (h)", 1 / 3600),
    "charge": ("Charge (mAh)", 1 / 3.6),
    "potential": ("Potential (V)", 1.0),
}
_SHOWN = {"edge_position": "edge", "white_line_position": "white line"}
_SYMBOLS = {"edge_position": "circle", "white_line_position": "triangle-down"}


def plot_edges(result: Result | Mapping[str, Result]) -> go.Figure:
    """Edge and white line of each spectrum against order, time, charge or potential.

    ``result`` is that of :func:`solith.analysis.follow_edges`. Bars are 95 % intervals. Raises
    :class:`InputError` for another result.
    """
    only = next(iter(named_results(result).values()))
    rows: list[Mapping[str, Any]] = list(only.details.get("spectra", ()))
    along = str(only.details.get("along", ""))
    if not rows or along not in _TITLES:
        raise InputError(f"the result {only.name!r} is none of follow_edges")
    title, scale = _TITLES[along]
    style = looks(_SHOWN.values())
    figure = new_figure()
    for quantity, shown in _SHOWN.items():
        known = [row for row in rows if row[quantity] is not None]
        figure.add_scatter(
            x=[scale * row[along] for row in known],
            y=[row[quantity] for row in known],
            error_y={
                "array": [1.96 * (row["uncertainty"][quantity] or 0.0) for row in known],
                "thickness": 1.2,
            },
            customdata=[label(row["spectrum"]) for row in known],
            mode="lines+markers",
            name=shown,
            line=style[shown],
            marker={"size": 8, "symbol": _SYMBOLS[quantity]},
            hovertemplate="<b>%{customdata}</b><br>%{y:.2f} eV<extra></extra>",
        )
    style_axes(figure, title, "Photon energy (eV)")
    if along == "order":
        figure.update_xaxes(tickformat="d")
    figure.update_yaxes(tickformat=".6~g")
    return figure
