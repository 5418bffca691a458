"""The thin-film cell: dense film of active material | film of electrolyte | lithium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from solith.cell.cell import REFERENCE_TEMPERATURE, Diffusivity, ElectrolyteLayer, known_value
from solith.cell.diffusivity import DIFFUSIVITY, ConstantDiffusivity
from solith.cell.potential import POTENTIAL, LangmuirPotential, TabulatedPotential
from solith.core.constants import FARADAY, GAS_CONSTANT, VACUUM_PERMITTIVITY
from solith.core.description import Description, Family, part, quantity, text
from solith.core.errors import InputError
from solith.interface import AreaResistance, ButlerVolmer, Film, LinearTransfer
from solith.interface.arrhenius import arrhenius_factor
from solith.materials import Material, OpenCircuitPotential, find_material

__all__ = [
    "FILM_TRANSFER",
    "ActiveFilm",
    "AsymmetricButlerVolmer",
    "BinaryElectrolyte",
    "FilmTransfer",
    "LithiumMetal",
    "ThinFilmCell",
]

FILM_TRANSFER = Family("charge transfer")
"""Charge transfer between flat layers; the laws on particles, and one without symmetry."""

FILM_TRANSFER.register(ButlerVolmer)
FILM_TRANSFER.register(LinearTransfer)


@FILM_TRANSFER.register
@dataclass(frozen=True)
class AsymmetricButlerVolmer(Description):
    r"""Butler-Volmer kinetics whose two directions need not be alike.

    .. math::
        j = j_0 \left(e^{\alpha F\eta/RT} - e^{-(1-\alpha)F\eta/RT}\right), \qquad
        j_0 = j_{ref}\,(2 - 2x)^\alpha (2x)^{1-\alpha} (a/a_{eq})^\alpha

    with the film's lithium fraction x and the electrolyte's mobile lithium a at the
    interface; on lithium metal the two factors of x are one. Equation 8 of Danilov, Niessen
    and Notten (10.1149/1.3521414, read in a public summary), with its rate constant
    written as the exchange current density at x = 1/2.

    * ``exchange_current_density`` :math:`j_{ref}` [A/m2] on the geometric area, at x = 1/2
      and the electrolyte's equilibrium;
    * ``anodic_coefficient`` :math:`\alpha`, 0.1 to 0.9;
    * ``double_layer`` [F/m2], 0.1 unless given (recalled, no source read).
    """

    law: ClassVar[str] = "asymmetric"
    exchange_current_density: float = quantity("A/m2", above=0)
    anodic_coefficient: float = quantity("", low=0.1, high=0.9)
    double_layer: float = quantity("F/m2", above=0, default=0.1)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)

    def exchange(self, temperature: float) -> float:
        """Exchange current density [A/m2] at x = 1/2, whatever the ``temperature`` [K]."""
        return self.exchange_current_density


FilmTransfer = ButlerVolmer | LinearTransfer | AsymmetricButlerVolmer


def _diffusivity() -> Any:
    def convert(value: Any) -> Any:
        if isinstance(value, Mapping | Diffusivity):
            return DIFFUSIVITY.read(value)
        return ConstantDiffusivity(value)

    return field(metadata={"convert": convert, "write": DIFFUSIVITY.write, "unit": "m2/s"})


@dataclass(frozen=True)
class ActiveFilm(Description):
    """A dense film of active material on its collector, without electrolyte in it.

    Lithium enters through the face that touches the electrolyte layer and diffuses through
    the ``thickness`` [m]; electrons meet no resistance. Everything at that face is on the
    *geometric* area.

    * ``material``: name of the active material in the materials table;
    * ``diffusivity`` of lithium along the film's normal;
    * ``initial_lithium_fraction`` as assembled;
    * ``charge_transfer``, and in series with it ``coating``, ``interphase`` (of constant
      thickness) and ``further_resistance``;
    * ``maximum_concentration`` [mol/m3]: lithium sites per volume of film, the crystal's
      unless given. A film that takes less charge than the crystal has fewer; the potential
      is then a function of the fraction of these;
    * ``density`` [kg/m3] of the film, the crystal's unless given. Where only
      ``maximum_concentration`` is given the mass is not known;
    * ``potential_curve``: the open-circuit potential, where not the material's own.
    """

    material: str = text()
    thickness: float = quantity("m", above=0, high=1e-3)
    diffusivity: Diffusivity = _diffusivity()
    initial_lithium_fraction: float = quantity("", low=0, high=1)
    charge_transfer: FilmTransfer = part(FILM_TRANSFER)
    coating: Film | None = part(Film, default=None)
    interphase: Film | None = part(Film, default=None)
    further_resistance: AreaResistance | None = part(AreaResistance, default=None)
    maximum_concentration: float | None = quantity("mol/m3", above=0, default=None)
    density: float | None = quantity("kg/m3", above=0, default=None)
    potential_curve: LangmuirPotential | TabulatedPotential | None = part(POTENTIAL, default=None)

    def check(self) -> None:
        _material(self.material, "active material")
        curve = self.open_circuit_potential
        if not curve.extended_low <= self.initial_lithium_fraction <= curve.extended_high:
            raise InputError(
                f"{self.initial_lithium_fraction:g} is outside the range "
                f"{curve.extended_low:g} to {curve.extended_high:g} in which the open-circuit "
                f"potential of {self.material} is known",
                where="initial_lithium_fraction",
            )
        for name in ("coating", "interphase"):
            layer: Film | None = getattr(self, name)
            if layer is not None and layer.growth is not None:
                raise InputError(
                    "layers of a thin-film cell do not grow; leave growth out",
                    where=f"{name}.growth",
                )
            if layer is not None and layer.conductivity is None:
                raise InputError("is missing; give it", where=f"{name}.conductivity")

    @property
    def active_material(self) -> Material:
        """The active material's entry in the materials table."""
        return find_material(self.material)

    @property
    def open_circuit_potential(self) -> OpenCircuitPotential:
        """The film's open-circuit potential vs Li+/Li."""
        if self.potential_curve is not None:
            return self.potential_curve.curve()
        curve = self.active_material.open_circuit_potential
        if curve is None:
            raise InputError(
                f"the materials table has no open-circuit potential of {self.material}; give it",
                where="potential_curve",
            )
        return curve

    @property
    def sites(self) -> float:
        """Lithium sites per volume of film [mol/m3]."""
        if self.maximum_concentration is not None:
            return self.maximum_concentration
        return self.active_material.value("maximum_concentration")

    @property
    def loading(self) -> float | None:
        """Mass per geometric area [kg/m2], ``None`` where the density is not known."""
        if self.density is not None:
            return self.density * self.thickness
        if self.maximum_concentration is not None:
            return None
        return self.active_material.value("density") * self.thickness

    @property
    def full_capacity(self) -> float:
        """Charge of all lithium sites per geometric area [C/m2]."""
        return FARADAY * self.sites * self.thickness


@dataclass(frozen=True)
class BinaryElectrolyte(Description):
    r"""A solid electrolyte of mobile lithium ions and mobile counter charges.

    Of the lithium :math:`a_0` a part :math:`\delta` has left its sites at equilibrium,
    :math:`Li^0 \rightleftharpoons Li^+ + n^-`, and both the ions and the charges that they
    left behind move (Danilov, Niessen and Notten, 10.1149/1.3521414, equations 14 to 20,
    read in a public summary). With electroneutrality, :math:`a = a_{Li^+} = a_{n^-}`:

    .. math::
        \partial_t a &= \frac{2 D_+ D_-}{D_+ + D_-}\,\partial_y^2 a
            + k_d (a_0 - a) - k_r a^2, \qquad
        k_d = k_r a_0 \frac{\delta^2}{1 - \delta} \\
        \partial_y a &= -\frac{i}{2 F D_+} \quad \text{at both faces}

    i on the geometric area, positive from anode to cathode. A site is filled or left, so
    that all lithium together, :math:`a_0`, stays where it is; the flux of lithium is i/F
    everywhere.

    * ``thickness`` [m], ``lithium_concentration`` :math:`a_0` [mol/m3], ``mobile_fraction``
      :math:`\delta`, ``recombination_rate`` :math:`k_r` [m3/(mol s)];
    * ``lithium_diffusivity`` :math:`D_+`, ``counter_diffusivity`` :math:`D_-` [m2/s]; where
      counter charges cannot move the layer is a single-ion conductor,
      :class:`ElectrolyteLayer`;
    * ``activation_energy`` [J/mol] of the three rates;
    * ``relative_permittivity`` for impedance, 10 unless given (recalled, no source read).
    """

    law: ClassVar[str] = "binary"
    thickness: float = quantity("m", above=0, high=0.01)
    lithium_concentration: float = quantity("mol/m3", above=0)
    mobile_fraction: float = quantity("", above=0, high=0.999)
    lithium_diffusivity: float = quantity("m2/s", above=0)
    counter_diffusivity: float = quantity("m2/s", above=0)
    recombination_rate: float = quantity("m3/(mol s)", low=0)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)
    relative_permittivity: float = quantity("", low=1, default=10.0)

    @property
    def mobile_concentration(self) -> float:
        """Mobile lithium at equilibrium [mol/m3]."""
        return self.mobile_fraction * self.lithium_concentration

    @property
    def dissociation_rate(self) -> float:
        """Rate at which lithium leaves its sites [1/s] at 298.15 K."""
        delta = self.mobile_fraction
        return self.recombination_rate * self.lithium_concentration * delta**2 / (1 - delta)

    @property
    def counter_transference(self) -> float:
        """Part of the current that the counter charges carry while there is no gradient."""
        together = self.lithium_diffusivity + self.counter_diffusivity
        return self.counter_diffusivity / together

    def conductivity(self, temperature: float = REFERENCE_TEMPERATURE) -> float:
        """Conductivity at equilibrium [S/m], by Nernst and Einstein."""
        together = self.lithium_diffusivity + self.counter_diffusivity
        factor = arrhenius_factor(self.activation_energy, temperature, REFERENCE_TEMPERATURE)
        squared = FARADAY**2 / (GAS_CONSTANT * temperature)
        return float(squared * self.mobile_concentration * together * factor)

    def slow_limiting_current(self, temperature: float = REFERENCE_TEMPERATURE) -> float:
        r"""Largest steady current density [A/m2] without dissociation, 4 F D+ delta a0 / L.

        The profile is then a straight line that reaches zero at one face while its mean
        stays; dissociation only raises the limit.
        """
        factor = arrhenius_factor(self.activation_energy, temperature, REFERENCE_TEMPERATURE)
        flux = 4 * self.lithium_diffusivity * factor * self.mobile_concentration
        return float(FARADAY * flux / self.thickness)

    @property
    def area_capacitance(self) -> float:
        """Geometric capacitance of the layer on the geometric area [F/m2]."""
        return VACUUM_PERMITTIVITY * self.relative_permittivity / self.thickness


def _electrolyte() -> Any:
    def convert(value: Any) -> ElectrolyteLayer | BinaryElectrolyte:
        if isinstance(value, ElectrolyteLayer | BinaryElectrolyte):
            return value
        if not isinstance(value, Mapping) or "law" not in value:
            return ElectrolyteLayer.from_mapping(value)
        return _ELECTROLYTES.read(value)  # type: ignore[return-value]

    def write(value: ElectrolyteLayer | BinaryElectrolyte) -> dict[str, Any]:
        if isinstance(value, BinaryElectrolyte):
            return _ELECTROLYTES.write(value)
        return value.to_mapping()

    return field(metadata={"convert": convert, "write": write})


_ELECTROLYTES = Family("electrolyte", members={"binary": BinaryElectrolyte})


@dataclass(frozen=True)
class LithiumMetal(Description):
    """An anode of metal, with charge transfer and a resistance on the *geometric* area.

    Either may be left out. ``potential`` vs Li+/Li [V] is taken from the materials table
    unless given.
    """

    material: str = text(default="Li")
    charge_transfer: FilmTransfer | None = part(FILM_TRANSFER, default=None)
    interface: AreaResistance | None = part(AreaResistance, default=None)
    potential: float | None = quantity("V", default=None)

    def check(self) -> None:
        table = _material(self.material, "anode")
        transfer = self.charge_transfer
        if getattr(transfer, "concentration", "constant") != "constant":
            raise InputError(
                "a metal has no lithium fraction; choose 'constant', or the law 'asymmetric'",
                where="charge_transfer.concentration",
            )
        if self.potential is None:
            known = known_value(table, "potential_vs_lithium")
            if known is None:
                raise InputError(
                    f"{table.name} has no constant potential in the materials table; give it",
                    where="potential",
                )
            object.__setattr__(self, "potential", known)


@dataclass(frozen=True)
class ThinFilmCell(Description):
    """Flat films on each other: lithium | electrolyte | active material.

    ``area`` is the *geometric* area [m2], which is that of every interface; ``one_c`` the
    current density on it that is called 1 C [A/m2]; ``temperature`` [K]. The electrolyte is
    an :class:`ElectrolyteLayer` (lithium ions alone move) or, with ``law = "binary"``, a
    :class:`BinaryElectrolyte`. What is described at 298.15 K follows its activation energy.
    """

    law: ClassVar[str] = "thin-film"
    cathode: ActiveFilm = part(ActiveFilm)
    electrolyte: ElectrolyteLayer | BinaryElectrolyte = _electrolyte()
    anode: LithiumMetal = part(LithiumMetal)
    area: float = quantity("m2", above=0)
    one_c: float = quantity("A/m2", above=0)
    temperature: float = quantity("K", low=150, high=600, default=298.15)

    @property
    def materials(self) -> tuple[str, ...]:
        """Names of the materials whose facts the cell is made of."""
        return (self.cathode.material, self.anode.material)

    @property
    def open_circuit_potential(self) -> OpenCircuitPotential:
        """The film's open-circuit potential vs Li+/Li."""
        return self.cathode.open_circuit_potential

    @property
    def full_capacity(self) -> float:
        """Charge of all lithium sites of the film per geometric area [C/m2]."""
        return self.cathode.full_capacity

    @property
    def active_mass(self) -> float:
        """Mass of active material [kg].

        Raises :class:`InputError` where the film's density is not known.
        """
        loading = self.cathode.loading
        if loading is None:
            raise InputError(
                "the mass of the film is not known; give its density beside its "
                "maximum_concentration",
                where="cathode.density",
            )
        return loading * self.area

    @property
    def active_volume(self) -> float:
        """Volume of the active material [m3]."""
        return self.cathode.thickness * self.area

    @property
    def active_area(self) -> float:
        """Area at which lithium enters the active material [m2], the geometric one."""
        return self.area

    @property
    def contact_area(self) -> float:
        """Area at which active material and electrolyte touch [m2], the geometric one."""
        return self.area

    @property
    def contact_fraction(self) -> float:
        """Part of the active area that touches electrolyte: all of it."""
        return 1.0

    def anode_potential(self, cathode_fraction: float | None = None) -> float:
        """The anode's potential vs Li+/Li [V], whatever the film's lithium fraction."""
        assert self.anode.potential is not None
        return self.anode.potential

    def cell_potential(self, potential: float) -> float:
        """A potential of the film vs Li+/Li [V] as voltage of this cell."""
        return potential - self.anode_potential()


def _material(name: str, kind: str) -> Material:
    try:
        found = find_material(name)
    except InputError as error:
        raise error.inside("material") from None
    if found.kind != kind:
        raise InputError(
            f"{found.name} is of kind {found.kind!r}, expected {kind!r}", where="material"
        )
    return found
