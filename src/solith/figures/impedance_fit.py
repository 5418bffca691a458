"""A measured spectrum with the circuit that was fitted to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.given import require_record, require_result
from solith.core.record import RECORD_KINDS, Record
from solith.core.result import Result
from solith.figures._style import INK
from solith.figures.impedance import plot_impedance

__all__ = ["plot_impedance_fit"]

_CURVE = ("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm")


def plot_impedance_fit(
    record: Record, result: Result, *, view: str = "nyquist", largest: float | None = None
) -> go.Figure:
    """The impedance of a record [ohm of the cell] and the fitted curve as a line.

    ``result`` is that of :func:`solith.analysis.fit_impedance` for this record, whose
    ``details`` hold the curve; ``view`` is that of :func:`plot_impedance`. What is above
    ``largest`` [ohm] in magnitude is left out, so that arcs are seen before a long tail.
    Raises :class:`InputError` for a result without a fitted curve.
    """
    require_record(record)
    require_result(result)
    frequency, impedance = _curve(result.details, result.name)
    if largest is not None:
        shown = np.abs(impedance) <= largest
        frequency, impedance = frequency[shown], impedance[shown]
        record = _below(record, largest)
    figure = plot_impedance({record.provenance.origin.capitalize(): record}, view=view)
    name = f"Fit {escape(str(result.details.get('circuit', '')), quote=False)}".strip()
    line = {"color": INK, "width": 1.6}
    if view == "nyquist":
        figure.add_scatter(
            x=impedance.real,
            y=-impedance.imag,
            mode="lines",
            name=name,
            line=line,
            customdata=[f"{value:.3g} Hz" for value in frequency],
            hovertemplate=(
                "<b>Fit</b>, %{customdata}<br>Re Z %{x:.4g} Ω, −Im Z %{y:.4g} Ω<extra></extra>"
            ),
        )
        return figure
    panels = (
        (np.abs(impedance), "|Z| %{y:.4g} Ω"),
        (-np.degrees(np.angle(impedance)), "−phase %{y:.4g}°"),
    )
    for row, (values, text) in enumerate(panels, start=1):
        figure.add_scatter(
            x=frequency,
            y=values,
            row=row,
            col=1,
            mode="lines",
            name=name,
            legendgroup="fit",
            showlegend=row == 1,
            line=line,
            hovertemplate=f"<b>Fit</b>, %{{x:.4g}} Hz<br>{text}<extra></extra>",
        )
    return figure


def _below(record: Record, largest: float) -> Record:
    """The rows of a record with an impedance of at most ``largest`` [ohm]."""
    size = np.hypot(record.array(_CURVE[1]), record.array(_CURVE[2]))
    dimension = RECORD_KINDS[record.kind].dimension
    return replace(record, data=record.data.isel({dimension: np.flatnonzero(size <= largest)}))


def _curve(
    details: Mapping[str, Any], name: str
) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """The fitted curve in order of falling frequency."""
    missing = [key for key in _CURVE if key not in details]
    if missing:
        raise InputError(f"the result {name!r} holds no fitted curve: it lacks {missing[0]}")
    frequency, real, imaginary = (np.asarray(details[key], dtype=float) for key in _CURVE)
    order = np.argsort(-frequency, kind="stable")
    return frequency[order], (real + 1j * imaginary)[order]
