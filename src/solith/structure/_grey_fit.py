"""Greys, blur and noise of volumes whose phases are hardly anywhere thicker than the blur.

There the histogram has no peak for a phase. What it still has is white noise, whose size the
highest frequencies tell, boundaries, whose blur the spectrum tells, and greys with which labels,
blurred, give the volume that is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.structure._first_labels import between, without_rims
from solith.structure._grey_levels import split_histogram
from solith.structure._sharpen import Imaging, blurred, sharpen

__all__ = ["fit_imaging", "spectral_blur", "told_otherwise", "white_noise"]

Array = NDArray[Any]
Steps = NDArray[np.uint16]
_BLOCK = 48
_SPECTRUM = 128
_ROUNDS = 4
_SURFACE = 0.03
"""Weight of surface in the cost that choices are compared by."""
_BEYOND = 0.5
"""How far a grey may lie beyond the ends of the histogram, of their distance from its middle."""
_LEAST_OUTER, _LEAST_INNER = 0.01, 0.1
"""Shares of phases at least; what blur makes of a boundary passes for a little middle phase."""
_EXPLAINED = (0.85, 1.12)
"""Range of the mean squared misfit over that of the noise in which labels explain the volume."""
_WIDER, _NOISIER = 1.35, 1.2
"""Times another blur, and more noise, by which greys from peaks are doubted."""
_GAIN = 0.02
"""What each phase lowers the cost per voxel at least, in units of the noise."""
_NOISES = 1.5
"""Standard deviations of single voxels' noise between two greys at least."""
_LOWEST, _HIGHEST = 0.4, 2.2
"""Radians a voxel: below, a body's size tells in the spectrum, above, the voxels'."""


@dataclass(frozen=True, eq=False)
class _Fitted:
    """How a volume was imaged; ``explained`` is the squared misfit over that of the noise."""

    imaging: Imaging
    explained: float
    cost: float


@dataclass(frozen=True, eq=False)
class _Looked:
    """A block, its values without noise, how it was imaged, and the range of phases' greys."""

    values: Steps
    quiet: Steps
    blur: float
    noise: float
    area: float
    ends: tuple[float, float]


def fit_imaging(
    values: Steps, quiet: Steps, phases: int, area: float, starts: tuple[Array, ...] = ()
) -> Imaging | None:
    """Greys of labels that, blurred, are the grey values in the middle of the volume.

    Labels are sharpened with given greys, greys fitted to labels by least squares, in turns, from
    several ``starts``; the least cost of misfit and ``area`` wins. ``quiet`` are ``values``
    without noise. None where no labels explain the values, or fewer phases do as well.
    """
    blur, noise = spectral_blur(values), white_noise(values)
    if not (noise > 0 and blur > 0):
        return None
    inner = tuple(_middle(n, _BLOCK) for n in values.shape)
    block, calm = np.ascontiguousarray(values[inner]), np.ascontiguousarray(quiet[inner])
    some = calm.ravel().astype(float)
    low, half, high = np.quantile(some, (0.002, 0.5, 0.998))
    ends = low - _BEYOND * (half - low), high + _BEYOND * (high - half)
    looked = _Looked(block, calm, blur, noise, area, ends)
    best = _best(looked, [*starts, *_starts(some, phases)], _ROUNDS)
    if best is None or not _EXPLAINED[0] < best.explained < _EXPLAINED[1]:
        return None
    levels = best.imaging.levels
    if np.diff(levels).min() < _NOISES * noise:
        return None
    for number in range(phases if phases > 2 else 0):
        fewer = _best(looked, [np.delete(levels, number)], 1)
        if fewer is not None and fewer.cost < best.cost + _GAIN:
            return None
    return best.imaging


def told_otherwise(values: Steps, imaging: Imaging) -> bool:
    """Whether the spectrum tells of another blur, or the highest frequencies of less noise."""
    blur = spectral_blur(values)
    if blur == 0:
        return False
    wider = max(imaging.blur / blur, blur / imaging.blur)
    return wider > _WIDER or imaging.noise > _NOISIER * white_noise(values)


def white_noise(values: Steps) -> float:
    """Standard deviation of white noise, from second differences along all axes at once.

    What they leave of an edge across one axis is nothing along the other two.
    """
    rest = values[tuple(_middle(n, _SPECTRUM) for n in values.shape)].astype(np.float32)
    weight = 1.0
    for axis, n in enumerate(values.shape):
        if n > 2:
            rest = np.diff(rest, 2, axis)
            weight *= 6.0
    return float(1.4826 * np.median(np.abs(rest)) / weight**0.5)


def spectral_blur(values: Steps) -> float:
    """Standard deviation [voxels] of the blur of sharp boundaries, 0 where it cannot be told.

    The spectrum of bodies with sharp boundaries falls as the fourth power of the wave number
    (Porod's law, recalled); a Gaussian blur multiplies it with
    exp(-(blur k)^2). Fitted where it stands out of the noise.
    """
    part = values[tuple(_middle(n, _SPECTRUM) for n in values.shape)].astype(np.float32)
    if min(part.shape) < 16:
        return 0.0
    part -= part.mean()
    numbers = []
    for axis, n in enumerate(part.shape):
        window = np.hanning(n + 2)[1:-1].astype(np.float32)
        window /= np.sqrt(np.mean(window**2))
        part *= np.expand_dims(window, tuple(a for a in range(3) if a != axis))
        one = np.fft.rfftfreq(n) if axis == 2 else np.fft.fftfreq(n)
        numbers.append((2 * np.pi * one) ** 2)
    power = (np.abs(np.fft.rfftn(part)) ** 2 / part.size).ravel()
    wave = np.sqrt(numbers[0][:, None, None] + numbers[1][:, None] + numbers[2]).ravel()
    bins = np.arange(_LOWEST, _HIGHEST + 0.05, 0.1)
    at = np.digitize(wave, bins)
    number = np.maximum(np.bincount(at, minlength=len(bins) + 1), 1)[1:-1]
    mean = np.bincount(at, power, len(bins) + 1)[1:-1] / number
    wave = np.bincount(at, wave, len(bins) + 1)[1:-1] / number
    noise = white_noise(values) ** 2
    left = mean - noise
    clear = (left > 0.1 * noise) & (left > 10 * noise / np.sqrt(number))
    if np.count_nonzero(clear) < 4:
        return 0.0
    mean, left, wave, number = mean[clear], left[clear], wave[clear], number[clear]
    doubt = np.hypot(mean / left / np.sqrt(number), 0.05)
    slope = np.polyfit(wave**2, np.log(left * wave**4), 1, w=1 / doubt)[0]
    return float(np.sqrt(max(-slope, 0.1)))


def _middle(voxels: int, most: int) -> slice:
    first = max(0, (voxels - most) // 2)
    return slice(first, min(voxels, first + most))


def _starts(quiet: Array, phases: int) -> list[Array]:
    """Greys of which the outer ones lie at and beyond the ends of the histogram."""
    split = split_histogram(quiet, phases)
    low, high = np.quantile(quiet, (0.01, 0.99))
    found = []
    for below, above in ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1)):
        ends = low - below * (split[0] - low), high + above * (high - split[-1])
        found.append(np.linspace(*ends, phases))
        if phases > 2:
            found.append(np.array([ends[0], *split[1:-1], ends[1]]))
    return found


def _best(looked: _Looked, starts: list[Array], rounds: int) -> _Fitted | None:
    """The likeliest of where the starts lead, first by one turn of each, then by more."""
    first = [_turn(looked, one) for one in starts]
    found = sorted((one for one in first if one is not None), key=lambda one: one.cost)
    best = found[0] if found else None
    for begun in found[:2]:
        here: _Fitted | None = begun
        for _ in range(rounds):
            here = None if here is None else _turn(looked, here.imaging.levels)
            if here is not None and best is not None and here.cost < best.cost:
                best = here
    return best


def _turn(looked: _Looked, levels: Array) -> _Fitted | None:
    """Labels by these greys, and the greys that fit the labels; None where a phase is lost."""
    block, imaging = looked.values, Imaging(levels, looked.blur, looked.noise)
    if np.diff(levels).min() <= imaging.noise / 2:
        return None
    labels = without_rims(
        between((levels[1:] + levels[:-1]) / 2, looked.quiet), looked.quiet, imaging
    )
    sharpen(block, labels, imaging, looked.area)
    shares = np.bincount(labels.ravel(), minlength=len(levels)) / labels.size
    if min(shares[0], shares[-1]) < _LEAST_OUTER or np.any(shares[1:-1] < _LEAST_INNER):
        return None
    parts = np.stack(
        [blurred(labels == number, imaging.blur).ravel() for number in range(len(levels))]
    ).astype(float)
    fitted = np.linalg.lstsq(parts @ parts.T, parts @ block.ravel().astype(float), rcond=None)[0]
    low, high = looked.ends
    if np.any(np.diff(fitted) <= 0) or fitted[0] < low or fitted[-1] > high:
        return None
    left = float(np.mean((block.ravel() - fitted @ parts) ** 2)) / imaging.noise**2
    cost = left / 2 + _SURFACE * _surface(labels) / labels.size
    return _Fitted(Imaging(fitted, imaging.blur, imaging.noise), left, cost)


def _surface(labels: NDArray[np.uint8]) -> float:
    """Pairs of unlike neighbours over their squared distance, as sharpening counts them."""
    found = 0.0
    for step in np.ndindex(3, 3, 3):
        apart = tuple(one - 1 for one in step)
        if apart <= (0, 0, 0):
            continue
        here = tuple(slice(max(0, -one), -one if one > 0 else None) for one in apart)
        there = tuple(slice(max(0, one), one if one < 0 else None) for one in apart)
        weight = 1 / sum(one**2 for one in apart)
        found += weight * np.count_nonzero(labels[here] != labels[there])
    return found
