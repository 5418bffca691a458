"""XDI, the interchange format of X-ray absorption: a header of fields, one scan in columns.

Layout by the XAS Data Interchange specification, version 1.0
(https://github.com/XraySpectroscopy/XAS-Data-Interchange, specification/spec.md).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solith.core.errors import StorageError
from solith.readers._absorption import absorption_records, columns_of_scan
from solith.readers._grid import rows_of
from solith.readers._text import decoded, read_lines

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises"]

FORMAT = "XDI (.xdi)"
UNVERIFIED = (
    "XDI with transmission, a reference, computed mu, keV or angles is read as its specification "
    "says; the files at hand have fluorescence in eV."
)

_FIRST = re.compile(r"\s*#\s*XDI/\d{1,9}\.\d")
_FIELD = re.compile(r"#\s*([A-Za-z]\w{0,60}\.\w{1,60})\s*:\s*(.{0,2000})")
_COLUMN = re.compile(r"column\.(\d{1,4})")
_FIELDS_END = re.compile(r"#\s*/{3,}")
_HEADER_END = re.compile(r"#\s*-{3,}")
_WIDEST = 500
_NUMBER = re.compile(r"\s*([0-9.]{1,20})")


def recognises(head: bytes) -> bool:
    """Whether the first line names XDI and its version."""
    return _FIRST.match(decoded(head)) is not None


def read(path: Path) -> list[Record]:
    """The spectra of a scan; header fields stay in the attribute ``header_claims``.

    Columns are known by ``Column.N`` of the header, else by the line of labels above the data.
    Element, edge, sample and times become attributes; a scan of angles needs
    ``Mono.d_spacing``. Raises :class:`StorageError` for a file without rows and
    :class:`InputError` for columns without energy or absorption and for what is no number.
    """
    lines = read_lines(path)
    end = next((n for n, line in enumerate(lines) if line.strip()[:1] not in ("#", "")), None)
    if end is None:
        raise StorageError(f"{path}: has a header but no rows of data")
    fields, labels = _header(lines[:end])
    rows_first = lines[end].split()
    named = _declared(fields)
    width = len(labels) or (max(named) if named else len(rows_first))
    if not 1 < width <= _WIDEST:
        raise StorageError(f"{path}: line {end + 1} has {width} columns; expected 2 to {_WIDEST}")
    names, units = _named(named, labels, width)
    body = [("" if line.lstrip().startswith("#") else line) for line in lines[end:]]
    rows, numbers, notes = rows_of(body, end + 1, width, "blanks", last=True)
    if not rows:
        raise StorageError(f"{path}: has no row of {width} values, as its header announces")
    columns = columns_of_scan(path, names, units, rows, numbers, ".", notes)
    told = _NUMBER.match(fields.get("mono.d_spacing", ""))
    spacing = float(told[1]) if told and told[1].count(".") <= 1 and told[1] != "." else 0.0
    return absorption_records(
        path,
        columns,
        attributes=_attributes(fields),
        instrument=" ".join(
            filter(None, (fields.get("facility.name", ""), fields.get("beamline.name", "")))
        ),
        spacing=spacing if spacing > 0 else None,
    )


def _header(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Fields by lower-case name (the last one counts), and the labels below the header's end."""
    fields: dict[str, str] = {}
    labels: list[str] = []
    in_fields = in_header = True
    for line in lines:
        text = line.strip()
        if in_header and _HEADER_END.match(text):
            in_fields = in_header = False
        elif in_fields and _FIELDS_END.match(text):
            in_fields = False
        elif in_fields and (found := _FIELD.match(text)):
            fields[found[1].lower()] = found[2].strip()
        elif not in_header and text.lstrip("#").strip():
            labels = text.lstrip("#").split()
    return fields, labels


def _declared(fields: dict[str, str]) -> dict[int, str]:
    found = ((_COLUMN.fullmatch(name), text) for name, text in fields.items())
    return {int(match[1]): text for match, text in found if match and 0 < int(match[1]) <= _WIDEST}


def _named(declared: dict[int, str], labels: list[str], width: int) -> tuple[list[str], list[str]]:
    """Label and unit of each column: as declared, else as labelled, else by number."""
    names, units = [], []
    for place in range(1, width + 1):
        words = declared.get(place, "").split()
        label = labels[place - 1] if len(labels) >= place else f"column {place}"
        names.append(words[0] if words else label)
        units.append(words[1] if len(words) > 1 else "")
    return names, units


def _attributes(fields: dict[str, str]) -> dict[str, Any]:
    taken = {
        "element": "element.symbol",
        "edge": "element.edge",
        "sample_name": "sample.name",
        "sample_formula": "sample.formula",
        "measured_from": "scan.start_time",
        "measured_until": "scan.end_time",
    }
    known = {name: fields[field] for name, field in taken.items() if fields.get(field)}
    return {**known, "header_claims": dict(fields)}
