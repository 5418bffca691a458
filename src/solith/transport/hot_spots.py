"""Where the current gathers: window averages of the current density."""

from __future__ import annotations

from typing import Any

import numpy as np

from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.core.volume import AXES
from solith.transport.conduction import Conduction

__all__ = ["measure_hot_spots"]

_SHARES = (50, 95, 99)
_MOST_SPOTS = 10


def measure_hot_spots(conduction: Conduction, window: Any) -> Result:
    """How unevenly the current along the axis is spread, by averages over cubes of a given size.

    ``window`` is the edge of a cube [m or text, as "1 um"], at least one voxel and at most half the
    volume's longest side; it has whole voxels, and no more than the volume along each axis. The
    method and ``details["sides"]`` [m] tell what is left of it, a flag where the volume is less.
    The current density along the axis is averaged over it (voids count with none) and given over
    the mean of the whole volume: ``current_density_p50``, ``_p95`` and ``_p99``, percentiles over
    all places, and ``current_density_highest_window``. The value of a single voxel is no result: at
    corners it grows without end the smaller the voxels are. ``details["spots"]`` lists the places
    [m] of the highest windows that do not overlap.

    Raises :class:`InputError` for a window that does not fit, and where nothing conducts.
    """
    from scipy.ndimage import uniform_filter

    if not isinstance(conduction, Conduction):
        raise InputError(
            f"expected what solve_conduction returns, not {type(conduction).__name__}",
            where="conduction",
        )
    size = to_si(window, "m")
    volume, axis = conduction.volume, conduction.axis
    if not max(volume.voxel_size) <= size <= 0.5 * max(volume.size):
        raise InputError(
            f"{window!r} is not between one voxel ({max(volume.voxel_size):.3g} m) and half the "
            f"volume ({0.5 * max(volume.size):.3g} m)",
            where="window",
        )
    if conduction.effective_conductivity == 0:
        raise InputError(f"there is no current: {conduction.flags[0]}")
    density = conduction.current_density[axis]
    widths = [
        min(round(size / h), n) or 1 for h, n in zip(volume.voxel_size, volume.shape, strict=True)
    ]
    sides = [w * h for w, h in zip(widths, volume.voxel_size, strict=True)]
    short = [AXES[d] for d in range(3) if volume.size[d] < size * (1 - 1e-9)]
    flags = (f"the volume is less than the window along {' and '.join(short)}",) if short else ()
    windows = uniform_filter(density, widths, mode="nearest")
    inside = windows[
        tuple(slice(w // 2, n - (w - 1) // 2) for w, n in zip(widths, density.shape, strict=True))
    ]
    relative = inside / density.mean(dtype=np.float64)
    boxes = " x ".join(f"{side:.3g}" for side in sides)
    method = f"mean over boxes of {boxes} m over that of the volume, along {AXES[axis]}"
    values = [
        Value(f"current_density_p{share}", float(number), method=method, flags=flags)
        for share, number in zip(_SHARES, np.percentile(relative, _SHARES), strict=True)
    ]
    highest = float(relative.max())
    values.append(Value("current_density_highest_window", highest, method=method, flags=flags))
    spots = [
        {
            "place": [
                (p + w / 2) * h for p, w, h in zip(place, widths, volume.voxel_size, strict=True)
            ],
            "current_density": height,
        }
        for place, height in _highest(relative, widths)
    ]
    return Result("hot spots", tuple(values), {"window": size, "sides": sides, "spots": spots})


def _highest(relative: Any, widths: list[int]) -> list[tuple[tuple[int, ...], float]]:
    """The places of the highest windows, each clear of those before it."""
    left = relative.copy()
    found: list[tuple[tuple[int, ...], float]] = []
    while len(found) < _MOST_SPOTS:
        place = np.unravel_index(int(np.argmax(left)), left.shape)
        height = float(left[place])
        if height <= 0:
            break
        found.append((tuple(int(p) for p in place), height))
        left[tuple(slice(max(0, p - w + 1), p + w) for p, w in zip(place, widths, strict=True))] = 0
    return found
