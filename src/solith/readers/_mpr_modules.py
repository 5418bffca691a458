"""The modules of a BioLogic binary file: settings, data, log, loops.

A file is a signature of 52 bytes and then modules: the word MODULE, a header with names,
length, version and date, and as many bytes as the header says. EC-Lab 11.50 put two
numbers more into the header and moved the version. Layout after the public readers galvani
0.5.0 and yadg 7.0.1 (facts only) and the files of the tests.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import StorageError
from solith.readers._mpr_columns import record_type, unpacked

if TYPE_CHECKING:
    from solith.readers._biologic_columns import Columns

__all__ = [
    "SIGNATURE",
    "Module",
    "Points",
    "acquisition_start",
    "analog_inputs",
    "header_claims",
    "loop_starts",
    "points_of",
    "split_modules",
]

SIGNATURE = b"BIO-LOGIC MODULAR FILE\x1a"

_FIRST_MODULE = 52
_MARK = b"MODULE"
_OLD = struct.Struct("<10s25sII8s")
_NEW = struct.Struct("<10s25sIIII8s")
_NEWER = 10
"""The version from which on a module is of EC-Lab 11.50 or later."""


@dataclass(frozen=True)
class Module:
    """One module: ``body`` is what the file has of the ``promised`` bytes."""

    name: str
    version: int
    date: str
    promised: int
    body: bytes

    @property
    def torn(self) -> bool:
        """Whether the file ends before the module does."""
        return len(self.body) < self.promised


def split_modules(content: bytes) -> tuple[list[Module], str]:
    """The modules of a file in their order, and what is wrong behind the last ("" if nothing).

    Raises :class:`StorageError` for a file that does not begin as one.
    """
    if not content.startswith(SIGNATURE):
        raise StorageError("does not begin as a BioLogic binary file does")
    modules: list[Module] = []
    place = _FIRST_MODULE
    while place < len(content):
        if content[place : place + len(_MARK)] != _MARK:
            if _MARK.startswith(content[place:]):
                return modules, f"the file ends at byte {len(content)}, where a module begins"
            return modules, f"no module begins at byte {place}, where the one before it ends"
        begin = place + len(_MARK)
        header = _NEW if content[begin + 35 : begin + 39] == b"\xff" * 4 else _OLD
        if len(content) < begin + header.size:
            return modules, f"the file ends at byte {len(content)}, within a module's header"
        fields = header.unpack_from(content, begin)
        length = fields[-3] if header is _OLD else fields[3]
        version = fields[-2] if header is _OLD else fields[4] + fields[5]
        place = begin + header.size
        name = fields[0].decode("ascii", errors="replace").strip(" \0")
        day = fields[-1].decode("ascii", errors="replace")
        modules.append(Module(name, version, day, length, content[place : place + length]))
        place += length
    if modules and modules[-1].torn:
        module = modules[-1]
        missing = module.promised - len(module.body)
        return modules, f"the file ends {missing} bytes before its module {module.name!r} does"
    return modules, ""


@dataclass(frozen=True)
class Points:
    """The columns of the data module, and how many points it promised."""

    columns: Columns
    promised: int
    whole: int


def points_of(module: Module) -> Points:
    """The data points, all that are whole.

    Raises :class:`StorageError` for a layout or column that is not known, and where the
    widths of the columns times the number of points is not the length of the data.
    """
    start, ids, count = _table(module)
    kind = record_type(ids)
    held = module.promised - start
    if kind.itemsize * count != held:
        raise StorageError(
            f"the data module does not fit its column table: {count} points of {kind.itemsize} "
            f"bytes are {kind.itemsize * count} bytes, but it holds {held} (column ids "
            f"{', '.join(map(str, ids))}); export the file as text (.mpt)"
        )
    whole = min(count, max(0, len(module.body) - start) // kind.itemsize)
    if not whole:
        raise StorageError(
            f"there is no whole data point ({count} are promised)"
            if count
            else "there are no data points: the measurement was stopped before the first"
        )
    points = np.frombuffer(module.body, dtype=kind, count=whole, offset=start)
    return Points(unpacked(points, ids), count, whole)


def _table(module: Module) -> tuple[int, tuple[int, ...], int]:
    """Where the data begin, the ids of their columns, how many points there are."""
    newer = module.version in (_NEWER, _NEWER + 1)
    layouts = {0: (5, 1, 100), 2: (5, 2, 405), 3: (5, 2, 406)}
    if not newer and module.version not in layouts:
        known = ", ".join(map(str, (*layouts, _NEWER, _NEWER + 1)))
        raise StorageError(
            f"the data module has version {module.version}; this reader knows {known}. "
            "Export the file as text (.mpt)"
        )
    first, width, start = (6, 2, 1007) if newer else layouts[module.version]
    if len(module.body) < start:
        raise StorageError(f"the file ends within its column table ({len(module.body)} bytes)")
    count, number = struct.unpack_from("<IH" if newer else "<IB", module.body)
    if not 0 < number <= (start - first) // width:
        raise StorageError(f"the data module says it has {number} columns, which cannot be")
    ids = struct.unpack_from(f"<{number}{'H' if width == 2 else 'B'}", module.body, first)
    return start, ids, count


def loop_starts(module: Module) -> tuple[int, ...]:
    """The points at which the loops of the measurement begin (none where there is one)."""
    if len(module.body) < 4:
        return ()
    number = min(struct.unpack_from("<I", module.body)[0], (len(module.body) - 4) // 4)
    return tuple(struct.unpack_from(f"<{number}I", module.body, 4))


_STAMPS = (585, 465, 469, 473)
"""Where versions of EC-Lab have the time of the start in the log."""

_OLE_EPOCH = datetime(1899, 12, 30)
_OLE_DAYS = (30000.0, 60000.0)


def acquisition_start(settings: Module, log: Module | None) -> str:
    """When the measurement began, as ISO text by the instrument's clock; a date or "".

    The log has the time as days since 1899-12-30; of the places where it may stand the one
    counts whose day is that of the settings.
    """
    day = _day(settings.date)
    if day is None:
        return ""
    for place in _STAMPS if log is not None else ():
        if log is None or len(log.body) < place + 8:
            continue
        (days,) = struct.unpack_from("<d", log.body, place)
        if _OLE_DAYS[0] < days < _OLE_DAYS[1]:
            moment = _OLE_EPOCH + timedelta(milliseconds=round(days * 86_400_000))
            if moment.date() == day:
                return moment.isoformat(timespec="milliseconds")
    return day.isoformat()


def _day(text: str) -> date | None:
    """The day in month/day/year, whatever stands between the numbers."""
    match = re.fullmatch(r"(\d\d)\D(\d\d)\D(\d\d)", text)
    if match is None:
        return None
    month, day, year = map(int, match.groups())
    try:
        return date(2000 + year, month, day)
    except ValueError:
        return None


def analog_inputs(devices: Module) -> list[str]:
    """What the user called the analog inputs to which external devices are connected."""
    found = (_text_at(devices.body, place) for place in (0x0036, 0x0063))
    return [name for name in found if name]


def _text_at(body: bytes, place: int) -> str:
    """A text behind its length in one byte."""
    length = body[place] if place < len(body) else 0
    text = body[place + 1 : place + 1 + length].decode("cp1252", errors="replace")
    return text.strip("\0 \r\n")


_TEXTS = {0x0007: "comments", 0x011E: "electrode_material", 0x01C0: "electrolyte"}
_NUMBERS = {
    0x0107: "active_material_mass",
    0x0211: "electrode_surface_area",
    0x024C: "characteristic_mass",
}


def header_claims(settings: Module) -> Mapping[str, Any]:
    """What the settings say of the cell: often an instrument's default, never to be trusted.

    Numbers are in the units that the user had chosen in EC-Lab.
    """
    claims: dict[str, Any] = {}
    for place, name in _TEXTS.items():
        if text := _text_at(settings.body, place):
            claims[name] = text
    for place, name in _NUMBERS.items():
        if place + 4 <= len(settings.body):
            (number,) = struct.unpack_from("<f", settings.body, place)
            if math.isfinite(number):
                claims[name] = float(np.format_float_positional(np.float32(number)))
    return claims
