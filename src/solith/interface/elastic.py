"""An isotropic elastic solid."""

from __future__ import annotations

from dataclasses import dataclass

from solith.core.description import Description, quantity
from solith.core.errors import InputError

__all__ = ["ElasticSolid"]


@dataclass(frozen=True)
class ElasticSolid(Description):
    r"""An isotropic, linear elastic solid: ``young_modulus`` E [Pa], ``poisson_ratio`` :math:`\nu`.

    Poisson's ratio lies above -1 and below 0.5. Garnet: 150 GPa at 3 % porosity (Ni et al.,
    10.1007/s10853-012-6687-5), shear modulus 59.6 GPa, hence :math:`\nu = 0.26`.
    """

    young_modulus: float = quantity("Pa", above=0)
    poisson_ratio: float = quantity("", above=-1)

    def check(self) -> None:
        if self.poisson_ratio >= 0.5:
            raise InputError(
                f"{self.poisson_ratio:g} must be below 0.5; for a solid that keeps its volume "
                "take 0.499",
                where="poisson_ratio",
            )

    @property
    def shear_modulus(self) -> float:
        r"""G = :math:`E / 2(1 + \nu)` [Pa]."""
        return self.young_modulus / (2 * (1 + self.poisson_ratio))

    @property
    def bulk_modulus(self) -> float:
        r"""K = :math:`E / 3(1 - 2\nu)` [Pa]."""
        return self.young_modulus / (3 * (1 - 2 * self.poisson_ratio))

    @property
    def plane_strain_modulus(self) -> float:
        r""":math:`E / (1 - \nu^2)` [Pa], which contacts and cracks feel."""
        return self.young_modulus / (1 - self.poisson_ratio**2)
