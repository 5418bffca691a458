"""The values of analysed files as rows: for other programs, and for a terminal."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import Any

from solith.app.analyse import AnalysedFile, AnalysedRecord
from solith.core.table import text_table

__all__ = ["rows_of", "to_csv", "to_json", "to_text"]

_KEYS = ("file", "technique", "quantity", "value", "unit", "uncertainty", "area", "flags")
_MOST_SHOWN = 12  # records of one file on the terminal


def rows_of(files: Sequence[AnalysedFile]) -> list[dict[str, Any]]:
    """One row of plain data a value; what is not finite is ``None``.

    Where a file holds several records, its rows tell the record's name, too.
    """
    return [
        {
            "file": str(file.path),
            "technique": technique,
            "quantity": value.quantity,
            "value": _finite(value.value),
            "unit": value.unit,
            "uncertainty": _finite(value.uncertainty),
            "area": value.area,
            "flags": list(value.flags),
            **({"record": one.record.name} if len(file.records) > 1 else {}),
        }
        for file in files
        for one in file.records
        for technique, result in one.results.items()
        for value in result
    ]


def to_json(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a JSON list."""
    return json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False)


def to_csv(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a table with commas; flags are joined by semicolons."""
    text = io.StringIO()
    table = csv.DictWriter(text, (*_KEYS, "record"), restval="", lineterminator="\n")
    table.writeheader()
    table.writerows({**row, "flags": "; ".join(row["flags"])} for row in rows)
    return text.getvalue()


def to_text(files: Sequence[AnalysedFile]) -> str:
    """A table of values for each record, under a line that says what the record is."""
    parts = []
    for file in files:
        parts += [_record_text(file, one) for one in file.records[:_MOST_SHOWN]]
        if (more := len(file.records) - _MOST_SHOWN) > 0:
            parts.append(f"{file.path}: {more} further records are not shown here")
    return "\n\n".join(parts)


def _record_text(file: AnalysedFile, one: AnalysedRecord) -> str:
    record = one.record
    named = f"{file.path}, {record.name}" if len(file.records) > 1 else str(file.path)
    title = f"{named}: {record.kind}, {len(record)} rows ({file.format})"
    rows = [
        (technique, value.quantity, value.shown, value.unit, value.area, "; ".join(value.flags))
        for technique, result in one.results.items()
        for value in result
    ]
    if not rows:
        told = "no analysis succeeded" if one.errors else "there is no analysis for this kind"
        return f"{title}\n{told}"
    headings = ("technique", "quantity", "value", "unit", "area", "flags")
    return f"{title}\n{text_table(headings, rows)}"


def _finite(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else number
