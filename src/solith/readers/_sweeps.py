"""Several spectra in one table: where one ends and the next begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["sweeps_apart"]

_COUNTERS = ("cycle_count", "sweep_count")
_SETTINGS = ("temperature", "potential", "voltage", "pressure", "state_of_charge", "soc")
_LEAST_ROWS = 3
_BACK = 0.5
_LEAST_BACK = 0.1
"""Decades; an instrument that changes its range steps back by less."""


def sweeps_apart(columns: Mapping[str, NDArray[Any]]) -> list[NDArray[np.intp]]:
    """The rows of each spectrum, in order; all frequencies are numbers above 0.

    A new one begins where the frequency turns and goes back by more than half of the range
    it had swept, where a counter of cycles or sweeps changes, and where a set temperature,
    potential or pressure does: one that stays the same over at least three rows everywhere.
    """
    frequency = np.log10(columns["frequency_hertz"])
    begins = np.zeros(len(frequency), dtype=bool)
    for name, column in columns.items():
        if len(column) < 2 or column.dtype.kind != "f":
            continue
        changes = _changes(column)
        if (name in _COUNTERS and 2 * np.sum(changes) < len(column)) or (
            name.startswith(_SETTINGS) and _least_run(changes, len(column)) >= _LEAST_ROWS
        ):
            begins[1:] |= changes
    spectra: list[NDArray[np.intp]] = []
    for block in np.split(np.arange(len(frequency)), np.flatnonzero(begins)):
        if len(block):
            spectra += np.split(block, _turns(frequency[block]))
    return spectra


def _changes(column: NDArray[np.float64]) -> NDArray[np.bool_]:
    same = (column[1:] == column[:-1]) | (np.isnan(column[1:]) & np.isnan(column[:-1]))
    return np.asarray(~same)


def _least_run(changes: NDArray[np.bool_], length: int) -> int:
    edges = np.concatenate([[0], np.flatnonzero(changes) + 1, [length]])
    return int(np.min(np.diff(edges)))


def _turns(frequency: NDArray[np.float64]) -> list[int]:
    """The places at which a new sweep of the logarithmic frequency begins."""
    turns: list[int] = []
    first = extreme = 0
    upwards = 0
    for place in range(1, len(frequency)):
        step = frequency[place] - frequency[extreme]
        if upwards == 0:
            upwards = int(np.sign(step))
            extreme = place
            continue
        if step * upwards > 0:
            extreme = place
            continue
        swept = abs(frequency[extreme] - frequency[first])
        if abs(step) > max(_BACK * swept, _LEAST_BACK):
            # One that jumps begins where it jumps to, one that turns after the turning point.
            first = place if frequency[place - 1] == frequency[extreme] else extreme + 1
            turns.append(first)
            upwards = 0
            extreme = first
            if place > first:  # what lies between the turn and here goes the new way
                upwards = int(np.sign(frequency[place] - frequency[first]))
                extreme = place
    return turns
