"""What is given where a record or a result is expected: told apart before it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result

__all__ = ["listed", "records_among", "require_record", "require_result"]


def require_record(given: object) -> None:
    """Raise :class:`InputError` for anything but a record, and say how to come by one."""
    if isinstance(given, Record):
        return
    if isinstance(given, (list, tuple)):
        raise InputError("read gives a list of records; take one: solith.read(path)[0]")
    if isinstance(given, (str, Path)):
        raise InputError(
            f"{str(given)!r} is no record; read the file and take one of its records: "
            "solith.read(path)[0]"
        )
    raise InputError(f"expected a record, as in solith.read(path)[0], not {type(given).__name__}")


def records_among(given: object) -> list[Record]:
    """The records in a list or a table by name; :class:`InputError` for what holds none."""
    records = []
    for one in listed(given, "records"):
        require_record(one)
        records.append(one)
    return records


def listed(given: object, what: str) -> list[Any]:
    """What a list or a table by name holds; :class:`InputError` for one thing alone."""
    if isinstance(given, (Record, Result, str, bytes, Path)) or not isinstance(given, Iterable):
        raise InputError(
            f"expected several {what}, in a list or by name, not {type(given).__name__}"
        )
    return list(given.values()) if isinstance(given, Mapping) else list(given)


def require_result(given: object) -> None:
    """Raise :class:`InputError` for anything but a result, and say how to come by one."""
    if isinstance(given, Result):
        return
    found = "a record" if isinstance(given, Record) else type(given).__name__
    raise InputError(
        f"expected the result of an analysis, as in solith.analysis.fit_drt(record), not {found}"
    )
