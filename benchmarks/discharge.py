"""A discharge with solith's cell model beside PyBaMM's DFN half cell, on one mesh.

    python -m benchmarks.discharge

prints, for each rate, the largest voltage difference and the times of a repeated solve,
measured alternately. Everything that the DFN half cell lacks is switched off; its
electrolyte is given a transference number of one and so fast a salt diffusion that its
concentration stays constant; its lithium electrode is given no resistance.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pybamm

from solith.cell.model import SolidStateCell
from solith.cell.structure import Structure

__all__ = ["Comparison", "compare_discharge"]

MESH = {"x_n": 1, "x_s": 40, "x_p": 40, "r_n": 1, "r_p": 40}
RATES = (0.1, 1.0, 3.0)
REPEATS = 15


@dataclass(frozen=True)
class Comparison:
    """One rate: voltage difference [V] and seconds of a repeated solve."""

    rate: float
    worst: float
    rows: int
    pybamm_seconds: float
    solith_seconds: float

    @property
    def ratio(self) -> float:
        """solith's time over PyBaMM's."""
        return self.solith_seconds / self.pybamm_seconds


def compare_discharge(rate: float, repeats: int = REPEATS) -> Comparison:
    """Solve the same discharge with both models; times are medians of alternate repeats."""
    peer_model = pybamm.lithium_ion.DFN({"working electrode": "positive"})
    own_model = SolidStateCell(structure=Structure(films=()))
    # one mesh and one rule at the particles' surface for both
    submesh = own_model.default_submesh_types
    methods = own_model.default_spatial_methods
    values = _peer_parameters(rate)
    peer = _simulation(peer_model, values, submesh, methods)
    own = _simulation(own_model, _own_parameters(values), submesh, methods)
    span = [0, 1.3 * 3600 / rate]
    solutions = {name: sim.solve(span) for name, sim in (("peer", peer), ("own", own))}
    seconds: dict[str, list[float]] = {"peer": [], "own": []}
    for _ in range(repeats):
        for name, simulation in (("peer", peer), ("own", own)):
            start = time.perf_counter()
            simulation.solve(span)
            seconds[name].append(time.perf_counter() - start)
    end = min(solution.t[-1] for solution in solutions.values())
    times = np.linspace(0, end, 500)
    peer_voltage, own_voltage = (solutions[name]["Voltage [V]"](times) for name in ("peer", "own"))
    return Comparison(
        rate,
        float(np.max(np.abs(peer_voltage - own_voltage))),
        len(solutions["own"].t),
        float(np.median(seconds["peer"])),
        float(np.median(seconds["own"])),
    )


def _simulation(model, values, submesh, methods):  # type: ignore[no-untyped-def]
    return pybamm.Simulation(
        model,
        parameter_values=values,
        var_pts=MESH,
        submesh_types=submesh,
        spatial_methods={**model.default_spatial_methods, **methods},
        solver=pybamm.IDAKLUSolver(rtol=1e-6, atol=1e-8),
    )


def _peer_parameters(rate: float) -> pybamm.ParameterValues:
    values = pybamm.ParameterValues("Xu2019")
    area = values["Electrode height [m]"] * values["Electrode width [m]"]
    sites = values["Maximum concentration in positive electrode [mol.m-3]"]
    fraction = values["Positive electrode active material volume fraction"]
    depth = 60e-6
    one_c = 0.8 * 96485.33212 / 3600 * sites * fraction * depth * area
    values.update(
        {
            "Positive electrode thickness [m]": depth,
            "Nominal cell capacity [A.h]": one_c,
            "Current function [A]": rate * one_c,
            "Initial concentration in positive electrode [mol.m-3]": 0.1 * sites,
            "Positive particle diffusivity [m2.s-1]": 3e-14,
            "Electrolyte conductivity [S.m-1]": 0.28,
            "Electrolyte diffusivity [m2.s-1]": 1e-6,
            "Cation transference number": 1 - 1e-12,
            "Exchange-current density for lithium metal electrode [A.m-2]": 1e12,
            "Lower voltage cut-off [V]": 3.0,
            "Upper voltage cut-off [V]": 4.5,
        }
    )
    return values


def _own_parameters(peer: pybamm.ParameterValues) -> pybamm.ParameterValues:
    porosity, active = peer["Positive electrode porosity"], 0.518
    conductivity = peer["Electrolyte conductivity [S.m-1]"]
    separator = conductivity * peer["Separator porosity"] ** 1.5
    values = peer.copy()
    values.update(
        {
            "Positive electrode effective ionic conductivity [S.m-1]": conductivity * porosity**1.5,
            "Positive electrode effective electronic conductivity [S.m-1]": peer[
                "Positive electrode conductivity [S.m-1]"
            ]
            * active**1.5,
            "Positive electrode contact fraction": 1.0,
            "Positive electrode accessible fraction": 1.0,
            "Positive electrode surface area to volume ratio [m-1]": 3
            * active
            / peer["Positive particle radius [m]"],
            "Separator bulk area resistance [Ohm.m2]": peer["Separator thickness [m]"] / separator,
            "Negative interface area resistance [Ohm.m2]": 0.0,
            "Lowest valid positive electrode stoichiometry": 0.0,
            "Highest valid positive electrode stoichiometry": 1.0,
        },
        check_already_exists=False,
    )
    return values


def main() -> None:
    """Print the table."""
    print("| rate | largest difference | PyBaMM DFN half cell | solith | ratio |")
    print("| --- | --- | --- | --- | --- |")
    for rate in RATES:
        found = compare_discharge(rate)
        print(
            f"| {rate:g} C | {1e3 * found.worst:.3f} mV | {1e3 * found.pybamm_seconds:.1f} ms "
            f"| {1e3 * found.solith_seconds:.1f} ms | {found.ratio:.2f} |"
        )


if __name__ == "__main__":
    main()
