"""Where an input of a cell comes from: the materials table, the model's defaults, or given."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.materials import Material, find_material

__all__ = ["find_origin"]

_QUANTITIES = {
    "conductivity": "ionic_conductivity",
    "activation_energy": "activation_energy",
    "relative_permittivity": "relative_permittivity",
    "potential": "potential_vs_lithium",
}
_LAYERS = {
    "electrolyte": ("conductivity", "activation_energy", "relative_permittivity"),
    "cathode.coating": ("conductivity", "activation_energy", "relative_permittivity"),
    "cathode.interphase": ("conductivity", "activation_energy", "relative_permittivity"),
    "anode": ("potential",),
}
_TEMPERATURE = 298.15  # K, at which a cell's properties are given
_SAME = 1e-9


def find_origin(path: str, values: Mapping[str, Any], cell: Any) -> str:
    """One of "materials table, read" (or derived, recalled), "default" and "given".

    ``values`` are the inputs of ``cell`` by path. Told by comparison: what was given and
    equals the table's preferred value, or the default, counts as taken from there.
    """
    known = _from_table(path, values)
    if known is not None and _equal(values[path], known[0]):
        return f"materials table, {known[1]}"
    return "default" if _is_default(path, cell) else "given"


def _from_table(path: str, values: Mapping[str, Any]) -> tuple[float, str] | None:
    """The preferred value in the materials table and its certainty."""
    layer, _, name = path.rpartition(".")
    material = values.get(f"{layer}.material")
    if name not in _LAYERS.get(layer, ()) or material is None:
        return None
    try:
        table = find_material(str(material))
        row = table.property(_QUANTITIES[name])
        if name != "conductivity":
            return row.value, row.certainty
        return table.ionic_conductivity(_TEMPERATURE), _certainty_of_conductivity(table)
    except InputError:
        return None


def _certainty_of_conductivity(table: Material) -> str:
    row = table.property("ionic_conductivity")
    if row.conditions.temperature == _TEMPERATURE:
        return row.certainty
    both = {row.certainty, table.property("activation_energy").certainty}
    return "recalled" if "recalled" in both else "derived"


def _equal(written: Any, number: float) -> bool:
    try:
        value = to_si(written, written.split()[-1] if _has_unit(written) else "")
    except InputError:
        return False
    return math.isclose(value, number, rel_tol=_SAME)


def _has_unit(written: Any) -> bool:
    return isinstance(written, str) and len(written.split()) > 1


def _is_default(path: str, cell: Any) -> bool:
    """Whether the field of the description holds the value it has when left out."""
    *parts, name = path.split(".")
    owner = cell
    for part in parts:
        owner = getattr(owner, part, None)
    if not dataclasses.is_dataclass(owner):
        return False
    for item in dataclasses.fields(owner):
        if item.name == name and item.default is not dataclasses.MISSING:
            convert = item.metadata.get("convert", lambda value: value)
            return bool(getattr(owner, name) == convert(item.default))
    return False
