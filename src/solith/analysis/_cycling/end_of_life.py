"""Fade per cycle and the cycles until 80 % are left, of discharges at one rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._cycling.fade import LEAST_CYCLES, Fade, find_knee, fit_fade
from solith.core.result import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Discharges", "fade_values"]

_LEFT = 0.8
"""The part of the capacity at which cells are said to be at their end."""

_REACH = 2.0
"""Times the measured cycles to which a straight fade is drawn on."""

_SURELY_BELOW = 3
"""Cycles below the end that make it sure."""

_SUDDEN = 0.1
"""Part of the reference's capacity lost from one cycle to the next in a sudden death."""

_TIMES_USUAL = 5.0
"""Times the usual step between cycles that it has to be, too."""

_KNEE_ENDS = 0.6
"""Part of the reference's capacity down to which a knee is looked for."""

_ROUNDING = 1e-10
"""Percent per cycle; a smaller uncertainty of the fade is that of the numbers' last digits."""


@dataclass(frozen=True)
class Discharges:
    """Discharges at one rate from the reference on, which is the first.

    ``cycles`` are their numbers in the record, ``places`` count the record's cycles from the
    reference's (0); ``about`` says the rate where the record has others.
    """

    cycles: tuple[int, ...]
    places: NDArray[np.float64]
    capacities: NDArray[np.float64]
    about: str


def fade_values(discharges: Discharges) -> tuple[Fade | None, list[Value]]:
    """The robust line, ``capacity_fade_per_cycle`` and ``cycles_to_80_percent``.

    After a knee or a sudden death the fade is that before it. The end is where the capacities
    come below 80 % of the reference and stay there, by a straight line between two cycles; the
    robust line is drawn on only where they do not.
    """
    places, capacities = discharges.places, discharges.capacities
    if len(places) < LEAST_CYCLES:
        return None, []
    below = _below(capacities, _LEFT)
    healthy, turn = _healthy(discharges, below)
    fade = fit_fade(places[:healthy], capacities[:healthy])
    values = []
    if fade is not None:
        first, last = discharges.cycles[0], discharges.cycles[healthy - 1]
        bent = ("the capacity does not fall along a straight line",) if fade.bent else ()
        method = f"robust straight line through cycles {first} to {last}"
        method += f"{discharges.about}, of its start"
        values.append(
            Value(
                "capacity_fade_per_cycle",
                fade.per_cycle,
                "%",
                fade.uncertainty if fade.uncertainty > _ROUNDING else None,
                method=method + (", before the turn" if turn else ""),
                flags=(f"{turn}: the fade is that before it", *bent) if turn else bent,
            )
        )
    return fade, [*values, _end(discharges, below, fade, turn)]


def _below(capacities: NDArray[np.float64], part: float) -> int | None:
    """The first place from which on all are below a part of the first; ``None`` without one."""
    above = np.flatnonzero(capacities >= part * capacities[0])
    place = int(above[-1]) + 1
    return place if place < len(capacities) else None


def _healthy(discharges: Discharges, below: int | None) -> tuple[int, str]:
    """How many cycles there are before a knee or a sudden death, and which of them it is."""
    capacities = discharges.capacities
    if below is not None and below >= LEAST_CYCLES:
        fall = capacities[below - 1] - capacities[below]
        usual = float(np.median(np.abs(np.diff(capacities[:below]))))
        if fall > max(_SUDDEN * capacities[0], _TIMES_USUAL * usual):
            return below, f"sudden death in cycle {discharges.cycles[below]}"
    far = _below(capacities, _KNEE_ENDS)
    until = len(capacities) if far is None else far
    knee = find_knee(discharges.places[:until], capacities[:until])
    if knee is None:
        return len(capacities), ""
    return knee + 1, f"knee about cycle {discharges.cycles[knee]}"


def _end(discharges: Discharges, below: int | None, fade: Fade | None, turn: str) -> Value:
    """Cycles after the reference until less than 80 % of its capacity is left."""
    places, capacities = discharges.places, discharges.capacities
    wanted = _LEFT * float(capacities[0])
    method = (
        f"counted from cycle {discharges.cycles[0]}, relative to its capacity{discharges.about}"
    )
    value = Value(f"cycles_to_{100 * _LEFT:.0f}_percent", None, "", method=method)
    if below is not None:
        before, after = capacities[below - 1], capacities[below]
        part = (before - wanted) / (before - after)
        number = places[below - 1] + part * (places[below] - places[below - 1])
        flags = [turn] if turn else []
        if (few := len(capacities) - below) < _SURELY_BELOW:
            flags.append(f"only the last {few} cycles lie below: perhaps not the end")
        told = f"measured, {method}"
        return replace(value, value=float(number), method=told, flags=tuple(flags))
    if turn:
        return replace(value, flags=(f"{turn}, and not yet at its end: not extrapolated",))
    if fade is None or not fade.slope < -2 * fade.uncertainty / 100 * fade.start:
        return replace(value, flags=("no fade beyond its uncertainty",))
    number, spread = fade.reaches(wanted)
    if number > _REACH * places[-1]:
        told = f"beyond twice the {int(places[-1]) + 1} measured cycles: not extrapolated"
        return replace(value, flags=(told,))
    if number <= places[-1] and fade.bent:
        told = "not reached, and the fade is no straight line: not extrapolated"
        return replace(value, flags=(told,))
    flags = ["extrapolated along the straight line"]
    if number <= places[-1]:
        flags = ["the capacity does not stay below: where the straight line crosses"]
    if fade.bent:
        flags.append("the capacity does not fall along a straight line")
    sure = spread if spread > _ROUNDING * number else None
    return replace(value, value=number, uncertainty=sure, flags=tuple(flags))
