"""What looks wrong in the cycles of a record: shorts, step errors, gaps, the current's sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np

from solith.analysis._cycling.half_facts import HalfFacts, Trace
from solith.analysis._lines import fit_straight
from solith.core.quantities import in_unit

__all__ = ["cycle_faults", "record_faults", "sampling_flags"]

Key = tuple[int, int]

_NAMES = {1: "charge", -1: "discharge"}
_SAME_CURRENT = 0.1
_NEIGHBOURS = 3
_TIMES_USUAL = 1.6
_LEAST_VOLTAGE = 0.05
_LEAST_SAG = 0.02
_LEAST_SCATTER = 1e-3
_HIDDEN = 0.01
_MOSTLY = 0.8
_SHORT_EFFICIENCY = 67.0
_REPEATED = 1e-3
_OFFSET = 3e-4
_RESTING = 30
_NO_BLOCKS = np.empty((0, 2), dtype=np.intp)
_REST_ROWS = 9
_LEAST_ROWS = 3
_AS_FAST = 0.87
"""Diffusion that relaxes with the square root of time gives 0.77, a constant leak 1."""


def record_faults(trace: Trace, facts: Mapping[Key, HalfFacts]) -> tuple[str, ...]:
    """What is wrong with the record as a whole, for every value: sign of current, repeats."""
    found = []
    wrong, total = _against(facts)
    if total and wrong >= _MOSTLY * total:
        found.append(
            f"the sign of the current is probably swapped: the voltage runs against it in {wrong} "
            f"of {total} charges and discharges; negate current_ampere and analyse again"
        )
    repeated = int(
        np.count_nonzero(
            (trace.time[1:] == trace.time[:-1])
            & (trace.voltage[1:] == trace.voltage[:-1])
            & (trace.current[1:] == trace.current[:-1])
        )
    )
    if repeated > _REPEATED * len(trace.time):
        found.append(f"{repeated} rows repeat the row before them; they add no charge")
    offset = _offset(trace, facts)
    if offset is not None:
        current, part = offset
        found.append(
            f"the current at rest averages {1e3 * current:.2g} mA; if that is an offset, "
            f"efficiencies are off by {200 * part:.2g} %"
        )
    return tuple(found)


def _offset(trace: Trace, facts: Mapping[Key, HalfFacts]) -> tuple[float, float] | None:
    """The mean current at rest [A] and its part of the usual one, where it is not scatter."""
    blocks = np.concatenate([fact.half.blocks for fact in facts.values()] or [_NO_BLOCKS])
    blocks = blocks[np.argsort(blocks[:, 0])]
    begin = np.concatenate([[0], blocks[:, 1] + 1])
    end = np.append(blocks[:, 0], len(trace.time))
    inner = [(b + 1, e - 1) for b, e in zip(begin.tolist(), end.tolist(), strict=True) if e - b > 2]
    rows = sum(e - b for b, e in inner)
    if rows < _RESTING or not len(blocks):
        return None
    means = np.array([np.mean(trace.current[b:e]) for b, e in inner])
    sizes = np.array([e - b for b, e in inner], dtype=float)
    mean = float(means @ sizes) / rows
    spread = float(np.sqrt(((means - mean) ** 2 @ sizes) / max(len(means) - 1, 1) / rows))
    usual = float(np.median([fact.current for fact in facts.values()]))
    if abs(mean) < _OFFSET * usual or abs(mean) < 5 * spread:
        return None
    return mean, mean / usual


def cycle_faults(
    trace: Trace, facts: Mapping[Key, HalfFacts]
) -> tuple[dict[Key, tuple[str, ...]], dict[int, tuple[str, ...]]]:
    """Flags of each half-cycle, and by cycle those that speak of an internal short."""
    wrong, total = _against(facts)
    silent = _is_symmetric(facts) or (total > 0 and wrong >= _MOSTLY * total)
    halves: dict[Key, tuple[str, ...]] = {}
    for way in (1, -1):
        mine = [fact for (_, direction), fact in facts.items() if direction == way]
        for fact, flags in zip(mine, _unusual(mine, way), strict=True):
            halves[(fact.half.cycle, way)] = (*_gaps(fact), *flags)
    shorts = {} if silent else _shorts(trace, facts)
    return halves, shorts


def _against(facts: Mapping[Key, HalfFacts]) -> tuple[int, int]:
    """In how many half-cycles the voltage runs against the current, and in how many it tells."""
    if not facts:
        return 0, 0
    if _is_symmetric(facts):
        wrong = [way * (fact.mean or 0.0) < 0 for (_, way), fact in facts.items()]
        return sum(wrong), len(wrong)
    wrong = [
        way * (fact.end - fact.start) < 0
        for (_, way), fact in facts.items()
        if abs(fact.end - fact.start) > max(5 * (fact.scatter or 0.0), 1e-3)
    ]
    return sum(wrong), len(wrong)


def _is_symmetric(facts: Mapping[Key, HalfFacts]) -> bool:
    """Whether charge and discharge lie on different sides of 0 V."""
    means = [[f.mean or 0.0 for (_, w), f in facts.items() if w == way] for way in (1, -1)]
    if not all(means):
        return False
    return bool(np.median(means[0]) * np.median(means[1]) < 0)


def _gaps(fact: HalfFacts) -> tuple[str, ...]:
    """Charge that lies in intervals without rows, where it matters."""
    charge, name = fact.half.charge, _NAMES[fact.half.direction]
    flags: list[str] = []
    if fact.paused:
        flags.append(
            f"the clock restarts within the {name} or beside it: what passed in the pause is not "
            "known"
        )
    if fact.gap_charge > _HIDDEN * charge:
        flags.append(
            f"gaps of {fact.gap:.4g} s in the {name}: {_mah(fact.gap_charge)} "
            f"({100 * fact.gap_charge / charge:.2g} %) are taken as if the current had flowed on"
        )
    if fact.torn:
        flags += _unseen(fact)
    return tuple(flags)


def sampling_flags(fact: HalfFacts) -> tuple[str, ...]:
    """The charge that sampling at intervals may miss: no fault, but to be known."""
    return () if fact.torn else _unseen(fact)


def _unseen(fact: HalfFacts) -> tuple[str, ...]:
    charge, name = fact.half.charge, _NAMES[fact.half.direction]
    if fact.silent_charge <= _HIDDEN * charge:
        return ()
    return (
        f"up to {fact.silence:.4g} s without rows where the {name} begins and ends: "
        f"{_mah(fact.silent_charge)} ({100 * fact.silent_charge / charge:.2g} %) may be missed",
    )


def _mah(charge: float) -> str:
    return f"{in_unit(charge, 'C', 'mAh'):.3g} mAh"


def _unusual(facts: Sequence[HalfFacts], way: int) -> list[tuple[str, ...]]:
    """Where a half-cycle differs from its neighbours of the same current."""
    name = _NAMES[way]
    strength = [fact.current for fact in facts]
    found = []
    for place, fact in enumerate(facts):
        near = [facts[other] for other in _near(strength, place)]
        flags = []
        if len(near) >= _NEIGHBOURS - 1:
            flags = [*_other_end(fact, near, name), *_other_charge(fact, near, name)]
            usual = median(other.scatter or 0.0 for other in near)
            scatter = fact.scatter or 0.0
            if scatter > max(5 * usual, _LEAST_SCATTER):
                flags.append(
                    f"the voltage scatters by {1e3 * scatter:.2g} mV in the {name}, "
                    f"usually by {1e3 * usual:.2g} mV (soft short, or loose contact)"
                )
        expected = int(median(len(other.jumps) for other in near)) if near else 0
        if fact.jumps and len(fact.jumps) != expected:
            levels = ", ".join(f"{1e3 * level:.3g}" for level in fact.jumps[:3])
            flags.append(
                f"the current changes {len(fact.jumps)} times in the {name}, to {levels} mA "
                f"(around it: {expected} times)"
            )
        found.append(tuple(flags))
    return found


def _other_end(fact: HalfFacts, near: Sequence[HalfFacts], name: str) -> list[str]:
    ends = [other.end for other in near]
    usual = median(ends)
    window = max(fact.span, median(other.span for other in near))
    if abs(fact.end - usual) <= max(_LEAST_VOLTAGE, 0.05 * window, 3 * (max(ends) - min(ends))):
        return []
    return [
        f"the {name} ended at {fact.end:.4g} V, those around it at {usual:.4g} V "
        "(step error, or the record breaks off)"
    ]


def _other_charge(fact: HalfFacts, near: Sequence[HalfFacts], name: str) -> list[str]:
    ratio = fact.half.charge / median(other.half.charge for other in near)
    if 1 / _TIMES_USUAL <= ratio <= _TIMES_USUAL:
        return []
    return [
        f"{ratio:.3g} times the charge of the {name}s around it "
        "(step error, a half-cycle missing, or a short)"
    ]


def _near(strength: Sequence[float], place: int) -> list[int]:
    """Up to three half-cycles on either side whose current is the same."""
    around = [
        other
        for other in range(max(0, place - _NEIGHBOURS), min(len(strength), place + _NEIGHBOURS + 1))
        if other != place
    ]
    limit = _SAME_CURRENT * strength[place]
    return [other for other in around if abs(strength[other] - strength[place]) <= limit]


def _shorts(trace: Trace, facts: Mapping[Key, HalfFacts]) -> dict[int, tuple[str, ...]]:
    """Signs of an internal short by cycle."""
    found: dict[int, tuple[str, ...]] = {}
    for cycle in dict.fromkeys(cycle for cycle, _ in facts):
        charge, discharge = facts.get((cycle, 1)), facts.get((cycle, -1))
        if charge is None:
            continue
        signs = []
        limit = max(_LEAST_SAG, 12 * (charge.scatter or 0.0), 0.03 * charge.span)
        if charge.sag > limit:
            signs.append(f"its voltage fell by {1e3 * charge.sag:.3g} mV during the charge")
        low = None
        if discharge is not None and charge.half.first_row < discharge.half.first_row:
            low = 100 * discharge.half.charge / charge.half.charge
        fall = _resting_fall(trace, charge, discharge)
        if fall is not None:
            signs.append(
                f"at rest after the charge it fell by {1e3 * fall:.3g} mV without slowing down"
            )
        if low is not None and low < _SHORT_EFFICIENCY and signs:
            signs.append(f"the discharge gave {low:.3g} % of the charge")
        if signs:
            found[cycle] = (f"internal (soft) short likely: {'; '.join(signs)}",)
    return found


def _resting_fall(trace: Trace, charge: HalfFacts, discharge: HalfFacts | None) -> float | None:
    """How far the voltage fell at rest, if as fast in the second half as in the first [V]."""
    begin = int(charge.half.blocks[-1, 1]) + 1
    if discharge is None or int(discharge.half.blocks[0, 0]) - begin < _REST_ROWS:
        return None
    end = int(discharge.half.blocks[0, 0]) - 1
    time, volts = trace.time[begin : end + 1], trace.voltage[begin : end + 1]
    third = (time[-1] - time[0]) / 3
    late = time >= time[-1] - third
    early = (time >= time[0] + third) & ~late
    if min(np.count_nonzero(early), np.count_nonzero(late)) < _LEAST_ROWS or not third > 0:
        return None
    before, after = (-fit_straight(time[part], volts[part]).slope for part in (early, late))
    fell = float(volts[0] - volts[-1])
    limit = max(_LEAST_SAG, 12 * (charge.scatter or 0.0))
    return fell if after > _AS_FAST * before > 0 and fell > limit < 6 * third * after else None
