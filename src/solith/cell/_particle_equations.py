"""Lithium in the cathode's particles: diffusion, spreading under patches, and its balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pybamm

from solith.cell.structure import Structure

__all__ = [
    "Sort",
    "declare_sorts",
    "diffusivity_integral",
    "fraction_of_integral",
    "lithiation_rate",
    "write_diffusion",
]

# A mode of the integral, mol/(m s) of D times concentration, is held at the size of a
# concentration, in thousands: as if over a diffusivity of 1e-15 m2/s.
_PER_METRE2 = 1e-15

_CATHODE = "positive electrode"
_ACTIVE_FRACTION = pybamm.Parameter("Positive electrode active material volume fraction")
_ACTIVE_AREA = pybamm.Parameter("Positive electrode surface area to volume ratio [m-1]")


@dataclass(frozen=True)
class Sort:
    """One sort of particle: what describes it, and its lithium.

    ``relative_radius`` is its radius over that of the domain r, on which every sort is solved;
    ``at_contact`` the concentration where electrolyte touches. ``integral`` is that of the
    diffusivity over the lithium fraction, where the diffusivity varies.
    """

    suffix: str
    share: Any
    relative_radius: Any
    contact_factor: Any
    concentration: Any
    surface: Any
    at_contact: Any
    integral: Any | None
    modes: tuple[Any, ...]

    @property
    def area_share(self) -> Any:
        """Its surface over that of particles of the domain's radius."""
        return self.share / self.relative_radius


def declare_sorts(param: Any, structure: Structure, temperature: Any) -> tuple[Sort, ...]:
    """The sorts of particles with their states."""
    sorts = []
    count, modes = structure.particle_classes, structure.confinement
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
        integral = None
        surface = pybamm.surf(concentration)
        at_contact = sum(spreading, surface)
        if structure.varying_diffusivity:
            sites = param.p.prim.c_max
            integral = diffusivity_integral(concentration / sites, temperature)
            at_surface = pybamm.boundary_value(integral, "right")
            surface = sites * fraction_of_integral(at_surface, temperature)
            # Spreading adds up in the integral: its steady state is linear there.
            at_contact = sites * fraction_of_integral(
                sum((mode / sites * _PER_METRE2 for mode in spreading), at_surface), temperature
            )
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
                at_contact,
                integral,
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
    on_sphere = contact * sort.contact_factor * _roughness(param) * entering
    if sort.integral is None:
        driving, scale = sort.concentration, _diffusivity(sort.concentration / sites, temperature)
        # The linear rule is the one by which the finite volumes carry D to their last edge:
        # with it the flux that enters is the flux that was asked for, to the last digit.
        at_surface = pybamm.boundary_value(scale, "right", order="linear")
    else:
        driving, scale, at_surface = sort.integral, sites, sites
    model.rhs[sort.concentration] = pybamm.div(scale * pybamm.grad(driving)) / relative**2
    model.boundary_conditions[driving] = {
        "left": (pybamm.Scalar(0), "Neumann"),
        "right": (relative * on_sphere / at_surface, "Neumann"),
    }
    model.initial_conditions[sort.concentration] = param.p.prim.c_init
    radius = pybamm.Parameter("Positive confinement patch radius [m]")
    nearby = _diffusivity(sort.at_contact / sites, temperature)
    for number, mode in enumerate(sort.modes, start=1):
        pole = pybamm.Parameter(f"Positive confinement mode {number} pole")
        residue = pybamm.Parameter(f"Positive confinement mode {number} residue")
        if sort.integral is None:
            model.rhs[mode] = (residue * entering - pole * nearby / radius * mode) / radius
        else:
            raised = residue * radius * entering / _PER_METRE2
            model.rhs[mode] = nearby / radius**2 * (raised - pole * mode)
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


def diffusivity_integral(fraction: Any, temperature: Any) -> Any:
    """The diffusivity's integral over the lithium fraction from 0 [m2.s-1]."""
    return pybamm.FunctionParameter(
        "Positive particle diffusivity integral [m2.s-1]",
        {"Positive particle stoichiometry": fraction, "Temperature [K]": temperature},
    )


def fraction_of_integral(integral: Any, temperature: Any) -> Any:
    """The lithium fraction at which the diffusivity's integral is ``integral`` [m2.s-1]."""
    return pybamm.FunctionParameter(
        "Positive particle stoichiometry of integral",
        {"Diffusivity integral [m2.s-1]": integral, "Temperature [K]": temperature},
    )


def _roughness(param: Any) -> Any:
    """The particles' surface over that of smooth spheres."""
    return _ACTIVE_AREA * param.p.prim.R_typ / (3 * _ACTIVE_FRACTION)
