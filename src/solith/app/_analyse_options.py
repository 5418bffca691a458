"""What is given on the command line for all records, checked before any work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from glob import glob
from pathlib import Path
from typing import Any

from solith.analysis import CELL_TYPES, CYCLING_TECHNIQUES, SPECTRUM_TECHNIQUES, parse_circuit
from solith.app._analyse_asked import IMAGE_TECHNIQUES
from solith.app._analyse_files import find_files
from solith.app.analyse import Frequencies
from solith.core.errors import InputError, SolithError, unknown_name_message
from solith.core.quantities import to_si
from solith.core.record import Record
from solith.materials import read_literature_cells

__all__ = [
    "check_cell_type",
    "check_cells",
    "check_circuit",
    "check_curves",
    "check_facts",
    "check_frequencies",
    "check_places",
    "check_side",
    "check_technique",
]

_SIDES = ("negative", "positive")


def check_facts(given: Mapping[str, tuple[str, str | None]]) -> dict[str, str]:
    """The facts among ``given`` (option to fact and text), each with its text checked.

    Raises :class:`InputError` that names the option whose text is no such quantity.
    """
    anything = Record.from_arrays("spectrum", abscissa=[0.0], intensity=[0.0])
    facts = {}
    for option, (fact, text) in given.items():
        if text is None:
            continue
        try:
            anything.with_facts(**{fact: text})
        except InputError as error:
            raise InputError(error.problem, where=option) from None
        facts[fact] = text
    return facts


def check_cell_type(name: str | None) -> None:
    """Raise :class:`InputError` that names the option for a type of cell that is not known."""
    if name is not None and name not in CELL_TYPES:
        raise InputError(unknown_name_message("cell type", name, CELL_TYPES), where="--cell-type")


def check_technique(names: Sequence[str]) -> str | None:
    """The technique, if one is given; :class:`InputError` for several and for one not known."""
    if not names:
        return None
    if len(names) > 1:
        raise InputError(
            f"{' and '.join(names)} are given; analyse the files of each in a call of its own",
            where="--technique",
        )
    known = (*CYCLING_TECHNIQUES, *SPECTRUM_TECHNIQUES, *IMAGE_TECHNIQUES)
    if names[0] not in known:
        raise InputError(unknown_name_message("technique", names[0], known), where="--technique")
    return names[0]


def check_cells(path: Path | None) -> None:
    """Raise :class:`InputError` that names the option for what is no table of published cells."""
    if path is None:
        return
    try:
        read_literature_cells(path)
    except SolithError as error:
        raise InputError(str(error), where="--literature") from None


def check_circuit(text: str | None) -> None:
    """Raise :class:`InputError` that names the option for what is no circuit."""
    if text is None:
        return
    try:
        parse_circuit(text)
    except InputError as error:
        raise InputError(str(error), where="--circuit") from None


def check_frequencies(lowest: str | None, highest: str | None) -> Frequencies:
    """The two frequencies [Hz]; raises :class:`InputError` that names the wrong option."""
    low = _positive("--lowest-frequency", lowest, "Hz")
    high = _positive("--highest-frequency", highest, "Hz")
    if low is not None and high is not None and low > high:
        raise InputError(
            f"{lowest!r} is above --highest-frequency {highest!r}", where="--lowest-frequency"
        )
    return low, high


def check_curves(read_voltage: str | None, compliance: str | None) -> dict[str, Any]:
    """The options of current-voltage curves that are given, as texts with their units.

    Raises :class:`InputError` that names the wrong option.
    """
    if read_voltage is not None and _number("--read-voltage", read_voltage, "V") == 0:
        raise InputError(f"{read_voltage!r} must not be zero", where="--read-voltage")
    _positive("--compliance", compliance, "A")
    given = {"read_voltage": read_voltage, "compliance": compliance}
    return {name: text for name, text in given.items() if text is not None}


def check_side(side: str | None, *, places: bool) -> None:
    """Raise :class:`InputError` that names the option for no side, and one without ``places``."""
    if side is None:
        return
    if side not in _SIDES:
        raise InputError(unknown_name_message("side", side, _SIDES), where="--side")
    if not places:
        raise InputError("a side is for comparing places; give --place, too", where="--side")


def check_places(texts: Sequence[str]) -> dict[str, list[Path]]:
    """The files of each place, from texts NAME=FILES with a file, a folder or a pattern.

    What exists under that very name is no pattern. Texts with one name add up. Raises
    :class:`InputError` that names the option for a text of another form, one that no file fits,
    and a file that is given for two places.
    """
    places: dict[str, list[Path]] = {}
    owners: dict[Path, str] = {}
    for text in texts:
        name, equal, pattern = (part.strip() for part in text.partition("="))
        if not (name and equal and pattern):
            raise InputError(
                f"{text!r} is not of the form NAME=FILES, as 'boundary=gb*.csv'", where="--place"
            )
        given = Path(pattern).expanduser()
        found = [given] if given.exists() else sorted(map(Path, glob(str(given))))
        if not found:
            raise InputError(f"there is no file {pattern!r} for {name!r}", where="--place")
        for path in find_files(found):
            owner = owners.setdefault(path.resolve(), name)
            if owner != name:
                raise InputError(f"{path} is given for {owner!r} and {name!r}", where="--place")
            if path not in places.setdefault(name, []):
                places[name].append(path)
    return places


def _positive(option: str, text: str | None, unit: str) -> float | None:
    if text is None:
        return None
    number = _number(option, text, unit)
    if not number > 0:
        raise InputError(f"{text!r} must be above 0", where=option)
    return number


def _number(option: str, text: str, unit: str) -> float:
    try:
        return to_si(text, unit)
    except InputError as error:
        raise error.inside(option) from None
