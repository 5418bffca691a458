"""What lies on a polycrystal's faces, and how its conductivities scatter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si

__all__ = ["Layer", "Lognormal", "Patches", "require_conductivity"]

Array = NDArray[Any]

_SIDES = ("first", "last", "both")
FASTEST, SLOWEST = 1e15, 1e-60
"""Conductivities [S/m] beyond these are no conductor's, and sums over voxels overflow."""
_WIDEST_SPREAD = 10.0
"""Of the logarithm: values then differ by forty powers of ten."""


@dataclass(frozen=True)
class Patches:
    """A part of an area, in patches without order.

    ``fraction`` of the area is covered, by patches about ``size`` [m or text] across: a random
    field, smoothed over that length, cut at a level. Another ``seed`` gives other places.
    """

    fraction: float
    size: Any
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < _number(self.fraction, "", "fraction") <= 1:
            raise InputError(f"{self.fraction!r} is not above 0 and at most 1", where="fraction")
        _positive(self.size, "m", "size")
        _require_seed(self.seed)

    def draw(
        self,
        shape: tuple[int, int],
        spacing: tuple[float, float],
        periodic: tuple[bool, bool],
    ) -> Array:
        """Where an area of ``shape`` points, ``spacing`` [m] apart, is covered."""
        from scipy.ndimage import gaussian_filter1d

        field = np.random.default_rng(self.seed).standard_normal(shape)
        for d in range(2):
            # A field smoothed by sigma has patches some 4 sigma across.
            sigma = to_si(self.size, "m") / 4 / spacing[d]
            if shape[d] > 1:
                mode = "wrap" if periodic[d] else "reflect"
                field = gaussian_filter1d(field, sigma, axis=d, mode=mode)
        count = max(1, round(self.fraction * field.size))
        level = np.partition(field.ravel(), count - 1)[count - 1]
        covered: Array = field <= level
        return covered


@dataclass(frozen=True)
class Layer:
    """A layer between a polycrystal and an electrode.

    ``thickness`` [m or text] and ``conductivity`` [S/m or text]: a homogenising layer, a coating, a
    carbonate. ``side``: ``"first"``, ``"last"`` (the face at the end of the axis) or ``"both"``.
    ``coverage``: where it covers the face: :class:`Patches`, or an array of true and false over the
    lateral voxels; elsewhere are gaps of ``gap_conductivity``, 0 for voids.
    ``interface_resistance`` [ohm m2 or text] lies between the layer and the grains.
    """

    thickness: Any
    conductivity: Any
    side: str = "last"
    coverage: Any = None
    gap_conductivity: Any = 0.0
    interface_resistance: Any = 0.0

    def __post_init__(self) -> None:
        if self.side not in _SIDES:
            raise UnknownNameError.among("side", str(self.side), _SIDES)
        _positive(self.thickness, "m", "thickness")
        _positive(self.conductivity, "S/m", "conductivity")
        for name, unit in (("gap_conductivity", "S/m"), ("interface_resistance", "ohm m2")):
            if _number(getattr(self, name), unit, name) < 0:
                raise InputError(f"{getattr(self, name)!r} is negative", where=name)


@dataclass(frozen=True)
class Lognormal:
    """Conductivities that scatter from grain to grain, or from boundary to boundary.

    ``median`` [S/m or text]; ``spread`` is the standard deviation of the natural logarithm. A grain
    or a pair of grains has the same value whatever the voxel size; another ``seed`` gives others.
    """

    median: Any
    spread: float
    seed: int = 0

    def __post_init__(self) -> None:
        _positive(self.median, "S/m", "median")
        spread = _number(self.spread, "", "spread")
        if spread < 0:
            raise InputError(f"{self.spread!r} is negative", where="spread")
        if spread > _WIDEST_SPREAD:
            raise InputError(
                f"{self.spread!r} is above {_WIDEST_SPREAD:g}; it is the standard deviation of "
                "the natural logarithm",
                where="spread",
            )
        _require_seed(self.seed)

    def draw(self, one: Array, other: Array) -> Array:
        """Values [S/m] for pairs of whole numbers."""
        key = _mixed(np.array([self.seed]))
        for part in (one, other):
            key = _mixed(key ^ np.asarray(part).astype(np.uint64))
        first, second = _uniform(_mixed(key)), _uniform(_mixed(~key))
        normal = np.sqrt(-2 * np.log(first)) * np.cos(2 * np.pi * second)  # Box and Muller
        values: Array = to_si(self.median, "S/m") * np.exp(to_si(self.spread, "") * normal)
        return values


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mixed(number: Array) -> Array:
    """The bits of whole numbers, mixed (splitmix64: Steele et al. 2014, recalled)."""
    with np.errstate(over="ignore"):
        z = number.astype(np.uint64) + _GOLDEN
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed: Array = z ^ (z >> np.uint64(31))
    return mixed


def _uniform(bits: Array) -> Array:
    numbers: Array = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    return numbers


def _positive(value: Any, unit: str, where: str) -> float:
    number = _number(value, unit, where)
    if number <= 0:
        raise InputError(f"{value!r} is not positive", where=where)
    return number


def _number(value: Any, unit: str, where: str) -> float:
    try:
        number = to_si(value, unit)
    except InputError as error:
        raise error.inside(where) from None
    if unit == "S/m":
        require_conductivity(number, where)
    return number


def require_conductivity(number: float, where: str) -> None:
    """:class:`InputError` for what is zero for no conductor, or for more than any has [S/m]."""
    if number > FASTEST:
        raise InputError(f"{number:.3g} S/m is above {FASTEST:g} S/m: no conductor's", where=where)
    if 0 < number < SLOWEST:
        raise InputError(
            f"{number:.3g} S/m is below {SLOWEST:g} S/m: give 0 for what does not conduct",
            where=where,
        )


def _require_seed(seed: Any) -> None:
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**63:
        raise InputError(f"{seed!r} is no whole number from 0", where="seed")
