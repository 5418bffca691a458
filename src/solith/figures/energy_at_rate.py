"""Where the energy of a stack goes under load: delivered, and taken by each resistance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import label, log_axis, named_results, new_figure, style_axes
from solith.figures.losses import LOSS_LABELS, loss_colour, loss_label
from solith.figures.numbers import show_number

__all__ = ["plot_energy_losses", "plot_interface_costs"]

_DELIVERED = "#DCE3E8"
_MORE = {"leakage": "#7B4FA3", "undelivered": "#C9CED3"}
_NOTHING = 1e-4  # of the energy at open circuit; a part that never reaches it is left out


def plot_energy_losses(result: Result) -> go.Figure:
    """Energy lost against power, stacked by what takes it.

    ``result`` is a Ragone line of :func:`solith.design.trace_ragone` or of
    :func:`solith.design.simulate_energy`; energies are in Wh per kg of the whole stack. What is
    lost and what :func:`solith.figures.plot_ragone` shows sum to the energy at open circuit, which
    the axis names.
    """
    rows = sorted(_rows("result", result), key=lambda row: float(row["mean_discharge_power"]))
    if len(rows) < 2:
        raise InputError("holds one load only; expected a Ragone line", where="result")
    figure = new_figure(height=480, hovermode="x unified")
    power = [row["mean_discharge_power"] for row in rows]
    for part in _parts(rows):
        told = loss_label(part)
        figure.add_scatter(
            x=power,
            y=[row["losses"].get(part, 0.0) for row in rows],
            stackgroup="energy",
            mode="lines",
            line={"width": 0.6, "color": "white"},
            fillcolor=_colour(part),
            name=told,
            hovertemplate=f"{told} %{{y:.3g}} Wh/kg<extra></extra>",
        )
    whole = show_number(rows[0]["open_circuit_energy"], 3)
    style_axes(
        figure,
        "Specific power (W/kg of the stack)",
        f"Energy lost (Wh/kg of the stack, of {whole})",
    )
    figure.update_xaxes(**log_axis(power), hoverformat=".3g")
    figure.update_yaxes(rangemode="tozero")
    return figure


def plot_interface_costs(results: Mapping[str, Result]) -> go.Figure:
    """Where the energy of several stacks goes at one load, as stacked bars by stack.

    ``results`` are those of :func:`solith.design.compute_energy_at`; where one holds several loads
    it has a bar for each. The legend gives the span of each part.
    """
    bars: dict[str, dict[str, Any]] = {}
    for name, result in named_results(results).items():
        rows = _rows(name, result)
        bars |= {name if len(rows) == 1 else f"{name}, {row['label']}": row for row in rows}
    parts = _parts(list(bars.values()))
    figure = new_figure(
        height=200 + 40 * len(bars), legend_title="Smallest to largest in brackets, in Wh/kg"
    )
    for part in ("delivered", *parts):
        energies = [
            row["discharge_energy"] if part == "delivered" else row["losses"].get(part, 0.0)
            for row in bars.values()
        ]
        low, high = (show_number(end, 3) for end in (min(energies), max(energies)))
        figure.add_bar(
            y=[label(name) for name in bars],
            x=energies,
            orientation="h",
            name=f"{_named(part)} ({low if low == high else f'{low} to {high}'})",
            marker={"color": _colour(part), "line": {"color": "white", "width": 0.8}},
            text=[show_number(energy, 3) if energy else "" for energy in energies],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate=f"<b>%{{y}}</b><br>{_named(part)} %{{x:.4g}} Wh/kg<extra></extra>",
        )
    figure.update_layout(
        barmode="relative", bargap=0.35, uniformtext={"mode": "hide", "minsize": 11}
    )
    style_axes(figure, "Energy (Wh/kg of the stack)", "")
    figure.update_yaxes(autorange="reversed", ticks="", type="category")
    return figure


def _rows(name: str, result: Result) -> list[dict[str, Any]]:
    rows = result.details.get("rates")
    if not rows or any("losses" not in row for row in rows):
        raise InputError(
            "holds no energies with losses; expected a result of compute_energy_at, trace_ragone "
            "or simulate_energy",
            where=name,
        )
    return list(rows)


def _parts(rows: list[dict[str, Any]]) -> list[str]:
    """Losses that matter in any row, in the order of the loss budget."""
    held = [
        part
        for part in dict.fromkeys(part for row in rows for part in row["losses"])
        if any(
            abs(row["losses"].get(part, 0.0)) > _NOTHING * row["open_circuit_energy"]
            for row in rows
        )
    ]
    return [part for part in LOSS_LABELS if part in held] + [
        part for part in held if part not in LOSS_LABELS
    ]


def _named(part: str) -> str:
    return "Delivered" if part == "delivered" else loss_label(part)


def _colour(part: str) -> str:
    return _DELIVERED if part == "delivered" else _MORE.get(part) or loss_colour(part)
