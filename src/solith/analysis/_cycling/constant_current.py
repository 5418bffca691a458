"""The part of a half-cycle that runs at its one constant current: charge and voltage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solith.analysis._half_cycles import HalfCycle
from solith.analysis._voltage_noise import find_noise, find_resolution
from solith.core.scatter import row_noise

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["ONE_CURRENT", "ConstantCurrent", "constant_current", "main_current", "wrong_way"]

Array = NDArray[np.float64]

ONE_CURRENT = 0.05
"""Part by which a current may differ from that of its half-cycle and be constant."""

_SCATTER = 4.0  # standard deviations of the current's own noise
_LEFT_OUT = 0.02  # of the charge, worth a flag
_GAP_PART = 0.02  # of the charge between two rows
_GAPS_TOLD = 3  # one by one
_GAP_ROWS = 5.0  # times the usual charge between two rows
_QUANTISED = 12**-0.5  # standard deviation of an evenly spread error of 1


@dataclass(frozen=True)
class ConstantCurrent:
    """Rising ``charge`` [C] from the half-cycle's begin, and ``voltage`` [V], row by row.

    ``noise`` is the voltage's standard deviation, that of its ``resolution`` included. ``gaps``
    are pairs of voltages between which no row lies, ``gap_charges`` the charges there.
    """

    half: HalfCycle
    current: float
    charge: Array
    voltage: Array
    noise: float
    resolution: float
    gaps: tuple[tuple[float, float], ...]
    gap_charges: tuple[tuple[float, float], ...]
    flags: tuple[str, ...]

    @property
    def capacity(self) -> float:
        """Charge passed at this current [C]."""
        return float(self.charge[-1] - self.charge[0])


def constant_current(record: Record, half: HalfCycle) -> ConstantCurrent:
    """The intervals whose current stays within 5 % of the level that passes most charge.

    Holds at constant voltage, rests and other currents are left out; what that is, and
    whether the voltage goes the way the current should drive it, is told in ``flags``.
    """
    current = record.array("current_ampere")
    voltage = record.array("voltage_volt")
    level, width = _main_level(current, half)
    steady = np.abs(np.abs(current[half.starts]) - level) <= width
    steady &= np.abs(np.abs(current[half.stops]) - level) <= width
    steady &= half.charges > 0
    flags: list[str] = []
    left_out = 1 - float(np.sum(half.charges[steady])) / half.charge
    if left_out > _LEFT_OUT:
        flags.append(
            f"{100 * left_out:.2g} % of the charge passed in a hold or at other currents than "
            f"{1e3 * level:.3g} mA and is left out"
        )
    if not steady.any():
        empty = np.empty(0)
        return ConstantCurrent(half, level, empty, empty, 0.0, 0.0, (), (), tuple(flags))
    starts, stops, passed = half.starts[steady], half.stops[steady], half.charges[steady]
    breaks = int(np.sum(starts[1:] != stops[:-1]))
    if breaks:
        flags.append(f"interrupted {breaks} times; the voltage settles anew after each")
    before = float(np.sum(half.charges[: int(np.argmax(steady))]))
    charge = before + np.concatenate([[0.0], np.cumsum(passed)])
    seen = voltage[np.concatenate([starts[:1], stops])]
    rising = np.concatenate([[True], np.diff(charge) > 0])
    charge, seen = charge[rising], seen[rising]
    resolution = find_resolution(seen)
    noise = max(find_noise(charge, seen), _QUANTISED * resolution)
    flags += wrong_way(record, half)
    gaps, gap_charges = _gaps(charge, seen)
    flags += _told_of_gaps(gaps, gap_charges, float(charge[-1] - charge[0]))
    return ConstantCurrent(
        half, level, charge, seen, noise, resolution, gaps, gap_charges, tuple(flags)
    )


def _told_of_gaps(
    gaps: Sequence[tuple[float, float]], charges: Sequence[tuple[float, float]], whole: float
) -> list[str]:
    """The largest gaps one by one, the others together."""
    parts = [100 * (end - begin) / whole for begin, end in charges]
    order = sorted(range(len(parts)), key=lambda place: -parts[place])
    told = [
        f"no rows between {gaps[place][0]:.4g} and {gaps[place][1]:.4g} V, "
        f"{parts[place]:.2g} % of the charge"
        for place in sorted(order[:_GAPS_TOLD])
    ]
    if others := order[_GAPS_TOLD:]:
        rest = sum(parts[place] for place in others)
        told.append(f"no rows in {len(others)} smaller gaps, {rest:.2g} % of the charge together")
    return told


def main_current(record: Record, half: HalfCycle) -> float:
    """The current [A], without sign, about which most of the charge passes (within 5 %)."""
    return _main_level(record.array("current_ampere"), half)[0]


def wrong_way(record: Record, half: HalfCycle) -> tuple[str, ...]:
    """A flag where the voltage falls in charge or rises in discharge."""
    voltage = record.array("voltage_volt")
    middle = (voltage[half.starts] + voltage[half.stops]) / 2
    charge = np.cumsum(half.charges)
    rise = half.direction * float(np.dot(charge - np.mean(charge), middle - np.mean(middle)))
    if rise >= 0:
        return ()
    way, verb = ("charge", "falls") if half.direction > 0 else ("discharge", "rises")
    return (f"the voltage {verb} in {way}: the current's sign may be the wrong way round",)


def _main_level(current: Array, half: HalfCycle) -> tuple[float, float]:
    """The current about which most charge passes, and how far the same level reaches."""
    flow = np.abs(current[half.starts] + current[half.stops]) / 2
    charges = half.charges
    scatter = row_noise(flow, 1) if len(flow) > 2 else 0.0
    order = np.argsort(flow)
    flow, total = flow[order], np.concatenate([[0.0], np.cumsum(charges[order])])
    reach = np.maximum(ONE_CURRENT * flow, _SCATTER * scatter)
    low = np.searchsorted(flow, flow - reach, side="left")
    high = np.searchsorted(flow, flow + reach, side="right")
    best = int(np.argmax(total[high] - total[low]))
    window = slice(int(low[best]), int(high[best]))
    level = float(np.median(flow[window]))
    return level, max(ONE_CURRENT * level, _SCATTER * scatter)


def _gaps(
    charge: Array, voltage: Array
) -> tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]:
    """Pairs of voltages, and of charges, between which rows are missing."""
    passed = np.diff(charge)
    usual = float(np.median(passed)) if len(passed) else 0.0
    wide = (passed > _GAP_PART * (charge[-1] - charge[0])) & (passed > _GAP_ROWS * usual)
    places = np.flatnonzero(wide)
    between = tuple((float(voltage[at]), float(voltage[at + 1])) for at in places)
    return between, tuple((float(charge[at]), float(charge[at + 1])) for at in places)
