"""Currents of several voltammograms at common potentials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._rows import title_of
from solith.analysis._voltammetry.curve import Curve, curve_of
from solith.analysis._voltammetry.sweeps import sweeps_of
from solith.core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record
    from solith.core.result import Result

__all__ = ["Currents", "currents_on_grid"]

_EDGE = 0.02
"""Part of the window left out at both turns, where the current settles."""

_LEAST_SHARED = 0.5
"""Part of the widest window that all voltammograms share at least."""


@dataclass(frozen=True)
class Currents:
    """Mean currents over steps of potential, rising sweeps first, then falling ones.

    ``potential`` (2 points,) [V] are the steps' middles and ``step`` their width; ``sign`` 1 for
    rising and -1 for falling; ``current`` and ``noise`` (records, 2 points) [A].
    """

    potential: NDArray[np.float64]
    step: float
    sign: NDArray[np.float64]
    current: NDArray[np.float64]
    noise: NDArray[np.float64]


def currents_on_grid(records: Sequence[Record], results: Sequence[Result], points: int) -> Currents:
    """The currents of the analysed cycles, on the potentials that all of them share."""
    pairs = [
        _both(record, result.details["cycle"])
        for record, result in zip(records, results, strict=True)
    ]
    lows = [max(_ends_of(curve)[0] for curve in pair) for pair in pairs]
    highs = [min(_ends_of(curve)[1] for curve in pair) for pair in pairs]
    low, high = max(lows), min(highs)
    widest = max(b - a for a, b in zip(lows, highs, strict=True))
    if high - low < _LEAST_SHARED * widest:
        raise InputError(
            f"the voltammograms share {max(high - low, 0):.3g} V of {widest:.3g} V; sweep one "
            "window at all scan rates"
        )
    edge = _EDGE * (high - low)
    ends = np.linspace(low + edge, high - edge, points + 1)
    middle = (ends[1:] + ends[:-1]) / 2
    current, noise = [], []
    for pair in pairs:
        means = [_means(curve, ends) for curve in pair]
        current.append(np.concatenate([mean for mean, _ in means]))
        noise.append(np.concatenate([spread for _, spread in means]))
    return Currents(
        potential=np.concatenate([middle, middle]),
        step=float(ends[1] - ends[0]),
        sign=np.repeat([1.0, -1.0], points),
        current=np.array(current),
        noise=np.array(noise),
    )


def _ends_of(curve: Curve) -> tuple[float, float]:
    """The lowest and the highest potential of a curve [V]."""
    ends = sorted((curve.direction * float(curve.x[0]), curve.direction * float(curve.x[-1])))
    return ends[0], ends[1]


def _both(record: Record, cycle: int) -> list[Curve]:
    """The rising and the falling curve of a cycle."""
    mine = [sweep for sweep in sweeps_of(record)[0] if sweep.cycle == cycle]
    curves = []
    for direction, name in ((1, "anodic"), (-1, "cathodic")):
        own = next((sweep for sweep in mine if sweep.direction == direction), None)
        curve = None if own is None else curve_of(own, 0.02)
        if curve is None:
            raise InputError(f"{title_of(record)}: cycle {cycle} has no {name} sweep to split")
        curves.append(curve)
    return curves


def _means(
    curve: Curve, ends: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean current between the ends of steps, and its standard deviation from noise."""
    order = slice(None, None, curve.direction)
    x, current = (curve.direction * rows[order] for rows in (curve.x, curve.height))
    whole = np.append(0.0, np.cumsum((current[1:] + current[:-1]) / 2 * np.diff(x)))
    # Between rows the current is a straight line, its integral a parabola.
    place = np.clip(np.searchsorted(x, ends, side="right") - 1, 0, len(x) - 2)
    ahead = ends - x[place]
    slope = (current[place + 1] - current[place]) / (x[place + 1] - x[place])
    integral = whole[place] + current[place] * ahead + slope * ahead**2 / 2
    step = np.diff(ends)
    rows = np.maximum(step / float(np.mean(np.diff(x))), 1.0)
    return np.diff(integral) / step, curve.noise / np.sqrt(rows)
