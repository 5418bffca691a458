"""What is given as projections: arrays, angles, filters and their shares of a half turn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError, UnknownNameError

__all__ = ["FILTERS", "Turns", "filtered", "numbers_of", "sinogram_of", "turns_of"]

Array = NDArray[Any]

FILTERS = ("ramp", "shepp-logan", "hann")
_FULL = 0.9
"""Part of a half turn that the angles cover at least, gaps counted."""


class Turns:
    """Angles of projections: their cosines and sines, and each one's share of a half turn (n,)."""

    def __init__(self, degrees: NDArray[np.float64]) -> None:
        self.degrees = degrees
        radians = np.radians(degrees)
        self.cosines, self.sines = np.cos(radians), np.sin(radians)
        folded = np.mod(degrees, 180.0)
        order = np.argsort(folded, kind="stable")
        turned = np.concatenate([folded[order], [folded[order[0]] + 180.0]])
        gaps = np.diff(turned)
        self.largest_gap = float(gaps.max())
        self.shares = np.empty(len(degrees))
        self.shares[order] = (gaps + np.roll(gaps, 1)) / 2 / 180.0


def turns_of(angles: ArrayLike | None, count: int) -> Turns:
    """The given angles [deg], or ``count`` even ones over 180 degrees, the end left out.

    :class:`InputError` for another number of angles and for a gap of more than 18 degrees.
    """
    if angles is None:
        return Turns(np.arange(count, dtype=np.float64) * np.float64(180.0 / count))
    try:
        degrees = np.asarray(angles, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("the angles are not numbers", where="angles") from None
    if degrees.shape != (count,) or not np.all(np.isfinite(degrees)):
        raise InputError(
            f"{count} projections need as many finite angles, not {degrees.shape}", where="angles"
        )
    if np.ptp(degrees) <= 2 * math.pi + 1e-6 and count > 20:
        raise InputError(
            f"the angles span {np.ptp(degrees):.4g}: they are in degrees here, these look like "
            "radians",
            where="angles",
        )
    turns = Turns(np.array(degrees, dtype=np.float64))
    if turns.largest_gap > 180.0 * (1 - _FULL):
        raise InputError(
            f"the angles leave a gap of {turns.largest_gap:.3g} degrees; filtered back-projection "
            "needs them all over 180 degrees",
            where="angles",
        )
    return turns


def sinogram_of(given: ArrayLike) -> NDArray[np.float32]:
    """The sinogram (angles, width), finite; :class:`InputError` for anything else."""
    whole = numbers_of(given, "sinogram")
    with np.errstate(over="ignore"):  # what is too large is infinite, and told below
        array = np.asarray(whole, dtype=np.float32)
    if array.ndim != 2 or min(array.shape) < 8:
        shape = " x ".join(map(str, array.shape))
        raise InputError(
            f"a sinogram has two axes, angles and columns, of 8 or more; this array is {shape}",
            where="sinogram",
        )
    if not np.all(np.isfinite(array)):
        raise InputError("the sinogram has values that are not finite", where="sinogram")
    return array


def numbers_of(given: ArrayLike, where: str) -> Array:
    """An array of real numbers of any kind, not copied if it is one; :class:`InputError` else."""
    try:
        array = np.asanyarray(given)
    except (TypeError, ValueError):
        raise InputError("is no array: its rows are of unlike length", where=where) from None
    if array.dtype.kind not in "biuf":
        raise InputError(f"is an array of real numbers, not of {array.dtype}", where=where)
    return array


def filtered(sinograms: NDArray[np.float32], name: str, margin: int) -> NDArray[np.float32]:
    r"""Sinograms (angles, width, ...) filtered along the width, ``margin`` columns added at ends.

    The ramp is that of Kak and Slaney (1988, 10.1137/1.9780898719277), band limited in space
    (1/4 at 0, :math:`-1/(\pi n)^2` at odd n), so that the mean stays right; "shepp-logan" (1974,
    10.1109/TNS.1974.6499235) and "hann" lower its high frequencies. Beyond its ends a projection
    goes on with its last value.
    """
    from scipy import fft

    if name not in FILTERS:
        raise UnknownNameError.among("filter", str(name), FILTERS)
    width = sinograms.shape[1]
    size = fft.next_fast_len(2 * (width + 2 * margin), real=True)
    ends = [(0, 0)] * sinograms.ndim
    left = (size - width) // 2
    ends[1] = (left, size - width - left)
    padded = np.pad(sinograms, ends, mode="edge")
    place = fft.fftfreq(size, 1 / size)
    ramp = np.zeros(size)
    ramp[0] = 0.25
    odd = np.abs(place) % 2 == 1
    ramp[odd] = -1 / (math.pi * place[odd]) ** 2
    frequency = fft.rfftfreq(size)
    response = fft.rfft(ramp).real
    if name == "shepp-logan":
        response *= np.sinc(frequency)
    elif name == "hann":
        response *= 0.5 + 0.5 * np.cos(2 * math.pi * frequency)
    response = response.astype(np.float32).reshape(
        [-1 if d == 1 else 1 for d in range(padded.ndim)]
    )
    spectrum = fft.rfft(padded, axis=1, workers=-1)
    spectrum *= response
    whole = fft.irfft(spectrum, size, axis=1, workers=-1, overwrite_x=True)
    kept = slice(left - margin, left + width + margin)
    return np.ascontiguousarray(whole[:, kept], dtype=np.float32)
