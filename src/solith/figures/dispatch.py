"""One verb for all: the figure that fits a record or a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result
from solith.figures.charge_discharge import plot_charge_discharge
from solith.figures.current_voltage import plot_current_voltage
from solith.figures.impedance import plot_impedance
from solith.figures.loss_bars import plot_loss_bars
from solith.figures.spectrum import plot_spectrum

__all__ = ["plot"]

_BY_KIND: dict[str, Callable[[Any], go.Figure]] = {
    "cycling": plot_charge_discharge,
    "impedance": plot_impedance,
    "voltammogram": plot_current_voltage,
    "current-voltage": plot_current_voltage,
    "spectrum": plot_spectrum,
}


def plot(what: Any) -> go.Figure:
    """The figure of a record, of a result with a loss budget, or of several by name.

    Raises :class:`InputError` for what has no figure.
    """
    if isinstance(what, Mapping):
        return _plot_several(what)
    if isinstance(what, Record):
        return _plotter(what.kind)(what)
    if isinstance(what, Result):
        return _plot_result(what)
    raise InputError(
        f"{type(what).__name__} cannot be drawn; expected a record, a result, "
        "or a table of records or results by name"
    )


def _plot_several(things: Mapping[str, Any]) -> go.Figure:
    if things and all(isinstance(thing, Result) for thing in things.values()):
        return plot_loss_bars(things)
    kinds = {getattr(thing, "kind", type(thing).__name__) for thing in things.values()}
    if len(kinds) != 1:
        found = ", ".join(sorted(kinds)) or "nothing"
        raise InputError(f"several things drawn together must be of one kind, found: {found}")
    first = next(iter(things.values()))
    if not isinstance(first, Record):
        return plot(first)
    return _plotter(first.kind)(things)


def _plotter(kind: str) -> Callable[[Any], go.Figure]:
    if kind not in _BY_KIND:
        raise InputError(
            f"a record of kind {kind!r} has no figure; kinds with one: {', '.join(_BY_KIND)}"
        )
    return _BY_KIND[kind]


def _plot_result(result: Result) -> go.Figure:
    if not any(value.quantity.startswith("loss_") for value in result):
        raise InputError(
            f"the result {result.name!r} holds no loss budget, the only part of a result "
            "that has a figure; draw the record it was made from"
        )
    return plot_loss_bars(result)
