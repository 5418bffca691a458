"""The polycrystal: voxels of numbered grains, and the true normals of their boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.volume import AXES, voxel_size_of

__all__ = ["FEWEST_ACROSS", "VOID", "Polycrystal", "all_ways", "periodic_axes"]

VOID = -1
"""The number of voxels that no grain fills."""
FEWEST_ACROSS = 4.0
"""Grains between periodic sides, at least. The image of the nearest seed is the wrong one for 21 %
of the faces in two dimensions where there are 2 (conductivity up to 1 % off), for 3 % where 3."""
_SURROUNDED, _FEW = 0.8, 20
"""A grain that touches such a part of so many others is hardly one."""
_UNIT = 0.95
"""Normals of less are means of |n|, whose length is 0.87 in three dimensions, 0.90 in two."""
_VOXELS_ACROSS = 5.0
"""Voxels that a grain should be across."""


@dataclass(frozen=True, eq=False, repr=False)
class Polycrystal:
    """Voxels, each of one grain.

    ``grains`` are numbers from 0, -1 for a void, shape (x, y, z); an image of two dimensions is one
    voxel deep. They are kept as int32 in C order and copied only if they are not. ``voxel_size`` is
    one length [m] or one for each axis, as floats or texts with unit.

    Boundaries are planes where the grains are cells of a power diagram (Laguerre tessellation): a
    point x is in the grain with the least ``|x - seed|^2 - weight``, ``seeds`` (n, 3) [m] and
    ``weights`` (n,) [m2] (left out: zero, a Voronoi tessellation). Grains from an image have
    ``normals`` instead: pairs (m, 2) of grains, the lesser number first, in rising order, and the
    mean normal (m, 3) of the boundary of each: of unit length, or :func:`all_ways`, the mean of |n|
    over all directions, for a boundary that turns.

    ``periodic`` tells of each axis whether grains go on at the other side. :class:`InputError` for
    arrays that do not fit each other.
    """

    grains: NDArray[np.int32]
    voxel_size: tuple[float, float, float]
    seeds: NDArray[np.float64] | None
    weights: NDArray[np.float64] | None
    periodic: tuple[bool, bool, bool]
    normals: tuple[NDArray[np.int32], NDArray[np.float64]] | None
    count: int
    """How many grains there are, those without a voxel included."""

    def __init__(
        self,
        grains: ArrayLike,
        voxel_size: Any = 1.0,
        seeds: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        periodic: bool | Sequence[bool] = (False, False, False),
        normals: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> None:
        numbers = _numbers(grains)
        highest = int(max(part.max() for part in numbers))
        if int(min(part.min() for part in numbers)) < VOID or highest < 0:
            raise InputError("grains have numbers from 0, voids have -1", where="grains")
        if (seeds is None) == (normals is None):
            raise InputError("a polycrystal has seeds, or normals of its boundaries")
        object.__setattr__(self, "grains", numbers)
        object.__setattr__(self, "voxel_size", voxel_size_of(voxel_size, numbers.shape))
        object.__setattr__(self, "periodic", periodic_axes(periodic))
        points, sizes, table = None, None, None
        if seeds is not None:
            points = _points(seeds, highest + 1)
            sizes = _weights(weights, len(points))
        elif normals is not None:
            table = _normals(normals, highest + 1, numbers.shape)
        object.__setattr__(self, "seeds", points)
        object.__setattr__(self, "weights", sizes)
        object.__setattr__(self, "normals", table)
        object.__setattr__(self, "count", highest + 1 if points is None else len(points))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along x, y and z."""
        return self.grains.shape

    @property
    def size(self) -> tuple[float, float, float]:
        """Lengths along x, y and z [m]."""
        x, y, z = (n * h for n, h in zip(self.shape, self.voxel_size, strict=True))
        return x, y, z

    @property
    def dimensions(self) -> int:
        """How many axes have more than one voxel."""
        return sum(n > 1 for n in self.shape)

    def boundary_normals(self, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """Normals (k, 3) of the boundaries between the grains ``a`` and ``b``, each (k,).

        Of unit length (see the class for boundaries that turn). They point from a to b; across a
        periodic side to the nearest image of b's seed, which is the one that touches unless the
        sides are nearer than ``FEWEST_ACROSS`` grains.
        :class:`InputError` for grains of an image that have no boundary.
        """
        first, second = np.atleast_1d(np.asarray(a)), np.atleast_1d(np.asarray(b))
        if self.seeds is None:
            return self._tabled(first, second)
        along = self.seeds[second] - self.seeds[first]
        for axis, (wraps, length) in enumerate(zip(self.periodic, self.size, strict=True)):
            if wraps:
                along[:, axis] -= length * np.round(along[:, axis] / length)
        lengths = np.linalg.norm(along, axis=1)
        if np.any(lengths == 0):
            raise InputError("two grains have one seed, or a grain is its own neighbour")
        return np.asarray(along / lengths[:, np.newaxis])

    def boundary_directions(
        self, a: ArrayLike, b: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The means of |n| and of n^2 over the boundaries between ``a`` and ``b``, each (k, 3).

        Of a plane its normal's own. Of a boundary that turns those over all directions: 1/2 and 1/3
        in three dimensions, 2/pi and 1/2 in two. Along an axis with one voxel both are 0: of a
        section the line's normal in its plane counts. A boundary of the area S has voxel faces
        of S |n|_d across d, hence the area of n^2_d / |n|_d for each.
        """
        normals = np.abs(self.boundary_normals(a, b))
        turning = _turning(normals)
        normals[:, np.array(self.shape) == 1] = 0.0
        length = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        sizes = np.where(turning[:, np.newaxis], all_ways(self.shape), normals / length)
        active = np.array(self.shape) > 1
        even = np.where(active, 1 / max(self.dimensions, 1), 0.0)
        return sizes, np.where(turning[:, np.newaxis], even, sizes**2)

    @property
    def mean_edge(self) -> float:
        """Edge [m] of the cube (in an image the square) of a grain's mean volume."""
        filled = sum(np.count_nonzero(part >= 0) for part in self.grains)
        return float((filled / self.count) ** (1 / max(self.dimensions, 1))) * self._of_voxels

    @property
    def _of_voxels(self) -> float:
        """Edge [m] of the cube of a voxel's volume, or the square of its area in an image."""
        active = [h for h, n in zip(self.voxel_size, self.shape, strict=True) if n > 1]
        return float(np.prod(active) ** (1 / max(len(active), 1)))

    @property
    def doubts(self) -> tuple[str, ...]:
        """What makes it doubtful as a polycrystal: flags of all that is computed from it."""
        grain, flags = self.mean_edge, []
        across = grain / self._of_voxels
        if across < _VOXELS_ACROSS:
            flags.append(f"grains are only {across:.1f} voxels across")
        around = [
            (length / grain, axis)
            for length, axis, wraps, n in zip(
                self.size, AXES, self.periodic, self.shape, strict=True
            )
            if wraps and n > 1 and self.seeds is not None
        ]
        if around and min(around)[0] < FEWEST_ACROSS:
            narrow, axis = min(around)
            flags.append(
                f"periodic along {axis} after {narrow:.1f} grains: some boundaries have the normal "
                f"of another image; take at least {FEWEST_ACROSS:g}"
            )
        return tuple(flags)

    def surrounded(self, touched: NDArray[np.int64]) -> tuple[str, ...]:
        """A flag if one grain of an image is ``touched`` by nearly all others, by grain."""
        others, most = int(np.count_nonzero(touched)) - 1, int(touched.max())
        if self.seeds is not None or others < _FEW or most < _SURROUNDED * others:
            return ()
        return (
            f"grain {int(touched.argmax())} touches {most} of {others} others: if it is the "
            "boundaries drawn as lines, name its label as boundary_label",
        )

    def _tabled(self, a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
        assert self.normals is not None
        pairs, normals = self.normals
        keys = pairs[:, 0].astype(np.int64) * self.count + pairs[:, 1]
        wanted = np.minimum(a, b).astype(np.int64) * self.count + np.maximum(a, b)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        if len(keys) == 0 or np.any(keys[place] != wanted):
            raise InputError("two of the grains have no boundary with each other")
        return np.asarray(np.where((a < b)[:, np.newaxis], normals[place], -normals[place]))

    def __repr__(self) -> str:
        along = [axis for axis, wraps in zip(AXES, self.periodic, strict=True) if wraps]
        return (
            f"Polycrystal of {self.count} grains on {' x '.join(map(str, self.shape))} voxels of "
            f"{' x '.join(f'{h:.4g}' for h in self.voxel_size)} m"
            f"{', periodic along ' + ' and '.join(along) if along else ''}"
        )


def all_ways(shape: Sequence[int]) -> NDArray[np.float64]:
    """The mean of |n| over all directions, (3,): 1/2 each in a volume, in an image 2/pi in its
    plane and 0 across it."""
    active = np.array(shape) > 1
    return np.where(active, {1: 1.0, 2: 2 / np.pi}.get(int(active.sum()), 0.5), 0.0)


def periodic_axes(periodic: bool | Sequence[bool]) -> tuple[bool, bool, bool]:
    """Whether each axis is periodic, given as one yes or no or one for each;
    :class:`InputError` for what is neither."""
    given = [periodic] * 3 if isinstance(periodic, (bool, np.bool_)) else periodic
    if (
        not isinstance(given, (Sequence, np.ndarray))
        or len(given) != 3
        or not all(isinstance(one, (bool, np.bool_)) for one in given)
    ):
        raise InputError(f"{periodic!r} is not one yes or no for each axis", where="periodic")
    return bool(given[0]), bool(given[1]), bool(given[2])


def _numbers(given: ArrayLike) -> NDArray[np.int32]:
    try:
        array = np.asanyarray(given)
    except ValueError:
        raise InputError("the rows of grains are of unlike length", where="grains") from None
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.ndim != 3 or array.size == 0:
        raise InputError(
            f"grains fill a volume or an image, not shape {array.shape}", where="grains"
        )
    if not np.issubdtype(array.dtype, np.integer):
        raise InputError(f"grains are whole numbers, these are {array.dtype}", where="grains")
    if array.dtype.itemsize > 4 and int(array.max()) >= 2**31:
        raise InputError("a polycrystal has fewer than 2^31 grains", where="grains")
    return np.ascontiguousarray(array, np.int32)


def _floats(given: Any, where: str) -> NDArray[np.float64]:
    try:
        return np.array(given, np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{where} are an array of numbers", where=where) from None


def _points(seeds: ArrayLike, least: int) -> NDArray[np.float64]:
    points = _floats(seeds, "seeds")
    if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
        raise InputError(f"seeds are points (n, 3), not {points.shape}", where="seeds")
    if len(points) < least:
        raise InputError(f"{least} grains have {len(points)} seeds", where="seeds")
    return points


def _weights(weights: ArrayLike | None, number: int) -> NDArray[np.float64]:
    if weights is None:
        return np.zeros(number)
    sizes = _floats(weights, "weights")
    if sizes.shape != (number,) or not np.isfinite(sizes).all():
        raise InputError(f"{number} seeds have weights of shape {sizes.shape}", where="weights")
    return sizes


def _normals(
    given: tuple[ArrayLike, ArrayLike], count: int, shape: Sequence[int]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    if not isinstance(given, tuple) or len(given) != 2:
        raise InputError("normals are pairs (m, 2) and vectors (m, 3)", where="normals")
    numbers, normals = _floats(given[0], "normals"), _floats(given[1], "normals")
    pairs = numbers.astype(np.int32)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or normals.shape != (len(pairs), 3):
        raise InputError("normals are pairs (m, 2) and vectors (m, 3)", where="normals")
    keys = pairs[:, 0].astype(np.int64) * count + pairs[:, 1]
    if np.any(pairs[:, 0] >= pairs[:, 1]) or np.any(np.diff(keys) <= 0):
        raise InputError("pairs of grains stand in rising order, each once", where="normals")
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= count):
        raise InputError("pairs of grains name a grain that is not there", where="normals")
    turning = _turning(normals)
    units = np.linalg.norm(normals[~turning], axis=1)
    if not np.allclose(units, 1.0, atol=1e-6) or not np.allclose(normals[turning], all_ways(shape)):
        raise InputError(
            "normals have unit length, or are all_ways(shape) for a boundary that turns",
            where="normals",
        )
    return pairs, normals


def _turning(normals: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which normals are means over all directions: shorter than a unit."""
    return np.asarray(np.linalg.norm(normals, axis=1) < _UNIT)
