"""How unevenly current leaves a polycrystal, with and without a layer, over realisations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si
from solith.core.result import LOWER_BOUND, UPPER_BOUND, Result, Value
from solith.study._flux_levels import GridFactor, carry_on
from solith.study._flux_realisation import (
    CONTRAST,
    CUTS,
    MAX_OVER_MIN,
    Ceramic,
    Realisation,
    realise,
    under,
)

__all__ = ["measure_ceramic_flux"]

Array = NDArray[Any]
_Levels = Sequence[Sequence[Realisation]]

_MOST_RATIO, _MOST_GRAINS = 1e3, 1e4
_TEN = 10.0
"""The contrast that the publication names."""
_DOUBT = 0.1
"""A change by the voxels' size beyond this is told by a flag."""
_UNITS = {"effective_conductivity": "S/m", "decay_depth": "um"}
_QUARTILE = 1.349
"""Standard deviations between the quartiles of a normal distribution."""
_HEAVY = (MAX_OVER_MIN, "area_weighted_contrast")
"""Ratios with a heavy tail, told by median and quartiles."""


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
    other_thicknesses: Sequence[Any] = (),
    wanted_peak: float = 1.2,
    window: Any = "1 um",
    bias: Any = "0.1 V",
    grain_spread: float = 0.0,
    boundary_spread: float = 0.0,
    realisations: int = 20,
    finer: Sequence[int] = (4,),
    layered: int = 8,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Result:
    """Current at the face of Voronoi polycrystals, bare and under a layer on both faces.

    ``ratio`` is the conductivity of boundaries over that of grains. Periodic sides,
    ``grains_across`` grains wide and ``grains_deep`` deep, in 2 or 3 ``dimensions``;
    ``grain_spread`` and ``boundary_spread`` are standard deviations of the natural logarithm of
    lognormal conductivities of grains and of boundaries.

    All ``realisations`` are solved in voxels of ``voxel_size``, the first ``finer[0]`` of them
    also in voxels of half that size, ``finer[1]`` of a quarter and so on; every number is carried
    on to voxels of no size by the ratio between them (:func:`carry_on`). Values are means over
    the realisations; their uncertainty is the standard deviation between these, joined by that of
    the factor:

    * ``current_contrast_without_layer`` and ``..._with_layer``: the grain with the highest mean
      current density at the electrode over the mean of the others;
    * ``grain_contrast_max_over_median_...``: over the median;
    * ``grain_contrast_max_over_min_...``: over the lowest, as the median of the realisations, the
      quartiles beside it (their distance over 1.349 as the uncertainty). It follows the smallest
      pieces that count as grains; those of less than 0.05 of the mean area do not, and ``..._cut_``
      has it for cuts from 0.02 to 0.5;
    * ``area_weighted_contrast_...``: a median, too, but needs no cut: what 5 % of the grains' area
      exceed over what 95 % exceed;
    * ``peak_over_mean_...``: the highest average over a ``window``, over the mean; ``..._under_`` a
      layer of each of ``other_thicknesses``, for the first ``layered`` realisations;
    * ``thickness_for_wanted_peak`` [um]: of the layers at which that falls to ``wanted_peak``,
      between the thicknesses solved, of the same realisations;
    * ``decay_depth`` [um]: how deep in the layer 80 % of the peak's excess at the ceramic is gone;
    * ``effective_conductivity`` [S/m] and ``boundary_share`` of the bare ceramic's resistance;
    * ``contrast_above_ten``: share of the realisations in which the bare contrast exceeds ten, and
      ``max_over_min_above_ten`` that of the highest over the lowest grain, by cut too;
    * ``grains_at_face``: how many there are, on which the highest depends.

    ``details`` has every realisation's numbers in the coarsest voxels, the factors, the decay of
    each, and maps of the first. :class:`InputError` for numbers out of range.
    """
    if dimensions not in (2, 3):
        raise InputError(f"{dimensions!r} is neither 2 nor 3", where="dimensions")
    for name, least, number in (
        ("realisations", 1, realisations),
        ("layered", 1, layered),
        ("seed", 0, seed),
    ):
        _require_count(number, name, least)
    counts = _levels_of(finer, realisations)
    size, voxel = (
        _quantity(given, "m", name)
        for name, given in (("grain_size", grain_size), ("voxel_size", voxel_size))
    )
    across, deep = (
        max(1, round(_quantity(given, "", name, most=_MOST_GRAINS) * size / voxel))
        for name, given in (("grains_across", grains_across), ("grains_deep", grains_deep))
    )
    ceramic = Ceramic(
        _quantity(ratio, "", "ratio", most=_MOST_RATIO),
        _quantity(grain_conductivity, "S/m", "grain_conductivity"),
        _quantity(boundary_width, "m", "boundary_width"),
        size,
        (across, across, deep) if dimensions == 3 else (across, 1, deep),
        voxel,
        _quantity(layer_thickness, "m", "layer_thickness"),
        _quantity(layer_conductivity, "S/m", "layer_conductivity"),
        _quantity(window, "m", "window"),
        _quantity(bias, "V", "bias"),
        _quantity(grain_spread, "", "grain_spread", zero=True),
        _quantity(boundary_spread, "", "boundary_spread", zero=True),
    )
    thicknesses = {
        _quantity(one, "m", f"other_thicknesses.{place}")
        for place, one in enumerate(other_thicknesses, start=1)
    }
    others = sorted(thicknesses - {ceramic.layer_thickness})
    wanted = _quantity(wanted_peak, "", "wanted_peak")
    if wanted <= 1:
        raise InputError(f"{wanted_peak!r} is not above 1, the mean itself", where="wanted_peak")
    solve = partial(realise, ceramic)
    whole = sum(n * 4.0**level for level, n in enumerate(counts))
    done, levels = 0.0, []
    for level, count in enumerate(counts):
        found = []
        for number in range(count):
            first = level == 0
            voxels = "" if first else f", voxels of 1 / {2**level}"
            progress.report(done / whole, f"polycrystal {number + 1} of {count}{voxels}")
            found.append(
                solve(
                    seed + number,
                    halvings=level,
                    thicknesses=others if first and number < layered else (),
                    drawn=number == 0,
                )
            )
            done += 4.0**level
        levels.append(found)
    progress.report(1.0)
    return _summary(ceramic, levels, others, wanted)


def _levels_of(finer: Any, realisations: int) -> list[int]:
    """How many realisations every level of voxels has, the coarsest first."""
    if not isinstance(finer, (list, tuple)):
        raise InputError(f"{finer!r} is no list of whole numbers", where="finer")
    counts = [realisations]
    for place, number in enumerate(finer, start=1):
        _require_count(number, f"finer.{place}", 1)
        counts.append(min(number, counts[-1]))
    return counts


def _require_count(number: Any, where: str, least: int) -> None:
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        raise InputError(f"{number!r} is no whole number from {least}", where=where)


def _quantity(
    given: Any, unit: str, where: str, *, most: float = np.inf, zero: bool = False
) -> float:
    try:
        number = to_si(given, unit)
    except InputError as error:
        raise error.inside(where) from None
    if number > most or number < 0 or (number == 0 and not zero):
        least = "at least 0" if zero else "above 0"
        bound = f" and at most {most:g}" if np.isfinite(most) else ""
        raise InputError(f"{given!r} has to be {least}{bound} {unit}".rstrip(), where=where)
    return number


def _summary(ceramic: Ceramic, levels: _Levels, others: Sequence[float], wanted: float) -> Result:
    coarse = levels[0]
    names = [name for name in coarse[0].values if name not in map(under, others)]
    every = {name: [one.values[name] for one in coarse] for name in names}
    factors = {
        name: carry_on(
            [[one.values[name] for one in found] for found in levels],
            heavy=name.startswith(_HEAVY),
        )
        for name in every
        if not name.startswith("grains_at_face")
    }
    carried = {name: factors[name].factor * np.array(every[name]) for name in factors}
    dimensions = "two" if 1 in ceramic.shape else "three"
    counts = (
        ""
        if len(levels) == 1
        else "; finer: "
        + ", ".join(
            f"{len(found)} in 1 / {2**n} of it" for n, found in enumerate(levels[1:], start=1)
        )
    )
    method = (
        f"{len(coarse)} Voronoi polycrystals of {dimensions} dimensions, voxels of "
        f"{1e6 * ceramic.voxel:g} um{counts}"
    )
    flags = tuple(dict.fromkeys(flag for found in levels for one in found for flag in one.flags))
    told = partial(Value, method=method, flags=flags)
    values: list[Value] = []
    for name, factor in factors.items():
        low = coarse[0].peak_flags if len(levels) == 1 and name.startswith("peak") else ()
        heavy = name.startswith(_HEAVY)
        values += _told(told, _name(name), carried[name], factor, low, heavy=heavy)
    values += _shares(told, carried)
    values.append(told("grains_at_face", float(np.mean(every["grains_at_face_without_layer"]))))
    values += _under(told, ceramic, coarse, others, wanted)
    first = levels[-1][0].maps
    return Result(
        "ceramic flux",
        tuple(values),
        {
            "ratio": ceramic.ratio,
            "dimensions": 2 if 1 in ceramic.shape else 3,
            "scattered": bool(ceramic.grain_spread or ceramic.boundary_spread),
            "window_um": 1e6 * ceramic.window,
            "voxel_um": [1e6 * ceramic.voxel / 2**n for n in range(len(levels))],
            "realisations": {name: _plain(numbers) for name, numbers in every.items()},
            "grid_factors": {
                name: {"factor": one.factor, "relative_uncertainty": one.uncertainty}
                for name, one in factors.items()
            },
            "decays": _decays(levels),
            **first,
        },
    )


def _name(name: str) -> str:
    """A cut in percent of the mean area, so that the name has no point."""
    start, cut, fraction = name.partition("_cut_")
    return f"{start}_cut_{100 * float(fraction):g}_percent" if cut else name


def _told(
    told: Any, name: str, numbers: Array, factor: GridFactor, low: tuple[str, ...], *, heavy: bool
) -> Iterator[Value]:
    """The middle of the realisations and their spread, joined by the factor's uncertainty."""
    known = numbers[np.isfinite(numbers)]
    flags = (*told.keywords["flags"], *low)
    if len(known) < len(numbers):
        flags += (f"not reached in {len(numbers) - len(known)} of {len(numbers)}",)
    unit = _UNITS.get(name, "")
    if not len(known):
        yield told(name, None, unit, flags=flags)
        return
    if factor.bound:
        flags += (f"{factor.bound}: voxels are too coarse for it",)
    elif abs(factor.factor - 1) > _DOUBT:
        flags += (
            f"carried on to voxels of no size by a factor of {factor.factor:.3g} "
            f"+- {factor.factor * factor.uncertainty:.1g}",
        )
    quartiles = np.quantile(known, [0.25, 0.5, 0.75])
    middle = float(quartiles[1] if heavy else known.mean())
    spread = (quartiles[2] - quartiles[0]) / _QUARTILE if heavy else _deviation(known) or 0.0
    both = float(np.hypot(spread, middle * factor.uncertainty)) if len(known) > 1 else None
    yield told(name, middle, unit, both, flags=flags)
    if heavy and "_cut_" not in name:
        yield told(f"{name}_low_quartile", float(quartiles[0]), unit, flags=flags)
        yield told(f"{name}_high_quartile", float(quartiles[2]), unit, flags=flags)


def _shares(told: Any, carried: dict[str, Array]) -> Iterator[Value]:
    """In which share of the realisations the publication's contrast is exceeded."""
    lowest = f"{MAX_OVER_MIN}_without_layer"
    rows = {
        "contrast_above_ten": f"{CONTRAST}_without_layer",
        "max_over_min_above_ten": lowest,
        **{
            f"max_over_min_above_ten_cut_{100 * cut:g}_percent": f"{lowest}_cut_{cut:g}"
            for cut in CUTS
        },
    }
    for name, quantity in rows.items():
        yield told(name, float(np.mean(carried[quantity] > _TEN)))


def _under(
    told: Any,
    ceramic: Ceramic,
    coarse: Sequence[Realisation],
    others: Sequence[float],
    wanted: float,
) -> Iterator[Value]:
    """Peaks under layers of other thicknesses, and the thickness for the wanted one.

    In the coarsest voxels: under a layer peaks hardly follow the voxels' size.
    """
    if not others:
        return
    names = {one: under(one) for one in others} | {
        ceramic.layer_thickness: "peak_over_mean_with_layer"
    }
    solved = [one.values for one in coarse if under(others[0]) in one.values]
    for thickness in others:
        peaks = np.array([one[names[thickness]] for one in solved])
        yield told(names[thickness], float(peaks.mean()), uncertainty=_deviation(peaks))
    thicknesses = np.sort(list(names))
    needed = np.array(
        [_thickness(thicknesses, [one[names[t]] for t in thicknesses], wanted) for one in solved]
    )
    flags = told.keywords["flags"]
    if short := np.count_nonzero(needed > thicknesses[-1]):
        thickest = f"{1e6 * thicknesses[-1]:g} um"
        flags += (f"{LOWER_BOUND}: not reached in {short} of {len(needed)} by {thickest}",)
    if enough := np.count_nonzero(needed < thicknesses[0]):
        flags += (f"{UPPER_BOUND}: {1e6 * thicknesses[0]:g} um do in {enough} of {len(needed)}",)
    needed = 1e6 * needed.clip(thicknesses[0], thicknesses[-1])
    yield told(
        "thickness_for_wanted_peak", float(needed.mean()), "um", _deviation(needed), flags=flags
    )


def _thickness(thicknesses: Array, peaks: Sequence[float], wanted: float) -> float:
    """Where the peak falls to the wanted one: the excess falls about exponentially.

    Zero where the thinnest layer does, infinite where the thickest does not.
    """
    excess = np.log(np.maximum(np.array(peaks) - 1, 1e-12))
    goal = np.log(wanted - 1)
    below = np.flatnonzero(excess <= goal)
    if not len(below):
        return np.inf
    if not (n := int(below[0])):
        return 0.0
    part = (excess[n - 1] - goal) / (excess[n - 1] - excess[n])
    return float(thicknesses[n - 1] + part * (thicknesses[n] - thicknesses[n - 1]))


def _deviation(numbers: Array) -> float | None:
    return float(numbers.std(ddof=1)) if len(numbers) > 1 else None


def _decays(levels: _Levels) -> list[dict[str, list[float]]]:
    """The excess by depth of the realisations in two sizes of voxels, carried on to none."""
    if len(levels) == 1:
        return [one.decay for one in levels[0]]
    return [
        {
            "depth_um": coarse.decay["depth_um"],
            "excess": (
                2
                * np.interp(coarse.decay["depth_um"], fine.decay["depth_um"], fine.decay["excess"])
                - coarse.decay["excess"]
            ).tolist(),
        }
        for coarse, fine in zip(levels[0], levels[1], strict=False)
    ]


def _plain(numbers: Sequence[float]) -> list[float | None]:
    return [float(one) if np.isfinite(one) else None for one in numbers]
