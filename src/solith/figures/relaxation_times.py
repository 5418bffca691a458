"""The distribution of relaxation times of a spectrum."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import label, looks, new_figure, style_axes

__all__ = ["plot_drt"]

_CURVE = ("tau_second", "gamma_ohm")


def plot_drt(results: Result | Mapping[str, Result]) -> go.Figure:
    """The distribution gamma [ohm of the cell] against the relaxation time [s], logarithmic.

    ``results`` is one of :func:`solith.analysis.fit_drt`, or several by name, which are laid
    over each other. The area under a peak over the natural logarithm of time is its resistance.
    Raises :class:`InputError` for a result without a distribution.
    """
    given = {"DRT": results} if isinstance(results, Result) else dict(results)
    style = looks(given)
    figure = new_figure()
    for name, result in given.items():
        missing = [key for key in _CURVE if key not in result.details]
        if missing:
            raise InputError(
                f"the result {result.name!r} holds no distribution: it lacks {missing[0]}"
            )
        time, gamma = (np.asarray(result.details[key], dtype=float) for key in _CURVE)
        order = np.argsort(time, kind="stable")
        figure.add_scatter(
            x=time[order],
            y=gamma[order],
            mode="lines",
            name=label(name),
            line=style[name],
            fill="tozeroy" if len(given) == 1 else "none",
            fillcolor="rgba(0, 114, 178, 0.12)",
            hovertemplate=(f"<b>{label(name)}</b><br>%{{x:.3g}} s, %{{y:.4g}} Ω<extra></extra>"),
        )
    style_axes(figure, "Relaxation time <i>τ</i> (s)", "<i>γ</i> (Ω of the cell)")
    figure.update_xaxes(type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(showlegend=len(given) > 1)
    return figure
