"""How much of a volume each phase takes, in all and along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from solith.core.result import Result, Value
from solith.core.volume import AXES, Volume, axis_number
from solith.structure._chosen_phases import checked_labels

__all__ = ["measure_fractions"]

_EMPTY = ("void", "voids", "pore", "pores", "porosity")


def measure_fractions(volume: Volume, *, axis: str | int = "z") -> Result:
    """Volume fraction of every phase, with profiles along ``axis``.

    Values: ``fraction_NAME`` for each phase by name, 0 for one without a voxel; ``porosity`` for a
    phase called void or pore. ``details["fraction"]`` has the same by name, and
    ``details["profile"]`` the ``position`` [m] of the planes across the axis, from the outer face
    to their middle, with each phase's share of them by name under ``fraction``.

    Voxels are counted, so that nothing but their number limits the value; how well a volume stands
    for its material, :func:`measure_representative` tells. :class:`InputError` for a wrong axis.
    """
    checked_labels(volume)
    along = axis_number(axis)
    profiles = _profiles(volume, along)
    shares = {name: float(profile.mean()) for name, profile in profiles.items()}
    values = [Value(f"fraction_{name}", share) for name, share in shares.items()]
    values += [Value("porosity", shares[name]) for name in shares if name.lower() in _EMPTY][:1]
    planes = (np.arange(volume.shape[along]) + 0.5) * volume.voxel_size[along]
    return Result(
        f"fractions of {', '.join(shares)}",
        tuple(values),
        {
            "axis": AXES[along],
            "fraction": shares,
            "profile": {
                "position": planes.tolist(),
                "fraction": {name: profile.tolist() for name, profile in profiles.items()},
            },
        },
    )


def _profiles(volume: Volume, along: int) -> dict[str, Any]:
    counts = {name: np.zeros(volume.shape[along], np.int64) for name in volume.phases}
    for i, plane in enumerate(volume.labels):
        for name, label in volume.phases.items():
            where = plane == label
            if along == 0:
                counts[name][i] = np.count_nonzero(where)
            else:
                counts[name] += np.count_nonzero(where, axis=2 - along)
    across = volume.labels.size // volume.shape[along]
    return {name: count / across for name, count in counts.items()}
