"""Checks on the plain data of a study file; each error names the field it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from solith.core.errors import InputError, UnknownNameError

__all__ = [
    "check_keys",
    "check_name",
    "read_choice",
    "read_list",
    "read_sample_names",
    "read_table",
    "read_text",
    "read_texts",
    "read_whole",
]

_MISSING = object()
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,_+=-]{0,59}")
_PATH = re.compile(rf"{_NAME.pattern}(/{_NAME.pattern})*")


def check_keys(table: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
    """Refuse a key that is not ``allowed``."""
    for key in table:
        if key not in allowed:
            raise UnknownNameError.among("field", key, allowed).inside(where)


def check_name(name: Any, where: str, *, path: bool = False) -> str:
    """A name that can stand in a table, in a reference and in a file's name.

    With ``path``, several of them joined by ``/``.
    """
    if not isinstance(name, str):
        raise InputError(f"{name!r} is not a text", where=where)
    if not (_PATH if path else _NAME).fullmatch(name):
        slash = ", / between parts" if path else ""
        raise InputError(
            f"{name!r} is no usable name; expected letters, digits, spaces, commas, "
            f"_ + = -{slash}, at most 60, a letter or digit first",
            where=where,
        )
    return name


def read_table(
    table: Mapping[str, Any], key: str, where: str, default: Any = _MISSING
) -> Mapping[str, Any]:
    """The table under ``key``."""
    value = _take(table, key, where, default)
    if not isinstance(value, Mapping):
        raise InputError(f"{value!r} is not a table", where=_join(where, key))
    return value


def read_list(table: Mapping[str, Any], key: str, where: str) -> list[Any]:
    """The list under ``key``; empty where there is none."""
    value = table.get(key, [])
    if not isinstance(value, (list, tuple)):
        raise InputError(f"{value!r} is not a list", where=_join(where, key))
    return list(value)


def read_text(table: Mapping[str, Any], key: str, where: str, default: Any = _MISSING) -> str:
    """The text under ``key``."""
    value = _take(table, key, where, default)
    if not isinstance(value, str):
        raise InputError(f"{value!r} is not a text", where=_join(where, key))
    return value


def read_texts(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """The texts in the list under ``key``; none where there is no list."""
    values = read_list(table, key, where)
    for value in values:
        if not isinstance(value, str):
            raise InputError(f"{value!r} is not a text", where=_join(where, key))
    return tuple(values)


def read_choice(
    table: Mapping[str, Any], key: str, where: str, choices: Iterable[str], default: str
) -> str:
    """The text under ``key``, one of the ``choices``."""
    value = read_text(table, key, where, default)
    if value not in choices:
        raise UnknownNameError.among(key, value, choices).inside(_join(where, key))
    return value


def read_sample_names(
    entry: Mapping[str, Any], where: str, samples: Iterable[str]
) -> tuple[str, ...]:
    """The names of samples in the list ``samples``; none where there is no list."""
    names = read_texts(entry, "samples", where)
    for place, name in enumerate(names):
        if name not in samples:
            raise UnknownNameError.among("sample", name, samples).inside(f"{where}.samples")
        if name in names[:place]:
            raise InputError(f"{name!r} stands there twice", where=f"{where}.samples")
    return names


def read_whole(table: Mapping[str, Any], key: str, where: str) -> int | None:
    """The whole number from 1 under ``key``, or ``None`` where there is none."""
    value = table.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{value!r} is not a whole number from 1", where=_join(where, key))
    return value


def _take(table: Mapping[str, Any], key: str, where: str, default: Any) -> Any:
    value = table.get(key, default)
    if value is _MISSING:
        raise InputError("is missing; give a value for it", where=_join(where, key))
    return value


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
