"""Charge, discharge and pulses in a cycling record, told by the current alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._rows import title_of, usable_rows
from solith.core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["NOISE", "HalfCycle", "Pulse", "find_half_cycles", "find_pulses"]

NOISE = 1e-3
"""Part of a record's largest current below which the cell is taken to rest."""

_LEAST_CHARGE = 1e-4
"""Part of the largest half-cycle's charge below which a half-cycle is scatter."""

_FAINT_CHARGE = 1e-2
"""The same for a flow whose current is below ten times the noise."""

_VARIABLES = ("test_time_second", "voltage_volt", "current_ampere")


@dataclass(frozen=True)
class HalfCycle:
    """All charging (``direction`` 1) or discharging (-1) of one cycle.

    ``starts`` are the record's rows that begin an interval of current in this direction,
    ``stops`` those that end it, ``charges`` the charge passed in each interval [C], never
    negative. ``runs`` counts the uninterrupted half-cycles it was put together from.
    """

    cycle: int
    direction: int
    first_row: int
    starts: NDArray[np.intp]
    stops: NDArray[np.intp]
    charges: NDArray[np.float64]
    runs: int

    @property
    def charge(self) -> float:
        """Charge passed [C], by the trapezoid rule."""
        return float(np.sum(self.charges))

    def mean(self, values: NDArray[np.float64]) -> float | None:
        """Mean of a variable (one value a row), weighted by the charge passed."""
        if self.charge <= 0:
            return None
        middles = (values[self.starts] + values[self.stops]) / 2
        return float(np.sum(middles * self.charges) / self.charge)


@dataclass(frozen=True)
class Pulse:
    """One flow of current without a break, and the rests on both sides of it.

    ``start`` is the time at which the current is switched on [s]: that of the last row
    before it, with which instruments end a step. ``rows``, ``before`` and ``after`` are rows
    of the record; a rest that is not there has none.
    """

    direction: int
    start: float
    rows: NDArray[np.intp]
    before: NDArray[np.intp]
    after: NDArray[np.intp]


def find_half_cycles(
    record: Record, *, noise: float = NOISE
) -> tuple[list[HalfCycle], tuple[str, ...]]:
    """The half-cycles of a cycling record in order of time, and flags.

    A row charges where its current is above ``noise`` x the largest current, discharges
    where it is below minus that, and rests otherwise. Charge flows in intervals whose two
    ends go the same way. A half-cycle that passes next to no charge is scatter of a resting
    instrument and left out. Cycles follow ``cycle_count`` where the record has it; otherwise
    a cycle begins whenever the current returns to the direction it had first.
    """
    rows, flags, time, current = _usable(record)
    direction = _directions(time, current, noise)
    runs = _runs(direction)
    cycle = _cycles(record, rows, direction, runs)
    flows_on = np.append(
        (direction[1:] == direction[:-1]) & (cycle[1:] == cycle[:-1]) & (direction[1:] != 0), False
    )
    found = []
    for mine in _in_order(cycle, direction):
        number, way = int(cycle[mine[0]]), int(direction[mine[0]])
        here = mine[flows_on[mine]]
        charges = np.abs(current[here] + current[here + 1]) / 2 * (time[here + 1] - time[here])
        found.append(
            HalfCycle(
                cycle=number,
                direction=way,
                first_row=int(rows[mine[0]]),
                starts=rows[here],
                stops=rows[here + 1],
                charges=charges,
                runs=len(np.unique(runs[mine])),
            )
        )
    return found, flags


def find_pulses(record: Record, *, noise: float = NOISE) -> tuple[list[Pulse], tuple[str, ...]]:
    """Every uninterrupted flow of current in one direction in order of time, and flags.

    Rows rest and flow as in :func:`find_half_cycles`; flows of a single row, and those too
    small and too short beside the others, are scatter of a resting instrument.
    """
    rows, flags, time, current = _usable(record)
    direction = _directions(time, current, noise)
    level = 10 * noise * float(np.max(np.abs(current)))
    blocks = _blocks(direction)
    charges = np.array([_charge(time, current, block) for block in blocks])
    for block, charge in zip(blocks, charges, strict=True):
        part = charge / max(float(charges.max()), np.finfo(float).tiny)
        faint = np.mean(np.abs(current[block])) < level and part < _FAINT_CHARGE
        if len(block) < 2 or part < _LEAST_CHARGE or faint:
            direction[block] = 0
    blocks = _blocks(direction)
    nothing = np.empty(0, dtype=np.intp)
    found = []
    for place, block in enumerate(blocks):
        way = int(direction[block[0]])
        if not way:
            continue
        before = blocks[place - 1] if place else nothing
        after = blocks[place + 1] if place + 1 < len(blocks) else nothing
        found.append(
            Pulse(
                direction=way,
                start=float(time[max(block[0] - 1, 0)]),
                rows=rows[block],
                before=rows[before] if len(before) and not direction[before[0]] else nothing,
                after=rows[after] if len(after) and not direction[after[0]] else nothing,
            )
        )
    return found, flags


def _usable(
    record: Record,
) -> tuple[NDArray[np.intp], tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]:
    """Rows with numbers, flags, and time and current there; time never runs backwards."""
    rows, flags = usable_rows(record, "cycling", _VARIABLES, at_least=2)
    time = record.array("test_time_second")[rows]
    back = np.flatnonzero(np.diff(time) < 0)
    if len(back):
        raise InputError(
            f"{title_of(record)}: test_time_second runs backwards after "
            f"{time[back[0]]:g} s (row {rows[back[0]] + 1})"
        )
    return rows, flags, time, record.array("current_ampere")[rows]


def _blocks(direction: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return np.split(np.arange(len(direction)), np.flatnonzero(np.diff(direction)) + 1)


def _charge(
    time: NDArray[np.float64], current: NDArray[np.float64], block: NDArray[np.intp]
) -> float:
    return float(np.trapezoid(np.abs(current[block]), time[block]))


def _directions(
    time: NDArray[np.float64], current: NDArray[np.float64], noise: float
) -> NDArray[np.intp]:
    """1 where the cell charges, -1 where it discharges, 0 where it rests."""
    level = noise * float(np.max(np.abs(current)))
    direction = np.where(current > level, 1, np.where(current < -level, -1, 0)).astype(np.intp)
    runs = _runs(direction)
    # A resting instrument's scatter may exceed the level; what tells is the charge passed.
    flows = (direction[1:] == direction[:-1]) & (direction[1:] != 0)
    amounts = np.abs(current[1:] + current[:-1]) / 2 * np.diff(time) * flows
    passed = np.bincount(runs[1:], weights=amounts, minlength=int(runs.max()) + 1)
    return np.where(passed[runs] > _LEAST_CHARGE * passed.max(), direction, 0).astype(np.intp)


def _runs(direction: NDArray[np.intp]) -> NDArray[np.intp]:
    """The number (from 1) of the half-cycle each row lies in; a rest ends none."""
    active = np.flatnonzero(direction)
    if len(active) == 0:
        return np.zeros(len(direction), dtype=np.intp)
    latest = np.searchsorted(active, np.arange(len(direction)), side="right") - 1
    carried = direction[active[np.maximum(latest, 0)]]
    return 1 + np.concatenate([[0], np.cumsum(np.diff(carried) != 0)]).astype(np.intp)


def _cycles(
    record: Record, rows: NDArray[np.intp], direction: NDArray[np.intp], runs: NDArray[np.intp]
) -> NDArray[np.intp]:
    if "cycle_count" not in record.data.variables:
        return (runs + 1) // 2
    count = record.array("cycle_count")[rows]
    if not np.all(np.isfinite(count[direction != 0])):
        raise InputError(f"{title_of(record)}: cycle_count is not a number in every row")
    return np.where(np.isfinite(count), count, -1).astype(np.intp)


def _in_order(cycle: NDArray[np.intp], direction: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The rows of each half-cycle, the half-cycles in order of their first row."""
    active = np.flatnonzero(direction)
    if len(active) == 0:
        return []
    key = 2 * cycle[active] + (direction[active] > 0)
    order = np.argsort(key, kind="stable")
    groups = np.split(active[order], np.flatnonzero(np.diff(key[order])) + 1)
    return sorted(groups, key=lambda rows: int(rows[0]))
