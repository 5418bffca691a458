"""A powder mixture under rising pressures: densification, contact, paths and conduction."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.core.volume import Volume

if TYPE_CHECKING:
    from solith.compaction import Mixture, PressedState

__all__ = [
    "PressedPoint",
    "average_packings",
    "find_grain_conductivity",
    "measure_each_pressure",
    "measure_pressure_series",
]

_VOXEL = "0.5 um"
_TEMPERATURE = 298.15
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
    electrolyte_conductivity: Any = None,
    seed: int = 0,
    mode: str = "uniaxial",
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
      ``effective_conductivity`` [S/m] for the electrolyte's own ``electrolyte_conductivity``, by
      default that of :func:`find_grain_conductivity`;
    * ``particle_contact_anisotropy``: how much the normals of contacts between active and
      electrolyte particles favour the pressing axis, 1 for none.

    What is absent in the mixture is left out. :class:`InputError` as from
    :func:`solith.compaction.press`, for voxels wider than the smallest particles' radius, and for
    an electrolyte that does not conduct.
    """
    each = measure_each_pressure(
        mixture, pressures, particles=particles, voxel_size=voxel_size,
        electrolyte_conductivity=electrolyte_conductivity, seed=seed, mode=mode, progress=progress,
    )  # fmt: skip
    return list(each)


def measure_each_pressure(
    mixture: Any,
    pressures: Sequence[Any],
    *,
    particles: int = 2000,
    voxel_size: Any = _VOXEL,
    electrolyte_conductivity: Any = None,
    seed: int = 0,
    mode: str = "uniaxial",
    progress: Progress = SILENT,
) -> Iterator[PressedPoint]:
    """The states of :func:`measure_pressure_series`, each as soon as it is pressed and measured.

    What is wrong with the arguments is told at once, before the first is asked for.
    """
    from solith.compaction.mixture import as_mixture
    from solith.compaction.pressing import press_each

    mixture = as_mixture(mixture)
    conductivity = electrolyte_conductivity
    if conductivity is None:
        conductivity, _ = find_grain_conductivity(mixture)
    conductivity = to_si(conductivity, "S/m")
    if conductivity <= 0:
        raise InputError(
            f"{electrolyte_conductivity!r} must be above 0", where="electrolyte_conductivity"
        )
    _check_voxel(mixture, voxel_size)
    states = press_each(
        mixture, pressures, seed=seed, particles=particles, mode=mode, progress=progress
    )
    return (_point(state, voxel_size, conductivity) for state in states)


def find_grain_conductivity(mixture: Mixture) -> tuple[float, str]:
    """Conductivity [S/m] of the electrolyte's grains by the materials table, and its source.

    That of 25 degC for the one powder of electrolyte, found by its name (12 mS/cm for LGPS,
    10.1038/nmat3066). :class:`InputError` where the table does not know it. A mixture without
    electrolyte has no need of it: 1 S/m.
    """
    from solith.materials import find_material

    names = mixture.names_of("electrolyte")
    if not names:
        return 1.0, "there is no electrolyte"
    try:
        if len(names) > 1:
            raise InputError(f"there are several electrolytes: {', '.join(names)}")
        material = find_material(names[0])
        value = material.ionic_conductivity(_TEMPERATURE)
    except InputError:
        raise InputError(
            f"the materials table has no conductivity of {' and '.join(names)}; give that of its "
            "grains, as '2 mS/cm'",
            where="electrolyte_conductivity",
        ) from None
    row = material.property("ionic_conductivity")
    return value, f"{material.name} in the materials table, {row.source}, {row.certainty}"


def average_packings(series: Sequence[Sequence[PressedPoint]]) -> list[PressedPoint]:
    """The points of packings by other seeds as one series: means with standard deviations.

    Voxels and particles are those of the first.
    """
    if len(series) == 1:
        return list(series[0])
    return [_averaged(points) for points in zip(*series, strict=True)]


def _averaged(points: Sequence[PressedPoint]) -> PressedPoint:
    values = []
    for value in points[0].result:
        found = [point.result[value.quantity].value for point in points]
        known = [one for one in found if one is not None]
        mean = float(np.mean(known)) if known else None
        spread = float(np.std(known, ddof=1)) if len(known) > 1 else None
        flags = dict.fromkeys(
            flag for point in points for flag in point.result[value.quantity].flags
        )
        values.append(replace(value, value=mean, uncertainty=spread, flags=tuple(flags)))
    return replace(points[0], result=replace(points[0].result, values=tuple(values)))


def _point(state: PressedState, voxel_size: Any, conductivity: float) -> PressedPoint:
    volume = state.volume(voxel_size)
    return PressedPoint(state.pressure, _measured(state, volume, conductivity), volume, state)


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
        Value(f"fraction_{phase}", share)
        for phase, share in shares.items()
        if phase != "void" and share > 0
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
