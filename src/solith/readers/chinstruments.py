"""CH Instruments' text files: a date, the technique, settings, one table.

Voltammograms have no time; it follows from the scan rate in the settings. The instrument
counts either direction of current as positive, as its user chose.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import StorageError
from solith.readers._columns import Columns, columns_of
from solith.readers._grid import grids
from solith.readers._headings import heading_of, is_core
from solith.readers._measured import Part, records_of
from solith.readers._parts import parts_of
from solith.readers._text import decoded, read_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises"]

FORMAT = "CH Instruments text"
UNVERIFIED = (
    "CH Instruments' voltammograms and open-circuit files are read as their layout is described; "
    "only a spectrum was at hand."
)

_MODEL = re.compile(r"Instrument Model:\s{0,9}(CHI\S{0,20})")
_SCAN_RATE = re.compile(r"\s*Scan Rate \(V/s\)\s*=\s*([0-9.eE+-]{1,20})\s*")
_TECHNIQUE_LINES = 4


def recognises(head: bytes) -> bool:
    """Whether the settings name one of CH Instruments' models."""
    return _MODEL.search(decoded(head)) is not None


def read(path: Path) -> list[Record]:
    """The spectra, the voltammogram or the open circuit in a file.

    Raises :class:`StorageError` for a file without a table, :class:`InputError` for one that
    lacks a column, a voltammogram without a scan rate among them.
    """
    lines = read_lines(path)
    start, tables = grids(lines, lambda fields: is_core(heading_of(text) for text in fields))
    technique = _technique(lines[:start])
    parts: list[Part] = []
    for table in tables:
        if not table.rows:
            continue
        headings = [heading_of(text) for text in table.headings]
        columns = columns_of(path, headings, table.rows, table.lines, table.decimal, table.notes)
        parts += _parts(path, columns, technique, lines[:start])
    if not parts:
        raise StorageError(f"{path}: has no table of measured values (it breaks off before)")
    model = _MODEL.search("\n".join(lines[:start]))
    return records_of(path, parts, model[1] if model else "CH Instruments")


def _technique(lines: Sequence[str]) -> str:
    """The line above "File:", in which the technique stands."""
    for place, line in enumerate(lines[: _TECHNIQUE_LINES + 1]):
        if line.startswith(("File:", "Data Source:", "Instrument Model:")) and place:
            return lines[place - 1].strip()
    return ""


def _parts(path: Path, columns: Columns, technique: str, settings: Sequence[str]) -> list[Part]:
    series, signed = "cycling", False
    if "voltammetry" in technique.lower():
        series = "voltammogram"
        if not {"test_time_second", "frequency_hertz"} & set(columns.values):
            columns = _timed(columns, settings)
        if {"voltage_volt", "current_ampere"} <= set(columns.values):
            columns, signed = _oxidising_positive(columns), True
    elif "open circuit" in technique.lower() and "current_ampere" not in columns.values:
        columns = _with(columns, "current_ampere", "A", np.zeros(len(columns.lines)))
        columns = _told(columns, "open circuit: the file has no current, it is 0")
    parts = parts_of(path, columns, series=series, signed=signed)
    return [replace(part, technique=technique) for part in parts]


def _timed(columns: Columns, settings: Sequence[str]) -> Columns:
    """The columns with the time that the potential takes at the scan rate."""
    rate = next(
        (_positive(match[1]) for line in settings if (match := _SCAN_RATE.match(line))), 0.0
    )
    potential = columns.values.get("voltage_volt")
    if not rate or potential is None or not len(potential):
        return columns
    with np.errstate(all="ignore"):
        passed = np.nan_to_num(np.abs(np.diff(potential, prepend=potential[0])), posinf=0.0)
        time = np.cumsum(passed) / rate
    columns = _with(columns, "test_time_second", "s", time)
    return _told(columns, f"the file has no time; it follows from the scan rate of {rate:g} V/s")


def _oxidising_positive(columns: Columns) -> Columns:
    """The columns with current positive for oxidation.

    A current that lags or charges a capacitance goes the way of the sweep: with the right
    sign it is larger while the potential rises than while it falls.
    """
    potential, current = columns.values["voltage_volt"], columns.values["current_ampere"]
    with np.errstate(all="ignore"):
        moved = np.sign(np.nan_to_num(np.gradient(potential))) if len(potential) > 1 else potential
    up, down = np.nan_to_num(current[moved > 0]), np.nan_to_num(current[moved < 0])
    if not len(up) or not len(down):
        note = "the potential goes one way only; nothing tells which current oxidises"
        return _told(columns, f"{note}, it is taken to be the positive")
    with np.errstate(all="ignore"):
        if not np.mean(up) < np.mean(down):
            return columns
    columns = _with(columns, "current_ampere", "A", -current)
    return _told(
        columns, "the current runs against the sweep (reduction positive); it was turned round"
    )


def _with(columns: Columns, name: str, unit: str, values: NDArray[np.float64]) -> Columns:
    changed: dict[str, NDArray[Any]] = {**columns.values, name: values}
    return replace(columns, values=changed, units={**columns.units, name: unit})


def _told(columns: Columns, note: str) -> Columns:
    return replace(columns, notes=(*columns.notes, note))


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 1e-12 < number < 1e12 else 0.0
