"""Which sign a file gives the imaginary part of the impedance, told by the data themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sweep", "imaginary_is_negated", "phase_is_negated"]

Sweep = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""Frequencies [Hz], Re Z and Im Z [ohm] of one spectrum."""

_CLEAR = 0.5
_DEVIATIONS = 4.0
"""By how many standard deviations of the noise an arc has to stand out."""

_SECOND_DIFFERENCE = 1.2247 * 0.6745
"""Median of |x[k] - (x[k-1] + x[k+1]) / 2| for normal noise of standard deviation 1."""

_LEAST_ARC = 1e-2
"""A change of Re Z below this part of Im Z is none."""

_NOISE = 0.03
"""An Im Z that stays below this part of |Z| may be noise."""


@np.errstate(all="ignore")  # a damaged file may hold any number
def imaginary_is_negated(sweeps: Sequence[Sweep]) -> bool | None:
    """Whether the spectra of one column hold -Im Z; ``None`` where noise may hide the sign.

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
    whole, low = ([sweep for sweep in part if not _may_be_noise(sweep)] for part in (whole, low))
    doubtful = False
    for part in (low, whole):
        agreement, over_arc, told = _arc(part)
        if abs(agreement) > _CLEAR:
            negated = agreement < 0 < over_arc
            if told:
                return negated
            doubtful |= negated
    above = _majority([imaginary for _, _, imaginary in low])
    rises = _majority([np.diff(imaginary) for _, _, imaginary in low])
    if above <= -_CLEAR:
        return False
    if above < _CLEAR or abs(rises) < _CLEAR or (rises > 0 and doubtful):
        return None
    return rises < 0


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


def _may_be_noise(sweep: Sweep) -> bool:
    _, real, imaginary = sweep
    middle = 0.5 * (imaginary[1:] + imaginary[:-1])
    largest = float(np.max(np.abs(middle), initial=0.0))
    return largest < _NOISE * float(np.max(np.hypot(real, imaginary)))


def _arc(sweeps: Sequence[Sweep]) -> tuple[float, float, bool]:
    """How far Im Z agrees with the slope of Re Z, and its own sign over the arc, -1 to 1.

    Both are 0 where Re Z does not change. The third is whether it is more than noise may do.
    """
    agreement = over_arc = size = flat = variance = 0.0
    for _, real, imaginary in sweeps:
        middle = 0.5 * (imaginary[1:] + imaginary[:-1])
        slope = np.diff(real)
        agreement += float(np.sum(middle * slope))
        over_arc += float(np.sum(middle * np.abs(slope)))
        size += float(np.sum(np.abs(middle * slope)))
        flat += float(np.sum(middle**2))
        # Each Re Z counts with the step of the middles about it, each Im Z with that of Re Z.
        by_real = np.diff(middle, prepend=0.0, append=0.0)
        by_imaginary = 0.5 * (np.append(slope, 0.0) + np.append(0.0, slope))
        noise = _noise(real, imaginary)
        variance += float(np.sum((by_real**2 + by_imaginary**2) * noise**2))
    if size <= _LEAST_ARC * flat:
        return 0.0, 0.0, False
    told = abs(agreement) > _DEVIATIONS * variance**0.5
    return agreement / size, over_arc / size, told


def _noise(real: NDArray[np.float64], imaginary: NDArray[np.float64]) -> NDArray[np.float64]:
    """The standard deviation of Re Z and of Im Z at each point, in proportion to |Z|.

    From how far points lie off the middle of their neighbours; fewer than three do not tell,
    so that all of them may be noise.
    """
    size = np.hypot(real, imaginary)
    off = [np.abs(part[1:-1] - 0.5 * (part[2:] + part[:-2])) for part in (real, imaginary)]
    known = size[1:-1] > 0
    if not np.any(known):
        return size
    relative = np.concatenate([part[known] / size[1:-1][known] for part in off])
    return np.asarray(float(np.median(relative)) / _SECOND_DIFFERENCE * size)


def _majority(columns: Sequence[NDArray[np.float64]]) -> float:
    """How far positive values outnumber negative ones, -1 to 1."""
    count = sum(map(len, columns))
    return sum(float(np.sum(np.sign(column))) for column in columns) / max(count, 1)
