"""Current against voltage: current-voltage curves and voltammograms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from solith.core.record import Record
from solith.figures._marks import drawn, marked
from solith.figures._style import label, looks, named_records, new_figure, style_axes

__all__ = ["plot_current_voltage"]

_STEPS = ((1.0, "A"), (1e-3, "mA"), (1e-6, "µA"), (1e-9, "nA"))


def plot_current_voltage(records: Record | Mapping[str, Record]) -> go.Figure:
    """Current of the cell against voltage [V]; several records by name are overlaid.

    Measured records beside simulated ones are drawn as marks.
    """
    given = named_records(records, ("current-voltage", "voltammogram"))
    style = looks(given)
    largest = max(
        float(np.nanmax(np.abs(record.array("current_ampere")), initial=0.0))
        for record in given.values()
    )
    size, unit = next((step for step in _STEPS if largest >= step[0]), _STEPS[-1])
    figure = new_figure()
    measured = marked(given)
    for name, record in given.items():
        x, y = record.array("voltage_volt"), record.array("current_ampere") / size
        figure.add_scatter(
            **drawn(x, y, name, measured, style[name]),
            name=label(name),
            hovertemplate=(
                f"<b>{label(name)}</b><br>%{{x:.4g}} V, %{{y:.4g}} {unit}<extra></extra>"
            ),
        )
    style_axes(figure, "Voltage (V)", f"Current ({unit})")
    return figure
