"""Stepped tests of lithium symmetric cells: voltage and current, in time and by one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.record import Record
from solith.core.result import Result
from solith.figures._style import INK, label, looks, named_results, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_critical_current"]

_FAILED = "#D55E00"
_CURRENT = "#5b6672"
_SHADE = "rgba(213,94,0,0.16)"
_UNITS = {"ohm": "Ω", "ohm cm2": "Ω cm²"}
_ROOM = 1.25  # times the highest polarisation up to which the ohmic line is drawn
_SHARES = (0.0, 0.36), (0.48, 0.62), (0.65, 1.0)
"""Of the height: polarisation by current, current in time, voltage in time."""


def plot_critical_current(
    results: Result | Mapping[str, Result], record: Record | None = None
) -> go.Figure:
    """Mean polarisation of each step [mV] against current density, with the ohmic line.

    ``results`` are those of :func:`solith.analysis.find_critical_current`, one or several by
    name. Charge (positive current) and discharge are circles and squares; the step that failed and
    what came after it are open. With the ``record`` of a single result, its voltage and current
    against time stand above, the failing step shaded.
    """
    given = named_results(results, alone="")
    if record is not None:
        require_record(record)
        if len(given) != 1:
            raise InputError(f"a record belongs to one result; {len(given)} are given")
    for name, result in given.items():
        if not result.details.get("steps") or "bracket" not in result.details:
            raise InputError(
                f"{result.name!r} holds no steps of current; expected a result of "
                "find_critical_current",
                where=name,
            )
    figure = new_figure(height=440 if record is None else 760)
    _draw_polarisation(figure, given)
    units = {result.details["units"]["current"] for result in given.values()}
    if len(units) > 1:
        raise InputError(
            "some results know the geometric area, others do not: they have no common axis; give "
            "all of them an area"
        )
    title = _axis_title(next(iter(units)))
    style_axes(figure, title, "Polarisation (mV)")
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(rangemode="tozero")
    if record is not None:
        _draw_in_time(figure, record, next(iter(given.values())))
    return figure


def _axis_title(unit: str) -> str:
    if unit == "A":
        return "Current (A)"
    return "Current density (mA/cm², geometric area)"


def _draw_polarisation(figure: go.Figure, given: Mapping[str, Result]) -> None:
    style = looks(given)
    for name, result in given.items():
        rows = result.details["steps"]
        failing = result.details["failing_step"] or len(rows) + 1
        color = style[name]["color"]
        for way, words, symbol, size in (
            (1, "positive", "circle", 10),
            (-1, "negative", "square", 6),
        ):
            mine = [row for row in rows if row["direction"] == way]
            if not mine:
                continue
            marks = [symbol if row["step"] < failing else f"{symbol}-open" for row in mine]
            figure.add_scatter(
                x=[row["current"] for row in mine],
                y=[row["mean_polarisation"] for row in mine],
                mode="markers",
                name=label(f"{name}, {words} current" if name else f"{words} current".capitalize()),
                marker={
                    "size": size,
                    "color": color,
                    "symbol": marks,
                    # White edges tell a square from the circle that it lies in.
                    "line": {
                        "width": 1.3,
                        "color": ["white" if mark == "square" else color for mark in marks],
                    },
                },
                cliponaxis=False,
                customdata=[_told(row) for row in mine],
                hovertemplate="%{x:.4g}, %{y:.4g} mV<br>%{customdata}<extra></extra>",
            )
        _draw_line(figure, name, result, color)
        failed = [row for row in rows if row["step"] == failing]
        figure.add_scatter(
            x=[row["current"] for row in failed],
            y=[row["mean_polarisation"] for row in failed],
            mode="markers",
            name=label(f"{name}, {result.details['failure']}" if name else _failure(result)),
            marker={"size": 15, "color": _FAILED, "symbol": "circle-open", "line": {"width": 2}},
            hoverinfo="skip",
            showlegend=bool(failed),
        )
    if any(result.details["failing_step"] for result in given.values()):
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            name="Open: failed and after",
            marker={"size": 9, "color": INK, "symbol": "circle-open", "line": {"width": 1.3}},
            hoverinfo="skip",
        )


def _draw_line(figure: go.Figure, name: str, result: Result, color: str) -> None:
    """The ohmic line: the safe steps' resistance times the current."""
    known = [value for value in result if value.quantity in ("area_resistance", "resistance")]
    resistance = known[0].value if known else None
    if resistance is None:
        return
    scale = 1.0 if known[0].unit == "ohm cm2" else 1e3  # mA/cm2 times ohm cm2 is mV
    steps = result.details["steps"]
    # A short at low current would leave the line's far end most of the axis.
    highest = _ROOM * max(row["mean_polarisation"] for row in steps)
    end = min(max(row["current"] for row in steps), highest / (scale * resistance))
    words = f"{show_number(resistance, 4)} {_UNITS[known[0].unit]}"
    figure.add_scatter(
        x=[0, end],
        y=[0, scale * resistance * end],
        mode="lines",
        name=label(f"{name}, {words}" if name else f"Ohmic, {words}"),
        line={"color": color, "width": 1.4, "dash": "dash"},
        hoverinfo="skip",
    )


def _told(row: Mapping[str, Any]) -> str:
    return f"step {row['step']}, level {row['level']}" + (
        f"<br>{label(row['failure'])}" if row["failure"] else ""
    )


def _failure(result: Result) -> str:
    return str(result.details["failure"]).capitalize()


def _with_room(voltage: NDArray[np.float64]) -> list[float]:
    """A range with room for words at its top."""
    low, high = float(np.nanmin(voltage)), float(np.nanmax(voltage))
    span = (high - low) or 1.0
    return [low - 0.05 * span, high + 0.22 * span]


def _draw_in_time(figure: go.Figure, record: Record, result: Result) -> None:
    time = record.array("test_time_second")
    hours = (time - time[np.isfinite(time)][0]) / 3600
    area = result.details["geometric_area_m2"]
    current = record.array("current_ampere")
    shown = current if area is None else current / area / 10
    voltage = 1e3 * record.array("voltage_volt")
    for y, axis, color in ((voltage, "3", INK), (shown, "2", _CURRENT)):
        figure.add_scatter(
            x=hours,
            y=y,
            mode="lines",
            line={"color": color, "width": 1.2},
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
            showlegend=False,
            hovertemplate="%{x:.4g} h, %{y:.4g}<extra></extra>",
        )
    low, middle, high = _SHARES
    current_title = "<i>I</i> (A)" if area is None else "<i>j</i> (mA/cm²)"
    figure.update_layout(
        xaxis={"anchor": "y"},
        yaxis={"domain": low},
        xaxis2={"anchor": "y2", "title": {"text": "Time (h)"}},
        yaxis2={"domain": middle, "title": {"text": current_title}},
        xaxis3={"anchor": "y3", "matches": "x2", "showticklabels": False},
        yaxis3={"domain": high, "title": {"text": "Voltage (mV)"}, "range": _with_room(voltage)},
    )
    failing = result.details["failing_step"]
    if failing is None:
        return
    row = result.details["steps"][failing - 1]
    begin = row["start_time"]
    for axis in ("2", "3"):
        figure.add_shape(
            type="rect",
            xref=f"x{axis}",
            yref=f"y{axis} domain",
            x0=begin,
            x1=begin + row["duration"],
            y0=0,
            y1=1,
            fillcolor=_SHADE,
            line={"width": 0},
            layer="below",
        )
    late = begin > hours[-1] / 2
    density = f"{show_number(row['current'], 3)} {'mA/cm²' if area is not None else 'A'}"
    figure.add_annotation(
        x=begin + row["duration"] if late else begin,
        y=0.98,
        xref="x3",
        yref="y3 domain",
        text=f"{_failure(result)}, {density}",
        showarrow=False,
        xanchor="right" if late else "left",
        yanchor="top",
        font={"color": _FAILED, "size": 13},
    )
