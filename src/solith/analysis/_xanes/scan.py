"""A record of X-ray absorption as a scan: energies that rise, their calibration, their noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solith.analysis._rows import title_of
from solith.core.errors import InputError
from solith.core.given import require_record

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["CALIBRATION", "SHIFT", "SHIFT_UNCERTAINTY", "Scan", "scan_of", "scatter_of"]

Array = NDArray[np.float64]

SHIFT = "energy_shift_ev"
SHIFT_UNCERTAINTY = "energy_shift_uncertainty_ev"
CALIBRATION = "energy_calibration"
"""Attributes of a record: what was added to its energies, how well it is known, by what."""

_LEAST_ROWS = 20
_LARGEST = 1e15
_IN_EV = {"": 1.0, "eV": 1.0, "keV": 1e3}
_LOWEST, _HIGHEST = 40.0, 3e5  # eV, of X-rays
_NEIGHBOURS = 6


@dataclass(frozen=True)
class Scan:
    """Energies [eV] (n,), rising, and the absorption at each; rows of one energy are averaged."""

    title: str
    energy: Array
    absorption: Array
    shift: float
    shift_uncertainty: float
    calibration: str
    flags: tuple[str, ...]

    @property
    def calibrated(self) -> bool:
        """Whether something is known of the energy scale."""
        return bool(self.calibration)

    @cached_property
    def scatter(self) -> Array:
        """What each row departs from a smooth curve by, in standard deviations of one row (n,)."""
        return scatter_of(self.energy, self.absorption)

    @cached_property
    def step(self) -> Array:
        """The distance of rows at each row [eV] (n,)."""
        return np.asarray(np.gradient(self.energy))


def scan_of(record: Record) -> Scan:
    """The scan in a spectrum of X-ray absorption.

    Raises :class:`InputError` for another kind of record or technique, for energies in another
    unit than eV or keV or that no X-rays have, and for fewer than 20 usable energies.
    """
    require_record(record)
    title = title_of(record)
    if record.kind != "spectrum":
        raise InputError(f"{title} is a record of kind {record.kind!r}; expected kind 'spectrum'")
    attributes = record.data.attrs
    technique = str(attributes.get("technique", "") or "xanes").lower()
    if technique not in ("xanes", "xas", "exafs"):
        raise InputError(f"{title} is a spectrum of {technique!r}; expected X-ray absorption")
    unit = str(record.data["abscissa"].attrs.get("units", "")) or str(
        attributes.get("abscissa_unit", "")
    )
    if unit not in _IN_EV:
        raise InputError(f"the energies of {title} are in {unit!r}; expected eV or keV")
    energy, absorption = record.array("abscissa") * _IN_EV[unit], record.array("intensity")
    usable = np.isfinite(energy) & np.isfinite(absorption)
    usable &= np.abs(np.nan_to_num(absorption)) < _LARGEST
    flags: tuple[str, ...] = ()
    if dropped := len(energy) - int(np.sum(usable)):
        flags = (f"{dropped} rows without a number left out",)
    energy, absorption = energy[usable], absorption[usable]
    levels, place, counts = np.unique(energy, return_inverse=True, return_counts=True)
    if len(levels) < _LEAST_ROWS:
        raise InputError(
            f"{title} has {len(levels)} energies with an absorption; expected at least "
            f"{_LEAST_ROWS}"
        )
    if levels[0] < _LOWEST or levels[-1] > _HIGHEST:
        raise InputError(
            f"{title} has energies from {levels[0]:.4g} to {levels[-1]:.4g} eV; expected those of "
            f"X-rays, {_LOWEST:g} to {_HIGHEST:g} eV"
        )
    mean = np.bincount(place, weights=absorption) / counts
    return Scan(
        title=title,
        energy=levels,
        absorption=mean,
        shift=float(attributes.get(SHIFT, 0.0)),
        shift_uncertainty=float(attributes.get(SHIFT_UNCERTAINTY, 0.0)),
        calibration=str(attributes.get(CALIBRATION, "")),
        flags=flags,
    )


def scatter_of(energy: Array, values: Array) -> Array:
    """Residuals of each row from the quintic through its six neighbours, as of one row (n,).

    A polynomial through neighbours follows what is smooth over a few rows; divided by
    sqrt(1 + the sum of its squared weights) the residual has the deviation of one row.
    """
    rows = len(energy)
    half = _NEIGHBOURS // 2
    first = np.clip(np.arange(rows) - half, 0, rows - _NEIGHBOURS - 1)
    near = first[:, None] + np.arange(_NEIGHBOURS + 1)
    own = np.arange(rows) - first
    others = np.array([np.delete(row, place) for row, place in zip(near, own, strict=True)])
    distance = (energy[others] - energy[:, None]) / np.ptp(energy[near], axis=1)[:, None]
    weights = np.ones_like(distance)
    for one in range(_NEIGHBOURS):
        for other in range(_NEIGHBOURS):
            if one != other:
                weights[:, one] *= distance[:, other] / (distance[:, other] - distance[:, one])
    predicted = np.sum(weights * values[others], axis=1)
    return np.asarray((values - predicted) / np.sqrt(1.0 + np.sum(weights**2, axis=1)))
