"""What a filament does to the record of a lithium symmetric cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.quantities import to_si
from solith.core.record import Record

__all__ = ["short_by_filament"]


def short_by_filament(
    record: Record,
    critical_current_density: Any,
    *,
    after: Any = "5 min",
    resistance: Any = "2 ohm",
) -> Record:
    """The record of a symmetric cell with a filament that shorts it above a critical current.

    In the first step whose current density, on the *geometric* area, exceeds
    ``critical_current_density`` [A/m2 or text], a filament starts; ``after`` [s or text] from the
    step's begin (or at its end, if that is sooner) it is through, and stays: from there the voltage
    is that of a ``resistance`` [ohm]. How long it takes and what it conducts are given, not
    computed. All current then flows through the filament: a loss budget holds it alone
    (``loss_filament_volt``, so that the losses still add up to the open-circuit voltage less the
    cell's), and nothing more is plated. A record whose currents stay below is returned with a
    note.

    :class:`InputError` for another record than that of a cell in steps with a geometric area.
    """
    require_record(record)
    if record.kind != "cycling" or "step_count" not in record.data.variables:
        raise InputError(f"a symmetric cell's record in steps is needed, not one of {record.kind}")
    area = record.data.attrs.get("geometric_area_m2")
    if not area:
        raise InputError("the record does not tell its geometric area", where="record")
    limit, wait = to_si(critical_current_density, "A/m2"), to_si(after, "s")
    short = to_si(resistance, "ohm")
    if not (limit > 0 and wait >= 0 and short > 0):
        raise InputError("critical current density and resistance are above 0, after is not below")
    time, current = record.array("test_time_second"), record.array("current_ampere")
    step = record.array("step_count")
    beyond = np.abs(current) / float(area) > limit * (1 + 1e-9)
    told = f"a filament starts above {0.1 * limit:.4g} mA/cm2 of the geometric area"
    if not beyond.any():
        return _noted(record, f"{told}, which no step reaches")
    own = np.flatnonzero(step == step[int(np.argmax(beyond))])
    through = min(time[own[0]] + wait, time[own[-1]])
    shorted = time >= through
    voltage = np.where(shorted, current * short, record.array("voltage_volt"))
    data = _with_columns(record, shorted, voltage)
    note = f"{told}; it is through at {through / 3600:.4g} h and conducts as {short:.4g} ohm"
    return _noted(replace(record, data=data), note)


def _with_columns(
    record: Record, shorted: NDArray[np.bool_], voltage: NDArray[np.float64]
) -> xr.Dataset:
    """The columns with the short: its voltage [V], its loss, and what was plated before it."""
    data = record.data.copy()
    data["voltage_volt"] = data["voltage_volt"].copy(data=voltage)
    first = int(np.argmax(shorted))
    names = [str(name) for name in data.data_vars]
    for name in names:
        if name.startswith("loss_"):
            data[name] = data[name].copy(data=np.where(shorted, 0.0, record.array(name)))
        elif "_plated_" in name:
            own = record.array(name)
            data[name] = data[name].copy(data=np.where(shorted, own[first], own))
    if any(name.startswith("loss_") for name in names):
        gap = record.array("open_circuit_voltage_volt") - voltage
        data["loss_filament_volt"] = data["voltage_volt"].copy(data=np.where(shorted, gap, 0.0))
    return data


def _noted(record: Record, note: str) -> Record:
    data = record.data.copy()
    data.attrs["notes"] = [*data.attrs.get("notes", ()), note]
    return replace(record, data=data)
