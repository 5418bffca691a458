"""Samples that are like another: the other's table with a few changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.study._checks import check_keys, check_name, read_table, read_text, read_texts

__all__ = ["resolve"]

_OWN = ("about", "calibrated_by", "takes", "stands_for", "varies", "replicates", "measured")
_CHOOSING = ("law", "kind", "type")  # keys that say what the other keys of a table mean


def resolve(samples: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The samples' tables with ``like`` and ``without`` carried out.

    ``like = "OTHER"`` begins with OTHER's cell and lays this sample's entries over it;
    ``without = ["cell.cathode.coating"]`` then leaves fields out.
    """
    for name in samples:
        check_name(name, "samples", path=True)
        table = read_table(samples, name, "samples")
        check_keys(table, (*_OWN, "like", "without", "cell"), f"samples.{name}")
        if "cell" in table:
            read_table(table, "cell", f"samples.{name}")
    return {name: _resolved(name, samples, ()) for name in samples}


def _resolved(name: str, samples: Mapping[str, Any], above: tuple[str, ...]) -> dict[str, Any]:
    table = samples[name]
    where = f"samples.{name}"
    merged: dict[str, Any] = {}
    if "like" in table:
        other = read_text(table, "like", where)
        if other not in samples:
            raise UnknownNameError.among("sample", other, samples).inside(f"{where}.like")
        path = (*above, name)
        if other in path:
            circle = " -> ".join([*path[path.index(other) :], other])
            raise InputError(f"samples are like each other in a circle: {circle}", where=where)
        merged = {k: v for k, v in _resolved(other, samples, path).items() if k == "cell"}
    own = {key: item for key, item in table.items() if key in (*_OWN, "cell")}
    merged = _laid_over(merged, own)
    for place in read_texts(table, "without", where):
        merged = _left_out(merged, place.split("."), place, f"{where}.without")
    return merged


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    if any(key in above and above[key] != below.get(key, above[key]) for key in _CHOOSING):
        return dict(above)
    merged = dict(below)
    for key, item in above.items():
        under = merged.get(key)
        both = isinstance(item, Mapping) and isinstance(under, Mapping)
        merged[key] = _laid_over(under, item) if both else item  # type: ignore[arg-type]
    return merged


def _left_out(table: Any, parts: list[str], place: str, where: str) -> dict[str, Any]:
    if not isinstance(table, Mapping) or parts[0] not in table:
        raise InputError(f"{place!r} is not there to be left out", where=where)
    rest = {key: item for key, item in table.items() if key != parts[0]}
    if len(parts) > 1:
        rest[parts[0]] = _left_out(table[parts[0]], parts[1:], place, where)
    return rest
