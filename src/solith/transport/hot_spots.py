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
    volume. The current density along the axis is averaged over it (voids count with none) and given
    over the mean of the whole volume: ``current_density_p50``, ``_p95`` and ``_p99``, percentiles
    over all places, and ``current_density_highest_window``. The value of a single voxel is no
    result: at corners it grows without end the smaller the voxels are. ``details["spots"]`` lists
    the places [m] of the highest windows that do not overlap.

    Raises :class:`InputError` for a window that does not fit, and where nothing conducts.
    """
    from scipy.ndimage import uniform_filter

    size = to_si(window, "m")
    volume, axis = conduction.volume, conduction.axis
    if not max(volume.voxel_size) <= size <= 0.5 * max(volume.size):
        raise InputError(
            f"{window!r} is not between one voxel ({max(volume.voxel_size):.3g} m) and half the "
            f"volume ({0.5 * max(volume.size):.3g} m)",
            where="window",
        )
    if conduction.flags:
        raise InputError(f"there is no current: {conduction.flags[0]}")
    density = conduction.current_density[axis]
    widths = [
        min(round(size / h), n) or 1 for h, n in zip(volume.voxel_size, volume.shape, strict=True)
    ]
    windows = uniform_filter(density, widths, mode="nearest")
    inside = windows[
        tuple(slice(w // 2, n - (w - 1) // 2) for w, n in zip(widths, density.shape, strict=True))
    ]
    relative = inside / density.mean(dtype=np.float64)
    method = f"mean over cubes of {size:.3g} m over that of the volume, along {AXES[axis]}"
    values = [
        Value(f"current_density_p{share}", float(number), method=method)
        for share, number in zip(_SHARES, np.percentile(relative, _SHARES), strict=True)
    ]
    values.append(Value("current_density_highest_window", float(relative.max()), method=method))
    spots = [
        {
            "place": [
                (p + w / 2) * h for p, w, h in zip(place, widths, volume.voxel_size, strict=True)
            ],
            "current_density": height,
        }
        for place, height in _highest(relative, widths)
    ]
    return Result("hot spots", tuple(values), {"window": size, "spots": spots})


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
