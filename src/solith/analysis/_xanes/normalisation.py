"""Pre-edge and post-edge lines of a scan, its edge step, and the scan in units of the step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._neighbours import neighbour_correlation, neighbour_widening
from solith.analysis._options import chosen
from solith.analysis._xanes.scan import Scan
from solith.core.errors import InputError
from solith.core.intervals import widening_95
from solith.core.quantities import to_si

__all__ = [
    "POST_EDGE_LAWS",
    "PRE_EDGE_LAWS",
    "Line",
    "Lines",
    "Normalisation",
    "Normalised",
    "normalisation_of",
    "range_of",
    "ranges_for",
]

Array = NDArray[np.float64]
Range = tuple[float, float]

PRE_EDGE_LAWS = ("constant", "linear", "victoreen")
POST_EDGE_LAWS = ("constant", "linear", "quadratic")

_CLEAR = 8.0  # eV below the edge: where its foot may begin
_CLEAR_PART = 0.3  # of what lies below the edge
_SETTLED = 20.0  # eV above the edge: where its fine structure is small
_SETTLED_PART = 0.3
_SCALE = 10.0  # eV, of the lines' terms


@dataclass(frozen=True)
class Normalisation:
    """How a scan is normalised: the ranges [eV] and laws of its lines, and where they meet."""

    edge: float
    pre_edge: Range
    post_edge: Range
    pre_edge_law: str
    post_edge_law: str

    def __post_init__(self) -> None:
        chosen("pre-edge law", self.pre_edge_law, PRE_EDGE_LAWS)
        chosen("post-edge law", self.post_edge_law, POST_EDGE_LAWS)

    def require_rows(self, scan: Scan) -> None:
        """Raise :class:`InputError` where a range has no more rows than its law has terms."""
        _require_rows(scan, self.pre_edge, self.pre_edge_law, "pre_edge")
        _require_rows(scan, self.post_edge, self.post_edge_law, "post_edge")

    def lines(self, energy: Array) -> Lines:
        """What makes lines and step from the rows at ``energy`` (n,); all is linear in the rows."""
        before, at_before = self._line(energy, self.pre_edge, self.pre_edge_law)
        after, at_after = self._line(energy, self.post_edge, self.post_edge_law)
        return Lines(before, after, at_after - at_before)

    def apply(self, scan: Scan) -> Normalised:
        """The scan normalised. Raises :class:`InputError` where there is no step upwards."""
        lines = self.lines(scan.energy)
        step = float(lines.steps @ scan.absorption)
        below, above = lines.before.through(scan.absorption), lines.after.through(scan.absorption)
        deviations = np.zeros(len(scan.energy))
        for ends, law, line in (
            (self.pre_edge, self.pre_edge_law, below),
            (self.post_edge, self.post_edge_law, above),
        ):
            within = (scan.energy >= ends[0]) & (scan.energy <= ends[1])
            residuals = (scan.absorption - line)[within]
            deviations[within] = _deviation(residuals, self.terms(scan.energy[:1], law).shape[1])
        if not step > 0:
            raise InputError(
                f"{scan.title}: the absorption does not rise at {self.edge:.1f} eV "
                f"(edge step {step:.3g}); is it turned upside down, or is there no edge?"
            )
        return Normalised(self, below, above, (scan.absorption - below) / step, step, deviations)

    def _line(self, energy: Array, ends: Range, law: str) -> tuple[Line, Array]:
        """A fitted line, and the weights of the rows (n,) that give it at the edge."""
        within = (energy >= ends[0]) & (energy <= ends[1])
        terms = self.terms(energy, law)
        solved = np.zeros((terms.shape[1], len(energy)))
        solved[:, within] = np.linalg.pinv(terms[within])
        return Line(terms, solved), (self.terms(np.array([self.edge]), law) @ solved)[0]

    def terms(self, energy: Array, law: str) -> Array:
        """The terms of a law (n, p); Victoreen's are E^-3 and E^-4."""
        if law == "victoreen":
            ratio = self.edge / energy
            return np.column_stack([ratio**3, ratio**4])
        distance = (energy - self.edge) / _SCALE
        power = {"constant": 0, "linear": 1, "quadratic": 2}[law]
        return np.vander(distance, power + 1, increasing=True)


@dataclass(frozen=True)
class Line:
    """A line fitted to some rows: its terms at every row (n, p), what solves for them (p, n)."""

    terms: Array
    solved: Array

    def through(self, values: Array) -> Array:
        """The line at every row, of one or more scans (..., n)."""
        return np.asarray((values @ self.solved.T) @ self.terms.T)

    def weights(self, weights: Array) -> Array:
        """The weights (..., n) of the rows that make what ``weights`` (..., n) make of the line."""
        return np.asarray((weights @ self.terms) @ self.solved)


@dataclass(frozen=True)
class Lines:
    """Pre-edge and post-edge line, and the weights (n,) that make the step, their difference."""

    before: Line
    after: Line
    steps: Array


@dataclass(frozen=True)
class Normalised:
    """A normalised scan: its lines, its rows in units of the step, and the step.

    ``deviations`` (n,) are those of rows about the line that goes through them, zero between.
    """

    how: Normalisation
    below: Array
    above: Array
    absorption: Array
    step: float
    deviations: Array

    def step_uncertainty(self, energy: Array) -> float:
        """The standard uncertainty of the step, from the residuals of both lines."""
        return float(np.linalg.norm(self.how.lines(energy).steps * self.deviations))

    def height(self, scan: Scan, weights: Array, noise: float) -> tuple[float, float]:
        """What ``weights`` (n,) make of the normalised scan, and its standard uncertainty.

        Rows that belong to a line scatter as about it, others by ``noise``.
        """
        lines = self.how.lines(scan.energy)
        height = float(weights @ self.absorption)
        moved = (weights - lines.before.weights(weights) - height * lines.steps) / self.step
        spread = np.where(self.deviations > 0, self.deviations, noise)
        return height, float(np.linalg.norm(moved * spread))


def normalisation_of(
    scan: Scan,
    edge: float,
    *,
    pre_edge: Any = None,
    post_edge: Any = None,
    pre_edge_law: str = "linear",
    post_edge_law: str = "linear",
) -> Normalisation:
    """How to normalise a scan with its step at ``edge`` [eV].

    ``pre_edge`` and ``post_edge`` are ranges (lowest, highest) in eV, by default those of
    :func:`ranges_for`. Raises :class:`InputError` for a law that is none of those, and where a
    range has no more rows than its law has terms.
    """
    before, after = ranges_for(float(scan.energy[0]), float(scan.energy[-1]), [edge])
    how = Normalisation(
        edge=edge,
        pre_edge=before if pre_edge is None else range_of(pre_edge, "pre_edge"),
        post_edge=after if post_edge is None else range_of(post_edge, "post_edge"),
        pre_edge_law=pre_edge_law,
        post_edge_law=post_edge_law,
    )
    how.require_rows(scan)
    return how


def ranges_for(first: float, last: float, edges: Sequence[float]) -> tuple[Range, Range]:
    """The usual ranges of the lines of scans from ``first`` to ``last`` with these edges [eV].

    The pre-edge line goes to 8 eV below the lowest edge (or 30 % of what lies below it), the
    post-edge line begins 20 eV above the highest (or 30 % of what lies above it).
    """
    low, high = min(edges), max(edges)
    below = max(_CLEAR, _CLEAR_PART * (low - first))
    above = max(_SETTLED, _SETTLED_PART * (last - high))
    return (first, low - below), (high + above, last)


def range_of(given: Any, where: str) -> Range:
    """A pair (lowest, highest) of energies [eV]; otherwise an error that says so."""
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise InputError(f"{given!r} is not a pair of energies (lowest, highest)", where=where)
    try:
        low, high = (to_si(end, "eV") for end in given)
    except InputError as error:
        raise error.inside(where) from None
    if not low < high:
        raise InputError(f"{given!r}: the first energy must be below the second", where=where)
    return low, high


def _require_rows(scan: Scan, ends: Range, law: str, where: str) -> None:
    terms = {"constant": 1, "linear": 2, "victoreen": 2, "quadratic": 3}[law]
    found = int(np.sum((scan.energy >= ends[0]) & (scan.energy <= ends[1])))
    if found <= terms:
        raise InputError(
            f"{scan.title} has {found} rows from {ends[0]:.1f} to {ends[1]:.1f} eV, expected at "
            f"least {terms + 1} for a {law} line; give another range (lowest, highest), or a "
            "simpler law",
            where=where,
        )


def _deviation(residuals: Array, terms: int) -> float:
    """That of one row about a line, as wide as likeness of neighbours and few rows make it."""
    freedom = len(residuals) - terms
    variance = float(residuals @ residuals) / freedom
    variance *= neighbour_widening(neighbour_correlation(residuals), len(residuals))
    return float(variance**0.5 * widening_95(freedom))
