"""Voxels one after another: what raw files, and those with a header before them, come down to."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, StorageError
from solith.volumes._stored import IMAGES_FIRST, Asked, Stored, bytes_missing

__all__ = ["images_of", "read", "read_voxels", "write_images"]

_AT_ONCE = 16
"""Images that are brought into order at once."""


def read(path: Path, asked: Asked) -> Stored:
    """A raw file of the shape and type that the caller says, mapped.

    Bytes behind the last voxel are refused, as they mean that shape or type is wrong.
    """
    assert asked.shape is not None
    assert asked.dtype is not None
    axes = asked.axes or IMAGES_FIRST
    shape = tuple(asked.shape["xyz".index(axis)] for axis in axes)
    there = path.stat().st_size - asked.offset
    needed = int(np.prod(shape, dtype=object)) * asked.dtype.itemsize
    if there > needed:
        raise InputError(
            f"holds {there} bytes of voxels; {' x '.join(map(str, asked.shape))} voxels of "
            f"{asked.dtype} are {needed}: shape, dtype or offset is wrong",
            where="shape",
            file=str(path),
        )
    return Stored(read_voxels(path, shape, asked.dtype, offset=asked.offset), axes)


def read_voxels(
    path: Path,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    *,
    offset: int = 0,
    compression: str = "",
) -> NDArray[Any]:
    """The voxels that begin at ``offset``: mapped, or decoded ("gzip", "zlib", "bzip2").

    :class:`StorageError` for a file that ends before them or whose compression is damaged.
    """
    needed = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if not compression:
        there = max(path.stat().st_size - offset, 0)
        if there < needed:
            raise bytes_missing(path, needed, there)
        return np.memmap(path, dtype, "r", offset, shape)
    try:
        voxels = np.empty(shape, dtype)
    except (ValueError, MemoryError):
        raise StorageError(f"{path}: says to hold {needed} bytes, too many to decode") from None
    target = voxels.reshape(-1).view(np.uint8).data
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            filled = 0
            for piece in _decoded(stream, compression):
                part = piece[: needed - filled]
                target[filled : filled + len(part)] = part
                filled += len(part)
                if filled == needed:
                    break
    except (OSError, EOFError, zlib.error) as error:
        raise StorageError(f"{path}: its {compression} data are damaged ({error})") from None
    if filled < needed:
        raise bytes_missing(path, needed, filled)
    return voxels


def images_of(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """The array's voxels as stacks of images [z, y, x], x fastest, a few images at a time."""
    stack = array.T
    step = len(stack) if stack.flags.c_contiguous else _AT_ONCE
    for first in range(0, len(stack), step):
        yield np.ascontiguousarray(stack[first : first + step])


def write_images(stream: IO[bytes], array: NDArray[Any]) -> None:
    """Write the voxels of an array [x, y, z], x fastest, z slowest."""
    for images in images_of(array):
        stream.write(images.reshape(-1).view(np.uint8).data)


def _decoded(stream: IO[bytes], compression: str) -> Iterator[bytes]:
    size = 1 << 24
    if compression == "zlib":
        decoder = zlib.decompressobj()
        while piece := stream.read(size):
            yield decoder.decompress(piece)
        return
    opened: gzip.GzipFile | bz2.BZ2File
    opened = gzip.GzipFile(fileobj=stream) if compression == "gzip" else bz2.BZ2File(stream)
    while piece := opened.read(size):
        yield piece
