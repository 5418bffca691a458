"""One verb for all: the figure that fits a record or a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.record import Record
from solith.core.result import Result
from solith.core.spectra import split_spectra
from solith.figures.ceramic_flux import plot_flux_profile
from solith.figures.charge_discharge import plot_charge_discharge
from solith.figures.critical_current import plot_critical_current
from solith.figures.current_voltage import plot_current_voltage
from solith.figures.cycle_life import plot_cycle_life
from solith.figures.differential_capacity import plot_differential_capacity
from solith.figures.diffraction import plot_diffraction, plot_thermal
from solith.figures.gitt import plot_diffusivity, plot_gitt
from solith.figures.impedance import plot_impedance
from solith.figures.kramers_kronig import plot_kramers_kronig
from solith.figures.loss_bars import plot_loss_bars
from solith.figures.maps import plot_joint_histogram, plot_map, plot_profile
from solith.figures.pareto import plot_pareto
from solith.figures.ragone import plot_ragone
from solith.figures.relaxation_times import plot_drt
from solith.figures.replicates import plot_replicates
from solith.figures.scan_rates import plot_capacitive_share, plot_scan_rates
from solith.figures.spectrum import plot_spectrum
from solith.figures.stack_energy import plot_stack_components
from solith.figures.switching import plot_switching
from solith.figures.symmetric_cycling import plot_symmetric_cycling
from solith.figures.triggering import plot_triggering
from solith.figures.voltammogram import plot_voltammogram
from solith.figures.xanes import plot_mixture, plot_xanes, plot_xanes_series
from solith.figures.xanes_edges import plot_edges
from solith.figures.xps import plot_xps, plot_xps_background

__all__ = ["plot"]


def _plot_spectra(record: Record) -> go.Figure:
    return plot_spectrum(
        {f"{number}. {one.name}": one for number, one in enumerate(split_spectra(record), start=1)}
    )


_BY_KIND: dict[str, Callable[[Any], go.Figure]] = {
    "cycling": plot_charge_discharge,
    "impedance": plot_impedance,
    "voltammogram": plot_voltammogram,
    "current-voltage": plot_current_voltage,
    "spectrum": plot_spectrum,
    "spectra": _plot_spectra,
    "map": plot_map,
}


_BY_TECHNIQUE: dict[tuple[str, str], Callable[[Any], go.Figure]] = {
    ("cycling", "gitt"): plot_gitt,
}


def plot(what: Any) -> go.Figure:
    """The figure of a record, of a result, or of several by name.

    A record is drawn by its attribute ``technique``, then by its kind; results that hold
    a loss budget, several cycles or what one technique alone tells (pulses of a titration,
    relaxation times, differential capacity, rates, steps of a symmetric cell, ...) have a figure.

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


_BY_DETAIL: dict[str, Callable[[Any], go.Figure]] = {
    "derivative_per_ev": plot_xanes,
    "difference_deviation": plot_xanes_series,
    "measured": plot_mixture,
    "along": plot_edges,
    "curves": plot_xps,
    "angle_degree": plot_diffraction,
    "temperature_celsius": plot_thermal,
    "background": plot_xps_background,
    "pulses": plot_diffusivity,
    "gamma_ohm": plot_drt,
    "real_residual_percent": plot_kramers_kronig,
    "half_cycles": plot_differential_capacity,
    "voltammograms": plot_scan_rates,
    "potentials": plot_capacitive_share,
    "discharges": plot_ragone,
    "bracket": plot_critical_current,
    "steps": plot_symmetric_cycling,
    "places": plot_triggering,
    "highest_bias_volt": plot_switching,
    "flux_map": plot_flux_profile,
    "components": plot_stack_components,
    "pareto": plot_pareto,
    "profile_of": plot_profile,
    "first_edges": plot_joint_histogram,
}
"""What a result is known by that has a figure of its own; the first that it holds counts."""


def _result_plotter(result: Result) -> Callable[[Any], go.Figure] | None:
    for detail, plotter in _BY_DETAIL.items():
        if result.details.get(detail):
            return plotter
    if any(value.quantity.startswith("loss_") for value in result):
        return plot_loss_bars
    if len(result.details.get("cycles", ())) < 2:
        return None
    return plot_replicates if result.details.get("summary") else plot_cycle_life


def _plot_result(result: Result) -> go.Figure:
    plotter = _result_plotter(result)
    if plotter is None:
        raise InputError(
            f"the result {result.name!r} holds no loss budget, no several cycles and nothing else "
            "of those parts of a result that have a figure; draw the record it was made from"
        )
    return plotter(result)
