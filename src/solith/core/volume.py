"""The volume: voxels of named phases, or of grey values, with their size.

Axes are those of the array: ``volume.labels[x, y, z]``. An axis is named by letter or number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si

__all__ = ["AXES", "GreyVolume", "Volume", "axis_number", "labels_present", "voxel_size_of"]

AXES = ("x", "y", "z")


@dataclass(frozen=True, eq=False, repr=False)
class Volume:
    """Voxels, each of one phase.

    ``labels`` are whole numbers, shape (x, y, z); an image of two dimensions becomes a volume one
    voxel deep. ``phases`` gives the label of each phase by name; a list of names stands for the
    labels 0, 1, 2, ... Left out, phases are named by their labels. ``voxel_size`` is one length [m]
    or one for each axis, as floats or as texts with unit ("0.5 um"); two are enough for an image.

    The array is not copied: one mapped from a file stays there. :class:`InputError` for an array
    that is empty, holds no whole numbers, or holds labels that no phase has.
    """

    labels: NDArray[Any]
    phases: Mapping[str, int]
    voxel_size: tuple[float, float, float]

    def __init__(
        self,
        labels: ArrayLike,
        phases: Mapping[str, int] | Sequence[str] | None = None,
        voxel_size: Any = 1.0,
    ) -> None:
        array = _three_dimensional(labels)
        if array.dtype == np.bool_:
            array = array.view(np.uint8)
        if not np.issubdtype(array.dtype, np.integer):
            raise InputError(
                f"labels are whole numbers, these are {array.dtype}; "
                "grey values are a GreyVolume, which segment_phases turns into a Volume"
            )
        present = labels_present(array)
        named = _named(phases, present)
        unknown = [label for label in present if label not in named.values()]
        if unknown:
            raise InputError(
                f"the volume holds the label{'s' * (len(unknown) > 1)} "
                f"{', '.join(map(str, unknown[:8]))}{', ...' * (len(unknown) > 8)}, "
                f"which no phase has; phases: {_told(named)}",
                where="phases",
            )
        object.__setattr__(self, "labels", array)
        object.__setattr__(self, "phases", named)
        object.__setattr__(self, "voxel_size", voxel_size_of(voxel_size, array.shape))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along x, y and z."""
        return self.labels.shape

    @property
    def size(self) -> tuple[float, float, float]:
        """Lengths along x, y and z [m]."""
        x, y, z = (n * h for n, h in zip(self.shape, self.voxel_size, strict=True))
        return x, y, z

    def label_of(self, phase: str | int) -> int:
        """The label of a phase, given by its name or by the label itself."""
        if isinstance(phase, str) and phase in self.phases:
            return int(self.phases[phase])
        whole = isinstance(phase, (int, np.integer)) and not isinstance(phase, bool)
        if whole and int(phase) in self.phases.values():
            return int(phase)
        raise UnknownNameError.among("phase", str(phase), self.phases)

    def mask(self, phase: str | int) -> NDArray[np.bool_]:
        """Where a phase is."""
        where: NDArray[np.bool_] = self.labels == self.label_of(phase)
        return where

    def __repr__(self) -> str:
        return (
            f"Volume of {' x '.join(map(str, self.shape))} voxels of "
            f"{' x '.join(f'{h:.4g}' for h in self.voxel_size)} m: {_told(self.phases)}"
        )


@dataclass(frozen=True, eq=False, repr=False)
class GreyVolume:
    """Voxels with grey values, as a tomograph gives them.

    ``values`` has the shape (x, y, z) and is not copied; ``voxel_size`` as in :class:`Volume`.
    :class:`InputError` for an array that is empty or holds no real numbers. Values that are not
    finite are refused where they are used, because looking for them reads the whole volume.
    """

    values: NDArray[Any]
    voxel_size: tuple[float, float, float]

    def __init__(self, values: ArrayLike, voxel_size: Any = 1.0) -> None:
        array = _three_dimensional(values)
        if not (np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)):
            raise InputError(f"grey values are real numbers, these are {array.dtype}")
        object.__setattr__(self, "values", array)
        object.__setattr__(self, "voxel_size", voxel_size_of(voxel_size, array.shape))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along x, y and z."""
        return self.values.shape

    def __repr__(self) -> str:
        return (
            f"GreyVolume of {' x '.join(map(str, self.shape))} voxels of "
            f"{' x '.join(f'{h:.4g}' for h in self.voxel_size)} m, {self.values.dtype}"
        )


def axis_number(axis: str | int) -> int:
    """0, 1 or 2 for an axis given by letter or number; -1 is the last."""
    if isinstance(axis, str) and axis.lower() in AXES:
        return AXES.index(axis.lower())
    if isinstance(axis, str) and axis in ("0", "1", "2"):
        return int(axis)
    if isinstance(axis, (int, np.integer)) and not isinstance(axis, bool) and -3 <= axis <= 2:
        return int(axis) % 3
    raise InputError(f"axis {axis!r} is none of x, y, z (or 0, 1, 2)", where="axis")


def labels_present(labels: NDArray[Any]) -> list[int]:
    """The different labels in an array of whole numbers, in order."""
    slowest = max(range(labels.ndim), key=lambda d: abs(labels.strides[d]))
    slices = np.moveaxis(labels, slowest, 0)
    if labels.dtype == np.uint8:
        counts = np.zeros(256, np.int64)
        for part in slices:
            counts += np.bincount(part.ravel(order="K"), minlength=256)
        return [int(label) for label in np.flatnonzero(counts)]
    found: set[int] = set()
    for part in slices:
        found.update(int(label) for label in np.unique(part))
    return sorted(found)


def voxel_size_of(given: Any, shape: Sequence[int]) -> tuple[float, float, float]:
    """Lengths of a voxel [m] of a volume of this shape, given as one, or one for each axis.

    Two are enough for an image, which is one voxel deep: its depth is their geometric mean.
    :class:`InputError` for what is no voxel size.
    """
    several = isinstance(given, (Sequence, np.ndarray)) and not isinstance(given, (str, bytes))
    if not several or getattr(given, "ndim", 1) == 0:
        given = (given,) * 3
    sizes = [to_si(one, "m") for one in given]
    if len(sizes) == 2 and shape[2] == 1:
        sizes.append(abs(sizes[0] * sizes[1]) ** 0.5)
    if len(sizes) != 3 or min(sizes) <= 0:
        raise InputError(
            f"{given!r} is no voxel size: one positive length or one for each axis",
            where="voxel_size",
        )
    return sizes[0], sizes[1], sizes[2]


def _three_dimensional(given: ArrayLike) -> NDArray[Any]:
    try:
        array = np.asanyarray(given)
    except ValueError:
        raise InputError("the rows of a volume are of unlike length") from None
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.ndim != 3:
        raise InputError(f"a volume has three axes (or two, an image), this array {array.ndim}")
    if array.size == 0:
        raise InputError(f"the volume is empty: {' x '.join(map(str, array.shape))} voxels")
    return array


def _named(phases: Mapping[str, int] | Sequence[str] | None, present: list[int]) -> dict[str, int]:
    if phases is None:
        return {str(label): label for label in present}
    if isinstance(phases, str) or not isinstance(phases, (Mapping, Sequence, np.ndarray)):
        raise InputError(f"phases are a list of names or a table, not {phases!r}", where="phases")
    if not isinstance(phases, Mapping):
        if not all(isinstance(name, str) for name in phases):
            raise InputError(f"phases have texts as names, not {phases!r}", where="phases")
        if len(set(phases)) < len(phases):
            raise InputError(
                f"two of the phases {', '.join(map(str, phases))} are alike", where="phases"
            )
        phases = {name: label for label, name in enumerate(phases)}
    named: dict[str, int] = {}
    for name, label in phases.items():
        if not isinstance(name, str) or not name or isinstance(label, bool):
            raise InputError(f"{name!r} = {label!r} is no name with a label", where="phases")
        if not isinstance(label, (int, np.integer)):
            raise InputError(f"{label!r} is no label (a whole number)", where=f"phases.{name}")
        if int(label) in named.values():
            raise InputError(f"two phases have the label {label}", where=f"phases.{name}")
        named[name] = int(label)
    return named


def _told(phases: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {label}" for name, label in phases.items()) or "none"
