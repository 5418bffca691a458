"""The table of a fitted series, and each resistance traced through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.circuit_arcs import branches
from solith.analysis._impedance.circuit_fit import CircuitFit
from solith.analysis._impedance.circuit_knowledge import UNKNOWN
from solith.analysis._impedance.circuit_values import arc_values, parameter_values, total_values
from solith.analysis._impedance.spectrum import Spectrum
from solith.analysis._series.fit import SeriesFit

__all__ = ["Trace", "rows_of", "traces_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trace:
    """One resistance through the series, where its spectra know it.

    ``places`` (m,) are those spectra, ``resistance`` [ohm] and the covariance (m, m) of its
    logarithm belong to them; ``left_out`` counts the others by reason.
    """

    name: str
    is_arc: bool
    places: NDArray[np.intp]
    resistance: Array
    covariance: Array
    left_out: dict[str, list[int]]
    flags: tuple[str, ...] = ()

    def flagged(self, flag: str) -> Trace:
        """The same with one flag more."""
        return replace(self, flags=(*self.flags, flag))


def rows_of(
    series: SeriesFit, spectra: Sequence[Spectrum], flags: Sequence[tuple[str, ...]], cpe: str
) -> list[dict[str, dict[str, Any]]]:
    """For each spectrum all values by name: value, unit, uncertainty and flags.

    ``flags`` on the spectra themselves stand with the residual.
    """
    table = []
    arcs = branches(series.circuit)
    for place, (fit, spectrum) in enumerate(zip(series.fits, spectra, strict=True)):
        knowledge = series.knowledge(place)
        own: tuple[str, ...] = ()
        if not fit.solution.converged:
            own = (f"the fit did not converge: {fit.solution.reason}",)
        values = parameter_values(fit, knowledge, spectrum, own)
        hidden: dict[str, tuple[str, ...]] = {}
        for seen, lost in series.hiding(place, spectrum):
            name, other = arcs[seen].resistor.label, arcs[lost].resistor.label
            hidden[name] = (*hidden.get(name, ()), f"{other} is not told apart and may be in it")
        values = [
            replace(value, flags=(*value.flags, *hidden.get(value.quantity, ())))
            for value in values
        ]
        values += arc_values(fit, values, cpe)
        values += total_values(fit, knowledge, values, (*own, *_below(fit, spectrum)))
        row: dict[str, dict[str, Any]] = {
            value.quantity: {
                "value": value.value,
                "unit": value.unit,
                "uncertainty": value.uncertainty,
                "flags": list(value.flags),
            }
            for value in values
        }
        row["residual"] = {
            "value": 1e2 * fit.residual,
            "unit": "%",
            "uncertainty": None,
            "flags": [*flags[place], *own],
        }
        table.append(row)
    return table


def _below(fit: CircuitFit, spectrum: Spectrum) -> list[str]:
    """Why the sum of all resistances is not known, if an arc turns below the frequencies."""
    lowest = spectrum.angular_frequency[-1]
    return [
        f"the apex of {arc.resistor.label} lies below the measured frequencies"
        for arc in branches(fit.circuit)
        if 1.0 / arc.shape(fit.values)[1] < lowest
    ]


def traces_of(series: SeriesFit, table: Sequence[dict[str, dict[str, Any]]]) -> list[Trace]:
    """Every resistance of the circuit and their total, with the spectra that know it.

    One in series with the arcs that most spectra do not know is left out.
    """
    size = len(series.circuit.parameters)
    arcs = {arc.resistor.label for arc in branches(series.circuit)}
    traces = []
    for step, (name, part) in enumerate(
        zip(series.circuit.parameter_names, series.circuit.parameters, strict=True)
    ):
        if part.unit == "ohm":
            slopes = np.zeros((len(series.fits), size))
            slopes[:, step] = 1.0
            traces.append(_trace(series, table, name, name in arcs, slopes))
    if arcs:
        whole = {*arcs, "R0"} & set(series.circuit.parameter_names)
        mask = np.array([name in whole for name in series.circuit.parameter_names])
        values = np.array([np.where(mask, fit.values, 0.0) for fit in series.fits])
        slopes = values / values.sum(axis=1, keepdims=True)
        traces.append(_trace(series, table, "R_total", False, slopes))
    half = 0.5 * len(table)
    return [trace for trace in traces if trace.name != "R0" or len(trace.places) >= half]


def _trace(
    series: SeriesFit,
    table: Sequence[dict[str, dict[str, Any]]],
    name: str,
    is_arc: bool,
    slopes: Array,
) -> Trace:
    kept: list[int] = []
    left_out: dict[str, list[int]] = {}
    for place, row in enumerate(table):
        entry = row[name]
        reason = "; ".join(entry["flags"])
        spread = entry["uncertainty"]
        if not reason and (spread is None or not 0 < spread < UNKNOWN * entry["value"]):
            reason = "not identified by the measured frequencies"
        if reason:
            left_out.setdefault(reason, []).append(place)
        else:
            kept.append(place)
    places = np.array(kept, dtype=int)
    return Trace(
        name,
        is_arc,
        places,
        np.array([table[place][name]["value"] for place in kept]),
        series.uncertain(kept, slopes[places]),
        left_out,
    )
