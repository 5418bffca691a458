"""Discharge capacity and efficiency over the cycles of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._half_cycle import discharge_capacity_title
from solith.figures._style import Look, label, looks, named_results, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_cycle_life"]

_MANY = 10
"""Efficiencies above which the lowest twentieth may leave the axis."""

_FEW = 10
"""Cycles up to which every number has its tick."""


def plot_cycle_life(
    results: Result | Mapping[str, Result], *, efficiency: bool = True
) -> go.Figure:
    """Discharge capacity of each cycle against its number, and coulombic efficiency.

    ``results`` are analyses of cycling records (with ``details["cycles"]``) by name, in
    one common unit (mAh/g or mAh). Cycles without a discharge are left out. The legend names
    the ``retention`` of a result that has it. Efficiencies stand on an axis of their own on the
    right, as open symbols, where a result has more than one (unless ``efficiency`` is false).
    Capacities with a flag are crosses, and their flags are told where the mouse stands.
    """
    given = named_results(results)
    style = looks(given)
    figure = new_figure()
    units: set[str] = set()
    numbers: set[int] = set()
    efficiencies: list[float] = []
    for name, result in given.items():
        points = _points(result, "discharge_capacity")
        if not points:
            continue
        units.add(result["discharge_capacity"].unit)
        numbers.update(number for number, _ in points)
        flags = _told(result)
        figure.add_scatter(
            x=[number for number, _ in points],
            y=[capacity for _, capacity in points],
            mode="lines+markers",
            name=label(name) + _retained(result),
            legendgroup=name,
            line=style[name],
            marker={
                "size": [3 + style[name]["width"] + (3 if told else 0) for told in flags],
                "symbol": ["x-thin-open" if told else "circle" for told in flags],
            }
            if any(flags)
            else {"size": 3 + style[name]["width"]},
            customdata=flags if any(flags) else None,
            hovertemplate=f"<b>{label(name)}</b><br>cycle %{{x}}, %{{y:.4g}}"
            + ("<br>%{customdata}" if any(flags) else "")
            + "<extra></extra>",
        )
        found = _points(result, "coulombic_efficiency") if efficiency else []
        if len(found) > 1:
            efficiencies += [percent for _, percent in found]
            _draw_efficiency(figure, name, found, style[name])
    if not units:
        raise InputError(
            "no result holds the capacities of cycles; expected analyses of cycling records"
        )
    style_axes(figure, "Cycle (number)", discharge_capacity_title(units))
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(tickformat="d")
    if max(numbers) - min(numbers) < _FEW:
        figure.update_xaxes(
            tickmode="linear", tick0=0, dtick=1, range=[min(numbers) - 0.5, max(numbers) + 0.5]
        )
    if efficiencies:
        _add_efficiency_axis(figure, efficiencies)
    return figure


def _draw_efficiency(
    figure: go.Figure, name: str, points: list[tuple[int, float]], look: Look
) -> None:
    figure.add_scatter(
        x=[number for number, _ in points],
        y=[percent for _, percent in points],
        mode="markers",
        name=label(name),
        legendgroup=name,
        showlegend=False,
        yaxis="y2",
        marker={"size": 5, "symbol": "circle-open", "color": look["color"]},
        hovertemplate=(
            f"<b>{label(name)}</b>, efficiency<br>cycle %{{x}}, %{{y:.4g}} %<extra></extra>"
        ),
    )


def _add_efficiency_axis(figure: go.Figure, percents: list[float]) -> None:
    """The right axis; the usual efficiency decides its lower end, not a poor first cycle."""
    ordered = sorted(percents)
    usual = ordered[len(ordered) // 20] if len(ordered) > _MANY else ordered[0]
    low = max(0.0, min(usual - 5, 90.0))
    figure.update_layout(
        yaxis={"mirror": False},
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "tickmode": "auto",
            "range": [low, max(102.0, ordered[-1] + 1)],
            "title": {"text": "Coulombic efficiency (%), open symbols"},
        },
        margin={"r": 70},
    )


def _retained(result: Result) -> str:
    if "retention" not in result or result["retention"].value is None:
        return ""
    return f" ({show_number(result['retention'].value, 3)} % retained)"


def _told(result: Result) -> list[str]:
    """The flags of each discharge capacity in a line of its own, "" where there is none."""
    return [
        "<br>".join(row.get("flags", {}).get("discharge_capacity", ()))
        for row in result.details.get("cycles", ())
        if row.get("discharge_capacity") is not None
    ]


def _points(result: Result, quantity: str) -> list[tuple[int, float]]:
    cycles: list[Mapping[str, Any]] = list(result.details.get("cycles", ()))
    return [
        (int(row["cycle"]), float(row[quantity])) for row in cycles if row.get(quantity) is not None
    ]
