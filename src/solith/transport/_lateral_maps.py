"""Maps over a face: averages over squares, and waves.

At an insulating side a map goes on as its mirror image, which is exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "highest_window",
    "inverse_waves",
    "lateral_modes",
    "wave_numbers",
    "waves",
    "window_average",
]

Array = NDArray[Any]

_MOST_MODES = 12
_FEWEST_VOXELS = 16
"""A wave of fewer voxels is not resolved."""


def window_average(
    density: Array, window: float, spacing: tuple[float, float], periodic: tuple[bool, bool]
) -> Array:
    """The mean over a square around every point; voxels that are cut count with what is inside."""
    from scipy.ndimage import convolve1d

    for d in range(2):
        if density.shape[d] > 1:
            width = window / spacing[d]
            whole = int(np.ceil(width / 2 - 0.5 - 1e-9))
            weights = np.ones(2 * whole + 1)
            weights[0] = weights[-1] = (width - (2 * whole - 1)) / 2 if whole else width
            density = convolve1d(
                density, weights / width, axis=d, mode="wrap" if periodic[d] else "reflect"
            )
    return density


def highest_window(
    density: Array, window: float, spacing: tuple[float, float], periodic: tuple[bool, bool]
) -> float:
    """The highest mean over a square, wherever it stands, of a map that is even in each voxel.

    The mean is linear between places where a side of the square lies at a voxel's: the highest one
    is among those. Squares around voxels miss it by up to half a voxel's current.
    """
    found = [density]
    for d in range(2):
        if density.shape[d] > 1:
            found = [
                average
                for one in found
                for average in _side_averages(one, d, window / spacing[d], periodic[d])
            ]
    return max(float(one.max()) for one in found)


def _side_averages(density: Array, d: int, width: float, wraps: bool) -> tuple[Array, Array]:
    """Means over ``width`` voxels that begin at a voxel's side, and that end at one."""
    whole = int(width + 1e-9)
    part = max(width - whole, 0.0)
    beyond = [(whole + 1, whole + 1) if axis == d else (0, 0) for axis in range(2)]
    padded = np.moveaxis(np.pad(density, beyond, "wrap" if wraps else "symmetric"), d, 0)
    sums = np.concatenate([np.zeros_like(padded[:1]), padded.cumsum(axis=0)])
    inner = sums[whole + 1 : -1] - sums[1 : -whole - 1]
    begin = (inner + part * padded[whole + 1 :]) / width
    end = (inner + part * padded[: -whole - 1]) / width
    return np.moveaxis(begin, 0, d), np.moveaxis(end, 0, d)


def waves(density: Array, periodic: tuple[bool, bool]) -> Array:
    """Amplitudes by wave number: Fourier's along periodic directions, else cosines."""
    from scipy import fft

    found: Array = density.astype(np.float64)
    for d in (-2, -1):
        found = found if periodic[d] else fft.dct(found, 2, axis=d, norm="ortho")
    for d in (-2, -1):
        found = fft.fft(found, axis=d, norm="ortho") if periodic[d] else found
    return found


def inverse_waves(amplitudes: Array, periodic: tuple[bool, bool]) -> Array:
    """The map that has the amplitudes."""
    from scipy import fft

    found = amplitudes
    for d in (-2, -1):
        found = fft.ifft(found, axis=d, norm="ortho") if periodic[d] else found
    found = found.real
    for d in (-2, -1):
        found = found if periodic[d] else fft.idct(found, 2, axis=d, norm="ortho")
    return found


def wave_numbers(
    shape: tuple[int, int], spacing: tuple[float, float], periodic: tuple[bool, bool]
) -> Array:
    """2 pi over the wavelength [1/m] of every amplitude."""
    one, other = (
        2 * np.pi * np.abs(np.fft.fftfreq(n, h)) if wraps else np.pi * np.arange(n) / (n * h)
        for n, h, wraps in zip(shape, spacing, periodic, strict=True)
    )
    numbers: Array = np.hypot(one[:, None], other)
    return numbers


def lateral_modes(
    maps: Array, height: float, spacing: tuple[float, float], periodic: tuple[bool, bool]
) -> tuple[Array, Array, Array]:
    """Wavelength, amplitude on the first map and decay length of the strongest modes.

    In a homogeneous layer a mode is a sum of exp(z / l) and exp(-z / l), so that the sum of its
    amplitudes before and after a plane is 2 cosh(height / l) times that in it; l by least squares.
    """
    shape = (maps.shape[1], maps.shape[2])
    amplitudes = waves(maps, periodic).reshape(len(maps), -1)
    numbers = wave_numbers(shape, spacing, periodic).ravel()
    finest = max(h for n, h in zip(shape, spacing, strict=True) if n > 1)
    resolved = np.flatnonzero((numbers > 0) & (numbers * finest * _FEWEST_VOXELS <= 2 * np.pi))
    first = np.abs(amplitudes[0])
    strongest = resolved[np.argsort(-first[resolved], kind="stable")][:_MOST_MODES]
    if len(maps) < 3:
        strongest = strongest[:0]
    chosen = amplitudes[:, strongest]
    inner, around = chosen[1:-1], chosen[:-2] + chosen[2:]
    size = np.sum(np.abs(inner) ** 2, axis=0)
    ratio = np.sum((inner.conj() * around).real, axis=0) / np.where(size > 0, 2 * size, 1.0)
    decays = (ratio > 1) & (size > 0)
    strongest, ratio = strongest[decays], ratio[decays]
    scale = np.sqrt(maps[0].size)
    return 2 * np.pi / numbers[strongest], first[strongest] / scale, height / np.arccosh(ratio)
