"""Which sign a file gives the imaginary part of the impedance, told by the data themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sweep", "imaginary_is_negated", "phase_is_negated"]

Sweep = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""Frequencies [Hz], Re Z and Im Z [ohm] of one spectrum."""

_CLEAR = 0.5


def imaginary_is_negated(sweeps: Sequence[Sweep]) -> bool:
    """Whether the spectra of one column hold -Im Z.

    They do where Im Z is positive over most of the arc (the lower half of the frequencies on
    a logarithmic scale: the leads' inductance lies above), unless it is an inductance that
    is positive there: with the right sign Im Z and the slope of Re Z over the logarithm of
    the frequency agree in sign (the local form of the Kramers-Kronig relations: Re Z falls
    where Im Z is negative), and the reactance of a lossless element rises with frequency
    (R. M. Foster, doi:10.1002/j.1538-7305.1924.tb01358.x).
    """
    low = [_low_half(*sweep) for sweep in sweeps if len(sweep[0])]
    above = sum(int(np.sum(imaginary > 0)) for _, _, imaginary in low)
    below = sum(int(np.sum(imaginary < 0)) for _, _, imaginary in low)
    if above <= below:
        return False
    return not _inductive(low)


def phase_is_negated(phase: NDArray[np.float64], imaginary: NDArray[np.float64]) -> bool:
    """Whether a phase beside an Im Z of known sign mostly has the other sign."""
    agreement = np.sign(np.nan_to_num(phase)) * np.sign(np.nan_to_num(imaginary))
    return bool(np.sum(agreement) < 0)


def _low_half(
    frequency: NDArray[np.float64], real: NDArray[np.float64], imaginary: NDArray[np.float64]
) -> Sweep:
    order = np.argsort(frequency, kind="stable")
    middle = np.mean(np.log(frequency[order][[0, -1]]))
    kept = order[np.log(frequency[order]) <= middle + 1e-9]
    return frequency[kept], real[kept], imaginary[kept]


def _inductive(sweeps: Sequence[Sweep]) -> bool:
    agreement = size = flat = rising = 0.0
    for frequency, real, imaginary in sweeps:
        scale = max(float(np.max(np.abs(real))), float(np.max(np.abs(imaginary)))) or 1.0
        with np.errstate(all="ignore"):
            real, imaginary = real / scale, imaginary / scale
        middle = 0.5 * (imaginary[1:] + imaginary[:-1])
        slope = np.diff(real)
        agreement += float(np.sum(middle * slope))
        size += float(np.sum(np.abs(middle * slope)))
        flat += float(np.sum(middle**2))
        moved = np.diff(frequency) > 0
        rising += float(np.sum(np.sign(np.diff(imaginary)[moved])))
    if size > 1e-3 * flat and abs(agreement) > _CLEAR * size:
        return agreement > 0
    return rising > 0
