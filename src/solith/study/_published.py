"""Published values that come with solith: facts with unit, DOI and place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from solith.core.errors import InputError, UnknownNameError

__all__ = ["Published", "find_published", "published_sources"]


@dataclass(frozen=True)
class Published:
    """A published number in the unit it was printed in; ``source`` gives DOI and place."""

    value: float
    unit: str
    source: str = ""
    note: str = ""


def published_sources() -> dict[str, str]:
    """The packaged publications: name to citation with DOI."""
    folder = resources.files("solith.study") / "published"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    return {name[:-5]: _citation(_facts(name[:-5])) for name in names}


def find_published(reference: str, sample: str = "") -> Published | None:
    """The value at ``reference``, or ``None`` where the publication gives none there.

    A reference is ``NAME:place.in.the.file``, as in
    ``lnto_2020:samples.450.capacity_0C1``; ``{sample}`` in it stands for ``sample``.
    An unknown publication, or a place that holds something else than one number with a
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
    for part in parts:
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
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


@cache
def _facts(name: str) -> dict[str, Any]:
    file = resources.files("solith.study") / "published" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _citation(facts: Mapping[str, Any]) -> str:
    source = facts["source"]
    return ", ".join(str(source[key]) for key in ("citation", "doi") if key in source)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
