"""The steps of constant current that a symmetric cell went through, told by the current alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solith.analysis._half_cycles import find_pulses
from solith.analysis._rows import title_of, usable_rows
from solith.core.errors import InputError
from solith.core.scatter import robust_deviation, row_noise

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["SAME_LEVEL", "CurrentStep", "Samples", "find_current_steps", "looks_symmetric"]

Array = NDArray[np.float64]

SAME_LEVEL = 0.02
"""Part by which currents of one level differ at most: more tells the next one from drift."""

_REST = 1e-4
"""Part of the largest current below which the cell rests: tests span up to three decades."""

_MOST_REST = 3e-3
_SCATTERS = 6.0  # standard deviations of the current's noise that a rest or a jump goes beyond
_SIDE = 5  # rows on either side of a jump whose medians are compared
_FEW = 2  # rows that are no step
_BREAK = 3  # rows that may interrupt a step
_LET_GO = 0.05  # part of its level that a held current stays within
_AGREES = 0.9  # of the power: voltage and current of one sign, or of opposite ones
_AT_REST = 0.2  # of the polarisation: the voltage of a rest
_FLOWS = 0.01  # of the largest current
_VARIABLES = ("test_time_second", "voltage_volt", "current_ampere")


@dataclass(frozen=True)
class Samples:
    """Usable rows of a record: time [s], voltage [V], current [A]."""

    time: Array
    voltage: Array
    current: Array


@dataclass(frozen=True)
class CurrentStep:
    """A constant current in one direction.

    ``level`` counts the different currents from 1, in order of time. ``rows`` are those of
    :class:`Samples` while the current was held, ``before`` the last row before them. ``start``
    is the time at which the current was switched on [s], ``charge`` what passed from there to
    the last row [C], that after the current was let go included; ``charge_spread`` is its standard
    uncertainty by switches that lie between two rows. ``held`` is false where the
    current left its level before the flow ended. ``rested`` says whether a rest came before.
    """

    direction: int
    level: int
    current: float
    rows: NDArray[np.intp]
    before: int | None
    start: float
    stop: float
    charge: float
    charge_spread: float
    held: bool
    rested: bool

    @property
    def duration(self) -> float:
        """From the switch to the last row [s]."""
        return self.stop - self.start


def find_current_steps(record: Record) -> tuple[Samples, list[CurrentStep], tuple[str, ...]]:
    """Usable rows, the steps in order of time, and flags.

    A step is a flow in one direction whose current stays at one level. A level changes where the
    medians of five rows on either side differ by more than 2 % and six standard deviations of the
    current's own noise; steps whose currents differ by less, in either direction, are of one
    level. Flows that a row or two without current interrupt are one step.

    Raises :class:`InputError` as :func:`solith.analysis._half_cycles.find_pulses` does and where
    no current flows.
    """
    usable, _ = usable_rows(record, "cycling", _VARIABLES, at_least=2)
    samples = Samples(*(record.array(name)[usable] for name in _VARIABLES))
    pulses, flags = find_pulses(record, noise=_rest_level(samples.current))
    if not pulses:
        raise InputError(f"{title_of(record)} holds no flow of current; expected steps of current")
    places = np.full(len(record), -1, dtype=np.intp)
    places[usable] = np.arange(len(usable))
    flows: list[NDArray[np.intp]] = []
    for pulse in pulses:
        flows += _split(places[pulse.rows], samples.current)
    steps: list[CurrentStep] = []
    highest: list[float] = []
    for rows in _joined(flows, samples.current):
        step = _step(rows, samples, steps)
        size = abs(step.current)
        if not highest or abs(size - highest[-1]) > SAME_LEVEL * highest[-1]:
            highest.append(size)
        steps.append(CurrentStep(**{**step.__dict__, "level": len(highest)}))
    return samples, steps, flags


def looks_symmetric(record: Record) -> bool:
    """Whether a record is that of a symmetric cell: all its voltage is polarisation.

    In both directions nearly all of the electric power has one sign, the same in both (a
    battery takes it up in charge and gives it back in discharge), and the voltage at rest, if
    there is a rest, is a small part of that under current. A record of one direction tells
    only by its rests. False for whatever else, without an error.
    """
    if record.kind != "cycling":
        return False
    voltage, current = record.array("voltage_volt"), record.array("current_ampere")
    usable = np.isfinite(voltage) & np.isfinite(current)
    voltage, current = voltage[usable], current[usable]
    largest = float(np.max(np.abs(current), initial=0.0))
    if largest == 0:
        return False
    power = voltage * (current / largest)
    signs, sides = set(), 0
    for way in (1, -1):
        mine = power[way * current > _FLOWS * largest]
        whole = float(np.sum(np.abs(mine)))
        if len(mine) < _FEW or whole == 0:
            continue
        agreed = float(np.sum(mine)) / whole
        if abs(agreed) < _AGREES:
            return False
        signs.add(agreed > 0)
        sides += 1
    resting = np.abs(voltage[np.abs(current) <= _FLOWS * largest / _SIDE])
    flowing = np.abs(voltage[np.abs(current) > _FLOWS * largest])
    still = len(resting) >= _SIDE
    if still and float(np.median(resting)) > _AT_REST * float(np.median(flowing)):
        return False
    return len(signs) == 1 and (sides == 2 or still)


def _rest_level(current: Array) -> float:
    """The part of the largest current that a resting instrument's scatter stays below."""
    largest = float(np.max(np.abs(current), initial=0.0))
    if len(current) < _SIDE or largest == 0:
        return _REST
    low = np.abs(current) < 0.02 * largest
    both = low[1:] & low[:-1]
    scatter = robust_deviation(np.diff(current)[both]) / 2**0.5 if both.any() else 0.0
    return float(np.clip(_SCATTERS * scatter / largest, _REST, _MOST_REST))


def _split(rows: NDArray[np.intp], current: Array) -> list[NDArray[np.intp]]:
    """A flow in one direction, cut where its current jumps from one level to another."""
    size = np.abs(current[rows])
    if len(rows) < 2 * _SIDE:
        cuts = _cuts_of_few(size)
    else:
        changes = np.abs(np.diff(size))
        scatter = row_noise(size, 1)
        likely = np.flatnonzero(changes > np.maximum(SAME_LEVEL * size[:-1] / 2, 5 * scatter))
        cuts = []
        for place in likely:
            left = float(np.median(size[max(0, place + 1 - _SIDE) : place + 1]))
            right = float(np.median(size[place + 1 : place + 1 + _SIDE]))
            if abs(right - left) <= max(SAME_LEVEL * left, _SCATTERS * scatter / _SIDE**0.5):
                continue
            if cuts and place + 1 - cuts[-1] <= _FEW:  # a row in between took part in both
                if changes[place] > changes[cuts[-1] - 1]:
                    cuts[-1] = int(place + 1)
                continue
            cuts.append(int(place + 1))
    parts = np.split(rows, cuts)
    return _without_decay([part for part in parts if len(part) >= _FEW], current)


def _cuts_of_few(size: Array) -> list[int]:
    """The same for a flow of few rows: any lasting change by more than 5 %."""
    jumps = np.abs(np.diff(size)) > _LET_GO * size[:-1]
    return [int(place + 1) for place in np.flatnonzero(jumps)]


def _without_decay(parts: list[NDArray[np.intp]], current: Array) -> list[NDArray[np.intp]]:
    """Parts of one flow; those in which the current falls all along belong to the one before.

    A current that its instrument no longer holds decays: its pieces are no levels.
    """
    kept: list[NDArray[np.intp]] = []
    for part in parts:
        if (
            kept
            and _decays(np.abs(current[part]))
            and _size(part, current) < _size(kept[-1], current)
        ):
            kept[-1] = np.arange(kept[-1][0], part[-1] + 1)
        else:
            kept.append(part)
    return kept


def _decays(size: Array) -> bool:
    third = max(1, len(size) // 3)
    return float(np.median(size[-third:])) < (1 - _LET_GO) * float(np.median(size[:third]))


def _size(rows: NDArray[np.intp], current: Array) -> float:
    return float(np.median(np.abs(current[rows])))


def _joined(flows: list[NDArray[np.intp]], current: Array) -> list[NDArray[np.intp]]:
    """The flows; one that a row or two interrupt, and that goes on alike, is one flow."""
    found: list[NDArray[np.intp]] = []
    for rows in flows:
        if found and rows[0] - found[-1][-1] <= _BREAK and rows[0] - found[-1][-1] > 1:
            one, other = (float(np.median(current[part])) for part in (found[-1], rows))
            if abs(other - one) <= SAME_LEVEL * abs(one):
                found[-1] = np.concatenate([found[-1], rows])
                continue
        found.append(rows)
    return found


def _step(rows: NDArray[np.intp], samples: Samples, before: list[CurrentStep]) -> CurrentStep:
    time, current = samples.time[rows], samples.current[rows]
    first = max(3, len(rows) // 10)
    level = float(np.median(current[:first]))
    between = robust_deviation(np.diff(current[: max(first, _SIDE)]))  # two rows
    near = np.abs(current - level) <= max(_LET_GO * abs(level), _SCATTERS * between)
    last = int(np.flatnonzero(near)[-1]) if near.any() else len(rows) - 1
    held = len(rows) - 1 - last <= max(_FEW, len(rows) // 20)
    kept = rows if held else rows[: last + 1]
    spacing = float(np.median(np.diff(time)))
    ahead = int(rows[0]) - 1
    start = float(time[0]) - spacing
    if ahead >= 0:
        start = max(start, float(samples.time[ahead]))
    start = start if ahead >= 0 else float(time[0])
    charge = np.trapezoid(np.abs(current), time) + abs(current[0]) * (time[0] - start)
    behind = int(rows[-1]) + 1
    after = min(spacing, samples.time[behind] - time[-1]) if behind < len(samples.time) else 0.0
    unknown = float(np.hypot(time[0] - start, after)) / 12**0.5
    gap = ahead - int(before[-1].rows[-1]) if before else ahead + 1
    return CurrentStep(
        direction=1 if level > 0 else -1,
        level=0,
        current=float(np.mean(samples.current[kept])),
        rows=kept,
        before=ahead if ahead >= 0 else None,
        start=start,
        stop=float(time[-1]),
        charge=float(charge),
        charge_spread=abs(level) * unknown,
        held=held,
        rested=gap > _FEW,
    )
