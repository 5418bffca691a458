"""Growth of a layer that conducts ions and electrons, from its conductivities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.description import Description, quantity
from solith.core.errors import InputError
from solith.interface._arguments import Array, numbers, within
from solith.interface.growth import DiffusionLimitedGrowth

__all__ = ["WagnerGrowth"]

_REFERENCE = 298.15  # K, of the growth law
_LARGEST_DROP = 15.0  # V; its exponential is still a number
_MIXED = 0.5  # of s^2 / 4np: above, no digit is lost in the plain integral
_FEW = 1e-4  # where artanh(x) / x is its series


@dataclass(frozen=True)
class WagnerGrowth(Description):
    r"""Parabolic growth of a reaction layer through which lithium passes as ions and electrons.

    Without an outer current both flow together, driven by the chemical potential of lithium, which
    falls through the layer from one face to the other:

    .. math:: \frac{d(t^2)}{d\tau} = k = \frac{2 V}{F} \int_{U_1}^{U_2}
        \frac{\sigma_i \sigma_e}{\sigma_i + \sigma_e} dU, \qquad
        \sigma_e = \sigma_0 + \sigma_n e^{-F(U-U_1)/RT} + \sigma_p e^{-F(U_2-U)/RT}

    in closed form, U the potential of lithium in the layer [V vs Li], -1/F times its chemical
    potential (Wagner 1933, 10.1515/zpch-1933-2105, recalled, as are the exponents of one of
    electrons and holes in a layer with much ionic disorder).

    * ``ionic_conductivity`` :math:`\sigma_i` [S/m], the same all through;
    * ``low_potential`` :math:`U_1` and ``high_potential`` :math:`U_2` [V vs Li] at the faces: 0 at
      lithium metal, that at which the layer forms or decomposes at the other;
    * ``electronic_conductivity`` :math:`\sigma_0` [S/m], the part that no potential changes: a
      measured value of which nothing more is known;
    * ``n_type_conductivity`` :math:`\sigma_n` [S/m], of excess electrons at the low face, and
      ``p_type_conductivity`` :math:`\sigma_p` [S/m], of holes at the high one;
    * ``volume_per_lithium`` V [m3/mol]: of layer that a mole of lithium makes when it has crossed.

    At 298.15 K, as the law of growth. Limits: local equilibrium in the layer and at its faces, no
    space charge, so that it is much thicker than a Debye length; no cracks.
    """

    ionic_conductivity: float = quantity("S/m", above=0)
    high_potential: float = quantity("V")
    volume_per_lithium: float = quantity("m3/mol", above=0)
    low_potential: float = quantity("V", default=0.0)
    electronic_conductivity: float = quantity("S/m", low=0, default=0.0)
    n_type_conductivity: float = quantity("S/m", low=0, default=0.0)
    p_type_conductivity: float = quantity("S/m", low=0, default=0.0)

    def check(self) -> None:
        if not 0 < self.high_potential - self.low_potential <= _LARGEST_DROP:
            raise InputError(
                f"{self.high_potential:g} V must lie above low_potential, "
                f"{self.low_potential:g} V, by at most {_LARGEST_DROP:g} V",
                where="high_potential",
            )
        if not self.electronic_conductivity + self.n_type_conductivity + self.p_type_conductivity:
            raise InputError(
                "a layer without electrons does not grow; give electronic_conductivity, "
                "n_type_conductivity or p_type_conductivity"
            )

    @property
    def rate(self) -> float:
        """k, growth rate of the squared thickness [m2/s]."""
        drop = self.high_potential - self.low_potential
        return 2 * self.volume_per_lithium / FARADAY * self.mean_conductivity * drop

    @property
    def mean_conductivity(self) -> float:
        r"""Mean of :math:`\sigma_i\sigma_e/(\sigma_i+\sigma_e)` over the potential [S/m]."""
        scale = GAS_CONSTANT * _REFERENCE / FARADAY
        drop = (self.high_potential - self.low_potential) / scale
        straight, carried = _integrals(
            self.ionic_conductivity + self.electronic_conductivity,
            self.n_type_conductivity,
            self.p_type_conductivity * math.exp(-drop),
            drop,
        )
        whole = self.ionic_conductivity * (self.electronic_conductivity * straight + carried)
        return whole / drop

    def electronic_conductivity_at(self, potential: ArrayLike | str) -> Array:
        r""":math:`\sigma_e` [S/m], all three parts, at a ``potential`` [V vs Li]."""
        scale = GAS_CONSTANT * _REFERENCE / FARADAY
        given = numbers(potential, "V", "potential")
        return np.asarray(
            self.electronic_conductivity
            + self.n_type_conductivity * np.exp(-(given - self.low_potential) / scale)
            + self.p_type_conductivity * np.exp((given - self.high_potential) / scale)
        )

    def thickness_after(self, time: ArrayLike | str, thickness: float | str = 0.0) -> Array:
        """Thickness [m] after a ``time`` [s] at 298.15 K, from a ``thickness`` [m] at its start."""
        passed = numbers(time, "s", "time")
        if np.any(passed < 0):
            raise InputError("must not be below 0 s", where="time")
        return np.sqrt(within(thickness, "m", "thickness", low=0) ** 2 + self.rate * passed)

    def as_growth(self, activation_energy: float | str = 0.0) -> DiffusionLimitedGrowth:
        """The law of growth of a cell, with an ``activation_energy`` [J/mol] of the rate."""
        energy: Any = activation_energy
        return DiffusionLimitedGrowth(rate=self.rate, activation_energy=energy)


def _integrals(constant: float, electrons: float, holes: float, drop: float) -> tuple[float, float]:
    r"""Of 1/S and (S - constant)/S over 0 to ``drop``, S = constant + n exp(-v) + p exp(v).

    With z = exp(v) the denominator is a parabola in z. Where its roots lie apart, partial
    fractions in logarithms keep all digits however small n and p are; where electrons carry as
    much as ions, the plain inverse tangent does.
    """
    end = math.exp(drop)
    product = 4 * electrons * holes
    if product > _MIXED * constant**2:
        gap = constant**2 - product
        across = (end - 1) / (2 * electrons + constant * (1 + end) + 2 * holes * end)
        straight = 2 * across * _artanh_over(gap * across**2)
        return straight, drop - constant * straight
    root = math.sqrt(constant**2 - product)
    larger = (constant + root) / 2
    near, far = electrons / larger, holes / larger  # minus the small root; over the large one
    low = math.log1p(near) - math.log1p(near / end)
    high = math.log1p(far * end) - math.log1p(far)
    straight = (drop - low - high) / root
    return straight, -product / (root * (constant + root)) * drop + constant / root * (low + high)


def _artanh_over(square: float) -> float:
    """artanh(x) / x for x squared, which is negative where it is the arctangent's."""
    if abs(square) < _FEW:
        return 1 + square / 3 + square**2 / 5 + square**3 / 7
    if square < 0:
        return math.atan(math.sqrt(-square)) / math.sqrt(-square)
    return math.atanh(math.sqrt(square)) / math.sqrt(square)
