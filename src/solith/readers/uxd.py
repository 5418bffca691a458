"""Bruker's and Siemens' text of Diffrac Plus (.uxd): settings "_KEY=value", ranges of counts.

A range's data stand below a line that says what they are: ``_2THETACOUNTS`` and ``_2THETACPS`` are
pairs of angle and intensity, ``_COUNTS`` and ``_CPS`` intensities alone, from ``_START`` on in
steps of ``_STEPSIZE``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solith.core.errors import StorageError
from solith.readers._pattern import Pattern, pattern_records
from solith.readers._text import decoded, read_lines

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises"]

FORMAT = "Bruker Diffrac text (.uxd)"
UNVERIFIED = (
    "Bruker UXD: several ranges and intensities without angles are read as their layout is "
    "described; only one range of pairs was at hand."
)

_KEY = re.compile(r"\s*_(\w+)\s*=\s*(.*?)\s*$")
_DATA = {
    "_2THETACOUNTS": (True, "counts"),
    "_2THETACPS": (True, "1/s"),
    "_COUNTS": (False, "counts"),
    "_CPS": (False, "1/s"),
}
_MOST_DEGREES = 360.0
_LARGEST = 1e30
"""What no instrument counts, and whose square overflows."""


@dataclass
class _Range:
    """What stands in one range: settings, whether pairs, the unit, numbers, lines left out."""

    settings: dict[str, str]
    pairs: bool
    unit: str
    numbers: list[list[float]] = field(default_factory=list)
    left_out: int = 0


def recognises(head: bytes) -> bool:
    """Whether one of the first lines is the version that a UXD file begins with."""
    return any(line.startswith("_FILEVERSION=") for line in decoded(head).split("\n")[:40])


def read(path: Path) -> list[Record]:
    """A record for each range of a file: intensity against the angle that was driven.

    Raises :class:`StorageError` for a file without data and for a range whose angles are neither
    there nor told.
    """
    ranges = list(_ranges(read_lines(path)))
    if not any(one.numbers for one in ranges):
        raise StorageError(f"{path}: has no intensities below a line as _2THETACOUNTS")
    patterns = [_pattern(path, one) for one in ranges if one.numbers]
    return pattern_records(path, patterns, "Bruker Diffrac")


def _ranges(lines: list[str]) -> Iterator[_Range]:
    settings: dict[str, str] = {}
    current: _Range | None = None
    for line in lines:
        text = line.strip()
        if not text or text.startswith(";"):
            continue
        if text.upper() in _DATA:
            if current is not None:
                yield current
            current = _Range(dict(settings), *_DATA[text.upper()])
        elif key := _KEY.match(text):
            if current is not None:
                yield current
                current = None
            settings[key[1].upper()] = key[2].strip("'\"")
        elif current is not None:
            row = _row(text)
            if not row or (current.pairs and len(row) != 2):
                current.left_out += 1
            else:
                current.numbers.append(row)
    if current is not None:
        yield current


def _row(text: str) -> list[float] | None:
    try:
        row = [float(part) for part in text.replace(",", " ").split()]
    except ValueError:
        return None
    return row if all(abs(number) < _LARGEST for number in row) else None


def _pattern(path: Path, one: _Range) -> Pattern:
    notes = []
    if one.left_out:
        notes.append(f"{one.left_out} rows that are no numbers were left out")
    if one.pairs:
        table = np.array(one.numbers)
        angles, intensity = table[:, 0], table[:, 1]
    else:
        intensity = np.array([value for row in one.numbers for value in row])
        start, step = _number(one, "START"), _number(one, "STEPSIZE")
        if start is None or not step:
            raise StorageError(
                f"{path}: a range has intensities without angles, and no _START and _STEPSIZE"
            )
        angles = start + step * np.arange(len(intensity))
    if np.max(np.abs(angles)) > _MOST_DEGREES:
        raise StorageError(f"{path}: an angle of {np.max(np.abs(angles)):g} degrees is none")
    settings = one.settings
    drive = settings.get("DRIVE", "COUPLED").upper()
    quantity = "omega" if drive == "THETA" else drive.lower() if drive in ("PHI", "CHI") else ""
    first, second = _number(one, "WL1"), _number(one, "WL2")
    lengths = (first, second) if first and second else (first,) if first else ()
    if settings.get("WL_UNIT", "A").upper() not in ("A", "ANGSTROM"):
        lengths = ()
        notes.append(f"the wavelengths' unit {settings['WL_UNIT']!r} is not known; left out")
    ratio = _number(one, "WLRATIO")
    return Pattern(
        angles,
        intensity,
        one.unit,
        quantity or "two_theta",
        wavelengths=tuple(length for length in lengths if 0 < length < 100),
        ratio=ratio if ratio is not None and 0 <= ratio <= 1 else None,
        seconds=_number(one, "STEPTIME"),
        sample=settings.get("SAMPLE", ""),
        notes=tuple(notes),
    )


def _number(one: _Range, key: str) -> float | None:
    row = _row(one.settings.get(key, ""))
    return row[0] if row else None
