"""Peak currents and capacitive share against the scan rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.intervals import NORMAL_95
from solith.core.result import Result
from solith.figures._currents import current_scale
from solith.figures._style import (
    INK,
    label,
    log_axis,
    looks,
    named_results,
    new_figure,
    style_axes,
)
from solith.figures.numbers import show_number, show_value

__all__ = ["plot_capacitive_current", "plot_capacitive_share", "plot_scan_rates"]

_SIDES = ("anodic", "cathodic")
_SYMBOLS = {"anodic": "circle", "cathodic": "square-open"}
_SHADE = "rgba(0, 114, 178, 0.30)"
_CAPACITIVE, _REST = "#0072B2", "#E69F00"


def plot_scan_rates(results: Result | Mapping[str, Result]) -> go.Figure:
    """Peak current against scan rate, both logarithmic, with the line of exponent b.

    ``results`` are those of :func:`solith.analysis.fit_scan_rates`, one or several by name.
    """
    given = named_results(results)
    points = {name: _peaks(result) for name, result in given.items()}
    known = [y for sides in points.values() for _, ys in sides.values() for y in ys]
    if not known:
        raise InputError("no result holds peak currents at several scan rates")
    size, unit = current_scale(max(known))
    names = [f"{name}/{side}" for name in given for side in points[name]]
    style = looks(names)
    figure = new_figure()
    for name, sides in points.items():
        for side, (rates, currents) in sides.items():
            exponent = given[name][f"exponent_{side}"]
            look = style[f"{name}/{side}"]
            title = label(f"{name}/{side}" if len(given) > 1 else side.capitalize())
            told = f"{title}: b = {show_value(exponent.value, exponent.uncertainty)}"
            x, y = 1e3 * np.array(rates), np.array(currents) / size
            figure.add_scatter(
                x=x,
                y=y,
                mode="markers",
                name=told,
                marker={"symbol": _SYMBOLS[side], "size": 9, "color": look["color"]},
                hovertemplate=(
                    f"<b>{title}</b><br>%{{x:.4g}} mV/s, %{{y:.4g}} {unit}<extra></extra>"
                ),
            )
            if exponent.value is not None:
                middle = np.exp(np.mean(np.log(x))), np.exp(np.mean(np.log(y)))
                ends = np.array([x.min(), x.max()])
                figure.add_scatter(
                    x=ends,
                    y=middle[1] * (ends / middle[0]) ** exponent.value,
                    mode="lines",
                    line={**look, "width": 1.5},
                    showlegend=False,
                    hoverinfo="skip",
                )
    style_axes(figure, "Scan rate (mV/s)", f"Peak current ({unit})")
    figure.update_xaxes(
        **log_axis(
            1e3 * rate for sides in points.values() for rates, _ in sides.values() for rate in rates
        )
    )
    figure.update_yaxes(**log_axis(current / size for current in known))
    return figure


def plot_capacitive_share(result: Result) -> go.Figure:
    """Capacitive share of the charge at each scan rate as bars [%], with 95 % intervals.

    ``result`` is that of :func:`solith.analysis.find_capacitive_share`.
    """
    rows = _rows(result, "rates")
    share = np.array([100 * row["capacitive_share"] for row in rows])
    spread = [row["capacitive_share_uncertainty"] for row in rows]
    known = all(item is not None for item in spread)
    rates = [f"{show_number(1e3 * row['scan_rate_volt_per_second'], 3)}" for row in rows]
    places = np.arange(len(rows))
    figure = new_figure()
    figure.add_bar(
        x=places,
        y=share,
        name="Capacitive, k<sub>1</sub>v",
        marker={"color": _CAPACITIVE},
        text=[f"{value:.0f} %" for value in share],
        textposition="inside",
        insidetextanchor="middle",
        error_y={"array": [100 * NORMAL_95 * item for item in spread], "color": INK}
        if known
        else None,
        hovertemplate="%{y:.1f} %<extra></extra>",
    )
    figure.add_bar(
        x=places,
        y=100 - share,
        name="Diffusion, k<sub>2</sub>v<sup>1/2</sup>",
        marker={"color": _REST},
        hovertemplate="%{y:.1f} %<extra></extra>",
    )
    figure.update_layout(barmode="stack", bargap=0.35, legend_traceorder="normal")
    style_axes(figure, "Scan rate (mV/s)", "Share of the charge (%)")
    figure.update_xaxes(tickvals=places, ticktext=rates)
    return figure


def plot_capacitive_current(result: Result, *, scan_rate: float | None = None) -> go.Figure:
    """The voltammogram at one scan rate with its capacitive current shaded.

    ``result`` is that of :func:`solith.analysis.find_capacitive_share`; of its scan rates the one
    nearest to ``scan_rate`` [V/s] is drawn, the fastest without it.
    """
    rows = _rows(result, "curves")
    rates = np.array([row["scan_rate_volt_per_second"] for row in rows])
    place = len(rows) - 1
    if scan_rate is not None:
        place = int(np.argmin(np.abs(rates - scan_rate)))
    row = rows[place]
    share = result.details["rates"][place]["capacitive_share"]
    largest = max(abs(value) for side in _SIDES for value in row[side]["current_ampere"])
    size, unit = current_scale(largest)
    figure = new_figure()
    for what, column in (("current", "current_ampere"), ("rest", "capacitive_current_ampere")):
        x, y = _loop(row, column)
        capacitive = what == "rest"
        figure.add_scatter(
            x=x,
            y=y / size,
            mode="lines",
            fill="toself" if capacitive else None,
            fillcolor=_SHADE if capacitive else None,
            name=f"Capacitive, {100 * share:.0f} % of the charge"
            if capacitive
            else f"Current at {show_number(1e3 * rates[place], 3)} mV/s",
            line={"color": _CAPACITIVE if capacitive else INK, "width": 1.2 if capacitive else 2},
            hovertemplate=f"%{{x:.4g}} V, %{{y:.4g}} {unit}<extra></extra>",
        )
    style_axes(figure, "Voltage (V)", f"Current ({unit})")
    return figure


def _rows(result: Result, name: str) -> list[dict[str, Any]]:
    (only,) = named_results(result, "only").values()
    rows = list(only.details.get(name, ()))
    if not rows or "capacitive_share" not in only.details["rates"][0]:
        raise InputError(f"{only.name} holds no capacitive share; take find_capacitive_share")
    return rows


def _loop(row: Mapping[str, Any], column: str) -> tuple[Any, Any]:
    """The closed curve of both directions."""
    forth, back = row["anodic"], row["cathodic"]
    x = [*forth["potential_volt"], *back["potential_volt"][::-1], forth["potential_volt"][0]]
    y = [*forth[column], *back[column][::-1], forth[column][0]]
    return np.array(x), np.array(y)


def _peaks(result: Result) -> dict[str, tuple[list[float], list[float]]]:
    found = {}
    for side in _SIDES:
        rows = [
            (row["scan_rate_volt_per_second"], abs(row[f"peak_current_{side}_ampere"]))
            for row in result.details.get("voltammograms", ())
            if row.get(f"peak_current_{side}_ampere")
        ]
        if rows:
            found[side] = ([rate for rate, _ in rows], [current for _, current in rows])
    return found
