"""Open-circuit potentials that a user gives, where the materials table has none or another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.description import Description, Family, column, quantity
from solith.core.errors import InputError
from solith.materials import OpenCircuitPotential

__all__ = ["POTENTIAL", "LangmuirPotential", "TabulatedPotential"]

POTENTIAL = Family("open-circuit potential")


@POTENTIAL.register
@dataclass(frozen=True)
class LangmuirPotential(Description):
    r"""Sites that do not know each other, :math:`U = U_0 + \frac{RT}{F}\ln\frac{1-x}{x}`.

    ``standard_potential`` :math:`U_0` [V vs Li] at x = 1/2, at 298.15 K. The Nernstian
    insertion electrode of textbooks (recalled, no source read).
    """

    law: ClassVar[str] = "langmuir"
    standard_potential: float = quantity("V")

    def curve(self) -> OpenCircuitPotential:
        """The curve from x = 1e-6 to 1 - 1e-6."""
        thermal = GAS_CONSTANT * 298.15 / FARADAY

        def potential(fraction: Any) -> Any:
            return self.standard_potential + thermal * np.log((1 - fraction) / fraction)

        edge = 1e-6
        return OpenCircuitPotential(
            "Langmuir isotherm", potential, edge, 1 - edge, edge, 1 - edge, "", "Langmuir isotherm"
        )


@POTENTIAL.register
@dataclass(frozen=True)
class TabulatedPotential(Description):
    """``potentials`` [V vs Li] that fall with rising ``lithium_fractions``, joined smoothly.

    A monotone cubic (PCHIP) runs through the points; nothing lies outside them.
    """

    law: ClassVar[str] = "table"
    lithium_fractions: tuple[float, ...] = column("")
    potentials: tuple[float, ...] = column("V")

    def check(self) -> None:
        if len(self.lithium_fractions) != len(self.potentials) or len(self.potentials) < 3:
            raise InputError(
                "lithium_fractions and potentials must be equally long, with at least 3 points"
            )
        if any(np.diff(self.lithium_fractions) <= 0):
            raise InputError("must rise", where="lithium_fractions")
        if not 0 <= self.lithium_fractions[0] <= self.lithium_fractions[-1] <= 1:
            raise InputError("must lie between 0 and 1", where="lithium_fractions")
        if any(np.diff(self.potentials) >= 0):
            raise InputError("must fall", where="potentials")

    def curve(self) -> OpenCircuitPotential:
        """The curve between its first and its last point."""
        from scipy.interpolate import PchipInterpolator

        fractions = np.array(self.lithium_fractions)
        smooth = PchipInterpolator(fractions, np.array(self.potentials))
        fine = np.unique(np.concatenate([fractions, np.linspace(fractions[0], fractions[-1], 801)]))
        values = smooth(fine)

        def potential(fraction: Any) -> Any:
            if isinstance(fraction, (float, int, np.ndarray, np.floating)):
                return np.interp(fraction, fine, values)
            import pybamm

            return pybamm.Interpolant(fine, values, fraction, interpolator="linear")

        low, high = float(fractions[0]), float(fractions[-1])
        return OpenCircuitPotential(
            "table", potential, low, high, low, high, "", "given with the cell"
        )
