"""What is told of each step and each event of a symmetric cell, per geometric area or not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._lines import LinearFit, bends, fit_linear
from solith.analysis._options import fact, positive
from solith.analysis._rows import title_of
from solith.analysis._symmetric.short_events import Event, find_events
from solith.analysis._symmetric.step_voltages import (
    StepVoltage,
    describe_steps,
    sign_of,
    steps_polarise,
)
from solith.analysis._symmetric.steps import Samples, find_current_steps
from solith.core.constants import FARADAY
from solith.core.errors import InputError

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["LITHIUM_VOLUME", "Test", "Units", "polarisation_line", "read_test"]

_MOLAR_MASS = 6.94e-3  # kg/mol, IUPAC standard atomic weight, as in the materials table
_DENSITY = 534.0  # kg/m3, CRC Handbook of Chemistry and Physics, as in the materials table

LITHIUM_VOLUME = _MOLAR_MASS / _DENSITY / FARADAY
"""Volume of lithium that one coulomb plates [m3/C]."""

_NO_AREA = (
    "no geometric area: currents in A, resistances in ohm of the cell; give area, or the record's "
    "fact geometric_area"
)
_OPPOSITE = (
    "voltage and current have opposite signs throughout: one of them counts the other way, which "
    "changes no answer for a symmetric cell"
)


@dataclass(frozen=True)
class Units:
    """The units in which currents, charges and resistances are told, and their factors to SI.

    With the geometric ``area`` [m2] they are densities and area-specific, without it those of
    the whole cell.
    """

    area: float | None

    @property
    def name(self) -> str:
        """The area that the values refer to."""
        return "" if self.area is None else "geometric"

    @property
    def flags(self) -> tuple[str, ...]:
        """What to know where there is no area."""
        return (_NO_AREA,) if self.area is None else ()

    def current(self, amperes: float) -> float:
        """In mA/cm2, or A."""
        return amperes if self.area is None else amperes / self.area / 10.0

    def charge(self, coulombs: float) -> float:
        """In mAh/cm2, or mAh."""
        own = coulombs / 3.6
        return own if self.area is None else own / self.area / 1e4

    def resistance(self, ohms: float) -> float:
        """In ohm cm2, or ohm."""
        return ohms if self.area is None else ohms * self.area * 1e4

    def thickness(self, coulombs: float) -> float | None:
        """Of lithium plated [um]."""
        return None if self.area is None else 1e6 * LITHIUM_VOLUME * coulombs / self.area

    @property
    def texts(self) -> dict[str, str]:
        """The units by what they are of."""
        if self.area is None:
            return {"current": "A", "charge": "mAh", "resistance": "ohm"}
        return {"current": "mA/cm2", "charge": "mAh/cm2", "resistance": "ohm cm2"}


@dataclass(frozen=True)
class Test:
    """A record of a symmetric cell, its steps and what went wrong in them."""

    samples: Samples
    steps: tuple[StepVoltage, ...]
    events: tuple[Event, ...]
    false_alarm: float
    limit: float
    units: Units
    flags: tuple[str, ...]

    __test__ = False  # no test of pytest

    @property
    def failure(self) -> Event | None:
        """The first event."""
        return self.events[0] if self.events else None

    @property
    def begin(self) -> float:
        """The time of the record's first row [s]; times are told from there."""
        return float(self.samples.time[0])

    def safe_steps(self) -> tuple[StepVoltage, ...]:
        """The steps before the one that failed; all where none did."""
        return self.steps if self.failure is None else self.steps[: self.failure.step]

    def charge_until(self, event: Event | None) -> float:
        """Charge that passed before an event, all directions added up [C]."""
        steps = self.steps if event is None else self.steps[: event.step]
        charge = sum(step.step.charge for step in steps)
        if event is not None:
            failing = self.steps[event.step].step
            charge += abs(failing.current) * max(0.0, event.time - failing.start)
        return float(charge)

    def told(self) -> dict[str, Any]:
        """The details of a result: failure, events, the table of steps and its units."""
        failure = self.failure
        return {
            "failure": "none" if failure is None else failure.kind,
            "failing_step": None if failure is None else failure.step + 1,
            "events": self._event_rows(),
            "steps": self._step_rows(),
            "units": self.step_units(),
            "area": self.units.name,
            "geometric_area_m2": self.units.area,
            "false_alarm": self.false_alarm,
            "score_limit": self.limit,
        }

    def _step_rows(self) -> list[dict[str, Any]]:
        """The table of steps."""
        failed = {event.step: event.kind for event in reversed(self.events)}
        asymmetry = self._asymmetry()
        passed = np.cumsum([step.step.charge for step in self.steps])
        return [
            {
                **self._row(number, step, float(passed[number])),
                "asymmetry": asymmetry.get(step.step.level),
                "failure": failed.get(number),
            }
            for number, step in enumerate(self.steps)
        ]

    def step_units(self) -> dict[str, str]:
        """The units of the columns of the table of steps."""
        texts = self.units.texts
        resistance = texts["resistance"]
        return {
            "start_time": "h",
            "duration": "h",
            "current": texts["current"],
            "plated_capacity": texts["charge"],
            "plated_thickness": "um",
            "cumulative_capacity": texts["charge"],
            "mean_polarisation": "mV",
            "start_polarisation": "mV",
            "end_polarisation": "mV",
            "noise": "mV",
            "resistance": resistance,
            "resistance_uncertainty": resistance,
            "resistance_slope": f"{resistance}/h",
            "resistance_slope_uncertainty": f"{resistance}/h",
            "ohmic_resistance": resistance,
            "ohmic_after": "s",
            "asymmetry": "%",
        }

    def _event_rows(self) -> list[dict[str, Any]]:
        """The events with time [h], current and resistances in the units of the steps."""
        units = self.units
        return [
            {
                "kind": event.kind,
                "sign": event.sign,
                "step": event.step + 1,
                "current": units.current(self.steps[event.step].size),
                "time": (event.time - self.begin) / 3600,
                "time_uncertainty": event.time_uncertainty / 3600,
                "resistance_before": _maybe(units.resistance, event.before),
                "resistance_after": _maybe(units.resistance, event.after),
                "recovered": event.recovered,
                "score": event.score,
            }
            for event in self.events
        ]

    def _row(self, number: int, step: StepVoltage, passed: float) -> dict[str, Any]:
        units, own = self.units, step.step
        return {
            "step": number + 1,
            "level": own.level,
            "direction": own.direction,
            "start_time": (own.start - self.begin) / 3600,
            "duration": own.duration / 3600,
            "current": units.current(step.size),
            "plated_capacity": units.charge(own.charge),
            "plated_thickness": units.thickness(own.charge),
            "cumulative_capacity": units.charge(passed),
            "mean_polarisation": 1e3 * step.mean,
            "start_polarisation": 1e3 * step.start,
            "end_polarisation": 1e3 * step.end,
            "noise": 1e3 * step.noise,
            "resistance": units.resistance(step.mean / step.size),
            "resistance_uncertainty": units.resistance(step.spread / step.size),
            "resistance_slope": units.resistance(3600 * step.slope[0]),
            "resistance_slope_uncertainty": units.resistance(3600 * step.slope[1]),
            "ohmic_resistance": _maybe(units.resistance, step.ohmic),
            "ohmic_after": step.ohmic_after,
        }

    def _asymmetry(self) -> dict[int, float]:
        """By level: polarisation of positive less that of negative current over their mean [%]."""
        sides: dict[int, dict[int, list[float]]] = {}
        for step in self.steps:
            of_level = sides.setdefault(step.step.level, {1: [], -1: []})
            of_level[step.step.direction].append(step.mean / step.size)
        found = {}
        for level, both in sides.items():
            if both[1] and both[-1]:
                one, other = float(np.mean(both[1])), float(np.mean(both[-1]))
                if one + other > 0:
                    found[level] = 200 * (one - other) / (one + other)
        return found


def read_test(
    record: Record,
    area: Any,
    *,
    least_drop: float,
    false_alarm: float,
    leads: Any,
    voltage_limit: Any,
) -> Test:
    """The steps and events of a record, its options checked."""
    for name, share in (("least_drop", least_drop), ("false_alarm", false_alarm)):
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1:
            raise InputError(f"{share!r} is no part between 0 and 1", where=name)
    known = fact(record, "geometric_area_m2") if area is None else positive(area, "m2", "area")
    resistance = 0.0 if leads is None else positive(leads, "ohm", "leads")
    volts = None if voltage_limit is None else positive(voltage_limit, "V", "voltage_limit")
    samples, steps, flags = find_current_steps(record)
    if not steps_polarise(samples, steps):
        raise InputError(
            f"{title_of(record)} is not that of a symmetric cell: its voltage does not follow the "
            "sign of the current; analyse_cycling reads a cell that is charged and discharged"
        )
    voltages = describe_steps(samples, steps)
    events, limit = find_events(
        samples,
        voltages,
        least_drop=least_drop,
        false_alarm=false_alarm,
        leads=resistance,
        voltage_limit=volts,
    )
    if sign_of(samples, steps) < 0:
        flags = (*flags, _OPPOSITE)
    return Test(samples, tuple(voltages), tuple(events), false_alarm, limit, Units(known), flags)


def polarisation_line(steps: Sequence[StepVoltage]) -> tuple[LinearFit, bool]:
    """The line of mean voltage [V] through the steps' currents [A], and whether it is bent.

    Steps of one level and direction count as one point, whose uncertainty is that of the
    voltages' noise or of their scatter, whichever is larger. The voltage at no current is free
    where the current flows both ways, so that an offset of the instrument does not count.
    """
    groups: dict[tuple[int, int], list[StepVoltage]] = {}
    for step in steps:
        groups.setdefault((step.step.level, step.step.direction), []).append(step)
    current = np.array(
        [way * np.mean([one.size for one in group]) for (_, way), group in groups.items()]
    )
    voltage = np.array(
        [way * np.mean([one.mean for one in group]) for (_, way), group in groups.items()]
    )
    variance = np.array([_variance(group) for group in groups.values()])
    both = len(current) > 2 and np.ptp(np.sign(current)) > 0
    design = np.stack([current, np.ones_like(current)], axis=1) if both else current[:, None]
    bent = False
    for way in (1, -1):
        mine = np.sign(current) == way
        if np.any(mine):
            verdict = bends(np.abs(current[mine]), np.abs(voltage[mine]), np.diag(variance[mine]))
            bent = bent or (verdict is not None and verdict[0])
    return fit_linear(design, voltage, np.diag(variance)), bent and _differ(steps)


def _variance(group: Sequence[StepVoltage]) -> float:
    by_noise = sum(step.spread**2 for step in group) / len(group) ** 2
    if len(group) < 3:
        return by_noise
    return max(by_noise, float(np.var([step.mean for step in group], ddof=1)) / len(group))


def _differ(steps: Sequence[StepVoltage]) -> bool:
    """Whether the steps' resistances differ by more than 2 %: less is of no account."""
    found = [step.mean / step.size for step in steps]
    return max(found) - min(found) > 0.02 * math.fsum(found) / len(found)


def _maybe(convert: Any, value: float | None) -> float | None:
    return None if value is None else float(convert(value))
