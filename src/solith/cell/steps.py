"""The steps of a cycling protocol, written in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from solith.cell.reference import Potential, read_voltage
from solith.core.errors import InputError
from solith.core.quantities import split_quantity, to_si

__all__ = ["Current", "Step", "pair_numbers", "read_step"]

_FORMS = (
    "charge at CURRENT until POTENTIAL",
    "discharge at CURRENT until POTENTIAL",
    "charge at CURRENT for TIME",
    "charge at CURRENT for TIME or until POTENTIAL",
    "hold at POTENTIAL until CURRENT",
    "hold at POTENTIAL for TIME",
    "hold at POTENTIAL for TIME or until CURRENT",
    "rest for TIME",
)

_STEP = re.compile(
    r"^\s*(?P<action>charge|discharge|hold|rest)"
    r"(?:\s+at\s+(?P<at>.+?))?"
    r"(?:\s+for\s+(?P<time>.+?))?"
    r"(?:\s+(?:or\s+)?until\s+(?P<until>.+?))?\s*$",
    re.IGNORECASE,
)
_C_RATE = re.compile(r"^\s*(?:C\s*/\s*(?P<part>[0-9.]+)|(?P<times>[0-9.eE+-]+)\s*C)\s*$")


@dataclass(frozen=True)
class Current:
    """A current without sign; exactly one of the four is set.

    ``rate`` [C], ``density`` on the geometric area [A/m2], ``specific`` to the mass of
    active material [A/kg], ``total`` of the cell [A].
    """

    rate: float | None = None
    density: float | None = None
    specific: float | None = None
    total: float | None = None

    def amperes(self, cell: Any) -> float:
        """The current of ``cell`` [A]."""
        if self.rate is not None:
            return float(self.rate * cell.one_c * cell.area)
        if self.density is not None:
            return float(self.density * cell.area)
        if self.specific is not None:
            return float(self.specific * cell.active_mass)
        assert self.total is not None
        return self.total


@dataclass(frozen=True)
class Step:
    """One step: ``action`` is charge, discharge, hold or rest.

    ``potential`` is held or ends the step, ``current`` flows or ends a hold, ``duration``
    [s] is the longest it may take.
    """

    action: str
    text: str
    current: Current | None = None
    potential: Potential | None = None
    duration: float | None = None


def read_step(text: str) -> Step:
    """The step that ``text`` describes, e.g. "charge at 0.1 C until 3.8 V vs Li-In".

    Raises :class:`InputError` with the forms on offer.
    """
    match = _STEP.match(text) if isinstance(text, str) else None
    if match is None:
        raise InputError(_unreadable(text))
    action = match["action"].lower()
    at, time, until = match["at"], match["time"], match["until"]
    duration = None if time is None else _duration(time)
    if action == "rest":
        if duration is None or at is not None or until is not None:
            raise InputError(_unreadable(text))
        return Step(action, text, duration=duration)
    if at is None or (until is None and duration is None):
        raise InputError(_unreadable(text))
    if action == "hold":
        ending = None if until is None else read_current(until)
        return Step(action, text, ending, read_voltage(at), duration)
    potential = None if until is None else read_voltage(until)
    return Step(action, text, read_current(at), potential, duration)


def read_current(text: str) -> Current:
    """A current: "0.1 C", "C/10", "0.13 mA/cm2" (geometric area), "20 mA/g" or "100 uA"."""
    rate = _C_RATE.match(text)
    if rate is not None:
        try:
            value = 1 / float(rate["part"]) if rate["part"] else float(rate["times"])
        except (ValueError, ZeroDivisionError):
            raise InputError(f"{text!r} is not a C rate; write '0.1 C' or 'C/10'") from None
        return Current(rate=_positive(value, text))
    _, unit = split_quantity(text)
    if unit.replace(" ", "").endswith("g"):
        return Current(specific=_positive(to_si(text, "A/kg"), text))
    if "/" in unit:
        return Current(density=_positive(to_si(text, "A/m2"), text))
    return Current(total=_positive(to_si(text, "A"), text))


def pair_numbers(steps: tuple[Step, ...]) -> list[int]:
    """Which pair of charge and discharge each step belongs to, from 1.

    A new pair begins where the direction that came first comes again after the other.
    """
    first = next((s.action for s in steps if s.action in ("charge", "discharge")), None)
    numbers, count, turned = [], 1, False
    for step in steps:
        if step.action == first and turned:
            count, turned = count + 1, False
        elif step.action in ("charge", "discharge") and step.action != first:
            turned = True
        numbers.append(count)
    return numbers


def _duration(text: str) -> float:
    return _positive(to_si(text, "s"), text)


def _positive(value: float, text: str) -> float:
    if not value > 0:
        raise InputError(f"{text!r} must be above 0")
    return value


def _unreadable(text: object) -> str:
    return f"{text!r} is not a step; write one of: {'; '.join(_FORMS)}"
