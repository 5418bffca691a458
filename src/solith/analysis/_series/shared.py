"""The spectra of a series fitted in one least-squares problem, with CPE exponents in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.circuit_arcs import branches
from solith.analysis._impedance.spectrum import Spectrum
from solith.analysis._least_squares import LeastSquares, minimise
from solith.analysis._series.fit import SeriesFit

__all__ = ["with_shared_exponents"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
_Function = Callable[[Array], tuple[Array, Array]]

_TOLERANCE = 1e-6
_LARGEST = 200.0  # of a logarithm
_SEEN = 1e-2  # of the scatter: what a factor of e in a value has to change to be sought
_LEAST_SPREAD = 1e-3  # of an exponent, where starts are averaged


def with_shared_exponents(series: SeriesFit, spectra: Sequence[Spectrum]) -> SeriesFit:
    """The series fitted again with one exponent for each CPE, from where it stands.

    Each spectrum counts by the scatter of its own fit. What else ended at a limit stays there;
    an exponent that passes one of its limits is held there, and adds to the uncertainty still.
    """
    parameters = series.circuit.parameters
    shared = np.array([not part.logarithmic for part in parameters])
    lowest = np.array([part.lowest for part in parameters])
    highest = np.array([part.highest for part in parameters])
    exponents = _averages(series, shared)
    free = np.ones(len(exponents), dtype=bool)
    joint = _Joint.of(series, spectra, shared)
    while True:
        found = minimise(
            joint.residuals(exponents, free),
            np.concatenate([exponents[free], joint.own_start()]),
            tolerance=_TOLERANCE,
            most_evaluations=200,
        )
        number = int(np.count_nonzero(free))
        exponents[free] = found.point[:number]
        joint = joint.moved(joint.values(exponents, found.point[number:]))
        passed = free & ((exponents < lowest[shared]) | (exponents > highest[shared]))
        exponents = np.clip(exponents, lowest[shared], highest[shared])
        free &= ~passed
        vanished = joint.vanished(found.jacobian[:, number:], lowest, highest)
        if not passed.any() and not any(mask.any() for mask in vanished):
            return joint.series(exponents, free, found)
        joint = joint.without(vanished, lowest, highest)


def _averages(series: SeriesFit, shared: Mask) -> Array:
    """The exponents' means, each weighed by how well a spectrum knows it."""
    values = np.array([fit.values[shared] for fit in series.fits])
    spread = np.array([series.knowledge(n).spread[shared] for n in range(len(series.fits))])
    averages: Array = np.average(values, axis=0, weights=1.0 / (spread + _LEAST_SPREAD) ** 2 + 1e-9)
    return averages


@dataclass(frozen=True)
class _Joint:
    """The problem: the exponents come first, then the logarithms that each spectrum has alone."""

    old: SeriesFit
    spectra: Sequence[Spectrum]
    shared: Mask
    starts: list[Array]
    own: list[Mask]
    scatter: list[float]

    @classmethod
    def of(cls, series: SeriesFit, spectra: Sequence[Spectrum], shared: Mask) -> _Joint:
        arcs = branches(series.circuit)
        inside = [place for arc in arcs for place in (arc.resistor.first, arc.across.first)]
        own = [fit.known & ~shared for fit in series.fits]
        for mask in own:
            mask[inside] = True
        scatter = [float(np.sqrt(fit.solution.variance)) for fit in series.fits]
        return cls(series, spectra, shared, list(series.starts), own, scatter)

    def own_start(self) -> Array:
        """The logarithms where they stand."""
        return np.concatenate(
            [np.log(values[own]) for values, own in zip(self.starts, self.own, strict=True)]
        )

    def moved(self, values: list[Array]) -> _Joint:
        """The problem from other values."""
        return replace(self, starts=values)

    def vanished(self, jacobian: Array, lowest: Array, highest: Array) -> list[Mask]:
        """What passed a limit or has become too small to be seen in the spectra."""
        seen = np.split(np.linalg.norm(jacobian, axis=0) > _SEEN, self._ends())
        found = []
        for values, own, visible in zip(self.starts, self.own, seen, strict=True):
            mask = own & ((values < lowest) | (values > highest))
            mask[np.flatnonzero(own)[~visible]] = True
            found.append(mask)
        return found

    def without(self, vanished: list[Mask], lowest: Array, highest: Array) -> _Joint:
        """The problem with these held at the limit that they are nearer to."""
        starts, own = [], []
        for values, mine, gone in zip(self.starts, self.own, vanished, strict=True):
            middle = np.sqrt(lowest * highest)
            starts.append(np.where(gone, np.where(values < middle, lowest, highest), values))
            own.append(mine & ~gone)
        return replace(self, starts=starts, own=own)

    def _ends(self) -> NDArray[np.intp]:
        return np.cumsum([np.count_nonzero(mask) for mask in self.own])[:-1]

    def values(self, exponents: Array, own: Array) -> list[Array]:
        """All parameters of each spectrum."""
        found = []
        for start, mask, part in zip(
            self.starts, self.own, np.split(own, self._ends()), strict=True
        ):
            values = start.copy()
            values[self.shared] = exponents
            values[mask] = np.exp(np.clip(part, -_LARGEST, _LARGEST))
            found.append(values)
        return found

    def misfit(self, place: int, values: Array) -> tuple[Array, Array]:
        """Residuals of one spectrum and their derivatives by all parameters as sought."""
        spectrum = self.spectra[place]
        weight = 1.0 / np.abs(spectrum.impedance)
        response, slopes = self.old.circuit.response(spectrum.angular_frequency, values)
        misfit = (response - spectrum.impedance) * weight
        slopes = slopes * np.where(self.shared, 1.0, values)[:, None] * weight
        return (
            np.concatenate([misfit.real, misfit.imag]),
            np.concatenate([slopes.real, slopes.imag], axis=1).T,
        )

    def residuals(self, exponents: Array, free: Mask) -> _Function:
        """The joint residuals as a function of the free exponents and all logarithms."""
        number = int(np.count_nonzero(free))

        def function(point: Array) -> tuple[Array, Array]:
            whole = exponents.copy()
            whole[free] = point[:number]
            misfits, rows, column = [], [], number
            for place, values in enumerate(self.values(whole, point[number:])):
                misfit, slopes = self.misfit(place, values)
                mask = self.own[place]
                row = np.zeros((len(misfit), len(point)))
                row[:, :number] = slopes[:, self.shared][:, free]
                end = column + int(np.count_nonzero(mask))
                row[:, column:end] = slopes[:, mask]
                column = end
                misfits.append(misfit / self.scatter[place])
                rows.append(row / self.scatter[place])
            return np.concatenate(misfits), np.concatenate(rows)

        return function

    def series(self, exponents: Array, free: Mask, found: LeastSquares) -> SeriesFit:
        """The series at the solution, with the covariance of all that was sought."""
        own = self.own_start()
        point = np.concatenate([exponents, own])
        whole = self.residuals(exponents, np.ones(len(exponents), dtype=bool))
        misfits, jacobian = whole(point)
        joint = replace(found, point=point, residuals=misfits, jacobian=jacobian)
        fits = []
        for place, (fit, values) in enumerate(
            zip(self.old.fits, self.values(exponents, own), strict=True)
        ):
            misfit, slopes = self.misfit(place, values)
            known = self.own[place] | self.shared
            limited = ~known
            limited[self.shared] = ~free
            solution = replace(
                found,
                point=np.where(self.shared, values, np.log(values))[known],
                residuals=misfit,
                jacobian=slopes[:, known],
            )
            fits.append(replace(fit, values=values, limited=limited, solution=solution))
        widenings = [fit.widening for fit in fits]
        return replace(self.old, fits=tuple(fits), covariance=self._covariance(joint, widenings))

    def _covariance(self, joint: LeastSquares, widenings: Sequence[float]) -> Array:
        """Of all parameters; each spectrum's residuals count as its own ``widenings`` say.

        With ``H`` the Hessian of the sum of squares and ``J`` the derivatives, those of each
        spectrum times its widening, it is ``H^-1 J^T J H^-1`` times the variance.
        """
        number, size = len(self.own), len(self.shared)
        places = np.full((number, size), len(joint.point))  # of what is no unknown: zeros
        places[:, self.shared] = np.arange(np.count_nonzero(self.shared))
        begin = int(np.count_nonzero(self.shared))
        for place, mask in enumerate(self.own):
            end = begin + int(np.count_nonzero(mask))
            places[place, mask] = np.arange(begin, end)
            begin = end
        inner = joint.covariance(scaled=False)
        whole = np.zeros((begin + 1, begin + 1))
        if inner is None:
            whole[:begin, :begin] = np.nan
        else:
            rows = [2 * len(spectrum) for spectrum in self.spectra]
            spread = inner @ (joint.jacobian * np.repeat(widenings, rows)[:, None]).T
            whole[:begin, :begin] = joint.variance * (spread @ spread.T)
        flat = places.ravel()
        blocks: Array = whole[np.ix_(flat, flat)].reshape(number, size, number, size)
        return blocks
