"""The branches of a current-voltage curve: out from zero bias, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from solith.analysis._voltammetry.sweeps import turning_rows

__all__ = ["Branch", "Loop", "loops_of", "split_branches", "without_repeats", "without_spikes"]

Array = NDArray[np.float64]

_LEAST_ROWS = 4
_BESIDE = 8
_LARGE = 0.1
"""Part of the largest current of a polarity above which a row tells the current's sign."""


@dataclass(frozen=True)
class Branch:
    """One scan between zero bias and a turning point, of one polarity (1 or -1).

    ``bias`` is the voltage's distance from zero on that side [V], ``current`` the current that
    it drives [A], positive in a passive device; ``rows`` are rows of the record, in order of
    time. ``outward`` says that the bias grows.
    """

    number: int
    polarity: int
    outward: bool
    rows: NDArray[np.intp]
    bias: Array
    current: Array


@dataclass(frozen=True)
class Loop:
    """Out to a turning point and back on the same side; either may be missing."""

    polarity: int
    outward: Branch | None
    inward: Branch | None

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Those that are there, in order of time."""
        return tuple(branch for branch in (self.outward, self.inward) if branch is not None)


def without_repeats(voltage: Array, current: Array) -> tuple[NDArray[np.intp], Array, Array]:
    """First rows, voltages and mean currents of the runs of rows at one voltage."""
    firsts = np.flatnonzero(np.append(True, np.diff(voltage) != 0))
    lengths = np.diff(np.append(firsts, len(voltage)))
    return firsts, voltage[firsts], np.add.reduceat(current, firsts) / lengths


def without_spikes(voltage: Array, current: Array) -> NDArray[np.intp]:
    """The rows that are no spike of a single row, away from turning points.

    A spike is off both neighbours to the same side, by more than three times what these differ
    by, half of their current, and twelve times the median second difference of the eight rows
    on either side.
    """
    kept = np.ones(len(current), dtype=bool)
    if len(current) < _LEAST_ROWS:
        return np.flatnonzero(kept)
    half = min(_BESIDE, (len(current) - 3) // 2)
    bent = np.pad(np.abs(np.diff(current, 2)), half, mode="reflect" if half else "edge")
    usual = np.median(np.lib.stride_tricks.sliding_window_view(bent, 2 * half + 1), axis=1)
    up, down = current[1:-1] - current[:-2], current[1:-1] - current[2:]
    off = np.minimum(np.abs(up), np.abs(down))
    beside = np.maximum(np.abs(current[:-2]), np.abs(current[2:]))
    monotonous = np.diff(voltage[:-1]) * np.diff(voltage[1:]) > 0
    kept[1:-1] = ~(
        monotonous
        & (up * down > 0)
        & (off > 3 * np.abs(current[2:] - current[:-2]))
        & (off > 0.5 * beside)
        & (off > 12 * usual)
    )
    return np.flatnonzero(kept)


def split_branches(
    rows: NDArray[np.intp], voltage: Array, current: Array
) -> tuple[list[Branch], tuple[str, ...]]:
    """The branches of at least four rows in order of time, and flags about the current's sign.

    Sweeps end where the voltage turns (:func:`solith.analysis._voltammetry.sweeps.turning_rows`)
    and are cut at zero volt. In a passive device current flows the way the voltage points. Where
    the large currents of a polarity flow against it, they are turned round, and a flag says so.
    """
    cut = []
    bounds = [0, *turning_rows(voltage), len(voltage) - 1]
    for begin, end in pairwise(bounds):
        places = np.arange(begin, end + 1)
        direction = 1 if voltage[end] > voltage[begin] else -1
        along = direction * voltage[places]
        below, not_above = int(np.sum(along < 0)), int(np.sum(along <= 0))
        cut.append((-direction, False, places[:not_above]))
        cut.append((direction, True, places[below:]))
    kept = [part for part in cut if len(part[2]) >= _LEAST_ROWS]
    signs = {side: _sign(side, kept, current) for side in (1, -1)}
    branches = [
        Branch(
            number=number,
            polarity=side,
            outward=outward,
            rows=rows[places],
            bias=side * voltage[places],
            current=signs[side] * side * current[places],
        )
        for number, (side, outward, places) in enumerate(kept, start=1)
    ]
    return branches, _told(signs, {branch.polarity for branch in branches})


def _sign(side: int, parts: Sequence[tuple[int, bool, NDArray[np.intp]]], current: Array) -> int:
    """-1 where the large currents of a polarity flow against the voltage."""
    mine = [side * current[places] for polarity, _, places in parts if polarity == side]
    if not mine:
        return 1
    driven = np.concatenate(mine)
    large = driven[np.abs(driven) >= _LARGE * np.max(np.abs(driven))]
    return -1 if np.sum(large < 0) > 0.9 * len(large) else 1


def _told(signs: dict[int, int], present: set[int]) -> tuple[str, ...]:
    turned = [side for side in sorted(present) if signs[side] < 0]
    if not turned:
        return ()
    if len(turned) == len(present):
        return ("the current is counted against the voltage: its sign was turned round",)
    side = "positive" if turned[0] > 0 else "negative"
    return (
        f"the current has one sign at both polarities: taken for its magnitude, turned round at "
        f"{side} voltage",
    )


def loops_of(branches: Sequence[Branch]) -> list[Loop]:
    """Branches out and back that follow each other on one side, in order of time."""
    loops: list[Loop] = []
    waiting: Branch | None = None
    for branch in branches:
        if branch.outward:
            if waiting is not None:
                loops.append(Loop(waiting.polarity, waiting, None))
            waiting = branch
            continue
        partner = waiting if waiting is not None and waiting.polarity == branch.polarity else None
        if waiting is not None and partner is None:
            loops.append(Loop(waiting.polarity, waiting, None))
        loops.append(Loop(branch.polarity, partner, branch))
        waiting = None
    if waiting is not None:
        loops.append(Loop(waiting.polarity, waiting, None))
    return loops
