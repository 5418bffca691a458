"""Spheres on a simple cubic lattice: their effective conductivity by multipoles.

Rayleigh's method as McPhedran and McKenzie carry it to all orders (1978,
doi:10.1098/rspa.1978.0002), here derived anew and solved numerically: outside a sphere the voltage
is a sum of A R_lm + B I_lm, R_lm = r^l P_lm e^(im phi) / (l + m)! and I_lm = (l - m)! P_lm
e^(im phi) / r^(l+1). What other spheres' B send to one is A_lm = - sum B_l'm' S_(l+l', m+m') for
odd l, with S_LM the sum of I_LM over the lattice; by symmetry m is a multiple of 4. Of the dipole
that a sphere then has follows the conductivity, as in Maxwell's formula.
"""

from __future__ import annotations

from functools import cache
from math import factorial

import numpy as np
from numpy.typing import NDArray

__all__ = ["cubic_spheres"]

_MOST_DEGREE = 13
_NEAREST = 8
"""Half width of the smaller cube of lattice points over which sums are taken."""


def cubic_spheres(fraction: float, sphere: float) -> float:
    """Conductivity over the matrix's, of spheres that conduct ``sphere`` times as well.

    ``fraction`` of the volume, below pi / 6, where they touch.
    """
    radius = (3 * fraction / (4 * np.pi)) ** (1 / 3)
    modes = [
        (degree, order)
        for degree in range(1, _MOST_DEGREE + 1, 2)
        for order in range(-4 * (degree // 4), degree + 1, 4)
    ]
    sums = {
        (degree, order): _lattice_sum(degree, order)
        for degree in range(4, 2 * _MOST_DEGREE + 1, 2)
        for order in range(0, degree + 1, 4)
    }
    # B (l-m)! (l+m)! / a^(2l+1) = -A (s-1) l / (s l + l + 1), the left side being the unknown.
    strength = np.array([(sphere - 1) * n / (sphere * n + n + 1) for n, _ in modes])
    to_b = np.array([radius ** (2 * n + 1) / factorial(n - m) / factorial(n + m) for n, m in modes])
    coupling = np.array(
        [[sums.get((one + n, abs(m + k)), 0.0) for n, k in modes] for one, m in modes]
    )
    field = np.array([-1.0 if mode == (1, 0) else 0.0 for mode in modes])
    system = np.eye(len(modes)) - strength[:, None] * coupling * to_b
    dipole = np.linalg.solve(system, -strength * field)[modes.index((1, 0))]
    return float(1 + 3 * fraction * dipole / (1 - fraction * dipole))


@cache
def _lattice_sum(degree: int, order: int) -> float:
    """I_LM over all lattice points but the origin; cubes of two sizes, extrapolated."""
    small, large = (_sum_in_cube(degree, order, half) for half in (_NEAREST, 2 * _NEAREST))
    # What lies outside a cube of half width n + 1/2 falls as its power 2 - degree.
    ratio = ((2 * _NEAREST + 0.5) / (_NEAREST + 0.5)) ** (degree - 2)
    return (ratio * large - small) / (ratio - 1)


def _sum_in_cube(degree: int, order: int, half: int) -> float:
    from scipy.special import lpmv

    points = np.indices((2 * half + 1,) * 3).reshape(3, -1) - half
    x, y, z = points[:, points.any(axis=0)].astype(float)
    distance: NDArray[np.float64] = np.sqrt(x * x + y * y + z * z)
    angular = lpmv(order, degree, z / distance) * np.cos(order * np.arctan2(y, x))
    return float(factorial(degree - order) * np.sum(angular / distance ** (degree + 1)))
