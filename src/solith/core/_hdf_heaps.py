"""Whether the heaps of an HDF5 file can be walked to their ends.

HDF5 keeps texts of any length in "global heap collections", which carry no checksum; on a
damaged one the HDF5 library (2.0.0, measured) may loop for ever, which nothing in Python can
stop. Layout: HDF5 File Format Specification, "Disk Format: Level 1E - Global Heap" (recalled).
An object with index 0 stands for the free space at the end, unless that is too small for an
object's head: https://github.com/NCAS-CMS/pyfive/pull/261.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

__all__ = ["damaged_heaps"]

_SIGNATURE = b"GCOL\x01\0\0\0"
_HEAD = struct.Struct("<8xQ")
_OBJECT = struct.Struct("<HHxxxxQ")
_ALIGNED = 8


def damaged_heaps(path: Path) -> list[int]:
    """The bytes at which heaps begin whose objects do not fill them, or that the file cuts off.

    Sizes are taken to have 8 bytes, as h5py writes them.
    """
    with path.open("rb") as stream:
        if not stream.seek(0, 2):
            return []
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return [place for place in _heaps(content) if not _walks(content, place)]


def _heaps(content: mmap.mmap) -> Iterator[int]:
    place = content.find(_SIGNATURE)
    while place >= 0:
        yield place
        place = content.find(_SIGNATURE, place + 1)


def _walks(content: mmap.mmap, place: int) -> bool:
    """Whether the heap at ``place`` ends where its objects do."""
    if place + _HEAD.size > len(content):
        return False
    size: int = _HEAD.unpack_from(content, place)[0]
    end, place = place + size, place + _HEAD.size
    if end > len(content):
        return False
    while place + _OBJECT.size <= end:
        index: int
        length: int
        index, _, length = _OBJECT.unpack_from(content, place)
        if not index:  # free space to the end, whose length includes its head
            return place + length == end
        place += _OBJECT.size + -(-length // _ALIGNED) * _ALIGNED
    return place <= end
