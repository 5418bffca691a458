"""High-resolution images: amorphous, nanocrystalline, crystalline fields; coatings on an edge.

Contrast of what is amorphous: a Gaussian field whose power has a broad first ring at 3.2 per nm and
the oscillations of a lens's transfer with some astigmatism. Crystals add fringes of three
directions. Noise is white, its deviation told over that of the contrast.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import UnknownNameError
from solith.core.record import Record
from solith.virtual._given import length, number, size_of, whole
from solith.virtual.truth import made

__all__ = [
    "LATTICES",
    "CoatedEdge",
    "coated_edge",
    "lattice_field",
    "simulate_coating_image",
    "simulate_lattice_image",
]

Array = NDArray[np.float64]

LATTICES = ("amorphous", "nanocrystalline", "crystalline")
"""What a field can be; of nanocrystals two thirds are near a zone axis and show fringes."""

_SPACING = 2.44e-10


def simulate_lattice_image(
    lattice: str,
    *,
    spacing: Any = _SPACING,
    grain: Any = "5 nm",
    noise: float = 1.0,
    size: tuple[int, int] = (512, 512),
    pixel_size: Any = "0.05 nm",
    seed: int = 0,
    name: str = "synthetic high-resolution image",
) -> Record:
    """A synthetic high-resolution image of a field that is one of :data:`LATTICES`.

    ``spacing`` [m] of the planes, ``grain`` [m] of nanocrystals, ``noise`` over the deviation of
    the amorphous contrast, which is in all; fringes have an amplitude of 1 to 2 of it. The record's
    truth is the ``spacing`` where there is a lattice; its attribute ``lattice`` says which.

    Raises :class:`UnknownNameError` for another lattice.
    """
    if lattice not in LATTICES:
        raise UnknownNameError.among("lattice", str(lattice), LATTICES)
    apart, grains = length(spacing, "spacing"), length(grain, "grain")
    pixel, spread = length(pixel_size, "pixel_size"), number(noise, "noise", low=0, high=1e3)
    grey = lattice_field(
        lattice,
        whole(seed, "seed"),
        spread,
        shape=size_of(size, "size"),
        pixel=pixel,
        spacing=apart,
        grain=grains,
    )
    return made(
        "map",
        {"grey": (grey, "")},
        by="simulate_lattice_image",
        name=name,
        truth={} if lattice == "amorphous" else {"spacing": (apart, "m")},
        parameters={"lattice": lattice, "spacing": apart, "noise": spread, "seed": seed},
        attributes={
            "pixel_size_x_metre": pixel,
            "pixel_size_y_metre": pixel,
            "lattice": lattice,
        },
    )


def simulate_coating_image(
    thickness: Any,
    *,
    deviation: Any = 0.0,
    noise: float = 0.5,
    size: tuple[int, int] = (512, 512),
    pixel_size: Any = "0.1 nm",
    seed: int = 0,
    name: str = "synthetic coating",
) -> Record:
    """A synthetic high-resolution image of a coated particle's edge, bright field.

    ``thickness`` [m] of the coating waves along the edge with the standard ``deviation`` [m];
    ``noise`` is over the step from coating to vacuum. The record's truth is ``thickness``, the mean
    that was asked for.
    """
    mean = length(thickness, "thickness")
    uneven = length(deviation, "deviation", zero=True)
    pixel, spread = length(pixel_size, "pixel_size"), number(noise, "noise", low=0, high=1e3)
    shape = size_of(size, "size")
    edge = coated_edge(
        whole(seed, "seed"), spread, thickness=mean, uneven=uneven, shape=shape, pixel=pixel
    )
    return made(
        "map",
        {"grey": (edge.image, "")},
        by="simulate_coating_image",
        name=name,
        truth={"thickness": (mean, "m")},
        parameters={"thickness": mean, "deviation": uneven, "noise": spread, "seed": seed},
        attributes={"pixel_size_x_metre": pixel, "pixel_size_y_metre": pixel},
    )


def lattice_field(
    lattice: str,
    seed: int,
    noise: float,
    *,
    shape: tuple[int, int] = (512, 512),
    pixel: float = 0.05e-9,
    spacing: float = _SPACING,
    grain: float = 5e-9,
) -> Array:
    """The grey values of :func:`simulate_lattice_image`."""
    rng = np.random.default_rng(seed)
    image = _amorphous(rng, shape, pixel)
    if lattice == "crystalline":
        image += rng.uniform(1, 2) * _fringes(rng, shape, pixel, spacing)
    elif lattice == "nanocrystalline":
        image += _grains(rng, shape, pixel, spacing, grain)
    return image + noise * rng.standard_normal(shape)


@dataclass(frozen=True)
class CoatedEdge:
    """An image of a coated particle's edge, and what is needed to know the thickness anywhere."""

    image: Array
    pixel: float
    centre: tuple[float, float]
    thickness: float
    uneven: float
    phase: float

    def local(self, point: tuple[float, float], length: float) -> float:
        """The mean thickness [m] over ``length`` [m] of the edge about a point (y, x) [pixel]."""
        y, x = (at * self.pixel - middle for at, middle in zip(point, self.centre, strict=True))
        reach = length / math.hypot(y, x)
        angles = math.atan2(y, x) + np.linspace(-reach / 2, reach / 2, 31)
        return float(np.mean(_wave(angles, self.thickness, self.uneven, self.phase)))


def coated_edge(
    seed: int,
    noise: float,
    *,
    thickness: float = 7.5e-9,
    uneven: float = 0.0,
    shape: tuple[int, int] = (512, 512),
    pixel: float = 0.1e-9,
    blur: float = 0.3e-9,
) -> CoatedEdge:
    """A round particle with fringes (bright 0), a coating (0.55) and vacuum (1), bright field.

    The thickness waves along the edge with the deviation ``uneven`` [m]; ``noise`` is white, over
    the step from coating to vacuum. The coating has amorphous contrast of 0.06.
    """
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    radius = 60e-9
    turn = rng.uniform(0, 2 * math.pi)
    middle = np.array(shape) * pixel / 2
    centre = middle + (radius + 5e-9) * np.array([math.sin(turn), math.cos(turn)])
    y, x = np.indices(shape) * pixel
    away = np.hypot(y - centre[0], x - centre[1])
    angle = np.arctan2(y - centre[0], x - centre[1])
    phase = rng.uniform(0, 2 * math.pi)
    local = _wave(angle, thickness, uneven, phase)
    inside, coat = away < radius, (away >= radius) & (away < radius + local)
    field = np.where(inside, 0.0, np.where(coat, 0.55, 1.0))
    grain = _amorphous(rng, shape, pixel)
    fringes = _fringes(rng, shape, pixel, 4.7e-10)
    image = gaussian_filter(field, blur / pixel)
    image += 0.06 * grain * (inside | coat) + 0.12 * fringes * inside
    image += 0.45 * noise * rng.standard_normal(shape)
    return CoatedEdge(image, pixel, (centre[0], centre[1]), thickness, uneven, phase)


def _amorphous(rng: np.random.Generator, shape: tuple[int, int], pixel: float) -> Array:
    y, x = np.meshgrid(*(np.fft.fftfreq(n, pixel * 1e9) for n in shape), indexing="ij")
    q2 = x * x + y * y
    q = np.sqrt(q2)
    turn = rng.uniform(0, math.pi)
    stretched = q2 * (1 + 0.05 * np.cos(2 * (np.arctan2(y, x) - turn)))
    transfer = np.sin(math.pi * 0.00197 * 50.0 * stretched + 0.1)
    power = (0.3 + np.exp(-(((q - 3.2) / 0.9) ** 2))) * transfer**2 * np.exp(-((q / 6.0) ** 4))
    field = np.fft.ifft2(np.fft.fft2(rng.standard_normal(shape)) * np.sqrt(power)).real
    field -= field.mean()
    return np.asarray(field / field.std())


def _fringes(
    rng: np.random.Generator, shape: tuple[int, int], pixel: float, spacing: float
) -> Array:
    turn = rng.uniform(0, math.pi)
    y, x = np.indices(shape) * pixel
    total = np.zeros(shape)
    for turned in range(3):
        angle = turn + turned * math.pi / 3
        phase = rng.uniform(0, 2 * math.pi)
        along = x * math.cos(angle) + y * math.sin(angle)
        total += rng.uniform(0.6, 1.0) * np.cos(2 * math.pi * along / spacing + phase)
    return total / 2


def _grains(
    rng: np.random.Generator,
    shape: tuple[int, int],
    pixel: float,
    spacing: float,
    grain: float,
) -> Array:
    """Cells about random points, each with its own fringes or none."""
    from scipy.spatial import cKDTree

    side = np.array(shape) * pixel
    count = max(3, round(float(np.prod(side)) / grain**2))
    points = rng.uniform(0, 1, (count, 2)) * side
    places = np.moveaxis(np.indices(shape), 0, -1).reshape(-1, 2) * pixel
    owner = cKDTree(points).query(places)[1].reshape(shape)
    total = np.zeros(shape)
    for own_number in range(count):
        if rng.uniform() < 2 / 3:
            strength = rng.uniform(1, 2)
            own = owner == own_number
            total[own] = (strength * _fringes(rng, shape, pixel, spacing))[own]
    return total


def _wave(angle: Array, thickness: float, uneven: float, phase: float) -> Array:
    """The thickness by the angle (y over x) seen from the particle's centre."""
    wave: Array = thickness + uneven * math.sqrt(2) * np.sin(14 * angle + phase)
    return wave
