"""The liquid half cell: the same active material in a liquid reference electrolyte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from solith.cell.cell import Diffusivity, known_value
from solith.cell.diffusivity import DIFFUSIVITY, ConstantDiffusivity
from solith.cell.potential import POTENTIAL, LangmuirPotential, TabulatedPotential
from solith.core.constants import FARADAY
from solith.core.description import Description, choice, part, quantity, text
from solith.core.errors import InputError
from solith.interface import CHARGE_TRANSFER, ButlerVolmer, LinearTransfer
from solith.materials import Material, OpenCircuitPotential, find_material

__all__ = ["SOLUTIONS", "LiquidCathode", "LiquidCell", "LiquidElectrolyte", "LithiumCounter"]

SOLUTIONS = {
    "LiPF6 in EC:EMC": ("Chen2020", "10.1016/j.electacta.2008.04.023"),
    "LiPF6 in PC:EC:DMC": ("Xu2019", "10.1149/1.1872737"),
}
"""Solutions by name: PyBaMM's parameter set with their functions, and the DOI of these.

The first is measured by Nyman, Behm and Lindbergh (at 298 K, whatever the cell's temperature),
the second by Valøen and Reimers (with temperature).
"""


def _diffusivity() -> Any:
    def convert(value: Any) -> Any:
        if isinstance(value, Mapping | Diffusivity):
            return DIFFUSIVITY.read(value)
        return ConstantDiffusivity(value)

    return field(metadata={"convert": convert, "write": DIFFUSIVITY.write, "unit": "m2/s"})


@dataclass(frozen=True)
class LiquidCathode(Description):
    """A porous electrode whose particles are wetted all over.

    * ``material``: name of the active material in the materials table;
    * ``active_fraction``, ``porosity``: volume of active material and of solution per volume
      of electrode; ions in the pores conduct by porosity to the power ``bruggeman``, 1.5
      unless given (Bruggeman, 10.1002/andp.19354160705; recalled, no source read);
    * ``particle_radius`` [m] of the active material;
    * one of ``loading`` (mass of active material per *geometric* area [kg/m2]) and
      ``thickness`` [m];
    * ``charge_transfer`` on the *active* area, all of which touches the solution;
    * ``diffusivity`` of lithium in the particles;
    * ``initial_lithium_fraction`` as assembled;
    * ``electronic_conductivity``: effective, of the electrode [S/m]; left out, the
      material's times its fraction;
    * ``potential_curve``: the open-circuit potential, where not the material's own.
    """

    material: str = text()
    active_fraction: float = quantity("", above=0, high=1)
    porosity: float = quantity("", above=0, high=1)
    particle_radius: float = quantity("m", above=0)
    charge_transfer: ButlerVolmer | LinearTransfer = part(CHARGE_TRANSFER)
    diffusivity: Diffusivity = _diffusivity()
    initial_lithium_fraction: float = quantity("", low=0, high=1)
    loading: float | None = quantity("kg/m2", above=0, default=None)
    thickness: float | None = quantity("m", above=0, default=None)
    electronic_conductivity: float | None = quantity("S/m", above=0, default=None)
    bruggeman: float = quantity("", low=0, high=10, default=1.5)
    potential_curve: LangmuirPotential | TabulatedPotential | None = part(POTENTIAL, default=None)

    def check(self) -> None:
        try:
            active = find_material(self.material)
        except InputError as error:
            raise error.inside("material") from None
        if active.kind != "active material":
            raise InputError(
                f"{active.name} is of kind {active.kind!r}, expected 'active material'",
                where="material",
            )
        if (self.loading is None) == (self.thickness is None):
            raise InputError("give exactly one of loading and thickness")
        if self.active_fraction + self.porosity > 1 + 1e-9:
            total = self.active_fraction + self.porosity
            raise InputError(f"active_fraction + porosity = {total:g} must be at most 1")
        curve = self.open_circuit_potential
        if not curve.extended_low <= self.initial_lithium_fraction <= curve.extended_high:
            raise InputError(
                f"{self.initial_lithium_fraction:g} is outside the range "
                f"{curve.extended_low:g} to {curve.extended_high:g} in which the open-circuit "
                f"potential of {active.name} is known",
                where="initial_lithium_fraction",
            )
        if self.electronic_conductivity is None:
            known = known_value(active, "electronic_conductivity")
            if known is None:
                raise InputError(
                    f"is missing; give it: the materials table has none for {active.name}",
                    where="electronic_conductivity",
                )
            object.__setattr__(self, "electronic_conductivity", known * self.active_fraction)

    @property
    def active_material(self) -> Material:
        """The active material's entry in the materials table."""
        return find_material(self.material)

    @property
    def open_circuit_potential(self) -> OpenCircuitPotential:
        """The active material's open-circuit potential vs Li+/Li."""
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
    def depth(self) -> float:
        """Thickness of the electrode [m], given or from the loading."""
        if self.thickness is not None:
            return self.thickness
        assert self.loading is not None
        return self.loading / (self.active_material.value("density") * self.active_fraction)

    @property
    def active_loading(self) -> float:
        """Mass of active material per geometric area [kg/m2], given or from the thickness."""
        if self.loading is not None:
            return self.loading
        return self.depth * self.active_fraction * self.active_material.value("density")

    @property
    def full_capacity(self) -> float:
        """Charge of all lithium sites per geometric area [C/m2]."""
        sites = self.active_material.value("maximum_concentration")
        return FARADAY * sites * self.active_fraction * self.depth


@dataclass(frozen=True)
class LiquidElectrolyte(Description):
    """A solution of lithium salt, by the functions that PyBaMM ships.

    ``solution`` is one of :data:`SOLUTIONS`, whose conductivity and salt diffusivity depend on
    concentration; ``concentration`` [mol/m3] of the salt at rest; ``transference_number`` of
    lithium, that of PyBaMM's parameter set unless given, as is the thermodynamic factor.
    ``conductivity`` [S/m] and ``diffusivity`` [m2/s] put a constant in a function's place.
    """

    solution: str = choice(SOLUTIONS, default="LiPF6 in EC:EMC", what="solution")
    concentration: float = quantity("mol/m3", above=0, default="1 mol/L")
    transference_number: float | None = quantity("", above=0, high=1, default=None)
    conductivity: float | None = quantity("S/m", above=0, default=None)
    diffusivity: float | None = quantity("m2/s", above=0, default=None)


@dataclass(frozen=True)
class LithiumCounter(Description):
    """A counter electrode of lithium metal, its ``charge_transfer`` on the *geometric* area.

    With the law "linear" and an ``area_resistance`` it is a plain resistance.
    """

    charge_transfer: ButlerVolmer | LinearTransfer = part(CHARGE_TRANSFER)

    def check(self) -> None:
        if self.charge_transfer.concentration != "constant":
            raise InputError(
                "a metal has no lithium fraction; choose 'constant'",
                where="charge_transfer.concentration",
            )


@dataclass(frozen=True)
class LiquidCell(Description):
    """A half cell in a liquid electrolyte: porous cathode | separator | lithium.

    What a solid electrolyte changes shows beside it: the same active material, diffusivity
    and charge transfer, with every particle wetted and no films. ``area`` is the *geometric*
    area [m2]; ``one_c`` the current density on it that is called 1 C [A/m2]; ``temperature``
    [K]. The pores of the separator conduct by ``separator_porosity`` to the power 1.5.
    """

    law: ClassVar[str] = "liquid"
    contact_fraction: ClassVar[float] = 1.0
    cathode: LiquidCathode = part(LiquidCathode)
    electrolyte: LiquidElectrolyte = part(LiquidElectrolyte)
    anode: LithiumCounter = part(LithiumCounter)
    separator_thickness: float = quantity("m", above=0, high=0.01)
    separator_porosity: float = quantity("", above=0, high=1)
    area: float = quantity("m2", above=0)
    one_c: float = quantity("A/m2", above=0)
    temperature: float = quantity("K", low=150, high=600, default=298.15)

    def table(self) -> list[tuple[str, str]]:
        """Every field, and the area and the mass that follow."""
        return [
            *super().table(),
            ("active area (follows)", f"{self.active_area:.4g} m2"),
            ("cathode thickness (follows)", f"{self.cathode.depth:.4g} m"),
            ("active mass (follows)", f"{self.active_mass:.4g} kg"),
        ]

    @property
    def materials(self) -> tuple[str, ...]:
        """Names of the materials whose facts the cell is made of."""
        return (self.cathode.material, "Li")

    @property
    def open_circuit_potential(self) -> OpenCircuitPotential:
        """The cathode's open-circuit potential vs Li+/Li."""
        return self.cathode.open_circuit_potential

    @property
    def full_capacity(self) -> float:
        """Charge of all lithium sites of the cathode per geometric area [C/m2]."""
        return self.cathode.full_capacity

    @property
    def active_mass(self) -> float:
        """Mass of active material [kg]."""
        return self.cathode.active_loading * self.area

    @property
    def active_volume(self) -> float:
        """Volume of the active material [m3]."""
        return self.cathode.active_fraction * self.cathode.depth * self.area

    @property
    def active_area(self) -> float:
        """Surface of the active particles, taken as spheres [m2]."""
        return 3 * self.active_volume / self.cathode.particle_radius

    @property
    def contact_area(self) -> float:
        """The same as the active area [m2]: all of it touches the solution."""
        return self.active_area

    def anode_potential(self, cathode_fraction: float | None = None) -> float:
        """The counter electrode's open-circuit potential vs Li+/Li [V], zero."""
        return 0.0

    def cell_potential(self, potential: float) -> float:
        """A cathode potential vs Li+/Li [V] as voltage of this cell."""
        return potential
