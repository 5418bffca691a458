"""The lowest energy of a composition over all mixtures of phases, closed or open to an element.

Linear programming (HiGHS): amounts of phases x >= 0 that conserve the elements and minimise the
energy, or the grand potential E - mu n of the open element, whose amount is then free. The amounts
of the phases that HiGHS finds are solved for again, so that energies are exact to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import ConvergenceError
from solith.design.entries import Entry

__all__ = ["Hull", "Mixture", "lower_envelope"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """Phases [formula units], their energy [eV], the atoms of the open element that they hold."""

    amounts: dict[Entry, float]
    energy: float
    open_atoms: float

    def grand_energy(self, chemical_potential: float) -> float:
        """E - mu n [eV] at ``chemical_potential`` [eV, from the element's reference]."""
        return self.energy - chemical_potential * self.open_atoms


class Hull:
    """The phases of some elements, one of which may be ``open_to`` a reservoir."""

    def __init__(self, phases: Sequence[Entry], open_to: str = "") -> None:
        kept = [phase for phase in phases if set(phase.amounts) != {open_to}]
        self.phases = kept
        self.open_to = open_to
        self.elements = sorted({name for phase in kept for name in phase.amounts} - {open_to})
        self.energies = np.array([phase.formation_energy * phase.atoms for phase in kept])
        self.open_atoms = np.array([phase.amounts.get(open_to, 0.0) for phase in kept])
        self.atoms = np.array(
            [[phase.amounts.get(name, 0.0) for phase in kept] for name in self.elements]
        )

    def mixture(self, amounts: Mapping[str, float], chemical_potential: float = 0.0) -> Mixture:
        """The mixture of lowest grand energy that holds ``amounts`` of the closed elements."""
        return self._of(self._solve(self.costs(chemical_potential), self.vector(amounts)))

    def reaction(
        self,
        first: Mapping[str, float],
        second: Mapping[str, float],
        energies: tuple[float, float],
        chemical_potential: float = 0.0,
    ) -> tuple[float, Mixture]:
        """The share x of ``first`` in x first + (1 - x) second that gains most by reacting.

        ``energies`` [eV]: grand energies of the two reactants, of the same amounts.
        """
        start, end = self.vector(first), self.vector(second)
        costs = np.append(self.costs(chemical_potential), energies[1] - energies[0])
        solved = self._solve(costs, end, (end - start)[:, None])
        return float(solved[-1]), self._of(solved[:-1])

    def vector(self, amounts: Mapping[str, float]) -> Array:
        """Atoms of each closed element (n_elements,)."""
        return np.array([amounts.get(name, 0.0) for name in self.elements])

    def costs(self, chemical_potential: float) -> Array:
        """Grand energies of the phases [eV per formula unit] (n_phases,)."""
        return np.asarray(self.energies - chemical_potential * self.open_atoms)

    def _of(self, solved: Array) -> Mixture:
        held = np.flatnonzero(solved > 0)
        return Mixture(
            amounts={self.phases[k]: float(solved[k]) for k in held},
            energy=float(self.energies[held] @ solved[held]),
            open_atoms=float(self.open_atoms[held] @ solved[held]),
        )

    def _solve(self, costs: Array, right: Array, share: Array | None = None) -> Array:
        """Amounts, with the share of a reactant at the end if its column is given."""
        from scipy.optimize import linprog

        matrix = self.atoms if share is None else np.hstack([self.atoms, share])
        bounds = [(0.0, None)] * self.atoms.shape[1] + [(0.0, 1.0)] * (share is not None)
        if not self.elements:
            return np.zeros(matrix.shape[1])
        found = linprog(
            costs, A_eq=matrix, b_eq=right, bounds=bounds, method="highs-ds", options=_OPTIONS
        )
        if found.status != 0:
            raise ConvergenceError(f"the linear programme of the hull did not end: {found.message}")
        return _exact(matrix, right, np.asarray(found.x), share is not None)


def lower_envelope(
    at: Callable[[float], Mixture], low: float, high: float
) -> list[tuple[float, float, Mixture]]:
    """The mixtures of lowest grand energy between two chemical potentials [eV].

    Each with the range where it is lowest. The grand energy is concave and made of straight
    pieces; where two tangents cross, it either turns or has a piece below, which splits the range.
    """
    pieces = _pieces(at, (low, at(low)), (high, at(high)))
    starts = [low, *(turn for turn, _ in pieces[1:])]
    ends = [*starts[1:], high]
    return [(a, b, piece) for a, b, (_, piece) in zip(starts, ends, pieces, strict=True)]


_OPTIONS = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
_NONE = 1e-9  # of the atoms there are: amounts below this are rounding
_SAME = 1e-9  # eV and atoms


def _exact(matrix: Array, right: Array, found: Array, share: bool) -> Array:
    """The same phases with amounts solved for directly; a whole share stays what it is."""
    scale = float(np.abs(right).max()) or 1.0
    solved = np.where(found > _NONE * scale, found, 0.0)
    free = np.flatnonzero(solved)
    left_over = right
    if share and solved[-1] > 1 - _NONE:
        solved[-1] = 1.0
        free, left_over = free[:-1], right - matrix[:, -1]
    answer = np.linalg.lstsq(matrix[:, free], left_over, rcond=None)[0]
    if np.all(answer > 0) and np.allclose(matrix[:, free] @ answer, left_over, atol=1e-12 * scale):
        solved[free] = answer
    return solved


def _pieces(
    at: Callable[[float], Mixture], left: tuple[float, Mixture], right: tuple[float, Mixture]
) -> list[tuple[float, Mixture]]:
    """Mixtures in order, each after the first with the potential where it takes over."""
    (_, first), (_, last) = left, right
    change = last.open_atoms - first.open_atoms
    if abs(change) < _SAME:
        return [left]
    turn = (last.energy - first.energy) / change
    middle = at(turn)
    if middle.grand_energy(turn) > first.grand_energy(turn) - _SAME:
        return [left, (turn, last)]
    before = _pieces(at, left, (turn, middle))
    return [*before, *_pieces(at, (turn, middle), right)[1:]]
