"""One circuit fitted to the spectra of a series, its arcs followed from each to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, permutations

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.circuit_arcs import Branch, branches
from solith.analysis._impedance.circuit_choice import fit_given
from solith.analysis._impedance.circuit_fit import CircuitFit, fit_from
from solith.analysis._impedance.circuit_knowledge import Knowledge, apex_outside
from solith.analysis._impedance.spectrum import Spectrum
from solith.analysis.circuit import Circuit
from solith.core.errors import ConvergenceError

__all__ = ["SeriesFit", "Solutions", "follow", "search_all"]

Array = NDArray[np.float64]

_EQUAL = 4.0  # of the criterion: what a spectrum cannot tell apart
_STEP = 0.1  # of ln R and ln tau: what an arc may do unforeseen between neighbours
_UNSURE = 4.0  # of the squared distance: numbers that could as well be exchanged
_WANDER = 0.05  # of ln R and ln tau: how far a line is believed at each step from a spectrum
_BENDS = 0.5  # the same: how far they bend over the series, by the parabola's third term
_STEEP = 10.0  # of ln R and ln tau over the series: what an arc usually does
_LITTLE_KNOWN, _UNKNOWN, _NOTHING_KNOWN = 0.2, 0.5, 3.0  # standard uncertainty of ln R
_VANISHED = 2.0  # of ln R: an arc so far below where it is foretold is lost in another
_OVERLAP = 4.0  # of ln tau: nearer arcs can hide one in the other


@dataclass(frozen=True)
class SeriesFit:
    """The fits in the series' order, each arc at its number.

    ``covariance`` (n, p, n, p) is that of all parameters as they were sought, nan for a
    spectrum that leaves one undetermined. Arcs are numbered at ``anchor``; at the places
    ``doubtful`` and outwards two might be exchanged. ``starts`` are values from which to fit
    again, and ``told`` (n; arcs, 2) is where the others foretell ln R and ln tau of each arc.
    """

    circuit: Circuit
    fits: tuple[CircuitFit, ...]
    covariance: Array
    anchor: int
    doubtful: tuple[int, ...]
    starts: tuple[Array, ...]
    told: tuple[Array, ...]

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

    def hiding(self, place: int, spectrum: Spectrum) -> list[tuple[int, int]]:
        """Pairs of arcs ``(seen, lost)``: what is lost may be in the other's value."""
        arcs, spread = branches(self.circuit), self.knowledge(place).spread
        return _hiding(arcs, self.fits[place], spread, self.told[place], spectrum)


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


def follow(solutions: Solutions, spectra: Sequence[Spectrum], x: Array) -> SeriesFit:
    """Among solutions that a spectrum cannot tell apart, those that go on from its neighbours.

    ``x`` is the coordinate in which logarithms of resistances and time constants are nearly
    straight. Numbers are given where the arcs are known best, by rising time constant, and
    are kept outwards from there: the assignment nearest to what the spectra before foretell.
    Beyond spectra that leave arcs unknown, that which lets all arcs bend least.
    Where a spectrum does not know its arcs, ``starts`` has them where all others foretell them.
    """
    circuit = solutions.circuit
    arcs = branches(circuit)
    anchor = _best_known(solutions.best, spectra)
    trail = _Trail(arcs, spectra, x)
    trail.put(anchor, solutions.best[anchor])
    doubtful = []
    for here in [*range(anchor + 1, len(spectra)), *range(anchor - 1, -1, -1)]:
        told = trail.foretold(here)
        fits = list(solutions.found[here])
        near = trail.chosen[here - 1 if here > anchor else here + 1]
        again = _from(circuit, spectra[here], _moved(arcs, near, told))
        fits += [] if again is None else [again]
        fit, doubt = _nearest(arcs, _equal(fits), told)
        trail.put(here, fit, told)
        doubtful += [here] if doubt else []
    doubtful = trail.straighten(anchor, doubtful)
    chosen = [trail.chosen[place] for place in range(len(spectra))]
    starts = [
        fit.values
        if all(trail.known[place])
        else _moved(arcs, trail.nearest_known(place), trail.foretold(place))
        for place, fit in enumerate(chosen)
    ]
    told_by_others = tuple(
        np.array([told.shape for told in trail.foretold(place)]).reshape(-1, 2)
        for place in range(len(spectra))
    )
    return SeriesFit(
        circuit,
        tuple(chosen),
        _apart(chosen),
        anchor=anchor,
        doubtful=tuple(sorted(doubtful)),
        starts=tuple(starts),
        told=told_by_others,
    )


def _apart(fits: Sequence[CircuitFit]) -> Array:
    """The covariance of fits that share nothing."""
    number, size = len(fits), len(fits[0].values)
    covariance = np.zeros((number, size, number, size))
    for place, fit in enumerate(fits):
        own = fit.covariance()
        covariance[place, :, place, :] = np.nan if own is None else own
    return covariance


def _hiding(
    arcs: Sequence[Branch], fit: CircuitFit, spread: Array, told: Array, spectrum: Spectrum
) -> list[tuple[int, int]]:
    """An arc is lost if it should be among the frequencies and the fit does not have it there."""
    w = spectrum.angular_frequency
    lost = []
    for number, arc in enumerate(arcs):
        expected = w[-1] < np.exp(-told[number, 1]) < w[0]
        unknown = not spread[arc.resistor.first] < _UNKNOWN
        unknown |= _shape(arc, fit)[0] < told[number, 0] - _VANISHED
        gone = fit.limited[arc.resistor.first] or apex_outside(fit, arc, spectrum)
        if expected and (unknown or gone):
            lost.append(number)
    return [
        (seen, number)
        for number in lost
        for seen in range(len(arcs))
        if seen != number and abs(told[seen, 1] - told[number, 1]) < _OVERLAP
    ]


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


@dataclass(frozen=True)
class _Told:
    """Where an arc is foretold: ln R and ln tau, and the variance of either."""

    shape: Array
    variance: float


class _Trail:
    """The fits chosen so far, and how well they know each arc."""

    def __init__(self, arcs: Sequence[Branch], spectra: Sequence[Spectrum], x: Array) -> None:
        self._arcs, self._spectra = arcs, spectra
        self._x = (x - x.min()) / (np.ptp(x) or 1.0)
        self._spread: dict[int, list[float]] = {}
        self.chosen: dict[int, CircuitFit] = {}
        self.known: dict[int, list[bool]] = {}

    def put(self, place: int, fit: CircuitFit, told: Sequence[_Told] = ()) -> None:
        knowledge = Knowledge.of(fit)
        shapes = np.array([one.shape for one in told])
        hiding = (
            _hiding(self._arcs, fit, knowledge.spread, shapes, self._spectra[place]) if told else []
        )
        spread, known = [], []
        for number, arc in enumerate(self._arcs):
            own = float(knowledge.spread[arc.resistor.first])
            seen = not apex_outside(fit, arc, self._spectra[place])
            seen &= not fit.limited[arc.resistor.first] and not fit.limited[arc.across.first]
            seen &= number not in [one for one, _ in hiding]
            known.append(seen and own < _LITTLE_KNOWN)
            spread.append(min(own, _NOTHING_KNOWN) if seen else _NOTHING_KNOWN)
        self.chosen[place], self._spread[place], self.known[place] = fit, spread, known

    def nearest_known(self, here: int) -> CircuitFit:
        """The nearest fit that knows all its arcs, or the nearest."""
        places = [place for place in self.chosen if all(self.known[place])] or list(self.chosen)
        return self.chosen[min(places, key=lambda place: abs(place - here))]

    def foretold(self, here: int) -> list[_Told]:
        """Where each arc is at ``here`` by a line through all others, near ones before far ones.

        The line's slope is held down where nothing determines it.
        """
        places = [place for place in self.chosen if place != here] or [here]
        away = np.array([[1.0, self._x[place] - self._x[here]] for place in places])
        steps = np.array([abs(place - here) for place in places])
        told = []
        for number, arc in enumerate(self._arcs):
            spread = np.array([self._spread[place][number] for place in places])
            weight = 1.0 / (spread**2 + (_WANDER * steps) ** 2 + _WANDER**2)
            shapes = np.array([_shape(arc, self.chosen[place]) for place in places])
            inverse = np.linalg.inv((away.T * weight) @ away + np.diag([0.0, 1.0 / _STEEP**2]))
            line = inverse @ (away.T * weight) @ shapes
            told.append(_Told(line[0], float(inverse[0, 0])))
        return told

    def straighten(self, anchor: int, doubtful: Sequence[int]) -> list[int]:
        """Exchange arcs beyond spectra that do not tell them apart, where all bend less then.

        Gives the places beyond which an exchange would be as good.
        """
        unsure = []
        for here in sorted(self.chosen, key=lambda place: abs(place - anchor)):
            if here == anchor or (here not in doubtful and all(self.known[here])):
                continue
            beyond = [place for place in self.chosen if (place - here) * (here - anchor) >= 0]
            for a, b in combinations(range(len(self._arcs)), 2):
                if self._arcs[a].across.element is not self._arcs[b].across.element:
                    continue
                before = self._bending()
                self._exchange(beyond, a, b)
                after = self._bending()
                if after > before - _UNSURE:
                    self._exchange(beyond, a, b)
                if abs(after - before) < _UNSURE and any(
                    self.known[place][a] or self.known[place][b] for place in beyond
                ):
                    unsure.append(here)
        return sorted(set(unsure))

    def _exchange(self, places: Sequence[int], a: int, b: int) -> None:
        order = list(range(len(self._arcs)))
        order[a], order[b] = b, a
        for place in places:
            self.chosen[place] = _renumbered(self._arcs, self.chosen[place], order)
            known, spread = self.known[place], self._spread[place]
            known[a], known[b] = known[b], known[a]
            spread[a], spread[b] = spread[b], spread[a]

    def _bending(self) -> float:
        """The squares of ln R and ln tau about lines for each arc, which may bend a little."""
        total = 0.0
        for number, arc in enumerate(self._arcs):
            places = [place for place in self.chosen if self.known[place][number]]
            spread = np.array([self._spread[place][number] for place in places])
            weight = 1.0 / np.sqrt(spread**2 + _WANDER**2)[:, None]
            shapes = np.array([_shape(arc, self.chosen[place]) for place in places])
            design = (self._x[places][:, None] - 0.5) ** np.arange(3)
            rows = np.vstack([design * weight, [[0.0, 0.0, 1.0 / _BENDS]]])
            aims = np.vstack([shapes.reshape(-1, 2) * weight, np.zeros((1, 2))])
            line = np.linalg.lstsq(rows, aims, rcond=None)[0]
            total += float(np.sum((aims - rows @ line) ** 2))
        return total


def _moved(arcs: Sequence[Branch], fit: CircuitFit, told: Sequence[_Told]) -> Array:
    """The values of a neighbour with its arcs where they are foretold."""
    values = fit.values.copy()
    for arc, foretold in zip(arcs, told, strict=True):
        size, time = foretold.shape
        values[arc.resistor.first] = np.exp(size)
        values[arc.across.first] = np.exp(arc.shape(fit.values)[2] * time - size)
    return values


def _nearest(
    arcs: Sequence[Branch], fits: Sequence[CircuitFit], told: Sequence[_Told]
) -> tuple[CircuitFit, bool]:
    """The fit and the numbering nearest to what was foretold; whether another is as near."""
    found = []
    for fit in fits:
        spread = Knowledge.of(fit).spread
        for order in permutations(range(len(arcs))):
            pairs = list(zip(order, range(len(arcs)), strict=True))
            if any(arcs[a].across.element is not arcs[b].across.element for a, b in pairs):
                continue
            distance = 0.0
            for source, target in pairs:
                own = min(float(spread[arcs[source].resistor.first]), _NOTHING_KNOWN)
                width = _STEP**2 + own**2 + told[target].variance
                step = _shape(arcs[source], fit) - told[target].shape
                distance += float(step @ step) / width
            found.append((distance, order, fit))
    found.sort(key=lambda item: item[0])
    distance, order, fit = found[0]
    others = [other for other, exchanged, same in found if same is fit and exchanged != order]
    doubt = bool(others) and min(others) - distance < _UNSURE
    return _renumbered(arcs, fit, order), doubt


def _renumbered(arcs: Sequence[Branch], fit: CircuitFit, order: Sequence[int]) -> CircuitFit:
    """The fit with arc ``order[i]`` in place i."""
    if list(order) == sorted(order):
        return fit
    places = np.arange(len(fit.values))
    for target, source in enumerate(order):
        for own, other in (
            (arcs[target].resistor, arcs[source].resistor),
            (arcs[target].across, arcs[source].across),
        ):
            for step in range(len(own.element.parameters)):
                places[own.first + step] = other.first + step
    return fit.permuted(places)
