"""The rows of a record that an analysis can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solith.core.errors import InputError
from solith.core.given import require_record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["title_of", "usable_rows"]

_REACH = {
    "test_time_second": (1e-15, 1e12, "s"),
    "voltage_volt": (1e-18, 1e6, "V"),
    "current_ampere": (1e-21, 1e6, "A"),
    "frequency_hertz": (1e-9, 1e15, "Hz"),
    "real_impedance_ohm": (1e-18, 1e18, "ohm"),
    "imaginary_impedance_ohm": (1e-18, 1e18, "ohm"),
}
"""Between what the largest magnitude of a measurable quantity lies, if it is not 0."""


def usable_rows(
    record: Record, kind: str, variables: tuple[str, ...], *, at_least: int
) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """The rows in which all ``variables`` are finite, and a flag if some are not.

    Raises :class:`InputError` for a record of another kind or with fewer usable rows
    than ``at_least``, for numbers of a size that no instrument measures, and for what is no
    record.
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
    if len(rows) < at_least:
        raise InputError(
            f"{title_of(record)} has {len(rows)} rows with numbers in "
            f"{', '.join(variables)}; expected at least {at_least}"
        )
    dropped = len(record) - len(rows)
    if len(rows):
        for variable, column in columns.items():
            _require_reach(record, variable, column[rows] if dropped else column)
    return rows, (f"{dropped} rows without a number left out",) if dropped else ()


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
