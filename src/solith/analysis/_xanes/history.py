"""When the spectra of a series were measured, and what the user tells of the cell then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._cell_history import COULOMB_PER_MAH, CellHistory
from solith.core.errors import InputError
from solith.core.quantities import to_si

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["given_history", "times_of"]

Array = NDArray[np.float64]

_TIME = "time_second"
_DATE = "measured_from"


def times_of(
    records: Sequence[Record], times: Any, *, needed: bool = False
) -> tuple[Array, tuple[str, ...]]:
    """The time of each spectrum [s], rising: as given, by attribute, by date, or by its number.

    Raises :class:`InputError` for another number of times than of spectra, for times that do
    not rise, and where they are ``needed`` and not known.
    """
    flags: tuple[str, ...] = ()
    if times is not None:
        given = _given(times, len(records))
    elif all(_TIME in record.data.attrs for record in records):
        given = [to_si(record.data.attrs[_TIME], "s") for record in records]
    elif dates := _dates(records):
        given = [(date - dates[0]).total_seconds() for date in dates]
        flags = ("times are counted from the first spectrum's date",)
    elif needed:
        raise InputError(
            "none are known, by which to find the spectra in the record of the cell; give them, or "
            "charges or potentials in place of the record",
            where="times",
        )
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

    charge = column(charges, "C", "charges") / COULOMB_PER_MAH
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
