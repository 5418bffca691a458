"""From faults of the linear models to findings: where, how bad, and what they look like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.consistency_tests import Faults, Term
from solith.analysis._impedance.spectrum import Spectrum

__all__ = ["SUSPICIOUS", "VIOLATED", "Finding", "findings", "frequency_text", "inductive_points"]

Rows = NDArray[np.intp]

SUSPICIOUS, VIOLATED = 1e-2, 1e-3
"""Probabilities that noise alone would do as much anywhere in a spectrum."""

_MATTERS = 3e-3  # of |Z|: what good instruments promise (recalled); less is no violation
_LOOP = 3  # points at the low-frequency end with Im Z > 0 ...
_ABOVE_NOISE = 3.0  # ... and this many times the noise: a loop that shows
_REACH_OF_LOOP = 100.0  # times its highest frequency
_LOW_BANDS = 2


@dataclass(frozen=True)
class Finding:
    """One fault: the ``rows`` it touches, its ``probability`` and ``size`` [of |Z|]: how far off
    a bad point is, or what of a course of points the model cannot follow.

    ``verdict`` is "violated" or "suspicious"; ``cause`` is for a person; ``single`` tells a bad
    point from a course of points.
    """

    rows: Rows
    probability: float
    size: float
    verdict: str
    cause: str
    single: bool


def findings(spectrum: Spectrum, bands: Rows, free: Faults, passive: Faults) -> list[Finding]:
    """What either model lacks, each fault once."""
    found = [_finding(spectrum, bands, term, free, strict=True) for term in free.terms]
    loop = _loop(spectrum, free.noise)
    known = [one.rows for one in found]
    for term in passive.terms:
        one = _finding(spectrum, bands, term, passive, strict=False)
        explained = loop is not None and spectrum.frequency[one.rows[0]] <= _REACH_OF_LOOP * loop
        if not explained and not any(_same(one.rows, rows) for rows in known):
            found.append(one)
    return found


def inductive_points(spectrum: Spectrum) -> int:
    """How many points, from the highest frequency on, have Im Z > 0."""
    return int(np.argmin(np.append(spectrum.impedance.imag > 0, False)))


def frequency_text(hertz: float) -> str:
    """A frequency for a person."""
    for size, unit in ((1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz"), (1e-3, "mHz")):
        if hertz >= size * 0.9995:
            return f"{hertz / size:.3g} {unit}"
    return f"{hertz * 1e6:.3g} µHz"


def _size(term: Term, rows: Rows, faults: Faults, strict: bool) -> float:
    """How far off a point is, or what of a course of points the model cannot follow."""
    if term.kind == "point":
        return float(np.max(np.abs(term.effect)))
    if strict:
        return float(np.sqrt(np.mean(np.abs(faults.residuals[rows]) ** 2)))
    return term.misfit


def _same(rows: Rows, others: Rows) -> bool:
    return rows.size == others.size and bool(np.all(rows == others))


def _finding(
    spectrum: Spectrum, bands: Rows, term: Term, faults: Faults, *, strict: bool
) -> Finding:
    rows = _rows(bands, term, faults.noise)
    probability = min(1.0, 2.0 * term.probability)  # two models are asked
    size = _size(term, rows, faults, strict)
    violated = strict and probability < VIOLATED and size > _MATTERS
    return Finding(
        rows,
        probability,
        size,
        "violated" if violated else "suspicious",
        _cause(spectrum, bands, term, rows, size, strict),
        term.kind == "point",
    )


def _rows(bands: Rows, term: Term, noise: float) -> Rows:
    if term.kind == "drift":
        seen = np.abs(term.effect) > noise
        seen[-1] = True
        return np.flatnonzero(seen)
    return np.flatnonzero(term.effect != 0)


def _cause(
    spectrum: Spectrum, bands: Rows, term: Term, rows: Rows, misfit: float, strict: bool
) -> str:
    size = f"{100 * misfit:.2g} % of |Z|"
    if term.kind == "point":
        return f"bad point at {frequency_text(spectrum.frequency[rows[0]])}, {size} off"
    where = (
        f"from {frequency_text(spectrum.frequency[rows[-1]])} to "
        f"{frequency_text(spectrum.frequency[rows[0]])} ({size})"
    )
    if term.kind == "drift":
        last = term.effect[-1].real
        word = "grows" if last > 0 else "falls"
        other = "" if strict else ", or a relaxation of negative sign"
        return (
            f"drift{other}: Re Z {word} with the time of measurement, by {100 * abs(last):.2g} % "
            f"of |Z| at {frequency_text(spectrum.frequency[-1])}"
        )
    band, number = term.place, int(bands[-1]) + 1
    inductive = inductive_points(spectrum)
    if inductive and band <= bands[inductive - 1]:
        return f"inductive artefact {where}: no series inductance explains it"
    if band == 0:
        return f"artefact at high frequency {where}: cable or instrument?"
    if band >= number - min(_LOW_BANDS, number - 1):
        other = "" if strict else ", or a relaxation of negative sign,"
        return f"drift at low frequency{other} {where}"
    if strict:
        return f"no linear, stable cell gives the course {where}: a change of range or of the cell?"
    return f"elements of negative sign needed {where}"


def _loop(spectrum: Spectrum, noise: float) -> float | None:
    """The highest frequency [Hz] of an inductive loop that shows at the low-frequency end."""
    above = spectrum.impedance.imag > _ABOVE_NOISE * noise * np.abs(spectrum.impedance)
    length = int(np.argmin(np.append(above[::-1], False)))
    return float(spectrum.frequency[-length]) if _LOOP <= length < len(spectrum) else None
