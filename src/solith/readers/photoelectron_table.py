"""Plain columns of photoelectron spectra, and the tables that CasaXPS exports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import StorageError
from solith.readers._grid import Grid, grids
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

__all__ = ["FORMAT", "LAST_RESORT", "read", "recognises"]

FORMAT = "columns of photoelectron spectra (text), CasaXPS tables"
LAST_RESORT = True

_BINDING = re.compile(r"b(?:inding|\.)[ _]?e(?:nergy|\.)?(?:[ _]*[(\[/]?[ _]*ev[)\]]?)?", re.I)
_KINETIC = re.compile(r"k(?:inetic|\.)[ _]?e(?:nergy|\.)?(?:[ _]*[(\[/]?[ _]*ev[)\]]?)?", re.I)
_COUNTS = re.compile(r"counts?|intensity(?:[ _]*[(\[]?counts?[)\]]?)?", re.I)
_RATE = re.compile(
    r"cps|(?:counts?|c)[ _]*(?:/|per)[ _]*s(?:econd)?"
    r"|intensity[ _]*[(\[]?(?:cps|counts?/s|c/s)[)\]]?",
    re.I,
)
_SOURCE = re.compile(r"(?:Characteristic|Excitation|Photon) Energy[ :]*(?:eV)?[\s:,;]+([-+.\deE]+)")
_TIME = re.compile(r"Acquisition Time s\s+([-+.\deE]+)")


def recognises(head: bytes) -> bool:
    """Whether a heading names a binding or kinetic energy, and counts or their rate."""
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return bool(grids(decoded(head).split("\n"), _is_heading)[1])


def read(path: Path) -> list[Record]:
    """The spectra of a table of text, with the binding energy as abscissa.

    Where a table has both energies, as CasaXPS writes them, the columns from the binding energy on
    are taken. Columns behind the intensity (components, background, envelope) are kept. The
    source's energy and the acquisition time are taken from the lines above, where they stand
    there.

    Raises :class:`StorageError` for a table without rows or with a field that is no number.
    """
    lines = read_lines(path)
    start, tables = grids(lines, _is_heading)
    above = "\n".join(lines[:start])
    spectra = [_spectrum(path, table, above) for table in tables if table.rows]
    if not spectra:
        raise StorageError(f"{path}: the table has headings but no rows")
    return spectrum_records(path, spectra)


def _is_heading(fields: Sequence[str]) -> bool:
    return _places(fields) is not None


def _places(fields: Sequence[str]) -> tuple[int, int] | None:
    """Where the energy and the intensity stand; the binding energy comes first."""
    for pattern in (_BINDING, _KINETIC):
        for place, text in enumerate(fields):
            if pattern.fullmatch(text.strip()):
                for further in range(place + 1, len(fields)):
                    if _is_intensity(fields[further]):
                        return place, further
    return None


def _is_intensity(text: str) -> bool:
    return bool(_COUNTS.fullmatch(text.strip()) or _RATE.fullmatch(text.strip()))


def _spectrum(path: Path, table: Grid, above: str) -> Spectrum:
    places = _places(table.headings)
    if places is None:
        raise StorageError(f"{path}: no heading names an energy and an intensity")
    at, further = places
    energy, intensity = _column(path, table, at), _column(path, table, further)
    usable = np.isfinite(energy) & np.isfinite(intensity)
    notes = list(table.notes)
    if dropped := int(np.sum(~usable)):
        notes.append(f"{dropped} rows without a number left out")
    heading = table.headings[further].strip()
    unit = table.units[further] if table.units else ""
    rate = bool(_RATE.fullmatch(heading) or _RATE.fullmatch(unit.strip("()[] ") or "-"))
    time = _found(_TIME, above)
    known: dict[str, Any] = {} if time is None else {"counting_time_second": time}
    is_counts = "count" in heading.lower() or "count" in unit.lower()
    counts = time if rate else 1.0 if is_counts else None
    more: dict[str, NDArray[np.float64]] = {}
    for n in range(further + 1, len(table.headings)):
        if not table.headings[n].strip():
            continue
        name = variable_name(table.headings[n], n + 1)
        more[_apart(name, more)] = _column(path, table, n)[usable]
    if not usable.any():
        raise StorageError(f"{path}: no row of the table has an energy and an intensity")
    return Spectrum(
        "",
        energy[usable],
        intensity[usable],
        BINDING if _BINDING.fullmatch(table.headings[at].strip()) else KINETIC,
        "1/s" if rate else "counts" if is_counts else "",
        _found(_SOURCE, above),
        counts_per_intensity=counts,
        more=more,
        notes=tuple(notes),
        attributes=known,
    )


def _column(path: Path, table: Grid, place: int) -> NDArray[np.float64]:
    found = numbers([row[place] for row in table.rows], table.decimal)
    if found is not None:
        return found
    for row, line in zip(table.rows, table.lines, strict=True):
        if numbers([row[place]], table.decimal) is None:
            raise StorageError(
                f"{path}: line {line} has {row[place][:40]!r} in column "
                f"{table.headings[place]!r}; expected a number"
            )
    raise StorageError(f"{path}: column {table.headings[place]!r} is no column of numbers")


def _apart(name: str, taken: dict[str, NDArray[np.float64]]) -> str:
    number = 1
    while (apart := name if number == 1 else f"{name}_{number}") in taken:
        number += 1
    return apart


def _found(pattern: re.Pattern[str], text: str) -> float | None:
    match = pattern.search(text)
    found = None if match is None else numbers([match[1]])
    if found is None or not np.isfinite(found[0]) or not found[0] > 0:
        return None
    return float(found[0])
