"""From a cell's description to the PyBaMM model with its interfaces."""

from __future__ import annotations

from typing import TypeVar

from solith.cell.cell import Cell
from solith.cell.diffusivity import ConstantDiffusivity
from solith.cell.model import SolidStateCell
from solith.cell.structure import FILMS, Structure
from solith.interface import AreaResistance, DepletionLayer

__all__ = ["build_model", "structure_of"]

_Element = TypeVar("_Element", AreaResistance, DepletionLayer)


def build_model(
    cell: Cell, capacitances: tuple[str, ...] = (), changes: bool = True
) -> SolidStateCell:
    """The PyBaMM model with the films and kinetics that ``cell`` has.

    ``capacitances`` names the :data:`ELEMENTS` whose capacitance takes part: none for slow
    protocols, all of them for impedance. Without ``changes`` nothing grows, is oxidised or
    loses contact: the cell stays as it is described. :func:`parameter_values` gives the
    parameters.
    """
    structure = structure_of(cell, capacitances, changes)
    return SolidStateCell(
        {
            "surface form": "differential" if structure.capacitances else "false",
            "intercalation kinetics": cell.cathode.charge_transfer.pybamm_option,
        },
        structure,
    )


def structure_of(cell: Cell, capacitances: tuple[str, ...] = (), changes: bool = True) -> Structure:
    """What the model of ``cell`` is made of."""
    cathode, layer = cell.cathode, cell.electrolyte
    films = {
        "coating": cathode.coating,
        "interphase": cathode.interphase,
        "further resistance": _resisting(cathode.further_resistance),
        "space charge": _resisting(cathode.space_charge),
    }
    resisting = {**films, "anode": _resisting(cell.anode.interface)}
    grows = cathode.interphase is not None and cathode.interphase.growth is not None
    patches, radius = cathode.confinement, cathode.composite.particle_radius
    modes = () if patches is None else patches.modes(cell.contact_fraction, radius)
    return Structure(
        films=tuple(film for film in FILMS if films[film] is not None),
        capacitances=tuple(e for e in capacitances if resisting.get(e, cell) is not None),
        grain_boundary=_resisting(layer.grain_boundary) is not None,
        growth=changes and grows,
        oxidation=changes and cathode.oxidation is not None,
        breathing=changes and cathode.breathing is not None,
        access_loss=changes and cathode.access_loss is not None,
        confinement=len(modes),
        varying_diffusivity=not isinstance(cathode.diffusivity, ConstantDiffusivity),
        particle_classes=len(cathode.particle_classes),
        anode_host=cell.anode.host is not None,
    )


def _resisting(element: _Element | None) -> _Element | None:
    # Beside a resistance of zero a capacitance never charges: there is no element.
    return element if element is not None and element.resistance > 0 else None
