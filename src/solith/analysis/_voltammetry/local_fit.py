"""A polynomial through the rows near a place, as wide as the noise asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LocalFit", "fit_near"]

_SHORTER = 0.8
_BENT = {1: 6.63, 2: 9.21}
"""Chi squared of so many degrees of freedom that 99 % lie below."""

_WITHIN = 0.6
"""Part of the widest window that passes which is used: what bends unseen in that one is below
the noise of the smaller one."""


@dataclass(frozen=True)
class LocalFit:
    """``coefficients`` (highest power first) in x - ``centre``, and their ``covariance``.

    ``rows`` within ``reach`` were used; ``bare`` where no more than the polynomial needs.
    """

    centre: float
    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    rows: int
    reach: float
    bare: bool

    def value(self, x: float) -> tuple[float, float]:
        """The polynomial at x and its standard uncertainty."""
        return self._along(np.vander([x - self.centre], len(self.coefficients))[0])

    def slope(self, x: float) -> tuple[float, float]:
        """The derivative at x and its standard uncertainty."""
        powers = np.arange(len(self.coefficients) - 1, 0, -1)
        row = np.append(powers * (x - self.centre) ** (powers - 1.0), 0.0)
        return self._along(row)

    def bend(self, x: float) -> float:
        """The second derivative at x."""
        return float(np.polyval(np.polyder(self.coefficients, 2), x - self.centre))

    def _along(self, row: NDArray[np.float64]) -> tuple[float, float]:
        spread = float(row @ self.covariance @ row)
        return float(row @ self.coefficients), max(spread, 0.0) ** 0.5


def fit_near(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    centre: float,
    reach: float,
    noise: float,
    degree: int,
) -> LocalFit:
    """Least squares over the rows within ``reach`` of ``centre``, or fewer.

    The window shrinks until two more powers lower the sum of squares by no more than ``noise``
    does in 99 of 100 cases, and then to 0.6 of that; never below ``degree`` + 1 rows.
    """
    order = np.argsort(np.abs(x - centre), kind="stable")
    away = np.abs(x - centre)[order]
    least = min(degree + 1, len(x))
    many = max(int(np.searchsorted(away, reach, side="right")), least)
    while many > least:
        rows = order[:many]
        _, squares = _fit(x[rows], y[rows], centre, noise, degree)
        more = min(degree + 2, many - 1)
        _, fewer = _fit(x[rows], y[rows], centre, noise, more)
        if squares - fewer <= _BENT[more - degree] * noise**2:
            many = max(round(_WITHIN * many), least)
            break
        many = max(min(round(_SHORTER * many), many - 1), least)
    rows = order[:many]
    return _fit(x[rows], y[rows], centre, noise, degree)[0]


def _fit(
    x: NDArray[np.float64], y: NDArray[np.float64], centre: float, noise: float, degree: int
) -> tuple[LocalFit, float]:
    scale = float(np.max(np.abs(x - centre))) or 1.0
    columns = np.vander((x - centre) / scale, degree + 1)
    inverse = np.linalg.pinv(columns)
    found = inverse @ y
    left = y - columns @ found
    sizes = scale ** -np.arange(degree, -1.0, -1.0)
    covariance = noise**2 * (inverse @ inverse.T) * np.outer(sizes, sizes)
    fit = LocalFit(centre, found * sizes, covariance, len(x), scale, len(x) <= degree + 1)
    return fit, float(left @ left)
