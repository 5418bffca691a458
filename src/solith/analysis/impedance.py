"""Resistances read off an impedance spectrum, without a circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._impedance.spectrum import spectrum_of
from solith.analysis._options import fact
from solith.analysis._rows import title_of
from solith.core.quantities import in_unit
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["find_resistances"]

_OF_HEIGHT = 0.02
"""A maximum counts as an arc if it rises by this part of its own height ..."""

_OF_MODULUS = 0.002
"""... and by this part of abs(Z), which is what good instruments resolve."""

_NEAR_AXIS = 0.01
"""A spectrum that begins with -Im Z below this part of Re Z begins at its intercept."""


def find_resistances(record: Record) -> Result:
    """The resistances between the ends of the arcs of a spectrum.

    * ``high_frequency_resistance`` [ohm]: Re Z where Im Z first changes from positive to
      negative on the way down from the highest frequency (linear between points), or
      Re Z at the highest frequency, flagged.
    * ``low_frequency_resistance`` [ohm]: Re Z at the minimum of -Im Z between the last arc
      and the diffusion tail, or Re Z at the lowest frequency, flagged.
    * ``interfacial_resistance`` [ohm]: their difference.
    * ``interfacial_area_resistance`` [ohm cm2 of geometric area]: the same times
      ``geometric_area_m2``, where the record's attributes give it.
    * ``apex_frequency_1``, ... [Hz]: the maxima of -Im Z before the tail, from high to low
      frequency. Maximum and minimum lie on a parabola through three points over the
      logarithm of frequency.

    Resistances in ohm are those of the cell as it was measured: no area is divided out.
    Raises :class:`InputError` for another kind of record, fewer than three usable points,
    frequencies that are not positive and a ``geometric_area_m2`` that is not positive.
    """
    spectrum, flags = _spectrum(record)
    high = _intercept(spectrum)
    arcs, low = _arcs_and_end(spectrum, high.row)
    span = low.real - high.real
    of_span = high.flags + low.flags + flags
    values = [
        Value(
            "high_frequency_resistance",
            high.real,
            "ohm",
            method=high.method,
            flags=high.flags + flags,
        ),
        Value(
            "low_frequency_resistance", low.real, "ohm", method=low.method, flags=low.flags + flags
        ),
        Value("interfacial_resistance", span, "ohm", method=_METHOD, flags=of_span),
    ]
    area = fact(record, "geometric_area_m2")
    if area is not None:
        per_area = in_unit(span * area, "ohm m2", "ohm cm2")
        values.append(
            Value(
                "interfacial_area_resistance",
                per_area,
                "ohm cm2",
                area="geometric",
                method=_METHOD,
                flags=of_span,
            )
        )
    values += [
        Value(
            f"apex_frequency_{number}", arc.frequency, "Hz", method="maximum of -Im Z", flags=flags
        )
        for number, arc in enumerate(arcs, start=1)
    ]
    details = {"arcs": [arc.__dict__ for arc in arcs], "low_frequency_hertz": low.frequency}
    return Result(f"Impedance of {title_of(record)}", tuple(values), details)


_METHOD = "low-frequency minus high-frequency resistance"


@dataclass(frozen=True)
class _Spectrum:
    """Points in order of falling frequency; ``height`` is -Im Z."""

    frequency: NDArray[np.float64]
    real: NDArray[np.float64]
    height: NDArray[np.float64]


@dataclass(frozen=True)
class _End:
    """One end of the arcs; ``row`` is the first point on its low-frequency side."""

    real: float
    frequency: float
    row: int
    method: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Arc:
    frequency: float
    real_impedance_ohm: float
    imaginary_impedance_ohm: float


def _spectrum(record: Record) -> tuple[_Spectrum, tuple[str, ...]]:
    spectrum, flags = spectrum_of(record, at_least=3)
    impedance = spectrum.impedance
    return _Spectrum(spectrum.frequency, impedance.real, -impedance.imag), flags


def _intercept(spectrum: _Spectrum) -> _End:
    """The high-frequency end: where the spectrum crosses the real axis."""
    height, real, frequency = spectrum.height, spectrum.real, spectrum.frequency
    crossings = np.flatnonzero((height[:-1] <= 0) & (height[1:] > 0))
    if height[0] > 0 or len(crossings) == 0:
        flag = "intercept outside the measured frequencies; Re Z at the highest one taken"
        near = 0 <= height[0] <= _NEAR_AXIS * abs(real[0])
        return _End(
            float(real[0]),
            float(frequency[0]),
            0,
            "Re Z at the highest frequency",
            () if near else (flag,),
        )
    row = int(crossings[0])
    part = float(-height[row] / (height[row + 1] - height[row]))
    crossed = real[row] + part * (real[row + 1] - real[row])
    at = np.exp(np.log(frequency[row]) + part * np.log(frequency[row + 1] / frequency[row]))
    return _End(float(crossed), float(at), row + 1, "crossing of the real axis")


def _arcs_and_end(spectrum: _Spectrum, first: int) -> tuple[list[_Arc], _End]:
    """The arcs from row ``first`` on, and the low-frequency end of the last one."""
    from scipy.signal import find_peaks, peak_prominences

    # An arc whose apex lies above the highest frequency still has an end: the zero in
    # front, the height of every arc at infinite frequency, makes its first point a maximum.
    height = np.concatenate([[0.0], spectrum.height[first:]])
    peaks, _ = find_peaks(height)
    rise = peak_prominences(height, peaks)[0]
    peaks = peaks[rise >= _least_rise(spectrum, peaks + first - 1)] + first - 1
    arcs = [_apex(spectrum, int(peak)) for peak in peaks if 0 < peak < len(spectrum.real) - 1]
    last = len(spectrum.real) - 1
    at_last = (float(spectrum.real[last]), float(spectrum.frequency[last]), last)
    if len(peaks) == 0:
        flag = "no separation between arc and tail; Re Z at the lowest frequency taken"
        return [], _End(*at_last, "Re Z at the lowest frequency", (flag,))
    lowest = int(peaks[-1] + np.argmin(spectrum.height[peaks[-1] :]))
    tail = spectrum.height[last] - spectrum.height[lowest]
    if lowest == last or tail < _least_rise(spectrum, np.array([lowest]))[0]:
        flag = "no tail after the last arc; Re Z at the lowest frequency taken"
        return arcs, _End(*at_last, "Re Z at the lowest frequency", (flag,))
    frequency, real, _ = _turning_point(spectrum, lowest)
    return arcs, _End(real, frequency, lowest, "minimum of -Im Z before the tail")


def _least_rise(spectrum: _Spectrum, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    height, real = np.abs(spectrum.height[rows]), spectrum.real[rows]
    return np.maximum(_OF_HEIGHT * height, _OF_MODULUS * np.hypot(real, height))


def _apex(spectrum: _Spectrum, row: int) -> _Arc:
    frequency, real, height = _turning_point(spectrum, row)
    return _Arc(frequency, real, -height)


def _turning_point(spectrum: _Spectrum, row: int) -> tuple[float, float, float]:
    """Frequency, Re Z and -Im Z where a parabola through three points turns."""
    frequency, real, height = spectrum.frequency, spectrum.real, spectrum.height
    near = slice(row - 1, row + 2)
    places = np.log(frequency[near] / frequency[row])
    turn = 0.0
    if len(np.unique(places)) < 3:
        return float(frequency[row]), float(real[row]), float(height[row])
    of_real = np.polyfit(places, real[near], 2)
    of_height = np.polyfit(places, height[near], 2)
    if of_height[0] != 0:
        turn = float(np.clip(-of_height[1] / (2 * of_height[0]), places.min(), places.max()))
    return (
        float(frequency[row] * np.exp(turn)),
        float(np.polyval(of_real, turn)),
        float(np.polyval(of_height, turn)),
    )
