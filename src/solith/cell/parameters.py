"""A cell's description as PyBaMM parameter values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pybamm

from solith.cell.cell import REFERENCE_TEMPERATURE, Cell
from solith.cell.diffusivity import ConstantDiffusivity, TabulatedDiffusivity
from solith.interface import Film
from solith.interface.arrhenius import arrhenius_factor

__all__ = ["default_parameter_mapping", "default_parameter_values", "parameter_values"]

_ELECTROLYTE_CONCENTRATION = 1.0  # mol/m3; cancels out, lithium transference is one
_ANY_VOLTAGE = 100.0  # V; cut-offs belong to the protocol


def parameter_mapping(cell: Cell) -> dict[str, Any]:
    """Parameters of :class:`SolidStateCell` for ``cell``, in PyBaMM's names."""
    cathode, composite, layer = cell.cathode, cell.cathode.composite, cell.electrolyte
    active = cathode.active_material
    potential = cathode.open_circuit_potential
    sites = active.value("maximum_concentration")
    side = float(np.sqrt(cell.area))
    assert cell.anode.potential is not None
    layer_energy = layer.activation_energy or 0.0

    values: dict[str, Any] = {
        "chemistry": "lithium_ion",
        "Negative electrode thickness [m]": 0.0,
        "Separator thickness [m]": layer.thickness,
        "Positive electrode thickness [m]": cathode.depth,
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
        "Open-circuit voltage at 0% SOC [V]": cell.cell_potential(
            float(potential(potential.extended_high))
        ),
        "Open-circuit voltage at 100% SOC [V]": cell.cell_potential(
            float(potential(potential.extended_low))
        ),
        "Initial concentration in electrolyte [mol.m-3]": _ELECTROLYTE_CONCENTRATION,
        "Negative electrode OCP [V]": cell.anode.potential,
        "Positive electrode OCP [V]": potential.function,
        "Positive electrode OCP entropic change [V.K-1]": 0.0,
        "Lowest valid positive electrode stoichiometry": potential.extended_low,
        "Highest valid positive electrode stoichiometry": potential.extended_high,
        "Maximum concentration in positive electrode [mol.m-3]": sites,
        "Initial concentration in positive electrode [mol.m-3]": sites
        * cathode.initial_lithium_fraction,
        "Positive particle radius [m]": composite.particle_radius,
        "Positive particle diffusivity [m2.s-1]": _diffusivity(cathode.diffusivity),
        "Positive electrode active material volume fraction": composite.active_fraction,
        "Positive electrode surface area to volume ratio [m-1]": composite.active_area,
        "Positive electrode contact fraction": composite.contact_fraction,
        "Positive electrode accessible fraction": composite.accessible_fraction,
        "Positive electrode effective ionic conductivity [S.m-1]": _rising(
            _effective_ionic_conductivity(cell), layer_energy
        ),
        "Positive electrode effective electronic conductivity [S.m-1]": (
            _effective_electronic_conductivity(cell)
        ),
        "Positive electrode exchange-current density [A.m-2]": _exchange(cell, sites),
        "Positive electrode double-layer capacity [F.m-2]": cathode.charge_transfer.double_layer,
        "Separator bulk area resistance [Ohm.m2]": _falling(layer.area_resistance, layer_energy),
        "Separator bulk capacitance [F.m-2]": layer.area_capacitance,
    }
    for name, film in (("coating", cathode.coating), ("interphase", cathode.interphase)):
        if film is not None:
            values.update(_film(name, film))
    if cathode.interphase is not None and cathode.interphase.growth is not None:
        values["Positive interphase growth rate [m2.s-1]"] = cathode.interphase.growth.rate_at
    for element, resistance, capacitance in (
        (
            cathode.further_resistance,
            "Positive further resistance [Ohm.m2]",
            "Positive further resistance capacitance [F.m-2]",
        ),
        (
            layer.grain_boundary,
            "Separator grain boundary area resistance [Ohm.m2]",
            "Separator grain boundary capacitance [F.m-2]",
        ),
        (
            cell.anode.interface,
            "Negative interface area resistance [Ohm.m2]",
            "Negative interface capacitance [F.m-2]",
        ),
    ):
        if element is not None:
            values[resistance] = _falling(element.resistance, element.activation_energy)
            values[capacitance] = element.capacitance
    return values


def parameter_values(cell: Cell) -> pybamm.ParameterValues:
    """Parameter values of :class:`SolidStateCell` for ``cell``, in PyBaMM's names."""
    return pybamm.ParameterValues(parameter_mapping(cell))


def default_parameter_values() -> pybamm.ParameterValues:
    """The parameter values of :func:`default_cell`."""
    return parameter_values(default_cell())


def default_parameter_mapping() -> dict[str, Any]:
    """The parameters of :func:`default_cell`, as PyBaMM's list of parameter sets wants them."""
    return parameter_mapping(default_cell())


def default_cell() -> Cell:
    """A plain NMC532 | LGPS | In-Li cell with a coated cathode."""
    return Cell.from_mapping(
        {
            "area": "0.785 cm2",
            "one_c": "1.3 mA/cm2",
            "cathode": {
                "material": "NMC532",
                "loading": "8.7 mg/cm2",
                "initial_lithium_fraction": 0.4,
                "diffusivity": "1e-10 cm2/s",
                "composite": {
                    "active_fraction": 0.45,
                    "electrolyte_fraction": 0.40,
                    "particle_radius": "2 um",
                    "ionic_tortuosity_factor": 2.0,
                    "electronic_conductivity": "1 S/m",
                },
                "charge_transfer": {"law": "butler-volmer", "area_resistance": "100 ohm cm2"},
                "coating": {"material": "LNTO-450", "thickness": "7.5 nm"},
            },
            "electrolyte": {"material": "LGPS", "thickness": "500 um"},
            "anode": {
                "material": "In-Li",
                "interface": {"resistance": "10 ohm cm2", "capacitance": "1 mF/cm2"},
            },
        }
    )


def _rising(value: float, energy: float) -> Callable[[Any], Any]:
    """A conductivity or rate over temperature, ``value`` at the reference temperature."""

    def of_temperature(temperature: Any) -> Any:
        return value * arrhenius_factor(energy, temperature, REFERENCE_TEMPERATURE)

    def constant(temperature: Any) -> Any:
        return value

    return of_temperature if energy else constant


def _falling(value: float, energy: float) -> Callable[[Any], Any]:
    """A resistance over temperature, ``value`` at the reference temperature."""
    return _rising(value, -energy)


def _exchange(cell: Cell, sites: float) -> Callable[[Any, Any, Any, Any], Any]:
    law = cell.cathode.charge_transfer
    value = law.exchange(REFERENCE_TEMPERATURE)

    def exchange(c_e: Any, c_surface: Any, c_max: Any, temperature: Any) -> Any:
        rate = value * arrhenius_factor(law.activation_energy, temperature, REFERENCE_TEMPERATURE)
        if law.concentration == "constant":
            return rate
        fraction = c_surface / sites
        return rate * 2 * (fraction * (1 - fraction)) ** 0.5

    return exchange


def _diffusivity(
    law: ConstantDiffusivity | TabulatedDiffusivity,
) -> Callable[[Any, Any], Any]:
    def constant(fraction: Any, temperature: Any) -> Any:
        assert isinstance(law, ConstantDiffusivity)
        return law.value * arrhenius_factor(
            law.activation_energy, temperature, REFERENCE_TEMPERATURE
        )

    def tabulated(fraction: Any, temperature: Any) -> Any:
        assert isinstance(law, TabulatedDiffusivity)
        low, high = law.lithium_fractions[0], law.lithium_fractions[-1]
        inside = pybamm.maximum(pybamm.minimum(fraction, high), low)
        logarithm = pybamm.Interpolant(
            np.array(law.lithium_fractions), np.log(np.array(law.values)), inside
        )
        return np.exp(logarithm) * arrhenius_factor(
            law.activation_energy, temperature, REFERENCE_TEMPERATURE
        )

    return constant if isinstance(law, ConstantDiffusivity) else tabulated


def _effective_ionic_conductivity(cell: Cell) -> float:
    composite = cell.cathode.composite
    if composite.ionic_conductivity is not None:
        return composite.ionic_conductivity
    assert cell.electrolyte.conductivity is not None
    return (
        cell.electrolyte.conductivity
        * composite.electrolyte_fraction
        / composite.ionic_tortuosity_factor
    )


def _effective_electronic_conductivity(cell: Cell) -> float:
    composite = cell.cathode.composite
    if composite.electronic_conductivity is not None:
        return composite.electronic_conductivity
    known = cell.cathode.active_material.value("electronic_conductivity")
    return known * composite.active_fraction


def _film(name: str, film: Film) -> dict[str, Any]:
    assert film.conductivity is not None
    return {
        f"Positive {name} thickness [m]": film.thickness,
        f"Positive {name} conductivity [S.m-1]": _rising(
            film.conductivity, film.activation_energy or 0.0
        ),
        f"Positive {name} capacitance [F.m-2]": film.area_capacitance,
    }
