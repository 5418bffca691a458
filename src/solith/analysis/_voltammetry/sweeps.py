"""The sweeps of a voltammogram."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._lines import fit_straight
from solith.analysis._rows import title_of, usable_rows
from solith.analysis._voltammetry.sweep_noise import noise_of
from solith.core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["Sweep", "sweeps_of", "turning_rows"]

_VARIABLES = ("test_time_second", "voltage_volt", "current_ampere")

_TURN = 0.02
"""The potential turns where it goes back by more than this part of its whole range."""

_TURN_NOISE = 8
"""The same in standard deviations of the potential's scatter, where that is more."""

_FULL = 0.95
"""A sweep over more than this part of the range between turning points is a full one."""

_EVEN = 0.02
"""Part of its span by which a potential may leave a straight line in time and change evenly."""


@dataclass(frozen=True)
class Sweep:
    """One scan of the potential in one direction: 1 upwards (anodic), -1 downwards.

    ``rate`` is dV/dt by least squares [V/s], ``departure`` the largest distance of the
    potential from that line [V]. ``cycle`` is 0 before the first full sweep.
    """

    number: int
    direction: int
    cycle: int
    full: bool
    time: NDArray[np.float64]
    potential: NDArray[np.float64]
    current: NDArray[np.float64]
    rate: float
    departure: float

    @property
    def even(self) -> bool:
        """Whether the potential follows a straight line in time."""
        return self.departure <= _EVEN * float(np.ptp(self.potential))


def sweeps_of(record: Record) -> tuple[list[Sweep], tuple[str, ...]]:
    """The sweeps of a voltammogram, and a flag if rows were left out."""
    rows, dropped = usable_rows(record, "voltammogram", _VARIABLES, at_least=5)
    time, potential, current = (record.array(name)[rows] for name in _VARIABLES)
    back = np.flatnonzero(np.diff(time) < 0)
    if len(back):
        raise InputError(
            f"{title_of(record)}: test_time_second runs backwards after "
            f"{time[back[0]]:g} s (row {rows[back[0]] + 1})"
        )
    if np.ptp(potential) == 0:
        raise InputError(f"{title_of(record)}: the potential does not change; there is no sweep")
    return _split_sweeps(time, potential, current), dropped


def _split_sweeps(
    time: NDArray[np.float64], potential: NDArray[np.float64], current: NDArray[np.float64]
) -> list[Sweep]:
    """The sweeps between the turning points of the potential, in order of time.

    Two sweeps are a cycle, counted from the first full one (from the first one where no
    two full ones follow each other).
    """
    turns = turning_rows(potential)
    bounds = [0, *turns, len(potential) - 1]
    spans = [slice(a, b + 1) for a, b in pairwise(bounds) if b > a]
    window = float(np.ptp(potential[turns if len(turns) > 1 else bounds]))
    full = [abs(potential[s][-1] - potential[s][0]) > _FULL * window for s in spans]
    pairs = [place for place in range(len(full) - 1) if full[place] and full[place + 1]]
    first = pairs[0] if pairs else 0
    sweeps = []
    for place, span in enumerate(spans):
        rate, departure = _rate(time[span], potential[span])
        sweeps.append(
            Sweep(
                number=place + 1,
                direction=1 if potential[span][-1] > potential[span][0] else -1,
                cycle=(place - first) // 2 + 1 if place >= first else 0,
                full=bool(full[place]),
                time=time[span],
                potential=potential[span],
                current=current[span],
                rate=rate,
                departure=departure,
            )
        )
    return sweeps


def turning_rows(potential: NDArray[np.float64]) -> list[int]:
    """The rows at which the potential turns, without the first and the last."""
    from scipy.signal import find_peaks

    span = float(np.ptp(potential))
    if span == 0:
        return []
    least = float(np.clip(_TURN_NOISE * noise_of(potential), _TURN * span, span / 4))
    upper, _ = find_peaks(potential, prominence=least)
    lower, _ = find_peaks(-potential, prominence=least)
    return sorted([*upper.tolist(), *lower.tolist()])


def _rate(time: NDArray[np.float64], potential: NDArray[np.float64]) -> tuple[float, float]:
    if len(np.unique(time)) < 2:
        return 0.0, 0.0
    line = fit_straight(time, potential)
    return line.slope, float(np.max(np.abs(potential - line.along(time))))
