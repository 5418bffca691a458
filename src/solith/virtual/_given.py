"""Numbers that a user gives to a virtual experiment, checked."""

from __future__ import annotations

import math
from typing import Any

from solith.core.errors import InputError
from solith.core.quantities import to_si

__all__ = ["length", "number", "number_rows", "size_of", "whole"]

_MOST_PIXELS = 4096


def number(given: Any, where: str, *, low: float = -math.inf, high: float = math.inf) -> float:
    """A plain number from ``low`` to ``high``."""
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not math.isfinite(given):
        raise InputError(f"{given!r:.60} is no number", where=where)
    if not low <= given <= high:
        raise InputError(f"{given!r} is not from {low:g} to {high:g}", where=where)
    return float(given)


def whole(given: Any, where: str, *, low: int = 0, high: int = 2**31) -> int:
    """A whole number from ``low`` to ``high``."""
    if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
        raise InputError(f"{given!r:.60} is no whole number from {low} to {high}", where=where)
    return given


def length(given: Any, where: str, *, zero: bool = False) -> float:
    """A length [m], from SI or a text with its unit, above 0 (or 0)."""
    try:
        value = to_si(given, "m")
    except InputError as error:
        raise error.inside(where) from None
    if not math.isfinite(value) or value < 0 or (value == 0 and not zero):
        raise InputError(f"{given!r} must be above 0", where=where)
    return float(value)


def size_of(given: Any, where: str, *, low: int = 32) -> tuple[int, int]:
    """Rows and columns of an image."""
    if not isinstance(given, (list, tuple)) or len(given) != 2:
        raise InputError(f"{given!r:.60} is no pair (rows, columns)", where=where)
    rows, columns = (whole(one, where, low=low, high=_MOST_PIXELS) for one in given)
    return rows, columns


def number_rows(given: Any, count: int, where: str) -> tuple[tuple[Any, ...], ...]:
    """Rows of ``count`` numbers each."""
    if isinstance(given, (str, bytes)) or not isinstance(given, (list, tuple)):
        raise InputError(f"{given!r:.60} is no list of rows of {count} numbers", where=where)
    rows = []
    for row in given:
        if not isinstance(row, (list, tuple)) or len(row) != count:
            raise InputError(f"{row!r:.60} is no row of {count} numbers", where=where)
        rows.append(tuple(number(one, where) for one in row))
    return tuple(rows)
