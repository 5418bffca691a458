"""Formats of electron microscopes through RosettaSciIO, asked for by name.

RosettaSciIO is under the GPL: nothing of solith loads it unless this function is called.
"""

from __future__ import annotations

import struct
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import InputError, StorageError
from solith.readers._maps import Channel, in_si, map_records, require_pixels

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["read_with_rosettasciio"]

_DAMAGES: tuple[type[Exception], ...] = (
    *(ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError),
    *(OSError, RuntimeError, ImportError, MemoryError, EOFError, struct.error),
)
"""What dozens of parsers raise on files that they do not understand."""


def read_with_rosettasciio(path: Path | str) -> list[Record]:
    """The images in a file that RosettaSciIO reads (.dm4, .emd, .bcf, .hspy, ...), as maps.

    For what has two dimensions, images and element maps; spectra of each pixel are made maps of
    elements in HyperSpy first. Raises :class:`StorageError` where RosettaSciIO is not installed
    (``pip install 'solith[rosettasciio]'``; it is under the GPL), for a file that it does not read
    and for one without an image.
    """
    if not isinstance(path, (str, Path)):
        raise InputError(f"the path of a file is needed, as text or as a Path, not {path!r:.60}")
    path = Path(path)
    if not path.is_file():
        raise StorageError(f"{path}: there is no such file")
    channels = [found for one in _signals(path) if (found := _channel(path, one)) is not None]
    if not channels:
        raise StorageError(f"{path}: holds no image of two dimensions; make maps in HyperSpy first")
    return map_records(path, channels, instrument="RosettaSciIO")


def _signals(path: Path) -> list[dict[str, Any]]:
    try:
        import rsciio
    except ImportError:
        raise StorageError(
            f"{path}: RosettaSciIO is needed; install it with: pip install 'solith[rosettasciio]' "
            "(it is under the GPL)"
        ) from None
    from importlib import import_module

    ending = path.suffix.lower().removeprefix(".")
    fitting = [one for one in rsciio.IO_PLUGINS if ending in one["file_extensions"]]
    problems = [] if fitting else [f"no format has the ending .{ending}"]
    for plugin in fitting:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found: list[dict[str, Any]] = import_module(plugin["api"]).file_reader(str(path))
        except _DAMAGES as error:
            problems.append(f"{plugin['name']}: {error!s:.120}")
        else:
            return found
    raise StorageError(f"{path}: is not read by RosettaSciIO ({'; '.join(problems)})")


def _channel(path: Path, signal: dict[str, Any]) -> Channel | None:
    values = np.asarray(signal.get("data"))
    axes = signal.get("axes", [])
    if values.ndim != 2 or values.dtype.kind not in "biuf" or len(axes) != 2:
        return None
    require_pixels(path, *values.shape)
    sizes = [_step(axis) for axis in axes]
    high, wide = sizes
    known = None if high is None or wide is None else (wide, high)
    about = signal.get("metadata", {})
    name = str(about.get("General", {}).get("title", "")) or "intensity"
    unit = str(about.get("Signal", {}).get("quantity", "")).rpartition("(")[2].rstrip(")")
    return Channel(name, values, unit, known)


def _step(axis: dict[str, Any]) -> float | None:
    factor, unit = in_si(str(axis.get("units", "")))
    step = axis.get("scale")
    return factor * abs(float(step)) if unit == "m" and isinstance(step, (int, float)) else None
