"""Grey volumes to volumes of named phases, and the volumes that other choices give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.core.volume import GreyVolume, Volume
from solith.structure._first_labels import between, without_rims
from solith.structure._grey_levels import (
    Levels,
    find_levels,
    inner_voxels,
    levels_at,
    levels_between,
)
from solith.structure._grey_steps import GreySteps, grey_steps
from solith.structure._sharpen import Imaging, find_imaging, photograph, sharpen, sharpened
from solith.structure.background import remove_background, take_away
from solith.structure.denoising import denoised_steps, noise_of_steps

__all__ = ["Segmentation", "segment_phases"]

Array = NDArray[Any]
_SMOOTHNESS = 0.1
_DETAIL = 1.6
"""Factor by which the smoothness is taken as uncertain (one standard uncertainty)."""
_BLUR_DETAIL = 1.05
"""Factor by which the blur is taken as uncertain."""
_RANGE = 1.96
_RULE = 0.01
"""Part of the contrast by which a boundary may lie beside half way, one standard uncertainty."""
_FEW = 1e-3
_UNEXPLAINED = 1.3
"""Times the noise of single voxels that the phases may leave."""


@dataclass(frozen=True, eq=False)
class Segmentation:
    """A segmented volume, and what is known of the choices behind it.

    Grey values are those after the drift was taken out. ``thresholds`` lie between phases that are
    neighbours in grey, each with its plausible range (95 %) in ``ranges``; ``means`` and
    ``spreads`` of the phases' greys are those of denoised voxels inside a phase, ``shares`` the
    phases' shares of these. ``blur`` [voxels] and ``noise`` are standard deviations found in the
    volume.
    """

    volume: Volume = field(repr=False)
    thresholds: tuple[float, ...]
    ranges: tuple[tuple[float, float], ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    shares: tuple[float, ...]
    blur: float
    noise: float
    smoothness: float
    flags: tuple[str, ...]
    _grey: GreySteps = field(repr=False)

    def at(self, shifts: ArrayLike = 0.0, *, detail: float = 0.0) -> Volume:
        """The volume that other choices give, in standard uncertainties of each.

        ``shifts`` move the thresholds, all alike or each by its own; 1.96 is the bright end of the
        plausible range. ``detail`` 1 lets finer detail stand (less smoothing, more blur undone),
        -1 less.
        """
        spread = np.array([(high - low) / 2 / _RANGE for low, high in self.ranges])
        try:
            moved = np.asarray(self.thresholds) + np.broadcast_to(shifts, spread.shape) * spread
        except ValueError:
            raise InputError(
                f"{len(spread)} thresholds need as many shifts, or one, not {shifts!r}",
                where="shifts",
            ) from None
        labels = self.volume.labels.copy()
        imaging = self._imaging(_BLUR_DETAIL**detail)
        sharpen(
            self._grey.values,
            labels,
            imaging,
            self.smoothness * _DETAIL**-detail,
            _from_half_way(self._grey.to_steps(moved), imaging.levels),
        )
        return Volume(labels, self.volume.phases, self.volume.voxel_size)

    def imaged_again(self, seed: int) -> Volume:
        """The volume that comes back if this one is blurred, made noisy and segmented again.

        By the same greys, thresholds, blur and noise. What differs from :attr:`volume` is what
        segmentation does to a body that is known.
        """
        imaging = self._imaging()
        values = photograph(self.volume.labels, imaging, np.random.default_rng(seed))
        cuts = np.asarray(self._grey.to_steps(self.thresholds))
        quiet = denoised_steps(values)
        labels = without_rims(between(cuts, quiet), quiet, imaging)
        sharpen(values, labels, imaging, self.smoothness, _from_half_way(cuts, imaging.levels))
        return Volume(labels, self.volume.phases, self.volume.voxel_size)

    def begun_sharper(self) -> Volume:
        """The volume that comes where the work begins from sharpened grey values.

        Labels are moved voxel by voxel, so that the end depends on the beginning where bodies are
        about as thin as the blur: there the grey values do not decide.
        """
        cuts = np.asarray(self._grey.to_steps(self.thresholds))
        imaging = self._imaging()
        quiet = sharpened(denoised_steps(self._grey.values), imaging.blur)
        labels = without_rims(between(cuts, quiet), quiet, imaging)
        shifts = _from_half_way(cuts, imaging.levels)
        sharpen(self._grey.values, labels, imaging, self.smoothness, shifts)
        return Volume(labels, self.volume.phases, self.volume.voxel_size)

    def _imaging(self, wider: float = 1.0) -> Imaging:
        levels = np.asarray(self._grey.to_steps(self.means))
        return Imaging(levels, self.blur * wider, self.noise / self._grey.step)

    def variants(self) -> Iterator[tuple[str, Volume, Volume]]:
        """Name of each choice, and the volumes one standard uncertainty below and above."""
        for number, names in enumerate(_neighbours(list(self.volume.phases))):
            shift = np.zeros(len(self.thresholds))
            shift[number] = 1.0
            yield f"threshold {names}", self.at(-shift), self.at(shift)
        yield "detail", self.at(detail=-1.0), self.at(detail=1.0)
        yield "beginning", self.volume, self.begun_sharper()

    def part(self, box: tuple[slice, slice, slice]) -> Segmentation:
        """The segmentation of a block, with the choices of the whole; its arrays are copies."""
        steps = replace(self._grey, values=np.ascontiguousarray(self._grey.values[box]).copy())
        labels = np.ascontiguousarray(self.volume.labels[box]).copy()
        block = Volume(labels, self.volume.phases, self.volume.voxel_size)
        return replace(self, volume=block, _grey=steps)

    def result(self) -> Result:
        """Thresholds, greys, blur and noise as named values."""
        values = [
            Value(f"threshold_{names.replace('|', '_')}", at, "", (high - low) / 2 / _RANGE)
            for names, at, (low, high) in zip(
                _neighbours(list(self.volume.phases)), self.thresholds, self.ranges, strict=True
            )
        ]
        for name, mean, spread in zip(self.volume.phases, self.means, self.spreads, strict=True):
            values += [Value(f"grey_{name}", mean), Value(f"grey_spread_{name}", spread)]
        values += [Value("blur", self.blur, "voxel"), Value("noise", self.noise)]
        return Result("segmentation", tuple(replace(one, flags=self.flags) for one in values))


def segment_phases(
    grey: GreyVolume,
    phases: Sequence[str],
    *,
    thresholds: Sequence[float] | None = None,
    greys: Sequence[float] | None = None,
    smoothness: float = _SMOOTHNESS,
    background: bool = True,
    slices: str | int | None = None,
    progress: Progress = SILENT,
) -> Segmentation:
    """The phases of a grey volume, named dark to bright, and the range of the choices made.

    1. Noise is averaged out (:func:`denoise`), a slow drift taken away (:func:`remove_background`;
       not with ``background=False`` or thresholds given; ``slices`` names an axis whose slices
       differ in brightness).
    2. The phases' greys are the peaks of the histogram of voxels inside phases. Thresholds lie half
       way between, where a blurred boundary really is; ``thresholds`` given [grey] replace them.
       ``greys`` given are the phases' own, where a phase is so thin that it shows no peak.
    3. Blur and noise are found in the volume, the coat of a middle phase that thresholds put around
       each boundary of dark and bright is taken off, and the labels moved to where their blurred
       image is the grey volume. ``smoothness`` is the cost of surface; less lets finer detail and
       more noise stand. Bodies smaller than the blur stay where the grey values tell them from
       noise.

    A threshold's plausible range is 1.96 times the root of two squares: half of what its two
    phases' mean greys differ from one part of the volume to another, and 1 % of the contrast, by
    which half way may be the wrong place. Memory: 2 bytes a voxel stay besides the labels, 9 are
    used.

    :class:`InputError` for values that are not finite, one grey value only, thresholds that do not
    rise or do not fit, or fewer peaks in the histogram than phases.
    """
    names = _names(phases)
    if not smoothness > 0:
        raise InputError(f"smoothness is positive, not {smoothness!r}", where="smoothness")
    if slices is not None:
        order = 2 if background else 0
        grey = remove_background(grey, len(names), order=order, slices=slices)
    steps = grey_steps(grey)
    if thresholds is not None and greys is not None:
        raise InputError("give thresholds or greys, not both", where="greys")
    given = None if thresholds is None else _rising(thresholds, steps, len(names) - 1, "thresholds")
    known = None if greys is None else _rising(greys, steps, len(names), "greys")
    progress.report(0.05, "denoising")
    noise = noise_of_steps(steps.values)
    values = denoised_steps(steps.values)
    progress.report(0.3, "finding the phases' greys")
    levels = _levels(values, len(names), given, known, background=background)
    take_away(steps.values, levels.drift)
    take_away(values, levels.drift)
    cuts = (levels.means[1:] + levels.means[:-1]) / 2 if given is None else given
    labels = between(cuts, values)
    progress.report(0.4, "finding blur and noise")
    imaging = find_imaging(steps.values, labels, levels.means, cuts)
    labels = without_rims(labels, values, imaging)
    del values
    shifts = _from_half_way(cuts, levels.means)
    sharpen(steps.values, labels, imaging, smoothness, shifts, progress.part(0.45, 1.0))
    doubt = np.hypot(levels.doubts[1:], levels.doubts[:-1]) / 2
    reach = _RANGE * np.hypot(doubt, _RULE * np.diff(levels.means))
    progress.report(1.0)
    return Segmentation(
        Volume(labels, names, grey.voxel_size),
        _floats(steps.to_grey(cuts)),
        tuple(zip(*(_floats(steps.to_grey(cuts + end)) for end in (-reach, reach)), strict=True)),
        _floats(steps.to_grey(levels.means)),
        _floats(levels.spreads * steps.step),
        _floats(levels.shares),
        imaging.blur,
        imaging.noise * steps.step,
        float(smoothness),
        _flags(levels, imaging, noise, names),
        steps,
    )


def _names(phases: Sequence[str]) -> list[str]:
    if isinstance(phases, str) or len(phases) < 2 or len(phases) > 16:
        raise InputError(
            f"phases are 2 to 16 names, dark to bright, not {phases!r}", where="phases"
        )
    if len(set(phases)) < len(phases) or not all(isinstance(one, str) for one in phases):
        raise InputError(f"phases have names, each its own, not {phases!r}", where="phases")
    return list(phases)


def _rising(values: Sequence[float], steps: GreySteps, number: int, what: str) -> Array:
    found = np.asarray(steps.to_steps(values))
    if found.shape != (number,) or not np.all(np.diff(found) > 0):
        raise InputError(
            f"these phases need {number} rising {what}, not {list(values)}", where=what
        )
    return found


def _levels(
    values: NDArray[np.uint16],
    phases: int,
    cuts: Array | None,
    known: Array | None,
    *,
    background: bool,
) -> Levels:
    places, greys = inner_voxels(values)
    if known is not None:
        return levels_at(places, greys, known, values.shape)
    if cuts is not None:
        return levels_between(places, greys, cuts, values.shape)
    order = 2 if background else 0
    return find_levels(places, greys, phases, values.shape, order=order)


def _from_half_way(cuts: Array, levels: Array) -> Array:
    return np.asarray(cuts - (levels[1:] + levels[:-1]) / 2)


def _neighbours(names: list[str]) -> list[str]:
    return [f"{dark}|{bright}" for dark, bright in pairwise(names)]


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(float(one) for one in values)


def _flags(levels: Levels, imaging: Imaging, noise: float, names: list[str]) -> tuple[str, ...]:
    flags = [
        f"{name} is hardly anywhere thicker than the blur: its grey is uncertain"
        for name, share in zip(names, levels.shares, strict=True)
        if share < _FEW
    ]
    if imaging.noise > _UNEXPLAINED * noise:
        flags.append(
            f"the phases leave {imaging.noise / noise:.2g} times the noise unexplained: many "
            "bodies are thinner than the blur, or a phase has no name or another grey"
        )
    if imaging.noise > np.diff(levels.means).min():
        flags.append("the noise is larger than the contrast between two phases")
    return tuple(flags)
