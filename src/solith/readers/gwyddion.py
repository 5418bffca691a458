"""Gwyddion's own files, ``.gwy``: a tree of named objects, little endian.

The layout is published (gwyddion.net, User Guide, "Format of Gwyddion Files"): an object is its
name, a null, the length of its data and its components; a component is its name, a null, a letter
for its type and its value. The parser below is smaller than a binding to a library would be.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import StorageError
from solith.readers._maps import Channel, in_si, map_records, require_pixels

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "Gwyddion (.gwy)"

_START = b"GWYP"
_CHANNEL = re.compile(r"/(\d+)/(data|mask)")
_SIMPLE = {"b": "<?", "c": "<c", "i": "<i", "q": "<q", "d": "<d"}
_ARRAYS = {"C": "u1", "I": "<i4", "Q": "<i8", "D": "<f8"}
_DEEPEST = 20

Tree = dict[str, Any]


def recognises(head: bytes) -> bool:
    """Whether a file begins as a Gwyddion file of version 2."""
    return head.startswith(_START)


def read(path: Path) -> list[Record]:
    """The images of a file as maps, with their masks as channels of 0 and 1.

    All images of one shape and one pixel size are one record. Raises :class:`StorageError` for a
    file that is damaged, breaks off or holds no image (curves and volumes are not read).
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from None
    tree = _Reading(path, content).whole()
    channels = [
        _channel(path, tree, int(found[1]), found[2], field)
        for key, field in tree.items()
        if (found := _CHANNEL.fullmatch(key)) and isinstance(field, dict)
    ]
    if not channels:
        held = ", ".join(sorted(tree)) or "nothing"
        raise StorageError(f"{path}: holds no image; it has {held:.200}")
    return map_records(path, channels, instrument="Gwyddion")


def _channel(path: Path, tree: Tree, number: int, kind: str, field: Tree) -> Channel:
    title = tree.get(f"/{number}/data/title") or f"channel {number + 1}"
    named = f"{title}" if kind == "data" else f"{title} mask"
    columns, rows, values = field.get("xres"), field.get("yres"), field.get("data")
    if not isinstance(columns, int) or not isinstance(rows, int):
        raise StorageError(f"{path}: the image {named[:40]!r} does not say how many pixels it has")
    require_pixels(path, rows, columns)
    if not isinstance(values, np.ndarray) or values.size != rows * columns:
        held = values.size if isinstance(values, np.ndarray) else 0
        raise StorageError(
            f"{path}: the image {named[:40]!r} has {held} values for {columns} x {rows} pixels"
        )
    factor, unit = in_si(_unit(field.get("si_unit_z")))
    across, length_unit = in_si(_unit(field.get("si_unit_xy")))
    wide, high = field.get("xreal"), field.get("yreal")
    size = None
    if length_unit == "m" and isinstance(wide, float) and isinstance(high, float):
        size = (across * wide / columns, across * high / rows)
    image = values.reshape(rows, columns).astype(float)
    if kind == "mask":
        return Channel(named, image, "1", size)
    with np.errstate(all="ignore"):  # a damaged pixel may be a signalling nan
        return Channel(named, factor * image, unit, size)


def _unit(given: Any) -> str:
    text = given.get("unitstr") if isinstance(given, dict) else None
    return text if isinstance(text, str) else ""


class _Reading:
    """A place in the bytes of a file, moved on by what is read."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path, self.content, self.place = path, content, len(_START)

    def whole(self) -> Tree:
        """The components of the outermost object."""
        try:
            return self._object(len(self.content), 0)
        except (struct.error, UnicodeDecodeError, ValueError, IndexError, KeyError) as error:
            raise StorageError(
                f"{self.path}: is damaged or breaks off at byte {self.place} ({error})"
            ) from None

    def _object(self, end: int, depth: int) -> Tree:
        if depth > _DEEPEST:
            raise ValueError("objects within objects without end")
        self._text(end)
        length = self._count()
        last = self.place + length
        if last > end:
            raise ValueError(f"an object of {length} bytes ends behind the file")
        found: Tree = {}
        while self.place < last:
            name = self._text(last)
            kind = chr(self.content[self.place])
            self.place += 1
            found[name] = self._value(kind, last, depth)
        return found

    def _value(self, kind: str, end: int, depth: int) -> Any:
        if kind in _SIMPLE:
            return self._simple(_SIMPLE[kind])
        if kind == "s":
            return self._text(end)
        if kind == "o":
            return self._object(end, depth + 1)
        if kind in _ARRAYS:
            return self._array(_ARRAYS[kind], end)
        if kind == "S":
            return [self._text(end) for _ in range(self._items(end))]
        if kind == "O":
            return [self._object(end, depth + 1) for _ in range(self._items(end))]
        raise ValueError(f"there is no component of type {kind!r}")

    def _simple(self, form: str) -> Any:
        (value,) = struct.unpack_from(form, self.content, self.place)
        self.place += struct.calcsize(form)
        return value

    def _count(self) -> int:
        return int(self._simple("<I"))

    def _items(self, end: int) -> int:
        """The number of items of an array of things that take a byte each at least."""
        count = self._count()
        if count > end - self.place:
            raise ValueError(f"{count} items in {end - self.place} bytes")
        return count

    def _array(self, form: str, end: int) -> NDArray[Any]:
        count = self._count()
        size = count * np.dtype(form).itemsize
        if size > end - self.place:
            raise ValueError(f"an array of {size} bytes in {end - self.place}")
        found = np.frombuffer(self.content, form, count, self.place)
        self.place += size
        return found

    def _text(self, end: int) -> str:
        last = self.content.index(b"\0", self.place, end)
        text = self.content[self.place : last].decode("utf-8")
        self.place = last + 1
        return text
