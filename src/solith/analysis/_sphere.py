"""A sphere into which lithium enters at a constant rate, beside a half-space."""

from __future__ import annotations

import numpy as np

__all__ = ["sphere_rise", "true_penetration"]


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
        roots = np.array([4.493409458, 7.725251837, 10.90412166, 14.06619391])
        risen = 3 * square + 0.2 - 2 * np.sum(np.exp(-square * roots**2) / roots**2)
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
