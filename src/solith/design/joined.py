"""A cell and a stack of it: layers, capacity and resistances from one to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from solith.cell.cell import REFERENCE_TEMPERATURE, Cell
from solith.cell.reference import read_voltage
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError
from solith.design._layer import find_density
from solith.design.electrode import Constituent, Electrode
from solith.design.energy import require_stack
from solith.design.resistances import Resistances
from solith.design.separator import Separator
from solith.design.stack import Stack
from solith.interface.arrhenius import arrhenius_factor

__all__ = ["Window", "cell_of_stack", "find_window_of", "require_cell", "stack_of_cell"]

_HOUR = 3600.0  # s
_POINTS = 2001
_NO_PORES = 1e-9


@dataclass(frozen=True)
class Window:
    """What a cell holds between two potentials at equilibrium, of the lithium that is accessible.

    ``low`` and ``high`` are lithium fractions of the cathode; ``capacity`` [C/m2] and ``energy``
    [J/m2] are one cell's per geometric area, ``cathode_potential`` is the mean one and
    ``end_of_charge`` the upper one as told, which a charge goes to [V vs Li].
    """

    low: float
    high: float
    capacity: float
    energy: float
    cathode_potential: float
    end_of_charge: float

    @property
    def voltage(self) -> float:
        """Mean open-circuit voltage of the cell [V]."""
        return self.energy / self.capacity


def find_window_of(cell: Cell, upper: str, lower: str) -> Window:
    """The window of ``cell`` between ``upper`` and ``lower`` ("3.8 V vs Li-In").

    A potential that the curve does not reach, or lithium that the cell does not hold, ends it
    where they end.
    """
    require_cell(cell)
    curve = cell.open_circuit_potential
    lowest, highest = curve.potential_range()
    ends, told = [], []
    for name, text in (("upper", upper), ("lower", lower)):
        try:
            potential = read_voltage(text).against_lithium(cell)
        except InputError as error:
            raise error.inside(name) from None
        if potential is None:
            raise InputError(
                f"{text!r} is the voltage of a cell whose anode's potential changes; name a "
                "reference, such as '4.2 V vs Li'",
                where=name,
            )
        told.append(float(potential))
        ends.append(curve.lithium_fraction_at(min(max(potential, lowest), highest)))
    low, high = ends
    if cell.anode.host is not None:  # as assembled, all lithium is in one of the two hosts
        high = min(high, cell.cathode.initial_lithium_fraction)
    if not low < high:
        raise InputError(f"{upper!r} leaves no lithium to discharge to {lower!r}", where="upper")
    sites = cell.full_capacity * cell.cathode.composite.accessible_fraction
    fractions = np.linspace(low, high, _POINTS)
    cathode = np.asarray(cell.open_circuit_potential(fractions))
    voltage = cathode - np.array([cell.anode_potential(float(one)) for one in fractions])
    return Window(
        low,
        high,
        float(sites * (high - low)),
        float(sites * np.trapezoid(voltage, fractions)),
        float(np.trapezoid(cathode, fractions) / (high - low)),
        told[0],
    )


def stack_of_cell(cell: Cell, upper: str, lower: str, *, anode: Any, **parts: Any) -> Stack:
    """The stack that ``cell`` is, used between two potentials, with its resistances.

    Cathode, separator and voltage are the cell's: capacity and mean voltage are those at
    equilibrium between ``upper`` and ``lower`` ("3.8 V vs Li-In"), of the lithium that is
    accessible; what is neither active material nor electrolyte in the composite counts as pores.
    The cell does not say how thick its anode is: ``anode`` is one of a stack
    (``Foil(excess=0.2)``). ``parts`` are further fields of :class:`Stack`: collectors, pouch,
    arrangement. Resistances are those at the middle of the window and at the cell's temperature
    and pressure, of small currents and an even reaction; diffusion is not in them.

    Raises :class:`InputError` for what is no solid cell, or an electrolyte of unknown density.
    """
    window = find_window_of(cell, upper, lower)
    cathode, composite, layer = cell.cathode, cell.cathode.composite, cell.electrolyte
    active = composite.active_fraction * cathode.active_material.value("density")
    try:
        other = composite.electrolyte_fraction * find_density(layer.material, None)
    except InputError as error:
        raise error.inside("electrolyte") from None
    pores = 1 - composite.active_fraction - composite.electrolyte_fraction
    return Stack(
        cathode=Electrode(
            active=Constituent(
                cathode.material, active / (active + other), active / composite.active_fraction
            ),
            additives=(Constituent(layer.material, other / (active + other)),),
            capacity=window.capacity / cathode.active_loading,
            voltage=window.cathode_potential,
            end_of_charge=window.end_of_charge,
            loading=cathode.active_loading,
            porosity=pores if pores > _NO_PORES else 0.0,
        ),
        separator=Separator(
            layer.material, layer.thickness, conductivity=_layer_conductivity(cell)
        ),
        anode=anode,
        voltage=window.voltage,
        resistances=_resistances(cell, 0.5 * (window.low + window.high)),
        **parts,
    )


def cell_of_stack(stack: Stack, cell: Cell) -> Cell:
    """``cell`` with the cathode's fractions and loading, the separator and the 1 C of ``stack``.

    Interfaces, diffusion and anode stay the cell's; so does the effective ionic conductivity of
    the composite where the cell gives one. The active material must be the same; its density is
    the materials table's in the cell. The separator's material is the stack's.
    """
    require_stack(stack)
    require_cell(cell)
    if stack.cathode.active.material != cell.cathode.material:
        raise InputError(
            f"the stack's active material is {stack.cathode.active.material}, the cell's "
            f"{cell.cathode.material}; describe one of the two anew",
            where="cathode.active.material",
        )
    separator, layer = stack.separator, stack.cathode.layer("cathode", stack.liquid)
    fractions = {share.material: float(share.volume / layer.thickness) for share in layer.shares}
    composite = cell.cathode.composite.replace(
        active_fraction=fractions[stack.cathode.active.material],
        electrolyte_fraction=fractions.get(
            separator.material, cell.cathode.composite.electrolyte_fraction
        ),
    )
    conductivity = separator.conductivity
    changed = cell.electrolyte.replace(
        material=separator.material,
        thickness=separator.thickness,
        **({} if conductivity is None else _bulk(cell, conductivity)),
    )
    return cell.replace(
        cathode=cell.cathode.replace(
            composite=composite, loading=float(stack.cathode.areal_loading()), thickness=None
        ),
        electrolyte=changed,
        one_c=float(layer.capacity) / _HOUR,
    )


def require_cell(cell: Any) -> None:
    """Refuse what is no solid :class:`solith.cell.Cell`."""
    if not isinstance(cell, Cell):
        raise InputError(f"{type(cell).__name__} is no solid cell; expected a solith.cell.Cell")


def _bulk(cell: Cell, conductivity: float) -> dict[str, Any]:
    """Fields of the cell's electrolyte for a layer's whole conductivity at the temperature."""
    energy = cell.electrolyte.activation_energy or 0.0
    factor = arrhenius_factor(energy, cell.temperature, REFERENCE_TEMPERATURE)
    return {"conductivity": float(conductivity / factor), "grain_boundary": None}


def _layer_conductivity(cell: Cell) -> float:
    """Of the separator with its grain boundaries, at the cell's temperature [S/m]."""
    layer = cell.electrolyte
    factor = _factor(cell, layer.activation_energy or 0.0)
    resistance = layer.area_resistance / factor
    if layer.grain_boundary is not None:
        boundary = layer.grain_boundary
        resistance += boundary.resistance / _factor(cell, boundary.activation_energy)
    return float(layer.thickness / resistance)


def _resistances(cell: Cell, fraction: float) -> Resistances:
    from solith.cell.parameters import effective_conductivities

    cathode, transfer = cell.cathode, cell.cathode.charge_transfer
    exchange = transfer.exchange(REFERENCE_TEMPERATURE) * _factor(cell, transfer.activation_energy)
    if transfer.concentration != "constant":
        exchange *= 2 * (fraction * (1 - fraction)) ** 0.5
    found: dict[str, Any] = {
        "charge_transfer": GAS_CONSTANT * cell.temperature / (FARADAY * exchange)
    }
    for name in ("coating", "interphase"):
        film = getattr(cathode, name)
        if film is not None:
            found[name] = film.area_resistance / _factor(cell, film.activation_energy or 0.0)
    further, space = cathode.further_resistance, cathode.space_charge
    if further is not None:
        found["further_resistance"] = further.resistance / _factor(cell, further.activation_energy)
    if space is not None:
        own = float(space.resistance_at(cell.open_circuit_potential(fraction)))
        found["space_charge"] = own / _factor(cell, space.activation_energy)
    ionic, electronic = effective_conductivities(cell)
    anode = cell.anode.interface
    return Resistances(
        ionic_conductivity=ionic,
        electronic_conductivity=electronic,
        surface_area=cell.active_area / (cell.area * cathode.depth),
        contact_fraction=cell.contact_area / cell.active_area,
        anode=anode.resistance / _factor(cell, anode.activation_energy),
        **found,
    )


def _factor(cell: Cell, activation_energy: float) -> float:
    return float(arrhenius_factor(activation_energy, cell.temperature, REFERENCE_TEMPERATURE))
