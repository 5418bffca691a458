"""Reading material tables in TOML, one ``[[material]]`` with its ``[[material.property]]``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si
from solith.materials._curves import CURVES
from solith.materials._dois import year_in
from solith.materials._quantities import si_unit, si_value
from solith.materials.material import Material
from solith.materials.property import CERTAINTIES, Conditions, Property

FILES = (
    *("active.toml", "electrolytes.toml", "sulfides.toml", "halides.toml", "oxides.toml"),
    *("coatings.toml", "anodes.toml", "collectors.toml", "polymers.toml"),
)
KINDS = ("active material", "electrolyte", "coating", "anode", "collector", "polymer", "additive")

_ROOM_TEMPERATURE = 298.15  # K
_MATERIAL_KEYS = frozenset(
    {"name", "formula", "kind", "family", "aliases", "open_circuit_potential", "property"}
)
_ROW_KEYS = frozenset(
    {"quantity", "value", "unit", "uncertainty", "low", "high", "composition"}
    | {"conditions", "source", "year", "place", "seen_in", "certainty", "note"}
)
_NEEDED_IN_MATERIAL = ("name", "formula", "kind", "property")
_NEEDED_IN_ROW = ("quantity", "value", "unit", "source", "certainty")
_CONDITION_KEYS = frozenset({"temperature", "part", "form", "method", "pressure"})


@lru_cache(maxsize=1)
def packaged_materials() -> tuple[Material, ...]:
    """All materials of the packaged tables, read once."""
    folder = resources.files("solith.materials").joinpath("data")
    return tuple(
        material
        for file in FILES
        for material in materials_in(folder.joinpath(file).read_text(encoding="utf-8"), file)
    )


def materials_in(text: str, file: str) -> tuple[Material, ...]:
    """The materials written in the TOML ``text`` of ``file``.

    Raises :class:`InputError` naming file and row for a missing or unknown key, an unknown
    quantity, kind, certainty or curve, an empty source, and a unit that does not convert.
    """
    # Floats stay text, so that a value is kept as it was printed.
    table = tomllib.loads(text, parse_float=str)
    return tuple(_material(entry, file) for entry in table["material"])


def _material(entry: Mapping[str, Any], file: str) -> Material:
    name = str(entry.get("name", "?"))
    try:
        _check_keys(entry, _MATERIAL_KEYS, _NEEDED_IN_MATERIAL)
        if entry["kind"] not in KINDS:
            raise UnknownNameError.among("kind", entry["kind"], KINDS)
        curve = entry.get("open_circuit_potential")
        if curve is not None and curve not in CURVES:
            raise UnknownNameError.among("open-circuit potential", curve, CURVES)
        family = entry.get("family", "")
        rows = tuple(
            replace(_row_inside(row, index), material=name, family=family)
            for index, row in enumerate(entry["property"])
        )
    except InputError as error:
        raise error.inside(name, file=file) from None
    return Material(
        name=name,
        formula=entry["formula"],
        kind=entry["kind"],
        aliases=tuple(entry.get("aliases", ())),
        properties=rows,
        family=family,
        open_circuit_potential=None if curve is None else CURVES[curve],
    )


def _row_inside(row: Mapping[str, Any], index: int) -> Property:
    try:
        return _row(row)
    except InputError as error:
        raise error.inside(f"property[{index}]") from None


def _row(row: Mapping[str, Any]) -> Property:
    _check_keys(row, _ROW_KEYS, _NEEDED_IN_ROW)
    quantity, unit = row["quantity"], row["unit"]
    if row["certainty"] not in CERTAINTIES:
        raise UnknownNameError.among("certainty", row["certainty"], CERTAINTIES)
    if not row["source"]:
        raise InputError(f"the source of {quantity} is empty; give a DOI or a full citation")

    def optional(key: str) -> float | None:
        return si_value(row[key], unit, quantity) if key in row else None

    return Property(
        quantity=quantity,
        value=si_value(row["value"], unit, quantity),
        unit=si_unit(quantity),
        printed=_printed(row),
        source=row["source"],
        certainty=row["certainty"],
        uncertainty=optional("uncertainty"),
        low=optional("low"),
        high=optional("high"),
        conditions=_conditions(row.get("conditions", {})),
        place=row.get("place", ""),
        note=row.get("note", ""),
        seen_in=row.get("seen_in", ""),
        year=row.get("year", year_in(row["source"])),
        composition=row.get("composition", ""),
    )


def _printed(row: Mapping[str, Any]) -> str:
    number = str(row["value"])
    if "uncertainty" in row:
        number += f" +- {row['uncertainty']}"
    if "low" in row:
        number += f" ({row['low']} to {row['high']})"
    return f"{number} {row['unit']}".strip()


def _conditions(entry: Mapping[str, Any]) -> Conditions:
    _check_keys(entry, _CONDITION_KEYS, ())
    printed = entry.get("temperature", "")
    if not printed:
        temperature = None
    elif printed == "room temperature":
        temperature = _ROOM_TEMPERATURE
    else:
        temperature = to_si(printed, "K")
    pressure = entry.get("pressure", "")
    return Conditions(
        temperature=temperature,
        temperature_printed=printed,
        part=entry.get("part", ""),
        form=entry.get("form", ""),
        method=entry.get("method", ""),
        pressure=to_si(pressure, "Pa") if pressure else None,
        pressure_printed=pressure,
    )


def _check_keys(entry: Mapping[str, Any], known: frozenset[str], needed: tuple[str, ...]) -> None:
    for key in entry:
        if key not in known:
            raise UnknownNameError.among("key", key, known)
    for key in needed:
        if key not in entry:
            raise InputError(f"the key {key!r} is missing; needed are {', '.join(needed)}")
