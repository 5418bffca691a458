"""Finding materials by name."""

from __future__ import annotations

from functools import lru_cache

from solith.core.errors import UnknownNameError
from solith.materials._tables import packaged_materials
from solith.materials.material import Material

__all__ = ["find_material", "find_materials"]


def find_material(name: str) -> Material:
    """The material called ``name``: its name or an alias, whatever its case and hyphens.

    Raises :class:`UnknownNameError` with the nearest name and all names on offer.
    """
    found = _by_spelling().get(_spelling(name))
    if found is None:
        raise UnknownNameError.among("material", name, (m.name for m in packaged_materials()))
    return found


def find_materials(query: str | None = None) -> tuple[Material, ...]:
    """The materials whose name, formula, kind or an alias contains ``query``; all by default.

    No match is an empty tuple, not an error.
    """
    wanted = _spelling(query or "")
    return tuple(
        material
        for material in packaged_materials()
        if any(
            wanted in _spelling(text)
            for text in (material.name, material.formula, material.kind, *material.aliases)
        )
    )


@lru_cache(maxsize=1)
def _by_spelling() -> dict[str, Material]:
    return {
        _spelling(text): material
        for material in packaged_materials()
        for text in (material.name, *material.aliases)
    }


def _spelling(name: str) -> str:
    return "".join(character for character in str(name).casefold() if character not in " -_\t")
