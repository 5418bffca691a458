"""The table of photoelectron lines and species, which a user's own table may go before."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from solith.core.errors import InputError, UnknownNameError

__all__ = ["Line", "Species", "SpeciesTable", "species_table"]

_LARGEST = 1e4  # eV
_CERTAINTIES = ("read", "derived", "recalled", "measured", "")


@dataclass(frozen=True)
class Line:
    """A photoelectron line: ``splitting`` [eV] and area ``ratio`` of its doublet, or neither."""

    name: str
    splitting: float = 0.0
    ratio: float = 0.0
    source: str = ""
    certainty: str = ""


@dataclass(frozen=True)
class Species:
    """Where a species shows in a line: ``position`` and its ``spread`` [eV], with the source.

    ``atoms`` of the line's element are in one formula unit, or it is not known.
    """

    name: str
    line: str
    position: float
    spread: float
    atoms: float | None = None
    about: str = ""
    source: str = ""
    certainty: str = ""


@dataclass(frozen=True)
class SpeciesTable:
    """Lines by name, and species in their order."""

    lines: Mapping[str, Line]
    species: tuple[Species, ...]

    def line(self, name: object) -> Line:
        """The line of that name; an error lists those that there are."""
        if not isinstance(name, str) or name not in self.lines:
            raise UnknownNameError.among("photoelectron line", str(name), self.lines)
        return self.lines[name]

    def find(self, name: str, line: str) -> Species:
        """The species of that name in a line; an error lists those of the line."""
        for one in self.species:
            if one.name == name and one.line == line:
                return one
        offered = [one.name for one in self.species if one.line == line]
        raise UnknownNameError.among(f"species of {line}", name, offered)

    def near(self, position: float, line: str, uncertainty: float = 0.0) -> list[Species]:
        """Species of a line within two standard deviations of a position, the nearest first.

        Of the species' spread and of the position's ``uncertainty`` [eV] together.
        """
        found = [
            one
            for one in self.species
            if one.line == line
            and abs(one.position - position) <= 2 * math.hypot(one.spread, uncertainty)
        ]
        return sorted(found, key=lambda one: abs(one.position - position))

    def overlapping(self, names: Sequence[str], line: str) -> list[tuple[Species, Species]]:
        """Pairs among the named species whose positions differ by less than their spreads' sum."""
        known = [one for one in self.species if one.line == line and one.name in names]
        return [
            (one, other)
            for n, one in enumerate(known)
            for other in known[n + 1 :]
            if abs(one.position - other.position) < one.spread + other.spread
        ]

    def lines_of(self, name: str) -> list[Species]:
        """Where a species shows, in every line."""
        return [one for one in self.species if one.name == name]


def species_table(given: object = None) -> SpeciesTable:
    """solith's table, or with a user's entries before it.

    ``given`` is the path of a TOML file, a mapping of its content, or a table. Raises
    :class:`InputError` for a file that cannot be read and for an entry that is none.
    """
    if given is None:
        return _own()
    if isinstance(given, SpeciesTable):
        return given
    if isinstance(given, (str, Path)):
        path = Path(given)
        if not path.is_file():
            raise InputError("there is no such file of species", file=str(path))
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"is no table of species in TOML: {error}", file=str(path)) from None
        try:
            return _joined(_parsed(content), _own())
        except InputError as error:
            raise error.inside(file=str(path)) from None
    if isinstance(given, Mapping):
        return _joined(_parsed(given), _own())
    raise InputError(
        "expected the path of a TOML file or a table with [lines] and [[species]]", where="species"
    )


@lru_cache(maxsize=1)
def _own() -> SpeciesTable:
    file = resources.files("solith.analysis") / "data" / "xps_species.toml"
    return _parsed(tomllib.loads(file.read_text(encoding="utf-8")))


def _joined(first: SpeciesTable, second: SpeciesTable) -> SpeciesTable:
    taken = {(one.name, one.line) for one in first.species}
    rest = [one for one in second.species if (one.name, one.line) not in taken]
    joined = SpeciesTable({**second.lines, **first.lines}, (*first.species, *rest))
    for one in first.species:
        joined.line(one.line)
    return joined


def _parsed(content: Mapping[str, Any]) -> SpeciesTable:
    for key in content:
        if key not in ("lines", "species"):
            raise UnknownNameError.among("part of a table of species", str(key), _PARTS)
    lines, species = content.get("lines", {}), content.get("species", [])
    if not isinstance(lines, Mapping) or not isinstance(species, (list, tuple)):
        raise InputError("expected [lines.NAME] and [[species]]", where="species")
    return SpeciesTable(
        {str(name): _line(str(name), entry) for name, entry in lines.items()},
        tuple(_species(entry, n) for n, entry in enumerate(species, start=1)),
    )


_PARTS = ("lines", "species")


def _line(name: str, entry: object) -> Line:
    where = f"lines.{name}"
    fields = _fields(entry, Line, where)
    numbers = {key: _number(fields, key, where, 0.0, least=0.0) for key in ("splitting", "ratio")}
    if (numbers["splitting"] > 0) != (numbers["ratio"] > 0):
        raise InputError("a doublet has both splitting and ratio above 0", where=where)
    texts = _texts(fields, ("source", "certainty"), where)
    return Line(name, numbers["splitting"], numbers["ratio"], texts["source"], texts["certainty"])


def _species(entry: object, number: int) -> Species:
    where = f"species {number}"
    fields = _fields(entry, Species, where)
    for key in ("name", "line"):
        if not isinstance(fields.get(key), str) or not fields[key]:
            raise InputError("a text is needed", where=f"{where}.{key}")
    atoms = _number(fields, "atoms", where, 0.0, least=0.0)
    return Species(
        fields["name"],
        fields["line"],
        _number(fields, "position", where),
        _number(fields, "spread", where, least=1e-3),
        atoms or None,
        **_texts(fields, ("about", "source", "certainty"), where),
    )


def _fields(entry: object, kind: type, where: str) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise InputError("expected an entry with names and values", where=where)
    known = [name for name in kind.__dataclass_fields__ if kind is Species or name != "name"]  # type: ignore[attr-defined]
    for key in entry:
        if key not in known:
            raise UnknownNameError.among("field", str(key), known).inside(where)
    return entry


def _texts(fields: Mapping[str, Any], keys: Sequence[str], where: str) -> dict[str, str]:
    found = {key: fields.get(key, "") for key in keys}
    for key, text in found.items():
        if not isinstance(text, str) or (key == "certainty" and text not in _CERTAINTIES):
            choice = f", one of {', '.join(map(repr, _CERTAINTIES))}" if key == "certainty" else ""
            raise InputError(f"{text!r} is not a text{choice}", where=f"{where}.{key}")
    return found


def _number(
    fields: Mapping[str, Any],
    key: str,
    where: str,
    default: float | None = None,
    *,
    least: float = 1e-6,
) -> float:
    value = fields.get(key, default)
    known = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not known or not least <= value <= _LARGEST:
        raise InputError(
            f"{value!r} is not a number from {least:g} to {_LARGEST:g}", where=f"{where}.{key}"
        )
    return float(value)
