"""What a voltammogram's sweeps show to be wrong with the current."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._voltammetry.sweep_noise import noise_of

if TYPE_CHECKING:
    from solith.analysis._voltammetry.sweeps import Sweep

__all__ = ["faults_of"]

_DRIFT = 0.01
"""Part of the span of current by which cycles differ when the current drifts."""

_EVEN_OFFSET = 3.0
"""An offset is this many times the spread of the difference about it."""

_GAP = 5.0
"""A step of the potential is a gap where it is this many times the usual one and 1 % of all."""


def faults_of(sweeps: Sequence[Sweep], cycle: int) -> tuple[str, ...]:
    """Flags of a cycle: the current's sign, its drift from cycle to cycle, missing rows."""
    mine = [sweep for sweep in sweeps if sweep.cycle == cycle]
    return (*_sign(mine), *_drift(sweeps, mine), *_gaps(mine))


def _sign(mine: Sequence[Sweep]) -> tuple[str, ...]:
    """Oxidation passes positive current: a rising sweep whose charge is negative is turned.

    Both directions have to say so, where there are both: a sweep alone is offset, not turned.
    """
    if not mine:
        return ()
    charges = [sweep.direction * float(np.trapezoid(sweep.current, sweep.time)) for sweep in mine]
    if all(charge < 0 for charge in charges):
        return ("sign of the current: negative while the potential rises, or the reverse",)
    return ()


def _drift(sweeps: Sequence[Sweep], mine: Sequence[Sweep]) -> tuple[str, ...]:
    """A nearly constant difference between sweeps of one direction in successive cycles.

    Linear drift shifts a whole sweep by the same current; what diffusion or ageing changes from
    cycle to cycle changes with the potential.
    """
    worst = 0.0
    for sweep in mine:
        for other in sweeps:
            if other.direction != sweep.direction or abs(other.cycle - sweep.cycle) != 1:
                continue
            if not (other.full and sweep.full):
                continue
            shift, spread = _offset(sweep, other)
            span = float(np.ptp(sweep.current))
            if abs(shift) > max(_DRIFT * span, _EVEN_OFFSET * spread):
                worst = max(worst, abs(shift) / span)
    if not worst:
        return ()
    return (f"the cycle does not close: current drifts by {100 * worst:.2g} % of its span a cycle",)


def _offset(sweep: Sweep, other: Sweep) -> tuple[float, float]:
    """Median difference between two sweeps, and its spread beside their noise."""
    low = max(sweep.potential.min(), other.potential.min())
    high = min(sweep.potential.max(), other.potential.max())
    inside = np.linspace(low + 0.05 * (high - low), high - 0.05 * (high - low), 200)
    currents = []
    for one in (sweep, other):
        order = np.argsort(one.potential, kind="stable")
        currents.append(np.interp(inside, one.potential[order], one.current[order]))
    difference = currents[1] - currents[0]
    noise = float(np.hypot(noise_of(sweep.current), noise_of(other.current)))
    spread = max(float(np.std(difference)) ** 2 - noise**2, 0.0) ** 0.5
    return float(np.median(difference)), spread


def _gaps(mine: Sequence[Sweep]) -> tuple[str, ...]:
    """Steps that are long in potential and in time: a potential that scatters has no gaps."""
    count = 0
    for sweep in mine:
        steps, times = np.abs(np.diff(sweep.potential)), np.diff(sweep.time)
        moving = steps > 0
        if not moving.any():
            continue
        usual = _GAP * np.median(steps[moving])
        late = times > _GAP * np.median(times)
        far = steps > max(usual, 0.01 * float(np.ptp(sweep.potential)))
        count += int(np.sum(far & late))
    return (f"gaps in the potential: {count}",) if count else ()
