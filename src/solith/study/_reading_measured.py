"""From plain data to the measured files of a sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.errors import InputError, UnitError
from solith.core.quantities import no_unit_message
from solith.core.record import FACTS
from solith.study._checks import (
    check_keys,
    check_name,
    read_table,
    read_text,
    read_texts,
    read_whole,
)
from solith.study._references import read_references
from solith.study.measured import Measured

__all__ = ["read_measured"]

_OWN = ("file", "files", "record", "state", "analysis")


def read_measured(written: Mapping[str, Any], where: str) -> dict[str, Measured]:
    """What a sample's table has under ``measured``; the files themselves are checked later."""
    table = read_table(written, "measured", where, {})
    where = f"{where}.measured"
    return {name: _read_one(table, check_name(name, where), where) for name in table}


def _read_one(table: Mapping[str, Any], name: str, where: str) -> Measured:
    entry = read_table(table, name, where)
    where = f"{where}.{name}"
    check_keys(entry, (*_OWN, *FACTS), where)
    files = read_texts(entry, "files", where)
    if files and "file" in entry:
        raise InputError("give either file or files", where=where)
    return Measured(
        name,
        file="" if files else read_text(entry, "file", where),
        files=files,
        record=read_whole(entry, "record", where) or 1,
        facts={
            key: _read_fact(key, item, f"{where}.{key}")
            for key, item in entry.items()
            if key not in _OWN
        },
        analysis=_read_analysis(entry, where),
        state={
            key: read_references(item, f"{where}.state.{key}")
            for key, item in read_table(entry, "state", where, {}).items()
        },
    )


def _read_fact(name: str, item: Any, where: str) -> Any:
    """A text with its unit, or the output of a task."""
    if isinstance(item, (int, float)) and not isinstance(item, bool):
        raise UnitError(no_unit_message(item, FACTS[name][0]), where=where)
    return read_references(item, where)


def _read_analysis(entry: Mapping[str, Any], where: str) -> Mapping[str, Any] | bool:
    written = entry.get("analysis", True)
    where = f"{where}.analysis"
    if isinstance(written, bool):
        return written
    if not isinstance(written, Mapping):
        raise InputError(
            f"{written!r} is neither a table of options nor true or false", where=where
        )
    return {key: read_references(item, f"{where}.{key}") for key, item in written.items()}
