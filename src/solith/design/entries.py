"""Formation energies of phases, in sets of one scheme each."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from solith.core.constants import FARADAY
from solith.core.errors import InputError, UnknownNameError
from solith.design.formula import parse_formula, write_formula
from solith.materials.property import CERTAINTIES

__all__ = ["CHARACTERS", "Entry", "EntrySet"]

LOWEST_ENERGY = -6.0
"""Of any formation energy [eV per atom]: fluorides of rare earths lie lowest, LaF3 of the packaged
enthalpies at -4.49."""

HIGHEST_ENERGY = 10.0
"""Of any formation energy [eV per atom]: free atoms lie highest, those of tungsten 8.9 eV above the
metal, its cohesive energy (recalled)."""

CHARACTERS = ("metallic", "insulating")
"""Electronic character of a phase; semiconductors count as insulating."""


@dataclass(frozen=True)
class Entry:
    """One phase with its energy of formation from the elements.

    ``formation_energy`` [eV per atom] (1 eV per atom is 96.485 kJ per mole of atoms), 0 for an
    element in its reference state. ``scheme`` says how the energy was found, in words that are
    the same for all entries that may be compared. ``fitted`` marks an energy that was chosen so
    that a published window comes out. Raises :class:`InputError` for an unreadable formula, an
    energy that is no finite number or outside :data:`LOWEST_ENERGY` to :data:`HIGHEST_ENERGY`, an
    empty source or scheme, an unknown certainty or character.
    """

    formula: str
    formation_energy: float
    source: str
    scheme: str
    certainty: str = "read"
    """One of :data:`solith.materials.CERTAINTIES`."""

    fitted: bool = False
    character: str = ""
    """One of :data:`CHARACTERS`; left empty, phases of metals alone and graphite are metallic."""

    note: str = ""

    def __post_init__(self) -> None:
        parse_formula(self.formula)
        energy = self.formation_energy
        if not isinstance(energy, (int, float)) or not math.isfinite(energy):
            raise InputError(
                f"the formation energy must be a number in eV per atom, not {energy!r}",
                where=self.formula,
            )
        if not LOWEST_ENERGY <= energy <= HIGHEST_ENERGY:
            raise InputError(
                f"the formation energy of {energy:g} eV per atom is outside the physical range, "
                f"{LOWEST_ENERGY:g} to {HIGHEST_ENERGY:g}; {_other_unit(energy, self.atoms)}",
                where=self.formula,
            )
        for what in ("source", "scheme"):
            if not str(getattr(self, what)).strip():
                raise InputError(
                    f"the {what} is empty; say where the energy comes from", where=self.formula
                )
        if self.certainty not in CERTAINTIES:
            raise UnknownNameError.among("certainty", self.certainty, CERTAINTIES)
        if self.character and self.character not in CHARACTERS:
            raise UnknownNameError.among("character", self.character, CHARACTERS)
        if not self.character:
            object.__setattr__(self, "character", _character(set(self.amounts)))

    @cached_property
    def amounts(self) -> dict[str, float]:
        """Atoms of each element in one formula unit."""
        return parse_formula(self.formula)

    @property
    def atoms(self) -> float:
        """Atoms in one formula unit."""
        return sum(self.amounts.values())

    @property
    def is_element(self) -> bool:
        """Whether the phase is of one element."""
        return len(self.amounts) == 1

    @cached_property
    def composition(self) -> str:
        """The reduced formula with its elements in the order of the alphabet, to compare by."""
        return write_formula(dict(sorted(self.amounts.items())))


@dataclass(frozen=True)
class EntrySet:
    """Entries of one scheme, with every element's reference among them.

    ``uncertainty`` [eV per atom]: one standard uncertainty of each compound's formation energy,
    independent of the others'; 0.025 is the spread of calculated reaction energies about measured
    ones that Hautier et al. (10.1103/PhysRevB.85.155208; recalled) found for ternary oxides.
    Raises :class:`InputError` if schemes differ, an element has no entry of its own or its lowest
    is not 0, or the set is empty.
    """

    name: str
    entries: tuple[Entry, ...] = field(repr=False)
    uncertainty: float = 0.025

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple(self.entries))
        if not self.entries:
            raise InputError("the entry set is empty; give it entries", where=self.name)
        if not 0 <= self.uncertainty < math.inf:
            raise InputError(
                f"the uncertainty must be zero or more eV per atom, not {self.uncertainty!r}",
                where=self.name,
            )
        first = self.entries[0]
        for entry in self.entries:
            if entry.scheme != first.scheme:
                raise InputError(
                    f"{first.formula} is of the scheme {first.scheme!r} and {entry.formula} of "
                    f"{entry.scheme!r}; energies of two schemes cannot be compared: make two sets",
                    where=self.name,
                )
        self._check_references()

    @property
    def scheme(self) -> str:
        """How all energies of the set were found."""
        return self.entries[0].scheme

    @cached_property
    def elements(self) -> frozenset[str]:
        """The elements that the set covers."""
        return frozenset(element for entry in self.entries for element in entry.amounts)

    def within(self, elements: Iterable[str]) -> tuple[Entry, ...]:
        """The entries of no other than these elements, the lowest of each composition.

        Raises :class:`InputError` for an element that the set does not cover.
        """
        wanted = frozenset(elements)
        missing = sorted(wanted - self.elements)
        if missing:
            raise InputError(
                f"there are no entries with {', '.join(missing)}; the set covers "
                f"{', '.join(sorted(self.elements))}. Add entries, its element's reference too",
                where=self.name,
            )
        lowest: dict[str, Entry] = {}
        for entry in self.entries:
            if wanted.issuperset(entry.amounts):
                known = lowest.get(entry.composition)
                if known is None or entry.formation_energy < known.formation_energy:
                    lowest[entry.composition] = entry
        return tuple(lowest.values())

    def find(self, formula: str) -> Entry | None:
        """The lowest entry of this composition, None if there is none."""
        wanted = write_formula(dict(sorted(parse_formula(formula).items())))
        found = [entry for entry in self.entries if entry.composition == wanted]
        return min(found, key=lambda entry: entry.formation_energy) if found else None

    def with_entries(self, *more: Entry, name: str = "") -> EntrySet:
        """The set with ``more`` entries, which have to be of its scheme."""
        return replace(self, name=name or self.name, entries=(*self.entries, *more))

    def _check_references(self) -> None:
        for element in sorted(self.elements):
            alone = [
                entry.formation_energy for entry in self.entries if set(entry.amounts) == {element}
            ]
            if not alone:
                raise InputError(
                    f"the entry set is unbalanced: it has compounds of {element} and no entry of "
                    f"{element} itself; add its reference state with a formation energy of 0",
                    where=self.name,
                )
            if abs(min(alone)) > _ZERO:
                raise InputError(
                    f"the lowest entry of the element {element} has {min(alone):g} eV per atom "
                    "and not 0; formation energies are counted from the elements",
                    where=self.name,
                )


def _other_unit(energy: float, atoms: float) -> str:
    """What the number would be per atom if it were in another unit, where that is physical."""
    units = {
        "eV per formula unit": energy / atoms,
        "kJ/mol of formula units": energy * 1e3 / FARADAY / atoms,
        "kJ/mol of atoms": energy * 1e3 / FARADAY,
    }
    told = [
        f"as {unit} it is {found:.3g} eV per atom"
        for unit, found in units.items()
        if LOWEST_ENERGY <= found <= HIGHEST_ENERGY and abs(found) > _TELLING
    ]
    if not told:
        return "it may be a total energy; subtract that of the elements, and give eV per atom"
    return f"give it in eV and per atom: {', or '.join(told)}"


_TELLING = 0.1  # eV per atom; less is unlikely what was meant
_ZERO = 1e-9  # eV per atom
# fmt: off
_NONMETALS = frozenset({
    "H", "He", "B", "C", "N", "O", "F", "Ne", "P", "S", "Cl", "Ar", "As", "Se", "Br", "Kr",
    "Te", "I", "Xe", "At", "Rn",
})
# fmt: on
_SEMICONDUCTORS = frozenset({"Si", "Ge"})
_GRAPHITE = {"C"}


def _character(elements: set[str]) -> str:
    if elements == _GRAPHITE:
        return "metallic"
    alone = len(elements) == 1 and bool(elements & _SEMICONDUCTORS)
    return "insulating" if alone or elements & _NONMETALS else "metallic"
