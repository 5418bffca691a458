"""Places in plain data: ``cell.cathode.coating.thickness``, list items counted from 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import split_quantity

__all__ = ["multiplied", "read_place", "with_value"]


def read_place(data: Any, place: str) -> Any:
    """What stands at ``place``; an :class:`UnknownNameError` lists what is there instead."""
    above = ""
    for part in place.split("."):
        data = data[_key(data, part, above)]
        above = f"{above}.{part}" if above else part
    return data


def with_value(data: Any, place: str, value: Any) -> Any:
    """A copy of ``data`` with ``value`` at ``place``.

    The last part of the place may be new in its table; all others must be there.
    """
    return _replaced(data, place.split("."), value, "")


def multiplied(written: Any, factor: float) -> str | float:
    """A quantity, written as a text with its unit or as a pure number, times ``factor``."""
    if isinstance(written, str):
        number, unit = split_quantity(written)
        return f"{number * factor!r} {unit}".rstrip()
    if isinstance(written, bool) or not isinstance(written, (int, float)):
        raise InputError(f"{written!r} is not a number")
    return written * factor


def _replaced(data: Any, parts: list[str], value: Any, above: str) -> Any:
    part, rest = parts[0], parts[1:]
    new = not rest and isinstance(data, Mapping)
    key: Any = part if new else _key(data, part, above)
    within = f"{above}.{part}" if above else part
    item = _replaced(data[key], rest, value, within) if rest else value
    if isinstance(data, Mapping):
        return {**data, key: item}
    return [*data[:key], item, *data[key + 1 :]]


def _key(data: Any, part: str, above: str) -> Any:
    if isinstance(data, Mapping):
        if part not in data:
            raise UnknownNameError.among("place", part, map(str, data)).inside(above)
        return part
    if isinstance(data, (list, tuple)):
        if not part.isdigit() or not 1 <= int(part) <= len(data):
            raise InputError(f"{part!r} is no place among 1 to {len(data)}", where=above)
        return int(part) - 1
    raise InputError(f"{data!r} has no parts, and so no {part!r}", where=above)
