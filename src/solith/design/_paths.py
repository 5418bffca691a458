"""Places in a description, such as ``cathode.additives.1.density``, and changes there."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

from solith.core.description import Description
from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si

__all__ = ["changed_at", "unit_at", "value_at", "with_arrays"]

D = TypeVar("D", bound=Description)
_FRACTION = "mass_fraction"


def changed_at(description: D, path: str, value: Any) -> D:
    """The description with the value at ``path`` changed, converted and checked."""
    number = to_si(value, unit_at(description, path))
    changed: D = _rebuilt(description, path.split("."), number, dataclasses.replace)
    return changed


def with_arrays(description: D, changes: dict[str, Any]) -> D:
    """The description with arrays of samples at places; they are not checked."""
    for path, values in changes.items():
        description = _rebuilt(description, path.split("."), values, _unchecked)
    return description


def unit_at(description: Description, path: str) -> str:
    """The SI unit of the quantity at ``path``; :class:`InputError` where there is none."""
    owner, name = _owner(description, path)
    fields = {item.name: item for item in dataclasses.fields(owner)}
    if name not in fields or "unit" not in fields[name].metadata:
        offered = [key for key, item in fields.items() if "unit" in item.metadata]
        raise UnknownNameError.among("quantity", name, offered).inside(path)
    return str(fields[name].metadata["unit"])


def value_at(description: Description, path: str) -> float | None:
    """The SI value at ``path``; ``None`` where it is left out."""
    unit_at(description, path)
    owner, name = _owner(description, path)
    found: float | None = getattr(owner, name)
    return found


def _owner(description: Description, path: str) -> tuple[Description, str]:
    *places, name = path.split(".")
    owner: Any = description
    for place in places:
        owner = _step(owner, place, path)
    if not isinstance(owner, Description):
        raise InputError("is a list; go on with the number of one of its members", where=path)
    return owner, name


def _step(owner: Any, place: str, path: str) -> Any:
    if isinstance(owner, tuple):
        if not place.isdigit() or not 1 <= int(place) <= len(owner):
            raise InputError(f"{place!r} is no number from 1 to {len(owner)}", where=path)
        return owner[int(place) - 1]
    names = [item.name for item in dataclasses.fields(owner)]
    if place not in names:
        raise UnknownNameError.among("field", place, names).inside(path)
    found = getattr(owner, place)
    if not isinstance(found, (Description, tuple)):
        what = "is not given" if found is None else "has no parts"
        raise InputError(f"{place!r} {what}; nothing in it can be changed", where=path)
    return found


def _rebuilt(owner: Any, places: list[str], value: Any, replace: Callable[..., Any]) -> Any:
    name = places[0]
    if len(places) == 1:
        return replace(owner, **{name: value}, **_consequences(owner, name))
    if places[-1] == _FRACTION and {"active", "additives"} <= set(vars(owner)):
        return _with_fraction(owner, places[:-1], value, replace)
    inner = getattr(owner, name)
    if isinstance(inner, tuple):
        items = list(inner)
        items[int(places[1]) - 1] = _rebuilt(items[int(places[1]) - 1], places[2:], value, replace)
        return replace(owner, **{name: tuple(items)})
    return replace(owner, **{name: _rebuilt(inner, places[1:], value, replace)})


def _consequences(owner: Any, name: str) -> dict[str, Any]:
    """What a change of one size of an electrode or a foil does to its others."""
    known = set(vars(owner))
    if "excess" not in known or name not in ("loading", "thickness", "porosity", "excess"):
        return {}
    if "loading" not in known:
        return {"thickness": {"excess": None}, "excess": {"thickness": None}}.get(name, {})
    if name == "excess":
        return {"loading": None, "thickness": None, "porosity": owner.pore_fraction()}
    if name == "porosity":
        return {"thickness": None} if owner.loading is not None else {}
    other = "thickness" if name == "loading" else "loading"
    return {other: None, "excess": None, "porosity": owner.pore_fraction()}


def _with_fraction(owner: Any, places: list[str], value: Any, replace: Callable[..., Any]) -> Any:
    """One solid's share set, the others' scaled so that all sum to 1."""
    chosen = 0 if places[0] == "active" else int(places[1])
    solids = [owner.active, *owner.additives]
    if len(solids) == 1:
        raise InputError("there is no other solid to take from", where="active.mass_fraction")
    rest = sum(item.mass_fraction for item in solids) - solids[chosen].mass_fraction
    solids = [
        replace(item, mass_fraction=value)
        if number == chosen
        else replace(item, mass_fraction=item.mass_fraction * (1 - value) / rest)
        for number, item in enumerate(solids)
    ]
    return replace(owner, active=solids[0], additives=tuple(solids[1:]))


def _unchecked(owner: D, **changes: Any) -> D:
    new = copy.copy(owner)
    for name, value in changes.items():
        object.__setattr__(new, name, value)
    return new
