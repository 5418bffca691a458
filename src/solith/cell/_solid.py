"""Simulation of the solid-state cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pybamm

from solith.cell._machines import machine_for
from solith.cell._programs import cycling_program, gitt_program, voltammetry_program
from solith.cell._runner import Program, Run, quiet
from solith.cell._settings import Settings
from solith.cell.aged import cell_after
from solith.cell.assembly import build_model
from solith.cell.cell import REFERENCE_TEMPERATURE, Cell
from solith.cell.kinds import write_cell
from solith.cell.losses import find_loss_budget
from solith.cell.model import SolidStateCell
from solith.cell.parameters import parameter_values
from solith.cell.protocol import Cycling, Gitt, Impedance, Voltammetry
from solith.cell.structure import ELEMENTS
from solith.core.errors import ConvergenceError, InputError
from solith.core.provenance import Provenance
from solith.core.record import Record

__all__ = ["arrays_of", "provenance_of", "record_of", "simulate_solid"]

# At high frequency current and lithium stay within a thin layer at the faces: the
# spectrum wants many cells there, and can afford them.
_IMPEDANCE_CELLS = 60
_SLOW_ELEMENTS = ("charge transfer", "anode")


def simulate_solid(
    cell: Cell, protocol: Cycling | Gitt | Impedance | Voltammetry, settings: Settings
) -> Record:
    """The record that ``protocol`` gives on ``cell``."""
    protocol.check_on(cell)
    if isinstance(protocol, Impedance):
        return _impedance(cell, protocol, settings)
    slow = isinstance(protocol, Cycling) and protocol.double_layers
    if slow and len(cell.cathode.particle_classes) > 1:
        raise InputError(
            "double layers and several sorts of particles cannot be taken together; leave "
            "double_layers out",
            where="double_layers",
        )
    machine, numbers = machine_for(
        cell, settings.resolution(protocol), _SLOW_ELEMENTS if slow else ()
    )
    run = machine.run(_program(cell, protocol, settings), numbers, settings.progress)
    model = machine.model
    arrays = {
        **arrays_of(run),
        "open_circuit_voltage_volt": _series(run, "Bulk open-circuit voltage [V]"),
        "mean_lithium_fraction": _series(run, "Mean positive electrode stoichiometry"),
        **_changes(run, model),
    }
    if settings.losses:
        losses = find_loss_budget(run.solution, model, cell)
        arrays |= {f"loss_{name}_volt": values for name, values in losses.items()}
    attributes = {**_facts(cell), "notes": _notes(cell)}
    provenance = provenance_of(
        cell, protocol, settings.sample, SolidStateCell.__name__, _CHARGING_POSITIVE
    )
    return record_of(run, protocol, arrays, attributes, provenance)


_CHARGING_POSITIVE = "positive current charges the cell"


def arrays_of(run: Run) -> dict[str, Any]:
    """Time, voltage, current, cycle and step of a run."""
    cycle = [np.full(s.stop - s.start, float(s.stage.cycle)) for s in run.stretches]
    number = [np.full(s.stop - s.start, float(s.number)) for s in run.stretches]
    return {
        "test_time_second": np.asarray(run.solution.t, dtype=float),
        "voltage_volt": _series(run, "Voltage [V]"),
        "current_ampere": -_series(run, "Current [A]"),
        "cycle_count": np.concatenate(cycle),
        "step_count": np.concatenate(number),
    }


def record_of(
    run: Run,
    protocol: Cycling | Gitt | Voltammetry,
    arrays: dict[str, Any],
    attributes: dict[str, Any],
    provenance: Provenance,
) -> Record:
    """The record of a run, of the kind that the protocol gives."""
    if not all(np.all(np.isfinite(values)) for values in arrays.values()):
        raise ConvergenceError("the solution holds values that are not finite")
    about = {
        "steps": [stretch.stage.text for stretch in run.stretches],
        "step_ends": [stretch.end for stretch in run.stretches],
    }
    if isinstance(protocol, Voltammetry):
        about["scan_rate_volt_per_second"] = protocol.scan_rate  # type: ignore[assignment]
    else:
        about["technique"] = protocol.kind  # type: ignore[assignment]
    return Record.from_arrays(
        "voltammogram" if isinstance(protocol, Voltammetry) else "cycling",
        name=f"{provenance.sample} {protocol.kind}".strip(),
        provenance=provenance,
        attributes={**attributes, **about},
        **arrays,
    )


def provenance_of(
    cell: Any, protocol: Any, sample: str, model: str, conventions: str
) -> Provenance:
    """Where a simulated record comes from."""
    from solith import __version__

    return Provenance(
        "simulated",
        sample=sample,
        method=f"{model}, PyBaMM {pybamm.__version__}",
        parameters={
            "cell": write_cell(cell),
            "protocol": {"kind": protocol.kind, **protocol.to_mapping()},
        },
        conventions=conventions,
        version=__version__,
    )


def _program(cell: Cell, protocol: Cycling | Gitt | Voltammetry, settings: Settings) -> Program:
    if isinstance(protocol, Gitt):
        return gitt_program(protocol, cell, settings.progress)
    if isinstance(protocol, Voltammetry):
        start = cell.open_circuit_potential(cell.cathode.initial_lithium_fraction)
        return voltammetry_program(
            protocol, cell, settings.progress, float(start) - cell.anode_potential()
        )
    return cycling_program(protocol, cell, settings.progress)


def _changes(run: Run, model: SolidStateCell) -> dict[str, Any]:
    """What changes in the cell in the course of the run."""
    structure, arrays = model.structure, {}
    if structure.thickens:
        arrays["mean_interphase_thickness_metre"] = _series(
            run, "X-averaged positive interphase thickness [m]"
        )
    if structure.oxidation:
        arrays["oxidation_charge_ah"] = _series(run, "Charge taken by oxidation [A.h]")
    if structure.growth:
        arrays["bound_lithium_mole"] = _series(run, "Lithium bound in the interphase [mol]")
    if structure.breathing:
        arrays["contact_fraction_1"] = _series(run, "Contact fraction")
        arrays["lasting_contact_1"] = _series(run, "Lasting part of the contact")
    if structure.access_loss:
        arrays["accessible_fraction_1"] = _series(run, "Accessible fraction")
    if structure.anode_host:
        arrays["anode_lithium_fraction"] = _series(run, "Mean negative electrode stoichiometry")
    return arrays


def _series(run: Run, name: str) -> Any:
    values = np.asarray(run.solution[name].entries, dtype=float)
    return values if values.ndim else np.full(len(run.solution.t), float(values))


def _impedance(cell: Cell, protocol: Impedance, settings: Settings) -> Record:
    described, passed = cell, 0.0
    if protocol.after is not None:
        cycled = simulate_solid(cell, protocol.after, replace(settings, losses=False))
        cell = cell_after(cell, cycled)
        current, time = cycled.array("current_ampere"), cycled.array("test_time_second")
        passed = float(np.trapezoid(current, time)) / 3600.0
    fraction = protocol.lithium_fraction_in(cell)
    decades = np.log10(protocol.highest / protocol.lowest)
    count = max(2, round(decades * protocol.points_per_decade) + 1)
    frequency = np.geomspace(protocol.highest, protocol.lowest, count)
    cell = cell.at_lithium_fraction(fraction)
    values = parameter_values(cell)
    values["Positive electrode contact fraction"] = cell.contact_fraction
    depth = settings.cathode_cells or _IMPEDANCE_CELLS
    particle = settings.particle_cells or _IMPEDANCE_CELLS
    with quiet():
        model = build_model(cell, ELEMENTS, changes=False)
        simulation = pybamm.EISSimulation(
            model,
            parameter_values=values,
            var_pts={"x_n": 1, "x_s": 3, "x_p": depth, "r_n": particle, "r_p": particle},
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
    cathode = float(cell.open_circuit_potential(fraction))
    return Record.from_arrays(
        "impedance",
        name=f"{settings.sample} impedance".strip(),
        provenance=provenance_of(
            described,
            protocol,
            settings.sample,
            SolidStateCell.__name__,
            "Im Z is negative for a capacitance",
        ),
        attributes={
            **_facts(cell),
            "notes": _notes(cell),
            "lithium_fraction": fraction,
            "charge_passed_ah": passed,
            "open_circuit_voltage_volt": cathode - cell.anode_potential(),
        },
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
    )


def _facts(cell: Cell) -> dict[str, Any]:
    return {
        "geometric_area_m2": cell.area,
        "active_area_m2": cell.active_area,
        "contact_area_m2": cell.contact_area,
        "active_mass_kg": cell.active_mass,
        "active_volume_m3": cell.active_volume,
        "particle_radius_m": cell.cathode.composite.particle_radius,
        "one_c_ampere": cell.one_c * cell.area,
        "anode_potential_volt": cell.anode_potential(),
        "reference": f"vs {cell.anode.material}",
        "temperature_kelvin": cell.temperature,
    }


def _notes(cell: Cell) -> list[str]:
    """What a reader of the record must know of how the cell was taken."""
    if abs(cell.temperature - REFERENCE_TEMPERATURE) < 0.5:
        return []
    cathode = cell.cathode
    energies = {
        "charge transfer": cathode.charge_transfer,
        "diffusivity": cathode.diffusivity,
        "coating": cathode.coating,
        "interphase": cathode.interphase,
        "further resistance": cathode.further_resistance,
        "space charge": cathode.space_charge,
        "oxidation": cathode.oxidation,
        "electrolyte layer": cell.electrolyte,
        "grain boundary": cell.electrolyte.grain_boundary,
        "anode interface": cell.anode.interface,
    }
    lacking = [
        name for name, part in energies.items() if part is not None and not part.activation_energy
    ]
    if not lacking:
        return []
    return [
        f"at {cell.temperature:g} K: no activation energy is given for {', '.join(lacking)}; "
        "these stay as at 298.15 K"
    ]
