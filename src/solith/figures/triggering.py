"""How triggering biases are distributed at each place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.given import require_result
from solith.core.result import Result
from solith.figures._style import label, looks, new_figure, style_axes

__all__ = ["plot_triggering"]


def plot_triggering(result: Result) -> go.Figure:
    """Part of the curves triggered [%] up to each bias [V, magnitude], place by place.

    ``result`` is that of :func:`solith.analysis.compare_triggering`. Steps are Kaplan and
    Meier's estimate, lines the Weibull distribution, crosses curves that ended without a
    trigger. The bias is logarithmic where it spans more than a decade. Raises
    :class:`InputError` for another result.
    """
    require_result(result)
    places: Mapping[str, Mapping[str, Any]] = result.details.get("places", {})
    if not places:
        raise InputError(f"the result {result.name!r} is none of compare_triggering")
    sizes = np.concatenate([[*row["bias_volt"], *row["not_up_to_volt"]] for row in places.values()])
    low, high = float(sizes.min()), float(sizes.max())
    logs = high > 10 * low
    begin, end = (low / 1.5, high * 1.3) if logs else (0.0, 1.08 * high)
    figure = new_figure()
    style = looks(places)
    for name, row in places.items():
        color = style[name]["color"]
        _steps(figure, name, row, color, begin)
        if row["weibull"]:
            _curve(figure, name, row["weibull"], color, begin, min(end, 1.3 * _reach(row)))
    style_axes(figure, "Triggering bias (V)", "Triggered (%)")
    figure.update_yaxes(range=[-3, 103])
    if logs:
        figure.update_xaxes(
            type="log", range=[float(np.log10(begin)), float(np.log10(end))], dtick=1
        )
    else:
        figure.update_xaxes(range=[begin, end])
    return figure


def _reach(row: Mapping[str, Any]) -> float:
    return float(max([*row["bias_volt"], *row["not_up_to_volt"]]))


def _steps(figure: go.Figure, name: str, row: Mapping[str, Any], color: str, begin: float) -> None:
    known = row["kaplan_meier"]
    x = [begin, *known["bias_volt"], _reach(row)]
    part = [0.0, *known["triggered"]]
    y = [100 * value for value in (*part, part[-1])]
    told = f"{label(name)} ({row['triggered']} of {row['number']})"
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": color, "width": 2, "shape": "hv"},
        name=told,
        legendgroup=name,
        hovertemplate=f"<b>{label(name)}</b><br>%{{x:.3g}} V: %{{y:.0f}} %<extra></extra>",
    )
    ended = row["not_up_to_volt"]
    if not ended:
        return
    at = np.searchsorted(known["bias_volt"], ended, side="right")
    figure.add_scatter(
        x=ended,
        y=[100 * part[place] for place in at],
        mode="markers",
        name="Not triggered",
        legendgroup="ended",
        showlegend=not any(trace.legendgroup == "ended" for trace in figure.data),
        marker={"symbol": "cross-thin", "size": 10, "line": {"width": 1.6, "color": color}},
        hovertemplate=f"<b>{label(name)}</b><br>not up to %{{x:.3g}} V<extra></extra>",
    )


def _curve(
    figure: go.Figure, name: str, law: Mapping[str, Any], color: str, begin: float, end: float
) -> None:
    x = np.geomspace(max(begin, 1e-3 * end), end, 200)
    figure.add_scatter(
        x=x,
        y=100 * -np.expm1(-((x / law["scale_volt"]) ** law["shape"])),
        mode="lines",
        line={"color": color, "width": 1.2, "dash": "dash"},
        name="Weibull",
        legendgroup="weibull",
        showlegend=not any(trace.legendgroup == "weibull" for trace in figure.data),
        hoverinfo="skip",
    )
