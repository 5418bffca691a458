"""A polycrystal's network with other conductivities, its stairs left as they were.

How much the stairs add to a boundary's resistance depends on its strength (``_stair_law.py``).
Where conductivities are complex, a factor that follows them would be that of no network of
resistors and capacitors; held at what it is at rest, all faces are such, and so is the whole.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.progress import SILENT
from solith.core.threads import share_out
from solith.transport._faces import no_faces
from solith.transport._multigrid import grid_of
from solith.transport._network import balance_grid
from solith.transport._polycrystal_stack import Stack

__all__ = ["FrozenNetwork"]

Array = NDArray[Any]


class FrozenNetwork:
    """The faces of a ``stack`` without layers, kept [S over ``scale``] to be solved many times."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._scale = _scale_of(stack)
        self._faces = stack.filled(self._scale)

    def resistance(self, conductivities: Array, boundaries: Array, tolerance: float) -> float:
        """Of the stack [ohm m2], with these conductivities [S/m] of grains and of boundaries."""
        stack, cells = self._stack, self._stack.cells
        with np.errstate(divide="ignore"):
            half = np.append(0.5 / conductivities, np.inf)
        # In units in which the best conductor is as good as that of the stack.
        unit = float(np.min(half) / np.min(stack.half))
        ratio = stack.boundaries.width / boundaries / stack.boundaries.resistances
        along = []
        for d in range(3):
            part = no_faces(cells, d)
            share_out(
                _rescale,
                cells[0],
                int(np.prod(cells)),
                stack.grains,
                stack.boundaries.offsets,
                stack.boundaries.others,
                stack.half,
                half / unit,
                ratio / unit,
                float(stack.widths[d]),
                float(np.prod(stack.widths) / stack.widths[d]) / self._scale,
                d,
                stack.periodic[d],
                d == stack.axis,
                self._faces[d],
                part,
            )
            along.append(part)
        faces, _, kept = stack.joined((along[0], along[1], along[2]))
        if kept == 0:
            raise InputError("the grains do not join the electrodes", where="conduction")
        solved = balance_grid(grid_of(faces), cells, stack.axis, tolerance, SILENT)
        current = self._scale * float(np.mean(solved.planes[stack.axis]))
        return unit * stack.area / current


def _scale_of(stack: Stack) -> float:
    best = 0.5 / float(stack.half.min())
    return float(best * max(np.prod(stack.widths) / stack.widths**2))


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _rescale(
    first: int,
    last: int,
    grains: Array,
    offsets: Array,
    others: Array,
    half_before: Array,
    half: Array,
    ratio: Array,
    width: float,
    area: float,
    d: int,
    periodic: bool,
    to_ends: bool,
    before: Array,
    faces: Array,
) -> None:
    """Faces across d after all resistances have changed: by grain, and by boundary (``ratio``)."""
    ni, nj, nk = grains.shape
    size = grains.shape[d]
    for i in range(first, last):
        for j in range(nj):
            for k in range(nk):
                here = grains[i, j, k]
                if here < 0:
                    continue
                q = i if d == 0 else (j if d == 1 else k)
                own = half[here] * width
                if to_ends and q == 0 and before[i, j, k] > 0.0:
                    faces[i, j, k] = area / own
                if to_ends and q == size - 1:
                    u, v, w = i + (d == 0), j + (d == 1), k + (d == 2)
                    if before[u, v, w] > 0.0:
                        faces[u, v, w] = area / own
                if q == 0 and not periodic:
                    continue
                a = (i if i else ni) - 1 if d == 0 else i
                b = (j if j else nj) - 1 if d == 1 else j
                c = (k if k else nk) - 1 if d == 2 else k
                there = grains[a, b, c]
                if there < 0:
                    continue
                total = own + half[there] * width
                if here != there:
                    one, other = min(here, there), max(here, there)
                    voxels = (half_before[here] + half_before[there]) * width
                    between = max(area / before[i, j, k] - voxels, 0.0)
                    for place in range(offsets[one], offsets[one + 1]):
                        if others[place] == other:
                            total += between * ratio[place]
                            break
                g = area / total
                faces[i, j, k] = g
                if q == 0:  # the last face is the first
                    faces[
                        i + (ni if d == 0 else 0),
                        j + (nj if d == 1 else 0),
                        k + (nk if d == 2 else 0),
                    ] = g
