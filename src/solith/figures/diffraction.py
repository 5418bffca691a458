"""Diffraction patterns with their fit, peaks and a structure's lines; thermal curves."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.given import require_result
from solith.core.result import Result
from solith.figures._style import INK, label, new_figure, style_axes

__all__ = ["plot_diffraction", "plot_thermal"]

_MEASURED, _FITTED, _LINES, _BELOW = "#8a96a3", "#0072B2", "#D55E00", "#009E73"
_NAMED = 12
"""Peaks, the largest first, that have their spacing written above."""
_APART = 0.016
"""Part of the axis that a spacing takes."""
_ROOM = 0.18
"""Part of the height below the pattern for a structure's lines and the difference."""


def plot_diffraction(result: Result, comparison: Result | None = None) -> go.Figure:
    """A pattern as points with its fit, the smooth part, the difference, spacings above the peaks.

    ``result`` is that of :func:`solith.analysis.find_peaks`, ``comparison`` that of
    :func:`solith.analysis.compare_pattern`, whose lines stand below. Raises :class:`InputError`
    for other results.
    """
    _require(result, "peaks", "angle_degree", "fitted")
    details = result.details
    angle, intensity = np.array(details["angle_degree"]), np.array(details["intensity"])
    fitted = np.array(details["fitted"])
    figure = new_figure(height=480)
    figure.add_scatter(
        x=angle,
        y=intensity,
        mode="markers",
        name="measured",
        marker={"size": 3, "color": _MEASURED},
        hovertemplate="%{x:.3f}°, %{y:.4g}<extra></extra>",
    )
    lines = [(details["background"], "smooth part", _BELOW, "dash")]
    lines += [(details["below_halos"], "below halos", INK, "dot")] if details["halos"] else []
    lines += [(fitted, "fit", _FITTED, "solid")]
    for values, name, colour, dash in lines:
        figure.add_scatter(
            x=angle,
            y=values,
            mode="lines",
            name=name,
            line={"color": colour, "dash": dash, "width": 1.6},
            hoverinfo="skip",
        )
    top, low = float(intensity.max()), float(min(intensity.min(), 0.0))
    high = top - low
    figure.add_scatter(
        x=angle,
        y=intensity - fitted + low - _ROOM * high / 2,
        mode="lines",
        name="difference",
        line={"color": _MEASURED, "width": 1},
        hoverinfo="skip",
    )
    _write_spacings(figure, result, top, high)
    floor = low - _ROOM * high
    if comparison is not None:
        floor = _draw_lines(figure, comparison, floor, high)
    style_axes(figure, "2θ (deg)", "Intensity")
    figure.update_yaxes(range=[floor - 0.05 * high, top + 0.22 * high])
    return figure


def plot_thermal(result: Result) -> go.Figure:
    """A DSC or TG curve over temperature, with tops, onsets and steps marked.

    ``result`` is that of :func:`solith.analysis.analyse_thermal`. Raises :class:`InputError` for
    another.
    """
    _require(result, "temperature_celsius", "curve")
    details = result.details
    temperature, curve = np.array(details["temperature_celsius"]), np.array(details["curve"])
    figure = new_figure()
    mass = "steps" in details
    figure.add_scatter(
        x=temperature,
        y=curve,
        mode="lines",
        name="mass" if mass else "heat flow",
        line={"color": _FITTED, "width": 2},
        hovertemplate="%{x:.1f} °C, %{y:.4g}<extra></extra>",
    )
    rows = details["steps" if mass else "peaks"]
    for row in rows:
        places = [row["onset"], row["steepest" if mass else "top"]]
        for place, name, sign in zip(places, ("onset", "top"), ("x", "circle"), strict=True):
            if place is None or not temperature[0] <= place <= temperature[-1]:
                continue
            figure.add_scatter(
                x=[place],
                y=[float(np.interp(place, temperature, curve))],
                mode="markers",
                name="steepest" if mass and name == "top" else name,
                legendgroup=name,
                showlegend=row is rows[0],
                marker={"symbol": sign, "size": 10, "color": _LINES},
                hovertemplate="%{x:.1f} °C<extra></extra>",
            )
        figure.add_vrect(
            x0=row["start"], x1=row["end"], fillcolor=_MEASURED, opacity=0.12, line_width=0
        )
    unit = {"percent": "%"}.get(details["curve_unit"], details["curve_unit"]) or "as recorded"
    style_axes(figure, "Temperature (°C)", f"{'Mass' if mass else 'Heat flow'} ({unit})")
    return figure


def _require(result: Result, *keys: str) -> None:
    require_result(result)
    missing = [key for key in keys if key not in result.details]
    if missing:
        raise InputError(f"the result {result.name!r} has no {', '.join(missing)} to draw")


def _write_spacings(figure: go.Figure, result: Result, top: float, high: float) -> None:
    rows = sorted(result.details["peaks"], key=lambda row: -row["area"])[:_NAMED]
    angle, fitted = result.details["angle_degree"], result.details["fitted"]
    written: list[float] = []
    for row in rows:
        if any(
            abs(row["position_degree"] - at) < _APART * (angle[-1] - angle[0]) for at in written
        ):
            continue
        written.append(row["position_degree"])
        height = float(np.interp(row["position_degree"], angle, fitted))
        figure.add_annotation(
            x=row["position_degree"],
            y=min(height + 0.02 * high, top),
            text=f"{1e10 * row['spacing_metre']:.3f} Å",
            textangle=-90,
            showarrow=False,
            yanchor="bottom",
            font={"size": 11, "color": INK},
        )


def _draw_lines(figure: go.Figure, comparison: Result, floor: float, high: float) -> float:
    """The structure's reflections as lines below ``floor``; the new floor."""
    _require(comparison, "matches")
    matches = comparison.details["matches"]
    strongest = max(row["intensity"] for row in matches)
    for found, colour, name in ((True, _LINES, "structure"), (False, "#CC79A7", "without a peak")):
        chosen = [row for row in matches if (row["area"] > 0) is found]
        x: list[float | None] = []
        y: list[float | None] = []
        for row in chosen:
            height = 0.12 * high * (row["intensity"] / strongest) ** 0.5
            x += [row["expected_degree"], row["expected_degree"], None]
            y += [floor - 0.13 * high, floor - 0.13 * high + height, None]
        if chosen:
            figure.add_scatter(
                x=x,
                y=y,
                mode="lines",
                name=label(name),
                line={"color": colour, "width": 2},
                hoverinfo="skip",
            )
    return floor - 0.13 * high
