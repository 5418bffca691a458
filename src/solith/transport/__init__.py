"""Steady transport: voltage and current in voxel volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.transport.conduction import Conduction, solve_conduction
    from solith.transport.electrode import ElectrodeConduction, solve_electrode
    from solith.transport.hot_spots import measure_hot_spots
    from solith.transport.tensor import ConductivityTensor, solve_conductivity_tensor
    from solith.transport.voxel_limit import VoxelLimit, coarsen_volume, find_voxel_limit

__all__ = [
    "Conduction",
    "ConductivityTensor",
    "ElectrodeConduction",
    "VoxelLimit",
    "coarsen_volume",
    "find_voxel_limit",
    "measure_hot_spots",
    "solve_conduction",
    "solve_conductivity_tensor",
    "solve_electrode",
]

_HOMES = {
    "Conduction": "conduction",
    "ConductivityTensor": "tensor",
    "ElectrodeConduction": "electrode",
    "VoxelLimit": "voxel_limit",
    "coarsen_volume": "voxel_limit",
    "find_voxel_limit": "voxel_limit",
    "measure_hot_spots": "hot_spots",
    "solve_conduction": "conduction",
    "solve_conductivity_tensor": "tensor",
    "solve_electrode": "electrode",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
