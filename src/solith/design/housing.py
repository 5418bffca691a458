"""What is around the layers: tabs, pouch, and the fixture that presses them."""

from __future__ import annotations

from dataclasses import dataclass

from solith.core.description import Description, part, quantity, text
from solith.core.errors import InputError
from solith.design._layer import LARGEST_DENSITY, Layer, Share, find_density
from solith.design.price import Price

__all__ = ["Fixture", "Pouch", "Tab"]


@dataclass(frozen=True)
class Tab(Description):
    """One strip of metal that leads the current out; lengths in m."""

    material: str = text()
    thickness: float = quantity("m", above=0)
    width: float = quantity("m", above=0)
    length: float = quantity("m", above=0)
    density: float | None = quantity("kg/m3", default=None, above=0, high=LARGEST_DENSITY)
    price: Price | None = part(Price, default=None)

    def check(self) -> None:
        """Refuse a density that is not known."""
        find_density(self.material, self.density)

    def layer(self, face: float) -> Layer:
        """The tab, spread over the stack's ``face`` [m2]."""
        volume = self.thickness * self.width * self.length / face
        density = find_density(self.material, self.density)
        return _around("tab", self.material, volume, density, self.price)


@dataclass(frozen=True)
class Pouch(Description):
    """Two sheets of laminate of ``thickness`` [m], a seam of ``margin`` [m] around the stack.

    The folded seam's dead space is not counted.
    """

    thickness: float = quantity("m", above=0)
    density: float = quantity("kg/m3", above=0, high=LARGEST_DENSITY)
    margin: float = quantity("m", default=0.0, low=0)
    material: str = text(default="pouch laminate")
    price: Price | None = part(Price, default=None)

    def layer(self, width: float, length: float) -> Layer:
        """The pouch, spread over the stack's face; sheets as plane as they are cut."""
        sheet = (width + 2 * self.margin) * (length + 2 * self.margin)
        volume = 2 * sheet * self.thickness / (width * length)
        return _around("pouch", self.material, volume, self.density, self.price)


@dataclass(frozen=True)
class Fixture(Description):
    """What holds the stack under pressure.

    Either its ``mass`` [kg], or ``mass_per_force`` [kg/N] with the ``pressure`` [Pa] on the
    stack's face: tie rods and plates of one stress weigh in proportion to the force.
    """

    material: str = text()
    mass: float | None = quantity("kg", default=None, above=0)
    mass_per_force: float | None = quantity("kg/N", default=None, above=0)
    pressure: float | None = quantity("Pa", default=None, low=0)
    density: float | None = quantity("kg/m3", default=None, above=0, high=LARGEST_DENSITY)
    price: Price | None = part(Price, default=None)

    def check(self) -> None:
        """Refuse a fixture with both masses or none, or a density that is not known."""
        find_density(self.material, self.density)
        by_force = self.mass_per_force is not None and self.pressure is not None
        if by_force == (self.mass is not None):
            raise InputError(
                "give either mass, or mass_per_force and pressure, of the fixture", where="mass"
            )

    def layer(self, face: float) -> Layer:
        """The fixture, spread over the stack's ``face`` [m2]."""
        density = find_density(self.material, self.density)
        if self.mass is not None:
            volume = self.mass / face / density
        else:
            volume = self.mass_per_force * self.pressure / density  # type: ignore[operator]
        return _around("fixture", self.material, volume, density, self.price)


def _around(
    name: str, material: str, volume: float, density: float, price: Price | None = None
) -> Layer:
    share = Share(material, volume * density, volume, price)
    return Layer(name, 0.0 * volume, volume * density, volume, (share,))
