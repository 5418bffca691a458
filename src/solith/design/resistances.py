"""What resists the current in a cell beside its separator: paths, interfaces, contact, anode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from solith.core.description import Description, part, quantity, text
from solith.core.errors import InputError
from solith.interface import (
    PRESSURE_CONTACT,
    ElasticRoughContact,
    LoadBearingContact,
    LogarithmicContact,
    PlasticRoughContact,
    PowerLawContact,
    TabulatedContact,
)

__all__ = ["INTERFACE_LOSSES", "Resistances"]

_ON_CONTACT = ("coating", "interphase", "further_resistance", "space_charge", "charge_transfer")

INTERFACE_LOSSES = (*_ON_CONTACT, "contact", "anode")
"""Losses that count as the interfaces': those at the cathode's particles, and the anode's."""


@dataclass(frozen=True)
class Resistances(Description):
    r"""Resistances of one cell, each on the area of its place, at the cell's temperature.

    * ``ionic_conductivity``, ``electronic_conductivity`` [S/m], effective, of the cathode: while
      the reaction is even over the depth L, each path costs :math:`L / 3\kappa` on the *geometric*
      area (the integral of the loss budget, :func:`solith.cell.losses.find_loss_budget`); left
      out, a path costs nothing;
    * ``charge_transfer``, ``coating``, ``interphase``, ``further_resistance``, ``space_charge``
      [ohm m2] on the *contact* area, in series;
    * the active area is that of spheres of ``particle_radius`` [m], or ``surface_area`` [1/m] per
      volume of cathode; the contact area is ``contact_fraction`` of it, which ``pressure_contact``
      changes with the pressure of the stack's fixture;
    * ``anode`` [ohm m2] on the *geometric* area.

    Names are those of the cell's loss budget, so that both can be compared. ``source`` says where
    the numbers are from.
    """

    ionic_conductivity: float | None = quantity("S/m", default=None, above=0)
    electronic_conductivity: float | None = quantity("S/m", default=None, above=0)
    charge_transfer: float = quantity("ohm m2", default=0.0, low=0)
    coating: float = quantity("ohm m2", default=0.0, low=0)
    interphase: float = quantity("ohm m2", default=0.0, low=0)
    further_resistance: float = quantity("ohm m2", default=0.0, low=0)
    space_charge: float = quantity("ohm m2", default=0.0, low=0)
    particle_radius: float | None = quantity("m", default=None, above=0)
    surface_area: float | None = quantity("1/m", default=None, above=0)
    contact_fraction: float = quantity("", default=1.0, above=0, high=1)
    pressure_contact: (
        PowerLawContact
        | LogarithmicContact
        | TabulatedContact
        | ElasticRoughContact
        | PlasticRoughContact
        | LoadBearingContact
        | None
    ) = part(PRESSURE_CONTACT, default=None)
    anode: float = quantity("ohm m2", default=0.0, low=0)
    source: str | None = text(default=None)

    def check(self) -> None:
        """Refuse two sizes of the particles, and interfaces without any."""
        if self.particle_radius is not None and self.surface_area is not None:
            raise InputError("give particle_radius or surface_area, not both", where="surface_area")
        sized = self.particle_radius is not None or self.surface_area is not None
        if not sized and any(getattr(self, name) > 0 for name in _ON_CONTACT):
            raise InputError(
                "is missing; the resistances on the contact area need it, or surface_area",
                where="particle_radius",
            )

    def contact_at(self, pressure: Any) -> Any:
        """Part of the active area that touches electrolyte at ``pressure`` [Pa]."""
        if self.pressure_contact is None:
            return self.contact_fraction
        return self.pressure_contact.fraction(pressure, self.contact_fraction)

    def active_area(self, depth: Any, active: Any) -> Any:
        """Active over geometric area of a cathode; ``None`` without any size of particles.

        ``depth`` [m], with ``active`` material [m3 per m2 of geometric area].
        """
        if self.surface_area is not None:
            return self.surface_area * depth
        if self.particle_radius is not None:
            return 3 * active / self.particle_radius
        return None

    def on_geometric_area(self, depth: Any, active: Any, pressure: Any) -> dict[str, Any]:
        """Each resistance on the geometric area [ohm m2]; arguments as of :meth:`active_area`.

        "contact" is what the contact fraction below 1 adds to those on the contact area.
        """
        found = {}
        for name, conductivity in (
            ("ionic_path", self.ionic_conductivity),
            ("electronic_path", self.electronic_conductivity),
        ):
            if conductivity is not None:
                found[name] = depth / (3 * conductivity)
        area = self.active_area(depth, active)
        if area is not None:
            found |= {name: getattr(self, name) / area for name in _ON_CONTACT}
            touching = self.contact_at(pressure)
            found["contact"] = sum(found[name] for name in _ON_CONTACT) * (1 / touching - 1)
        return {**found, "anode": self.anode}
