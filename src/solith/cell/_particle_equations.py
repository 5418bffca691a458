"""Lithium in the cathode's particles: diffusion, spreading under patches, and its balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pybamm

__all__ = ["Sort", "declare_sorts", "lithiation_rate", "write_diffusion"]

_CATHODE = "positive electrode"
_ACTIVE_FRACTION = pybamm.Parameter("Positive electrode active material volume fraction")
_ACTIVE_AREA = pybamm.Parameter("Positive electrode surface area to volume ratio [m-1]")


@dataclass(frozen=True)
class Sort:
    """One sort of particle: what describes it, and its lithium.

    ``relative_radius`` is its radius over that of the domain r, on which every sort is solved;
    ``at_contact`` the concentration where electrolyte touches.
    """

    suffix: str
    share: Any
    relative_radius: Any
    contact_factor: Any
    concentration: Any
    surface: Any
    at_contact: Any
    modes: tuple[Any, ...]

    @property
    def area_share(self) -> Any:
        """Its surface over that of particles of the domain's radius."""
        return self.share / self.relative_radius


def declare_sorts(param: Any, count: int, modes: int) -> tuple[Sort, ...]:
    """The sorts of particles with their states."""
    sorts = []
    for number in range(1, count + 1):
        suffix = "" if count == 1 else f" of class {number}"
        concentration = pybamm.Variable(
            f"Positive particle concentration{suffix} [mol.m-3]",
            domain="positive particle",
            auxiliary_domains={"secondary": _CATHODE},
            bounds=(0, param.p.prim.c_max),
        )
        spreading = tuple(
            pybamm.Variable(
                f"Positive confinement mode {mode}{suffix} [mol.m-3]", _CATHODE, scale=1000
            )
            for mode in range(1, modes + 1)
        )
        surface = pybamm.surf(concentration)
        share, radius, contact = (
            pybamm.Scalar(1)
            if count == 1
            else pybamm.Parameter(f"Positive particle class {number} {what}")
            for what in ("share", "relative radius", "contact factor")
        )
        sorts.append(
            Sort(
                suffix,
                share,
                radius,
                contact,
                concentration,
                surface,
                sum(spreading, surface),
                spreading,
            )
        )
    return tuple(sorts)


def write_diffusion(model: Any, sort: Sort, contact: Any, entering: Any, temperature: Any) -> None:
    """Diffusion in the accessible spheres of one sort, fed over their contact.

    ``entering`` is the flux of lithium on the contact area [mol.m-2.s-1].
    """
    param, relative = model.param, sort.relative_radius
    sites = param.p.prim.c_max
    diffusivity = _diffusivity(sort.concentration / sites, temperature)
    on_sphere = contact * sort.contact_factor * _roughness(param) * entering
    # The linear rule is the one by which the finite volumes carry D to their last edge:
    # with it the flux that enters is the flux that was asked for, to the last digit.
    at_surface = pybamm.boundary_value(diffusivity, "right", order="linear")
    model.rhs[sort.concentration] = (
        pybamm.div(diffusivity * pybamm.grad(sort.concentration)) / relative**2
    )
    model.boundary_conditions[sort.concentration] = {
        "left": (pybamm.Scalar(0), "Neumann"),
        "right": (relative * on_sphere / at_surface, "Neumann"),
    }
    model.initial_conditions[sort.concentration] = param.p.prim.c_init
    radius = pybamm.Parameter("Positive confinement patch radius [m]")
    for number, mode in enumerate(sort.modes, start=1):
        pole = pybamm.Parameter(f"Positive confinement mode {number} pole")
        residue = pybamm.Parameter(f"Positive confinement mode {number} residue")
        nearby = _diffusivity(sort.surface / sites, temperature)
        model.rhs[mode] = (residue * entering - pole * nearby / radius * mode) / radius
        model.initial_conditions[mode] = pybamm.Scalar(0)


def lithiation_rate(param: Any, sorts: tuple[Sort, ...], contact: Any, entering: Any) -> Any:
    """Rate of the accessible material's mean lithium fraction [s-1].

    ``entering`` holds the flux on the contact area of each sort [mol.m-2.s-1].
    """
    sphere_area = 3 / param.p.prim.R_typ  # per volume of active material
    total = sum(
        sort.area_share * sort.contact_factor * pybamm.x_average(flux)
        for sort, flux in zip(sorts, entering, strict=True)
    )
    return contact * _roughness(param) * sphere_area * total / param.p.prim.c_max


def _diffusivity(fraction: Any, temperature: Any) -> Any:
    return pybamm.FunctionParameter(
        "Positive particle diffusivity [m2.s-1]",
        {"Positive particle stoichiometry": fraction, "Temperature [K]": temperature},
    )


def _roughness(param: Any) -> Any:
    """The particles' surface over that of smooth spheres."""
    return _ACTIVE_AREA * param.p.prim.R_typ / (3 * _ACTIVE_FRACTION)
