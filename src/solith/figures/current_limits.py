"""Critical current densities of interfaces against their resistance."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import INK, label, log_axis, looks, named_results, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_current_limits"]


def plot_current_limits(
    results: Result | Mapping[str, Result], published: Mapping[str, float] | None = None
) -> go.Figure:
    """Critical current density [mA/cm2] as bars, by interface and its resistance [ohm cm2].

    ``results`` are those of :attr:`solith.interface.CurrentLimit.result` by name; lines span
    95 % of the samples. ``published`` [mA/cm2] by the same names are diamonds. Raises
    :class:`InputError` for other results.
    """
    given = named_results(results)
    for name, result in given.items():
        if "area_resistance_ohm_cm2" not in result.details:
            raise InputError(
                f"{result.name!r} is no result of a CurrentLimit: it has no resistance", where=name
            )
    ordered = dict(
        sorted(given.items(), key=lambda one: -float(one[1].details["area_resistance_ohm_cm2"]))
    )
    figure = new_figure()
    style = looks(ordered)
    seen: list[float] = []
    for name, result in ordered.items():
        value = result["critical_current_density"].value
        if value is None:
            continue
        low, high = result.details["samples_95"]
        seen += [low, high]
        figure.add_bar(
            x=[_bar(name, result)],
            y=[value],
            name=label(name),
            marker={"color": style[name]["color"]},
            error_y={
                "type": "data",
                "array": [high - value],
                "arrayminus": [value - low],
                "color": INK,
                "thickness": 1.3,
                "width": 6,
            },
            text=[show_number(value, 2)],
            textposition="inside",
            insidetextanchor="start",
            showlegend=False,
            hovertemplate=f"<b>{label(name)}</b><br>%{{y:.3g}} mA/cm²<extra></extra>",
        )
    known = {name: number for name, number in (published or {}).items() if name in ordered}
    if known:
        seen += known.values()
        figure.add_scatter(
            x=[_bar(name, ordered[name]) for name in known],
            y=list(known.values()),
            mode="markers",
            name="Published",
            marker={"symbol": "diamond", "size": 11, "color": "white", "line": {"width": 1.8}},
            hovertemplate="published: %{y:.3g} mA/cm²<extra></extra>",
        )
    style_axes(figure, "", "Critical current density (mA/cm², geometric area)")
    figure.update_xaxes(type="category", ticks="")
    if seen:
        figure.update_yaxes(**log_axis(seen))
    figure.update_layout(bargap=0.45, showlegend=bool(known))
    return figure


def _bar(name: str, result: Result) -> str:
    resistance = show_number(result.details["area_resistance_ohm_cm2"], 3)
    focus = float(result.details["concentration"])
    told = f"<br>flux × {show_number(focus, 2)}" if focus > 1 else ""
    return f"{label(name)}<br>{resistance} Ω cm²{told}"
