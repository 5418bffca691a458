"""What comes of the phases of a hull: decompositions, windows and reactions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from solith.core.table import text_table

__all__ = ["Decomposition", "Reaction", "StabilityWindow"]


@dataclass(frozen=True)
class Decomposition:
    """What one formula unit of a phase becomes at a potential, or over a range of potentials."""

    formula: str
    low: float
    """Lowest potential [V vs the carrier's metal] at which these phases are the stable ones."""

    high: float
    """Highest such potential [V]; infinite where no carrier is left."""

    phases: Mapping[str, float]
    """Formula units of each phase per formula unit of what decomposes."""

    uptake: float
    """Atoms of the carrier taken up per formula unit; negative where they leave."""

    energy: float
    """Energy gained at ``potential`` [eV per atom of the formula unit], 0 or negative."""

    potential: float
    """Potential for which ``energy`` is told [V]."""

    interphase: str
    """``"stable"``, ``"passivating"`` (all products insulating) or ``"mixed-conducting"``."""

    fitted: tuple[str, ...] = ()
    """Phases, before and after, whose energy was fitted to a published window."""

    recalled: tuple[str, ...] = ()
    """Phases, before and after, whose energy is only recalled."""

    def __str__(self) -> str:
        parts = [f"{self.low:.2f} to {self.high:.2f} V: {_sum(self.phases)}"]
        if self.uptake:
            done = "taken up" if self.uptake > 0 else "given off"
            parts += [f"{abs(self.uptake):.4g} carriers {done}", self.interphase]
            parts += [f"{round(self.energy, 3) + 0.0:.3f} eV/atom at {self.potential:.2f} V"]
        return "; ".join(parts)


@dataclass(frozen=True)
class StabilityWindow:
    """The potentials between which a phase neither takes up nor gives off the carrier.

    Limits are those of the mixture on the hull at the phase's composition, as in published
    windows: a phase above the hull has the window of what it would fall into. Uncertainties are
    one standard uncertainty [V], from that of each compound's energy, products held fixed.
    """

    formula: str
    entries: str
    """Name of the entry set."""

    reduction_limit: float
    """Below it the phase takes up the carrier [V vs its metal]; 0 if it never does."""

    oxidation_limit: float
    """Above it the phase gives off the carrier [V]; infinite if it never does."""

    reduction_uncertainty: float
    oxidation_uncertainty: float
    energy_above_hull: float | None
    """Energy of the phase's own entry above the hull [eV per atom]; None without an entry."""

    stable: Decomposition
    """The mixture on the hull within the window; the phase itself if it is stable."""

    reduced: Decomposition | None
    """What it becomes just below the reduction limit; None if there is none."""

    oxidised: Decomposition | None
    """What it becomes just above the oxidation limit; None if there is none."""

    @property
    def fitted(self) -> tuple[str, ...]:
        """Phases of the limits' reactions with energies fitted to published windows."""
        return tuple(sorted({name for part in self._parts() for name in part.fitted}))

    @property
    def recalled(self) -> tuple[str, ...]:
        """Phases of the limits' reactions with energies that are only recalled."""
        return tuple(sorted({name for part in self._parts() for name in part.recalled}))

    def _parts(self) -> list[Decomposition]:
        return [part for part in (self.stable, self.reduced, self.oxidised) if part]

    def __str__(self) -> str:
        rows = [("reduction limit", _limit(self.reduction_limit, self.reduction_uncertainty))]
        rows += [("becomes", _sum(self.reduced.phases))] if self.reduced else []
        rows += [("oxidation limit", _limit(self.oxidation_limit, self.oxidation_uncertainty))]
        rows += [("becomes", _sum(self.oxidised.phases))] if self.oxidised else []
        above = self.energy_above_hull
        rows += [
            ("on the hull", _sum(self.stable.phases)),
            ("above the hull", "no entry" if above is None else f"{1e3 * above:.0f} meV/atom"),
            ("entries", self.entries),
            ("fitted", ", ".join(self.fitted) or "none"),
            ("recalled", ", ".join(self.recalled) or "none"),
        ]
        return text_table((self.formula, ""), rows)


@dataclass(frozen=True)
class Reaction:
    """The mixing ratio of two phases that gains most, and what it gives."""

    first: str
    second: str
    share: float
    """Atoms of ``first`` among the atoms of both; nan where they do not react."""

    energy: float
    """Energy gained by the mixture against the two phases' own entries [eV per atom of both]."""

    mutual_energy: float
    """The part that neither phase would gain alone at that potential [eV per atom of both]."""

    phases: Mapping[str, float]
    """Formula units of each product per atom of both."""

    uptake: float
    """Atoms of the carrier taken up per atom of both; 0 for a closed mixture."""

    potential: float | None
    """Potential of the carrier's reservoir [V vs its metal]; None for a closed mixture."""

    interphase: str
    """``"stable"``, ``"passivating"`` or ``"mixed-conducting"``."""

    uncertainty: float
    """One standard uncertainty of ``mutual_energy`` [eV per atom], products held."""

    fitted: tuple[str, ...] = ()
    """Phases, before and after, whose energy was fitted to a published window."""

    recalled: tuple[str, ...] = ()
    """Phases, before and after, whose energy is only recalled."""

    gaps: tuple[str, ...] = ()
    """Pairs of elements, one from each phase, of which the entries hold no compound ("Nb-S")."""

    def __str__(self) -> str:
        where = "closed" if self.potential is None else f"at {self.potential:.2f} V"
        unknown = f"; no entries with {', '.join(self.gaps)}" if self.gaps else ""
        if self.interphase == "stable":
            return f"{self.first} and {self.second}, {where}: no reaction{unknown}"
        return (
            f"{self.first} and {self.second}, {where}: {self.mutual_energy:.3f} +- "
            f"{self.uncertainty:.3f} eV/atom at {100 * self.share:.0f} % {self.first}; "
            f"{_sum(self.phases)}; {self.interphase}{unknown}"
        )


def _sum(phases: Mapping[str, float]) -> str:
    return " + ".join(f"{amount:.4g} {formula}" for formula, amount in phases.items())


def _limit(value: float, uncertainty: float) -> str:
    return f"{value:.2f} +- {uncertainty:.2f} V" if 0 < value < math.inf else f"{value:g} V"
