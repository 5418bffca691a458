"""High-resolution images: where a lattice shows, its Fourier transform, a coating along an edge."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.given import require_result
from solith.core.record import Record
from solith.core.result import Result
from solith.figures._phase_colours import round_length
from solith.figures._style import INK, new_figure

__all__ = ["plot_coating", "plot_crystallinity"]

_FINEST = 512
_LATTICE, _RING = "#E69F00", "#0072B2"
_COATING = "#D55E00"
_BARE = {
    "showticklabels": False,
    "ticks": "",
    "title": {"text": ""},
    "constrain": "domain",
}


def plot_crystallinity(result: Result, image: Record | ArrayLike) -> go.Figure:
    """The image, windows that show a lattice tinted, and beside it the mean of their transforms.

    ``result`` is that of :func:`solith.analysis.analyse_crystallinity` for the ``image``. Rings are
    drawn at the spacings that were found. Raises :class:`InputError` for another result.
    """
    _require(result, "map", "rings", "mean_power")
    details = result.details
    values = _values(image)
    figure = new_figure(height=470, hovermode=False)
    pixel = float(details["pixel_size_metre"])
    _draw_image(figure, values, pixel, (0.0, 0.49))
    tint = _tint(details, values.shape)
    figure.add_heatmap(
        z=(100 * tint[:: _step(values), :: _step(values)]).astype(np.uint8),
        **_places(values, pixel),
        colorscale=[[0, "rgba(0,0,0,0)"], [1, _LATTICE]],
        opacity=0.35,
        zmin=0,
        zmax=100,
        showscale=False,
    )
    _scale_bar(figure, values.shape, pixel)
    _draw_transform(figure, details)
    return figure


def plot_coating(result: Result, image: Record | ArrayLike) -> go.Figure:
    """The image with the coating's two edges, and beside it how the thickness is distributed.

    ``result`` is that of :func:`solith.analysis.analyse_coating` for the ``image``. Raises
    :class:`InputError` for another result.
    """
    _require(result, "stretches", "edge")
    details = result.details
    values = _values(image)
    pixel = float(details["pixel_size_metre"])
    figure = new_figure(height=470, hovermode=False)
    _draw_image(figure, values, pixel, (0.0, 0.52))
    found = [row for row in details["stretches"] if row["thickness_metre"] is not None]
    for depth, name in (("outer", "coating to vacuum"), ("inner", "coating to particle")):
        x, y = [], []
        for row in found:
            inwards = row["outer_metre"] + (row["thickness_metre"] if depth == "inner" else 0.0)
            y.append(row["middle_pixel"][0] * pixel + inwards * row["normal"][0])
            x.append(row["middle_pixel"][1] * pixel + inwards * row["normal"][1])
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines+markers",
            name=name,
            line={"color": _RING if depth == "outer" else _COATING, "width": 2},
            marker={"size": 5},
        )
    _scale_bar(figure, values.shape, pixel)
    figure.add_histogram(
        x=[1e9 * row["thickness_metre"] for row in found],
        xaxis="x2",
        yaxis="y2",
        marker={"color": _COATING, "line": {"color": "white", "width": 1}},
        showlegend=False,
        nbinsx=max(6, len(found) // 3),
    )
    figure.update_layout(
        xaxis2={"domain": (0.62, 1.0), "anchor": "y2", "title": {"text": "Thickness (nm)"}},
        yaxis2={"anchor": "x2", "title": {"text": "Stretches of the edge"}},
    )
    mean = result["thickness"]
    if mean.value is not None:
        at = 1e9 * mean.value
        figure.add_shape(
            type="line",
            xref="x2",
            yref="y2 domain",
            x0=at,
            x1=at,
            y0=0,
            y1=1,
            line={"color": INK, "width": 1.5, "dash": "dash"},
        )
    return figure


def _require(result: Result, *keys: str) -> None:
    require_result(result)
    missing = [key for key in keys if key not in result.details]
    if missing:
        raise InputError(f"the result {result.name!r} has no {', '.join(missing)} to draw")


def _values(image: Record | ArrayLike) -> NDArray[Any]:
    if isinstance(image, Record):
        image = next(iter(image.data.data_vars.values())).values
    values = np.asarray(image)
    if values.ndim != 2:
        raise InputError(f"an image has two axes, this array {values.ndim}")
    return values


def _step(values: NDArray[Any]) -> int:
    return max(1, -(-int(max(values.shape)) // _FINEST))


def _places(values: NDArray[Any], pixel: float) -> dict[str, float]:
    step = _step(values)
    return {"x0": 0.0, "dx": pixel * step, "y0": 0.0, "dy": pixel * step}


def _draw_image(
    figure: go.Figure, values: NDArray[Any], pixel: float, across: tuple[float, float]
) -> None:
    step = _step(values)
    low, high = np.percentile(values, (0.5, 99.5))
    shown = np.clip((values - low) / max(high - low, 1e-30) * 255, 0, 255).astype(np.uint8)
    figure.add_heatmap(
        z=shown[::step, ::step],
        **_places(values, pixel),
        colorscale="Greys_r",
        zmin=0,
        zmax=255,
        showscale=False,
    )
    rows, columns = values.shape
    figure.update_layout(
        xaxis={**_BARE, "domain": across, "range": [0, columns * pixel]},
        yaxis={**_BARE, "range": [rows * pixel, 0], "scaleanchor": "x"},
    )


def _tint(details: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """How many of the windows over each pixel show a lattice, 0 to 1."""
    size = round(details["window_metre"] / details["pixel_size_metre"])
    shown, covered = np.zeros(shape), np.zeros(shape)
    for (y, x), lattice in zip(details["corners"], details["map"], strict=True):
        covered[y : y + size, x : x + size] += 1
        shown[y : y + size, x : x + size] += lattice
    tint: NDArray[np.float64] = shown / np.maximum(covered, 1)
    return tint


def _draw_transform(figure: go.Figure, details: Any) -> None:
    power = np.array(details["mean_power"])
    size = len(power)
    unit = 1e-9 / details["window_metre"]
    low, high = np.percentile(power, (5, 99.9))
    figure.add_heatmap(
        z=np.clip(power, low, high),
        x0=-(size // 2) * unit,
        dx=unit,
        y0=-(size // 2) * unit,
        dy=unit,
        xaxis="x2",
        yaxis="y2",
        colorscale="Greys_r",
        showscale=False,
    )
    turn = np.linspace(0, 2 * np.pi, 181)
    for ring in details["rings"][:4]:
        radius = 1e-9 / ring["spacing"]
        figure.add_scatter(
            x=radius * np.cos(turn),
            y=radius * np.sin(turn),
            mode="lines",
            xaxis="x2",
            yaxis="y2",
            name=f"{1e9 * ring['spacing']:.4f} ± {1e9 * ring['uncertainty']:.4f} nm",
            line={"color": _RING, "width": 1.5, "dash": "dot"},
        )
    end = size // 2 * unit
    frame = {"range": [-end, end], "constrain": "domain"}
    figure.update_layout(
        xaxis2={**frame, "domain": (0.58, 1.0), "anchor": "y2", "title": {"text": "q (1/nm)"}},
        yaxis2={**frame, "anchor": "x2", "scaleanchor": "x2", "title": {"text": ""}},
    )


def _scale_bar(figure: go.Figure, shape: tuple[int, ...], pixel: float) -> None:
    rows, columns = (n * pixel for n in shape)
    length, text = round_length(columns)
    left, low = 0.04 * columns, 0.95 * rows
    figure.add_shape(
        type="rect",
        fillcolor="white",
        opacity=0.85,
        line_width=0,
        x0=left / 2,
        x1=left * 1.5 + length,
        y0=0.985 * rows,
        y1=0.87 * rows,
    )
    figure.add_shape(
        type="rect", fillcolor=INK, line_width=0, x0=left, x1=left + length, y0=low, y1=0.965 * rows
    )
    figure.add_annotation(
        x=left + length / 2,
        y=low,
        text=text,
        showarrow=False,
        yanchor="bottom",
        font={"size": 13, "color": INK},
    )
