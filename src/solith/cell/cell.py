"""The cell: composite cathode | solid electrolyte | anode, with its interfaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from solith.cell.diffusivity import (
    DIFFUSIVITY,
    ConstantDiffusivity,
    HinderedDiffusivity,
    TabulatedDiffusivity,
)
from solith.cell.particles import PARTICLES, LognormalSizes, ParticleClass, ParticleClasses
from solith.cell.potential import POTENTIAL, LangmuirPotential, TabulatedPotential
from solith.core.composite import Composite
from solith.core.constants import FARADAY, VACUUM_PERMITTIVITY
from solith.core.description import Description, part, quantity, text
from solith.core.errors import InputError
from solith.interface import (
    CHARGE_TRANSFER,
    CONFINEMENT,
    OXIDATION,
    PRESSURE_CONTACT,
    SPACE_CHARGE,
    AccessLoss,
    AreaResistance,
    BreathingContact,
    ButlerVolmer,
    DepletionLayer,
    ElasticRoughContact,
    Film,
    LinearTransfer,
    LoadBearingContact,
    LogarithmicContact,
    PatchContact,
    PlasticRoughContact,
    PowerLawContact,
    TabulatedContact,
    TafelOxidation,
)
from solith.materials import Material, OpenCircuitPotential, find_material

__all__ = [
    "REFERENCE_TEMPERATURE",
    "Anode",
    "AnodeHost",
    "Cathode",
    "Cell",
    "Diffusivity",
    "ElectrolyteLayer",
]

REFERENCE_TEMPERATURE = 298.15
"""The temperature [K] at which a cell's properties are given."""

_USUAL_PERMITTIVITY = 10.0
_FILM_KINDS = ("coating", "electrolyte")

Diffusivity = ConstantDiffusivity | HinderedDiffusivity | TabulatedDiffusivity


def _diffusivity() -> Any:
    def convert(value: Any) -> Diffusivity:
        if isinstance(value, Mapping | Diffusivity):
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
    * ``charge_transfer``, ``coating``, ``interphase``, ``further_resistance``,
      ``space_charge``: the interface, in series, each with its capacitance, on the
      *contact* area.
    * ``diffusivity`` of lithium in the particles.
    * ``initial_lithium_fraction`` of the active material as assembled.
    * ``oxidation`` of the electrolyte beside it, which feeds the interphase;
    * ``pressure_contact``: how the contact fraction depends on the cell's pressure;
      ``breathing``: how it follows the particles' volume and is lost in cycling;
      ``access_loss``: how the accessible fraction falls;
    * ``confinement`` of lithium's entry to patches, which constricts its diffusion (its modes
      are those of the composite's particle radius and of the contact as assembled);
    * ``particles``: sorts of particles, where they are not all of the composite's radius;
    * ``potential_curve``: the open-circuit potential, where not the material's own.
    """

    material: str = text()
    composite: Composite = part(Composite)
    charge_transfer: ButlerVolmer | LinearTransfer = part(CHARGE_TRANSFER)
    diffusivity: Diffusivity = _diffusivity()
    initial_lithium_fraction: float = quantity("", low=0, high=1)
    loading: float | None = quantity("kg/m2", above=0, default=None)
    thickness: float | None = quantity("m", above=0, default=None)
    coating: Film | None = part(Film, default=None)
    interphase: Film | None = part(Film, default=None)
    further_resistance: AreaResistance | None = part(AreaResistance, default=None)
    space_charge: DepletionLayer | None = part(SPACE_CHARGE, default=None)
    oxidation: TafelOxidation | None = part(OXIDATION, default=None)
    pressure_contact: (
        PowerLawContact
        | LogarithmicContact
        | TabulatedContact
        | ElasticRoughContact
        | PlasticRoughContact
        | LoadBearingContact
        | None
    ) = part(PRESSURE_CONTACT, default=None)
    breathing: BreathingContact | None = part(BreathingContact, default=None)
    access_loss: AccessLoss | None = part(AccessLoss, default=None)
    confinement: PatchContact | None = part(CONFINEMENT, default=None)
    particles: ParticleClasses | LognormalSizes | None = part(PARTICLES, default=None)
    potential_curve: LangmuirPotential | TabulatedPotential | None = part(POTENTIAL, default=None)

    def check(self) -> None:
        active = _material(self.material, ("active material",))
        if (self.loading is None) == (self.thickness is None):
            raise InputError("give exactly one of loading and thickness")
        potential = self.open_circuit_potential
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
        if self.oxidation is not None and self.interphase is None:
            raise InputError(
                "makes interphase; describe interphase, if only as the first 0.1 nm of it",
                where="oxidation",
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
        if self.potential_curve is not None:
            return self.potential_curve.curve()
        return _potential_of(self.active_material)

    @property
    def particle_classes(self) -> tuple[ParticleClass, ...]:
        """The sorts of particles; one of the composite's radius unless described."""
        if self.particles is None:
            return (ParticleClass(1.0, self.composite.particle_radius),)
        return self.particles.classes()

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
class AnodeHost(Description):
    """The lithium host of an anode, as one representative particle.

    * ``loading``: mass of active material per *geometric* area [kg/m2];
    * ``particle_radius`` [m], ``diffusivity`` [m2/s] of lithium in it;
    * ``initial_lithium_fraction`` as assembled.

    Reaction over the electrode's depth is taken as even (the single-particle limit, Ning and
    Popov, 10.1149/1.1787631): good while the anode's own path costs little.
    """

    loading: float = quantity("kg/m2", above=0)
    particle_radius: float = quantity("m", above=0)
    diffusivity: float = quantity("m2/s", above=0)
    initial_lithium_fraction: float = quantity("", low=0, high=1)


@dataclass(frozen=True)
class Anode(Description):
    """An anode: its potential against Li+/Li and its interface.

    A metal has a constant ``potential`` [V], taken from the materials table unless given; a
    material that takes lithium up in a range of potentials (graphite) needs ``host``.
    ``interface`` is on the *geometric* area.
    """

    material: str = text()
    interface: AreaResistance = part(AreaResistance)
    potential: float | None = quantity("V", default=None)
    host: AnodeHost | None = part(AnodeHost, default=None)

    def check(self) -> None:
        table = _material(self.material, ("anode",))
        if self.host is not None:
            self._check_host(table)
            return
        if self.potential is None:
            known = known_value(table, "potential_vs_lithium")
            if known is None:
                raise InputError(
                    f"{table.name} has no constant potential in the materials table; describe "
                    "its host, give potential, or choose Li or In-Li",
                    where="potential",
                )
            object.__setattr__(self, "potential", known)

    def _check_host(self, table: Material) -> None:
        assert self.host is not None
        if self.potential is not None:
            raise InputError("give potential or host, not both", where="potential")
        curve = _potential_of(table)
        if not curve.extended_low <= self.host.initial_lithium_fraction <= curve.extended_high:
            raise InputError(
                f"{self.host.initial_lithium_fraction:g} is outside the range "
                f"{curve.extended_low:g} to {curve.extended_high:g} in which the open-circuit "
                f"potential of {table.name} is known",
                where="host.initial_lithium_fraction",
            )

    @property
    def open_circuit_potential(self) -> OpenCircuitPotential:
        """The host's open-circuit potential vs Li+/Li."""
        return _potential_of(find_material(self.material))

    @property
    def host_capacity(self) -> float:
        """Charge of all the host's sites per geometric area [C/m2]."""
        assert self.host is not None
        material = find_material(self.material)
        volume = self.host.loading / material.value("density")
        return FARADAY * material.value("maximum_concentration") * volume


@dataclass(frozen=True)
class Cell(Description):
    """A cell with its interfaces.

    ``area`` is the *geometric* area [m2]; ``one_c`` the current density on it that is
    called 1 C [A/m2]; ``temperature`` [K]; ``pressure`` on the stack [Pa], which matters where
    the cathode has ``pressure_contact``. Conductivities, diffusivities, exchange current
    densities and resistances are those at 298.15 K and follow their activation energies
    from there.

    >>> cell = Cell.from_mapping({...})
    >>> half = cell.with_composite(cell.cathode.composite.replace(contact_fraction=0.5))
    """

    law: ClassVar[str] = "solid"
    cathode: Cathode = part(Cathode)
    electrolyte: ElectrolyteLayer = part(ElectrolyteLayer)
    anode: Anode = part(Anode)
    area: float = quantity("m2", above=0)
    one_c: float = quantity("A/m2", above=0)
    temperature: float = quantity("K", low=150, high=600, default=298.15)
    pressure: float | None = quantity("Pa", above=0, default=None)

    def check(self) -> None:
        if self.cathode.pressure_contact is not None and self.pressure is None:
            raise InputError(
                "is missing; the cathode's pressure_contact needs it", where="pressure"
            )
        breathing = self.cathode.breathing
        if breathing is not None:
            swell = 1 + breathing.sensitivity * abs(breathing.volume_change)
            highest = self.pressed_contact_fraction * swell
            if highest > 1 and swell > 1:
                raise InputError(
                    f"contact_fraction x (1 + sensitivity x volume_change) = {highest:.3g} may "
                    "exceed 1 in a charge; lower contact_fraction or sensitivity",
                    where="cathode.breathing",
                )

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
    def materials(self) -> tuple[str, ...]:
        """Names of the materials whose facts the cell is made of."""
        return (self.cathode.material, self.anode.material)

    @property
    def open_circuit_potential(self) -> OpenCircuitPotential:
        """The cathode's open-circuit potential vs Li+/Li."""
        return self.cathode.open_circuit_potential

    @property
    def active_mass(self) -> float:
        """Mass of active material, accessible or not [kg]."""
        return self.cathode.active_loading * self.area

    @property
    def active_volume(self) -> float:
        """Volume of the accessible active material [m3]."""
        composite = self.cathode.composite
        return (
            composite.active_fraction
            * composite.accessible_fraction
            * self.cathode.depth
            * self.area
        )

    @property
    def pressed_contact_fraction(self) -> float:
        """Part of the active area that touches electrolyte at the pressure, before breathing."""
        fraction, law = self.cathode.composite.contact_fraction, self.cathode.pressure_contact
        if law is None:
            return fraction
        assert self.pressure is not None
        return float(law.fraction(self.pressure, fraction))

    @property
    def breathing_change(self) -> float:
        """Change of the mean lithium fraction since the contact's origin."""
        breathing, fraction = self.cathode.breathing, self.cathode.initial_lithium_fraction
        if breathing is None or breathing.origin is None:
            return 0.0
        return fraction - breathing.origin

    @property
    def contact_fraction(self) -> float:
        """Part of the active area that touches electrolyte, as the cell is described."""
        return self.pressed_contact_fraction * self._breathing_factor

    @property
    def _breathing_factor(self) -> float:
        breathing = self.cathode.breathing
        if breathing is None:
            return 1.0
        return breathing.lasting * float(breathing.reversible_factor(self.breathing_change))

    def at_lithium_fraction(self, fraction: float) -> Cell:
        """The same cell at rest with another mean lithium fraction in its cathode."""
        cathode = self.cathode
        changes: dict[str, Any] = {}
        if cathode.breathing is not None and cathode.breathing.origin is None:
            origin = cathode.initial_lithium_fraction
            changes["breathing"] = cathode.breathing.replace(origin=origin)
        anode = self.anode
        if anode.host is not None:
            taken = self.anode_fraction(fraction)
            anode = anode.replace(host=anode.host.replace(initial_lithium_fraction=taken))
        cathode = cathode.replace(initial_lithium_fraction=fraction, **changes)
        return self.replace(cathode=cathode, anode=anode)

    @property
    def active_area(self) -> float:
        """Surface of the accessible active particles [m2]."""
        composite = self.cathode.composite
        finer = sum(
            part.share * composite.particle_radius / part.radius
            for part in self.cathode.particle_classes
        )
        return (
            composite.active_area
            * finer
            * composite.accessible_fraction
            * self.cathode.depth
            * self.area
        )

    @property
    def contact_area(self) -> float:
        """The part of the active area that touches electrolyte, as described [m2]."""
        members = self.cathode.particle_classes
        areas = [member.share / member.radius for member in members]
        touching = sum(
            area * self.contact_fraction_of(member)
            for area, member in zip(areas, members, strict=True)
        )
        return self.active_area * touching / sum(areas)

    def contact_fraction_of(self, member: ParticleClass) -> float:
        """Contact fraction of one sort of particle, as the cell is described."""
        own = member.contact_fraction
        if own is None:
            return self.contact_fraction
        pressed = own * self.pressed_contact_fraction / self.cathode.composite.contact_fraction
        return min(pressed, 1.0) * self._breathing_factor

    @property
    def full_capacity(self) -> float:
        """Charge of all lithium sites of the cathode per geometric area [C/m2]."""
        return self.cathode.full_capacity

    def anode_potential(self, cathode_fraction: float | None = None) -> float:
        """The anode's open-circuit potential vs Li+/Li [V].

        That of a host depends on how much lithium it has taken from the cathode, whose mean
        lithium fraction is ``cathode_fraction`` (as assembled unless given).
        """
        if self.anode.host is None:
            assert self.anode.potential is not None
            return self.anode.potential
        return float(self.anode.open_circuit_potential(self.anode_fraction(cathode_fraction)))

    def anode_fraction(self, cathode_fraction: float | None = None) -> float:
        """Lithium fraction of the anode's host when the cathode has ``cathode_fraction``."""
        assert self.anode.host is not None
        start = self.anode.host.initial_lithium_fraction
        if cathode_fraction is None:
            return start
        given = self.cathode.initial_lithium_fraction - cathode_fraction
        sites = self.full_capacity * self.cathode.composite.accessible_fraction
        return start + given * sites / self.anode.host_capacity

    def cell_potential(self, potential: float) -> float:
        """A cathode potential vs Li+/Li [V] as voltage of this cell.

        Raises :class:`InputError` where the anode's potential changes with its lithium.
        """
        if self.anode.host is not None:
            raise InputError(
                f"the potential of {self.anode.material} changes with its lithium; give cell "
                "voltages instead, such as '4.1 V vs anode'"
            )
        return potential - self.anode_potential()


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
