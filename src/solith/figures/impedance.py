"""Impedance: the Nyquist and the Bode view."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record
from solith.figures._style import INK, label, looks, named_records, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_impedance"]

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
# A point counts as lying at a decade when it is at most this far off in log10.
_NEAR_DECADE = 0.08
# A magnitude that spans more than this is marked at its decades alone.
_MANY_DECADES = 1e3
# Labels of decades keep this part of the figure's diagonal between them.
_LABEL_DISTANCE = 0.085
# Labels of the same decade, on curves side by side, this many times as much.
_SAME_DECADE = 3.0


def plot_impedance(records: Record | Mapping[str, Record], *, view: str = "nyquist") -> go.Figure:
    """Impedance in ohm of the whole cell, not normalised to any area.

    ``view`` is ``"nyquist"`` (-Im Z against Re Z on equal scales, full marks at the
    decades of frequency) or ``"bode"`` (magnitude and phase against frequency).
    """
    given = named_records(records, ("impedance",))
    views = {"nyquist": _plot_nyquist, "bode": _plot_bode}
    if view not in views:
        raise UnknownNameError.among("view", view, views)
    return views[view](given)


def _plot_nyquist(given: dict[str, Record]) -> go.Figure:
    style = looks(given)
    figure = new_figure()
    curves = {name: _curve(record) for name, record in given.items()}
    for place, (name, (frequency, real, imaginary)) in enumerate(curves.items()):
        decade = _decades(frequency)
        measured = given[name].provenance.origin == "measured"
        symbol = _SYMBOLS[place % len(_SYMBOLS)]
        colour = style[name]["color"]
        figure.add_scatter(
            x=real,
            y=-imaginary,
            mode="markers" if measured else "lines",
            name=label(name),
            legendgroup=name,
            line=style[name],
            marker={
                "symbol": f"{symbol}-open",
                "size": 6,
                "color": colour,
                "line": {"color": colour, "width": 1.3},
            },
            customdata=[_frequency_text(value) for value in frequency],
            hovertemplate=(
                f"<b>{label(name)}</b>, %{{customdata}}<br>"
                "Re Z %{x:.4g} Ω, −Im Z %{y:.4g} Ω<extra></extra>"
            ),
        )
        figure.add_scatter(
            x=real[decade],
            y=-imaginary[decade],
            mode="markers",
            legendgroup=name,
            showlegend=False,
            hoverinfo="skip",
            marker={"symbol": symbol, "size": 4 + 2 * style[name]["width"], "color": colour},
        )
    _add_decade_labels(figure, curves)
    style_axes(figure, "Re <i>Z</i> (Ω of the cell)", "−Im <i>Z</i> (Ω of the cell)")
    every_real = np.concatenate([real for _, real, _ in curves.values()])
    every_height = np.concatenate([-imaginary for _, _, imaginary in curves.values()])
    figure.update_xaxes(range=_padded(every_real), constraintoward="left")
    # Equal scales: what is left over in height is added above, so that zero stays below.
    figure.update_yaxes(
        range=_padded(every_height), scaleanchor="x", scaleratio=1, constraintoward="bottom"
    )
    return figure


def _padded(values: NDArray[np.float64]) -> list[float]:
    """A range from zero (or below, where there are such values) to above the largest."""
    low, high = min(0.0, float(np.min(values))), max(0.0, float(np.max(values)))
    margin = 0.06 * (high - low) or 1.0
    return [low - margin if low < 0 else 0.0, high + margin]


def _add_decade_labels(
    figure: go.Figure, curves: Mapping[str, tuple[NDArray[np.float64], ...]]
) -> None:
    every_real = np.concatenate([real for _, real, _ in curves.values()])
    every_imaginary = np.concatenate([imaginary for _, _, imaginary in curves.values()])
    apart = _LABEL_DISTANCE * float(np.hypot(np.ptp(every_real), np.ptp(every_imaginary)))
    placed: list[tuple[float, float, str]] = []
    for frequency, real, imaginary in curves.values():
        for row in np.flatnonzero(_decades(frequency)):
            x, y = float(real[row]), float(-imaginary[row])
            text = _frequency_text(10.0 ** round(float(np.log10(frequency[row]))))
            if all(
                np.hypot(x - left, y - low) > apart * (_SAME_DECADE if text == other else 1.0)
                for left, low, other in placed
            ):
                placed.append((x, y, text))
                figure.add_annotation(
                    x=x,
                    y=y,
                    text=text,
                    showarrow=False,
                    yshift=14,
                    font={"size": 12, "color": INK},
                    bgcolor="rgba(255,255,255,0.75)",
                    borderpad=0,
                )


def _plot_bode(given: dict[str, Record]) -> go.Figure:
    style = looks(given)
    figure = new_figure(height=560)
    figure.set_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    magnitudes, frequencies = [], []
    for name, record in given.items():
        frequency, real, imaginary = _curve(record)
        impedance = real + 1j * imaginary
        magnitudes.append(np.abs(impedance))
        frequencies.append(frequency)
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
                mode="markers" if record.provenance.origin == "measured" else "lines",
                name=label(name),
                legendgroup=name,
                showlegend=row == 1,
                line=style[name],
                marker={"size": 5, "color": style[name]["color"]},
                hovertemplate=f"<b>{label(name)}</b>, %{{x:.4g}} Hz<br>{text}<extra></extra>",
            )
    decades = _ticks(np.concatenate(frequencies), (1,))
    every = np.concatenate(magnitudes)
    spans = float(np.max(every)) > _MANY_DECADES * float(np.min(every))
    sizes = _ticks(every, (1,) if spans else (1, 2, 5))
    figure.update_xaxes(
        type="log",
        tickvals=decades,
        ticktext=[_power_of_ten(value) for value in decades],
    )
    figure.update_xaxes(title_text="Frequency (Hz)", row=2, col=1)
    figure.update_yaxes(
        title_text="|<i>Z</i>| (Ω of the cell)",
        type="log",
        tickvals=sizes,
        ticktext=[_power_of_ten(value) if spans else show_number(value) for value in sizes],
        row=1,
        col=1,
    )
    figure.update_yaxes(title_text="−Phase (°)", row=2, col=1)
    return figure


def _ticks(values: NDArray[np.float64], digits: tuple[int, ...]) -> list[float]:
    """Numbers such as 1, 2, 5, 10, 20 that lie among positive ``values``."""
    low, high = float(np.min(values)), float(np.max(values))
    first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
    every = [digit * 10.0**power for power in range(first, last + 1) for digit in digits]
    return [value for value in every if 0.999 * low <= value <= 1.001 * high] or [low, high]


def _power_of_ten(value: float) -> str:
    power = f"{round(float(np.log10(value)))}".replace("-", "−")
    return f"10<sup>{power}</sup>"


def _curve(record: Record) -> tuple[NDArray[np.float64], ...]:
    """Frequency and impedance of the rows that can be drawn."""
    names = ("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm")
    columns = np.array([record.array(name) for name in names])
    # A logarithmic axis has no place for a frequency or an impedance of 0.
    known = np.isfinite(columns).all(axis=0) & (columns[0] > 0) & columns[1:].any(axis=0)
    if not known.any():
        raise InputError(f"{record.name or 'the record'} holds no impedance that can be drawn")
    return tuple(columns[:, known])


def _decades(frequency: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a row is the one nearest to a decade of frequency."""
    logarithm = np.log10(frequency)
    distance = np.abs(logarithm - np.round(logarithm))
    chosen = np.zeros(len(frequency), dtype=bool)
    for decade in np.unique(np.round(logarithm)):
        rows = np.flatnonzero(np.round(logarithm) == decade)
        best = rows[np.argmin(distance[rows])]
        chosen[best] = distance[best] <= _NEAR_DECADE
    return chosen


def _frequency_text(hertz: float) -> str:
    for size, unit in ((1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz"), (1e-3, "mHz")):
        if hertz >= size * 0.9995:
            return f"{hertz / size:.3g} {unit}"
    return f"{hertz * 1e6:.3g} µHz"
