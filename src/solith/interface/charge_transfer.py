"""Charge transfer between electrolyte and active material."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.description import Description, Family, choice, quantity
from solith.core.errors import InputError

__all__ = ["CHARGE_TRANSFER", "ButlerVolmer", "LinearTransfer"]

CHARGE_TRANSFER = Family("charge transfer")

_SHAPES = ("constant", "square root")


@dataclass(frozen=True)
class _Transfer(Description):
    """Exchange current density or area resistance, on the *contact* area.

    Give one of ``exchange_current_density`` [A/m2] and ``area_resistance`` [ohm m2];
    they are tied by the slope at equilibrium, R = R_gas T / (F j0), at the reference
    temperature. ``double_layer`` is the capacitance on the contact area [F/m2], 0.1
    (10 uF/cm2) unless given, an order of magnitude that is customary for double layers
    (recalled, no source read). ``concentration`` says how j0 depends on the surface's
    lithium fraction x: ``constant``, or ``square root``, 2 sqrt(x (1 - x)) times the
    value at x = 1/2 (Doyle, Fuller and Newman, 10.1149/1.2221597, at constant
    electrolyte concentration).
    """

    exchange_current_density: float | None = quantity("A/m2", above=0, default=None)
    area_resistance: float | None = quantity("ohm m2", above=0, default=None)
    double_layer: float = quantity("F/m2", above=0, default=0.1)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)
    concentration: str = choice(_SHAPES, default="constant", what="concentration dependence")

    def check(self) -> None:
        if (self.exchange_current_density is None) == (self.area_resistance is None):
            raise InputError("give exactly one of exchange_current_density and area_resistance")

    def exchange(self, temperature: float) -> float:
        """Exchange current density on the contact area [A/m2], read at ``temperature`` [K]."""
        if self.exchange_current_density is not None:
            return self.exchange_current_density
        assert self.area_resistance is not None
        return GAS_CONSTANT * temperature / (FARADAY * self.area_resistance)


@CHARGE_TRANSFER.register
@dataclass(frozen=True)
class ButlerVolmer(_Transfer):
    r"""Symmetric Butler-Volmer kinetics, :math:`j = 2 j_0 \sinh(F\eta / 2RT)`."""

    law: ClassVar[str] = "butler-volmer"
    pybamm_option: ClassVar[str] = "symmetric Butler-Volmer"


@CHARGE_TRANSFER.register
@dataclass(frozen=True)
class LinearTransfer(_Transfer):
    r"""Kinetics linear in the overpotential, :math:`j = j_0 F\eta / RT`."""

    law: ClassVar[str] = "linear"
    pybamm_option: ClassVar[str] = "linear"
