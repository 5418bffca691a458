"""The distribution of relaxation times by its logarithm, smooth where the data leave it open.

The impedance is that of a resistance, an inductance and a capacitance in series with relaxations on
a dense grid of time constants, ``gamma(ln tau) = exp(u)``, positive by construction. What is
penalised is the curvature of ``u``: the flanks of every depressed arc and every Warburg or CPE tail
are straight lines in it (Cole and Cole 1941, 10.1063/1.1750906), so that a tail carries on beyond
the range and no ripples grow beside a sharp peak, as they do where the curvature of gamma itself is
penalised. Curvature sits in few places, the peaks and the valleys; its prior is Student's t,
reached by weighting anew. How strong the penalty is, is decided by the evidence, in Laplace's
approximation with the variance of the noise integrated out (MacKay 1992,
10.1162/neco.1992.4.3.415): ``validation/kramers_kronig_and_drt.py`` compares it with other rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.relaxation import (
    SERIES,
    nonnegative,
    relaxation_columns,
    stacked,
    time_constants,
)
from solith.analysis._impedance.small_blocks import gram, inverse_factor, product
from solith.analysis._impedance.spectrum import Spectrum
from solith.core.errors import ConvergenceError

__all__ = ["Distribution", "fit_distribution", "fit_otherwise", "scan_distributions"]

Array = NDArray[np.float64]

_PER_DECADE = 10
_FASTER, _SLOWER = 1.0, 2.0
_FURTHER = 1.0  # decades, to try how much the grid's end matters
_STRENGTHS = 10.0 ** np.arange(-1.0, -12.1, -0.5)
_WORSE = 3  # strengths in a row with less evidence end the search
_STEEP = 1.0  # curvature of u over ln tau from which on more costs little: the t distribution's
_ROUNDS = ((8, 1e-3), (30, 1e-4))  # most steps, and when a round ends: relative change
_LONGEST_STEP = 3.0  # of u
_LARGEST = 300.0  # of u: exp(u) stays a number
_TRIES = 8
_LEAST_DAMPING = 1e-12
_MORE_DIAGONAL = (0.0, 1e-12, 1e-10, 1e-8, 1e-6)
_CAUTION = 0.1  # of the strength
_WIDTH = 0.6  # in ln tau: how far the first guess is smeared
_FLOOR = 1e-6  # of all resistance: the first guess where there is none


@dataclass(frozen=True)
class Distribution:
    """gamma = exp(``log_gamma``) [ohm] (m,) over ln ``tau`` [s], and what stands in series.

    ``series`` are the resistance [ohm], the inductance as ohm at the highest frequency and the
    capacitance as ohm at the lowest; ``strength`` is that of the penalty, ``residuals`` (2n,) are
    over |Z|, real parts above imaginary parts. ``covariance``, the posterior's, belongs to
    ``log_gamma`` and, behind it, those of ``series`` that are not 0; ``cautious`` is the same with
    a tenth of the penalty, so that it covers what the penalty bends. ``criteria`` holds minus the
    logarithm of the evidence and other rules that could choose the strength, the lower the better.
    """

    tau: Array
    log_gamma: Array
    series: Array
    strength: float
    residuals: Array
    covariance: Array
    cautious: Array
    criteria: dict[str, float]

    @property
    def step(self) -> float:
        """The distance of the grid's points in ln tau."""
        return float(np.log(self.tau[1] / self.tau[0]))

    @property
    def gamma(self) -> Array:
        """The distribution [ohm] (m,)."""
        return np.exp(self.log_gamma)

    def uncertainty(self, share: Array, series: Sequence[float] = (0.0, 0.0, 0.0)) -> float:
        """The standard uncertainty of a sum [ohm] of shares (m,) of gamma and (3,) in series."""
        free = np.asarray(series)[self.series > 0]
        slope = np.concatenate([share * self.gamma * self.step, free])
        return float(np.sqrt(max(float(slope @ self.cautious @ slope), 0.0)))


def fit_distribution(spectrum: Spectrum) -> Distribution:
    """The distribution with the most evidence."""
    return min(scan_distributions(spectrum), key=lambda one: one.criteria["evidence"])


def scan_distributions(spectrum: Spectrum, *, whole: bool = False) -> list[Distribution]:
    """Distributions of falling strength, as far as the evidence grows or, if ``whole``, all."""
    problem = _Problem.of(spectrum)
    state = problem.first_guess()
    found: list[Distribution] = []
    least, worse = np.inf, 0
    for strength in _STRENGTHS:
        state, one = problem.solved(state, float(strength))
        found.append(one)
        worse = worse + 1 if one.criteria["evidence"] >= least else 0
        least = min(least, one.criteria["evidence"])
        if worse == _WORSE and not whole:
            break
    return found


def fit_otherwise(spectrum: Spectrum, found: Distribution) -> tuple[Distribution, Distribution]:
    """What else could have been found: with a tenth of the penalty; on a longer grid.

    That grid reaches a decade further to fast relaxations. Both begin from what was found.
    """
    same, longer = _Problem.of(spectrum), _Problem.of(spectrum, faster=_FASTER + _FURTHER)
    weaker = same.solved(same.state_of(found), _CAUTION * found.strength)[1]
    return weaker, longer.solved(longer.state_of(found), found.strength)[1]


@dataclass(frozen=True)
class _State:
    """``u`` (m,), the coefficients in series (3,) and which of them may be other than 0."""

    u: Array
    series: Array
    free: NDArray[np.intp]

    def moved(self, change: Array) -> _State:
        """The state after a step; what would be negative in series is 0 from then on."""
        m = self.u.size
        u = self.u + np.clip(change[:m], -_LONGEST_STEP, _LONGEST_STEP)
        series = self.series.copy()
        series[self.free] += change[m:]
        series = np.maximum(series, 0.0)
        return _State(np.clip(u, -_LARGEST, _LARGEST), series, self.free[series[self.free] > 0])


@dataclass(frozen=True)
class _Problem:
    """What is to be solved.

    ``columns`` (2n, 3 + m) over |Z|, those in series divided by their ``lengths`` (3,), and the
    ``target`` (2n,); ``curvature`` (m - 2, m) are second differences over ln tau; ``smallest`` is
    the smallest |Z| [ohm].
    """

    columns: Array
    lengths: Array
    target: Array
    tau: Array
    curvature: Array
    smallest: float

    @classmethod
    def of(cls, spectrum: Spectrum, *, faster: float = _FASTER) -> _Problem:
        w, modulus = spectrum.angular_frequency, np.abs(spectrum.impedance)
        decades = float(np.log10(w[0] / w[-1])) + faster + _SLOWER
        number = int(_PER_DECADE * decades) + 1
        tau = time_constants(w, number, faster=faster, slower=_SLOWER)
        step = float(np.log(tau[1] / tau[0]))
        columns = stacked(relaxation_columns(w, tau), modulus)
        lengths = np.linalg.norm(columns[:, :SERIES], axis=0)
        columns[:, :SERIES] /= lengths
        # The trapezoidal rule over ln tau: exact to far below any noise for so smooth a kernel.
        columns[:, SERIES:] *= step
        curvature = np.diff(np.eye(number), 2, axis=0) / step**2
        target = stacked(spectrum.impedance, modulus)
        return cls(columns, lengths, target, tau, curvature, float(np.min(modulus)))

    def first_guess(self) -> _State:
        """Spikes by NNLS, smeared."""
        found = nonnegative(self.columns, self.target)
        place = np.log(self.tau)
        smear = np.exp(-0.5 * ((place[:, None] - place) / _WIDTH) ** 2)
        gamma = smear / smear.sum(axis=0) @ found[SERIES:]
        floor = _FLOOR * max(float(np.sum(gamma)), self.smallest)
        series = found[:SERIES]
        return _State(np.log(np.maximum(gamma, floor)), series, np.flatnonzero(series > 0))

    def state_of(self, found: Distribution) -> _State:
        """The state that is nearest to a solution on another grid; its flank goes on as it ends."""
        place, before = np.log(self.tau), np.log(found.tau)
        slope = (found.log_gamma[1] - found.log_gamma[0]) / found.step
        u = np.interp(place, before, found.log_gamma)
        series = found.series * self.lengths
        u += np.minimum(place - before[0], 0.0) * slope
        return _State(u, series, np.flatnonzero(series > 0))

    def weights(self, state: _State) -> Array:
        """Of each curvature, smoothed over its neighbours."""
        square = np.pad((self.curvature @ state.u) ** 2, 1, mode="edge")
        near = (square[:-2] + 2 * square[1:-1] + square[2:]) / 4
        return 1.0 / (1.0 + near / _STEEP**2)

    def penalty(self, strength: float, weights: Array) -> Array:
        """The matrix (m, m) of the integral of weighted squared curvature, times ``strength``."""
        step = np.log(self.tau[1] / self.tau[0])
        return gram(np.sqrt(strength * step * weights)[:, None] * self.curvature)

    def residuals(self, state: _State) -> Array:
        """Measured less modelled (2n,), over |Z|."""
        left: Array = self.target - self.columns[:, :SERIES] @ state.series
        return left - self.columns[:, SERIES:] @ np.exp(state.u)

    def jacobian(self, state: _State) -> Array:
        """Of the model by ``u`` and the free coefficients in series (2n, m + k)."""
        of_u = self.columns[:, SERIES:] * np.exp(state.u)
        return np.hstack([of_u, self.columns[:, state.free]])

    def relaxed(self, state: _State, penalty: Array, steps: int, enough: float) -> _State:
        """Levenberg and Marquardt's way to the least squares of residuals and penalty."""
        m, damping = state.u.size, 1e-3
        cost = self._cost(state, penalty)
        for _ in range(steps):
            jacobian = self.jacobian(state)
            matrix = gram(jacobian)
            slope = jacobian.T @ self.residuals(state)
            matrix[:m, :m] += penalty
            slope[:m] -= penalty @ state.u
            diagonal = np.full(len(matrix), float(np.mean(np.diag(matrix)[:m])))
            diagonal[m:] *= _LEAST_DAMPING
            before = cost
            for _ in range(_TRIES):
                # On the diagonal at least what rounding asks for: the factor then exists.
                damped = matrix + np.diag(np.maximum(damping, _LEAST_DAMPING) * diagonal)
                factor = _factor(damped)
                trial = state.moved(factor.T @ (factor @ slope))
                there = self._cost(trial, penalty)
                if there < cost:
                    state, cost = trial, there
                    damping /= 5
                    break
                damping *= 8
            if before - cost <= enough * before:
                break
        return state

    def solved(self, state: _State, strength: float) -> tuple[_State, Distribution]:
        """The solution at this strength, from another state."""
        for steps, enough in _ROUNDS:
            weights = self.weights(state)
            state = self.relaxed(state, self.penalty(strength, weights), steps, enough)
        return state, self.distribution(state, strength, weights)

    def distribution(self, state: _State, strength: float, weights: Array) -> Distribution:
        """What the state stands for, its covariance and how good its strength is."""
        m, count = state.u.size, self.target.size
        penalty = self.penalty(strength, weights)
        jacobian, residuals = self.jacobian(state), self.residuals(state)
        plain = gram(jacobian)
        matrix = plain + _LEAST_DAMPING * np.mean(np.diag(plain)) * np.eye(len(plain))
        matrix[:m, :m] += penalty
        factor = _factor(matrix)
        inverse = gram(factor)
        matrix[:m, :m] -= (1.0 - _CAUTION) * penalty
        wide = gram(_factor(matrix))
        # What the data determine, in the posterior's own axes: eigenvalues from 0 to 1.
        used = gram(product(jacobian, factor.T))
        squares, tiny = float(residuals @ residuals), float(np.finfo(float).tiny)
        freedom = max(count - float(np.trace(used)), 1.0)
        cost = max(self._cost(state, penalty), tiny)
        # k coefficients in series have a flat prior; straight lines in u have one, too.
        log_evidence = (
            -0.5 * (count - 2 - state.free.size) * np.log(cost)
            + 0.5 * (m - 2) * np.log(strength)
            + 0.5 * np.sum(np.log(weights))
            + np.sum(np.log(np.diag(factor)))
        )
        mean = np.log(max(squares, tiny) / count)
        validation = mean - 2 * np.log(freedom / count)
        robust = np.log(0.1 + 0.9 * float(np.sum(used**2)) / count)
        parameters = count - freedom
        criteria = {
            "evidence": float(-log_evidence),
            "generalised cross-validation": float(validation),
            "robust cross-validation": float(validation + robust),
            "BIC": float(count * mean + np.log(count) * parameters),
        }
        lengths = np.concatenate([np.ones(m), self.lengths[state.free]])
        scale = squares / freedom / np.outer(lengths, lengths)
        return Distribution(
            tau=self.tau,
            log_gamma=state.u,
            series=state.series / self.lengths,
            strength=strength,
            residuals=residuals,
            covariance=inverse * scale,
            cautious=wide * scale,
            criteria=criteria,
        )

    def _cost(self, state: _State, penalty: Array) -> float:
        residuals = self.residuals(state)
        return float(residuals @ residuals + state.u @ penalty @ state.u)


def _factor(matrix: Array) -> Array:
    """The inverse Cholesky factor; where rounding denies one, of a matrix with more diagonal."""
    diagonal = np.diag(matrix)
    for more in _MORE_DIAGONAL:
        lifted = matrix + np.diag(more * np.maximum(diagonal, np.mean(diagonal)))
        try:
            return inverse_factor(lifted)
        except np.linalg.LinAlgError:
            continue
    raise ConvergenceError("the distribution of relaxation times is not determined by the data")
