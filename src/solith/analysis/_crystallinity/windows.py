r"""Windowed Fourier transforms of an image, and the noise that each frequency has in them.

Under a Hann window, what has no lattice has powers that are distributed exponentially about their
expectation; a lattice's fringes stand above. The expectation at a frequency is taken from its
neighbours along the ring, over all windows, those next to it left out (as radars do: cell
averaging with guard cells), by a low quantile, so that other spots do not raise it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from solith.analysis._crystallinity.image import Image
from solith.core.errors import InputError

__all__ = ["Windows", "windows_of"]

Array = NDArray[np.float64]

_LEAST = 32
_MOST = 256
_GUARD, _REACH = 3.2, 9.0
"""Pixels along the ring between which neighbours tell the noise."""
_QUANTILE = 0.4
_BANDS = 5.0
"""Pixels: width of the rings in which a window's own level is taken."""


@dataclass(frozen=True)
class Windows:
    """Transforms of n windows, each m x m pixels, at the k frequencies that are looked at.

    ``power`` (n, k) over its expectation; ``transform`` (n, m, m) itself; ``rows`` and
    ``columns`` (k,) of the frequencies in the transform, ``place`` (k, 2) the same in cycles a
    window (y, x), in one half plane; ``apart`` windows that do not overlap would be as many.
    ``expected`` (k,) is the expectation, in squares of the image's deviation.
    """

    power: Array
    transform: NDArray[np.complex128]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    place: Array
    expected: Array
    apart: float
    size: int
    pixel_size: float
    corners: NDArray[np.int64]

    @property
    def side(self) -> float:
        """The side of a window [m]."""
        return self.size * self.pixel_size


def windows_of(image: Image, side: float, spacings: tuple[float, float]) -> Windows:
    """Windows of ``side`` [m] that overlap by half; frequencies between two ``spacings`` [m]."""
    size = 2 * round(side / image.pixel_size / 2)
    if not _LEAST <= size <= min(_MOST, min(image.values.shape)):
        raise InputError(
            f"a window of {side:.3g} m is {size} pixels; expected {_LEAST} to "
            f"{min(_MOST, min(image.values.shape))}",
            where="window",
        )
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    corners = [_corners(length, size) for length in image.values.shape]
    pairs = np.array([(y, x) for y in corners[0] for x in corners[1]])
    weights = np.outer(hann, hann)
    weights /= np.sqrt(np.sum(weights**2))
    pieces = np.stack([image.values[y : y + size, x : x + size] for y, x in pairs])
    pieces = pieces - pieces.mean(axis=(1, 2), keepdims=True)
    transform = np.fft.fft2(pieces * weights)
    rows, columns, place = _frequencies(size, image.pixel_size, spacings)
    power = np.abs(transform[:, rows, columns]) ** 2
    level = _levels(power, place)
    even = power / level
    expected = _expectation(even, rows, columns, place, size)
    expected_here = expected * level
    area = image.values.size / size**2
    return Windows(
        power / np.maximum(expected_here, 1e-300),
        transform,
        rows,
        columns,
        place,
        np.median(expected_here, axis=0),
        area,
        size,
        image.pixel_size,
        pairs,
    )


def _corners(length: int, size: int) -> list[int]:
    count = max(1, math.ceil((length - size) / (size / 2))) + 1
    return sorted({round(at) for at in np.linspace(0, length - size, count)})


def _frequencies(
    size: int, pixel: float, spacings: tuple[float, float]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    low, high = size * pixel / spacings[1], size * pixel / spacings[0]
    low, high = max(low, 3.0), min(high, 0.95 * size / 2)
    if high - low < 3:
        raise InputError(
            f"a window of {size} pixels tells no spacings between {spacings[0]:.3g} and "
            f"{spacings[1]:.3g} m",
            where="spacings",
        )
    whole = np.fft.fftfreq(size, 1 / size)
    y, x = np.meshgrid(whole, whole, indexing="ij")
    radius = np.hypot(y, x)
    half = (x > 0) | ((x == 0) & (y > 0))
    rows, columns = np.nonzero(half & (radius >= low) & (radius <= high))
    return rows, columns, np.stack([y[rows, columns], x[rows, columns]], axis=1)


def _levels(power: Array, place: Array) -> Array:
    """A window's own level (n, k), from the medians in broad rings, joined linearly."""
    radius = np.hypot(place[:, 0], place[:, 1])
    count = max(2, round((radius.max() - radius.min()) / _BANDS))
    edges = np.linspace(radius.min(), radius.max() + 1e-9, count + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    bands = [(radius >= a) & (radius < b) for a, b in pairwise(edges)]
    medians = np.stack([np.median(power[:, band], axis=1) for band in bands], axis=1)
    logarithms = np.log(np.maximum(medians, 1e-300))
    levels = np.exp([np.interp(radius, middles, row) for row in logarithms])
    return np.asarray(levels)


def _expectation(
    even: Array,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    place: Array,
    size: int,
) -> Array:
    """The expectation (k,) of powers in windows of one level."""
    where = np.full((size, size), -1)
    where[rows, columns] = np.arange(len(rows))
    where[-rows, -columns] = np.arange(len(rows))
    radius = np.hypot(place[:, 0], place[:, 1])
    reach = np.linspace(_GUARD, _REACH, 8)
    expected = np.empty(len(rows))
    for k in range(len(rows)):
        along = np.array([-place[k, 1], place[k, 0]]) / radius[k]
        angles = np.concatenate([-reach, reach]) / radius[k]
        points = np.outer(np.cos(angles), place[k]) + np.outer(np.sin(angles), along * radius[k])
        near = np.rint(points).astype(int)
        cells = np.unique(where[near[:, 0] % size, near[:, 1] % size])
        cells = cells[cells >= 0]
        cells = cells if len(cells) else np.array([k])
        expected[k] = np.quantile(even[:, cells], _QUANTILE) / -math.log(1 - _QUANTILE)
    return expected
