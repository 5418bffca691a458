"""A given circuit fitted to a spectrum: from a start, or from many where none is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.spectrum import Spectrum
from solith.analysis._least_squares import LeastSquares, minimise
from solith.analysis.circuit import Circuit
from solith.core.errors import ConvergenceError

__all__ = ["CircuitFit", "fit_from", "fit_from_many"]

Array = NDArray[np.float64]

_SEED = 20
_DRAWN = 400  # random starts whose misfit is looked at ...
_FOLLOWED = (12, 3)  # ... those of them that are fitted for a few steps, and further
_FREE_EXPONENTS = (0.5, 0.95)
_BY_CHANCE = 0.25  # correlation of neighbouring residuals
_MOST_ALIKE = 0.98
_LARGEST = 200.0  # of a logarithm
_TOLERANCE = 1e-6
_STEPS = (12, 80)


@dataclass(frozen=True)
class CircuitFit:
    """A circuit at the least sum of squares of ``(Z_circuit - Z) / |Z|``.

    ``values`` are in the order of the circuit's parameters; ``sought`` says which were sought
    (by their logarithm, where they are logarithmic), ``limited`` which of them ended at a
    limit. ``solution`` is in those sought, without the logarithmic ones at a limit, which have
    vanished or run away; an exponent at its limit still adds to the others' uncertainty.
    """

    circuit: Circuit
    values: Array
    sought: NDArray[np.bool_]
    limited: NDArray[np.bool_]
    solution: LeastSquares

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which parameters the solution is in."""
        logarithmic = np.array([part.logarithmic for part in self.circuit.parameters])
        known: NDArray[np.bool_] = self.sought & ~(self.limited & logarithmic)
        return known

    @property
    def squares(self) -> float:
        """The sum of squares."""
        return self.solution.squares

    @property
    def residual(self) -> float:
        """Root mean square of the complex misfit over ``|Z|``."""
        return float(np.sqrt(2.0 * self.squares / len(self.solution.residuals)))

    def criterion(self) -> float:
        """The Bayesian information criterion (Schwarz 1978, 10.1214/aos/1176344136)."""
        count = len(self.solution.residuals)
        tiny = count * np.finfo(float).eps ** 2
        size = int(np.count_nonzero(self.sought))
        return float(count * np.log(max(self.squares, tiny) / count) + size * np.log(count))

    @property
    def alikeness(self) -> float:
        """The correlation of neighbouring residuals, 0 to 1; high if the misfit is systematic."""
        residuals = self.solution.residuals
        squares = float(residuals @ residuals)
        if squares == 0.0:
            return 0.0
        together = sum(float(half[1:] @ half[:-1]) for half in np.split(residuals, 2))
        return min(max(together / squares, 0.0), 1.0)

    @property
    def widening(self) -> float:
        """By what uncertainties are wider than random residuals would have them.

        Residuals of correlation r count like ``(1 - r) / (1 + r)`` as many independent ones
        (Bayley and Hammersley, J. R. Stat. Soc. Suppl. 8, 184 (1946), 10.2307/2983560,
        recalled); 1 below a correlation of 0.25, which noise may have.
        """
        alike = min(self.alikeness, _MOST_ALIKE)
        return float(np.sqrt((1.0 + alike) / (1.0 - alike))) if alike > _BY_CHANCE else 1.0

    def covariance(self) -> Array | None:
        """Covariance of all parameters as they were sought (of ln, where logarithmic).

        From the scatter of the residuals, widened where they are alike. Zero for what was
        held; ``None`` where the data leave something undetermined.
        """
        inner = self.solution.covariance()
        if inner is None:
            return None
        whole = np.zeros((len(self.values), len(self.values)))
        known = np.flatnonzero(self.known)
        whole[np.ix_(known, known)] = self.widening**2 * inner
        return whole

    def permuted(self, places: NDArray[np.intp]) -> CircuitFit:
        """The same fit with the parameter at ``places[i]`` in place i."""
        rank = np.cumsum(self.known) - 1
        columns = rank[places[self.known[places]]]
        solution = replace(
            self.solution,
            point=self.solution.point[columns],
            jacobian=self.solution.jacobian[:, columns],
        )
        return CircuitFit(
            self.circuit, self.values[places], self.sought[places], self.limited[places], solution
        )


def fit_from(
    circuit: Circuit,
    spectrum: Spectrum,
    start: Sequence[float] | Array,
    *,
    fixed: Mapping[str, float] | None = None,
    tolerance: float = _TOLERANCE,
    most_evaluations: int = 300,
) -> CircuitFit:
    """The circuit fitted from ``start``, with the parameters in ``fixed`` held.

    A parameter that passes one of its limits is held there and the others are fitted again.
    Raises :class:`ConvergenceError` where the circuit cannot be evaluated at the start, or
    every parameter runs into a limit.
    """
    values = np.array(start, dtype=float)
    sought = np.ones(len(values), dtype=bool)
    for place, name in enumerate(circuit.parameter_names):
        if fixed and name in fixed:
            values[place], sought[place] = fixed[name], False
    logarithmic = np.array([part.logarithmic for part in circuit.parameters])
    lowest = np.array([part.lowest for part in circuit.parameters])
    highest = np.array([part.highest for part in circuit.parameters])
    free = sought.copy()
    while True:
        residuals = _residuals(circuit, spectrum, values, free)
        begin = np.where(logarithmic, np.log(values), values)[free]
        found = minimise(residuals, begin, tolerance=tolerance, most_evaluations=most_evaluations)
        values[free] = np.where(logarithmic[free], np.exp(_bounded(found.point)), found.point)
        passed = free & ((values < lowest) | (values > highest))
        if not passed.any():
            break
        values = np.clip(values, lowest, highest)
        free &= ~passed
        if not free.any():
            raise ConvergenceError(f"every parameter of {circuit} ended at a limit")
    limited = sought & ~free
    fit = CircuitFit(circuit, values, sought, limited, found)
    if np.array_equal(fit.known, free):
        return fit
    point = np.where(logarithmic, np.log(values), values)[fit.known]
    misfit, jacobian = _residuals(circuit, spectrum, values, fit.known)(point)
    solution = replace(found, point=point, residuals=misfit, jacobian=jacobian)
    return replace(fit, solution=solution)


def _residuals(
    circuit: Circuit, spectrum: Spectrum, values: Array, free: NDArray[np.bool_]
) -> Callable[[Array], tuple[Array, Array]]:
    """Misfit and derivatives as functions of the free parameters as they are sought."""
    w, impedance = spectrum.angular_frequency, spectrum.impedance
    weight = 1.0 / np.abs(impedance)
    places, held = np.flatnonzero(free), values.copy()
    logarithmic = np.array([circuit.parameters[place].logarithmic for place in places])

    def residuals(point: Array) -> tuple[Array, Array]:
        whole = held.copy()
        whole[places] = np.where(logarithmic, np.exp(_bounded(point)), point)
        response, slopes = circuit.response(w, whole)
        misfit = (response - impedance) * weight
        slopes = slopes[places] * np.where(logarithmic, whole[places], 1.0)[:, None] * weight
        return (
            np.concatenate([misfit.real, misfit.imag]),
            np.concatenate([slopes.real, slopes.imag], axis=1).T,
        )

    return residuals


def _bounded(point: Array) -> Array:
    """Logarithms whose exponentials are finite."""
    bounded: Array = np.minimum(np.maximum(point, -_LARGEST), _LARGEST)
    return bounded


def fit_from_many(
    circuit: Circuit, spectrum: Spectrum, *, fixed: Mapping[str, float] | None = None
) -> CircuitFit:
    """The best of fits from random starts, the same for the same input.

    Starts are drawn from what the spectrum can show (resistances around its modulus, time
    constants around its frequencies); the most promising are followed. Raises
    :class:`ConvergenceError` where none can be.
    """
    draw = np.random.default_rng(_SEED)
    starts = [_drawn(circuit, spectrum, draw, fixed or {}) for _ in range(_DRAWN)]
    with np.errstate(all="ignore"):
        misfits = np.array([_misfit(circuit, spectrum, start) for start in starts])
    points = [starts[place] for place in np.argsort(misfits, kind="stable")]
    for count, steps in zip(_FOLLOWED, _STEPS, strict=True):
        fits = []
        for point in points[:count]:
            try:
                fits.append(
                    fit_from(
                        circuit, spectrum, point, fixed=fixed, tolerance=0.1, most_evaluations=steps
                    )
                )
            except ConvergenceError:
                continue
        if not fits:
            raise ConvergenceError(f"the circuit {circuit} cannot be fitted from any start")
        points = [fit.values for fit in sorted(fits, key=lambda fit: fit.squares)]
    return fit_from(circuit, spectrum, points[0], fixed=fixed)


def _misfit(circuit: Circuit, spectrum: Spectrum, values: Array) -> float:
    response = circuit.response(spectrum.angular_frequency, values)[0]
    misfit = np.abs(np.log(response / spectrum.impedance))
    total = float(misfit @ misfit)
    return total if np.isfinite(total) else np.inf


def _drawn(
    circuit: Circuit,
    spectrum: Spectrum,
    draw: np.random.Generator,
    fixed: Mapping[str, float],
) -> Array:
    sizes = np.log(np.abs(spectrum.impedance))
    rates = np.log(spectrum.angular_frequency)
    values = np.empty(len(circuit.parameters))
    for leaf in circuit.leaves:
        rate = np.exp(draw.uniform(rates[-1], rates[0]))
        size = np.exp(draw.uniform(sizes.min() - 2.0, sizes.max()))
        exponent = draw.uniform(*_FREE_EXPONENTS)
        of_unit = {
            "ohm": size,
            "F": 1.0 / (rate * size),
            "H": size / rate,
            "S s^n": rate**-exponent / size,
            "s": 1.0 / rate,
            "ohm s^-1/2": size * np.sqrt(rate),
            "": exponent,
        }
        for step, part in enumerate(leaf.element.parameters):
            drawn = of_unit[part.unit]
            if part.symbol == "Rct":
                drawn = np.exp(draw.uniform(sizes.min() - 2.0, sizes.max()))
            values[leaf.first + step] = np.clip(drawn, part.lowest, part.highest)
    for place, name in enumerate(circuit.parameter_names):
        values[place] = fixed.get(name, values[place])
    return values
