"""A scan's projections to a volume in a file, and from there on to what measures volumes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.core.volume import AXES, GreyVolume

__all__ = ["check_box", "reconstruct_scan", "reconstructed_volume"]

Box = Sequence[Sequence[int]]


def reconstruct_scan(
    projections: NDArray[Any],
    path: Path,
    *,
    pixel_size: Any,
    angles: ArrayLike | None = None,
    flats: NDArray[Any] | None = None,
    darks: NDArray[Any] | None = None,
    centre: float | None = None,
    window: str = "shepp-logan",
    stripes: bool = True,
    box: Mapping[str, Sequence[int]] | None = None,
    name: str = "the scan",
    progress: Progress = SILENT,
) -> Result:
    """The volume of a scan in the file ``path``, and what is to be told of it.

    Arguments are those of :func:`solith.structure.reconstruct_volume`. The result has
    ``rotation_centre`` [columns], with its uncertainty where it was found, ``voxel_size`` [m],
    ``slices`` and the mean and deviation of the ``attenuation`` [1/m] in the box that is measured:
    ``box`` has the first voxel and the one after the last along axes, as {"z": [0, 200]}; without
    one along x and y it is the largest square in the circle that all projections see.
    """
    from solith.structure import reconstruct_volume

    size = _size(pixel_size)
    if projections.ndim != 3:
        raise InputError(
            f"expected images by angle, with rows and columns; these have {projections.ndim} axes",
            where="projections",
        )
    ranges = _ranges(box, (projections.shape[2], projections.shape[2], projections.shape[1]))
    column, spread = centre, None
    if column is None:
        column, spread = _centre(projections, angles, flats, darks)
    volume = reconstruct_volume(
        projections,
        path,
        angles,
        flats=flats,
        darks=darks,
        centre=column,
        window=window,
        stripes=stripes,
        pixel_size=size,
        progress=progress,
    )
    inside = volume.values[tuple(slice(*one) for one in ranges)]
    method = "as given" if centre is not None else "found in the middle row"
    values = (
        Value(
            "rotation_centre", float(column), "", spread, method=f"column of the detector, {method}"
        ),
        Value("voxel_size", size, "m", method="the detector's pixel"),
        Value("slices", float(volume.shape[2]), ""),
        Value("attenuation", float(inside.mean(dtype=float)), "1/m", method="mean in the box"),
        Value("attenuation_deviation", float(inside.std(dtype=float)), "1/m"),
    )
    details = {
        "volume": path.name,
        "voxel_size_m": size,
        "shape": list(volume.shape),
        "box": [list(one) for one in ranges],
        "projections": int(projections.shape[0]),
        "window": window,
        "stripes_removed": stripes,
    }
    return Result(f"reconstruction of {name}", values, details)


def reconstructed_volume(result: Result) -> GreyVolume:
    """The box of the volume that a task ``reconstruct`` made, mapped from its file.

    Raises :class:`InputError` for the result of something else.
    """
    from solith.volumes import read_volume

    details = result.details
    if "volume" not in details or "box" not in details:
        raise InputError(f"{result.name!r} has no volume; expected a file or a reconstruction")
    whole = read_volume(details["volume"], voxel_size=details["voxel_size_m"])
    assert isinstance(whole, GreyVolume)
    box = tuple(slice(*one) for one in details["box"])
    return GreyVolume(whole.values[box], whole.voxel_size)


def check_box(box: Any) -> None:
    """Refuse what is no table of ranges of voxels along x, y and z."""
    if not isinstance(box, Mapping) or not set(box) <= set(AXES):
        raise InputError(f"{box!r:.80} is no table of axes, as {{z = [0, 200]}}", where="box")
    for axis, ends in box.items():
        whole = isinstance(ends, (list, tuple)) and all(
            isinstance(end, int) and not isinstance(end, bool) for end in ends
        )
        if not whole or len(ends) != 2 or not 0 <= ends[0] < ends[1]:
            raise InputError(
                f"{ends!r:.60} is not the first voxel and the one after the last",
                where=f"box.{axis}",
            )


def _ranges(
    box: Mapping[str, Sequence[int]] | None, shape: tuple[int, int, int]
) -> list[tuple[int, int]]:
    """First voxel and the one after the last, along x, y and z."""
    check_box(box or {})
    # In the circle; half a pixel of it is lost at the corners.
    edge = math.ceil((shape[0] - (shape[0] - 2) / math.sqrt(2)) / 2)
    usual = [(edge, shape[0] - edge), (edge, shape[1] - edge), (0, shape[2])]
    found = []
    for axis, whole, side in zip(AXES, usual, shape, strict=True):
        first, last = (box or {}).get(axis, whole)
        if last > side:
            raise InputError(
                f"{last} lies outside the {side} voxels along {axis}", where=f"box.{axis}"
            )
        found.append((int(first), int(last)))
    return found


def _centre(
    projections: NDArray[Any],
    angles: ArrayLike | None,
    flats: NDArray[Any] | None,
    darks: NDArray[Any] | None,
) -> tuple[float, float]:
    """The axis in the middle row, and its uncertainty [columns]."""
    from solith.structure import find_rotation_centre, normalise_projections, remove_stripes

    middle = projections.shape[1] // 2
    row = np.asarray(projections[:, middle : middle + 1])
    if flats is not None:
        dark = None if darks is None else darks[..., middle : middle + 1, :]
        row = normalise_projections(row, flats[..., middle : middle + 1, :], dark)
    found = find_rotation_centre(remove_stripes(row[:, 0]), angles)
    if found.flags:
        raise InputError(
            f"the axis is not told by the middle row ({'; '.join(found.flags)}; best guess "
            f"{found.column:.2f}): give its column",
            where="centre",
        )
    return found.column, found.uncertainty


def _size(given: Any) -> float:
    try:
        size = to_si(given, "m")
    except InputError as error:
        raise error.inside("pixel_size") from None
    if not size > 0:
        raise InputError(f"{given!r} must be above 0", where="pixel_size")
    return size
