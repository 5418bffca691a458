"""From the columns of a table in the Battery Data Format to its records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.record import RECORD_KINDS, Record
from solith.readers._bdf_names import Column, label_of
from solith.readers._current_sign import charging_positive
from solith.readers._measured import Part
from solith.readers._measured import records_of as records_of_parts
from solith.readers._restarts import counted_without_restarts
from solith.readers._sweeps import sweeps_apart

__all__ = ["KINDS", "KNOWN", "no_number", "records_of", "require_unique"]

KINDS = ("cycling", "impedance")
"""The kinds of record that the format has columns for."""

_SPECTRUM = RECORD_KINDS["impedance"].required
KNOWN = frozenset(name for kind in KINDS for name in RECORD_KINDS[kind].required)
"""Columns of which a table needs some, and which hold nothing but numbers."""

_ENDINGS = (".csv", ".parquet", ".bdf")


def records_of(
    path: Path,
    columns: Sequence[Column],
    values: Mapping[str, NDArray[Any]],
    notes: Sequence[str] = (),
) -> list[Record]:
    """The cycling record and the impedance records in a table.

    ``values`` are in the units of the columns' names. Rows with a frequency above 0 are impedance,
    each sweep in an unbroken block of them a record; the others are cycling, with the current
    turned so that it is positive in charging and a clock that restarts joined where the counters go
    on, or left out with a note where the table has no columns of cycling. Raises
    :class:`InputError` for a required column that is missing and where there are no rows but those
    that are left out.
    """
    wanted, left_out = _split(path, values)
    for kind, _ in wanted:
        _require_columns(path, kind, values)
    units = {column.name: column.unit for column in columns}
    joined, restarts = counted_without_restarts(values)
    turned, told = charging_positive(joined)
    name = path.name
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    parts = []
    for kind, rows in wanted:
        others = _SPECTRUM if kind == "cycling" else ()
        picked = {key: column[rows] for key, column in turned.items() if key not in others}
        more = told if kind == "cycling" else left_out
        parts.append(Part(kind, picked, units, (*notes, *more, *restarts)))
    return records_of_parts(path, parts, stem=name)


def require_unique(columns: Sequence[Column], path: Path) -> None:
    """Raises :class:`InputError` where two headings mean the same column."""
    headings: dict[str, str] = {}
    for column in columns:
        if column.name in headings:
            raise InputError(
                f"the columns {headings[column.name]!r} and {column.heading!r} are both "
                f"{column.name}; keep one",
                file=str(path),
            )
        headings[column.name] = column.heading


def no_number(path: Path, column: Column, field: str, row: int) -> InputError:
    """The error for a field that should be a number; ``row`` counts from 1."""
    return InputError(
        f"{field[:60]!r} in row {row} is not a number",
        where=f"column {column.heading!r}",
        file=str(path),
    )


def _split(
    path: Path, values: Mapping[str, NDArray[Any]]
) -> tuple[list[tuple[str, NDArray[np.intp]]], tuple[str, ...]]:
    """The kinds of record in a table, each with its rows, and a note on those left out."""
    everything = np.arange(len(next(iter(values.values()))))
    if not any(name in values for name in _SPECTRUM):
        return [("cycling", everything)], ()
    series = set(RECORD_KINDS["cycling"].required) <= set(values)
    if "frequency_hertz" not in values:
        return [("cycling" if series else "impedance", everything)], ()
    frequency = values["frequency_hertz"]
    swept = np.isfinite(frequency) & (frequency > 0)
    still = np.flatnonzero(~swept)
    if not series and len(still) == len(swept):
        raise InputError("no row has a frequency above 0", file=str(path))
    wanted = [("cycling", still)] if series and len(still) else []
    for block in np.split(everything, np.flatnonzero(np.diff(swept)) + 1):
        if swept[block[0]]:
            sweeps = sweeps_apart({name: column[block] for name, column in values.items()})
            wanted += [("impedance", block[sweep]) for sweep in sweeps]
    if series or not len(still):
        return wanted, ()
    return wanted, (
        f"{len(still)} rows without a frequency above 0 were left out (row {still[0] + 1} the "
        "first)",
    )


def _require_columns(path: Path, kind: str, values: Mapping[str, NDArray[Any]]) -> None:
    missing = [name for name in RECORD_KINDS[kind].required if name not in values]
    if missing:
        named = ", ".join(f"{name} (or {label_of(name)!r})" for name in missing)
        raise InputError(
            f"the column {named} is missing; the table has {', '.join(values)}", file=str(path)
        )
