"""Maps of elements: coated particles in a section, and a couple that interdiffused."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.record import Record
from solith.virtual._given import length, number, size_of, whole
from solith.virtual.truth import made

__all__ = ["CoatedParticles", "coated_particles", "simulate_coated_map", "simulate_couple_map"]

_SIDE = 400
_PATCHES = 3
_LEAST = 10.0
"""Pixels along the outline that a patch or a gap has at least, so that the probe resolves it."""
_SHELL = 3.0
_PROBE = 1.2
_GROUND = 2.0
_TEN_TO_NINETY = 2.5631031310892007
"""Distance from 10 to 90 % of an error function, over its standard deviation."""


@dataclass(frozen=True)
class CoatedParticles:
    """Counts of the coating's and of the particles' element, the particles, the share coated."""

    coating: NDArray[np.float64]
    element: NDArray[np.float64]
    inside: NDArray[np.bool_]
    coverage: float


def simulate_coated_map(
    coverage: float,
    *,
    counts: float = 30.0,
    variation: float = 0.2,
    pixel_size: Any = "10 nm",
    coating: str = "nb",
    element: str = "co",
    seed: int = 0,
    name: str = "synthetic element map",
) -> Record:
    """A synthetic element map of a section: round particles, a part of whose outline is coated.

    ``coverage`` from 0 to 1; ``counts`` is the mean of a coated pixel, on 2 of the ground, and
    ``variation`` the relative deviation of the coating's strength from patch to patch. Channels are
    counts of the ``coating`` and of the particles' ``element``. The record's truth is ``coverage``.

    Raises :class:`InputError` for a coverage that is neither 0 nor 1 and too near to either for
    patches and gaps of 10 pixels.
    """
    pixel = length(pixel_size, "pixel_size")
    if coating == element:
        raise InputError(f"{coating!r} is the element of coating and particles", where="element")
    drawn = coated_particles(
        whole(seed, "seed"),
        coverage=number(coverage, "coverage", low=0, high=1),
        counts=number(counts, "counts", low=0, high=1e6),
        variation=number(variation, "variation", low=0, high=1),
    )
    return made(
        "map",
        {coating: (drawn.coating, "counts"), element: (drawn.element, "counts")},
        by="simulate_coated_map",
        name=name,
        truth={"coverage": (drawn.coverage, "1")},
        parameters={"coverage": coverage, "counts": counts, "variation": variation, "seed": seed},
        attributes={"pixel_size_x_metre": pixel, "pixel_size_y_metre": pixel},
    )


def coated_particles(
    seed: int, *, coverage: float | None = None, counts: float = 30.0, variation: float = 0.2
) -> CoatedParticles:
    """Nine round particles of 32 to 44 pixels, 3 pixels of coating on parts of their outline.

    Three patches and three gaps each, through a probe of 1.2 pixels; without ``coverage`` their
    lengths are drawn freely.
    """
    from scipy.ndimage import gaussian_filter

    random = np.random.default_rng(seed)
    radii = random.uniform(32, 44, 9)
    y, x = np.mgrid[:_SIDE, :_SIDE]
    rate, inside = np.zeros((_SIDE, _SIDE)), np.zeros((_SIDE, _SIDE), dtype=bool)
    coated_length = 0.0
    for place, radius in enumerate(radii):
        centre = 67 + 133 * np.array(divmod(place, 3)) + random.uniform(-8, 8, 2)
        distance = np.hypot(y - centre[0], x - centre[1])
        angle = np.arctan2(y - centre[0], x - centre[1]) % (2 * np.pi)
        inside |= distance < radius
        for start, end in _patches(random, float(radius), coverage):
            here = ((angle - start) % (2 * np.pi)) < end - start
            shell = (distance >= radius) & (distance < radius + _SHELL)
            rate[here & shell] = counts * max(1 + variation * random.standard_normal(), 0.6)
            coated_length += radius * (end - start)
    coating = random.poisson(gaussian_filter(rate, _PROBE) + _GROUND).astype(float)
    element = random.poisson(gaussian_filter(20.0 * inside, _PROBE) + 1.0).astype(float)
    share = float(coated_length / (2 * np.pi * radii.sum()))
    return CoatedParticles(coating, element, inside, share)


def _patches(
    random: np.random.Generator, radius: float, coverage: float | None
) -> list[tuple[float, float]]:
    """Angles at which patches begin and end."""
    least = _LEAST / radius
    if coverage == 0:
        return []
    if coverage == 1:
        return [(0.0, 2 * math.pi)]
    if coverage is None:
        free = 2 * np.pi - 2 * _PATCHES * least
        lengths = least + free * random.dirichlet(np.ones(2 * _PATCHES))
    else:
        lengths = np.empty(2 * _PATCHES)
        for first, whole_length in ((0, coverage), (1, 1 - coverage)):
            free = 2 * np.pi * whole_length - _PATCHES * least
            if free < 0:
                lowest = _PATCHES * _LEAST / (2 * np.pi * 32)
                raise InputError(
                    f"{coverage:g} leaves no room for {_PATCHES} patches and gaps of {_LEAST:g} "
                    f"pixels; give 0, 1 or {lowest:.2f} to {1 - lowest:.2f}",
                    where="coverage",
                )
            lengths[first::2] = least + free * random.dirichlet(np.ones(_PATCHES))
    ends = random.uniform(0, 2 * np.pi) + np.concatenate([[0.0], np.cumsum(lengths)])
    return [(float(ends[2 * n]), float(ends[2 * n + 1])) for n in range(_PATCHES)]


def simulate_couple_map(
    width: Any,
    *,
    counts: float = 40.0,
    slant: float = 0.2,
    size: tuple[int, int] = (160, 160),
    pixel_size: Any = "10 nm",
    element: str = "co",
    seed: int = 0,
    name: str = "synthetic couple",
) -> Record:
    """A synthetic element map across a straight interface that interdiffused.

    The profile is an error function that goes from 90 to 10 % over ``width`` [m]; the interface
    passes through the middle, leaning by ``slant`` [rad]; ``counts`` of a pixel of the pure side, a
    tenth of it being ground. The record's truth is the ``width``.
    """
    from scipy.special import erfc

    span, pixel = length(width, "width"), length(pixel_size, "pixel_size")
    lean = number(slant, "slant", low=-1.2, high=1.2)
    most = number(counts, "counts", low=0, high=1e6)
    rows, columns = size_of(size, "size")
    y, x = (np.mgrid[:rows, :columns] + 0.5) * pixel
    away = (x - 0.5 * columns * pixel) * np.cos(lean) + (y - 0.5 * rows * pixel) * np.sin(lean)
    rate = most * (0.1 + 0.9 * 0.5 * erfc(away / (math.sqrt(2) * span / _TEN_TO_NINETY)))
    drawn = np.random.default_rng(whole(seed, "seed")).poisson(rate).astype(float)
    return made(
        "map",
        {element: (drawn, "counts")},
        by="simulate_couple_map",
        name=name,
        truth={"width": (span, "m")},
        parameters={"width": span, "counts": most, "slant": lean, "seed": seed},
        attributes={"pixel_size_x_metre": pixel, "pixel_size_y_metre": pixel},
    )
