"""When the spectra of a series were measured, and where the cell was then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._rows import pauses_among, title_of, usable_rows
from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.quantities import to_si

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["CellHistory", "given_history", "joined", "times_of"]

Array = NDArray[np.float64]

_TIME = "time_second"
_DATE = "measured_from"
_COULOMB_PER_MAH = 3.6


@dataclass(frozen=True)
class CellHistory:
    """The cell at the time of each spectrum: potential [V], net charge since its record's begin
    [mAh], positive on charge, current [A]; nan outside the record."""

    potential: Array
    charge: Array
    current: Array
    flags: tuple[str, ...]


def times_of(records: Sequence[Record], times: Any) -> tuple[Array, tuple[str, ...]]:
    """The time of each spectrum [s], rising: as given, by attribute, by date, or by its number.

    Raises :class:`InputError` for another number of times than of spectra and for times that do
    not rise.
    """
    flags: tuple[str, ...] = ()
    if times is not None:
        given = _given(times, len(records))
    elif all(_TIME in record.data.attrs for record in records):
        given = [to_si(record.data.attrs[_TIME], "s") for record in records]
    elif dates := _dates(records):
        given = [(date - dates[0]).total_seconds() for date in dates]
        flags = ("times are counted from the first spectrum's date",)
    else:
        given = [float(number) for number in range(len(records))]
        flags = ("no times are known: spectra are counted, one second apart",)
    found = np.array(given)
    if np.any(np.diff(found) <= 0):
        place = int(np.argmax(np.diff(found) <= 0)) + 2
        raise InputError(
            f"spectrum {place} is not later than the one before it; give them in order of time",
            where="times",
        )
    return found, flags


def joined(cycling: Record, times: Array, offset: float) -> CellHistory:
    """The cell's potential, charge and current at ``times`` less ``offset`` [s] on its clock.

    Raises :class:`InputError` where no spectrum lies within the record.
    """
    require_record(cycling)
    kind = cycling.kind if cycling.kind == "voltammogram" else "cycling"
    names = ("test_time_second", "voltage_volt", "current_ampere")
    rows, flags = usable_rows(cycling, kind, names, at_least=2)
    time, voltage, current = (cycling.array(name)[rows] for name in names)
    order = np.argsort(time, kind="stable")
    time, voltage, current = time[order], voltage[order], current[order]
    passed = np.diff(time) * 0.5 * (current[1:] + current[:-1])
    passed[pauses_among(cycling, rows)] = 0.0
    charge = np.concatenate([[0.0], np.cumsum(passed)]) / _COULOMB_PER_MAH
    at = times - offset
    outside = (at < time[0]) | (at > time[-1])
    if np.all(outside):
        raise InputError(
            f"no spectrum lies within {title_of(cycling)}, which lasts from {time[0]:g} to "
            f"{time[-1]:g} s; the spectra from {at[0]:g} to {at[-1]:g} s. Give clock_offset, the "
            "time of the spectra at which the cell's clock was 0",
            where="cycling",
        )
    if np.any(outside):
        flags += (f"{int(np.sum(outside))} spectra lie outside the cycling record",)

    def then(values: Array) -> Array:
        return np.where(outside, np.nan, np.interp(at, time, values))

    return CellHistory(then(voltage), then(charge), then(current), flags)


def given_history(potentials: Any, charges: Any, count: int) -> CellHistory:
    """The cell at each spectrum as the user tells it; nan for what is not told."""

    def column(given: Any, unit: str, where: str) -> Array:
        if given is None:
            return np.full(count, np.nan)
        if isinstance(given, str) or not hasattr(given, "__len__") or len(given) != count:
            raise InputError(f"expected one for each of the {count} spectra", where=where)
        try:
            return np.array([to_si(one, unit) for one in given])
        except InputError as error:
            raise error.inside(where) from None

    charge = column(charges, "C", "charges") / _COULOMB_PER_MAH
    return CellHistory(column(potentials, "V", "potentials"), charge, np.full(count, np.nan), ())


def _given(times: Any, count: int) -> list[float]:
    if isinstance(times, str) or not hasattr(times, "__len__") or len(times) != count:
        raise InputError(f"expected a time for each of the {count} spectra", where="times")
    try:
        return [to_si(time, "s") for time in times]
    except InputError as error:
        raise error.inside("times") from None


def _dates(records: Sequence[Record]) -> list[datetime]:
    """When each scan began; nothing where one does not say."""
    try:
        dates = [datetime.fromisoformat(str(one.data.attrs.get(_DATE, ""))) for one in records]
    except ValueError:
        return []
    return dates if len({date.tzinfo is None for date in dates}) == 1 else []
