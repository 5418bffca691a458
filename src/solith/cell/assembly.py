"""From a cell's description to the PyBaMM model with its interfaces."""

from __future__ import annotations

from solith.cell.cell import Cell
from solith.cell.model import FILMS, SolidStateCell
from solith.interface import AreaResistance

__all__ = ["build_model"]


def build_model(
    cell: Cell, capacitances: tuple[str, ...] = (), growth: bool = True
) -> SolidStateCell:
    """The PyBaMM model with the films and kinetics that ``cell`` has.

    ``capacitances`` names the :data:`ELEMENTS` whose capacitance takes part: none for slow
    protocols, all of them for impedance. Without ``growth`` an interphase that grows stays as
    thick as it is described. :func:`parameter_values` gives the parameters.
    """
    cathode, layer = cell.cathode, cell.electrolyte
    growing = growth and cathode.interphase is not None and cathode.interphase.growth is not None
    films = {
        "coating": cathode.coating,
        "interphase": cathode.interphase,
        "further resistance": _resisting(cathode.further_resistance),
    }
    resisting = {**films, "anode": _resisting(cell.anode.interface)}
    kept = tuple(name for name in capacitances if resisting.get(name, cell) is not None)
    return SolidStateCell(
        {
            "surface form": "differential" if kept else "false",
            "intercalation kinetics": cathode.charge_transfer.pybamm_option,
        },
        films=tuple(film for film in FILMS if films[film] is not None),
        capacitances=kept,
        grain_boundary=_resisting(layer.grain_boundary) is not None,
        growth=growing,
    )


def _resisting(element: AreaResistance | None) -> AreaResistance | None:
    # Beside a resistance of zero a capacitance never charges: there is no element.
    return element if element is not None and element.resistance > 0 else None
