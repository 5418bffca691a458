"""Photoelectron spectra with their fit, as the field draws them: binding energy to the left."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.colors import hex_to_rgb

from solith.core.errors import InputError
from solith.core.given import require_result
from solith.core.result import Result
from solith.figures._style import INK, label, looks, new_figure

__all__ = ["plot_xps", "plot_xps_background", "plot_xps_fractions"]

_GREY = "#8a939c"
_GAP = 0.03
_RESIDUAL = 0.16  # of the height of one spectrum
_HEIGHT, _MORE = 460, 300
_MOST = 8
_KINDS = {"linear": "linear", "shirley": "Shirley", "tougaard": "Tougaard"}


def plot_xps(result: Result) -> go.Figure:
    """A fitted photoelectron region: data, background, filled components, sum, residuals below.

    The binding energy falls to the right. Several spectra lie one above another, each with its
    residuals in standard deviations of counting. Raises :class:`InputError` for what is no result
    of :func:`solith.analysis.fit_xps`, and for more than eight spectra.
    """
    curves = _curves(result)
    if len(curves) > _MOST:
        raise InputError(
            f"{result.name!r} has {len(curves)} spectra; at most {_MOST} are drawn at once"
        )
    colours = _colours(result)
    figure = new_figure(height=_HEIGHT + _MORE * (len(curves) - 1))
    for place, curve in enumerate(curves):
        _draw(figure, curve, colours, place, len(curves))
    energies = [energy for curve in curves for energy in (curve["energy"][0], curve["energy"][-1])]
    ends = [max(energies), min(energies)]
    last = 2 * len(curves)
    for axis in range(1, last + 1):
        is_last = axis == last
        figure.update_layout(
            {
                f"xaxis{axis if axis > 1 else ''}": {
                    "range": ends,
                    "anchor": f"y{axis if axis > 1 else ''}",
                    "matches": None if axis == 1 else "x",
                    "showticklabels": is_last,
                    "title": {"text": "Binding energy (eV)" if is_last else ""},
                }
            }
        )
    return figure


def plot_xps_background(result: Result) -> go.Figure:
    """A spectrum with the background that :func:`solith.analysis.find_xps_background` found."""
    require_result(result)
    curve = result.details.get("curve")
    if not isinstance(curve, Mapping) or not {"energy", "intensity", "background"} <= set(curve):
        raise InputError(f"{result.name!r} is no result of find_xps_background")
    figure = new_figure()
    energy = list(curve["energy"])
    _dots(figure, energy, list(curve["intensity"]), "data", "x", "y", shown=True)
    figure.add_scatter(
        x=energy,
        y=list(curve["background"]),
        mode="lines",
        name=f"{_KINDS.get(str(result.details['background']), '')} background".strip(),
        line={"color": _GREY, "width": 2},
    )
    unit = result["area_above"].unit.removesuffix("eV").strip()
    figure.update_xaxes(title_text="Binding energy (eV)", range=[energy[-1], energy[0]])
    figure.update_yaxes(title_text=_intensity(unit), rangemode="tozero")
    return figure


def plot_xps_fractions(result: Result) -> go.Figure:
    """The fraction of each component in each spectrum of a fit, with its 95 % interval."""
    curves = _curves(result)
    colours = _colours(result)
    figure = new_figure()
    names = [label(str(curve["name"])) for curve in curves]
    for component, colour in colours.items():
        values = [
            result[f"{component}_fraction{f'_{n}' if len(curves) > 1 else ''}"]
            for n in range(1, len(curves) + 1)
        ]
        figure.add_scatter(
            x=names,
            y=[value.value for value in values],
            error_y={
                "array": [1.96 * (value.uncertainty or 0.0) for value in values],
                "thickness": 1.2,
                "width": 4,
            },
            mode="lines+markers" if len(curves) > 1 else "markers",
            name=_told(component),
            line={"color": colour, "width": 1.5},
            marker={"color": colour, "size": 8},
        )
    figure.update_xaxes(title_text="")
    figure.update_yaxes(title_text="Part of the area", rangemode="tozero")
    return figure


def _curves(result: Result) -> Sequence[Mapping[str, Any]]:
    require_result(result)
    curves = result.details.get("curves")
    if not isinstance(curves, Sequence) or not curves or "components" not in curves[0]:
        raise InputError(f"{result.name!r} is no result of fit_xps")
    return curves


def _colours(result: Result) -> dict[str, str]:
    names = [str(name) for name in result.details["components"]]
    return {name: str(look["color"]) for name, look in looks(names).items()}


def _draw(
    figure: go.Figure,
    curve: Mapping[str, Any],
    colours: Mapping[str, str],
    place: int,
    number: int,
) -> None:
    """One spectrum in its part of the height, residuals in the strip below it."""
    top = 1 - place / number
    bottom = 1 - (place + 1) / number + (_GAP if place < number - 1 else 0.0)
    strip = bottom + _RESIDUAL * (top - bottom)
    upper, lower = 2 * place + 1, 2 * place + 2
    x, y = f"x{upper if upper > 1 else ''}", f"y{upper if upper > 1 else ''}"
    energy, background = list(curve["energy"]), list(curve["background"])
    first = place == 0
    for name, colour in colours.items():
        heights = [
            below + above
            for below, above in zip(background, curve["components"][name], strict=True)
        ]
        red, green, blue = hex_to_rgb(colour)
        figure.add_scatter(
            x=energy + energy[::-1],
            y=heights + background[::-1],
            mode="lines",
            fill="toself",
            fillcolor=f"rgba({red},{green},{blue},0.35)",
            line={"color": colour, "width": 1},
            name=_told(name),
            legendgroup=name,
            showlegend=first,
            hoverinfo="skip",
            xaxis=x,
            yaxis=y,
        )
    figure.add_scatter(
        x=energy,
        y=background,
        mode="lines",
        name="background",
        legendgroup="background",
        showlegend=first,
        line={"color": _GREY, "width": 1.2},
        xaxis=x,
        yaxis=y,
    )
    _dots(figure, energy, list(curve["intensity"]), "data", x, y, shown=first)
    figure.add_scatter(
        x=energy,
        y=list(curve["total"]),
        mode="lines",
        name="sum",
        legendgroup="sum",
        showlegend=first,
        line={"color": INK, "width": 1.6},
        xaxis=x,
        yaxis=y,
    )
    _dots(
        figure, energy, list(curve["residual"]), "residual", f"x{lower}", f"y{lower}", shown=False
    )
    _axes(figure, curve, upper, (strip + _GAP / 2, top), (bottom, strip - _GAP / 2))
    if number > 1:
        figure.add_annotation(
            text=label(str(curve["name"])),
            xref=f"{x} domain",
            yref=f"{y} domain",
            x=0.01,
            y=0.97,
            xanchor="left",
            yanchor="top",
            showarrow=False,
        )


def _axes(
    figure: go.Figure,
    curve: Mapping[str, Any],
    upper: int,
    above: tuple[float, float],
    below: tuple[float, float],
) -> None:
    reach = math.ceil(max(3.0, *(abs(value) for value in curve["residual"])))
    lowest, highest = min(curve["background"]), max(curve["intensity"])
    margin = 0.06 * (highest - lowest)
    figure.update_layout(
        {
            f"yaxis{upper if upper > 1 else ''}": {
                "domain": [above[0], above[1]],
                "anchor": f"x{upper if upper > 1 else ''}",
                "title": {"text": _intensity(str(curve["unit"]))},
                "range": [max(lowest - margin, 0.0), highest + margin],
                "exponentformat": "power",
            },
            f"yaxis{upper + 1}": {
                "domain": [below[0], below[1]],
                "anchor": f"x{upper + 1}",
                "title": {"text": "Res. (σ)"},
                "range": [-reach, reach],
                "tickvals": [-2, 0, 2],
                "zeroline": True,
                "zerolinecolor": _GREY,
                "zerolinewidth": 1,
            },
        }
    )


def _dots(
    figure: go.Figure,
    x: list[float],
    y: list[float],
    name: str,
    xaxis: str,
    yaxis: str,
    *,
    shown: bool,
) -> None:
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        name=name,
        legendgroup=name,
        showlegend=shown,
        marker={"size": 3.5, "color": INK, "opacity": 0.55},
        hovertemplate="%{x:.6g} eV, %{y:.4g}<extra></extra>",
        xaxis=xaxis,
        yaxis=yaxis,
    )


def _intensity(unit: str) -> str:
    return f"Intensity ({unit.replace('1/s', 'counts/s') or 'as recorded'})"


def _told(name: str) -> str:
    return label(name).replace("_", " ")
