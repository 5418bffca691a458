"""What the voltage of a symmetric cell does while one current is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solith.analysis._lines import fit_straight
from solith.analysis._symmetric.steps import CurrentStep, Samples
from solith.analysis._voltage_noise import find_noise

__all__ = ["StepVoltage", "describe_steps", "sign_of", "steps_polarise", "usual_noise"]

Array = NDArray[np.float64]

_MOST_POWER = 0.5  # of the power without its sign
_ENDS = 0.05  # of a step's rows: its start and its end
_LEAST_ROWS = 3
_ROUNDS = 10
_KNOWN = 8  # rows of a step whose noise is known
_QUANTISED = 12**-0.5  # standard deviation of an evenly spread error of 1
_ROUNDING = 1e-9  # of the voltage: simulated ones have no other noise
_SOON = 0.02  # of the step's duration within which the first row shows the ohmic part


@dataclass(frozen=True)
class StepVoltage:
    """One step with its resistance V/I row by row [ohm], made positive.

    ``noise`` is the standard deviation of the voltage [V] from row to row, ``current_noise`` that
    of the current [A]. ``start``, ``end`` and ``mean`` are polarisations [V], positive;
    ``spread`` is the mean's standard uncertainty by the noise of both that the whole record shows.
    ``thirds`` are the resistances' medians in the first, middle and last third, ``slope`` their
    line's slope [ohm/s] with uncertainty. ``ohmic`` is dV/dI across the switch [ohm], and
    ``ohmic_after`` the time that passed between its two rows [s].
    """

    step: CurrentStep
    time: Array
    resistance: Array
    noise: float
    start: float
    end: float
    mean: float
    current_noise: float
    spread: float
    thirds: tuple[float, float, float]
    slope: tuple[float, float]
    ohmic: float | None
    ohmic_after: float | None

    @property
    def size(self) -> float:
        """The current without its sign [A]."""
        return abs(self.step.current)

    @cached_property
    def usual(self) -> float:
        """The median resistance [ohm]."""
        return float(np.median(self.resistance))


def sign_of(samples: Samples, steps: Sequence[CurrentStep]) -> int:
    """1 where the voltage has the sign of the current, -1 where it has the opposite one."""
    rows = np.concatenate([step.rows for step in steps])
    power = float(np.sum(samples.voltage[rows] * samples.current[rows]))
    return -1 if power < 0 else 1


def steps_polarise(samples: Samples, steps: Sequence[CurrentStep]) -> bool:
    """Whether most of the electric power has one sign, as where all voltage is polarisation."""
    rows = np.concatenate([step.rows for step in steps])
    power = samples.voltage[rows] * samples.current[rows]
    return bool(abs(float(np.sum(power))) > _MOST_POWER * float(np.sum(np.abs(power))))


def describe_steps(samples: Samples, steps: Sequence[CurrentStep]) -> list[StepVoltage]:
    """Every step's voltage, as :class:`StepVoltage` says."""
    sign = sign_of(samples, steps)
    found = [_describe(samples, step, sign) for step in steps]
    sizes = np.array([step.size for step in found])
    means = np.array([abs(step.mean) for step in found])
    rows = np.array([len(step.time) for step in found])
    # Noise of single steps is known too badly to weigh them by.
    voltage = usual_noise(np.array([step.noise for step in found]), means, rows)
    current = usual_noise(np.array([step.current_noise for step in found]), sizes, rows)
    spread = np.hypot(voltage, means / sizes * current) / np.sqrt(rows)
    return [replace(step, spread=float(own)) for step, own in zip(found, spread, strict=True)]


def usual_noise(own: Array, means: Array, rows: Array) -> Array:
    """The noise that each step should have, from the noises and the means (n,) of all.

    A part that is the same everywhere, from the third of steps with the lowest means, and a part
    of the mean, from the third with the highest, each less what the other one adds. Steps of few
    ``rows`` do not tell; where no step tells, their own noise is all there is.
    """
    known = np.flatnonzero((rows >= _KNOWN) & (means > 0))
    if not len(known):
        return own
    ordered = known[np.argsort(means[known], kind="stable")]
    third = max(1, len(ordered) // 3)
    low, high = ordered[:third], ordered[-third:]
    squares, fixed, part = own**2, 0.0, 0.0
    for _ in range(_ROUNDS):
        part = _lower_median(np.maximum(squares[high] - fixed, 0) / means[high] ** 2)
        fixed = _lower_median(np.maximum(squares[low] - part * means[low] ** 2, 0))
    return np.asarray(np.sqrt(fixed + part * means**2))


def _lower_median(values: Array) -> float:
    """The median, of an even number the lower one: a short in one of two steps is no noise."""
    return float(np.quantile(values, 0.5, method="lower"))


def _describe(samples: Samples, step: CurrentStep, sign: int) -> StepVoltage:
    time = samples.time[step.rows]
    voltage = sign * step.direction * samples.voltage[step.rows]
    size = abs(step.current)
    resistance = voltage / size
    rising = np.concatenate([[True], np.diff(time) > 0])
    noise = max(
        find_noise(time[rising], voltage[rising]),
        _QUANTISED * _resolution(voltage),
        _ROUNDING * float(np.max(np.abs(voltage))),
    )
    few = min(max(_LEAST_ROWS, round(_ENDS * len(time))), len(time))
    parts = np.array_split(resistance, 3) if len(time) >= 3 else [resistance] * 3
    ohmic, after = _ohmic(samples, step, sign)
    first, middle, last = (float(np.median(part)) for part in parts)
    return StepVoltage(
        step=step,
        time=time,
        resistance=resistance,
        noise=noise,
        start=float(np.median(voltage[:few])),
        end=float(np.median(voltage[-few:])),
        mean=float(np.mean(voltage)),
        current_noise=find_noise(time[rising], samples.current[step.rows][rising]),
        spread=0.0,
        thirds=(first, middle, last),
        slope=_slope(time, resistance),
        ohmic=ohmic,
        ohmic_after=after,
    )


def _resolution(voltage: Array) -> float:
    """The step in which the voltage is written, where most of its values come more than once."""
    levels = np.unique(voltage)
    if len(levels) < 2 or len(levels) > len(voltage) / 2:
        return 0.0
    return float(np.min(np.diff(levels)))


def _slope(time: Array, resistance: Array) -> tuple[float, float]:
    """Of the line through the resistances, and its standard uncertainty by their scatter."""
    if len(time) < _LEAST_ROWS:
        return 0.0, float("inf")
    line = fit_straight(time, resistance)
    return line.slope, line.slope_error


def _ohmic(samples: Samples, step: CurrentStep, sign: int) -> tuple[float | None, float | None]:
    """dV/dI from the last row before the switch to the first after it, where both are close."""
    if step.before is None:
        return None, None
    before, first = step.before, int(step.rows[0])
    after = float(samples.time[first] - samples.time[before])
    change = float(samples.current[first] - samples.current[before])
    if after > _SOON * step.duration or change == 0:
        return None, None
    jump = sign * float(samples.voltage[first] - samples.voltage[before]) / change
    return jump, after
