"""Intensity of a spectrum."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from solith.core.record import Record
from solith.figures._style import label, looks, named_records, new_figure, style_axes

__all__ = ["plot_spectrum"]


def plot_spectrum(records: Record | Mapping[str, Record]) -> go.Figure:
    """Intensity against the abscissa of a spectrum; several by name are overlaid.

    A binding energy falls to the right.
    """
    given = named_records(records, ("spectrum",))
    style = looks(given)
    figure = new_figure()
    for name, record in given.items():
        figure.add_scatter(
            x=record.array("abscissa"),
            y=record.array("intensity"),
            mode="lines",
            name=label(name),
            line=style[name],
            hovertemplate=f"<b>{label(name)}</b><br>%{{x:.6g}}, %{{y:.4g}}<extra></extra>",
        )
    first = next(iter(given.values()))
    style_axes(figure, _title(first, "abscissa"), _title(first, "intensity"))
    if first.data.attrs.get("abscissa_quantity") == "binding energy":
        figure.update_xaxes(autorange="reversed")
    return figure


def _title(record: Record, variable: str) -> str:
    attributes = record.data[variable].attrs
    named = str(attributes.get("long_name", variable.capitalize()))
    unit = str(attributes.get("units", "")) or "as recorded"
    return f"{named} ({unit})"
