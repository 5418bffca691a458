"""ZPlot's and ZView's spectra (.z): settings, a line "End Comments", nine columns.

The columns are frequency, amplitude, bias, time, Z' and Z'' and three of the analyser's own;
tabs, commas or blanks separate them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solith.core.errors import StorageError
from solith.readers._columns import columns_of
from solith.readers._grid import Separator, decimal_of, rows_of
from solith.readers._headings import Heading, named
from solith.readers._measured import records_of
from solith.readers._parts import parts_of
from solith.readers._text import decoded, read_lines

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises", "sweep_headings"]

FORMAT = "ZPlot/ZView (.z)"
UNVERIFIED = (
    "ZView files separated by commas or blanks are read as their layout is described; only one "
    "with tabs was at hand."
)

_ENDS = ("end comments", '"end comments"')
_POINTS = re.compile(r"\s*Data Points:\s*(\d{1,9})\s*")
_AREA = re.compile(r"\s*Surface Area:\s*(\S{1,30})\s*")
_TYPE = re.compile(r"\s*Experiment Type:\s*(.{1,80})")
_WIDTH = 9


def recognises(head: bytes) -> bool:
    """Whether the first line is ZPlot's."""
    return decoded(head).lstrip().lstrip('"').lower().startswith("zplot2 ascii")


def read(path: Path) -> list[Record]:
    """The spectra in a file; the area in the settings becomes ``header_claims``.

    Raises :class:`StorageError` for a file without the line "End Comments" or without rows.
    """
    lines = read_lines(path)
    start = next((n for n, line in enumerate(lines) if line.strip().lower() in _ENDS), None)
    if start is None:
        raise StorageError(f"{path}: breaks off within the settings; there is no 'End Comments'")
    body = lines[start + 1 :]
    separator = _separator(body)
    rows, numbers, notes = rows_of(body, start + 2, _WIDTH, separator, last=True)
    if not rows:
        raise StorageError(f"{path}: has no row of {_WIDTH} values below 'End Comments'")
    told = _first(_POINTS, lines[:start])
    if told and int(told) != len(rows):
        notes.append(f"the settings announce {told} points and the file has {len(rows)}")
    decimal = "." if separator == "," else decimal_of(rows)
    technique = _first(_TYPE, lines[:start])
    controlled = {"voltage": "V", "current": "A"}
    unit = next((u for word, u in controlled.items() if f"control {word}" in technique.lower()), "")
    columns = columns_of(path, sweep_headings(unit), rows, numbers, decimal, notes)
    area = _first(_AREA, lines[:start])
    claims: dict[str, Any] = {"header_claims": {"surface_area_cm2": area}} if area else {}
    parts = [
        replace(part, technique=technique, attributes=claims) for part in parts_of(path, columns)
    ]
    return records_of(path, parts, "ZPlot")


def sweep_headings(controlled: str = "") -> list[Heading]:
    """The nine columns; ``controlled`` is the unit of amplitude and bias, "" if not known."""
    end = {"V": "_volt", "A": "_ampere", "": ""}[controlled]
    return [
        named("Freq(Hz)", "frequency_hertz", "Hz"),
        named("Ampl", f"amplitude{end}", controlled),
        named("Bias", f"bias{end}", controlled),
        named("Time(Sec)", "test_time_second", "s"),
        named("Z'(a)", "real_impedance_ohm", "ohm"),
        named("Z''(b)", "imaginary_impedance_ohm", "ohm"),
        named("GD", "gd"),
        named("Err", "error"),
        named("Range", "range"),
    ]


def _separator(lines: list[str]) -> Separator:
    line = next((line for line in lines if line.strip()), "")
    return next((mark for mark in ("\t", ",") if line.count(mark) >= _WIDTH - 1), "blanks")


def _first(pattern: re.Pattern[str], lines: list[str]) -> str:
    found = (pattern.match(line) for line in lines)
    return next((match[1].strip() for match in found if match), "")
