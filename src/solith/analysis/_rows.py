"""The rows of a record that an analysis can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.record import CLOCK_PART

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["pauses_among", "title_of", "usable_rows"]

_REACH = {
    "test_time_second": (1e-15, 1e12, "s"),
    "voltage_volt": (1e-18, 1e6, "V"),
    "current_ampere": (1e-21, 1e6, "A"),
    "frequency_hertz": (1e-9, 1e15, "Hz"),
    "real_impedance_ohm": (1e-18, 1e18, "ohm"),
    "imaginary_impedance_ohm": (1e-18, 1e18, "ohm"),
}
"""Between what the largest magnitude of a measurable quantity lies, if it is not 0."""

_FEW = 0.01
"""Part of the rows (one in any case) that may hold what no instrument measures."""


def usable_rows(
    record: Record, kind: str, variables: tuple[str, ...], *, at_least: int
) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """The rows in which all ``variables`` can be measured numbers, and flags if some are not.

    A few rows with larger numbers than any instrument measures, as 9.9e37 with which some
    mark an overflow, are left out. A record whose parts are an unknown time apart is flagged.

    Raises :class:`InputError` for a record of another kind or with fewer usable rows
    than ``at_least``, for numbers of a size that no instrument measures in more rows, and for
    what is no record.
    """
    require_record(record)
    if record.kind != kind:
        raise InputError(
            f"{title_of(record)} is a record of kind {record.kind!r}; expected kind {kind!r}"
        )
    columns = {variable: record.array(variable) for variable in variables}
    finite = np.ones(len(record), dtype=bool)
    for column in columns.values():
        finite &= np.isfinite(column)
    rows = np.flatnonzero(finite)
    _require_number(record, variables, len(rows), at_least)
    flags: tuple[str, ...] = ()
    if dropped := len(record) - len(rows):
        flags = (f"{dropped} rows without a number left out",)
    for variable, column in columns.items():
        if not len(rows):
            break
        beyond = _beyond(variable, column[rows] if dropped else column)
        if len(beyond):
            rows, dropped = np.delete(rows, beyond), dropped + len(beyond)
            flags += (
                f"rows left out whose {variable} is beyond what can be measured, as where an "
                f"instrument marks an overflow: {len(beyond)}",
            )
            _require_number(record, variables, len(rows), at_least)
        _require_reach(record, variable, column[rows] if dropped else column)
    if len(pauses := pauses_among(record, rows)):
        shown = ", ".join(str(rows[pause] + 1) for pause in pauses)
        flags += (f"the clock restarts after row {shown}: how long the pause was is not known",)
    return rows, flags


def pauses_among(record: Record, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """The places among ``rows`` after which an unknown time passed before the next."""
    if CLOCK_PART not in record.data.variables:
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(np.diff(record.array(CLOCK_PART)[rows]) > 0)


def _require_number(record: Record, variables: tuple[str, ...], number: int, at_least: int) -> None:
    if number < at_least:
        raise InputError(
            f"{title_of(record)} has {number} rows with numbers in "
            f"{', '.join(variables)}; expected at least {at_least}"
        )


def _beyond(variable: str, column: NDArray[np.float64]) -> NDArray[np.intp]:
    """Where single numbers are larger than any instrument measures; none where many are."""
    high = _REACH[variable][1]
    if float(np.max(column)) <= high and float(np.min(column)) >= -high:
        return np.empty(0, dtype=np.intp)
    beyond = np.flatnonzero(np.abs(column) > high)
    return beyond if len(beyond) <= max(_FEW * len(column), 1) < len(column) / 2 else beyond[:0]


def _require_reach(record: Record, variable: str, column: NDArray[np.float64]) -> None:
    """Numbers far beyond what can be measured are of another unit; their squares overflow."""
    low, high, unit = _REACH[variable]
    largest = max(float(np.max(column)), -float(np.min(column)))
    if largest == 0 or low <= largest <= high:
        return
    raise InputError(
        f"{title_of(record)}: the largest {variable} is {largest:.3g} {unit}, which no instrument "
        f"measures; expected 0 or {low:g} to {high:g} {unit}. Give the column in its unit"
    )


def title_of(record: Record) -> str:
    """What to call a record in a message or a result."""
    return record.name or f"the {record.kind} record"
