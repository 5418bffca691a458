"""Reading the options of an analysis and the facts a record carries."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import InputError, UnknownNameError
from solith.core.given import require_record
from solith.core.quantities import to_si

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = [
    "AREAS",
    "areas_of",
    "chosen",
    "cycle_among",
    "fact",
    "positive",
    "require_text",
    "whole_number",
    "yes_or_no",
]

AREAS = ("geometric", "active", "contact")

_SMALLEST, _LARGEST = 1e-30, 1e30
"""Between what a positive quantity in SI units lies; the squares of others overflow."""


def chosen(what: str, name: str, choices: Collection[str]) -> str:
    """``name``, if it is one of the ``choices``; otherwise an error that lists them."""
    if not isinstance(name, str) or name not in choices:
        raise UnknownNameError.among(what, str(name), choices)
    return name


def positive(given: Any, unit: str, where: str) -> float:
    """A number above 0 in SI ``unit``, from a number or a text with its unit.

    One below 1e-30 or above 1e30 is refused: it is a slip, and its square may overflow.
    """
    try:
        number = to_si(given, unit)
    except InputError as error:
        raise error.inside(where) from None
    if not number > 0:
        raise InputError(f"{given!r} must be above 0", where=where)
    if not _SMALLEST <= number <= _LARGEST:
        told = f"{given!r} is {number:.3g} {unit}".rstrip()
        raise InputError(f"{told}; expected {_SMALLEST:g} to {_LARGEST:g}", where=where)
    return number


def whole_number(given: Any, what: str, where: str, *, least: int = 1) -> int:
    """An integer, at least ``least``; the error says ``what`` it should be."""
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < least:
        raise InputError(f"{given!r} is not {what}", where=where)
    return int(given)


def cycle_among(wanted: Any, numbers: Collection[int], what: str = "cycle") -> int:
    """``wanted``, if it is the number of one of the cycles; otherwise an error that lists them."""
    known = isinstance(wanted, (int, np.integer)) and not isinstance(wanted, bool)
    if not known or wanted not in numbers:
        raise UnknownNameError.among(what, str(wanted), map(str, numbers))
    return int(wanted)


def yes_or_no(given: Any, where: str) -> bool:
    """A truth value, and nothing that only counts as one."""
    if not isinstance(given, (bool, np.bool_)):
        raise InputError(f"{given!r} is neither True nor False", where=where)
    return bool(given)


def require_text(given: Any, where: str) -> None:
    """Raise :class:`InputError` for what is no text."""
    if not isinstance(given, str):
        raise InputError(f"{given!r} is not a text", where=where)


def fact(record: Record, name: str) -> float | None:
    """A number above 0 from the record's attributes, ``None`` where it has none."""
    require_record(record)
    given = record.data.attrs.get(name)
    if given is None:
        return None
    number = isinstance(given, (int, float, np.integer, np.floating)) and not isinstance(
        given, bool
    )
    if not number or not _SMALLEST <= given <= _LARGEST:
        unit = name.rsplit("_", 1)[-1].replace("metre", "m")
        expected = f"a number of {unit} above 0, {_SMALLEST:g} to {_LARGEST:g}"
        raise InputError(f"{given!r} is not {expected}", where=name)
    return float(given)


def areas_of(record: Record) -> dict[str, float]:
    """The areas that the record's attributes name [m2]."""
    known = {name: fact(record, f"{name}_area_m2") for name in AREAS}
    return {name: area for name, area in known.items() if area is not None}
