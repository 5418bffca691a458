"""dQ/dV against voltage and dV/dQ against capacity, charge upwards and discharge downwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._cycle_colours import in_cycle_colours
from solith.figures._style import INK, Look, label, looks, named_results, new_figure, style_axes

__all__ = ["plot_differential_capacity", "plot_differential_voltage"]

_CHARGE = 1


def plot_differential_capacity(results: Result | Mapping[str, Result]) -> go.Figure:
    """dQ/dV against voltage [V]: charge above the axis, discharge below.

    ``results`` are those of :func:`solith.analysis.find_differential_capacity`, one or several
    by name, in one unit. The cycles of a single result run from dark to light; those of several
    share their sample's colour. The voltage axis holds all that the cell passed, the other
    one the curves.
    """
    figure = new_figure()
    given = named_results(results)
    for name, look, half in _half_cycles(given):
        sign = half["direction"]
        values = [sign * value for value in half["dq_dv"]]
        _draw(figure, name, look, half, half["voltage_volt"], values, _unit(given) + "/V")
    unit = _unit(given).replace("mAh/g", "mAh g<sup>-1</sup>")
    style_axes(figure, "Voltage (V)", f"dQ/dV ({unit} V<sup>-1</sup>)")
    figure.add_hline(y=0, line={"color": INK, "width": 0.8})
    return figure


def plot_differential_voltage(results: Result | Mapping[str, Result]) -> go.Figure:
    """dV/dQ against capacity: charge above the axis, discharge below.

    The capacity is that passed since the half-cycle's begin. ``results`` are those that
    :func:`plot_differential_capacity` takes. The axis leaves out the steep ends: it
    reaches to the largest value in the middle nine tenths of the capacity.
    """
    figure = new_figure()
    given = named_results(results)
    unit = _unit(given)
    reach = {1: 0.0, -1: 0.0}
    for name, look, half in _half_cycles(given):
        sign = half["direction"]
        values = half["dv_dq"]
        edge = max(len(values) // 20, 1)
        reach[sign] = max(reach[sign], *values[edge:-edge])
        _draw(
            figure,
            name,
            look,
            half,
            half["capacities"],
            [sign * value for value in values],
            f"V/({unit})",
        )
    per = "V g mAh<sup>-1</sup>" if unit == "mAh/g" else "V mAh<sup>-1</sup>"
    quantity = "Specific capacity" if unit == "mAh/g" else "Capacity"
    style_axes(figure, f"{quantity} ({unit})", f"dV/dQ ({per})")
    figure.update_yaxes(range=[-1.15 * reach[-1], 1.15 * reach[1]])
    figure.add_hline(y=0, line={"color": INK, "width": 0.8})
    return figure


def _half_cycles(given: Mapping[str, Result]) -> Iterator[tuple[str, Look, Mapping[str, Any]]]:
    """Name in the legend, look and data of every half-cycle."""
    listed = []
    for name, result in given.items():
        halves = result.details.get("half_cycles", ())
        if not halves:
            raise InputError(
                "holds no dQ/dV; expected a result of find_differential_capacity", where=name
            )
        several = len({half["cycle"] for half in halves}) > 1
        for half in halves:
            told = f"cycle {half['cycle']}"
            full = told.capitalize() if len(given) == 1 else f"{name}/{told}" if several else name
            listed.append((full, half))
    names = list(dict.fromkeys(name for name, _ in listed))
    style = in_cycle_colours(names) if len(given) == 1 and len(names) > 1 else looks(names)
    for name, half in listed:
        yield name, style[name], half


def _draw(
    figure: go.Figure,
    name: str,
    look: Look,
    half: Mapping[str, Any],
    x: list[float],
    y: list[float],
    unit: str,
) -> None:
    way = "charge" if half["direction"] == _CHARGE else "discharge"
    seen = {trace.legendgroup for trace in figure.data}
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line=look,
        name=label(name),
        legendgroup=name,
        showlegend=name not in seen,
        hovertemplate=(
            f"<b>{label(name)}</b>, {way}<br>%{{x:.4g}}, %{{y:.4g}} {unit}<extra></extra>"
        ),
    )


def _unit(given: Mapping[str, Result]) -> str:
    units = {str(result.details.get("capacity_unit", "mAh")) for result in given.values()}
    if len(units) != 1:
        raise InputError(
            f"the capacities have different units ({', '.join(sorted(units))}); give them in one"
        )
    return units.pop()
