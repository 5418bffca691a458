"""Which sign a file gives the imaginary part of the impedance, told by the data themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sweep", "imaginary_is_negated", "phase_is_negated"]

Sweep = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""Frequencies [Hz], Re Z and Im Z [ohm] of one spectrum."""

_CLEAR = 0.5
_LEAST_ARC = 1e-2
"""A change of Re Z below this part of Im Z is none."""

_NOISE = 0.03
"""An Im Z that stays below this part of |Z| may be noise."""


def imaginary_is_negated(sweeps: Sequence[Sweep]) -> bool:
    """Whether the spectra of one column hold -Im Z.

    They do where Im Z is positive over most of the arc, unless it is an inductance that is
    positive there. The arc is where Re Z changes: looked for below the middle of the
    frequencies on a logarithmic scale first, as the leads' inductance lies above. With the
    right sign Im Z and the slope of Re Z over the logarithm of the frequency agree in sign
    there (the local form of the Kramers-Kronig relations: Re Z falls where Im Z is negative).
    Where Re Z stays the same, the reactance of a lossless element rises with frequency
    (R. M. Foster, doi:10.1002/j.1538-7305.1924.tb01358.x).
    """
    whole = [_sorted(*sweep) for sweep in sweeps if len(sweep[0])]
    low = [_low_half(*sweep) for sweep in whole]
    for part in (low, whole):
        agreement, over_arc = _arc(part)
        if abs(agreement) > _CLEAR:
            return agreement < 0 < over_arc
    above = sum(int(np.sum(imaginary > 0)) for _, _, imaginary in low)
    below = sum(int(np.sum(imaginary < 0)) for _, _, imaginary in low)
    return above > below and not _rises(low)


def phase_is_negated(phase: NDArray[np.float64], imaginary: NDArray[np.float64]) -> bool:
    """Whether a phase beside an Im Z of known sign mostly has the other sign."""
    agreement = np.sign(np.nan_to_num(phase)) * np.sign(np.nan_to_num(imaginary))
    return bool(np.sum(agreement) < 0)


def _sorted(
    frequency: NDArray[np.float64], real: NDArray[np.float64], imaginary: NDArray[np.float64]
) -> Sweep:
    """A spectrum in the order of its frequencies, its largest part 1."""
    order = np.argsort(frequency, kind="stable")
    scale = max(float(np.max(np.abs(real))), float(np.max(np.abs(imaginary)))) or 1.0
    return frequency[order], real[order] / scale, imaginary[order] / scale


def _low_half(
    frequency: NDArray[np.float64], real: NDArray[np.float64], imaginary: NDArray[np.float64]
) -> Sweep:
    middle = float(np.mean(np.log(frequency[[0, -1]])))
    count = int(np.sum(np.log(frequency) <= middle + 1e-9))
    return frequency[:count], real[:count], imaginary[:count]


def _arc(sweeps: Sequence[Sweep]) -> tuple[float, float]:
    """How far Im Z agrees with the slope of Re Z, and its own sign over the arc, -1 to 1."""
    agreement = over_arc = size = flat = 0.0
    for _, real, imaginary in sweeps:
        middle = 0.5 * (imaginary[1:] + imaginary[:-1])
        if np.max(np.abs(middle), initial=0.0) < _NOISE * np.max(np.hypot(real, imaginary)):
            continue
        slope = np.diff(real)
        agreement += float(np.sum(middle * slope))
        over_arc += float(np.sum(middle * np.abs(slope)))
        size += float(np.sum(np.abs(middle * slope)))
        flat += float(np.sum(middle**2))
    if size <= _LEAST_ARC * flat:
        return 0.0, 0.0
    return agreement / size, over_arc / size


def _rises(sweeps: Sequence[Sweep]) -> bool:
    return sum(float(np.sum(np.sign(np.diff(imaginary)))) for _, _, imaginary in sweeps) > 0
