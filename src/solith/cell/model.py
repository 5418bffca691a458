"""The interface-explicit model of composite cathode | solid electrolyte | anode."""

from __future__ import annotations

from typing import Any

import pybamm

from solith.core.errors import UnknownNameError

__all__ = ["ELEMENTS", "FILMS", "SolidStateCell"]

FILMS = ("coating", "interphase", "further resistance")
"""Films that can lie in series with charge transfer on the particles' surface."""

ELEMENTS = ("charge transfer", *FILMS, "separator", "anode")
"""What can have a capacitance."""


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
    area likewise; without (``"algebraic"``, the default) :math:`j_f = j`,
    :math:`v_k = R_k j`. Ions follow Ohm's law: with a transference number of one the
    electrolyte's concentration stays constant. The contact fraction scales reaction,
    films and double layers alike; inaccessible particles take no part at all.

    Porous-electrode theory (Newman and Tobias, J. Electrochem. Soc. 109, 1183, 1962;
    Doyle, Fuller and Newman, 10.1149/1.2221597) for a single-ion conductor.

    Parameters
    ----------
    options : dict, optional
        PyBaMM's options; used are ``"surface form"`` (``"algebraic"`` or
        ``"differential"``) and ``"intercalation kinetics"``
        (``"symmetric Butler-Volmer"`` or ``"linear"``).
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
    """

    def __init__(
        self,
        options: dict[str, Any] | None = None,
        films: tuple[str, ...] = ("coating",),
        capacitances: tuple[str, ...] | None = None,
        grain_boundary: bool = False,
        name: str = "Solid-state cell with explicit interfaces",
    ) -> None:
        for film in films:
            if film not in FILMS:
                raise UnknownNameError.among("film", film, FILMS)
        self.films = tuple(film for film in FILMS if film in films)
        self.grain_boundary = grain_boundary
        given = {"surface form": "algebraic", **(options or {}), "working electrode": "positive"}
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
        electrode = "positive electrode"
        temperature = param.T_amb_av(pybamm.t)

        charge = pybamm.Variable("Discharge capacity [A.h]")
        concentration = pybamm.Variable(
            "Positive particle concentration [mol.m-3]",
            domain="positive particle",
            auxiliary_domains={"secondary": electrode},
            bounds=(0, param.p.prim.c_max),
        )
        current = param.current_with_time
        current_density = param.current_density_with_time  # on the geometric area

        contact = pybamm.Parameter("Positive electrode contact fraction")
        accessible = pybamm.Parameter("Positive electrode accessible fraction")
        active_fraction = pybamm.Parameter("Positive electrode active material volume fraction")
        active_area = pybamm.Parameter("Positive electrode surface area to volume ratio [m-1]")
        contact_area = contact * accessible * active_area
        sphere_area = 3 * active_fraction / param.p.prim.R_typ  # what diffusion sees
        thickness = param.p.L
        kappa = _of_temperature("Positive electrode effective ionic conductivity", temperature)
        sigma = _of_temperature("Positive electrode effective electronic conductivity", temperature)

        surface_concentration = pybamm.surf(concentration)
        stoichiometry = surface_concentration / param.p.prim.c_max
        potential = param.p.prim.U(stoichiometry, temperature)
        exchange = param.p.prim.j0(
            pybamm.PrimaryBroadcast(param.c_e_init, electrode), surface_concentration, temperature
        )

        # Interface: jumps across charge transfer and films, and the current through them
        crossing = pybamm.Variable("Contact current density [A.m-2]", electrode)
        faradaic, jump = self._charge_transfer(crossing, potential, exchange, temperature)
        film_drop = {film: self._film(film, crossing, temperature) for film in self.films}
        difference = jump + sum(film_drop.values())

        # Ions and electrons through the cathode
        ionic_current = (kappa * sigma / (kappa + sigma)) * (
            pybamm.grad(difference) + current_density / sigma
        )
        self.boundary_conditions[difference] = {
            "left": (current_density / kappa, "Neumann"),
            "right": (-current_density / sigma, "Neumann"),
        }
        self.algebraic[crossing] = thickness * (pybamm.div(ionic_current) - contact_area * crossing)
        self.initial_conditions[crossing] = pybamm.Scalar(0)

        # Diffusion in the particles
        diffusivity = param.p.prim.D
        self.rhs[concentration] = pybamm.div(
            diffusivity(concentration, temperature) * pybamm.grad(concentration)
        )
        self.boundary_conditions[concentration] = {
            "left": (pybamm.Scalar(0), "Neumann"),
            "right": (
                -(contact * active_area / sphere_area)
                * faradaic
                / (param.F * pybamm.surf(diffusivity(concentration, temperature))),
                "Neumann",
            ),
        }
        self.initial_conditions[concentration] = param.p.prim.c_init

        self.rhs[charge] = current / 3600
        self.initial_conditions[charge] = pybamm.Scalar(0)

        # Electrolyte layer and anode, on the geometric area
        separator_drop = self._layer("separator", "Separator bulk", current_density, temperature)
        if self.grain_boundary:
            separator_drop += self._layer(
                "separator", "Separator grain boundary", current_density, temperature
            )
        anode_drop = self._layer("anode", "Negative interface", current_density, temperature)
        anode_potential = pybamm.Parameter("Negative electrode OCP [V]")

        electrolyte_left = -anode_potential - anode_drop
        electrolyte_entry = electrolyte_left - separator_drop
        difference_entry = pybamm.boundary_value(difference, "left")
        voltage = electrolyte_entry + (
            sigma * difference_entry
            + kappa * pybamm.boundary_value(difference, "right")
            - current_density * thickness
        ) / (kappa + sigma)

        # Potentials through the cell, for whoever wants to look at them
        x_s = pybamm.standard_spatial_vars.x_s
        depth = pybamm.standard_spatial_vars.x_p - param.n.L - param.s.L
        electrolyte_separator = electrolyte_left - separator_drop * (x_s - param.n.L) / param.s.L
        electrolyte_cathode = electrolyte_entry + (
            sigma * (difference_entry - difference) - current_density * depth
        ) / (kappa + sigma)

        self.variables.update(
            {
                "Time [s]": pybamm.t,
                "Time [h]": pybamm.t / 3600,
                "Discharge capacity [A.h]": charge,
                "Current [A]": current,
                "Current variable [A]": current,
                "Total current density [A.m-2]": current_density,
                "C-rate": current / param.Q,
                "Voltage [V]": voltage,
                "Voltage expression [V]": voltage,
                "Terminal voltage [V]": voltage,
                "Battery voltage [V]": voltage
                * pybamm.Parameter("Number of cells connected in series to make a battery"),
                "Electrolyte potential [V]": pybamm.concatenation(
                    electrolyte_separator, electrolyte_cathode
                ),
                "Electrolyte concentration [mol.m-3]": pybamm.concatenation(
                    pybamm.PrimaryBroadcast(param.c_e_init, "separator"),
                    pybamm.PrimaryBroadcast(param.c_e_init, electrode),
                ),
                "Positive electrode potential [V]": electrolyte_cathode + difference,
                "Positive electrode surface potential difference [V]": jump,
                "Positive electrode open-circuit potential [V]": potential,
                "Positive electrode exchange current density [A.m-2]": exchange,
                "Positive particle concentration [mol.m-3]": concentration,
                "Positive particle surface concentration [mol.m-3]": surface_concentration,
                "X-averaged positive particle surface concentration [mol.m-3]": pybamm.x_average(
                    surface_concentration
                ),
                "Total lithium in positive electrode [mol]": accessible
                * active_fraction
                * thickness
                * param.A_cc
                * pybamm.x_average(pybamm.r_average(concentration)),
                "Contact current density [A.m-2]": crossing,
                "Contact faradaic current density [A.m-2]": faradaic,
                "Separator voltage drop [V]": separator_drop,
                "Negative interface voltage drop [V]": anode_drop,
                **{f"Positive {film} voltage drop [V]": drop for film, drop in film_drop.items()},
            }
        )
        averaged = pybamm.r_average(concentration) / param.p.prim.c_max
        mean = pybamm.x_average(averaged)
        self.variables.update(
            {
                "Mean positive electrode stoichiometry": mean,
                "Positive electrode particle-average open-circuit potential [V]": param.p.prim.U(
                    averaged, temperature
                ),
                "Bulk open-circuit voltage [V]": param.p.prim.U(mean, temperature)
                - anode_potential,
                "Ambient temperature [K]": temperature,
            }
        )
        lowest = pybamm.Parameter("Lowest valid positive electrode stoichiometry")
        highest = pybamm.Parameter("Highest valid positive electrode stoichiometry")
        self.events += [
            pybamm.Event("Minimum voltage [V]", voltage - param.voltage_low_cut),
            pybamm.Event("Maximum voltage [V]", param.voltage_high_cut - voltage),
            pybamm.Event(
                "Lowest valid positive electrode stoichiometry", pybamm.min(stoichiometry) - lowest
            ),
            pybamm.Event(
                "Highest valid positive electrode stoichiometry",
                highest - pybamm.max(stoichiometry),
            ),
        ]

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
        jump = pybamm.Variable(
            "Positive electrode surface potential difference [V]", "positive electrode"
        )
        overpotential = jump - potential
        faradaic = (
            exchange * overpotential / thermal
            if self._is_linear
            else 2 * exchange * pybamm.sinh(overpotential / (2 * thermal))
        )
        self.rhs[jump] = (crossing - faradaic) / self.param.p.C_dl(temperature)
        self.initial_conditions[jump] = self.param.p.prim.U_init
        return faradaic, jump

    @property
    def _is_linear(self) -> bool:
        return bool(self.options["intercalation kinetics"] == "linear")

    def _film(self, film: str, crossing: Any, temperature: Any) -> Any:
        """Voltage drop across a film on the contact area."""
        if film == "further resistance":
            resistance = _of_temperature("Positive further resistance", temperature, "Ohm.m2")
        else:
            resistance = pybamm.Parameter(f"Positive {film} thickness [m]") / _of_temperature(
                f"Positive {film} conductivity", temperature
            )
        drop = pybamm.Variable(f"Positive {film} voltage drop [V]", "positive electrode")
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


def _of_temperature(name: str, temperature: Any, unit: str = "S.m-1") -> Any:
    return pybamm.FunctionParameter(f"{name} [{unit}]", {"Temperature [K]": temperature})
