"""The anode: a metal of constant potential, or a host of lithium as one particle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pybamm

__all__ = ["AnodeState", "write_anode"]

_PARTICLE = "negative particle"


@dataclass(frozen=True)
class AnodeState:
    """Open-circuit potential vs Li+/Li [V] at the host's surface and at its mean lithium."""

    potential: Any
    mean_potential: Any


def write_anode(model: Any, current_density: Any, has_host: bool) -> AnodeState:
    """The anode's potential; with a host its diffusion too."""
    if not has_host:
        constant = pybamm.Parameter("Negative electrode OCP [V]")
        return AnodeState(constant, constant)
    sites = pybamm.Parameter("Maximum concentration in negative electrode [mol.m-3]")
    diffusivity = pybamm.Parameter("Negative particle diffusivity [m2.s-1]")
    radius = pybamm.Parameter("Negative particle radius [m]")
    volume = pybamm.Parameter("Negative electrode active volume per area [m]")
    concentration = pybamm.Variable("Negative particle concentration [mol.m-3]", _PARTICLE)
    leaving = current_density / (model.param.F * 3 * volume / radius)
    model.rhs[concentration] = pybamm.div(diffusivity * pybamm.grad(concentration))
    model.boundary_conditions[concentration] = {
        "left": (pybamm.Scalar(0), "Neumann"),
        "right": (-leaving / diffusivity, "Neumann"),
    }
    model.initial_conditions[concentration] = pybamm.Parameter(
        "Initial concentration in negative electrode [mol.m-3]"
    )
    surface = pybamm.surf(concentration) / sites
    mean = pybamm.r_average(concentration) / sites
    lowest = pybamm.Parameter("Lowest valid negative electrode stoichiometry")
    highest = pybamm.Parameter("Highest valid negative electrode stoichiometry")
    model.variables.update(
        {
            "Negative particle concentration [mol.m-3]": concentration,
            "Negative particle surface stoichiometry": surface,
            "Mean negative electrode stoichiometry": mean,
        }
    )
    model.events += [
        pybamm.Event("Lowest valid negative electrode stoichiometry", surface - lowest),
        pybamm.Event("Highest valid negative electrode stoichiometry", highest - surface),
    ]
    return AnodeState(_potential(surface), _potential(mean))


def _potential(stoichiometry: Any) -> Any:
    return pybamm.FunctionParameter(
        "Negative electrode OCP [V]", {"Negative particle stoichiometry": stoichiometry}
    )
