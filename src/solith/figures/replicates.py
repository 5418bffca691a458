"""A quantity over the cycles of like cells: mean and band."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError, UnknownNameError
from solith.core.result import Result
from solith.figures._style import label, looks, named_results, new_figure, style_axes

__all__ = ["plot_replicates"]

_BANDS = {
    "spread": ("uncertainty", "± sample standard deviation"),
    "confidence": ("half_width_95", "± 95 % interval of the mean"),
}


def plot_replicates(
    summaries: Result | Mapping[str, Result],
    *,
    quantity: str = "discharge_capacity",
    band: str = "spread",
) -> go.Figure:
    """Mean of a quantity over replicate cells against the cycle, in a band.

    ``summaries`` are results of :func:`solith.analysis.summarise_replicates`, one or several by
    name. The ``band`` is the cells' "spread" (mean ± sample standard deviation) or the
    "confidence" of the mean (its 95 % interval by Student's t), which the legend names with the
    number of cells. Raises :class:`InputError` for results that are no summaries over cycles.
    """
    if band not in _BANDS:
        raise UnknownNameError.among("band", str(band), _BANDS)
    given = named_results(summaries)
    key, words = _BANDS[band]
    style = looks(given)
    figure = new_figure(legend_title=f"Mean {words}")
    units = set()
    for name, result in given.items():
        rows = _rows(name, result, quantity, key)
        units.add(str(result.details["units"][quantity]))
        cycles = [row["cycle"] for row in rows]
        wide = [row for row in rows if row[key].get(quantity) is not None]
        if wide:
            ends = [[row[quantity] + sign * row[key][quantity] for row in wide] for sign in (1, -1)]
            numbers = [row["cycle"] for row in wide]
            figure.add_scatter(
                x=numbers + numbers[::-1],
                y=ends[0] + ends[1][::-1],
                fill="toself",
                fillcolor=style[name]["color"],
                opacity=0.2,
                line={"width": 0},
                mode="lines",
                legendgroup=name,
                showlegend=False,
                hoverinfo="skip",
            )
        figure.add_scatter(
            x=cycles,
            y=[row[quantity] for row in rows],
            mode="lines+markers",
            marker={"size": 5},
            line=style[name],
            name=f"{label(name)} ({result.details['number']} cells)",
            legendgroup=name,
            hovertemplate=f"<b>{label(name)}</b><br>cycle %{{x}}, %{{y:.4g}}<extra></extra>",
        )
    if len(units) != 1:
        raise InputError(f"{quantity} has different units: {', '.join(sorted(units))}")
    unit = units.pop()
    words = quantity.replace("_", " ").capitalize()
    style_axes(figure, "Cycle number", f"{words} ({unit})" if unit else words)
    figure.update_xaxes(tickformat="d")
    return figure


def _rows(name: str, result: Result, quantity: str, key: str) -> list[Mapping[str, Any]]:
    rows = list(result.details.get("cycles", ()))
    if not rows or "summary" not in result.details or any(key not in row for row in rows):
        raise InputError(
            "is no summary over cycles; expected a result of summarise_replicates", where=name
        )
    units = result.details.get("units", {})
    if quantity not in units:
        raise UnknownNameError.among("quantity", quantity, units)
    found = [row for row in rows if row.get(quantity) is not None]
    if not found:
        raise InputError(f"no cycle has a {quantity}", where=name)
    return found
