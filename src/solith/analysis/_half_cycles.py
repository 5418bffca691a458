"""Charge, discharge and pulses in a cycling record, told by the current alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._rows import title_of, usable_rows
from solith.core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["NOISE", "HalfCycle", "Pulse", "find_half_cycles", "find_pulses", "taken_apart"]

NOISE = 1e-3
"""Part of a record's largest current below which the cell is taken to rest."""

_LEAST_CHARGE = 1e-4
"""Part of the largest half-cycle's charge below which a half-cycle is scatter."""

_FAINT_CHARGE = 1e-2
"""The same for a flow whose current is below ten times the noise."""

_SCATTERED = 5.0
"""Times the noise up to which a current may be scatter at rest."""

_ABRUPT = 20.0
"""Times a row's current from which that of a row beside it is another step's."""

_TURNS = 5
"""Turns of the current from which on a counter that stands still does not count."""

_WHOLE_RUN = 0.1
"""Part of the largest run of its half-cycle that a run has to pass to be no pulse."""

_VARIABLES = ("test_time_second", "voltage_volt", "current_ampere")


@dataclass(frozen=True)
class HalfCycle:
    """All charging (``direction`` 1) or discharging (-1) of one cycle.

    ``starts`` are the record's rows that begin an interval of current in this direction,
    ``stops`` those that end it, ``charges`` the charge passed in each interval [C], never
    negative. ``runs`` counts the uninterrupted half-cycles it was put together from, and
    ``blocks`` (n, 2) are the first and last row of each flow without a break, as places among
    the record's usable rows.
    """

    cycle: int
    direction: int
    first_row: int
    starts: NDArray[np.intp]
    stops: NDArray[np.intp]
    charges: NDArray[np.float64]
    runs: int
    blocks: NDArray[np.intp]

    @cached_property
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
    ends go the same way. A half-cycle that passes next to no charge, and a faint flow of
    little charge within one, is scatter of a resting instrument and left out. Cycles follow
    ``cycle_count`` where the record has it and counts; otherwise a cycle begins whenever the
    current returns to the direction it had first.
    """
    rows, flags, time, current = _usable(record)
    direction = _directions(time, current, noise)
    count = _count(record, rows, direction)
    if count is not None and (turns := _uncounted(count, direction)):
        told = f"cycle_count is the same in every row though the current turns {turns} times"
        flags = (*flags, f"{told}: cycles are counted by the current")
        count = None
    changes = direction[1:] != direction[:-1]
    if count is not None:
        changes |= count[1:] != count[:-1]
    first, last = _ends(changes)
    ways = direction[first].astype(np.intp)
    runs = _runs(ways)
    cycle = (runs + 1) // 2 if count is None else count[first]
    charges = _charges(time, current)
    found = []
    for blocks in _in_order(cycle, ways):
        spans = [slice(first[block], last[block]) for block in blocks]
        found.append(
            HalfCycle(
                cycle=int(cycle[blocks[0]]),
                direction=int(ways[blocks[0]]),
                first_row=int(rows[first[blocks[0]]]),
                starts=_joined([rows[:-1][span] for span in spans]),
                stops=_joined([rows[1:][span] for span in spans]),
                charges=_joined([charges[span] for span in spans]),
                runs=len(set(runs[blocks].tolist())),
                blocks=np.stack([first[blocks], last[blocks]], axis=1),
            )
        )
    return found, flags


def taken_apart(halves: Sequence[HalfCycle]) -> list[HalfCycle]:
    """In order of time, those of several runs as one each, but for short pulses within others."""
    begins = {
        way: np.sort(np.concatenate([[0], *(h.blocks[:, 0] for h in halves if h.direction != way)]))
        for way in (1, -1)
    }
    found: list[HalfCycle] = []
    for half in halves:
        if half.runs < 2:
            found.append(half)
            continue
        run = np.searchsorted(begins[half.direction], half.blocks[:, 0])
        parts = [_part(half, run == number) for number in np.unique(run)]
        charges = [part.charge for part in parts]
        found += parts if min(charges) > _WHOLE_RUN * max(charges) else [half]
    return sorted(found, key=lambda half: half.first_row)


def _part(half: HalfCycle, mine: NDArray[np.bool_]) -> HalfCycle:
    """Some of the blocks of a half-cycle, as one run."""
    kept = np.repeat(mine, half.blocks[:, 1] - half.blocks[:, 0])
    starts = half.starts[kept]
    return HalfCycle(
        cycle=half.cycle,
        direction=half.direction,
        first_row=int(starts[0]) if len(starts) else half.first_row,
        starts=starts,
        stops=half.stops[kept],
        charges=half.charges[kept],
        runs=1,
        blocks=half.blocks[mine],
    )


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
    time, current = (record.array(name) for name in ("test_time_second", "current_ampere"))
    if len(rows) < len(time):
        time, current = time[rows], current[rows]
    back = np.flatnonzero(time[1:] < time[:-1])
    if len(back):
        raise InputError(
            f"{title_of(record)}: test_time_second runs backwards after "
            f"{time[back[0]]:g} s (row {rows[back[0]] + 1})"
        )
    return rows, flags, time, current


def _blocks(direction: NDArray[np.int8]) -> list[NDArray[np.intp]]:
    return np.split(np.arange(len(direction)), np.flatnonzero(np.diff(direction)) + 1)


def _charge(
    time: NDArray[np.float64], current: NDArray[np.float64], block: NDArray[np.intp]
) -> float:
    return float(np.trapezoid(np.abs(current[block]), time[block]))


def _directions(
    time: NDArray[np.float64], current: NDArray[np.float64], noise: float
) -> NDArray[np.int8]:
    """1 where the cell charges, -1 where it discharges, 0 where it rests."""
    if isinstance(noise, bool) or not isinstance(noise, (int, float)) or not 0 <= noise < 1:
        raise InputError(f"{noise!r} is no part between 0 and 1", where="noise")
    level = noise * max(float(np.max(current)), -float(np.min(current)))
    direction = (current > level).astype(np.int8) - (current < -level).astype(np.int8)
    direction[_beside_flow(current, direction, level)] = 0
    first, last = _ends(direction[1:] != direction[:-1])
    runs = _runs(direction[first].astype(np.intp))
    # A resting instrument's scatter may exceed the level; what tells is the charge passed.
    amounts = np.append(_charges(time, current), 0.0)
    amounts[last] = 0.0
    flowed = np.add.reduceat(amounts, first) * (direction[first] != 0)
    passed = np.bincount(runs, weights=flowed)
    mean = np.add.reduceat(np.abs(current), first) / (last - first + 1)
    faint = (mean < 10 * level) & (flowed < _FAINT_CHARGE * passed.max())
    scatter = (passed[runs] <= _LEAST_CHARGE * passed.max()) | faint
    if np.any(scatter):
        direction[np.repeat(scatter, last - first + 1)] = 0
    return direction


def _beside_flow(
    current: NDArray[np.float64], direction: NDArray[np.int8], level: float
) -> NDArray[np.intp]:
    """Rows of scatter at rest that look like the end of the flow beside them."""
    small = np.flatnonzero((direction != 0) & (np.abs(current) < _SCATTERED * level))
    beside = [np.clip(small + way, 0, len(current) - 1) for way in (-1, 1)]
    largest = np.maximum(*(np.abs(current[rows]) for rows in beside))
    return small[largest > _ABRUPT * np.abs(current[small])]


def _ends(changes: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and last row of each block, from whether each row differs from the one before."""
    edges = np.flatnonzero(changes)
    return np.concatenate([[0], edges + 1]), np.append(edges, len(changes))


def _charges(time: NDArray[np.float64], current: NDArray[np.float64]) -> NDArray[np.float64]:
    """The charge between each row and the next by the trapezoid rule [C]."""
    amounts = current[1:] + current[:-1]
    np.abs(amounts, out=amounts)
    amounts *= np.diff(time)
    amounts /= 2
    return amounts


def _runs(ways: NDArray[np.intp]) -> NDArray[np.intp]:
    """The number (from 1) of the half-cycle each block lies in; a rest ends none."""
    active = np.flatnonzero(ways)
    if len(active) == 0:
        return np.zeros(len(ways), dtype=np.intp)
    latest = np.searchsorted(active, np.arange(len(ways)), side="right") - 1
    carried = ways[active[np.maximum(latest, 0)]]
    return 1 + np.concatenate([[0], np.cumsum(np.diff(carried) != 0)]).astype(np.intp)


def _count(
    record: Record, rows: NDArray[np.intp], direction: NDArray[np.int8]
) -> NDArray[np.intp] | None:
    """The cycle that each row is counted to, where the record counts."""
    if "cycle_count" not in record.data.variables:
        return None
    count = record.array("cycle_count")
    if len(rows) < len(count):
        count = count[rows]
    known = np.isfinite(count)
    if not np.all(known | (direction == 0)):
        raise InputError(f"{title_of(record)}: cycle_count is not a number in every row")
    return np.where(known, count, -1).astype(np.intp)


def _uncounted(count: NDArray[np.intp], direction: NDArray[np.int8]) -> int:
    """How often the current turns where a counter stands still; 0 where it does not."""
    if int(np.min(count)) != int(np.max(count)) and len(np.unique(count[direction != 0])) > 1:
        return 0
    turns = int(np.count_nonzero(np.diff(direction[direction != 0])))
    return turns if turns >= _TURNS else 0


def _in_order(cycle: NDArray[np.intp], ways: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The blocks of each half-cycle, the half-cycles in order of their first row."""
    active = np.flatnonzero(ways)
    if len(active) == 0:
        return []
    key = 2 * cycle[active] + (ways[active] > 0)
    order = np.argsort(key, kind="stable")
    groups = np.split(active[order], np.flatnonzero(np.diff(key[order])) + 1)
    return sorted(groups, key=lambda blocks: int(blocks[0]))


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """The parts in one array; a single one as it stands."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
