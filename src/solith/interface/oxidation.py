"""Oxidation of the electrolyte at the cathode interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.description import Description, Family, quantity
from solith.interface.arrhenius import arrhenius_factor

__all__ = ["OXIDATION", "TafelOxidation"]

OXIDATION = Family("electrolyte oxidation")

_REFERENCE = 298.15  # K


@OXIDATION.register
@dataclass(frozen=True)
class TafelOxidation(Description):
    r"""Electrolyte that is oxidised where it touches the particles.

    .. math::
        j_{ox} = j_{ref} \exp\frac{\alpha F (\phi - \phi_{ref})}{RT}
                 \exp\left(-\frac{t_p}{\lambda_p} - \frac{t_c}{\lambda_c}\right)

    on the *contact* area, :math:`\phi` the potential of the active material against the
    electrolyte, vs Li+/Li. It costs charge on top of what the active material takes, gives
    none back, and makes interphase, ``product_volume`` [m3 per mole of electrons].

    * ``current_density`` :math:`j_{ref}` [A/m2] of the bare interface at ``potential``
      :math:`\phi_{ref}` [V vs Li] and 298.15 K; ``transfer_coefficient`` :math:`\alpha`;
    * ``product_decay`` :math:`\lambda_p` [m]: the interphase's thickness :math:`t_p` over which
      the reaction falls by e, since its electrons must cross it; left out, it never slows;
    * ``coating_decay`` :math:`\lambda_c` [m]: the same for the coating of thickness
      :math:`t_c`; left out, a coating does not slow it.

    Tafel kinetics (Tafel, 1905; recalled, no source read); the exponential decay with
    thickness is an assumption for want of a law that is known.
    """

    law: ClassVar[str] = "tafel"
    current_density: float = quantity("A/m2", low=0)
    potential: float = quantity("V")
    product_volume: float = quantity("m3/mol", above=0)
    transfer_coefficient: float = quantity("", above=0, high=1, default=0.5)
    product_decay: float | None = quantity("m", above=0, default=None)
    coating_decay: float | None = quantity("m", above=0, default=None)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)

    def current_density_at(
        self, potential: Any, product: Any, coating: Any, temperature: Any
    ) -> Any:
        """Oxidation current density on the contact area [A/m2].

        ``potential`` [V vs Li] of the particles against the electrolyte; thickness of
        the ``product`` and of the ``coating`` [m]; ``temperature`` [K].
        """
        driven = (
            self.transfer_coefficient
            * FARADAY
            * (potential - self.potential)
            / (GAS_CONSTANT * temperature)
        )
        crossed = 0.0 if self.product_decay is None else product / self.product_decay
        coated = 0.0 if self.coating_decay is None else coating / self.coating_decay
        thermal = arrhenius_factor(self.activation_energy, temperature, _REFERENCE)
        return self.current_density * thermal * np.exp(driven - crossed - coated)
