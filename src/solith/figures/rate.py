"""Discharge capacity against C rate."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import label, looks, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_rate"]

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")


def plot_rate(samples: Mapping[str, Mapping[float, Result]]) -> go.Figure:
    """Discharge capacity of each sample against C rate (logarithmic).

    ``samples`` maps a sample's name to its results by C rate; each result holds
    ``discharge_capacity`` in one common unit (mAh/g or mAh). A result whose capacity
    could not be found is left out.
    """
    units: set[str] = set()
    rates: set[float] = set()
    style = looks(samples)
    figure = new_figure()
    for place, (name, results) in enumerate(samples.items()):
        points = []
        for rate, result in sorted(results.items()):
            if not rate > 0:
                raise InputError(f"the C rate {rate!r} must be above 0", where=name)
            value = result["discharge_capacity"]
            if value.value is not None:
                points.append((rate, value.value))
                units.add(value.unit)
        if not points:
            continue
        rates.update(rate for rate, _ in points)
        figure.add_scatter(
            x=[rate for rate, _ in points],
            y=[capacity for _, capacity in points],
            mode="lines+markers",
            name=label(name),
            line=style[name],
            marker={
                "size": 5 + 2 * style[name]["width"],
                "symbol": _SYMBOLS[place % len(_SYMBOLS)],
            },
            hovertemplate=(f"<b>{label(name)}</b><br>%{{x:.3g}} C, %{{y:.4g}}<extra></extra>"),
        )
    if not rates:
        raise InputError("no result holds a discharge capacity; there is nothing to draw")
    if len(units) > 1:
        raise InputError(
            f"the discharge capacities have different units ({', '.join(sorted(units))}); "
            "give them in one"
        )
    unit = units.pop()
    quantity = "Specific discharge capacity" if unit == "mAh/g" else "Discharge capacity"
    style_axes(figure, "Discharge rate (C)", f"{quantity} ({unit})")
    ticks = sorted(rates)
    figure.update_xaxes(
        type="log", tickvals=ticks, ticktext=[show_number(rate, 3) for rate in ticks]
    )
    figure.update_yaxes(rangemode="tozero")
    return figure
