"""The values of analysed files as rows: for other programs, and for a terminal."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from string import ascii_lowercase
from typing import Any

from solith.app.analyse import AnalysedFile, AnalysedRecord
from solith.core.result import finite
from solith.core.table import text_table

__all__ = ["rows_of", "to_csv", "to_json", "to_json_with_records", "to_text"]

_KEYS = ("file", "technique", "quantity", "value", "unit", "uncertainty", "area", "flags")
_MOST_SHOWN = 12  # records of one file on the terminal


def rows_of(files: Sequence[AnalysedFile]) -> list[dict[str, Any]]:
    """One row of plain data a value; what is not finite is ``None``.

    What was lost in reading is a flag of all rows of the record. Where a file holds several
    records, its rows tell the record's name, too.
    """
    return [row for file, one in _records(files) for row in _rows(file, one)]


def to_json(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a JSON list."""
    return json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False)


def to_json_with_records(files: Sequence[AnalysedFile]) -> str:
    """A JSON object: the rows as ``values``, and of each record what belongs to no single row.

    ``records`` have the reader's notes, the fitted circuit (or null), and by the name of an
    arc's resistance what the arc may mean.
    """
    records = [
        {
            "file": str(file.path),
            "record": one.record.name,
            "kind": one.record.kind,
            "rows": len(one.record),
            "notes": list(one.record.provenance.notes),
            "circuit": _circuit(one, "impedance") or None,
            "labels": finite(one.labels),
        }
        for file, one in _records(files)
    ]
    whole = {"values": rows_of(files), "records": records}
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False)


def to_csv(files: Sequence[AnalysedFile]) -> str:
    """The rows as a table with commas; flags are joined by semicolons.

    Further columns have the record's name where a file holds several, the circuit that a value
    is of, and what an arc may mean.
    """
    text = io.StringIO()
    columns = (*_KEYS, "record", "circuit", "meaning")
    table = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    table.writeheader()
    for file, one in _records(files):
        for row in _rows(file, one):
            of_circuit = row["technique"] == "impedance"
            label = one.labels.get(row["quantity"], {}) if of_circuit else {}
            more = {
                "flags": "; ".join(row["flags"]),
                "circuit": _circuit(one, row["technique"]),
                "meaning": label.get("meaning", ""),
            }
            table.writerow(row | more)
    return text.getvalue()


def to_text(files: Sequence[AnalysedFile]) -> str:
    """A table of values for each record, under lines that say what the record is.

    What was lost in reading stands above the table; so do flags of several rows, once each,
    with a letter for the rows.
    """
    parts = []
    for file in files:
        parts += [_record_text(file, one) for one in file.records[:_MOST_SHOWN]]
        if (more := len(file.records) - _MOST_SHOWN) > 0:
            parts.append(f"{file.path}: {more} further records are not shown here")
    return "\n\n".join(parts)


def _records(files: Sequence[AnalysedFile]) -> Iterator[tuple[AnalysedFile, AnalysedRecord]]:
    return ((file, one) for file in files for one in file.records)


def _rows(file: AnalysedFile, one: AnalysedRecord) -> list[dict[str, Any]]:
    return [
        {
            "file": str(file.path),
            "technique": technique,
            "quantity": value.quantity,
            "value": _finite(value.value),
            "unit": value.unit,
            "uncertainty": _finite(value.uncertainty),
            "area": value.area,
            "flags": [*one.record.provenance.losses, *value.flags],
            **({"record": one.record.name} if len(file.records) > 1 else {}),
        }
        for technique, result in one.results.items()
        for value in result
    ]


def _circuit(one: AnalysedRecord, technique: str) -> str:
    result = one.results.get(technique)
    return "" if result is None else str(result.details.get("circuit", ""))


def _record_text(file: AnalysedFile, one: AnalysedRecord) -> str:
    record = one.record
    named = f"{file.path}, {record.name}" if len(file.records) > 1 else str(file.path)
    lines = [f"{named}: {record.kind}, {len(record)} rows ({file.format})"]
    lines += [f"! {loss}" for loss in record.provenance.losses]
    values = [
        (technique, value)
        for technique, result in one.results.items()
        if technique not in one.empty
        for value in result
    ]
    counts = Counter(flag for _, value in values for flag in dict.fromkeys(value.flags))
    shared = [flag for flag, count in counts.items() if count > 1]
    letters = {flag: f"[{_letter(place)}]" for place, flag in enumerate(shared)}
    lines += [f"{letter} {flag}" for flag, letter in letters.items()]
    lines += [f"{technique}: {why}" for technique, why in one.empty.items()]
    if values:
        rows = [
            (
                technique,
                value.quantity,
                value.shown,
                value.unit,
                value.area,
                "; ".join(letters.get(flag, flag) for flag in value.flags),
            )
            for technique, value in values
        ]
        headings = ("technique", "quantity", "value", "unit", "area", "flags")
        lines.append(text_table(headings, rows))
    elif not one.empty:
        lines.append(
            "no analysis succeeded" if one.errors else "there is no analysis for this kind"
        )
    return "\n".join(lines)


def _letter(place: int) -> str:
    """a, b, ... z, then aa, ab, ..."""
    more, last = divmod(place, len(ascii_lowercase))
    return (_letter(more - 1) if more else "") + ascii_lowercase[last]


def _finite(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else number
