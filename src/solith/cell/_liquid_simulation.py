"""Simulation of the liquid half cell, by PyBaMM's own model."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pybamm
from pybamm.parameters.lithium_ion_parameters import U_asymptotes

from solith.cell._particle_equations import diffusivity_integral, fraction_of_integral
from solith.cell._programs import cycling_program, gitt_program, voltammetry_program
from solith.cell._runner import Machine, Program, Run, quiet
from solith.cell._settings import Settings
from solith.cell._solid import arrays_of, provenance_of, record_of
from solith.cell.cell import REFERENCE_TEMPERATURE
from solith.cell.diffusivity import ConstantDiffusivity
from solith.cell.liquid import SOLUTIONS, LiquidCell
from solith.cell.parameters import add_diffusivity, add_exchange
from solith.cell.protocol import Cycling, Gitt, Impedance, Voltammetry
from solith.core.errors import ConvergenceError
from solith.core.record import Record
from solith.interface.arrhenius import arrhenius_factor

__all__ = ["LiquidHalfCell", "liquid_mapping", "liquid_model", "simulate_liquid"]

_ANY_VOLTAGE = 100.0  # V; cut-offs belong to the protocol
_SEPARATOR_CELLS = 10
# At high frequency current stays within a thin layer at the cathode's faces, where its cells
# are finest; through the separator it is even.
_IMPEDANCE_CELLS = 60
_IMPEDANCE_SEPARATOR_CELLS = 40
_KEPT = 4
_machines: OrderedDict[Any, Machine] = OrderedDict()


def simulate_liquid(
    cell: LiquidCell, protocol: Cycling | Gitt | Impedance | Voltammetry, settings: Settings
) -> Record:
    """The record that ``protocol`` gives on ``cell``; it holds no loss budget."""
    protocol.check_on(cell)
    if isinstance(protocol, Impedance):
        return _impedance(cell, protocol, settings)
    slow = isinstance(protocol, Cycling) and protocol.double_layers
    machine, numbers = _machine_for(cell, settings.resolution(protocol), slow)
    run = machine.run(_program(cell, protocol, settings), numbers, settings.progress)
    arrays = {
        **arrays_of(run),
        "open_circuit_voltage_volt": _series(run, "Bulk open-circuit voltage [V]"),
        "mean_lithium_fraction": _series(run, "Mean positive electrode stoichiometry"),
    }
    provenance = provenance_of(
        cell,
        protocol,
        settings.sample,
        "PyBaMM's Doyle-Fuller-Newman half cell",
        "positive current charges the cell",
    )
    return record_of(run, protocol, arrays, _facts(cell), provenance)


class LiquidHalfCell(pybamm.lithium_ion.DFN):  # type: ignore[misc]
    """PyBaMM's Doyle-Fuller-Newman half cell with what a protocol asks of a model.

    Its equations are PyBaMM's (Doyle, Fuller and Newman, 10.1149/1.2221597; Marquis et al.,
    10.1149/2.0341915jes). Added are the variables that solith's records and events read, and
    ends where the open-circuit potential is no longer known. Mesh and extrapolation to the
    particles' surface are those of :class:`SolidStateCell`; so is the flux in the particles
    where their diffusivity varies (``varying_diffusivity``), by decades perhaps: that of the
    diffusivity's integral over the lithium fraction, which PyBaMM's means of D at the finite
    volumes' faces do not give.
    """

    def __init__(
        self,
        options: dict[str, Any] | None = None,
        varying_diffusivity: bool = False,
        name: str = "Liquid half cell",
    ) -> None:
        super().__init__({"working electrode": "positive", **(options or {})}, name)
        self._calc_esoh = False
        if varying_diffusivity:
            self._take_flux_from_integral()
        electrode = self.param.p.prim
        sites = electrode.c_max
        surface = self.variables["Positive particle surface concentration [mol.m-3]"] / sites
        inside = self.variables["Positive particle concentration [mol.m-3]"] / sites
        mean = pybamm.x_average(pybamm.r_average(inside))
        fullest, emptiest = pybamm.max(surface), pybamm.min(surface)
        self.variables |= {
            "Maximum positive particle surface stoichiometry": fullest,
            "Mean positive electrode stoichiometry": mean,
            "Bulk open-circuit voltage [V]": electrode.U(mean, self.param.T_amb_av(pybamm.t)),
        }
        lowest = pybamm.Parameter("Lowest valid positive electrode stoichiometry")
        highest = pybamm.Parameter("Highest valid positive electrode stoichiometry")
        self.events += [
            pybamm.Event("Lowest valid positive electrode stoichiometry", emptiest - lowest),
            pybamm.Event("Highest valid positive electrode stoichiometry", highest - fullest),
        ]

    def _take_flux_from_integral(self) -> None:
        concentration = self.variables["Positive particle concentration [mol.m-3]"]
        current = self.variables["Positive electrode interfacial current density [A.m-2]"]
        sites, temperature = self.param.p.prim.c_max, self.param.T_amb_av(pybamm.t)
        integral = diffusivity_integral(concentration / sites, temperature)
        at_surface = fraction_of_integral(pybamm.boundary_value(integral, "right"), temperature)
        diffusivity = pybamm.FunctionParameter(
            "Positive particle diffusivity [m2.s-1]",
            {"Positive particle stoichiometry": at_surface, "Temperature [K]": temperature},
        )
        entering = -current / self.param.F
        none = (pybamm.Scalar(0), "Neumann")
        self.rhs[concentration] = sites * pybamm.div(pybamm.grad(integral))
        self.boundary_conditions[integral] = {"left": none, "right": (entering / sites, "Neumann")}
        # The gradient by which PyBaMM carries the concentration to the surface.
        self.boundary_conditions[concentration] = {
            "left": none,
            "right": (entering / diffusivity, "Neumann"),
        }

    @property
    def default_spatial_methods(self) -> dict[str, Any]:
        """Extrapolation that uses the known flux, second order at the particles' surface."""
        quadratic = {"gradient": "quadratic", "value": "quadratic"}
        method = pybamm.FiniteVolume({"extrapolation": {"order": quadratic, "use bcs": True}})
        return {**super().default_spatial_methods, "positive particle": method}

    @property
    def default_submesh_types(self) -> dict[str, Any]:
        """Cells that are finest at the particles' surface, where diffusion starts."""
        fine = pybamm.MeshGenerator(pybamm.Exponential1DSubMesh, {"side": "right", "stretch": 4.0})
        return {**super().default_submesh_types, "positive particle": fine}


def liquid_model(cell: LiquidCell, capacitances: bool = False) -> LiquidHalfCell:
    """The PyBaMM model of ``cell``, with the double layers of both electrodes or without."""
    laws = (
        cell.anode.charge_transfer.pybamm_option,
        cell.cathode.charge_transfer.pybamm_option,
    )
    return LiquidHalfCell(
        {
            "surface form": "differential" if capacitances else "false",
            "intercalation kinetics": laws[0] if laws[0] == laws[1] else laws,
        },
        varying_diffusivity=not isinstance(cell.cathode.diffusivity, ConstantDiffusivity),
    )


def liquid_mapping(cell: LiquidCell) -> dict[str, Any]:
    """Parameters of PyBaMM's half cell for ``cell``, in PyBaMM's names.

    The open-circuit potential is the materials table's: what PyBaMM adds to it near x = 0
    and 1 (1 mV at 0.001 from either end, 126 mV at 0.0003) is taken off again.
    """
    cathode, solution = cell.cathode, cell.electrolyte
    curve = cathode.open_circuit_potential
    sites = cathode.active_material.value("maximum_concentration")
    shipped = pybamm.ParameterValues(SOLUTIONS[solution.solution][0])
    side = float(np.sqrt(cell.area))

    def potential(fraction: Any) -> Any:
        return curve.function(fraction) - U_asymptotes(fraction)

    values: dict[str, Any] = {
        "chemistry": "lithium_ion",
        "Negative electrode thickness [m]": 1.0,  # of no influence: without resistance
        "Negative electrode conductivity [S.m-1]": 1e12,
        "Negative electrode OCP [V]": 0.0,
        "Negative electrode OCP entropic change [V.K-1]": 0.0,
        "Lithium metal partial molar volume [m3.mol-1]": 1.3e-5,  # of no influence
        "Negative electrode double-layer capacity [F.m-2]": cell.anode.charge_transfer.double_layer,
        "Separator thickness [m]": cell.separator_thickness,
        "Separator porosity": cell.separator_porosity,
        "Separator Bruggeman coefficient (electrolyte)": 1.5,
        "Separator Bruggeman coefficient (electrode)": 1.5,
        "Positive electrode thickness [m]": cathode.depth,
        "Positive electrode porosity": cathode.porosity,
        "Positive electrode active material volume fraction": cathode.active_fraction,
        "Positive electrode Bruggeman coefficient (electrolyte)": cathode.bruggeman,
        "Positive electrode Bruggeman coefficient (electrode)": 0.0,  # it is effective already
        "Positive electrode conductivity [S.m-1]": cathode.electronic_conductivity,
        "Positive particle radius [m]": cathode.particle_radius,
        "Positive electrode OCP [V]": potential,
        "Positive electrode OCP entropic change [V.K-1]": 0.0,
        "Positive electrode double-layer capacity [F.m-2]": cathode.charge_transfer.double_layer,
        "Lowest valid positive electrode stoichiometry": curve.extended_low,
        "Highest valid positive electrode stoichiometry": curve.extended_high,
        "Maximum concentration in positive electrode [mol.m-3]": sites,
        "Initial concentration in positive electrode [mol.m-3]": sites
        * cathode.initial_lithium_fraction,
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
        "Open-circuit voltage at 0% SOC [V]": float(curve(curve.extended_high)),
        "Open-circuit voltage at 100% SOC [V]": float(curve(curve.extended_low)),
        "Initial concentration in electrolyte [mol.m-3]": solution.concentration,
        "Thermodynamic factor": shipped["Thermodynamic factor"],
        "Cation transference number": solution.transference_number
        or shipped["Cation transference number"],
        "Electrolyte conductivity [S.m-1]": solution.conductivity
        or shipped["Electrolyte conductivity [S.m-1]"],
        "Electrolyte diffusivity [m2.s-1]": solution.diffusivity
        or shipped["Electrolyte diffusivity [m2.s-1]"],
    }
    add_diffusivity(values, cathode.diffusivity)
    add_exchange(values, cathode.charge_transfer, sites)
    _add_lithium(values, cell)
    return values


def _add_lithium(values: dict[str, Any], cell: LiquidCell) -> None:
    name = "Exchange-current density for lithium metal electrode [A.m-2]"
    transfer = cell.anode.charge_transfer
    values[f"{name}: value"] = transfer.exchange(REFERENCE_TEMPERATURE)
    values[f"{name}: activation energy"] = transfer.activation_energy

    def exchange(c_e: Any, c_lithium: Any, temperature: Any) -> Any:
        energy = pybamm.Parameter(f"{name}: activation energy")
        factor = arrhenius_factor(energy, temperature, REFERENCE_TEMPERATURE)
        return pybamm.Parameter(f"{name}: value") * factor

    values[name] = exchange


def _machine_for(
    cell: LiquidCell, resolution: tuple[int, int, float], capacitances: bool
) -> tuple[Machine, dict[str, float]]:
    """The machine for cells of this make and the numbers to run this one with."""
    mapping = liquid_mapping(cell)
    numbers = {name: mapping[name] for name in mapping if _is_input(name, mapping[name])}
    depth, particle, tolerance = resolution
    cathode = cell.cathode
    fixed = tuple(
        (name, value)
        for name, value in mapping.items()
        if isinstance(value, float) and name not in numbers
    )
    # What the functions hold beside numbers that are inputs or stand in `fixed`.
    transfer, anode = cathode.charge_transfer, cell.anode.charge_transfer
    laws = (cathode.material, cathode.potential_curve, transfer.law, transfer.concentration)
    written = repr((*laws, anode.law, cell.electrolyte))
    key = (fixed, written, _shape(cathode.diffusivity), resolution, capacitances)
    if key not in _machines:
        _machines[key] = Machine(
            liquid_model(cell, capacitances),
            mapping,
            numbers,
            {"x_n": 1, "x_s": _SEPARATOR_CELLS, "x_p": depth, "r_p": particle},
            tolerance,
            suppress_algebraic_error=capacitances,
        )
        if len(_machines) > _KEPT:
            _machines.popitem(last=False)
    _machines.move_to_end(key)
    return _machines[key], numbers


def _is_input(name: str, value: Any) -> bool:
    """Whether a parameter may change without the model being built anew."""
    start = "Initial concentration in positive electrode [mol.m-3]"
    return isinstance(value, float) and (": " in name or name == start)


def _shape(law: Any) -> str:
    """What of a law stays in a built model: all but its plain numbers."""
    held = {name: value for name, value in vars(law).items() if not isinstance(value, float)}
    return repr((law.law, held))


def _program(
    cell: LiquidCell, protocol: Cycling | Gitt | Voltammetry, settings: Settings
) -> Program:
    if isinstance(protocol, Gitt):
        return gitt_program(protocol, cell, settings.progress)
    if isinstance(protocol, Voltammetry):
        start = float(cell.open_circuit_potential(cell.cathode.initial_lithium_fraction))
        return voltammetry_program(protocol, cell, settings.progress, start)
    return cycling_program(protocol, cell, settings.progress)


def _series(run: Run, name: str) -> Any:
    values = np.asarray(run.solution[name].entries, dtype=float)
    return values if values.ndim else np.full(len(run.solution.t), float(values))


def _impedance(cell: LiquidCell, protocol: Impedance, settings: Settings) -> Record:
    fraction = protocol.lithium_fraction_in(cell)
    decades = np.log10(protocol.highest / protocol.lowest)
    count = max(2, round(decades * protocol.points_per_decade) + 1)
    frequency = np.geomspace(protocol.highest, protocol.lowest, count)
    values = pybamm.ParameterValues(liquid_mapping(cell))
    sites = values["Maximum concentration in positive electrode [mol.m-3]"]
    values["Initial concentration in positive electrode [mol.m-3]"] = fraction * sites
    particle = settings.particle_cells or _IMPEDANCE_CELLS
    depth = settings.cathode_cells or _IMPEDANCE_CELLS
    with quiet():
        model = liquid_model(cell, capacitances=True)
        simulation = pybamm.EISSimulation(
            model,
            parameter_values=values,
            var_pts={"x_n": 1, "x_s": _IMPEDANCE_SEPARATOR_CELLS, "x_p": depth, "r_p": particle},
            submesh_types={
                **model.default_submesh_types,
                "positive electrode": pybamm.Chebyshev1DSubMesh,
            },
        )
        settings.progress.report(0.0, "solving")
        try:
            impedance = np.asarray(simulation.solve(frequency).impedance)
        except pybamm.SolverError as error:
            raise ConvergenceError(f"the impedance could not be computed: {error}") from None
    settings.progress.report(1.0, "solved")
    if not np.all(np.isfinite(impedance)):
        raise ConvergenceError("the impedance is not finite; check the cell's resistances")
    return Record.from_arrays(
        "impedance",
        name=f"{settings.sample} impedance".strip(),
        provenance=provenance_of(
            cell,
            protocol,
            settings.sample,
            "PyBaMM's Doyle-Fuller-Newman half cell",
            "Im Z is negative for a capacitance",
        ),
        attributes={
            **_facts(cell),
            "lithium_fraction": fraction,
            "open_circuit_voltage_volt": float(cell.open_circuit_potential(fraction)),
        },
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
    )


def _facts(cell: LiquidCell) -> dict[str, Any]:
    return {
        "geometric_area_m2": cell.area,
        "active_area_m2": cell.active_area,
        "contact_area_m2": cell.contact_area,
        "active_mass_kg": cell.active_mass,
        "active_volume_m3": cell.active_volume,
        "particle_radius_m": cell.cathode.particle_radius,
        "one_c_ampere": cell.one_c * cell.area,
        "anode_potential_volt": cell.anode_potential(),
        "reference": "vs Li",
        "temperature_kelvin": cell.temperature,
        "notes": _notes(cell),
    }


def _notes(cell: LiquidCell) -> list[str]:
    """What a reader of the record must know of how the cell was taken."""
    notes = ["a liquid half cell has no loss budget"]
    if abs(cell.temperature - REFERENCE_TEMPERATURE) < 0.5:
        return notes
    energies: dict[str, Any] = {
        "charge transfer": cell.cathode.charge_transfer,
        "diffusivity": cell.cathode.diffusivity,
        "lithium electrode": cell.anode.charge_transfer,
    }
    lacking = [name for name, held in energies.items() if not held.activation_energy]
    if SOLUTIONS[cell.electrolyte.solution][0] == "Chen2020" or cell.electrolyte.conductivity:
        lacking.append("electrolyte")
    if lacking:
        notes.append(
            f"at {cell.temperature:g} K: no activation energy is given for {', '.join(lacking)}; "
            "these stay as at 298.15 K"
        )
    return notes
