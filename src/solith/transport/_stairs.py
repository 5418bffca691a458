"""How far the voxel faces between two phases stand from the surface that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.progress import SILENT
from solith.core.surface_sums import sum_faces
from solith.core.threads import share_out
from solith.core.volume import Volume
from solith.transport._face_kernels import count_faces

__all__ = ["Stairs", "find_stairs", "no_stairs"]

Array = NDArray[Any]


@dataclass(frozen=True)
class Stairs:
    """Mean factors of the surface between two codes, as ``_stair_law.py`` uses them.

    ``total`` stands for |n|_1: the area of the voxel faces over the contact area. ``across[d]``
    stands for |n_d| on the faces across direction d. All are 1 where the faces are the surface.
    """

    total: Array
    across: Array


def no_stairs(number: int) -> Stairs:
    """The factors of so many codes whose faces are taken as they stand."""
    return Stairs(np.ones((number, number)), np.ones((3, number, number)))


def find_stairs(
    volume: Volume,
    codes: Array,
    order: tuple[int, int, int],
    codes_of: Mapping[int, int],
    pairs: Iterable[tuple[int, int]],
    number: int,
) -> Stairs:
    """The factors of pairs of labels, each of which has a code of its own; 1 for all others.

    With F_d the area of the faces across d, A the contact area and T its normal tensor
    (``core/surface_sums.py``): ``total`` = sum(F_d) / A and ``across[d]`` = A T_dd / F_d, which on
    a plane of the normal n are |n|_1 and |n_d|. Faces across a periodic boundary count as those
    inside. ``codes`` has its axes in ``order``.
    """
    found = no_stairs(number)
    wanted = {(min(pair), max(pair)) for pair in pairs}
    if not wanted:
        return found
    counts = np.zeros((3, number, number))
    counts[list(order)] = share_out(count_faces, codes.shape[0], codes.size, codes, number)
    counts += counts.transpose(0, 2, 1)
    size = np.array(volume.voxel_size)
    for one, other in sorted(wanted):
        pair = codes_of[one], codes_of[other]
        faces = counts[:, *pair] * np.prod(size) / size
        if not faces.any():
            continue
        contact = sum_faces(volume, (one, other), 0, SILENT).contact
        # The bounds of any surface; rough ones of a voxel or two may go beyond them.
        total, across = np.sqrt(np.count_nonzero(faces)), np.ones(3)
        if contact.tensor is not None:
            total = np.clip(faces.sum() / contact.area, 1.0, total)
            np.divide(contact.area * contact.tensor.diagonal(), faces, across, where=faces > 0)
            across = np.clip(across, 0.0, 1.0)
        for places in (pair, pair[::-1]):
            found.total[places] = total
            found.across[:, *places] = across
    return found
