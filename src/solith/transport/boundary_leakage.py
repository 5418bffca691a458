"""Conduction along grain boundaries: of electrons that leak, or of ions in fast boundaries."""

from __future__ import annotations

from typing import Any

import numpy as np

from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal
from solith.core.quantities import to_si
from solith.core.result import UPPER_BOUND, Result, Value
from solith.core.threads import share_out
from solith.core.volume import AXES, axis_number
from solith.transport._boundary_kernels import count_faces
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

    ``leakage_conductivity`` [S/m] is that of the whole polycrystal, from a potential that falls
    evenly: the sum over boundaries of width x conductivity x area x (1 - n^2), over the volume,
    with n the true normal's component along the axis; width x conductivity x 2 / 3 of the boundary
    area per volume where they lie in all directions. ``boundary_conductivity`` and
    ``boundary_width`` are given as to :func:`solve_polycrystal`; a side that is periodic counts
    with its boundaries, but for those across the axis.

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
    try:
        width = to_si(boundary_width, "m")
    except InputError as error:
        raise error.inside("boundary_width") from None
    if width <= 0:
        raise InputError(f"{boundary_width!r} is not positive", where="boundary_width")
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
    sizes = np.array(polycrystal.voxel_size)
    # The faces across a direction add up to the boundary's projection.
    areas = (counts * boundaries.normals) @ (np.prod(sizes) / sizes)
    sheets = width**2 / boundaries.resistances
    volume = float(np.prod(polycrystal.size))
    conducts = float(np.sum(sheets * areas * (1 - boundaries.normals[:, along] ** 2))) / volume
    return Result(
        f"conduction along boundaries, along {AXES[along]}",
        (
            Value(
                "leakage_conductivity",
                conducts,
                "S/m",
                method="even potential on boundaries by their true normals",
                flags=(f"{UPPER_BOUND}: exact where boundaries meet at 120 degrees",),
            ),
            Value("boundary_area_per_volume", float(areas.sum()) / volume, "1/m"),
        ),
    )
