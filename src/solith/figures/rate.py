"""Discharge capacity against C rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._half_cycle import discharge_capacity_title
from solith.figures._style import label, looks, named_results, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_rate"]

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")


Given = Result | Iterable[Result] | Mapping[float, Result]


def plot_rate(samples: Result | Mapping[str, Given]) -> go.Figure:
    """Discharge capacity of each sample against C rate (logarithmic).

    ``samples`` maps a sample's name to its analysis, to several, or to several by C rate, or
    is a single result; each holds ``discharge_capacity`` in one common unit (mAh/g or mAh).
    Every cycle that knows its ``c_rate`` is drawn at it; a result without such cycles is drawn
    at the rate it is given by. Of a rate table (:func:`solith.analysis.find_rate_capability`)
    the mean of each step is drawn. A capacity that could not be found is left out.
    """
    if not isinstance(samples, Mapping):
        samples = named_results(samples)
    units: set[str] = set()
    rates: set[float] = set()
    style = looks(samples)
    figure = new_figure()
    for place, (name, results) in enumerate(samples.items()):
        points: list[tuple[float, float]] = []
        for given, result in _by_rate(results):
            found = _points(result, given, name)
            points += found
            if found:
                units.add(_unit(result))
        points.sort(key=lambda point: point[0])
        if not points:
            continue
        rates.update(rate for rate, _ in points)
        figure.add_scatter(
            x=[rate for rate, _ in points],
            y=[capacity for _, capacity in points],
            mode="lines+markers",
            name=label(name),
            line=style[name],
            marker={
                "size": 5 + 2 * style[name]["width"],
                "symbol": _SYMBOLS[place % len(_SYMBOLS)],
            },
            hovertemplate=(f"<b>{label(name)}</b><br>%{{x:.3g}} C, %{{y:.4g}}<extra></extra>"),
        )
    if not rates:
        raise InputError("no result holds a discharge capacity; there is nothing to draw")
    style_axes(figure, "Discharge rate (C)", discharge_capacity_title(units))
    ticks = sorted(rates)
    figure.update_xaxes(
        type="log", tickvals=ticks, ticktext=[show_number(rate, 3) for rate in ticks]
    )
    figure.update_yaxes(rangemode="tozero")
    return figure


def _unit(result: Result) -> str:
    if _is_rate_table(result):
        return str(result.details["units"]["discharge_capacity"])
    return result["discharge_capacity"].unit


def _is_rate_table(result: Result) -> bool:
    rows = result.details.get("rates", ())
    return bool(rows) and "discharge_capacity" in rows[0]


def _by_rate(results: Given) -> list[tuple[float | None, Result]]:
    if isinstance(results, Result):
        return [(None, results)]
    if isinstance(results, Mapping):
        return list(results.items())
    return [(None, result) for result in results]


def _points(result: Result, given: float | None, name: str) -> list[tuple[float, float]]:
    """Rate and capacity of every cycle, or of the result where its cycles know no rate."""
    if given is not None and not given > 0:
        raise InputError(f"the C rate {given!r} must be above 0", where=name)
    table = _is_rate_table(result)
    if not table and "discharge_capacity" not in result:
        raise InputError(f"{result.name} holds no discharge capacity", where=name)
    cycles = [
        (float(f"{row['c_rate']:.3g}"), float(row["discharge_capacity"]))
        for row in result.details.get("rates" if table else "cycles", ())
        if row.get("c_rate") and row.get("discharge_capacity") is not None
    ]
    capacity = None if table else result["discharge_capacity"].value
    if cycles or (capacity is None and not table):
        return cycles
    if given is None or capacity is None:
        raise InputError(
            "the cycles have no C rate; give the results by rate, or the record's one_c_ampere",
            where=name,
        )
    return [(given, capacity)]
