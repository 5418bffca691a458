"""Blobs: where a smooth random field is high."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.core.volume import Volume
from solith.structure._drawing import Grid
from solith.structure._gaussian_field import choose_highest, make_field, width_of
from solith.structure._given import require_fraction, seeded

__all__ = ["generate_blobs"]


def generate_blobs(
    shape: Sequence[int],
    voxel_size: Any,
    fraction: float,
    chord: Any,
    *,
    stretch: Sequence[float] = (1.0, 1.0, 1.0),
    seed: int = 0,
) -> Volume:
    """A Gaussian random field above a level: phases ``matrix`` 0 and ``blob`` 1.

    ``fraction`` of the voxels are blobs, exactly but for one voxel in ten thousand; ``chord`` is
    the mean length [m] of a line through them, times ``stretch`` along each axis. The structure
    repeats on all sides; the same ``seed`` gives the same volume. Raises :class:`InputError` for
    what is no such structure, or blobs narrower than two voxels or wider than half the volume.
    """
    wanted = require_fraction(fraction, 0.99)
    grid = Grid.of(shape, voxel_size, stretch)
    length = to_si(chord, "m")
    chords = [length / step for step in grid.spacing]
    for n, voxels in zip(grid.shape, chords, strict=True):
        if voxels < 2 or (voxels > n / 2 and n > 1):
            raise InputError(
                f"{chord!r} is {voxels:.3g} of {n} voxels: blobs are at least 2 voxels wide and at "
                "most half the volume",
                where="chord",
            )
    width = width_of(length, wanted)
    widths = (width / grid.spacing[0], width / grid.spacing[1], width / grid.spacing[2])
    labels = np.zeros(grid.shape, np.uint8)
    field = make_field(grid.shape, widths, np.random.default_rng(seeded(seed)))
    choose_highest(field, labels, 0, 1, round(wanted * labels.size))
    return Volume(labels, ["matrix", "blob"], grid.voxel_size)
