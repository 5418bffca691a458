"""The usable points of an impedance record, in order of falling frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._rows import title_of, usable_rows
from solith.core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["Spectrum", "require_sizes", "spectrum_of"]

_LEAST = 3
_LOWEST = 1e-9  # Hz
_NOISE = 0.01  # of |Z|
_SIZES = (1e-6, 1e14)  # ohm, to which circuits can be fitted
_VARIABLES = ("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm")


@dataclass(frozen=True)
class Spectrum:
    """Points in order of falling ``frequency`` [Hz] with their complex ``impedance`` [ohm]."""

    frequency: NDArray[np.float64]
    impedance: NDArray[np.complex128]

    @property
    def angular_frequency(self) -> NDArray[np.float64]:
        """2 pi f [rad/s]."""
        return 2.0 * np.pi * self.frequency

    def __len__(self) -> int:
        return len(self.frequency)


def spectrum_of(record: Record, *, at_least: int) -> tuple[Spectrum, tuple[str, ...]]:
    """The spectrum of an impedance record, and flags on what is odd about it.

    Raises :class:`InputError` for another kind of record, fewer usable points than
    ``at_least``, frequencies that are not above 0 or that nobody measures, and fewer than three
    different ones.
    """
    rows, flags = usable_rows(record, "impedance", _VARIABLES, at_least=at_least)
    frequency, real, imaginary = (record.array(name)[rows] for name in _VARIABLES)
    if np.min(frequency) <= 0:
        raise InputError(f"{title_of(record)}: frequency_hertz must be above 0 Hz everywhere")
    if np.min(frequency) < _LOWEST:
        raise InputError(
            f"{title_of(record)}: the lowest frequency_hertz is {np.min(frequency):.3g} Hz, which "
            f"no instrument measures; expected {_LOWEST:g} Hz or more. Give the column in Hz"
        )
    if (different := len(np.unique(frequency))) < _LEAST:
        raise InputError(
            f"{title_of(record)} holds {different} different "
            f"frequenc{'y' if different == 1 else 'ies'}; a spectrum has at least {_LEAST}"
        )
    order = np.argsort(-frequency, kind="stable")
    spectrum = Spectrum(frequency[order], (real + 1j * imaginary)[order])
    if np.any(np.diff(spectrum.frequency) == 0):
        flags += ("frequencies occur more than once: several spectra in one record?",)
    beyond_noise = np.mean(imaginary) > _NOISE * np.mean(np.abs(spectrum.impedance))
    if np.mean(imaginary > 0) > 0.5 and beyond_noise:
        flags += ("Im Z is mostly positive: was -Im Z stored?",)
    return spectrum, flags


def require_sizes(spectrum: Spectrum, title: str) -> None:
    """Raise :class:`InputError` where |Z| is out of the range that circuits' parameters have."""
    low, high = _SIZES
    size = np.abs(spectrum.impedance)
    if not low <= size.min() <= size.max() <= high:
        raise InputError(
            f"{title}: |Z| goes from {size.min():.3g} to {size.max():.3g} ohm; a spectrum within "
            f"{low:g} to {high:g} ohm can be fitted"
        )
