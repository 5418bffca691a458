"""Current against voltage: current-voltage curves and voltammograms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result
from solith.figures._currents import current_scale, results_of
from solith.figures._marks import drawn, marked
from solith.figures._style import (
    INK,
    label,
    log_axis,
    looks,
    named_records,
    new_figure,
    style_axes,
)
from solith.figures.numbers import show_number

__all__ = ["plot_current_voltage"]

_GREY = "#5b6672"


def plot_current_voltage(
    records: Record | Mapping[str, Record],
    results: Result | Mapping[str, Result] | None = None,
    *,
    logarithmic: bool | None = None,
) -> go.Figure:
    """Current of the cell against voltage [V]; several records by name are overlaid.

    Measured records beside simulated ones are drawn as marks. With ``results``, those of
    :func:`solith.analysis.analyse_current_voltage` under the same names (one for a single
    record), triggers, compliance and ohmic back scans are marked, and the current's magnitude
    is drawn on a logarithmic axis, unless ``logarithmic`` says otherwise.
    """
    given = named_records(records, ("current-voltage", "voltammogram"))
    found = _curves_of(given, results)
    logs = bool(found) if logarithmic is None else logarithmic
    style = looks(given)
    largest = max(
        float(np.nanmax(np.abs(record.array("current_ampere")), initial=0.0))
        for record in given.values()
    )
    size, unit = current_scale(largest)
    if logs:
        size, unit = 1.0, "A"
    figure = new_figure()
    measured = marked(given)
    for name, record in given.items():
        x, y = record.array("voltage_volt"), record.array("current_ampere") / size
        y = _magnitude(y) if logs else y
        figure.add_scatter(
            **drawn(x, y, name, measured, style[name]),
            name=label(name),
            hovertemplate=(
                f"<b>{label(name)}</b><br>%{{x:.4g}} V, %{{y:.4g}} {unit}<extra></extra>"
            ),
        )
    for result in found.values():
        _mark(figure, result, size, logs)
    style_axes(figure, "Voltage (V)", f"|Current| ({unit})" if logs else f"Current ({unit})")
    if logs:
        figure.update_yaxes(**log_axis(_sizes(given)))
    return figure


def _curves_of(
    records: Mapping[str, Record], results: Result | Mapping[str, Result] | None
) -> Mapping[str, Result]:
    """The results of the records, each known to be a curve's."""
    given = results_of(records, results)
    for name, result in given.items():
        if "highest_bias_volt" not in result.details:
            raise InputError("expected a result of analyse_current_voltage", where=name)
    return given


def _magnitude(current: Any) -> Any:
    """The current's size; what is zero has no place on a logarithmic axis."""
    size = np.abs(current)
    return np.where(size > 0, size, np.nan)


def _sizes(records: Mapping[str, Record]) -> list[float]:
    """The currents' sizes that are not 0."""
    sizes = np.concatenate([np.abs(record.array("current_ampere")) for record in records.values()])
    return list(sizes[np.isfinite(sizes) & (sizes > 0)]) or [1.0]


def _mark(figure: go.Figure, result: Result, size: float, logs: bool) -> None:
    sweeps = [sweep for sweep in result.details["sweeps"] if sweep["set"]]
    if not sweeps:
        return
    shape = _magnitude if logs else np.asarray
    first = sweeps[0]
    if first["back_scan"]:
        _ohmic(figure, first["back_scan"], size, logs)
    at = np.array([sweep["set"]["volt"] for sweep in sweeps])
    before = shape(np.array([sweep["current_before_ampere"] for sweep in sweeps]) / size)
    after = shape(np.array([sweep["current_after_ampere"] for sweep in sweeps]) / size)
    middle = np.sqrt(before * after) if logs else (before + after) / 2
    one = len(sweeps) == 1
    figure.add_scatter(
        x=at,
        y=middle,
        mode="markers+text" if one else "markers",
        text=[f"{show_number(volt, 3)} V" for volt in at] if one else None,
        textposition="middle left" if at[0] > 0 else "middle right",
        name="Abrupt rise",
        legendgroup="rise",
        showlegend=not any(trace.legendgroup == "rise" for trace in figure.data),
        marker={"symbol": "diamond-open", "size": 9, "color": INK, "line": {"width": 1.6}},
        hovertemplate="<b>Abrupt rise</b><br>%{x:.4g} V<extra></extra>",
    )
    limit = result["compliance_current"].value
    if limit is not None:
        turning = [sweep["turning_volt"] for sweep in sweeps]
        side = 1 if turning[0] > 0 else -1
        figure.add_scatter(
            x=[0, max(turning, key=abs)],
            y=[limit / size * (1 if logs else side)] * 2,
            mode="lines",
            name="Compliance",
            legendgroup="compliance",
            showlegend=not any(trace.legendgroup == "compliance" for trace in figure.data),
            line={"color": _GREY, "width": 1.2, "dash": "dot"},
            hovertemplate=f"<b>Compliance</b><br>{limit:.3g} A<extra></extra>",
        )


def _ohmic(figure: go.Figure, line: Mapping[str, Any], size: float, logs: bool) -> None:
    x = np.linspace(line["to_volt"], line["from_volt"], 100)
    y = (line["intercept_ampere"] + x / line["resistance_ohm"]) / size
    figure.add_scatter(
        x=x,
        y=_magnitude(y) if logs else y,
        mode="lines",
        name=f"Ohmic, {_ohms(line['resistance_ohm'])}",
        line={"color": INK, "width": 1.6, "dash": "dash"},
        hoverinfo="skip",
    )


def _ohms(resistance: float) -> str:
    """A resistance in the unit that leaves few digits before the point."""
    for size, unit in ((1e9, "GΩ"), (1e6, "MΩ"), (1e3, "kΩ")):
        if resistance >= size:
            return f"{show_number(resistance / size, 3)} {unit}"
    return f"{show_number(resistance, 3)} Ω"
