"""A Gaussian random field on periodic voxels, and where it passes a level.

Its correlation is exp(-r^2 / (4 s^2)). Along a line it crosses the level u, in standard deviations,
exp(-u^2 / 2) / (sqrt(2) pi s) times per length (Rice, https://doi.org/10.1002/j.1538-7305.1945.
tb00453.x, recalled), so that the mean chord of the part above is 2 sqrt(2) pi s p exp(u^2 / 2), p
being its fraction.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["choose_highest", "make_field", "smooth", "width_of"]

_BINS = 1 << 16


def width_of(chord: float, fraction: float) -> float:
    """The width s that gives the part above its level the mean chord ``chord``."""
    from scipy.special import ndtri

    level = float(ndtri(1 - fraction))
    return float(chord / (2 * np.sqrt(2) * np.pi * fraction * np.exp(level**2 / 2)))


def make_field(
    shape: tuple[int, ...], widths: tuple[float, ...], chance: np.random.Generator
) -> NDArray[np.float32]:
    """A field of mean 0 and variance 1 with the width s along each axis, in voxels."""
    noise = chance.standard_normal(shape, dtype=np.float32)
    field = smooth(noise, widths)
    field -= np.float32(field.mean(dtype=np.float64))
    squares = sum(float(np.vdot(plane, plane)) for plane in field)
    field *= np.float32((field.size / max(squares, 1e-300)) ** 0.5)
    return field


def smooth(field: NDArray[np.float32], widths: tuple[float, ...]) -> NDArray[np.float32]:
    """A field smoothed by a Gaussian of these widths in voxels, as if it repeated on all sides."""
    from scipy import fft

    threads = len(os.sched_getaffinity(0))
    spectrum = fft.rfftn(field, workers=threads)
    for axis, (n, width) in enumerate(zip(field.shape, widths, strict=True)):
        waves = fft.rfftfreq(n) if axis == 2 else fft.fftfreq(n)
        damping = np.exp(-2 * (np.pi * width * waves) ** 2).astype(np.float32)
        spectrum *= damping.reshape([-1 if one == axis else 1 for one in range(3)])
    smoothed: NDArray[np.float32] = fft.irfftn(
        spectrum, field.shape, workers=threads, overwrite_x=True
    )
    return smoothed


def choose_highest(
    field: NDArray[np.float32], labels: NDArray[Any], among: int, label: int, number: int
) -> None:
    """Give ``label`` to the ``number`` voxels with the highest field of those labelled ``among``.

    Found by counting in narrow steps of the field, to one voxel in some ten thousand.
    """
    if number <= 0:
        return
    low, high = float(field.min()), float(field.max()) + 1e-6
    counts = np.zeros(_BINS, np.int64)
    for plane, marks in zip(field, labels, strict=True):
        counts += np.histogram(plane[marks == among], _BINS, (low, high))[0]
    from_top = np.cumsum(counts[::-1])
    below = min(int(np.searchsorted(from_top, number)), _BINS - 1)
    place = _BINS - 1 - below
    spare = (from_top[below] - number) / max(counts[place], 1)
    level = np.float32(low + (place + max(spare, 0.0)) * (high - low) / _BINS)
    for plane, marks in zip(field, labels, strict=True):
        marks[(marks == among) & (plane >= level)] = label
