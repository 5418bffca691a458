"""Bottlenecks of a phase: what spheres fit into it, and what spheres can get there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.core.threads import share_out
from solith.core.volume import AXES, Volume, axis_number
from solith.structure._chosen_phases import checked_labels, thin_axes
from solith.structure._phase_mask import ENDS, phase_mask, unite_mask

__all__ = ["measure_constrictivity"]

_HALF = 0.5
_FINE = 0.2
"""How closely radii are searched, in shortest sides of a voxel."""
_BEHIND = 0.25
"""Of a voxel: the nearest centre behind a wall lies 0 (rough, curved) to 1/2 (flat) behind it."""

Array = NDArray[Any]


def measure_constrictivity(
    volume: Volume, phase: str | int, *, axis: str | int = "z", progress: Progress = SILENT
) -> Result:
    """Constrictivity of a phase: (r_min / r_max)^2, 1 for a channel of constant width.

    ``radius_bulge`` (r_max) [m]: the largest radius of spheres that, put wherever they fit, cover
    half of the phase (continuous size distribution, an opening). ``radius_bottleneck`` (r_min): the
    same for spheres that enter from the first face along ``axis`` (simulated intrusion).
    ``constrictivity`` is their ratio squared: Holzer et al., J. Mater. Sci. 48 (2013) 2934,
    https://doi.org/10.1007/s10853-012-6968-z (both radii at 50 % as in Neumann et al. 2019,
    https://doi.org/10.1007/s11242-019-01240-y; definitions recalled).

    A radius is the distance to the nearest voxel centre outside the phase less a quarter of a
    voxel, which leaves an error of a quarter: take 8 voxels or more across a neck. The phase is
    taken to go on behind the volume's boundary; an axis of one voxel does not count. Where less
    than half of it can be reached, r_min is 0, with a flag. Memory: 10 bytes a voxel.
    :class:`InputError` for a phase that is unknown or absent, or a wrong axis.
    """
    (label,) = checked_labels(volume, phase=phase)
    along = axis_number(axis)
    mask = phase_mask(volume, label, along)
    sizes = [volume.voxel_size[along], *np.delete(volume.voxel_size, along)]
    sides = [size for size, voxels in zip(sizes, mask.shape, strict=True) if voxels > 1]
    thin = thin_axes(volume, "circles")
    inside = int(np.count_nonzero(mask))
    if inside == mask.size:
        flags: tuple[str, ...] = (f"{phase} fills the volume", *thin)
        names = ("constrictivity", "radius_bottleneck", "radius_bulge")
        values = [Value(name, None, "m" * (name != names[0]), flags=flags) for name in names]
        return Result(f"constrictivity of {phase} along {AXES[along]}", tuple(values))
    depth = _squares(mask == 0, sizes)
    deepest = float(np.sqrt(depth.max()))

    def covered(radius: float, from_inlet: bool) -> float:
        centres = (depth >= radius * radius).view(np.uint8)
        if from_inlet:
            centres = _entered(centres)
        if not centres.any():
            return 0.0
        near = _squares(centres, sizes) < radius * radius
        return float(np.count_nonzero(near)) / inside

    progress.report(0.2, "spheres that fit")
    least, step = 0.999 * min(sides), _FINE * min(sides)
    bulge = _at_half(lambda radius: covered(radius, False), least, deepest, step)
    progress.report(0.6, "spheres that enter")
    bottleneck = _at_half(lambda radius: covered(radius, True), least, bulge, step)
    behind = _BEHIND * float(np.mean(sides))
    r_max = max(bulge - behind, 0.0)
    r_min = max(bottleneck - behind, 0.0)
    shut = () if r_min > 0 else (f"less than half of {phase} is reached along {AXES[along]}",)
    flags = (*shut, *thin)
    return Result(
        f"constrictivity of {phase} along {AXES[along]}",
        (
            Value("constrictivity", (r_min / r_max) ** 2 if r_max > 0 else None, flags=flags),
            Value("radius_bottleneck", r_min, "m", flags=flags),
            Value("radius_bulge", r_max, "m", flags=thin),
        ),
        {"phase": str(phase), "axis": AXES[along]},
    )


def _at_half(covered: Callable[[float], float], least: float, most: float, step: float) -> float:
    """The largest radius at which half is covered, by bisection; 0 if there is none."""
    low, high = least, most
    while high - low > step:
        middle = (low + high) / 2
        low, high = (middle, high) if covered(middle) >= _HALF else (low, middle)
    if low == least and covered(least) < _HALF:
        return 0.0
    return (low + high) / 2


def _entered(centres: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from solith.structure._cluster_kernels import keep_clusters

    runs = unite_mask(centres)
    joined = (runs.touch_ends(ENDS, ENDS, 0) & 1) > 0
    keep_clusters(centres, *runs.table, joined)
    return centres


def _squares(seeds: Array, sizes: list[float]) -> NDArray[np.float32]:
    """Squared distance of every voxel's centre to that of the nearest seed."""
    from solith.structure._distance_kernels import envelope

    squares = np.where(seeds, np.float32(0), np.float32(np.inf))
    for axis in range(3):
        rows = np.ascontiguousarray(np.moveaxis(squares, axis, 2))
        flat = rows.reshape(-1, rows.shape[2])
        share_out(envelope, len(flat), flat.size, flat, sizes[axis])
        squares = np.moveaxis(rows, 2, axis)
    return np.ascontiguousarray(squares)
