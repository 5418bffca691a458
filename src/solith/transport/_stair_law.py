"""The resistance of a boundary that is cut into stairs by the voxels.

The conductance of the face between two voxels, across direction d, of area A:

    A / (v + r_d),   v = h / 2 s_a + h / 2 s_b,   with r the boundary's resistance per its own area

r_d stands between two limits, with n the boundary's true unit normal. A plane boundary of area S is
cut into stairs whose faces across direction d add up to its projection, S |n_d|, whatever the
voxels' sides.

Where the boundary limits the current, the potential jumps by the same u on all faces, and
sum_d S |n_d| u / r_d = S u / r, of any shape of voxels, asks for r_d = r |n|_1, with
|n|_1 = |nx| + |ny| + |nz|.

Where the boundary is weak, the current density j is what it would be without it, and the power in
it ought to be S r (j n)^2, of which the faces take sum_d S |n_d| r_d j_d^2. With r_d = r |n_d| that
is S r sum_d (j_d n_d)^2: right on the average over boundaries that lean to either side. With
r |n|_1 it would be more than twice as much (for random directions 2.3 times).

Between them r_d = r (|n_d| + (|n|_1 - |n_d|) r / (r + 4.5 v)): the 4.5 was fitted to lamellae
tilted in eight ways, r / v from 0.03 to 300, whose conductivity is known exactly. What is left is
of the first order in the voxel size: currents along a strong boundary do not enter its teeth, as if
half a voxel were missing there. Lamellae in two dimensions that are far apart would ask for 2.7 at
r / v from 0.3 to 7; in three, weak boundaries in all directions ask for 4.5. So boundaries of
1e-2 of the grains' conductivity do 6 to 8 % too little (0.3 % of the whole conductivity).

The factor follows r: where boundaries resist one part in a thousand more, a face does by
r dr_d/dr = r (|n_d| + (|n|_1 - |n_d|) r (r + 9 v) / (r + 4.5 v)^2) of a thousandth. That part of
the voltage over a face is the boundaries' share of the power in it: of true boundaries, d ln R / d
ln r of a resistance R is the power in them over the whole. r_d alone would be too little, because
the stairs' factor grows with r.
"""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable

__all__ = ["boundary_part_on_stairs", "resistance_on_stairs"]

_TEETH = 4.5
"""How many voxels resist as a boundary does between the two limits of its stairs."""


@register_jitable(inline="always")
def resistance_on_stairs(plain: Any, across: Any, beside: Any, voxels: Any) -> Any:
    """r_d of a finite resistance ``plain``: numbers or arrays, in Python and in compiled loops.

    ``across`` stands for |n_d|, ``beside`` for |n|_1 - |n_d|, ``voxels`` for v.
    """
    return plain * (across + beside * plain / (plain + _TEETH * voxels))


@register_jitable(inline="always")
def boundary_part_on_stairs(plain: Any, across: Any, beside: Any, voxels: Any) -> Any:
    """r dr_d/dr of the same: the part of a face's resistance that follows the boundaries'."""
    teeth = _TEETH * voxels
    return plain * (
        across + beside * plain * (plain + 2 * teeth) / ((plain + teeth) * (plain + teeth))
    )
