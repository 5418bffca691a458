"""Where the current flows in a plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from solith.core.errors import InputError
from solith.figures._phase_colours import length_unit
from solith.figures._style import new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_current_map"]

_FINEST = 480
_STEPS = 250
_SHARE = 99.5
"""Percentile of the current that the colours end at."""
_FLAT = 0.4
"""Height over width of a plane above which the scale of colours has room beside it."""
_TITLE = "Current density / mean"
_ABOVE = {"x": 1.0, "xanchor": "right", "y": 1.0, "yanchor": "bottom", "xref": "paper"}


def plot_current_map(
    density: ArrayLike, voxel_size: Sequence[float], axes: Sequence[str] = ("x", "z")
) -> go.Figure:
    """Current density over its mean, in colours; without current it is black.

    ``density`` has the two axes named in ``axes``, ``voxel_size`` [m] is that along each. Colours
    end at the 99.5th percentile, because the values of single voxels at corners mean nothing.
    """
    values = np.asarray(density, np.float32)
    if values.ndim != 2 or values.size == 0:
        raise InputError(f"a plane has two axes, this array {values.ndim}", where="density")
    if not np.isfinite(values).all():
        raise InputError("holds values that are not finite", where="density")
    lengths = [n * h for n, h in zip(values.shape, voxel_size, strict=True)]
    unit, scale = length_unit(max(lengths))
    steps = [max(1, -(-n // _FINEST)) for n in values.shape]
    shown = values[:: steps[0], :: steps[1]].T
    top = float(np.percentile(shown, _SHARE))
    top = top if top > 0 else 1.0
    whole = np.clip(np.rint(shown / top * _STEPS), 0, _STEPS).astype(np.uint8)
    rows, columns = shown.shape
    wide, high = lengths[0] * scale / columns, lengths[1] * scale / rows
    step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 1e9) if top / s <= 6)
    ticks = np.arange(0, top + 1e-9, step)
    flat = lengths[1] < _FLAT * lengths[0]
    figure = new_figure(height=_height(lengths))
    figure.add_heatmap(
        z=whole,
        x0=wide / 2,
        dx=wide,
        y0=high / 2,
        dy=high,
        zmin=0,
        zmax=_STEPS,
        colorscale="Inferno",
        hoverinfo="skip",
        colorbar={
            "title": {"text": "" if flat else _TITLE, "side": "right", "font": {"size": 13}},
            "thickness": 14,
            "outlinewidth": 0.5,
            "tickvals": (ticks / top * _STEPS).tolist(),
            "ticktext": [show_number(float(tick), 2) for tick in ticks],
            "ticks": "outside",
        },
    )
    style_axes(figure, f"<i>{axes[0]}</i> ({unit})", f"<i>{axes[1]}</i> ({unit})")
    figure.update_xaxes(range=[0, lengths[0] * scale], constrain="domain", ticks="outside")
    figure.update_yaxes(
        range=[0, lengths[1] * scale],
        scaleanchor="x",
        constrain="domain",
        constraintoward="bottom",
        ticks="outside",
    )
    if flat:
        figure.add_annotation(
            text=_TITLE, font={"size": 13}, showarrow=False, yref="paper", **_ABOVE
        )
    return figure


def _height(lengths: Sequence[float]) -> int:
    return int(min(440, max(200, 150 + 450 * lengths[1] / lengths[0])))
