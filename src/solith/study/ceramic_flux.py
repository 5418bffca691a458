"""How unevenly current leaves a polycrystal, with and without a layer, over realisations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si
from solith.core.result import Result, Value

__all__ = ["measure_ceramic_flux"]

Array = NDArray[Any]
_MOST_DRAWN = 400
_CONTRAST = "current_contrast"
_TEN = 10.0
"""The contrast that the publication names."""


@dataclass(frozen=True)
class _Ceramic:
    """What all realisations have in common, in SI."""

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
class _Realisation:
    """One polycrystal's numbers without (0) and with (1) the layer, and what is drawn of it."""

    values: dict[str, float]
    maps: dict[str, Any]


def measure_ceramic_flux(
    ratio: float,
    *,
    grain_conductivity: Any = "0.61 mS/cm",
    boundary_width: Any = "5 nm",
    grain_size: Any = "10 um",
    grains_across: float = 20.0,
    grains_deep: float = 6.0,
    dimensions: int = 2,
    voxel_size: Any = "0.25 um",
    layer_thickness: Any = "10 um",
    layer_conductivity: Any = "0.1 mS/cm",
    window: Any = "1 um",
    bias: Any = "0.1 V",
    grain_spread: float = 0.0,
    boundary_spread: float = 0.0,
    realisations: int = 20,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Result:
    """Current at the face of Voronoi polycrystals, bare and under a layer on both faces.

    ``ratio`` is the conductivity of boundaries over that of grains. Periodic sides,
    ``grains_across`` grains wide and ``grains_deep`` deep, in 2 or 3 ``dimensions``;
    ``grain_spread`` and ``boundary_spread`` are standard deviations of the natural logarithm of
    lognormal conductivities of grains and of boundaries.

    Values are means over ``realisations``, with the standard deviation between these as the
    uncertainty:

    * ``current_contrast_without_layer`` and ``..._with_layer``: the grain with the highest mean
      current density at the electrode over the mean of the others;
    * ``grain_contrast_max_over_min_...`` and ``..._max_over_median_...``: other readings of it;
    * ``peak_over_mean_...``: the highest average over a ``window``, over the mean;
    * ``decay_depth`` [um]: how deep in the layer 80 % of the peak's excess at the ceramic is gone;
    * ``effective_conductivity`` [S/m] and ``boundary_share`` of the bare ceramic's resistance;
    * ``contrast_above_ten``: share of the realisations in which the bare contrast exceeds ten, and
      ``max_over_min_above_ten`` that of the highest over the lowest grain.

    ``details`` has every realisation's numbers, the decay of each, and maps of the first.
    :class:`InputError` for numbers out of range.
    """
    if not 0 < ratio <= 1e3:
        raise InputError(f"{ratio!r} is no ratio of conductivities above 0", where="ratio")
    if dimensions not in (2, 3):
        raise InputError(f"{dimensions!r} is neither 2 nor 3", where="dimensions")
    if not isinstance(realisations, int) or realisations < 1:
        raise InputError(f"{realisations!r} is no number of realisations", where="realisations")
    size, voxel = to_si(grain_size, "m"), to_si(voxel_size, "m")
    across, deep = (max(1, round(n * size / voxel)) for n in (grains_across, grains_deep))
    ceramic = _Ceramic(
        float(ratio),
        to_si(grain_conductivity, "S/m"),
        to_si(boundary_width, "m"),
        size,
        (across, across, deep) if dimensions == 3 else (across, 1, deep),
        voxel,
        to_si(layer_thickness, "m"),
        to_si(layer_conductivity, "S/m"),
        to_si(window, "m"),
        to_si(bias, "V"),
        grain_spread,
        boundary_spread,
    )
    found = []
    for number in range(realisations):
        progress.report(number / realisations, f"polycrystal {number + 1} of {realisations}")
        found.append(_realise(ceramic, seed + number, drawn=number == 0))
    progress.report(1.0)
    return _summary(ceramic, found)


def _realise(ceramic: _Ceramic, seed: int, *, drawn: bool) -> _Realisation:
    from solith.structure import generate_polycrystal
    from solith.transport import Layer, Lognormal, solve_polycrystal

    polycrystal = generate_polycrystal(
        ceramic.shape,
        ceramic.grain_size,
        voxel_size=ceramic.voxel,
        periodic=(True, True, False),
        seed=seed,
    )
    slow = ceramic.ratio * ceramic.grain_conductivity
    grains: Any = ceramic.grain_conductivity
    boundaries: Any = slow
    if ceramic.grain_spread:
        grains = Lognormal(grains, ceramic.grain_spread, seed)
    if ceramic.boundary_spread:
        boundaries = Lognormal(slow, ceramic.boundary_spread, seed)
    solve = partial(
        solve_polycrystal,
        polycrystal,
        grains,
        boundaries,
        ceramic.boundary_width,
        axis="z",
        bias=ceramic.bias,
    )
    bare = solve()
    layered = solve(layers=Layer(ceramic.layer_thickness, ceramic.layer_conductivity, side="both"))
    values = {
        "effective_conductivity": bare.effective_conductivity,
        "boundary_share": bare.boundary_share,
    }
    maps: dict[str, Any] = {}
    for name, solved in (("without_layer", bare), ("with_layer", layered)):
        by_grain, current = solved.grain_current(), solved.interface_current(ceramic.window)
        values[f"{_CONTRAST}_{name}"] = by_grain.max_over_others
        values[f"grain_contrast_max_over_min_{name}"] = by_grain.max_over_min
        values[f"grain_contrast_max_over_median_{name}"] = by_grain.max_over_median
        values[f"peak_over_mean_{name}"] = current.peak_over_mean
        if drawn:
            maps[name] = _drawn(current.density / current.mean, current.spacing)
    decay = layered.decay(ceramic.window)
    values["decay_depth"] = np.nan if decay.decay_depth is None else 1e6 * decay.decay_depth
    values["excess_at_ceramic"] = float(decay.excess[0])
    maps["decay"] = {"depth_um": (1e6 * decay.depth).tolist(), "excess": decay.excess.tolist()}
    if drawn:
        maps["section"] = _section(layered, ceramic)
    return _Realisation(values, maps)


def _drawn(density: Array, spacing: Sequence[float]) -> dict[str, Any]:
    """A map of the current over its mean, or a profile, coarse enough to be kept."""
    flat = np.asarray(density, float)
    step = max(1, -(-max(flat.shape) // _MOST_DRAWN))
    return {
        "spacing_um": [1e6 * step * one for one in spacing],
        "density": np.round(flat[::step, ::step] if flat.ndim == 2 else flat[::step], 4).tolist(),
    }


def _section(solved: Any, ceramic: _Ceramic) -> dict[str, Any]:
    """The potential in a section along the axis, layers included, over the bias."""
    potential = solved.potential[:, solved.potential.shape[1] // 2, :] / ceramic.bias
    step = max(1, -(-max(potential.shape) // _MOST_DRAWN))
    return {
        "spacing_um": 1e6 * step * ceramic.voxel,
        "potential": np.round(potential[::step, ::step], 4).tolist(),
    }


def _summary(ceramic: _Ceramic, found: Sequence[_Realisation]) -> Result:
    dimensions = "two" if 1 in ceramic.shape else "three"
    method = f"{len(found)} Voronoi polycrystals of {dimensions} dimensions, voxels"
    units = {"effective_conductivity": "S/m", "decay_depth": "um"}
    every = {name: [one.values[name] for one in found] for name in found[0].values}
    values = []
    for name, numbers in every.items():
        known = np.array([number for number in numbers if np.isfinite(number)])
        flags: tuple[str, ...] = ()
        if len(known) < len(numbers):
            flags = (f"not reached in {len(numbers) - len(known)} of {len(numbers)}",)
        values.append(
            Value(
                name,
                float(known.mean()) if len(known) else None,
                units.get(name, ""),
                float(known.std(ddof=1)) if len(known) > 1 else None,
                method=method,
                flags=flags,
            )
        )
    for name, quantity in (
        ("contrast_above_ten", f"{_CONTRAST}_without_layer"),
        ("max_over_min_above_ten", "grain_contrast_max_over_min_without_layer"),
    ):
        above = np.mean([one > _TEN for one in every[quantity]])
        values.append(Value(name, float(above), method=method))
    first = found[0].maps
    return Result(
        "ceramic flux",
        tuple(values),
        {
            "ratio": ceramic.ratio,
            "scattered": bool(ceramic.grain_spread or ceramic.boundary_spread),
            "realisations": {name: _plain(numbers) for name, numbers in every.items()},
            "decays": [one.maps["decay"] for one in found],
            "flux_map": {name: first[name] for name in ("without_layer", "with_layer")},
            "section": first["section"],
        },
    )


def _plain(numbers: Sequence[float]) -> list[float | None]:
    return [float(one) if np.isfinite(one) else None for one in numbers]
