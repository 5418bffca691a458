"""A film on the particles: coating or interphase."""

from __future__ import annotations

from dataclasses import dataclass

from solith.core.constants import VACUUM_PERMITTIVITY
from solith.core.description import Description, quantity, text
from solith.core.errors import InputError

__all__ = ["Film"]


@dataclass(frozen=True)
class Film(Description):
    r"""A layer of given thickness that lithium ions cross.

    On the area that ions cross, the *contact* area, its resistance is
    :math:`R = t/\sigma` and its capacitance that of a plate capacitor,
    :math:`C = \varepsilon_0 \varepsilon_r / t`, unless ``capacitance`` is given.

    * ``thickness`` [m], ``conductivity`` [S/m] of lithium ions at the reference
      temperature, ``activation_energy`` [J/mol] of the conductivity;
    * ``material``: a name in the materials table, from which the cell takes the
      conductivity where none is given;
    * ``relative_permittivity``: 40 unless given, a rounded value for oxides such as
      LiNbO3 (recalled, no source read; it only places the film's arc, in the MHz).
    """

    thickness: float = quantity("m", above=0)
    conductivity: float | None = quantity("S/m", above=0, default=None)
    material: str | None = text(default=None)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)
    relative_permittivity: float = quantity("", low=1, default=40.0)
    capacitance: float | None = quantity("F/m2", above=0, default=None)

    def check(self) -> None:
        if self.conductivity is None and self.material is None:
            raise InputError("conductivity is missing; give it, or the material's name")

    @property
    def area_resistance(self) -> float:
        """Resistance on the contact area at the reference temperature [ohm m2]."""
        if self.conductivity is None:
            raise InputError(f"the conductivity of {self.material!r} has not been looked up")
        return self.thickness / self.conductivity

    @property
    def area_capacitance(self) -> float:
        """Capacitance on the contact area [F/m2]."""
        return self.capacitance or VACUUM_PERMITTIVITY * self.relative_permittivity / self.thickness
