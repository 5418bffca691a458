"""What a fit is told: components, the charge reference, and how both are checked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from solith.analysis._xps.species import Line, Species, SpeciesTable
from solith.core.errors import InputError
from solith.core.quantities import to_si

__all__ = ["ChargeReference", "Peak", "XpsComponent", "peaks_of", "reference_of"]

_LEAST_REACH = 0.4
_SPREADS = 2.0
_LARGEST = 1e4  # eV


@dataclass(frozen=True)
class XpsComponent:
    """A component of a fit: one species, as a doublet or a single peak.

    ``position`` [eV] is that of the stronger line, which may move by ``reach`` [eV] either way.
    ``splitting`` [eV] and ``ratio`` (weaker over stronger area) are those of the line in the table
    of species where they are ``None``; a ``splitting`` of 0 makes a single peak.
    """

    name: str
    position: float
    reach: float = 0.5
    splitting: float | None = None
    ratio: float | None = None


@dataclass(frozen=True)
class ChargeReference:
    """What the binding energies are referred to: a line ``declared`` at an energy [eV].

    ``measured`` is where the line stands in the spectra as stored, ``uncertainty`` the standard
    uncertainty of the difference; both lie in every position that the fit gives, but not in
    areas.
    """

    line: str
    declared: float
    measured: float
    uncertainty: float = 0.1

    @property
    def shift(self) -> float:
        """What is added to the stored binding energies [eV]."""
        return self.declared - self.measured

    def __str__(self) -> str:
        return (
            f"{self.line} at {self.declared:.5g} eV, found at {self.measured:.5g} eV: "
            f"{self.shift:+.3g} ± {self.uncertainty:.2g} eV on all binding energies"
        )


@dataclass(frozen=True)
class Peak:
    """A component with everything settled; energies in eV, as referred to."""

    name: str
    position: float
    reach: float
    splitting: float
    ratio: float
    species: Species | None = None


def peaks_of(components: object, line: Line, table: SpeciesTable) -> list[Peak]:
    """The components of a fit, from names of species in the table and from components.

    Raises :class:`InputError` for what is neither, for names that are taken twice and for numbers
    that make no peak.
    """
    if isinstance(components, (str, XpsComponent)) or not isinstance(components, Sequence):
        raise InputError(
            "expected a list of names of species, or of XpsComponent", where="components"
        )
    if not components:
        raise InputError("expected at least one component", where="components")
    peaks = [_peak(one, line, table) for one in components]
    names = [peak.name for peak in peaks]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name!r} stands there twice", where="components")
    return peaks


def reference_of(given: object) -> ChargeReference | None:
    """The charge reference, checked; ``None`` where there is none."""
    if given is None:
        return None
    if not isinstance(given, ChargeReference):
        raise InputError(
            "expected solith.analysis.ChargeReference(line, declared, measured), in eV",
            where="charge_reference",
        )
    if not isinstance(given.line, str) or not given.line.strip():
        raise InputError("name the line that is declared", where="charge_reference.line")
    numbers = {
        key: _energy(getattr(given, key), f"charge_reference.{key}", least=0.0)
        for key in ("declared", "measured", "uncertainty")
    }
    return ChargeReference(given.line, **numbers)


def _peak(given: Any, line: Line, table: SpeciesTable) -> Peak:
    if isinstance(given, str):
        found = table.find(given, line.name)
        reach = max(_SPREADS * found.spread, _LEAST_REACH)
        return Peak(found.name, found.position, reach, line.splitting, line.ratio, found)
    if not isinstance(given, XpsComponent):
        raise InputError(
            f"{given!r:.60} is neither the name of a species nor an XpsComponent",
            where="components",
        )
    name = given.name
    if not isinstance(name, str) or not name.isidentifier():
        raise InputError(
            f"{name!r} is no name of letters, digits and underscores", where="components.name"
        )
    where = f"components.{name}"
    splitting, ratio = line.splitting, line.ratio
    if given.splitting is not None:
        splitting = _energy(given.splitting, f"{where}.splitting", least=0.0)
    if given.ratio is not None:
        ratio = _energy(given.ratio, f"{where}.ratio", least=0.0)
    if splitting == 0:
        ratio = 0.0
    elif ratio == 0:
        raise InputError("a doublet has a ratio above 0", where=f"{where}.ratio")
    known = [one for one in table.species if one.name == name and one.line == line.name]
    return Peak(
        name,
        _energy(given.position, f"{where}.position"),
        _energy(given.reach, f"{where}.reach"),
        splitting,
        ratio,
        known[0] if known else None,
    )


def _energy(given: Any, where: str, *, least: float = 1e-9) -> float:
    if isinstance(given, bool):
        raise InputError(f"{given!r} is no number", where=where)
    try:
        value = given if isinstance(given, (int, float)) else to_si(given, "eV")
    except InputError as error:
        raise error.inside(where) from None
    if not math.isfinite(value) or not least <= value <= _LARGEST:
        raise InputError(f"{given!r} is not from {least:g} to {_LARGEST:g}", where=where)
    return float(value)
