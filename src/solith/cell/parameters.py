"""A cell's description as PyBaMM parameter values."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import numpy as np
import pybamm

from solith.cell.cell import REFERENCE_TEMPERATURE, Cell, Diffusivity
from solith.cell.diffusivity import ConstantDiffusivity
from solith.core.description import Description
from solith.interface import ButlerVolmer, Film, LinearTransfer
from solith.interface.arrhenius import arrhenius_factor
from solith.materials import find_material

__all__ = [
    "add_diffusivity",
    "add_exchange",
    "default_parameter_mapping",
    "default_parameter_values",
    "effective_conductivities",
    "numbers_of",
    "parameter_mapping",
    "parameter_values",
]

_ELECTROLYTE_CONCENTRATION = 1.0  # mol/m3; cancels out, lithium transference is one
_ANY_VOLTAGE = 100.0  # V; cut-offs belong to the protocol

_FIXED = (
    "Negative electrode thickness [m]",
    "Separator thickness [m]",
    "Positive electrode thickness [m]",
    "Electrode height [m]",
    "Electrode width [m]",
    "Nominal cell capacity [A.h]",
    "Current function [A]",
    "Contact resistance [Ohm]",
    "Number of electrodes connected in parallel to make a cell",
    "Number of cells connected in series to make a battery",
    "Ambient temperature [K]",
    "Reference temperature [K]",
    "Initial temperature [K]",
    "Lower voltage cut-off [V]",
    "Upper voltage cut-off [V]",
    "Open-circuit voltage at 0% SOC [V]",
    "Open-circuit voltage at 100% SOC [V]",
    "Initial concentration in electrolyte [mol.m-3]",
    "Positive electrode OCP entropic change [V.K-1]",
    "Lowest valid positive electrode stoichiometry",
    "Highest valid positive electrode stoichiometry",
    "Lowest valid negative electrode stoichiometry",
    "Highest valid negative electrode stoichiometry",
    "Maximum concentration in positive electrode [mol.m-3]",
    "Maximum concentration in negative electrode [mol.m-3]",
    "Positive particle radius [m]",
    "Negative particle radius [m]",
)

T = TypeVar("T", bound=Description)


def numbers_of(mapping: dict[str, Any]) -> dict[str, float]:
    """The parameters of ``mapping`` that may change without the model being built anew."""
    return {
        name: value
        for name, value in mapping.items()
        if isinstance(value, float) and name not in _FIXED
    }


def parameter_mapping(cell: Cell) -> dict[str, Any]:
    """Parameters of :class:`SolidStateCell` for ``cell``, in PyBaMM's names.

    Numbers that functions need (a law's rate, an activation energy) are parameters of their
    own, named ``"FUNCTION: NUMBER"``.
    """
    cathode, composite, layer = cell.cathode, cell.cathode.composite, cell.electrolyte
    active, potential = cathode.active_material, cell.open_circuit_potential
    sites = active.value("maximum_concentration")
    side = float(np.sqrt(cell.area))
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
        "Open-circuit voltage at 0% SOC [V]": float(potential(potential.extended_high))
        - cell.anode_potential(),
        "Open-circuit voltage at 100% SOC [V]": float(potential(potential.extended_low))
        - cell.anode_potential(),
        "Initial concentration in electrolyte [mol.m-3]": _ELECTROLYTE_CONCENTRATION,
        "Positive electrode OCP [V]": potential.function,
        "Positive electrode OCP entropic change [V.K-1]": 0.0,
        "Lowest valid positive electrode stoichiometry": potential.extended_low,
        "Highest valid positive electrode stoichiometry": potential.extended_high,
        "Maximum concentration in positive electrode [mol.m-3]": sites,
        "Initial concentration in positive electrode [mol.m-3]": sites
        * cathode.initial_lithium_fraction,
        "Positive particle radius [m]": composite.particle_radius,
        "Positive electrode active material volume fraction": composite.active_fraction,
        "Positive electrode surface area to volume ratio [m-1]": composite.active_area,
        "Positive electrode contact fraction": cell.pressed_contact_fraction,
        "Positive electrode accessible fraction": composite.accessible_fraction,
        "Positive electrode effective electronic conductivity [S.m-1]": (
            _effective_electronic_conductivity(cell)
        ),
        "Positive electrode double-layer capacity [F.m-2]": cathode.charge_transfer.double_layer,
        "Separator bulk capacitance [F.m-2]": layer.area_capacitance,
    }
    _add_thermal(
        values,
        "Positive electrode effective ionic conductivity [S.m-1]",
        _effective_ionic_conductivity(cell),
        layer_energy,
    )
    _add_thermal(
        values, "Separator bulk area resistance [Ohm.m2]", layer.area_resistance, -layer_energy
    )
    _add_particles(values, cell)
    add_diffusivity(values, cathode.diffusivity)
    add_exchange(values, cathode.charge_transfer, sites)
    _add_films(values, cell)
    _add_changes(values, cell)
    _add_confinement(values, cell)
    _add_anode(values, cell)
    return values


def parameter_values(cell: Cell) -> pybamm.ParameterValues:
    """Parameter values of :class:`SolidStateCell` for ``cell``, in PyBaMM's names."""
    return pybamm.ParameterValues(parameter_mapping(cell))


def effective_conductivities(cell: Cell) -> tuple[float, float]:
    """Effective ionic and electronic conductivity of the cathode at the cell's temperature."""
    energy = cell.electrolyte.activation_energy or 0.0
    factor = arrhenius_factor(energy, cell.temperature, REFERENCE_TEMPERATURE)
    return (
        float(_effective_ionic_conductivity(cell) * factor),
        _effective_electronic_conductivity(cell),
    )


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


def _add_particles(values: dict[str, Any], cell: Cell) -> None:
    """Share, relative size and contact of each sort of particle."""
    composite, members = cell.cathode.composite, cell.cathode.particle_classes
    if len(members) == 1:
        return
    for number, member in enumerate(members, start=1):
        sort = f"Positive particle class {number}"
        values[f"{sort} share"] = member.share
        values[f"{sort} relative radius"] = member.radius / composite.particle_radius
        values[f"{sort} contact factor"] = cell.contact_fraction_of(member) / cell.contact_fraction


def add_diffusivity(values: dict[str, Any], diffusivity: Diffusivity) -> None:
    """Add a law of lithium's diffusivity in the cathode's particles to ``values``."""
    name = "Positive particle diffusivity [m2.s-1]"
    law = _with_parameters(diffusivity, name, values)

    def diffusivity_at(fraction: Any, temperature: Any) -> Any:
        thermal = arrhenius_factor(law.activation_energy, temperature, REFERENCE_TEMPERATURE)
        return law.value_at(fraction) * thermal

    values[name] = diffusivity_at
    if isinstance(law, ConstantDiffusivity):
        return

    def integral_at(fraction: Any, temperature: Any) -> Any:
        thermal = arrhenius_factor(law.activation_energy, temperature, REFERENCE_TEMPERATURE)
        return law.integral_at(fraction) * thermal

    def fraction_at(integral: Any, temperature: Any) -> Any:
        thermal = arrhenius_factor(law.activation_energy, temperature, REFERENCE_TEMPERATURE)
        return law.fraction_at(integral / thermal)

    values["Positive particle diffusivity integral [m2.s-1]"] = integral_at
    values["Positive particle stoichiometry of integral"] = fraction_at


def add_exchange(
    values: dict[str, Any], transfer: ButlerVolmer | LinearTransfer, sites: float
) -> None:
    """Add a law of charge transfer to particles of ``sites`` [mol/m3] to ``values``."""
    name = "Positive electrode exchange-current density [A.m-2]"
    values[f"{name}: value"] = transfer.exchange(REFERENCE_TEMPERATURE)
    values[f"{name}: activation energy"] = transfer.activation_energy

    def exchange(c_e: Any, c_surface: Any, c_max: Any, temperature: Any) -> Any:
        energy = pybamm.Parameter(f"{name}: activation energy")
        rate = pybamm.Parameter(f"{name}: value") * arrhenius_factor(
            energy, temperature, REFERENCE_TEMPERATURE
        )
        if transfer.concentration == "constant":
            return rate
        fraction = c_surface / sites
        return rate * 2 * (fraction * (1 - fraction)) ** 0.5

    values[name] = exchange


def _add_films(values: dict[str, Any], cell: Cell) -> None:
    """Films on the particles and resistances on the electrolyte layer."""
    cathode = cell.cathode
    for name, film in (("coating", cathode.coating), ("interphase", cathode.interphase)):
        if film is not None:
            _add_film(values, name, film)
    for element, resistance, capacitance in (
        (
            cathode.further_resistance,
            "Positive further resistance [Ohm.m2]",
            "Positive further resistance capacitance [F.m-2]",
        ),
        (
            cell.electrolyte.grain_boundary,
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
            _add_thermal(values, resistance, element.resistance, -element.activation_energy)
            values[capacitance] = element.capacitance
    if cathode.space_charge is not None:
        name = "Positive space charge resistance [Ohm.m2]"
        law = _with_parameters(cathode.space_charge, name, values)

        def resistance_at(potential: Any, temperature: Any) -> Any:
            thermal = arrhenius_factor(-law.activation_energy, temperature, REFERENCE_TEMPERATURE)
            return law.resistance_at(potential) * thermal

        values[name] = resistance_at
        values["Positive space charge capacitance [F.m-2]"] = cathode.space_charge.capacitance


def _add_film(values: dict[str, Any], name: str, film: Film) -> None:
    assert film.conductivity is not None
    values[f"Positive {name} thickness [m]"] = film.thickness
    values[f"Positive {name} capacitance [F.m-2]"] = film.area_capacitance
    _add_thermal(
        values,
        f"Positive {name} conductivity [S.m-1]",
        film.conductivity,
        film.activation_energy or 0.0,
    )


def _add_changes(values: dict[str, Any], cell: Cell) -> None:
    """Growth, oxidation, and contact that changes."""
    cathode = cell.cathode
    if cathode.interphase is not None and cathode.interphase.growth is not None:
        name = "Positive interphase growth rate [m2.s-1]"
        growth = _with_parameters(cathode.interphase.growth, name, values)
        values[name] = growth.rate_at
        values["Positive interphase lithium content [mol.m-3]"] = (
            cathode.interphase.growth.lithium_content
        )
    if cathode.oxidation is not None:
        name = "Positive electrode oxidation current density [A.m-2]"
        oxidation = _with_parameters(cathode.oxidation, name, values)
        coated = cathode.coating is not None
        coating = pybamm.Parameter("Positive coating thickness [m]") if coated else 0.0

        def current_density(potential: Any, product: Any, temperature: Any) -> Any:
            return oxidation.current_density_at(potential, product, coating, temperature)

        values[name] = current_density
        values["Positive electrode oxidation product volume [m3.mol-1]"] = (
            cathode.oxidation.product_volume
        )
    if cathode.breathing is not None:
        name = "Positive electrode contact breathing"
        breathing = _with_parameters(cathode.breathing, name, values)
        values[f"{name} factor"] = breathing.reversible_factor
        values[f"{name}: change at the start"] = cell.breathing_change
        values[f"{name} rate [s-1]"] = breathing.lasting_rate
    if cathode.access_loss is not None:
        name = "Positive electrode access loss"
        values[f"{name} rate [s-1]"] = _with_parameters(cathode.access_loss, name, values).rate


def _add_confinement(values: dict[str, Any], cell: Cell) -> None:
    """The modes by which lithium spreads under a patch of contact."""
    law = cell.cathode.confinement
    if law is None:
        return
    values["Positive confinement patch radius [m]"] = law.radius
    modes = law.modes(cell.contact_fraction, cell.cathode.composite.particle_radius)
    for number, (pole, residue) in enumerate(modes, start=1):
        values[f"Positive confinement mode {number} pole"] = float(pole)
        values[f"Positive confinement mode {number} residue"] = float(residue)


def _add_anode(values: dict[str, Any], cell: Cell) -> None:
    anode = cell.anode
    if anode.host is None:
        values["Negative electrode OCP [V]"] = cell.anode_potential()
        return
    material, curve = find_material(anode.material), anode.open_circuit_potential
    sites = material.value("maximum_concentration")
    values |= {
        "Negative electrode OCP [V]": curve.function,
        "Negative particle radius [m]": anode.host.particle_radius,
        "Negative particle diffusivity [m2.s-1]": anode.host.diffusivity,
        "Negative electrode active volume per area [m]": anode.host.loading
        / material.value("density"),
        "Maximum concentration in negative electrode [mol.m-3]": sites,
        "Initial concentration in negative electrode [mol.m-3]": sites
        * anode.host.initial_lithium_fraction,
        "Lowest valid negative electrode stoichiometry": curve.extended_low,
        "Highest valid negative electrode stoichiometry": curve.extended_high,
    }


def _with_parameters(law: T, name: str, values: dict[str, Any]) -> T:
    """``law`` with its numbers replaced by PyBaMM parameters, which are added to ``values``."""
    twin = object.__new__(type(law))
    for item in dataclasses.fields(law):
        held = getattr(law, item.name)
        if isinstance(held, float):
            number = f"{name}: {item.name.replace('_', ' ')}"
            values[number] = held
            held = pybamm.Parameter(number)
        object.__setattr__(twin, item.name, held)
    return twin


def _add_thermal(values: dict[str, Any], name: str, value: float, energy: float) -> None:
    """What is ``value`` at the reference temperature and rises with ``energy`` [J/mol]."""
    values[f"{name}: value"] = value
    values[f"{name}: activation energy"] = energy

    def of_temperature(temperature: Any) -> Any:
        parameter = pybamm.Parameter(f"{name}: activation energy")
        factor = arrhenius_factor(parameter, temperature, REFERENCE_TEMPERATURE)
        return pybamm.Parameter(f"{name}: value") * factor

    values[name] = of_temperature


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
