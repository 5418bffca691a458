"""Impedance as a sum of relaxations with fixed time constants: grids, columns, weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solith.analysis._rows import title_of
from solith.core.errors import ConvergenceError, InputError

if TYPE_CHECKING:
    from solith.analysis._impedance.spectrum import Spectrum
    from solith.core.record import Record

__all__ = [
    "SERIES",
    "as_complex",
    "nonnegative",
    "relaxation_columns",
    "require_modulus",
    "stacked",
    "time_constants",
]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

_ROUNDS = 10  # times the number of columns: the most steps of a non-negative fit
_AGAINST_CIRCLES = (1e-7, 1e-5)

SERIES = 3
"""Columns in front of the relaxations: resistance, inductance, capacitance."""


def time_constants(angular_frequency: Array, number: int, *, faster: float, slower: float) -> Array:
    """``number`` time constants [s], equal steps apart in their logarithm.

    They reach ``faster`` decades below the inverse of the highest angular frequency [rad/s] and
    ``slower`` decades above that of the lowest, so that what lies outside the measured range has
    something to carry it.
    """
    first = -np.log10(np.max(angular_frequency)) - faster
    last = -np.log10(np.min(angular_frequency)) + slower
    return np.logspace(first, last, number)


def relaxation_columns(angular_frequency: Array, tau: Array) -> Complex:
    """The impedance of each element (n, 3 + m) at coefficient 1 ohm.

    A resistance; an inductance (ohm at the highest frequency); a series capacitance (ohm at the
    lowest); then ``1 / (1 + i w tau)`` of R and C in parallel for each of the m time constants
    (Boukamp 1995, 10.1149/1.2044210).
    """
    w = angular_frequency[:, None]
    return np.hstack(
        [
            np.ones_like(w),
            1j * w / np.max(w),
            -1j * np.min(w) / w,
            1.0 / (1.0 + 1j * w * tau),
        ]
    )


def stacked(columns: Complex, modulus: Array) -> Array:
    """Real parts above imaginary parts (2n, ...), every row divided by its ``modulus`` [ohm]."""
    weighted = columns / (modulus if columns.ndim == 1 else modulus[:, None])
    return np.concatenate([weighted.real, weighted.imag])


def as_complex(halves: Array) -> Complex:
    """Real parts above imaginary parts (2n,) as complex numbers (n,)."""
    real, imaginary = np.split(halves, 2)
    return real + 1j * imaginary


def nonnegative(columns: Array, target: Array) -> Array:
    """The coefficients, none negative, that bring ``columns`` nearest to ``target``.

    Raises :class:`ConvergenceError` where Lawson and Hanson's algorithm finds no end.
    """
    from scipy.optimize import nnls

    length = np.linalg.norm(columns, axis=0)
    scaled = columns / length
    # Exact data can make the algorithm go round in circles at rounding: a little weight on the
    # coefficients, far below any noise, ends that.
    for weight in (0.0, *_AGAINST_CIRCLES):
        if weight:
            scaled = np.vstack([columns / length, weight * np.eye(length.size)])
            target = np.concatenate([target[: len(columns)], np.zeros(length.size)])
        try:
            found = nnls(scaled, target, maxiter=_ROUNDS * length.size)[0]
        except RuntimeError:
            continue
        return np.asarray(found / length)
    raise ConvergenceError("the non-negative fit of relaxations found no end")


def require_modulus(record: Record, spectrum: Spectrum) -> None:
    """Raise :class:`InputError` for an impedance of 0, which bears no weight by its modulus."""
    zero = spectrum.frequency[spectrum.impedance == 0]
    if zero.size:
        raise InputError(
            f"{title_of(record)}: the impedance at {zero[0]:.6g} Hz is 0; leave the row out"
        )
