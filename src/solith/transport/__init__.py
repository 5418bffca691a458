"""Steady transport: voltage and current in voxel volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.transport.boundary_leakage import measure_boundary_leakage
    from solith.transport.conduction import Conduction, solve_conduction
    from solith.transport.conforming import ConformingConduction, solve_conforming
    from solith.transport.electrode import ElectrodeConduction, solve_electrode
    from solith.transport.hot_spots import measure_hot_spots
    from solith.transport.interface_currents import (
        GrainCurrent,
        InterfaceCurrent,
        LayerDecay,
        extrapolate_peak,
    )
    from solith.transport.layer_search import FoundLayer, LayerSearch, find_layer
    from solith.transport.polycrystal import PolycrystalConduction, solve_polycrystal
    from solith.transport.polycrystal_impedance import (
        PolycrystalImpedance,
        solve_polycrystal_impedance,
    )
    from solith.transport.polycrystal_layers import Layer, Lognormal, Patches
    from solith.transport.tensor import ConductivityTensor, solve_conductivity_tensor
    from solith.transport.voxel_limit import VoxelLimit, coarsen_volume, find_voxel_limit

__all__ = [
    "Conduction",
    "ConductivityTensor",
    "ConformingConduction",
    "ElectrodeConduction",
    "FoundLayer",
    "GrainCurrent",
    "InterfaceCurrent",
    "Layer",
    "LayerDecay",
    "LayerSearch",
    "Lognormal",
    "Patches",
    "PolycrystalConduction",
    "PolycrystalImpedance",
    "VoxelLimit",
    "coarsen_volume",
    "extrapolate_peak",
    "find_layer",
    "find_voxel_limit",
    "measure_boundary_leakage",
    "measure_hot_spots",
    "solve_conduction",
    "solve_conductivity_tensor",
    "solve_conforming",
    "solve_electrode",
    "solve_polycrystal",
    "solve_polycrystal_impedance",
]

_HOMES = {
    "Conduction": "conduction",
    "ConductivityTensor": "tensor",
    "ConformingConduction": "conforming",
    "ElectrodeConduction": "electrode",
    "FoundLayer": "layer_search",
    "GrainCurrent": "interface_currents",
    "InterfaceCurrent": "interface_currents",
    "Layer": "polycrystal_layers",
    "LayerDecay": "interface_currents",
    "LayerSearch": "layer_search",
    "Lognormal": "polycrystal_layers",
    "Patches": "polycrystal_layers",
    "PolycrystalConduction": "polycrystal",
    "PolycrystalImpedance": "polycrystal_impedance",
    "VoxelLimit": "voxel_limit",
    "coarsen_volume": "voxel_limit",
    "extrapolate_peak": "interface_currents",
    "find_layer": "layer_search",
    "find_voxel_limit": "voxel_limit",
    "measure_boundary_leakage": "boundary_leakage",
    "measure_hot_spots": "hot_spots",
    "solve_conduction": "conduction",
    "solve_conductivity_tensor": "tensor",
    "solve_conforming": "conforming",
    "solve_electrode": "electrode",
    "solve_polycrystal": "polycrystal",
    "solve_polycrystal_impedance": "polycrystal_impedance",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
