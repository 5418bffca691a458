"""The cycles that the result of a cycling record holds, one by one.

``details["cycles"]`` of such a result is a table: one mapping a cycle, with the quantities
whose units stand in ``details["units"]``, the ``cycle``'s number and the ``flags`` of its
values. Rows may have the ``uncertainty`` of some values.
"""

from __future__ import annotations

from collections.abc import Mapping

from solith.core.errors import InputError, UnknownNameError
from solith.core.result import Result, Value

__all__ = ["cycles_by_rate", "result_of_cycle"]


def result_of_cycle(result: Result, cycle: int) -> Result:
    """The values of one cycle, taken from the ``details`` of a cycling result.

    The quantities carry the names of the table of cycles (``coulombic_efficiency``, not
    ``initial_coulombic_efficiency``). Raises :class:`InputError` for a result without
    cycles and :class:`UnknownNameError` for a cycle that it does not hold.
    """
    rows = {row["cycle"]: row for row in result.details.get("cycles", ())}
    if not rows:
        raise InputError(f"{result.name} holds no cycles; take the analysis of a cycling record")
    if cycle not in rows:
        raise UnknownNameError.among("cycle", str(cycle), map(str, rows))
    units: Mapping[str, str] = result.details.get("units", {})
    row = rows[cycle]
    flags: Mapping[str, list[str]] = row.get("flags", {})
    spread: Mapping[str, float | None] = row.get("uncertainty", {})
    turned = result.details.get("first") == "discharge"
    values = tuple(
        Value(
            quantity=name,
            value=row[name],
            unit=unit,
            uncertainty=spread.get(name),
            area="geometric" if "_area_" in name else "",
            method=_method(name, cycle, turned),
            flags=tuple(flags.get(name, ())),
        )
        for name, unit in units.items()
        if name in row
    )
    return Result(f"{result.name}, cycle {cycle}", values)


def _method(name: str, cycle: int, turned: bool) -> str:
    if "resistance" in name:
        return f"cycle {cycle}, jump of the voltage where current is switched"
    told = f"cycle {cycle}, trapezoid rule"
    if name == "coulombic_efficiency" and turned:
        told += "; charge relative to the discharge before it"
    return told


def cycles_by_rate(result: Result) -> dict[float, int]:
    """The first cycle discharged at each C rate (rounded to two digits), in their order."""
    found: dict[float, int] = {}
    for row in result.details.get("cycles", ()):
        if row.get("c_rate") and row.get("discharge_capacity") is not None:
            found.setdefault(float(f"{row['c_rate']:.2g}"), row["cycle"])
    return found
