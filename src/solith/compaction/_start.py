"""The loose powder before pressing: diameters drawn, spheres at random, laws put into tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.compaction import _motion_kernels as columns
from solith.compaction._assembly import Assembly
from solith.compaction._neighbour_kernels import insert_spheres
from solith.compaction.mixture import Mixture, Powder
from solith.core.errors import InputError

__all__ = ["Scales", "loose_powder"]

Array = NDArray[Any]

_LOOSE = 0.28
_DENSE = 0.75
"""Where the box is as high as wide, about the fraction at the end."""
_ROUNDS = 50
_CUT = 2.0
_QUANTILES = 2000


@dataclass(frozen=True)
class Scales:
    """The units that spheres are moved in: ``length`` [m] and ``pressure`` [Pa]."""

    length: float
    pressure: float = 1e6


def loose_powder(
    mixture: Mixture, particles: int, seed: int, isostatic: bool
) -> tuple[Assembly, Scales]:
    """About ``particles`` spheres of the mixture, at random and apart, in a box of cubic base.

    The box is periodic, along z only if ``isostatic``. Raises :class:`InputError` for a mixture
    of which so few particles find no place.
    """
    chance = np.random.default_rng(seed)
    radii, kinds = _drawn(mixture, particles, chance)
    length = float(np.mean(radii))
    radii = radii / length
    volume = 4.0 / 3.0 * math.pi * float(np.sum(radii**3))
    side = (volume / (_LOOSE if isostatic else _DENSE)) ** (1 / 3)
    box = np.array([side, side, volume / (_LOOSE * side * side)])
    _require_room(mixture, radii, kinds, volume, particles)
    order = np.argsort(-radii, kind="stable")
    radii, kinds = radii[order], kinds[order]
    periodic = np.array([1, 1, int(isostatic)])
    cells = np.maximum(np.floor(box / (2 * radii.max())), 1).astype(np.int64)
    places = np.zeros((len(radii), 3))
    head = np.full(int(np.prod(cells)), -1, np.int64)
    after = np.full(len(radii), -1, np.int64)
    placed = 0
    for _ in range(_ROUNDS):
        trials = chance.random((20 * len(radii), 3))
        placed = insert_spheres(trials, places, radii, placed, box, periodic, cells, head, after)
        if placed == len(radii):
            break
    if placed < len(radii):
        raise InputError(
            f"the mixture cannot be packed: only {placed} of {len(radii)} spheres find a place in "
            f"the loose powder at a fraction of {_LOOSE:g}; take diameters nearer to each other "
            "or more particles",
            where="particles",
        )
    near = np.lexsort(np.floor(places / (4.0 * np.median(radii))).T)
    pressure = Scales(length).pressure
    table, walls = _tables(mixture.powders, pressure)
    assembly = Assembly(
        places[near].copy(), radii[near].copy(), kinds[near].copy(), box, periodic, table, walls,
        np.zeros(len(radii)),
    )  # fmt: skip
    return assembly, Scales(length)


def _drawn(mixture: Mixture, particles: int, chance: np.random.Generator) -> tuple[Array, Array]:
    """Radii [m] and kinds, each kind's volume met exactly by scaling its radii a little.

    :class:`InputError` for a kind of less than one particle, which would be far from its size.
    """
    shares = mixture.volume_shares
    even = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    means = [4 / 3 * np.pi * float(np.mean(_radii(p, even) ** 3)) for p in mixture.powders]
    rates = np.array([shares[p.name] / m for p, m in zip(mixture.powders, means, strict=True)])
    whole = particles / float(rates.sum())
    radii, kinds = [], []
    for kind, (powder, rate) in enumerate(zip(mixture.powders, rates, strict=True)):
        if float(rate) * whole < 1:
            raise InputError(
                f"the mixture cannot be packed: {powder.name} would be {float(rate) * whole:.2g} "
                f"of {particles} particles; take {math.ceil(particles / (float(rate) * whole))} "
                "particles or more, or leave it out",
                where="particles",
            )
        number = round(float(rate) * whole)
        drawn = _radii(powder, chance.random(number))
        volume = shares[powder.name] * whole
        drawn *= (volume / (4 / 3 * np.pi * float(np.sum(drawn**3)))) ** (1 / 3)
        radii.append(drawn)
        kinds.append(np.full(number, kind, np.int64))
    return np.concatenate(radii), np.concatenate(kinds)


def _radii(powder: Powder, chances: Array) -> Array:
    """Radii [m] at the given chances (0 to 1) of the number distribution.

    A lognormal by volume is one by number, smaller by exp(-3 width^2) (Hatch and Choate,
    https://doi.org/10.1016/S0016-0032(29)91451-4, recalled).
    """
    from scipy.special import ndtr, ndtri

    width = math.log(powder.deviation)
    low, high = ndtr(3 * width - _CUT), ndtr(3 * width + _CUT)
    normal = ndtri(low + (high - low) * chances) if width > 0 else np.zeros(chances.shape)
    radii: Array = powder.diameter / 2 * np.exp(width * normal - 3 * width**2)
    return radii


def _require_room(
    mixture: Mixture, radii: Array, kinds: Array, volume: float, particles: int
) -> None:
    largest = float(radii.max())
    side = (volume / _DENSE) ** (1 / 3)
    if side < 4.0 * largest:
        kind = mixture.powders[int(kinds[int(np.argmax(radii))])]
        needed = math.ceil(particles * (4.0 * largest / side) ** 3)
        raise InputError(
            f"the mixture cannot be packed: {len(radii)} particles make a box narrower than two "
            f"of the largest ({kind.name}, {kind.diameter:.4g} m); take {needed} particles or "
            "diameters nearer to each other",
            where="particles",
        )


def _tables(powders: tuple[Powder, ...], pressure: float) -> tuple[Array, Array]:
    number = len(powders)
    table, walls = np.zeros((number, number, 8)), np.zeros((number, 8))
    for i, one in enumerate(powders):
        for j, other in enumerate(powders):
            soft = [p for p in (one, other) if p.yield_stress is not None]
            law = table[i, j]
            law[columns.MODULUS] = 1 / (
                1 / one.plane_strain_modulus + 1 / other.plane_strain_modulus
            )
            law[columns.YIELD] = min((p.yield_stress or math.inf for p in soft), default=math.inf)
            law[columns.TENSION] = min(one.cohesion, other.cohesion) if soft else 0.0
            law[columns.FRICTION] = math.sqrt(one.friction * other.friction)
            ratio = (one.poisson_ratio + other.poisson_ratio) / 2
            law[columns.SIDEWAYS] = 2 * (1 - ratio) / (2 - ratio)
            law[columns.SHARE] = 1 / max(len(soft), 1)
            law[columns.PLASTIC] = len(soft)
        walls[i, columns.MODULUS] = one.plane_strain_modulus
        walls[i, columns.YIELD] = one.yield_stress or math.inf
        walls[i, columns.BULK] = one.bulk_modulus
        walls[i, columns.SHARE] = 1.0
    for column in (columns.MODULUS, columns.YIELD, columns.TENSION, columns.BULK):
        table[..., column] /= pressure
        walls[..., column] /= pressure
    return table, walls
