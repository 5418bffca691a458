"""Reading the options of an analysis and the facts a record carries."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.given import require_record
from solith.core.quantities import to_si

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["AREAS", "areas_of", "chosen", "fact", "positive"]

AREAS = ("geometric", "active", "contact")


def chosen(what: str, name: str, choices: Collection[str]) -> str:
    """``name``, if it is one of the ``choices``; otherwise an error that lists them."""
    if not isinstance(name, str) or name not in choices:
        raise UnknownNameError.among(what, str(name), choices)
    return name


def positive(given: Any, unit: str, where: str) -> float:
    """A number above 0 in SI ``unit``, from a number or a text with its unit."""
    try:
        number = to_si(given, unit)
    except InputError as error:
        raise error.inside(where) from None
    if not number > 0:
        raise InputError(f"{given!r} must be above 0", where=where)
    return number


def fact(record: Record, name: str) -> float | None:
    """A number above 0 from the record's attributes, ``None`` where it has none."""
    require_record(record)
    given = record.data.attrs.get(name)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not given > 0:
        unit = name.rsplit("_", 1)[-1].replace("metre", "m")
        raise InputError(f"{given!r} is not a number of {unit} above 0", where=name)
    return float(given)


def areas_of(record: Record) -> dict[str, float]:
    """The areas that the record's attributes name [m2]."""
    known = {name: fact(record, f"{name}_area_m2") for name in AREAS}
    return {name: area for name, area in known.items() if area is not None}
