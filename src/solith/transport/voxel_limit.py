"""What a number would be in voxels of no size."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.core.volume import Volume

__all__ = ["VoxelLimit", "coarsen_volume", "find_voxel_limit"]

Array = NDArray[np.float64]

_FEWEST = 3
_ORDERS = (0.25, 2.0)
"""Between corners where phases of very different conductivity meet, and smooth fields."""
_EQUAL = 1e-6


@dataclass(frozen=True)
class VoxelLimit:
    """A number extrapolated to voxels of no size.

    ``value`` with one standard ``uncertainty``; ``order``: the power of the voxel size with which
    it is approached; ``voxel_sizes`` [m] (geometric mean of the axes) and ``values``, from the
    coarsest to the finest. ``flags`` say when the order is only assumed.
    """

    value: float
    uncertainty: float
    order: float
    voxel_sizes: tuple[float, ...]
    values: tuple[float, ...]
    flags: tuple[str, ...]

    def as_value(self, quantity: str, unit: str = "") -> Value:
        """The limit as a value with its uncertainty."""
        method = f"voxel size to zero, order {self.order:.2f}, {len(self.values)} sizes"
        return Value(quantity, self.value, unit, self.uncertainty, method=method, flags=self.flags)

    @property
    def result(self) -> Result:
        """The limit as a result that prints itself and goes into a report."""
        finest = Value("finest", self.values[-1], method=f"voxels of {self.voxel_sizes[-1]:.3g} m")
        details = {"voxel_sizes": list(self.voxel_sizes), "values": list(self.values)}
        return Result("voxel limit", (self.as_value("limit"), finest), details)


def find_voxel_limit(
    volumes: Iterable[Volume], measure: Callable[[Volume], float], order: float | None = None
) -> VoxelLimit:
    """Extrapolates ``measure`` to voxels of no size, from volumes of one structure.

    ``volumes`` show the same structure in at least three voxel sizes: generated anew in each, or
    one volume coarsened (:func:`coarsen_volume`). They are taken one by one, so that a generator
    need hold only one of them. ``measure`` makes a number of each, as
    ``lambda volume: solve_conduction(volume, table, "z").effective_conductivity``.

    The numbers are taken as limit + c h^p and fitted by least squares. The order p is estimated
    between 0.25 and 2 where the numbers go one way, else assumed to be 1, that of smooth surfaces
    cut into stairs; give ``order`` where it is known. The uncertainty joins the scatter about the
    fit, the change of the limit without the coarsest size, and half the change from the estimated
    order to 1 (Richardson's extrapolation; the estimate of the error is this module's own, checked
    on exact cases).

    A coarsened tomogram loses necks and films thinner than its voxels: the limit then tells how the
    number follows the resolution, not what lies below that of the tomogram.

    Raises :class:`InputError` for fewer than three sizes, and for numbers that are not finite.
    """
    order = None if order is None else _order(order)
    if isinstance(volumes, Volume) or not isinstance(volumes, Iterable):
        raise InputError(
            f"expected several volumes, in a list or from a generator, not "
            f"{type(volumes).__name__}",
            where="volumes",
        )
    found: list[tuple[float, float]] = []
    for volume in volumes:
        if not isinstance(volume, Volume):
            raise InputError(f"one is no volume but {type(volume).__name__}", where="volumes")
        size, number = float(np.prod(volume.voxel_size)) ** (1 / 3), _number(measure(volume))
        if not math.isfinite(number):
            raise InputError(f"in voxels of {size:.3g} m the number is {number}", where="measure")
        found.append((size, number))
    sizes, values = np.array(sorted(found, reverse=True)).reshape(-1, 2).T
    # The same size once more, off by rounding, is no other size.
    if 1 + np.count_nonzero(-np.diff(sizes) > _EQUAL * sizes[:1]) < _FEWEST or not len(sizes):
        raise InputError(
            f"a limit takes at least {_FEWEST} different voxel sizes, not "
            f"{', '.join(f'{size:.3g} m' for size in sizes) or 'none'}",
            where="volumes",
        )
    value, uncertainty, power, flags = _extrapolated(sizes / sizes[0], values, order)
    return VoxelLimit(value, uncertainty, power, tuple(sizes), tuple(values), flags)


def _order(given: Any) -> float:
    try:
        order = to_si(given, "")
    except InputError as error:
        raise error.inside("order") from None
    if not 0 < order <= 4:
        raise InputError(f"{given!r} is not between 0 and 4", where="order")
    return order


def _number(measured: Any) -> float:
    if not isinstance(measured, (int, float, np.integer, np.floating)):
        raise InputError(
            f"it gives {type(measured).__name__}, no number, as in "
            "lambda volume: solve_conduction(volume, table).effective_conductivity",
            where="measure",
        )
    return float(measured)


def coarsen_volume(volume: Volume, factor: int) -> Volume:
    """The volume in voxels ``factor`` times as long, each of the phase that most of its parts have.

    Where two phases have as many, that of the first corner decides, if it is one of them, so that
    none is favoured. Voxels beyond a multiple of the factor are left out; a direction of one voxel
    stays. Takes time in proportion to the number of phases.
    """
    if isinstance(factor, bool) or not isinstance(factor, (int, np.integer)) or factor < 1:
        raise InputError(f"{factor!r} is no whole number from 1 up", where="factor")
    steps = [int(factor) if n > 1 else 1 for n in volume.shape]
    shape = [n // step for n, step in zip(volume.shape, steps, strict=True)]
    if min(shape) == 0:
        raise InputError(
            f"{factor} voxels are more than the volume has: {' x '.join(map(str, volume.shape))}",
            where="factor",
        )
    labels = np.empty(shape, volume.labels.dtype)
    for layer in range(shape[0]):
        slab = volume.labels[layer * steps[0] : (layer + 1) * steps[0]]
        labels[layer] = _majority(slab[:, : shape[1] * steps[1], : shape[2] * steps[2]], steps)
    size = [h * step for h, step in zip(volume.voxel_size, steps, strict=True)]
    return Volume(labels, volume.phases, size)


def _majority(slab: NDArray[np.integer], steps: list[int]) -> NDArray[np.integer]:
    _, j, k = slab.shape
    blocks = slab.reshape(steps[0], j // steps[1], steps[1], k // steps[2], steps[2])
    corner = blocks[0, :, 0, :, 0]
    best, most = corner.copy(), np.zeros(corner.shape)
    for label in np.unique(slab):
        count = np.count_nonzero(blocks == label, axis=(0, 2, 4)) + 0.5 * (corner == label)
        np.copyto(best, label, where=count > most)
        np.maximum(most, count, out=most)
    return best


def _extrapolated(
    sizes: Array, values: Array, order: float | None
) -> tuple[float, float, float, tuple[str, ...]]:
    """Limit, standard uncertainty, order and flags; sizes from the coarsest to the finest."""
    spread = float(np.ptp(values))
    if spread <= _EQUAL * float(np.abs(values).max()):
        return float(values[-1]), spread, order or 1.0, ()
    steps = np.diff(values)
    estimated = order is None and bool(np.all(steps > 0) or np.all(steps < 0))
    power = _best_order(sizes, values) if estimated else order or 1.0
    flags = () if estimated or order else ("order 1 assumed: the numbers scatter",)
    limit, error = _fit(sizes, values, power, 2 + estimated)
    parts = [error, limit - _fit(sizes[1:], values[1:], power, 2)[0]]
    if estimated:
        parts.append(0.5 * (limit - _fit(sizes, values, 1.0, 2)[0]))
    return limit, math.hypot(*parts), power, flags


def _best_order(sizes: Array, values: Array) -> float:
    from scipy.optimize import minimize_scalar

    def left(power: float) -> float:
        return float(_residuals(sizes, values, power)[1] @ _residuals(sizes, values, power)[1])

    return float(minimize_scalar(left, bounds=_ORDERS, method="bounded").x)


def _fit(sizes: Array, values: Array, power: float, parameters: int) -> tuple[float, float]:
    """The limit and its standard error by scatter (zero where no number is left over)."""
    limit, left, lever = _residuals(sizes, values, power)
    free = len(sizes) - parameters
    return limit, math.sqrt(float(left @ left) / free * lever) if free > 0 else 0.0


def _residuals(sizes: Array, values: Array, power: float) -> tuple[float, Array, float]:
    """Limit, what the straight line in h^p leaves, and the limit's variance over the scatter's."""
    matrix = np.column_stack([np.ones(len(sizes)), sizes**power])
    covariance = np.linalg.inv(matrix.T @ matrix)
    solution = covariance @ matrix.T @ values
    return float(solution[0]), values - matrix @ solution, float(covariance[0, 0])
