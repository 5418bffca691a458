"""How well a spectrum knows the parameters of a circuit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.circuit_arcs import Branch, branches
from solith.analysis._impedance.circuit_fit import CircuitFit
from solith.analysis._impedance.spectrum import Spectrum
from solith.core.intervals import NORMAL_95

__all__ = ["ALIKE", "UNKNOWN", "Knowledge", "apex_outside", "is_identified"]

Array = NDArray[np.float64]

UNKNOWN = 0.5
"""The relative standard uncertainty from which on a value is not identified."""

ALIKE = 0.995
"""The correlation above which two resistances are one."""

_ABOVE = 10.0  # times the highest frequency: an arc that turns there may still be seen
_UNKNOWN_EXPONENT = 0.2


@dataclass(frozen=True)
class Knowledge:
    """How well the data know each parameter, as it was sought: its ln, or itself.

    ``spread`` is the standard uncertainty, infinite where nothing is known; ``covariance`` of
    all of them is ``None`` where the data leave one undetermined.
    """

    spread: Array
    covariance: Array | None

    @classmethod
    def of(cls, fit: CircuitFit) -> Knowledge:
        """What the scatter of the residuals says of each parameter."""
        covariance = fit.covariance()
        if covariance is None:
            return cls(np.where(fit.known, np.inf, 0.0), None)
        return cls(np.sqrt(np.diag(covariance)), covariance)

    def uncertainty(self, fit: CircuitFit, place: int) -> float | None:
        """Standard uncertainty of the value at ``place``, ``None`` if it was not sought."""
        if not fit.known[place] or not np.isfinite(self.spread[place]):
            return None
        logarithmic = fit.circuit.parameters[place].logarithmic
        return float(self.spread[place] * (fit.values[place] if logarithmic else 1.0))

    def intervals(self, fit: CircuitFit) -> dict[str, list[float]]:
        """95 % intervals of what was sought, multiplicative for logarithmic parameters."""
        found = {}
        for place, name in enumerate(fit.circuit.parameter_names):
            if not fit.known[place] or not np.isfinite(self.spread[place]):
                continue
            value, reach = fit.values[place], NORMAL_95 * self.spread[place]
            if fit.circuit.parameters[place].logarithmic:
                reach = min(reach, 300.0)
                ends = [value * np.exp(-reach), value * np.exp(reach)]
            else:
                ends = [value - reach, value + reach]
            found[name] = [float(end) for end in ends]
        return found

    def correlations(self, fit: CircuitFit) -> dict[str, dict[str, float]]:
        """Correlation of each pair of parameters that were sought."""
        if self.covariance is None:
            return {}
        names = fit.circuit.parameter_names
        places = [int(place) for place in np.flatnonzero(fit.known) if self.spread[place] > 0]
        return {
            names[a]: {names[b]: self._correlation(a, b) for b in places if b != a} for a in places
        }

    def twins(self, fit: CircuitFit, place: int) -> list[str]:
        """Resistances that cannot be told apart from the one at ``place``."""
        if self.covariance is None or fit.circuit.parameters[place].unit != "ohm":
            return []
        return [
            name
            for other, name in enumerate(fit.circuit.parameter_names)
            if other != place
            and fit.known[place]
            and fit.known[other]
            and fit.circuit.parameters[other].unit == "ohm"
            and abs(self._correlation(place, other)) > ALIKE
        ]

    def _correlation(self, first: int, second: int) -> float:
        assert self.covariance is not None
        return float(self.covariance[first, second] / (self.spread[first] * self.spread[second]))


def apex_outside(fit: CircuitFit, branch: Branch, spectrum: Spectrum) -> bool:
    """Whether the apex of an arc lies at a frequency that was not measured."""
    w = spectrum.angular_frequency
    return not w[-1] <= 1.0 / branch.shape(fit.values)[1] <= w[0]


def is_identified(fit: CircuitFit, spectrum: Spectrum, most: float = 1.0) -> bool:
    """Whether the spectrum shows each arc and tail of the circuit by itself.

    Each arc's resistance is known to better than ``most`` times itself, no arc turns below the
    lowest frequency or a decade above the highest, and the tail is known. The resistance and
    inductance in front may be too small to be seen.
    """
    if not fit.solution.converged:
        return False
    w = spectrum.angular_frequency
    knowledge = Knowledge.of(fit)
    arcs = branches(fit.circuit)
    inside = {branch.across.label for branch in arcs} | {branch.resistor.label for branch in arcs}
    for branch in arcs:
        place = branch.resistor.first
        if fit.limited[place] or not knowledge.spread[place] < most:
            return False
        apex = 1.0 / branch.shape(fit.values)[1]
        if not w[-1] <= apex <= _ABOVE * w[0]:
            return False
    for leaf in fit.circuit.leaves:
        if leaf.label in inside or leaf.element.symbol in ("R", "L"):
            continue
        for step, part in enumerate(leaf.element.parameters):
            if part.logarithmic and fit.limited[leaf.first + step]:
                return False
            enough = most if part.logarithmic else _UNKNOWN_EXPONENT
            if leaf.element.symbol == "CPE" and part.logarithmic:
                continue  # its size and exponent are known together
            if not knowledge.spread[leaf.first + step] < enough:
                return False
    return True
