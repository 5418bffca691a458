"""Interdiffusion across an interface: Fick's law, Arrhenius' diffusivity, any thermal history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from solith.core.constants import GAS_CONSTANT
from solith.core.description import Description, quantity
from solith.core.errors import ConvergenceError, InputError
from solith.core.quantities import to_si
from solith.interface._arguments import Array, numbers, positive, within

__all__ = ["Interdiffusion", "solve_interdiffusion"]

_TEN_TO_NINETY = 3.624775209747293
"""Width from 10 to 90 % of the step over the root of D t: 4 erfinv(0.8)."""

_RAMP_POINTS = 16  # of Gauss and Legendre, in each part of a ramp
_RAMP_PART = 2.0  # of E/RT, at most, within a part
_FAR = 9.0  # roots of D t, beyond which nothing has changed: erfc(4.5) is 2e-10
_MOST_NEWTON = 100
_SETTLED = 1e-10  # of the step


@dataclass(frozen=True)
class Interdiffusion(Description):
    r"""Fick's law with :math:`D = D_{ref} \exp[-\frac{E_a}{R}(\frac1T - \frac1{T_{ref}})]`.

    ``diffusivity`` :math:`D_{ref}` [m2/s], the interdiffusivity at ``reference_temperature`` [K],
    with ``activation_energy`` [J/mol]. A thermal history enters as its spread, :math:`\int D dt`
    [m2], alone, so that anneals add up whatever their order.

    Valid for one phase on both sides, a diffusivity that does not depend on composition
    (:func:`solve_interdiffusion` otherwise), and no path along grain boundaries.
    """

    diffusivity: float = quantity("m2/s", above=0)
    reference_temperature: float = quantity("K", above=0)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)

    def diffusivity_at(self, temperature: ArrayLike | str) -> Array:
        """Interdiffusivity [m2/s] at a ``temperature`` [K]."""
        warm = numbers(temperature, "K", "temperature")
        if np.any(warm <= 0):
            raise InputError("must be above 0 K", where="temperature")
        return np.asarray(self.diffusivity * self._factor(warm))

    def spread_after(self, anneals: Sequence[tuple[Any, Any]]) -> float:
        """The integral of D over ``anneals``, pairs of temperature [K] and time [s] [m2]."""
        total = 0.0
        for place, pair in enumerate(_pairs(anneals, "anneals"), start=1):
            warm = positive(pair[0], "K", f"anneals.{place}.temperature")
            lasted = within(pair[1], "s", f"anneals.{place}.time", low=0)
            total += float(self.diffusivity_at(warm)) * lasted
        return total

    def spread_along(self, times: ArrayLike, temperatures: ArrayLike) -> float:
        """The integral of D over a history of ``temperatures`` [K] at ``times`` [s] [m2].

        Linear ramps between the points, each integrated to rounding: heating, hold and cooling of
        a furnace from its set points.
        """
        moments = numbers(times, "s", "times")
        warm = numbers(temperatures, "K", "temperatures")
        if moments.ndim != 1 or moments.shape != warm.shape or len(moments) < 2:
            raise InputError("need as many temperatures, at least two", where="times")
        if np.any(np.diff(moments) < 0):
            raise InputError("must not fall", where="times")
        if np.any(warm <= 0):
            raise InputError("must be above 0 K", where="temperatures")
        points, weights = np.polynomial.legendre.leggauss(_RAMP_POINTS)
        total = 0.0
        for start, end, lasted in zip(warm[:-1], warm[1:], np.diff(moments), strict=True):
            turns = self.activation_energy / GAS_CONSTANT * abs(1 / start - 1 / end)
            parts = max(1, int(np.ceil(turns / _RAMP_PART)))
            along = (np.arange(parts)[:, None] + (points + 1) / 2) / parts
            heat = self._factor(start + (end - start) * along)
            total += self.diffusivity * lasted * float(np.sum(heat @ weights)) / (2 * parts)
        return total

    def width_after(self, anneals: Sequence[tuple[Any, Any]]) -> float:
        r"""Width [m] of an interface, sharp before, from 10 to 90 % of its step.

        The distance between the places where the composition has made 10 and 90 % of the way from
        the one side to the other: of an error function
        :math:`4\,\mathrm{erfinv}(0.8)\sqrt{\int D\,dt} = 3.625\sqrt{\int D\,dt}`.
        """
        return float(_TEN_TO_NINETY * np.sqrt(self.spread_after(anneals)))

    def time_to_width(self, width: float | str, temperature: float | str) -> float:
        """Time [s] at a ``temperature`` [K] until the ``width`` [m] of :meth:`width_after`."""
        reached = positive(width, "m", "width")
        warm = positive(temperature, "K", "temperature")
        return (reached / _TEN_TO_NINETY) ** 2 / float(self.diffusivity_at(warm))

    def profile_after(
        self,
        position: ArrayLike | str,
        anneals: Sequence[tuple[Any, Any]],
        left: float = 1.0,
        right: float = 0.0,
        layer: float | str | None = None,
    ) -> Array:
        """Composition at each ``position`` [m], from ``left`` below 0 to ``right`` above.

        With a ``layer`` thickness [m], ``left`` fills 0 to that and ``right`` lies on both sides: a
        coating that wears away. Closed forms in error functions (Crank, The Mathematics of
        Diffusion, 1975; recalled).
        """
        from scipy.special import erfc

        at = numbers(position, "m", "position")
        spread = self.spread_after(anneals)
        length = 2 * np.sqrt(spread)

        def beyond(distance: Array) -> Array:
            if not length:
                return np.where(distance > 0, 0.0, np.where(distance < 0, 1.0, 0.5))
            return np.asarray(erfc(distance / length) / 2)

        share = beyond(at)
        if layer is not None:
            share = beyond(at - positive(layer, "m", "layer")) - share
        return np.asarray(right + (left - right) * share)

    def _factor(self, temperature: Any) -> Any:
        energy = self.activation_energy / GAS_CONSTANT
        return np.exp(-energy * (1 / temperature - 1 / self.reference_temperature))


def solve_interdiffusion(
    diffusivity: Callable[[Array], ArrayLike],
    duration: float | str,
    left: float = 1.0,
    right: float = 0.0,
    *,
    points: int = 1000,
) -> tuple[Array, Array]:
    r"""Position (n,) [m] and composition (n,) of a couple whose diffusivity follows composition.

    Boltzmann's similarity (10.1002/andp.18942891315, recalled): with :math:`\eta = x/\sqrt{t}`
    Fick's law is :math:`(D c')' + \eta c'/2 = 0`, here by finite volumes and Newton's method on a
    mesh that is dense where the composition changes; the error falls with the square of
    ``points``: 1e-6 of the step at a constant D, 2e-5 where it changes a hundredfold; where it
    changes more, the sharp side overshoots by some 1e-4.

    ``diffusivity`` gives D [m2/s] of an array of compositions between ``left`` (at x < 0 before)
    and ``right``, over ``duration`` [s]. For a history of temperatures that multiply all D alike,
    give D over the factor's reference and the duration at that. Raises :class:`InputError` where D
    is not above 0, :class:`ConvergenceError` where the couple was not found.
    """
    lasted = positive(duration, "s", "duration")
    ends = (to_si(left, ""), to_si(right, ""))
    if ends[0] == ends[1]:
        raise InputError("left and right are equal; there is no interface", where="left")
    if isinstance(points, bool) or not isinstance(points, int) or points < 20:
        raise InputError(f"{points!r} must be a whole number of 20 at least", where="points")
    known = _checked(diffusivity, np.linspace(*ends, 201))
    scale = float(np.sqrt(np.max(known)))
    narrow = float(np.sqrt(np.min(known)))

    def scaled(composition: Array) -> Array:
        return _checked(diffusivity, composition) / scale**2

    mesh = np.linspace(-_FAR, _FAR, 801)
    start = np.where(mesh < 0, ends[0], ends[1]).astype(float)
    found = _similar(scaled, mesh, _smooth(mesh, start, ends))
    for count in (400, points):  # the mesh follows what the one before found
        slope = np.abs(np.diff(found)) / np.diff(mesh) / abs(ends[1] - ends[0])
        density = slope + np.sqrt(slope) / 2 + 0.2 * narrow / scale + 0.02
        reach = np.append(0, np.cumsum(density * np.diff(mesh)))
        finer = np.interp(np.linspace(0, reach[-1], count + 1), reach, mesh)
        found = _similar(scaled, finer, np.interp(finer, mesh, found))
        mesh = finer
    return mesh * scale * np.sqrt(lasted), found


def _similar(diffusivity: Callable[[Array], Array], mesh: Array, start: Array) -> Array:
    """Composition along eta on a mesh, its ends kept."""
    from scipy.linalg import solve_banded

    composition, step = start.copy(), abs(float(start[-1] - start[0]))
    lengths = np.diff(mesh)
    middles = (mesh[1:] + mesh[:-1]) / 2
    small = 1e-6 * step
    low, high = float(np.min(start)), float(np.max(start))
    for turn in range(_MOST_NEWTON):
        at = (composition[1:] + composition[:-1]) / 2
        inside = np.clip(at, low, high)
        mean = diffusivity(inside)
        shifted = np.where(inside + small <= high, small, -small)
        slope = (diffusivity(inside + shifted) - mean) / shifted * (inside == at)
        drop = np.diff(composition) / lengths
        # (D c' + eta c / 2)' - c / 2 = 0: conserved, edge by edge
        edge = mean * drop + middles * at / 2
        widths = (lengths[1:] + lengths[:-1]) / 2
        rest = np.zeros_like(composition)
        rest[1:-1] = np.diff(edge) - widths * composition[1:-1] / 2
        by_left = slope * drop / 2 - mean / lengths + middles / 4
        by_right = slope * drop / 2 + mean / lengths + middles / 4
        matrix = np.zeros((3, len(composition)))
        matrix[0, 2:] = by_right[1:]
        matrix[1, 1:-1] = by_left[1:] - by_right[:-1] - widths / 2
        matrix[2, :-2] = -by_left[:-1]
        matrix[1, 0] = matrix[1, -1] = 1.0
        change = solve_banded((1, 1), matrix, -rest)
        damped = 0.5 if turn < 3 else 1.0
        composition = composition + damped * change
        if float(np.max(np.abs(change))) < _SETTLED * step:
            return np.asarray(composition)
    raise ConvergenceError(
        "interdiffusion: the composition was not found; is the diffusivity smooth in it?"
    )


def _smooth(mesh: Array, start: Array, ends: tuple[float, float]) -> Array:
    from scipy.special import erfc

    middle = ends[1] + (ends[0] - ends[1]) * erfc(mesh / 2) / 2
    middle[0], middle[-1] = start[0], start[-1]
    return np.asarray(middle)


def _checked(diffusivity: Callable[[Array], ArrayLike], composition: Array) -> Array:
    try:
        found = np.broadcast_to(np.asarray(diffusivity(composition), float), composition.shape)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"gives no number for each composition ({error})", where="diffusivity"
        ) from None
    if not np.all(np.isfinite(found)) or np.any(found <= 0):
        raise InputError("must be above 0 m2/s from left to right", where="diffusivity")
    return found


def _pairs(given: Any, where: str) -> list[tuple[Any, Any]]:
    try:
        pairs = [tuple(pair) for pair in given]
    except TypeError:
        pairs = []
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise InputError(
            f"{given!r} is no list of pairs of temperature and time; write "
            "[('500 degC', '2 h'), ...]",
            where=where,
        )
    return [(first, second) for first, second in pairs]
