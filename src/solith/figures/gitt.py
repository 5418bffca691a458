"""Titrations: pulses and rests over time, and the diffusivity of each pulse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.intervals import NORMAL_95
from solith.core.record import Record
from solith.core.result import Result
from solith.figures._style import (
    label,
    log_axis,
    looks,
    named_records,
    named_results,
    new_figure,
    style_axes,
)
from solith.figures.numbers import show_number

__all__ = ["plot_diffusivity", "plot_gitt", "plot_internal_resistance"]

_REST_COLOUR = "#5b6672"
_PULSE_COLOURS = {1: "#D55E00", -1: "#0072B2"}
_WAYS = {1: "Charge", -1: "Discharge"}
_HOUR = 3600.0
_NOISE = 1e-3  # of the largest current; below, the cell rests
_FIT_COLOUR = "#D55E00"
_PLAIN = {"internal_resistance": "Drop within the delay"}
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
    Squares are the fit of pulse and rest, circles the root of time; bars are 95 % intervals.
    Pulses that fail a gate are open symbols; what speaks against one is in its hover text.
    """
    given = named_results(results)
    figure = new_figure()
    _add_diffusivities(figure, given, "x", "y")
    return figure


def plot_internal_resistance(results: Result | Mapping[str, Result]) -> go.Figure:
    """Internal resistance of each pulse against lithium content.

    ``results`` and the lower axis are as in :func:`plot_diffusivity`. Circles are the drop from
    the last row before the switch to the delay after it, by the current; squares the step of
    the fit, without the diffusion during the delay; bars are 95 % intervals. Open symbols:
    a drop that is not separated from diffusion, a pulse that the fit does not describe.
    """
    given = named_results(results)
    figure = new_figure()
    _add_pulses(figure, given, ("internal_resistance", "internal_resistance_fit"), "x", "y")
    figure.update_yaxes(title_text="Internal resistance (Ω)", rangemode="tozero")
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
    rows = [row for result in results.values() for row in result.details.get("pulses", ())]
    drawn = [row for row in rows if row.get("diffusion_time") is not None]
    if not drawn:
        raise InputError(
            "no result holds a diffusion time of a pulse; expected the analysis of a titration "
            "whose rested voltage changes"
        )
    by_area = all(row.get("diffusivity_apparent") is not None for row in drawn)
    names = ("diffusivity_apparent", "diffusivity_fit_apparent")
    if not by_area:
        names = ("diffusion_time", "diffusion_time_fit")
    heights = _add_pulses(figure, results, names, xaxis, yaxis)
    areas = {str(result.details.get("area", "")) for result in results.values()}
    only = areas.pop() if len(areas) == 1 else ""
    title = f"Diffusivity (cm²/s{', ' + only + ' area' if only else ''})"
    figure.update_layout(
        {
            yaxis.replace("y", "yaxis"): {
                "title": {"text": title if by_area else "Diffusion time (s)"},
                **log_axis(heights),
            },
        }
    )


def _add_pulses(
    figure: go.Figure,
    results: Mapping[str, Result],
    quantities: tuple[str, str],
    xaxis: str,
    yaxis: str,
) -> list[float]:
    """Both ways to a quantity, the fit's first; the heights drawn."""
    tables: dict[str, list[Mapping[str, Any]]] = {
        name: list(result.details.get("pulses", ())) for name, result in results.items()
    }
    rows = [row for table in tables.values() for row in table]
    known = [row for row in rows if any(row.get(name) is not None for name in quantities)]
    if not known:
        raise InputError(
            f"no result holds a pulse with {quantities[0]}; expected the analysis of a titration"
        )
    lithium = all(row.get("lithium_fraction") is not None for row in known)
    across = "lithium_fraction" if lithium else "state_of_charge"
    style = looks(results)
    heights: list[float] = []
    for fitted in (True, False):
        quantity = quantities[int(fitted)]
        for name, table in tables.items():
            mine = [row for row in table if _shown(row, quantity, fitted)]
            if not mine:
                continue
            heights += [float(row[quantity]) for row in mine]
            way = "Fit of pulse and rest" if fitted else _PLAIN.get(quantity, "Root of time")
            title = f"{label(name)}, {way[0].lower()}{way[1:]}" if len(results) > 1 else way
            color = _FIT_COLOUR if fitted and len(results) == 1 else style[name]["color"]
            figure.add_scatter(
                x=[row[across] for row in mine],
                y=[row[quantity] for row in mine],
                error_y=_bars(mine, quantity, color),
                mode="lines+markers",
                name=title,
                line={**style[name], "color": color, "width": 1.2},
                marker={
                    "size": 8,
                    "symbol": [_symbol(row, quantity, fitted) for row in mine],
                },
                customdata=[_told(row, fitted) for row in mine],
                hovertemplate="%{x:.3g}, %{y:.3g}<br>%{customdata}<extra></extra>",
                xaxis=xaxis,
                yaxis=yaxis,
            )
    title = "Lithium fraction" if lithium else "State of charge (%)"
    figure.update_layout({xaxis.replace("x", "xaxis"): {"title": {"text": title}}})
    return heights


def _shown(row: Mapping[str, Any], quantity: str, fitted: bool) -> bool:
    """A fit that does not know its answer is not drawn: it can lie decades away."""
    unknown = fitted and "not identifiable" in row.get("fit_fails", ())
    return row.get(quantity) is not None and not unknown


def _symbol(row: Mapping[str, Any], quantity: str, fitted: bool) -> str:
    if fitted:
        return "square" if row.get("fit_used") else "square-open"
    if quantity in _PLAIN:
        return "circle-open" if "IR not separated" in row.get("notes", ()) else "circle"
    return "circle-open" if row.get("fails") else "circle"


def _bars(rows: list[Mapping[str, Any]], quantity: str, color: str) -> dict[str, Any]:
    """95 % intervals."""
    spreads = [row.get(f"{quantity}_uncertainty") for row in rows]
    return {
        "type": "data",
        "array": [NORMAL_95 * (spread or 0.0) for spread in spreads],
        "color": color,
        "thickness": 1,
        "width": 3,
    }


def _told(row: Mapping[str, Any], fitted: bool) -> str:
    words = f"pulse {row['pulse']}, {show_number(row.get('voltage_before'), 4)} V before it"
    flags = row.get("fit_flags" if fitted else "flags", ())
    return "<br>".join([words, *(label(flag) for flag in flags)])
