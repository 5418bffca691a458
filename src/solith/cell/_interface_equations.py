"""The cathode's interface: charge transfer and films, and what changes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pybamm

from solith.cell._particle_equations import Sort

__all__ = ["Crossing", "contact_of", "declare_thickness", "of_temperature", "write_crossing"]

_CATHODE = "positive electrode"
_NANOMETRE = 1e-9


@dataclass(frozen=True)
class Crossing:
    """Lithium's way across the interface of one sort of particle.

    Current densities on the contact area: ``crossing`` through the films, ``faradaic`` into
    the particle. ``difference`` is the potential of the particle against the electrolyte.
    """

    potential: Any
    exchange: Any
    crossing: Any
    faradaic: Any
    jump: Any
    films: dict[str, Any]

    @property
    def difference(self) -> Any:
        """Sum of all jumps [V]."""
        return self.jump + sum(self.films.values())


def contact_of(model: Any) -> tuple[Any, Any, dict[str, Any]]:
    """Contact and accessible fraction with their states, where they change.

    The states by name: ``change`` of the mean lithium fraction since the beginning, the
    ``lasting`` part of the contact, the accessible ``part``.
    """
    contact = pybamm.Parameter("Positive electrode contact fraction")
    accessible = pybamm.Parameter("Positive electrode accessible fraction")
    states: dict[str, Any] = {}
    if model.structure.breathing:
        change = pybamm.Variable("Change of the mean positive electrode stoichiometry")
        lasting = pybamm.Variable("Lasting part of the contact")
        states |= {"change": change, "lasting": lasting}
        law = "Positive electrode contact breathing"
        model.initial_conditions[change] = pybamm.Parameter(f"{law}: change at the start")
        model.initial_conditions[lasting] = pybamm.Parameter(f"{law}: lasting")
        factor = pybamm.FunctionParameter(f"{law} factor", {"Change of stoichiometry": change})
        contact = contact * lasting * factor
    if model.structure.access_loss:
        part = pybamm.Variable("Part of the accessible fraction that is left")
        states["part"] = part
        model.initial_conditions[part] = pybamm.Scalar(1)
        accessible = accessible * part
    return contact, accessible, states


def declare_thickness(model: Any) -> dict[str, Any]:
    """Thickness of coating and interphase, the latter a state where it grows."""
    thickness: dict[str, Any] = {
        film: pybamm.Parameter(f"Positive {film} thickness [m]")
        for film in model.structure.films
        if film in ("coating", "interphase")
    }
    if model.structure.thickens:
        start = thickness["interphase"]
        state = pybamm.Variable("Positive interphase thickness [m]", _CATHODE, scale=_NANOMETRE)
        model.initial_conditions[state] = start
        thickness["interphase"] = state
    return thickness


def write_crossing(
    model: Any, sort: Sort, thickness: dict[str, Any], potential: Any, temperature: Any
) -> Crossing:
    """Jumps across charge transfer and films, and the current through them.

    ``potential`` is the open-circuit potential at the contact.
    """
    param = model.param
    exchange = param.p.prim.j0(
        pybamm.PrimaryBroadcast(param.c_e_init, _CATHODE), sort.at_contact, temperature
    )
    crossing = pybamm.Variable(f"Contact current density{sort.suffix} [A.m-2]", _CATHODE)
    model.initial_conditions[crossing] = pybamm.Scalar(0)
    faradaic, jump = _charge_transfer(model, sort, crossing, potential, exchange, temperature)
    films = {
        film: _film(model, film, sort, crossing, thickness.get(film), potential, temperature)
        for film in model.structure.films
    }
    return Crossing(potential, exchange, crossing, faradaic, jump, films)


def _charge_transfer(
    model: Any, sort: Sort, crossing: Any, potential: Any, exchange: Any, temperature: Any
) -> tuple[Any, Any]:
    """Faradaic current density (contact area, anodic) and jump across the interface."""
    thermal = model.param.R * temperature / model.param.F
    if "charge transfer" not in model.capacitances:
        overpotential = (
            thermal * crossing / exchange
            if model.is_linear
            else 2 * thermal * pybamm.arcsinh(crossing / (2 * exchange))
        )
        return crossing, potential + overpotential
    name = f"Positive electrode surface potential difference{sort.suffix} [V]"
    jump = pybamm.Variable(name, _CATHODE)
    overpotential = jump - potential
    faradaic = (
        exchange * overpotential / thermal
        if model.is_linear
        else 2 * exchange * pybamm.sinh(overpotential / (2 * thermal))
    )
    model.rhs[jump] = (crossing - faradaic) / model.param.p.C_dl(temperature)
    model.initial_conditions[jump] = model.potential(
        model.param.p.prim.sto_init_av, model.param.T_init
    )
    return faradaic, jump


def _film(
    model: Any,
    film: str,
    sort: Sort,
    crossing: Any,
    thickness: Any,
    potential: Any,
    temperature: Any,
) -> Any:
    """Voltage drop across a film on the contact area."""
    if film == "space charge":
        resistance = pybamm.FunctionParameter(
            "Positive space charge resistance [Ohm.m2]",
            {"Open-circuit potential [V]": potential, "Temperature [K]": temperature},
        )
    elif film == "further resistance":
        resistance = of_temperature("Positive further resistance", temperature, "Ohm.m2")
    else:
        resistance = thickness / of_temperature(f"Positive {film} conductivity", temperature)
    drop = pybamm.Variable(f"Positive {film} voltage drop{sort.suffix} [V]", _CATHODE)
    capacitance = f"Positive {film} capacitance [F.m-2]"
    return model.element(film, drop, crossing, resistance, capacitance)


def of_temperature(name: str, temperature: Any, unit: str = "S.m-1") -> Any:
    """A parameter that depends on temperature."""
    return pybamm.FunctionParameter(f"{name} [{unit}]", {"Temperature [K]": temperature})
