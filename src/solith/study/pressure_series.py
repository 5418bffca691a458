"""A powder mixture under rising pressures: densification, contact, paths and conduction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.core.volume import Volume

if TYPE_CHECKING:
    from solith.compaction import Mixture, PressedState

__all__ = ["PressedPoint", "measure_pressure_series"]

_VOXEL = "0.5 um"
_PATHS = ("tortuosity_geodesic_mode", "tortuosity_geodesic_minimum")


@dataclass(frozen=True, eq=False)
class PressedPoint:
    """A state of the series: ``pressure`` [Pa], what was measured, its voxels and particles."""

    pressure: float
    result: Result
    volume: Volume
    state: PressedState


def measure_pressure_series(
    mixture: Any,
    pressures: Sequence[Any],
    *,
    particles: int = 2000,
    voxel_size: Any = _VOXEL,
    electrolyte_conductivity: Any = "2.8 mS/cm",
    seed: int = 0,
    progress: Progress = SILENT,
) -> list[PressedPoint]:
    """Press a mixture to each pressure in turn, and measure each state as a tomogram would be.

    ``mixture`` is a :class:`solith.compaction.Mixture` or a text ("NMC:LGPS:C=1:1:0.1"). Of each
    state, on voxels of ``voxel_size`` along the pressing axis z:

    * ``porosity`` and ``fraction_<phase>`` (of the particles, which the voxels keep), and
      ``porosity_imaged``, carbon counted as void: a tomogram of three phases does not show it;
    * ``contact_fraction``: part of the active surface that touches electrolyte, and
      ``contact_anisotropy``: the contact fraction of the third of the active surface that faces
      along the axis most, over that of the third that faces it least;
    * ``tortuosity_geodesic_mode`` and ``..._minimum`` of the electrolyte, ``tortuosity_flux`` and
      ``effective_conductivity`` [S/m] for the electrolyte's own ``electrolyte_conductivity``;
    * ``particle_contact_anisotropy``: how much the normals of contacts between active and
      electrolyte particles favour the pressing axis, 1 for none.

    What is absent in the mixture is left out. :class:`InputError` as from
    :func:`solith.compaction.press`, for voxels wider than the smallest particles' radius, and for
    an electrolyte that does not conduct.
    """
    from solith.compaction import press
    from solith.compaction.mixture import as_mixture

    mixture = as_mixture(mixture)
    conductivity = to_si(electrolyte_conductivity, "S/m")
    if conductivity <= 0:
        raise InputError(
            f"{electrolyte_conductivity!r} must be above 0", where="electrolyte_conductivity"
        )
    _check_voxel(mixture, voxel_size)
    states = press(
        mixture, pressures, seed=seed, particles=particles, progress=progress.part(0.0, 0.7)
    )
    points = []
    for number, state in enumerate(states):
        progress.report(0.7 + 0.3 * number / len(states), "measuring")
        volume = state.volume(voxel_size)
        result = _measured(state, volume, conductivity)
        points.append(PressedPoint(state.pressure, result, volume, state))
    progress.report(1.0)
    return points


def _check_voxel(mixture: Mixture, voxel_size: Any) -> None:
    """Before pressing, which takes long, what would be refused after it."""
    finest = min(mixture.powders, key=lambda powder: powder.diameter)
    if not 0 < to_si(voxel_size, "m") <= finest.diameter / 2:
        raise InputError(
            f"{voxel_size!r} must be above 0 and at most the radius of {finest.name} "
            f"({finest.diameter / 2:.4g} m), which wider voxels cannot show",
            where="voxel_size",
        )


def _measured(state: PressedState, volume: Volume, conductivity: float) -> Result:
    from solith.structure import measure_contact, measure_fractions, measure_geodesic_tortuosity
    from solith.transport import solve_conduction

    shares = measure_fractions(volume).details["fraction"]
    values = [Value("porosity", state.porosity)]
    values += [
        Value(f"fraction_{phase}", share) for phase, share in shares.items() if phase != "void"
    ]
    if shares.get("carbon", 0) > 0:
        values.insert(1, Value("porosity_imaged", state.porosity + shares["carbon"]))
    details: dict[str, Any] = {"pressure": state.pressure, "thickness": state.thickness}
    present = {phase for phase, share in shares.items() if share > 0}
    if {"active", "electrolyte"} <= present:
        contact = measure_contact(volume, "active", "electrolyte", axis="z")
        values += [contact["contact_fraction"], _directed(contact.details["rose"])]
        details["rose"] = {name: contact.details[name] for name in ("a", "b", "axis", "rose")}
        values.append(_favoured(state))
    if "electrolyte" in present:
        paths = measure_geodesic_tortuosity(volume, "electrolyte", axis="z")
        values += [paths[name] for name in _PATHS]
        table = dict.fromkeys(volume.phases, 0.0) | {"electrolyte": conductivity}
        solved = solve_conduction(volume, table, "z").result
        values += [solved["tortuosity_flux"], solved["effective_conductivity"]]
    return Result(
        f"pressed at {state.pressure / 1e6:.4g} MPa",
        tuple(values),
        details,
    )


def _directed(rose: Mapping[str, list[float]]) -> Value:
    """Contact of the surface that faces along the axis over that of the surface beside it."""
    edges = np.array(rose["cosine_edges"])
    slope = np.abs(edges[:-1] + edges[1:]) / 2
    surface, contact = np.array(rose["area"]), np.array(rose["contact_area"])
    along, beside = slope > 2 / 3, slope < 1 / 3
    shares = [float(contact[part].sum() / surface[part].sum()) for part in (along, beside)]
    name = "contact_anisotropy"
    if shares[1] == 0:
        return Value(name, None, flags=("there is no contact across the axis",))
    return Value(name, shares[0] / shares[1])


def _favoured(state: PressedState) -> Value:
    active, soft = map(state.mixture.names_of, ("active", "electrolyte"))
    ratio = state.contacts.anisotropy(active, soft)
    name = "particle_contact_anisotropy"
    if not math.isfinite(ratio):
        return Value(name, None, flags=("no particles touch across the axis",))
    return Value(name, ratio)
