"""A coating's element map with the outlines of the particles: where it is coated, where bare."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.given import require_result
from solith.core.record import Record
from solith.core.result import Result
from solith.figures.maps import plot_map

__all__ = ["plot_coverage"]

_COATED, _BARE = "#E69F00", "#56B4E9"
_MOST = 6000


def plot_coverage(result: Result, record: Record) -> go.Figure:
    """The map of the coating's element, places of the outlines coated (amber) or bare (blue).

    ``result`` is that of :func:`solith.analysis.analyse_coverage` for the ``record``. Raises
    :class:`InputError` for another result.
    """
    require_result(result)
    details = result.details
    if not {"coated", "x_metre", "y_metre", "variable"} <= set(details):
        raise InputError(f"{result.name!r} is no result of analyse_coverage")
    figure = plot_map(record, [str(details["variable"])])
    coated = np.asarray(details["coated"], dtype=bool)
    x, y = (np.asarray(details[f"{axis}_metre"], dtype=float) for axis in ("x", "y"))
    step = max(1, len(x) // _MOST)
    for name, chosen, colour in (("coated", coated, _COATED), ("bare", ~coated, _BARE)):
        rows = np.flatnonzero(chosen)[::step]
        if len(rows):
            figure.add_scatter(
                x=x[rows],
                y=y[rows],
                mode="markers",
                marker={"size": 2.2, "color": colour},
                name=name,
                hoverinfo="skip",
            )
    figure.update_layout(
        showlegend=True,
        legend={"itemsizing": "constant"},
        margin={"t": 40},
    )
    return figure
