"""Which layer evens out the current of a polycrystal as far as is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import in_unit, to_si
from solith.core.result import Result, Value
from solith.transport._lateral_maps import highest_window, inverse_waves, wave_numbers, waves
from solith.transport.polycrystal import PolycrystalConduction, with_layers
from solith.transport.polycrystal_layers import Layer, require_conductivity

__all__ = ["FoundLayer", "LayerSearch", "find_layer"]

Array = NDArray[Any]

_SIDES = ("first", "last")
_NEAR = 0.05
"""The excess may lie below the wanted one by this part of it."""
_MOST_SOLVES = 6
_OHM_CM2 = "ohm cm2"
_THINNEST = 1e-3
"""Of a voxel: a layer thinner than that is none."""


@dataclass(frozen=True)
class FoundLayer:
    """A layer that is thick enough.

    ``thickness`` [m], None where the sample's own would not do; ``estimated_thickness`` [m]: that
    of the waves' transfer alone, before any full solution. ``peak``: what the full solution with
    the layer has, over the mean. ``resistance`` [ohm m2]: what the layer adds. ``flags`` say why it
    is not what was wanted.
    """

    conductivity: float
    thickness: float | None
    estimated_thickness: float | None
    peak: float
    resistance: float | None
    solves: int
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class LayerSearch:
    """The layers of several conductivities that bring the peak below the ``wanted`` one.

    ``bare_peak``: highest average over a ``window`` [m] over the mean, without the layer.
    """

    wanted: float
    bare_peak: float
    window: float
    side: str
    layers: tuple[FoundLayer, ...]

    @property
    def best(self) -> FoundLayer | None:
        """The one that adds the least resistance; None where none is thick enough."""
        reached = [one for one in self.layers if one.resistance is not None]
        return min(reached, key=lambda one: one.resistance or 0.0, default=None)

    @property
    def result(self) -> Result:
        """The values as a result that prints itself and goes into a report.

        Of several layers each has its number in the quantities' names, in the order of ``layers``.
        """
        values = [Value("peak_over_mean_without_layer", self.bare_peak)]
        for number, one in enumerate(self.layers, 1):
            name = f"layer_{number}" if len(self.layers) > 1 else "layer"
            added = None if one.resistance is None else in_unit(one.resistance, "ohm m2", _OHM_CM2)
            thick = None if one.thickness is None else in_unit(one.thickness, "m", "um")
            values += [
                Value(f"{name}_conductivity", in_unit(one.conductivity, "S/m", "mS/cm"), "mS/cm"),
                Value(f"{name}_thickness", thick, "um", flags=one.flags),
                Value(
                    f"{name}_added_resistance", added, _OHM_CM2, area="geometric", flags=one.flags
                ),
                Value(f"{name}_peak_over_mean", one.peak),
            ]
        return Result(
            f"layer for a {self.window * 1e6:.3g} um peak below {self.wanted:g} times the mean",
            tuple(values),
            {"side": self.side},
        )

    def __repr__(self) -> str:
        return str(self.result)


def find_layer(
    conduction: PolycrystalConduction,
    wanted: float,
    conductivity: Any,
    *,
    window: Any = "1 um",
    side: str = "last",
    progress: Progress = SILENT,
) -> LayerSearch:
    """The thickness that a layer needs for a peak below ``wanted`` times the mean at its electrode.

    ``conduction`` is solved without a layer on that ``side``; ``conductivity`` [S/m or text] is one
    value or several. The peak is the highest average over a ``window``.

    A wave k of the current's unevenness passes a layer of thickness t and conductivity s as
    1 / (cosh kt + (c / s) sinh kt), with c the conductivity that the ceramic's face has for it:
    that of grains for waves shorter than grains, the effective one for long ones (Laplace's
    equation in the layer; how c goes over is an interpolation of this module). That gives the first
    thickness; a full solution with this layer corrects the transfer by a factor, until its peak
    lies below ``wanted``, by at most 5 % of the excess.

    The thickest layer that is tried is as thick as the sample; where that is short, a flag says
    what it leaves. Raises :class:`InputError` and :class:`ConvergenceError`.
    """
    if not isinstance(conduction, PolycrystalConduction):
        raise InputError(
            f"expected what solve_polycrystal gives, not {type(conduction).__name__}",
            where="conduction",
        )
    if side not in _SIDES:
        raise UnknownNameError.among("side", str(side), _SIDES)
    wished = _values(conductivity)
    goal = _quantity(wanted, "", "wanted")
    if goal <= 1:
        raise InputError(f"{wanted!r} is not above 1, the mean itself", where="wanted")
    if any(layer.side in (side, "both") for layer in conduction.layers):
        raise InputError(f"the {side} face has a layer already; solve it without", where="side")
    bare = conduction.interface_current(window, side=side)
    if bare.peak_over_mean <= goal:
        raise InputError(
            f"the peak is {bare.peak_over_mean:.4g} times the mean without any layer",
            where="wanted",
        )
    transfer = _Transfer.of(conduction, bare.window, side)
    found = [_search(conduction, transfer, goal, one, side, progress) for one in wished]
    return LayerSearch(goal, bare.peak_over_mean, bare.window, side, tuple(found))


@dataclass(frozen=True)
class _Transfer:
    """How the unevenness of the bare face passes a layer; ``factor`` corrects the excess."""

    amplitudes: Array
    numbers: Array
    ceramic: Array
    window: float
    spacing: tuple[float, float]
    periodic: tuple[bool, bool]
    factor: float = 1.0

    @classmethod
    def of(cls, conduction: PolycrystalConduction, window: float, side: str) -> _Transfer:
        stack = conduction.stack
        plane = 0 if side == "first" else len(stack.rows)
        density = stack.planes(conduction.voltage, plane, plane + 1)[0]
        spacing, periodic = stack.lateral
        shape = (density.shape[0], density.shape[1])
        numbers = wave_numbers(shape, spacing, periodic)
        areas = conduction.grain_current(side=side).areas
        across = (
            float(np.sqrt(areas.mean())) if min(shape) > 1 else float(areas.mean() / min(spacing))
        )
        grain = float(conduction.problem.conductivities.mean())
        long = 1 / (1 + (numbers * across / np.pi) ** 2)
        ceramic = 1 / ((1 - long) / grain + long / conduction.effective_conductivity)
        amplitudes = waves(density / density.mean() - 1, periodic)
        return cls(amplitudes, numbers, ceramic, window, spacing, periodic)

    def excess(self, thickness: float, conductivity: float) -> float:
        """The peak over the mean, less 1, at the electrode."""
        deep = np.minimum(self.numbers * thickness, 300.0)
        passed = self.amplitudes / (np.cosh(deep) + self.ceramic / conductivity * np.sinh(deep))
        uneven = inverse_waves(passed, self.periodic)
        return self.factor * highest_window(uneven, self.window, self.spacing, self.periodic)

    def thickness(self, excess: float, conductivity: float, most: float) -> float | None:
        """The thickness that leaves an excess; None where ``most`` leaves more."""
        from scipy.optimize import brentq

        if self.excess(most, conductivity) > excess:
            return None
        low = most
        while self.excess(low, conductivity) <= excess:
            low *= 0.5
            if low < most * 1e-9:
                return low
        return float(brentq(lambda t: self.excess(t, conductivity) - excess, low, most, rtol=1e-4))


def _search(
    conduction: PolycrystalConduction,
    transfer: _Transfer,
    goal: float,
    conductivity: float,
    side: str,
    progress: Progress,
) -> FoundLayer:
    axis = conduction.axis
    most = conduction.polycrystal.size[axis]
    least = _THINNEST * conduction.polycrystal.voxel_size[axis]
    aim = (goal - 1) * (1 - 0.5 * _NEAR)
    estimate = transfer.thickness(aim, conductivity, most)
    for solves in range(1, _MOST_SOLVES + 1):
        thickness = transfer.thickness(aim, conductivity, most)
        tried = max(least, most if thickness is None else thickness)
        layer = Layer(tried, conductivity, side)
        solved = with_layers(conduction, (*conduction.layers, layer), progress)
        peak = solved.interface_current(transfer.window, side=side).peak_over_mean
        if goal - _NEAR * (goal - 1) <= peak <= goal:
            break
        if tried == most and peak > goal:
            short = (
                f"not reached: a layer as thick as the sample ({1e6 * most:.4g} um), the thickest "
                f"that is tried, leaves the peak {peak - 1:.2g} of the mean above it",
            )
            return FoundLayer(conductivity, None, estimate, peak, None, solves, short)
        transfer = replace(
            transfer,
            factor=transfer.factor * (peak - 1) / transfer.excess(tried, conductivity),
        )
    missed = (f"{peak:.5g} times the mean after {solves} solutions: not below",)
    flags = () if peak <= goal else missed
    return FoundLayer(conductivity, tried, estimate, peak, tried / conductivity, solves, flags)


def _values(conductivity: Any) -> list[float]:
    """The layers' conductivities [S/m], from one or several."""
    one = isinstance(conductivity, str) or getattr(conductivity, "ndim", None) == 0
    several = isinstance(conductivity, Iterable) and not one
    given = list(conductivity) if several else [conductivity]
    values = [_quantity(each, "S/m", "conductivity") for each in given]
    if not values or min(values) <= 0:
        raise InputError(
            f"{conductivity!r} is no conductivity above 0 S/m, or several", where="conductivity"
        )
    for value in values:
        require_conductivity(value, "conductivity")
    return values


def _quantity(value: Any, unit: str, where: str) -> float:
    try:
        return to_si(value, unit)
    except InputError as error:
        raise error.inside(where) from None
