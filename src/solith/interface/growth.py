"""Growth of an interphase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.description import Description, Family, quantity
from solith.interface.arrhenius import arrhenius_factor

__all__ = ["GROWTH", "DiffusionLimitedGrowth", "PotentialDrivenGrowth"]

GROWTH = Family("growth")

_REFERENCE = 298.15  # K


@GROWTH.register
@dataclass(frozen=True)
class DiffusionLimitedGrowth(Description):
    r"""Parabolic growth: :math:`d(t^2)/d\tau = k`, so that :math:`t^2 = t_0^2 + k\tau`.

    ``rate`` k [m2/s] at 298.15 K, rising with ``activation_energy`` [J/mol]. The law of a
    layer through which what it grows from must diffuse (Wagner, 1933; recalled, no source
    read). It takes no lithium from the cell unless ``lithium_content`` says how much a volume
    of it binds [mol/m3], which then leaves the active material without a current.
    """

    law: ClassVar[str] = "diffusion"
    rate: float = quantity("m2/s", low=0)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)
    lithium_content: float = quantity("mol/m3", low=0, default=0.0)

    def rate_at(self, potential: Any, temperature: Any) -> Any:
        """Growth rate of the squared thickness [m2/s]; the potential plays no part."""
        return self.rate * arrhenius_factor(self.activation_energy, temperature, _REFERENCE)


@GROWTH.register
@dataclass(frozen=True)
class PotentialDrivenGrowth(Description):
    r"""Parabolic growth whose rate rises with the potential of the particles.

    :math:`d(t^2)/d\tau = k \exp[\alpha F (\phi - \phi_0) / RT]`, :math:`\phi` the local
    potential of the active material against the electrolyte, vs Li+/Li: ``rate`` k [m2/s]
    holds at ``onset`` :math:`\phi_0` [V vs Li] and 298.15 K; ``transfer_coefficient``
    :math:`\alpha`. A Tafel dependence, assumed for want of a law that is known (no source
    read). It takes no lithium from the cell.
    """

    law: ClassVar[str] = "potential"
    rate: float = quantity("m2/s", low=0)
    onset: float = quantity("V")
    transfer_coefficient: float = quantity("", above=0, high=1, default=0.5)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)
    lithium_content: float = quantity("mol/m3", low=0, default=0.0)

    def rate_at(self, potential: Any, temperature: Any) -> Any:
        """Growth rate of the squared thickness [m2/s] at ``potential`` [V vs Li]."""
        driven = (
            self.transfer_coefficient
            * FARADAY
            * (potential - self.onset)
            / (GAS_CONSTANT * temperature)
        )
        thermal = arrhenius_factor(self.activation_energy, temperature, _REFERENCE)
        return self.rate * thermal * np.exp(driven)
