"""How readers of diffractometers hand over a pattern: a spectrum of technique "xrd"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.readers._measured import Part, records_of

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["Pattern", "pattern_records"]

_ANGSTROM = 1e-10
_SIGNS = {"two_theta": "2θ", "omega": "ω", "phi": "φ", "chi": "χ"}


@dataclass(frozen=True)
class Pattern:
    """One scan: angles [deg], intensities with their unit ("counts" or "1/s"), what is known.

    ``wavelengths`` are K-alpha 1, K-alpha 2 [angstrom] as far as the file tells them, ``ratio`` the
    intensity of the second over the first's; ``seconds`` the counting time of a point.
    """

    angles: NDArray[np.float64]
    intensity: NDArray[np.float64]
    unit: str
    quantity: str = "two_theta"
    wavelengths: tuple[float, ...] = ()
    ratio: float | None = None
    seconds: float | None = None
    sample: str = ""
    notes: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


def pattern_records(path: Path, patterns: Sequence[Pattern], instrument: str) -> list[Record]:
    """The records of a file's scans, in their order."""
    records = records_of(path, [_part(one) for one in patterns], instrument)
    for pattern, record in zip(patterns, records, strict=True):
        sign = _SIGNS.get(pattern.quantity, pattern.quantity)
        record.data["abscissa"].attrs["long_name"] = sign
        record.data["intensity"].attrs["long_name"] = "Intensity"
    return records


def _part(pattern: Pattern) -> Part:
    known: dict[str, Any] = {"abscissa_quantity": pattern.quantity, "abscissa_unit": "deg"}
    known["intensity_unit"] = pattern.unit
    for name, length in zip(
        ("wavelength_metre", "second_wavelength_metre"), pattern.wavelengths, strict=False
    ):
        known[name] = length * _ANGSTROM
    if pattern.ratio is not None and len(pattern.wavelengths) > 1:
        known["wavelength_ratio"] = pattern.ratio
    if pattern.seconds is not None:
        known["counting_time_second"] = pattern.seconds
    if pattern.sample:
        known["sample"] = pattern.sample
    return Part(
        "spectrum",
        {"abscissa": pattern.angles, "intensity": pattern.intensity},
        {"abscissa": "deg", "intensity": pattern.unit},
        notes=pattern.notes,
        technique="xrd",
        attributes={**known, **pattern.attributes},
    )
