"""Counts of spectra from positions, widths, areas and backgrounds, with derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solith.analysis._xps.backgrounds import TougaardLoss, loss_integral, running_integral
from solith.analysis._xps.components import Peak
from solith.analysis._xps.profiles import profile, profile_by_mix

__all__ = ["Choices", "Curves", "Layout", "Model"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Choices:
    """How a fit is made: the profile, what is shared, the background and where it comes from.

    ``mix`` is held where it is a number and fitted where it is ``None``.
    """

    shape: str
    mix: float | None
    background: str
    from_ends: bool
    loss: TougaardLoss
    shared_positions: bool
    one_width: bool


@dataclass(frozen=True)
class Layout:
    """Where the parameters of a fit stand in one vector."""

    records: int
    peaks: int
    choices: Choices

    @cached_property
    def groups(self) -> int:
        """How many sets of positions there are."""
        return 1 if self.choices.shared_positions else self.records

    @cached_property
    def widths(self) -> int:
        return 1 if self.choices.one_width else self.peaks

    @cached_property
    def mixes(self) -> int:
        return 1 if self.choices.mix is None else 0

    @cached_property
    def heights(self) -> int:
        """How many parameters a background has."""
        return 0 if self.choices.from_ends else 2

    @cached_property
    def size(self) -> int:
        own = self.records * (self.peaks + self.heights)
        return self.groups * self.peaks + self.widths + self.mixes + own

    def position(self, record: int, peak: int) -> int:
        group = 0 if self.choices.shared_positions else record
        return group * self.peaks + peak

    def width(self, peak: int) -> int:
        return self.groups * self.peaks + (0 if self.choices.one_width else peak)

    @property
    def mix(self) -> int:
        return self.groups * self.peaks + self.widths

    def area(self, record: int, peak: int) -> int:
        first = self.groups * self.peaks + self.widths + self.mixes
        return first + record * (self.peaks + self.heights) + peak

    def height(self, record: int, place: int) -> int:
        return self.area(record, self.peaks) + place


@dataclass(frozen=True)
class Curves:
    """One spectrum's model: each component (n, peaks), the background (n,), both summed (n,)."""

    components: Array
    background: Array
    total: Array


class Model:
    """The counts of all spectra.

    A vector has for each peak how far it is from the table's position [eV], logarithms of widths
    [eV], the mixing, and for each spectrum the areas [counts eV] and the background: a height
    [counts] and, of a line, its rise over the window [counts]; of Shirley's background the step
    over the area [1/eV]; of Tougaard's B [eV2]. Backgrounds are those of the fitted peaks (Shirley)
    or of the measured intensity (Tougaard), fitted with them, so that the areas' covariance has
    their uncertainty (Herrera-Gomez et al. 2014, 10.1002/sia.5453, DOI looked up); ``fixed`` ones
    are given.
    """

    def __init__(
        self,
        energies: Sequence[Array],
        counts: Sequence[Array],
        peaks: Sequence[Peak],
        choices: Choices,
        fixed: Sequence[Array] = (),
    ) -> None:
        self.energies = list(energies)
        self.counts = list(counts)
        self.peaks = list(peaks)
        self.choices = choices
        self.layout = Layout(len(self.energies), len(self.peaks), choices)
        self.fixed = list(fixed)
        self.rows = np.concatenate([[0], np.cumsum([len(one) for one in self.energies])])
        self.lost: list[tuple[Array, Array]] = []
        if choices.background == "tougaard" and not choices.from_ends:
            self.lost = [
                (
                    loss_integral(energy, measured, choices.loss),
                    loss_integral(energy, np.ones(len(energy)), choices.loss),
                )
                for energy, measured in zip(self.energies, self.counts, strict=True)
            ]

    def evaluate(self, point: Array) -> tuple[Array, Array]:
        """The counts of all spectra (n,) and their derivatives (n, p)."""
        total = np.empty(int(self.rows[-1]))
        jacobian = np.zeros((int(self.rows[-1]), self.layout.size))
        for record in range(self.layout.records):
            rows = slice(int(self.rows[record]), int(self.rows[record + 1]))
            total[rows] = self._record(point, record, jacobian[rows]).total
        return total, jacobian

    def curves(self, point: Array, record: int) -> Curves:
        """The parts of one spectrum's model."""
        rows = len(self.energies[record])
        return self._record(point, record, np.zeros((rows, self.layout.size)))

    def profiles(self, record: int, shift: float, width: float) -> Array:
        """Each component with an area of one (n, peaks), moved by ``shift``, for a start."""
        mix = 0.3 if self.choices.mix is None else self.choices.mix
        energy = self.energies[record]
        return np.stack(
            [self._doublet(energy, peak, shift, width, mix)[0] for peak in self.peaks], axis=1
        )

    def _record(self, point: Array, record: int, jacobian: Array) -> Curves:
        layout, energy = self.layout, self.energies[record]
        mix = self.choices.mix if self.choices.mix is not None else float(point[layout.mix])
        slopes = np.zeros_like(jacobian)
        components = np.empty((len(energy), layout.peaks))
        for n, peak in enumerate(self.peaks):
            at, broad = layout.position(record, n), layout.width(n)
            width, area = float(np.exp(point[broad])), point[layout.area(record, n)]
            unit, by_position, by_width, by_mix = self._doublet(
                energy, peak, float(point[at]), width, min(max(mix, 0.0), 1.0)
            )
            components[:, n] = area * unit
            slopes[:, layout.area(record, n)] += unit
            slopes[:, at] += area * by_position
            slopes[:, broad] += area * by_width * width
            if layout.mixes:
                slopes[:, layout.mix] += area * by_mix
        above = components.sum(axis=1)
        background = self._background(point, record, above, slopes)
        jacobian += slopes
        return Curves(components, background, above + background)

    def _background(self, point: Array, record: int, above: Array, slopes: Array) -> Array:
        if self.choices.from_ends:
            return self.fixed[record]
        layout, energy = self.layout, self.energies[record]
        first, second = layout.height(record, 0), layout.height(record, 1)
        height, rise = float(point[first]), float(point[second])
        slopes[:, first] = 1.0
        if self.choices.background == "linear":
            part = (energy - energy[0]) / (energy[-1] - energy[0])
            slopes[:, second] = part
            line: Array = height + rise * part
            return line
        if self.choices.background == "shirley":
            used = np.flatnonzero(slopes.any(axis=0))
            used = used[used != first]
            slopes[:, used] += rise * running_integral(energy, slopes[:, used])
            below = running_integral(energy, above)
            slopes[:, second] = below
            stepped: Array = height + rise * below
            return stepped
        measured, ones = self.lost[record]
        scattered: Array = measured - height * ones
        slopes[:, first] = 1 - rise * ones
        slopes[:, second] = scattered
        return height + rise * scattered

    def _doublet(
        self, energy: Array, peak: Peak, shift: float, width: float, mix: float
    ) -> tuple[Array, Array, Array, Array]:
        """Both lines with an area of one together, and derivatives by position, width, mix."""
        lines = [(0.0, 1.0)]
        if peak.ratio > 0:
            share = 1 / (1 + peak.ratio)
            lines = [(0.0, share), (peak.splitting, peak.ratio * share)]
        parts = [np.zeros(len(energy)) for _ in range(4)]
        for offset, share in lines:
            t = (energy - peak.position - shift - offset) / width
            value, slope = profile(self.choices.shape, t, mix)
            parts[0] += share * value / width
            parts[1] -= share * slope / width**2
            parts[2] -= share * (value + t * slope) / width**2
            if self.choices.mix is None:
                parts[3] += share * profile_by_mix(self.choices.shape, t, mix) / width
        return parts[0], parts[1], parts[2], parts[3]
