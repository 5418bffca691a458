"""Coatings between an electrolyte and an electrode, ranked by what they give and cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si
from solith.core.table import html_table, text_table
from solith.design._potentials import against_lithium
from solith.design.decomposition import Reaction, StabilityWindow
from solith.design.entries import EntrySet
from solith.design.entry_sets import choose_entries
from solith.design.formula import parse_formula
from solith.design.stability import find_reaction, find_window

__all__ = ["Coating", "CoatingRanking", "judge_potential", "rank_coatings", "show_window"]

_NARROWEST = 1e-3  # V: a window of less is none
_HEADINGS = (
    "coating",
    "window / V vs Li",
    "verdict",
    "with electrolyte / eV/atom",
    "with electrode / eV/atom",
    "conductivity / S/m",
    "resistance / ohm m2",
    "fitted or recalled",
    "no entries with",
)


@dataclass(frozen=True)
class Coating:
    """One coating: its window, its reactions on both sides, and what its resistance is."""

    formula: str
    window: StabilityWindow
    with_electrolyte: Reaction
    with_electrode: Reaction
    conductivity: float
    """Ionic conductivity [S/m]; nan where none is known."""

    resistance: float
    """Thickness over conductivity [ohm m2 of coated area]; nan where none is known."""

    potential: float
    """Potential of the electrode [V vs Li]."""

    @property
    def is_within_window(self) -> bool:
        """Whether the electrode's potential lies in the coating's window."""
        return self.margin >= 0 and self.window.oxidation_limit > self.window.reduction_limit

    @property
    def margin(self) -> float:
        """How far the electrode's potential lies within the window [V]; negative outside."""
        return min(
            self.potential - self.window.reduction_limit,
            self.window.oxidation_limit - self.potential,
        )

    @property
    def margin_uncertainty(self) -> float:
        """One standard uncertainty of the margin [V], that of the nearer limit."""
        low, high = self.window.reduction_limit, self.window.oxidation_limit
        if self.potential - low < high - self.potential:
            return self.window.reduction_uncertainty
        return self.window.oxidation_uncertainty

    @property
    def verdict(self) -> str:
        """Whether the coating bears the electrode's potential, in words."""
        return judge_potential(self.window, self.potential)

    @property
    def worst_energy(self) -> float:
        """The larger of the two mutual reaction energies [eV/atom], 0 or negative."""
        return min(self.with_electrolyte.mutual_energy, self.with_electrode.mutual_energy)

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Phases of the window and the reactions with fitted or recalled energies."""
        names = {*self.window.fitted, *self.window.recalled}
        for reaction in (self.with_electrolyte, self.with_electrode):
            names |= {*reaction.fitted, *reaction.recalled}
        return tuple(sorted(names))

    @property
    def gaps(self) -> tuple[str, ...]:
        """Pairs of elements that meet on either side and of which the entries hold no compound."""
        return tuple(sorted({*self.with_electrolyte.gaps, *self.with_electrode.gaps}))


@dataclass(frozen=True)
class CoatingRanking:
    """Coatings, the best first: within the window, then by reaction energy, then by resistance."""

    coatings: tuple[Coating, ...]
    entries: str
    thickness: float
    """Thickness of each coating [m]."""

    @property
    def potential(self) -> float:
        """Potential of the electrode that all are judged at [V vs Li]."""
        return self.coatings[0].potential

    def __str__(self) -> str:
        return f"at {self.potential:.2f} V vs Li\n{text_table(_HEADINGS, self._rows())}"

    def _repr_html_(self) -> str:
        told = f"coatings of {self.thickness:g} m at {self.potential:.2f} V vs Li"
        return html_table(_HEADINGS, self._rows(), title=told)

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                coating.formula,
                show_window(coating.window),
                coating.verdict,
                f"{coating.with_electrolyte.mutual_energy:.3f}",
                f"{coating.with_electrode.mutual_energy:.3f}",
                _number(coating.conductivity),
                _number(coating.resistance),
                ", ".join(coating.uncertain) or "none",
                ", ".join(coating.gaps) or "none",
            )
            for coating in self.coatings
        ]


def rank_coatings(
    coatings: Iterable[str],
    electrolyte: str,
    electrode: str,
    potential: float | str,
    *,
    thickness: float | str = "10 nm",
    conductivity: Mapping[str, float | str] | None = None,
    entries: EntrySet | None = None,
) -> CoatingRanking:
    """Coatings between ``electrolyte`` and ``electrode``, the best first.

    All are formulas; ``potential`` is the electrode's, [V vs Li] or with its reference ("3.8 V vs
    Li-In"): that at the end of charge, where an electrode oxidises most. The contact with the
    electrode reacts open to lithium at that potential, the one with the electrolyte closed, since
    the coating is to keep the potential from it. ``conductivity`` [S/m] of coatings by formula,
    else the preferred room-temperature one of the materials table, else not known; with
    ``thickness`` [m] it gives the resistance [ohm m2 of coated area]. How far a coating keeps
    electrons back is not considered. A coating whose ``gaps`` are not empty may react where it
    seems not to. ``entries`` as of :func:`find_window`, one set for all. Raises
    :class:`InputError` as :func:`find_reaction` does, for no coating, and for a thickness or a
    conductivity that is not above zero.
    """
    named, at = tuple(coatings), against_lithium(potential)
    if not named:
        raise InputError("there is no coating to rank; name at least one", where="coatings")
    depth = _positive(thickness, "m", "thickness")
    elements = {
        element
        for formula in (*named, electrolyte, electrode)
        for element in parse_formula(formula)
    }
    chosen = choose_entries({*elements, "Li"}, entries)
    given = {
        formula: _positive(value, "S/m", f"conductivity.{formula}")
        for formula, value in (conductivity or {}).items()
    }
    if unknown := sorted(set(given) - set(named)):
        raise UnknownNameError.among("coating", unknown[0], named)
    found = []
    for formula in named:
        sigma = given.get(formula, _tabulated(formula))
        found.append(
            Coating(
                formula=formula,
                window=find_window(formula, chosen),
                with_electrolyte=find_reaction(formula, electrolyte, None, chosen),
                with_electrode=find_reaction(formula, electrode, at, chosen),
                conductivity=sigma,
                resistance=depth / sigma,
                potential=at,
            )
        )
    return CoatingRanking(tuple(sorted(found, key=_order)), chosen.name, depth)


def judge_potential(window: StabilityWindow, potential: float) -> str:
    """What a ``potential`` [V vs Li] does to a phase with this window, in words."""
    low, high = window.reduction_limit, window.oxidation_limit
    if not high - low > _NARROWEST:
        return "no window: at every potential it takes up or gives off lithium"
    if potential - low < high - potential:
        happens, limit, spread = "reduced below", low, window.reduction_uncertainty
    else:
        happens, limit, spread = "oxidised above", high, window.oxidation_uncertainty
    close = abs(potential - limit) <= spread
    told = f"{happens} {limit:.2f} ± {spread:.2f} V"
    if low <= potential <= high:
        return f"stable, but {told}: too near to tell" if close else "stable"
    return f"{told}: too near to tell" if close else told


def show_window(window: StabilityWindow) -> str:
    """Both limits of a window [V vs Li], for a person."""
    if not window.oxidation_limit - window.reduction_limit > _NARROWEST:
        return "none"
    if math.isinf(window.oxidation_limit):
        return f"{window.reduction_limit:.2f}, never oxidised"
    return f"{window.reduction_limit:.2f} to {window.oxidation_limit:.2f}"


def _order(coating: Coating) -> tuple[bool, float, bool, float]:
    unknown = math.isnan(coating.resistance)
    resistance = math.inf if unknown else coating.resistance
    return (
        not coating.is_within_window,
        -round(coating.worst_energy, 3),
        unknown,
        resistance,
    )


def _tabulated(formula: str) -> float:
    """The preferred conductivity of the materials table [S/m], nan if there is none."""
    from solith.materials import find_material

    try:
        return find_material(formula).value("ionic_conductivity")
    except UnknownNameError:
        return math.nan


def _positive(value: float | str, unit: str, where: str) -> float:
    number = to_si(value, unit)
    if not 0 < number < math.inf:
        raise InputError(f"it must be above zero, not {value!r}", where=where)
    return number


def _number(value: float) -> str:
    return "not known" if math.isnan(value) else f"{value:.3g}"
