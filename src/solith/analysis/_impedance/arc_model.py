"""Depressed arcs in series, as fast as numpy allows: the model behind the search for a circuit.

``Z = R_0 + j w L + sum_i R_i / (1 + (j w tau_i)^n_i) + A (j w)^-m``, in the unknowns ``ln R_0``,
``(ln R_i, ln tau_i, n_i)``, ``ln A``, ``m`` and ``ln L``. In ``tau`` an arc's parameters are
nearly independent of each other, which ``R`` and ``Q`` of ``p(R,CPE)`` are not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.spectrum import Spectrum
from solith.analysis._least_squares import minimise

__all__ = ["Arcs", "ArcsFit", "fit_arcs", "line_of"]

Array = NDArray[np.float64]
Complex = NDArray[Any]

_EXPONENTS = (0.4, 1.0)
_TAIL_EXPONENTS = (0.35, 1.0)
_RUNAWAY = 1e3  # times the ends of the frequency range
_SMALLEST = 1e-5  # of |Z|: a resistance that can be called nothing
_LARGEST = 80.0  # of a logarithm: what keeps exponentials finite
_TOLERANCE = 0.1  # of the relative offset: enough to compare models by
_FEW_EVALUATIONS = 4
_MOST_EVALUATIONS = 15


@dataclass(frozen=True)
class Arcs:
    """The unknowns. ``arcs`` is (number, 3): ``ln R``, ``ln tau``, ``n``, by rising tau.

    ``tail`` is ``(ln A, m)`` or ``None``; ``inductance`` is ``ln L`` or ``None``. The exponent
    of a Warburg tail, ``warburg``, stays at one half.
    """

    resistance: float
    arcs: Array
    tail: tuple[float, float] | None = None
    warburg: bool = False
    inductance: float | None = None

    @property
    def number(self) -> int:
        """How many arcs there are."""
        return len(self.arcs)

    @property
    def size(self) -> int:
        """How many parameters are free."""
        tail = 0 if self.tail is None else 2 - self.warburg
        return 1 + 3 * self.number + tail + (self.inductance is not None)

    def vector(self) -> Array:
        """The unknowns in one row, the tail's exponent last of all but inductance."""
        parts: list[float] = [self.resistance, *self.arcs.ravel()]
        parts += self.tail or ()
        parts += [] if self.inductance is None else [self.inductance]
        return np.array(parts, dtype=float)

    def at(self, vector: Array) -> Arcs:
        """The same kind of model with other unknowns, arcs put in order."""
        end = 1 + 3 * self.number
        arcs = vector[1:end].reshape(-1, 3)
        tail = None if self.tail is None else (float(vector[end]), float(vector[end + 1]))
        last = None if self.inductance is None else float(vector[-1])
        order = np.argsort(arcs[:, 1], kind="stable")
        return replace(
            self, resistance=float(vector[0]), arcs=arcs[order], tail=tail, inductance=last
        )


@dataclass(frozen=True)
class ArcsFit:
    """A model at its least sum of squares of ``(Z_model - Z) / |Z|``, real and imaginary."""

    model: Arcs
    squares: float
    residuals: Array
    converged: bool

    @property
    def residual(self) -> float:
        """Root mean square of the complex misfit over ``|Z|``."""
        return float(np.sqrt(2.0 * self.squares / len(self.residuals)))

    def criterion(self) -> float:
        """The Bayesian information criterion (Schwarz 1978, 10.1214/aos/1176344136)."""
        count = len(self.residuals)
        tiny = count * np.finfo(float).eps ** 2
        return float(
            count * np.log(max(self.squares, tiny) / count) + self.model.size * np.log(count)
        )


def line_of(spectrum: Spectrum) -> Complex:
    """``ln(j w)`` at each point."""
    line: Complex = np.log(spectrum.angular_frequency) + 0.5j * np.pi
    return line


def fit_arcs(spectrum: Spectrum, start: Arcs, *, roughly: bool = False) -> ArcsFit:
    """The model of the kind of ``start``, fitted from there, or ``roughly``: a few steps only.

    An exponent that leaves its range (0.4 to 1 of an arc, 0.35 to 1 of the tail), a resistance
    that vanishes, or a time constant that runs away from the measured ones, is held at the end
    that it passed, and the others are fitted again.
    """
    most = _FEW_EVALUATIONS if roughly else _MOST_EVALUATIONS
    line, weight = line_of(spectrum), 1.0 / np.abs(spectrum.impedance)
    vector = start.vector()
    limits = _limits(start, spectrum)
    free = np.ones(len(vector), dtype=bool)
    if start.tail is not None and start.warburg:
        free[2 + 3 * start.number] = False
    while True:
        places = np.flatnonzero(free)
        held = vector.copy()

        def residuals(
            point: Array, places: NDArray[np.intp] = places, held: Array = held
        ) -> tuple[Array, Array]:
            whole = held.copy()
            whole[places] = np.minimum(np.maximum(point, -_LARGEST), _LARGEST)
            impedance, slopes = _response(line, whole, start)
            misfit = (impedance - spectrum.impedance) * weight
            slopes = slopes[places] * weight
            return (
                np.concatenate([misfit.real, misfit.imag]),
                np.concatenate([slopes.real, slopes.imag], axis=1).T,
            )

        found = minimise(residuals, vector[places], tolerance=_TOLERANCE, most_evaluations=most)
        vector = held
        vector[places] = np.clip(found.point, -_LARGEST, _LARGEST)
        passed = [
            place
            for place, (low, high) in limits.items()
            if free[place] and not low <= vector[place] <= high
        ]
        if roughly:
            for place in passed:
                vector[place] = np.clip(vector[place], *limits[place])
        if roughly or not passed:
            squares = float(found.residuals @ found.residuals)
            return ArcsFit(start.at(vector), squares, found.residuals, found.converged)
        for place in passed:
            vector[place] = np.clip(vector[place], *limits[place])
            free[place] = False


def _limits(model: Arcs, spectrum: Spectrum) -> dict[int, tuple[float, float]]:
    w = spectrum.angular_frequency
    times = (-np.log(_RUNAWAY * w[0]), np.log(_RUNAWAY / w[-1]))
    sizes = (float(np.log(_SMALLEST * np.min(np.abs(spectrum.impedance)))), _LARGEST)
    limits = {0: sizes} | {1 + 3 * arc: sizes for arc in range(model.number)}
    limits |= {2 + 3 * arc: times for arc in range(model.number)}
    limits |= {3 + 3 * arc: _EXPONENTS for arc in range(model.number)}
    if model.tail is not None:
        limits[2 + 3 * model.number] = _TAIL_EXPONENTS
    return limits


def _response(line: Complex, vector: Array, model: Arcs) -> tuple[Complex, Complex]:
    """Impedance and its derivatives by the unknowns."""
    number, end = model.number, 1 + 3 * model.number
    slopes = np.empty((len(vector), len(line)), dtype=complex)
    impedance = np.full(len(line), np.exp(vector[0]), dtype=complex)
    slopes[0] = impedance
    if number:
        sizes, times, exponents = vector[1:end].reshape(-1, 3).T[:, :, None]
        inner = line + times
        power = np.exp(np.minimum(exponents, 2.0) * inner)
        share = 1.0 / (1.0 + power)
        arcs = np.exp(sizes) * share
        slope = -arcs * share * power
        slopes[1:end:3] = arcs
        slopes[2:end:3] = slope * exponents
        slopes[3:end:3] = slope * inner
        impedance = impedance + arcs.sum(axis=0)
    if model.tail is not None:
        tail = np.exp(vector[end] - vector[end + 1] * line)
        slopes[end], slopes[end + 1] = tail, -tail * line
        impedance = impedance + tail
    if model.inductance is not None:
        coil = np.exp(vector[-1] + line)
        slopes[-1] = coil
        impedance = impedance + coil
    return impedance, slopes
