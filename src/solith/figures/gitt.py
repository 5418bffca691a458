"""Titrations: pulses and rests over time, and the diffusivity of each pulse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result
from solith.figures._style import label, looks, named_records, named_results, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_diffusivity", "plot_gitt"]

_REST_COLOUR = "#5b6672"
_PULSE_COLOURS = {1: "#D55E00", -1: "#0072B2"}
_WAYS = {1: "Charge", -1: "Discharge"}
_HOUR = 3600.0
_NOISE = 1e-3  # of the largest current; below, the cell rests
_FEW_DECADES = 30.0  # of largest over smallest value; below, ticks stand at 2 and 5 too
_SHARE = (0.0, 0.40), (0.52, 1.0)  # of the height: diffusivity below, voltage above


def plot_gitt(records: Record | Mapping[str, Record], result: Result | None = None) -> go.Figure:
    """Voltage of titrations against time [h], pulses in colour and rests grey.

    With the ``result`` of :func:`solith.analysis.fit_gitt` for a single record, its
    diffusivities stand below on a logarithmic axis, as :func:`plot_diffusivity` draws them.
    """
    given = named_records(records, ("cycling",))
    if result is not None and len(given) != 1:
        raise InputError(f"a result belongs to one record; {len(given)} are given")
    figure = new_figure(height=440 if result is None else 680)
    several = len(given) > 1
    shown: set[str] = set()
    for place, (name, record) in enumerate(given.items()):
        color = list(looks(given).values())[place]["color"] if several else ""
        _draw_voltage(figure, record, name if several else "", color, shown)
    reference = {str(record.data.attrs.get("reference", "")) for record in given.values()}
    only = reference.pop() if len(reference) == 1 else ""
    style_axes(figure, "Time (h)", f"Voltage (V {only})" if only else "Cell voltage (V)")
    if result is not None:
        _add_diffusivities(figure, {"": result}, "x2", "y2")
        figure.update_layout(
            xaxis={"anchor": "y"},
            yaxis={"domain": _SHARE[1]},
            xaxis2={"anchor": "y2"},
            yaxis2={"domain": _SHARE[0]},
        )
    return figure


def plot_diffusivity(results: Result | Mapping[str, Result]) -> go.Figure:
    """Diffusivity of each pulse against lithium content, logarithmic.

    ``results`` are those of :func:`solith.analysis.fit_gitt`, one or several by name. The
    lower axis is the lithium fraction where all know it, otherwise the state of charge between
    the ends of the titration; without any known area, the diffusion time is drawn instead.
    Pulses that fail a gate are open symbols; what speaks against one is in its hover text.
    """
    given = named_results(results)
    figure = new_figure()
    _add_diffusivities(figure, given, "x", "y")
    return figure


def _draw_voltage(
    figure: go.Figure, record: Record, name: str, color: str, shown: set[str]
) -> None:
    time, voltage = record.array("test_time_second") / _HOUR, record.array("voltage_volt")
    current = record.array("current_ampere")
    level = _NOISE * float(np.nanmax(np.abs(current), initial=0.0))
    direction = np.where(current > level, 1, np.where(current < -level, -1, 0))
    ways: dict[int, tuple[str, str]] = {0: (name or "Rest", color or _REST_COLOUR)}
    ways |= {way: (name or words, color or _PULSE_COLOURS[way]) for way, words in _WAYS.items()}
    for way, (title, own) in ways.items():
        drawn = _only(direction, way)
        if not np.any(drawn):
            continue
        x, y = _with_gaps(time, voltage, drawn)
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            name=label(title),
            legendgroup=title,
            showlegend=title not in shown,
            line={"color": own, "width": 2.2 if way else 1.2},
            connectgaps=False,
            hovertemplate=f"<b>{label(title)}</b><br>%{{x:.5g}} h, %{{y:.5g}} V<extra></extra>",
        )
        shown.add(title)


def _only(direction: NDArray[np.intp], way: int) -> NDArray[np.bool_]:
    """The rows of one kind; a rest also has the rows beside it, so that the line is whole."""
    mine: NDArray[np.bool_] = direction == way
    if way == 0:
        mine = mine | np.append(mine[1:], False) | np.append(False, mine[:-1])
    return mine


def _with_gaps(
    time: NDArray[np.float64], voltage: NDArray[np.float64], drawn: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The drawn rows, with a gap wherever rows in between are not drawn."""
    rows = np.flatnonzero(drawn)
    breaks = np.flatnonzero(np.diff(rows) > 1) + 1
    x = np.insert(time[rows].astype(float), breaks, np.nan)
    y = np.insert(voltage[rows].astype(float), breaks, np.nan)
    return x, y


def _add_diffusivities(
    figure: go.Figure, results: Mapping[str, Result], xaxis: str, yaxis: str
) -> None:
    tables: dict[str, list[Mapping[str, Any]]] = {
        name: list(result.details.get("pulses", ())) for name, result in results.items()
    }
    rows = [row for table in tables.values() for row in table]
    drawn = [row for row in rows if row.get("diffusion_time") is not None]
    if not drawn:
        raise InputError(
            "no result holds a diffusion time of a pulse; expected the analysis of a titration "
            "whose rested voltage changes"
        )
    lithium = all(row.get("lithium_fraction") is not None for row in drawn)
    across = "lithium_fraction" if lithium else "state_of_charge"
    by_area = all(row.get("diffusivity_apparent") is not None for row in drawn)
    up = "diffusivity_apparent" if by_area else "diffusion_time"
    unit = "cm²/s" if by_area else "s"
    heights = [float(row[up]) for row in drawn]
    areas = {str(result.details.get("area", "")) for result in results.values()}
    style = looks(results)
    for name, table in tables.items():
        known = [row for row in table if row.get(up) is not None]
        figure.add_scatter(
            x=[row[across] for row in known],
            y=[row[up] for row in known],
            mode="lines+markers",
            name=label(name) if name else "Diffusivity" if by_area else "Diffusion time",
            line={**style[name], "width": 1.2},
            marker={
                "size": 8,
                "symbol": ["circle-open" if row.get("fails") else "circle" for row in known],
            },
            customdata=[_told(row) for row in known],
            hovertemplate=f"%{{x:.3g}}, %{{y:.3g}} {unit}<br>%{{customdata}}<extra></extra>",
            xaxis=xaxis,
            yaxis=yaxis,
        )
    only = areas.pop() if len(areas) == 1 else ""
    title = f"Diffusivity (cm²/s{', ' + only + ' area' if only else ''})"
    figure.update_layout(
        {
            xaxis.replace("x", "xaxis"): {
                "title": {"text": "Lithium fraction (1)" if lithium else "State of charge (%)"}
            },
            yaxis.replace("y", "yaxis"): {
                "title": {"text": title if by_area else "Diffusion time (s)"},
                "type": "log",
                "exponentformat": "power",
                "dtick": 1 if max(heights) > _FEW_DECADES * min(heights) else "D2",
            },
        }
    )


def _told(row: Mapping[str, Any]) -> str:
    words = f"pulse {row['pulse']}, {show_number(row.get('voltage_before'), 4)} V before it"
    return "<br>".join([words, *(label(flag) for flag in row.get("flags", ()))])
