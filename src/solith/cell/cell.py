"""The cell: composite cathode | solid electrolyte | anode, with its interfaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from solith.cell.diffusivity import DIFFUSIVITY, ConstantDiffusivity, TabulatedDiffusivity
from solith.core.composite import Composite
from solith.core.constants import FARADAY, VACUUM_PERMITTIVITY
from solith.core.description import Description, part, quantity, text
from solith.core.errors import InputError
from solith.interface import (
    CHARGE_TRANSFER,
    AreaResistance,
    ButlerVolmer,
    Film,
    LinearTransfer,
)
from solith.materials import Material, OpenCircuitPotential, find_material

__all__ = ["REFERENCE_TEMPERATURE", "Anode", "Cathode", "Cell", "ElectrolyteLayer"]

REFERENCE_TEMPERATURE = 298.15
"""The temperature [K] at which a cell's properties are given."""

_USUAL_PERMITTIVITY = 10.0
_FILM_KINDS = ("coating", "electrolyte")


def _diffusivity() -> Any:
    def convert(value: Any) -> ConstantDiffusivity | TabulatedDiffusivity:
        if isinstance(value, Mapping | ConstantDiffusivity | TabulatedDiffusivity):
            return DIFFUSIVITY.read(value)  # type: ignore[return-value]
        return ConstantDiffusivity(value)

    return field(metadata={"convert": convert, "write": DIFFUSIVITY.write, "unit": "m2/s"})


@dataclass(frozen=True)
class Cathode(Description):
    """A composite of active material and electrolyte, with the films on its particles.

    * ``material``: name of the active material in the materials table (open-circuit
      potential, lithium concentration, density).
    * ``composite``: fractions, effective conductivities, contact.
    * one of ``loading`` (mass of active material per *geometric* area [kg/m2]) and
      ``thickness`` [m]; each follows from the other and the active fraction.
    * ``charge_transfer``, ``coating``, ``interphase``, ``further_resistance``: the
      interface, in series, each with its capacitance, on the *contact* area.
    * ``diffusivity`` of lithium in the particles.
    * ``initial_lithium_fraction`` of the active material as assembled.
    """

    material: str = text()
    composite: Composite = part(Composite)
    charge_transfer: ButlerVolmer | LinearTransfer = part(CHARGE_TRANSFER)
    diffusivity: ConstantDiffusivity | TabulatedDiffusivity = _diffusivity()
    initial_lithium_fraction: float = quantity("", low=0, high=1)
    loading: float | None = quantity("kg/m2", above=0, default=None)
    thickness: float | None = quantity("m", above=0, default=None)
    coating: Film | None = part(Film, default=None)
    interphase: Film | None = part(Film, default=None)
    further_resistance: AreaResistance | None = part(AreaResistance, default=None)

    def check(self) -> None:
        active = _material(self.material, ("active material",))
        if (self.loading is None) == (self.thickness is None):
            raise InputError("give exactly one of loading and thickness")
        potential = _potential_of(active)
        if not potential.extended_low <= self.initial_lithium_fraction <= potential.extended_high:
            raise InputError(
                f"{self.initial_lithium_fraction:g} is outside the range "
                f"{potential.extended_low:g} to {potential.extended_high:g} in which the "
                f"open-circuit potential of {active.name} is known",
                where="initial_lithium_fraction",
            )
        if (
            self.composite.electronic_conductivity is None
            and "electronic_conductivity" not in active.quantities()
        ):
            raise InputError(
                f"is missing; give it: the materials table has none for {active.name}",
                where="composite.electronic_conductivity",
            )
        if self.coating is not None and self.coating.growth is not None:
            raise InputError(
                "a coating does not grow; give the growth to interphase", where="coating.growth"
            )
        for name in ("coating", "interphase"):
            film: Film | None = getattr(self, name)
            if film is not None and film.material is not None:
                try:
                    object.__setattr__(
                        self, name, film.replace(**_missing_values(film, _FILM_KINDS))
                    )
                except InputError as error:
                    raise error.inside(name) from None

    @property
    def active_material(self) -> Material:
        """The active material's entry in the materials table."""
        return find_material(self.material)

    @property
    def open_circuit_potential(self) -> OpenCircuitPotential:
        """The active material's open-circuit potential vs Li+/Li."""
        return _potential_of(self.active_material)

    @property
    def depth(self) -> float:
        """Thickness of the cathode [m], given or from the loading."""
        if self.thickness is not None:
            return self.thickness
        assert self.loading is not None
        density = self.active_material.value("density")
        return self.loading / (density * self.composite.active_fraction)

    @property
    def active_loading(self) -> float:
        """Mass of active material per geometric area [kg/m2], given or from the thickness."""
        if self.loading is not None:
            return self.loading
        return self.depth * self.composite.active_fraction * self.active_material.value("density")

    @property
    def full_capacity(self) -> float:
        """Charge of all lithium sites, accessible or not, per geometric area [C/m2]."""
        sites = self.active_material.value("maximum_concentration")
        return FARADAY * sites * self.composite.active_fraction * self.depth


@dataclass(frozen=True)
class ElectrolyteLayer(Description):
    """The separator of solid electrolyte.

    ``material`` names it in the materials table; ``conductivity`` [S/m] at 298.15 K and
    ``activation_energy`` [J/mol] are taken from there unless given. With
    ``grain_boundary`` (on the geometric area) the conductivity is that of the bulk alone.
    ``relative_permittivity`` places the bulk's arc; unless given or in the table it is 10,
    a rounded guess (recalled, no source read).
    """

    material: str = text()
    thickness: float = quantity("m", above=0, high=0.1)
    conductivity: float | None = quantity("S/m", above=0, default=None)
    activation_energy: float | None = quantity("J/mol", low=0, default=None)
    relative_permittivity: float | None = quantity("", low=1, default=None)
    grain_boundary: AreaResistance | None = part(AreaResistance, default=None)

    def check(self) -> None:
        for name, value in _missing_values(self, ("electrolyte",)).items():
            object.__setattr__(self, name, value)

    @property
    def area_resistance(self) -> float:
        """Resistance of the bulk on the geometric area [ohm m2] at 298.15 K."""
        assert self.conductivity is not None
        return self.thickness / self.conductivity

    @property
    def area_capacitance(self) -> float:
        """Geometric capacitance of the layer on the geometric area [F/m2]."""
        permittivity = self.relative_permittivity or _USUAL_PERMITTIVITY
        return VACUUM_PERMITTIVITY * permittivity / self.thickness


@dataclass(frozen=True)
class Anode(Description):
    """A metal anode: its potential against Li+/Li and its interface.

    ``potential`` [V] is taken from the materials table unless given. ``interface`` is on
    the *geometric* area.
    """

    material: str = text()
    interface: AreaResistance = part(AreaResistance)
    potential: float | None = quantity("V", default=None)

    def check(self) -> None:
        table = _material(self.material, ("anode",))
        if self.potential is None:
            known = known_value(table, "potential_vs_lithium")
            if known is None:
                raise InputError(
                    f"{table.name} has no constant potential in the materials table; give "
                    "potential, or choose Li or In-Li",
                    where="potential",
                )
            object.__setattr__(self, "potential", known)


@dataclass(frozen=True)
class Cell(Description):
    """A cell with its interfaces.

    ``area`` is the *geometric* area [m2]; ``one_c`` the current density on it that is
    called 1 C [A/m2]; ``temperature`` [K]. Conductivities, diffusivities, exchange current
    densities and resistances are those at 298.15 K and follow their activation energies
    from there.

    >>> cell = Cell.from_mapping({...})
    >>> half = cell.with_composite(cell.cathode.composite.replace(contact_fraction=0.5))
    """

    cathode: Cathode = part(Cathode)
    electrolyte: ElectrolyteLayer = part(ElectrolyteLayer)
    anode: Anode = part(Anode)
    area: float = quantity("m2", above=0)
    one_c: float = quantity("A/m2", above=0)
    temperature: float = quantity("K", low=150, high=600, default=298.15)

    def with_composite(self, composite: Composite) -> Cell:
        """The same cell with another composite in its cathode."""
        return self.replace(cathode=self.cathode.replace(composite=composite))

    def table(self) -> list[tuple[str, str]]:
        """Every field, and the areas and the mass that follow."""
        return [
            *super().table(),
            ("active area, accessible (follows)", f"{self.active_area:.4g} m2"),
            ("contact area (follows)", f"{self.contact_area:.4g} m2"),
            ("cathode thickness (follows)", f"{self.cathode.depth:.4g} m"),
            ("active mass (follows)", f"{self.active_mass:.4g} kg"),
        ]

    @property
    def active_mass(self) -> float:
        """Mass of active material, accessible or not [kg]."""
        return self.cathode.active_loading * self.area

    @property
    def active_area(self) -> float:
        """Surface of the accessible active particles [m2]."""
        composite = self.cathode.composite
        return (
            composite.active_area * composite.accessible_fraction * self.cathode.depth * self.area
        )

    @property
    def contact_area(self) -> float:
        """The part of the active area that touches electrolyte [m2]."""
        return self.active_area * self.cathode.composite.contact_fraction

    def cell_potential(self, potential: float) -> float:
        """A cathode potential vs Li+/Li [V] as voltage of this cell."""
        assert self.anode.potential is not None
        return potential - self.anode.potential


def known_value(material: Material, quantity_name: str) -> float | None:
    """The preferred value of a quantity, or ``None`` where the table has none."""
    return material.value(quantity_name) if quantity_name in material.quantities() else None


def _material(name: str, kinds: tuple[str, ...]) -> Material:
    try:
        found = find_material(name)
    except InputError as error:
        raise error.inside("material") from None
    if found.kind not in kinds:
        wanted = " or ".join(repr(kind) for kind in kinds)
        raise InputError(
            f"{found.name} is of kind {found.kind!r}, expected {wanted}", where="material"
        )
    return found


def _potential_of(material: Material) -> OpenCircuitPotential:
    if material.open_circuit_potential is None:
        raise InputError(f"the materials table has no open-circuit potential of {material.name}")
    return material.open_circuit_potential


def _missing_values(layer: ElectrolyteLayer | Film, kinds: tuple[str, ...]) -> dict[str, float]:
    """What ``layer`` leaves out and its material's entry in the table holds."""
    assert layer.material is not None
    table = _material(layer.material, kinds)
    found = {}
    if layer.conductivity is None:
        try:
            found["conductivity"] = table.ionic_conductivity(REFERENCE_TEMPERATURE)
        except InputError as error:
            raise InputError(f"give it: {error}", where="conductivity") from None
    for name in ("activation_energy", "relative_permittivity"):
        known = known_value(table, name)
        if getattr(layer, name) is None and known is not None:
            found[name] = known
    return found
