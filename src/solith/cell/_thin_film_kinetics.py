"""Charge transfer at the flat interfaces of a thin-film cell, for arrays and PyBaMM symbols."""

from __future__ import annotations

from typing import Any

import numpy as np

from solith.cell.thin_film import AsymmetricButlerVolmer, FilmTransfer

__all__ = ["SHAPES", "exchange_factor", "scaled_current", "scaled_overpotential"]

SHAPES = {"butler-volmer": "symmetric", "linear": "linear", "asymmetric": "asymmetric"}
"""How current depends on overpotential, by the name of the law."""

_ROUNDING = 1e-9  # by which nothing left of a species is more than nothing
_STEPS = 5


def exchange_factor(law: FilmTransfer, fraction: Any, mobile: Any) -> Any:
    """The exchange current density over its reference value.

    ``fraction`` is the lithium fraction at the film's face, ``None`` on a metal; ``mobile``
    the electrolyte's mobile lithium over that at equilibrium. In "square root" the mobile
    lithium enters as its root (Doyle, Fuller and Newman, 10.1149/1.2221597).
    """
    if isinstance(law, AsymmetricButlerVolmer):
        alpha = law.anodic_coefficient
        of_electrolyte = _positive(mobile) ** alpha
        if fraction is None:
            return of_electrolyte
        filled, empty = _positive(2 * fraction), _positive(2 - 2 * fraction)
        return empty**alpha * filled ** (1 - alpha) * of_electrolyte
    if law.concentration == "constant":
        return 1.0
    return 2 * _positive(fraction * (1 - fraction)) ** 0.5 * _positive(mobile) ** 0.5


def scaled_overpotential(shape: str, ratio: Any, alpha: Any) -> Any:
    r"""F eta / RT at ``ratio``, the anodic current density over the exchange current density.

    ``shape`` is "linear", "symmetric" or "asymmetric". The last has no closed form: Newton
    steps on :math:`\operatorname{arsinh}(j / 2 j_0)`, nearly straight in eta, from a hyperbola
    along both of its branches; within 1e-12 for ``alpha`` from 0.1 to 0.9.
    """
    if shape == "linear":
        return ratio
    if shape == "symmetric":
        return 2 * np.arcsinh(ratio / 2)
    wanted = np.arcsinh(ratio / 2)
    ahead, behind = 1 / (2 * alpha), 1 / (2 * (1 - alpha))
    bend = (wanted**2 + 1) ** 0.5 - 1
    result = wanted * (ahead + behind) + bend * (ahead - behind)
    for _ in range(_STEPS):
        forward, backward = np.exp(alpha * result), np.exp((alpha - 1) * result)
        half = (forward - backward) / 2
        slope = (alpha * forward + (1 - alpha) * backward) / 2
        result = result - (np.arcsinh(half) - wanted) * (1 + half**2) ** 0.5 / slope
    return result


def scaled_current(shape: str, scaled: Any, alpha: Any) -> Any:
    """Anodic current density over the exchange current density at F eta / RT."""
    if shape == "linear":
        return scaled
    if shape == "symmetric":
        return 2 * np.sinh(scaled / 2)
    return np.exp(alpha * scaled) - np.exp((alpha - 1) * scaled)


def _positive(value: Any) -> Any:
    """``max(value, 0)`` with a finite slope where it bends, for the solver's sake."""
    return (value + (value**2 + _ROUNDING**2) ** 0.5) / 2
