"""The search for arcs in a spectrum, without any guess from the user.

A non-negative sum of depressed arcs on a grid of time constants and exponents, and of tails, gives
seeds (Lawson and Hanson's NNLS). They are merged to one, two, three ... arcs, fitted
(:mod:`solith.analysis._impedance.arc_model`), and improved along the ladder of numbers: upwards by
the arc that would explain most of what is left or by splitting one, downwards by leaving one out or
merging two. So each number of arcs is begun from several sides, which is what finds its least sum
of squares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.arc_model import Arcs, ArcsFit, fit_arcs, line_of
from solith.analysis._impedance.spectrum import Spectrum

__all__ = ["TAILS", "search_arcs"]

Array = NDArray[np.float64]
Complex = NDArray[Any]

TAILS = ("none", "warburg", "cpe")
"""What may follow the arcs at low frequency: nothing, semi-infinite diffusion, a CPE."""

_PER_DECADE = 4
_BEYOND = 10.0  # times the ends of the frequency range: where arcs may lie
_GRID_EXPONENTS = (1.0, 0.85, 0.7)
_GRID_TAILS = (0.35, 0.5, 0.65, 0.8, 0.95)
_LEAST = 1e-4  # of the lowest |Z|: what stands for nothing where a logarithm is needed
_HALF_SPLIT = 1.15  # half a decade, in ln tau
_APART = 2.0  # in ln tau: additions nearer to each other are the same
_CLEARLY = 6.0  # of the criterion
_INDUCTIVE = 0.05  # of |Z|
_WORTH = 1.03  # times the squares with one arc more: worth another try
_CORRELATED = 0.15  # lag-1 correlation of residuals that speaks of something unexplained


def search_arcs(
    spectrum: Spectrum,
    *,
    most_arcs: int,
    least_arcs: int = 0,
    tails: Sequence[str] = TAILS,
    inductive: bool | None = None,
) -> list[ArcsFit]:
    """Fits of numbers of arcs with tails, the best by information criterion first.

    Where a CPE may follow the arcs, the ladder is climbed with it, since it takes the place
    of the others; those are then fitted around the number of arcs found. An inductance is
    part of the models where it is ``inductive``; by default the models are begun with one where
    the first points are clearly inductive, and the best is also tried with or without it.
    All numbers of arcs up to ``least_arcs`` are tried.
    """
    grid = _Grid.of(spectrum)
    coil = _shows_coil(spectrum) if inductive is None else inductive
    general = "cpe" if "cpe" in tails else tails[0]
    ladder = _climb(spectrum, grid, _empty(spectrum, general, coil), least_arcs, most_arcs)
    found = list(ladder)
    numbers = range(least_arcs, len(ladder))
    centre = min(numbers, key=lambda number: ladder[number].criterion())
    for tail in tails:
        if tail == general:
            continue
        # Without a tail an arc below the range may stand in its place.
        near = (centre, centre + 1) if tail == "none" else (centre - 1, centre)
        for number in near:
            if not least_arcs <= number < len(ladder):
                continue
            like = _with_tail(ladder[number].model, tail, _empty(spectrum, tail, coil))
            found.append(fit_arcs(spectrum, _resized(spectrum, like)))
        if tail == "none" and centre < most_arcs:
            like = _with_tail(ladder[centre].model, tail, _empty(spectrum, tail, coil))
            found += [fit_arcs(spectrum, start) for start in _added(spectrum, grid, like, 1)]
    found = sorted((fit for fit in found if fit.model.number >= least_arcs), key=_preference)
    if inductive is None and (coil or spectrum.impedance[0].imag > 0):
        found += [_with_or_without_coil(spectrum, fit.model) for fit in found[:2]]
    return sorted(found, key=_preference)


def _preference(fit: ArcsFit) -> float:
    """The criterion; a free exponent of the tail has to gain clearly on diffusion's one half."""
    free = fit.model.tail is not None and not fit.model.warburg
    return fit.criterion() + (_CLEARLY if free else 0.0)


def _shows_coil(spectrum: Spectrum) -> bool:
    """Whether the first points are inductive far beyond what noise does."""
    first = spectrum.impedance[:2]
    return bool(np.all(first.imag > _INDUCTIVE * np.abs(first)))


def _with_or_without_coil(spectrum: Spectrum, model: Arcs) -> ArcsFit:
    w = spectrum.angular_frequency
    other = np.log(1e-2 * abs(spectrum.impedance[0]) / w[0]) if model.inductance is None else None
    return fit_arcs(spectrum, _resized(spectrum, replace(model, inductance=other)))


def _with_tail(model: Arcs, tail: str, empty: Arcs) -> Arcs:
    """``model`` with another kind of tail."""
    if tail == "none" or model.tail is None:
        return replace(model, tail=empty.tail, warburg=empty.warburg)
    return replace(model, tail=(model.tail[0], 0.5), warburg=tail == "warburg")


def _resized(spectrum: Spectrum, model: Arcs) -> Arcs:
    return _sized(spectrum, model, model.arcs[:, 1:])[0]


def _climb(spectrum: Spectrum, grid: _Grid, bottom: Arcs, least: int, most: int) -> list[ArcsFit]:
    """The best fit found for each number of arcs from 0 on, as far as more arcs may help."""
    seeds = _seeds(spectrum, grid, bottom, most)
    best = [fit_arcs(spectrum, bottom)]
    for number in range(1, most + 1):
        starts = [*_added(spectrum, grid, best[-1].model, 1)]
        if number in seeds:
            starts.append(seeds[number])
        if not starts:
            break
        best.append(_best_of(spectrum, starts))
        if number > least and _enough(best):
            break
    for number in range(len(best) - 2, 0, -1):
        if best[number].squares > _WORTH * best[number + 1].squares:
            starts = _reduced(spectrum, best[number + 1].model)[:2]
            best[number] = _best_of(spectrum, starts, best[number])
    _improve(spectrum, grid, best, least, most)
    return best


def _improve(spectrum: Spectrum, grid: _Grid, best: list[ArcsFit], least: int, most: int) -> None:
    """Begin the best number of arcs and the next one from more sides, while that helps."""
    tried: set[int] = set()
    while True:
        chosen = min(range(least, len(best)), key=lambda number: best[number].criterion())
        if chosen in tried or not _unexplained(best[chosen]):
            return
        tried.add(chosen)
        for number in range(max(chosen, 1), min(chosen + 1, most) + 1):
            below = best[number - 1].model
            starts = [*_added(spectrum, grid, below, 2), *_split(spectrum, below)]
            fits = [*best[number : number + 1], *(fit_arcs(spectrum, start) for start in starts)]
            if fits:
                best[number : number + 1] = [min(fits, key=lambda fit: fit.squares)]


def _best_of(spectrum: Spectrum, starts: Sequence[Arcs], *known: ArcsFit) -> ArcsFit:
    """The best of fits from several starts, of which the most promising is followed to its end."""
    if len(starts) > 1:
        rough = [fit_arcs(spectrum, start, roughly=True) for start in starts]
        starts = [min(rough, key=lambda fit: fit.squares).model]
    fits = [*known, *(fit_arcs(spectrum, start) for start in starts)]
    return min(fits, key=lambda fit: fit.squares)


def _enough(best: list[ArcsFit]) -> bool:
    """Whether more arcs will not help: they raise the criterion, and nothing was left to find."""
    last, before = best[-1], best[-2]
    if last.criterion() < before.criterion():
        return False
    return not _unexplained(before) or (len(best) > 2 and before.criterion() > best[-3].criterion())


def _unexplained(fit: ArcsFit) -> bool:
    """Whether neighbouring residuals are alike, so that something is left to find."""
    halves = np.split(fit.residuals, 2)
    together = sum(float(half[1:] @ half[:-1]) for half in halves)
    return together > _CORRELATED * fit.squares


def _empty(spectrum: Spectrum, tail: str, coil: bool) -> Arcs:
    size = float(np.median(np.abs(spectrum.impedance)))
    w = spectrum.angular_frequency
    exponent = 0.5 if tail == "warburg" else 0.7
    low = np.log(1e-1 * abs(spectrum.impedance[-1])) + exponent * np.log(w[-1])
    return Arcs(
        resistance=np.log(size),
        arcs=np.empty((0, 3)),
        tail=None if tail == "none" else (float(low), exponent),
        warburg=tail == "warburg",
        inductance=np.log(1e-2 * abs(spectrum.impedance[0]) / w[0]) if coil else None,
    )


@dataclass(frozen=True)
class _Grid:
    """Arcs of unit size on a grid; ``columns`` are their weighted real and imaginary parts."""

    times: Array  # ln tau of each arc
    exponents: Array
    columns: Array

    @classmethod
    def of(cls, spectrum: Spectrum) -> _Grid:
        w = spectrum.angular_frequency
        low, high = -np.log(_BEYOND * w[0]), np.log(_BEYOND / w[-1])
        count = int((high - low) / np.log(10.0) * _PER_DECADE) + 2
        one = np.linspace(low, high, count)
        times = np.tile(one, len(_GRID_EXPONENTS))
        exponents = np.repeat(_GRID_EXPONENTS, count)
        return cls(times, exponents, _columns(spectrum, _shapes(spectrum, times, exponents)))


def _shapes(spectrum: Spectrum, times: Array, exponents: Array) -> Complex:
    line = line_of(spectrum)
    shapes: Complex = 1.0 / (1.0 + np.exp(exponents[:, None] * (line + times[:, None])))
    return shapes


def _columns(spectrum: Spectrum, shapes: Complex) -> Array:
    weighted = shapes / np.abs(spectrum.impedance)
    return np.concatenate([weighted.real, weighted.imag], axis=1).T


def _target(spectrum: Spectrum) -> Array:
    unit = spectrum.impedance / np.abs(spectrum.impedance)
    return np.concatenate([unit.real, unit.imag])


def _rest_shapes(spectrum: Spectrum, model: Arcs) -> Complex:
    """Resistor, coil and tail of unit size."""
    line = line_of(spectrum)
    shapes = [np.ones(len(line), dtype=complex)]
    if model.inductance is not None:
        shapes.append(np.exp(line))
    if model.tail is not None:
        shapes.append(np.exp(-model.tail[1] * line))
    return np.array(shapes)


def _non_negative(columns: Array, target: Array) -> tuple[Array, float]:
    """The sizes that explain ``target`` best, and the sum of squares that is left."""
    from scipy.optimize import nnls

    lengths = np.linalg.norm(columns, axis=0)
    sizes, rest = nnls(columns / lengths, target)
    return sizes / lengths, float(rest) ** 2


def _seeds(spectrum: Spectrum, grid: _Grid, bottom: Arcs, most: int) -> dict[int, Arcs]:
    """Starts for several numbers of arcs, merged from the arcs on the grid."""
    rest = _rest_shapes(spectrum, replace(bottom, tail=None))
    if bottom.tail is not None:
        exponents = (0.5,) if bottom.warburg else _GRID_TAILS
        tails = np.exp(-np.array(exponents)[:, None] * line_of(spectrum))
        rest = np.concatenate([rest, tails])
    columns = np.concatenate([grid.columns, _columns(spectrum, rest)], axis=1)
    sizes, _ = _non_negative(columns, _target(spectrum))
    count = len(grid.times)
    if bottom.tail is not None and not bottom.warburg and sizes[-len(_GRID_TAILS) :].any():
        exponent = float(np.average(_GRID_TAILS, weights=sizes[-len(_GRID_TAILS) :]))
        bottom = replace(bottom, tail=(bottom.tail[0], exponent))
    here = np.flatnonzero(sizes[:count])
    order = here[np.argsort(grid.times[here], kind="stable")]
    atoms = [(sizes[i], grid.times[i], grid.exponents[i]) for i in order]
    starts = {}
    while atoms:
        if len(atoms) <= most:
            shapes = np.array([(time, exponent) for _, time, exponent in atoms])
            starts[len(atoms)] = _sized(spectrum, bottom, shapes)[0]
        if len(atoms) == 1:
            break
        costs = [
            first[0] * second[0] / (first[0] + second[0]) * (second[1] - first[1]) ** 2
            for first, second in pairwise(atoms)
        ]
        place = int(np.argmin(costs))
        atoms[place : place + 2] = [_merged(atoms[place], atoms[place + 1])]
    return starts


def _merged(
    first: tuple[float, float, float], second: tuple[float, float, float]
) -> tuple[float, float, float]:
    size = first[0] + second[0]
    time, exponent = (
        (first[0] * a + second[0] * b) / size for a, b in zip(first[1:], second[1:], strict=True)
    )
    return size, time, exponent


def _sized(spectrum: Spectrum, model: Arcs, shapes: Array) -> tuple[Arcs, float]:
    """Arcs of the given (number, 2) ``ln tau`` and ``n``, everything sized by linear algebra."""
    rest = _rest_shapes(spectrum, model)
    arcs = _shapes(spectrum, shapes[:, 0], shapes[:, 1])
    sizes, squares = _non_negative(
        _columns(spectrum, np.concatenate([rest, arcs])), _target(spectrum)
    )
    least = _LEAST * float(np.min(np.abs(spectrum.impedance)))
    w = spectrum.angular_frequency
    number = len(rest)
    tail, coil = model.tail, model.inductance
    if coil is not None:
        coil = np.log(max(sizes[1], least / w[0]))
    if tail is not None:
        tail = (np.log(max(sizes[number - 1], least * w[-1] ** tail[1])), tail[1])
    sizes_of_arcs = np.log(np.maximum(sizes[number:], least))
    # One that begins at its very limit would seem to want to pass it.
    inside = np.clip(shapes[:, 1], 0.45, 0.98)
    started = replace(
        model,
        resistance=float(np.log(max(sizes[0], least))),
        arcs=np.column_stack([sizes_of_arcs, shapes[:, 0], inside]),
        tail=tail,
        inductance=coil,
    )
    return started, squares


def _added(spectrum: Spectrum, grid: _Grid, model: Arcs, most: int) -> Iterator[Arcs]:
    """``model`` with one arc more: those of the grid that explain most of what is left."""
    shapes = np.concatenate(
        [
            _rest_shapes(spectrum, model),
            _shapes(spectrum, model.arcs[:, 1], model.arcs[:, 2]),
        ]
    )
    basis, _ = np.linalg.qr(_columns(spectrum, shapes))
    target = _target(spectrum)
    left = target - basis @ (basis.T @ target)
    beside = grid.columns - basis @ (basis.T @ grid.columns)
    lengths = np.linalg.norm(beside, axis=0) + np.finfo(float).eps
    gains = beside.T @ left / lengths
    for _ in range(most):
        place = int(np.argmax(gains))
        if gains[place] <= 0:
            return
        found = (grid.times[place], grid.exponents[place])
        yield _sized(spectrum, model, _in_order([*model.arcs[:, 1:], found]))[0]
        gains[np.abs(grid.times - grid.times[place]) < _APART] = -1.0


def _split(spectrum: Spectrum, model: Arcs) -> Iterator[Arcs]:
    """``model`` with one of its arcs in two, half a decade to either side."""
    for place, (time, exponent) in enumerate(model.arcs[:, 1:]):
        others = np.delete(model.arcs[:, 1:], place, axis=0)
        halves = [(time + step, exponent + 0.1) for step in (-_HALF_SPLIT, _HALF_SPLIT)]
        yield _sized(spectrum, model, _in_order([*others, *halves]))[0]


def _reduced(spectrum: Spectrum, model: Arcs) -> list[Arcs]:
    """``model`` with an arc left out or two merged, the most promising first."""
    shapes = model.arcs[:, 1:]
    fewer = [np.delete(shapes, place, axis=0) for place in range(model.number)]
    for place in range(model.number - 1):
        weights = np.exp(model.arcs[place : place + 2, 0])
        time, exponent = np.average(shapes[place : place + 2], axis=0, weights=weights)
        pair = np.delete(shapes, place + 1, axis=0)
        pair[place] = (time, max(exponent - 0.05, 0.5))
        fewer.append(pair)
    sized = sorted((_sized(spectrum, model, part) for part in fewer), key=lambda pair: pair[1])
    return [start for start, _ in sized]


def _in_order(shapes: Sequence[Sequence[float] | Array]) -> Array:
    rows = np.array(shapes, dtype=float)
    return rows[np.argsort(rows[:, 0], kind="stable")]
