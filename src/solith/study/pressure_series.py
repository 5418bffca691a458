"""A powder mixture under rising pressures: densification, contact, paths and conduction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.core.volume import Volume

__all__ = ["PressedPoint", "measure_pressure_series"]

_VOXEL = "0.5 um"
_PATHS = ("tortuosity_geodesic_mode", "tortuosity_geodesic_minimum")


@dataclass(frozen=True, eq=False)
class PressedPoint:
    """A state of the series: ``pressure`` [Pa], what was measured, and its voxels."""

    pressure: float
    result: Result
    volume: Volume


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

    * ``porosity`` and ``fraction_<phase>`` (of the particles, which the voxels keep);
    * ``contact_fraction``: part of the active surface that touches electrolyte, and
      ``contact_anisotropy`` of its normals relative to the axis;
    * ``tortuosity_geodesic_mode`` and ``..._minimum`` of the electrolyte, ``tortuosity_flux`` and
      ``effective_conductivity`` [S/m] for the electrolyte's own ``electrolyte_conductivity``;
    * ``contacts_pressing_over_lateral``: how much the normals of contacts between active and
      electrolyte particles favour the pressing axis, 1 for none.

    What is absent in the mixture is left out. :class:`InputError` as from
    :func:`solith.compaction.press`.
    """
    from solith.compaction import press

    conductivity = to_si(electrolyte_conductivity, "S/m")
    states = press(
        mixture, pressures, seed=seed, particles=particles, progress=progress.part(0.0, 0.7)
    )
    points = []
    for number, state in enumerate(states):
        progress.report(0.7 + 0.3 * number / len(states), "measuring")
        volume = state.volume(voxel_size)
        points.append(PressedPoint(state.pressure, _measured(state, volume, conductivity), volume))
    progress.report(1.0)
    return points


def _measured(state: Any, volume: Volume, conductivity: float) -> Result:
    from solith.structure import measure_contact, measure_fractions, measure_geodesic_tortuosity
    from solith.transport import solve_conduction

    shares = measure_fractions(volume).details["fraction"]
    values = [Value("porosity", state.porosity)]
    values += [
        Value(f"fraction_{phase}", share) for phase, share in shares.items() if phase != "void"
    ]
    present = {phase for phase, share in shares.items() if share > 0}
    if {"active", "electrolyte"} <= present:
        contact = measure_contact(volume, "active", "electrolyte", axis="z")
        values += [contact["contact_fraction"], contact["contact_anisotropy"]]
        names = _powders(state)
        favoured = state.contacts.anisotropy(names["active"], names["electrolyte"])
        values.append(Value("contacts_pressing_over_lateral", float(favoured)))
    if "electrolyte" in present:
        paths = measure_geodesic_tortuosity(volume, "electrolyte", axis="z")
        values += [paths[name] for name in _PATHS]
        table = dict.fromkeys(volume.phases, 0.0) | {"electrolyte": conductivity}
        solved = solve_conduction(volume, table, "z").result
        values += [solved["tortuosity_flux"], solved["effective_conductivity"]]
    return Result(
        f"pressed at {state.pressure / 1e6:.4g} MPa",
        tuple(values),
        {"pressure": state.pressure, "thickness": state.thickness},
    )


def _powders(state: Any) -> dict[str, str]:
    """The first powder of each phase, by name."""
    return {powder.phase: powder.name for powder in reversed(state.mixture.powders)}
