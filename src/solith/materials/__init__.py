"""Curated facts about materials, each with its source, conditions and certainty.

:func:`find_material` gives one :class:`Material` by name, :func:`find_materials` searches,
:func:`find_measurements` puts the measurements of one quantity side by side, with those of
:func:`read_conductors` where the user has such a table. Every number is a row
(:class:`Property`) that says where it was read, from what it was derived, or that it was only
recalled. :func:`find_literature_cells` has published all-solid-state cells, to draw a sample's
results against.
"""

from __future__ import annotations

from solith.materials.find import find_material, find_materials, find_measurements
from solith.materials.literature_cells import (
    CellCapacity,
    CellRetention,
    LiteratureCell,
    find_literature_cells,
    read_literature_cells,
)
from solith.materials.material import Material
from solith.materials.measurements import Measurements
from solith.materials.open_circuit_potential import OpenCircuitPotential
from solith.materials.property import CERTAINTIES, Conditions, Property
from solith.materials.read_conductors import read_conductors

__all__ = [
    "CERTAINTIES",
    "CellCapacity",
    "CellRetention",
    "Conditions",
    "LiteratureCell",
    "Material",
    "Measurements",
    "OpenCircuitPotential",
    "Property",
    "find_literature_cells",
    "find_material",
    "find_materials",
    "find_measurements",
    "read_conductors",
    "read_literature_cells",
]
