"""Voltammograms: current against potential, cycle by cycle, with their peaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result
from solith.figures._style import (
    INK,
    label,
    looks,
    named_records,
    named_results,
    new_figure,
    style_axes,
)
from solith.figures.numbers import show_number

__all__ = ["plot_voltammogram"]

_STEPS = ((1.0, "A"), (1e-3, "mA"), (1e-6, "µA"), (1e-9, "nA"))
_MOST_CURVES = 6  # cycles of one record; above, the first, the last and some between


def plot_voltammogram(
    records: Record | Mapping[str, Record],
    results: Result | Mapping[str, Result] | None = None,
) -> go.Figure:
    """Current of the cell against potential [V].

    A single record that counts its cycles (``cycle_count``) has a curve for each; of many,
    six are drawn. Several records by name are laid over each other. With ``results``, those
    of :func:`solith.analysis.analyse_voltammogram` under the same names (one for a single
    record), the peaks of the analysed cycle are marked.
    """
    given = named_records(records, ("voltammogram",))
    found = _results_of(given, results)
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
    return next((step for step in _STEPS if largest >= step[0]), _STEPS[-1])


def _results_of(
    records: Mapping[str, Record], results: Result | Mapping[str, Result] | None
) -> Mapping[str, Result]:
    if results is None:
        return {}
    if isinstance(results, Result) and len(records) != 1:
        raise InputError(f"a result belongs to one record; {len(records)} are given")
    given = named_results(results, next(iter(records)))
    unknown = sorted(set(given) - set(records))
    if unknown:
        raise InputError(
            f"results of {', '.join(unknown)} belong to no record; there are: {', '.join(records)}"
        )
    return given


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
    marks = [
        (peak["potential_volt"], peak["current_ampere"] / size)
        for sweep in result.details.get("sweeps", ())
        if sweep["cycle"] == cycle
        for peak in sweep["peaks"]
    ]
    if not marks:
        return
    figure.add_scatter(
        x=[potential for potential, _ in marks],
        y=[current for _, current in marks],
        mode="markers+text",
        text=[f"{show_number(potential, 4)} V" for potential, _ in marks],
        textposition=["top center" if current > 0 else "bottom center" for _, current in marks],
        cliponaxis=False,
        name="Peaks",
        legendgroup="peaks",
        showlegend=not any(trace.legendgroup == "peaks" for trace in figure.data),
        marker={"symbol": "cross-thin", "size": 11, "line": {"width": 1.6, "color": INK}},
        hovertemplate=f"<b>Peak</b><br>%{{x:.4g}} V, %{{y:.4g}} {unit}<extra></extra>",
    )
