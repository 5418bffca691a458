"""HDF5: one array, with the voxel size where common writers put it.

``element_size_um`` is that of ImageJ's HDF5 plugin and of ilastik's relatives, in the order of the
array's axes (recalled); ``voxel_size`` or ``spacing`` count where a unit stands beside them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import StorageError
from solith.volumes._raw import images_of
from solith.volumes._stored import (
    IMAGES_FIRST,
    Asked,
    Sizes,
    Stored,
    in_metres,
    only_volume,
    phases_from,
    phases_text,
)

__all__ = ["FORMAT", "read", "recognises", "size_told", "write"]

FORMAT = "HDF5 (.h5, .hdf5)"
_SIZES = ("voxel_size", "voxelsize", "spacing", "pixel_size")
_UNITS = ("unit", "units")


def recognises(head: bytes) -> bool:
    """Whether a file begins as HDF5."""
    return head.startswith(b"\x89HDF\r\n\x1a\n")


def read(path: Path, asked: Asked) -> Stored:
    """The array named ``asked.dataset``, or the only one with three axes: z, y, x unless told.

    An array that lies in one piece, not compressed, is mapped.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            arrays: dict[str, Any] = {}
            file.visititems(lambda name, one: _note_array(h5py, arrays, name, one))
            shapes = {name: one.shape for name, one in arrays.items()}
            chosen = arrays[only_volume(shapes, asked, path)]
            axes = asked.axes or _axes_told(chosen.attrs.get("axes")) or IMAGES_FIRST
            facts = {**file.attrs, **chosen.attrs}
            return Stored(_voxels(path, chosen), axes, *size_told(facts, axes, facts.get("phases")))
    except (OSError, RuntimeError, KeyError, TypeError) as error:
        raise StorageError(f"{path}: cannot be read as HDF5 ({error})") from None


def write(path: Path, array: NDArray[Any], voxel_size: Sizes, phases: Any) -> None:
    """Write the array as /volume [z, y, x], compressed lightly in pieces of single images."""
    import h5py

    with h5py.File(path, "w") as file:
        x, y, z = array.shape
        into = file.create_dataset(
            "volume",
            (z, y, x),
            array.dtype,
            chunks=(1, y, x),
            compression="gzip",
            compression_opts=1,
            shuffle=True,
        )
        into.attrs["axes"] = IMAGES_FIRST
        into.attrs["element_size_um"] = [size * 1e6 for size in reversed(voxel_size)]
        if phases is not None:
            into.attrs["phases"] = phases_text(phases)
        first = 0
        for images in images_of(array):
            into[first : first + len(images)] = images
            first += len(images)


def size_told(
    facts: dict[str, Any], axes: str, phases: Any
) -> tuple[Sizes | None, dict[str, int] | None, str]:
    """Voxel size, phases and a remark from the attributes of an array with these axes."""
    known = phases_from(phases)
    try:
        if "element_size_um" in facts:
            return _ordered(facts["element_size_um"], "um", axes), known, ""
        for name in _SIZES:
            if name not in facts:
                continue
            for unit in (f"{name}_unit", f"{name}_units", *_UNITS):
                if isinstance(facts.get(unit), str) and (
                    sizes := _ordered(facts[name], facts[unit], axes)
                ):
                    return sizes, known, ""
            return None, known, f"{name} = {np.asarray(facts[name]).tolist()} without a unit"
    except (TypeError, ValueError):
        pass
    return None, known, ""


def _ordered(numbers: Any, unit: str, axes: str) -> Sizes | None:
    sizes = np.atleast_1d(np.asarray(numbers, float))
    if sizes.size == 1:
        sizes = np.repeat(sizes, 3)
    if sizes.size != 3:
        return None
    return in_metres([sizes[axes.index(axis)] for axis in "xyz"], [unit] * 3)


def _note_array(h5py: Any, arrays: dict[str, Any], name: str, one: Any) -> None:
    if isinstance(one, h5py.Dataset) and one.shape is not None and one.dtype.kind in "buif":
        arrays[name] = one


def _axes_told(axes: Any) -> str | None:
    return axes if isinstance(axes, str) and sorted(axes) == ["x", "y", "z"] else None


def _voxels(path: Path, dataset: Any) -> NDArray[Any]:
    at = dataset.id.get_offset()
    if at is None or dataset.size == 0:
        array: NDArray[Any] = dataset[()]
        return array
    return np.memmap(path, dataset.dtype, "r", at, dataset.shape)
