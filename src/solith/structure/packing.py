"""Hard spheres at random in a periodic box.

Spheres are inserted one after another where they are free, the largest first. What finds no place
is put anywhere, and all overlaps are pushed apart by inertial relaxation (FIRE: Bitzek et al.,
https://doi.org/10.1103/PhysRevLett.97.170201, recalled). Insertion alone ends near a fraction of
0.38, relaxation near 0.64, where spheres of one size jam.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import ConvergenceError, InputError
from solith.core.quantities import to_si
from solith.structure._given import require_fraction, seeded
from solith.structure._packing_kernels import insert, near_pairs, push_apart
from solith.structure.diameters import draw_diameters

__all__ = ["Packing", "near_spheres", "pack_spheres", "place_spheres"]

_TRIALS_IN_VAIN = 2000
_GROWTH = 1e-3
_MOST_STEPS = 5_000
"""Monodisperse spheres take some 250 at a fraction of 0.60 and 800 at 0.62."""
_DENSEST = 0.9
_SKIN = 0.3
"""Of the mean radius: how much farther than touching pairs are listed."""


@dataclass(frozen=True, eq=False)
class Packing:
    """Spheres in a box that repeats on all sides: ``centres`` (n, 3), ``radii``, ``size`` [m]."""

    centres: NDArray[np.float64]
    radii: NDArray[np.float64]
    size: tuple[float, float, float]

    @property
    def fraction(self) -> float:
        """The part of the box that the spheres fill, if none overlaps."""
        return float(4 / 3 * np.pi * np.sum(self.radii**3) / np.prod(self.size))

    def smallest_gap(self) -> float:
        """The smallest distance between two surfaces [m], negative where spheres overlap.

        Looked for up to the smallest radius; infinite where no two are that near.
        """
        if len(self.radii) < 2:
            return float("inf")
        pairs, distances = near_spheres(self, float(self.radii.min()))
        touch = self.radii[pairs[:, 0]] + self.radii[pairs[:, 1]]
        return float(np.min(distances - touch, initial=np.inf))


def pack_spheres(
    size: Sequence[Any], fraction: float, diameter: Any, *, gap: Any = 0.0, seed: int = 0
) -> Packing:
    """Hard spheres that fill a ``fraction`` of a periodic box, none nearer to another than ``gap``.

    ``size`` are the sides of the box [m, or with unit]; ``diameter`` is one length, a
    :class:`LognormalDiameters` or a list of lengths. The fraction is met exactly, diameters are
    scaled a little for it. Raises :class:`InputError` for a box less than two diameters wide or a
    fraction that is none, :class:`ConvergenceError` where the spheres do not fit.
    """
    sides = [] if isinstance(size, str) or not isinstance(size, (Sequence, np.ndarray)) else size
    box = np.array([to_si(side, "m") for side in sides], float)
    if box.shape != (3,) or box.min() <= 0:
        raise InputError(f"{size!r} is not three positive lengths", where="size")
    wanted = require_fraction(fraction, _DENSEST)
    between = to_si(gap, "m")
    if between < 0:
        raise InputError(f"{gap!r} is no distance", where="gap")
    chance = np.random.default_rng(seeded(seed))
    radii = draw_diameters(diameter, wanted * float(np.prod(box)), chance) / 2
    return place_spheres(radii, box, between, chance)


def place_spheres(
    radii: NDArray[np.float64],
    box: NDArray[np.float64],
    gap: float,
    chance: np.random.Generator,
) -> Packing:
    """Spheres of these radii [m], the largest first, as :func:`pack_spheres` places them."""
    hard = radii + gap / 2
    if 4 * hard[0] > box.min() * (1 + 1e-9):
        raise InputError(
            f"the box is {box.min():.4g} m wide and the largest particle {2 * hard[0]:.4g} m: "
            "where structures repeat, it must be two of them wide",
            where="size",
        )
    parts = [4 / 3 * np.pi * float(np.sum(r**3)) / float(np.prod(box)) for r in (radii, hard)]
    if parts[1] > _DENSEST:
        raise _too_many(*parts)
    unit = float(hard.mean())
    centres = _packed(hard / unit, box / unit, chance)
    if centres is None:
        raise _too_many(*parts)
    inside = np.minimum(centres * unit, np.nextafter(box, 0))
    return Packing(inside, radii, (float(box[0]), float(box[1]), float(box[2])))


def near_spheres(packing: Packing, beyond: float) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Pairs of spheres whose surfaces are less than ``beyond`` [m] apart, and the distances [m].

    Of several images of a sphere the nearest counts.
    """
    box = np.array(packing.size)
    pairs = _pairs(packing.centres, packing.radii + beyond / 2, box)
    steps = packing.centres[pairs[:, 0]] - packing.centres[pairs[:, 1]]
    steps -= box * np.rint(steps / box)
    return pairs, np.linalg.norm(steps, axis=1)


def _packed(
    radii: NDArray[np.float64],
    box: NDArray[np.float64],
    chance: np.random.Generator,
) -> NDArray[np.float64] | None:
    centres = np.zeros((len(radii), 3))
    placed = _inserted(centres, radii, box, chance)
    if placed == len(radii):
        return centres
    centres[placed:] = chance.random((len(radii) - placed, 3)) * box
    speed, state = np.zeros_like(centres), np.array([0.1, 0.1, 0.0])
    done, worst = 0, 1.0
    skin = _SKIN * float(radii.mean())
    while done < _MOST_STEPS:
        pairs = _pairs(centres, radii * (1 + _GROWTH) + skin / 2, box)
        worst, steps = push_apart(
            centres, radii, box, pairs, speed, state, _GROWTH, skin / 2, _MOST_STEPS - done
        )
        if worst <= 0:
            return centres
        done += max(steps, 1)
    return None


def _inserted(
    centres: NDArray[np.float64],
    radii: NDArray[np.float64],
    box: NDArray[np.float64],
    chance: np.random.Generator,
) -> int:
    cells = _cells(box, 2 * float(radii.max()), len(radii))
    head = np.full(int(np.prod(cells)), -1, np.int32)
    after = np.empty(len(radii), np.int32)
    placed = failures = 0
    while placed < len(radii) and failures < _TRIALS_IN_VAIN:
        trials = chance.random((min(100_000, 4 * len(radii) + 100), 3)) * box
        placed, failures = insert(
            trials, centres, radii, placed, box, cells, head, after, failures, _TRIALS_IN_VAIN
        )
    return placed


def _pairs(
    centres: NDArray[np.float64], reach: NDArray[np.float64], box: NDArray[np.float64]
) -> NDArray[np.int32]:
    cells = _cells(box, 2 * float(reach.max()), len(centres))
    room = 16 * len(centres) + 64
    while True:
        pairs: NDArray[np.int32] = near_pairs(centres, reach, box, cells, room)
        if len(pairs) or room > 1 << 28 or room > len(centres) ** 2:
            return pairs
        room *= 4


def _cells(box: NDArray[np.float64], smallest: float, number: int) -> NDArray[np.int64]:
    cells = np.maximum(np.floor(box / smallest), 1).astype(np.int64)
    most = max(int(2 * number ** (1 / 3)) * 4, 4)
    return np.minimum(cells, most)


def _too_many(fraction: float, filled: float) -> ConvergenceError:
    gaps = f" ({filled:.3g} with the gaps)" if filled > fraction * 1.001 else ""
    return ConvergenceError(
        f"hard particles of these diameters find no place at a fraction of {fraction:.3g}{gaps}: "
        "spheres of one size jam near 0.64; take less, wider diameters, or polyhedra"
    )
