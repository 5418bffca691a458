"""Features of a difference map: where it departs from noise, and when that began, how fast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.core.intervals import widening_95

__all__ = ["Growth", "Peak", "growth_of", "peaks_of"]

Array = NDArray[np.float64]

_BLOCKS = 4  # of spectra, averaged to see a feature that comes and goes
_CHANCE = 0.01  # that noise makes one feature in the whole map
_PROMINENCE = 4.0  # standard deviations that a feature stands above what parts it from others
_SAME = 1.5  # smoothing widths: features of blocks that are one
_LEAST_SPECTRA = 5
_KINKS = 200  # times tried for an onset
_CLOSER = 21, 3  # times tried about the best, and how often
_FIRST = 1.0  # steps between spectra: an onset before is not seen


@dataclass(frozen=True)
class Peak:
    """An extreme of the difference: place on the grid, way (1 or -1), significance, spectra."""

    place: int
    way: int
    significance: float
    first: int
    last: int


@dataclass(frozen=True)
class Growth:
    """A level that stays until ``onset`` and then changes at ``rate``; uncertainties of both.

    ``onset`` is ``None`` where the change goes on from the first spectrum; ``misfit`` is the
    variance of the residuals over that of noise.
    """

    onset: float | None
    onset_uncertainty: float | None
    rate: float
    rate_uncertainty: float
    misfit: float


def peaks_of(
    energy: Array, width: float, difference: Array, deviation: Array, reference: Array
) -> list[Peak]:
    """The significant extremes of differences (m, g) at ``energy`` [eV] (g,), by energy.

    ``deviation`` (m, g) is that of each spectrum, ``reference`` (g,) that of what was subtracted.
    Means over a quarter of the spectra, half overlapping, are compared with what noise makes
    in one of a hundred maps.
    """
    from scipy.signal import find_peaks
    from scipy.stats import norm

    count = max(len(difference) // _BLOCKS, 1)
    starts = range(0, len(difference) - count + 1, max(count // 2, 1))
    tries = len(starts) * max((energy[-1] - energy[0]) / width, 1.0)
    least = float(norm.isf(_CHANCE / (2.0 * tries)))
    found: list[Peak] = []
    for start in starts:
        rows = slice(start, start + count)
        mean = np.mean(difference[rows], axis=0)
        error = np.hypot(np.sqrt(np.sum(deviation[rows] ** 2, axis=0)) / count, reference)
        for way in (1, -1):
            places, about = find_peaks(way * mean, prominence=0.0)
            for place, stands in zip(places, about["prominences"], strict=True):
                ratio = way * mean[place] / error[place]
                if ratio > least and stands > _PROMINENCE * error[place]:
                    found.append(Peak(int(place), way, float(ratio), start, start + count))
    found.sort(key=lambda peak: -peak.significance)
    kept: list[Peak] = []
    for peak in found:
        if all(
            peak.way != other.way or abs(energy[peak.place] - energy[other.place]) > _SAME * width
            for other in kept
        ):
            kept.append(peak)
    return sorted(kept, key=lambda peak: peak.place)


def growth_of(time: Array, level: Array, deviation: Array) -> Growth | None:
    """A kink in a level with independent deviations, by least squares; ``None`` for few spectra.

    Standard uncertainties are of the Jacobian at the kink, times the residuals' deviation where
    that is larger than noise, and Student's factor.
    """
    if len(time) < _LEAST_SPECTRA:
        return None
    trials = np.linspace(time[0], time[-2], _KINKS)
    best, onset, rate = _kinked(time, level, deviation, trials)
    step = float(trials[1] - trials[0])
    for _ in range(_CLOSER[1]):
        near = np.clip(np.linspace(onset - step, onset + step, _CLOSER[0]), time[0], time[-2])
        best, onset, rate = _kinked(time, level, deviation, near)
        step *= 2.0 / (_CLOSER[0] - 1)
    seen = onset > time[0] + _FIRST * (time[1] - time[0])
    jacobian = _design(time, onset if seen else float(time[0]))
    if seen:
        jacobian = np.column_stack([jacobian, -rate * (time > onset)])
    freedom = len(time) - jacobian.shape[1]
    misfit = best / freedom
    inverse = np.linalg.pinv(jacobian / deviation[:, None])
    spread = np.linalg.norm(inverse, axis=1) * max(misfit, 1.0) ** 0.5
    if misfit > 1.0:
        spread = spread * widening_95(freedom)
    return Growth(
        onset=onset if seen else None,
        onset_uncertainty=float(spread[2]) if seen else None,
        rate=rate,
        rate_uncertainty=float(spread[1]),
        misfit=misfit,
    )


def _kinked(
    time: Array, level: Array, deviation: Array, trials: Array
) -> tuple[float, float, float]:
    """The least weighted squares of all trials of the onset, with that onset and its rate."""
    found = []
    for trial in trials.tolist():
        design = _design(time, trial) / deviation[:, None]
        solved, *_ = np.linalg.lstsq(design, level / deviation, rcond=None)
        squares = float(np.sum((design @ solved - level / deviation) ** 2))
        found.append((squares, trial, float(solved[1])))
    return min(found)


def _design(time: Array, onset: float) -> Array:
    return np.column_stack([np.ones(len(time)), np.maximum(time - onset, 0.0)])
