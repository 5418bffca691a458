"""Kramers-Kronig: could a linear, causal, stable cell have given this spectrum?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._impedance.consistency_findings import (
    SUSPICIOUS,
    VIOLATED,
    Finding,
    findings,
    inductive_points,
)
from solith.analysis._impedance.consistency_tests import Faults, bands_of, find_faults
from solith.analysis._impedance.linear_consistency import fit_free, fit_passive
from solith.analysis._impedance.relaxation import require_modulus
from solith.analysis._impedance.spectrum import Spectrum, spectrum_of
from solith.analysis._rows import title_of
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["check_kramers_kronig"]

_FEWEST_POINTS = 10
_METHOD = "linear Kramers-Kronig test, number of elements by AICc"


def check_kramers_kronig(record: Record) -> Result:
    """The linear Kramers-Kronig test of an impedance record, with a verdict for every band.

    A series of a resistance, an inductance, where needed a capacitance, and R||C elements of
    fixed time constants and coefficients of either sign obeys the Kramers-Kronig relations; it is
    fitted to real and imaginary part together, weighted by 1/|Z| (Boukamp 1995,
    10.1149/1.2044210). The number of elements is that of the least AICc; the criterion mu of
    Schoenleber et al. (2014, 10.1016/j.electacta.2014.01.034) stops too early at times
    (``validation/kramers_kronig_and_drt.py``).

    What the elements leave unexplained is tested point by point, band by band (about a decade) and
    for a drift, with the probability of noise doing as much anywhere in the spectrum. A band is

    * **violated** where no such series has it: probability below 0.1 % and a misfit above 0.3 %
      of |Z|;
    * **suspicious** below 1 %, also where only elements of negative sign have it, which is what a
      drift at low frequency and an inductive artefact look like; but a loop that shows, Im Z > 0
      at the lowest frequencies, is taken as it is;
    * **consistent** otherwise.

    Values: ``residual_rms`` [% of |Z|], ``noise`` [% of |Z|, standard deviation of the real and of
    the imaginary part, what is found faulty left aside], ``elements``, ``violated_bands``,
    ``suspicious_bands``, ``bad_points``, where there is one ``first_bad_frequency`` [Hz] (the
    highest), and where points at high frequency have Im Z > 0 ``inductance`` [H]. Causes are flags
    of the two counts. Details: ``frequency_hertz``, ``real_residual_percent``,
    ``imaginary_residual_percent``, ``bands`` (``from_hertz``, ``to_hertz``, ``verdict``,
    ``probability``, ``misfit_percent``, ``residual_percent``, ``cause``),
    ``bad_frequencies_hertz``, ``thresholds``.

    Noise is taken to be normal and in proportion to |Z|: of a range that is much noisier than the
    rest, points are called bad. Raises :class:`InputError` for another kind of record, fewer than
    ten usable points, frequencies that are not above 0 and an impedance of exactly 0.
    """
    spectrum, flags = spectrum_of(record, at_least=_FEWEST_POINTS)
    require_modulus(record, spectrum)
    bands = bands_of(spectrum)
    free = find_faults(spectrum, fit_free, bands, SUSPICIOUS / 2)
    passive = find_faults(spectrum, fit_passive, bands, SUSPICIOUS / 2)
    found = findings(spectrum, bands, free, passive)
    return _result(record, spectrum, bands, flags, free, passive.fit.inductance, found)


def _result(
    record: Record,
    spectrum: Spectrum,
    bands: NDArray[np.intp],
    flags: tuple[str, ...],
    free: Faults,
    inductance: float,
    found: list[Finding],
) -> Result:
    told = [
        _band(spectrum, np.flatnonzero(bands == band), free, found)
        for band in range(int(bands[-1]) + 1)
    ]
    verdicts = [band["verdict"] for band in told]
    points = sorted(int(one.rows[0]) for one in found if one.single)
    ordered = sorted(found, key=lambda one: int(one.rows[0]))
    causes = {
        verdict: flags + tuple(one.cause for one in ordered if one.verdict == verdict)
        for verdict in ("violated", "suspicious")
    }
    residual = 100 * free.residuals
    values = [
        _value("residual_rms", float(np.sqrt(np.mean(np.abs(residual) ** 2))), "%", flags),
        _value("noise", 100 * free.noise, "%", flags),
        _value("elements", free.fit.elements, "", flags),
        _value("violated_bands", verdicts.count("violated"), "", causes["violated"]),
        _value("suspicious_bands", verdicts.count("suspicious"), "", causes["suspicious"]),
        _value("bad_points", len(points), "", flags),
    ]
    if found:
        first = min(int(one.rows[0]) for one in found)
        values.append(_value("first_bad_frequency", spectrum.frequency[first], "Hz", flags))
    inductive = inductive_points(spectrum)
    if inductive:
        touched = any(not one.single and one.rows[0] < inductive for one in found)
        doubt = (f"it does not explain the {inductive} points with Im Z > 0",) if touched else ()
        values.append(_value("inductance", inductance, "H", flags + doubt))
    details = {
        "frequency_hertz": spectrum.frequency.tolist(),
        "real_residual_percent": residual.real.tolist(),
        "imaginary_residual_percent": residual.imag.tolist(),
        "bands": told,
        "bad_frequencies_hertz": spectrum.frequency[points].tolist(),
        "thresholds": {"suspicious": SUSPICIOUS, "violated": VIOLATED},
    }
    return Result(f"Kramers-Kronig test of {title_of(record)}", tuple(values), details)


def _band(
    spectrum: Spectrum, rows: NDArray[np.intp], free: Faults, found: list[Finding]
) -> dict[str, Any]:
    """The verdict on the points ``rows``, with the worst of what touches them."""
    here = [one for one in found if np.isin(rows, one.rows).any()]
    violated = any(one.verdict == "violated" for one in here)
    return {
        "from_hertz": float(spectrum.frequency[rows[0]]),
        "to_hertz": float(spectrum.frequency[rows[-1]]),
        "verdict": "violated" if violated else "suspicious" if here else "consistent",
        "probability": min((one.probability for one in here), default=None),
        "misfit_percent": 100 * max((one.size for one in here), default=0.0),
        "residual_percent": 100 * float(np.sqrt(np.mean(np.abs(free.residuals[rows]) ** 2))),
        "cause": "; ".join(one.cause for one in here),
    }


def _value(quantity: str, value: float, unit: str, flags: tuple[str, ...]) -> Value:
    return Value(quantity, float(value), unit, method=_METHOD, flags=flags)
