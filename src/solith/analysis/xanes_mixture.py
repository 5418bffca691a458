"""Linear combinations of reference spectra: how much of each a spectrum of absorption holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._options import positive, yes_or_no
from solith.analysis._xanes.combination import FURTHEST, Combination, MixtureProblem
from solith.analysis._xanes.normalisation import Normalisation, range_of, ranges_for
from solith.analysis._xanes.scan import Scan, scan_of
from solith.analysis._xanes.smoothing import Smoother
from solith.analysis._xanes.step_spread import RULE, step_spread
from solith.analysis.xanes import SMOOTHING, edge_of
from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["fit_mixture"]

Array = NDArray[np.float64]

_ABOVE = 40.0  # eV above the highest edge that are fitted
_AT_END = 0.98  # of the furthest
_ROWS_A_TERM = 4
_MISFIT = 1.5  # of the noise's variance: what the mixture leaves unexplained
_ABSENT = 2.0  # standard uncertainties below 0: a reference that is not there
_LEADS = 2.0  # times the noise: the edge steps make most of an uncertainty
_ALIKE = 0.98  # correlation of two fractions: their references look the same


def fit_mixture(
    record: Record,
    references: Mapping[str, Record],
    *,
    sum_to_one: bool = True,
    shifts: bool = False,
    window: Any = None,
    normalise: bool = True,
    pre_edge: Any = None,
    post_edge: Any = None,
    pre_edge_law: str = "linear",
    post_edge_law: str = "linear",
    step_uncertainty: Any = None,
    smoothing: Any = SMOOTHING,
) -> Result:
    """The fractions of reference spectra in a spectrum, by least squares.

    ``references`` are records by name. They are normalised as by
    :func:`solith.analysis.analyse_xanes`, each in the ranges of its own rows (or in those that are
    stated), their steps at the middle between lowest and highest edge of the references.
    The record is fitted as it is, by the references and a line of ``pre_edge_law``: its own
    pre-edge rows, few and short, would make a worse line alone. Fractions are those of the
    absorbing atoms. ``normalise=False`` fits the intensities of the references as they are,
    without a line. References are interpolated (cubic splines) to the record's energies within
    ``window`` [eV]; by default from where all begin to 40 eV above the highest edge.

    ``sum_to_one`` divides by the sum (without normalising it binds the fractions); free, they are
    in units of the record's own edge step, and ``fraction_sum`` tells whether they explain it.
    ``shifts`` lets each reference move in energy by up to 2 eV (``NAME_shift`` [eV]). Fractions
    may be negative: bound to zero they would have no honest uncertainty.

    Values are ``NAME_fraction``, ``fraction_sum`` where free, ``NAME_shift``,
    ``reduced_chi_square`` (of the residuals, over the noise of record and references) and
    ``r_factor`` (squares of residuals over those of data). Standard uncertainties are by
    covariance, with the residuals' variance and Student's factor, widened where neighbouring
    residuals are alike. A reference's amount is as its edge step a_i: a fraction f_i changes by
    f_i (d ln a_i - sum of f_j d ln a_j), where free by f_i (d ln a_i - d ln a) of the record's own
    step a. So the uncertainties of the steps are in those of fractions, as independent:
    ``step_uncertainty`` over the step, one for all, or by default of each spectrum
    what its step changes by with another post-edge line or range (see ``edge_step`` there);
    0 where record and references are known to have been normalised in one way. What else is
    wrong with references is not in them. Flags tell where the steps make most of an uncertainty,
    of a misfit (a species is missing, or energies are calibrated differently), of a reference that
    the record does not hold, and of two that look alike. ``details`` has ``noise_uncertainty`` of
    fractions alone and ``step_uncertainty``, both by name.

    Raises :class:`InputError` for fewer than two references, references that are made of each
    other, energies that do not overlap, more parameters than rows, and what
    :func:`solith.analysis.analyse_xanes` raises.
    """
    if not isinstance(references, Mapping) or len(references) < 2:
        raise InputError("expected two references or more, by name", where="references")
    bound = yes_or_no(sum_to_one, "sum_to_one")
    moving = yes_or_no(shifts, "shifts")
    width = positive(smoothing, "eV", "smoothing")
    scan, named = scan_of(record), _scans(references)
    edges = [_edge(one, width) for one in named.values()]
    everything = [*edges, _edge(scan, width)]
    rows = _rows(scan, named, everything, window, moving)
    curves = [one.absorption for one in named.values()]
    noises = np.array([_noise(one, scan.energy[rows]) for one in named.values()])
    line, steps = np.zeros((len(rows), 0)), None
    doubts = np.zeros(len(named) + 1)
    if yes_or_no(normalise, "normalise"):
        stated = _Stated(pre_edge, post_edge, pre_edge_law, post_edge_law)
        middle = 0.5 * (min(edges) + max(edges))
        ways = [
            stated.way(one, [at], middle) for one, at in zip(named.values(), edges, strict=True)
        ]
        ways.append(stated.way(scan, everything, middle))
        normalised = [way.apply(one) for way, one in zip(ways, named.values(), strict=False)]
        doubts = _doubts([*named.values(), scan], ways, step_uncertainty)
        curves = [one.absorption for one in normalised]
        noises /= np.array([one.step for one in normalised])
        line = ways[-1].terms(scan.energy[rows], pre_edge_law)
        steps = ways[-1].lines(scan.energy).steps
    splines = [
        _spline(one.energy, curve) for one, curve in zip(named.values(), curves, strict=True)
    ]
    problem = MixtureProblem(
        scan.energy[rows], scan.absorption[rows], splines, line, bound and steps is None
    )
    fit = problem.solved(moving)
    shares = _shares(fit, scan, rows, steps, bound)
    wider = _with_steps(shares, doubts, bound)
    noise = math.hypot(_noise(scan, scan.energy[rows]), *(fit.amounts * noises).tolist())
    result = _result(scan, list(named), rows, fit, shares, wider, noise, bound)
    known = dict(zip((*named, "record"), doubts.tolist(), strict=True))
    return replace(result, details={**result.details, "step_uncertainty": known})


@dataclass(frozen=True)
class _Shares:
    """Fractions with their covariance, and the sum of free ones with its uncertainty."""

    fractions: Array
    covariance: Array
    total: float
    total_uncertainty: float


@dataclass(frozen=True)
class _Stated:
    """What is said of how to normalise; ranges that are not are those of each scan's own rows."""

    pre_edge: Any
    post_edge: Any
    pre_edge_law: str
    post_edge_law: str

    def way(self, scan: Scan, edges: list[float], middle: float) -> Normalisation:
        """How a scan with these edges is normalised, its step taken at ``middle``."""
        before, after = ranges_for(float(scan.energy[0]), float(scan.energy[-1]), edges)
        how = Normalisation(
            edge=middle,
            pre_edge=before if self.pre_edge is None else range_of(self.pre_edge, "pre_edge"),
            post_edge=after if self.post_edge is None else range_of(self.post_edge, "post_edge"),
            pre_edge_law=self.pre_edge_law,
            post_edge_law=self.post_edge_law,
        )
        how.require_rows(scan)
        return how


def _doubts(scans: list[Scan], ways: list[Normalisation], stated: Any) -> Array:
    """The standard uncertainty of each edge step, over the step."""
    if stated is not None:
        try:
            doubt = to_si(stated, "")
        except InputError as error:
            raise error.inside("step_uncertainty") from None
        if not 0 <= doubt < 1:
            raise InputError(
                f"{stated!r} is no number from 0 to 1, of the edge step", where="step_uncertainty"
            )
        return np.full(len(scans), doubt)
    return np.array([step_spread(one, way) for one, way in zip(scans, ways, strict=True)])


def _with_steps(shares: _Shares, doubts: Array, bound: bool) -> _Shares:
    """The shares with what the uncertainties of references' and record's steps add to them."""
    fractions = shares.fractions
    moved = np.diag(fractions)
    if bound:
        moved = moved - np.outer(fractions, fractions) / shares.total
        moved = np.column_stack([moved, np.zeros(len(fractions))])
    else:
        moved = np.column_stack([moved, -fractions])
    by_steps = moved * doubts
    covariance = shares.covariance + by_steps @ by_steps.T
    total = math.hypot(shares.total_uncertainty, float(np.linalg.norm(np.sum(by_steps, axis=0))))
    return _Shares(fractions, covariance, shares.total, total)


def _noise(scan: Scan, energy: Array) -> float:
    """The standard deviation of a row of a scan in the range of these energies."""
    within = (scan.energy >= energy[0]) & (scan.energy <= energy[-1])
    return float(np.sqrt(np.mean(scan.scatter[within] ** 2)))


def _edge(scan: Scan, width: float) -> float:
    return edge_of(scan, Smoother(scan.energy, width))[0].energy


def _shares(
    fit: Combination, scan: Scan, rows: NDArray[np.intp], steps: Array | None, bound: bool
) -> _Shares:
    """Fractions of the amounts: by their sum, or by the record's own step."""
    count = len(fit.amounts)
    by_rows = np.zeros((count, len(scan.energy)))
    by_rows[:, rows] = fit.amounts_by_rows
    fractions = fit.amounts
    if steps is not None:
        whole = np.sum(by_rows, axis=0) if bound else steps
        scale = float(np.sum(fit.amounts)) if bound else float(steps @ scan.absorption)
        if not scale > 0:
            raise InputError(
                f"{scan.title} is no mixture of these references: their amounts add up to "
                f"{scale:.3g} of its absorption"
            )
        fractions = fit.amounts / scale
        by_rows = (by_rows - np.outer(fractions, whole)) / scale
    variance = fit.variance * fit.factor**2
    covariance = by_rows @ by_rows.T * variance
    total = float(np.sum(fractions))
    error = float(np.linalg.norm(np.sum(by_rows, axis=0)) * np.sqrt(variance))
    return _Shares(fractions, covariance, total, error)


def _scans(references: Mapping[str, Record]) -> dict[str, Scan]:
    scans = {}
    for name, reference in references.items():
        try:
            scans[str(name)] = scan_of(reference)
        except InputError as error:
            raise error.inside(f"references.{name}") from None
    return scans


def _rows(
    scan: Scan, named: Mapping[str, Scan], edges: list[float], window: Any, shifts: bool
) -> NDArray[np.intp]:
    """The rows of the record that all references cover."""
    spare = FURTHEST if shifts else 0.0
    low = max(one.energy[0] for one in named.values()) + spare
    high = min(one.energy[-1] for one in named.values()) - spare
    wanted = (0.0, max(edges) + _ABOVE)
    if window is not None:
        wanted = range_of(window, "window")
    low, high = max(low, wanted[0]), min(high, wanted[1])
    rows = np.flatnonzero((scan.energy >= low) & (scan.energy <= high))
    terms = len(named) * (2 if shifts else 1)
    if len(rows) < _ROWS_A_TERM * terms:
        raise InputError(
            f"{scan.title} and its references have {len(rows)} energies in common from "
            f"{low:.1f} to {high:.1f} eV; expected at least {_ROWS_A_TERM * terms}",
            where="window",
        )
    return rows


def _spline(energy: Array, values: Array) -> Any:
    from scipy.interpolate import CubicSpline

    return CubicSpline(energy, values)


def _result(
    scan: Scan,
    names: list[str],
    rows: NDArray[np.intp],
    fit: Combination,
    by_noise: _Shares,
    shares: _Shares,
    noise: float,
    bound: bool,
) -> Result:
    target = scan.absorption[rows] - fit.line
    squares = float(fit.residuals @ fit.residuals)
    chi = fit.variance / noise**2 if noise > 0 else math.inf
    common: tuple[str, ...] = scan.flags
    if chi > _MISFIT:
        common += (
            f"misfit: residuals have {chi:.3g} times the variance of the noise; a species is "
            "missing, or energies are calibrated differently",
        )
    if not fit.settled:
        common += ("the shifts did not settle",)
    alike = _alike(names, by_noise.covariance, bound)
    noises = np.sqrt(np.diag(by_noise.covariance)).tolist()
    doubtful = np.any(shares.covariance != by_noise.covariance)
    method = "linear combination" + (", sum one" if bound else "")
    method += f"; uncertainty of noise and edge steps ({RULE})" if doubtful else ""
    values = []
    for place, name in enumerate(names):
        share = float(shares.fractions[place])
        spread = float(np.sqrt(shares.covariance[place, place]))
        absent = ("below 0: the record does not hold it",) if share < -_ABSENT * spread else ()
        flags = (*common, *absent, *alike.get(name, ()), *_by_steps(spread, noises[place]))
        values.append(Value(f"{name}_fraction", share, "", spread, method=method, flags=flags))
    if not bound:
        values.append(
            Value("fraction_sum", shares.total, "", shares.total_uncertainty, flags=common)
        )
    values += _shift_values(names, fit, common)
    values += [
        Value("reduced_chi_square", chi, "", flags=common),
        Value("r_factor", squares / float(target @ target), ""),
    ]
    whole = float(np.sum(fit.amounts)) or 1.0
    details = {
        "technique": "xanes",
        "energy_ev": scan.energy[rows].tolist(),
        "measured": (target / whole).tolist(),
        "fitted": (fit.amounts @ fit.parts / whole).tolist(),
        "residual": (fit.residuals / whole).tolist(),
        "parts": {
            name: (amount * part / whole).tolist()
            for name, amount, part in zip(names, fit.amounts, fit.parts, strict=True)
        },
        "covariance": shares.covariance.tolist(),
        "noise_uncertainty": dict(zip(names, noises, strict=True)),
        "noise": noise / whole,
    }
    return Result(f"mixture in {scan.title}", tuple(values), details)


def _by_steps(spread: float, noise: float) -> tuple[str, ...]:
    if not spread > _LEADS * noise:
        return ()
    return (
        f"the edge steps make most of the uncertainty (noise alone {noise:.2g}, "
        f"{100 * noise:.2g} points of 100): they "
        "depend on the post-edge range; measure further above the edge",
    )


def _shift_values(names: list[str], fit: Combination, common: tuple[str, ...]) -> list[Value]:
    if fit.moves is None:
        return []
    spreads = np.linalg.norm(fit.moves_by_rows, axis=1) * np.sqrt(fit.variance) * fit.factor
    values = []
    for name, move, spread in zip(names, fit.moves.tolist(), spreads.tolist(), strict=True):
        at_end = abs(move) > _AT_END * FURTHEST
        told = (f"at the end of what is allowed ({FURTHEST:g} eV)",) if at_end else ()
        values.append(Value(f"{name}_shift", move, "eV", spread, flags=(*common, *told)))
    return values


def _alike(names: list[str], covariance: Array, bound: bool) -> dict[str, tuple[str, ...]]:
    """Pairs whose fractions only their sum is known of."""
    spread = np.sqrt(np.diag(covariance))
    with np.errstate(all="ignore"):
        correlation = covariance / np.outer(spread, spread)
    told: dict[str, tuple[str, ...]] = {}
    if bound and len(names) == 2:  # bound to one sum, two are always opposite
        return told
    for row, one in enumerate(names):
        for column, other in enumerate(names):
            if row != column and correlation[row, column] < -_ALIKE:
                told[one] = (*told.get(one, ()), f"looks like {other}: only their sum is known")
    return told
