"""The tables that results hold (cycles, pulses, steps, ...), as files for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from solith.app.analyse import AnalysedRecord
from solith.core.result import finite

__all__ = ["detail_tables"]

_TABLES = (
    ("cycling", "cycles"),
    ("rates", "rates"),
    ("gitt", "pulses"),
    ("critical-current", "steps"),
    ("symmetric-cycling", "steps"),
    ("current-voltage", "sweeps"),
    ("current-voltage", "cycles"),
)


def detail_tables(one: AnalysedRecord) -> Iterator[tuple[str, str]]:
    """Name ("cycling-cycles") and text with commas of every table of a record's results.

    Headings carry the unit where the result knows it; what hangs on a row (uncertainties,
    flags) has columns of its own.
    """
    for technique, detail in _TABLES:
        result = one.results.get(technique)
        rows = [] if result is None else list(result.details.get(detail, ()))
        if result is not None and rows:
            yield f"{technique}-{detail}", _written(rows, result.details.get("units", {}))


def _written(rows: Sequence[Mapping[str, Any]], units: Mapping[str, str]) -> str:
    flat = [dict(_flat(row)) for row in rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([_heading(name, units) for name in columns])
    for row in flat:
        table.writerow(["" if row.get(name) is None else row[name] for name in columns])
    return text.getvalue()


def _flat(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, held in finite(row).items():
        if name == "flags":
            yield name, _flags(held)
        elif isinstance(held, Mapping):
            yield from ((f"{inner}_{name}", number) for inner, number in held.items())
        elif isinstance(held, list):
            yield name, "; ".join(map(str, held))
        else:
            yield name, held


def _flags(held: Any) -> str:
    if isinstance(held, Mapping):
        return "; ".join(f"{name}: {', '.join(told)}" for name, told in held.items())
    return "; ".join(map(str, held))


def _heading(name: str, units: Mapping[str, str]) -> str:
    plain = name.removesuffix("_uncertainty").removesuffix("_spread")
    unit = units.get(plain, "")
    return f"{name} ({unit})" if unit else name
