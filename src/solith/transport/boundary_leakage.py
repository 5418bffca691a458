"""Conduction along grain boundaries: of electrons that leak, or of ions in fast boundaries."""

from __future__ import annotations

from typing import Any

import numpy as np

from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal
from solith.core.quantities import in_unit
from solith.core.result import UPPER_BOUND, Result, Value
from solith.core.threads import share_out
from solith.core.volume import AXES, axis_number
from solith.transport._boundary_kernels import count_faces
from solith.transport._polycrystal_problem import read_width
from solith.transport._polycrystal_stack import boundaries_of

__all__ = ["measure_boundary_leakage"]


def measure_boundary_leakage(
    polycrystal: Polycrystal,
    boundary_conductivity: Any,
    boundary_width: Any,
    *,
    axis: str | int = "z",
) -> Result:
    """What boundaries conduct along themselves, through grains that do not, along ``axis``.

    ``leakage_conductivity`` [mS/cm] is that of the whole polycrystal, from a potential that falls
    evenly: the sum over boundaries of width x conductivity x area x (1 - n^2), over the volume,
    with n^2 the square of the true normal's component along the axis, the mean of a boundary that
    turns; width x conductivity x 2 / 3 of the boundary area per volume where they lie in all
    directions. ``boundary_conductivity`` and ``boundary_width`` are given as to
    :func:`solve_polycrystal`; a side that is periodic counts with its boundaries, but for those
    across the axis.

    By the principle of least power this is an upper bound. It is exact where the even potential
    satisfies the balance at every edge: where boundaries of one conductivity meet at 120 degrees,
    or cross straight. It is the conductivity of electrons that leak along boundaries; and of fast
    boundaries, without resistance across, it adds to that of the grains, with the same limits.
    Boundaries that are slow across conduct next to nothing along themselves.

    Raises :class:`InputError`.
    """
    if not isinstance(polycrystal, Polycrystal):
        raise InputError(
            f"expected a Polycrystal, not {type(polycrystal).__name__}", where="polycrystal"
        )
    along = axis_number(axis)
    width = read_width(polycrystal, boundary_width)
    wraps = [wraps and d != along for d, wraps in enumerate(polycrystal.periodic)]
    boundaries = boundaries_of(
        polycrystal, boundary_conductivity, width, (wraps[0], wraps[1], wraps[2])
    )
    counts = share_out(
        count_faces,
        polycrystal.shape[0],
        polycrystal.grains.size,
        polycrystal.grains,
        boundaries.offsets,
        boundaries.others,
        np.array(wraps),
    )
    voxel = np.array(polycrystal.voxel_size)
    firsts = np.repeat(np.arange(polycrystal.count), np.diff(boundaries.offsets))
    sizes, squares = polycrystal.boundary_directions(firsts, boundaries.others)
    # The faces across a direction add up to the boundary's projection.
    each = np.divide(squares, sizes, out=np.zeros_like(sizes), where=sizes > 0)
    areas = (counts * each) @ (np.prod(voxel) / voxel)
    sheets = width**2 / boundaries.resistances
    volume = float(np.prod(polycrystal.size))
    conducts = float(np.sum(sheets * areas * (1 - squares[:, along]))) / volume
    return Result(
        f"conduction along boundaries, along {AXES[along]}",
        (
            Value(
                "leakage_conductivity",
                in_unit(conducts, "S/m", "mS/cm"),
                "mS/cm",
                method="even potential on boundaries by their true normals",
                flags=(f"{UPPER_BOUND}: exact where boundaries meet at 120 degrees",),
            ),
            Value("boundary_area_per_volume", 1e-6 * float(areas.sum()) / volume, "1/um"),
        ),
    )
