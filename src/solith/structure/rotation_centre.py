"""Where the axis of rotation of a tomographic scan is seen on the detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.threads import share_out
from solith.structure._projections import Turns, filtered, sinogram_of, turns_of

__all__ = ["RotationCentre", "find_rotation_centre"]

Array = NDArray[Any]

_PIXELS, _ANGLES = (112, 224), (200, 600)
"""Pixels along a side, and angles, of the coarse slices whose sharpness is compared: at first, at
last."""
_COARSE, _FINE = 2.0, 0.25
_BINS = 256
_OPPOSITE = 1.0
"""Degrees by which two projections may miss being opposite."""


@dataclass(frozen=True)
class RotationCentre:
    """The column of the axis, from 0 at the first column's middle, and its uncertainty.

    ``by_registration`` is where a projection and its opposite, mirrored, agree (``None`` where no
    two are opposite), ``by_moments`` where the projections' centres of mass swing about, and
    ``column`` where the slice is sharpest. The uncertainty is how far those of the first two lie
    from it that are within a column; ``flags`` say where none is.
    """

    column: float
    uncertainty: float
    by_registration: float | None
    by_moments: float
    flags: tuple[str, ...]


def find_rotation_centre(
    sinogram: ArrayLike, angles: ArrayLike | None = None, *, search: float | None = None
) -> RotationCentre:
    """The axis in a sinogram (angles, width) of attenuation, over 180 degrees or more.

    1. Registration: the projection at 0 and the mirrored one at 180 degrees, by cross-correlation
       of their slopes.
    2. Moments: the centre of mass of a projection is the axis plus a sine of the angle (Helgason
       and Ludwig's condition of first order, 10.1002/cpa.3160190207, recalled); right where the
       whole sample is seen and nothing else.
    3. Sharpness: of slices made with the axis here or there, the one with the least entropy of its
       grey values and the least that is negative, since a wrong axis adds tails of either sign
       (Donath et al. 2006, 10.1364/JOSAA.23.001048). Looked for from half of ``search`` columns (a
       tenth of the width if left out) below the least of the first two and the middle to as much
       above the highest.

    ``angles`` [deg] are taken as even over 180 degrees if left out. Raises :class:`InputError` for
    what is no sinogram, or shows nothing.
    """
    values = sinogram_of(sinogram)
    if not np.ptp(values) > 0:
        raise InputError("it is the same everywhere: nothing tells the axis", where="sinogram")
    turns = turns_of(angles, len(values))
    width = values.shape[1]
    if search is not None and not 0 < search < width / 2:
        raise InputError(f"{search!r} is no number of columns below half the width", where="search")
    registered = _by_registration(values, turns)
    moments = _by_moments(values, turns)
    starts = [
        at for at in (registered, moments) if at is not None and abs(at - width / 2) < width / 2
    ]
    reach = search or width / 10
    low = max(min([*starts, width / 2]) - reach / 2, width * 0.1)
    high = min(max([*starts, width / 2]) + reach / 2, width * 0.9)
    coarse = np.arange(low, high + _COARSE, _COARSE)
    blur = _Sharpness(values, turns, 0).blur(coarse)
    best = float(coarse[int(np.argmin(blur))])
    fine = best + np.arange(-10, 11) * _FINE
    blur = _Sharpness(values, turns, 1).blur(fine)
    place = int(np.clip(np.argmin(blur), 2, len(fine) - 3))
    bend, slope, _ = np.polyfit(np.arange(-2, 3) * _FINE, blur[place - 2 : place + 3], 2)
    off = float(np.clip(-slope / (2 * bend), -2 * _FINE, 2 * _FINE)) if bend > 0 else 0.0
    column = float(fine[place]) + off
    flags = []
    apart = [abs(at - column) for at in (registered, moments) if at is not None]
    if min(apart) > 1.0:
        flags.append(
            "neither opposite projections nor centres of mass agree with the sharpest slice"
        )
    if not low + 1 < column < high - 1:
        flags.append("the sharpest slice lies at the end of the search")
    near = [one for one in apart if one <= 1.0]
    uncertainty = max(0.1, *near) if near else 2.0
    return RotationCentre(column, uncertainty, registered, moments, tuple(flags))


def _by_registration(sinogram: Array, turns: Turns) -> float | None:
    """From the two projections that are most nearly opposite."""
    degrees = turns.degrees
    missing = np.abs(np.abs(degrees[:, None] - degrees[None, :]) - 180.0)
    first, second = np.unravel_index(int(np.argmin(missing)), missing.shape)
    if missing[first, second] > _OPPOSITE:
        return None
    one, other = sinogram[first].astype(float), sinogram[second][::-1].astype(float)
    width = len(one)
    size = 2 * width
    a, b = np.fft.rfft(np.diff(one), size), np.fft.rfft(np.diff(other), size)
    alike = np.fft.irfft(a * np.conj(b), size)
    shift = int(np.argmax(alike))
    before, top, after = alike[shift - 1], alike[shift], alike[(shift + 1) % size]
    bend = before - 2 * top + after
    part = 0.5 * (before - after) / bend if bend else 0.0
    moved = (shift if shift < width else shift - size) + part
    return float((width - 1 + moved) / 2)


def _by_moments(sinogram: Array, turns: Turns) -> float:
    columns = np.arange(sinogram.shape[1])
    mass = sinogram.sum(axis=1, dtype=float)
    total = float(np.median(np.abs(mass)))
    usable = np.abs(mass) > 0.2 * total
    if usable.sum() < 8 or not total > 0:
        return float(sinogram.shape[1] - 1) / 2
    centres = (sinogram[usable] @ columns) / mass[usable]
    sines = np.stack([np.ones(int(usable.sum())), turns.cosines[usable], turns.sines[usable]], 1)
    return float(np.linalg.lstsq(sines, centres, rcond=None)[0][0])


class _Sharpness:
    """Coarse slices with the axis at any column; some angles and pixels are enough."""

    def __init__(self, sinogram: Array, turns: Turns, fineness: int) -> None:
        every = max(1, len(sinogram) // _ANGLES[fineness])
        self.width = sinogram.shape[1]
        self.margin = self.width // 2 + 4
        chosen = sinogram[::every]
        self.rows = filtered(np.ascontiguousarray(chosen), "hann", self.margin)
        self.cosines, self.sines = turns.cosines[::every], turns.sines[::every]
        self.stride = max(1, self.width // _PIXELS[fineness])

    def blur(self, columns: Array) -> Array:
        """How blurred slices with the axis at these columns are (n,), to be compared."""
        slices = [self._slice(float(column)) for column in columns]
        low, high = np.quantile(slices[len(slices) // 2], (0.002, 0.998))
        ends = (low - (high - low) / 2, high + (high - low) / 2)
        entropy, negative = np.empty(len(columns)), np.empty(len(columns))
        for number, values in enumerate(slices):
            share = np.histogram(values, _BINS, range=ends)[0] / values.size
            entropy[number] = -np.sum(share[share > 0] * np.log(share[share > 0]))
            negative[number] = -float(values[values < 0].sum())
        blur: Array = sum(
            (one - one.min()) / max(float(np.ptp(one)), 1e-12) for one in (entropy, negative)
        )
        return blur

    def _slice(self, column: float) -> Array:
        """The values of a coarse slice within the circle that is seen."""
        from solith.structure._backprojection_kernels import project_back

        count = self.width // self.stride
        middle = (count - 1) * self.stride / 2
        image = np.zeros((count, count), np.float32)
        share_out(
            project_back,
            count,
            count * count * len(self.rows),
            self.rows,
            self.cosines,
            self.sines,
            column + self.margin,
            middle,
            self.width / 2,
            self.stride,
            image,
        )
        seen: Array = image[image != 0]
        return seen
