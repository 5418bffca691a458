"""Running a protocol on a cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pybamm

from solith.cell._experiment import Piece, quiet, solve_experiment
from solith.cell.assembly import build_model
from solith.cell.cell import REFERENCE_TEMPERATURE, Cell
from solith.cell.losses import find_loss_budget
from solith.cell.model import ELEMENTS, SolidStateCell
from solith.cell.parameters import parameter_values
from solith.cell.protocol import Cycling, Impedance
from solith.core.errors import ConvergenceError, InputError
from solith.core.progress import SILENT, Progress
from solith.core.provenance import Provenance
from solith.core.record import Record

__all__ = ["simulate"]

_CATHODE_CELLS = 20
_PARTICLE_CELLS = 30
# At high frequency current and lithium stay within a thin layer at the faces: the
# spectrum wants many cells there, and can afford them.
_IMPEDANCE_CATHODE_CELLS = 60
_IMPEDANCE_PARTICLE_CELLS = 60
_SLOW_ELEMENTS = ("charge transfer", "anode")


def simulate(
    cell: Cell,
    protocol: Cycling | Impedance,
    *,
    sample: str = "",
    progress: Progress = SILENT,
    cathode_cells: int | None = None,
    particle_cells: int | None = None,
) -> Record:
    """The record that ``protocol`` gives on ``cell``.

    A cycling protocol gives time, voltage, current (charging positive), open-circuit
    voltage, mean lithium fraction and the loss budget; an impedance protocol the spectrum
    of the cell in ohm, linearised about equilibrium. ``cathode_cells`` and
    ``particle_cells`` are the finite volumes through the cathode and a particle.

    Raises :class:`InputError` for a cut-off that the open-circuit potential cannot reach
    and :class:`ConvergenceError`, with step and reason, where a step does not converge or
    ends before its cut-off.
    """
    if isinstance(protocol, Impedance):
        mesh = _mesh(
            cathode_cells or _IMPEDANCE_CATHODE_CELLS, particle_cells or _IMPEDANCE_PARTICLE_CELLS
        )
        return _impedance(cell, protocol, mesh, sample, progress)
    if isinstance(protocol, Cycling):
        mesh = _mesh(cathode_cells or _CATHODE_CELLS, particle_cells or _PARTICLE_CELLS)
        return _cycling(cell, protocol, mesh, sample, progress)
    raise InputError(f"{protocol!r} is not a protocol; give Cycling(...) or Impedance(...)")


def _mesh(cathode_cells: int, particle_cells: int) -> dict[str, int]:
    return {"x_n": 1, "x_s": 3, "x_p": cathode_cells, "r_n": 1, "r_p": particle_cells}


def _impedance(
    cell: Cell, protocol: Impedance, mesh: dict[str, int], sample: str, progress: Progress
) -> Record:
    fraction = protocol.lithium_fraction_in(cell)
    decades = np.log10(protocol.highest / protocol.lowest)
    count = max(2, round(decades * protocol.points_per_decade) + 1)
    frequency = np.geomspace(protocol.highest, protocol.lowest, count)
    values = parameter_values(cell)
    sites = values["Maximum concentration in positive electrode [mol.m-3]"]
    values["Initial concentration in positive electrode [mol.m-3]"] = fraction * sites
    with quiet():
        model = build_model(cell, ELEMENTS, growth=False)
        simulation = pybamm.EISSimulation(
            model,
            parameter_values=values,
            var_pts=mesh,
            submesh_types={
                **model.default_submesh_types,
                "positive electrode": pybamm.Chebyshev1DSubMesh,
            },
        )
        progress.report(0.0, "solving")
        try:
            impedance = np.asarray(simulation.solve(frequency).impedance)
        except pybamm.SolverError as error:
            raise ConvergenceError(f"the impedance could not be computed: {error}") from None
    progress.report(1.0, "solved")
    if not np.all(np.isfinite(impedance)):
        raise ConvergenceError("the impedance is not finite; check the cell's resistances")
    open_circuit = cell.cell_potential(float(cell.cathode.open_circuit_potential(fraction)))
    return Record.from_arrays(
        "impedance",
        name=f"{sample} impedance".strip(),
        provenance=_provenance(cell, protocol, sample, "Im Z is negative for a capacitance"),
        attributes={
            **_facts(cell),
            "lithium_fraction": fraction,
            "open_circuit_voltage_volt": open_circuit,
        },
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
    )


def _cycling(
    cell: Cell, protocol: Cycling, mesh: dict[str, int], sample: str, progress: Progress
) -> Record:
    protocol.check_on(cell)
    model = build_model(cell, _SLOW_ELEMENTS if protocol.double_layers else ())
    solution, pieces = solve_experiment(cell, protocol, model, mesh, progress)
    return _record_of(solution, pieces, model, cell, protocol, sample)


def _record_of(
    solution: Any,
    pieces: list[Piece],
    model: SolidStateCell,
    cell: Cell,
    protocol: Cycling,
    sample: str,
) -> Record:
    cycle = np.concatenate([np.full(p.stop - p.start, float(p.cycle)) for p in pieces])
    number = np.concatenate([np.full(p.stop - p.start, float(p.number)) for p in pieces])
    losses = find_loss_budget(solution, model, cell)
    arrays = {
        "test_time_second": np.asarray(solution.t, dtype=float),
        "voltage_volt": solution["Voltage [V]"].entries,
        "current_ampere": -solution["Current [A]"].entries,
        "cycle_count": cycle,
        "step_count": number,
        "open_circuit_voltage_volt": solution["Bulk open-circuit voltage [V]"].entries,
        "mean_lithium_fraction": solution["Mean positive electrode stoichiometry"].entries,
        **{f"loss_{name}_volt": values for name, values in losses.items()},
    }
    if model.growth:
        arrays["mean_interphase_thickness_metre"] = solution[
            "X-averaged positive interphase thickness [m]"
        ].entries
    if not all(np.all(np.isfinite(values)) for values in arrays.values()):
        raise ConvergenceError("the solution holds values that are not finite")
    return Record.from_arrays(
        "cycling",
        name=f"{sample} cycling".strip(),
        provenance=_provenance(cell, protocol, sample, "positive current charges the cell"),
        attributes={
            **_facts(cell),
            "steps": list(protocol.steps),
            "step_ends": [piece.end for piece in pieces],
        },
        **arrays,
    )


def _facts(cell: Cell) -> dict[str, Any]:
    return {
        "geometric_area_m2": cell.area,
        "active_area_m2": cell.active_area,
        "contact_area_m2": cell.contact_area,
        "active_mass_kg": cell.active_mass,
        "one_c_ampere": cell.one_c * cell.area,
        "anode_potential_volt": cell.anode.potential,
        "reference": f"vs {cell.anode.material}",
        "temperature_kelvin": cell.temperature,
        "notes": _notes(cell),
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


def _provenance(
    cell: Cell, protocol: Cycling | Impedance, sample: str, conventions: str
) -> Provenance:
    from solith import __version__

    return Provenance(
        "simulated",
        sample=sample,
        method=f"{SolidStateCell.__name__}, PyBaMM {pybamm.__version__}",
        parameters={
            "cell": cell.to_mapping(),
            "protocol": {"kind": protocol.kind, **protocol.to_mapping()},
        },
        conventions=conventions,
        version=__version__,
    )
