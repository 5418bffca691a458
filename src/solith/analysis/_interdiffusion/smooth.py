"""A profile as an error function whose argument bends, and the diffusivity that it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solith.analysis._interdiffusion.line import Line, StepFit
from solith.analysis._least_squares import LeastSquares, minimise
from solith.core.intervals import widening_95

__all__ = ["SmoothStep", "fit_smooth"]

Array = NDArray[np.float64]

_OUTERMOST = 1.8  # standard normal deviates of the first and the last knot
_MOST_KNOTS = 9
_WORSE = 2  # numbers of knots in turn that Akaike's criterion refuses
_FAR = 7.0  # standard normal deviates where a side ends
_GRID = 4001
_PROBE = 1e-4  # of a normal deviate, for derivatives
_LEAST_SLOPE = 1e-9


@dataclass(frozen=True)
class SmoothStep:
    """``left + (right - left) Phi(g(x))``, g a natural cubic spline, straight beyond its knots.

    ``places`` (k,) [m] and ``heights`` (k,) of the knots, ``covariance`` (k, k) of the heights
    with Student's factor in it, ``residuals`` (n,); ``criterion`` is Akaike's (AICc), ``rivals``
    are the steps with all the numbers of knots that were tried.
    """

    left: float
    right: float
    places: Array
    heights: Array
    covariance: Array
    residuals: Array
    criterion: float
    rivals: tuple[SmoothStep, ...] = ()

    @property
    def knots(self) -> int:
        """How many."""
        return len(self.places)

    @cached_property
    def plane(self) -> float:
        """The Matano plane [m]: as much is missing on one side as came to the other."""
        return _Curve(self.places, self.heights).plane

    @cached_property
    def plane_error(self) -> float:
        """Standard uncertainty of the plane [m]."""
        slopes = self._slopes(lambda curve: np.array([curve.plane]))
        return float(np.sqrt(slopes[0] @ self.covariance @ slopes[0]))

    def along(self, position: Array) -> Array:
        """Composition at ``position`` [m]."""
        from scipy.special import ndtr

        bent = _basis(self.places, position) @ self.heights
        return np.asarray(self.left + (self.right - self.left) * ndtr(bent))

    def spread_at(self, shares: Array, *, plane: bool = False) -> Array:
        """D t [m2] where ``shares`` of the step are made, nan where the profile turns back.

        With ``plane`` by Boltzmann and Matano, else by Sauer and Freise.
        """
        return _Curve(self.places, self.heights).spread_at(shares, plane)

    def relative_error_at(self, shares: Array) -> Array:
        """Standard uncertainty of D over D where ``shares`` of the step are made.

        That of the points' scatter and of the choice of knots: the mean over all numbers of knots,
        with Akaike's weights, of the root of each one's variance and of its distance from this one
        squared (Buckland, Burnham and Augustin, Biometrics 53 (1997) 603; recalled).
        """
        rivals = self.rivals or (self,)
        told = np.log(self.spread_at(shares))
        criteria = np.array([one.criterion for one in rivals])
        weights = np.exp((criteria.min() - criteria) / 2)
        errors = [
            np.hypot(one._scatter_at(shares), np.log(one.spread_at(shares)) - told)
            for one in rivals
        ]
        return np.asarray(weights @ np.array(errors) / weights.sum())

    def _scatter_at(self, shares: Array) -> Array:
        """Standard uncertainty of D over D from the points' scatter alone."""
        slopes = self._slopes(lambda curve: np.log(curve.spread_at(shares, False)))
        return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", slopes, self.covariance, slopes)))

    def _slopes(self, function: Callable[[_Curve], Array]) -> Array:
        """Derivatives of what ``function`` gives by the knots' heights."""
        columns = []
        for place in range(self.knots):
            step = np.zeros(self.knots)
            step[place] = _PROBE
            with np.errstate(invalid="ignore"):
                up, down = (
                    function(_Curve(self.places, self.heights + sign * step)) for sign in (1, -1)
                )
            columns.append((up - down) / (2 * _PROBE))
        return np.column_stack(columns)


def fit_smooth(line: Line, start: StepFit) -> SmoothStep:
    """The smooth step of a line: one knot more than Akaike's criterion (AICc) asks for.

    With the number that it asks for, what is left of the bias is as large as the scatter.
    """
    places = start.centre + start.deviation * np.array([-_OUTERMOST, _OUTERMOST])
    heights = np.array([-_OUTERMOST, _OUTERMOST])
    found: list[SmoothStep] = []
    least, chosen, worse = np.inf, 0, 0
    ends = np.array([start.left, start.right])
    for count in range(2, _MOST_KNOTS + 1):
        parameters = count + 3  # the scatter's variance is one
        if len(line) < parameters + 3:
            break
        moved = _moved(places, heights, count)
        if moved is None:
            break
        places, heights = moved
        fit = _fitted(line, places, heights, ends)
        ends, heights = fit.point[:2], fit.point[2:]
        number = len(line)
        tried = number * np.log(max(fit.squares, 1e-300) / number) + 2 * parameters * number / (
            number - parameters - 1
        )
        step = _described(fit, places, tried)
        if step is None:
            worse += 1
        else:
            found.append(step)
            worse = worse + 1 if tried >= least else 0
            if tried < least:
                least, chosen = tried, len(found) - 1
        if worse == _WORSE:
            break
    return replace(found[min(chosen + 1, len(found) - 1)], rivals=tuple(found))


def _fitted(line: Line, places: Array, heights: Array, ends: Array) -> LeastSquares:
    from scipy.special import ndtr

    basis = _basis(places, line.position)
    height = float(np.ptp(line.composition))

    def function(point: Array) -> tuple[Array, Array]:
        bent = basis @ point[2:]
        share = ndtr(bent)
        step = point[1] - point[0]
        bell = np.exp(-(bent**2) / 2) / np.sqrt(2 * np.pi)
        columns = np.column_stack([1 - share, share, step * bell[:, None] * basis])
        return (point[0] + step * share - line.composition) / height, columns / height

    fit = minimise(function, np.concatenate([ends, heights]), tolerance=1e-4)
    return LeastSquares(
        fit.point,
        fit.residuals * height,
        fit.jacobian * height,
        fit.iterations,
        fit.converged,
        fit.reason,
    )


def _described(fit: LeastSquares, places: Array, criterion: float) -> SmoothStep | None:
    covariance = fit.covariance()
    if covariance is None or not fit.converged:
        return None
    if _Curve(places, fit.point[2:]).turns_back:
        return None
    freedom = len(fit.residuals) - len(fit.point)
    wider = float(widening_95(float(freedom))) ** 2
    return SmoothStep(
        left=float(fit.point[0]),
        right=float(fit.point[1]),
        places=places,
        heights=fit.point[2:],
        covariance=covariance[2:, 2:] * wider,
        residuals=fit.residuals,
        criterion=criterion,
    )


def _moved(places: Array, heights: Array, count: int) -> tuple[Array, Array] | None:
    """``count`` knots at equal steps of the curve, and its heights there."""
    curve = _Curve(places, heights)
    if curve.turns_back:
        return None
    wanted = np.linspace(-_OUTERMOST, _OUTERMOST, count)
    return np.interp(wanted, curve.bent, curve.x), wanted


def _basis(places: Array, position: Array) -> Array:
    """The natural splines (n, k) that are 1 at one knot and 0 at the others."""
    from scipy.interpolate import CubicSpline

    if len(places) == 2:
        along = (position - places[0]) / (places[1] - places[0])
        return np.column_stack([1 - along, along])
    spline = CubicSpline(places, np.eye(len(places)), bc_type="natural")
    inside = np.clip(position, places[0], places[-1])
    return np.asarray(spline(inside) + (position - inside)[:, None] * spline(inside, 1))


class _Curve:
    """g over a grid that reaches where both sides end."""

    def __init__(self, places: Array, heights: Array) -> None:
        span = places[-1] - places[0]
        ends = _basis(
            places, np.array([places[0] - span, places[0], places[-1], places[-1] + span])
        )
        left, first, last, right = ends @ heights
        low = places[0] - span * (first + _FAR) / max(first - left, _LEAST_SLOPE)
        high = places[-1] + span * (_FAR - last) / max(right - last, _LEAST_SLOPE)
        self.ends_rise = bool(first - left > 1e-3 and right - last > 1e-3)
        self.x = np.linspace(low, high, _GRID)
        self.bent = _basis(places, self.x) @ heights

    @property
    def turns_back(self) -> bool:
        """Whether composition goes to and fro."""
        return not self.ends_rise or bool(np.any(np.diff(self.bent) <= 0))

    @property
    def plane(self) -> float:
        from scipy.special import ndtr

        steps = np.diff(self.x)
        made = ndtr(self.bent)
        total = float(np.sum(steps * (made[1:] + made[:-1]) / 2))
        return float(self.x[-1]) - total

    def spread_at(self, shares: Array, plane: bool) -> Array:
        from scipy.special import ndtr, ndtri

        if self.turns_back:
            return np.full(len(shares), np.nan)
        made = ndtr(self.bent)
        slope = np.exp(-(self.bent**2) / 2) / np.sqrt(2 * np.pi) * np.gradient(self.bent, self.x)
        if plane:
            flow = -_gathered(made, self.x - self.plane)
        else:
            before = _gathered(self.x, made)
            after = _gathered(self.x, 1 - made)
            flow = (1 - made) * before + made * (after[-1] - after)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.interp(ndtri(shares), self.bent, flow / (2 * slope)))


def _gathered(x: Array, y: Array) -> Array:
    """The integral of y over x up to each point, by trapezoids."""
    return np.append(0.0, np.cumsum(np.diff(x) * (y[1:] + y[:-1]) / 2))
