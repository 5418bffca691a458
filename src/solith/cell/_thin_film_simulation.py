"""Simulation of the thin-film cell."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pybamm

from solith.cell._programs import cycling_program, gitt_program, voltammetry_program
from solith.cell._runner import Machine, Program, Run, quiet
from solith.cell._settings import Settings
from solith.cell._solid import arrays_of, provenance_of, record_of
from solith.cell._thin_film_losses import find_film_losses
from solith.cell._thin_film_model import ThinFilmModel
from solith.cell._thin_film_parameters import (
    FILM_ELEMENTS,
    film_mapping,
    film_numbers,
    film_structure,
)
from solith.cell.cell import REFERENCE_TEMPERATURE
from solith.cell.protocol import Cycling, Gitt, Impedance, Voltammetry
from solith.cell.thin_film import BinaryElectrolyte, ThinFilmCell
from solith.core.errors import ConvergenceError
from solith.core.record import Record

__all__ = ["build_film_model", "simulate_thin_film"]

_CELLS = 40  # through the film and through the electrolyte
_TOLERANCE = 1e-6
_IMPEDANCE_CELLS = 60
_SLOW_ELEMENTS = ("charge transfer", "anode transfer", "anode")
_KEPT = 4
_machines: OrderedDict[Any, Machine] = OrderedDict()


def simulate_thin_film(
    cell: ThinFilmCell, protocol: Cycling | Gitt | Impedance | Voltammetry, settings: Settings
) -> Record:
    """The record that ``protocol`` gives on ``cell``.

    ``settings.cathode_cells`` are the finite volumes through the film, 40 unless given; the
    electrolyte has 40.
    """
    protocol.check_on(cell)
    if isinstance(protocol, Impedance):
        return _impedance(cell, protocol, settings)
    slow = isinstance(protocol, Cycling) and protocol.double_layers
    # A sweep's current begins as the root of time, at which an error test would balk.
    lenient = slow or isinstance(protocol, Voltammetry)
    machine, numbers = _machine_for(cell, settings, _SLOW_ELEMENTS if slow else (), lenient)
    run = machine.run(_program(cell, protocol, settings), numbers, settings.progress)
    arrays = {
        **arrays_of(run),
        "open_circuit_voltage_volt": _series(run, "Bulk open-circuit voltage [V]"),
        "mean_lithium_fraction": _series(run, "Mean positive electrode stoichiometry"),
        "surface_lithium_fraction": _series(run, "Positive particle surface stoichiometry"),
    }
    if isinstance(cell.electrolyte, BinaryElectrolyte):
        equilibrium = cell.electrolyte.mobile_concentration
        for face in ("anode", "cathode"):
            relative = _series(run, f"Relative electrolyte concentration at {face}")
            arrays[f"mobile_lithium_at_{face}_mole_per_cubic_metre"] = equilibrium * relative
    if settings.losses:
        losses = find_film_losses(run.solution, machine.model, cell)
        arrays |= {f"loss_{name}_volt": values for name, values in losses.items()}
    provenance = provenance_of(
        cell,
        protocol,
        settings.sample,
        ThinFilmModel.__name__,
        "positive current charges the cell",
    )
    attributes = {**_facts(cell), "notes": _notes(cell)}
    return record_of(run, protocol, arrays, attributes, provenance)


def build_film_model(cell: ThinFilmCell, capacitances: tuple[str, ...] = ()) -> ThinFilmModel:
    """The PyBaMM model of ``cell``; ``capacitances`` names the elements that have theirs."""
    structure = film_structure(cell, capacitances)
    form = "differential" if structure.capacitances else "false"
    return ThinFilmModel({"surface form": form}, structure)


def _machine_for(
    cell: ThinFilmCell, settings: Settings, capacitances: tuple[str, ...], lenient: bool
) -> tuple[Machine, dict[str, float]]:
    """The machine for cells of this make and the numbers to run this one with."""
    mapping = film_mapping(cell)
    numbers = film_numbers(mapping)
    model = build_film_model(cell, capacitances)
    mesh = {"x_s": _CELLS, "x_p": settings.cathode_cells or _CELLS}
    tolerance = settings.tolerance or _TOLERANCE
    fixed = tuple(
        (name, value)
        for name, value in mapping.items()
        if isinstance(value, float) and name not in numbers
    )
    film = cell.cathode
    # What a law's functions hold beside the numbers that are inputs.
    laws = repr((film.potential_curve, film.material, film.charge_transfer.law))
    shapes = [getattr(film.charge_transfer, "concentration", ""), _fixed_part(film.diffusivity)]
    key = (model.structure, fixed, laws, repr(shapes), tuple(mesh.values()), tolerance, lenient)
    if key not in _machines:
        _machines[key] = Machine(
            model, mapping, numbers, mesh, tolerance, suppress_algebraic_error=lenient
        )
        if len(_machines) > _KEPT:
            _machines.popitem(last=False)
    _machines.move_to_end(key)
    return _machines[key], numbers


def _fixed_part(diffusivity: Any) -> Any:
    """What of a diffusivity stays in the built model: all but its scale."""
    if hasattr(diffusivity, "value"):
        return diffusivity.replace(value=1.0, activation_energy=0.0)
    return diffusivity


def _program(
    cell: ThinFilmCell, protocol: Cycling | Gitt | Voltammetry, settings: Settings
) -> Program:
    if isinstance(protocol, Gitt):
        return gitt_program(protocol, cell, settings.progress)
    if isinstance(protocol, Voltammetry):
        start = float(cell.open_circuit_potential(cell.cathode.initial_lithium_fraction))
        return voltammetry_program(
            protocol, cell, settings.progress, start - cell.anode_potential()
        )
    return cycling_program(protocol, cell, settings.progress)


def _series(run: Run, name: str) -> Any:
    values = np.asarray(run.solution[name].entries, dtype=float)
    return values if values.ndim else np.full(len(run.solution.t), float(values))


def _impedance(cell: ThinFilmCell, protocol: Impedance, settings: Settings) -> Record:
    fraction = protocol.lithium_fraction_in(cell)
    decades = np.log10(protocol.highest / protocol.lowest)
    count = max(2, round(decades * protocol.points_per_decade) + 1)
    frequency = np.geomspace(protocol.highest, protocol.lowest, count)
    values = pybamm.ParameterValues(film_mapping(cell))
    sites = values["Maximum concentration in positive electrode [mol.m-3]"]
    values["Initial concentration in positive electrode [mol.m-3]"] = fraction * sites
    # At high frequency concentrations change within a thin layer at the faces.
    at_faces = {
        "separator": pybamm.Chebyshev1DSubMesh,
        "positive electrode": pybamm.Chebyshev1DSubMesh,
    }
    with quiet():
        model = build_film_model(cell, FILM_ELEMENTS)
        simulation = pybamm.EISSimulation(
            model,
            parameter_values=values,
            var_pts={"x_s": _IMPEDANCE_CELLS, "x_p": settings.cathode_cells or _IMPEDANCE_CELLS},
            submesh_types={**model.default_submesh_types, **at_faces},
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
            ThinFilmModel.__name__,
            "Im Z is negative for a capacitance",
        ),
        attributes={
            **_facts(cell),
            "notes": _notes(cell),
            "lithium_fraction": fraction,
            "open_circuit_voltage_volt": cell.cell_potential(
                float(cell.open_circuit_potential(fraction))
            ),
        },
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
    )


def _facts(cell: ThinFilmCell) -> dict[str, Any]:
    known = {} if cell.cathode.loading is None else {"active_mass_kg": cell.active_mass}
    return {
        "geometric_area_m2": cell.area,
        "active_area_m2": cell.active_area,
        "contact_area_m2": cell.contact_area,
        **known,
        "active_volume_m3": cell.active_volume,
        "film_thickness_m": cell.cathode.thickness,
        "one_c_ampere": cell.one_c * cell.area,
        "anode_potential_volt": cell.anode_potential(),
        "reference": f"vs {cell.anode.material}",
        "temperature_kelvin": cell.temperature,
    }


def _notes(cell: ThinFilmCell) -> list[str]:
    """What a reader of the record must know of how the cell was taken."""
    notes = []
    if cell.cathode.loading is None:
        notes.append(
            "the film's mass is not known (maximum_concentration without density): capacities "
            "are of the whole cell"
        )
    if abs(cell.temperature - REFERENCE_TEMPERATURE) < 0.5:
        return notes
    energies: dict[str, Any] = {
        "charge transfer": cell.cathode.charge_transfer,
        "diffusivity": cell.cathode.diffusivity,
        "coating": cell.cathode.coating,
        "interphase": cell.cathode.interphase,
        "further resistance": cell.cathode.further_resistance,
        "electrolyte": cell.electrolyte,
        "anode's charge transfer": cell.anode.charge_transfer,
        "anode's interface": cell.anode.interface,
    }
    lacking = [n for n, held in energies.items() if held is not None and not held.activation_energy]
    if lacking:
        notes.append(
            f"at {cell.temperature:g} K: no activation energy is given for {', '.join(lacking)}; "
            "these stay as at 298.15 K"
        )
    return notes
