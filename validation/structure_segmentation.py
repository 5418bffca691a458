"""Grey phantoms whose phases are known: what comes back from noise, blur and drift.

Three kinds. In the first, known labels were blurred and made noisy; what is true is what the same
measures tell of these labels. In the second, harder one, round bodies were drawn in finer voxels,
so that a voxel holds parts of several; what is true is counted on the fine voxels, and on points of
the spheres' surface, which know no voxels. The third kind are generated composites whose voids and
electrolyte are hardly anywhere thicker than the blur: there the mark is not a small error, which
nothing can give, but that the interval holds the truth or that the volume is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.core.volume import GreyVolume, Volume
from solith.structure.background import remove_background
from solith.structure.composite import generate_composite
from solith.structure.contact import measure_contact
from solith.structure.denoising import denoise
from solith.structure.segmentation import segment_phases
from solith.structure.segmentation_uncertainty import measure_with_thresholds
from validation.marks import Mark, finish

__all__ = ["PHASES", "Phantom", "make_composite", "make_phantom", "marks"]

PHASES = ("void", "electrolyte", "active")
NAMES = (*(f"fraction of {phase}" for phase in PHASES), "contact fraction")
GREYS = (60.0, 120.0, 200.0)
_FINE = 2
"""Fine voxels along an edge of a voxel; phases are painted on the fine ones."""


@dataclass(frozen=True)
class Phantom:
    """A grey volume, the nearest labels, and what is true: fractions, and the contact fraction.

    That is the part of the active surface that touches electrolyte.
    """

    grey: GreyVolume
    labels: NDArray[np.uint8]
    truth: tuple[float, ...]


def make_phantom(
    seed: int,
    side: int = 96,
    *,
    round_bodies: bool = False,
    blur: float = 1.0,
    noise: float = 15.0,
    drift: float = 10.0,
) -> Phantom:
    """Active spheres in electrolyte, with round voids and crescents at the spheres.

    ``blur`` [voxels] and ``noise`` [grey] are standard deviations, ``drift`` the amplitude of a
    slow background [grey]. ``round_bodies`` is the harder kind.
    """
    chance = np.random.default_rng(seed)
    spheres = _spheres(chance, side)
    voids = _voids(chance, side, spheres)
    fine = np.ones((side * _FINE,) * 3, np.uint8)
    for x, y, z, radius in voids:
        _paint(fine, (x, y, z), radius, 0)
    for x, y, z, radius in spheres:
        _paint(fine, (x, y, z), radius, 2)
    labels = _majority(fine, side)
    greys = np.asarray(GREYS, np.float32)
    if round_bodies:
        counts = np.bincount(fine.ravel(), minlength=3) / fine.size
        truth = (*map(float, counts), _touching(side, spheres, voids))
        sharp = _blocks(greys[fine], side).mean(axis=(1, 3, 5))
    else:
        truth = _values(_measure(Volume(labels, PHASES)))
        sharp = greys[labels]
    grey = _photograph(chance, sharp, blur, noise, drift)
    return Phantom(GreyVolume(grey, "0.5 um"), labels, truth)


def make_composite(seed: int, side: int = 96) -> Phantom:
    """A generated composite, blurred by 0.7 to 1.4 voxels, with noise of 8 to 25, without drift.

    Spheres or polyhedra of 6 to 10 um, voids of 5 to 25 % with chords of 2 to 4 um, voxels of
    0.5 um.
    """
    chance = np.random.default_rng(seed)
    volume = generate_composite(
        (side,) * 3,
        "0.5 um",
        float(chance.uniform(0.4, 0.5)),
        f"{chance.choice([6, 8, 10])} um",
        particles=chance.choice(["spheres", "polyhedra"]),
        void_fraction=float(chance.uniform(0.05, 0.25)),
        void_chord=f"{chance.uniform(2.0, 4.0)} um",
        void_at_surface=float(chance.uniform(1.0, 3.0)),
        seed=seed,
    )
    order = [PHASES.index(name) if name in PHASES else 0 for name in volume.phases]
    labels = np.array(order, np.uint8)[volume.labels]
    sharp = np.asarray(GREYS, np.float32)[labels]
    blur, noise = float(chance.uniform(0.7, 1.4)), float(chance.uniform(8.0, 25.0))
    grey = _photograph(chance, sharp, blur, noise, 0.0)
    truth = _values(_measure(Volume(labels, PHASES)))
    return Phantom(GreyVolume(grey, "0.5 um"), labels, truth)


def _spheres(chance: np.random.Generator, side: int) -> NDArray[Any]:
    """Spheres (x, y, z, radius) that do not overlap, the largest first; lognormal radii."""
    radii = np.sort(np.clip(chance.lognormal(np.log(9.0), 0.3, 4000), 5.0, 20.0))[::-1]
    placed = np.empty((0, 4))
    wanted = chance.uniform(0.35, 0.6) * side**3
    share = chance.choice(radii.size, radii.size, replace=False)
    sample = radii[np.sort(share[: int(wanted / np.mean(4.19 * radii**3))])]
    for radius in sample:
        for _ in range(300):
            centre = chance.uniform(-0.3 * radius, side + 0.3 * radius, 3)
            apart = np.linalg.norm(placed[:, :3] - centre, axis=1) - placed[:, 3] - radius
            if np.all(apart > 0.0):
                placed = np.vstack([placed, [*centre, radius]])
                break
    return placed


def _voids(chance: np.random.Generator, side: int, spheres: NDArray[Any]) -> NDArray[Any]:
    """Round voids anywhere and at surfaces, and crescents where a sphere came off on one side."""
    voids = []
    density = chance.uniform(0.5, 1.5)
    number = int(density * 120 * (side / 144) ** 3)
    voids += [[*chance.uniform(0, side, 3), chance.uniform(3.0, 9.0)] for _ in range(number)]
    for x, y, z, radius in spheres:
        direction = chance.normal(size=3)
        direction /= np.linalg.norm(direction)
        kind = chance.uniform()
        if kind < 0.4:
            at = np.array([x, y, z]) + direction * radius
            voids.append([*at, chance.uniform(2.5, 6.0)])
        elif kind < 0.7:
            at = np.array([x, y, z]) + direction * chance.uniform(2.5, 5.0)
            voids.append([*at, radius])
    return np.array(voids)


def _paint(fine: NDArray[np.uint8], centre: Any, radius: float, label: int) -> None:
    centre, radius = np.asarray(centre) * _FINE, radius * _FINE
    low = np.maximum(np.floor(centre - radius - 1), 0).astype(int)
    high = np.minimum(np.ceil(centre + radius + 1), fine.shape).astype(int)
    if np.any(low >= high):
        return
    x, y, z = (np.arange(a, b) + 0.5 - c for a, b, c in zip(low, high, centre, strict=True))
    inside = x[:, None, None] ** 2 + y[:, None] ** 2 + z**2 < radius**2
    fine[low[0] : high[0], low[1] : high[1], low[2] : high[2]][inside] = label


def _blocks(fine: NDArray[Any], side: int) -> NDArray[Any]:
    return fine.reshape(side, _FINE, side, _FINE, side, _FINE)


def _majority(fine: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    counts = [_blocks(fine == label, side).sum(axis=(1, 3, 5)) for label in range(3)]
    return np.argmax(counts, axis=0).astype(np.uint8)


def _photograph(
    chance: np.random.Generator, sharp: NDArray[Any], blur: float, noise: float, drift: float
) -> NDArray[np.uint8]:
    from scipy.ndimage import gaussian_filter

    grey = gaussian_filter(sharp, blur, mode="nearest")
    at = np.linspace(-1, 1, len(sharp))
    tilt = chance.uniform(-1, 1, 3)
    x, y = at[:, None, None], at[None, :, None]
    cup = (x**2 + y**2 - 1) / 2
    grey += drift * (cup + 0.5 * (tilt[0] * x + tilt[1] * y + tilt[2] * at))
    grey += noise * chance.normal(size=grey.shape)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def _touching(side: int, spheres: NDArray[Any], voids: NDArray[Any]) -> float:
    """The part of the spheres' surface inside the box that lies in no void."""
    number = np.arange(2000) + 0.5
    polar, turn = np.arccos(1 - 2 * number / 2000), np.pi * (1 + 5**0.5) * number
    ball = np.stack(
        [np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)], axis=1
    )
    touching = total = 0.0
    for x, y, z, radius in spheres:
        points = np.array([x, y, z]) + radius * ball
        points = points[np.all((points > 0) & (points < side), axis=1)]
        near = voids[np.linalg.norm(voids[:, :3] - [x, y, z], axis=1) < voids[:, 3] + radius]
        away = np.linalg.norm(points[:, None] - near[:, :3], axis=2) > near[:, 3]
        touching += radius**2 * np.count_nonzero(np.all(away, axis=1))
        total += radius**2 * len(points)
    return touching / total


def marks(
    first: int = 1000, phantoms: int = 30, harder: int = 10, composites: int = 10
) -> Iterator[Mark]:
    """Fractions, contact and their uncertainty, over phantoms with noise, blur and drift."""
    imaged = "blur 1 voxel, noise 15, contrast 60 and 80"
    for kind, number, finer in (
        ("known labels", phantoms, False),
        ("round bodies, finer than the voxels", harder, True),
    ):
        found = [_errors(make_phantom(first + n, round_bodies=finer)) for n in range(number)]
        if found:
            yield from _sizes(f"{number} phantoms of {kind}, {imaged}", found)
            yield from _coverage(f"{number} phantoms of {kind}", found)
    thin = []
    for n in range(composites):
        try:
            thin.append(_errors(make_composite(first + n)))
        except InputError as error:
            if "fewer peaks" not in str(error):
                raise
    if composites:
        yield Mark(
            f"{composites} generated composites with thin voids: segmented, not refused",
            f"{len(thin)}",
            "at least 60 %",
            len(thin) >= 0.6 * composites,
        )
    if thin:
        yield from _coverage(f"{len(thin)} generated composites with thin voids", thin)


def _sizes(setting: str, found: list[_Errors]) -> Iterator[Mark]:
    for number, name in enumerate(NAMES):
        limit = 3.0 if number == 3 else 1.0
        most = 100 * max(abs(one.errors[number]) for one in found)
        yield Mark(
            f"{name}: {setting}",
            _told(number, found),
            f"at most {limit:g} point{'s' * (limit > 1)}",
            most <= limit,
        )


def _coverage(kind: str, found: list[_Errors]) -> Iterator[Mark]:
    errors = 100 * np.array([one.errors for one in found])
    spreads = 100 * np.array([one.spreads for one in found])
    covered = np.abs(errors) <= 1.96 * spreads
    for number, name in enumerate(NAMES):
        share = 100 * covered[:, number].mean()
        ratio = np.std(errors[:, number] / spreads[:, number])
        yield Mark(
            f"{name}: truth within value +- 1.96 u, {kind}",
            f"{share:.0f} %; u is {spreads[:, number].mean():.2f} points in the mean, "
            f"errors scatter by {ratio:.2f} u; {_told(number, found)}",
            "at least 90 %",
            bool(share >= 90),
        )


def _told(number: int, found: list[_Errors]) -> str:
    errors, biases, plain, nearest = (
        100 * np.array([getattr(one, name)[number] for one in found])
        for name in ("errors", "biases", "plain", "nearest")
    )
    return (
        f"largest error {np.abs(errors).max():.2f} points, mean {errors.mean():+.2f} "
        f"(foretold {biases.mean():+.2f}, thresholds alone {plain.mean():+.2f}, "
        f"nearest labels {nearest.mean():+.2f})"
    )


@dataclass(frozen=True)
class _Errors:
    """Of each of the names: errors, standard uncertainties, and the biases foretold.

    ``plain`` and ``nearest`` are the errors of thresholds alone and of the nearest labels.
    """

    errors: list[float]
    spreads: list[float]
    biases: list[float]
    plain: list[float]
    nearest: list[float]


def _measure(volume: Volume) -> Result:
    counts = np.bincount(volume.labels.ravel(), minlength=3) / volume.labels.size
    values = [Value(name, float(one)) for name, one in zip(NAMES[:3], counts, strict=True)]
    contact = measure_contact(volume, "active", "electrolyte")["contact_fraction"]
    return Result("fractions and contact", (*values, replace(contact, quantity=NAMES[3])))


def _values(result: Result) -> tuple[float, ...]:
    return tuple(float(value.value or 0.0) for value in result)


def _errors(phantom: Phantom) -> _Errors:
    segmentation = segment_phases(phantom.grey, PHASES)
    found = measure_with_thresholds(segmentation, _measure)
    flat = denoise(phantom.grey)
    with suppress(InputError):
        flat = remove_background(flat, 3)
    plain = np.digitize(flat.values, segmentation.thresholds).astype(np.uint8)
    alone = _values(_measure(Volume(plain, PHASES)))
    nearest = _values(_measure(Volume(phantom.labels, PHASES)))
    bias = found.details["segmentation_bias"]
    return _Errors(
        [value - true for value, true in zip(_values(found), phantom.truth, strict=True)],
        [float(value.uncertainty or 0.0) for value in found],
        [bias[name] for name in NAMES],
        [value - true for value, true in zip(alone, phantom.truth, strict=True)],
        [value - true for value, true in zip(nearest, phantom.truth, strict=True)],
    )


if __name__ == "__main__":
    finish(marks())
