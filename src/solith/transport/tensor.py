"""The conductivity of a voxel volume in all directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.core.volume import AXES, Volume
from solith.transport.conduction import Conduction, solve_conduction

__all__ = ["ConductivityTensor", "solve_conductivity_tensor"]


@dataclass(frozen=True, eq=False, repr=False)
class ConductivityTensor:
    """The effective conductivity in all directions.

    ``tensor`` [S/m], shape (3, 3): the mean current density in each direction (rows) for a unit
    field in each (columns). With fixed ends and insulating sides currents across the field are not
    those of the medium, and only the diagonal is given, the rest is NaN. ``along`` holds the
    solution for each axis.
    """

    tensor: NDArray[np.float64]
    along: tuple[Conduction, Conduction, Conduction]

    @property
    def result(self) -> Result:
        """The values as a result that prints itself and goes into a report."""
        values = []
        for row, column in zip(*np.triu_indices(3), strict=True):
            number = 0.5 * (self.tensor[row, column] + self.tensor[column, row])
            if np.isfinite(number):
                name = f"effective_conductivity_{AXES[row]}{AXES[column]}"
                flags = self.along[row].flags if row == column else ()
                values.append(Value(name, float(number), "S/m", flags=flags))
        return Result("conductivity tensor", tuple(values))

    def __repr__(self) -> str:
        return str(self.result)


def solve_conductivity_tensor(
    volume: Volume | ArrayLike,
    conductivity: Mapping[Any, Any],
    boundary: str = "periodic",
    face_resistance: Mapping[tuple[Any, Any], Any] | None = None,
    tolerance: float = 1e-6,
    *,
    progress: Progress = SILENT,
) -> ConductivityTensor:
    """The effective conductivity in all directions, by a field along each axis in turn.

    Arguments as in :func:`solve_conduction`. In a periodic volume the tensor is symmetric, up to
    the solution's residual.
    """
    solved = [
        solve_conduction(
            volume,
            conductivity,
            axis,
            boundary,
            face_resistance,
            tolerance,
            progress=progress.part(axis / 3, (axis + 1) / 3),
        )
        for axis in range(3)
    ]
    tensor = np.full((3, 3), np.nan)
    for axis, one in enumerate(solved):
        tensor[axis, axis] = one.effective_conductivity
        if boundary == "periodic":
            for other in {0, 1, 2} - {axis}:
                tensor[other, axis] = 0.0 if one.solution.spanning == 0 else _across(one, other)
    return ConductivityTensor(tensor, (solved[0], solved[1], solved[2]))


def _across(one: Conduction, axis: int) -> float:
    """The mean current density across a field of 1 V over the volume, over that field [S/m]."""
    size = one.volume.size
    current = float(one.solution.planes[one.order.index(axis)].mean())
    return current * size[axis] / float(np.prod(size)) * size[one.axis]
