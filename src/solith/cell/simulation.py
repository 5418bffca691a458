"""Running a protocol on a cell."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from solith.cell._settings import Settings
from solith.cell.kinds import CELLS
from solith.cell.protocol import PROTOCOLS, Cycling, Gitt, Impedance, Voltammetry
from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.record import Record

__all__ = ["Protocol", "simulate"]

Protocol = Cycling | Gitt | Impedance | Voltammetry
"""Any protocol."""

# Imported when first needed: not every kind of cell needs PyBaMM, which takes seconds.
_SIMULATORS = {
    "solid": ("_solid", "simulate_solid"),
    "liquid": ("_liquid_simulation", "simulate_liquid"),
    "symmetric": ("_symmetric_simulation", "simulate_symmetric"),
    "thin-film": ("_thin_film_simulation", "simulate_thin_film"),
}


def simulate(
    cell: Any,
    protocol: Protocol,
    *,
    sample: str = "",
    progress: Progress = SILENT,
    cathode_cells: int | None = None,
    particle_cells: int | None = None,
    tolerance: float | None = None,
    losses: bool = True,
) -> Record:
    """The record that ``protocol`` gives on ``cell``.

    Cycling and titration give time, voltage, current (charging positive), open-circuit
    voltage, mean lithium fraction, the loss budget (unless ``losses`` is false), and the
    interphase, contact and accessible fraction where they change; voltammetry the same as a
    voltammogram; impedance the spectrum of the cell in ohm, linearised about equilibrium.
    A liquid half cell has no loss budget; a symmetric cell has lithium plated on each side
    and takes Cycling and Impedance.

    ``cathode_cells`` and ``particle_cells`` are the finite volumes through the cathode and a
    particle, ``tolerance`` the solver's relative one: 20, 30 and 1e-6 unless given, for more
    than 20 cycles 8, 16 and 3e-5 (impedance: 60 and 60). A cell of the same make is built
    once and then only given other numbers.

    Raises :class:`InputError` for a cut-off that the open-circuit potential cannot reach
    and :class:`ConvergenceError`, with step and reason, where a step does not converge or
    ends before its cut-off.
    """
    if not isinstance(protocol, Protocol):
        offered = ", ".join(member.__name__ for member in PROTOCOLS.members.values())
        raise InputError(f"{protocol!r} is not a protocol; give one of {offered}")
    settings = Settings(sample, progress, cathode_cells, particle_cells, tolerance, losses)
    if type(cell) not in CELLS.members.values():
        raise InputError(f"{cell!r} is not a cell; describe one with Cell(...)")
    if isinstance(protocol, Impedance) and protocol.after is not None and cell.law != "solid":
        raise InputError(
            f"the spectrum of a {cell.law} cell cannot be taken after cycling; leave it out",
            where="after",
        )
    module, name = _SIMULATORS[cell.law]
    record: Record = getattr(import_module(f"solith.cell.{module}"), name)(cell, protocol, settings)
    return record
