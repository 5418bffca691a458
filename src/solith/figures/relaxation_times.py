"""The distribution of relaxation times of a spectrum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import INK, label, log_axis, looks, named_results, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_drt"]

Array = NDArray[np.float64]

_CURVE = ("tau_second", "gamma_ohm")
_HIDES = 3.0  # times the highest peak; a branch that rises further hides the peaks
_ROOM = 1.15  # above the highest peak


def plot_drt(results: Result | Mapping[str, Result]) -> go.Figure:
    """The distribution gamma [ohm of the cell] against the relaxation time [s], logarithmic.

    ``results`` is one of :func:`solith.analysis.fit_drt`, or several by name, which are laid
    over each other. The area under a peak over the natural logarithm of time is its resistance.
    Where a branch at an end (a blocking electrode, or what lies beyond the measured frequencies)
    would hide the peaks, the axes end above these, and a line in the figure says so. Raises
    :class:`InputError` for a result without a distribution.
    """
    given = named_results(results, "DRT")
    style = looks(given)
    figure = new_figure()
    highest, peaks = 0.0, []
    for name, result in given.items():
        missing = [key for key in _CURVE if key not in result.details]
        if missing:
            raise InputError(
                f"the result {result.name!r} holds no distribution: it lacks {missing[0]}"
            )
        time, gamma = (np.asarray(result.details[key], dtype=float) for key in _CURVE)
        order = np.argsort(time, kind="stable")
        time, gamma = time[order], gamma[order]
        peaks.append(_highest_peak(time, gamma, result.details.get("frequency_hertz", ())))
        highest = max(highest, float(np.max(gamma, initial=0.0)))
        figure.add_scatter(
            x=time,
            y=gamma,
            mode="lines",
            name=label(name),
            line=style[name],
            fill="tozeroy" if len(given) == 1 else "none",
            fillcolor="rgba(0, 114, 178, 0.12)",
            hovertemplate=(f"<b>{label(name)}</b><br>%{{x:.3g}} s, %{{y:.4g}} Ω<extra></extra>"),
        )
    style_axes(figure, "Relaxation time <i>τ</i> (s)", "<i>γ</i> (Ω of the cell)")
    figure.update_xaxes(**log_axis(x for trace in figure.data for x in trace.x))
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(showlegend=len(given) > 1)
    if 0.0 < _HIDES * max(peaks, default=0.0) < highest:
        _leave_branches_out(figure, max(peaks), highest)
    return figure


def _highest_peak(time: Array, gamma: Array, frequency: Sequence[float]) -> float:
    """The highest gamma within the measured frequencies but for branches that rise to an end."""
    if not len(frequency):
        return float(np.max(gamma, initial=0.0))
    ends = 1.0 / (2.0 * np.pi * np.array([max(frequency), min(frequency)]))
    within = gamma[(time >= ends[0]) & (time <= ends[1])]
    rising = np.flatnonzero(np.diff(within) > 0)
    falling = np.flatnonzero(np.diff(within) < 0)
    if not len(rising) or not len(falling):
        return 0.0
    return float(np.max(within[rising[0] : falling[-1] + 2], initial=0.0))


def _leave_branches_out(figure: go.Figure, peak: float, highest: float) -> None:
    top = _ROOM * peak
    seen = [curve.x[np.flatnonzero(curve.y <= top)] for curve in figure.data]
    first, last = (end(end(times) for times in seen if len(times)) for end in (min, max))
    figure.update_yaxes(range=[0.0, top])
    figure.update_xaxes(range=[float(np.log10(first)) - 0.1, float(np.log10(last)) + 0.3])
    figure.add_annotation(
        x=0.99,
        y=0.99,
        xref="paper",
        yref="paper",
        xanchor="right",
        yanchor="top",
        bgcolor="rgba(255, 255, 255, 0.85)",
        showarrow=False,
        text=f"A branch that rises to {show_number(highest, 2)} Ω is out of view",
        font={"size": 12, "color": INK},
    )
