"""What the first cycles of a cell cost: formation loss."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._cycling.constant_current import wrong_way
from solith.analysis._half_cycles import NOISE, HalfCycle, find_half_cycles, taken_apart
from solith.analysis._options import fact
from solith.analysis._rows import title_of
from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.core.scatter import robust_deviation

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["find_formation_loss"]

_SURE = 4.0  # robust standard deviations of the settled efficiencies
_LEAST = 0.3  # percent by which an efficiency may differ and still be settled
_ROUNDING = 1e-7  # percent; a smaller uncertainty is that of the numbers' last digits
_WHOLE = 0.9  # of the next half-cycle, below which the first is a part
_FEW = 6  # pairs, below which settling cannot be told


def find_formation_loss(
    record: Record, *, formation_cycles: int | None = None, noise: float = NOISE
) -> Result:
    """Capacity that the first cycles do not give back, until the efficiency settles.

    The half-cycles, in order of time whatever cycle they are counted to, are taken in pairs: each
    charge with the discharge after it where the record begins with a charge, each discharge with
    the charge after it where it begins with a discharge (``details["first"]``); a
    first half-cycle that passes less than 90 % of the next is only a part of one and left out, with
    a flag. A pair loses the charge of its first half less
    that of its second; its efficiency is second over first. Values: ``first_cycle_loss`` and
    ``first_cycle_efficiency`` of the first pair, ``formation_cycles``, ``formation_loss``, the sum
    over them, ``settled_efficiency``, the median after them with its uncertainty (1.253 x robust
    standard deviation / sqrt(number)), and ``excess_formation_loss``, what the formation lost
    above as many settled cycles.

    The formation ends before the first pair from which on two efficiencies in a row
    agree with the median of the second half of all pairs within 4 of their robust standard
    deviations or 0.3 %, unless ``formation_cycles`` gives their number. The losses are flagged
    where the record begins with a discharge, has too few pairs (below 6) to tell, never settles,
    or takes out more than it put in. mAh/g of
    active material where the record knows ``active_mass_kg``, otherwise mAh.

    Raises :class:`InputError` for another kind of record, for no pair, and for
    ``formation_cycles`` that are no number from 1 to that of the pairs.
    """
    halves, told = find_half_cycles(record, noise=noise)
    mass = fact(record, "active_mass_kg")
    scale, unit = (1 / 3.6, "mAh") if mass is None else (1 / 3600 / mass, "mAh/g")
    moving = [half for half in taken_apart(halves) if half.charge > 0]
    flags = list(told)
    if len(moving) > 2 and moving[0].charge < _WHOLE * moving[1].charge:
        way = "charge" if moving[0].direction > 0 else "discharge"
        flags.append(f"the record begins with a part of a {way}, which is left out")
        moving = moving[1:]
    pairs = _pairs(moving)
    if not pairs:
        raise InputError(f"{title_of(record)} holds no charge and discharge; no loss is defined")
    rows: list[dict[str, Any]] = [
        {
            "cycle": first.cycle,
            "in": scale * first.charge,
            "out": scale * second.charge,
            "loss": scale * (first.charge - second.charge),
            "efficiency": 100 * second.charge / first.charge,
        }
        for first, second in pairs
    ]
    efficiencies = np.array([row["efficiency"] for row in rows])
    flags += dict.fromkeys(flag for half in pairs[0] for flag in wrong_way(record, half))
    count, doubts = _count(efficiencies, formation_cycles)
    flags += doubts
    if pairs[0][0].direction < 0:
        flags.append("the record begins with a discharge; losses are discharge less charge")
    if 100 * rows[0]["loss"] < -_ROUNDING * rows[0]["in"]:
        flags.append("the first cycle gave back more than it took")
    flags += dict.fromkeys(
        f"cycle {half.cycle} holds {half.runs} flows one way, taken together"
        for pair in pairs[:count]
        for half in pair
        if half.runs > 1
    )
    settled = efficiencies[count:]
    usual = float(np.median(settled)) if len(settled) else None
    spread = 1.253 * _scatter(settled) / len(settled) ** 0.5 if len(settled) > 2 else 0.0
    values = [
        Value("first_cycle_loss", rows[0]["loss"], unit, flags=tuple(flags)),
        Value("first_cycle_efficiency", rows[0]["efficiency"], "%", flags=tuple(flags)),
        Value(
            "formation_cycles",
            float(count),
            method="as given" if formation_cycles else "until two efficiencies in a row settle",
            flags=tuple(flags),
        ),
        Value(
            "formation_loss",
            float(sum(row["loss"] for row in rows[:count])),
            unit,
            flags=tuple(flags),
        ),
        Value(
            "settled_efficiency",
            usual,
            "%",
            uncertainty=spread if spread > _ROUNDING else None,
            flags=tuple(flags) if len(settled) else ("no cycle after the formation", *flags),
        ),
    ]
    if usual is not None:
        beyond = float(sum(row["in"] * (usual - row["efficiency"]) / 100 for row in rows[:count]))
        values.append(Value("excess_formation_loss", beyond, unit, flags=tuple(flags)))
    details = {
        "first": "charge" if pairs[0][0].direction > 0 else "discharge",
        "pairs": rows,
        "unit": unit,
    }
    return Result(f"Formation loss of {title_of(record)}", tuple(values), details)


def _pairs(moving: list[HalfCycle]) -> list[tuple[HalfCycle, HalfCycle]]:
    """Each half-cycle of the first direction with that of the other which follows it."""
    return [
        (one, other)
        for one, other in pairwise(moving)
        if one.direction == moving[0].direction and other.direction == -one.direction
    ]


def _count(efficiencies: NDArray[np.float64], given: int | None) -> tuple[int, list[str]]:
    """The number of formation cycles, and flags."""
    if given is not None:
        whole = isinstance(given, (int, np.integer)) and not isinstance(given, bool)
        if not whole or not 1 <= given <= len(efficiencies):
            raise InputError(
                f"{given!r} is not a number of cycles from 1 to {len(efficiencies)}",
                where="formation_cycles",
            )
        return int(given), []
    if len(efficiencies) < _FEW:
        return 1, [f"{len(efficiencies)} cycles are too few to tell when the efficiency settles"]
    late = efficiencies[len(efficiencies) // 2 :]
    near = np.abs(efficiencies - np.median(late)) <= max(_SURE * _scatter(late), _LEAST)
    both = np.flatnonzero(near[:-1] & near[1:])
    if not len(both):
        return len(efficiencies), ["the efficiency never settles"]
    if both[0] == 0:
        return 0, [f"the first efficiency is within {_LEAST:g} % or the scatter of the settled one"]
    return int(both[0]), []


def _scatter(numbers: NDArray[np.float64]) -> float:
    return robust_deviation(numbers - np.median(numbers))
