"""Volumes into files, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.storage import write_atomically
from solith.core.volume import GreyVolume, Volume
from solith.volumes import _hdf5, _metaimage, _nrrd, _numpy, _tiff, _zarr
from solith.volumes._stored import Sizes, plain_numbers
from solith.volumes.fields import write_fields

__all__ = ["write_volume"]

_Write = Callable[[Path, NDArray[Any], Sizes, Any], None]

_WRITERS: dict[str, _Write] = {
    ".tif": _tiff.write,
    ".tiff": _tiff.write,
    ".npy": _numpy.write,
    ".h5": _hdf5.write,
    ".hdf5": _hdf5.write,
    ".nrrd": _nrrd.write,
    ".mha": _metaimage.write,
}


def write_volume(volume: Volume | GreyVolume, path: Path | str) -> None:
    """Write a volume in the format that the file's ending names, whole or not at all.

    .tif (ImageJ), .h5, .nrrd, .mha, .mhd (with a .raw beside it) and .zarr keep voxel size and
    phases, .vti (ParaView) is for looking at, .npy holds the array alone. TIFF knows 8 and 16 bit
    whole numbers and 32 bit floats; floats of 16 or more than 64 bits become those of 32 or 64 in
    all but .npy. Raises :class:`InputError` for another ending, labels that do not fit, or a .mhd
    beside a .raw of something else, :class:`StorageError` where the file cannot be written.
    """
    if not isinstance(volume, (Volume, GreyVolume)):
        raise InputError(f"a Volume or GreyVolume is written, not {type(volume).__name__}")
    if not isinstance(path, (str, Path)):
        raise InputError(f"a volume is written to a path, not {path!r}")
    path = Path(path)
    ending = path.suffix.lower()
    phases = volume.phases if isinstance(volume, Volume) else None
    array = volume.labels if isinstance(volume, Volume) else volume.values
    if ending != ".npy":
        array = plain_numbers(array)
    if ending == ".zarr":
        _zarr.write_store(path, array, volume.voxel_size, phases)
    elif ending == ".mhd":
        _metaimage.write_beside(path, array, volume.voxel_size, phases)
    elif ending == ".vti":
        write_fields(path, {"phase" if phases else "grey": array}, volume.voxel_size)
    elif write := _WRITERS.get(ending):
        try:
            write_atomically(path, lambda file: write(file, array, volume.voxel_size, phases))
        except InputError as error:
            raise error.inside(file="" if error.file else str(path)) from None
    else:
        offered = ", ".join(sorted([*_WRITERS, ".mhd", ".vti", ".zarr"]))
        raise InputError(f"{ending or 'no ending'!r} is no format; choose from {offered}").inside(
            file=str(path)
        )
