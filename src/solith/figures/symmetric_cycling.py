"""Resistance of a symmetric cell that is cycled at one current, over time."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import label, looks, named_results, new_figure, style_axes

__all__ = ["plot_symmetric_cycling"]

_AXES = {
    "ohm": "Resistance (Ω)",
    "ohm cm2": "Resistance (Ω cm², geometric area)",
}


def plot_symmetric_cycling(results: Result | Mapping[str, Result]) -> go.Figure:
    """Mean resistance V/I of each half cycle against time [h].

    ``results`` are those of :func:`solith.analysis.analyse_symmetric_cycling`, one or several by
    name. The half cycle that failed and those after it are open. Raises :class:`InputError` for
    another result, and where some results know the geometric area and others do not.
    """
    given = named_results(results, alone="")
    style = looks(given)
    figure = new_figure()
    units = set()
    for name, result in given.items():
        rows = result.details.get("steps", ())
        if not rows or "resistance" not in result.details.get("units", {}):
            raise InputError(
                f"{result.name!r} holds no half cycles; expected a result of "
                "analyse_symmetric_cycling",
                where=name,
            )
        units.add(result.details["units"]["resistance"])
        failing = result.details["failing_step"] or len(rows) + 1
        kind = str(result.details["failure"])
        failed = "" if kind == "none" else f"{kind} in half cycle {failing}"
        told = ", ".join(part for part in (name, failed) if part)
        figure.add_scatter(
            x=[row["start_time"] + row["duration"] / 2 for row in rows],
            y=[row["resistance"] for row in rows],
            mode="markers",
            name=label(told),
            showlegend=bool(told),
            marker={
                "size": 6,
                "color": style[name]["color"],
                "symbol": ["circle" if row["step"] < failing else "circle-open" for row in rows],
            },
            customdata=[row["step"] for row in rows],
            hovertemplate="half cycle %{customdata}<br>%{x:.4g} h, %{y:.4g}<extra></extra>",
        )
    if len(units) > 1:
        raise InputError(
            "some results know the geometric area, others do not: they have no common axis; give "
            "all of them an area"
        )
    style_axes(figure, "Time (h)", _AXES.get(units.pop(), "Resistance"))
    figure.update_yaxes(rangemode="tozero")
    return figure
