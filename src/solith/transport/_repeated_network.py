"""A polycrystal's network with one set of conductivities after another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.progress import SILENT
from solith.transport._multigrid import grid_of
from solith.transport._network import balance_grid
from solith.transport._polycrystal_stack import Stack

__all__ = ["resistance_with"]

Array = NDArray[Any]


def resistance_with(
    stack: Stack, conductivities: Array, boundaries: Array, tolerance: float
) -> float:
    """Of a ``stack`` without layers [ohm m2], with these of grains and of boundaries [S/m]."""
    between = replace(stack.boundaries, resistances=stack.boundaries.width / boundaries)
    with np.errstate(divide="ignore"):
        half = np.append(0.5 / conductivities, np.inf)
    other = replace(stack, half=half, boundaries=between)
    scale = 0.5 / float(half.min()) * float(max(np.prod(stack.widths) / stack.widths**2))
    faces, _, kept = other.faces(scale)
    if kept == 0:
        raise InputError("the grains do not join the electrodes", where="conduction")
    solved = balance_grid(grid_of(faces), other.cells, other.axis, tolerance, SILENT)
    return other.area / (scale * float(np.mean(solved.planes[other.axis])))
