"""Voltage against capacity in charge and discharge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import plotly.graph_objects as go

from solith.core.record import Record
from solith.figures._cycle_colours import in_cycle_colours
from solith.figures._half_cycle import (
    capacity_scale,
    discharge_rates,
    first_cycle,
    full_cycle,
    half_cycle,
)
from solith.figures._marks import drawn, marked
from solith.figures._style import label, looks, named_records, new_figure, style_axes

__all__ = ["plot_charge_discharge"]

_MOST_CURVES = 12  # of one record; above, a rate that recurs is drawn once
_ONE_DECIMAL = 0.6  # volt; ticks of a wider axis are at least 0.1 V apart


def plot_charge_discharge(
    records: Record | Mapping[str, Record], *, cycle: int | Iterable[int] | None = None
) -> go.Figure:
    """Voltage [V] against capacity of one cycle, charge and discharge both from zero.

    ``records`` is a cycling record, or several by name, which are laid over each other;
    names ``sample/experiment`` share the sample's colour. ``cycle`` is one cycle or several, which
    run from dark to light where there is one record. Without it, it is the first whole one (its
    charge and discharge both pass at least half of the usual charge), which the legend names
    where it is not the first; of a record discharged at several rates (a measured one: that
    knows its ``one_c_ampere``) it is the discharge of each. The capacity is per gram of
    active material where every record knows its mass, otherwise that of the cell. Measured
    records beside simulated ones are drawn as marks.
    """
    given = named_records(records, ("cycling",))
    scales, unit = capacity_scale(list(given.values()))
    curves = [
        (name, record, scale, number, ways)
        for (name, record), scale in zip(given.items(), scales, strict=True)
        for name, number, ways in _wanted(name, record, cycle, alone=len(given) == 1)
    ]
    style = looks(name for name, *_ in curves)
    if len(given) == 1 and len(_several(cycle)) > 1:
        style = in_cycle_colours(list(style))
    measured = marked({name: record for name, record, *_ in curves})
    figure = new_figure()
    ends: list[float] = []
    spans: list[float] = []
    for name, record, scale, number, ways in curves:
        voltage = record.array("voltage_volt")
        first = True
        for charging in ways:
            half = half_cycle(record, cycle=number, charging=charging)
            if not half.rows.size:
                continue
            ends.append(float(half.charge[-1] * scale))
            spans.append(float(np.ptp(voltage[half.rows])))
            x, y = (half.charge * scale).astype(np.float32), voltage[half.rows].astype(np.float32)
            figure.add_scatter(
                **drawn(x, y, name, measured, style[name]),
                name=label(name),
                legendgroup=name,
                showlegend=first,
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


def _wanted(
    name: str, record: Record, cycle: int | Iterable[int] | None, *, alone: bool
) -> list[tuple[str, int, tuple[bool, ...]]]:
    """The curves of one record: name, cycle, and whether charge, discharge or both."""
    chosen = _several(cycle)
    if len(chosen) > 1:
        both = (True, False)
        return [
            (f"cycle {number}" if alone else f"{name}/cycle {number}", number, both)
            for number in chosen
        ]
    if chosen:
        return [(name, chosen[0], (True, False))]
    measured = record.provenance.origin == "measured"
    no_rates = measured and not record.data.attrs.get("one_c_ampere")
    rates = {} if no_rates else discharge_rates(record)
    if len(rates) > _MOST_CURVES:
        rates = discharge_rates(record, repeated=False)
    if not rates:
        number = full_cycle(record)
        told = name if number == first_cycle(record) else f"{name}/cycle {number}"
        return [(told, number, (True, False))]
    return [
        (rate if alone else f"{name}/{rate}", number, (False,)) for number, rate in rates.items()
    ]


def _several(cycle: int | Iterable[int] | None) -> list[int]:
    if cycle is None:
        return []
    return list(dict.fromkeys(cycle)) if isinstance(cycle, Iterable) else [cycle]


def _voltage_title(records: list[Record]) -> str:
    references = {str(record.data.attrs.get("reference", "")) for record in records}
    only = references.pop() if len(references) == 1 else ""
    return f"Voltage (V {only})" if only else "Cell voltage (V)"
