"""Whether a table of time, potential and current is a voltammogram, by its potential alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["is_swept"]

_SAME_RATE = 0.05
"""Part by which the slope of the potential may leave the scan rate, within a block of rows."""

_MOSTLY = 0.7
"""Part of the blocks, from the first that moves, that must be swept at the scan rate."""

_OTHER_WAY = 0.1
"""Part of the swept blocks that must go the rarer way: there is a turn."""

_CHANGE = 0.25
"""Change of the current along a sweep, over its largest, above which it is not constant."""

_OF_NOISE = 10.0
"""Change of the current along a sweep, over the noise of a block's median current."""

_LEAST_RUN = 4
_AT_START = 0.15
"""Part of a sweep that does not count for its current, which may overshoot there."""

_LEAST_BLOCKS, _LEAST_WIDTH = 12, 4
_WINDOWS, _BLOCKS_OF_WINDOW, _ROWS_OF_BLOCK = 128, 32, 64


def is_swept(
    time: NDArray[np.float64], potential: NDArray[np.float64], current: NDArray[np.float64]
) -> bool:
    """Whether the potential is a triangle wave over time while the current is not constant.

    Straight lines are fitted to blocks of rows, of widths from 4 rows up by factors of two. At
    one width, seven in ten blocks (a rest at the start does not count) must have slopes of
    equal size within 5 %, with both signs. The median current of the blocks, and its product
    with the potential, must change along most sweeps by a quarter of the largest, by ten times
    its noise, and by twice what it changes within a block: a constant current or power, which
    can give a straight potential too, does not change, and current pulses change within the
    blocks that are wide enough to hold them.

    Arrays (row,) in s, V and A; of long ones 4096 blocks at each width are looked at.
    """
    whole = np.isfinite(time) & np.isfinite(potential) & np.isfinite(current)
    if not np.all(whole):
        time, potential, current = time[whole], potential[whole], current[whole]
    width = _LEAST_WIDTH
    while len(time) >= _LEAST_BLOCKS * width:
        rows, window = _blocks(len(time), width)
        if _shows_sweeps(time[rows], potential[rows], current[rows], window):
            return True
        width *= 2
    return False


def _blocks(length: int, width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows (block, row) of blocks that lie side by side within windows; each block's window."""
    count = length // width
    if count <= _WINDOWS * _BLOCKS_OF_WINDOW:
        block, window = np.arange(count), np.zeros(count, dtype=np.intp)
    else:
        first = np.linspace(0, count - _BLOCKS_OF_WINDOW, _WINDOWS).astype(np.intp)
        block = (first[:, None] + np.arange(_BLOCKS_OF_WINDOW)).ravel()
        window = np.repeat(np.arange(_WINDOWS), _BLOCKS_OF_WINDOW)
    inside = np.linspace(0, width - 1, min(width, _ROWS_OF_BLOCK)).astype(np.intp)
    return block[:, None] * width + inside, window


def _shows_sweeps(
    time: NDArray[np.float64],
    potential: NDArray[np.float64],
    current: NDArray[np.float64],
    window: NDArray[np.intp],
) -> bool:
    with np.errstate(all="ignore"):
        way = _ways(time, potential)
        if way is None:
            return False
        edges = np.flatnonzero((np.diff(way) != 0) | (np.diff(window) != 0)) + 1
        runs = [run for run in np.split(np.arange(len(way)), edges) if way[run[0]] != 0]
        return all(_changes(flow, runs) for flow in (current, current * potential))


def _changes(flow: NDArray[np.float64], runs: Sequence[NDArray[np.intp]]) -> bool:
    """Whether a flow (block, row) changes along most of the runs of blocks."""
    middle, swept = np.median(flow, axis=1), np.concatenate(runs)
    within = float(np.median(np.ptp(flow[swept], axis=1)))
    noise = float(np.median(np.abs(np.diff(flow[swept], n=2, axis=1)))) / (0.6745 * np.sqrt(6))
    noise *= np.sqrt(np.pi / 2 / flow.shape[1])  # of a block's median
    seen = changing = 0
    for run in runs:
        if len(run) < _LEAST_RUN:
            continue
        late = middle[run[max(1, round(_AT_START * len(run))) :]]
        least = max(_OF_NOISE * noise, 2.0 * within, _CHANGE * float(np.max(np.abs(late))))
        seen += len(run)
        if float(np.ptp(late)) > least:
            changing += len(run)
    return 2 * changing > seen


def _ways(time: NDArray[np.float64], potential: NDArray[np.float64]) -> NDArray[np.intp] | None:
    """1 and -1 for each block swept up and down at the scan rate, 0 for others.

    ``None`` where too few are swept, or all in one direction.
    """
    elapsed = time - np.mean(time, axis=1, keepdims=True)
    slope = np.sum(elapsed * potential, axis=1) / np.sum(elapsed * elapsed, axis=1)
    slope[~np.isfinite(slope) | np.any(np.diff(time, axis=1) < 0, axis=1)] = 0.0
    size = np.abs(slope)
    moves = size > 0.3 * np.quantile(size, 0.9)
    if not np.any(moves):
        return None
    rate = float(np.median(size[moves]))
    same = np.abs(size - rate) < _SAME_RATE * rate
    from_first_move = len(size) - int(np.argmax(same))
    swept = int(np.sum(same))
    way = np.where(same, np.sign(slope), 0.0).astype(np.intp)
    rarer = min(int(np.sum(way > 0)), int(np.sum(way < 0)))
    if swept < _MOSTLY * from_first_move or rarer < max(2, _OTHER_WAY * swept):
        return None
    return way
