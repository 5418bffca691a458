"""What a file's format module is asked for and gives back, whatever the format."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, StorageError, UnknownNameError
from solith.core.quantities import to_si

__all__ = [
    "IMAGES_FIRST",
    "Asked",
    "Sizes",
    "Stored",
    "bytes_missing",
    "in_metres",
    "only_volume",
    "phases_from",
    "phases_text",
    "plain_numbers",
    "sizes_along",
]

IMAGES_FIRST = "zyx"
"""Axes of an array of images: the slowest first."""

Sizes = tuple[float, float, float]


@dataclass(frozen=True)
class Asked:
    """What the caller says of a file: each is ``None`` where nothing is said.

    ``shape`` is (x, y, z); ``axes`` the letters of the stored array's axes, the slowest first.
    """

    dataset: str | None = None
    shape: tuple[int, int, int] | None = None
    dtype: np.dtype[Any] | None = None
    offset: int = 0
    axes: str | None = None


@dataclass(frozen=True, eq=False)
class Stored:
    """An array as it lies in the file, and what the file says of it.

    ``axes`` names the array's axes; ``voxel_size`` is (x, y, z) in m; ``remark`` is what the file
    says of the size without a unit, for the message that asks for one.
    """

    array: NDArray[Any]
    axes: str = IMAGES_FIRST
    voxel_size: Sizes | None = None
    phases: Mapping[str, int] | None = None
    remark: str = ""


def in_metres(numbers: Iterable[Any], units: Iterable[str]) -> Sizes | None:
    """Lengths with their units in m, or ``None`` where they are no positive lengths."""
    try:
        sizes = [
            to_si(f"{float(number)!r} {unit}", "m")
            for number, unit in zip(numbers, units, strict=True)
        ]
    except (InputError, ValueError, TypeError):
        return None
    if len(sizes) != 3 or not all(np.isfinite(sizes)) or min(sizes) <= 0:
        return None
    return sizes[0], sizes[1], sizes[2]


def sizes_along(axes: str, sizes: Sizes | None) -> Sizes | None:
    """Sizes (x, y, z) of stored axes, given the fastest axis's first."""
    if sizes is None:
        return None
    slowest_first = sizes[::-1]
    x, y, z = (slowest_first[axes.index(axis)] for axis in "xyz")
    return x, y, z


def plain_numbers(array: NDArray[Any]) -> NDArray[Any]:
    """The array; as 32 or 64 bit floats if it has floats that few formats know."""
    if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        return array.astype(np.float32 if array.dtype.itemsize < 4 else np.float64)
    return array


def phases_text(phases: Mapping[str, int]) -> str:
    """Phases as one line of text that a header can hold."""
    return json.dumps({name: int(label) for name, label in phases.items()})


def phases_from(text: Any) -> dict[str, int] | None:
    """The phases in a line that :func:`phases_text` wrote; ``None`` where it holds none."""
    try:
        phases = json.loads(text)
    except (TypeError, ValueError):
        return None
    named = isinstance(phases, dict) and all(type(one) is int for one in phases.values())
    return phases if named and phases else None


def only_volume(shapes: Mapping[str, tuple[int, ...]], asked: Asked, path: Path) -> str:
    """The name of the array that is meant: the one asked for, or the only one with three axes.

    Axes one long do not count where there are more than three.
    """
    if asked.dataset is not None:
        name = asked.dataset.strip("/")
        if name not in shapes:
            raise UnknownNameError.among("dataset", name, shapes).inside("dataset", file=str(path))
        return name
    deep = [name for name, shape in shapes.items() if _has_three_axes(shape)]
    if len(deep) == 1:
        return deep[0]
    if not deep:
        raise InputError(
            f"holds no array with three axes; arrays: {_told(shapes, shapes)}", file=str(path)
        )
    raise InputError(
        f"holds {len(deep)} arrays with three axes, say which is meant with dataset=: "
        f"{_told(deep, shapes)}",
        where="dataset",
        file=str(path),
    )


def bytes_missing(path: Path, needed: int, there: int) -> StorageError:
    """The error for a file that ends before its voxels do."""
    return StorageError(f"{path}: is cut off: holds {there} bytes of voxels instead of {needed}")


def _has_three_axes(shape: tuple[int, ...]) -> bool:
    return len(shape) == 3 or (len(shape) > 3 and sum(n > 1 for n in shape) == 3)


def _told(names: Iterable[str], shapes: Mapping[str, tuple[int, ...]]) -> str:
    listed = [f"{name} ({' x '.join(map(str, shapes[name])) or 'one number'})" for name in names]
    return ", ".join(listed[:8]) + ", ..." * (len(listed) > 8) or "none"
