"""A cell as cycling has left it."""

from __future__ import annotations

from typing import Any

import numpy as np

from solith.cell.cell import Cell
from solith.core.errors import InputError
from solith.core.record import Record

__all__ = ["cell_after"]


def cell_after(cell: Cell, record: Record, *, cycle: int | None = None) -> Cell:
    """``cell`` as it stands, at rest, at the end of a ``cycle`` of its simulated ``record``.

    The last cycle unless given. Interphase thickness, the contact's lasting part, accessible
    fraction and the lithium of cathode and anode are those of the record; means over the
    cathode's depth take the place of profiles. Laws go on from there.

    Raises :class:`InputError` for a record that is not a simulated cycling record, a cycle that
    it does not hold and a cell that is not solid.
    """
    if not isinstance(cell, Cell):
        raise InputError(f"{type(cell).__name__} cannot be taken after cycling; give a solid cell")
    if "mean_lithium_fraction" not in record.data or "cycle_count" not in record.data:
        raise InputError(f"{record.name or 'the record'} is not of simulated cycling")
    row = _last_row(record, cycle)

    def at_end(name: str) -> float | None:
        return float(record.array(name)[row]) if name in record.data else None

    cathode = cell.cathode
    composite: dict[str, Any] = {}
    changes: dict[str, Any] = {"initial_lithium_fraction": at_end("mean_lithium_fraction")}
    lasting = at_end("lasting_contact_1")
    if lasting is not None and cathode.breathing is not None:
        origin = cathode.breathing.origin
        changes["breathing"] = cathode.breathing.replace(
            lasting=lasting,
            origin=cathode.initial_lithium_fraction if origin is None else origin,
        )
    accessible = at_end("accessible_fraction_1")
    if accessible is not None and cathode.access_loss is not None:
        composite["accessible_fraction"] = accessible
        floor = cathode.access_loss.floor * cathode.composite.accessible_fraction / accessible
        changes["access_loss"] = cathode.access_loss.replace(floor=min(floor, 1.0))
    thickness = at_end("mean_interphase_thickness_metre")
    if thickness is not None and cathode.interphase is not None:
        changes["interphase"] = cathode.interphase.replace(thickness=thickness)
    aged = cell.replace(
        cathode=cathode.replace(composite=cathode.composite.replace(**composite), **changes)
    )
    anode = at_end("anode_lithium_fraction")
    if anode is None or cell.anode.host is None:
        return aged
    host = cell.anode.host.replace(initial_lithium_fraction=anode)
    return aged.replace(anode=cell.anode.replace(host=host))


def _last_row(record: Record, cycle: int | None) -> int:
    counts = record.array("cycle_count")
    if cycle is None:
        return len(counts) - 1
    rows = np.flatnonzero(counts == cycle)
    if len(rows) == 0:
        raise InputError(
            f"there is no cycle {cycle} in the record; it holds {counts.min():g} to "
            f"{counts.max():g}",
            where="cycle",
        )
    return int(rows[-1])
