"""Energy at rates from the cell model: what a stack gives, and what its loss budget took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.cell.cell import Cell
from solith.cell.protocol import rate_series
from solith.cell.simulation import simulate
from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import in_unit
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.design._weights import Weights, weigh
from solith.design.energy import require_stack
from solith.design.joined import find_window_of, require_cell
from solith.design.load import Discharge
from solith.design.rated import RATE_UNITS, energy_row
from solith.design.stack import Stack

__all__ = ["simulate_energy"]

Array = NDArray[np.float64]
_SAME = 0.01  # of a length or a loading
_METHOD = "cell model; losses from its loss budget"


def simulate_energy(
    stack: Stack,
    cell: Cell,
    rates: Sequence[str],
    upper: str,
    lower: str,
    *,
    charge: str | None = None,
    progress: Progress = SILENT,
) -> Result:
    """Energy that ``stack`` gives at ``rates`` ("0.1 C", "1 mA/cm2"), by simulating ``cell``.

    Mass, volume and number of cells are the stack's; ``cell`` is one of its cells, made by
    :func:`solith.design.cell_of_stack` (or the stack of it by ``stack_of_cell``). Each rate is
    discharged from ``upper`` to ``lower`` after a charge at ``charge``, the first of ``rates``
    unless given. ``details["rates"]`` has the rows of :func:`trace_ragone`; the losses
    are the loss budget's, integrated over the charge, and ``undelivered``: the energy at open
    circuit of what the rate does not take out of the window, by difference. ``closure`` [%] of a
    row tells by how much energy, losses and energy at open circuit over the charge that flowed do
    not add up.

    Values: ``gravimetric_<rate>``, ``interface_cost_<rate>`` [Wh/kg], ``open_circuit_energy``, and
    ``closure`` [%], the worst. Raises :class:`InputError` for a cell that is not the stack's.
    """
    require_stack(stack)
    require_cell(cell)
    _check_match(stack, cell)
    if isinstance(rates, str) or not rates:
        raise InputError("give at least one rate, such as ['0.1 C', '1 C']", where="rates")
    window, weights = find_window_of(cell, upper, lower), weigh(stack)
    protocol = rate_series(tuple(rates), upper, lower, charge=charge or rates[0])
    record = simulate(cell, protocol, progress=progress)
    whole = stack.cells * window.energy
    rows = []
    for place, rate in enumerate(rates):
        energies = _integrals(record, place)
        row = _row(stack, cell, weights, energies, whole, rate)
        missing = energies["delivered"] + sum(energies["losses"].values())
        row["closure"] = float(100 * abs(missing / energies["open_circuit"] - 1))
        rows.append(row)
    told = stack.convention
    values = []
    for row in rows:
        named = row["label"].replace(" ", "")
        values += [
            Value(f"gravimetric_{named}", row["discharge_energy"], "Wh/kg", method=told),
            Value(
                f"interface_cost_{named}",
                row["interface_cost"],
                "Wh/kg",
                method=f"{_METHOD}; {told}",
            ),
        ]
    values += [
        Value("open_circuit_energy", rows[0]["open_circuit_energy"], "Wh/kg", method=told),
        Value("closure", max(row["closure"] for row in rows), "%", method=_METHOD),
    ]
    units = {**RATE_UNITS, "areal_capacity": "mAh/cm2", "closure": "%"}
    details = {"convention": told, "rates": rows, "units": units, "mass_of": "the whole stack"}
    return Result("Ragone line of a simulated stack", tuple(values), details)


def _check_match(stack: Stack, cell: Cell) -> None:
    cathode = stack.cathode.layer("cathode", stack.liquid)
    pairs = (
        ("loading of the cathode", stack.cathode.areal_loading(), cell.cathode.active_loading),
        ("thickness of the cathode", cathode.thickness, cell.cathode.depth),
        ("thickness of the separator", stack.separator.thickness, cell.electrolyte.thickness),
    )
    for what, mine, its in pairs:
        if abs(mine - its) > _SAME * its:
            raise InputError(
                f"the {what} is {mine:.4g} in the stack and {its:.4g} in the cell (SI); make one "
                "of the other with cell_of_stack or stack_of_cell",
                where="cell",
            )


def _integrals(record: Record, place: int) -> dict[str, Any]:
    """Energies [J/m2] of one cell over the discharge of one rate, and its current and voltage."""
    from solith.cell.losses import LOSS_PARTS  # imports PyBaMM

    cycle = record.array("cycle_count")
    current, time = record.array("current_ampere"), record.array("test_time_second")
    own = cycle == np.unique(cycle)[place]
    flows = own[1:] & own[:-1] & (current[1:] < 0) & (current[:-1] < 0)
    area = float(record.data.attrs["geometric_area_m2"])
    charge: Array = np.where(flows, -(current[1:] + current[:-1]) / 2 * np.diff(time), 0.0) / area

    def over_charge(name: str) -> float:
        values = record.array(name)
        return float(np.sum((values[1:] + values[:-1]) / 2 * charge))

    return {
        "delivered": over_charge("voltage_volt"),
        "open_circuit": over_charge("open_circuit_voltage_volt"),
        "losses": {part: over_charge(f"loss_{part}_volt") for part in LOSS_PARTS},
        "charge": float(charge.sum()),
        "seconds": float(np.diff(time)[flows].sum()),
    }


def _row(
    stack: Stack, cell: Cell, weights: Weights, energies: dict[str, Any], whole: float, rate: str
) -> dict[str, Any]:
    cells, seconds = stack.cells, energies["seconds"]
    losses = {name: cells * one for name, one in energies["losses"].items() if abs(one) > 0}
    losses["undelivered"] = whole - cells * energies["open_circuit"]
    discharge = Discharge(
        energies["charge"] / seconds,
        energies["delivered"] / energies["charge"],
        cells * energies["delivered"],
        losses,
        whole,
        cells * energies["delivered"] / seconds,
    )
    row = energy_row(weights, discharge, rate)
    row["c_rate"] = float(discharge.current / cell.one_c)
    row["areal_capacity"] = in_unit(energies["charge"], "C/m2", "mAh/cm2")
    return row
