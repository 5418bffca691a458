"""A switching device through its cycles: both resistances at the read voltage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.given import require_result
from solith.core.quantities import format_quantity
from solith.core.result import Result
from solith.figures._style import log_axis, looks, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_switching"]

_STATES = (("Off", "high_resistance_ohm"), ("On", "low_resistance_ohm"))
_MOST_MARKS = 60
_FEW = 10  # cycles, each with its tick


def plot_switching(result: Result) -> go.Figure:
    """Resistance of both states [ohm] against the cycle's number, logarithmic.

    ``result`` is that of :func:`solith.analysis.analyse_current_voltage`; states are at its
    read voltage. Open triangles are lower bounds, where the off current is at the floor of
    the instrument. Raises :class:`InputError` for a result that holds no states.
    """
    require_result(result)
    cycles: Sequence[Mapping[str, Any]] = result.details.get("cycles", ())
    if not any(row.get(name) for row in cycles for _, name in _STATES):
        raise InputError(f"the result {result.name!r} holds no states of a switching device")
    read = format_quantity(result.details["read_voltage_volt"], "V", 3)
    figure = new_figure(legend_title=f"Read at {read}")
    style = looks(name for name, _ in _STATES)
    for state, name in _STATES:
        rows = [row for row in cycles if row[name]]
        bounded = [
            name == "high_resistance_ohm" and "the off current is at the floor" in row["flags"]
            for row in rows
        ]
        figure.add_scatter(
            x=[row["cycle"] for row in rows],
            y=[row[name] for row in rows],
            mode="lines+markers" if len(rows) <= _MOST_MARKS else "markers",
            name=f"{state}, a lower bound" if rows and all(bounded) else state,
            line={"color": style[state]["color"], "width": 1.2},
            marker={
                "size": 7 if len(rows) <= _MOST_MARKS else 5,
                "color": style[state]["color"],
                "symbol": ["triangle-up-open" if open_ else "circle" for open_ in bounded],
            },
            customdata=[
                f"{'≥ ' if open_ else ''}{show_number(row[name], 3)} Ω"
                for row, open_ in zip(rows, bounded, strict=True)
            ],
            hovertemplate=f"<b>{state}</b>, cycle %{{x}}: %{{customdata}}<extra></extra>",
        )
    style_axes(figure, "Cycle number", "Resistance (Ω)")
    figure.update_yaxes(**log_axis(size for trace in figure.data for size in trace.y))
    figure.update_xaxes(tickformat="d")
    if len(cycles) <= _FEW:
        numbers = [row["cycle"] for row in cycles]
        figure.update_xaxes(dtick=1, tick0=0, range=[min(numbers) - 0.5, max(numbers) + 0.5])
    return figure
