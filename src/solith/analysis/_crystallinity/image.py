"""An image with its pixel size, out of an array or a record of kind "map"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.analysis._options import fact, positive
from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record

__all__ = ["Image", "image_of"]

Array = NDArray[np.float64]

_UNEVEN = 0.005
"""Of a pixel's sides: more is another pixel size along each."""
_LEAST = 64
_LARGEST = 1e100
"""Squares of more overflow."""


@dataclass(frozen=True)
class Image:
    """Grey values (y, x), mean 0 and deviation 1, and the side of a pixel [m]."""

    values: Array
    pixel_size: float


def image_of(
    given: Record | ArrayLike, pixel_size: float | str | None, channel: str | None
) -> Image:
    """The image in an array (y, x) with ``pixel_size`` [m], or in a map, whose own it may be.

    ``channel`` names the variable of a map that has several. Raises :class:`InputError` for what
    is no image of at least 64 x 64 finite values that differ, and where the pixel size is missing
    or differs between the axes.
    """
    if isinstance(given, Record):
        values, sides = _of_map(given, channel)
    elif channel is not None:
        raise InputError(f"{channel!r} names a channel, but an array has none", where="channel")
    else:
        values, sides = _of_array(given), []
    if pixel_size is not None:
        sides = [positive(pixel_size, "m", "pixel_size")]
    if not sides:
        raise InputError("the size of a pixel is not known: give it, as '0.05 nm'", where="pixel")
    if max(sides) > (1 + _UNEVEN) * min(sides):
        raise InputError(
            f"pixels of {sides[0]:.4g} by {sides[1]:.4g} m are not square; resample the image"
        )
    if values.ndim != 2 or min(values.shape) < _LEAST:
        shape = " x ".join(map(str, values.shape))
        raise InputError(f"an image has two axes of {_LEAST} pixels or more, this array is {shape}")
    if not np.all(np.isfinite(values)):
        raise InputError("the image has values that are not finite")
    if float(np.abs(values).max()) > _LARGEST:
        raise InputError(f"the image has values beyond {_LARGEST:g}, which nothing measures")
    deviation = float(values.std())
    if not deviation > 1e-12 * float(np.abs(values).max()):
        raise InputError("the image is the same everywhere")
    return Image((values - values.mean()) / deviation, sides[0])


def _of_array(given: ArrayLike) -> Array:
    try:
        array = np.asarray(given)
    except ValueError:
        raise InputError("the rows of an image are of unlike length") from None
    if array.dtype.kind not in "fiu":
        raise InputError(f"an image is an array of real numbers, not of {array.dtype}")
    return array.astype(float)


def _of_map(record: Record, channel: str | None) -> tuple[Array, list[float]]:
    if record.kind != "map":
        raise InputError(f"an image is a record of kind 'map', not {record.kind!r}")
    names = [str(name) for name in record.data.data_vars]
    if channel is None and len(names) > 1:
        raise InputError(f"the map has {', '.join(names)}: name one", where="channel")
    chosen = names[0] if channel is None else channel
    if chosen not in names:
        raise UnknownNameError.among("channel", str(chosen), names)
    known: list[Any] = [fact(record, f"pixel_size_{axis}_metre") for axis in "xy"]
    return record.array(chosen), [side for side in known if side is not None]
