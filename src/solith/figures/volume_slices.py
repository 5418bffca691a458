"""Cuts through a volume: phases in their colours, or grey values beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.volume import AXES, GreyVolume, Volume, axis_number
from solith.figures._phase_colours import phase_colours, round_length
from solith.figures._style import INK, label, new_figure

__all__ = ["plot_segmentation", "plot_slices"]

_FINEST = 480
"""Voxels drawn along a side; of more, some are left out."""
_GAP = 0.03
_FRAME = {
    "showline": True,
    "mirror": True,
    "linecolor": INK,
    "linewidth": 1,
    "ticks": "",
    "showticklabels": False,
    "constrain": "domain",
}

Cut = tuple[NDArray[Any], tuple[float, float], tuple[str, str]]
"""Values (rows are the second axis), lengths of both sides [m], letters of both axes."""


def plot_slices(volume: Volume) -> go.Figure:
    """Three cuts through the middle of a volume, with a scale bar; phases in fixed colours.

    Below on the left x and y, above it x and z, on the right z and y; all of one scale.
    """
    if not isinstance(volume, Volume):
        raise InputError(f"a Volume is drawn here, not {type(volume).__name__}")
    x, y, z = volume.size
    wide, high = x / (x + z), y / (y + z)
    figure = new_figure(height=560, hovermode=False)
    places = [
        (_cut(volume, 2), (0, wide - _GAP / 2), (0, high - _GAP / 2)),
        (_cut(volume, 1), (0, wide - _GAP / 2), (high + _GAP / 2, 1)),
        (_turned(_cut(volume, 0)), (wide + _GAP / 2, 1), (0, high - _GAP / 2)),
    ]
    for number, (cut, across, up) in enumerate(places, start=1):
        _draw_phases(figure, volume, cut, number, across, up)
    figure.update_layout(
        xaxis={"constraintoward": "right"},
        yaxis={"constraintoward": "top"},
        xaxis2={"matches": "x", "constraintoward": "right", "title": {"text": ""}},
        yaxis2={"scaleanchor": "x", "constraintoward": "bottom"},
        xaxis3={"scaleanchor": "y", "constraintoward": "left"},
        yaxis3={
            "matches": "y",
            "scaleanchor": None,
            "constraintoward": "top",
            "title": {"text": ""},
        },
    )
    _legend(figure, volume)
    _scale_bar(figure, (x, y))
    return figure


def plot_segmentation(grey: GreyVolume, volume: Volume, *, axis: str | int = "z") -> go.Figure:
    """The middle cut across ``axis`` through a grey volume, and the phases found in it beside."""
    if grey.shape != volume.shape:
        raise InputError(f"the grey volume has {grey.shape} voxels, the phases {volume.shape}")
    along = axis_number(axis)
    figure = new_figure(height=430, hovermode=False)
    values, lengths, letters = _cut(grey, along)
    low, high = np.percentile(values, (0.5, 99.5))
    shown = np.clip((values - low) / max(high - low, 1e-30) * 255, 0, 255).astype(np.uint8)
    _axes(figure, 1, lengths, letters, (0, 0.49), (0, 1))
    figure.add_heatmap(
        z=shown, **_places(shown, lengths), colorscale="Greys_r", zmin=0, zmax=255, showscale=False
    )
    _draw_phases(figure, volume, _cut(volume, along), 2, (0.51, 1), (0, 1))
    figure.update_layout(xaxis2={"matches": "x"}, yaxis2={"matches": "y", "scaleanchor": None})
    _legend(figure, volume)
    _scale_bar(figure, lengths)
    return figure


def _cut(volume: Volume | GreyVolume, normal: int) -> Cut:
    array = volume.labels if isinstance(volume, Volume) else volume.values
    a, b = (d for d in range(3) if d != normal)
    plane = np.take(array, array.shape[normal] // 2, axis=normal)
    steps = [max(1, -(-n // _FINEST)) for n in plane.shape]
    lengths = (array.shape[a] * volume.voxel_size[a], array.shape[b] * volume.voxel_size[b])
    return np.asarray(plane[:: steps[0], :: steps[1]]).T, lengths, (AXES[a], AXES[b])


def _turned(cut: Cut) -> Cut:
    values, (a, b), (first, second) = cut
    return values.T, (b, a), (second, first)


def _places(values: NDArray[Any], lengths: tuple[float, float]) -> dict[str, float]:
    rows, columns = values.shape
    return {
        "x0": 0.5 * lengths[0] / columns,
        "dx": lengths[0] / columns,
        "y0": 0.5 * lengths[1] / rows,
        "dy": lengths[1] / rows,
    }


def _draw_phases(
    figure: go.Figure,
    volume: Volume,
    cut: Cut,
    number: int,
    across: tuple[float, float],
    up: tuple[float, float],
) -> None:
    values, lengths, letters = cut
    order = {label_: place for place, label_ in enumerate(volume.phases.values())}
    places = np.zeros(values.shape, np.uint8)
    for label_, place in order.items():
        places[values == label_] = place
    colours = list(phase_colours(volume.phases).values())
    count = len(colours)
    scale = [
        [(place + end) / count, colour] for place, colour in enumerate(colours) for end in (0, 1)
    ]
    _axes(figure, number, lengths, letters, across, up)
    ending = "" if number == 1 else str(number)
    figure.add_heatmap(
        z=places,
        **_places(places, lengths),
        xaxis=f"x{ending}",
        yaxis=f"y{ending}",
        colorscale=scale,
        zmin=-0.5,
        zmax=count - 0.5,
        showscale=False,
    )


def _axes(
    figure: go.Figure,
    number: int,
    lengths: tuple[float, float],
    letters: tuple[str, str],
    across: tuple[float, float],
    up: tuple[float, float],
) -> None:
    ending = "" if number == 1 else str(number)
    title = {"font": {"size": 13}, "standoff": 4}
    figure.update_layout(
        {
            f"xaxis{ending}": {
                **_FRAME,
                "domain": across,
                "range": [0, lengths[0]],
                "anchor": f"y{ending}",
                "title": {"text": f"<i>{letters[0]}</i>", **title},
            },
            f"yaxis{ending}": {
                **_FRAME,
                "domain": up,
                "range": [0, lengths[1]],
                "anchor": f"x{ending}",
                "scaleanchor": f"x{ending}",
                "title": {"text": f"<i>{letters[1]}</i>", **title},
            },
        }
    )


def _legend(figure: go.Figure, volume: Volume) -> None:
    for name, colour in phase_colours(volume.phases).items():
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=label(name),
            marker={"symbol": "square", "size": 12, "color": colour, "line": {"width": 0.5}},
        )


def _scale_bar(figure: go.Figure, lengths: tuple[float, float]) -> None:
    """A bar on a white ground in the lower left corner of the first cut."""
    length, text = round_length(lengths[0])
    left, low, thick = 0.03 * lengths[0], 0.03 * lengths[0], 0.012 * lengths[0]
    ground = {"type": "rect", "fillcolor": "white", "opacity": 0.8, "line": {"width": 0}}
    figure.add_shape(
        **ground,
        x0=left / 2,
        x1=left * 1.5 + length,
        y0=low / 2,
        y1=low + thick + 0.085 * lengths[0],
    )
    figure.add_shape(
        type="rect", fillcolor=INK, line_width=0, x0=left, x1=left + length, y0=low, y1=low + thick
    )
    figure.add_annotation(
        x=left + length / 2,
        y=low + thick,
        text=text,
        showarrow=False,
        yanchor="bottom",
        font={"size": 13, "color": INK},
    )
