"""BioLogic's text files (``.mpt``, ``.txt``) of EC-Lab and BT-Lab."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solith.core.errors import StorageError
from solith.readers._biologic_columns import is_known
from solith.readers._biologic_records import Measurement, records_of
from solith.readers._mpt_table import read_table
from solith.readers._text import decoded, read_lines

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "BioLogic EC-Lab, text (.mpt)"

_FIRST_LINES = ("EC-Lab ASCII FILE", "BT-Lab ASCII FILE")
_HEADER_LINES = 2000
"""Lines among which the heading of the table is looked for."""

_TITLES = (
    ("potentio electrochemical impedance", "peis"),
    ("galvano electrochemical impedance", "geis"),
    ("galvanostatic cycling with potential limitation", "gcpl"),
    ("cyclic voltammetry advanced", "cva"),
    ("cyclic voltammetry", "cv"),
    ("linear sweep voltammetry", "lsv"),
    ("chronopotentiometry", "cp"),
    ("chronoamperometry", "ca"),
    ("open circuit voltage", "ocv"),
    ("modulo bat", "mb"),
)
"""How the title of a technique begins, in lower case."""

_CLAIMS = (
    "Comments",
    "Electrode material",
    "Electrolyte",
    "Initial state",
    "Mass of active material",
    "Electrode surface area",
    "Characteristic mass",
    "Volume (V)",
    "Battery capacity",
)
_FIELD = 20
"""Width of a column in the header's table of settings."""


def recognises(head: bytes) -> bool:
    """Whether a file begins as an EC-Lab text file, or at once with the heading of its table."""
    first = decoded(head).lstrip().split("\n", 1)[0]
    if first.startswith(_FIRST_LINES):
        return True
    return sum(is_known(cell) for cell in first.split("\t")) >= 3


def read(path: Path) -> list[Record]:
    """The records in a file: cycling or a voltammogram, and each spectrum one of impedance.

    A last line that breaks off is left out, which a note says. Raises :class:`StorageError`
    for a file without a table and for a damaged line, and names it.
    """
    lines = read_lines(path)
    place = _heading_line(lines)
    if place is None:
        raise StorageError(f"{path}: there is no table; the file ends within its header")
    header = [unicodedata.normalize("NFKC", line.rstrip()) for line in lines[:place]]
    loops = _loops(header)
    columns, notes = read_table(path, lines, place, loops[-1][1] + 1 if loops else None)
    count = len(columns[0][1])
    technique, title = _technique(header)
    if not technique:
        told = f"the technique {title!r} is not known here" if title else "no technique is named"
        notes.append(f"{told}; the columns alone tell what this is")
    return records_of(
        path,
        Measurement(
            columns=columns,
            technique=technique,
            instrument=f"BioLogic {_value(header, 'Device')}".strip(),
            attributes=_attributes(header),
            notes=notes,
            loop_starts=[start for start, _ in loops if start < count],
        ),
    )


def _heading_line(lines: Sequence[str]) -> int | None:
    """The line that heads the table: where the header says, or where columns are named."""
    for line in lines[:5]:
        said = re.match(r"Nb header lines\s*:\s*(\d{1,6})\s*$", line)
        if said and 0 < int(said[1]) <= len(lines) and _names_columns(lines[int(said[1]) - 1]):
            return int(said[1]) - 1
    return next(
        (place for place, line in enumerate(lines[:_HEADER_LINES]) if _names_columns(line)), None
    )


def _names_columns(line: str) -> bool:
    cells = [cell for cell in line.split("\t") if cell.strip()]
    return len(cells) >= 2 and sum(map(is_known, cells)) * 2 >= len(cells)


def _technique(header: Sequence[str]) -> tuple[str, str]:
    """The technique and the title it is told by: the first line that is no "name : value"."""
    for line in header[1:8]:
        title = line.strip()
        if title and ":" not in title:
            known = (name for begin, name in _TITLES if title.lower().startswith(begin))
            return next(known, ""), title
    return "", ""


def _value(header: Sequence[str], label: str) -> str:
    """What stands behind ``label :`` in the header."""
    for line in header:
        name, colon, value = line.partition(" :")
        if colon and name.strip() == label:
            return value.strip()
    return ""


def _loops(header: Sequence[str]) -> list[tuple[int, int]]:
    """First and last point of each loop that the header names."""
    loop = re.compile(r"\s*Loop\s+\d+\s+from point number\s+(\d{1,12})\s+to\s+(\d{1,12})")
    found = (loop.match(line) for line in header)
    return [(int(match[1]), int(match[2])) for match in found if match]


def _attributes(header: Sequence[str]) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    if started := _moment(_value(header, "Acquisition started on")):
        attributes["acquisition_start"] = started
    claims = {
        re.sub(r"\W+", "_", label).strip("_").lower(): _value(header, label) for label in _CLAIMS
    }
    if claims := {name: text for name, text in claims.items() if text}:
        attributes["header_claims"] = claims
    if settings := _settings(header):
        attributes["settings"] = settings
    return attributes


def _moment(text: str) -> str:
    """A moment written month first as ISO text; what is written otherwise stays as it is."""
    match = re.fullmatch(r"(\d\d)\D(\d\d)\D(\d{4}) (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,6}))?", text)
    if match is None or not (1 <= int(match[1]) <= 12 and 1 <= int(match[2]) <= 31):
        return text
    month, day, year, hour, minute, second, part = match.groups()
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}" + (f".{part}" if part else "")


def _settings(header: Sequence[str]) -> dict[str, list[str]]:
    """The technique's settings, the last block of the header: a name and one value a step."""
    block: list[str] = []
    for line in reversed(header):
        if " :" in line or (not line.strip() and block):
            break
        if line.strip():
            block.append(line)
    settings: dict[str, list[str]] = {}
    for line in reversed(block):
        values = [line[at : at + _FIELD].strip() for at in range(_FIELD, len(line), _FIELD)]
        if line[:_FIELD].strip() and values:
            settings[line[:_FIELD].strip()] = values
    return settings
