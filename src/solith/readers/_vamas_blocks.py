"""The layout of a VAMAS file: its experiment and its blocks, line by line.

ISO 14976:1998; Dench, Hazell and Seah, Surf. Interface Anal. 13, 63 (1988),
10.1002/sia.740130202 (looked up). Blocks after the first may leave out parameters that an inclusion
or exclusion list names by their number, from 1 to 40; they have those of the first block.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import StorageError

__all__ = ["FIRST_LINE", "Block", "blocks_of"]

FIRST_LINE = "VAMAS Surface Chemical Analysis Standard Data Transfer Format"

_ABSENT = 1e36  # a number from here on stands for one that is not specified (1e37)
_PARAMETERS = 40
_DEPTH = ("MAPDP", "MAPSVDP", "SDP", "SDPSV")
_IONS = ("FABMS", "FABMS energy spec", "ISS", "SIMS", "SIMS energy spec", "SNMS")
_SPUTTERED = ("AES diff", "AES dir", "EDX", "ELS", "UPS", "XPS", "XRF")
_LINESCANS = ("MAPSV", "MAPSVDP", "SEM")
_MODES = ("MAP", "MAPDP", "MAPSV", "MAPSVDP", "NORM", "SDP", "SDPSV", "SEM", "NOEXP")
_SHOWN = 40


@dataclass(frozen=True)
class Block:
    """One block: texts of its parameters, and a column for each corresponding variable.

    ``start`` and ``step`` are those of a regular scan, else ``None``; ``columns`` (label, unit,
    values) then begin with the first ordinate, and otherwise with the abscissa. ``label`` and
    ``unit`` are the abscissa's. ``short`` is how many values are missing where the file breaks off.
    """

    name: str
    sample: str
    comment: tuple[str, ...]
    texts: dict[str, str]
    variables: tuple[tuple[str, str, str], ...]
    label: str
    unit: str
    start: float | None
    step: float | None
    columns: tuple[tuple[str, str, NDArray[np.float64]], ...]
    short: int = 0

    def number(self, name: str) -> float | None:
        """A parameter as a number, ``None`` where it is none or not specified."""
        try:
            value = float(self.texts.get(name, ""))
        except ValueError:
            return None
        return value if math.isfinite(value) and abs(value) < _ABSENT else None


@dataclass
class _Cursor:
    path: Path
    lines: Sequence[str]
    place: int = 0

    def text(self, what: str) -> str:
        if self.place >= len(self.lines):
            raise StorageError(
                f"{self.path}: the file breaks off after line {len(self.lines)}, where {what} was "
                "expected"
            )
        self.place += 1
        return self.lines[self.place - 1].strip()

    def texts(self, number: int, what: str) -> list[str]:
        return [self.text(what) for _ in range(number)]

    def whole(self, what: str, *, least: int = 0) -> int:
        text = self.text(what)
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= 10**9:
            raise self.wrong(text, f"{what}, a whole number from {least}")
        return number

    def number(self, what: str) -> float:
        text = self.text(what)
        value = float(text) if _is_float(text) else math.nan
        if not abs(value) < _ABSENT:
            raise self.wrong(text, f"{what}, a number")
        return value

    def wrong(self, text: str, expected: str) -> StorageError:
        return StorageError(
            f"{self.path}: line {self.place} is {text[:_SHOWN]!r}; expected {expected}. "
            "Export the file again"
        )


@dataclass
class _Experiment:
    mode: str
    scan: str
    variables: list[tuple[str, str]]
    included: list[bool]
    upgrades: int
    blocks: int


@dataclass
class _Parameters:
    """What a block has of the parameters that may be left out."""

    comment: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    label: str = ""
    unit: str = ""
    start: float | None = None
    step: float | None = None
    columns: list[tuple[str, str]] = field(default_factory=list)


def blocks_of(path: Path, lines: Sequence[str]) -> list[Block]:
    """All blocks of a file, in their order.

    Raises :class:`StorageError` for a file that breaks off before the ordinates of its last
    block, for a scan mode other than REGULAR and IRREGULAR, and for a line that is not what
    belongs there.
    """
    cursor = _Cursor(path, lines)
    experiment = _experiment(cursor)
    blocks: list[Block] = []
    first: _Parameters | None = None
    for _ in range(experiment.blocks):
        block, kept = _block(cursor, experiment, first)
        first = first or kept
        blocks.append(block)
        if block.short:
            break
    return blocks


def _experiment(cursor: _Cursor) -> _Experiment:
    cursor.texts(5, "the head of the experiment")
    cursor.texts(cursor.whole("the number of comment lines"), "a comment line")
    mode = cursor.text("the experiment mode")
    if mode not in _MODES:
        raise cursor.wrong(mode, f"the experiment mode: {', '.join(_MODES)}")
    scan = cursor.text("the scan mode")
    if scan not in ("REGULAR", "IRREGULAR"):
        raise cursor.wrong(scan, "the scan mode REGULAR or IRREGULAR; maps are not read")
    if mode in ("MAP", "MAPDP", "NORM", "SDP"):
        cursor.text("the number of spectral regions")
    if mode in ("MAP", "MAPDP"):
        cursor.texts(3, "the number of positions")
    number = cursor.whole("the number of experimental variables")
    variables = [
        (cursor.text("an experimental variable"), cursor.text("its unit")) for _ in range(number)
    ]
    included = _included(cursor)
    cursor.texts(cursor.whole("the number of manually entered items"), "a manually entered item")
    upgrades = cursor.whole("the number of future upgrade experiment entries")
    entries = cursor.whole("the number of future upgrade block entries")
    cursor.texts(upgrades, "a future upgrade experiment entry")
    return _Experiment(
        mode, scan, variables, included, entries, cursor.whole("the number of blocks", least=1)
    )


def _included(cursor: _Cursor) -> list[bool]:
    """Whether blocks after the first have each parameter: all, those listed, or all but those."""
    what = "the number of entries in the inclusion or exclusion list"
    number = cursor.whole(what, least=-_PARAMETERS)
    listed = [cursor.whole("the number of a parameter", least=1) for _ in range(abs(number))]
    if any(item > _PARAMETERS for item in listed):
        raise cursor.wrong(str(max(listed)), f"the number of a parameter, 1 to {_PARAMETERS}")
    return [(item in listed) == (number > 0) for item in range(1, _PARAMETERS + 1)]


def _block(
    cursor: _Cursor, experiment: _Experiment, first: _Parameters | None
) -> tuple[Block, _Parameters]:
    name = cursor.text("the identifier of a block")
    sample = cursor.text("the identifier of the sample")
    kept = _parameters(cursor, experiment, first)
    cursor.texts(experiment.upgrades, "a future upgrade block entry")
    number = cursor.whole("the number of ordinate values", least=1)
    width = len(kept.columns)
    if number % width:
        raise cursor.wrong(
            str(number), f"the number of ordinate values, a multiple of the {width} variables"
        )
    cursor.texts(2 * width, "the least or largest ordinate")
    values, short = _ordinates(cursor, number)
    rows = len(values) // width
    if not rows:
        raise StorageError(f"{cursor.path}: the file breaks off before the values of {name!r}")
    table = values[: rows * width].reshape(rows, width)
    block = Block(
        name,
        sample,
        kept.comment,
        kept.texts,
        tuple(
            (label, unit, value)
            for (label, unit), value in zip(experiment.variables, kept.values, strict=False)
        ),
        kept.label,
        kept.unit,
        kept.start,
        kept.step,
        tuple(
            (label, unit, table[:, place].copy())
            for place, (label, unit) in enumerate(kept.columns)
        ),
        short,
    )
    return block, kept


def _ordinates(cursor: _Cursor, number: int) -> tuple[NDArray[np.float64], int]:
    """The values that are there, one a line, and how many are missing at the file's end."""
    listed = [line.strip() for line in cursor.lines[cursor.place : cursor.place + number]]
    end = len(listed)
    while end and not listed[end - 1] and cursor.place + end >= len(cursor.lines):
        end -= 1  # blank lines at the end of a file that breaks off
    try:
        values = np.array(listed[:end], dtype=float)
    except ValueError:
        raise _not_a_number(cursor, listed[:end]) from None
    cursor.place += end
    return values, number - end


def _not_a_number(cursor: _Cursor, listed: Sequence[str]) -> StorageError:
    wrong = next(n for n, text in enumerate(listed) if not _is_float(text))
    cursor.place += wrong + 1
    return cursor.wrong(listed[wrong], "an ordinate value, a number")


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _parameters(cursor: _Cursor, experiment: _Experiment, first: _Parameters | None) -> _Parameters:
    """The 40 parameters in their order; those that are left out are the first block's."""
    kept = _Parameters() if first is None else _copied(first)
    included = [True] * _PARAMETERS if first is None else experiment.included

    def take(number: int, *names: str, where: bool = True) -> None:
        if included[number - 1] and where:
            kept.texts |= {name: cursor.text(f"the {name}") for name in names}

    take(1, "year")
    take(2, "month")
    take(3, "day")
    take(4, "hour")
    take(5, "minute")
    take(6, "second")
    take(7, "hours ahead of Greenwich")
    if included[7]:
        number = cursor.whole("the number of comment lines of a block")
        kept.comment = tuple(cursor.texts(number, "a comment line of a block"))
    take(9, "technique")
    mode, technique = experiment.mode, kept.texts["technique"]
    take(10, "x coordinate", "y coordinate", where=mode in ("MAP", "MAPDP"))
    if included[10]:
        kept.values = tuple(cursor.texts(len(experiment.variables), "an experimental variable"))
    take(12, "source label")
    ion = ("sputtering ion", "atoms in the sputtering ion", "charge of the sputtering ion")
    take(13, *ion, where=mode in _DEPTH or technique in (*_IONS, "SNMS energy spec"))
    take(14, "source energy")
    take(15, "source strength")
    take(16, "beam width x", "beam width y")
    take(17, "field of view x", "field of view y", where=mode in (*_LINESCANS, "MAP", "MAPDP"))
    take(18, *(f"linescan coordinate {n}" for n in range(1, 7)), where=mode in _LINESCANS)
    take(19, "polar angle of incidence")
    take(20, "azimuth of incidence")
    take(21, "analyser mode")
    take(22, "pass energy or retard ratio")
    take(23, "differential width", where=technique == "AES diff")
    take(24, "magnification")
    take(25, "work function")
    take(26, "target bias")
    take(27, "analysis width x", "analysis width y")
    take(28, "take off polar angle", "take off azimuth")
    take(29, "species")
    take(30, "transition", "charge of the particle")
    if included[30] and experiment.scan == "REGULAR":
        kept.label, kept.unit = cursor.text("the abscissa's label"), cursor.text("its unit")
        kept.start = cursor.number("the abscissa's start")
        kept.step = cursor.number("the abscissa's increment")
    if included[31]:
        kept.columns = _columns(cursor, experiment.scan)
    take(33, "signal mode")
    take(34, "collection time")
    take(35, "number of scans")
    take(36, "time correction")
    sputtered = mode in _DEPTH and technique in _SPUTTERED
    take(37, *(f"sputtering source {n}" for n in range(1, 8)), where=sputtered)
    take(38, "tilt", "azimuth of tilt")
    take(39, "rotation")
    if included[39]:
        number = cursor.whole("the number of additional parameters")
        for _ in range(number):
            label, unit, value = cursor.texts(3, "an additional parameter")
            kept.texts[f"additional: {label}"] = f"{value} {unit}".strip()
    if experiment.scan == "IRREGULAR":
        kept.label, kept.unit = kept.columns[0]
    return kept


def _columns(cursor: _Cursor, scan: str) -> list[tuple[str, str]]:
    least = 2 if scan == "IRREGULAR" else 1  # an irregular scan has its abscissa among them
    number = cursor.whole("the number of corresponding variables", least=least)
    return [
        (cursor.text("a corresponding variable"), cursor.text("its unit")) for _ in range(number)
    ]


def _copied(first: _Parameters) -> _Parameters:
    return _Parameters(
        first.comment,
        dict(first.texts),
        first.values,
        first.label,
        first.unit,
        first.start,
        first.step,
        list(first.columns),
    )
