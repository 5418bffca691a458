"""One polycrystal solved bare and under layers: the numbers that are reported of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal

if TYPE_CHECKING:
    from solith.transport import GrainCurrent, InterfaceCurrent, PolycrystalConduction

__all__ = ["CONTRAST", "CUTS", "CUT", "MAX_OVER_MIN", "Ceramic", "Realisation", "realise", "under"]

Array = NDArray[Any]

CONTRAST, MAX_OVER_MIN = "current_contrast", "grain_contrast_max_over_min"
CUT = 0.05
"""Of the mean area: smaller pieces of grains at the face are no grains in a contrast."""
CUTS = (0.02, 0.1, 0.2, 0.5)
"""Others, by which the highest over the lowest is told as well."""
_ANY_AREA = 1e-30
_TAIL = 0.05
_SAMPLES = {1: 4000, 2: 100}
"""Across a grain at the face, by its directions."""
_MOST_DRAWN = 400


@dataclass(frozen=True)
class Ceramic:
    """What all realisations have in common, in SI; ``shape`` in the coarsest voxels."""

    ratio: float
    grain_conductivity: float
    boundary_width: float
    grain_size: float
    shape: tuple[int, ...]
    voxel: float
    layer_thickness: float
    layer_conductivity: float
    window: float
    bias: float
    grain_spread: float
    boundary_spread: float


@dataclass(frozen=True)
class Realisation:
    """One polycrystal's numbers, the excess by depth in the layer, flags, and what is drawn."""

    values: dict[str, float]
    decay: dict[str, list[float]]
    flags: tuple[str, ...]
    peak_flags: tuple[str, ...]
    maps: dict[str, Any]


def under(thickness: float) -> str:
    """The name of the peak under layers of another thickness [m]."""
    return f"peak_over_mean_under_{1e6 * thickness:g}_um"


def realise(
    ceramic: Ceramic,
    seed: int,
    *,
    halvings: int = 0,
    thicknesses: Sequence[float] = (),
    drawn: bool = False,
) -> Realisation:
    """The polycrystal of a seed in voxels halved so many times, under layers of ``thicknesses``."""
    from solith.structure import generate_polycrystal
    from solith.transport import Layer, Lognormal, solve_polycrystal

    finer = 2**halvings
    polycrystal = generate_polycrystal(
        tuple(n * finer if n > 1 else 1 for n in ceramic.shape),
        ceramic.grain_size,
        voxel_size=ceramic.voxel / finer,
        periodic=(True, True, False),
        seed=seed,
    )
    grains: Any = ceramic.grain_conductivity
    boundaries: Any = ceramic.ratio * ceramic.grain_conductivity
    if ceramic.grain_spread:
        grains = Lognormal(grains, ceramic.grain_spread, seed)
    if ceramic.boundary_spread:
        boundaries = Lognormal(boundaries, ceramic.boundary_spread, seed)
    solve = partial(
        solve_polycrystal,
        polycrystal,
        grains,
        boundaries,
        ceramic.boundary_width,
        axis="z",
        bias=ceramic.bias,
    )
    layer = partial(Layer, conductivity=ceramic.layer_conductivity, side="both")
    bare, layered = solve(), solve(layers=layer(ceramic.layer_thickness))
    values = {
        "effective_conductivity": bare.effective_conductivity,
        "boundary_share": bare.boundary_share,
    }
    areas = _face_areas(polycrystal, ceramic.grain_size)
    mean = float(areas[areas > 0].mean())
    currents = {}
    for name, solved in (("without_layer", bare), ("with_layer", layered)):
        currents[name] = solved.interface_current(ceramic.window)
        values[f"peak_over_mean_{name}"] = currents[name].peak_over_mean
        values.update(_contrasts(_with_areas(solved, areas), mean, name))
    values.update(_cuts(_with_areas(bare, areas), mean))
    decay = layered.decay(ceramic.window)
    values["decay_depth"] = np.nan if decay.decay_depth is None else 1e6 * decay.decay_depth
    values["excess_at_ceramic"] = float(decay.excess[0])
    for thickness in thicknesses:
        current = solve(layers=layer(thickness)).interface_current(ceramic.window)
        values[under(thickness)] = current.peak_over_mean
    return Realisation(
        values,
        {"depth_um": (1e6 * decay.depth).tolist(), "excess": decay.excess.tolist()},
        tuple(dict.fromkeys((*bare.flags, *layered.flags))),
        currents["without_layer"].flags,
        _maps(currents, layered, ceramic) if drawn else {},
    )


def _face_areas(polycrystal: Polycrystal, grain_size: float) -> Array:
    """What each Voronoi grain has at the last face [m2], in two dimensions a length [m].

    Sampled so finely that it is the same for all sizes of voxels: which grains are left out of a
    contrast should not follow these.
    """
    from scipy.spatial import cKDTree

    if polycrystal.seeds is None:
        raise InputError("it has no seeds", where="polycrystal")
    wide = [axis for axis in (0, 1) if polycrystal.shape[axis] > 1]
    lengths = [float(polycrystal.size[axis]) for axis in wide]
    counts = [round(length / grain_size * _SAMPLES[len(wide)]) for length in lengths]
    box = np.array([*lengths, 0.0])
    # The tree wants places below the side, not at it.
    seeds = polycrystal.seeds[:, [*wide, 2]].copy()
    seeds[:, :-1] %= box[:-1]
    axes = [(np.arange(n) + 0.5) * side / n for n, side in zip(counts, lengths, strict=True)]
    places = [place.ravel() for place in np.meshgrid(*axes, indexing="ij")]
    face = np.full(len(places[0]), float(polycrystal.size[2]))
    nearest = cKDTree(seeds, boxsize=box).query(np.column_stack([*places, face]))[1]
    found = np.bincount(nearest, minlength=polycrystal.count)
    return np.asarray(found * np.prod(lengths) / len(face))


def _with_areas(solved: PolycrystalConduction, areas: Array) -> GrainCurrent:
    """The grains that have voxels at the face, with their true areas there."""
    found = solved.grain_current(least_area=_ANY_AREA)
    known = areas[found.grains] > 0
    return replace(
        found,
        grains=found.grains[known],
        areas=areas[found.grains][known],
        densities=found.densities[known],
    )


def _contrasts(found: GrainCurrent, mean: float, name: str) -> dict[str, float]:
    """The readings of "contrast between grains" at a face."""
    usual = _larger(found, CUT * mean)
    return {
        f"{CONTRAST}_{name}": usual.max_over_others,
        f"{MAX_OVER_MIN}_{name}": usual.max_over_min,
        f"grain_contrast_max_over_median_{name}": usual.max_over_median,
        f"area_weighted_contrast_{name}": _weighted(found),
        f"grains_at_face_{name}": float(len(usual.grains)),
    }


def _cuts(bare: GrainCurrent, mean: float) -> dict[str, float]:
    """The highest over the lowest by what is left out."""
    return {
        f"{MAX_OVER_MIN}_without_layer_cut_{cut:g}": _larger(bare, cut * mean).max_over_min
        for cut in CUTS
    }


def _larger(found: GrainCurrent, least: float) -> GrainCurrent:
    """Without grains of less than an area."""
    large = found.areas >= least
    return replace(
        found,
        grains=found.grains[large],
        areas=found.areas[large],
        densities=found.densities[large],
        left_out=int(np.count_nonzero(~large)),
    )


def _weighted(found: GrainCurrent) -> float:
    """Mean current density of grains: what 5 % of the area exceed over what 95 % exceed."""
    order = np.argsort(found.densities)
    areas = found.areas[order]
    places = (np.cumsum(areas) - 0.5 * areas) / areas.sum()
    low, high = np.interp([_TAIL, 1 - _TAIL], places, found.densities[order])
    return float(high / low)


def _maps(
    currents: dict[str, InterfaceCurrent], layered: PolycrystalConduction, ceramic: Ceramic
) -> dict[str, Any]:
    drawn = {
        name: _map(current.density / current.mean, current.spacing)
        for name, current in currents.items()
    }
    return {"flux_map": drawn, "section": _section(layered, ceramic)}


def _map(density: Array, spacing: Sequence[float]) -> dict[str, Any]:
    """A map of the current over its mean, or a profile, coarse enough to be kept."""
    flat = np.asarray(density, float)
    step = max(1, -(-max(flat.shape) // _MOST_DRAWN))
    return {
        "spacing_um": [1e6 * step * one for one in spacing],
        "density": np.round(flat[::step, ::step] if flat.ndim == 2 else flat[::step], 4).tolist(),
    }


def _section(solved: PolycrystalConduction, ceramic: Ceramic) -> dict[str, Any]:
    """The potential in a section along the axis, layers included, over the bias."""
    potential = solved.potential[:, solved.potential.shape[1] // 2, :] / ceramic.bias
    step = max(1, -(-max(potential.shape) // _MOST_DRAWN))
    spacing = solved.polycrystal.voxel_size[0]
    return {
        "spacing_um": 1e6 * step * float(spacing),
        "layer_um": 1e6 * ceramic.layer_thickness,
        "potential": np.round(potential[::step, ::step], 4).tolist(),
    }
