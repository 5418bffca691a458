"""Curated facts about materials, each with its source, conditions and certainty.

:func:`find_material` gives one :class:`Material` by name, :func:`find_materials` searches.
Every number is a row (:class:`Property`) that says where it was read, from what it was
derived, or that it was only recalled.
"""

from __future__ import annotations

from solith.materials.find import find_material, find_materials
from solith.materials.material import Material
from solith.materials.open_circuit_potential import OpenCircuitPotential
from solith.materials.property import CERTAINTIES, Conditions, Property

__all__ = [
    "CERTAINTIES",
    "Conditions",
    "Material",
    "OpenCircuitPotential",
    "Property",
    "find_material",
    "find_materials",
]
