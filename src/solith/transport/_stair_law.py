"""The resistance of a boundary that is cut into stairs by the voxels.

A plane boundary of area S and of the true unit normal n is cut into stairs whose faces across
direction d add up to its projection, S |n_d|, whatever the voxels' sides. Where the potential jumps
by the same u on all of them, sum_d S |n_d| u / r_d = S u / r asks for faces of r_d = r |n|_1, with
|n|_1 = |nx| + |ny| + |nz| and r the boundary's resistance per its own area.

That is right for the current across a boundary. Along it, currents do not enter the teeth of a
strong one: some voxels' thickness (0.3 to 0.75 in two dimensions) does not conduct. What makes up
for it:

**Polycrystals**, whose boundaries have each their own normal, move resistance along every line of
voxels: from the faces next to a boundary's, in the same grain, to that face. A line resists as
before, so the current across finds what it did, but there is a better way behind the teeth. How
much is moved follows from planes along the voxels' diagonals, (11) and (111), which the network can
solve by hand. Between their layers of voxels there are layers of faces, each of which conducts
along the plane like a layer of the same thickness. The boundary's layer does less, by the part
y = r_d / (v + r_d), with v the resistance of a voxel. Half of it is what each of the next layers
has to do more: v / (v - m) = 1 + y / 2. With r_d = r |n|_1 + 2 m that is

    6 (m/v)^2 + 3 q m/v - q = 0,   m / v = 2 / (3 + sqrt(9 + 24 / q)),   q = r |n|_1 / v:

a third of a voxel next to strong boundaries, and nothing next to those that do not resist. Such
planes are exact then, for all r; planes along the voxels move nothing. Of tilts between, a seventh
to a third of a voxel is missing along strong boundaries, and across them the error is below 0.06 of
a voxel. Grains of two conductivities each move by their own v.

Where boundaries resist one part in a thousand more, r d/dr of a face's resistance is what it takes
of a thousandth: m' = q dm/dq = v 24 / (q s (3 + s)^2), with s the root. That part of the
voltage over a face (negative where m is taken away) is the boundaries' share of the power in it: of
true boundaries, d ln R / d ln r of a resistance R is the power in them over the whole.

**Phases of a volume** have one mean normal for each pair and tables of faces by pair, which know
nothing of the next voxel. Their faces stand between two limits: r_d = r |n|_1 where the surface
limits the current, and r |n_d| where it is weak and the current density j is what it would be
without it, so that the power S r (j n)^2 is sum_d S |n_d| r_d j_d^2 on the average over surfaces
that lean to either side. Between them r_d = r (|n_d| + (|n|_1 - |n_d|) r / (r + 4.5 v)): the 4.5
was fitted to the conductivity of lamellae tilted in eight ways, r / v from 0.03 to 300. It lets
too much across (by 0.7 to 2 v at r / v from 7 to 70) for what is missing along: good for the whole
conductivity, less so for the surface's share (6 to 8 % too little at r / v of some units) and for
currents near it.
"""

from __future__ import annotations

import math
from typing import Any

from numba.extending import register_jitable

__all__ = ["moved_by_stairs", "resistance_on_stairs"]

_TEETH = 4.5
"""How many voxels resist as a surface does between the two limits of its stairs."""


@register_jitable(inline="always")
def resistance_on_stairs(plain: Any, across: Any, beside: Any, voxels: Any) -> Any:
    """r_d of a finite resistance ``plain``: numbers or arrays, in Python and in compiled loops.

    ``across`` stands for |n_d|, ``beside`` for |n|_1 - |n_d|, ``voxels`` for v.
    """
    return plain * (across + beside * plain / (plain + _TEETH * voxels))


@register_jitable(inline="always")
def moved_by_stairs(ratio: float) -> tuple[float, float]:
    """m / v and its derivative after the logarithm of ``ratio``, which stands for r |n|_1 / v."""
    if ratio == 0.0:
        return 0.0, 0.0
    root = math.sqrt(9.0 + 24.0 / ratio)
    return 2.0 / (3.0 + root), 24.0 / (ratio * root * (3.0 + root) ** 2)
