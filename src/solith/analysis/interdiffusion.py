"""Interdiffusion from measured line profiles: error function, Boltzmann and Matano."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.analysis._interdiffusion.line import (
    Line,
    StepFit,
    fit_step,
    given_duration,
    given_probe,
    line_of,
)
from solith.analysis._interdiffusion.smooth import SmoothStep, fit_smooth
from solith.core.errors import UnknownNameError
from solith.core.intervals import NORMAL_95, widening_95
from solith.core.result import UPPER_BOUND, Result, Value

__all__ = ["find_interdiffusivity", "fit_interdiffusion"]

Array = NDArray[np.float64]

_HALF_HEIGHT = 2.3548200450309493  # full width at half height of a Gaussian over its deviation
_TEN_TO_NINETY = 2.5631031310892007  # 10 to 90 % of an error function over its deviation
_METHODS = ("sauer-freise", "matano")
_PLATEAU = 2.5  # deviations beyond the centre, where 99.4 % of the step are made
_INSIDE = 4  # points within one and a half deviations, at least
_FOLLOW = 3.0  # standard errors of the residuals' correlation
_DEFINED = 0.45  # of the step, on either side of its middle
_DOUBT = 0.5  # standard uncertainty of D over D, up to which it is told
_SHARES = np.linspace(0.01, 0.99, 99)


def fit_interdiffusion(
    position: ArrayLike,
    composition: ArrayLike,
    time: float | str | None = None,
    *,
    resolution: float | str = 0.0,
) -> Result:
    r"""One diffusivity from a profile across an interface, by an error function.

    .. math:: c = c_r + \frac{c_l - c_r}{2}
        \operatorname{erfc}\frac{x - x_0}{\sqrt{4 D t + 2 w^2}}

    ``position`` (n,) [m] and ``composition`` (n,), in any unit, of an EDX, EELS or SIMS line; a row
    without a number is left out. ``time`` [s] of the anneal; without it the result has no
    ``interdiffusivity``. ``resolution`` [m]: full width at half height of the probe, a Gaussian
    whose variance :math:`w^2` is taken off.

    Values: ``width`` [m] between the places where 10 and 90 % of the step are made, the probe taken
    off, which is :math:`4\,\mathrm{erfinv}(0.8)\sqrt{D t} = 3.625\sqrt{D t}`; ``spread`` D t [m2],
    ``interdiffusivity`` [m2/s], ``centre`` [m], ``composition_left``, ``composition_right``.
    Uncertainties are of points that scatter alike and independently, widened by Student's t:
    1.96 of them hold 95 % (``validation/interface_layers.py``). Where the probe explains the width,
    the value is an upper bound and a flag says so. Flags tell of residuals that follow each other
    (D depends on composition: :func:`find_interdiffusivity`), of plateaus that are not reached and
    of too few points within the step.

    Raises :class:`InputError` for what is no line or has no step.
    """
    line = line_of(position, composition)
    lasted = None if time is None else given_duration(time)
    probe = given_probe(resolution) / _HALF_HEIGHT
    fit = fit_step(line)
    wider = float(widening_95(float(len(line) - 4)))
    left, right, centre, deviation = (float(error) * wider for error in fit.errors)
    spread = (fit.deviation**2 - probe**2) / 2
    error = fit.deviation * deviation
    flags = _flags(line, fit)
    bound: tuple[str, ...] = ()
    if spread <= NORMAL_95 * error:
        told = "the probe explains the width" if probe else "the step is as sharp as its points"
        bound = (f"{UPPER_BOUND}: {told}",)
        spread = max(spread, 0.0) + NORMAL_95 * error
    width = _TEN_TO_NINETY * float(np.sqrt(2 * spread))
    known = None if bound else error
    width_error = None if bound else width * error / (2 * spread)
    values = [
        Value("width", width, "m", width_error, method="10 to 90 %", flags=bound),
        Value("spread", spread, "m2", known, flags=bound),
        Value("centre", fit.centre, "m", centre),
        Value("composition_left", fit.left, "", left),
        Value("composition_right", fit.right, "", right),
    ]
    if lasted is not None:
        error_of_d = None if known is None else known / lasted
        found = Value(
            "interdiffusivity",
            spread / lasted,
            "m2/s",
            error_of_d,
            method="error function",
            flags=bound + flags,
        )
        values.insert(0, found)
    else:
        values[0] = Value(**{**values[0].__dict__, "flags": bound + flags})
    details = {
        "position_metre": line.position.tolist(),
        "composition": line.composition.tolist(),
        "fitted": (line.composition + fit.residuals).tolist(),
    }
    return Result("interdiffusion by an error function", tuple(values), details)


def find_interdiffusivity(
    position: ArrayLike,
    composition: ArrayLike,
    time: float | str,
    *,
    method: str = "sauer-freise",
) -> Result:
    r"""The diffusivity as a function of composition, from one profile of a diffusion couple.

    Without the Matano plane, by Sauer and Freise (1962, 10.1002/bbpc.19620660412, recalled) and den
    Broeder (1969, 10.1016/0036-9748(69)90296-8, recalled), w the part of the step that is made:

    .. math:: D(w) = \frac{1}{2 t\,w'} \Big[ (1 - w) \int_{-\infty}^{x} w\,dx
        + w \int_x^\infty (1 - w)\,dx \Big]

    or by Boltzmann and Matano, ``method`` "matano", :math:`D = -\frac{1}{2 t\,w'}
    \int_0^w (x - x_M)\,dw`, the plane :math:`x_M` where what is missing on one side is what came
    to the other. Both are the same function of a profile whose molar volume is constant, as is
    assumed; they differ by quadrature here.

    ``position`` (n,) [m], ``composition`` (n,), ``time`` [s] of the anneal of a couple that was
    sharp before. The profile is smoothed by what it is made of: an error function whose argument
    bends, a spline with as many knots as Akaike's criterion allows; a straight one is a constant
    D. A probe's width is not taken off: it must be narrow beside the profile.

    Values: ``interdiffusivity`` [m2/s] where half the step is made, and at a quarter and three
    quarters; ``matano_plane`` [m]; the range of composition where D is told (5 to 95 % of the
    step, D known to a factor, ``defined_from``, ``defined_to``). Details hold the curve
    (``curve_composition``, ``curve_interdiffusivity``, ``curve_uncertainty``, one standard
    uncertainty). The uncertainty is that of the points' scatter and of the choice of knots: at
    0.5 % of noise 1.96 of it hold D in 95 to 97 % of lines where D is constant or changes up to a
    hundredfold (``validation/interface_layers.py``).

    Raises :class:`InputError` for what is no line or has no step.
    """
    if not isinstance(method, str) or method not in _METHODS:
        raise UnknownNameError.among("method", str(method), _METHODS)
    line = line_of(position, composition)
    lasted = given_duration(time)
    start = fit_step(line)
    smooth = fit_smooth(line, start)
    diffusivity = smooth.spread_at(_SHARES, plane=method == "matano") / lasted
    relative = smooth.relative_error_at(_SHARES)
    known = _told(diffusivity, relative)
    flags = _flags(line, start, smooth)
    made = smooth.left + (smooth.right - smooth.left) * _SHARES
    values = []
    for name, share in (
        ("interdiffusivity", 0.5),
        ("interdiffusivity_at_quarter", 0.25),
        ("interdiffusivity_at_three_quarters", 0.75),
    ):
        place = int(np.argmin(np.abs(_SHARES - share)))
        told = known[place]
        values.append(
            Value(
                name,
                float(diffusivity[place]) if told else None,
                "m2/s",
                float(diffusivity[place] * relative[place]) if told else None,
                method=method,
                flags=(flags if share == 0.5 else ())
                + (() if told else ("the profile does not tell it",)),
            )
        )
    ends = made[known] if known.any() else np.full(1, np.nan)
    values += [
        Value("matano_plane", smooth.plane, "m", smooth.plane_error),
        Value("defined_from", float(ends[0]) if known.any() else None),
        Value("defined_to", float(ends[-1]) if known.any() else None),
        Value("composition_left", smooth.left),
        Value("composition_right", smooth.right),
    ]
    details: dict[str, Any] = {
        "position_metre": line.position.tolist(),
        "composition": line.composition.tolist(),
        "fitted": smooth.along(line.position).tolist(),
        "curve_composition": made[known].tolist(),
        "curve_interdiffusivity": diffusivity[known].tolist(),
        "curve_uncertainty": (diffusivity * relative)[known].tolist(),
        "knots": smooth.knots,
    }
    return Result("interdiffusivity against composition", tuple(values), details)


def _told(diffusivity: Array, relative: Array) -> NDArray[np.bool_]:
    """Where D is known: the shares about the middle of the step without a gap."""
    inside = np.abs(_SHARES - 0.5) < _DEFINED + 1e-9
    good = inside & (diffusivity > 0) & np.isfinite(diffusivity) & (relative < _DOUBT)
    known = np.zeros_like(good)
    middle = len(good) // 2
    for steps in (range(middle, len(good)), range(middle, -1, -1)):
        for place in steps:
            if not good[place]:
                break
            known[place] = True
    return known


def _flags(line: Line, fit: StepFit, smooth: SmoothStep | None = None) -> tuple[str, ...]:
    flags = []
    residuals = fit.residuals if smooth is None else smooth.residuals
    centred = residuals - residuals.mean()
    follow = float(centred[1:] @ centred[:-1] / (centred @ centred or 1.0))
    if follow * np.sqrt(len(line)) > _FOLLOW:
        told = "the profile is no error function" if smooth is None else "it is not smooth"
        flags.append(
            f"residuals follow each other (correlation {follow:.2f}): {told}, or its points are "
            "not independent, and the uncertainty is too small"
        )
    reach = _PLATEAU * fit.deviation
    for side, distance in (
        ("left", fit.centre - line.position[0]),
        ("right", line.position[-1] - fit.centre),
    ):
        if distance < reach:
            flags.append(f"the {side} plateau is not reached; measure a longer line")
    inside = int(np.sum(np.abs(line.position - fit.centre) < 1.5 * fit.deviation))
    if inside < _INSIDE:
        flags.append(f"{inside} points lie within the step; measure a denser line")
    return tuple(flags)
