"""The circuit of a whole series: the one that its spectra together ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solith.analysis._impedance.circuit_choice import choose_circuit
from solith.analysis._impedance.circuit_knowledge import is_identified
from solith.analysis._impedance.spectrum import Spectrum
from solith.analysis._series.fit import Solutions, search_all
from solith.analysis.circuit import parse_circuit
from solith.core.errors import ConvergenceError

__all__ = ["SeriesCandidate", "choose_for_all"]

_TRIED = 4
_CAPACITOR = re.compile(r"\bC(?=\d)")


@dataclass(frozen=True)
class SeriesCandidate:
    """A circuit that was tried: its summed criterion and how many spectra identify it."""

    circuit: str
    criterion: float
    identified: int


def choose_for_all(
    spectra: Sequence[Spectrum], cell_type: str | None
) -> tuple[Solutions, list[SeriesCandidate]]:
    """The circuit with the lowest summed criterion among those that most spectra identify.

    Where no circuit is identified in more than half of them, the one that is identified most
    often. Capacitors are written as constant phase elements, so that all spectra have one
    circuit.
    """
    tried = []
    for text in _proposed(spectra, cell_type):
        try:
            solutions = search_all(parse_circuit(text), spectra)
        except ConvergenceError:
            continue
        known = sum(
            is_identified(fit, spectrum)
            for fit, spectrum in zip(solutions.best, spectra, strict=True)
        )
        tried.append((solutions, SeriesCandidate(text, solutions.criterion(), known)))
    if not tried:
        raise ConvergenceError("no circuit can be fitted to all spectra of the series; give one")
    most = [item for item in tried if 2 * item[1].identified > len(spectra)]
    if not most:
        highest = max(item[1].identified for item in tried)
        most = [item for item in tried if item[1].identified == highest]
    best = min(most, key=lambda item: item[1].criterion)
    return best[0], sorted((item[1] for item in tried), key=lambda one: one.criterion)


def _proposed(spectra: Sequence[Spectrum], cell_type: str | None) -> list[str]:
    """The circuits that single spectra would choose or nearly so, the most promising first."""
    by_text: dict[str, list[float]] = {}
    lists, winners = [], []
    for spectrum in spectra:
        best, candidates = choose_circuit(spectrum, cell_type)
        winners.append(_CAPACITOR.sub("CPE", best.circuit.text))
        lists.append({_CAPACITOR.sub("CPE", one.circuit): one.criterion for one in candidates})
    for text in {text for criteria in lists for text in criteria}:
        worst = [max(criteria.values()) for criteria in lists]
        by_text[text] = [
            criteria.get(text, high) for criteria, high in zip(lists, worst, strict=True)
        ]
    ranked = sorted(by_text, key=lambda text: float(np.sum(by_text[text])))
    return list(dict.fromkeys([*ranked[:_TRIED], *_most_chosen(winners)]))


def _most_chosen(winners: Sequence[str]) -> list[str]:
    """The circuits that at least a third of the spectra choose by themselves."""
    return [text for text in dict.fromkeys(winners) if 3 * winners.count(text) >= len(winners)]
