"""What a phase becomes at a potential or against another phase: windows, products, energies.

A grand-potential hull open to lithium, as in Zhu, He and Mo (10.1021/acsami.5b07517) and Richards
et al. (10.1021/acs.chemmater.5b04082): at a potential phi [V vs Li] lithium is exchanged at the
chemical potential -e phi below the metal, and the phases of least E - mu n win. Thermodynamics
alone: no nucleation, no overpotential, no entropy beyond what the energies hold, and phases that
the entry set lacks cannot form.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.design._hull import Hull, Mixture, lower_envelope
from solith.design._named import find_formula
from solith.design.decomposition import Decomposition, Reaction, StabilityWindow
from solith.design.entries import Entry, EntrySet
from solith.design.entry_sets import choose_entries
from solith.design.formula import parse_formula

__all__ = ["find_decomposition", "find_profile", "find_reaction", "find_window"]

_CARRIERS = ("Li", "Na", "K")
_HIGHEST = 15.0  # V vs the metal: every carrier has left every phase
_SAME_AMOUNT = 1e-7  # of the atoms of a formula unit
_NO_REACTION = 1e-7  # eV per atom


def find_window(
    formula: str,
    entries: EntrySet | None = None,
    *,
    open_to: str = "Li",
    tolerance: float | str = 0.0,
) -> StabilityWindow:
    """The electrochemical window of ``formula`` with its products on both sides.

    ``formula`` may be a name of the materials table as well ("LPSCl", "LGPS").
    ``entries``: the packaged set that covers the elements by default. ``open_to``: the carrier,
    Li, Na or K. ``tolerance`` [eV per atom]: a driving force that is forgiven, 0 as in published
    windows; limits are then where the energy gained passes it. Uncertainties hold the products
    fixed; :func:`solith.design.sample_window` lets them change and may find more.
    Raises :class:`InputError` for an unreadable formula, an element without entries, another
    carrier and a negative tolerance.
    """
    problem = _Problem(formula, entries, open_to)
    allowed = to_si(tolerance, "eV") if isinstance(tolerance, str) else float(tolerance)
    if not 0 <= allowed < math.inf:
        raise InputError(f"the tolerance must be zero or more eV per atom, not {tolerance!r}")
    steps = problem.steps()
    at = problem.window_step(steps)
    stable = problem.decomposition(*steps[at], potential=steps[at][0])
    below = steps[at - 1] if at else None
    above = steps[at + 1] if at + 1 < len(steps) else None
    lower = problem.limit(steps, at, -1, allowed)
    upper = problem.limit(steps, at, +1, allowed)
    own = problem.entries.find(problem.formula)
    return StabilityWindow(
        formula=problem.formula,
        entries=problem.entries.name,
        reduction_limit=lower,
        oxidation_limit=upper,
        reduction_uncertainty=problem.limit_uncertainty(steps[at][2], below and below[2]),
        oxidation_uncertainty=problem.limit_uncertainty(steps[at][2], above and above[2]),
        energy_above_hull=None if own is None else problem.above_hull(own),
        stable=stable,
        reduced=below and problem.decomposition(*below, potential=below[0]),
        oxidised=above and problem.decomposition(*above, potential=above[0]),
    )


def find_profile(
    formula: str, entries: EntrySet | None = None, *, open_to: str = "Li"
) -> tuple[Decomposition, ...]:
    """All that ``formula`` becomes from 0 V upwards, with ranges, energies told at their low ends.

    Arguments and errors as of :func:`find_window`.
    """
    problem = _Problem(formula, entries, open_to)
    return tuple(problem.decomposition(*step, potential=step[0]) for step in problem.steps())


def find_decomposition(
    formula: str,
    potential: float | str,
    entries: EntrySet | None = None,
    *,
    open_to: str = "Li",
) -> Decomposition:
    """What ``formula`` becomes at ``potential`` [V vs the carrier's metal], and the energy gained.

    Arguments and errors as of :func:`find_window`; the potential is 0 or more.
    """
    problem = _Problem(formula, entries, open_to)
    volts = _potential(potential)
    steps = problem.steps()
    low, high, mixture = next(step for step in steps if volts < step[1] or step is steps[-1])
    return problem.decomposition(low, high, mixture, potential=volts)


def find_reaction(
    a: str,
    b: str,
    potential: float | str | None = None,
    entries: EntrySet | None = None,
    *,
    open_to: str = "Li",
) -> Reaction:
    """How ``a`` and ``b`` react in contact: the mixing ratio that gains most, its products, energy.

    Closed where ``potential`` is None, else open to the carrier at that potential [V]. The ratio
    minimises the mutual energy of Zhu, He and Mo (10.1039/C5TA08574H) and Richards et al.: what
    the mixture gains beyond what each phase would gain alone; mixture and ratio come from one
    linear programme. Against the carrier's metal, closed, the class of the interphase is that of
    what the other phase becomes in excess of the metal, at 0 V. ``gaps`` of the answer name pairs
    of elements that meet in the contact and of which the entries hold no compound: what they could
    form is not considered. Names and errors are as of :func:`find_window`.
    """
    a, b = find_formula(a), find_formula(b)
    both = {**parse_formula(a), **parse_formula(b)}
    chosen = choose_entries(both, entries)
    _check_carrier(open_to)
    volts = None if potential is None else _potential(potential)
    carrier = "" if volts is None else open_to
    level = -(volts or 0.0)
    hull = Hull(chosen.within({*both, carrier} - {""}), carrier)
    first, second = _per_atom(a), _per_atom(b)
    alone = [hull.mixture(amounts, level) for amounts in (first, second)]
    grand = [mixture.grand_energy(level) for mixture in alone]
    share, mixture = hull.reaction(first, second, (grand[0], grand[1]), level)
    apart = share * grand[0] + (1 - share) * grand[1]
    mutual = mixture.grand_energy(level) - apart
    resting = (mixture, *alone)
    marks: dict[str, tuple[str, ...]] = {
        "fitted": _marked(resting, "fitted"),
        "recalled": _marked(resting, "recalled"),
        "gaps": _gaps(chosen, first, second),
    }
    if mutual > -_NO_REACTION:
        return Reaction(a, b, math.nan, 0.0, 0.0, {}, 0.0, volts, "stable", 0.0, **marks)
    own = [
        _own_energy(chosen, formula, amounts, hull, level)
        for formula, amounts in ((a, first), (b, second))
    ]
    touching = [formula for formula in (a, b) if set(parse_formula(formula)) != {open_to}]
    excess = None if volts is not None or len(touching) != 1 else touching[0]
    held = share * first.get(carrier, 0.0) + (1 - share) * second.get(carrier, 0.0)
    change = _change(mixture, (share, alone[0]), (1 - share, alone[1]))
    return Reaction(
        first=a,
        second=b,
        share=share,
        energy=mixture.grand_energy(level) - share * own[0] - (1 - share) * own[1],
        mutual_energy=mutual,
        phases=_named(mixture),
        uptake=mixture.open_atoms - held if carrier else 0.0,
        potential=volts,
        interphase=(
            find_decomposition(excess, 0.0, chosen, open_to=open_to).interphase
            if excess
            else _interphase(mixture)
        ),
        uncertainty=_spread(change, chosen.uncertainty),
        **marks,
    )


class _Problem:
    """One formula with its hull, open to the carrier."""

    def __init__(self, formula: str, entries: EntrySet | None, open_to: str) -> None:
        _check_carrier(open_to)
        self.formula = find_formula(formula)
        self.amounts = parse_formula(self.formula)
        if set(self.amounts) == {open_to}:
            raise InputError(
                f"{formula} is the carrier itself, which has no window; give a compound, or "
                "another carrier as open_to",
                where="formula",
            )
        self.atoms = sum(self.amounts.values())
        self.carrier = open_to
        self.entries = choose_entries({*self.amounts, open_to}, entries)
        self.phases = self.entries.within({*self.amounts, open_to})
        self.hull = Hull(self.phases, open_to)
        self.held = self.amounts.get(open_to, 0.0)
        closed = Hull(self.phases).mixture(self.amounts)
        self.closed = replace(closed, open_atoms=self.held)

    def steps(self) -> list[tuple[float, float, Mixture]]:
        """Potentials and mixtures from 0 V up; the last has no upper end."""
        pieces = lower_envelope(lambda mu: self.hull.mixture(self.amounts, mu), -_HIGHEST, 0.0)
        steps = [(-high, -low, mixture) for low, high, mixture in reversed(pieces)]
        low, _, mixture = steps[-1]
        return [*((abs(a), b, c) for a, b, c in steps[:-1]), (abs(low), math.inf, mixture)]

    def window_step(self, steps: list[tuple[float, float, Mixture]]) -> int:
        """The step that exchanges no carrier.

        At one composition it may be a single potential, where a mixture that holds more turns
        into one that holds less: a window of no width, which is put in.
        """
        for place, (low, _, mixture) in enumerate(steps):
            if abs(mixture.open_atoms - self.held) < _SAME_AMOUNT * self.atoms:
                return place
            if mixture.open_atoms < self.held:
                steps.insert(place, (low, low, self.closed))
                return place
        raise InputError(
            f"{self.formula} gives off its {self.carrier} above {_HIGHEST:g} V only; check the "
            "formation energies",
            where=self.entries.name,
        )

    def limit(
        self, steps: list[tuple[float, float, Mixture]], at: int, side: int, allowed: float
    ) -> float:
        """The potential where the energy gained on one side passes what is allowed [V]."""
        place = at
        while 0 <= place + side < len(steps):
            end = steps[place][0] if side < 0 else steps[place][1]
            beyond = steps[place + side]
            far = beyond[0] if side < 0 else beyond[1]
            change = (beyond[2].open_atoms - self.held) / self.atoms
            gained = (self.closed.energy - beyond[2].energy) / self.atoms
            crossing = (gained - allowed) / change
            if side * (far - crossing) > 0 or allowed == 0:
                return max(crossing, 0.0) if allowed else end
            place += side
        return 0.0 if side < 0 else math.inf

    def limit_uncertainty(self, stable: Mixture, other: Mixture | None) -> float:
        """One standard uncertainty of the potential between two mixtures [V]."""
        if other is None:
            return 0.0
        change = abs(other.open_atoms - stable.open_atoms)
        return _spread(_change(other, (1.0, stable)), self.entries.uncertainty) / change

    def above_hull(self, own: Entry) -> float:
        """Energy of an entry above the closed hull [eV per atom]."""
        above = own.formation_energy - self.closed.energy / self.atoms
        return above if above > _NO_REACTION else 0.0

    def decomposition(
        self, low: float, high: float, mixture: Mixture, *, potential: float
    ) -> Decomposition:
        """The mixture told per formula unit, its energy at ``potential`` [V]."""
        before = self.closed.energy + potential * self.held
        gained = mixture.grand_energy(-potential) - before
        uptake = mixture.open_atoms - self.held
        changed = abs(uptake) > _SAME_AMOUNT * self.atoms
        return Decomposition(
            formula=self.formula,
            low=low,
            high=high,
            phases=_named(mixture),
            uptake=uptake if changed else 0.0,
            energy=min(gained / self.atoms, 0.0) if changed else 0.0,
            potential=potential,
            interphase=_interphase(mixture) if changed else "stable",
            fitted=_marked((mixture, self.closed), "fitted"),
            recalled=_marked((mixture, self.closed), "recalled"),
        )


def _check_carrier(carrier: str) -> None:
    if carrier not in _CARRIERS:
        raise InputError(
            f"a potential is told against a metal of one charge, {', '.join(_CARRIERS)}, and not "
            f"{carrier!r}",
            where="open_to",
        )


def _potential(potential: float | str) -> float:
    volts = to_si(potential, "V")
    if not 0 <= volts < math.inf:
        raise InputError(
            f"at {volts:g} V, below its own potential, the metal plates; take 0 V or more",
            where="potential",
        )
    return volts


def _per_atom(formula: str) -> dict[str, float]:
    amounts = parse_formula(formula)
    atoms = sum(amounts.values())
    return {element: amount / atoms for element, amount in amounts.items()}


def _own_energy(
    entries: EntrySet, formula: str, amounts: Mapping[str, float], hull: Hull, level: float
) -> float:
    """Grand energy of a phase itself [eV per atom], of the closed hull where it has no entry."""
    own = entries.find(formula)
    if own is not None:
        energy = own.formation_energy
    else:
        energy = Hull(entries.within(amounts)).mixture(amounts).energy
    return energy - level * amounts.get(hull.open_to, 0.0)


def _change(after: Mixture, *before: tuple[float, Mixture]) -> dict[Entry, float]:
    """Formula units of each phase formed, negative where used up."""
    change = dict(after.amounts)
    for factor, mixture in before:
        for entry, amount in mixture.amounts.items():
            change[entry] = change.get(entry, 0.0) - factor * amount
    return change


def _spread(change: Mapping[Entry, float], uncertainty: float) -> float:
    """Standard uncertainty of a reaction energy [eV]; references are exact."""
    compounds = [amount * entry.atoms for entry, amount in change.items() if not entry.is_element]
    return uncertainty * math.hypot(*compounds)


def _interphase(mixture: Mixture) -> str:
    """As Zhu, He and Mo sort them (10.1039/C5TA08574H): electrons pass a metallic product."""
    metallic = any(entry.character == "metallic" for entry in mixture.amounts)
    return "mixed-conducting" if metallic else "passivating"


def _named(mixture: Mixture) -> dict[str, float]:
    return {entry.formula: amount for entry, amount in mixture.amounts.items()}


def _marked(mixtures: Iterable[Mixture], mark: str) -> tuple[str, ...]:
    """Phases before and after whose energy was fitted, or is of the certainty ``mark``."""
    found = {
        entry.formula
        for mixture in mixtures
        for entry in mixture.amounts
        if (entry.fitted if mark == "fitted" else entry.certainty == mark)
    }
    return tuple(sorted(found))


def _gaps(
    entries: EntrySet, first: Mapping[str, float], second: Mapping[str, float]
) -> tuple[str, ...]:
    """Pairs of elements that meet only in the contact, and of which no entry holds both."""
    pairs = {tuple(sorted((a, b))) for a in first for b in second if a not in second}
    pairs = {pair for pair in pairs if not (set(pair) <= set(first) or set(pair) <= set(second))}
    return tuple(
        sorted(
            "-".join(pair)
            for pair in pairs
            if not any(set(pair) <= set(entry.amounts) for entry in entries.entries)
        )
    )
