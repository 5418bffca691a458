"""What a study keeps of a pressed state: a row of values, and voxels to show."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.quantities import to_si
from solith.core.volume import Volume
from solith.interface import LoadBearingContact, find_spot_resistance
from solith.study.pressure_series import PressedPoint

if TYPE_CHECKING:
    from solith.compaction import PressedState

__all__ = [
    "active_contact",
    "count_active",
    "grain_conductivity",
    "pressed_volume",
    "row_of",
    "shown_point",
]

_SHOWN_VOXEL = "1 um"
_REACH = 1.15
"""Of a radius: how near to a platen a pressed particle touches it."""
_OF_COMPOSITE = {
    "active_fraction": "fraction_active",
    "electrolyte_fraction": "fraction_electrolyte",
    "contact_fraction": "contact_fraction",
    "tortuosity_mode": "tortuosity_geodesic_mode",
    "tortuosity_minimum": "tortuosity_geodesic_minimum",
    "tortuosity_flux": "tortuosity_flux",
    "contact_anisotropy": "contact_anisotropy",
    "particle_contact_anisotropy": "particle_contact_anisotropy",
    "porosity_composite": "porosity_imaged",
    "porosity_of_particles": "porosity",
}
"""Names in a study by those of a pressed series."""


def row_of(
    point: PressedPoint, layer: PressedPoint, own: float, layer_mass: float
) -> dict[str, Any]:
    """Values of a pressure by name, each with its unit; lengths of a whole cell included."""
    row: dict[str, Any] = {"pressure": [point.pressure, "Pa"]}
    for name, measured in _OF_COMPOSITE.items():
        if measured == "porosity_imaged" and measured not in point.result:
            measured = "porosity"  # all that is no carbon
        known = point.result[measured]
        row[name] = [known.value, known.unit]
    of_composite = point.result["effective_conductivity"].value
    of_layer = layer.result["effective_conductivity"].value
    density = layer.state.mixture.density * (1 - layer.state.porosity)
    row["grain_conductivity"] = [own, "S/m"]
    row["ionic_conductivity"] = [None if of_composite is None else of_composite * own, "S/m"]
    row["layer_conductivity"] = [None if of_layer is None else of_layer * own, "S/m"]
    row["layer_thickness"] = [layer_mass / density, "m"]
    row["porosity_electrolyte_layer"] = [layer.state.porosity, ""]
    row["contact_fraction_of_particles"] = [_contact_share(point.state), ""]
    row["particles_cut_off"] = [_cut_off(point.state), ""]
    return row


def shown_point(point: PressedPoint) -> dict[str, Any]:
    """The composite on voxels of 1 um, packed, and its contact by direction."""
    return {
        "pressure": point.pressure,
        "voxels": _packed(point.state.volume(_SHOWN_VOXEL)),
        "rose": point.result.details["rose"],
    }


def grain_conductivity(
    pressure: float, *, conductivity: Any, grain_size: Any, hardness: Any, spot_radius: Any
) -> float:
    """Conductivity [S/m] of an electrolyte with a contact that bears ``pressure`` every grain."""
    own, size = to_si(conductivity, "S/m"), to_si(grain_size, "m")
    real = float(LoadBearingContact(hardness).fraction(pressure, 1.0))
    return 1 / (1 / own + find_spot_resistance(own, spot_radius, real) / size)


def pressed_volume(packed: Mapping[str, Any]) -> Volume:
    """A volume of ``details["voxels"]`` of :func:`press_electrode`."""
    raw = zlib.decompress(base64.b64decode(packed["labels"]))
    labels = np.frombuffer(raw, np.uint8).reshape(packed["shape"])
    return Volume(labels, packed["phases"], tuple(packed["voxel_size"]))


def active_contact(state: PressedState) -> float:
    """Area of the contacts between active and electrolyte particles [m2]."""
    return state.contacts.area(*map(state.mixture.names_of, ("active", "electrolyte")))


def count_active(state: PressedState) -> int:
    """How many active particles there are."""
    return int(np.count_nonzero(_are(state, "active")))


def _packed(volume: Volume) -> dict[str, Any]:
    labels = np.ascontiguousarray(volume.labels, np.uint8)
    return {
        "labels": base64.b64encode(zlib.compress(labels.tobytes(), 9)).decode("ascii"),
        "shape": list(labels.shape),
        "phases": dict(volume.phases),
        "voxel_size": list(volume.voxel_size),
    }


def _are(state: PressedState, phase: str) -> Any:
    phases = np.array([powder.phase for powder in state.mixture.powders])
    return phases[state.kinds] == phase


def _contact_share(state: PressedState) -> float:
    surface = 4 * np.pi * float(np.sum(state.radii[_are(state, "active")] ** 2))
    return active_contact(state) / surface


def _cut_off(state: PressedState) -> float:
    """Part of the active volume in particles that no electrolyte joins to the upper platen."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    active, soft = _are(state, "active"), _are(state, "electrolyte")
    one, other = state.contacts.pairs.T
    count = len(state.radii)
    carries = soft[one] & soft[other]
    links = coo_array(
        (np.ones(np.count_nonzero(carries)), (one[carries], other[carries])), (count, count)
    )
    _, group = connected_components(links, directed=False)
    near = soft & (state.thickness - state.positions[:, 2] < _REACH * state.radii)
    joined = soft & np.isin(group, group[near])
    reached = np.zeros(count, bool)
    reached[one[joined[other]]] = True
    reached[other[joined[one]]] = True
    volumes = state.radii**3
    return float(volumes[active & ~reached].sum() / volumes[active].sum())
