"""What was plated in a symmetric cell, and what passed until it failed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from solith.analysis._symmetric.step_voltages import StepVoltage
from solith.analysis._symmetric.table import Test
from solith.core.result import LOWER_BOUND, Value

__all__ = ["plated", "until_failure"]

_FARADAY = (
    "Faraday's law; molar mass 6.94 g/mol (IUPAC standard atomic weight), density 0.534 g/cm3 (CRC "
    "Handbook of Chemistry and Physics), dense lithium"
)


def plated(
    test: Test, last: Sequence[StepVoltage] | None, method: str, told: tuple[str, ...] = ()
) -> list[Value]:
    """Capacity and thickness of lithium that a half cycle plates, the mean of the given steps.

    ``told`` are flags of both.
    """
    units = test.units
    flags = (*told, *units.flags)
    unit = units.texts["charge"]
    if not last:
        flags = ("no safe step", *flags)
        return [
            Value("plated_capacity", None, unit, area=units.name, flags=flags),
            Value("plated_thickness", None, "um", area=units.name, flags=flags),
        ]
    charge = float(np.mean([step.step.charge for step in last]))
    spread = float(np.sqrt(np.sum([step.step.charge_spread**2 for step in last]))) / len(last)
    thickness, known = units.thickness(charge), units.area is not None
    return [
        Value(
            "plated_capacity",
            units.charge(charge),
            unit,
            units.charge(spread),
            area=units.name,
            method=f"{method}, trapezoid rule",
            flags=flags,
        ),
        Value(
            "plated_thickness",
            thickness,
            "um",
            units.thickness(spread) if known else None,
            area=units.name,
            method=method,
            source=_FARADAY,
            flags=flags,
        ),
    ]


def until_failure(test: Test) -> list[Value]:
    """What passed in both directions until the failure, and when that was."""
    units, failure = test.units, test.failure
    flags = units.flags
    none = () if failure is not None else (f"{LOWER_BOUND}: no failure, all that passed",)
    passed = Value(
        "cumulative_capacity",
        units.charge(test.charge_until(failure)),
        units.texts["charge"],
        area=units.name,
        method="plated and stripped, until the failure",
        flags=(*none, *flags),
    )
    if failure is None:
        return [
            passed,
            Value("time_of_failure", None, "h", flags=("no step failed",)),
        ]
    at = Value(
        "time_of_failure",
        (failure.time - test.begin) / 3600,
        "h",
        failure.time_uncertainty / 3600,
        method="from the record's first row; evenly spread between two rows",
    )
    return [passed, at]
