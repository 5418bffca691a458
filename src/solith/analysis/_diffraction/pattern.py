"""A diffraction pattern out of a record: angles, intensities, their noise, the wavelengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._options import fact, positive
from solith.core.errors import InputError
from solith.core.given import require_record

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["CU_K_ALPHA", "Pattern", "pattern_of"]

Array = NDArray[np.float64]

CU_K_ALPHA = (1.5405929e-10, 1.5444274e-10)
"""Wavelengths of Cu K-alpha 1 and 2 [m]: Hölzer et al. 1997, 10.1103/PhysRevA.56.4554 (looked
up in works that cite it)."""
_LEAST = 40
"""Points below which there is no pattern."""
_SHORTEST, _LONGEST = 1e-12, 1e-8
"""Between what the wavelengths of X-rays and neutrons lie [m]."""


@dataclass(frozen=True)
class Pattern:
    """Angles 2 theta [deg], rising, and intensities (n,), with what is known of them.

    ``counts`` is how many counts one unit of intensity stands for, ``None`` where that is not
    known: then the noise is taken from the fit. ``second`` is the wavelength of K-alpha 2 [m], or
    0, and ``ratio`` its intensity over that of K-alpha 1.
    """

    angle: Array
    intensity: Array
    counts: float | None
    wavelength: float
    second: float
    ratio: float
    flags: tuple[str, ...]

    @property
    def step(self) -> float:
        """The usual distance between points [deg]."""
        return float(np.median(np.diff(self.angle)))

    def spacing(self, angle: Any) -> Any:
        """Distances of planes [m] by Bragg's law for angles 2 theta [deg]."""
        return self.wavelength / (2 * np.sin(np.radians(np.asarray(angle)) / 2))

    def second_angle(self, angle: Array) -> tuple[Array, Array]:
        """Where K-alpha 2 has the peaks whose K-alpha 1 is at ``angle`` [deg], and the slope."""
        if not self.second:
            return angle, np.ones_like(angle)
        sine = np.sin(np.radians(angle) / 2) * self.second / self.wavelength
        safe = np.minimum(sine, 0.999999)
        slope = self.second / self.wavelength * np.cos(np.radians(angle) / 2)
        return np.degrees(2 * np.arcsin(safe)), slope / np.sqrt(1 - safe**2)


def pattern_of(record: Record, wavelength: float | str | None = None) -> Pattern:
    """The pattern in a spectrum of technique "xrd"; points without a number are left out.

    ``wavelength`` [m] goes before the record's and is taken as the only one. Without either, it
    is that of Cu K-alpha, both lines, and a flag says so. Raises :class:`InputError` for a record
    that is no pattern and for one with too few points.
    """
    require_record(record)
    attributes = record.data.attrs
    technique = attributes.get("technique", "xrd")
    if record.kind != "spectrum" or technique != "xrd":
        raise InputError(
            f"a diffraction pattern is a spectrum of technique 'xrd', not a record of kind "
            f"{record.kind!r}" + (f" and technique {technique!r}" if technique != "xrd" else "")
        )
    quantity = attributes.get("abscissa_quantity", "two_theta")
    if quantity != "two_theta":
        raise InputError(f"the scan runs along {quantity!r}, not along 2 theta")
    angle, intensity = _points(record)
    length, second, ratio, flags = _wavelengths(record, wavelength)
    counts: float | None = 1.0
    if record.data["intensity"].attrs.get("units", "") != "counts":
        seconds = fact(record, "counting_time_second")
        rate = record.data["intensity"].attrs.get("units", "") == "1/s"
        counts = seconds if rate and seconds else None
    return Pattern(angle, intensity, counts, length, second, ratio, flags)


def _points(record: Record) -> tuple[Array, Array]:
    angle, intensity = record.array("abscissa"), record.array("intensity")
    usable = np.isfinite(angle) & np.isfinite(intensity)
    angle, intensity = angle[usable], intensity[usable]
    if len(angle) and (np.min(angle) <= 0 or np.max(angle) >= 180):
        raise InputError(
            f"angles 2 theta lie between 0 and 180 degrees, these go from {np.min(angle):g} "
            f"to {np.max(angle):g}",
            where="abscissa",
        )
    order = np.argsort(angle, kind="stable")
    angle, intensity = angle[order], intensity[order]
    angle, first, times = np.unique(angle, return_index=True, return_counts=True)
    intensity = np.add.reduceat(intensity, first) / times if len(angle) else intensity
    if len(angle) >= _LEAST and angle[-1] < np.pi:
        raise InputError(
            f"angles 2 theta up to {angle[-1]:.3g} are radians, or no diffraction; give them in "
            "degrees, as numbers without a unit",
            where="abscissa",
        )
    if len(angle) < _LEAST:
        raise InputError(f"has {len(angle)} usable points; a pattern has {_LEAST} or more")
    if np.ptp(intensity) == 0:
        raise InputError("the intensity is the same everywhere")
    return angle, intensity


def _wavelengths(
    record: Record, given: float | str | None
) -> tuple[float, float, float, tuple[str, ...]]:
    if given is not None:
        length = positive(given, "m", "wavelength")
        if not _SHORTEST <= length <= _LONGEST:
            raise InputError(
                f"{given!r} is {length:.4g} m, which diffracts nothing here; give it with its "
                "unit, as '1.5406 angstrom'",
                where="wavelength",
            )
        told = "one wavelength was given: a second line, as K-alpha 2, makes peaks of its own"
        return length, 0.0, 0.0, (told,)
    known = fact(record, "wavelength_metre")
    if known is None:
        told = "the wavelength is not known: Cu K-alpha was taken; give wavelength"
        return *CU_K_ALPHA, 0.5, (told,)
    second = fact(record, "second_wavelength_metre")
    ratio = record.data.attrs.get("wavelength_ratio", 0.5)
    if second is None or not ratio or second <= known:
        return known, 0.0, 0.0, ()
    return known, second, float(ratio), ()
