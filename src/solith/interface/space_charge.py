"""Resistance of a space-charge layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from solith.core.description import Description, Family, quantity
from solith.core.errors import InputError

__all__ = ["SPACE_CHARGE", "DepletionLayer"]

SPACE_CHARGE = Family("space charge")

_ROUNDING = 0.0257  # V, RT/F: thermal motion blurs the layer's onset


@SPACE_CHARGE.register
@dataclass(frozen=True)
class DepletionLayer(Description):
    r"""A layer of electrolyte from which the cathode's potential drives lithium ions away.

    Above the flat-band potential the layer is depleted to a width that rises with the
    root of the bias (Mott and Schottky; recalled, no source read), and so does its
    resistance on the *contact* area:

    .. math:: R(U) = R_{ref} \sqrt{\frac{U - U_{fb}}{U_{ref} - U_{fb}}}, \quad U > U_{fb}

    and none below, the onset blurred over RT/F; U is the potential of the particle's surface
    at no current, vs Li+/Li.

    * ``resistance`` :math:`R_{ref}` [ohm m2] at ``potential`` :math:`U_{ref}` [V vs Li];
    * ``flat_band`` :math:`U_{fb}` [V vs Li], at which no charge is moved;
    * ``capacitance`` [F/m2] beside it, for impedance.

    Valid for a depleted layer thinner than the electrolyte's grains; whether such layers
    carry much resistance is disputed.
    """

    law: ClassVar[str] = "depletion"
    resistance: float = quantity("ohm m2", low=0)
    potential: float = quantity("V")
    flat_band: float = quantity("V")
    capacitance: float = quantity("F/m2", above=0, default=0.01)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)

    def check(self) -> None:
        if self.flat_band >= self.potential:
            raise InputError(
                f"{self.flat_band:g} V must lie below potential, {self.potential:g} V",
                where="flat_band",
            )

    def resistance_at(self, potential: Any) -> Any:
        """Resistance on the contact area [ohm m2] at ``potential`` [V vs Li], 298.15 K."""
        part = (potential - self.flat_band) / (self.potential - self.flat_band)
        # sqrt(max(part, 0)) with a finite slope at the onset, for the solver's sake.
        small = (_ROUNDING / (self.potential - self.flat_band)) ** 2
        positive = (part + (part**2 + small) ** 0.5) / 2
        return self.resistance * positive**0.5
