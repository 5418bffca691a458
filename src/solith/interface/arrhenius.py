"""Thermal activation."""

from __future__ import annotations

from typing import Any

import numpy as np

from solith.core.constants import GAS_CONSTANT

__all__ = ["arrhenius_factor"]


def arrhenius_factor(activation_energy: float, temperature: Any, reference: float) -> Any:
    r"""How much faster a process is at ``temperature`` than at ``reference`` [K].

    :math:`\exp\left[-\frac{E_a}{R}\left(\frac1T - \frac1{T_{ref}}\right)\right]` with
    ``activation_energy`` in J/mol (Arrhenius, 10.1515/zpch-1889-0416). A conductivity or
    an exchange current density is multiplied by it, a resistance divided. ``temperature``
    may be a number, an array or a PyBaMM symbol.
    """
    return np.exp(-activation_energy / GAS_CONSTANT * (1 / temperature - 1 / reference))
