"""A film on the particles: coating or interphase."""

from __future__ import annotations

from dataclasses import dataclass

from solith.core.constants import VACUUM_PERMITTIVITY
from solith.core.description import Description, part, quantity, text
from solith.core.errors import InputError
from solith.interface.growth import GROWTH, DiffusionLimitedGrowth, PotentialDrivenGrowth

__all__ = ["Film"]

_USUAL_PERMITTIVITY = 40.0


@dataclass(frozen=True)
class Film(Description):
    r"""A layer of given thickness that lithium ions cross.

    On the area that ions cross, the *contact* area, its resistance is
    :math:`R = t/\sigma` and its capacitance that of a plate capacitor,
    :math:`C = \varepsilon_0 \varepsilon_r / t`, unless ``capacitance`` is given.

    * ``thickness`` [m], ``conductivity`` [S/m] of lithium ions at the reference
      temperature, ``activation_energy`` [J/mol] of the conductivity;
    * ``material``: a name in the materials table, from which the cell takes what is not
      given;
    * ``relative_permittivity``: where neither given nor in the table it is 40, a rounded
      value for oxides such as LiNbO3 (recalled, no source read; it only places the film's
      arc, in the MHz);
    * ``growth``: the law by which an interphase grows from ``thickness`` on.
    """

    thickness: float = quantity("m", above=0, high=1e-4)
    conductivity: float | None = quantity("S/m", above=0, default=None)
    material: str | None = text(default=None)
    activation_energy: float | None = quantity("J/mol", low=0, default=None)
    relative_permittivity: float | None = quantity("", low=1, default=None)
    capacitance: float | None = quantity("F/m2", above=0, default=None)
    growth: DiffusionLimitedGrowth | PotentialDrivenGrowth | None = part(GROWTH, default=None)

    def check(self) -> None:
        if self.conductivity is None and self.material is None:
            raise InputError("conductivity is missing; give it, or the material's name")

    @property
    def area_resistance(self) -> float:
        """Resistance on the contact area at 298.15 K [ohm m2]."""
        if self.conductivity is None:
            raise InputError(f"the conductivity of {self.material!r} has not been looked up")
        return self.thickness / self.conductivity

    @property
    def area_capacitance(self) -> float:
        """Capacitance on the contact area [F/m2]."""
        permittivity = self.relative_permittivity or _USUAL_PERMITTIVITY
        return self.capacitance or VACUUM_PERMITTIVITY * permittivity / self.thickness
