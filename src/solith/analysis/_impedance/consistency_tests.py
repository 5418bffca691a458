"""What a linear model of a spectrum leaves unexplained: bad points, bands, drift.

Every test asks whether a term added to the model makes the residuals smaller than noise would: an
F test of added regressors, exact for normal noise in proportion to |Z| and for any leverage, since
the model is linear. A term has two columns for a point (its real and its imaginary part are left
free), four for a band (an offset and a slope in each part) and one for drift (Re Z grows with the
time that the periods take). The clearest of those that are significant is taken into the model and
the others are tried again, so that one fault is not told as many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.analysis._impedance.linear_consistency import LinearFit
from solith.analysis._impedance.relaxation import as_complex
from solith.analysis._impedance.spectrum import Spectrum

__all__ = ["Faults", "Term", "bands_of", "find_faults"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Rows = NDArray[np.intp]

_MOST_TERMS = 8
_POINTS_IN_BAND = 6
_LEAST_NOISE = 3e-5  # of |Z|: nothing measures better; computed spectra shall not be doubted
_DETERMINED = 1e-3  # of a term's squared length has to lie outside the model


class Term(NamedTuple):
    """A fault: ``kind`` "point", "band" or "drift", at the row or band ``place``.

    ``probability`` is that of noise doing as much anywhere in a spectrum (Bonferroni's bound);
    ``effect`` (n,) is what the fault adds, complex, in parts of |Z|. ``misfit`` is what of it the
    model could not follow, root mean square over the rows touched, in parts of |Z|.
    """

    kind: str
    place: int
    probability: float
    misfit: float
    effect: Complex


@dataclass(frozen=True)
class Faults:
    """The terms that a model lacks, in the order found, and the ``fit`` that has them."""

    terms: tuple[Term, ...]
    fit: LinearFit

    @property
    def residuals(self) -> Complex:
        """What the model without the faults leaves (n,), in parts of |Z|."""
        left = as_complex(self.fit.residuals)
        for term in self.terms:
            left = left + term.effect
        return left

    @property
    def noise(self) -> float:
        """The standard deviation of either part about the model with the faults, over |Z|."""
        return float(np.sqrt(self.fit.squares / max(self.fit.freedom, 1)))


def bands_of(spectrum: Spectrum) -> Rows:
    """The band of each point, 0 at the highest frequency: about a decade, six points or more."""
    place = np.log10(spectrum.frequency[0] / spectrum.frequency)
    number = max(1, min(round(float(place[-1])), len(spectrum) // _POINTS_IN_BAND))
    edges = np.linspace(0.0, place[-1], number + 1)[1:-1]
    # Where a decade holds no point there is no band.
    return np.unique(np.searchsorted(edges, place, side="right"), return_inverse=True)[1]


def find_faults(
    spectrum: Spectrum,
    fit: Callable[[Spectrum, Array], LinearFit],
    bands: Rows,
    level: float,
) -> Faults:
    """Take into the model what it lacks until nothing more is significant at ``level``.

    ``level`` is the probability of finding anything in a spectrum that has no fault.
    """
    columns = np.empty((2 * len(spectrum), 0))
    found: list[tuple[_Candidate, slice]] = []
    fitted = fit(spectrum, columns)
    while len(found) < _MOST_TERMS and fitted.freedom > 2 * _POINTS_IN_BAND:
        candidates = _candidates(spectrum, fitted, bands)
        clearest = min(candidates, key=lambda one: one.probability)
        if clearest.probability >= level:
            break
        before = columns.shape[1]
        columns = np.hstack([columns, clearest.columns])
        found.append((clearest, slice(before, columns.shape[1])))
        fitted = fit(spectrum, columns)
    terms = tuple(
        Term(*one[:4], as_complex(columns[:, part] @ fitted.extra[part])) for one, part in found
    )
    return Faults(terms, fitted)


class _Candidate(NamedTuple):
    kind: str
    place: int
    probability: float
    misfit: float
    columns: Array


def _candidates(spectrum: Spectrum, fit: LinearFit, bands: Rows) -> list[_Candidate]:
    count, number = len(spectrum), int(bands[-1]) + 1
    chances = _of_points(fit)
    row = int(np.argmin(chances))
    point = np.zeros((2 * count, 2))
    point[[row, count + row], [0, 1]] = 1.0
    found = [_candidate("point", row, count, fit, point)]
    found += [
        _candidate("band", band, number, fit, _band_columns(bands, band)) for band in range(number)
    ]
    found.append(_candidate("drift", 0, 1, fit, _drift_column(spectrum)))
    # Points, bands and drift are three families: each has its share of the level.
    return [one._replace(probability=min(1.0, 3.0 * one.probability)) for one in found]


def _of_points(fit: LinearFit) -> Array:
    """For each point, the probability of noise making it so odd."""
    count = fit.residuals.size // 2
    real, imaginary = fit.basis[:count], fit.basis[count:]
    open_real = 1.0 - np.sum(real**2, axis=1)
    open_imaginary = 1.0 - np.sum(imaginary**2, axis=1)
    shared = -np.sum(real * imaginary, axis=1)
    determinant = open_real * open_imaginary - shared**2
    left, below = fit.residuals[:count], fit.residuals[count:]
    explained = open_imaginary * left**2 - 2 * shared * left * below + open_real * below**2
    known = determinant > _DETERMINED
    explained = np.where(known, explained, 0.0) / np.where(known, determinant, 1.0)
    return _chance(fit, explained, 2)


def _candidate(kind: str, place: int, number: int, fit: LinearFit, columns: Array) -> _Candidate:
    """One of ``number`` terms, in the directions that the model leaves open."""
    touched = np.any(columns != 0, axis=1)
    rows = as_complex(touched.astype(float)) != 0
    outside = fit.outside(columns)
    lengths, directions = np.linalg.eigh(outside.T @ outside)
    is_open = lengths > _DETERMINED * np.sum(columns**2) / columns.shape[1]
    columns, outside = columns @ directions[:, is_open], outside @ directions[:, is_open]
    if columns.shape[1] == 0:
        return _Candidate(kind, place, 1.0, 0.0, columns)
    along = columns.T @ fit.residuals
    chance = float(_chance(fit, np.sum(along**2 / lengths[is_open]), columns.shape[1]))
    seen = np.abs(as_complex(outside @ (along / lengths[is_open]))[rows])
    misfit = float(np.sqrt(np.mean(seen**2)))
    return _Candidate(kind, place, number * chance, misfit, columns)


def _chance(fit: LinearFit, explained: ArrayLike, rank: int) -> Array:
    """The probability that ``rank`` columns explain as much of the squares by chance."""
    from scipy.special import fdtrc

    freedom = fit.freedom - rank
    explained = np.asarray(explained, dtype=float)
    left = np.maximum(fit.squares - explained, 0.0) + freedom * _LEAST_NOISE**2
    return np.asarray(fdtrc(rank, freedom, np.maximum(explained, 0.0) / rank * freedom / left))


def _band_columns(bands: Rows, band: int) -> Array:
    """An offset and a slope in the real and in the imaginary part of the points of a band."""
    rows, count = np.flatnonzero(bands == band), bands.size
    columns = np.zeros((2 * count, 4))
    slope = np.linspace(-1.0, 1.0, rows.size) * np.sqrt(3.0)
    for part in (0, 1):
        columns[part * count + rows, 2 * part] = 1.0
        columns[part * count + rows, 2 * part + 1] = slope
    return columns


def _drift_column(spectrum: Spectrum) -> Array:
    """A resistance that grows with time, which the periods measured one after another take.

    Whether the sweep went down or up does not matter: the one is a resistance less the other.
    """
    time = np.cumsum(1.0 / spectrum.frequency)
    modulus = np.abs(spectrum.impedance)
    growth = time / time[-1] * modulus[-1] / modulus
    return np.concatenate([growth, np.zeros_like(growth)])[:, None]
