"""An electrode under stack pressure: quantities with their spread, and breathing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import INK, label, log_axis, looks, new_figure, style_axes

__all__ = ["plot_breathing", "plot_under_pressure"]

_MEGA = 1e-6


def plot_under_pressure(
    curves: Mapping[str, Sequence[tuple[float, float, float | None]]],
    title: str,
    *,
    across: str = "Stack pressure (MPa)",
    logarithmic: bool = False,
    from_zero: bool = True,
    published: Mapping[str, tuple[float, float]] | None = None,
    slope: tuple[str, float] | None = None,
    level: tuple[str, float] | None = None,
) -> go.Figure:
    """Quantities by name against pressure: rows of pressure [Pa], value and standard deviation.

    ``title`` names the quantity with its unit, ``across`` the pressure; with ``logarithmic`` the
    quantity's axis is, or else begins ``from_zero``. ``published`` values by name are drawn as
    open marks. ``slope``: a name and an exponent of pressure, drawn as a dashed line through the
    first point of that curve; ``level``: a name and a value, drawn as one across.
    :class:`InputError` without a curve.
    """
    if not any(curves.values()):
        raise InputError("there is no curve to draw")
    figure = new_figure()
    lines = looks(curves)
    for name, rows in curves.items():
        spread = [row[2] or 0.0 for row in rows]
        figure.add_scatter(
            x=[row[0] * _MEGA for row in rows],
            y=[row[1] for row in rows],
            error_y={"array": spread, "visible": any(spread), "thickness": 1.2, "width": 3},
            name=label(name),
            mode="lines+markers",
            line=lines[name],
            marker={"size": 7},
        )
    if slope is not None:
        name, power = slope
        (low, start, _), (high, _, _) = curves[name][0], curves[name][-1]
        figure.add_scatter(
            x=[low * _MEGA, high * _MEGA],
            y=[start, start * (high / low) ** power],
            name=f"pressure to the power {power:g}",
            mode="lines",
            line={"color": INK, "width": 1, "dash": "dash"},
        )
    if level is not None:
        every = [row[0] * _MEGA for rows in curves.values() for row in rows]
        figure.add_scatter(
            x=[min(every), max(every)],
            y=[level[1], level[1]],
            name=level[0],
            mode="lines",
            line={"color": INK, "width": 1, "dash": "dash"},
        )
    for name, (pressure, value) in (published or {}).items():
        figure.add_scatter(
            x=[pressure * _MEGA],
            y=[value],
            name=f"{label(name)}, published",
            mode="markers",
            marker={"symbol": "circle-open", "size": 12, "color": INK, "line": {"width": 2}},
        )
    style_axes(figure, across, title)
    pressures = [row[0] * _MEGA for rows in curves.values() for row in rows]
    figure.update_xaxes(**log_axis(pressures))
    if logarithmic:
        figure.update_yaxes(**log_axis([row[1] for rows in curves.values() for row in rows]))
    elif from_zero:
        figure.update_yaxes(rangemode="tozero")
    return figure


def plot_breathing(results: Mapping[str, Result]) -> go.Figure:
    """Contact left while particles shrink and come back, by name of the result.

    Full lines at constant pressure, dotted at constant gap; results are those of breathing tasks.
    """
    figure = new_figure()
    lines = looks(results)
    for name, result in results.items():
        rows: Any = result.details.get("breathing")
        if rows is None:
            raise InputError("tells nothing of breathing", where=name)
        for hold, dash in (("pressure", "solid"), ("gap", "dot")):
            kept = [1.0, *rows[hold]["contact_kept"]]
            figure.add_scatter(
                x=[place / 2 for place in range(len(kept))],
                y=[100 * value for value in kept],
                name=f"{label(name)}, constant {hold}",
                mode="lines+markers",
                line=lines[name] | {"dash": dash},
                marker={"size": 6},
            )
    style_axes(figure, "Cycles (whole: discharged, half: charged)", "Contact area left (%)")
    figure.update_yaxes(rangemode="tozero")
    return figure
