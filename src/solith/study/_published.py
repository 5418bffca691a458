"""Published values that come with solith: facts with unit, DOI and place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import in_unit, to_si
from solith.study._checks import check_keys, read_table, read_text

__all__ = [
    "Published",
    "check_reference",
    "find_published",
    "published_sources",
    "read_published",
    "read_unit",
]


@dataclass(frozen=True)
class Published:
    """A published number in the unit it was printed in; ``source`` gives DOI and place."""

    value: float
    unit: str
    source: str = ""
    note: str = ""

    def over(self, other: Published) -> Published | None:
        """The ratio to another published number, or ``None`` where that is 0."""
        below = in_unit(other.value, other.unit, self.unit)
        if below == 0:
            return None
        return Published(self.value / below, "", f"{self.source}; over {other.source}")


def published_sources() -> dict[str, str]:
    """The packaged publications: name to citation with DOI."""
    folder = resources.files("solith.study") / "published"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    return {name[:-5]: _citation(_facts(name[:-5])) for name in names}


def find_published(reference: str, sample: str = "") -> Published | None:
    """The value at ``reference``, or ``None`` where the publication gives none there.

    A reference is ``NAME:place.in.the.file``, as in
    ``lnto_2020:samples.450.capacity_0C1``; ``{sample}`` in it stands for ``sample``.
    A number in a table of several has that table's unit and note; a bound alone is told in the
    note. An unknown publication, or a place that holds something else than one number with a
    unit, is an :class:`InputError`.
    """
    name, colon, place = reference.partition(":")
    if not colon or not place:
        raise InputError(
            f"{reference!r} is no reference to a published value; expected one like "
            "'lnto_2020:samples.450.capacity_0C1'"
        )
    if name not in published_sources():
        raise UnknownNameError.among("publication", name, published_sources())
    facts = _facts(name)
    parts = [part.replace("{sample}", sample) for part in place.split(".")]
    found: Any = facts
    around: Mapping[str, Any] = {}
    for part in parts:
        if not isinstance(found, Mapping) or part not in found:
            return None
        around, found = found, found[part]
    found = _one_number(found, around)
    if not isinstance(found, Mapping) or not _is_number(found.get("value")):
        raise InputError(
            f"{reference!r} is no single published number with a unit; the publication "
            f"gives {found!r}"
        )
    return Published(
        float(found["value"]),
        str(found.get("unit", "")),
        f"{_citation(facts)}, {'.'.join(parts)}",
        str(found.get("note", "")),
    )


def _one_number(found: Any, around: Mapping[str, Any]) -> Any:
    """``found``, a number of a table of several or a bound alone as a table of its own."""
    if _is_number(found) and "unit" in around:
        return {"value": found, "unit": around["unit"], "note": around.get("note", "")}
    if not isinstance(found, Mapping) or "value" in found:
        return found
    bounds = [key for key in ("low", "high") if _is_number(found.get(key))]
    if len(bounds) != 1:
        return found
    words = f"{'at least' if bounds == ['low'] else 'at most'} this"
    notes = [words, *([found["note"]] if "note" in found else [])]
    return {"value": found[bounds[0]], "unit": found.get("unit", ""), "note": "; ".join(notes)}


def read_published(entry: Mapping[str, Any], where: str) -> str | Published:
    """What stands under ``published``: a reference, or a number with unit and source."""
    written = entry.get("published", "")
    if isinstance(written, str):
        return written
    table = read_table(entry, "published", where)
    where = f"{where}.published"
    check_keys(table, ("value", "unit", "source", "note"), where)
    if "value" not in table:
        raise InputError("is missing; give a value for it", where=f"{where}.value")
    number = table["value"]
    if not isinstance(number, (int, float)):
        raise InputError(
            f"{number!r} is not a number; its unit goes into unit", where=f"{where}.value"
        )
    try:
        to_si(number, "")
    except InputError as error:
        raise error.inside(f"{where}.value") from None
    return Published(
        float(number),
        read_unit(table, where),
        read_text(table, "source", where, ""),
        read_text(table, "note", where, ""),
    )


def read_unit(entry: Mapping[str, Any], where: str) -> str:
    """The unit under ``unit``, or "" where there is none."""
    unit = read_text(entry, "unit", where, "")
    try:
        in_unit(1.0, unit, unit)
    except InputError as error:
        raise error.inside(f"{where}.unit") from None
    return unit


def check_reference(reference: str, where: str, samples: Iterable[str]) -> None:
    """Refuse a reference at which the publication has nothing for any of the samples."""
    try:
        found = [find_published(reference, sample) for sample in (*samples, "")]
    except InputError as error:
        raise error.inside(where) from None
    if all(value is None for value in found):
        raise InputError(
            f"the publication has nothing at {reference!r}; look in its file for the place",
            where=where,
        )


@cache
def _facts(name: str) -> dict[str, Any]:
    file = resources.files("solith.study") / "published" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _citation(facts: Mapping[str, Any]) -> str:
    source = facts["source"]
    return ", ".join(str(source[key]) for key in ("citation", "doi") if key in source)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
