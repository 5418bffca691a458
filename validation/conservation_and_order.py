"""Shows 5: charge is conserved through a cycle, and the mesh converges at second order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pybamm

from solith.cell import Cell
from solith.cell.assembly import build_model
from solith.cell.model import SolidStateCell
from solith.cell.parameters import parameter_values
from solith.core.constants import FARADAY
from validation.cells import coated_cell
from validation.marks import Mark, finish

STATES = ("charge transfer", "anode")
REFINEMENTS = (10, 20, 40, 80, 160)


STEEP = {
    "law": "table",
    "lithium_fractions": [0.3, 0.6, 0.9],
    "values": ["1e-10 cm2/s", "1e-12 cm2/s", "5e-11 cm2/s"],
}


def balance(double_layers: bool, **cathode: Any) -> float:
    """Worst mismatch of passed charge with lithium and double-layer charge, per cycle."""
    cell = coated_cell(**cathode)
    model = build_model(cell, STATES if double_layers else ())
    amperes = 0.5 * cell.one_c * cell.area
    experiment = pybamm.Experiment(
        [
            (
                pybamm.step.current(-amperes, duration=36000, termination="3.7 V"),
                pybamm.step.rest(600),
                pybamm.step.current(amperes, duration=36000, termination="2.5 V"),
                pybamm.step.rest(600),
            )
        ]
    )
    solution = pybamm.Simulation(
        model,
        experiment=experiment,
        parameter_values=parameter_values(cell),
        solver=pybamm.IDAKLUSolver(
            rtol=1e-6, atol=1e-8, options={"suppress_algebraic_error": double_layers}
        ),
        experiment_model_mode="unified",
    ).solve(calc_esoh=False)
    if [type(step) for step in solution.cycles[0].steps] != [pybamm.Solution] * 4:
        raise RuntimeError("the cycle is not whole")
    passed = 3600 * solution["Discharge capacity [A.h]"].entries
    lithium = FARADAY * solution["Total lithium in positive electrode [mol]"].entries
    stored = _double_layer_charge(solution, cell) if double_layers else np.zeros_like(passed)
    mismatch = (lithium - lithium[0]) - (stored - stored[0]) - (passed - passed[0])
    return float(np.max(np.abs(mismatch)) / np.ptp(passed))


def _double_layer_charge(solution: pybamm.Solution, cell: Cell) -> np.ndarray:
    jump = solution["Positive electrode surface potential difference [V]"].entries.mean(axis=0)
    return np.asarray(cell.cathode.charge_transfer.double_layer * cell.contact_area * jump)


def orders_through_cathode() -> tuple[list[float], list[float]]:
    """Observed orders of reaction current and surface concentration, mesh halved in x."""
    fields = [_solve(cells, 24) for cells in REFINEMENTS]
    return tuple(  # type: ignore[return-value]
        _orders([_distance(coarse[k], fine[k]) for coarse, fine in itertools.pairwise(fields)])
        for k in (0, 1)
    )


def orders_in_particle() -> list[float]:
    """Observed orders of the surface concentration, mesh halved in r."""
    fields = [_solve(8, cells)[1] for cells in REFINEMENTS]
    return _orders([float(np.max(np.abs(a - b))) for a, b in itertools.pairwise(fields)])


def _solve(cathode_cells: int, particle_cells: int) -> tuple[np.ndarray, np.ndarray]:
    cell = coated_cell(diffusivity="1e-11 cm2/s", initial_lithium_fraction=0.5)
    cell = cell.with_composite(cell.cathode.composite.replace(ionic_conductivity="0.3 mS/cm"))
    values = parameter_values(cell)
    values["Current function [A]"] = cell.one_c * cell.area
    model: SolidStateCell = build_model(cell, ())
    solution = pybamm.Simulation(
        model,
        parameter_values=values,
        var_pts={"x_n": 1, "x_s": 3, "x_p": cathode_cells, "r_n": 1, "r_p": particle_cells},
        solver=pybamm.IDAKLUSolver(
            rtol=1e-10, atol=1e-12, options={"silence_sundials_errors": True}
        ),
    ).solve([0, 600])
    return (
        solution["Contact current density [A.m-2]"].entries[:, -1],
        solution["Positive particle surface concentration [mol.m-3]"].entries[:, -1],
    )


def _distance(coarse: np.ndarray, fine: np.ndarray) -> float:
    """Root mean square difference of cell averages."""
    return float(np.sqrt(np.mean((coarse - fine.reshape(-1, 2).mean(axis=1)) ** 2)))


def _orders(differences: list[float]) -> list[float]:
    values = np.array(differences)
    return [float(order) for order in np.log2(values[:-1] / values[1:])]


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    for double_layers in (False, True):
        worst = balance(double_layers)
        yield Mark(
            "charge balance of one cycle, "
            + ("lithium plus double layer" if double_layers else "lithium"),
            f"{worst:.2g}",
            "within 1e-6",
            worst <= 1e-6,
        )
    worst = balance(False, diffusivity=STEEP)
    yield Mark(
        "the same with a diffusivity that changes a hundredfold with the lithium fraction",
        f"{worst:.2g}",
        "within 1e-6",
        worst <= 1e-6,
    )
    current, concentration = orders_through_cathode()
    for what, orders in (
        ("reaction current through the cathode", current),
        ("surface concentration through the cathode", concentration),
        ("surface concentration, particle mesh", orders_in_particle()),
    ):
        yield Mark(
            f"order at each halving, {what}",
            ", ".join(f"{order:.3f}" for order in orders),
            "2 within 0.05 at each",
            all(abs(order - 2) <= 0.05 for order in orders),
        )


if __name__ == "__main__":
    finish(marks())
