"""X-ray absorption near an edge: spectra with edge and white line, mixtures, maps of a series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import INK, label, looks, named_results, new_figure, style_axes

__all__ = ["plot_mixture", "plot_xanes", "plot_xanes_series"]

Array = NDArray[np.float64]

_GREY = "#8a949e"
_UPPER, _LOWER = (0.36, 1.0), (0.0, 0.32)
_RESIDUAL = (0.0, 0.2)
_FITTED = (0.26, 1.0)
_ENERGY = "Photon energy (eV)"
_BELOW, _ABOVE = 12.0, 35.0  # eV around the edges that are shown
_DIVERGING = [
    [0.0, "#0b3c6f"],
    [0.25, "#5b9bc8"],
    [0.5, "#ffffff"],
    [0.75, "#e58a5b"],
    [1.0, "#8c2d04"],
]
_CLIP = 99.7  # percentile at which colours end
_MAP, _BESIDE = (0.0, 0.66), (0.7, 0.88)


def plot_xanes(results: Result | Mapping[str, Result]) -> go.Figure:
    """Normalised absorption with edge and white line above, its derivative below.

    ``results`` is one of :func:`solith.analysis.analyse_xanes`, or several by name. Dots are
    rows, lines what is smoothed; an open circle is the edge, a triangle the white line. Raises
    :class:`InputError` for other results.
    """
    given = named_results(results)
    style = looks(given)
    figure = _two_panels(_UPPER, _LOWER)
    edges = []
    scaled = True
    for name, result in given.items():
        curves = _curves(result, "normalised", "smoothed", "derivative_per_ev")
        energy, normalised, smoothed, derivative = curves
        scaled = scaled and bool(result.details["is_normalised"])
        look = style[name]
        if len(given) == 1:
            figure.add_scatter(
                x=energy,
                y=normalised,
                mode="markers",
                marker={"size": 4, "color": look["color"], "opacity": 0.45},
                name="measured",
                hoverinfo="skip",
            )
        figure.add_scatter(
            x=energy,
            y=smoothed,
            mode="lines",
            line=look,
            name=label(name) if len(given) > 1 else "smoothed",
            legendgroup=name,
            hovertemplate=f"<b>{label(name)}</b><br>%{{x:.2f}} eV, %{{y:.3f}}<extra></extra>",
        )
        figure.add_scatter(
            x=energy,
            y=derivative,
            mode="lines",
            line=look,
            legendgroup=name,
            showlegend=False,
            yaxis="y2",
            hovertemplate=f"<b>{label(name)}</b><br>%{{x:.2f}} eV, %{{y:.3f}}/eV<extra></extra>",
        )
        edges.append(_mark(figure, result, energy, smoothed, derivative, look["color"], name))
    unit = "edge steps" if scaled else "as recorded"
    style_axes(figure, _ENERGY, "")
    figure.update_layout(
        yaxis={"title": {"text": f"Absorption ({unit})"}},
        yaxis2={"title": {"text": "Derivative (eV<sup>-1</sup>)"}},
    )
    figure.update_xaxes(range=[min(edges) - _BELOW, max(edges) + _ABOVE])
    return figure


def plot_mixture(result: Result) -> go.Figure:
    """A mixture of references: measured and fitted with the parts, and the residual below.

    ``result`` is one of :func:`solith.analysis.fit_mixture`. The band in the lower panel is
    95 % of the record's noise. Raises :class:`InputError` for another result.
    """
    given = named_results(result)
    only = next(iter(given.values()))
    energy, measured, fitted, residual = _curves(only, "measured", "fitted", "residual")
    parts: Mapping[str, Any] = only.details["parts"]
    figure = _two_panels(_FITTED, _RESIDUAL)
    style = looks(parts)
    for name, values in parts.items():
        share = only[f"{name}_fraction"]
        told = (
            f"{label(name)} {100 * (share.value or 0):.1f} ± {100 * (share.uncertainty or 0):.1f} %"
        )
        figure.add_scatter(x=energy, y=values, mode="lines", line=style[name], name=told)
    figure.add_scatter(
        x=energy,
        y=measured,
        mode="markers",
        marker={"size": 4.5, "color": _GREY},
        name="measured",
    )
    figure.add_scatter(
        x=energy, y=fitted, mode="lines", line={"color": INK, "width": 1.6}, name="sum"
    )
    reach = 1.96 * float(only.details["noise"])
    figure.add_hrect(
        y0=-reach, y1=reach, yref="y2", fillcolor=_GREY, opacity=0.25, line_width=0, layer="below"
    )
    figure.add_scatter(
        x=energy,
        y=residual,
        mode="markers",
        marker={"size": 4, "color": INK},
        yaxis="y2",
        showlegend=False,
        name="residual",
    )
    style_axes(figure, _ENERGY, "")
    figure.update_layout(
        yaxis={"title": {"text": "Absorption (edge steps)"}},
        yaxis2={"title": {"text": "Residual"}, "zeroline": True, "zerolinecolor": INK},
    )
    return figure


def plot_xanes_series(
    result: Result, *, derivative: bool = False, against: str = "time"
) -> go.Figure:
    """The map of differences from the first spectra, energy across, and the features found.

    ``result`` is one of :func:`solith.analysis.analyse_xanes_series`; ``derivative`` draws the
    differences of the derivatives; ``against`` is "time", "charge" or "potential" (the latter two
    where a cycling record was joined). Warm colours grow, cold ones fade. Dashed lines are the
    features, a cross on each is its onset. The cell's potential stands beside the map. Raises
    :class:`InputError` for another result, and for an axis that it does not have or on which the
    spectra do not go one way.
    """
    only = next(iter(named_results(result).values()))
    which = "derivative_difference" if derivative else "difference"
    energy, _ = _curves(only, which)
    values = np.array(only.details[which], dtype=float)
    height, title = _against(only, against)
    shown = np.isfinite(height)
    top = float(np.percentile(np.abs(values), _CLIP)) or 1.0
    joined = "potential_volt" in only.details and against != "potential"
    figure = new_figure(height=480)
    figure.add_heatmap(
        x=energy,
        y=height[shown],
        z=values[shown],
        zmin=-top,
        zmax=top,
        colorscale=_DIVERGING,
        colorbar={
            "title": {
                "text": "Change (eV<sup>-1</sup>)" if derivative else "Change (edge steps)",
                "side": "right",
            },
            "thickness": 14,
            "outlinewidth": 0.5,
            "x": _BESIDE[1] + 0.02 if joined else 1.02,
        },
        hovertemplate="%{x:.2f} eV, %{y:.4g}<br>%{z:.4f}<extra></extra>",
    )
    _features(figure, only, derivative, height)
    style_axes(figure, _ENERGY, title)
    figure.update_xaxes(range=[float(energy[0]), float(energy[-1])], ticks="outside")
    figure.update_yaxes(range=_ends(height[shown]), ticks="outside")
    figure.update_layout(showlegend=False, margin={"t": 60})
    if joined:
        potential = np.array(only.details["potential_volt"], dtype=float)
        figure.add_scatter(
            x=potential[shown],
            y=height[shown],
            xaxis="x2",
            mode="lines",
            line={"color": INK, "width": 2},
            name="potential",
        )
        figure.update_layout(
            xaxis={"domain": _MAP},
            xaxis2={
                "domain": _BESIDE,
                "anchor": "y",
                "title": {"text": "Potential (V)"},
                "showline": True,
                "nticks": 3,
            },
        )
        _frame(figure, _BESIDE, (0.0, 1.0))
    return figure


def _two_panels(upper: tuple[float, float], lower: tuple[float, float]) -> go.Figure:
    figure = new_figure(height=560)
    figure.update_layout(
        xaxis={"anchor": "y2"},
        yaxis={"domain": upper},
        yaxis2={"domain": lower, "showline": True, "mirror": True, "ticks": "inside"},
    )
    _frame(figure, (0.0, 1.0), upper)
    return figure


def _frame(figure: go.Figure, x: tuple[float, float], y: tuple[float, float]) -> None:
    """The border of a panel whose axes are another's."""
    figure.add_shape(
        type="rect",
        xref="paper",
        yref="paper",
        x0=x[0],
        x1=x[1],
        y0=y[0],
        y1=y[1],
        line={"color": INK, "width": 1},
    )


def _curves(result: Result, *names: str) -> list[Array]:
    """Energies and named curves of a result; an error where it has none."""
    missing = [name for name in ("energy_ev", *names) if name not in result.details]
    if missing:
        raise InputError(
            f"the result {result.name!r} is none of X-ray absorption that can be drawn here: it "
            f"lacks {missing[0]}"
        )
    return [np.asarray(result.details[name], dtype=float) for name in ("energy_ev", *names)]


def _mark(
    figure: go.Figure,
    result: Result,
    energy: Array,
    smoothed: Array,
    derivative: Array,
    color: str,
    name: str,
) -> float:
    """The edge on both curves and the white line on the upper one; gives the edge [eV]."""
    edge, white = result["edge_position"], result["white_line_position"]
    at = float(edge.value or 0.0)
    for axis, curve in (("y", smoothed), ("y2", derivative)):
        figure.add_scatter(
            x=[at],
            y=[np.interp(at, energy, curve)],
            yaxis=axis,
            mode="markers",
            marker={"symbol": "circle-open", "size": 11, "color": color, "line": {"width": 2}},
            legendgroup=name,
            showlegend=False,
            hovertemplate=f"edge {at:.2f} ± {edge.uncertainty or 0:.2f} eV<extra></extra>",
        )
    if white.value is not None:
        figure.add_scatter(
            x=[white.value],
            y=[np.interp(white.value, energy, smoothed)],
            mode="markers",
            marker={"symbol": "triangle-down", "size": 11, "color": color},
            legendgroup=name,
            showlegend=False,
            hovertemplate=f"white line {white.value:.2f} eV<extra></extra>",
        )
    return at


def _against(result: Result, against: str) -> tuple[Array, str]:
    """What stands upwards at each spectrum, and its title."""
    axes = {
        "time": ("time_second", "Time (h)", 1 / 3600),
        "charge": ("charge_mah", "Charge (mAh)", 1.0),
        "potential": ("potential_volt", "Potential (V)", 1.0),
    }
    if against not in axes:
        raise InputError(f"{against!r} is not one of {', '.join(axes)}", where="against")
    key, title, scale = axes[against]
    if key not in result.details:
        raise InputError("the series was not joined with a cycling record", where="against")
    values = np.array(result.details[key], dtype=float) * scale
    steps = np.diff(values[np.isfinite(values)])
    if not (np.all(steps > 0) or np.all(steps < 0)) or not len(steps):
        raise InputError(
            f"the {against} does not go one way through the series; draw it against time",
            where="against",
        )
    return values, title


def _features(figure: go.Figure, result: Result, derivative: bool, height: Array) -> None:
    time = np.array(result.details["time_second"], dtype=float)
    known = np.isfinite(height)
    for row in result.details["features"]:
        if row["name"].startswith("derivative") != derivative:
            continue
        figure.add_vline(x=row["energy"], line={"color": INK, "width": 1, "dash": "dash"})
        figure.add_annotation(
            x=row["energy"],
            y=1.0,
            yref="paper",
            yanchor="bottom",
            textangle=-90,
            text=f"{row['energy']:.1f}",
            showarrow=False,
            font={"size": 12, "color": INK},
        )
        onset = f"{row['name']}_onset"
        if onset in result and (value := result[onset].value) is not None:
            figure.add_scatter(
                x=[row["energy"]],
                y=[np.interp(value, time[known], height[known])],
                mode="markers",
                marker={"symbol": "x", "size": 9, "color": INK},
                hovertemplate=f"onset {value / 3600:.3g} h<extra></extra>",
            )


def _ends(values: Array) -> list[float]:
    return [float(values[0]), float(values[-1])]
