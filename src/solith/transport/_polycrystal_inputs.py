"""What a polycrystal's grains and boundaries conduct, as given in one of several ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.transport._phase_tables import not_negative
from solith.transport.polycrystal_layers import Lognormal, Patches, require_conductivity

__all__ = ["boundary_conductivities", "covered_area", "grain_conductivities"]

Array = NDArray[Any]


def grain_conductivities(given: Any, count: int) -> Array:
    """By grain [S/m], from one value, one for each grain or a distribution."""
    where = "grain_conductivity"
    if isinstance(given, Lognormal):
        grains = np.arange(count)
        return given.draw(grains, grains)
    if _is_one(given):
        values = np.full(count, not_negative(given, "S/m", where))
    else:
        values = _numbers(given, where)
        if values.shape != (count,):
            raise InputError(
                f"give one value, or one for each of the {count} grains, "
                f"not {' x '.join(map(str, values.shape))}",
                where=where,
            )
    if not values.any():
        raise InputError("no grain conducts: zero everywhere", where=where)
    return _within(values, where)


def boundary_conductivities(
    given: Any, one: Array, other: Array, count: int, where: str = "boundary_conductivity"
) -> Array:
    """By pair of grains [S/m]: one value, a distribution, a table, a square array or a function."""
    return _within(_by_pair(given, one, other, count, where), where)


def _by_pair(given: Any, one: Array, other: Array, count: int, where: str) -> Array:
    if isinstance(given, Lognormal):
        return given.draw(one, other)
    if isinstance(given, Mapping):
        return _from_table(given, one, other, count, where)
    if callable(given):
        values = _numbers(given(one, other), where)
        if values.shape not in ((), one.shape):
            raise InputError(
                f"the function gives {' x '.join(map(str, values.shape))} values for "
                f"{len(one)} pairs of grains: it takes two arrays and gives one as long",
                where=where,
            )
        return np.array(np.broadcast_to(values, one.shape))
    if _is_one(given):
        return np.full(len(one), not_negative(given, "S/m", where))
    values = _numbers(given, where)
    if values.shape != (count, count):
        raise InputError(
            f"an array has a row and a column for each of the {count} grains, "
            f"not {' x '.join(map(str, values.shape))}",
            where=where,
        )
    if not np.array_equal(values, values.T):
        raise InputError("the array is not symmetric", where=where)
    return values[one, other]


def covered_area(
    given: Any,
    shape: tuple[int, int],
    spacing: tuple[float, float],
    periodic: tuple[bool, bool],
    where: str,
) -> Array:
    """Where a face of ``shape`` voxels is covered, from patches or an array; all of it for None."""
    if given is None:
        return np.ones(shape, bool)
    if isinstance(given, Patches):
        return given.draw(shape, spacing, periodic)
    mask = np.asarray(given)
    if mask.dtype != np.bool_ or mask.shape != shape:
        raise InputError(
            f"expected Patches, or an array of true and false of the face's "
            f"{shape[0]} x {shape[1]} voxels, not {type(given).__name__}",
            where=where,
        )
    return mask


def _within(values: Array, where: str) -> Array:
    """The values, unless one is no conductor's."""
    conducting = values[values > 0]
    if len(conducting):
        require_conductivity(float(conducting.max()), where)
        require_conductivity(float(conducting.min()), where)
    return values


def _is_one(given: Any) -> bool:
    return isinstance(given, (str, int, float)) or getattr(given, "ndim", None) == 0


def _numbers(given: Any, where: str) -> Array:
    if not isinstance(given, np.ndarray) and not isinstance(given, (list, tuple, float, int)):
        raise InputError(
            f"expected a conductivity such as '0.1 mS/cm', an array of S/m, or Lognormal, "
            f"not {type(given).__name__}",
            where=where,
        )
    if isinstance(given, (list, tuple)) and any(isinstance(one, str) for one in given):
        given = [not_negative(one, "S/m", where) for one in given]
    try:
        values = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        raise InputError("the values are no numbers [S/m]", where=where) from None
    if not np.all(np.isfinite(values)) or np.any(values < 0):
        raise InputError("all values have to be finite and zero or more [S/m]", where=where)
    return values


def _is_pair(pair: Any) -> bool:
    return (
        isinstance(pair, tuple)
        and len(pair) == 2
        and all(isinstance(one, (int, np.integer)) for one in pair)
        and bool(pair[0] != pair[1])
    )


def _from_table(
    given: Mapping[Any, Any], one: Array, other: Array, count: int, where: str
) -> Array:
    known: dict[tuple[int, int], float] = {}
    rest = None
    for pair, value in given.items():
        number = not_negative(value, "S/m", f"{where}.{pair}")
        if pair == "others":
            rest = number
        elif _is_pair(pair):
            if not 0 <= min(pair) <= max(pair) < count:
                raise InputError(
                    f"{pair!r} names a grain that is not there; they are 0 to {count - 1}",
                    where=where,
                )
            known[min(pair), max(pair)] = number
        else:
            raise InputError(
                f"{pair!r} is no pair of grains, as in {{(0, 1): '1 uS/cm', 'others': 0}}",
                where=where,
            )
    apart = set(known) - set(zip(one.tolist(), other.tolist(), strict=True))
    if apart and rest is not None:  # without 'others', a pair misnamed is one that lacks
        a, b = min(apart)
        raise InputError(
            f"the grains {a} and {b}, which are named, do not touch"
            f"{f', nor do {len(apart) - 1} other pairs' if len(apart) > 1 else ''}; "
            "leave them out",
            where=where,
        )
    values = [known.get((int(a), int(b)), rest) for a, b in zip(one, other, strict=True)]
    if None in values:
        place = values.index(None)
        raise InputError(
            f"nothing is given for the grains {one[place]} and {other[place]}, which touch; "
            "'others' stands for all that are not named",
            where=where,
        )
    return np.array(values, np.float64)
