"""Which circuit: a given one, or the one that a spectrum and a type of cell ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solith.analysis._impedance.arc_model import ArcsFit
from solith.analysis._impedance.arc_search import TAILS, search_arcs
from solith.analysis._impedance.circuit_arcs import (
    arcs_in,
    circuit_of_arcs,
    in_order,
    start_of_arcs,
    with_capacitors,
)
from solith.analysis._impedance.circuit_fit import CircuitFit, fit_from, fit_from_many
from solith.analysis._impedance.circuit_knowledge import is_identified
from solith.analysis._impedance.spectrum import Spectrum
from solith.analysis.circuit import Circuit, parse_circuit
from solith.core.errors import ConvergenceError

__all__ = ["CELL_TYPES", "Candidate", "choose_circuit", "fit_given"]

_SIGNIFICANT = 6.0  # of the criterion: what a circuit of another kind has to gain
_TOLERABLE = 0.03  # of |Z|: what a circuit whose parts are all seen may leave ...
_COARSER = 1.5  # ... or this times what the best one leaves
_TRIED = 12
_SHOWN = 8


@dataclass(frozen=True)
class _CellType:
    """What is tried: numbers of arcs, tails, and circuits beside arcs in series.

    ``most_spread`` is the largest relative standard uncertainty of a resistance that counts
    as seen; where all of them are to be added up, it is small.
    """

    most_arcs: int
    least_arcs: int
    tails: tuple[str, ...]
    beside: tuple[str, ...] = ()
    most_spread: float = 1.0


_UNNAMED = _CellType(5, 0, TAILS)

CELL_TYPES: dict[str, _CellType] = {
    "blocking-pellet": _CellType(3, 0, ("none", "cpe"), most_spread=0.3),
    "lithium-pellet": _CellType(4, 1, ("none", "warburg"), ("R0-p(R1,CPE1)-Ws2",)),
    "symmetric-cell": _CellType(
        4, 1, ("none", "warburg"), ("R0-p(R1,CPE1)-Ws2", "R0-p(R1,CPE1)-p(R2,CPE2)-Ws3")
    ),
    "composite-half-cell": _CellType(5, 1, TAILS, ("R0-TLM1-W2", "R0-p(R1,CPE1)-TLM2-W3")),
}
"""The types of cell that a user may name."""


@dataclass(frozen=True)
class Candidate:
    """A circuit that was tried: its information criterion and relative misfit."""

    circuit: str
    criterion: float
    residual: float


def choose_circuit(spectrum: Spectrum, cell_type: str | None) -> tuple[CircuitFit, list[Candidate]]:
    """The fit with the lowest information criterion that is identified, and the best candidates.

    An identified circuit may leave 3 % of ``|Z|``, or half more than the best one does. Where
    there is none, the one with the lowest criterion is taken.
    """
    kind = CELL_TYPES[cell_type] if cell_type else _UNNAMED
    most = min(kind.most_arcs, (2 * len(spectrum) - 5) // 3)
    least = min(kind.least_arcs, most)
    found = search_arcs(spectrum, most_arcs=most, least_arcs=least, tails=kind.tails)
    best = _first_identified(found[:_TRIED], spectrum, kind.most_spread)
    candidates = [
        Candidate(circuit_of_arcs(fit.model).text, fit.criterion(), fit.residual) for fit in found
    ]
    for text in kind.beside:
        try:
            other = fit_given(parse_circuit(text), spectrum, {})
        except ConvergenceError:
            continue
        candidates.append(Candidate(text, other.criterion(), other.residual))
        gain = best.criterion() - other.criterion()
        if gain > _SIGNIFICANT and not other.limited.any() and is_identified(other, spectrum):
            best = other
    return best, sorted(candidates, key=lambda candidate: candidate.criterion)[:_SHOWN]


def _first_identified(
    found: Sequence[ArcsFit], spectrum: Spectrum, most_spread: float
) -> CircuitFit:
    first = None
    most = max(_TOLERABLE, _COARSER * min(arcs.residual for arcs in found))
    for arcs in found:
        circuit = circuit_of_arcs(arcs.model)
        start = start_of_arcs(circuit, arcs.model, spectrum)
        try:
            fit = _simplest(fit_from(circuit, spectrum, start), spectrum)
        except ConvergenceError:  # another candidate may do
            continue
        if fit.residual <= most and is_identified(fit, spectrum, most_spread):
            return fit
        first = first or fit
    if first is None:
        raise ConvergenceError("no circuit of arcs in series can be fitted to this spectrum")
    return first


def _simplest(fit: CircuitFit, spectrum: Spectrum) -> CircuitFit:
    """The fit in order, with capacitors where its CPEs are ones."""
    fit = in_order(fit)
    simpler = with_capacitors(fit)
    return fit if simpler is None else fit_from(simpler[0], spectrum, simpler[1])


def fit_given(circuit: Circuit, spectrum: Spectrum, fixed: Mapping[str, float]) -> CircuitFit:
    """A given circuit at its least sum of squares, with the parameters in ``fixed`` held."""
    arcs = arcs_in(circuit)
    if arcs is None or fixed:
        return in_order(fit_from_many(circuit, spectrum, fixed=fixed))
    number, tail = arcs
    coil = circuit.has("L")
    found = search_arcs(
        spectrum, most_arcs=number, least_arcs=number, tails=(tail,), inductive=coil
    )
    fits = [
        fit_from(circuit, spectrum, start_of_arcs(circuit, fit.model, spectrum)) for fit in found
    ]
    return in_order(min(fits, key=lambda fit: fit.squares))
