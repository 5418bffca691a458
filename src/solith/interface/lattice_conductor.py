"""A lithium-ion conductor as sites of which ions fill a part, over a fixed background charge."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solith.core.constants import FARADAY, GAS_CONSTANT, VACUUM_PERMITTIVITY
from solith.core.description import Description, quantity
from solith.core.errors import InputError
from solith.interface._arguments import Array, positive

__all__ = ["LatticeConductor"]

_AVOGADRO = 6.02214076e23  # 1/mol
_LARGEST = 300.0  # exponents are cut there: their exponentials stay finite


@dataclass(frozen=True)
class LatticeConductor(Description):
    r"""Lithium ions on sites that hold one each, over a background charge that does not move.

    Of the electrochemical potential of the ions against that of the bulk at the same electric
    potential, :math:`\nu = (\tilde\mu - \tilde\mu_{bulk})/RT`, follow

    .. math:: \theta_k(\nu) = \frac{\theta_k e^\nu}{1 - \theta_k + \theta_k e^\nu}, \qquad
        \rho = F \sum_k N_k [\theta_k(\nu) - \theta_k], \qquad
        \sigma = \sigma_{bulk} \frac{\sum_k N_k \theta_k(\nu) [1 - \theta_k(\nu)]}
        {\sum_k N_k \theta_k [1 - \theta_k]}

    Fermi-Dirac statistics of sites, k over one or two classes that exchange ions at once: an ion
    hops to a free site, with one mobility for both classes.

    * ``site_density`` N [mol/m3] and ``occupancy`` :math:`\theta` in the bulk;
    * ``conductivity`` [S/m] of the ions in the bulk, and relative ``permittivity``;
    * ``site_energy`` [J/mol, or text in eV]: standard chemical potential of an ion on its sites;
      only differences between conductors count;
    * ``interstitial_density`` [mol/m3] and ``interstitial_occupancy``: the second class.

    Limits: nearly empty sites give Boltzmann's statistics of one carrier; nearly full sites with as
    many nearly empty interstitials (:meth:`frenkel`) those of Gouy and Chapman, and beyond
    dilution exactly those of Bikerman (Kilic, Bazant and Ajdari 2007, 10.1103/PhysRevE.75.021502,
    recalled; Kornyshev 2007, 10.1021/jp067857o, recalled), with c = N x (1 - x) for x of defects
    in the bulk and :math:`\gamma = 2 x (1 - x)`. Ions do not interact but by the mean potential.
    """

    site_density: float = quantity("mol/m3", above=0)
    occupancy: float = quantity("", above=0)
    conductivity: float = quantity("S/m", above=0)
    permittivity: float = quantity("", above=0, default=10.0)
    site_energy: float = quantity("J/mol", default=0.0)
    interstitial_density: float = quantity("mol/m3", low=0, default=0.0)
    interstitial_occupancy: float = quantity("", low=0, default=0.0)

    @classmethod
    def frenkel(
        cls,
        site_density: float | str,
        defects: float,
        conductivity: float | str,
        permittivity: float = 10.0,
        site_energy: float | str = 0.0,
    ) -> LatticeConductor:
        """Full sites and as many interstitials, ``defects`` of which are vacant and filled."""
        density = positive(site_density, "mol/m3", "site_density")
        share = positive(defects, "", "defects")
        if share >= 1:
            raise InputError(f"{defects!r} must be below 1", where="defects")
        return cls(
            site_density=density,
            occupancy=1 - share,
            conductivity=conductivity,  # type: ignore[arg-type]
            permittivity=permittivity,
            site_energy=site_energy,  # type: ignore[arg-type]
            interstitial_density=density,
            interstitial_occupancy=share,
        )

    def check(self) -> None:
        if self.occupancy >= 1:
            raise InputError(
                f"{self.occupancy:g} leaves no free site; it must be below 1", where="occupancy"
            )
        if self.interstitial_occupancy >= 1:
            raise InputError(
                f"{self.interstitial_occupancy:g} leaves no free site; it must be below 1",
                where="interstitial_occupancy",
            )
        if (self.interstitial_density > 0) != (self.interstitial_occupancy > 0):
            raise InputError(
                "interstitial_density and interstitial_occupancy go together; give both or none",
                where="interstitial_density",
            )

    @property
    def concentration(self) -> float:
        """Of lithium ions in the neutral bulk [mol/m3]."""
        return sum(density * filled for density, filled in self._classes)

    @property
    def sites(self) -> float:
        """All sites [mol/m3], which the concentration never exceeds."""
        return self.site_density + self.interstitial_density

    @property
    def site_spacing(self) -> float:
        """Edge of the cube that a site has to itself [m]."""
        return float((_AVOGADRO * self.sites) ** (-1 / 3))

    def bulk_potential(self, temperature: float) -> float:
        """Chemical potential of the ions in the bulk [J/mol]."""
        ratio = self.occupancy / (1 - self.occupancy)
        return self.site_energy + GAS_CONSTANT * temperature * math.log(ratio)

    def debye_length(self, temperature: float) -> float:
        """Over which a small potential is screened in the bulk [m]."""
        stored = float(self.stored_charge(0.0)) * FARADAY / (GAS_CONSTANT * temperature)
        return math.sqrt(self.permittivity * VACUUM_PERMITTIVITY / stored)

    def concentration_at(self, shift: ArrayLike) -> Array:
        r"""Concentration [mol/m3] at :math:`\nu`, ``shift``."""
        return np.asarray(sum(n * _filled(x, shift) for n, x in self._classes))

    def charge_at(self, shift: ArrayLike) -> Array:
        r"""Charge density [C/m3] at :math:`\nu`, ``shift``."""
        grown = np.expm1(_cut(shift))
        # theta(nu) - theta without the difference of two nearly equal numbers
        return FARADAY * np.asarray(
            sum(n * x * (1 - x) * grown / (1 + x * grown) for n, x in self._classes)
        )

    def stored_charge(self, shift: ArrayLike) -> Array:
        r"""Derivative of the charge density by :math:`\nu` [C/m3]."""
        return FARADAY * np.asarray(sum(n * _mobile(x, shift) for n, x in self._classes))

    def resistivity_at(self, shift: ArrayLike) -> Array:
        r"""Resistivity of the ions [ohm m] at :math:`\nu`, ``shift``."""
        bulk = float(self.stored_charge(0.0))
        return np.asarray(bulk / (self.conductivity * self.stored_charge(shift)))

    def resistivity_slope(self, shift: ArrayLike) -> Array:
        r"""Derivative of the resistivity by :math:`\nu` [ohm m]."""
        bend = FARADAY * sum(
            n * _mobile(x, shift) * (1 - 2 * _filled(x, shift)) for n, x in self._classes
        )
        return np.asarray(-self.resistivity_at(shift) * bend / self.stored_charge(shift))

    @property
    def _classes(self) -> tuple[tuple[float, float], ...]:
        own = ((self.site_density, self.occupancy),)
        if not self.interstitial_density:
            return own
        return (*own, (self.interstitial_density, self.interstitial_occupancy))


def _cut(shift: ArrayLike) -> Array:
    return np.asarray(np.clip(np.asarray(shift, float), -_LARGEST, _LARGEST))


def _filled(occupancy: float, shift: ArrayLike) -> Array:
    return np.asarray(occupancy / (occupancy + (1 - occupancy) * np.exp(-_cut(shift))))


def _mobile(occupancy: float, shift: ArrayLike) -> Array:
    """Filled times free part of the sites."""
    root = np.exp(_cut(shift) / 2)
    spread = (1 - occupancy) / root + occupancy * root
    return np.asarray(occupancy * (1 - occupancy) / spread**2)
