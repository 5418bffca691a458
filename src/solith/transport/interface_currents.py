"""Current density at the interface of a polycrystal: over windows, over grains, with depth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.transport._lateral_maps import highest_window, lateral_modes, window_average
from solith.transport._polycrystal_stack import Stack

__all__ = [
    "GrainCurrent",
    "InterfaceCurrent",
    "LayerDecay",
    "average_interface",
    "average_over_grains",
    "extrapolate_peak",
    "follow_decay",
]

Array = NDArray[Any]

_LEFT = 0.2
"""What is left of the excess at the decay depth."""
_WIDE = 28.0
"""Voxels that a window should be across for a peak within 5 %. Against conforming elements, 1 um
peaks among grains of 10 um with boundaries of 1e-2 to 1e-5 of their conductivity came out lower, in
two dimensions by 14 to 21 % in 1.8 voxels, 5 to 8 % in 7.2, 1 to 4 % in 14.4 and 2 % in 29; in
three by 7 to 13 % in 3.6 voxels, 3 to 5 % in 7.2 and 1 to 3 % in 10."""
_LOW = 0.33
"""That over the square root of the voxels across is about the most by which a peak is low."""
_APART = 1.4
"""Ratio of voxel sizes from which a peak is carried on to none."""
_SLIVER = 0.05
"""Of the mean area: grains that have less at a face are left out of the contrast."""


@dataclass(frozen=True, eq=False, repr=False)
class InterfaceCurrent:
    """Current density over an interface, averaged over squares.

    ``density`` [A/m2]: the average around every voxel of the face, lateral directions in the order
    of x, y, z, ``spacing`` [m] apart. ``peak`` [A/m2]: the highest average over a window, wherever
    it stands. ``depth`` [m] from the ceramic's face into the layer. ``flags`` tell where a window
    has so few voxels that its peak is not settled.
    """

    density: Array
    peak: float
    spacing: tuple[float, float]
    window: float
    depth: float
    flags: tuple[str, ...]

    @property
    def mean(self) -> float:
        """Over the face [A/m2]."""
        return float(self.density.mean())

    @property
    def peak_over_mean(self) -> float:
        """The highest average over a window over the mean."""
        return self.peak / self.mean

    @property
    def result(self) -> Result:
        """The values as a result that prints itself and goes into a report."""
        told = partial(
            Value,
            method=f"mean over squares of {self.window:.3g} m, {self.depth:.3g} m from the ceramic",
        )
        spread = float(self.density.std())
        return Result(
            "interface current",
            (
                told("current_density_mean", self.mean, "A/m2", area="geometric"),
                told("current_density_peak", self.peak, "A/m2", area="geometric", flags=self.flags),
                told("current_density_std", spread, "A/m2", area="geometric"),
                told(
                    "current_density_p99",
                    float(np.percentile(self.density, 99)),
                    "A/m2",
                    area="geometric",
                ),
                told("peak_over_mean", self.peak_over_mean, flags=self.flags),
                told("std_over_mean", spread / self.mean),
            ),
            {"window": self.window, "depth": self.depth},
        )

    def __repr__(self) -> str:
        return str(self.result)


@dataclass(frozen=True, eq=False, repr=False)
class GrainCurrent:
    """Mean current density of the grains at a face.

    ``grains`` are their numbers, ``areas`` [m2] what they have at the ceramic's face, ``densities``
    [A/m2] the mean over it. The contrasts have their own names, because "contrast between grains"
    may mean each of them; an infinite one (a grain without any current) is None in the result.
    """

    grains: Array
    areas: Array
    densities: Array
    depth: float
    left_out: int

    @property
    def max_over_median(self) -> float:
        """The highest over the median of the grains."""
        return float(self.densities.max() / np.median(self.densities))

    @property
    def max_over_min(self) -> float:
        """The highest over the lowest."""
        with np.errstate(divide="ignore"):
            return float(self.densities.max() / self.densities.min())

    @property
    def max_over_others(self) -> float:
        """The highest over the mean of the other grains (each weighing the same)."""
        highest = int(np.argmax(self.densities))
        return float(self.densities[highest] / np.delete(self.densities, highest).mean())

    @property
    def result(self) -> Result:
        """The values as a result that prints itself and goes into a report."""
        told = partial(
            Value, method=f"mean over each of {len(self.grains)} grains, {self.left_out} left out"
        )
        names = ("max_over_median", "max_over_min", "max_over_others")
        values = [
            told(
                f"grain_contrast_{name}",
                number if np.isfinite(number) else None,
                flags=() if np.isfinite(number) else ("some grains carry no current",),
            )
            for name in names
            for number in (getattr(self, name),)
        ]
        highest = int(np.argmax(self.densities))
        return Result(
            "grain current",
            (
                told("current_density_highest_grain", float(self.densities.max()), "A/m2"),
                *values,
            ),
            {"highest_grain": int(self.grains[highest]), "depth": self.depth},
        )

    def __repr__(self) -> str:
        return str(self.result)


@dataclass(frozen=True, eq=False, repr=False)
class LayerDecay:
    """How uneven the current is at every ``depth`` [m] from the ceramic's face to the electrode.

    ``excess``: highest average over a window over the mean, less 1; ``spread``: standard deviation
    of the averages over the mean. ``decay_depth`` [m]: where 80 % of the excess at the ceramic's
    face is gone, None if that is not reached. Of the strongest lateral modes in the layer next to
    the ceramic: ``wavelengths`` [m], ``amplitudes`` at the ceramic's face over the mean, and
    ``decay_lengths`` [m] over which they fall by e in an infinitely thick layer; L / 2 pi is exact.
    """

    window: float
    depth: Array
    excess: Array
    spread: Array
    decay_depth: float | None
    wavelengths: Array
    amplitudes: Array
    decay_lengths: Array

    @property
    def result(self) -> Result:
        """The values as a result that prints itself and goes into a report."""
        told = partial(Value, method=f"mean over squares of {self.window:.3g} m")
        flags = () if self.decay_depth is not None else ("80 % are not gone at the electrode",)
        return Result(
            "decay in the layer",
            (
                told("decay_depth", self.decay_depth, "m", flags=flags),
                told("excess_at_ceramic", float(self.excess[0])),
                told("excess_at_electrode", float(self.excess[-1])),
            ),
            {
                "depth": self.depth.tolist(),
                "excess": self.excess.tolist(),
                "spread": self.spread.tolist(),
                "wavelengths": self.wavelengths.tolist(),
                "decay_lengths": self.decay_lengths.tolist(),
            },
        )

    def __repr__(self) -> str:
        return str(self.result)


def average_interface(
    stack: Stack, voltage: Array, bias: float, window: Any, side: str, depth: Any
) -> InterfaceCurrent:
    """The map of window averages at a depth."""
    plane, found = _plane_at(stack, side, depth)
    size = _window_of(stack, window)
    density = bias * stack.planes(voltage, plane, plane + 1)[0]
    spacing, periodic = stack.lateral
    wide = size / max(h for n, h in zip(density.shape, spacing, strict=True) if n > 1)
    averages = window_average(density, size, spacing, periodic)
    peak = highest_window(density, size, spacing, periodic)
    return InterfaceCurrent(averages, peak, spacing, size, found, _low(wide))


def extrapolate_peak(coarse: InterfaceCurrent, fine: InterfaceCurrent) -> Result:
    """The peak over the mean for voxels without size, from two solutions of the same polycrystal.

    The errors of peaks are taken as proportional to the voxels' size: at boundaries' corners an
    approximation (their order is between a half and one), so that half of the correction is given
    as uncertainty. Raises :class:`InputError` for windows or depths that differ, and voxels that
    are not at least 1.4 times as large.
    """
    ratio = max(coarse.spacing) / max(fine.spacing)
    if ratio < _APART:
        raise InputError(
            f"its voxels are {ratio:.3g} times as large as the fine one's; take at least {_APART}",
            where="coarse",
        )
    if not np.allclose((coarse.window, coarse.depth), (fine.window, fine.depth), 1e-9, 0.0):
        raise InputError("its window or depth is not that of the fine one", where="coarse")
    correction = (fine.peak_over_mean - coarse.peak_over_mean) / (ratio - 1)
    return Result(
        "extrapolated peak",
        (
            Value(
                "peak_over_mean",
                fine.peak_over_mean + correction,
                uncertainty=0.5 * abs(correction),
                method="two voxel sizes, carried on to none",
            ),
        ),
        {"coarse": coarse.peak_over_mean, "fine": fine.peak_over_mean, "window": fine.window},
    )


def average_over_grains(
    stack: Stack, voltage: Array, bias: float, side: str, depth: Any, least_area: Any
) -> GrainCurrent:
    """The mean of each grain that has a large enough part of a face."""
    plane, found = _plane_at(stack, side, depth)
    density = bias * stack.planes(voltage, plane, plane + 1)[0]
    spacing, _ = stack.lateral
    grains = stack.footprint(side)
    inside = grains >= 0
    numbers, which, counts = np.unique(grains[inside], return_inverse=True, return_counts=True)
    areas = counts * spacing[0] * spacing[1]
    means = np.bincount(which, density[inside]) / counts
    least = _SLIVER * areas.mean() if least_area is None else _told(least_area, "m2", "least_area")
    large = areas >= least
    if np.count_nonzero(large) < 2:
        raise InputError(
            f"fewer than two grains have an area of {least:.3g} m2 at the face: no contrast",
            where="least_area",
        )
    left_out = int(np.count_nonzero(~large))
    return GrainCurrent(numbers[large], areas[large], means[large], found, left_out)


def follow_decay(stack: Stack, voltage: Array, bias: float, window: Any, side: str) -> LayerDecay:
    """Unevenness at every plane of a side's layers, and its lateral modes."""
    first, last = _layer_planes(stack, side)
    if last - first < 2:
        raise InputError(f"there is no layer on the {side} face", where="side")
    size = _window_of(stack, window)
    spacing, periodic = stack.lateral
    maps = bias * stack.planes(voltage, first, last)
    heights = stack.heights[first : last - 1]
    rows = stack.rows[first : last - 1]
    if side == "first":
        maps, heights, rows = maps[::-1], heights[::-1], rows[::-1]
    depth = np.concatenate([[0.0], np.cumsum(heights)])
    averages = np.array([window_average(one, size, spacing, periodic) for one in maps])
    mean = averages.mean(axis=(1, 2))
    peaks = np.array([highest_window(one, size, spacing, periodic) for one in maps])
    excess = peaks / mean - 1
    near = np.count_nonzero(rows == rows[0])
    modes = lateral_modes(maps[: near + 1] / mean[0], float(heights[0]), spacing, periodic)
    return LayerDecay(
        size,
        depth,
        excess,
        averages.std(axis=(1, 2)) / mean,
        _depth_where_gone(depth, excess),
        *modes,
    )


def _low(wide: float) -> tuple[str, ...]:
    """A flag where a window has too few voxels."""
    if wide > _WIDE - 1e-6:
        return ()
    low = 100 * _LOW / np.sqrt(wide)
    return (f"a window is only {wide:.1f} voxels wide: its peak may be {low:.0f} % low",)


def _depth_where_gone(depth: Array, excess: Array) -> float | None:
    below = np.flatnonzero(excess <= _LEFT * excess[0])
    if not len(below) or excess[0] <= 0:
        return None
    n = int(below[0])
    # Between two planes the excess falls about exponentially.
    high, low = np.log(excess[n - 1]), np.log(max(excess[n], 1e-300))
    part = (high - np.log(_LEFT * excess[0])) / (high - low)
    return float(depth[n - 1] + part * (depth[n] - depth[n - 1]))


def _layer_planes(stack: Stack, side: str) -> tuple[int, int]:
    """First plane of faces of a side's layers, and the one after the last."""
    if side == "first":
        return 0, stack.ceramic.start + 1
    if side == "last":
        return stack.ceramic.stop, len(stack.rows) + 1
    raise UnknownNameError.among("side", str(side), ("first", "last"))


def _plane_at(stack: Stack, side: str, depth: Any) -> tuple[int, float]:
    """The plane of faces nearest to a depth, and the depth it has."""
    first, last = _layer_planes(stack, side)
    places = np.concatenate([[0.0], np.cumsum(stack.heights)])
    depths = places - places[last - 1 if side == "first" else first]
    if side == "first":
        depths = -depths
    if depth is None:
        plane = 0 if side == "first" else len(places) - 1
        return plane, float(depths[plane])
    wanted = _told(depth, "m", "depth")
    slack = 0.5 * float(stack.widths[stack.axis])
    if not depths.min() - slack <= wanted <= depths.max() + slack:
        raise InputError(
            f"{depth!r} is not between {depths.min():.3g} and {depths.max():.3g} m", where="depth"
        )
    plane = int(np.argmin(np.abs(depths - wanted)))
    return plane, float(depths[plane])


def _window_of(stack: Stack, window: Any) -> float:
    size = _told(window, "m", "window")
    shape = [n for d, n in enumerate(stack.grains.shape) if d != stack.axis]
    widths = np.delete(stack.widths, stack.axis)
    wide = [(n * h, h) for n, h in zip(shape, widths, strict=True) if n > 1]
    if not wide:
        raise InputError("the face has one voxel only: no window fits", where="window")
    least, most = max(h for _, h in wide), min(length for length, _ in wide)
    if not least * (1 - 1e-9) <= size <= most:
        raise InputError(
            f"{window!r} is not between one voxel ({least:.3g} m) and the face ({most:.3g} m)",
            where="window",
        )
    return size


def _told(value: Any, unit: str, where: str) -> float:
    try:
        return to_si(value, unit)
    except InputError as error:
        raise error.inside(where) from None
