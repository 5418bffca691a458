"""The two linear models that a spectrum is held against in the Kramers-Kronig test.

The *free* one is a series of R||C with coefficients of either sign, whose impedance obeys the
Kramers-Kronig relations whatever they are (Boukamp 1995, 10.1149/1.2044210). How many elements it
has, how far their time constants reach beyond the measured range and whether a series capacitance
is among them is decided by Akaike's criterion, corrected for few data (Hurvich and Tsai 1989,
10.1093/biomet/76.2.297, recalled). The *passive* one has a dense grid of time constants and
coefficients that are not negative, which leaves far less freedom at the ends of the range.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.relaxation import (
    SERIES,
    nonnegative,
    relaxation_columns,
    stacked,
    time_constants,
)
from solith.analysis._impedance.spectrum import Spectrum

__all__ = ["LinearFit", "fit_free", "fit_passive"]

Array = NDArray[np.float64]

# Decades beyond both ends of the range, and whether there is a series capacitance. Freedom beyond
# the range hides drift, so that the smallest that suffices is wanted.
_FAMILIES = ((0.0, False), (0.0, True), (0.5, False), (0.5, True), (1.0, True))
_FEWEST, _COARSE = 4, 3
_MOST_PER_DECADE = 5.0
_MOST_PER_POINT = 0.8
_PASSIVE_PER_DECADE = 20  # a single R||C between two of them is followed to 0.05 %
_FASTER, _SLOWER = 1.0, 1.5


@dataclass(frozen=True)
class LinearFit:
    """A linear model of n points: ``basis`` (2n, p) orthonormal, ``residuals`` (2n,) over |Z|.

    Real parts stand above imaginary parts. ``elements`` counts the R||C in it, ``inductance`` [H]
    is that of the passive model; ``extra`` (k,) are the coefficients of the columns added to it.
    """

    basis: Array
    residuals: Array
    elements: int
    extra: Array
    inductance: float = 0.0

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the residuals."""
        return int(self.basis.shape[0] - self.basis.shape[1])

    @property
    def squares(self) -> float:
        """The sum of the squared residuals."""
        return float(self.residuals @ self.residuals)

    @property
    def criterion(self) -> float:
        """Akaike's criterion, corrected for few data."""
        count, parameters = self.basis.shape
        if self.freedom < 2:
            return np.inf
        squares = max(self.squares, float(np.finfo(float).tiny))
        penalty = 2.0 * parameters * count / (self.freedom - 1)
        return float(count * np.log(squares / count) + penalty)

    def outside(self, columns: Array) -> Array:
        """The part of ``columns`` (2n, k) that the model cannot describe."""
        return columns - self.basis @ (self.basis.T @ columns)


def fit_free(spectrum: Spectrum, extra: Array) -> LinearFit:
    """The free model, with the columns ``extra`` (2n, k) of what is known not to belong to it."""
    candidates = (_best_number(spectrum, extra, *family) for family in _FAMILIES)
    return min(candidates, key=lambda fit: fit.criterion)


def fit_passive(spectrum: Spectrum, extra: Array) -> LinearFit:
    """The passive model, with the columns ``extra`` (2n, k), which may have either sign.

    Its basis is that of the elements with a coefficient above zero: for them alone the solution
    of Lawson and Hanson's NNLS is that of plain least squares.
    """
    w, modulus = spectrum.angular_frequency, np.abs(spectrum.impedance)
    decades = float(np.log10(w[0] / w[-1])) + _FASTER + _SLOWER
    tau = time_constants(w, int(_PASSIVE_PER_DECADE * decades) + 1, faster=_FASTER, slower=_SLOWER)
    own = stacked(relaxation_columns(w, tau), modulus)
    target = stacked(spectrum.impedance, modulus)
    found = nonnegative(np.hstack([own, extra, -extra]), target)
    used = found[: own.shape[1]] > 0
    fit = _projected(own[:, used], extra, target, int(np.count_nonzero(used[SERIES:])))
    return replace(fit, inductance=float(found[1] / w[0]))


def _best_number(spectrum: Spectrum, extra: Array, beyond: float, capacitance: bool) -> LinearFit:
    """The number of elements with the least criterion: coarse steps first, then around it."""
    w, modulus = spectrum.angular_frequency, np.abs(spectrum.impedance)
    target = stacked(spectrum.impedance, modulus)
    decades = float(np.log10(w[0] / w[-1])) + 2 * beyond
    most = max(int(min(_MOST_PER_POINT * len(w), _MOST_PER_DECADE * decades)), _FEWEST)
    tried: dict[int, LinearFit] = {}

    def best(numbers: range) -> int:
        for number in numbers:
            tau = time_constants(w, number, faster=beyond, slower=beyond)
            columns = stacked(relaxation_columns(w, tau), modulus)
            if not capacitance:
                columns = np.delete(columns, SERIES - 1, axis=1)
            tried[number] = _projected(columns, extra, target, number)
        return min(tried, key=lambda number: tried[number].criterion)

    centre = best(range(_FEWEST, most + 1, _COARSE))
    return tried[best(range(centre - _COARSE + 1, centre + _COARSE))]


def _projected(columns: Array, extra: Array, target: Array, elements: int) -> LinearFit:
    columns = columns / np.linalg.norm(columns, axis=0)
    basis, upper = np.linalg.qr(np.hstack([columns, extra]))
    along = basis.T @ target
    residuals = target - basis @ along
    # The columns added stand last: their coefficients need the last rows of the triangle alone,
    # and so bear the model's own columns being almost dependent.
    last = slice(columns.shape[1], None)
    coefficients = np.linalg.solve(upper[last, last], along[last])
    residuals -= basis @ (basis.T @ residuals)
    return LinearFit(basis, residuals, elements, coefficients)
