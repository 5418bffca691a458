"""The one way to open any data file."""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import solith.readers
from solith.core.errors import InputError, StorageError
from solith.core.quantities import to_si

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["Reader", "format_of", "read", "readers"]

_HEAD = 4096
"""Bytes by which a format is recognised."""
_LONG_HEAD = 65536
"""Bytes for the formats of last resort: much text may stand above a table."""


class Reader(Protocol):
    """What each public module of this room offers: one file format.

    ``FORMAT`` names the format for a person; ``recognises`` tells from a file's first
    bytes whether it is of the format; ``read`` gives its records and raises a
    :class:`StorageError` or :class:`InputError` that names the file. A module whose
    ``LAST_RESORT`` is true is asked after all others and shown more of the file: its format
    fits what others know better. One whose ``TAKES_AREA`` is true has a further argument ``area``
    [m2] of ``read``: its files may have a current per area.
    """

    FORMAT: str

    def recognises(self, head: bytes) -> bool: ...

    def read(self, path: Path, **more: Any) -> list[Record]: ...


def read(path: Path | str, *, area: Any = None) -> list[Record]:
    """The records in a file, whose format is recognised by its content.

    ``area`` is the geometric area of the cell [m2, or a text as "0.785 cm2"]: a table that has
    the current per area is refused without it, and otherwise multiplied by it, with a note.
    Files with the current itself do not need it.

    Raises :class:`InputError` for what is no path and no area, :class:`StorageError` for a file
    that is missing, empty, cannot be opened or is of no known format (the message lists those that
    are), and what the format's reader raises for a damaged or incomplete file; each message names
    the file.
    """
    path = _path_of(path)
    size = None if area is None else _area_of(area)
    reader = _reader_of(path)
    more = {"area": size} if getattr(reader, "TAKES_AREA", False) else {}
    try:
        return reader.read(path, **more)
    except InputError as error:
        raise error if error.file else error.inside(file=str(path)) from None


def format_of(path: Path | str) -> str:
    """The name of a file's format, recognised as :func:`read` does; the same errors."""
    return _reader_of(_path_of(path)).FORMAT


@lru_cache(maxsize=1)
def readers() -> tuple[Reader, ...]:
    """The readers of all formats: every public module in this room."""
    names = sorted(module.name for module in pkgutil.iter_modules(solith.readers.__path__))
    modules = [
        import_module(f"{solith.readers.__name__}.{name}")
        for name in names
        if not name.startswith("_")
    ]
    modules.sort(key=_is_last_resort)
    return tuple(cast("Reader", module) for module in modules)


def _path_of(given: object) -> Path:
    if isinstance(given, (str, Path)) and "\0" not in str(given):
        return Path(given)
    raise InputError(f"the path of a file is needed, as text or as a Path, not {given!r:.60}")


def _area_of(given: Any) -> float:
    try:
        size = to_si(given, "m2")
    except InputError as error:
        raise error.inside("area") from None
    if not size > 0:
        raise InputError(f"{given!r} must be above 0", where="area")
    return size


def _is_last_resort(module: object) -> bool:
    return bool(getattr(module, "LAST_RESORT", False))


def _reader_of(path: Path) -> Reader:
    long_head = _head(path)
    head = long_head[:_HEAD]
    for reader in readers():
        if reader.recognises(long_head if _is_last_resort(reader) else head):
            return reader
    offered = "; ".join(reader.FORMAT for reader in readers())
    raise StorageError(f"{path}: {_what_it_is(head)} of unknown format. solith reads: {offered}")


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise StorageError(f"{path}: is a folder; give one of the files in it")
        with path.open("rb") as stream:
            head = stream.read(_LONG_HEAD)
    except FileNotFoundError:
        raise StorageError(f"{path}: there is no such file") from None
    except OSError as error:
        raise StorageError(f"{path}: cannot be opened ({error.strerror})") from None
    if not head.strip():
        raise StorageError(f"{path}: the file is empty")
    return head


def _what_it_is(head: bytes) -> str:
    if b"\0" in head:
        return "a binary file"
    lines = head.decode("utf-8", errors="replace").strip().splitlines()
    return f"a text file (it begins {lines[0][:60]!r})" if lines else "a file without text"
