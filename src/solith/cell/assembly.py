"""From a cell's description to the PyBaMM model with its interfaces."""

from __future__ import annotations

from solith.cell.cell import Cell
from solith.cell.model import FILMS, SolidStateCell

__all__ = ["build_model"]


def build_model(cell: Cell, capacitances: tuple[str, ...]) -> SolidStateCell:
    """The PyBaMM model with the films that ``cell`` has and the named capacitances."""
    cathode = cell.cathode
    present = {
        "coating": cathode.coating,
        "interphase": cathode.interphase,
        "further resistance": cathode.further_resistance,
    }
    without_resistance = {
        "anode": cell.anode.interface.resistance == 0,
        "further resistance": cathode.further_resistance is not None
        and cathode.further_resistance.resistance == 0,
    }
    kept = tuple(name for name in capacitances if not without_resistance.get(name, False))
    return SolidStateCell(
        {
            "surface form": "differential" if kept else "algebraic",
            "intercalation kinetics": cathode.charge_transfer.pybamm_option,
        },
        films=tuple(film for film in FILMS if present[film] is not None),
        capacitances=kept,
        grain_boundary=cell.electrolyte.grain_boundary is not None,
    )
