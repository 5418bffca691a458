"""Long cycling and GITT beside PyBaMM's own, on one mesh and with one tolerance.

    python -m benchmarks.protocols

PyBaMM runs its DFN half cell through its own experiments, with nothing that ages; solith
its solid-state cell with an interphase that grows and contact that is lost, through
``simulate``, building the model and making the record (with the loss budget) included.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pybamm

from solith.cell import Cell, Gitt, cycle, simulate
from solith.cell._runner import quiet

__all__ = ["CYCLES", "PULSES", "Comparison", "ageing_cell", "compare_cycling", "compare_gitt"]

CYCLES, PULSES = 200, 40
UPPER, LOWER = "4.2 V vs Li", "3.0 V vs Li"
CYCLING = (8, 16, 3e-5)  # cells in depth, cells in a particle, tolerance
TITRATION = (20, 30, 1e-6)


@dataclass(frozen=True)
class Comparison:
    """Seconds of both for the same protocol."""

    what: str
    pybamm_seconds: float
    solith_seconds: float


def ageing_cell() -> Cell:
    """An NMC532 cell whose interphase grows and whose contact is lost."""
    return Cell.from_mapping(
        {
            "area": "0.785 cm2",
            "one_c": "1.3 mA/cm2",
            "cathode": {
                "material": "NMC532",
                "loading": "8.7 mg/cm2",
                "initial_lithium_fraction": 0.95,
                "diffusivity": "1e-10 cm2/s",
                "composite": {
                    "active_fraction": 0.45,
                    "electrolyte_fraction": 0.45,
                    "particle_radius": "2 um",
                    "ionic_conductivity": "0.5 mS/cm",
                    "electronic_conductivity": "5 mS/cm",
                    "contact_fraction": 0.6,
                },
                "charge_transfer": {"law": "butler-volmer", "area_resistance": "1500 ohm cm2"},
                "coating": {"thickness": "7.5 nm", "conductivity": "38.7 uS/cm"},
                "interphase": {
                    "thickness": "1 nm",
                    "conductivity": "1e-8 S/cm",
                    "growth": {"law": "diffusion", "rate": "1e-21 m2/s"},
                },
                "breathing": {"volume_change": 0.04, "sensitivity": 2.0, "loss": 0.003},
                "access_loss": {"loss": 0.001},
            },
            "electrolyte": {"material": "LGPS", "thickness": "600 um"},
            "anode": {
                "material": "In-Li",
                "interface": {"resistance": "2 ohm cm2", "capacitance": "10 uF/cm2"},
            },
        }
    )


def compare_cycling(cycles: int = CYCLES) -> Comparison:
    """1 C charge and discharge with rests of ten minutes."""
    own = cycle("1 C", UPPER, LOWER, cycles=cycles)
    experiment = pybamm.Experiment(
        [
            (
                "Charge at 1C until 4.2 V",
                "Rest for 10 minutes",
                "Discharge at 1C until 3.0 V",
                "Rest for 10 minutes",
            )
        ]
        * cycles
    )
    return Comparison(
        f"{cycles} cycles at 1 C",
        _seconds(lambda: _peer(experiment, CYCLING)),
        _seconds(lambda: simulate(ageing_cell(), own)),
    )


def compare_gitt(pulses: int = PULSES) -> Comparison:
    """Pulses of ten minutes at 0.1 C, with rests of two hours."""
    own = Gitt("0.1 C", "10 min", "2 h", UPPER, direction="charge", most_pulses=pulses)
    experiment = pybamm.Experiment([("Charge at 0.1C for 10 minutes", "Rest for 2 hours")] * pulses)
    return Comparison(
        f"GITT of {pulses} pulses",
        _seconds(lambda: _peer(experiment, TITRATION)),
        _seconds(lambda: simulate(ageing_cell(), own)),
    )


def _peer(experiment: pybamm.Experiment, resolution: tuple[int, int, float]) -> pybamm.Solution:
    depth, particle, tolerance = resolution
    values = pybamm.ParameterValues("Xu2019")
    sites = values["Maximum concentration in positive electrode [mol.m-3]"]
    values["Initial concentration in positive electrode [mol.m-3]"] = 0.9 * sites
    with quiet():
        simulation = pybamm.Simulation(
            pybamm.lithium_ion.DFN({"working electrode": "positive"}),
            experiment=experiment,
            parameter_values=values,
            var_pts={"x_n": 1, "x_s": depth, "x_p": depth, "r_n": 1, "r_p": particle},
            solver=pybamm.IDAKLUSolver(rtol=tolerance, atol=tolerance / 100),
            experiment_model_mode="unified",
        )
        solution = simulation.solve(calc_esoh=False)
    voltage = solution["Voltage [V]"].entries
    if len(solution.cycles) != len(experiment.cycles) or len(voltage) == 0:
        raise RuntimeError("PyBaMM's experiment is not whole")
    return solution


def _seconds(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    print("| protocol | PyBaMM DFN half cell | solith |")
    print("| --- | --- | --- |")
    for found in (compare_cycling(), compare_gitt()):
        print(f"| {found.what} | {found.pybamm_seconds:.1f} s | {found.solith_seconds:.1f} s |")


if __name__ == "__main__":
    main()
