"""How far a spectrum is from one that is consistent with itself."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import INK, label, log_axis, looks, named_results, new_figure, style_axes

__all__ = ["plot_kramers_kronig"]

_PARTS = {"Re Z": "real_residual_percent", "Im Z": "imaginary_residual_percent"}
_DOUBTED = {"violated": "rgba(213, 94, 0, 0.22)", "suspicious": "rgba(230, 159, 0, 0.16)"}
_HALF_STEP = 10**0.05  # half of the usual tenth of a decade between points


def plot_kramers_kronig(results: Result | Mapping[str, Result]) -> go.Figure:
    """Residuals of the real and the imaginary part [% of the impedance] against frequency [Hz].

    ``results`` is one of :func:`solith.analysis.check_kramers_kronig`, or several by name.
    Noise scatters about zero; a bow, a step or a point far off is no property of a linear,
    stable cell. Behind a single result, bands that are not consistent are shaded and named, and
    bad points have a cross with the test's word on them: it asks what the other points say of
    them, so that a line through a bad point at an end of the spectrum may leave no residual there.
    Raises :class:`InputError` for a result without residuals.
    """
    given = named_results(results, "")
    style = looks(f"{name}/{part}" if name else part for name in given for part in _PARTS)
    figure = new_figure()
    figure.add_hline(y=0, line={"width": 1, "color": INK})
    for name, result in given.items():
        missing = [
            key for key in ("frequency_hertz", *_PARTS.values()) if key not in result.details
        ]
        if missing:
            raise InputError(
                f"the result {result.name!r} holds no residuals: it lacks {missing[0]}"
            )
        frequency = np.asarray(result.details["frequency_hertz"], dtype=float)
        for part, key in _PARTS.items():
            curve = f"{name}/{part}" if name else part
            title = label(curve)
            figure.add_scatter(
                x=frequency,
                y=np.asarray(result.details[key], dtype=float),
                mode="lines+markers",
                name=title,
                line={**style[curve], "width": 1},
                marker={"size": 5, "color": style[curve]["color"]},
                hovertemplate=f"<b>{title}</b>, %{{x:.4g}} Hz<br>%{{y:.3g}} %<extra></extra>",
            )
    if isinstance(results, Result):
        _shade(figure, results)
        _mark_bad_points(figure, results)
    style_axes(figure, "Frequency (Hz)", "Residual (% of |<i>Z</i>|)")
    figure.update_xaxes(**log_axis(x for trace in figure.data for x in trace.x))
    return figure


def _shade(figure: go.Figure, result: Result) -> None:
    for band in result.details.get("bands", ()):
        if band["verdict"] in _DOUBTED:
            first, last = band["to_hertz"] / _HALF_STEP, band["from_hertz"] * _HALF_STEP
            figure.add_vrect(
                x0=first,
                x1=last,
                fillcolor=_DOUBTED[band["verdict"]],
                line_width=0,
                layer="below",
            )
            # On a logarithmic axis an annotation, unlike a shape, is placed by the exponent.
            figure.add_annotation(
                x=float(np.log10(first * last)) / 2,
                y=1.0,
                yref="paper",
                yanchor="top",
                text=band["verdict"],
                textangle=-90,
                showarrow=False,
                font={"size": 11, "color": INK},
            )


def _mark_bad_points(figure: go.Figure, result: Result) -> None:
    frequency = np.asarray(result.details["frequency_hertz"], dtype=float)
    bad = np.isin(frequency, result.details.get("bad_frequencies_hertz", ()))
    if not bad.any():
        return
    told = [_cause_at(result, hertz) for hertz in frequency[bad]]
    for part, key in _PARTS.items():
        figure.add_scatter(
            x=frequency[bad],
            y=np.asarray(result.details[key], dtype=float)[bad],
            mode="markers",
            name="Bad point",
            legendgroup="bad",
            showlegend=part == "Re Z",
            marker={"symbol": "x-thin", "size": 13, "color": INK, "line": {"width": 2}},
            customdata=told,
            hovertemplate="%{customdata}<extra></extra>",
        )


def _cause_at(result: Result, hertz: float) -> str:
    """What the test says of the band that a frequency lies in."""
    return next(
        (
            escape(str(band.get("cause") or "bad point"), quote=False)
            for band in result.details.get("bands", ())
            if band["to_hertz"] <= hertz <= band["from_hertz"]
        ),
        "bad point",
    )
