"""What the ends of a simulated record's steps say about its charges and discharges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["step_flags"]

_FULL = "active material full before the cut-off"
_SKIPPED = "cut-off passed at its start"
_NAMES = {1: "charge", -1: "discharge"}


def step_flags(record: Record) -> dict[tuple[int, int], tuple[str, ...]]:
    """Flags by cycle and direction (1 charge, -1 discharge), from ``step_ends``.

    A hold belongs to the charge or discharge before it. A step whose direction cannot be
    told counts for both.
    """
    ends = [str(end) for end in record.data.attrs.get("step_ends", ())]
    steps = [str(step) for step in record.data.attrs.get("steps", ())]
    ways = _directions(steps)
    full: set[tuple[int, int]] = set()
    skipped: dict[tuple[int, int], int] = {}
    for place, end in enumerate(ends):
        way = ways[place % len(ways)] if ways else 0
        for direction in (way,) if way else _NAMES:
            key = (_cycle_of(record, place, ways), direction)
            if end == _FULL:
                full.add(key)
            elif end == _SKIPPED:
                skipped[key] = skipped.get(key, 0) + 1
    flags: dict[tuple[int, int], tuple[str, ...]] = {}
    for key in full:
        flags[key] = (
            f"{_NAMES[key[1]]} ended with the {_FULL}: the sites at its surface, not the voltage, "
            "set the capacity",
        )
    for key, number in skipped.items():
        counted = f"{number} step{'' if number == 1 else 's'} skipped: {_SKIPPED}"
        flags[key] = (*flags.get(key, ()), counted)
    return flags


def _directions(steps: Sequence[str]) -> list[int]:
    found, latest = [], 0
    for step in steps:
        action = step.split(maxsplit=1)[0].lower() if step.strip() else ""
        latest = {"charge": 1, "discharge": -1}.get(action, latest)
        found.append(0 if action == "rest" else latest)
    return found


def _cycle_of(record: Record, place: int, ways: Sequence[int]) -> int:
    """The cycle of a step: that of its rows, or by counting where it left none."""
    if {"cycle_count", "step_count"} <= set(map(str, record.data.data_vars)):
        rows = np.flatnonzero(record.array("step_count") == place + 1)
        if len(rows):
            return int(record.array("cycle_count")[rows[0]])
    if not ways:
        return 1
    rounds, inside = divmod(place, len(ways))
    pairs = _pairs(ways)
    return rounds * pairs[-1] + pairs[inside]


def _pairs(ways: Sequence[int]) -> list[int]:
    """A pair begins where the direction that came first comes again after the other."""
    first = next((way for way in ways if way), 0)
    numbers, count, turned = [], 1, False
    for way in ways:
        if way == first and turned:
            count, turned = count + 1, False
        turned = turned or way == -first != 0
        numbers.append(count)
    return numbers
