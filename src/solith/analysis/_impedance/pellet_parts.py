"""Which arcs of a fitted circuit are the pellet's own, and what other circuits make of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._impedance.spectrum import Spectrum
from solith.analysis._pellet_geometry import PelletGeometry
from solith.analysis.circuit import parse_circuit
from solith.analysis.impedance_fit import fit_impedance
from solith.core.errors import ConvergenceError
from solith.core.quantities import in_unit
from solith.core.result import Result

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = [
    "Parts",
    "finer_circuits",
    "in_front",
    "is_blocking",
    "parts_of",
    "pellet_names",
    "totals_of",
]

Parts = Mapping[str, tuple[str, ...]]
"""The names of arcs under "bulk", "boundary" and "interface"."""

_MOST_CAPACITANCE = 1e-7  # F/cm, ten times the highest of grain boundaries: an electrode's
_MISFIT = 1.0  # % of |Z|
_MUCH_LESS = 0.5  # of the misfit
_STEEPER_THAN_DIFFUSION = 50.0  # degrees in the complex plane; diffusion has 45
_TENFOLD = 10.0 * (1 + 1e-9)


def parts_of(fit: Result, geometry: PelletGeometry) -> Parts:
    """The arcs by what they suggest: bulk, boundary, interface.

    One with its apex below the measured frequencies is part of the electrodes' rise.
    """
    lowest = min(fit.details["frequency_hertz"])
    of_meaning = {"bulk": "bulk", "grain boundary": "boundary"}
    labels: Mapping[str, Mapping[str, str]] = fit.details["labels"]
    parts: dict[str, tuple[str, ...]] = {"bulk": (), "boundary": (), "interface": ()}
    for arc, label in labels.items():
        name = of_meaning.get(label["meaning"], "interface")
        specific = in_unit(
            (fit[f"{arc}_capacitance"].value or 0.0) * geometry.constant, "F/m", "F/cm"
        )
        below = (fit[f"{arc}_frequency"].value or lowest) < lowest
        if specific > _MOST_CAPACITANCE or below:
            name = "interface"
        parts[name] = (*parts[name], arc)
    return parts


def pellet_names(fit: Result, parts: Parts) -> list[str]:
    """The resistances that make the pellet's: those in front, all arcs but the interfaces'."""
    return [*in_front(fit), *parts["bulk"], *parts["boundary"]]


def in_front(fit: Result) -> list[str]:
    """The resistors in series with the arcs, usually ``R0``."""
    return [leaf.label for leaf in parse_circuit(fit.details["circuit"]).series_resistors]


def finer_circuits(fit: Result) -> list[str]:
    """The candidates that leave less, where the best leaves less than half of over 1 %."""
    misfit = fit["residual"].value or 0.0
    left = {one["circuit"]: one["residual_percent"] for one in fit.details["candidates"]}
    if misfit <= _MISFIT or min(left.values(), default=misfit) >= _MUCH_LESS * misfit:
        return []
    return [text for text, misfit_of_it in left.items() if misfit_of_it < 0.99 * misfit]


def totals_of(
    circuits: Sequence[str], record: Record, cell_type: str, fit: Result, geometry: PelletGeometry
) -> dict[str, float]:
    """The pellet's resistance [ohm] by each circuit, fitted to the points that ``fit`` used."""
    if not circuits:
        return {}
    used = fit.details["frequency_hertz"]
    same = record.select(frequency_hertz=(min(used), max(used)))
    totals = {}
    for circuit in circuits:
        try:
            other = fit_impedance(same, cell_type, circuit)
        except ConvergenceError:
            continue
        names = pellet_names(other, parts_of(other, geometry))
        total = sum(other[name].value or 0.0 for name in names)
        if total > 0:
            totals[circuit] = total
    return totals


def is_blocking(spectrum: Spectrum) -> bool:
    """Whether the last decade of frequency rises more steeply than diffusion does."""
    decade = spectrum.frequency <= _TENFOLD * spectrum.frequency[-1]
    step = spectrum.impedance[-1] - spectrum.impedance[int(np.argmax(decade))]
    return math.degrees(math.atan2(-step.imag, step.real)) > _STEEPER_THAN_DIFFUSION
