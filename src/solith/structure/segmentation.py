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
from solith.structure._given import is_real
from solith.structure._grey_fit import fit_imaging, told_otherwise
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
_FITTED = 0.15
"""Part of the least contrast by which greys are uncertain that were fitted without peaks."""
_LEAST = 64
"""Voxels for each phase below which nothing is told of greys, drift, blur and noise."""
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
    _fitted: bool = field(default=False, repr=False)

    def at(self, shifts: ArrayLike = 0.0, *, detail: float = 0.0) -> Volume:
        """The volume that other choices give, in standard uncertainties of each.

        ``shifts`` move the thresholds, all alike or each by its own; 1.96 is the bright end of the
        plausible range. Greys that were fitted without peaks move with them. ``detail`` 1 lets
        finer detail stand (less smoothing, more blur undone), -1 less.
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
        cuts = self._grey.to_steps(moved)
        if self._fitted:
            apart = cuts - self._grey.to_steps(self.thresholds)
            ends = np.concatenate([apart[:1], apart, apart[-1:]])
            imaging = replace(imaging, levels=imaging.levels + (ends[1:] + ends[:-1]) / 2)
            cuts = (imaging.levels[1:] + imaging.levels[:-1]) / 2
        shifts = _from_half_way(cuts, imaging.levels)
        sharpen(self._grey.values, labels, imaging, self.smoothness * _DETAIL**-detail, shifts)
        return Volume(labels, self.volume.phases, self.volume.voxel_size)

    def imaged_again(self, seed: int, volume: Volume | None = None) -> Volume:
        """The volume that comes back if this one is blurred, made noisy and segmented again.

        By the same greys, thresholds, blur and noise. What differs from :attr:`volume` is what
        segmentation does to a body that is known; to another ``volume`` of these phases if given.
        """
        imaging = self._imaging()
        values = photograph((volume or self.volume).labels, imaging, np.random.default_rng(seed))
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

    @property
    def fitted(self) -> bool:
        """Whether the greys were fitted, as a phase is too thin for a peak."""
        return self._fitted

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
       A phase so thin that it shows no peak gets the grey with which labels, blurred, explain the
       middle of the volume best, and a flag; ``greys`` given [grey] are the phases' own.
    3. Blur and noise are found in the volume, the coat of a middle phase that thresholds put around
       each boundary of dark and bright is taken off, and the labels moved to where their blurred
       image is the grey volume. ``smoothness`` is the cost of surface; less lets finer detail and
       more noise stand. Bodies smaller than the blur stay where the grey values tell them from
       noise.

    A threshold's plausible range is 1.96 times the root of two squares: half of what its two
    phases' mean greys differ from one part of the volume to another, and 1 % of the contrast, by
    which half way may be the wrong place. Memory: 2 bytes a voxel stay besides the labels, 9 are
    used.

    :class:`InputError` for fewer than 64 voxels for each phase, values that are not finite, one
    grey value only, thresholds that do not
    rise or do not fit, or fewer peaks in the histogram than phases unless all phases are needed to
    explain the volume.
    """
    names = _names(phases)
    _require_voxels(grey, len(names))
    if not (is_real(smoothness) and 0 < smoothness < np.inf):
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
    progress.report(0.4, "finding blur and noise")
    levels, cuts, imaging = _imaging(steps.values, values, levels, given, smoothness)
    labels = without_rims(between(cuts, values), values, imaging)
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
        levels.fitted,
    )


def _names(phases: Sequence[str]) -> list[str]:
    listed = isinstance(phases, (Sequence, np.ndarray)) and not isinstance(phases, (str, bytes))
    if not listed or not 2 <= len(phases) <= 16:
        raise InputError(
            f"phases are 2 to 16 names, dark to bright, not {phases!r}", where="phases"
        )
    if not all(isinstance(one, str) for one in phases) or len(set(phases)) < len(phases):
        raise InputError(f"phases have names, each its own, not {phases!r}", where="phases")
    return list(phases)


def _require_voxels(grey: GreyVolume, phases: int) -> None:
    if isinstance(grey, GreyVolume) and grey.values.size < _LEAST * phases:
        raise InputError(
            f"{' x '.join(map(str, grey.shape))} voxels are too few to tell {phases} phases apart: "
            f"{_LEAST * phases} are needed",
            where="grey",
        )


def _rising(values: Sequence[float], steps: GreySteps, number: int, what: str) -> Array:
    try:
        found = np.asarray(steps.to_steps(values))
    except (TypeError, ValueError):
        found = np.empty(0)
    fits = found.shape == (number,) and np.all(np.isfinite(found))
    if not fits or not np.all(np.diff(found) > 0):
        raise InputError(f"these phases need {number} rising {what}, not {values!r}", where=what)
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


def _imaging(
    values: NDArray[np.uint16],
    quiet: NDArray[np.uint16],
    levels: Levels,
    given: Array | None,
    smoothness: float,
) -> tuple[Levels, Array, Imaging]:
    """Levels, thresholds, blur and noise; fitted where peaks are missing or do not explain."""
    cuts = (levels.means[1:] + levels.means[:-1]) / 2 if given is None else given
    if not levels.missing:
        imaging = find_imaging(values, between(cuts, quiet), levels.means, cuts)
        doubted = told_otherwise(values, imaging) or imaging.noise > np.diff(levels.means).min()
        if not (levels.from_peaks and doubted):
            return levels, cuts, imaging
    fitted = fit_imaging(values, quiet, len(levels.means), smoothness, (levels.means,))
    if fitted is None:
        levels.require_peaks()
        if imaging.noise > np.diff(levels.means).min():
            raise InputError(
                f"{len(levels.means)} phases are wanted, but the grey values show fewer peaks that "
                "explain them; name fewer phases, or give their greys or thresholds",
                where="phases",
            )
        return levels, cuts, imaging
    means = fitted.levels
    found = levels_at(*inner_voxels(quiet), means, values.shape, _FITTED)
    return replace(found, fitted=True), (means[1:] + means[:-1]) / 2, fitted


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
    if levels.fitted:
        flags.append(
            "a phase is hardly anywhere thicker than the blur and shows no peak: greys, blur and "
            "noise are those with which labels, blurred, explain the middle of the volume"
        )
    if noise > 0 and imaging.noise > _UNEXPLAINED * noise:
        flags.append(
            f"the phases leave {imaging.noise / noise:.2g} times the noise unexplained: many "
            "bodies are thinner than the blur, or a phase has no name or another grey"
        )
    if imaging.noise > np.diff(levels.means).min():
        flags.append("the noise is larger than the contrast between two phases")
    return tuple(flags)
