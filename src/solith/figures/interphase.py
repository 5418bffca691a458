"""Electrochemistry and spectra in one figure: each sample a column, each subject a row."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.figures._interphase_data import Drawn, InterphaseSample, Shared
from solith.figures._interphase_panels import ROWS, Panel
from solith.figures._style import label, new_figure

__all__ = ["InterphaseSample", "plot_interphase"]

_ROW, _BETWEEN, _TOP, _BOTTOM = 240, 74, 46, 118
_MOST = 3


def plot_interphase(samples: Mapping[str, InterphaseSample]) -> go.Figure:
    """Voltage, impedance, absorption, its change, what grows, photoelectrons; samples side by side.

    Rows, on one scale for all samples but the impedance: the voltage of the first charge with a
    mark at every absorption spectrum; impedances and spectra in the colours of these marks; the map
    of the derivative's change against charge, its growing features dashed; the fraction of the
    oxidised species with 95 % intervals and the interfacial resistance; the fractions of the
    photoelectrons' products in the first and the last state, what was put in as bars. A row that no
    sample has is left out. Raises :class:`InputError` for no sample or more than three, for a
    series that was not joined with the cell's record, and a record that does not tell its active
    mass.
    """
    if not isinstance(samples, Mapping) or not 0 < len(samples) <= _MOST:
        raise InputError(f"expected one to {_MOST} samples by name", where="samples")
    drawn = {name: Drawn.of(name, sample) for name, sample in samples.items()}
    rows = [row for row in ROWS.items() if any(one.has(row[0]) for one in drawn.values())]
    number = len(rows)
    height = _TOP + _BOTTOM + number * _ROW + (number - 1) * _BETWEEN
    figure = new_figure(height=height)
    figure.update_layout(
        margin={"l": 70, "r": 70, "t": _TOP, "b": _BOTTOM}, showlegend=False, barmode="overlay"
    )
    inner = height - _TOP - _BOTTOM
    for place, (key, draw) in enumerate(rows):
        top = 1 - place * (_ROW + _BETWEEN) / inner
        shared = Shared.of(key, list(drawn.values()))
        for column, (name, one) in enumerate(drawn.items()):
            panel = Panel(figure, 2 * (place * len(drawn) + column) + 1, place, column, len(drawn))
            panel.frame(top - _ROW / inner, top)
            if place == 0:
                panel.heading(label(name))
            if one.has(key):
                draw(panel, one, shared)
    return figure
