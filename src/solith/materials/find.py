"""Finding materials by name and measurements by quantity."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from solith.core.errors import InputError, UnknownNameError
from solith.materials._quantities import si_unit
from solith.materials._tables import packaged_materials
from solith.materials.material import Material
from solith.materials.measurements import Measurements
from solith.materials.property import Property

__all__ = ["find_material", "find_materials", "find_measurements"]


def find_material(name: str) -> Material:
    """The material called ``name``: its name or an alias, whatever its case and hyphens.

    Raises :class:`UnknownNameError` with the nearest name or alias and all names on offer.
    """
    found = _by_spelling().get(_spelling(name))
    if found is None:
        materials = packaged_materials()
        aliases = (alias for material in materials for alias in material.aliases)
        raise UnknownNameError.among("material", name, (m.name for m in materials), also=aliases)
    return found


def find_materials(query: str | None = None) -> tuple[Material, ...]:
    """The materials with ``query`` in name, formula, kind, family or an alias; all by default.

    No match is an empty tuple, not an error.
    """
    wanted = _spelling(query or "")
    return tuple(m for m in packaged_materials() if any(wanted in text for text in _texts(m)))


def find_measurements(
    quantity: str,
    query: str | None = None,
    *,
    also: Iterable[Property] = (),
    temperature: tuple[float, float] | None = None,
    recalled: bool = False,
) -> Measurements:
    """All measurements of ``quantity``, of every material or of those that ``query`` finds.

    ``query`` is what :func:`find_materials` takes, or a part of the composition of a row.
    ``also`` are rows of the user's own, as :func:`read_conductors` gives them, searched behind
    those of the table. ``temperature`` keeps the rows measured between two temperatures [K];
    rows without one are then left out. Recalled rows come only with ``recalled``.

    Raises :class:`UnknownNameError` for an unknown quantity, :class:`InputError` for
    temperatures in the wrong order. No match is an empty table, not an error.
    """
    si_unit(quantity)
    if temperature is not None and not temperature[0] <= temperature[1]:
        raise InputError(
            f"the temperatures {temperature[0]:g} to {temperature[1]:g} K are in the wrong order"
        )
    wanted = _spelling(query or "")
    named = {m.name for m in packaged_materials() if any(wanted in text for text in _texts(m))}
    own = (row for m in packaged_materials() for row in m.properties)
    return Measurements(
        quantity,
        tuple(
            row
            for row in (*own, *also)
            if row.quantity == quantity
            and (row.material in named or _is_in(wanted, row))
            and (recalled or row.certainty != "recalled")
            and (temperature is None or _measured_between(row, *temperature))
        ),
    )


@lru_cache(maxsize=1)
def _by_spelling() -> dict[str, Material]:
    return {
        _spelling(text): material
        for material in packaged_materials()
        for text in (material.name, *material.aliases)
    }


def _texts(material: Material) -> tuple[str, ...]:
    told = (material.name, material.formula, material.kind, material.family, *material.aliases)
    return tuple(map(_spelling, told))


def _is_in(wanted: str, row: Property) -> bool:
    return any(wanted in _spelling(text) for text in (row.material, row.composition, row.family))


def _measured_between(row: Property, low: float, high: float) -> bool:
    at = row.conditions.temperature
    return at is not None and low <= at <= high


def _spelling(name: str) -> str:
    return "".join(character for character in str(name).casefold() if character not in " -_\t")
