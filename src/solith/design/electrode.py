"""Composite electrodes: active material, carbon, binder, electrolyte, and pores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from solith.core.description import Description, Family, choice, flag, part, parts, quantity, text
from solith.core.errors import InputError
from solith.design._layer import (
    LARGEST_CAPACITY,
    LARGEST_DENSITY,
    Layer,
    Share,
    find_density,
)
from solith.design._potentials import potential
from solith.design.price import Price
from solith.design.separator import Liquid, pore_share

__all__ = ["ANODES", "Constituent", "Electrode"]

ANODES = Family("kind of anode", key="kind")
"""All anodes: a composite electrode, a metal foil, or none as assembled."""

_SUM = 1e-6
"""How far mass fractions may be off 1 in sum, for those written with few digits."""


@dataclass(frozen=True)
class Constituent(Description):
    """One solid of an electrode, by its mass fraction of all solids.

    Without ``density`` [kg/m3] it is that of the materials table.
    """

    material: str = text()
    mass_fraction: float = quantity("", above=0, high=1)
    density: float | None = quantity("kg/m3", default=None, above=0, high=LARGEST_DENSITY)
    price: Price | None = part(Price, default=None)

    def check(self) -> None:
        """Refuse a material whose density is neither given nor known."""
        find_density(self.material, self.density)


@ANODES.register
@dataclass(frozen=True)
class Electrode(Description):
    """A porous layer of particles.

    ``capacity`` [C/kg] is what the cell uses of the active material, ``voltage`` [V vs Li] its
    mean potential, and ``end_of_charge`` of a cathode the highest one, where coatings are judged;
    it may name another reference ("3.8 V vs Li-In"). Two of ``loading`` (active material per
    geometric area, kg/m2), ``thickness`` [m] and ``porosity`` are given; an anode may have
    ``excess`` (its capacity over the cathode's, less 1) with ``porosity``. ``lithiated`` tells
    whether the active material holds lithium as assembled: true of layered oxides and Li2S, false
    of sulfur, graphite and silicon. Pores are empty, or full of the stack's liquid. Sizes are those
    as assembled; ``swelling`` is what the whole layer grows by when it takes up lithium, a fraction
    of its thickness, and the room for it counts in the stack's volume: silicon and sulfur need it.
    """

    law: ClassVar[str] = "composite"

    active: Constituent = part(Constituent)
    capacity: float = quantity("C/kg", above=0, high=LARGEST_CAPACITY)
    additives: tuple[Constituent, ...] = parts(Constituent, default=())
    voltage: float | None = quantity("V", default=None)
    end_of_charge: float | None = potential(default=None)
    porosity: float | None = quantity("", default=None, low=0)
    loading: float | None = quantity("kg/m2", default=None, above=0)
    thickness: float | None = quantity("m", default=None, above=0)
    excess: float | None = quantity("", default=None, low=0)
    swelling: float = quantity("", default=0.0, low=0)
    filling: str = choice(("empty", "liquid"), default="empty", what="filling")
    lithiated: bool = flag(default=True)

    def check(self) -> None:
        """Refuse fractions that do not sum to 1, porosity 1, and too few or too many sizes."""
        total = sum(item.mass_fraction for item in self._solids())
        if abs(total - 1) > _SUM:
            raise InputError(
                f"the mass fractions of active material and additives sum to {total:.6g}; "
                "they must sum to 1",
                where="additives",
            )
        if self.porosity is not None and self.porosity >= 1:
            raise InputError(
                f"{self.porosity:g} leaves no room for solids; it must be below 1", where="porosity"
            )
        if None not in (self.end_of_charge, self.voltage) and self.end_of_charge < self.voltage:  # type: ignore[operator]
            raise InputError(
                f"{self.end_of_charge:g} V vs Li lies below the mean potential, {self.voltage:g} V",
                where="end_of_charge",
            )
        sizes = {name: getattr(self, name) is not None for name in _SIZES}
        if self.excess is not None:
            if self.porosity is None or sizes["loading"] or sizes["thickness"]:
                raise InputError(
                    "with excess give porosity, and neither loading nor thickness", where="excess"
                )
        elif sum(sizes.values()) != len(_SIZES) - 1:
            given = ", ".join(name for name, is_given in sizes.items() if is_given) or "none"
            raise InputError(
                f"give two of loading, thickness and porosity; given: {given}", where="thickness"
            )
        if sizes["loading"] and sizes["thickness"] and self._porosity(self.loading) < 0:
            least = 1e6 * self.loading / self._active_per_volume()  # type: ignore[operator]
            raise InputError(
                f"is too little for the loading, which without pores is {least:.4g} um thick",
                where="thickness",
            )

    @property
    def mean_potential(self) -> float | None:
        """Mean potential [V vs Li], where it is known."""
        return self.voltage

    def areal_loading(self, needed: Any = None) -> Any:
        """Active material [kg/m2 of geometric area]; ``needed`` is the other electrode's
        capacity [C/m2]."""
        if self.excess is not None:
            return (1 + self.excess) * needed / self.capacity
        if self.loading is not None:
            return self.loading
        return self.thickness * (1 - self.porosity) * self._active_per_volume()  # type: ignore[operator]

    def layer(self, name: str, liquid: Liquid | None, needed: Any = None) -> Layer:
        """The electrode per geometric area."""
        loading, porosity = self.areal_loading(needed), self.pore_fraction()
        solids = loading / self.active.mass_fraction * self._total()
        if self.thickness is not None:
            thickness = self.thickness
        else:
            thickness = loading / (self._active_per_volume() * (1 - porosity))
        shares = []
        for item in self._solids():
            mass = solids * item.mass_fraction / self._total()
            volume = mass / find_density(item.material, item.density)
            shares.append(Share(item.material, mass, volume, item.price))
        pores = pore_share(porosity * thickness, self.filling, liquid)
        shares += pores
        if not (isinstance(self.swelling, float) and self.swelling == 0):
            shares.append(Share("room to swell", 0.0 * thickness, self.swelling * thickness))
        grown = (1 + self.swelling) * thickness
        return Layer(
            name,
            grown,
            solids + sum(pore.mass for pore in pores),
            grown,
            tuple(shares),
            capacity=loading * self.capacity,
        )

    def sized_by_loading(self) -> Electrode:
        """The same electrode described by its loading and porosity."""
        return self.replace(
            loading=self.areal_loading(), porosity=self.pore_fraction(), thickness=None
        )

    def pore_fraction(self) -> Any:
        """The porosity, given or from loading and thickness."""
        return self._porosity(self.loading) if self.porosity is None else self.porosity

    def _solids(self) -> tuple[Constituent, ...]:
        return (self.active, *self.additives)

    def _total(self) -> Any:
        return sum(item.mass_fraction for item in self._solids())

    def _active_per_volume(self) -> Any:
        """Active material [kg] in a m3 of the solids."""
        volume = sum(
            item.mass_fraction / find_density(item.material, item.density)
            for item in self._solids()
        )
        return self.active.mass_fraction / volume

    def _porosity(self, loading: Any) -> Any:
        porosity = 1 - loading / (self._active_per_volume() * self.thickness)
        return np.where(np.abs(porosity) < 1e-12, 0.0, porosity)[()]


_SIZES = ("loading", "thickness", "porosity")
