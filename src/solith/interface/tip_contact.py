"""Current and field under a round contact on a deep conductor: a tip, or a pad."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solith.core.description import Description, quantity
from solith.core.errors import InputError
from solith.interface._arguments import Array, numbers, positive, within

__all__ = ["TipContact"]


@dataclass(frozen=True)
class TipContact(Description):
    r"""An equipotential disc of ``radius`` a [m] on a half-space of ``conductivity`` [S/m].

    The potential at distance r from the axis and depth z, for a bias V of the disc against the
    far end, and what follows from it:

    .. math::
        \phi &= \frac{2V}{\pi}\arcsin\frac{2a}{\sqrt{(r-a)^2+z^2} + \sqrt{(r+a)^2+z^2}} \\
        R &= \frac{1}{4\sigma a}, \qquad
        E_z(0, z) = \frac{2V}{\pi}\frac{a}{a^2+z^2}, \qquad
        E_z(r, 0) = \frac{2V}{\pi\sqrt{a^2-r^2}}

    Maxwell (1873) and Holm (Electric Contacts, 10.1007/978-3-662-06688-1); recalled. Conductivity
    is the ionic one for plating, the electronic one for leakage.

    **Range**: an even conductor, deep against a (a grain of ten radii is), contact without
    resistance of its own; with one, :meth:`interface_share` says how the bias divides. At the
    edge the field has no bound: it is asked for a distance inside it.
    """

    radius: float = quantity("m", above=0)
    conductivity: float = quantity("S/m", above=0)

    @property
    def spreading_resistance(self) -> float:
        """Resistance between the disc and the far end [ohm]."""
        return 1 / (4 * self.conductivity * self.radius)

    def potential(self, bias: float | str, distance: ArrayLike, depth: ArrayLike) -> Array:
        """Potential [V] at ``distance`` [m] from the axis and ``depth`` [m] below the surface."""
        r, z = numbers(distance, "m", "distance"), numbers(depth, "m", "depth")
        if np.any(z < 0):
            raise InputError("must be at least 0 m: it is counted downwards", where="depth")
        a, drive = self.radius, within(bias, "V", "bias")
        near, far = np.hypot(r - a, z), np.hypot(r + a, z)
        inner = np.minimum(2 * a / (near + far), 1.0)
        return np.asarray(2 * drive / math.pi * np.arcsin(inner))

    def field_below(self, bias: float | str, depth: ArrayLike | str) -> Array:
        """Field [V/m] on the axis at ``depth`` [m], away from the disc."""
        z = numbers(depth, "m", "depth")
        if np.any(z < 0):
            raise InputError("must be at least 0 m: it is counted downwards", where="depth")
        a, drive = self.radius, within(bias, "V", "bias")
        return np.asarray(2 * drive / math.pi * a / (a**2 + z**2))

    def field_in_contact(self, bias: float | str, from_edge: ArrayLike | str) -> Array:
        """Field [V/m] at the surface inside the disc, ``from_edge`` [m] away from its edge.

        Raises :class:`InputError` at the edge itself, where it has no bound, and beyond the axis.
        """
        away = numbers(from_edge, "m", "from_edge")
        if np.any((away <= 0) | (away > self.radius)):
            raise InputError(
                f"must lie above 0 m, where the field has no bound, and up to the radius, "
                f"{self.radius:g} m",
                where="from_edge",
            )
        drive = within(bias, "V", "bias")
        return np.asarray(2 * drive / math.pi / np.sqrt(away * (2 * self.radius - away)))

    def interface_share(self, area_resistance: float | str) -> float:
        r"""Part of the bias that falls on the contact's own ``area_resistance`` r [ohm m2].

        :math:`1 / (1 + \pi a / 4\sigma r)`: r, on the *contact* area, and spreading in series. An
        r that makes the flux even raises the spreading resistance by 8 % (:math:`8/3\pi^2` in place
        of 1/4), which is left out.
        """
        own = positive(area_resistance, "ohm m2", "area_resistance")
        return 1 / (1 + math.pi * self.radius / (4 * self.conductivity * own))

    def trigger_bias(self, threshold: ArrayLike, area_resistance: float | str) -> Array:
        """Bias [V] at which the overpotential across the interface is the ``threshold`` [V]."""
        return np.asarray(
            numbers(threshold, "V", "threshold") / self.interface_share(area_resistance)
        )
