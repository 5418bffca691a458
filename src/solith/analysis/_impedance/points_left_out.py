"""Points of a spectrum that a fit does without, and says so."""

from __future__ import annotations

import numpy as np

from solith.analysis._impedance.circuit_choice import Candidate, choose_circuit
from solith.analysis._impedance.circuit_fit import CircuitFit
from solith.analysis._impedance.spectrum import Spectrum
from solith.core.errors import InputError

__all__ = ["choose_with_fewer_points", "without_active_points", "without_inductive_points"]

_LEAST_POINTS = 5
_BAD = 0.05  # of |Z|: a residual that no noise makes
_SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
_BETTER = 1 / 3  # of the residual: what leaving points out has to bring


def without_active_points(spectrum: Spectrum, title: str) -> tuple[Spectrum, tuple[str, ...]]:
    """The points with ``Re Z`` above 0: no resistor, capacitor or coil gives others.

    Raises :class:`InputError` where fewer than five are left.
    """
    passive = spectrum.impedance.real > 0
    count = int(np.count_nonzero(~passive))
    if len(spectrum) - count < _LEAST_POINTS:
        raise InputError(
            f"{title}: Re Z is not above 0 at {count} of {len(spectrum)} points, as no passive "
            "cell has it: was the sign of Z turned?"
        )
    if count == 0:
        return spectrum, ()
    flag = f"{count} points with Re Z not above 0 left out"
    return Spectrum(spectrum.frequency[passive], spectrum.impedance[passive]), (flag,)


def without_inductive_points(spectrum: Spectrum) -> tuple[Spectrum, tuple[str, ...]]:
    """The spectrum from the highest frequency on at which it is capacitive."""
    capacitive = np.flatnonzero(spectrum.impedance.imag <= 0)
    first = int(capacitive[0]) if len(capacitive) else 0
    if first == 0:
        return spectrum, ()
    flag = f"{first} points with Im Z > 0 left out: the circuit has no inductance"
    return _from(spectrum, first), (flag,)


def choose_with_fewer_points(
    spectrum: Spectrum, cell_type: str | None
) -> tuple[CircuitFit, list[Candidate], Spectrum, tuple[str, ...]]:
    """The circuit chosen, and the spectrum without the high end that spoils every circuit.

    Points at the highest frequencies (leads, the instrument's limit) are left out only where
    the residual is above 5 % and falls to a third without them.
    """
    fit, candidates = choose_circuit(spectrum, cell_type)
    if fit.residual <= _BAD:
        return fit, candidates, spectrum, ()
    for share in _SHARES:
        first = max(1, round(share * len(spectrum)))
        if len(spectrum) - first < _LEAST_POINTS:
            break
        part = _from(spectrum, first)
        other, others = choose_circuit(part, cell_type)
        if other.residual <= _BETTER * fit.residual:
            flag = (
                f"{first} points above {part.frequency[0]:.3g} Hz left out: no circuit has them "
                "together with the others"
            )
            return other, others, part, (flag,)
    return fit, candidates, spectrum, ("no circuit of arcs explains this spectrum",)


def _from(spectrum: Spectrum, first: int) -> Spectrum:
    return Spectrum(spectrum.frequency[first:], spectrum.impedance[first:])
