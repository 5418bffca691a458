"""The interface-explicit model of composite cathode | solid electrolyte | anode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pybamm

from solith.core.errors import UnknownNameError

__all__ = ["ELEMENTS", "FILMS", "SolidStateCell"]

FILMS = ("coating", "interphase", "further resistance")
"""Films that can lie in series with charge transfer on the particles' surface."""

ELEMENTS = ("charge transfer", *FILMS, "separator", "anode")
"""What can have a capacitance."""

_OPTIONS = {
    "working electrode": "positive",
    "surface form": "false",
    "intercalation kinetics": "symmetric Butler-Volmer",
}
_CATHODE = "positive electrode"
_CONTACT = pybamm.Parameter("Positive electrode contact fraction")
_ACCESSIBLE = pybamm.Parameter("Positive electrode accessible fraction")
_ACTIVE_FRACTION = pybamm.Parameter("Positive electrode active material volume fraction")
_ACTIVE_AREA = pybamm.Parameter("Positive electrode surface area to volume ratio [m-1]")
_ANODE_POTENTIAL = pybamm.Parameter("Negative electrode OCP [V]")


class SolidStateCell(pybamm.lithium_ion.BaseModel):  # type: ignore[misc]
    r"""A composite cathode on a single-ion conductor against a metal anode.

    Use it as any PyBaMM lithium-ion model, in ``pybamm.Simulation``, with
    ``pybamm.Experiment`` and (with ``"surface form": "differential"``) in
    ``pybamm.EISSimulation``. Variables and parameters carry PyBaMM's own names where
    PyBaMM has them; a positive current discharges.

    Equations (x through the cathode from the electrolyte layer to the collector, r in a
    particle, :math:`a` active area per volume, :math:`\theta` contact fraction,
    :math:`i` current density on the geometric area, :math:`j` on the contact area,
    anodic positive):

    .. math::
        \partial_t c &= r^{-2} \partial_r (r^2 D(c) \partial_r c), \qquad
        -D\,\partial_r c|_R = \theta j_f / F \quad (a = 3\varepsilon/R) \\
        \partial_x i_e &= a \theta j, \qquad
        i_e = \frac{\kappa\sigma}{\kappa+\sigma}
              \left(\partial_x \Delta\phi + i/\sigma\right) \\
        \Delta\phi &= \phi_s - \phi_e = v_0 + \sum_k v_k \\
        V &= \phi_s(L) = -U_a - v_a - v_{SE} + \frac{\sigma\,\Delta\phi(0) +
             \kappa\,\Delta\phi(L) - i L}{\kappa + \sigma}

    :math:`v_0` is the jump across the charge-transfer interface, :math:`v_k` that across
    film :math:`k` (coating, interphase, further resistance). With capacitances
    (``"surface form": "differential"``)

    .. math::
        C_0\,\partial_t v_0 = j - j_f(v_0 - U(c_R)), \qquad
        C_k\,\partial_t v_k = j - v_k / R_k

    and the electrolyte layer and the anode interface are R||C elements on the geometric
    area likewise; without (``"false"``, the default) :math:`j_f = j`,
    :math:`v_k = R_k j`. Ions follow Ohm's law: with a transference number of one the
    electrolyte's concentration stays constant. The contact fraction scales reaction,
    films and double layers alike; inaccessible particles take no part at all.

    Porous-electrode theory (Newman and Tobias, J. Electrochem. Soc. 109, 1183, 1962;
    Doyle, Fuller and Newman, 10.1149/1.2221597) for a single-ion conductor.

    Parameters
    ----------
    options : dict, optional
        PyBaMM's options, of which two are understood: ``"surface form"`` (``"false"`` or
        ``"differential"``) and ``"intercalation kinetics"`` (``"symmetric Butler-Volmer"``
        or ``"linear"``).
    films : tuple of str
        The films that are present, of :data:`FILMS`. A film with a capacitance needs a
        resistance above zero.
    capacitances : tuple of str, optional
        Which of :data:`ELEMENTS` have their capacitance in the differential form; all
        unless given. Impedance wants all of them; in a protocol with current steps take
        the slow ones only, ``("charge transfer", "anode")``: a film's nanoseconds are
        below the resolution of time after hours.
    grain_boundary : bool
        Whether the electrolyte layer has a second R||C for its grain boundaries.
    growth : bool
        Whether the interphase grows, :math:`\partial_t (t^2) = k(\Delta\phi, T)`; in the
        impedance of a moment leave it out.
    """

    def __init__(
        self,
        options: dict[str, Any] | None = None,
        films: tuple[str, ...] = ("coating",),
        capacitances: tuple[str, ...] | None = None,
        grain_boundary: bool = False,
        growth: bool = False,
        name: str = "Solid-state cell with explicit interfaces",
    ) -> None:
        for film in films:
            if film not in FILMS:
                raise UnknownNameError.among("film", film, FILMS)
        self.films = tuple(film for film in FILMS if film in films)
        self.grain_boundary = grain_boundary
        self.growth = growth
        given = {**_OPTIONS, **(options or {})}
        for option in given:
            if option not in _OPTIONS:
                raise UnknownNameError.among("option of this model", option, _OPTIONS)
        super().__init__(given, name)
        asked = ELEMENTS if capacitances is None else capacitances
        for element in asked:
            if element not in ELEMENTS:
                raise UnknownNameError.among("element", element, ELEMENTS)
        is_differential = self.options["surface form"] == "differential"
        self.capacitances = tuple(asked) if is_differential else ()
        self._calc_esoh = False
        self._write_equations()

    @property
    def default_parameter_values(self) -> pybamm.ParameterValues:
        from solith.cell.parameters import default_parameter_values

        return default_parameter_values()

    @property
    def default_spatial_methods(self) -> dict[str, Any]:
        # The fluxes at all boundaries are known; extrapolation that uses them keeps
        # surface values second order.
        method = pybamm.FiniteVolume(
            {
                "extrapolation": {
                    "order": {"gradient": "quadratic", "value": "quadratic"},
                    "use bcs": True,
                }
            }
        )
        return {
            **super().default_spatial_methods,
            "macroscale": method,
            "positive particle": method,
        }

    @property
    def default_submesh_types(self) -> dict[str, Any]:
        # Diffusion starts at the particles' surface: cells there are finest, a current
        # step within the first seconds wants it.
        fine_at_surface = pybamm.MeshGenerator(
            pybamm.Exponential1DSubMesh, {"side": "right", "stretch": 4.0}
        )
        return {**super().default_submesh_types, "positive particle": fine_at_surface}

    def _write_equations(self) -> None:
        param = self.param
        temperature = param.T_amb_av(pybamm.t)
        current_density = param.current_density_with_time  # on the geometric area
        concentration = pybamm.Variable(
            "Positive particle concentration [mol.m-3]",
            domain="positive particle",
            auxiliary_domains={"secondary": _CATHODE},
            bounds=(0, param.p.prim.c_max),
        )
        surface = pybamm.surf(concentration)
        interface = self._write_interface(surface, temperature)
        transport = self._write_transport(interface, current_density, temperature)
        if self.growth:
            self._write_growth(interface, temperature)
        self._write_particle(concentration, interface.faradaic, temperature)
        self._write_voltage(interface, transport, current_density, temperature)
        self._write_charge()
        self._offer_states(concentration, surface, interface, temperature)
        self._write_events(surface)

    def _write_interface(self, surface: Any, temperature: Any) -> _Interface:
        """Jumps across charge transfer and films, and the current through them."""
        param = self.param
        potential = self._potential(surface / param.p.prim.c_max, temperature)
        exchange = param.p.prim.j0(
            pybamm.PrimaryBroadcast(param.c_e_init, _CATHODE), surface, temperature
        )
        crossing = pybamm.Variable("Contact current density [A.m-2]", _CATHODE)
        faradaic, jump = self._charge_transfer(crossing, potential, exchange, temperature)
        thickness, squared = self._thickness()
        films = {
            film: self._film(film, crossing, thickness.get(film), temperature)
            for film in self.films
        }
        difference = jump + sum(films.values())
        return _Interface(
            potential, exchange, crossing, faradaic, jump, films, difference, thickness, squared
        )

    def _thickness(self) -> tuple[dict[str, Any], Any]:
        """Thickness of coating and interphase, and the state behind a growing one."""
        thickness = {
            film: pybamm.Parameter(f"Positive {film} thickness [m]")
            for film in self.films
            if film != "further resistance"
        }
        if not self.growth:
            return thickness, None
        start = thickness["interphase"] ** 2
        squared = pybamm.Variable(
            "Positive interphase squared thickness [m2]", _CATHODE, scale=start
        )
        self.initial_conditions[squared] = start
        return {**thickness, "interphase": squared**0.5}, squared

    def _write_growth(self, interface: _Interface, temperature: Any) -> None:
        """The interphase's squared thickness, driven by the local potential."""
        self.rhs[interface.squared_thickness] = pybamm.FunctionParameter(
            "Positive interphase growth rate [m2.s-1]",
            {
                "Potential against electrolyte [V]": interface.difference,
                "Temperature [K]": temperature,
            },
        )

    def _write_transport(
        self, interface: _Interface, current_density: Any, temperature: Any
    ) -> _Transport:
        """Ions and electrons through the cathode; the unknown is the crossing current."""
        kappa = _of_temperature("Positive electrode effective ionic conductivity", temperature)
        sigma = _of_temperature("Positive electrode effective electronic conductivity", temperature)
        thickness = self.param.p.L
        ionic_current = (kappa * sigma / (kappa + sigma)) * (
            pybamm.grad(interface.difference) + current_density / sigma
        )
        self.boundary_conditions[interface.difference] = {
            "left": (current_density / kappa, "Neumann"),
            "right": (-current_density / sigma, "Neumann"),
        }
        contact_area = _CONTACT * _ACCESSIBLE * _ACTIVE_AREA
        self.algebraic[interface.crossing] = thickness * (
            pybamm.div(ionic_current) - contact_area * interface.crossing
        )
        self.initial_conditions[interface.crossing] = pybamm.Scalar(0)
        return _Transport(kappa, sigma, thickness)

    def _write_particle(self, concentration: Any, faradaic: Any, temperature: Any) -> None:
        """Diffusion in the accessible spheres, fed over their contact."""
        param = self.param
        diffusivity = param.p.prim.D(concentration, temperature)
        sphere_area = 3 * _ACTIVE_FRACTION / param.p.prim.R_typ  # what diffusion sees
        flux = (_CONTACT * _ACTIVE_AREA / sphere_area) * faradaic / param.F
        # The linear rule is the one by which the finite volumes carry D to their last edge:
        # with it the flux that enters is the flux that was asked for, to the last digit.
        at_surface = pybamm.boundary_value(diffusivity, "right", order="linear")
        self.rhs[concentration] = pybamm.div(diffusivity * pybamm.grad(concentration))
        self.boundary_conditions[concentration] = {
            "left": (pybamm.Scalar(0), "Neumann"),
            "right": (-flux / at_surface, "Neumann"),
        }
        self.initial_conditions[concentration] = param.p.prim.c_init

    def _write_voltage(
        self,
        interface: _Interface,
        transport: _Transport,
        current_density: Any,
        temperature: Any,
    ) -> None:
        """Electrolyte layer and anode in series; potentials through the cell."""
        param, difference = self.param, interface.difference
        kappa, sigma, thickness = transport.kappa, transport.sigma, transport.thickness
        separator_drop = self._layer("separator", "Separator bulk", current_density, temperature)
        if self.grain_boundary:
            separator_drop += self._layer(
                "separator", "Separator grain boundary", current_density, temperature
            )
        anode_drop = self._layer("anode", "Negative interface", current_density, temperature)

        electrolyte_left = -_ANODE_POTENTIAL - anode_drop
        electrolyte_entry = electrolyte_left - separator_drop
        difference_entry = pybamm.boundary_value(difference, "left")
        voltage = electrolyte_entry + (
            sigma * difference_entry
            + kappa * pybamm.boundary_value(difference, "right")
            - current_density * thickness
        ) / (kappa + sigma)

        x_s = pybamm.standard_spatial_vars.x_s
        depth = pybamm.standard_spatial_vars.x_p - param.n.L - param.s.L
        electrolyte_separator = electrolyte_left - separator_drop * (x_s - param.n.L) / param.s.L
        electrolyte_cathode = electrolyte_entry + (
            sigma * (difference_entry - difference) - current_density * depth
        ) / (kappa + sigma)
        cells_in_series = pybamm.Parameter("Number of cells connected in series to make a battery")
        self.variables.update(
            {
                "Voltage [V]": voltage,
                "Voltage expression [V]": voltage,
                "Terminal voltage [V]": voltage,
                "Battery voltage [V]": voltage * cells_in_series,
                "Electrolyte potential [V]": pybamm.concatenation(
                    electrolyte_separator, electrolyte_cathode
                ),
                "Positive electrode potential [V]": electrolyte_cathode + difference,
                "Separator voltage drop [V]": separator_drop,
                "Negative interface voltage drop [V]": anode_drop,
            }
        )

    def _write_charge(self) -> None:
        """The charge that has passed, and what drives it."""
        charge = pybamm.Variable("Discharge capacity [A.h]")
        current = self.param.current_with_time
        self.rhs[charge] = current / 3600
        self.initial_conditions[charge] = pybamm.Scalar(0)
        self.variables.update(
            {
                "Time [s]": pybamm.t,
                "Time [h]": pybamm.t / 3600,
                "Discharge capacity [A.h]": charge,
                "Current [A]": current,
                "Current variable [A]": current,
                "Total current density [A.m-2]": self.param.current_density_with_time,
                "C-rate": current / self.param.Q,
            }
        )

    def _offer_states(
        self, concentration: Any, surface: Any, interface: _Interface, temperature: Any
    ) -> None:
        """Variables of particles and interface, by PyBaMM's names where it has them."""
        param = self.param
        sites = param.p.prim.c_max
        averaged = pybamm.r_average(concentration) / sites
        mean = pybamm.x_average(averaged)
        salt = param.c_e_init
        self.variables.update(
            {
                "Ambient temperature [K]": temperature,
                "Electrolyte concentration [mol.m-3]": pybamm.concatenation(
                    pybamm.PrimaryBroadcast(salt, "separator"),
                    pybamm.PrimaryBroadcast(salt, _CATHODE),
                ),
                "Positive particle concentration [mol.m-3]": concentration,
                "Positive particle surface concentration [mol.m-3]": surface,
                "X-averaged positive particle surface concentration [mol.m-3]": pybamm.x_average(
                    surface
                ),
                "Maximum positive particle surface stoichiometry": pybamm.max(surface / sites),
                "Mean positive electrode stoichiometry": mean,
                "Total lithium in positive electrode [mol]": _ACCESSIBLE
                * _ACTIVE_FRACTION
                * param.p.L
                * param.A_cc
                * sites
                * mean,
                "Positive electrode surface potential difference [V]": interface.jump,
                "Positive electrode open-circuit potential [V]": interface.potential,
                "Positive electrode particle-average open-circuit potential [V]": self._potential(
                    averaged, temperature
                ),
                "Bulk open-circuit voltage [V]": self._potential(mean, temperature)
                - _ANODE_POTENTIAL,
                "Positive electrode exchange current density [A.m-2]": interface.exchange,
                "Contact current density [A.m-2]": interface.crossing,
                "Contact faradaic current density [A.m-2]": interface.faradaic,
                **{
                    f"Positive {film} voltage drop [V]": drop
                    for film, drop in interface.films.items()
                },
                **{
                    f"X-averaged positive {film} thickness [m]": pybamm.x_average(thickness)
                    for film, thickness in interface.thickness.items()
                },
            }
        )

    def _write_events(self, surface: Any) -> None:
        """Cut-offs, and the range in which the open-circuit potential is known."""
        voltage = self.variables["Voltage [V]"]
        stoichiometry = surface / self.param.p.prim.c_max
        lowest = pybamm.Parameter("Lowest valid positive electrode stoichiometry")
        highest = pybamm.Parameter("Highest valid positive electrode stoichiometry")
        self.events += [
            pybamm.Event("Minimum voltage [V]", voltage - self.param.voltage_low_cut),
            pybamm.Event("Maximum voltage [V]", self.param.voltage_high_cut - voltage),
            pybamm.Event(
                "Lowest valid positive electrode stoichiometry", pybamm.min(stoichiometry) - lowest
            ),
            pybamm.Event(
                "Highest valid positive electrode stoichiometry",
                highest - pybamm.max(stoichiometry),
            ),
        ]

    def _potential(self, stoichiometry: Any, temperature: Any) -> Any:
        """Open-circuit potential vs Li+/Li, as given.

        PyBaMM's own ``param.p.prim.U`` bends the curve near x = 0 and 1; here it ends where
        it ends.
        """
        given = pybamm.FunctionParameter(
            "Positive electrode OCP [V]", {"Positive particle stoichiometry": stoichiometry}
        )
        shift = temperature - self.param.T_ref
        return given + shift * self.param.p.prim.dUdT(stoichiometry)

    def _charge_transfer(
        self, crossing: Any, potential: Any, exchange: Any, temperature: Any
    ) -> tuple[Any, Any]:
        """Faradaic current density (contact area, anodic) and jump across the interface."""
        thermal = self.param.R * temperature / self.param.F
        if "charge transfer" not in self.capacitances:
            overpotential = (
                thermal * crossing / exchange
                if self._is_linear
                else 2 * thermal * pybamm.arcsinh(crossing / (2 * exchange))
            )
            return crossing, potential + overpotential
        jump = pybamm.Variable("Positive electrode surface potential difference [V]", _CATHODE)
        overpotential = jump - potential
        faradaic = (
            exchange * overpotential / thermal
            if self._is_linear
            else 2 * exchange * pybamm.sinh(overpotential / (2 * thermal))
        )
        self.rhs[jump] = (crossing - faradaic) / self.param.p.C_dl(temperature)
        self.initial_conditions[jump] = self._potential(
            self.param.p.prim.sto_init_av, self.param.T_init
        )
        return faradaic, jump

    @property
    def _is_linear(self) -> bool:
        return bool(self.options["intercalation kinetics"] == "linear")

    def _film(self, film: str, crossing: Any, thickness: Any, temperature: Any) -> Any:
        """Voltage drop across a film on the contact area."""
        if film == "further resistance":
            resistance = _of_temperature("Positive further resistance", temperature, "Ohm.m2")
        else:
            resistance = thickness / _of_temperature(f"Positive {film} conductivity", temperature)
        drop = pybamm.Variable(f"Positive {film} voltage drop [V]", _CATHODE)
        capacitance = f"Positive {film} capacitance [F.m-2]"
        return self._element(film, drop, crossing, resistance, capacitance)

    def _layer(self, element: str, what: str, current_density: Any, temperature: Any) -> Any:
        """Voltage drop across a layer on the geometric area."""
        resistance = _of_temperature(f"{what} area resistance", temperature, "Ohm.m2")
        drop = pybamm.Variable(f"{what} voltage drop [V]")
        capacitance = f"{what} capacitance [F.m-2]"
        return self._element(element, drop, current_density, resistance, capacitance)

    def _element(
        self, element: str, drop: Any, current_density: Any, resistance: Any, capacitance: str
    ) -> Any:
        """Voltage drop across an R||C, a state where it has its capacitance."""
        if element not in self.capacitances:
            return resistance * current_density
        self.rhs[drop] = (current_density - drop / resistance) / pybamm.Parameter(capacitance)
        self.initial_conditions[drop] = pybamm.Scalar(0)
        return drop


@dataclass(frozen=True)
class _Interface:
    """What happens at the particles' surface; current densities on the contact area."""

    potential: Any
    exchange: Any
    crossing: Any
    faradaic: Any
    jump: Any
    films: dict[str, Any]
    difference: Any
    thickness: dict[str, Any]
    squared_thickness: Any


@dataclass(frozen=True)
class _Transport:
    """Effective conductivities and thickness of the cathode."""

    kappa: Any
    sigma: Any
    thickness: Any


def _of_temperature(name: str, temperature: Any, unit: str = "S.m-1") -> Any:
    return pybamm.FunctionParameter(f"{name} [{unit}]", {"Temperature [K]": temperature})
