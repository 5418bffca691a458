"""A series of spectra: resistances against what was varied, with the laws they obey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.given import require_result
from solith.core.quantities import in_unit
from solith.core.result import Result
from solith.figures._style import label, looks, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_series"]

_AXES = {
    "temperature": "1000/<i>T</i> (1/K)",
    "pressure": "Pressure (MPa)",
    "potential": "Cell voltage (V)",
    "state_of_charge": "State of charge",
    "cycle": "Cycle",
    "time": "Time (h)",
}
_LOGARITHMIC = ("temperature", "pressure")


def plot_series(result: Result) -> go.Figure:
    """Resistances [ohm of the cell] of a fitted series, points and laws.

    ``result`` is that of :func:`solith.analysis.fit_series`. Against temperature it is
    Arrhenius' plot, resistance (logarithmic) over 1000/T; against pressure both axes are
    logarithmic. Points that take no part in a law are open, with the reason in their hover
    text; bars are standard uncertainties. Raises :class:`InputError` for another result.
    """
    require_result(result)
    table: Sequence[Mapping[str, Any]] = result.details.get("table", ())
    laws: Mapping[str, Mapping[str, Any]] = result.details.get("laws", {})
    variable = str(result.details.get("variable", ""))
    if not table or not laws or variable not in _AXES:
        raise InputError(f"the result {result.name!r} is no series; expected that of fit_series")
    figure = new_figure()
    style = looks(laws)
    for name, law in laws.items():
        _add_points(figure, name, variable, table, style[name]["color"])
        if curve := law.get("curve"):
            figure.add_scatter(
                x=[_across(variable, x) for x in curve["x"]],
                y=curve["resistance_ohm"],
                mode="lines",
                name=label(name),
                legendgroup=name,
                showlegend=False,
                line={"color": style[name]["color"], "width": 1.6},
                hoverinfo="skip",
            )
    style_axes(figure, _AXES[variable], "Resistance (Ω)")
    if variable in _LOGARITHMIC:
        figure.update_yaxes(type="log", exponentformat="power")
    else:
        figure.update_yaxes(rangemode="tozero")
    if variable == "pressure":
        figure.update_xaxes(type="log", exponentformat="power")
    return figure


def _add_points(
    figure: go.Figure, name: str, variable: str, table: Sequence[Mapping[str, Any]], color: str
) -> None:
    rows = [(row, row["values"][name]) for row in table if row["values"].get(name)]
    rows = [(row, entry) for row, entry in rows if entry["value"] is not None]
    used = [not entry["flags"] and entry["uncertainty"] is not None for _, entry in rows]
    figure.add_scatter(
        x=[_across(variable, row[variable]) for row, _ in rows],
        y=[entry["value"] for _, entry in rows],
        error_y={
            "type": "data",
            "array": [
                entry["uncertainty"] if known else 0.0
                for (_, entry), known in zip(rows, used, strict=True)
            ],
            "thickness": 1,
            "width": 3,
        },
        mode="markers",
        name=label(name),
        legendgroup=name,
        marker={
            "color": color,
            "size": 8,
            "symbol": ["circle" if known else "circle-open" for known in used],
        },
        customdata=[_told(row, entry) for row, entry in rows],
        hovertemplate=f"<b>{label(name)}</b>, %{{customdata}}<extra></extra>",
    )


def _across(variable: str, x: float) -> float:
    """The place on the horizontal axis."""
    if variable == "temperature":
        return 1000.0 / float(x)
    if variable == "pressure":
        return float(in_unit(x, "Pa", "MPa"))
    return float(x) / 3600.0 if variable == "time" else float(x)


def _told(row: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    words = f"{label(str(row['record']))}: {show_number(entry['value'], 4)} Ω"
    return "<br>".join([words, *(label(flag) for flag in entry["flags"])])
