"""Voltage against capacity in charge and discharge."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from solith.core.record import Record
from solith.figures._half_cycle import capacity_scale, half_cycle
from solith.figures._style import label, looks, named_records, new_figure, style_axes

__all__ = ["plot_charge_discharge"]

_ONE_DECIMAL = 0.6  # volt; ticks of a wider axis are at least 0.1 V apart


def plot_charge_discharge(records: Record | Mapping[str, Record], *, cycle: int = 1) -> go.Figure:
    """Voltage [V] against capacity of one cycle, charge and discharge both from zero.

    ``records`` is a cycling record, or several by name, which are laid over each other;
    names ``sample/experiment`` share the sample's colour. The capacity is per gram of
    active material where every record knows its mass, otherwise that of the cell.
    """
    given = named_records(records, ("cycling",))
    scales, unit = capacity_scale(list(given.values()))
    style = looks(given)
    figure = new_figure()
    ends: list[float] = []
    spans: list[float] = []
    for (name, record), scale in zip(given.items(), scales, strict=True):
        voltage = record.array("voltage_volt")
        first = True
        for charging in (True, False):
            half = half_cycle(record, cycle=cycle, charging=charging)
            if not half.rows.size:
                continue
            ends.append(float(half.charge[-1] * scale))
            spans.append(float(np.ptp(voltage[half.rows])))
            figure.add_scatter(
                x=(half.charge * scale).astype(np.float32),
                y=voltage[half.rows].astype(np.float32),
                mode="lines",
                name=label(name),
                legendgroup=name,
                showlegend=first,
                line=style[name],
                hovertemplate=(
                    f"<b>{label(name)}</b>, {'charge' if charging else 'discharge'}<br>"
                    f"%{{x:.4g}} {unit}, %{{y:.4g}} V<extra></extra>"
                ),
            )
            first = False
    quantity = "Specific capacity" if unit == "mAh/g" else "Capacity"
    style_axes(figure, f"{quantity} ({unit})", _voltage_title(list(given.values())))
    figure.update_xaxes(range=[0, 1.04 * max(ends, default=1.0)])
    if spans and max(spans) > _ONE_DECIMAL:
        figure.update_yaxes(tickformat=".1f")
    return figure


def _voltage_title(records: list[Record]) -> str:
    references = {str(record.data.attrs.get("reference", "")) for record in records}
    only = references.pop() if len(references) == 1 else ""
    return f"Voltage (V {only})" if only else "Cell voltage (V)"
