"""A cell's record read as what it tells at any time: potential, charge, current."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solith.analysis._rows import pauses_among, title_of, usable_rows
from solith.core.errors import InputError
from solith.core.given import require_record

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["COULOMB_PER_MAH", "CellHistory", "CellRows", "joined", "rows_of_cell"]

Array = NDArray[np.float64]

COULOMB_PER_MAH = 3.6


@dataclass(frozen=True)
class CellHistory:
    """The cell at the time of each spectrum: potential [V], net charge since its record's begin
    [mAh], positive on charge, current [A]; nan outside the record."""

    potential: Array
    charge: Array
    current: Array
    flags: tuple[str, ...]


@dataclass(frozen=True)
class CellRows:
    """A cell's record by time [s], rising: potential [V], current [A], net charge [C]."""

    time: Array
    potential: Array
    current: Array
    charge: Array
    flags: tuple[str, ...]


def rows_of_cell(cycling: Record) -> CellRows:
    """The rows of a cycling record or a voltammogram; a pause of unknown length takes no charge."""
    require_record(cycling)
    kind = cycling.kind if cycling.kind == "voltammogram" else "cycling"
    names = ("test_time_second", "voltage_volt", "current_ampere")
    rows, flags = usable_rows(cycling, kind, names, at_least=2)
    time, voltage, current = (cycling.array(name)[rows] for name in names)
    order = np.argsort(time, kind="stable")
    time, voltage, current = time[order], voltage[order], current[order]
    passed = np.diff(time) * 0.5 * (current[1:] + current[:-1])
    passed[pauses_among(cycling, rows)] = 0.0
    return CellRows(time, voltage, current, np.concatenate([[0.0], np.cumsum(passed)]), flags)


def joined(cycling: Record, times: Array, offset: float) -> CellHistory:
    """The cell's potential, charge and current at ``times`` less ``offset`` [s] on its clock.

    Raises :class:`InputError` where no spectrum lies within the record.
    """
    cell = rows_of_cell(cycling)
    at = times - offset
    outside = (at < cell.time[0]) | (at > cell.time[-1])
    if np.all(outside):
        raise InputError(
            f"no spectrum lies within {title_of(cycling)}, which lasts from {cell.time[0]:g} to "
            f"{cell.time[-1]:g} s; the spectra from {at[0]:g} to {at[-1]:g} s. Give clock_offset, "
            "the time of the spectra at which the cell's clock was 0",
            where="cycling",
        )
    flags = cell.flags
    if np.any(outside):
        flags += (f"{int(np.sum(outside))} spectra lie outside the cycling record",)

    def then(values: Array) -> Array:
        return np.where(outside, np.nan, np.interp(at, cell.time, values))

    charge = then(cell.charge) / COULOMB_PER_MAH
    return CellHistory(then(cell.potential), charge, then(cell.current), flags)
