"""The tables that results hold (cycles, pulses, steps, ...), as files for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from solith.app.analyse import Analysed
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
    ("scan-rates", "voltammograms"),
    ("scan-rates", "validity"),
    ("capacitive-share", "rates"),
    ("capacitive-share", "potentials"),
    ("cycling-replicates", "cycles"),
    ("xanes-edges", "spectra"),
    ("triggering", "places"),
    ("triggering", "pairs"),
    ("xrd", "peaks"),
)

_NAMED_BY = {"potentials": "direction", "places": "place", "pairs": "pair"}
"""What the names of tables stand for whose rows are by name."""


def detail_tables(one: Analysed) -> Iterator[tuple[str, str]]:
    """Name ("cycling-cycles") and text with commas of every table of the results.

    Headings carry the unit where the result knows it; what hangs on a row (uncertainties,
    flags) has columns of its own, behind the others.
    """
    for technique, detail in _TABLES:
        result = one.results.get(technique)
        rows = [] if result is None else list(_rows(detail, result.details.get(detail, ())))
        if result is not None and rows:
            yield f"{technique}-{detail}", _written(rows, result.details.get("units", {}))


def _rows(detail: str, held: Any) -> Iterator[Mapping[str, Any]]:
    """The rows of a table: listed, by name, or by name in columns."""
    if not isinstance(held, Mapping):
        yield from held
        return
    key = _NAMED_BY[detail]
    for name, row in held.items():
        if all(isinstance(column, list) for column in row.values()):
            for fields in zip(*row.values(), strict=True):
                yield {key: name, **dict(zip(row, fields, strict=True))}
        else:
            yield {key: name, **row}


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
    plain = finite(row)
    last = {name: n for n, name in enumerate(("uncertainty", "half_width_95", "flags"), start=1)}
    for name in sorted(plain, key=lambda name: last.get(name, 0)):
        held = plain[name]
        if name == "flags":
            yield name, _flags(held)
        elif isinstance(held, Mapping):
            yield from ((f"{inner}_{name}", _joined(number)) for inner, number in held.items())
        else:
            yield name, _joined(held)


def _joined(held: Any) -> Any:
    return "; ".join(map(str, held)) if isinstance(held, list) else held


def _flags(held: Any) -> str:
    if isinstance(held, Mapping):
        return "; ".join(f"{name}: {', '.join(told)}" for name, told in held.items())
    return "; ".join(map(str, held))


def _heading(name: str, units: Mapping[str, str]) -> str:
    plain = name.removesuffix("_uncertainty").removesuffix("_half_width_95").removesuffix("_spread")
    unit = units.get(plain, "")
    return f"{name} ({unit})" if unit else name
