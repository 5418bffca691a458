"""Discharge capacity and efficiency over the cycles of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._half_cycle import discharge_capacity_title
from solith.figures._style import INK, Look, label, looks, named_results, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_cycle_life"]

_MANY = 10
"""Efficiencies above which the lowest twentieth may leave the axis."""

_FEW = 10
"""Cycles up to which every number has its tick."""

_TOLD = 3
"""Efficiencies below their axis whose numbers are written; of more, the mouse tells them."""

_APART = 0.05
"""Part of the axis between the triangles of two results, which would hide each other."""

_POOR = 80.0
"""Efficiency [%] from which on even a single one widens the axis."""


def plot_cycle_life(
    results: Result | Mapping[str, Result], *, efficiency: bool = True
) -> go.Figure:
    """Discharge capacity of each cycle against its number, and coulombic efficiency.

    ``results`` are analyses of cycling records (with ``details["cycles"]``) by name, in
    one common unit (mAh/g or mAh). Cycles without a discharge are left out. The legend names
    the ``retention`` of a result that has it. Efficiencies stand on an axis of their own on the
    right, as open squares, where a result has more than one (unless ``efficiency`` is false);
    what is far below the others is a triangle at the foot of the axis, with its number.
    Capacities with a flag are crosses, and their flags are told where the mouse stands.
    """
    given = named_results(results)
    style = looks(given)
    figure = new_figure()
    units: set[str] = set()
    numbers: set[int] = set()
    efficiencies: dict[str, list[tuple[int, float]]] = {}
    crossed = False
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
            name=label(name) + escape(_retained(result), quote=False),
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
            efficiencies[name] = found
        crossed = crossed or any(flags)
    if not units:
        raise InputError(
            "no result holds the capacities of cycles; expected analyses of cycling records"
        )
    style_axes(figure, "Cycle number", discharge_capacity_title(units))
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(tickformat="d")
    if max(numbers) - min(numbers) < _FEW:
        figure.update_xaxes(
            tickmode="linear", tick0=0, dtick=1, range=[min(numbers) - 0.5, max(numbers) + 0.5]
        )
    if efficiencies:
        low = _add_efficiency_axis(figure, [y for own in efficiencies.values() for _, y in own])
        foot = low
        for name, found in efficiencies.items():
            if any(percent < low for _, percent in found):
                foot += _APART * (100 - low)
            _draw_efficiency(figure, name, found, style[name], (low, foot))
    if crossed:
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            name="Cycle with a flag",
            marker={"size": 8, "symbol": "x-thin-open", "color": INK},
            hoverinfo="skip",
        )
    return figure


def _draw_efficiency(
    figure: go.Figure,
    name: str,
    points: list[tuple[int, float]],
    look: Look,
    ends: tuple[float, float],
) -> None:
    """Open circles, and triangles for what is below the axis.

    ``ends`` are its low end and the height of the triangles.
    """
    low, foot = ends
    below = [percent < low for _, percent in points]
    told = sum(below) <= _TOLD
    figure.add_scatter(
        x=[number for number, _ in points],
        y=[foot if under else percent for (_, percent), under in zip(points, below, strict=True)],
        mode="markers+text" if any(below) and told else "markers",
        text=[
            f"{show_number(percent, 3)} %" if under and told else ""
            for (_, percent), under in zip(points, below, strict=True)
        ],
        textposition="middle right",
        textfont={"size": 11, "color": look["color"]},
        name=label(name),
        legendgroup=name,
        showlegend=False,
        yaxis="y2",
        marker={
            "size": [9 if under else 6 for under in below],
            "symbol": ["triangle-down-open" if under else "square-open" for under in below],
            "color": look["color"],
        },
        customdata=[percent for _, percent in points],
        hovertemplate=(
            f"<b>{label(name)}</b>, efficiency<br>cycle %{{x}}, %{{customdata:.4g}} %"
            "<extra></extra>"
        ),
    )


def _add_efficiency_axis(figure: go.Figure, percents: list[float]) -> float:
    """The right axis, and its lower end: the usual efficiency decides, not a very poor cycle."""
    ordered = sorted(percents)
    usual = ordered[len(ordered) // 20] if len(ordered) > _MANY else ordered[0]
    low = max(0.0, min(usual - 5, 90.0))
    if _POOR <= ordered[0] < low + 1:
        low = ordered[0] - 1
    figure.update_layout(
        yaxis={"mirror": False},
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "tickmode": "auto",
            "range": [low, max(102.0, ordered[-1] + 1)],
            "title": {"text": "Coulombic efficiency (%), open squares"},
        },
        margin={"r": 70},
    )
    return low


def _retained(result: Result) -> str:
    if "retention" not in result or result["retention"].value is None:
        return ""
    percent = result["retention"].value
    if percent < 1:
        return " (retained < 1 %)"
    return f" ({show_number(percent, 3)} % retained)"


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
