"""Numbers given to the laws: turned to SI and kept within their bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.quantities import to_si

__all__ = ["Array", "numbers", "positive", "within"]

Array = NDArray[np.float64]


def positive(value: Any, unit: str, where: str) -> float:
    """``value`` in the SI ``unit``; :class:`InputError` at ``where`` unless above 0."""
    number = _si(value, unit, where)
    if not number > 0:
        raise InputError(f"{value!r} must be above 0 {unit}".rstrip(), where=where)
    return number


def within(
    value: Any, unit: str, where: str, low: float | None = None, high: float | None = None
) -> float:
    """``value`` in the SI ``unit``; :class:`InputError` at ``where`` beyond ``low`` or ``high``."""
    number = _si(value, unit, where)
    if low is not None and number < low:
        raise InputError(f"{value!r} must be at least {low:g} {unit}".rstrip(), where=where)
    if high is not None and number > high:
        raise InputError(f"{value!r} must be at most {high:g} {unit}".rstrip(), where=where)
    return number


def numbers(values: ArrayLike | str, unit: str, where: str) -> Array:
    """``values``, SI numbers or one text with a unit, as an array of finite numbers."""
    if isinstance(values, str):
        return np.asarray(_si(values, unit, where))
    try:
        array = np.asarray(values, float)
    except (TypeError, ValueError):
        raise InputError(f"{values!r} are not numbers in {unit}", where=where) from None
    if not np.all(np.isfinite(array)):
        raise InputError("holds numbers that are not finite; leave them out", where=where)
    return array


def _si(value: Any, unit: str, where: str) -> float:
    try:
        return to_si(value, unit)
    except InputError as error:
        raise error.inside(where) from None
