"""The distribution of relaxation times of a spectrum, and the peaks in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._impedance.consistency_findings import frequency_text, inductive_points
from solith.analysis._impedance.distribution_peaks import Peak, Peaks, find_peaks
from solith.analysis._impedance.log_distribution import (
    Distribution,
    fit_distribution,
    fit_otherwise,
)
from solith.analysis._impedance.relaxation import as_complex, require_modulus
from solith.analysis._impedance.spectrum import Spectrum, spectrum_of
from solith.analysis._rows import title_of
from solith.analysis.kramers_kronig import check_kramers_kronig
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["fit_drt"]

_FEWEST_POINTS = 10
_BEYOND = 0.05  # of a resistance: what lies beyond the range and is worth a word
_MISFIT, _LEAST_MISFIT = 2.0, 1e-3  # times the noise; of |Z|
_METHOD = "distribution of relaxation times, smooth in its logarithm, strength by evidence"


def fit_drt(record: Record) -> Result:
    """The distribution of relaxation times gamma over ln tau of an impedance record.

    A resistance, where they are of use an inductance and a capacitance in series, and relaxations
    on a dense grid of time constants are fitted to real and imaginary part together, weighted by
    1/|Z|. gamma is positive; the curvature of its logarithm is penalised, as strongly as the
    evidence wants it (:mod:`solith.analysis._impedance.log_distribution`). A low-frequency branch
    without end, of blocking electrodes or diffusion, is carried by time constants up to two decades
    beyond the lowest frequency, along a straight flank in the logarithm, and by the series
    capacitance where there is one; it is no peak and no part of the polarisation resistance.

    Values: ``R_inf`` [ohm] (with it what relaxes beyond the highest frequency, which can hardly be
    told from it), ``polarisation_resistance`` [ohm] (of all peaks), for each peak from
    high to low frequency ``peak_1_resistance`` [ohm], ``peak_1_time_constant`` [s],
    ``peak_1_frequency`` [Hz] (1 / 2 pi tau), ``peak_1_capacitance`` [F] (tau / R), ...,
    ``inductance`` [H] and ``series_capacitance`` [F] where they are there, ``residual_rms``
    [% of |Z|]. Uncertainties are those of the posterior with a tenth of the penalty, so that they
    cover what the penalty bends, and of the overlap of peaks. The resistance in series and what
    relaxes near or beyond the highest frequency are exchanged at almost no cost, as penalty and
    grid of time constants will have it: the fit is repeated with a tenth of the penalty, and with
    a grid that ends a decade further; ``R_inf`` and ``polarisation_resistance`` have in quadrature
    both changes, beside the larger uncertainty of the two grids. Resistances are those of the cell
    as it was measured. Details: ``tau_second``, ``gamma_ohm``, ``gamma_uncertainty_ohm``,
    ``frequency_hertz``, ``real_impedance_ohm``, ``imaginary_impedance_ohm`` (fitted),
    ``regularisation``, ``branches_ohm``.

    Points at high frequency with Im Z > 0 that no inductance explains are left out and flagged;
    flags name, too, peaks at the ends of the range and what :func:`check_kramers_kronig` doubts.
    Raises :class:`InputError` for another kind of record, fewer than ten usable points,
    frequencies that are not above 0 and an impedance of exactly 0.
    """
    spectrum, flags = spectrum_of(record, at_least=_FEWEST_POINTS)
    require_modulus(record, spectrum)
    consistency = check_kramers_kronig(record)
    spectrum, left_out = _without_artefact(spectrum, consistency)
    distribution = fit_distribution(spectrum)
    w = spectrum.angular_frequency
    peaks, weaker, longer = (
        find_peaks(one, 1.0 / w[0], 1.0 / w[-1])
        for one in (distribution, *fit_otherwise(spectrum, distribution))
    )
    peaks = peaks.doubted_by(weaker, longer)
    residuals = as_complex(distribution.residuals)
    flags += left_out
    doubts = flags + _doubts(distribution, consistency)
    misfit = 100.0 * float(np.sqrt(np.mean(np.abs(residuals) ** 2)))
    values = _totals(peaks, doubts)
    for number, peak in enumerate(peaks.peaks, start=1):
        values += _peak_values(number, peak, flags + _doubts_of_peak(peak, consistency))
    values += _series_values(distribution, spectrum, flags)
    values.append(Value("residual_rms", misfit, "%", method=_METHOD, flags=doubts))
    details = _details(distribution, peaks, spectrum, residuals)
    name = f"Distribution of relaxation times of {title_of(record)}"
    return Result(name, tuple(values), details)


def _without_artefact(spectrum: Spectrum, consistency: Result) -> tuple[Spectrum, tuple[str, ...]]:
    """The spectrum from where on an inductance explains it, as the Kramers-Kronig test has it."""
    first = inductive_points(spectrum)
    doubted = "inductance" in consistency and consistency["inductance"].flags
    if not doubted or len(spectrum) - first < _FEWEST_POINTS:
        return spectrum, ()
    flag = f"{first} points with Im Z > 0 left out: no inductance explains them"
    return Spectrum(spectrum.frequency[first:], spectrum.impedance[first:]), (flag,)


def _doubts(distribution: Distribution, consistency: Result) -> tuple[str, ...]:
    """What the Kramers-Kronig test doubts, and a misfit far above the noise."""
    doubts = []
    for verdict in ("violated", "suspicious"):
        where = [
            f"{frequency_text(band['to_hertz'])} to {frequency_text(band['from_hertz'])}"
            for band in consistency.details["bands"]
            if band["verdict"] == verdict
        ]
        if where:
            doubts.append(f"Kramers-Kronig test: {verdict} at {', '.join(where)}")
    noise = (consistency["noise"].value or 0.0) / 100.0
    part = float(np.sqrt(np.mean(distribution.residuals**2)))
    if part > max(_MISFIT * noise, _LEAST_MISFIT):
        doubts.append(
            f"relaxations of positive resistance leave {100 * part:.2g} % of |Z|, noise is "
            f"{100 * noise:.2g} %: an inductive loop or drift?"
        )
    return tuple(doubts)


def _totals(peaks: Peaks, flags: tuple[str, ...]) -> list[Value]:
    fast, slow = flags, flags
    if peaks.faster > _BEYOND * peaks.fast:
        fast += (
            f"{peaks.faster:.3g} ohm of it relax beyond the highest frequency: it is extrapolated",
        )
    beyond = sum(peak.beyond for peak in peaks.peaks)
    if beyond > _BEYOND * peaks.resistance:
        slow += (f"{beyond:.3g} ohm of it lie beyond the measured frequencies",)
    if peaks.slower > _BEYOND * (peaks.fast + peaks.resistance):
        slow += ("the branch beyond the lowest frequency is no part of it",)
    return [
        Value("R_inf", peaks.fast, "ohm", peaks.fast_uncertainty, method=_METHOD, flags=fast),
        Value(
            "polarisation_resistance",
            peaks.resistance,
            "ohm",
            peaks.resistance_uncertainty,
            method=_METHOD,
            flags=slow,
        ),
    ]


def _peak_values(number: int, peak: Peak, flags: tuple[str, ...]) -> list[Value]:
    size, tau = peak.resistance, peak.time_constant
    of_size, of_tau = peak.resistance_uncertainty / size, peak.time_constant_uncertainty / tau
    told = (
        ("resistance", size, "ohm", of_size),
        ("time_constant", tau, "s", of_tau),
        ("frequency", 1.0 / (2.0 * np.pi * tau), "Hz", of_tau),
        ("capacitance", tau / size, "F", float(np.hypot(of_size, of_tau))),
    )
    return [
        Value(
            f"peak_{number}_{what}",
            value,
            unit,
            uncertainty=value * relative,
            method=_METHOD,
            flags=flags,
        )
        for what, value, unit, relative in told
    ]


def _doubts_of_peak(peak: Peak, consistency: Result) -> tuple[str, ...]:
    """What of it is extrapolated, and whether the Kramers-Kronig test has doubts where it lies."""
    frequency = 1.0 / (2.0 * np.pi * peak.time_constant)
    doubts = []
    if peak.beyond > _BEYOND * peak.resistance:
        doubts.append(f"{peak.beyond:.3g} ohm of it lie beyond the measured frequencies")
    bands = consistency.details["bands"]
    here = next((band for band in bands if frequency >= band["to_hertz"]), bands[-1])
    if here["verdict"] != "consistent":
        doubts.append(f"Kramers-Kronig test: {here['verdict']} at this frequency")
    return tuple(doubts)


def _series_values(
    distribution: Distribution, spectrum: Spectrum, flags: tuple[str, ...]
) -> list[Value]:
    """Inductance and capacitance in series, where the spectrum has them."""
    _, coil, plate = (float(value) for value in distribution.series)
    nothing = np.zeros_like(distribution.tau)
    values = []
    if coil > 0:
        # Both are kept as ohm: the one at the highest frequency, the other at the lowest.
        henry = coil / float(spectrum.angular_frequency[0])
        spread = distribution.uncertainty(nothing, (0.0, 1.0, 0.0)) / coil
        values.append(Value("inductance", henry, "H", henry * spread, "", _METHOD, "", flags))
    if plate > 0:
        farad = 1.0 / (float(spectrum.angular_frequency[-1]) * plate)
        spread = distribution.uncertainty(nothing, (0.0, 0.0, 1.0)) / plate
        values.append(
            Value("series_capacitance", farad, "F", farad * spread, "", _METHOD, "", flags)
        )
    return values


def _details(
    distribution: Distribution, peaks: Peaks, spectrum: Spectrum, residuals: NDArray[np.complex128]
) -> dict[str, Any]:
    fitted = spectrum.impedance - residuals * np.abs(spectrum.impedance)
    m = distribution.tau.size
    relative = np.sqrt(np.maximum(np.diag(distribution.cautious)[:m], 0.0))
    return {
        "tau_second": distribution.tau.tolist(),
        "gamma_ohm": distribution.gamma.tolist(),
        "gamma_uncertainty_ohm": (relative * distribution.gamma).tolist(),
        "frequency_hertz": spectrum.frequency.tolist(),
        "real_impedance_ohm": fitted.real.tolist(),
        "imaginary_impedance_ohm": fitted.imag.tolist(),
        "regularisation": distribution.strength,
        "branches_ohm": {"faster": peaks.faster, "slower": peaks.slower},
    }
