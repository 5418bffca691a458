"""Mean voltage losses of several samples side by side."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from solith.core.cycles import cycles_by_rate, result_of_cycle
from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import label, named_results, new_figure
from solith.figures.losses import LOSS_LABELS, loss_colour, loss_label
from solith.figures.numbers import show_number

__all__ = ["plot_loss_bars"]


def plot_loss_bars(results: Result | Mapping[str, Result]) -> go.Figure:
    """Mean loss of each part [mV] as stacked bars, one bar per result.

    ``results`` are analyses of simulated cycling records (quantities ``loss_<part>``) by
    name; one that holds cycles at several rates has a bar for each rate. The legend gives
    the span of each part over all bars, so that a part too small to see still shows its
    number.
    """
    given = named_results(results)
    given = {bar: part for name, result in given.items() for bar, part in _bars(name, result)}
    losses = {name: _losses(result) for name, result in given.items()}
    losses = {name: parts for name, parts in losses.items() if parts}
    if not losses:
        raise InputError(
            "no result holds a loss budget (quantities loss_<part>); "
            "expected analyses of simulated cycling records"
        )
    held = dict.fromkeys(part for parts in losses.values() for part in parts)
    ordered = [part for part in LOSS_LABELS if part in held]
    ordered += [part for part in held if part not in LOSS_LABELS]
    figure = new_figure(legend_title="Smallest to largest mean in brackets, in mV")
    bars = [label(name).replace(", ", "<br>", 1) for name in losses]
    for part in ordered:
        values = [parts.get(part) for parts in losses.values()]
        numbers = [value for value in values if value is not None]
        if not any(numbers):
            continue
        figure.add_bar(
            y=bars,
            x=values,
            orientation="h",
            name=f"{loss_label(part)} ({_span(numbers)})",
            marker={"color": loss_colour(part), "line": {"color": "white", "width": 0.8}},
            text=[show_number(value, 3) for value in values],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate=f"<b>%{{y}}</b><br>{loss_label(part)} %{{x:.4g}} mV<extra></extra>",
        )
    figure.update_layout(
        legend_font_size=12,  # lets two columns stand in a narrow page
        barmode="relative",
        bargap=0.35,
        height=230 + 46 * len(bars),
        uniformtext={"mode": "hide", "minsize": 11},
    )
    figure.update_xaxes(title_text="Mean voltage loss over the discharge (mV)")
    figure.update_yaxes(
        autorange="reversed", ticks="", type="category", ticklabelstandoff=6, title_text=""
    )
    return figure


def _bars(name: str, result: Result) -> list[tuple[str, Result]]:
    rates = cycles_by_rate(result)
    if len(rates) < 2:
        return [(name, result)]
    return [(f"{name}/{rate:g} C", result_of_cycle(result, cycle)) for rate, cycle in rates.items()]


def _losses(result: Result) -> dict[str, float]:
    found = {}
    for value in result:
        part = value.quantity.removeprefix("loss_")
        if part != value.quantity and part != "total" and value.value is not None:
            found[part] = float(value.to("mV").value or 0.0)
    return found


def _span(numbers: list[float]) -> str:
    low, high = show_number(min(numbers), 3), show_number(max(numbers), 3)
    return low if low == high else f"{low} to {high}"
