"""NumPy's .npy, mapped, and .npz."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, StorageError
from solith.core.numpy_files import load_numpy
from solith.volumes._stored import Asked, Sizes, Stored, only_volume

__all__ = ["FORMAT", "read", "recognises", "write"]

FORMAT = "NumPy (.npy, .npz)"
_DAMAGES: tuple[type[Exception], ...] = (
    *(ValueError, KeyError, EOFError, OSError, NotImplementedError, struct.error),
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError, SyntaxError),
)
_ARRAY, _ARCHIVE = b"\x93NUMPY", b"PK\x03\x04"


def recognises(head: bytes) -> bool:
    """Whether a file begins as .npy or as the archive that .npz is."""
    return head.startswith((_ARRAY, _ARCHIVE))


def read(path: Path, asked: Asked) -> Stored:
    """The array as it is indexed: its axes are x, y, z.

    Of an archive with several, the one named ``asked.dataset`` or the only one with three axes.
    """
    try:
        with path.open("rb") as stream:
            mapped = stream.read(6) == _ARRAY
        if mapped and asked.dataset is not None:
            raise InputError(
                "holds one array, without a name: leave dataset out",
                where="dataset",
                file=str(path),
            )
        if mapped:
            return Stored(load_numpy(path, mapped=True), asked.axes or "xyz")
        with path.open("rb") as stream, load_numpy(stream) as archive:
            shapes = {name: archive[name].shape for name in archive.files}
            array = archive[only_volume(shapes, asked, path)]
        return Stored(array, asked.axes or "xyz")
    except InputError:
        raise
    except _DAMAGES as error:
        raise StorageError(f"{path}: cannot be read as NumPy ({error})") from None


def write(path: Path, array: NDArray[Any], voxel_size: Sizes, phases: Any) -> None:
    """Write the array; the format has no place for voxel size and phases."""
    with path.open("wb") as stream:
        np.lib.format.write_array(stream, array, allow_pickle=False)
