"""Where the cell was when something else was measured of it: a record placed on its cycling."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._cell_history import COULOMB_PER_MAH, CellRows, rows_of_cell
from solith.analysis._rows import title_of
from solith.core.errors import InputError, UnitError
from solith.core.given import require_record
from solith.core.quantities import to_si

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["join_cycling"]

_PASSED = "charge_passed_ah"
_MASS = "active_mass_kg"
_DATES = ("acquisition_start", "measured_from")
_AT_ONCE = 60.0  # s from a record's begin to its first row, where its date is its clock's 0
_SECOND_PER_HOUR = 3600.0


def join_cycling(
    record: Record,
    cycling: Record | None = None,
    *,
    time: Any = None,
    charge: Any = None,
    potential: Any = None,
    clock_offset: Any = 0.0,
) -> Record:
    """The record with the charge that had passed in the cell when it was measured.

    A study draws such an impedance beside the spectra of the same sample. ``cycling`` is the record
    of the cell. Of three, one says where the impedance belongs:

    * ``time`` [s] on a clock that showed ``clock_offset`` [s] when the cell's was 0;
    * ``potential`` [V]: where the cell first came to it;
    * ``charge`` [C, or C/kg of active material]: the net charge since the cell's record began,
      positive on charge. It needs no ``cycling``, but has to lie within one that is given.

    Without any, the dates in both files tell the time. The charge becomes the attribute
    ``charge_passed_ah``, as simulated impedances have it, and a note says how it was found. Raises
    :class:`InputError` for what lies outside the record of the cell, for more than one of the
    three, and where nothing tells the time.
    """
    require_record(record)
    given = {"time": time, "charge": charge, "potential": potential}
    said = [name for name, value in given.items() if value is not None]
    if len(said) > 1:
        raise InputError(f"{' and '.join(said)} both say where it belongs; give one")
    cell = None if cycling is None else rows_of_cell(cycling)
    if charge is not None:
        passed = _coulomb(charge, record, cycling)
        if cell is not None:
            milliampere_hours = cell.charge / COULOMB_PER_MAH
            _require_within(passed / COULOMB_PER_MAH, milliampere_hours, "charge", "mAh", cycling)
        how = f"{charge if isinstance(charge, str) else f'{passed:g} C'}, as given"
    elif cell is None or cycling is None:
        raise InputError("is needed, unless the charge is given", where="cycling")
    elif potential is not None:
        volts = _quantity(potential, "V", "potential")
        passed = _first_at(cell, volts, cycling)
        how = f"where {title_of(cycling)} first came to {volts:g} V"
    else:
        if time is None:
            seconds, told = _by_date(record, cycling, cell), "by the dates of both files"
        else:
            offset = _quantity(clock_offset, "s", "clock_offset")
            seconds, told = _quantity(time, "s", "time") - offset, "as given"
        _require_within(seconds, cell.time, "time", "s", cycling)
        passed = float(np.interp(seconds, cell.time, cell.charge))
        how = f"{seconds:g} s after the begin of {title_of(cycling)}, {told}"
    if cell is not None and charge is None and cell.flags:
        how += f" ({'; '.join(cell.flags)})"
    note = f"measured when {passed / COULOMB_PER_MAH:.5g} mAh had passed: {how}"
    return replace(
        record,
        data=record.data.assign_attrs({_PASSED: passed / _SECOND_PER_HOUR}),
        provenance=replace(record.provenance, notes=(*record.provenance.notes, note)),
    )


def _quantity(given: Any, unit: str, where: str) -> float:
    try:
        return to_si(given, unit)
    except InputError as error:
        raise error.inside(where) from None


def _coulomb(given: Any, record: Record, cycling: Record | None) -> float:
    """The charge [C], from one or from that per mass of active material."""
    try:
        return to_si(given, "C")
    except UnitError as error:
        try:
            per_mass = to_si(given, "C/kg")
        except InputError:
            raise error.inside("charge") from None
    except InputError as error:
        raise error.inside("charge") from None
    known = [one.data.attrs.get(_MASS) for one in (record, cycling) if one is not None]
    mass = next((one for one in known if one), None)
    if mass is None:
        raise InputError(
            f"{given!r} is per mass, and neither record tells the active mass", where="charge"
        )
    return per_mass * float(mass)


def _first_at(cell: CellRows, volts: float, cycling: Record) -> float:
    """The charge at which the potential first comes to a value."""
    _require_within(volts, cell.potential, "potential", "V", cycling)
    volts = min(max(volts, float(np.min(cell.potential))), float(np.max(cell.potential)))
    below = cell.potential < volts
    if cell.potential[0] == volts:
        return float(cell.charge[0])
    turn = (
        int(np.argmax(below != below[0])) if below[0] else int(np.argmax(cell.potential <= volts))
    )
    low, high = cell.potential[turn - 1], cell.potential[turn]
    share = (volts - low) / (high - low)
    return float(cell.charge[turn - 1] + share * (cell.charge[turn] - cell.charge[turn - 1]))


def _by_date(record: Record, cycling: Record, cell: CellRows) -> float:
    """Seconds from the begin of the cell's record to that of the other, by their dates."""
    begins = [_date(one) for one in (record, cycling)]
    known = [one for one in begins if one is not None]
    if len(known) < 2 or cell.time[0] > _AT_ONCE or len({one.tzinfo is None for one in known}) > 1:
        raise InputError(
            "the files do not tell how long after the begin of the cell's record it was measured; "
            "give time, potential or charge"
        )
    return (known[0] - known[1]).total_seconds()


def _date(record: Record) -> datetime | None:
    """When the measurement began, to the second; ``None`` where the file does not say."""
    for name in _DATES:
        written = str(record.data.attrs.get(name, ""))
        if len(written) <= len("2020-01-01"):
            continue
        try:
            return datetime.fromisoformat(written)
        except ValueError:
            continue
    return None


def _require_within(
    value: float, column: Any, what: str, unit: str, cycling: Record | None
) -> None:
    low, high = float(np.min(column)), float(np.max(column))
    slack = 1e-9 * max(abs(low), abs(high))
    if cycling is not None and not low - slack <= value <= high + slack:
        raise InputError(
            f"{value:g} {unit} lies outside {title_of(cycling)}, which goes from {low:g} to "
            f"{high:g} {unit}",
            where=what,
        )
