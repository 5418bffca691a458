"""Phases by formula, or by a name of the materials table."""

from __future__ import annotations

from solith.core.errors import InputError, UnknownNameError, near_names
from solith.design.formula import parse_formula

__all__ = ["find_formula"]


def find_formula(phase: str) -> str:
    """The formula of a ``phase``: itself, or that of the material of this name or alias.

    The table's own names come before formulas ("LiPON" is not one atom of each), aliases behind
    them ("LiC6" is not graphite). Raises :class:`InputError` for what is neither, with the name
    that is near.
    """
    told = _told(phase)
    if told and phase == told[0]:
        return told[1]
    try:
        parse_formula(phase)
    except InputError as error:
        if told:
            return told[1]
        raise InputError(f"{error.problem}{_hint(phase)}") from None
    return phase


def _told(phase: str) -> tuple[str, str] | None:
    """Name and formula of a material whose formula can be read."""
    from solith.materials import find_material

    try:
        material = find_material(phase)
        parse_formula(material.formula)
    except InputError:
        return None
    return material.name, material.formula


def _hint(phase: str) -> str:
    from solith.materials import find_material, find_materials

    try:
        formula = find_material(phase).formula
    except UnknownNameError:
        taken = [name for known in find_materials() for name in (known.name, *known.aliases)]
        near = " or ".join(repr(name) for name in near_names(phase, taken))
        told = "or a name or alias of the materials table"
        return f", {told}; did you mean {near}?" if near else f", {told}"
    return f"; the materials table tells it as {formula!r}, which is no formula either"
