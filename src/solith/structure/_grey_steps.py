"""Grey values of any type in steps of 16 bits, in which all work on them is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.volume import GreyVolume

__all__ = ["GreySteps", "grey_steps", "require_finite", "sample_of"]

Array = NDArray[Any]
_MOST = 65535
_SAMPLE = 2_000_000
_ROOM = 0.1
"""Part of the range left free at either end, for what taking a drift away moves."""


@dataclass(frozen=True, eq=False)
class GreySteps:
    """``values``, shape (x, y, z), uint16 in C order: grey = lowest + step * value."""

    values: NDArray[np.uint16]
    lowest: float
    step: float

    def to_steps(self, grey: Any) -> Any:
        """Grey values as (unrounded) steps."""
        return (np.asarray(grey, float) - self.lowest) / self.step

    def to_grey(self, steps: Any) -> Any:
        """Steps as grey values."""
        return self.lowest + self.step * np.asarray(steps, float)

    def write(self, like: Array) -> Array:
        """All steps as grey values of the type of ``like``."""
        result = np.empty(self.values.shape, like.dtype)
        whole = np.issubdtype(like.dtype, np.integer)
        for steps, grey in zip(self.values, result, strict=True):
            back = self.lowest + np.float32(self.step) * steps.astype(np.float32)
            grey[:] = np.rint(back) if whole else back
        return result


def grey_steps(grey: GreyVolume) -> GreySteps:
    """A copy of the grey values in steps, checked.

    The whole range is covered for whole numbers up to 16 bits. Of other values it is the range of
    all but one in a thousand at either end, and as much again beyond: a few hot voxels do not
    make the steps coarse, they are clipped. :class:`InputError` for values that are not finite, and
    for a volume of one grey value.
    """
    low, high = require_finite(grey)
    if low == high:
        raise InputError(
            f"every voxel has the grey value {low:g}: there is nothing to tell apart",
            where="grey",
        )
    low, high = _worked_range(grey.values, low, high)
    room = _ROOM * (high - low)
    lowest, step = low - room, (high - low + 2 * room) / _MOST
    values = np.empty(grey.shape, np.uint16)
    for part, steps in zip(grey.values, values, strict=True):
        scaled = (part.astype(np.float32) - np.float32(lowest)) * np.float32(1 / step)
        np.clip(scaled, 0, _MOST, out=scaled)
        steps[:] = np.rint(scaled, out=scaled)
    return GreySteps(values, float(lowest), float(step))


def require_finite(grey: GreyVolume) -> tuple[float, float]:
    """The lowest and the highest grey value; :class:`InputError` for one that is not finite."""
    if not isinstance(grey, GreyVolume):
        raise InputError(
            f"expected a GreyVolume(values, voxel_size), not {type(grey).__name__}", where="grey"
        )
    low, high = np.inf, -np.inf
    for number, part in enumerate(grey.values):
        least, greatest = float(np.min(part)), float(np.max(part))
        if not (np.isfinite(least) and np.isfinite(greatest)):
            count = sum(int(np.count_nonzero(~np.isfinite(one))) for one in grey.values)
            raise InputError(
                f"{count} of {grey.values.size} grey values are not finite (NaN or infinite), the "
                f"first in slice x = {number}; give them a value or cut them off",
                where="grey",
            )
        low, high = min(low, least), max(high, greatest)
    return low, high


def sample_of(values: Array, most: int = _SAMPLE) -> Array:
    """At most about ``most`` values on an even grid, as one row."""
    stride = max(1, int(np.ceil((values.size / most) ** (1 / 3))))
    strides = [min(stride, n) for n in values.shape]
    return np.ascontiguousarray(values[tuple(slice(s // 2, None, s) for s in strides)]).ravel()


def _worked_range(values: Array, low: float, high: float) -> tuple[float, float]:
    """The range that is worked in; values beyond are clipped."""
    if values.dtype in (np.uint8, np.uint16, np.int8, np.int16):
        return low, high
    inner_low, inner_high = map(float, np.quantile(sample_of(values), (0.001, 0.999)))
    span = inner_high - inner_low
    if span == 0:
        return low, high
    return max(low, inner_low - span), min(high, inner_high + span)
