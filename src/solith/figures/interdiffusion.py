"""Profiles of interdiffusion, and the diffusivity against composition."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import label, log_axis, looks, named_results, new_figure, style_axes

__all__ = ["plot_interdiffusion", "plot_interdiffusivity"]

Array = NDArray[np.float64]

_MICRO, _NANO = 1e6, 1e9
_LONG = 5e-7  # m, from which a line is told in um
_REACH = 1.96  # standard uncertainties that hold 95 %


def plot_interdiffusion(results: Result | Mapping[str, Result]) -> go.Figure:
    """Measured compositions as points against position, and the fitted curve as a line.

    ``results`` are those of :func:`solith.analysis.fit_interdiffusion` or
    :func:`solith.analysis.find_interdiffusivity`, one or several by name. Raises
    :class:`InputError` for a result without a profile.
    """
    given = named_results(results, "profile")
    style = looks(given)
    figure = new_figure()
    longest = max(
        float(np.ptp(_column(name, one, "position_metre"))) for name, one in given.items()
    )
    scale, unit = (_MICRO, "µm") if longest > _LONG else (_NANO, "nm")
    for name, result in given.items():
        position, composition, fitted = (
            _column(name, result, key) for key in ("position_metre", "composition", "fitted")
        )
        figure.add_scatter(
            x=scale * position,
            y=composition,
            mode="markers",
            name=label(name),
            marker={"size": 6, "color": style[name]["color"], "opacity": 0.6},
            hovertemplate=f"%{{x:.4g}} {unit}, %{{y:.4g}}<extra></extra>",
        )
        figure.add_scatter(
            x=scale * position,
            y=fitted,
            mode="lines",
            name=f"{label(name)}, fitted",
            line=style[name],
            hoverinfo="skip",
        )
    style_axes(figure, f"Position ({unit})", "Composition")
    return figure


def plot_interdiffusivity(results: Result | Mapping[str, Result]) -> go.Figure:
    """Interdiffusivity [m2/s, logarithmic] against composition, in a band of 95 %.

    ``results`` are those of :func:`solith.analysis.find_interdiffusivity`, one or several by
    name. Raises :class:`InputError` for a result without a curve.
    """
    given = named_results(results, "interdiffusivity")
    style = looks(given)
    figure = new_figure()
    heights: list[float] = []
    for name, result in given.items():
        composition, diffusivity, error = (
            _column(name, result, f"curve_{key}")
            for key in ("composition", "interdiffusivity", "uncertainty")
        )
        if not len(composition):
            raise InputError("the profile tells no diffusivity", where=name)
        # The band of a number that is known by a factor: it does not reach 0.
        factor = np.exp(_REACH * error / diffusivity)
        figure.add_scatter(
            x=np.concatenate([composition, composition[::-1]]),
            y=np.concatenate([diffusivity * factor, (diffusivity / factor)[::-1]]),
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=style[name]["color"],
            opacity=0.18,
            showlegend=False,
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=composition,
            y=diffusivity,
            mode="lines",
            name=label(name),
            line=style[name],
            hovertemplate="%{x:.4g}, %{y:.3g} m²/s<extra></extra>",
        )
        heights += [*(diffusivity * factor), *(diffusivity / factor)]
    style_axes(figure, "Composition", "Interdiffusivity (m²/s)")
    figure.update_yaxes(**log_axis(heights))
    figure.update_layout(showlegend=len(given) > 1)
    return figure


def _column(name: str, result: Result, key: str) -> Array:
    if key not in result.details:
        raise InputError(
            f"holds no {key}; expected a result of fit_interdiffusion or find_interdiffusivity",
            where=name,
        )
    return np.asarray(result.details[key], float)
