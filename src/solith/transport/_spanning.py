"""Which voxels are joined, through conducting faces, to both ends of a volume."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core import _run_kernels
from solith.core.voxel_runs import unite_voxels
from solith.transport._phase_tables import FaceTables

__all__ = ["keep_spanning"]

Array = NDArray[Any]


def keep_spanning(
    codes: Array,
    tables: FaceTables,
    axis: int,
    periodic: tuple[bool, bool, bool],
    empty: int,
) -> int:
    """Voxels that join both ends along ``axis``; the others of ``codes`` become ``empty``.

    Where ``axis`` is periodic, voxels stay that are joined to a path that winds round it.
    """
    passes = tuple(table > 0 for table in tables.between)
    runs = unite_voxels(codes, np.arange(len(passes[0])) != empty, passes)
    for direction in range(3):
        if periodic[direction] and direction != axis:
            runs.unite_seam(direction)
    spans = (
        runs.wind_round(axis)
        if periodic[axis]
        else runs.touch_ends(tables.first[axis] > 0, tables.last[axis] > 0, axis)
    )
    return int(_run_kernels.drop_runs(codes, *runs.table, spans, empty))
