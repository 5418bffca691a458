"""Reading the public tables of lithium conductors that a user has."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solith.core.errors import InputError, StorageError
from solith.core.quantities import to_si
from solith.materials._dois import year_in
from solith.materials._quantities import si_unit, si_value
from solith.materials.property import Conditions, Property

__all__ = ["read_conductors"]

_ROOM = Conditions(298.15, "room temperature")
_PREAMBLE = 40  # lines; the Liverpool table begins with its terms of use
_ZIP = b"PK\x03\x04"
_MINUS = str.maketrans("\u2212\u2013", "--")

Cells = Mapping[str, str]


@dataclass(frozen=True)
class _Table:
    name: str
    composition: str
    conductivity: str
    doi: str
    needs: tuple[str, ...]


_TABLES = (
    _Table("OBELiX", "reduced composition", "ionic conductivity (s cm-1)", "doi", ("id",)),
    _Table("Liverpool", "composition", "target", "source", ("temperature",)),
    _Table("Laskowski", "structure", "\u03c3(rt)(s cm-1)", "doi", ("ea (ev)",)),
)


def read_conductors(path: str | Path) -> tuple[Property, ...]:
    """The rows of a public table of measured lithium conductors, as the packaged table has them.

    Known by their headings are the OBELiX table (CSV; arXiv 2502.14234), the Liverpool ionics
    table (LiIonDatabase.csv; 10.1038/s41524-022-00951-z) and Laskowski's compilation as
    OBELiX has it (CSV; 10.1039/d2ee03499a). They are not part of solith: the Liverpool
    table, for one, may not be used commercially without a licence of its university.

    Every line gives its conductivity (bulk and total apart, where OBELiX has both) and, with
    Laskowski, its activation energy. A line with an empty cell gives no row for it; "<1E-10"
    gives a row that is an upper bound. ``source`` is the paper's DOI as the table has it,
    ``seen_in`` says file and line. Rows go into :func:`find_measurements` as ``also``.

    Raises :class:`StorageError` if the file cannot be read, :class:`InputError` for a file
    with other headings and for a value that is no number, with its line.
    """
    file = Path(path)
    lines = _lines(file)
    table, head = _recognised(lines, file)
    rows = list(_rows(table, lines[head:], head, file))
    if not rows:
        raise InputError("has the headings of a table of conductors but no row", file=str(file))
    return tuple(rows)


def _lines(file: Path) -> list[str]:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise StorageError(f"{file}: cannot be read ({error.strerror})") from None
    if content.startswith(_ZIP):
        raise InputError("is a workbook or an archive; save its sheet as CSV", file=str(file))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _recognised(lines: list[str], file: Path) -> tuple[_Table, int]:
    """The kind of table, and the line on which its headings stand."""
    for number, line in enumerate(lines[:_PREAMBLE]):
        found = set(_fields(line))
        for table in _TABLES:
            if {table.composition, table.conductivity, table.doi, *table.needs} <= found:
                return table, number
    known = "; ".join(
        f"{t.name}: {', '.join((*t.needs, t.composition, t.conductivity, t.doi))}" for t in _TABLES
    )
    raise InputError(
        f"has not the headings of a table of conductors that solith knows ({known})",
        file=str(file),
    )


def _rows(table: _Table, lines: list[str], head: int, file: Path) -> Iterator[Property]:
    headings = _fields(lines[0])
    reader = csv.reader(lines)
    next(reader)
    for fields in _read(reader, head, file):
        cells = dict(zip(headings, (field.strip() for field in fields), strict=False))
        line = head + reader.line_num
        try:
            yield from _rows_of_line(table, cells, f"{file.name}, line {line}")
        except InputError as error:
            raise error.inside(f"line {line}", file=str(file)) from None


def _read(reader: Any, head: int, file: Path) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        line = head + reader.line_num
        raise InputError(f"line {line} is no CSV ({error})", file=str(file)) from None


def _fields(line: str) -> list[str]:
    """The headings in ``line``; none where it is longer than any heading."""
    try:
        return [field.strip().casefold() for field in next(csv.reader([line]), [])]
    except csv.Error:
        return []


def _rows_of_line(table: _Table, cells: Cells, seen: str) -> Iterator[Property]:
    composition = cells.get(table.composition, "").strip("\"' ")
    if not composition:
        return
    if table.name == "OBELiX":
        apart = [("bulk", cells.get("ic (bulk)", "")), ("total", cells.get("ic (total)", ""))]
        given = [(part, text) for part, text in apart if text]
        values = [*given] or [("", cells.get(table.conductivity, ""))]
    else:
        values = [("", cells.get(table.conductivity, ""))]
    temperature = _temperature(table, cells)
    for part, text in values:
        if text:
            conditions = Conditions(
                temperature.temperature, temperature.temperature_printed, part=part
            )
            yield _property(
                "ionic_conductivity", text, "S/cm", conditions, composition, table, cells, seen
            )
    energy = cells.get("ea (ev)", "")
    if energy:
        yield _property(
            "activation_energy", energy, "eV", Conditions(), composition, table, cells, seen
        )


def _temperature(table: _Table, cells: Cells) -> Conditions:
    if table.name != "Liverpool":
        return _ROOM
    text = cells.get("temperature", "")
    if not text:
        return Conditions()
    printed = f"{_number(text, 'temperature')[0]:g} degC"
    return Conditions(to_si(printed, "K"), printed)


def _property(
    quantity: str,
    text: str,
    unit: str,
    conditions: Conditions,
    composition: str,
    table: _Table,
    cells: Cells,
    seen: str,
) -> Property:
    number, bound = _number(text, quantity)
    source = cells.get(table.doi, "").replace("|", "; ")
    return Property(
        quantity=quantity,
        value=si_value(number, unit, quantity),
        unit=si_unit(quantity),
        printed=f"{text} {unit}",
        source=source or f"{table.name} table, which names no paper here",
        certainty="read",
        conditions=conditions,
        seen_in=f"{table.name} table, {seen}; not the paper itself",
        year=year_in(source),
        bound=bound,
        material=composition,
        family=cells.get("family", "").casefold() if table.name == "Liverpool" else "",
    )


def _number(text: str, quantity: str) -> tuple[float, str]:
    """The number in ``text``, and "upper" if it is printed as an upper bound."""
    bound = "upper" if text.startswith("<") else ""
    try:
        number = float(text.removeprefix("<").translate(_MINUS))
    except ValueError:
        raise InputError(f"{text!r} is no number; expected the {quantity}") from None
    if not math.isfinite(number):
        raise InputError(f"{text!r} is not finite; expected the {quantity}")
    return number, bound
