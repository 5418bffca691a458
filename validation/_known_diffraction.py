"""Diffraction patterns whose peaks, halo and crystalline share are known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.core.record import Record

__all__ = ["SPACINGS", "Known", "known_pattern"]

Array = NDArray[np.float64]

SPACINGS = (4.72e-10, 2.443e-10, 2.366e-10, 2.305e-10, 2.033e-10, 1.554e-10, 1.439e-10)
"""Distances of planes [m] much like those of a layered oxide; only their positions matter."""
_STRENGTHS = (1.0, 0.45, 0.12, 0.1, 0.75, 0.2, 0.3)
_FIRST, _SECOND = 1.5405929e-10, 1.5444274e-10


@dataclass(frozen=True)
class Known:
    """A pattern, positions [deg] and areas of its peaks, and the crystalline share."""

    record: Record
    positions: Array
    areas: Array
    share: float


def known_pattern(
    seed: int,
    *,
    counts: float = 4000.0,
    share: float = 0.7,
    width: float = 0.15,
    lorentz: float = 0.5,
    step: float = 0.02,
    spacings: tuple[float, ...] = SPACINGS,
) -> Known:
    """Counts from 12 to 70 degrees: K-alpha doublets, one halo at 25 degrees, air and fluorescence.

    ``counts`` at the top of the highest peak, ``share`` of the area in the peaks.
    """
    angle = np.arange(12.0, 70.0, step)
    strengths = np.array(_STRENGTHS[: len(spacings)])
    positions = np.array([2 * math.degrees(math.asin(_FIRST / (2 * d))) for d in spacings])
    height = 2 * math.sqrt(math.log(2) / math.pi) * (1 - lorentz) + 2 / math.pi * lorentz
    areas = counts * strengths * width / height * 1.2
    peaks = np.zeros_like(angle)
    for d, area in zip(spacings, areas, strict=True):
        for length, weight in ((_FIRST, 2 / 3), (_SECOND, 1 / 3)):
            centre = 2 * math.degrees(math.asin(length / (2 * d)))
            x = (angle - centre) / width
            gauss = 2 * math.sqrt(math.log(2) / math.pi) * np.exp(-4 * math.log(2) * x * x)
            cauchy = 2 / math.pi / (1 + 4 * x * x)
            peaks += weight * area / width * ((1 - lorentz) * gauss + lorentz * cauchy)
    halo_area = float(areas.sum()) * (1 - share) / share if areas.sum() else 6.0 * counts
    sigma = 8.0 / 2.3548200450309493
    halo = halo_area / (sigma * math.sqrt(2 * math.pi)) * np.exp(-(((angle - 25) / sigma) ** 2) / 2)
    background = 0.03 * counts + 0.02 * counts * 12 / angle - 0.0002 * counts * (angle - 12)
    mean = peaks + halo + background
    drawn = np.random.default_rng(seed).poisson(mean).astype(float)
    record = Record.from_arrays(
        "spectrum",
        abscissa=angle,
        intensity=drawn,
        attributes={
            "technique": "xrd",
            "abscissa_quantity": "two_theta",
            "wavelength_metre": _FIRST,
            "second_wavelength_metre": _SECOND,
            "wavelength_ratio": 0.5,
        },
    )
    record.data["abscissa"].attrs.update(units="deg", long_name="2θ")
    record.data["intensity"].attrs.update(units="counts", long_name="Intensity")
    return Known(record, positions, areas, share)
