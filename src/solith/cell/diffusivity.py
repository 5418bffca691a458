"""How fast lithium moves inside the particles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from solith.core.description import Description, Family, column, quantity
from solith.core.errors import InputError

__all__ = ["DIFFUSIVITY", "ConstantDiffusivity", "HinderedDiffusivity", "TabulatedDiffusivity"]

DIFFUSIVITY = Family("diffusivity")

_FINE = 1041  # points of a table's integral


@DIFFUSIVITY.register
@dataclass(frozen=True)
class ConstantDiffusivity(Description):
    """One chemical diffusivity ``value`` [m2/s] at all lithium fractions.

    ``activation_energy`` [J/mol] raises it with temperature.
    """

    law: ClassVar[str] = "constant"
    value: float = quantity("m2/s", above=0)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)

    def value_at(self, fraction: Any) -> Any:
        """Diffusivity [m2/s] at 298.15 K; the lithium ``fraction`` plays no part."""
        return self.value


@DIFFUSIVITY.register
@dataclass(frozen=True)
class TabulatedDiffusivity(Description):
    """Chemical diffusivity ``values`` [m2/s] at rising ``lithium_fractions``.

    Between the points its logarithm is interpolated linearly; outside them it stays at
    the end value.
    """

    law: ClassVar[str] = "table"
    lithium_fractions: tuple[float, ...] = column("")
    values: tuple[float, ...] = column("m2/s")
    activation_energy: float = quantity("J/mol", low=0, default=0.0)

    def check(self) -> None:
        if len(self.lithium_fractions) != len(self.values) or len(self.values) < 2:
            raise InputError(
                "lithium_fractions and values must be equally long, with at least 2 points"
            )
        pairs = zip(self.lithium_fractions, self.lithium_fractions[1:], strict=False)
        if any(later <= earlier for earlier, later in pairs):
            raise InputError("lithium_fractions must rise")
        if min(self.values) <= 0:
            raise InputError("values must be above 0 m2/s")

    def value_at(self, fraction: Any) -> Any:
        """Diffusivity [m2/s] at a lithium ``fraction``, a PyBaMM symbol, and 298.15 K."""
        import pybamm

        low, high = self.lithium_fractions[0], self.lithium_fractions[-1]
        inside = pybamm.maximum(pybamm.minimum(fraction, high), low)
        logarithm = pybamm.Interpolant(
            np.array(self.lithium_fractions), np.log(np.array(self.values)), inside
        )
        return np.exp(logarithm)

    def integral_at(self, fraction: Any) -> Any:
        """Integral of the diffusivity over the lithium ``fraction``, to a constant [m2/s]."""
        import pybamm

        return pybamm.Interpolant(*self._integral, fraction, interpolator="cubic")

    def fraction_at(self, integral: Any) -> Any:
        """The lithium fraction at which the integral is ``integral``."""
        import pybamm

        fractions, integrals = self._integral
        return pybamm.Interpolant(integrals, fractions, integral, interpolator="cubic")

    @property
    def _integral(self) -> tuple[Any, Any]:
        # A little beyond both ends, where a solver's trial may step.
        fine = np.linspace(-0.02, 1.02, _FINE)
        known = np.log(np.array(self.values))
        values = np.exp(np.interp(fine, np.array(self.lithium_fractions), known))
        steps = (values[1:] + values[:-1]) / 2 * np.diff(fine)
        return fine, np.concatenate([[0.0], np.cumsum(steps)])


@DIFFUSIVITY.register
@dataclass(frozen=True)
class HinderedDiffusivity(Description):
    r"""A chemical diffusivity that collapses where the host is nearly full.

    .. math:: \log_{10} D(x) = \log_{10} D_0 - n\,\max\left(0, \frac{x - x_h}{1 - x_h}\right)

    ``value`` :math:`D_0` [m2/s] up to the lithium fraction ``hindered_from`` :math:`x_h`, then
    ``decades`` n less at the full host. Lithium that has left a full layered oxide returns
    ever more slowly, so that a first discharge ends short of it: the active material's own
    first-cycle loss, which a slower discharge or a hold wins back. The piecewise
    logarithmic form is an assumption; its numbers are calibrated on a first efficiency.
    """

    law: ClassVar[str] = "hindered"
    value: float = quantity("m2/s", above=0)
    hindered_from: float = quantity("", low=0, high=0.999)
    decades: float = quantity("", above=0, high=6, default=3.0)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)

    def value_at(self, fraction: Any) -> Any:
        """Diffusivity [m2/s] at a lithium ``fraction``, a PyBaMM symbol, and 298.15 K."""
        import pybamm

        hindered = (fraction - self.hindered_from) / (1 - self.hindered_from)
        return self.value * 10 ** (-self.decades * pybamm.maximum(hindered, 0))

    def integral_at(self, fraction: Any) -> Any:
        """Integral of the diffusivity over the lithium ``fraction`` from 0 [m2/s]."""
        import pybamm

        hindered = pybamm.maximum(fraction - self.hindered_from, 0)
        return self.value * (
            fraction - hindered + (1 - np.exp(-self._fall * hindered)) / self._fall
        )

    def fraction_at(self, integral: Any) -> Any:
        """The lithium fraction at which the integral is ``integral``."""
        import pybamm

        beyond = pybamm.maximum(integral / self.value - self.hindered_from, 0)
        # Beyond the full host no more than a little is left for a solver's trial to step into.
        left = pybamm.maximum(1 - self._fall * beyond, 10**-self.decades / 2)
        return integral / self.value - beyond - np.log(left) / self._fall

    @property
    def _fall(self) -> Any:
        return self.decades * np.log(10) / (1 - self.hindered_from)
