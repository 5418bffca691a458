"""A sphere and a plate into which lithium enters at a constant rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "EARLY",
    "SHAPES",
    "Shape",
    "plate_rise",
    "sphere_rise",
    "surface_rise",
    "true_penetration",
]

_ROOTS = np.array([4.493409457909064, 7.725251836937707, 10.904121659428899, 14.066193912831473])
"""The first roots of tan l = l above 0."""

_WAVES: NDArray[np.float64] = np.pi * np.arange(1.0, 8.0)
"""The first n pi of a plate."""

EARLY = 0.0625
"""D t / R^2 below which the centre does not know of the flux (to 1e-7 of the rise) and above
which four roots are enough (to 1e-9)."""


def surface_rise(time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rise of a sphere's surface concentration by a constant flux J since 0, per J R / D.

    ``time`` is D t / R^2, of any shape; before 0 nothing has risen. Early exp(x) (1 +
    erf sqrt(x)) - 1, late 3 x + 1/5 - 2 sum exp(-l^2 x) / l^2 over the roots of tan l = l; both
    forms and their source as in :func:`sphere_rise`.
    """
    from scipy.special import erf

    x = np.maximum(time, 0.0)
    early = x < EARLY
    risen = np.empty_like(x)
    near, far = x[early], x[~early]
    risen[early] = np.exp(near) * (1.0 + erf(np.sqrt(near))) - 1.0
    waves = np.exp(-(_ROOTS**2) * far[..., None]) / _ROOTS**2
    risen[~early] = 3.0 * far + 0.2 - 2.0 * np.sum(waves, axis=-1)
    return risen


def plate_rise(time: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same of a plate of thickness L, entered from one side, per J L / D over D t / L^2.

    Early 2 sqrt(x / pi), late x + 1/3 - 2 sum exp(-n^2 pi^2 x) / (n pi)^2 (Carslaw and Jaeger,
    section 3.8; recalled, no source read).
    """
    x = np.maximum(time, 0.0)
    early = x < EARLY
    risen = np.empty_like(x)
    risen[early] = 2.0 * np.sqrt(x[early] / np.pi)
    far = x[~early]
    sums = np.sum(np.exp(-(_WAVES**2) * far[..., None]) / _WAVES**2, axis=-1)
    risen[~early] = far + 1.0 / 3.0 - 2.0 * sums
    return risen


@dataclass(frozen=True)
class Shape:
    """A body: ``rise`` of its surface by a constant flux J, per J L / D over D t / L^2.

    L is its length (a sphere's radius), ``inverse_length`` is S L / V. Where time is above
    ``EARLY`` the rise is ``inverse_length`` t + a constant - 2 sum exp(-rate t) / rate.
    """

    rise: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    inverse_length: float
    rates: NDArray[np.float64]


SHAPES = {
    "sphere": Shape(surface_rise, 3.0, _ROOTS**2),
    "plate": Shape(plate_rise, 1.0, _WAVES**2),
}


def sphere_rise(penetration: float) -> float:
    """Surface concentration of a sphere under constant flux beside that of a half-space.

    ``penetration`` is x = sqrt(D t) / R. Below 0.4: sqrt(pi) / (2 x) (exp(x^2) (1 + erf x)
    - 1), from the transform of the exact solution with coth(qR) = 1; above: 3 x^2 + 1/5 -
    2 sum exp(-(l x)^2) / l^2 over the roots of tan l = l, in place of the bracket (Carslaw
    and Jaeger, Conduction of Heat in Solids, section 9.7; recalled, no source read).
    """
    from scipy.special import erf

    if penetration < 1e-6:
        return 1.0
    square = penetration**2
    if penetration < 0.4:
        risen = np.exp(square) * (1 + erf(penetration)) - 1
    else:
        risen = 3 * square + 0.2 - 2 * np.sum(np.exp(-square * _ROOTS**2) / _ROOTS**2)
    return float(risen * np.sqrt(np.pi) / (2 * penetration))


def true_penetration(apparent: float) -> float:
    """The sqrt(D tau) / R of a sphere whose D from the pulse gives the ``apparent`` one.

    Long pulses all give 2 / (3 sqrt(pi)): there, the largest one is returned.
    """
    from scipy.optimize import brentq

    largest = 10.0

    def miss(true: float) -> float:
        return true / sphere_rise(true) - apparent

    return float(brentq(miss, 0.0, largest)) if miss(largest) > 0 else largest
