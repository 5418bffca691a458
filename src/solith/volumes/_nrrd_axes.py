"""The axes of an NRRD file: which of them are in space, and how large voxels are along them.

Fields of axes: https://teem.sourceforge.net/nrrd/format.html (recalled). ``kinds``, ``spacings``
and ``space directions`` have one entry for each axis, ``space units`` one for each of the space.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.volumes._stored import Sizes, in_metres

__all__ = ["SpatialAxes", "in_space"]

_SPATIAL = ("domain", "space", "none", "???")
_SQUARE = 1e-4
"""Cosine up to which two axes stand square on each other, and one along its own in space."""


@dataclass(frozen=True)
class SpatialAxes:
    """Voxels along the two or three axes in space, the fastest first, and their size [m]."""

    sizes: list[int]
    voxel_size: Sizes | None
    remark: str


@dataclass(frozen=True, eq=False)
class _Axis:
    """What the header says of one axis; ``direction`` is empty for one that has none."""

    size: int
    kind: str
    spacing: float
    unit: str
    direction: NDArray[np.float64] | None

    def spatial(self) -> bool:
        """Whether nothing says that the axis is of colours, of time or the like."""
        return self.kind in _SPATIAL and (self.direction is None or self.direction.size > 0)


def in_space(
    fields: dict[str, str], sizes: list[int], path: Path, *, turned: bool = False
) -> SpatialAxes:
    """The axes that make a volume; those one long beside them are dropped.

    :class:`InputError` for more values a voxel, for slanted voxels, and for directions in space
    that are not those of the axes, unless ``turned``: then the caller says which axis is which.
    """
    axes = _axes(fields, sizes, path)
    kept = [axis for axis in axes if axis.spatial()]
    others = [axis for axis in axes if not axis.spatial()]
    while len(kept) > 3 and (flat := [n for n, axis in enumerate(kept) if axis.size == 1]):
        del kept[flat[0]]
    if len(kept) not in (2, 3) or min(sizes) < 1 or any(axis.size > 1 for axis in others):
        named = [axis.kind for axis in others if axis.size > 1 and axis.kind not in _SPATIAL]
        kinds = ", ".join(named)
        raise InputError(
            f"holds {' x '.join(map(str, sizes))} numbers{f' ({kinds})' if kinds else ''}: not a "
            "volume of one value a voxel",
            file=str(path),
        )
    chosen = [axis.size for axis in kept]
    if "space directions" in fields:
        numbers, units = _from_directions(fields, kept, path, turned=turned)
    elif "spacings" in fields:
        numbers, units = [axis.spacing for axis in kept], [axis.unit for axis in kept]
    else:
        return SpatialAxes(chosen, None, "")
    if len(numbers) == 2:
        numbers, units = [*numbers, numbers[0]], [*units, units[0]]
    if all(units) and (found := in_metres(numbers, units)):
        return SpatialAxes(chosen, found, "")
    told = " x ".join(f"{one:.6g}" for one in numbers)
    return SpatialAxes(chosen, None, f"{told} without a unit")


def _axes(fields: dict[str, str], sizes: list[int], path: Path) -> list[_Axis]:
    count = len(sizes)
    steps = re.findall(r"none|\([^)]*\)", fields.get("space directions", ""))
    columns = {
        "kinds": [kind.lower() for kind in fields.get("kinds", "").split()],
        "spacings": fields.get("spacings", "").split(),
        "space directions": steps,
        "units": _words(fields.get("units", "")),
    }
    for name, column in columns.items():
        if name in fields and len(column) != count:
            raise InputError(
                f"its {name} are not one for each of {count} axes: {fields[name]!r}",
                file=str(path),
            )
    try:
        return [
            _Axis(
                size,
                (columns["kinds"] or ["???"] * count)[place],
                float((columns["spacings"] or ["nan"] * count)[place]),
                (columns["units"] or [""] * count)[place],
                _vector(steps[place]) if steps else None,
            )
            for place, size in enumerate(sizes)
        ]
    except ValueError:
        raise InputError(
            "its spacings or space directions are no numbers", file=str(path)
        ) from None


def _words(text: str) -> list[str]:
    """Texts in quotation marks, or one after another without."""
    return re.findall(r'"([^"]*)"', text) if '"' in text else text.split()


def _vector(text: str) -> NDArray[np.float64]:
    inside = "" if text == "none" else text.strip("()")
    return np.array([float(number) for number in inside.split(",") if inside], np.float64)


def _from_directions(
    fields: dict[str, str], kept: list[_Axis], path: Path, *, turned: bool
) -> tuple[list[float], list[str]]:
    vectors = [axis.direction for axis in kept if axis.direction is not None]
    told = fields["space directions"]
    if len({len(vector) for vector in vectors}) != 1 or len(vectors[0]) < len(kept):
        raise InputError(f"its space directions {told} are not of one space", file=str(path))
    steps = np.array(vectors)
    lengths = np.linalg.norm(steps, axis=1)
    if not np.all(np.isfinite(lengths)) or lengths.min() <= 0:
        raise InputError(f"its space directions {told} are no lengths", file=str(path))
    cosines = steps / lengths[:, np.newaxis]
    if np.abs(cosines @ cosines.T - np.eye(len(kept))).max() > _SQUARE:
        raise InputError(
            f"its space directions {told} are not square on each other: resample the volume on "
            "voxels that are boxes",
            file=str(path),
        )
    straight = np.abs(np.abs(cosines[:, : len(kept)]) - np.eye(len(kept))).max() <= _SQUARE
    if not (straight or turned):
        raise InputError(
            f"its space directions {told} are turned against its axes: say which axis is which "
            "with axes=, the slowest first, as axes='zyx'",
            file=str(path),
            where="axes",
        )
    units = _words(fields.get("space units", ""))
    if len(units) == len(vectors[0]) and (straight or len(set(units)) == 1):
        return lengths.tolist(), units[: len(kept)]
    return lengths.tolist(), [""] * len(kept)
