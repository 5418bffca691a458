"""SPECS' text export of SpecsLab Prodigy (.xy): a spectrum for each region, cycle and scan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import StorageError
from solith.readers._photoelectrons import (
    BINDING,
    KINETIC,
    Spectrum,
    spectrum_records,
    variable_name,
)
from solith.readers._text import decoded, numbers, read_lines

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises"]

FORMAT = "SPECS Prodigy text (.xy)"
UNVERIFIED = (
    "SPECS text exports with several scans or cycles, of kinetic energy, and of counts are read as "
    "the one at hand, of binding energy and counts per second, suggests."
)

_SETTING = re.compile(r"#\s*([^:]{1,60}?):\s+(.*?)\s*")
_CURVE = re.compile(r"#\s*(Cycle: \d+(?:, (?:Curve|Scan|Channel): \d+)+)\s*")
_NUMBERS = (
    ("pass_energy_ev", "Pass Energy"),
    ("dwell_time_second", "Dwell Time"),
)
_TEXTS = (
    ("analyser", "Analyzer"),
    ("analyser_mode", "Scan Mode"),
    ("source_label", "Source"),
    ("group", "Group"),
)


@dataclass
class _Table:
    """The rows below one head, with all settings that stand above them."""

    settings: Mapping[str, str]
    curve: str
    labels: list[str]
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def recognises(head: bytes) -> bool:
    """Whether a file begins with the head of SpecsLab's XY serialiser."""
    return "XY-Serializer Export Settings" in decoded(head)[:2000]


def read(path: Path) -> list[Record]:
    """The spectra of a file, with the binding energy as abscissa.

    Where the export is of counts per second, dwell time and number of scans make the counts
    (``counts_per_intensity``). Further columns (transmission, error bar) are kept; external
    channels, which have no energy, are left out with a note.

    Raises :class:`StorageError` for a file without rows and for a row that is no row of numbers.
    """
    tables = _tables(read_lines(path))
    spectra = [_spectrum(path, table) for table in tables if _has_energy(table)]
    if not spectra:
        raise StorageError(f"{path}: has no rows of energy and intensity; export the data again")
    return spectrum_records(path, spectra, tables[0].settings.get("Analyzer", ""))


def _tables(lines: list[str]) -> list[_Table]:
    tables: list[_Table] = []
    head: dict[str, str] = {}
    region: dict[str, str] = {}
    curve, labels = "", ["energy", "intensity"]
    fresh = True
    for place, line in enumerate(lines, start=1):
        text = line.strip()
        if not text.startswith("#"):
            if not text:
                continue
            if fresh:
                tables.append(_Table({**head, **region}, curve, labels))
                fresh = False
            tables[-1].rows.append(text.split())
            tables[-1].lines.append(place)
            continue
        fresh = True
        if match := _CURVE.fullmatch(text):
            curve = match[1]
        elif match := _SETTING.fullmatch(text):
            key, value = match[1], match[2]
            if key == "ColumnLabels":
                labels = value.split()
            elif key in ("Region", "Group"):
                kept = {} if key == "Group" else {"Group": region.get("Group", "")}
                region, curve = {**kept, key: value}, ""
            elif region:
                region[key] = value
            else:
                head[key] = value
    return tables


def _has_energy(table: _Table) -> bool:
    return bool(table.labels) and table.labels[0].lower().startswith("energy")


def _spectrum(path: Path, table: _Table) -> Spectrum:
    width = len(table.rows[0])
    if width < 2:
        raise StorageError(
            f"{path}: line {table.lines[0]} has {width} numbers; expected energy and intensity"
        )
    notes: list[str] = []
    if len(table.rows) > 1 and len(table.rows[-1]) < width:
        notes.append(f"the file breaks off in line {table.lines[-1]}, which is left out")
        table.rows.pop()
    columns = []
    for place in range(width):
        found = (
            numbers([row[place] for row in table.rows])
            if all(len(row) == width for row in table.rows)
            else None
        )
        if found is None:
            wrong = next(
                (n for n, row in enumerate(table.rows) if len(row) != width or not _numeric(row)), 0
            )
            raise StorageError(
                f"{path}: line {table.lines[wrong]} is {' '.join(table.rows[wrong])[:40]!r}; "
                f"expected {width} numbers. Export the data again"
            )
        columns.append(found)
    settings = table.settings
    promised = _number(settings, "Values/Curve")
    if promised is not None and promised > len(columns[0]):
        notes.append(f"the file promises {promised:.0f} points, {len(columns[0])} are there")
    per_second = "second" in settings.get("Count Rate", "").lower()
    known: dict[str, Any] = {key: settings[name] for key, name in _TEXTS if settings.get(name)}
    known |= {
        key: value for key, name in _NUMBERS if (value := _number(settings, name)) is not None
    }
    region = settings.get("Region", "")
    if region:
        known["region"] = region
    time, counts = _counting(settings, per_second)
    if time is not None:
        known["counting_time_second"] = time
    labels = [*table.labels, *(f"column {n}" for n in range(len(table.labels) + 1, width + 1))]
    more = {variable_name(labels[n], n + 1): columns[n] for n in range(2, width)}
    return Spectrum(
        ", ".join(part for part in (region, table.curve) if part),
        columns[0],
        columns[1],
        BINDING if "binding" in settings.get("Energy Axis", "").lower() else KINETIC,
        "1/s" if per_second else "counts",
        _number(settings, "Excitation Energy"),
        _number(settings, "Eff. Workfunction"),
        counts,
        more=more,
        notes=tuple(notes),
        attributes=known,
    )


def _counting(settings: Mapping[str, str], per_second: bool) -> tuple[float | None, float | None]:
    """The counting time of a point [s], and what makes counts of the intensity."""
    dwell = _number(settings, "Dwell Time")
    separate = settings.get("Separate Scan Data", "").lower() == "yes"
    scans = 1.0 if separate else _number(settings, "Number of Scans") or 1.0
    if dwell is None or dwell <= 0:
        return None, None if per_second else 1.0
    time = dwell * scans
    return time, time if per_second else 1.0


def _number(settings: Mapping[str, str], key: str) -> float | None:
    found = numbers([settings.get(key, "")])
    return None if found is None or not np.isfinite(found[0]) else float(found[0])


def _numeric(row: list[str]) -> bool:
    return numbers(row) is not None
