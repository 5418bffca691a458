"""The filaments of a memristor through the dwells of a sweep, compiled."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from solith.interface import filament

__all__ = ["BRIDGED", "EMPTY", "GROWING", "RUPTURED", "Constants", "sweep"]

Array = NDArray[Any]

EMPTY, GROWING, BRIDGED, RUPTURED = 0, 1, 2, 3

_TOLERANCE = 1e-10
_SNAP = 1e-11
_BISECTIONS = 80

_deposition = njit(cache=True, nogil=True)(filament.deposition_current)
_front = njit(cache=True, nogil=True)(filament.front_resistance)
_wall = njit(cache=True, nogil=True)(filament.wall_resistance)
_section = njit(cache=True, nogil=True)(filament.conducting_section)

# Dormand and Prince, 10.1016/0771-050X(80)90013-3, fifth order with an error of the fourth
# (coefficients recalled; the tests see the order).
_STAGES = np.array(
    [
        [0, 0, 0, 0, 0, 0],
        [1 / 5, 0, 0, 0, 0, 0],
        [3 / 40, 9 / 40, 0, 0, 0, 0],
        [44 / 45, -56 / 15, 32 / 9, 0, 0, 0],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0, 0],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0],
        [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
    ]
)
_ERROR = np.array([71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40])


class Constants(NamedTuple):
    """Numbers that do not change, SI; ``volume`` is that of lithium by charge [m3/C]."""

    thickness: float
    widest: float
    ionic: float
    leak: float
    resistivity: float
    exchange: float
    thermal: float
    linear: bool
    part: float
    volume: float
    series: float
    compliance: float


@njit(cache=True, nogil=True)
def sweep(
    voltage: Array,
    dwell: Array,
    onset: Array,
    nucleus: Array,
    kind: Array,
    size: Array,
    body: Array,
    charge: float,
    weight: Array,
    constants: Constants,
    out: Array,
) -> float:
    """Go through the ``voltage`` of one cycle, each for its ``dwell`` [s]; the charge at its end.

    For each class of ``weight`` alike filaments: ``onset`` its nucleation bias [V], ``nucleus``
    the radius of its nucleus [m]; ``kind`` its state, ``size`` (2, classes) height and radius
    (of the neck, once through) [m], ``body`` its section at the lithium [m2]; these are changed.
    Rows of ``out``: local voltage [V], current [A], charge [C], charge by volume [C],
    filaments that conduct, and the radius of the widest neck [m], at the end of each dwell.
    """
    count = kind.size
    y = np.empty(2 * count + 1)
    y[:count], y[count : 2 * count], y[2 * count] = size[0], size[1], charge
    for row in range(voltage.size):
        applied = voltage[row]
        _nucleate(applied, onset, nucleus, kind, y, body, weight, constants)
        _dwell(applied, dwell[row], kind, y, body, weight, constants)
        local = _local(applied, kind, y, body, weight, constants)
        rates = np.empty_like(y)
        _rates(applied, kind, _full(applied, y, constants), y, body, weight, constants, rates)
        conductance = _conductance(kind, y, body, weight, constants)
        flowing = local * conductance - rates[2 * count]
        flowing = min(max(flowing, -constants.compliance), constants.compliance)
        lithium, through, widest = 0.0, 0.0, 0.0
        for i in range(count):
            lithium += weight[i] * _volume(kind[i], y[i], y[count + i], body[i], constants)
            if kind[i] == BRIDGED:
                through += weight[i]
                widest = max(widest, y[count + i])
        out[row, 0], out[row, 1], out[row, 2] = local, flowing, y[2 * count]
        out[row, 3], out[row, 4], out[row, 5] = lithium / constants.volume, through, widest
    size[0], size[1] = y[:count], y[count : 2 * count]
    return float(y[2 * count])


@njit(cache=True, nogil=True)
def _volume(kind: int, height: float, radius: float, body: float, constants: Constants) -> float:
    section = np.pi * radius * radius
    if kind == GROWING:
        return section * height
    if kind == BRIDGED:
        return constants.thickness * (section + body) / 2
    return constants.thickness * body / 2 if kind == RUPTURED else 0.0


@njit(cache=True, nogil=True)
def _conductance(kind: Array, y: Array, body: Array, weight: Array, constants: Constants) -> float:
    section = 0.0
    count = kind.size
    for i in range(count):
        if kind[i] == BRIDGED:
            radius = y[count + i]
            if radius > 0:
                section += weight[i] * _section(np.pi * radius * radius, body[i])
    return float(section / (constants.resistivity * constants.thickness) + constants.leak)


@njit(cache=True, nogil=True)
def _local(
    applied: float, kind: Array, y: Array, body: Array, weight: Array, constants: Constants
) -> float:
    conductance: float = _conductance(kind, y, body, weight, constants)
    local = applied / (1 + constants.series * conductance)
    if abs(local) * conductance > constants.compliance:
        limited = constants.compliance / conductance
        return limited if applied > 0 else -limited
    return local


@njit(cache=True, nogil=True)
def _nucleate(
    applied: float,
    onset: Array,
    nucleus: Array,
    kind: Array,
    y: Array,
    body: Array,
    weight: Array,
    constants: Constants,
) -> None:
    local = _local(applied, kind, y, body, weight, constants)
    count = kind.size
    for i in range(count):
        if -local < onset[i] or kind[i] == GROWING or kind[i] == BRIDGED:
            continue
        radius = min(nucleus[i], constants.widest)
        before = _volume(kind[i], y[i], y[count + i], body[i], constants)
        y[count + i] = radius
        if kind[i] == EMPTY:
            kind[i], y[i] = GROWING, min(radius, constants.thickness / 2)
        else:
            kind[i] = BRIDGED
        after = _volume(kind[i], y[i], radius, body[i], constants)
        y[2 * count] += weight[i] * (after - before) / constants.volume


@njit(cache=True, nogil=True)
def _full(applied: float, y: Array, constants: Constants) -> Array:
    """Which necks fill the electrode and would widen."""
    count = y.size // 2
    return (y[count : 2 * count] >= constants.widest) & (applied < 0)


@njit(cache=True, nogil=True)
def _rates(
    applied: float,
    kind: Array,
    full: Array,
    y: Array,
    body: Array,
    weight: Array,
    constants: Constants,
    rates: Array,
) -> None:
    drive = -_local(applied, kind, y, body, weight, constants)
    count = kind.size
    rates[:] = 0.0
    for i in range(count):
        if kind[i] != GROWING and kind[i] != BRIDGED:
            continue
        radius = max(y[count + i], 0.0)
        height = y[i] if kind[i] == GROWING else constants.thickness
        total = 0.0
        if kind[i] == GROWING:
            front = _deposition(
                drive,
                _front(radius, constants.ionic),
                constants.exchange,
                constants.thermal,
                constants.linear,
            )
            rates[i] = front * constants.volume
            total += np.pi * radius * radius * front
        if not full[i]:
            wall = constants.part * _deposition(
                drive,
                _wall(radius, max(height, 0.0), constants.ionic),
                constants.exchange,
                constants.thermal,
                constants.linear,
            )
            rates[count + i] = wall * constants.volume
            reached = height if kind[i] == GROWING else height / 2
            total += 2 * np.pi * radius * reached * wall
        rates[2 * count] += weight[i] * total


@njit(cache=True, nogil=True)
def _dwell(
    applied: float,
    dwell: float,
    kind: Array,
    y: Array,
    body: Array,
    weight: Array,
    constants: Constants,
) -> None:
    """Integrate over one dwell at constant applied voltage, from event to event."""
    if applied == 0.0 or not ((kind == GROWING) | (kind == BRIDGED)).any():
        return
    stages, trial = np.empty((7, y.size)), np.empty_like(y)
    left, step = dwell, dwell
    while left > 0.0:
        full = _full(applied, y, constants)
        _rates(applied, kind, full, y, body, weight, constants, stages[0])
        step = min(step, left)
        error = _try(applied, step, kind, full, y, body, weight, constants, stages, trial)
        while error > 1.0:
            step *= max(0.2, 0.9 * error**-0.2)
            error = _try(applied, step, kind, full, y, body, weight, constants, stages, trial)
        wanted = step * min(5.0, 0.9 * max(error, 1e-8) ** -0.2)
        if _beyond(kind, full, trial, constants) > 0.0:
            low, high = 0.0, step
            for _ in range(_BISECTIONS):
                step = (low + high) / 2
                _try(applied, step, kind, full, y, body, weight, constants, stages, trial)
                beyond = _beyond(kind, full, trial, constants)
                if beyond > 0.0:
                    high = step
                else:
                    low = step
                if abs(beyond) < _SNAP:
                    break
            _settle(kind, full, trial, body, constants)
        y[:] = trial
        left -= step
        if left < 1e-14 * dwell:
            break
        step = wanted


@njit(cache=True, nogil=True)
def _try(
    applied: float,
    step: float,
    kind: Array,
    full: Array,
    y: Array,
    body: Array,
    weight: Array,
    constants: Constants,
    stages: Array,
    trial: Array,
) -> float:
    """One step, its first stage known; the error over the tolerance."""
    for stage in range(1, 7):
        for k in range(y.size):
            moved = 0.0
            for earlier in range(stage):
                moved += _STAGES[stage, earlier] * stages[earlier, k]
            trial[k] = y[k] + step * moved
        _rates(applied, kind, full, trial, body, weight, constants, stages[stage])
    worst = 0.0
    count = kind.size
    for k in range(y.size):
        wrong = 0.0
        for stage in range(7):
            wrong += _ERROR[stage] * stages[stage, k]
        least = 1e-9 if k < count else 1e-10 if k < 2 * count else 1e-15
        scale = _TOLERANCE * max(abs(y[k]), abs(trial[k]), least)
        worst = max(worst, abs(step * wrong) / scale)
    return worst


@njit(cache=True, nogil=True)
def _beyond(kind: Array, full: Array, y: Array, constants: Constants) -> float:
    """How far the furthest filament is beyond its next event, as part of its size."""
    most = -1.0
    count = kind.size
    for i in range(count):
        if kind[i] != GROWING and kind[i] != BRIDGED:
            continue
        radius = y[count + i]
        most = max(most, -radius / constants.widest)
        if not full[i]:
            most = max(most, radius / constants.widest - 1)
        if kind[i] == GROWING:
            most = max(most, y[i] / constants.thickness - 1, -y[i] / constants.thickness)
    return most


@njit(cache=True, nogil=True)
def _settle(kind: Array, full: Array, y: Array, body: Array, constants: Constants) -> None:
    """Carry out the events that filaments are at."""
    near = 10 * _SNAP
    count = kind.size
    for i in range(count):
        if kind[i] != GROWING and kind[i] != BRIDGED:
            continue
        radius = y[count + i]
        if not full[i] and radius > constants.widest * (1 - near):
            y[count + i] = constants.widest
        if radius < near * constants.widest or (
            kind[i] == GROWING and y[i] < near * constants.thickness
        ):
            kind[i] = EMPTY if kind[i] == GROWING else RUPTURED
            y[i], y[count + i] = 0.0, 0.0
        elif kind[i] == GROWING and y[i] > constants.thickness * (1 - near):
            kind[i], y[i] = BRIDGED, constants.thickness
            body[i] = np.pi * y[count + i] ** 2
