"""How large a volume must be to stand for its material."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.core.volume import Volume
from solith.structure._given import is_real, seeded, whole_numbers

__all__ = ["measure_representative"]

_MOST_BOXES = 64
_FEWEST_BOXES = 6
_SIZES = 5
_SMALLEST = 8
_CONFIDENT = 1.96
_ROUNDING = 1e-12
"""Part of a value by which boxes differ that are alike but for rounding."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Size:
    """Boxes of one size: their sides in voxels and the values found in them."""

    sides: tuple[int, int, int]
    values: Floats

    @property
    def scatters(self) -> bool:
        """Whether the values differ by more than rounding."""
        return float(np.ptp(self.values)) > _ROUNDING * float(np.abs(self.values).max())


def measure_representative(
    volume: Volume,
    measure: Callable[[Volume], Result],
    quantity: str,
    *,
    sizes: Sequence[int] | None = None,
    relative_error: float = 0.05,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Result:
    """How well a volume stands for its material, from the scatter between parts of it.

    ``measure`` gives a result with the ``quantity``; it is called for the whole volume and for
    boxes that do not overlap, of several sizes: cubes of so many voxels (``sizes``; less where the
    volume is thinner), at most 64 a size at places drawn by ``seed``. The variance D^2 between
    boxes of volume V falls as D^2 = K / V (Kanit et al. 2003,
    https://doi.org/10.1016/S0020-7683(03)00143-4), once boxes are large against what is correlated;
    small ones are described by a factor (1 - l / side) for each axis, exact for cells of a random
    checkerboard with l a third of their side. K and l are fitted to all sizes.

    Values: the ``quantity`` of the whole volume with its standard uncertainty sqrt(K / V);
    ``relative_error``, 1.96 of that over the value; ``representative_volume`` [m3] and
    ``representative_edge`` [m], of the volume whose relative error would be the wanted
    ``relative_error``, with 95 % confidence; ``integral_range`` [m3], K / (p (1 - p)), if the
    quantity is a volume fraction p of the phase. ``details["sizes"]`` lists number, volume, mean
    and standard deviation of the boxes. Flags tell where the law does not describe the scatter,
    where the mean drifts with size, and where boxes had no value. Sizes whose boxes are all alike
    are left out of the fit; where fewer than two scatter, nothing is known of K, and only the value
    itself is given.

    :class:`InputError` for arguments out of range and where fewer than two sizes have six boxes
    with values.
    """
    if not (is_real(relative_error) and 0 < relative_error < 1):
        raise InputError(f"{relative_error!r} is no share between 0 and 1", where="relative_error")
    whole = measure(volume)[quantity]
    if whole.value is None:
        raise InputError(f"{quantity} has no value in the whole volume", where="quantity")
    edges = _edges(volume, sizes)
    rng = np.random.default_rng(seeded(seed))
    found, lacking = [], 0
    for number, edge in enumerate(edges):
        progress.report(number / len(edges), f"boxes of {edge} voxels")
        boxes = _boxes(volume, edge, rng)
        values = [_value(box, measure, quantity) for box in boxes]
        known = np.array([value for value in values if value is not None])
        lacking += len(values) - len(known)
        if known.size >= _FEWEST_BOXES:
            sides = (
                min(edge, volume.shape[0]),
                min(edge, volume.shape[1]),
                min(edge, volume.shape[2]),
            )
            found.append(_Size(sides, known))
    if len(found) < 2:
        raise InputError(
            f"{len(found)} of the sizes {', '.join(map(str, edges))} have {_FEWEST_BOXES} boxes "
            f"with a value of {quantity}; take smaller boxes or a larger volume",
            where="sizes",
        )
    voxel = float(np.prod(volume.voxel_size))
    constant = spread = needed = share = None
    misfit = 0.0
    scattered = [one for one in found if one.scatters]
    if len(scattered) >= 2:
        constant, edge_length, misfit = _fit(scattered)
        spread = float(np.sqrt(_variance(constant, edge_length, volume.shape)))
        if whole.value:
            needed = constant / (relative_error * abs(whole.value) / _CONFIDENT) ** 2
            share = _CONFIDENT * spread / abs(whole.value)
    flags = _flags(found, whole.value, spread, misfit, lacking)
    values_found = [
        Value(quantity, whole.value, whole.unit, uncertainty=spread, area=whole.area, flags=flags),
        Value("relative_error", share, method="95 %", flags=flags),
        Value(
            "representative_volume", None if needed is None else needed * voxel, "m3", flags=flags
        ),
        Value(
            "representative_edge",
            None if needed is None else float(np.cbrt(needed * voxel)),
            "m",
            flags=flags,
        ),
    ]
    if quantity.startswith(("fraction", "porosity")) and 0 < whole.value < 1:
        point = whole.value * (1 - whole.value)
        integral = None if constant is None else constant / point * voxel
        values_found.append(Value("integral_range", integral, "m3", flags=flags))
    return Result(
        f"how representative {quantity} is",
        tuple(values_found),
        {"wanted_relative_error": relative_error, "sizes": [_told(one, voxel) for one in found]},
    )


def _edges(volume: Volume, sizes: Sequence[int] | None) -> list[int]:
    if sizes is not None:
        edges = sorted(set(whole_numbers(sizes, "voxels", "sizes")))
        if len(edges) < 2:
            raise InputError(f"{sizes!r} are not at least two numbers of voxels", where="sizes")
        return edges
    largest = max(volume.shape)
    while largest > 1 and _places(volume, largest) < 2 * _FEWEST_BOXES:
        largest -= 1
    smallest = min(_SMALLEST, max(1, largest // 2))
    return sorted({int(edge) for edge in np.geomspace(max(smallest, largest / 4), largest, _SIZES)})


def _places(volume: Volume, edge: int) -> int:
    return int(np.prod([max(1, n // edge) for n in volume.shape]))


def _boxes(volume: Volume, edge: int, rng: np.random.Generator) -> list[Volume]:
    """Boxes side by side from a random corner, at most so many of them, drawn at random."""
    sides = [min(edge, n) for n in volume.shape]
    begins = []
    for n, side in zip(volume.shape, sides, strict=True):
        offset = int(rng.integers(n % side + 1))
        begins.append([offset + side * place for place in range(n // side)])
    corners = list(product(*begins))
    chosen = rng.permutation(len(corners))[:_MOST_BOXES]
    a, b, c = sides
    return [
        Volume(volume.labels[x : x + a, y : y + b, z : z + c], volume.phases, volume.voxel_size)
        for x, y, z in (corners[place] for place in sorted(chosen))
    ]


def _value(box: Volume, measure: Callable[[Volume], Result], quantity: str) -> float | None:
    """The quantity in a box; a box without the phase has none."""
    try:
        return measure(box)[quantity].value
    except InputError:
        return None


def _factor(edge_length: float, sides: Sequence[int]) -> float:
    return float(np.prod([max(1 - edge_length / side, 1e-3) for side in sides]))


def _variance(constant: float, edge_length: float, sides: Sequence[int]) -> float:
    return constant * _factor(edge_length, sides) / float(np.prod(sides))


def _fit(found: list[_Size]) -> tuple[float, float, float]:
    """K [voxels], l [voxels] and the misfit, squared and weighted, per degree of freedom."""
    logs = np.array([np.log(float(np.var(one.values, ddof=1))) for one in found])
    weights = np.array([(one.values.size - 1) / 2 for one in found])
    shortest = min(min(one.sides) for one in found)
    best = (np.inf, 0.0, 0.0)
    for edge_length in np.linspace(0, 0.6 * shortest, 61):
        law = [_variance(1.0, edge_length, one.sides) for one in found]
        misses = logs - np.log(law)
        level = float(np.average(misses, weights=weights))
        total = float(weights @ (misses - level) ** 2)
        if total < best[0]:
            best = (total, level, float(edge_length))
    total, level, edge_length = best
    return float(np.exp(level)), edge_length, total / max(len(found) - 2, 1)


def _flags(
    found: list[_Size], whole: float, spread: float | None, misfit: float, lacking: int
) -> tuple[str, ...]:
    flags = []
    alike = sum(not one.scatters for one in found)
    if spread is None:
        flags.append("boxes do not scatter: nothing is known of the uncertainty")
    elif alike:
        flags.append(f"{alike} of {len(found)} sizes do not scatter and are left out")
    if misfit > 4:
        flags.append("the scatter does not fall as 1 / volume: boxes are small or not alike")
    largest = found[-1].values
    mean, error = float(largest.mean()), float(largest.std(ddof=1)) / largest.size**0.5
    beside = 3 * float(np.hypot(error, spread or 0.0)) + _ROUNDING * abs(whole)
    if abs(mean - whole) > beside:
        flags.append("boxes differ from the whole in the mean: the quantity depends on the size")
    if lacking:
        flags.append(f"{lacking} boxes have no value")
    return tuple(flags)


def _told(one: _Size, voxel: float) -> dict[str, Any]:
    return {
        "edge_voxels": max(one.sides),
        "volume": float(np.prod(one.sides)) * voxel,
        "boxes": int(one.values.size),
        "mean": float(one.values.mean()),
        "standard_deviation": float(one.values.std(ddof=1)),
    }
