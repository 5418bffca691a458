"""Steps of constant voltage or current, and where the response to each of them settles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solith.analysis._least_squares import LeastSquares, minimise
from solith.analysis._rows import title_of, usable_rows
from solith.core.errors import ConvergenceError, InputError

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["Decay", "Step", "fit_decay", "steps_of"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_VARIABLES = ("test_time_second", "voltage_volt", "current_ampere")
_LEAST_ROWS = 8
_JUMP = 0.02  # of the largest level: a change of it begins another step
_CONSTANT = 2e-3  # of the largest level: what may scatter in a held voltage or current
_STARTS = (0.02, 0.1, 0.4)  # of the step's length: time constants to begin from
_SHORTEST = 0.5  # of the interval between rows: no time constant below
_LONGEST = 20.0  # times the step
_DRIFT = 1e-2  # of the settled value, over the step
_SURE = 4.0  # standard uncertainties
_LARGEST = 50.0


@dataclass(frozen=True)
class Step:
    """One step: the ``held`` quantity ("voltage" or "current"), its ``level``, the response.

    ``time`` [s] is counted from the switch. Where no column tells it (``step_time_second``) and
    rows come before, the switch lies somewhere between two rows, at most one interval before
    the first: ``slack`` [s] is that, and time is counted from its middle.
    """

    held: str
    level: float
    time: Array
    response: Array
    slack: float


def steps_of(record: Record) -> list[Step]:
    """The steps of a cycling record in which voltage or current is held.

    They are those of ``step_count`` where the record has it; else a jump of the held quantity
    begins another. Rests are left out, at no voltage or current as well as at open circuit, and
    so is what holds neither. Where some parts hold the voltage and some the current, it is that
    which more of them hold. Raises :class:`InputError` where neither is held.
    """
    rows, _ = usable_rows(record, "cycling", _VARIABLES, at_least=_LEAST_ROWS)
    time, voltage, current = (record.array(name)[rows] for name in _VARIABLES)
    back = np.flatnonzero(time[1:] < time[:-1])
    if len(back):
        raise InputError(
            f"{title_of(record)}: test_time_second runs backwards after {time[back[0]]:g} s"
        )
    counts, inner = (
        record.array(name)[rows] if name in record.data.variables else None
        for name in ("step_count", "step_time_second")
    )
    at_rest = np.abs(current) < _CONSTANT * np.max(np.abs(current))
    steps = max(
        _held_steps("voltage", time, voltage, current, at_rest, counts, inner),
        _held_steps("current", time, current, voltage, at_rest, counts, inner),
        key=len,
    )
    if steps:
        return steps
    raise InputError(
        f"{title_of(record)}: no step of at least {_LEAST_ROWS} rows holds the voltage or the "
        f"current to {100 * _CONSTANT:g} %; give the rows of the polarisation alone"
    )


def _held_steps(
    held: str,
    time: Array,
    level: Array,
    response: Array,
    at_rest: Mask,
    counts: Array | None,
    step_time: Array | None,
) -> list[Step]:
    largest = float(np.max(np.abs(level)))
    changes = np.abs(np.diff(level)) > _JUMP * largest
    if counts is not None:
        changes = changes | (np.diff(counts) != 0)
    parts = list(pairwise([0, *(np.flatnonzero(changes) + 1).tolist(), len(level)]))
    steps = []
    while parts:
        begin, end = parts.pop(0)
        if end - begin < _LEAST_ROWS or np.all(at_rest[begin:end]):
            continue
        inner = level[begin:end]
        if np.std(inner) > _CONSTANT * largest:
            # Open circuit begins at the voltage that was held: no jump parts it from the step.
            parts = _without_rests(at_rest, begin, end) + parts
            continue
        mean = float(np.mean(inner))
        if abs(mean) <= _JUMP * largest:
            continue  # at nothing
        if time[begin] == time[end - 1]:
            continue  # no time passes
        inside = time[begin:end] - time[begin]
        slack = min(time[begin] - time[begin - 1], inside[1]) if begin else 0.0
        after = 0.5 * slack
        if step_time is not None and np.isfinite(step_time[begin]):
            slack, after = 0.0, float(step_time[begin])
        steps.append(Step(held, mean, inside + after, response[begin:end], slack))
    return steps


def _without_rests(at_rest: Mask, begin: int, end: int) -> list[tuple[int, int]]:
    """What rests of some rows leave of the rows from ``begin`` to ``end``; none without rests."""
    edges = begin + np.flatnonzero(np.diff(at_rest[begin:end])) + 1
    runs = list(pairwise([begin, *edges.tolist(), end]))
    rests = [run for run in runs if at_rest[run[0]] and run[1] - run[0] >= _LEAST_ROWS]
    if not rests:
        return []
    firsts = [begin, *(rest[1] for rest in rests)]
    lasts = [*(rest[0] for rest in rests), end]
    return list(zip(firsts, lasts, strict=True))


@dataclass(frozen=True)
class Decay:
    """``y = settled + sum_k a_k exp(-t / tau_k)`` at its least sum of squares.

    ``covariance`` (2, 2) is that of the settled value and of the value at the switch, without
    ``timing``, what the moment of the switch adds to the latter's uncertainty, alike in all steps;
    ``left`` is what still had to decay at the end, as a part of the settled value.
    """

    settled: float
    initial: float
    covariance: Array
    timing: float
    times: tuple[float, ...]
    left: float
    flags: tuple[str, ...]


def fit_decay(step: Step) -> Decay:
    """No, one or two exponentials, by Schwarz's criterion (10.1214/aos/1176344136)."""
    length = float(step.time[-1])
    interval = float(np.median(np.diff(step.time)))
    scale = float(np.max(np.abs(step.response))) or 1.0
    y = step.response / scale
    fits = [_fitted(step.time, y, times) for times in _starts(length)]
    best = min(
        (fit for fit in fits if fit is not None and _allowed(fit, interval, length)),
        key=_criterion,
        default=fits[0],
    )
    assert best is not None
    times = np.exp(best.point[1::2])
    sizes = best.point[2::2]
    at_end = float(np.sum(sizes * np.exp(-length / times)))
    settled, initial = float(best.point[0]), float(best.point[0] + sizes.sum())
    to_both = np.zeros((2, len(best.point)))
    to_both[:, 0] = 1.0
    to_both[1, 2::2] = 1.0
    inner = best.covariance()
    flags = []
    if inner is None:
        inner = np.full((len(best.point),) * 2, np.inf)
        flags.append("the steady value is not determined by the step")
    elif np.any(times > length):
        flags.append("decays more slowly than the step is long: its steady value is extrapolated")
    if drift := _drift(step.time, y, best):
        flags.append(f"drifts by {100 * drift:.2g} % of its steady value over the step")
    if len(times) and float(times.min()) < 2 * interval:
        flags.append("the first decay is faster than the rows: its initial value is not resolved")
    slope = float(np.sum(sizes / times))
    return Decay(
        settled * scale,
        initial * scale,
        to_both @ inner @ to_both.T * scale**2,
        slope * scale * step.slack / np.sqrt(12.0),
        tuple(float(time) for time in sorted(times)),
        abs(at_end / settled) if settled else np.inf,
        tuple(flags),
    )


def _starts(length: float) -> list[tuple[float, ...]]:
    single = [(part * length,) for part in _STARTS]
    double = [
        (first * length, second * length)
        for place, first in enumerate(_STARTS)
        for second in _STARTS[place + 1 :]
    ]
    return [(), *single, *double]


def _fitted(time: Array, y: Array, starts: Sequence[float]) -> LeastSquares | None:
    """The sum of exponentials from these time constants; unknowns: settled, (ln tau, size)s."""
    begin = [float(np.mean(y[-max(len(y) // 10, 1) :]))]
    for start in starts:
        begin += [float(np.log(start)), float(y[0] - begin[0]) / len(starts)]

    def residuals(point: Array) -> tuple[Array, Array]:
        slopes = np.ones((len(time), len(point)))
        value = np.full(len(time), point[0])
        for place in range(1, len(point), 2):
            ratio = time / np.exp(np.clip(point[place], -_LARGEST, _LARGEST))
            shape = np.exp(-ratio)
            value = value + point[place + 1] * shape
            slopes[:, place] = point[place + 1] * shape * ratio
            slopes[:, place + 1] = shape
        return value - y, slopes

    try:
        return minimise(residuals, np.array(begin), tolerance=1e-6, most_evaluations=200)
    except ConvergenceError:
        return None


def _allowed(fit: LeastSquares, interval: float, length: float) -> bool:
    times = np.exp(np.clip(fit.point[1::2], -_LARGEST, _LARGEST))
    inside = bool(np.all((times > _SHORTEST * interval) & (times < _LONGEST * length)))
    return inside and fit.converged


def _criterion(fit: LeastSquares) -> float:
    count = len(fit.residuals)
    tiny = count * np.finfo(float).eps ** 2
    return float(count * np.log(max(fit.squares, tiny) / count) + len(fit.point) * np.log(count))


def _drift(time: Array, y: Array, fit: LeastSquares) -> float:
    """The change over the step of a straight line that improves the fit for sure, or 0."""
    design = np.column_stack([fit.jacobian, time / time[-1]])
    lengths = np.linalg.norm(design, axis=0)
    lengths[lengths == 0] = 1.0
    inverse = np.linalg.pinv(design / lengths)
    step = -inverse @ fit.residuals / lengths
    left = fit.residuals + design @ step
    freedom = max(len(y) - design.shape[1], 1)
    spread = np.sqrt(np.sum(inverse[-1] ** 2) * float(left @ left) / freedom) / lengths[-1]
    settled = abs(float(fit.point[0])) or 1.0
    part = abs(float(step[-1])) / settled
    return part if abs(step[-1]) > _SURE * spread and part > _DRIFT else 0.0
