"""Images in Igor's binary waves, ``.ibw`` version 5, as Asylum's microscopes write: by igor2.

A wave with two dimensions is an image, one with three a stack of channels, whose names are the
labels of the third dimension.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import StorageError
from solith.readers._maps import Channel, in_si, map_records, require_pixels
from solith.readers._quiet import silenced

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises"]

FORMAT = "Igor binary wave (.ibw)"
UNVERIFIED = "Igor's waves: only such as were made by hand; which line of an image is its lowest"

_VERSION, _POINTS, _DIMENSIONS = 0, 76, 132
"""Bytes at which the version, the number of points and the lengths of four dimensions begin."""
_MOST_CHANNELS = 64
_PHASE = "phase"
_DAMAGES: tuple[type[Exception], ...] = (
    *(ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError),
    *(OSError, RuntimeError, MemoryError, struct.error),
)
"""What the library raises on files with changed bytes."""


def recognises(head: bytes) -> bool:
    """Whether a file begins as a wave of version 5 whose dimensions hold its points."""
    return any(_fits(head, order) for order in "<>")


def read(path: Path) -> list[Record]:
    """The images of a wave as one map, with a channel for each layer.

    Raises :class:`StorageError` for a file that is damaged, breaks off or is no image, and where
    igor2 is not installed.
    """
    wave = _wave(path)
    values, header = np.asarray(wave["wData"]), wave["wave_header"]
    if values.ndim not in (2, 3) or values.dtype.kind not in "iuf":
        raise StorageError(
            f"{path}: holds a wave of {values.ndim} dimensions ({values.dtype}); an image has 2, "
            "or 3 with its channels"
        )
    stack = values[..., np.newaxis] if values.ndim == 2 else values
    columns, rows, layers = stack.shape
    require_pixels(path, rows, columns)
    if layers > _MOST_CHANNELS:
        raise StorageError(f"{path}: has {layers} layers; it is a volume, not an image")
    names = _labels(wave, layers) or [_text(header["bname"]) or "wave"]
    names += [f"layer {number + 1}" for number in range(len(names), layers)]
    size = _pixel_size(header)
    channels = []
    for number, name in enumerate(names):
        phase = _PHASE in name.lower()
        factor, unit = in_si("deg" if phase else _text(header["dataUnits"]))
        # The first line is the lowest of the image, as the microscope's software shows it.
        with np.errstate(invalid="ignore", over="ignore"):  # numbers that are none stay so
            image = factor * stack[:, ::-1, number].T.astype(float)
        note = (f"{name} is taken to be in degrees",) if phase else ()
        channels.append(Channel(name, image, unit, size, note))
    return map_records(path, channels, instrument="Igor")


def _fits(head: bytes, order: str) -> bool:
    if len(head) < _DIMENSIONS + 16:
        return False
    (version,) = struct.unpack_from(f"{order}h", head, _VERSION)
    (points,) = struct.unpack_from(f"{order}i", head, _POINTS)
    lengths = [n for n in struct.unpack_from(f"{order}4i", head, _DIMENSIONS) if n]
    product = 1
    for length in lengths:
        product *= length
    return version == 5 and bool(lengths) and min(lengths) > 0 and product == points


def _wave(path: Path) -> dict[str, Any]:
    try:
        from igor2 import binarywave
    except ImportError:
        raise StorageError(
            f"{path}: is an Igor wave, for which igor2 is needed; "
            "install it with: pip install 'solith[igor]'"
        ) from None
    _require_whole(path)
    try:
        with silenced("igor2"):
            wave: dict[str, Any] = binarywave.load(str(path))["wave"]
    except _DAMAGES as error:
        raise StorageError(f"{path}: is damaged or breaks off ({error!s:.200})") from None
    return wave


def _require_whole(path: Path) -> None:
    """The parts that the header promises lie in the file; the library allocates before it looks."""
    with path.open("rb") as stream:
        head = stream.read(64)
    order = "<" if head.startswith(b"\5\0") else ">"
    parts = struct.unpack_from(f"{order}15i", head, 4)
    promised = 64 + sum(parts)
    held = path.stat().st_size
    if min(parts) < 0 or promised > held:
        raise StorageError(
            f"{path}: is damaged or breaks off: it has {held} bytes, its header promises {promised}"
        )


def _labels(wave: dict[str, Any], layers: int) -> list[str]:
    """The names of the layers; the first label of a dimension is the dimension's own."""
    given = wave.get("labels") or []
    names = [_text(label) for label in given[2]] if len(given) > 2 else []
    return [name or f"layer {number + 1}" for number, name in enumerate(names[1 : layers + 1])]


def _pixel_size(header: dict[str, Any]) -> tuple[float, float] | None:
    sizes = [float(abs(step)) for step in header["sfA"][:2]]
    units = [in_si(_text(unit)) for unit in header["dimUnits"][:2]]
    if any(unit != "m" for _, unit in units) or not all(0 < size < 1e6 for size in sizes):
        return None
    return sizes[0] * units[0][0], sizes[1] * units[1][0]


def _text(given: Any) -> str:
    """A name or a unit, from bytes or an array of single ones, up to its null."""
    whole = given if isinstance(given, bytes) else b"".join(np.asarray(given, "S1").ravel())
    return whole.split(b"\0", 1)[0].decode("latin-1").strip()
