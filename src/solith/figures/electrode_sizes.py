"""How a switching device depends on the size of its electrode."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result
from solith.figures._currents import results_of
from solith.figures._style import log_axis, looks, named_records, new_figure, style_axes

__all__ = ["plot_electrode_sizes"]

_FIRST, _LATER = "First cycle", "Median of the later cycles"


def plot_electrode_sizes(
    records: Mapping[str, Record], results: Mapping[str, Result], most: float | None = None
) -> go.Figure:
    """On/off ratio of the first and of later cycles against the electrode's diameter [um].

    ``records`` of electrodes that tell their contact area, with the results of
    :func:`solith.analysis.analyse_current_voltage` by the same names. Open triangles are lower
    bounds; a ratio of about 1 is that of a device that stays on. A dashed line is the ``most``
    that is published of the largest electrode.
    """
    given = named_records(records, ("current-voltage",))
    found = results_of(given, results)
    points: dict[str, list[tuple[float, float, bool, str]]] = {_FIRST: [], _LATER: []}
    for name, result in found.items():
        area = given[name].data.attrs.get("contact_area_m2")
        if not area:
            raise InputError("the record does not tell its contact area", where=name)
        width = 2e6 * math.sqrt(float(area) / math.pi)
        known = [row for row in result.details.get("cycles", ()) if row["on_off_ratio"]]
        for place, rows in ((_FIRST, known[:1]), (_LATER, known[1:])):
            if rows:
                middle = float(np.median([row["on_off_ratio"] for row in rows]))
                bounded = any(row["lower_bound"] for row in rows)
                points[place].append((width, middle, bounded, name))
    if not any(points.values()):
        raise InputError("no result holds an on/off ratio")
    figure = new_figure()
    style = looks(points)
    for told, listed in points.items():
        listed.sort()
        figure.add_scatter(
            x=[width for width, *_ in listed],
            y=[ratio for _, ratio, *_ in listed],
            mode="lines+markers",
            name=told,
            line={"color": style[told]["color"], "width": 1.4},
            marker={
                "size": 10,
                "color": style[told]["color"],
                "symbol": ["triangle-up-open" if open_ else "circle" for _, _, open_, _ in listed],
                "line": {"width": 1.6},
            },
            customdata=[name for *_, name in listed],
            hovertemplate="<b>%{customdata}</b><br>%{x:.3g} µm: %{y:.3g}<extra></extra>",
        )
    if any(open_ for listed in points.values() for _, _, open_, _ in listed):
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            name="Open: a lower bound, at the instrument's floor",
            marker={"symbol": "triangle-up-open", "size": 10, "color": "#5b6672"},
            hoverinfo="skip",
        )
    widths = [width for listed in points.values() for width, *_ in listed]
    ratios = [ratio for listed in points.values() for _, ratio, *_ in listed]
    if most is not None:
        figure.add_scatter(
            x=[min(widths), max(widths)],
            y=[most, most],
            mode="lines",
            name=f"Published of the largest, at most {most:g}",
            line={"color": "#5b6672", "width": 1.2, "dash": "dash"},
            hoverinfo="skip",
        )
    style_axes(figure, "Diameter of the electrode's contact (µm)", "On/off ratio")
    figure.update_xaxes(**log_axis(widths))
    figure.update_yaxes(**log_axis(ratios))
    return figure
