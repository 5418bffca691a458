"""Modulus and surface potential across a grain boundary."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solith.core.description import Description, quantity
from solith.core.errors import InputError
from solith.interface._arguments import Array, numbers, positive
from solith.interface.surface_flaw import LITHIUM_MOLAR_VOLUME, plating_pressure

__all__ = ["BoundaryProfile"]


@dataclass(frozen=True)
class BoundaryProfile(Description):
    r"""What a probe reads across a boundary at x = 0: a smooth dip in modulus and potential.

    .. math:: E(x) = E_i - (E_i - E_b)\,g(x), \qquad \phi(x) = -\Delta\phi\,g(x), \qquad
        g(x) = 2^{-(2x/w)^2}

    * ``interior`` :math:`E_i` and ``boundary`` :math:`E_b` [Pa]: Young's modulus far away and
      in the middle;
    * ``potential_drop`` :math:`\Delta\phi` [V] of the surface in the middle;
    * ``width`` w [m] of the dip at half its depth.

    Lu et al. (10.1002/aenm.202003811) read 145 and 120 GPa, at most 30 % less at a boundary, and
    10 mV; the Gaussian is a shape chosen here (no source). A probe blurs: :meth:`blurred` and
    :meth:`sharpened` tell what a narrow boundary looks like, and what it must be to look so.
    """

    interior: float = quantity("Pa", above=0)
    boundary: float = quantity("Pa", above=0)
    potential_drop: float = quantity("V", default=0.0)
    width: float = quantity("m", above=0, default=5e-9)

    def check(self) -> None:
        if self.boundary > self.interior:
            raise InputError(
                f"{self.boundary:g} Pa lies above the interior's {self.interior:g} Pa; the law "
                "is one of soft boundaries",
                where="boundary",
            )

    def young_modulus_at(self, distance: ArrayLike | str) -> Array:
        """Young's modulus [Pa] at a ``distance`` [m] from the boundary's middle."""
        return self.interior - (self.interior - self.boundary) * self._dip(distance)

    def potential_at(self, distance: ArrayLike | str) -> Array:
        """Surface potential [V] against the grain's interior."""
        return -self.potential_drop * self._dip(distance)

    @property
    def relative_drop(self) -> float:
        """Part of Young's modulus that the boundary lacks."""
        return 1 - self.boundary / self.interior

    @property
    def stress_ratio(self) -> float:
        r"""Critical stress at the boundary over that of the interior, :math:`\sqrt{E_b/E_i}`.

        Griffith's at equal flaw and equal fracture energy (10.1098/rsta.1921.0006; recalled).
        A boundary's own fracture energy is lower and unknown: the ratio is an upper bound.
        """
        return math.sqrt(self.boundary / self.interior)

    def pressure_equivalent(self, molar_volume: float | str = LITHIUM_MOLAR_VOLUME) -> float:
        """Pressure [Pa] of plating that the potential drop is worth, F times it over the volume.

        Lithium that plates where the potential is lower by the drop has that much more to drive it.
        """
        return plating_pressure(abs(self.potential_drop), molar_volume)

    def blurred(self, resolution: float | str) -> BoundaryProfile:
        """What a probe shows whose Gaussian ``resolution`` [m] is its full width at half height.

        The dip keeps its area: it is wider and shallower. Exact for the potential; for the modulus
        as far as a probe averages it linearly (small contrast).
        """
        probe = positive(resolution, "m", "resolution")
        return self._reshaped(math.hypot(self.width, probe))

    def sharpened(self, width: float | str) -> BoundaryProfile:
        """The profile of a boundary of true ``width`` [m] that a probe has blurred to this one.

        Raises :class:`InputError` for a width above the one seen, and where the modulus would not
        stay above 0: so narrow a boundary cannot have given this reading.
        """
        true = positive(width, "m", "width")
        if true > self.width:
            raise InputError(
                f"{width!r} lies above the width seen, {self.width:g} m", where="width"
            )
        depth = (self.interior - self.boundary) * self.width / true
        if depth >= self.interior:
            raise InputError(
                f"a boundary {true:g} m wide would have to lack {1e-9 * depth:.3g} GPa of "
                f"{1e-9 * self.interior:.3g} to be seen like this; it must be wider",
                where="width",
            )
        return self._reshaped(true)

    def _reshaped(self, width: float) -> BoundaryProfile:
        share = self.width / width
        return self.replace(
            boundary=self.interior - (self.interior - self.boundary) * share,
            potential_drop=self.potential_drop * share,
            width=width,
        )

    def _dip(self, distance: ArrayLike | str) -> Array:
        return np.asarray(np.exp2(-((2 * numbers(distance, "m", "distance") / self.width) ** 2)))
