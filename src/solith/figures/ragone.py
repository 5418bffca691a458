"""Ragone's plot: energy against power of the discharges."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import INK, label, looks, named_results, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_ragone"]

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
_TICKS = (
    (1,),
    (1, 2, 5),
    (1, 2, 3, 4, 5, 6, 8),
    (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9),
)
_LEAST_TICKS = 3
_MOST_MARKERS = 12
_LETTER, _LINE = 0.011, 0.06
"""Of an axis: width of a letter and height of a line of its names, on a narrow page."""
_PLACES = 24  # along a line where its name is tried
_DENSE = 40  # points between two of a line
_NAME = 1000.0  # what meeting a name or leaving the axes counts, in points of a line

Array = NDArray[np.float64]


def plot_ragone(
    results: Result | Mapping[str, Result],
    *,
    areal: bool = False,
    beside: Iterable[Mapping[str, Any]] = (),
) -> go.Figure:
    """Energy against mean power of each rate, both logarithmic.

    ``results`` are those of :func:`solith.analysis.find_rate_capability`, or of a stack
    (:func:`solith.design.trace_ragone`, :func:`solith.design.simulate_energy`), one or several by
    name. Energy and power are those of the mass that the results name (one mass for all), which
    stands on the axes, or of the cell; with ``areal`` they are per *geometric* area. A rate
    that comes again is not drawn twice. ``beside`` are cells of the literature in the same units,
    as :meth:`solith.design.PublishedCell.beside` gives them: a dot, or a dotted line where only
    ``energy`` or only ``power`` is known.
    """
    given = named_results(results)
    energy, power = (
        ("areal_energy", "areal_power") if areal else ("discharge_energy", "mean_discharge_power")
    )
    bases = {_basis(name, result, energy, power, areal) for name, result in given.items()}
    if len(bases) != 1:
        told = ", ".join(sorted(f"{unit} of {of or 'the cell'}" for unit, _, of in bases))
        raise InputError(f"the energies are not of one kind ({told}); give one mass for all")
    energy_unit, power_unit, of = bases.pop()
    style = looks(given)
    figure = new_figure()
    for place, (name, result) in enumerate(given.items()):
        rows = _first_of_each(result.details["rates"], power)
        figure.add_scatter(
            x=[row[power] for row in rows],
            y=[row[energy] for row in rows],
            mode="lines" if len(rows) > _MOST_MARKERS else "lines+markers",
            name=label(name),
            line=style[name],
            marker={"size": 8, "symbol": _SYMBOLS[place % len(_SYMBOLS)]},
            customdata=[row["label"] for row in rows],
            hovertemplate=(
                f"<b>{label(name)}</b>, %{{customdata}}<br>%{{x:.3g}} {power_unit}, "
                f"%{{y:.4g}} {energy_unit}<extra></extra>"
            ),
        )
    figure.update_layout(showlegend=isinstance(results, Mapping))
    per = f", {of}" if of else ""
    kind = "Areal" if areal else "Specific" if of else ""
    style_axes(
        figure,
        f"{kind} power ({power_unit}{per})".strip().replace("power", "Power", not kind),
        f"{kind} energy ({energy_unit}{per})".strip().replace("energy", "Energy", not kind),
    )
    others = list(beside)
    xs, ys = ([value for trace in figure.data for value in trace[axis]] for axis in ("x", "y"))
    figure.update_xaxes(**_axis([*xs, *(one["power"] for one in others if one.get("power"))]))
    figure.update_yaxes(**_axis([*ys, *(one["energy"] for one in others if one.get("energy"))]))
    line = {"color": INK, "width": 1.0, "dash": "dot"}
    for one in others:
        if one.get("power") and not one.get("energy"):
            figure.add_vline(one["power"], line=line)
        elif one.get("energy") and not one.get("power"):
            figure.add_hline(one["energy"], line=line)
    for one in others:
        _tell_beside(figure, one)
    return figure


def _tell_beside(figure: go.Figure, cell: Mapping[str, Any]) -> None:
    """A dot with its name, or the name of a line."""
    energy, power = cell.get("energy"), cell.get("power")
    told = {"text": label(str(cell["name"])), "font": {"size": 11}, "showarrow": False}
    if energy and power:
        figure.add_scatter(
            x=[power],
            y=[energy],
            mode="markers+text",
            text=[told["text"]],
            textposition=f"middle {_roomy_side(figure, power)}",
            marker={"size": 8, "color": INK, "symbol": "diamond-open"},
            showlegend=False,
            hovertemplate=f"{told['text']}<br>{cell.get('source', '')}<extra></extra>",
        )
    elif energy:
        # An annotation on a logarithmic axis stands at the logarithm.
        at = {"xref": "x domain", **_clear_place(figure, energy, len(str(cell["name"])))}
        figure.add_annotation(y=math.log10(energy), **at, **told)
    elif power:
        at = {"y": 0.03, "yref": "y domain", "xanchor": "right", "yanchor": "bottom"}
        figure.add_annotation(x=math.log10(power), textangle=-90, **at, **told)


def _clear_place(figure: go.Figure, energy: float, letters: int) -> dict[str, Any]:
    """Where on a horizontal line its name lies on no other line or name, or on the fewest."""
    width, level = _LETTER * letters, _share(figure.layout.yaxis, energy)
    drawn = _drawn_points(figure)
    names = [
        (one.x, _share(figure.layout.yaxis, 10**one.y))
        for one in figure.layout.annotations
        if one.xref == "x domain"
    ]

    def met(place: tuple[float, int]) -> float:
        left, side = place
        low, high = sorted((level, level + side * _LINE))
        inside = (drawn[0] >= left) & (drawn[0] <= left + width)
        lines = np.sum(inside & (drawn[1] >= low) & (drawn[1] <= high))
        others = sum(abs(x - left) < width and abs(y - level) < 2 * _LINE for x, y in names)
        return float(lines + _NAME * (others + (low < 0) + (high > 1)))

    left, side = min(((x, side) for side in (1, -1) for x in _lefts(width)), key=met)
    return {"x": left, "xanchor": "left", "yanchor": "bottom" if side > 0 else "top"}


def _lefts(width: float) -> list[float]:
    """Where a name may begin, from the right end of the axis to the left one."""
    last = max(0.99 - width, 0.01)
    return [last - (last - 0.01) * step / _PLACES for step in range(_PLACES + 1)]


def _drawn_points(figure: go.Figure) -> Array:
    """Points (2, n) on all lines of the figure, as shares of its axes."""
    axes = {"x": figure.layout.xaxis, "y": figure.layout.yaxis}
    points = []
    for trace in figure.data:
        along = [[_share(axis, one) for one in trace[name]] for name, axis in axes.items()]
        ends = np.array(along)
        steps = np.linspace(0, ends.shape[1] - 1, _DENSE * ends.shape[1])
        points.append([np.interp(steps, np.arange(ends.shape[1]), row) for row in ends])
    upright = np.linspace(0, 1, _DENSE)
    points += [
        [np.full(_DENSE, _share(axes["x"], shape.x0)), upright]
        for shape in figure.layout.shapes
        if shape.x0 == shape.x1
    ]
    return np.hstack(points)


def _share(axis: Any, value: float) -> float:
    """How far along a logarithmic axis a value lies, from 0 to 1."""
    low, high = axis.range
    return float((math.log10(value) - low) / (high - low))


def _roomy_side(figure: go.Figure, power: float) -> str:
    """On which side of a dot its name has room within the axis."""
    low, high = figure.layout.xaxis.range
    return "right" if math.log10(power) < 0.5 * (low + high) else "left"


def _basis(name: str, result: Result, energy: str, power: str, areal: bool) -> tuple[str, str, str]:
    """Units of energy and power, and what they are per."""
    units = result.details.get("units", {})
    if not result.details.get("rates") or power not in units:
        hint = "a record with its geometric_area" if areal else "a record"
        raise InputError(
            f"holds no power; expected a result of find_rate_capability from {hint}", where=name
        )
    return units[energy], units[power], "geometric area" if areal else result.details["mass_of"]


def _first_of_each(rows: list[dict[str, Any]], power: str) -> list[dict[str, Any]]:
    """The rows whose rate has not come before, by rising power."""
    kept = [row for row in rows if "_" not in row["label"]]
    return sorted(kept, key=lambda row: float(row[power]))


def _axis(values: list[float]) -> dict[str, Any]:
    """A logarithmic axis with round ticks, as few as there may be but three."""
    low, high = min(values) / 1.25, max(values) * 1.25
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    inside: list[float] = []
    for factors in _TICKS:
        if len(inside) < _LEAST_TICKS:
            ticks = [factor * 10.0**decade for decade in decades for factor in factors]
            inside = [tick for tick in ticks if low <= tick <= high]
    return {
        "type": "log",
        "range": [math.log10(low), math.log10(high)],
        "tickvals": inside,
        "ticktext": [show_number(tick, 2) for tick in inside],
    }
