"""What a layer of a stack holds: masses and volumes per geometric area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from solith.core.errors import InputError, UnknownNameError, near_names
from solith.design.price import Price

__all__ = ["LARGEST_CAPACITY", "LARGEST_DENSITY", "Layer", "Share", "find_density"]

LARGEST_DENSITY = 23e3
"""Of any material [kg/m3]: osmium has 22.6e3. More is a unit that was mistaken."""

LARGEST_CAPACITY = 13.91e6
"""Of any electrode [C/kg]: lithium's own, 3863 mAh/g."""


@dataclass(frozen=True)
class Share:
    """One material in a layer: mass [kg/m2] and volume [m3/m2]; floats, or arrays of samples."""

    material: str
    mass: Any
    volume: Any
    price: Price | None = None


@dataclass(frozen=True)
class Layer:
    """One layer, ``count`` times in the stack; mass and volume are those of one.

    ``mass`` [kg/m2] and ``volume`` [m3/m2] are computed from the layer as a whole, so that their
    agreement with the sum of ``shares`` is a check. ``capacity`` [C/m2] is that of an electrode.
    ``thickness`` [m] is what it adds to the stack's height.
    """

    name: str
    thickness: Any
    mass: Any
    volume: Any
    shares: tuple[Share, ...]
    count: float = 1.0
    capacity: Any = None


def find_density(material: str, given: float | None) -> float:
    """The density [kg/m3]: the ``given`` one, or that of the materials table."""
    if given is not None:
        return given
    from solith.materials import find_material, find_materials

    try:
        return find_material(material).value("density")
    except UnknownNameError:
        taken = [name for known in find_materials() for name in (known.name, *known.aliases)]
        near = " or ".join(repr(name) for name in near_names(material, taken) if name != material)
        hint = f", or did you mean {near}?" if near else ""
        raise InputError(
            f"the materials table has no density of {material!r}; give one{hint}", where="density"
        ) from None
