"""The separator's thickness at which a stack under load has a wanted energy."""

from __future__ import annotations

from typing import Any

import numpy as np

from solith.design._paths import with_arrays
from solith.design._weights import weigh
from solith.design.load import Load
from solith.design.stack import Stack

__all__ = ["energy_at_load", "thickness_at_load"]

_PLACE = "separator.thickness"
_POINTS = 2001
_THINNEST = 1e-6  # of the greatest thickness; where electrons leak none is no layer


def energy_at_load(stack: Stack, load: Load, by: str) -> Any:
    """Energy [J/kg or J/m3] that ``stack`` delivers at ``load``; 0 where it cannot bear it."""
    weights = weigh(stack)
    per = weights.mass if by == "gravimetric" else weights.volume
    return np.nan_to_num(load.on(stack, weights).delivered / per)


def thickness_at_load(
    stack: Stack, target: float, greatest: float, load: Load, by: str
) -> float | None:
    """The largest thickness [m] at which the energy is ``target`` [J/kg or J/m3] at ``load``.

    ``greatest`` is that at open circuit, which a load can only lessen. ``None`` where no thickness
    reaches the target. Found between two points of a grid, to rounding: electrons that leak make
    the energy fall at both ends.
    """
    from scipy.optimize import brentq

    def excess(thickness: Any) -> Any:
        return energy_at_load(with_arrays(stack, {_PLACE: thickness}), load, by) - target

    least = 0.0 if stack.separator.electronic_conductivity is None else _THINNEST
    grid = greatest * np.linspace(least, 1.0, _POINTS)
    reached = np.flatnonzero(excess(grid) >= 0)
    if not len(reached):
        return None
    last = int(reached[-1])
    if last == _POINTS - 1:
        return float(grid[-1])
    return float(brentq(lambda one: float(excess(one)), grid[last], grid[last + 1], xtol=1e-15))
