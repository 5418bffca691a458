"""Slow drifts of brightness taken out of grey volumes: background, beam hardening, slices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.threads import share_out
from solith.core.volume import GreyVolume, axis_number
from solith.structure._grey_levels import Drift, find_levels, inner_voxels
from solith.structure._grey_steps import grey_steps
from solith.structure.denoising import denoised_steps

__all__ = ["remove_background", "take_away"]

_TURNS = 4
"""Denoising mixes neighbouring slices: what it took from each is given back, in turns with it."""


def remove_background(
    grey: GreyVolume, phases: int, *, order: int = 2, slices: str | int | None = None
) -> GreyVolume:
    """The grey volume without the slow drift that its phases have in common.

    The drift is a polynomial of the place of this ``order`` in all (2: a tilt and the cup of beam
    hardening), and with ``slices`` an offset for each slice across that axis. It is fitted to what
    voxels inside a phase differ from their phase's mean, so that an uneven distribution of phases
    is not taken for drift; for this the number of ``phases`` is needed. It is added to all phases
    alike: a drift of contrast stays. The type of the values is kept.

    :class:`InputError` where the phases do not show as peaks, for an order outside 0 to 6, values
    that are not finite, or a volume of one grey value.
    """
    if isinstance(order, bool) or order not in range(7):
        raise InputError(f"the order of the drift is 0 to 6, not {order!r}", where="order")
    axis = None if slices is None else axis_number(slices)
    steps = grey_steps(grey)
    for _ in range(1 if axis is None else _TURNS):
        places, greys = inner_voxels(denoised_steps(steps.values), slices=axis)
        if axis is not None:
            at = places[:, axis]
            apart = steps.values[tuple(places.T)] - greys
            number = np.maximum(np.bincount(at), 1)
            greys = greys + (np.bincount(at, weights=apart) / number)[at]
        levels = find_levels(places, greys, phases, grey.shape, order=order, slices=axis)
        levels.require_peaks()
        take_away(steps.values, levels.drift)
    return GreyVolume(steps.write(grey.values), grey.voxel_size)


def take_away(values: NDArray[np.uint16], drift: Drift) -> None:
    """Subtract a drift in place."""
    from solith.structure._grey_kernels import subtract

    if not np.any(drift.factors) and not np.any(drift.slices):
        return
    along: list[NDArray[Any]] = [one.astype(np.float32) for one in drift.along()]
    slices = drift.slices.astype(np.float32)
    cells = 4 * values.size
    planes = values.shape[0]
    share_out(subtract, planes, cells, values, *along, drift.factors, slices, drift.axis)
