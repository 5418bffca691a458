"""The composite: what a cell needs to know of a mixture of particles and electrolyte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from solith.core.description import Description, quantity
from solith.core.errors import InputError

__all__ = ["Composite"]


def _sources() -> Any:
    return field(default_factory=dict, metadata={"convert": _texts, "write": dict})


def _texts(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise InputError(f"{value!r} is not a table of texts")
    return dict(value)


@dataclass(frozen=True)
class Composite(Description):
    """A composite electrode as a homogeneous medium.

    * ``active_fraction``, ``electrolyte_fraction``: volume per volume of composite.
    * ``ionic_conductivity``, ``electronic_conductivity``: effective, of the composite
      [S/m]; left out, the cell takes phase conductivity x fraction (for ions over the
      tortuosity factor).
    * ``ionic_tortuosity_factor``: divides the electrolyte's conductivity times its
      fraction (the flux tortuosity factor, squared geometric tortuosity).
    * ``particle_radius`` [m] of the active material; ``surface_area`` of the active
      particles per volume of composite [1/m] (the *active* area), by default that of
      spheres, 3 x fraction / radius.
    * ``contact_fraction``: part of the active area that touches electrolyte (the
      *contact* area over the active area). It scales reaction, films and double layers.
    * ``accessible_fraction``: part of the active material whose particles take part.
    * ``sources``: where each number comes from.
    """

    active_fraction: float = quantity("", above=0, high=1)
    electrolyte_fraction: float = quantity("", above=0, high=1)
    particle_radius: float = quantity("m", above=0)
    ionic_conductivity: float | None = quantity("S/m", above=0, default=None)
    electronic_conductivity: float | None = quantity("S/m", above=0, default=None)
    ionic_tortuosity_factor: float = quantity("", low=1, default=1.0)
    surface_area: float | None = quantity("1/m", above=0, default=None)
    contact_fraction: float = quantity("", above=0, high=1, default=1.0)
    accessible_fraction: float = quantity("", above=0, high=1, default=1.0)
    sources: Mapping[str, str] = _sources()

    def check(self) -> None:
        total = self.active_fraction + self.electrolyte_fraction
        if total > 1 + 1e-9:
            raise InputError(
                f"active_fraction + electrolyte_fraction = {total:g} must be at most 1"
            )

    @property
    def active_area(self) -> float:
        """Surface of all active particles per volume of composite [1/m]."""
        return self.surface_area or 3 * self.active_fraction / self.particle_radius
