"""Principal components of a series of spectra: how many, and what they look like."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import INK, log_axis, looks, named_results, new_figure, style_axes

__all__ = ["plot_spectral_components"]

_LEFT, _RIGHT = (0.0, 0.36), (0.48, 1.0)
_MOST_DRAWN = 6
_MOST_TICKS = 12
_SMALLEST = 1e-12  # of the largest singular value: rounding


def plot_spectral_components(result: Result | Mapping[str, Result]) -> go.Figure:
    """Singular values against their number, and the components that are kept against energy.

    ``result`` is that of :func:`solith.analysis.find_components`. Filled dots are kept. Components
    are drawn in their own size, each times its singular value over the root of the number of
    spectra, and with its largest part upwards. Raises :class:`InputError` for another result.
    """
    only = next(iter(named_results(result).values()))
    if not {"eigenvalues", "loadings", "energy_ev", "scores"} <= set(only.details):
        raise InputError(f"the result {only.name!r} is none of find_components")
    singular = np.sqrt(np.array(only.details["eigenvalues"], dtype=float))
    loadings = np.array(only.details["loadings"], dtype=float)
    kept = len(loadings)
    figure = new_figure()
    known = np.flatnonzero(singular > _SMALLEST * singular[0])
    for shown, name, symbol in (
        (known[known < kept], "kept", "circle"),
        (known[known >= kept], "noise", "circle-open"),
    ):
        figure.add_scatter(
            x=shown + 1,
            y=singular[shown],
            mode="markers",
            marker={"size": 9, "symbol": symbol, "color": INK},
            name=name,
        )
    names = [f"component {number}" for number in range(1, min(kept, _MOST_DRAWN) + 1)]
    style = looks(names)
    for place, name in enumerate(names):
        size = singular[place] / np.sqrt(len(only.details["scores"]))
        size *= np.sign(loadings[place][np.argmax(np.abs(loadings[place]))])
        figure.add_scatter(
            x=only.details["energy_ev"],
            y=size * loadings[place],
            mode="lines",
            line=style[name],
            name=name,
            xaxis="x2",
            yaxis="y2",
        )
    style_axes(figure, "Number", "Singular value (edge steps)")
    figure.update_xaxes(domain=_LEFT, tickformat="d")
    if len(known) <= _MOST_TICKS:
        figure.update_xaxes(dtick=1)
    figure.update_yaxes(**log_axis(singular[known].tolist()))
    figure.update_layout(
        xaxis2={"domain": _RIGHT, "anchor": "y2", "title": {"text": "Photon energy (eV)"}},
        yaxis2={"anchor": "x2", "title": {"text": "Component (edge steps)"}},
    )
    return figure
