"""A thin-film cell's description as PyBaMM parameter values, and the make of its model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pybamm

from solith.cell._thin_film_kinetics import SHAPES, exchange_factor
from solith.cell.cell import REFERENCE_TEMPERATURE, ElectrolyteLayer
from solith.cell.thin_film import BinaryElectrolyte, FilmTransfer, ThinFilmCell
from solith.core.errors import UnknownNameError
from solith.interface import AreaResistance, Film
from solith.interface.arrhenius import arrhenius_factor

__all__ = [
    "FILM_ELEMENTS",
    "LEAST_MOBILE",
    "FilmStructure",
    "default_film_cell",
    "film_mapping",
    "film_numbers",
    "film_structure",
    "layer_resistances",
]

FILMS = ("coating", "interphase", "further resistance")
FILM_ELEMENTS = (
    "charge transfer",
    *FILMS,
    "separator",
    "grain boundary",
    "anode",
    "anode transfer",
)
"""What can have a capacitance in a thin-film cell."""

LEAST_MOBILE = 1e-12
"""What a logarithm takes for no mobile lithium, over that at equilibrium."""

_ANY_VOLTAGE = 100.0  # V; cut-offs belong to the protocol

_INPUTS = (
    "Initial concentration in positive electrode [mol.m-3]",
    "Initial concentration in electrolyte [mol.m-3]",
    "Electrolyte total lithium concentration [mol.m-3]",
    "Electrolyte lithium diffusivity [m2.s-1]",
    "Electrolyte counter charge diffusivity [m2.s-1]",
    "Electrolyte dissociation rate [s-1]",
    "Electrolyte recombination rate [m3.mol-1.s-1]",
    "Positive electrode exchange-current density at reference [A.m-2]",
    "Negative electrode exchange-current density at reference [A.m-2]",
    "Positive film diffusivity factor",
)
_RESISTANCE = "area resistance [Ohm.m2]"


@dataclass(frozen=True)
class FilmStructure:
    """What the model of a thin-film cell is made of; what is not named is left out.

    * ``binary``: counter charges move in the electrolyte;
    * ``layers``: the resistances in series, of coating, interphase, further resistance,
      separator, grain boundary and anode;
    * ``transfer`` at the film, ``anode_transfer`` at the metal: "symmetric", "linear" or
      "asymmetric";
    * ``capacitances``: which of :data:`FILM_ELEMENTS` have theirs.
    """

    binary: bool = True
    layers: tuple[str, ...] = ()
    transfer: str = "symmetric"
    anode_transfer: str | None = None
    capacitances: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for element in self.capacitances:
            if element not in FILM_ELEMENTS:
                raise UnknownNameError.among("element", element, FILM_ELEMENTS)
        present = {"charge transfer", *self.layers}
        if self.binary:
            present.add("separator")
        if self.anode_transfer is not None:
            present.add("anode transfer")
        kept = tuple(e for e in FILM_ELEMENTS if e in self.capacitances and e in present)
        object.__setattr__(self, "capacitances", kept)


def film_structure(cell: ThinFilmCell, capacitances: tuple[str, ...] = ()) -> FilmStructure:
    """What the model of ``cell`` is made of."""
    transfer = cell.anode.charge_transfer
    return FilmStructure(
        binary=isinstance(cell.electrolyte, BinaryElectrolyte),
        layers=tuple(layer_resistances(cell)),
        transfer=SHAPES[cell.cathode.charge_transfer.law],
        anode_transfer=None if transfer is None else SHAPES[transfer.law],
        capacitances=capacitances,
    )


def layer_resistances(cell: ThinFilmCell) -> dict[str, float]:
    """Resistances in series on the geometric area [ohm m2] at the cell's temperature."""
    return {name: resistance for name, (resistance, _) in _layers(cell).items()}


def film_mapping(cell: ThinFilmCell) -> dict[str, Any]:
    """Parameters of :class:`ThinFilmModel` for ``cell``, in PyBaMM's names.

    They hold at the cell's temperature.
    """
    film, electrolyte = cell.cathode, cell.electrolyte
    potential, sites = cell.open_circuit_potential, film.sites
    side = float(np.sqrt(cell.area))
    values: dict[str, Any] = {
        "chemistry": "lithium_ion",
        "Negative electrode thickness [m]": 0.0,
        "Separator thickness [m]": electrolyte.thickness,
        "Positive electrode thickness [m]": film.thickness,
        "Electrode height [m]": side,
        "Electrode width [m]": side,
        "Nominal cell capacity [A.h]": cell.one_c * cell.area,  # so that 1 C is one_c
        "Current function [A]": cell.one_c * cell.area,
        "Contact resistance [Ohm]": 0.0,
        "Number of electrodes connected in parallel to make a cell": 1.0,
        "Number of cells connected in series to make a battery": 1.0,
        "Ambient temperature [K]": cell.temperature,
        "Reference temperature [K]": REFERENCE_TEMPERATURE,
        "Initial temperature [K]": cell.temperature,
        "Lower voltage cut-off [V]": -_ANY_VOLTAGE,
        "Upper voltage cut-off [V]": _ANY_VOLTAGE,
        "Open-circuit voltage at 0% SOC [V]": float(potential(potential.extended_high))
        - cell.anode_potential(),
        "Open-circuit voltage at 100% SOC [V]": float(potential(potential.extended_low))
        - cell.anode_potential(),
        "Positive electrode OCP [V]": potential.function,
        "Negative electrode OCP [V]": cell.anode_potential(),
        "Lowest valid positive electrode stoichiometry": potential.extended_low,
        "Highest valid positive electrode stoichiometry": potential.extended_high,
        "Maximum concentration in positive electrode [mol.m-3]": sites,
        "Initial concentration in positive electrode [mol.m-3]": sites
        * film.initial_lithium_fraction,
    }
    _add_diffusivity(values, cell)
    _add_transfer(values, cell, "Positive", film.charge_transfer)
    if cell.anode.charge_transfer is not None:
        _add_transfer(values, cell, "Negative", cell.anode.charge_transfer)
    for name, (resistance, capacitance) in _layers(cell).items():
        values[f"{name.capitalize()} {_RESISTANCE}"] = resistance
        values[f"{name.capitalize()} capacitance [F.m-2]"] = capacitance
    if isinstance(electrolyte, BinaryElectrolyte):
        _add_electrolyte(values, cell, electrolyte)
    return values


def film_numbers(mapping: dict[str, Any]) -> dict[str, float]:
    """The parameters of ``mapping`` that may change without the model being built anew."""
    return {
        name: value
        for name, value in mapping.items()
        if name in _INPUTS or name.endswith(_RESISTANCE)
    }


def default_film_cell() -> ThinFilmCell:
    """A lithium | lithium phosphate | LiCoO2 cell of 10 uAh.

    Films, lithium content and rates of Danilov, Niessen and Notten (10.1149/1.3521414, read
    in a public summary), with the materials table's open-circuit potential and the crystal's
    lithium sites, and the recombination rate a hundred times the printed one, which that
    summary found their figures to need.
    """
    return ThinFilmCell.from_mapping(
        {
            "area": "1 cm2",
            "one_c": "10 uA/cm2",
            "cathode": {
                "material": "LiCoO2",
                "thickness": "320 nm",
                "initial_lithium_fraction": 0.5,
                "diffusivity": "1.76e-15 m2/s",
                "charge_transfer": {
                    "law": "asymmetric",
                    "exchange_current_density": "1 mA/cm2",
                    "anodic_coefficient": 0.6,
                },
            },
            "electrolyte": {
                "law": "binary",
                "thickness": "1.5 um",
                "lithium_concentration": "60.1 kmol/m3",
                "mobile_fraction": 0.18,
                "lithium_diffusivity": "0.9e-15 m2/s",
                "counter_diffusivity": "5.1e-15 m2/s",
                "recombination_rate": "0.9e-6 m3/(mol s)",
            },
            "anode": {"material": "Li"},
        }
    )


def _add_diffusivity(values: dict[str, Any], cell: ThinFilmCell) -> None:
    law = cell.cathode.diffusivity
    thermal = _factor(law.activation_energy, cell)
    # The scale alone is an input: a law's points and shape stay in the built model.
    scale = float(getattr(law, "value", 1.0))
    shape = law.replace(value=1.0) if hasattr(law, "value") else law
    values["Positive film diffusivity factor"] = scale * thermal

    def diffusivity(fraction: Any) -> Any:
        return pybamm.Parameter("Positive film diffusivity factor") * shape.value_at(fraction)

    values["Positive particle diffusivity [m2.s-1]"] = diffusivity


def _add_transfer(
    values: dict[str, Any], cell: ThinFilmCell, where: str, law: FilmTransfer
) -> None:
    name = f"{where} electrode exchange-current density"
    values[f"{name} at reference [A.m-2]"] = law.exchange(REFERENCE_TEMPERATURE) * _factor(
        law.activation_energy, cell
    )

    def exchange(fraction: Any, mobile: Any) -> Any:
        reference = pybamm.Parameter(f"{name} at reference [A.m-2]")
        return reference * exchange_factor(law, fraction if where == "Positive" else None, mobile)

    values[f"{name} [A.m-2]"] = exchange
    values[f"{where} electrode anodic transfer coefficient"] = float(
        getattr(law, "anodic_coefficient", 0.5)
    )
    values[f"{where} electrode double-layer capacity [F.m-2]"] = law.double_layer


def _add_electrolyte(
    values: dict[str, Any], cell: ThinFilmCell, electrolyte: BinaryElectrolyte
) -> None:
    thermal = _factor(electrolyte.activation_energy, cell)
    values |= {
        "Initial concentration in electrolyte [mol.m-3]": electrolyte.mobile_concentration,
        "Electrolyte total lithium concentration [mol.m-3]": electrolyte.lithium_concentration,
        "Electrolyte lithium diffusivity [m2.s-1]": electrolyte.lithium_diffusivity * thermal,
        "Electrolyte counter charge diffusivity [m2.s-1]": electrolyte.counter_diffusivity
        * thermal,
        "Electrolyte dissociation rate [s-1]": electrolyte.dissociation_rate * thermal,
        "Electrolyte recombination rate [m3.mol-1.s-1]": electrolyte.recombination_rate * thermal,
        "Separator capacitance [F.m-2]": electrolyte.area_capacitance,
    }


def _layers(cell: ThinFilmCell) -> dict[str, tuple[float, float]]:
    """Area resistance [ohm m2] and capacitance [F/m2] of what lies in series."""
    film, found = cell.cathode, {}
    layers: dict[str, Film | AreaResistance | None] = {
        "coating": film.coating,
        "interphase": film.interphase,
        "further resistance": film.further_resistance,
        "anode": cell.anode.interface,
    }
    electrolyte = cell.electrolyte
    if isinstance(electrolyte, ElectrolyteLayer):
        thermal = _factor(electrolyte.activation_energy or 0.0, cell)
        found["separator"] = (
            electrolyte.area_resistance / thermal,
            electrolyte.area_capacitance,
        )
        layers["grain boundary"] = electrolyte.grain_boundary
    for name, layer in layers.items():
        if isinstance(layer, Film):
            resistance, capacitance = layer.area_resistance, layer.area_capacitance
        elif layer is not None and layer.resistance > 0:
            resistance, capacitance = layer.resistance, layer.capacitance
        else:
            # Beside a resistance of zero a capacitance never charges: there is no element.
            continue
        thermal = _factor(layer.activation_energy or 0.0, cell)
        found[name] = (resistance / thermal, capacitance)
    return found


def _factor(energy: float, cell: ThinFilmCell) -> float:
    return float(arrhenius_factor(energy, cell.temperature, REFERENCE_TEMPERATURE))
