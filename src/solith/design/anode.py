"""Anodes without a host's pores: foils of lithium or an alloy, and none at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from solith.core.constants import FARADAY
from solith.core.description import Description, choice, part, quantity, text
from solith.core.errors import InputError
from solith.design._layer import (
    LARGEST_CAPACITY,
    LARGEST_DENSITY,
    Layer,
    Share,
    find_density,
)
from solith.design.electrode import ANODES
from solith.design.price import Price

__all__ = ["AnodeFree", "Foil"]

_MOLAR_MASS = 6.94e-3
"""Of lithium [kg/mol], IUPAC's conventional atomic weight."""
LITHIUM_CAPACITY = FARADAY / _MOLAR_MASS
"""Of lithium metal [C/kg]: F / M, 3862 mAh/g."""


@ANODES.register
@dataclass(frozen=True)
class Foil(Description):
    """A foil of lithium, or of an alloy such as In-Li by its own capacity and potential.

    ``capacity`` [C/kg] is that of the foil's whole mass. Either ``excess`` (capacity over the
    cathode's, less 1) or ``thickness`` [m] is given. With ``holds = "all"`` the foil as assembled
    has the whole charge in it, beside the lithium that the cathode may hold, as most estimates
    count it; with ``holds = "excess"`` it has what exceeds the cathode's charge only, and the
    cathode's lithium, whose mass is counted there, adds its volume when charged.
    """

    law: ClassVar[str] = "foil"

    material: str = text(default="Li")
    capacity: float = quantity("C/kg", default=LITHIUM_CAPACITY, above=0, high=LARGEST_CAPACITY)
    voltage: float | None = quantity("V", default=0.0)
    excess: float | None = quantity("", default=None, low=0)
    thickness: float | None = quantity("m", default=None, above=0)
    porosity: float = quantity("", default=0.0, low=0)
    density: float | None = quantity("kg/m3", default=None, above=0, high=LARGEST_DENSITY)
    holds: str = choice(("all", "excess"), default="all", what="lithium of the foil")
    price: Price | None = part(Price, default=None)

    @property
    def lithiated(self) -> bool:
        """Whether the foil alone could give the cell its lithium."""
        return self.holds == "all"

    @property
    def mean_potential(self) -> float | None:
        """Mean potential [V vs Li]."""
        return self.voltage

    def check(self) -> None:
        """Refuse porosity 1, both or none of excess and thickness, an unknown density."""
        _check_porosity(self.porosity)
        find_density(self.material, self.density)
        if (self.excess is None) == (self.thickness is None):
            raise InputError("give either excess or thickness of the foil", where="excess")
        if self.holds == "excess" and self.excess is None:
            raise InputError("give excess for a foil that holds the excess only", where="excess")

    def layer(self, name: str, liquid: Any, needed: Any) -> Layer:
        """The foil per geometric area; ``needed`` is the cathode's capacity [C/m2]."""
        density = find_density(self.material, self.density)
        if self.thickness is not None:
            mass = self.thickness * (1 - self.porosity) * density
            thickness, plated = self.thickness, 0.0 * mass
        else:
            whole = (1 + self.excess) * needed / self.capacity  # type: ignore[operator]
            plated = needed / self.capacity if self.holds == "excess" else 0.0 * whole
            mass = whole - plated
            thickness = whole / density / (1 - self.porosity)
        shares = [Share(self.material, mass, mass / density, self.price)]
        if self.holds == "excess":
            shares.append(_plated(self.material, plated / density))
        shares += _pores(self.porosity, thickness)
        capacity = (mass + plated) * self.capacity
        return Layer(name, thickness, mass, thickness, tuple(shares), capacity=capacity)


@ANODES.register
@dataclass(frozen=True)
class AnodeFree(Description):
    """No anode as assembled: the cathode's lithium is plated on the collector.

    It adds its volume, as charged, with ``porosity``; its mass is the cathode's.
    """

    law: ClassVar[str] = "anode-free"

    porosity: float = quantity("", default=0.0, low=0)
    density: float | None = quantity("kg/m3", default=None, above=0, high=LARGEST_DENSITY)

    lithiated: ClassVar[bool] = False
    mean_potential: ClassVar[float | None] = 0.0

    def check(self) -> None:
        """Refuse porosity 1."""
        _check_porosity(self.porosity)

    def layer(self, name: str, liquid: Any, needed: Any) -> Layer:
        """The plated lithium per geometric area."""
        solid = needed / LITHIUM_CAPACITY / find_density("Li", self.density)
        thickness = solid / (1 - self.porosity)
        shares = (_plated("Li", solid), *_pores(self.porosity, thickness))
        return Layer(name, thickness, 0.0 * solid, thickness, shares, capacity=needed)


def _plated(material: str, volume: Any) -> Share:
    return Share(f"{material}, plated from the cathode", 0.0 * volume, volume)


def _pores(porosity: Any, thickness: Any) -> list[Share]:
    if isinstance(porosity, float) and porosity == 0:
        return []
    return [Share("empty pores", 0.0 * thickness, porosity * thickness)]


def _check_porosity(porosity: float) -> None:
    if porosity >= 1:
        raise InputError(f"{porosity:g} leaves no metal; it must be below 1", where="porosity")
