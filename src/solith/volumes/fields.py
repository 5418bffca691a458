"""Fields on the voxels of a volume, for ParaView."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.storage import write_atomically
from solith.core.volume import GreyVolume
from solith.volumes._raw import write_images
from solith.volumes._stored import plain_numbers
from solith.volumes._vtk import Piece, write_xml

__all__ = ["write_fields"]

_AT_ONCE = 16


def write_fields(path: Path | str, fields: Mapping[str, ArrayLike], voxel_size: Any) -> None:
    """Write fields of one volume as VTK image data (.vti), whole or not at all.

    Each field is an array (x, y, z), or (3, x, y, z) for a vector; ``voxel_size`` [m] as in
    :class:`solith.Volume`. The values belong to voxels, not to points between them, and lengths in
    the file are metres. Raises :class:`InputError` for fields of unlike shapes or another ending,
    :class:`StorageError` where the file cannot be written.
    """
    if not isinstance(path, (str, Path)):
        raise InputError(f"fields are written to a path, not {path!r}")
    if not isinstance(fields, Mapping):
        raise InputError(
            f"fields are a table of names and arrays, not {type(fields).__name__}", where="fields"
        )
    path = Path(path)
    if path.suffix.lower() != ".vti":
        raise InputError(f"fields are written as .vti, not {path.suffix or 'without ending'!r}")
    arrays = {str(name): _numbers(name, field) for name, field in fields.items()}
    if not arrays:
        raise InputError("there is no field to write", where="fields")
    shapes = {name: array.shape[-3:] for name, array in arrays.items()}
    first, shape = next(iter(shapes.items()))
    for name, other in shapes.items():
        if other != shape:
            raise InputError(
                f"has {' x '.join(map(str, other))} voxels, {first} {' x '.join(map(str, shape))}",
                where=f"fields.{name}",
            )
    any_scalar = next(iter(arrays.values()))
    sizes = GreyVolume(any_scalar if any_scalar.ndim == 3 else any_scalar[0], voxel_size).voxel_size
    extent = " ".join(f"0 {n}" for n in shape)
    spacing = " ".join(repr(size) for size in sizes)

    def body(elements: list[str]) -> str:
        inside = "\n".join(elements)
        return (
            f'<ImageData WholeExtent="{extent}" Origin="0 0 0" Spacing="{spacing}">\n'
            f'<Piece Extent="{extent}">\n<CellData>\n{inside}\n</CellData>\n</Piece>\n</ImageData>'
        )

    pieces = [_piece(name, array) for name, array in arrays.items()]
    write_atomically(path, lambda file: write_xml(file, "ImageData", pieces, body))


def _numbers(name: str, field: ArrayLike) -> NDArray[Any]:
    try:
        array = np.asanyarray(field)
    except ValueError:
        raise InputError("has rows of unlike length", where=f"fields.{name}") from None
    if array.dtype == np.bool_:
        array = array.view(np.uint8)
    array = plain_numbers(array)
    if array.dtype.kind not in "uif":
        raise InputError(f"holds {array.dtype}, not real numbers", where=f"fields.{name}")
    if array.ndim not in (3, 4) or (array.ndim == 4 and len(array) != 3) or array.size == 0:
        raise InputError(
            f"has the shape {array.shape}, not (x, y, z) or (3, x, y, z)", where=f"fields.{name}"
        )
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _piece(name: str, array: NDArray[Any]) -> Piece:
    if array.ndim == 3:
        return Piece(name, array.dtype, 1, array.nbytes, lambda stream: write_images(stream, array))
    return Piece(name, array.dtype, 3, array.nbytes, lambda stream: _vectors(stream, array))


def _vectors(stream: IO[bytes], array: NDArray[Any]) -> None:
    for z in range(0, array.shape[3], _AT_ONCE):
        part = np.ascontiguousarray(array[..., z : z + _AT_ONCE].transpose(3, 2, 1, 0))
        stream.write(part.reshape(-1).view(np.uint8).data)
