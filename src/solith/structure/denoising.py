"""Noise taken out of grey volumes, edges kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.threads import share_out
from solith.core.volume import GreyVolume
from solith.structure._grey_steps import grey_steps

__all__ = ["denoise", "denoised_steps", "estimate_noise", "noise_of_steps"]

_ALIKE = 4.0
"""Guides that differ by less than this many standard deviations of their noise are averaged."""


def denoise(grey: GreyVolume, *, radius: float = 2.5, passes: int = 1) -> GreyVolume:
    """The grey volume with its noise averaged out within phases but not across edges.

    A bilateral filter (Tomasi and Manduchi, doi:10.1109/ICCV.1998.710815) whose weights come from
    a guide (joint: Petschnigg et al., doi:10.1145/1015706.1015777), so that noise does not weight
    itself: the volume smoothed over 3 x 3 x 3 voxels in the first pass, the result of the pass
    before in later ones. What is averaged are always the values given. Weights are Tukey's
    biweight, its width four times the guide's noise, which is estimated. Neighbours lie within
    ``radius`` voxels, at least 1.

    The type of the values is kept; two copies of 16 bits a voxel are needed besides. Values that
    are not finite, and a volume of one grey value, are an :class:`InputError`.
    """
    if not (1 <= radius <= 8) or not (1 <= passes <= 5):
        raise InputError(
            f"radius {radius!r} is to be 1 to 8 voxels, passes {passes!r} 1 to 5", where="denoise"
        )
    steps = grey_steps(grey)
    values = denoised_steps(steps.values, radius, passes)
    result = type(steps)(values, steps.lowest, steps.step)
    return GreyVolume(result.write(grey.values), grey.voxel_size)


def estimate_noise(grey: GreyVolume) -> float:
    """Standard deviation of the noise of single voxels, in grey values.

    From the median size of second differences along the longest axis, to which edges
    contribute little as long as they hold the smaller part of the voxels.
    """
    steps = grey_steps(grey)
    return steps.step * noise_of_steps(steps.values)


def noise_of_steps(values: NDArray[np.uint16]) -> float:
    """As :func:`estimate_noise`, of grey values in steps."""
    return _noise(values, 1)


def denoised_steps(
    values: NDArray[np.uint16], radius: float = 2.5, passes: int = 1
) -> NDArray[np.uint16]:
    """As :func:`denoise`, on grey values in steps."""
    from solith.structure._grey_kernels import average_alike, smooth

    planes, cells = values.shape[0], values.size
    guide = np.empty_like(values)
    share_out(smooth, planes, cells, values, guide)
    offsets = _ball(radius)
    for _ in range(passes):
        alike = max(_ALIKE * _noise(guide, 2), 2.0)
        result = np.empty_like(values)
        share_out(average_alike, planes, cells * 50, values, guide, result, offsets, alike)
        guide = result
    return guide


def _ball(radius: float) -> NDArray[np.int64]:
    reach = np.arange(-int(radius), int(radius) + 1)
    grid = np.stack(np.meshgrid(reach, reach, reach, indexing="ij"), axis=-1).reshape(-1, 3)
    return np.ascontiguousarray(grid[np.sum(grid**2, axis=1) <= radius**2])


def _noise(values: NDArray[np.uint16], apart: int) -> float:
    """Of steps, from voxels ``apart`` from each other: 1.4826 times the median over sqrt(6)."""
    axis = int(np.argmax(values.shape))
    along = np.moveaxis(values, axis, 0)
    if along.shape[0] <= 2 * apart:
        return 0.0
    stride = max(1, int((values.size / 2e6) ** 0.5))
    some: Any = along[:, ::stride, ::stride].astype(np.int32)
    bend = some[2 * apart :] - 2 * some[apart:-apart] + some[: -2 * apart]
    return float(1.4826 * np.median(np.abs(bend)) / 6**0.5)
