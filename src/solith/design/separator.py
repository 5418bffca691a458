"""Separators, collectors, and the liquid that may fill pores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from solith.core.description import Description, choice, part, quantity, text
from solith.core.errors import InputError
from solith.design._layer import LARGEST_DENSITY, Layer, Share, find_density
from solith.design.price import Price

__all__ = ["Collector", "Liquid", "Separator", "pore_share"]


@dataclass(frozen=True)
class Liquid(Description):
    """The liquid electrolyte that fills pores; it adds mass, and no volume of its own."""

    density: float = quantity("kg/m3", above=0, high=LARGEST_DENSITY)
    material: str = text(default="liquid electrolyte")
    price: Price | None = part(Price, default=None)


@dataclass(frozen=True)
class Separator(Description):
    """What lies between the electrodes: a solid electrolyte, or a porous film with liquid.

    ``conductivity`` [S/m] is that of the layer as a whole; the ohmic answers need it.
    ``electronic_conductivity`` [S/m] lets electrons leak through it while the stack is under load.
    """

    material: str = text()
    thickness: float = quantity("m", low=0)
    porosity: float = quantity("", default=0.0, low=0)
    filling: str = choice(("empty", "liquid"), default="empty", what="filling")
    density: float | None = quantity("kg/m3", default=None, above=0, high=LARGEST_DENSITY)
    conductivity: float | None = quantity("S/m", default=None, above=0)
    electronic_conductivity: float | None = quantity("S/m", default=None, above=0)
    price: Price | None = part(Price, default=None)

    def check(self) -> None:
        """Refuse porosity 1, a density that is not known, and electrons without a layer."""
        if self.porosity >= 1:
            raise InputError(
                f"{self.porosity:g} leaves no solid; it must be below 1", where="porosity"
            )
        find_density(self.material, self.density)
        if self.electronic_conductivity is not None and not self.thickness > 0:
            raise InputError("must be above 0 to hold electrons back", where="thickness")

    def mass_per_volume(self, liquid: Liquid | None) -> Any:
        """Density of the layer with what is in its pores [kg/m3]."""
        solid = (1 - self.porosity) * find_density(self.material, self.density)
        if self.filling == "liquid" and liquid is not None:
            return solid + self.porosity * liquid.density
        return solid

    def layer(self, liquid: Liquid | None) -> Layer:
        """The separator per geometric area."""
        solid = (1 - self.porosity) * self.thickness
        mass = solid * find_density(self.material, self.density)
        return Layer(
            "separator",
            self.thickness,
            self.thickness * self.mass_per_volume(liquid),
            self.thickness,
            (
                Share(self.material, mass, solid, self.price),
                *pore_share(self.porosity * self.thickness, self.filling, liquid),
            ),
        )


@dataclass(frozen=True)
class Collector(Description):
    """A metal foil. How many cells share one is said by the stack's arrangement."""

    material: str = text()
    thickness: float = quantity("m", low=0)
    density: float | None = quantity("kg/m3", default=None, above=0, high=LARGEST_DENSITY)
    price: Price | None = part(Price, default=None)

    def check(self) -> None:
        """Refuse a density that is not known."""
        find_density(self.material, self.density)

    def layer(self, name: str, count: float) -> Layer:
        """The foil per geometric area, ``count`` times in the stack."""
        mass = self.thickness * find_density(self.material, self.density)
        share = Share(self.material, mass, self.thickness, self.price)
        return Layer(name, self.thickness, mass, self.thickness, (share,), count)


def pore_share(volume: Any, filling: str, liquid: Liquid | None) -> list[Share]:
    """The pores as a share of their layer; none where there are none."""
    if isinstance(volume, float) and volume == 0:
        return []
    if filling == "liquid" and liquid is not None:
        return [Share(liquid.material, volume * liquid.density, volume, liquid.price)]
    return [Share("empty pores", 0.0 * volume, volume)]
