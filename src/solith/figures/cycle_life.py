"""Discharge capacity over the cycles of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._half_cycle import discharge_capacity_title
from solith.figures._style import label, looks, new_figure, style_axes

__all__ = ["plot_cycle_life"]


def plot_cycle_life(results: Result | Mapping[str, Result]) -> go.Figure:
    """Discharge capacity of each cycle against its number.

    ``results`` are analyses of cycling records (with ``details["cycles"]``) by name, in
    one common unit (mAh/g or mAh). Cycles without a discharge are left out.
    """
    given = {results.name: results} if isinstance(results, Result) else dict(results)
    style = looks(given)
    figure = new_figure()
    units: set[str] = set()
    for name, result in given.items():
        points = _points(result)
        if not points:
            continue
        units.add(result["discharge_capacity"].unit)
        figure.add_scatter(
            x=[number for number, _ in points],
            y=[capacity for _, capacity in points],
            mode="lines+markers",
            name=label(name),
            line=style[name],
            marker={"size": 3 + style[name]["width"]},
            hovertemplate=(f"<b>{label(name)}</b><br>cycle %{{x}}, %{{y:.4g}}<extra></extra>"),
        )
    if not units:
        raise InputError(
            "no result holds the capacities of cycles; expected analyses of cycling records"
        )
    style_axes(figure, "Cycle (number)", discharge_capacity_title(units))
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(tickformat="d")
    return figure


def _points(result: Result) -> list[tuple[int, float]]:
    cycles: list[Mapping[str, Any]] = list(result.details.get("cycles", ()))
    return [
        (int(row["cycle"]), float(row["discharge_capacity"]))
        for row in cycles
        if row.get("discharge_capacity") is not None
    ]
