"""The separator or the loading that is best under a load: mass against resistance and leak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import in_unit, to_si
from solith.core.result import Result, Value
from solith.design._paths import with_arrays
from solith.design._weights import weigh
from solith.design.energy import require_stack
from solith.design.load import Load, read_load
from solith.design.ranges import Range, read_ranges
from solith.design.stack import Stack

__all__ = ["find_best_loading", "find_best_thickness"]

Array = NDArray[np.float64]
_POINTS = 801
_CLOSE = 1e-9
_PER = {"gravimetric": ("mass", "J/kg", "Wh/kg"), "volumetric": ("volume", "J/m3", "Wh/L")}


def find_best_thickness(
    stack: Stack,
    load: Any,
    *,
    minimum: Any,
    maximum: Any = "1 mm",
    by: str = "gravimetric",
    ranges: Sequence[Range] = (),
    samples: int = 200,
    seed: int = 0,
) -> Result:
    r"""Separator thickness [um] from ``minimum`` to ``maximum`` with most energy at ``load``.

    A separator weighs, and takes voltage: both speak for the thinnest one, so that without a leak
    the least thickness that can be made is the best, as a flag says. Where its
    ``electronic_conductivity`` lets electrons through, a thicker one leaks less, and the best
    thickness lies between; for small losses at

    .. math:: t^2 \approx \frac{U\sigma_e}{j} \Big/ \left(\frac{j}{\sigma U} + \frac mM\right)

    with the current density j, ionic and electronic conductivities, the separator's mass per
    volume m and the stack's mass M of one cell (derived here). Found by a grid of logarithms,
    then bounded minimisation. ``by`` is "gravimetric" or "volumetric", ``load`` as of
    :func:`compute_energy_at`. Values:

    * ``best_thickness`` [um], the energy there (named by ``by``), ``largest_thickness`` [um] up to
      which the load is borne;
    * ``cost_by_mass``, ``cost_by_resistance`` [Wh/kg or Wh/L per um]: what one more micrometre
      takes, there.

    With ``ranges`` (their numbers vary as in :func:`sample_energy`) ``best_thickness`` and the
    energy carry the standard deviation over ``samples`` as uncertainty.
    """
    found = _Search(stack, load, "separator.thickness", minimum, maximum, by)
    values = found.values("best_thickness", "um", ranges, samples, seed)
    if values[0].value is None:
        return Result("best thickness", tuple(values), {"convention": stack.convention})
    best = to_si(f"{values[0].value!r} um", "m")
    unit = _PER[by][2]
    by_mass, whole = found.slopes(best)
    values += [
        found.largest("largest_thickness", "um"),
        Value("cost_by_mass", by_mass, f"{unit}/um", method=stack.convention),
        Value("cost_by_resistance", whole - by_mass, f"{unit}/um", method=stack.convention),
    ]
    return Result("best thickness", tuple(values), {"convention": stack.convention})


def find_best_loading(
    stack: Stack,
    load: Any,
    *,
    minimum: Any = "1 mg/cm2",
    maximum: Any = "100 mg/cm2",
    by: str = "gravimetric",
    ranges: Sequence[Range] = (),
    samples: int = 200,
    seed: int = 0,
) -> Result:
    """Cathode loading [mg/cm2] from ``minimum`` to ``maximum`` with most energy at ``load``.

    More loading shares collectors and separator among more energy, but draws more current per
    area through a longer path, so that there is a best one wherever the load is per mass or
    volume. ``best_loading`` and the energy there; the rest as of :func:`find_best_thickness`.
    """
    found = _Search(stack, load, "cathode.loading", minimum, maximum, by)
    values = found.values("best_loading", "mg/cm2", ranges, samples, seed)
    return Result("best loading", tuple(values), {"convention": stack.convention})


class _Search:
    """The energy of a stack at a load along one of its values, between two bounds."""

    def __init__(
        self, stack: Stack, load: Any, path: str, minimum: Any, maximum: Any, by: str
    ) -> None:
        require_stack(stack)
        if by not in _PER:
            raise UnknownNameError.among("energy", by, _PER).inside("by")
        self.stack, self.path, self.by = stack, path, by
        self.load: Load = read_load(load)
        self.unit = stack.unit_at(path)
        ends = []
        for name, bound in (("minimum", minimum), ("maximum", maximum)):
            try:
                ends.append(to_si(bound, self.unit))
                stack.with_value(path, ends[-1])
            except InputError as error:
                raise error.inside(name) from None
        self.low, self.high = ends
        if not 0 < self.low < self.high:
            raise InputError(
                f"{minimum!r} must be above 0 and below maximum, {maximum!r}", where="minimum"
            )

    def energy(self, at: Any, more: Mapping[str, Any] | None = None) -> Any:
        """Energy per mass or volume [SI] with the value ``at``; not a number beyond the load."""
        varied = with_arrays(self.stack, {**(more or {}), self.path: at})
        weights = weigh(varied)
        return self.load.on(varied, weights).delivered / getattr(weights, _PER[self.by][0])

    def best(self) -> float | None:
        """Where the energy is highest; ``None`` where the load is nowhere borne."""
        from scipy.optimize import minimize_scalar

        grid = np.geomspace(self.low, self.high, _POINTS)
        place = _highest(self.energy(grid)[np.newaxis])[0]
        if place < 0:
            return None
        around = grid[[max(place - 1, 0), min(place + 1, _POINTS - 1)]]

        def lost(share: float) -> float:
            found = float(self.energy(float(np.exp(share))))
            return -found if np.isfinite(found) else 0.0

        refined = minimize_scalar(
            lost, bounds=np.log(around), method="bounded", options={"xatol": _CLOSE}
        )
        inside = float(np.exp(refined.x))
        ends = [float(end) for end in around if np.isfinite(self.energy(float(end)))]
        return max((*ends, inside), key=lambda at: -lost(float(np.log(at))))

    def values(
        self, name: str, unit: str, ranges: Sequence[Range], samples: int, seed: int
    ) -> list[Value]:
        """The best value and its energy, with their uncertainty over ``ranges``."""
        shown, told = _PER[self.by][2], self.stack.convention
        best = self.best()
        if best is None:
            flag = f"not reached: no value in these bounds bears {self.load.written}"
            return [
                Value(name, None, unit, method=told, flags=(flag,)),
                Value(self.by, None, shown, method=told, flags=(flag,)),
            ]
        flags = []
        for end, which in ((self.low, "lowest"), (self.high, "highest")):
            if abs(np.log(best / end)) < 10 * _CLOSE:
                flags.append(f"the {which} that was allowed: the energy still rises beyond it")
        spread = self._spread(ranges, samples, seed) if ranges else (None, None)
        here = in_unit(float(self.energy(best)), _PER[self.by][1], shown)
        scale = in_unit(1.0, self.unit, unit)
        return [
            Value(
                name,
                scale * best,
                unit,
                None if spread[0] is None else scale * spread[0],
                method=told,
                flags=tuple(flags),
            ),
            Value(
                self.by,
                here,
                shown,
                None if spread[1] is None else in_unit(spread[1], _PER[self.by][1], shown),
                method=told,
            ),
        ]

    def slopes(self, at: float) -> tuple[float, float]:
        """What a micrometre more takes by mass (or volume) alone, and in all [shown unit / um]."""
        step = 1e-5 * at
        _, si, shown = _PER[self.by]
        whole = float(self.energy(at + step) - self.energy(at - step)) / (2 * step)
        sizes = [
            float(getattr(weigh(with_arrays(self.stack, {self.path: one})), _PER[self.by][0]))
            for one in (at - step, at, at + step)
        ]
        by_mass = -float(self.energy(at)) * (sizes[2] - sizes[0]) / (2 * step) / sizes[1]
        return tuple(-1e-6 * in_unit(one, si, shown) for one in (by_mass, whole))  # type: ignore[return-value]

    def largest(self, name: str, unit: str) -> Value:
        """The largest value at which the load is borne, by halving; the bound where all are."""
        low, high, flags = self.best() or self.low, self.high, ()  # type: float, float, tuple[str, ...]
        if np.isfinite(self.energy(high)):
            low, flags = high, ("the highest that was allowed: the load is borne there, too",)
        while high / low > 1 + _CLOSE:
            middle = float(np.sqrt(low * high))
            low, high = (middle, high) if np.isfinite(self.energy(middle)) else (low, middle)
        shown = in_unit(low, self.unit, unit)
        return Value(name, shown, unit, method=self.stack.convention, flags=flags)

    def _spread(self, ranges: Sequence[Range], samples: int, seed: int) -> tuple[float, float]:
        """Standard deviations of the best value and of its energy."""
        if any(one.path == self.path for one in ranges):
            raise InputError(f"{self.path} is what is sought; leave it out", where="ranges")
        if isinstance(samples, bool) or not isinstance(samples, int) or samples < 2:
            raise InputError(f"{samples!r} is no number of samples from 2 up", where="samples")
        drawn = read_ranges(self.stack, ranges).draw(samples, np.random.default_rng(seed))
        grid = np.geomspace(self.low, self.high, _POINTS)
        energies = self.energy(
            grid[np.newaxis], {path: own[:, np.newaxis] for path, own in drawn.items()}
        )
        energies = np.broadcast_to(energies, (samples, _POINTS))
        places = _highest(energies)
        borne = places >= 0
        if borne.sum() < 2:
            raise InputError(
                f"{self.load.written} is borne by less than two of {samples} samples",
                where="ranges",
            )
        highest = energies[borne, places[borne]]
        return float(grid[places[borne]].std(ddof=1)), float(highest.std(ddof=1))


def _highest(energies: Array) -> NDArray[np.intp]:
    """Place of the highest number in each row; -1 where there is none."""
    filled = np.where(np.isfinite(energies), energies, -np.inf)
    return np.where(np.isfinite(filled).any(axis=1), filled.argmax(axis=1), -1)
