"""The laws of contact between two particles: elastic, and elastic-plastic with cohesion."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.compaction._law_kernels import confinement, contact_area, normal_force, yield_overlap
from solith.compaction._motion_kernels import ONSET
from solith.core.description import Description, quantity
from solith.core.errors import InputError
from solith.core.quantities import to_si

__all__ = ["HertzContact", "PlasticContact"]


@dataclass(frozen=True)
class HertzContact(Description):
    r"""Two elastic spheres: a force that grows with the overlap to the power 3/2.

    :math:`F = \frac43 E^* \sqrt{R}\,\delta^{3/2}` at an overlap delta, on the area pi R delta.
    ``radius`` R is the effective one, 1/R = 1/R1 + 1/R2 [m]; ``modulus`` E* the contact modulus,
    1/E* = (1 - nu1^2)/E1 + (1 - nu2^2)/E2 [Pa]. Hertz, 1882 (K. L. Johnson, Contact Mechanics,
    10.1017/CBO9781139171731, recalled).
    """

    radius: float = quantity("m", above=0)
    modulus: float = quantity("Pa", above=0)

    def force(self, overlap: Any) -> float:
        """Force [N] at an overlap [m, or with unit]; zero for spheres apart."""
        depth = to_si(overlap, "m")
        if depth <= 0:
            return 0.0
        elastic = (0.0, self.radius, self.modulus, math.inf, 0.0, 0.0, 0.0)
        return float(normal_force(depth, *elastic)[0])

    def area(self, overlap: Any) -> float:
        """Contact area [m2] at an overlap [m, or with unit]."""
        return float(contact_area(max(to_si(overlap, "m"), 0.0), self.radius, math.inf))


@dataclass(frozen=True)
class PlasticContact(Description):
    r"""A contact that flows under load, unloads elastically and bears some tension.

    Loading follows Hertz until the mean pressure is the hardness, then :math:`F = (H + p_c) A`
    with the area :math:`A = \pi R (2\delta - \delta_y)`, which grows as the section of the spheres
    does. The hardness falls from 2.75 to 1 yield stress ``strength`` Y as the contact grows
    (:math:`H/Y = 1 + 1.75 e^{-4.4\,\delta_i/R_i}`: Zunker and Kamrin,
    10.1016/j.jmps.2023.105492, as its users write it), ``share`` being the softer particle's part
    of the overlap over its radius [1/m]. Unloading and loading again are elastic, with Hertz's
    stiffness 4/3 E* a; pulled apart, the contact bears ``tension`` [Pa] times its area and then
    lets go along that limb, as in Luding's law (10.1007/s10035-008-0099-x).

    ``confined`` p_c is what the pores around the particles add as they close: see
    :meth:`confinement`.
    """

    radius: float = quantity("m", above=0)
    modulus: float = quantity("Pa", above=0)
    strength: float = quantity("Pa", above=0)
    tension: float = quantity("Pa", low=0, default=0.0)
    share: float | None = quantity("1/m", low=0, default=None)

    @property
    def yield_overlap(self) -> float:
        """Where flow begins [m]."""
        return float(yield_overlap(self.radius, self.modulus, self.strength))

    def area(self, overlap: Any) -> float:
        """Contact area [m2] at an overlap [m, or with unit]."""
        return float(contact_area(max(to_si(overlap, "m"), 0.0), self.radius, self.yield_overlap))

    def path(self, overlaps: Iterable[float], confined: float = 0.0) -> NDArray[np.float64]:
        """Forces [N] along a sequence of overlaps [m], which the contact remembers.

        Steps should be small beside the elastic range, as those of the engine are.
        """
        share = 0.25 / self.radius if self.share is None else self.share
        rest, forces = 0.0, []
        for overlap in overlaps:
            force = 0.0
            if overlap > 0:
                force, rest, _, _ = normal_force(
                    overlap, rest, self.radius, self.modulus, self.strength, self.tension, share,
                    confined,
                )  # fmt: skip
            else:
                rest = 0.0
            forces.append(force)
        return np.array(forces)

    def confinement(self, porosity: float, bulk_modulus: Any, contacts: float = 12.0) -> float:
        r"""Pressure [Pa] that the pores around a particle add to its contacts as they close.

        :math:`p_c = \frac23 Y \cdot \frac14 \ln(1 + (0.75/nf)^4)` at a local porosity f and
        ``contacts`` n. A hollow sphere of a perfectly plastic solid takes
        :math:`\frac23 Y\ln(1/f)` to close further (Torre 1948, recalled); the pores between
        particles, with their cusps, take as much less as the more of them there are. The form and
        its two numbers are solith's own, chosen once so that simple and face-centred cubic lattices
        bear what finite elements of one particle bear; body-centred ones come out a quarter too
        stiff above a density of 0.9 (``validation/_dense_contacts.py``). The pressure diverges as
        pores close, until the solid itself gives way: from f = 2Y/3K it goes on with the bulk
        modulus K.

        In the engine f is each particle's share of all void volume, in proportion to its free
        surface to the power 3/2 (pores that shrink alike), so that the pores sum to the void
        there is; n counts contacts by their radii, :math:`(\sum a)^2/\sum a^2`, so that small ones
        count little; and p_c acts on the particle's whole surface, shared out to its contacts by
        area. Contact laws with a term of local density go back to
        10.1016/j.ijsolstr.2009.05.008, the free surface as its measure to
        10.1016/j.jmps.2023.105493.
        """
        if not porosity < 1:
            raise InputError(f"{porosity!r} must be below 1", where="porosity")
        bulk = to_si(bulk_modulus, "Pa")
        if bulk <= 0:
            raise InputError(f"{bulk_modulus!r} must be above 0 Pa", where="bulk_modulus")
        if not contacts > 0:
            raise InputError(f"{contacts!r} must be above 0", where="contacts")
        return float(confinement(porosity, self.strength, bulk, ONSET / contacts))
