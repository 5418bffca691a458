"""Charge and discharge in a cycling record, told by the sign of the current alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._rows import title_of, usable_rows
from solith.core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["NOISE", "HalfCycle", "find_half_cycles"]

NOISE = 1e-3
"""Part of a record's largest current below which the cell is taken to rest."""

_LEAST_CHARGE = 1e-4
"""Part of the largest half-cycle's charge below which a half-cycle is scatter."""

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
    rows, flags = usable_rows(record, "cycling", _VARIABLES, at_least=2)
    time = record.array("test_time_second")[rows]
    back = np.flatnonzero(np.diff(time) < 0)
    if len(back):
        raise InputError(
            f"{title_of(record)}: test_time_second runs backwards after "
            f"{time[back[0]]:g} s (row {rows[back[0]] + 1})"
        )
    current = record.array("current_ampere")[rows]
    direction = _directions(time, current, noise)
    runs = _runs(direction)
    cycle = _cycles(record, rows, direction, runs)
    steps = _intervals(time, current, direction, cycle)
    found = []
    for number, way in _in_order(cycle, direction):
        here = steps[(cycle[steps] == number) & (direction[steps] == way)]
        mine = np.flatnonzero((cycle == number) & (direction == way))
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


def _intervals(
    time: NDArray[np.float64],
    current: NDArray[np.float64],
    direction: NDArray[np.intp],
    cycle: NDArray[np.intp],
) -> NDArray[np.intp]:
    """The rows from which current flows on to the next row without a change."""
    same = (direction[1:] == direction[:-1]) & (cycle[1:] == cycle[:-1])
    return np.flatnonzero(same & (direction[1:] != 0))


def _in_order(cycle: NDArray[np.intp], direction: NDArray[np.intp]) -> list[tuple[int, int]]:
    active = np.flatnonzero(direction)
    pairs = zip(cycle[active].tolist(), direction[active].tolist(), strict=True)
    return list(dict.fromkeys(pairs))
