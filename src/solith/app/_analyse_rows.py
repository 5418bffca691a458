"""The values of analysed files as rows: for other programs, and for a terminal."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from string import ascii_lowercase
from typing import Any

from solith.app._analyse_peaks import PEAK_HEADS, peak_rows
from solith.app._analyse_units import as_read
from solith.app._analyse_words import size_of
from solith.app.analyse import Analysed, AnalysedFile, AnalysedRecord
from solith.app.analyse_joined import Joined
from solith.core.result import finite
from solith.core.table import text_table

__all__ = ["rows_of", "to_csv", "to_json", "to_json_with_records", "to_text"]

_KEYS = ("file", "technique", "quantity", "value", "unit", "uncertainty", "area", "flags")
_MOST_SHOWN = 12  # records of one file on the terminal


def rows_of(files: Sequence[AnalysedFile], joined: Sequence[Joined] = ()) -> list[dict[str, Any]]:
    """One row of plain data a value; what is not finite is ``None``.

    What was lost in reading is a flag of all rows of the record. Where a file holds several
    records, its rows tell the record's name, too. Values of several files together come last:
    their ``file`` is empty, and ``files`` lists where they come from.
    """
    rows = [row for file, one in _records(files) for row in _rows(file, one)]
    return rows + [row for one in joined for row in _joined_rows(one)]


def to_json(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a JSON list."""
    return json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False)


def to_json_with_records(files: Sequence[AnalysedFile], joined: Sequence[Joined] = ()) -> str:
    """A JSON object: the rows as ``values``, and of each record what belongs to no single row.

    ``records`` have the reader's notes, the fitted circuit (or null), and by the name of an
    arc's resistance what the arc may mean; ``joined`` lists what was analysed together. The
    ``errors`` of both say by technique why an analysis gave nothing.
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
            "errors": _errors(one),
        }
        for file, one in _records(files)
    ]
    together = [
        {
            "title": one.title,
            "techniques": list(one.results),
            "errors": _errors(one),
            "records": [
                {"file": str(file.path), "record": member.record.name, "place": place}
                for place, members in one.groups.items()
                for file, member in members
            ],
        }
        for one in joined
    ]
    whole = {"values": rows_of(files, joined), "records": records, "joined": together}
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False)


def to_csv(files: Sequence[AnalysedFile], joined: Sequence[Joined] = ()) -> str:
    """The rows as a table with commas; flags and files are joined by semicolons.

    Further columns have the record's name where a file holds several, the circuit that a value
    is of, what an arc may mean, and the files of a value that several give together.
    """
    text = io.StringIO()
    columns = (*_KEYS, "record", "circuit", "meaning", "files")
    table = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    table.writeheader()
    for file, one in _records(files):
        for row in _rows(file, one):
            label = one.labels_of(row["technique"]).get(row["quantity"], {})
            more = {
                "flags": "; ".join(row["flags"]),
                "circuit": _circuit(one, row["technique"]),
                "meaning": label.get("meaning", ""),
            }
            table.writerow(row | more)
    for together in joined:
        for row in _joined_rows(together):
            listed = {name: "; ".join(row[name]) for name in ("flags", "files")}
            table.writerow(row | listed)
    return text.getvalue()


def to_text(files: Sequence[AnalysedFile], joined: Sequence[Joined] = ()) -> str:
    """A table of values for each record, under lines that say what the record is.

    What was lost in reading stands above the table; so do flags of several rows, once each,
    with a letter for the rows.
    """
    parts = []
    for file in files:
        parts += [_record_text(file, one) for one in file.records[:_MOST_SHOWN]]
        if (more := len(file.records) - _MOST_SHOWN) > 0:
            parts.append(f"{file.path}: {more} further records are not shown here")
    parts += [_joined_text(one) for one in joined if one.results]
    return "\n\n".join(parts)


def _records(files: Sequence[AnalysedFile]) -> Iterator[tuple[AnalysedFile, AnalysedRecord]]:
    return ((file, one) for file in files for one in file.records)


def _rows(file: AnalysedFile, one: AnalysedRecord) -> list[dict[str, Any]]:
    named = {"record": one.record.name} if len(file.records) > 1 else {}
    return _value_rows(str(file.path), one, one.record.provenance.losses, named)


def _joined_rows(one: Joined) -> list[dict[str, Any]]:
    return _value_rows("", one, [*one.assumed, *one.losses], {"files": one.paths})


def _value_rows(
    file: str, one: Analysed, losses: Sequence[str], more: Mapping[str, Any]
) -> list[dict[str, Any]]:
    return [
        {
            "file": file,
            "technique": technique,
            "quantity": value.quantity,
            "value": _finite(value.value),
            "unit": value.unit,
            "uncertainty": _finite(value.uncertainty),
            "area": value.area,
            "flags": [*losses, *value.flags],
            **more,
        }
        for technique, result in one.results.items()
        for value in result
    ]


def _errors(one: Analysed) -> dict[str, str]:
    return {technique: str(error) for technique, error in one.errors.items()}


def _circuit(one: AnalysedRecord, technique: str) -> str:
    result = one.results.get(technique)
    return "" if result is None else str(result.details.get("circuit", ""))


def _record_text(file: AnalysedFile, one: AnalysedRecord) -> str:
    record = one.record
    named = f"{file.path}, {record.name}" if len(file.records) > 1 else str(file.path)
    lines = [f"{named}: {record.kind}, {size_of(record)} ({file.format})"]
    return "\n".join(_lines(lines, one, record.provenance.losses))


def _joined_text(one: Joined) -> str:
    lines = [f"{one.title}, {len(one.members)} records together", one.told]
    return "\n".join(_lines(lines, one, one.losses))


def _lines(heading: Sequence[str], one: Analysed, losses: Sequence[str]) -> list[str]:
    """The heading, what was lost, and the table of values."""
    lines = [*heading, *(f"! {loss}" for loss in losses)]
    values = [
        (technique, value)
        for technique, result in one.results.items()
        if technique not in one.empty
        for value in (as_read(technique, known) for known in result)
        if not (value.quantity == "energy_shift" and not value.value)
    ]
    counts = Counter(flag for _, value in values for flag in dict.fromkeys(value.flags))
    shared = [flag for flag, count in counts.items() if count > 1]
    letters = {flag: f"[{_letter(place)}]" for place, flag in enumerate(shared)}
    lines += [f"{letter} {flag}" for flag, letter in letters.items()]
    lines += [f"{technique}: {why}" for technique, why in one.empty.items()]
    lines += [result.name for result in one.results.values() if "class" in result.details]
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
    if peaks := peak_rows(one.results):
        lines += ["all peaks (position, spacing, width and size above are the largest one's):"]
        lines.append(text_table(PEAK_HEADS, peaks))
    return lines


def _letter(place: int) -> str:
    """a, b, ... z, then aa, ab, ..."""
    more, last = divmod(place, len(ascii_lowercase))
    return (_letter(more - 1) if more else "") + ascii_lowercase[last]


def _finite(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else number
