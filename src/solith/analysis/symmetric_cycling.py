"""Plating and stripping at one current for long: how polarisation and resistance change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._lines import fit_straight
from solith.analysis._rows import title_of
from solith.analysis._symmetric.step_voltages import StepVoltage
from solith.analysis._symmetric.steps import SAME_LEVEL
from solith.analysis._symmetric.table import Test, read_test
from solith.analysis._symmetric.values import plated, until_failure
from solith.core.errors import InputError
from solith.core.intervals import NORMAL_95, half_width_95, widening_95
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["analyse_symmetric_cycling"]

Array = NDArray[np.float64]

_LEAST_CYCLES = 3


def analyse_symmetric_cycling(
    record: Record,
    *,
    area: Any = None,
    least_drop: float = 0.1,
    false_alarm: float = 1e-4,
    leads: Any = None,
    voltage_limit: Any = None,
) -> Result:
    """How Li | electrolyte | Li aged at one current density, and when and how it failed.

    Steps and failures are found as by :func:`solith.analysis.find_critical_current`, with the same
    options, and the values are those of the steps before the failure, at the current that most of
    them have. A cycle is a half in each direction, or one where there is one direction only.

    Values: ``current_density``; ``initial_resistance`` and ``final_resistance``, the first and the
    last cycle's mean V/I on the geometric area; ``resistance_growth_per_cycle`` and
    ``resistance_growth_per_hour``, slopes of straight lines through the cycles' resistances, with
    uncertainties by their scatter (times 1.96 they are 95 % intervals by Student's t; cycles that
    wander together scatter less than they should); ``start_polarisation`` and
    ``end_polarisation`` of a half cycle, and ``arc_ratio``, start over end: above 1 where the
    voltage peaks when lithium is stripped from fresh deposits or dissolved first, below 1 where
    voids grow; ``asymmetry``, positive less negative polarisation over their mean;
    ``plated_capacity`` and ``plated_thickness`` of a half cycle; ``cumulative_capacity`` and
    ``time_of_failure``. ``details`` has ``steps``, ``cycles``, ``events`` and ``units``.

    Raises :class:`InputError` as that function does, and where no step is safe.
    """
    test = read_test(
        record,
        area,
        least_drop=least_drop,
        false_alarm=false_alarm,
        leads=leads,
        voltage_limit=voltage_limit,
    )
    safe = test.safe_steps()
    if not safe:
        raise InputError(f"{title_of(record)}: the first step failed; no cycle is left to follow")
    usual = float(np.median([step.size for step in safe]))
    steps = [step for step in safe if abs(step.size - usual) <= SAME_LEVEL * usual]
    cycles = _Cycles.of(steps, test.begin)
    failure = test.failure
    told: tuple[str, ...] = ()
    if failure is not None:
        told = (f"{failure.kind} in step {failure.step + 1}: {failure.sign}",)
    if len(steps) < len(safe):
        told += (f"{len(safe) - len(steps)} steps at other currents left out",)
    values = [
        *_resistances(test, usual, cycles, told),
        *_shape(test, steps),
        *plated(test, steps, "mean half cycle before the failure"),
        *until_failure(test),
    ]
    units = test.units
    return Result(
        f"Symmetric cycling of {title_of(record)}",
        tuple(values),
        {
            **test.told(),
            "cycles": [
                {"cycle": number + 1, "time": time, "resistance": units.resistance(ohms)}
                for number, (time, ohms) in enumerate(
                    zip(cycles.hours.tolist(), cycles.ohms.tolist(), strict=True)
                )
            ],
            "units": test.step_units() | {"time": "h"},
        },
    )


@dataclass(frozen=True)
class _Cycles:
    """Mean resistance [ohm], its uncertainty by noise, and middle time [h] of each cycle."""

    hours: Array
    ohms: Array
    spread: Array

    @classmethod
    def of(cls, steps: Sequence[StepVoltage], begin: float) -> _Cycles:
        halves = 2 if len({step.step.direction for step in steps}) == 2 else 1
        groups = [
            steps[first : first + halves] for first in range(0, len(steps) - halves + 1, halves)
        ] or [list(steps)]
        middle = [
            np.mean([(step.time[0] + step.time[-1]) / 2 - begin for step in one]) / 3600
            for one in groups
        ]
        ohms = [np.mean([step.mean / step.size for step in one]) for one in groups]
        spread = [
            np.sqrt(np.sum([(step.spread / step.size) ** 2 for step in one])) / len(one)
            for one in groups
        ]
        return cls(np.array(middle), np.array(ohms), np.array(spread))

    def growth(self, along: Array) -> tuple[float, float] | None:
        """Slope of the line of resistances, and its uncertainty; ``None`` for too few cycles."""
        if len(along) < _LEAST_CYCLES:
            return None
        line = fit_straight(along, self.ohms)
        return line.slope, line.slope_error * widening_95(line.freedom)


def _resistances(test: Test, usual: float, cycles: _Cycles, told: tuple[str, ...]) -> list[Value]:
    units = test.units
    flags = units.flags
    unit, own = units.texts["resistance"], units.name
    name = "current" if units.area is None else "current_density"
    values = [
        Value(
            name,
            units.current(usual),
            units.texts["current"],
            area=own,
            flags=(*told, *flags, *test.flags),
        )
    ]
    for quantity, place in (("initial_resistance", 0), ("final_resistance", -1)):
        values.append(
            Value(
                quantity,
                units.resistance(float(cycles.ohms[place])),
                unit,
                units.resistance(float(cycles.spread[place])),
                area=own,
                method="mean V/I of a cycle; uncertainty by the voltage's noise",
                flags=flags,
            )
        )
    numbers = np.arange(1.0, len(cycles.ohms) + 1)
    for quantity, along, per in (
        ("resistance_growth_per_cycle", numbers, unit),
        ("resistance_growth_per_hour", cycles.hours, f"{unit}/h"),
    ):
        found = cycles.growth(along)
        few = () if found else (f"fewer than {_LEAST_CYCLES} cycles",)
        values.append(
            Value(
                quantity,
                None if found is None else units.resistance(found[0]),
                per,
                None if found is None else units.resistance(found[1]),
                area=own,
                method="straight line through the cycles' resistances",
                flags=(*few, *flags),
            )
        )
    return values


def _shape(test: Test, steps: Sequence[StepVoltage]) -> list[Value]:
    start = np.array([step.start for step in steps])
    end = np.array([step.end for step in steps])
    values = [
        _mean("start_polarisation", 1e3 * start, "mV"),
        _mean("end_polarisation", 1e3 * end, "mV"),
        _mean("arc_ratio", start[end > 0] / end[end > 0], ""),
    ]
    sides = {
        way: np.array([step.mean / step.size for step in steps if step.step.direction == way])
        for way in (1, -1)
    }
    pairs = min(len(side) for side in sides.values())
    one, other = sides[1][:pairs], sides[-1][:pairs]
    values.append(_mean("asymmetry", 200 * (one - other) / (one + other), "%"))
    return values


def _mean(name: str, numbers: Array, unit: str) -> Value:
    """The mean over half cycles; 1.96 times its uncertainty hold 95 % by Student's t."""
    if not len(numbers):
        return Value(name, None, unit, flags=("no half cycle tells",))
    reach = half_width_95(numbers.tolist())
    spread = None if reach is None else reach / NORMAL_95
    method = "mean over the half cycles before the failure"
    return Value(name, float(np.mean(numbers)), unit, spread, method=method)
