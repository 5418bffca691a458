"""Voltammograms: current against potential, cycle by cycle, with their peaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from solith.core.record import Record
from solith.core.result import Result
from solith.figures._currents import current_scale, results_of
from solith.figures._style import (
    INK,
    label,
    looks,
    named_records,
    new_figure,
    style_axes,
)
from solith.figures.numbers import show_number

__all__ = ["plot_voltammogram"]

_MOST_CURVES = 6  # cycles of one record; above, the first, the last and some between


def plot_voltammogram(
    records: Record | Mapping[str, Record],
    results: Result | Mapping[str, Result] | None = None,
) -> go.Figure:
    """Current of the cell against potential [V].

    A single record that counts its cycles (``cycle_count``) has a curve for each; of many,
    six are drawn. Several records by name are laid over each other. With ``results``, those
    of :func:`solith.analysis.analyse_voltammogram` under the same names (one for a single
    record), peaks and shoulders of the analysed cycle are marked, with the baselines of peaks
    where they are not zero.
    """
    given = named_records(records, ("voltammogram",))
    found = results_of(given, results)
    size, unit = _scale(given)
    curves = _curves(given)
    style = looks(curves)
    figure = new_figure()
    for name, (record, rows) in curves.items():
        figure.add_scatter(
            x=record.array("voltage_volt")[rows],
            y=record.array("current_ampere")[rows] / size,
            mode="lines",
            name=label(name),
            line=style[name],
            hovertemplate=(
                f"<b>{label(name)}</b><br>%{{x:.4g}} V, %{{y:.4g}} {unit}<extra></extra>"
            ),
        )
    for result in found.values():
        _mark_peaks(figure, result, size, unit)
    references = {str(record.data.attrs.get("reference", "")) for record in given.values()}
    only = references.pop() if len(references) == 1 else ""
    style_axes(figure, f"Voltage (V {only})" if only else "Voltage (V)", f"Current ({unit})")
    return figure


def _scale(records: Mapping[str, Record]) -> tuple[float, str]:
    """What currents are divided by, and the unit they then have."""
    largest = max(
        float(np.nanmax(np.abs(record.array("current_ampere")), initial=0.0))
        for record in records.values()
    )
    return current_scale(largest)


def _curves(records: Mapping[str, Record]) -> dict[str, tuple[Record, Any]]:
    """The rows of each curve by its name in the legend."""
    whole: dict[str, tuple[Record, Any]] = {
        name: (record, slice(None)) for name, record in records.items()
    }
    if len(records) != 1:
        return whole
    (record,) = records.values()
    if "cycle_count" not in record.data.variables:
        return whole
    count = record.array("cycle_count")
    numbers = np.unique(count[np.isfinite(count)])
    if len(numbers) < 2:
        return whole
    picked = numbers
    if len(numbers) > _MOST_CURVES:
        places = np.linspace(0, len(numbers) - 1, _MOST_CURVES).round().astype(int)
        picked = numbers[places]
    return {f"Cycle {number:g}": (record, count == number) for number in picked}


def _mark_peaks(figure: go.Figure, result: Result, size: float, unit: str) -> None:
    cycle = result.details.get("cycle")
    sweeps = [row for row in result.details.get("sweeps", ()) if row["cycle"] == cycle]
    peaks = [peak for sweep in sweeps for peak in sweep["peaks"]]
    if result.details.get("baseline", "zero") != "zero":
        _draw_baselines(figure, peaks, size)
    _draw_marks(figure, "Peaks", "cross-thin", [_place(peak, size) for peak in peaks], unit)
    shoulders = [
        (item["potential_volt"], item["current_ampere"] / size)
        for sweep in sweeps
        for item in sweep.get("shoulders", ())
    ]
    _draw_marks(figure, "Shoulders", "triangle-down-open", shoulders, unit)


def _place(peak: Mapping[str, Any], size: float) -> tuple[float, float]:
    """A peak's top on the curve: its current stands on its baseline."""
    at = peak["potential_volt"]
    return at, (peak["current_ampere"] + _under(peak, at)) / size


def _under(peak: Mapping[str, Any], at: float) -> float:
    """The baseline at a potential [A]."""
    (x0, y0), (x1, y1) = peak.get("baseline", ((0.0, 0.0), (1.0, 0.0)))
    return float(y0 + (at - x0) / (x1 - x0) * (y1 - y0)) if x1 != x0 else float(y0)


def _draw_baselines(figure: go.Figure, peaks: list[Mapping[str, Any]], size: float) -> None:
    for peak in peaks:
        at = peak["potential_volt"]
        below = _under(peak, at)
        (x0, y0), (x1, y1) = peak["baseline"]
        figure.add_scatter(
            x=[x0, x1, None, at, at],
            y=[y0 / size, y1 / size, None, below / size, (below + peak["current_ampere"]) / size],
            mode="lines",
            name="Baselines",
            legendgroup="baselines",
            showlegend=not any(trace.legendgroup == "baselines" for trace in figure.data),
            line={"color": INK, "width": 1, "dash": "dash"},
            hoverinfo="skip",
        )


def _draw_marks(
    figure: go.Figure, name: str, symbol: str, marks: list[tuple[float, float]], unit: str
) -> None:
    if not marks:
        return
    group = name.lower()
    figure.add_scatter(
        x=[potential for potential, _ in marks],
        y=[current for _, current in marks],
        mode="markers+text",
        text=[f"{show_number(potential, 4)} V" for potential, _ in marks],
        textposition=["top center" if current > 0 else "bottom center" for _, current in marks],
        cliponaxis=False,
        name=name,
        legendgroup=group,
        showlegend=not any(trace.legendgroup == group for trace in figure.data),
        marker={"symbol": symbol, "size": 11, "line": {"width": 1.6, "color": INK}, "color": INK},
        hovertemplate=f"<b>{name[:-1]}</b><br>%{{x:.4g}} V, %{{y:.4g}} {unit}<extra></extra>",
    )
