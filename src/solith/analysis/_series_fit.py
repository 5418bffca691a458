"""One circuit fitted to the spectra of a series, its arcs followed from each to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._circuit_arcs import Branch, branches
from solith.analysis._circuit_choice import fit_given
from solith.analysis._circuit_fit import CircuitFit, fit_from
from solith.analysis._circuit_knowledge import Knowledge, apex_outside
from solith.analysis._spectrum import Spectrum
from solith.analysis.circuit import Circuit
from solith.core.errors import ConvergenceError

__all__ = ["SeriesFit", "Solutions", "follow", "search_all", "separate"]

Array = NDArray[np.float64]

_EQUAL = 4.0  # of the criterion: what a spectrum cannot tell apart
_STEP = 0.3  # of ln R and ln tau: what an arc may do unforeseen between neighbours
_UNSURE = 4.0  # of the squared distance: numbers that could as well be exchanged
_UNKNOWN = 0.5


@dataclass(frozen=True)
class SeriesFit:
    """The fits in the series' order, each arc at its number.

    ``covariance`` (n, p, n, p) is that of all parameters as they were sought, nan for a
    spectrum that leaves one undetermined; ``doubtful`` are the places from which on, away from
    ``anchor``, two arcs might be exchanged.
    """

    circuit: Circuit
    fits: tuple[CircuitFit, ...]
    covariance: Array
    anchor: int
    doubtful: tuple[int, ...] = ()

    def knowledge(self, place: int) -> Knowledge:
        """How well the parameters of one spectrum are known."""
        own = self.covariance[place, :, place, :]
        if not np.all(np.isfinite(own)):
            return Knowledge(np.where(self.fits[place].known, np.inf, 0.0), None)
        return Knowledge(np.sqrt(np.diag(own)), own)

    def uncertain(self, places: Sequence[int], slopes: Array) -> Array:
        """Covariance (m, m) of quantities at ``places`` whose ``slopes`` (m, p) are given."""
        inner = self.covariance[np.ix_(places, range(slopes.shape[1]), places)]
        found: Array = np.einsum("ap,apbq,bq->ab", slopes, inner, slopes)
        return found


@dataclass(frozen=True)
class Solutions:
    """What was found of one circuit in each spectrum, the least sum of squares first."""

    circuit: Circuit
    found: tuple[tuple[CircuitFit, ...], ...]

    @property
    def best(self) -> list[CircuitFit]:
        """The least sum of squares in each spectrum."""
        return [fits[0] for fits in self.found]

    def criterion(self) -> float:
        """The sum of the Bayesian information criterion over the series."""
        return sum(fit.criterion() for fit in self.best)


def search_all(circuit: Circuit, spectra: Sequence[Spectrum]) -> Solutions:
    """The circuit in every spectrum, begun from its own search and from its neighbours' fits.

    Raises :class:`ConvergenceError` where a spectrum cannot be fitted at all.
    """
    found = [[fit_given(circuit, spectrum, {})] for spectrum in spectra]
    up = list(pairwise(range(len(spectra))))
    for before, here in [*up, *((later, early) for early, later in reversed(up))]:
        again = _from(circuit, spectra[here], found[before][0].values)
        if again is not None:
            found[here].append(again)
            found[here].sort(key=lambda fit: fit.squares)
    return Solutions(circuit, tuple(tuple(fits) for fits in found))


def separate(circuit: Circuit, fits: Sequence[CircuitFit], **facts: Any) -> SeriesFit:
    """Fits that share nothing, as a series."""
    number, size = len(fits), len(circuit.parameters)
    covariance = np.zeros((number, size, number, size))
    for place, fit in enumerate(fits):
        own = fit.covariance()
        covariance[place, :, place, :] = np.nan if own is None else own
    return SeriesFit(circuit, tuple(fits), covariance, **facts)


def follow(solutions: Solutions, spectra: Sequence[Spectrum], x: Array) -> SeriesFit:
    """Among solutions that a spectrum cannot tell apart, those that go on from its neighbours.

    ``x`` is the coordinate in which logarithms of resistances and time constants are nearly
    straight. Numbers are given where the arcs are known best, by rising time constant, and
    are kept outwards from there: the assignment nearest to what the last two spectra foretell.
    """
    circuit = solutions.circuit
    arcs = branches(circuit)
    anchor = _best_known(solutions.best, spectra)
    chosen: dict[int, CircuitFit] = {anchor: solutions.best[anchor]}
    doubtful = []
    for outward in (range(anchor + 1, len(spectra)), range(anchor - 1, -1, -1)):
        past = [anchor]
        if anchor + 1 < len(spectra) and outward.step < 0:
            past = [anchor + 1, anchor]
        for here in outward:
            told = _foretold(arcs, chosen, past, spectra, x, here)
            fits = list(solutions.found[here])
            again = _from(circuit, spectra[here], _moved(arcs, chosen[past[-1]], told))
            fits += [] if again is None else [again]
            chosen[here], doubt = _nearest(arcs, _equal(fits), told)
            doubtful += [here] if doubt else []
            past.append(here)
    fits = [chosen[place] for place in range(len(spectra))]
    return separate(circuit, fits, anchor=anchor, doubtful=tuple(doubtful))


def _from(circuit: Circuit, spectrum: Spectrum, start: Array) -> CircuitFit | None:
    try:
        return fit_from(circuit, spectrum, start)
    except ConvergenceError:
        return None


def _equal(fits: Sequence[CircuitFit]) -> list[CircuitFit]:
    """The fits whose sums of squares the noise does not tell apart."""
    least = min(fit.criterion() for fit in fits)
    return [fit for fit in fits if fit.criterion() <= least + _EQUAL]


def _best_known(fits: Sequence[CircuitFit], spectra: Sequence[Spectrum]) -> int:
    """The spectrum whose least known arc is known best."""

    def worst(place: int) -> tuple[int, float]:
        fit = fits[place]
        spread = Knowledge.of(fit).spread
        arcs = branches(fit.circuit)
        outside = sum(apex_outside(fit, arc, spectra[place]) for arc in arcs)
        return outside, max((float(spread[arc.resistor.first]) for arc in arcs), default=0.0)

    return min(range(len(fits)), key=worst)


def _shape(arc: Branch, fit: CircuitFit) -> Array:
    """ln R and ln tau."""
    resistance, time, _ = arc.shape(fit.values)
    return np.log([resistance, time])


def _foretold(
    arcs: Sequence[Branch],
    chosen: dict[int, CircuitFit],
    past: Sequence[int],
    spectra: Sequence[Spectrum],
    x: Array,
    here: int,
) -> list[Array]:
    """ln R and ln tau of each arc at ``here``, on the line through where it was known last."""
    told = []
    for arc in arcs:
        known = [place for place in past if _is_known(arc, chosen[place], spectra[place])]
        if not known:
            known = [past[-1]]
        shape = _shape(arc, chosen[known[-1]])
        if len(known) > 1 and x[known[-1]] != x[known[-2]]:
            slope = (shape - _shape(arc, chosen[known[-2]])) / (x[known[-1]] - x[known[-2]])
            shape = shape + slope * (x[here] - x[known[-1]])
        told.append(shape)
    return told


def _is_known(arc: Branch, fit: CircuitFit, spectrum: Spectrum) -> bool:
    spread = Knowledge.of(fit).spread[arc.resistor.first]
    return bool(spread < _UNKNOWN) and not apex_outside(fit, arc, spectrum)


def _moved(arcs: Sequence[Branch], fit: CircuitFit, told: Sequence[Array]) -> Array:
    """The values of a neighbour with its arcs where they are foretold."""
    values = fit.values.copy()
    for arc, (size, time) in zip(arcs, told, strict=True):
        exponent = arc.shape(fit.values)[2]
        values[arc.resistor.first] = np.exp(size)
        values[arc.across.first] = np.exp(exponent * time - size)
    return values


def _nearest(
    arcs: Sequence[Branch], fits: Sequence[CircuitFit], told: Sequence[Array]
) -> tuple[CircuitFit, bool]:
    """The fit and the numbering nearest to what was foretold; whether another is as near."""
    found = []
    for fit in fits:
        spread = Knowledge.of(fit).spread
        for order in permutations(range(len(arcs))):
            pairs = [(arcs[source], told[target]) for target, source in enumerate(order)]
            if any(
                source.across.element is not arcs[target].across.element
                for target, (source, _) in enumerate(pairs)
            ):
                continue
            distance = 0.0
            for arc, aim in pairs:
                width = _STEP**2 + min(float(spread[arc.resistor.first]), _UNKNOWN) ** 2
                distance += float(np.sum((_shape(arc, fit) - aim) ** 2)) / width
            found.append((distance, order, fit))
    found.sort(key=lambda item: item[0])
    distance, order, fit = found[0]
    others = [other for other, exchanged, same in found if same is fit and exchanged != order]
    doubt = bool(others) and min(others) - distance < _UNSURE
    return _renumbered(arcs, fit, order), doubt


def _renumbered(arcs: Sequence[Branch], fit: CircuitFit, order: Sequence[int]) -> CircuitFit:
    places = np.arange(len(fit.values))
    for target, source in enumerate(order):
        for own, other in (
            (arcs[target].resistor, arcs[source].resistor),
            (arcs[target].across, arcs[source].across),
        ):
            for step in range(len(own.element.parameters)):
                places[own.first + step] = other.first + step
    return fit if list(order) == sorted(order) else fit.permuted(places)
