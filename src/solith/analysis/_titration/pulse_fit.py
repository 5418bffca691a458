"""The exact law of a sphere or plate, fitted to one pulse and the rest after it together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._neighbours import neighbour_correlation, neighbour_widening
from solith.analysis._titration.law import Law, LinearPart, Rows
from solith.analysis._titration.sphere import SHAPES
from solith.core.intervals import NORMAL_95, widening_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._titration.flows import Flows
    from solith.analysis._titration.trace import Trace

__all__ = ["PulseFit", "fit_pulse"]

_LEAST_KNOWN = 1 / 3
"""Relative standard uncertainty of the diffusion time above which it is not known."""

_MOST_MISFIT = 0.03
"""Misfit beside the span of the voltage without the step, above which the law does not hold."""

_CLOSE = 0.02
"""Of the change of the rested voltage: a fit that leaves more, patterned, tells no fine things."""


@dataclass(frozen=True)
class PulseFit:
    """What the fit gave: times in s, voltages in V, drift in V/s, ``u_`` standard uncertainties.

    ``diffusion_time`` is (V / S)^2 / D, R^2 / 9 D of a sphere and L^2 / D of a plate; ``step``
    is positive where the current costs voltage; ``change`` is that of the rested voltage by
    this pulse. ``misfit`` is the root mean square of what the fit leaves, ``patterned`` whether
    neighbouring residuals resemble each other; ``squares`` is the sum of the weighted residuals'
    squares, ``freedom`` its degrees of freedom, ``widened`` the factor on its variance by such
    patterns. ``by_switch`` is what one standard uncertainty of the switches changes in
    ``diffusion_time`` and ``step``, where it was asked; ``u_`` do not contain it. ``failures``
    say by name what speaks against it.
    """

    diffusion_time: float
    u_diffusion_time: float
    step: float
    u_step: float
    change: float
    u_change: float
    drift: float | None
    u_drift: float | None
    misfit: float
    patterned: bool
    squares: float
    freedom: int
    widened: float
    by_switch: tuple[float, float] | None = None
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def close(self) -> bool:
        """Whether the law is near enough to tell a drift, or the place of a switch."""
        return not (self.patterned and self.misfit > _CLOSE * abs(self.change))


def fit_pulse(
    trace: Trace, flows: Flows, delay: float, *, shape: str, drifts: Sequence[bool]
) -> list[PulseFit]:
    """The sphere or plate nearest to the voltage: end of a rest, pulse, and rest after it.

    V = V0 + step (in the pulse) + change x g + drift x t, g being the rise of the surface of
    a sphere by all ``flows`` of current (constant flux while one lasts, superposed), 1 where
    this pulse's lithium has spread. Of the four only R^2 / D is not linear: the others follow
    for each value of it (variable projection, G. H. Golub and V. Pereyra, SIAM J. Numer. Anal.
    10, 413 (1973), recalled), which is searched on a logarithmic grid and refined. Rows within
    ``delay`` of a switch are left out, so that what is faster lies in the step. Fits of a
    sphere to pulse and relaxation are published by Horner et al., 10.48550/arXiv.2107.05835,
    and Gümrükçüoğlu et al., 10.48550/arXiv.2404.16658, with numerical models; the exact form
    needs a voltage linear in the concentration over one pulse.

    One fit for each of ``drifts``, which say whether it holds a drift. Uncertainties are from
    the residuals and, where neighbours resemble each other, widened by what this costs. None
    at all where there are too few rows.
    """
    rows = Rows.of(trace, delay)
    if rows is None:
        return []
    law = Law(trace, flows, rows, SHAPES[shape])
    return [_fitted(trace, law, drift) for drift in drifts]


def _fitted(trace: Trace, law: Law, drift: bool) -> PulseFit:
    rows, linear = law.rows, LinearPart(law, drift=drift)
    place, edge = linear.nearest()
    response, derivative = law.with_derivative(place)
    found, left = linear.solve(response)
    columns = np.column_stack([linear.columns[:, :2], response, linear.columns[:, 2:]])
    jacobian = np.column_stack([columns, derivative * found[2]]) * rows.weight[:, None]
    freedom = len(left) - jacobian.shape[1]
    squares, alike = float(left @ left), neighbour_correlation(left)
    widened = neighbour_widening(alike, len(left))
    variance = squares / freedom * widened
    spread = np.sqrt(np.diag(_inverse(jacobian)) * variance) * widening_95(max(freedom, 1))
    time = float(np.exp(place)) / law.shape.inverse_length**2
    plain = left / rows.weight
    patterned = alike > 3 / np.sqrt(len(left))
    fit = PulseFit(
        diffusion_time=time,
        u_diffusion_time=float(spread[-1]) * time,
        step=trace.pulse.direction * float(found[1]),
        u_step=float(spread[1]),
        change=float(found[2]),
        u_change=float(spread[2]),
        drift=float(found[3]) if drift else None,
        u_drift=float(spread[3]) if drift else None,
        misfit=float(np.sqrt(np.mean(plain**2))),
        patterned=bool(patterned),
        squares=squares,
        freedom=freedom,
        widened=widened,
    )
    _judge(fit, trace, edge, float(np.ptp(response * found[2])))
    return fit


def _judge(fit: PulseFit, trace: Trace, edge: int, span: float) -> None:
    known = fit.u_diffusion_time <= _LEAST_KNOWN * fit.diffusion_time
    moved = fit.change * trace.pulse.direction > NORMAL_95 * fit.u_change
    if edge < 0:
        fit.failures["not identifiable"] = (
            "not identifiable: diffusion is over before the first row after the delay"
        )
    elif edge > 0 or not known:
        fit.failures["not identifiable"] = (
            "not identifiable: the rest does not tell a diffusion time of "
            f"{fit.diffusion_time:.2g} s from the change of the rested voltage"
        )
    elif not moved:
        fit.failures["not identifiable"] = (
            "not identifiable: the voltage does not settle in the direction of the current"
        )
    if span > 0 and fit.misfit > _MOST_MISFIT * span and fit.patterned:
        fit.failures["not described"] = (
            f"not described: the fit leaves {1e3 * fit.misfit:.3g} mV, "
            f"{100 * fit.misfit / span:.2g} % of the voltage that it should explain"
        )


def _inverse(jacobian: NDArray[np.float64]) -> NDArray[np.float64]:
    """(J^T J)^-1 from columns of length one; what is not determined becomes very large."""
    size = np.linalg.norm(jacobian, axis=0)
    size = np.where(size > 0, size, 1.0)
    _, values, rows = np.linalg.svd(jacobian / size, full_matrices=False)
    root = rows.T / np.maximum(values, 1e-12) / size[:, None]
    inverse: NDArray[np.float64] = root @ root.T
    return inverse
