"""The normal force of one contact, compiled: what :mod:`contact_laws` describes.

Lengths, moduli and forces are in any units that fit together.
"""

from __future__ import annotations

import math

import numba

__all__ = ["confinement", "contact_area", "normal_force", "yield_overlap"]

_compiled = numba.njit(nogil=True, cache=True, error_model="numpy", inline="always")

_FIRST, _FALL = 1.75, 4.4
"""Hardness over yield stress: 1 + 1.75 exp(-4.4 overlap / radius), 10.1016/j.jmps.2023.105492."""
_SHARPNESS = 4
"""Of the bend from what contacts bear alone to closing pores."""


@_compiled
def yield_overlap(radius: float, modulus: float, strength: float) -> float:
    """The overlap where Hertz's mean pressure reaches the hardness; infinite if nothing yields."""
    if strength == math.inf:
        return math.inf
    part = 0.75 * math.pi * (1.0 + _FIRST) * strength / modulus
    return radius * part * part


@_compiled
def contact_area(overlap: float, radius: float, first: float) -> float:
    """Hertz's area up to the overlap ``first``, then growing as the section of the spheres."""
    if overlap <= first:
        return math.pi * radius * overlap
    return math.pi * radius * (2.0 * overlap - first)


@_compiled
def normal_force(
    overlap: float, rest: float, radius: float, modulus: float, strength: float, tension: float,
    share: float, confined: float,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Force, new ``rest`` overlap, area and elastic stiffness of a contact that overlaps.

    ``rest`` is the overlap that plastic flow has left, where the unloaded contact bears nothing;
    ``share`` times the overlap is the softer particle's own, over its radius.
    """
    first = yield_overlap(radius, modulus, strength)
    area = contact_area(overlap, radius, first)
    reach = math.sqrt(area / math.pi)
    stiffness = 4.0 / 3.0 * modulus * reach
    force = stiffness * (overlap - rest)
    if strength < math.inf:
        hardness = strength * (1.0 + _FIRST * math.exp(-_FALL * share * overlap))
        limit = (hardness + confined) * area
        if force > limit:
            force = limit
            rest = overlap - force / stiffness
        elif force < -tension * area:
            force = -tension * area
            rest = overlap - force / stiffness
    return force, rest, area, 2.0 * modulus * reach


@_compiled
def confinement(porosity: float, strength: float, bulk: float, onset: float) -> float:
    """Pressure that closing the pores around one particle takes, beyond its contacts' own."""
    if onset <= 0.0 or strength == math.inf:
        return 0.0
    closed = 2.0 * strength / (3.0 * bulk)
    ratio = (onset / max(porosity, closed)) ** _SHARPNESS
    pressure = 2.0 / 3.0 * strength * math.log(1.0 + ratio) / _SHARPNESS
    return pressure + bulk * max(closed - porosity, 0.0)
