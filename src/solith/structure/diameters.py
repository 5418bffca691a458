"""Diameters of particles: all alike, lognormal, or drawn from a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.structure._given import is_real

__all__ = ["LognormalDiameters", "draw_diameters", "widest"]

_CUT = 2.0
_MOST = 2_000_000
_SCALE = (0.75, 1.35)
"""Beyond, the diameters would not be those asked for."""


@dataclass(frozen=True)
class LognormalDiameters:
    """Lognormal diameters, by volume as laser diffraction gives them.

    ``median`` is D50 [m]; ``deviation`` the geometric standard deviation, 1 for diameters all
    alike, so that 16 and 84 % of the volume lie below D50 / deviation and D50 * deviation. What
    lies beyond two deviations is left out. By number the median is smaller by
    exp(-3 ln(deviation)^2) (Hatch and Choate,
    https://doi.org/10.1016/S0016-0032(29)91451-4, recalled).
    """

    median: Any
    deviation: float = 1.0

    def __post_init__(self) -> None:
        if to_si(self.median, "m") <= 0:
            raise InputError(f"{self.median!r} is no positive length", where="median")
        if not (is_real(self.deviation) and 1 <= self.deviation <= 3):
            raise InputError(
                f"{self.deviation!r} is no geometric standard deviation from 1 to 3",
                where="deviation",
            )


def draw_diameters(
    diameter: Any, volume: float, chance: np.random.Generator
) -> NDArray[np.float64]:
    """Diameters [m] of spheres that fill ``volume`` [m3] exactly, the largest first.

    ``diameter`` is one length, a :class:`LognormalDiameters` or a list of lengths that are drawn
    with equal chance. All are scaled by one factor near 1 to meet the volume. :class:`InputError`
    for lengths that are not positive, and for more than two million or no spheres.
    """
    mean_volume, draw = _source(diameter)
    count = volume / mean_volume
    if count > _MOST:
        raise InputError(
            f"that is {count:.3g} particles, more than {_MOST}: take larger ones or less volume",
            where="diameter",
        )
    found = np.empty(0)
    target = volume * 6 / np.pi
    while (total := np.cumsum(found**3))[-1:].sum() < target:
        found = np.append(found, draw(chance, max(int(count * 0.2), 16)))
    number = int(np.searchsorted(total, target)) + 1
    if number > 1 and target - total[number - 2] < total[number - 1] - target:
        number -= 1
    scale = float((target / total[number - 1]) ** (1 / 3))
    if not _SCALE[0] < scale < _SCALE[1]:
        raise InputError(
            "one particle alone is larger than what the fraction allows: take smaller ones or a "
            "larger volume",
            where="diameter",
        )
    return np.sort(found[:number] * scale)[::-1]


def widest(diameter: Any) -> float:
    """The largest diameter [m] that is drawn, with some room for scaling."""
    if isinstance(diameter, LognormalDiameters):
        return float(1.2 * to_si(diameter.median, "m") * float(diameter.deviation) ** _CUT)
    return 1.2 * float(_lengths(diameter).max())


def _source(diameter: Any) -> tuple[float, Any]:
    """The mean volume of a sphere, and what draws diameters."""
    if isinstance(diameter, LognormalDiameters):
        median, width = to_si(diameter.median, "m"), float(np.log(diameter.deviation))
        middle = median * np.exp(-3 * width**2)

        def lognormal(chance: np.random.Generator, number: int) -> NDArray[np.float64]:
            kept = np.empty(0)
            while kept.size < number:
                drawn = middle * np.exp(width * chance.standard_normal(4 * number))
                kept = np.append(kept, drawn[np.abs(np.log(drawn / median)) <= _CUT * width + 1e-9])
            return kept[:number]

        return np.pi / 6 * middle**3 * float(np.exp(4.5 * width**2)), lognormal
    lengths = _lengths(diameter)
    return np.pi / 6 * float(np.mean(lengths**3)), lambda chance, n: chance.choice(lengths, n)


def _lengths(diameter: Any) -> NDArray[np.float64]:
    if isinstance(diameter, (Sequence, np.ndarray)) and not isinstance(diameter, str):
        lengths = np.array([to_si(one, "m") for one in diameter], float)
    else:
        lengths = np.array([to_si(diameter, "m")])
    if lengths.size == 0 or lengths.min() <= 0:
        raise InputError(f"{diameter!r} is no positive length or list of them", where="diameter")
    return lengths
