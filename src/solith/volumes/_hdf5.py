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

__all__ = [
    "FORMAT",
    "axes_told",
    "has_user_block",
    "read",
    "recognises",
    "size_told",
    "write",
]

FORMAT = "HDF5 (.h5, .hdf5)"
_SIZES = ("voxel_size", "voxelsize", "spacing", "pixel_size")
_UNITS = ("unit", "units")
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SMALLEST_BLOCK = 512


def recognises(head: bytes) -> bool:
    """Whether a file begins as HDF5."""
    return head.startswith(_SIGNATURE)


def has_user_block(path: Path) -> bool:
    """Whether HDF5 begins behind something else of 512, 1024, 2048, ... bytes, as in .mat files."""
    end, at = path.stat().st_size, _SMALLEST_BLOCK
    with path.open("rb") as stream:
        while at < end:
            stream.seek(at)
            if recognises(stream.read(len(_SIGNATURE))):
                return True
            at *= 2
    return False


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
            axes = asked.axes or axes_told(chosen.attrs.get("axes")) or IMAGES_FIRST
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
    known = phases_from(_text(phases))
    try:
        if "element_size_um" in facts:
            return _ordered(facts["element_size_um"], "um", axes), known, ""
        for name in _SIZES:
            if name not in facts:
                continue
            for unit in (f"{name}_unit", f"{name}_units", *_UNITS):
                if (text := _text(facts.get(unit))) and (
                    sizes := _ordered(facts[name], text, axes)
                ):
                    return sizes, known, ""
            return None, known, f"{name} = {np.asarray(facts[name]).tolist()} without a unit"
    except (TypeError, ValueError):
        pass
    return None, known, ""


def axes_told(attribute: Any) -> str | None:
    """Letters of an array's axes, slowest first, from one text or a list; None for no such."""
    axes = "".join(_text(one) for one in np.atleast_1d(np.asarray(attribute))).lower()
    return axes if sorted(axes) == ["x", "y", "z"] else None


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


def _text(attribute: Any) -> str:
    """An attribute as text, in whichever way it is stored; empty for what is none."""
    array = np.asarray(attribute)
    if array.size != 1:
        return ""
    one = array.reshape(-1)[0]
    if isinstance(one, bytes):
        return one.decode("utf-8", errors="replace").rstrip("\0 ")
    return one if isinstance(one, str) else ""


def _voxels(path: Path, dataset: Any) -> NDArray[Any]:
    at = dataset.id.get_offset()
    if at is None or dataset.size == 0:
        array: NDArray[Any] = dataset[()]
        return array
    return np.memmap(path, dataset.dtype, "r", at, dataset.shape)
