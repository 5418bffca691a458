"""One verb for all: the figure that fits a record or a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.record import Record
from solith.core.result import Result
from solith.figures.charge_discharge import plot_charge_discharge
from solith.figures.current_voltage import plot_current_voltage
from solith.figures.cycle_life import plot_cycle_life
from solith.figures.gitt import plot_diffusivity, plot_gitt
from solith.figures.impedance import plot_impedance
from solith.figures.kramers_kronig import plot_kramers_kronig
from solith.figures.loss_bars import plot_loss_bars
from solith.figures.relaxation_times import plot_drt
from solith.figures.spectrum import plot_spectrum
from solith.figures.voltammogram import plot_voltammogram

__all__ = ["plot"]

_BY_KIND: dict[str, Callable[[Any], go.Figure]] = {
    "cycling": plot_charge_discharge,
    "impedance": plot_impedance,
    "voltammogram": plot_voltammogram,
    "current-voltage": plot_current_voltage,
    "spectrum": plot_spectrum,
}


_BY_TECHNIQUE: dict[tuple[str, str], Callable[[Any], go.Figure]] = {
    ("cycling", "gitt"): plot_gitt,
}


def plot(what: Any) -> go.Figure:
    """The figure of a record, of a result, or of several by name.

    A record is drawn by its attribute ``technique``, then by its kind; results that hold
    a loss budget, pulses of a titration, several cycles, a distribution of relaxation times
    or the residuals of a Kramers-Kronig test have a figure.

    Raises :class:`InputError` for what has no figure.
    """
    if isinstance(what, Mapping):
        return _plot_several(what)
    if isinstance(what, Record):
        return _plotter(what)(what)
    if isinstance(what, Result):
        return _plot_result(what)
    if isinstance(what, (list, tuple)):
        require_record(what)
    raise InputError(
        f"{type(what).__name__} cannot be drawn; expected a record, a result, "
        "or a table of records or results by name"
    )


def _plot_several(things: Mapping[str, Any]) -> go.Figure:
    if things and all(isinstance(thing, Result) for thing in things.values()):
        plotters = {_result_plotter(thing) for thing in things.values()}
        only = plotters.pop() if len(plotters) == 1 else None
        return (only or plot_loss_bars)(things)
    kinds = {getattr(thing, "kind", type(thing).__name__) for thing in things.values()}
    if len(kinds) != 1:
        found = ", ".join(sorted(kinds)) or "nothing"
        raise InputError(f"several things drawn together must be of one kind, found: {found}")
    first = next(iter(things.values()))
    if not isinstance(first, Record):
        return plot(first)
    techniques = {thing.data.attrs.get("technique") for thing in things.values()}
    return (_plotter(first) if len(techniques) == 1 else _by_kind(first.kind))(things)


def _plotter(record: Record) -> Callable[[Any], go.Figure]:
    technique = str(record.data.attrs.get("technique", ""))
    return _BY_TECHNIQUE.get((record.kind, technique)) or _by_kind(record.kind)


def _by_kind(kind: str) -> Callable[[Any], go.Figure]:
    if kind not in _BY_KIND:
        raise InputError(
            f"a record of kind {kind!r} has no figure; kinds with one: {', '.join(_BY_KIND)}"
        )
    return _BY_KIND[kind]


def _result_plotter(result: Result) -> Callable[[Any], go.Figure] | None:
    if result.details.get("pulses"):
        return plot_diffusivity
    if "gamma_ohm" in result.details:
        return plot_drt
    if "real_residual_percent" in result.details:
        return plot_kramers_kronig
    if any(value.quantity.startswith("loss_") for value in result):
        return plot_loss_bars
    return plot_cycle_life if len(result.details.get("cycles", ())) > 1 else None


def _plot_result(result: Result) -> go.Figure:
    plotter = _result_plotter(result)
    if plotter is None:
        raise InputError(
            f"the result {result.name!r} holds no loss budget, pulses, several cycles, relaxation "
            "times or residuals, the only parts of a result that have a figure; draw the record "
            "it was made from"
        )
    return plotter(result)
