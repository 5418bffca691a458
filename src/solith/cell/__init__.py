"""Cells made of interfaces and composites, protocols, and their simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.cell.assembly import build_model
    from solith.cell.cell import Anode, Cathode, Cell, ElectrolyteLayer
    from solith.cell.losses import LOSS_PARTS
    from solith.cell.model import ELEMENTS, SolidStateCell
    from solith.cell.parameters import parameter_values
    from solith.cell.protocol import PROTOCOLS, Cycling, Impedance, cc_cv, cycle, rate_series
    from solith.cell.simulation import simulate

_HOMES = {
    "PROTOCOLS": "protocol",
    "Anode": "cell",
    "Cathode": "cell",
    "Cell": "cell",
    "Cycling": "protocol",
    "ELEMENTS": "model",
    "ElectrolyteLayer": "cell",
    "Impedance": "protocol",
    "LOSS_PARTS": "losses",
    "SolidStateCell": "model",
    "build_model": "assembly",
    "cc_cv": "protocol",
    "cycle": "protocol",
    "parameter_values": "parameters",
    "rate_series": "protocol",
    "simulate": "simulation",
}
__all__ = [
    "ELEMENTS",
    "LOSS_PARTS",
    "PROTOCOLS",
    "Anode",
    "Cathode",
    "Cell",
    "Cycling",
    "ElectrolyteLayer",
    "Impedance",
    "SolidStateCell",
    "build_model",
    "cc_cv",
    "cycle",
    "parameter_values",
    "rate_series",
    "simulate",
]

__getattr__ = fetch_from(__name__, _HOMES)
