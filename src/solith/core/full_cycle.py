"""Which cycle of a record is a whole one."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["first_full_cycle"]

_PART = 0.5  # of the usual charge that a full half-cycle passes


def first_full_cycle(charges: Mapping[tuple[int, int], float]) -> int | None:
    """The first cycle whose charge and discharge pass half of the usual charge or more.

    ``charges`` has the charge of each cycle and direction (1 charge, -1 discharge), in order of
    time; the usual one is the median of a direction. ``None`` where no cycle has both.
    """
    import statistics

    usual = {
        way: statistics.median([size for (_, its), size in charges.items() if its == way] or [0.0])
        for way in (1, -1)
    }
    ways: dict[int, set[int]] = {}
    for (cycle, way), size in charges.items():
        if size > 0 and size >= _PART * usual[way]:
            ways.setdefault(cycle, set()).add(way)
    return next((cycle for cycle, both in ways.items() if len(both) == 2), None)
