"""A window over entry sets whose energies are varied by their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import ConvergenceError, InputError
from solith.core.table import text_table
from solith.design._named import find_formula
from solith.design.entries import EntrySet
from solith.design.entry_sets import choose_entries
from solith.design.formula import parse_formula

__all__ = ["WindowSamples", "sample_window"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class WindowSamples:
    """Limits of a window over varied entry sets, in which products may change too."""

    formula: str
    entries: str
    reduction_limit: Array
    """Reduction limit of each sample [V vs Li] (n_samples,)."""

    oxidation_limit: Array
    """Oxidation limit of each sample [V vs Li] (n_samples,); infinite where there is none."""

    seed: int

    def interval(self, coverage: float = 0.95) -> tuple[tuple[float, float], tuple[float, float]]:
        """Ends [V] of the reduction and of the oxidation limit that ``coverage`` lie between."""
        tails = ((1 - coverage) / 2, (1 + coverage) / 2)
        found = [
            np.quantile(limits, tails, method="nearest")
            for limits in (self.reduction_limit, self.oxidation_limit)
        ]
        return (float(found[0][0]), float(found[0][1])), (float(found[1][0]), float(found[1][1]))

    def __str__(self) -> str:
        reduction, oxidation = self.interval()
        rows = [
            ("reduction limit", f"{reduction[0]:.2f} to {reduction[1]:.2f} V"),
            ("oxidation limit", f"{oxidation[0]:.2f} to {oxidation[1]:.2f} V"),
            ("entries", self.entries),
        ]
        return text_table((f"{self.formula}, 95 % of {self.reduction_limit.size}", ""), rows)


def sample_window(
    formula: str,
    entries: EntrySet | None = None,
    *,
    samples: int = 200,
    seed: int = 0,
) -> WindowSamples:
    """The window of ``formula`` over ``samples`` sets, every compound's energy varied.

    Each compound is moved by a normal deviate of the set's uncertainty [eV per atom], by itself;
    elements stay. In each set the limits are the ends of the range of lithium's chemical potential
    over all chemical potentials at which no phase is lower than the elements and the formula's
    atoms have the energy of the hull: the dual of its linear programme. Arguments else, and
    errors, as of :func:`find_window`; :class:`InputError` for fewer than two samples.
    """
    if not isinstance(samples, int) or samples < 2:
        raise InputError(f"samples must be a whole number of 2 or more, not {samples!r}")
    formula = find_formula(formula)
    amounts = parse_formula(formula)
    chosen = choose_entries({*amounts, "Li"}, entries)
    phases = chosen.within({*amounts, "Li"})
    elements = sorted({element for phase in phases for element in phase.amounts})
    atoms = np.array([[phase.amounts.get(name, 0.0) for name in elements] for phase in phases])
    held = np.array([amounts.get(name, 0.0) for name in elements])
    energies = np.array([phase.formation_energy for phase in phases])
    spread = np.array([0.0 if phase.is_element else chosen.uncertainty for phase in phases])
    draw = np.random.default_rng(seed)
    limits = np.array(
        [
            _limits(
                atoms,
                (energies + spread * draw.standard_normal(energies.size)) * atoms.sum(axis=1),
                held / held.sum(),
                elements.index("Li"),
            )
            for _ in range(samples)
        ]
    )
    return WindowSamples(formula, chosen.name, limits[:, 0], limits[:, 1], seed)


_LOWEST = -15.0  # eV: a carrier that is never given off
_FACE = 1e-9  # eV per atom by which the formula's energy may miss the hull's


def _limits(atoms: Array, energies: Array, held: Array, carrier: int) -> tuple[float, float]:
    """Reduction and oxidation limit [V] from the chemical potentials on the hull."""
    hull = _best(-held, atoms, energies) @ held
    rows, rights = np.vstack([atoms, -held]), np.append(energies, _FACE - hull)
    wanted = np.zeros_like(held)
    wanted[carrier] = 1.0
    high = _best(-wanted, rows, rights)[carrier]
    low = _best(wanted, rows, rights)[carrier]
    return abs(min(high, 0.0)), -low if low > _LOWEST + _FACE else np.inf


def _best(costs: Array, rows: Array, rights: Array) -> Array:
    from scipy.optimize import linprog

    found = linprog(costs, A_ub=rows, b_ub=rights, bounds=(4 * _LOWEST, 0.0), method="highs-ds")
    if found.status != 0:
        raise ConvergenceError(f"the chemical potentials were not found: {found.message}")
    return np.asarray(found.x)
