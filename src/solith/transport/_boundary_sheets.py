"""What boundaries conduct along themselves, on the faces between voxels beside them.

A boundary of width w conducts along itself as a sheet of the conductance G = w s [S], half of it on
either side of what resists across. Its stairs are squares of lattice edges. Moved by half a voxel
along every direction, towards grain a on its side and towards b on the other, every edge of the
stairs is a way between the centres of two voxels of that grain: the faces to which the sheet adds.

A square across d, with h the widths of a voxel, adds along each of the other directions e
(f the third) half of

    g_e = G h_f / h_e K_e / (|n|_1 - |n_e|)

to either of its two edges along e, so that the power of a plane boundary of the area S in an even
field E is G S sum_e K_e E_e^2, whatever the voxels: across d lie S |n_d| / (h_e h_f) squares, and
sum_{d not e} |n_d| = |n|_1 - |n_e|. Two limits tell K_e, n being the boundary's true unit normal.

Where the sheet is strong, its potential is its own. K_e = 1 gives a field along the plane the power
G S E^2 that it ought to have, and the current is the same on all edges in two dimensions: exact
there, for (111), and for any plane along a lattice direction; of others the stairs lose up to 5 %,
because the current has to turn. With p = 27 (nx ny nz)^2 they are given 1 + 0.15 p (1 - p) times
(fitted to ten planes; 2.6 % is left).

Where it is weak, the field is that of the grains, G S (E^2 - (n E)^2) would be right, and its
part without products of two components is K_e = 1 - n_e^2: right on the average over boundaries
that lean to either side.

Between them K_e = 1 - n_e^2 + n_e^2 q / (q + 8), with q = G / (s_grain h) the sheet over a voxel:
the 8 was fitted to six planes in q from 0.1 to 100, for which the mean over the directions of the
field is then right within 5 %, in most cases within 2.

Where a boundary ends, at a line of three grains, its last edge is joined to the next boundary's,
each with half of its own, whatever resists across. That is of the first order in the voxels: of
random grains in two dimensions that do not conduct themselves, boundaries conduct 6, 2.4, 1.3 and
0.6 % too much with 8, 15, 30 and 60 voxels across a grain. At an electrode without a layer a sheet
reaches it; under a layer it ends half a voxel below. Of a boundary that turns only the sizes of the
normal are known: its edges go either way, as far as they stay in the grain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.polycrystal import Polycrystal
from solith.transport._polycrystal_inputs import boundary_conductivities

__all__ = ["HALF_STRONG", "Sheets", "sheets_of"]

Array = NDArray[Any]

HALF_STRONG = 8.0
"""How strong a sheet is, over a voxel, halfway between the two limits of its stairs."""


@dataclass(frozen=True, eq=False)
class Sheets:
    """By pair of grains that touch, the lesser first: conductance [S] along, and normals.

    Unit normals; of a boundary that turns the mean of their sizes, which is shorter.
    """

    conductances: Array
    normals: Array


def sheets_of(
    polycrystal: Polycrystal, along: Any, one: Array, other: Array, width: float
) -> Sheets:
    """The sheets between the grains ``one`` and ``other``, of a conductivity ``along`` [S/m]."""
    conducts = boundary_conductivities(along, one, other, polycrystal.count, "along")
    normals = polycrystal.boundary_normals(one, other)
    normals[:, np.array(polycrystal.shape) == 1] = 0.0  # a section: the line's normal in its plane
    sizes, _ = polycrystal.boundary_directions(one, other)
    return Sheets(width * conducts, np.copysign(sizes, normals))
