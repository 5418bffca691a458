"""The part of a record that a fit uses: rising binding energies, intensities, counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._rows import title_of
from solith.core.errors import InputError
from solith.core.given import records_among, require_record
from solith.core.record import Record

__all__ = ["Spectrum", "spectra_of", "spectrum_of", "window_of"]

_LEAST_ROWS = 12
_LARGEST = 1e15
_SAME = 1e-9  # eV
_AS_COUNTS = 1e6  # what the largest intensity is made where its counts are not known


@dataclass(frozen=True)
class Spectrum:
    """Binding energies (n,) [eV], rising, as referred to, and intensities with their unit.

    ``factor`` makes counts of the intensities; ``None`` where the record does not tell.
    """

    name: str
    energy: NDArray[np.float64]
    intensity: NDArray[np.float64]
    unit: str
    factor: float | None
    flags: tuple[str, ...] = ()

    @property
    def scale(self) -> float:
        """What makes counts of the intensities; where it is not known, numbers as large as counts.

        Weights of counting are then in proportion to them, whatever the unit.
        """
        return self.factor or _AS_COUNTS / float(np.max(self.intensity))


def spectra_of(records: Any, window: Any, shift: float) -> list[Spectrum]:
    """The spectra of a record, of a list or of records by name; names are kept apart."""
    if isinstance(records, Record):
        return [spectrum_of(records, window, shift)]
    listed = records_among(records)
    names = list(records) if isinstance(records, Mapping) else [title_of(one) for one in listed]
    spectra = [spectrum_of(one, window, shift) for one in listed]
    apart = [
        str(name) if names.count(name) == 1 else f"{name} ({n})"
        for n, name in enumerate(names, start=1)
    ]
    return [
        Spectrum(name, one.energy, one.intensity, one.unit, one.factor, one.flags)
        for name, one in zip(apart, spectra, strict=True)
    ]


def spectrum_of(record: Record, window: Any, shift: float) -> Spectrum:
    """The rows of a record within a window of binding energies as referred to.

    Raises :class:`InputError` for a record of another kind or technique, for a kinetic energy, for
    fewer rows than a fit takes and for intensities below 0 or too large to be counts.
    """
    require_record(record)
    title = title_of(record)
    if record.kind != "spectrum":
        raise InputError(
            f"{title} is a record of kind {record.kind!r}; expected a spectrum of photoelectrons"
        )
    known = record.data.attrs
    technique = str(known.get("technique", "xps"))
    quantity = str(known.get("abscissa_quantity", "binding energy"))
    if technique not in ("xps", "ups") or quantity != "binding energy":
        raise InputError(
            f"{title} is a spectrum of technique {technique!r} over {quantity}; expected "
            "photoelectrons over their binding energy"
        )
    energy, intensity = record.array("abscissa"), record.array("intensity")
    usable = np.isfinite(energy) & np.isfinite(intensity)
    flags: tuple[str, ...] = ()
    if dropped := int(np.sum(~usable)):
        flags = (f"{dropped} rows without a number left out",)
    low, high = window_of(window)
    energy, intensity = energy[usable] + shift, intensity[usable]
    kept = (energy >= low - _SAME) & (energy <= high + _SAME)
    order = np.argsort(energy[kept], kind="stable")
    energy, intensity = energy[kept][order], intensity[kept][order]
    _require_usable(title, energy, intensity, window)
    return Spectrum(
        title, energy, intensity, str(known.get("intensity_unit", "")), _factor(known), flags
    )


def window_of(window: Any) -> tuple[float, float]:
    """The lowest and highest binding energy [eV] of a pair, or no limits for ``None``."""
    if window is None:
        return -np.inf, np.inf
    usable = isinstance(window, (list, tuple)) and len(window) == 2
    if usable and all(
        isinstance(end, (int, float)) and not isinstance(end, bool) and np.isfinite(end)
        for end in window
    ):
        low, high = float(window[0]), float(window[1])
        if low < high:
            return low, high
    raise InputError(
        f"{window!r:.60} is no pair (lowest, highest) of binding energies in eV", where="window"
    )


def _require_usable(
    title: str, energy: NDArray[np.float64], intensity: NDArray[np.float64], window: Any
) -> None:
    within = "" if window is None else f" from {window[0]:g} to {window[1]:g} eV"
    if len(energy) < _LEAST_ROWS:
        raise InputError(f"{title} has {len(energy)} rows{within}; expected at least {_LEAST_ROWS}")
    if np.min(np.diff(energy)) <= _SAME:
        raise InputError(
            f"{title} has a binding energy twice, near "
            f"{energy[np.argmin(np.diff(energy))]:.6g} eV; take one scan"
        )
    if np.min(intensity) < 0 or np.max(intensity) > _LARGEST:
        raise InputError(
            f"{title}: intensities go from {np.min(intensity):.3g} to {np.max(intensity):.3g}; "
            "expected counts or their rate, 0 or more. Take the spectrum before any background "
            "is taken off"
        )
    if np.ptp(intensity) == 0:
        raise InputError(f"{title}: the intensity is {intensity[0]:.4g} everywhere{within}")


def _factor(known: Mapping[Any, Any]) -> float | None:
    given = known.get("counts_per_intensity")
    is_number = isinstance(given, (int, float, np.floating, np.integer))
    if is_number and not isinstance(given, bool):
        factor = float(str(given))
        if 1e-9 < factor < 1e9:
            return factor
    return 1.0 if known.get("intensity_unit") == "counts" else None
