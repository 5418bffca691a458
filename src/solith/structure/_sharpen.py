"""Phases whose blurred image is the grey volume.

Thresholds put a rim of the middle phase around every boundary between dark and bright, and do not
see layers that blur keeps from reaching their grey. Here the labels are moved until the image that
they would give, blurred, leaves the least of the grey values unexplained, with a cost on surface.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.progress import SILENT, Progress
from solith.core.threads import share_out

__all__ = ["Imaging", "find_imaging", "photograph", "sharpen", "sharpened"]

Array = NDArray[Any]
_SWEEPS = 8
_REACH = 2.6
"""Standard deviations of the twice applied blur that a change reaches."""
_SURE = 3.5
"""Standard deviations of noise beyond which a new body begins amid another."""
_COARSEST = 0.2
"""The noise counts as at least this part of the contrast: whole voxels fit no better."""
_BLOCK = 112
_SMOOTHED = 1.0
_SHARPER = 2.0
_AROUND_EDGE = 7
_THIRD = 0.3
_STEEP = 0.6
"""Quantile of the slopes that is taken: curvature makes more of them flatter than steeper. Found on
volumes of known blur (spheres with voids of several sizes), where it gives 0.75 to 1.13 of it."""
_LEAST_BLUR, _MOST_BLUR = 0.35, 4.0
_ENOUGH = 200
"""Voxels from which a slope or a scatter is taken."""


@dataclass(frozen=True, eq=False)
class Imaging:
    """How phases become grey: ``levels`` [steps], ``blur`` [voxels], ``noise`` [steps].

    ``blur`` is the standard deviation of a Gaussian, ``noise`` that of white noise which after the
    blur would scatter as the grey values do.
    """

    levels: Array
    blur: float
    noise: float

    def blurred_weight(self) -> float:
        """Sum of the squared weights of the blur."""
        line = _line(self.blur * 2**0.5, _reach(self.blur))
        return float(line[len(line) // 2] ** 3)


def find_imaging(values: NDArray[np.uint16], labels: Array, levels: Array, cuts: Array) -> Imaging:
    """Blur and noise from the middle of the volume.

    The blur is that of the steepest kind of boundary: the slope (its quantile 0.6) of the values,
    smoothed by a known width, where they are within 5 % of a threshold ``cuts`` [steps] between
    neighbours in grey and no third phase is near. The noise is what the blurred values scatter
    around the phases away from boundaries.
    """
    middle = tuple(
        slice(max(0, (n - _BLOCK) // 2), max(0, (n - _BLOCK) // 2) + _BLOCK) for n in values.shape
    )
    grey, inner = np.ascontiguousarray(values[middle]), np.ascontiguousarray(labels[middle])
    blur = _edge_blur(grey, levels, cuts)
    found = Imaging(levels, blur, _COARSEST * float(np.diff(levels).min()))
    return replace(found, noise=_noise(grey, inner, levels, blur))


def sharpen(
    values: NDArray[np.uint16],
    labels: NDArray[np.uint8],
    imaging: Imaging,
    area: float,
    shifts: Array | None = None,
    progress: Progress = SILENT,
) -> None:
    """Move the labels in place until no voxel's change lowers the cost.

    Iterated conditional modes (Besag, doi:10.1111/j.2517-6161.1986.tb01412.x) of the squared
    misfit over twice the variance of the noise, with the blur in the misfit, and of ``area`` for
    each pair of unlike neighbours over their squared distance (26 neighbours). ``shifts`` [steps]
    move the grey half way between two phases, at which a boundary is put.

    At last, bodies smaller than the blur stay only where the grey values are likelier with them by
    more than a factor of the number of voxels, which is what noise alone reaches somewhere.
    """
    from solith.structure._sharpen_kernels import remove_specks, sweep

    levels = np.asarray(imaging.levels, float)
    gaps = np.diff(levels)
    noise = max(imaging.noise, _COARSEST * float(gaps.min()))
    reach = _reach(imaging.blur)
    line = _line(imaging.blur * 2**0.5, reach)
    spread = (line[:, None, None] * line[:, None] * line).astype(np.float32)
    own = float(spread[reach, reach, reach])
    cost = 2 * area * noise**2
    tilts = np.zeros(levels.size)
    if shifts is not None:
        tilts[1:] = np.cumsum(2 * gaps * shifts)
    least = (float(gaps.min()) * own + (_AROUND * cost - np.ptp(tilts)) / float(np.ptp(levels))) / 2
    least = max(least, _SURE * noise * own**0.5)
    rest = _rest(values, labels, levels, imaging.blur)
    thickness = max(16, 2 * reach + 1)
    blocks = -(-labels.shape[0] // thickness)
    for number in range(_SWEEPS):
        progress.report(number / _SWEEPS, "sharpening")
        changed = 0
        for parity in (0, 1):
            rows = (blocks - parity + 1) // 2
            if rows:
                changed += share_out(
                    sweep,
                    rows,
                    labels.size,
                    labels,
                    rest,
                    spread,
                    levels,
                    tilts,
                    cost,
                    own,
                    least,
                    thickness,
                    parity,
                    number % 2 == 1,
                )
        if changed < 1e-4 * labels.size:
            break
    evidence = 2 * imaging.noise**2 * float(np.log(labels.size))
    remove_specks(labels, rest, spread, levels, tilts, int(1 / own), evidence)


def photograph(
    labels: NDArray[np.uint8], imaging: Imaging, chance: np.random.Generator
) -> NDArray[np.uint16]:
    """Grey values [steps] that labels would give: blurred phases, and white noise."""
    grey = blurred(np.asarray(imaging.levels, np.float32)[labels], imaging.blur)
    grey += np.float32(imaging.noise) * chance.standard_normal(labels.shape, np.float32)
    return np.clip(np.rint(grey, out=grey), 0, 65535).astype(np.uint16)


def sharpened(values: NDArray[np.uint16], blur: float) -> NDArray[np.uint16]:
    """Grey values [steps] with twice of what the blur takes away put on top; in slabs."""
    result = np.empty_like(values)
    halo = int(np.ceil(3.5 * blur)) + 1
    thickness = max(4 * halo, 32)

    def fill(first: int, last: int) -> None:
        for slab in range(first, last):
            low, high = slab * thickness, min((slab + 1) * thickness, len(values))
            a = max(low - halo, 0)
            near = values[a : high + halo].astype(np.float32)
            near += _SHARPER * (near - blurred(near, blur))
            result[low:high] = np.clip(np.rint(near[low - a : high - a]), 0, 65535)

    share_out(fill, -(-len(values) // thickness), values.size)
    return result


_AROUND = 6 + 12 / 2 + 8 / 3
"""What a voxel's 26 neighbours weigh."""


def _reach(blur: float) -> int:
    return max(1, int(np.ceil(_REACH * blur * 2**0.5)))


def _line(width: float, reach: int) -> Array:
    """A Gaussian's share in each voxel along one axis."""
    from scipy.special import ndtr

    at = np.arange(-reach, reach + 1)
    line = ndtr((at + 0.5) / width) - ndtr((at - 0.5) / width)
    return np.asarray(line / line.sum())


def blurred(values: Array, width: float, outside: str = "nearest") -> Array:
    """Blurred along all axes, outside the border's values ("constant": zero); float32."""
    from scipy.ndimage import correlate1d

    line = _line(width, max(1, int(np.ceil(3.5 * width))))
    result = values.astype(np.float32)
    for axis in range(3):
        result = correlate1d(result, line, axis, np.float32, outside)
    return result


def _rest(values: Array, labels: Array, levels: Array, blur: float) -> Array:
    """Grey minus blurred phases, blurred; nothing is left outside. In slabs side by side."""
    rest = np.empty(values.shape, np.float32)
    planes = values.shape[0]
    halo = 2 * int(np.ceil(3.5 * blur)) + 1
    thickness = max(4 * halo, 32)
    table = levels.astype(np.float32)

    def fill(first: int, last: int) -> None:
        for slab in range(first, last):
            low, high = slab * thickness, min((slab + 1) * thickness, planes)
            a, b = max(low - halo, 0), min(high + halo, planes)
            inner = slice(low - a, high - a)
            left = values[a:b] - blurred(table[labels[a:b]], blur)
            rest[low:high] = blurred(left, blur, "constant")[inner]

    share_out(fill, -(-planes // thickness), values.size)
    return rest


def _edge_blur(values: Array, levels: Array, cuts: Array) -> float:
    """Standard deviation [voxels] of the blur of boundaries; see :func:`find_imaging`."""
    from scipy.ndimage import maximum_filter, minimum_filter
    from scipy.special import ndtri

    smooth = blurred(values, _SMOOTHED)
    dark, bright = minimum_filter(smooth, _AROUND_EDGE), maximum_filter(smooth, _AROUND_EDGE)
    axes = [axis for axis, n in enumerate(values.shape) if n > 1]
    slope = np.zeros(values.shape, np.float32)
    for axis in axes:
        slope += np.gradient(smooth, axis=axis) ** 2
    steepest = 0.0
    for cut, low, gap in zip(cuts, levels, np.diff(levels), strict=False):
        # Where a third phase is near, the slope is that of another contrast.
        alone = (dark > low - _THIRD * gap) & (bright < low + (1 + _THIRD) * gap)
        there = slope[alone & (np.abs(smooth - cut) < 0.05 * gap)]
        if there.size >= _ENOUGH:
            steepest = max(steepest, float(np.quantile(there, _STEEP)) ** 0.5 / float(gap))
    if steepest == 0.0:
        return 1.0
    width = 1 / float(ndtri(min(steepest, 0.45) + 0.5))
    return min(float(np.sqrt(max(width**2 - _SMOOTHED**2, _LEAST_BLUR**2))), _MOST_BLUR)


def _noise(values: Array, labels: Array, levels: Array, blur: float) -> float:
    """Standard deviation [steps] of white noise that would scatter as much after the blur."""
    from scipy.ndimage import maximum_filter, minimum_filter

    rest = _rest(values, labels, levels, blur)
    size = 2 * int(np.ceil(2 * blur)) + 1
    inside = minimum_filter(labels, size) == maximum_filter(labels, size)
    scatter = rest[inside] if np.count_nonzero(inside) >= _ENOUGH else rest.ravel()
    line = _line(blur * 2**0.5, _reach(blur))
    return float(1.4826 * np.median(np.abs(scatter)) / line[len(line) // 2] ** 1.5)
