"""The interface-explicit model of composite cathode | solid electrolyte | anode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pybamm

from solith.cell._anode_equations import AnodeState, write_anode
from solith.cell._interface_equations import (
    Crossing,
    contact_of,
    declare_thickness,
    of_temperature,
    write_crossing,
)
from solith.cell._particle_equations import (
    Sort,
    declare_sorts,
    lithiation_rate,
    write_diffusion,
)
from solith.cell.structure import ELEMENTS, Structure
from solith.core.errors import UnknownNameError

__all__ = ["SolidStateCell"]

_OPTIONS = {
    "working electrode": "positive",
    "surface form": "false",
    "intercalation kinetics": "symmetric Butler-Volmer",
}
_CATHODE = "positive electrode"
_ACTIVE_FRACTION = pybamm.Parameter("Positive electrode active material volume fraction")
_ACTIVE_AREA = pybamm.Parameter("Positive electrode surface area to volume ratio [m-1]")


class SolidStateCell(pybamm.lithium_ion.BaseModel):  # type: ignore[misc]
    r"""A composite cathode on a single-ion conductor against a metal or a host of lithium.

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
        \partial_x i_e &= a \theta (j + j_{ox}), \qquad
        i_e = \frac{\kappa\sigma}{\kappa+\sigma}
              \left(\partial_x \Delta\phi + i/\sigma\right) \\
        \Delta\phi &= \phi_s - \phi_e = v_0 + \sum_k v_k \\
        V &= \phi_s(L) = -U_a - v_a - v_{SE} + \frac{\sigma\,\Delta\phi(0) +
             \kappa\,\Delta\phi(L) - i L}{\kappa + \sigma}

    :math:`v_0` is the jump across the charge-transfer interface, :math:`v_k` that across
    film :math:`k` (coating, interphase, further resistance, space charge). With capacitances
    (``"surface form": "differential"``)

    .. math::
        C_0\,\partial_t v_0 = j - j_f(v_0 - U(c_s)), \qquad
        C_k\,\partial_t v_k = j - v_k / R_k

    and the electrolyte layer and the anode interface are R||C elements on the geometric
    area likewise; without (``"false"``, the default) :math:`j_f = j`,
    :math:`v_k = R_k j`. Ions follow Ohm's law: with a transference number of one the
    electrolyte's concentration stays constant. The contact fraction scales reaction,
    films and double layers alike; inaccessible particles take no part at all.

    What a :class:`Structure` may add:

    * the interphase's thickness, :math:`\partial_t t = k/2t + \tilde V j_{ox}` with a growth
      rate k, and the electrolyte's oxidation :math:`j_{ox}(\Delta\phi, t)`, both local in x;
    * contact that follows the particles' mean lithium fraction and is lost and regained, an
      accessible fraction that falls (particles that are cut off keep their lithium);
    * lithium that enters through patches: :math:`c_s = c_R + \sum_m \delta_m` with
      :math:`\partial_t \delta_m = -p_m (D/a_p^2)\,\delta_m - r_m j_f/(F a_p)`, :math:`a_p`
      the patches' radius (:class:`PatchContact`); otherwise :math:`c_s = c_R`;
    * a diffusivity that varies: its flux is :math:`-\partial_r \Phi`, the spreading adds up
      in :math:`\Phi = \int_0^c D\,dc'`, and D in the modes is that at the contact;
    * several sorts of particles, each with its own c and j at the common
      :math:`\Delta\phi`;
    * an anode that takes lithium into particles, :math:`U_a = U_a(c_a|_R)`.

    Porous-electrode theory (Newman and Tobias, J. Electrochem. Soc. 109, 1183, 1962;
    Doyle, Fuller and Newman, 10.1149/1.2221597) for a single-ion conductor.

    Parameters
    ----------
    options : dict, optional
        PyBaMM's options, of which two are understood: ``"surface form"`` (``"false"`` or
        ``"differential"``) and ``"intercalation kinetics"`` (``"symmetric Butler-Volmer"``
        or ``"linear"``).
    structure : Structure
        What the cell is made of.
    """

    def __init__(
        self,
        options: dict[str, Any] | None = None,
        structure: Structure | None = None,
        name: str = "Solid-state cell with explicit interfaces",
    ) -> None:
        self.structure = Structure() if structure is None else structure
        given = {**_OPTIONS, **(options or {})}
        for option in given:
            if option not in _OPTIONS:
                raise UnknownNameError.among("option of this model", option, _OPTIONS)
        super().__init__(given, name)
        asked = self.structure.capacitances
        is_differential = self.options["surface form"] == "differential"
        self.capacitances = (ELEMENTS if asked is None else asked) if is_differential else ()
        self.is_linear = self.options["intercalation kinetics"] == "linear"
        self._calc_esoh = False
        self._write_equations()

    @property
    def default_parameter_values(self) -> pybamm.ParameterValues:
        from solith.cell.parameters import default_parameter_values

        return default_parameter_values()

    @property
    def default_geometry(self) -> Any:
        geometry = super().default_geometry
        if self.structure.anode_host:
            r_n = pybamm.standard_spatial_vars.r_n
            radius = pybamm.Parameter("Negative particle radius [m]")
            geometry["negative particle"] = {r_n: {"min": 0, "max": radius}}
        return geometry

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
            "negative particle": method,
        }

    @property
    def default_submesh_types(self) -> dict[str, Any]:
        # Diffusion starts at the particles' surface: cells there are finest, a current
        # step within the first seconds wants it.
        fine_at_surface = pybamm.MeshGenerator(
            pybamm.Exponential1DSubMesh, {"side": "right", "stretch": 4.0}
        )
        return {
            **super().default_submesh_types,
            "positive particle": fine_at_surface,
            "negative particle": fine_at_surface,
        }

    def _write_equations(self) -> None:
        param = self.param
        temperature = param.T_amb_av(pybamm.t)
        current_density = param.current_density_with_time  # on the geometric area
        sorts = declare_sorts(param, self.structure, temperature)
        contact, accessible, states = contact_of(self)
        thickness = declare_thickness(self)
        potentials = [self._potential_at(sort, temperature) for sort in sorts]
        ways = tuple(
            write_crossing(self, sort, thickness, potential, temperature)
            for sort, potential in zip(sorts, potentials, strict=True)
        )
        interface = _Interface(sorts, ways, contact, accessible, states, thickness)
        oxidation = self._oxidation(interface, temperature)
        bound = self._write_thickness(interface, oxidation, temperature)
        transport = self._write_transport(interface, oxidation, current_density, temperature)
        entering = tuple(-way.faradaic / param.F - bound for way in ways)
        for sort, flux in zip(sorts, entering, strict=True):
            write_diffusion(self, sort, contact, flux, temperature)
        self._write_contact(interface, entering)
        anode = write_anode(self, current_density, self.structure.anode_host)
        self._write_voltage(interface, transport, anode, current_density, temperature)
        self._write_charge(interface, oxidation, bound)
        self._offer_states(interface, anode, oxidation, temperature)
        self._write_events(sorts)

    def potential(self, stoichiometry: Any, temperature: Any) -> Any:
        """Open-circuit potential vs Li+/Li, as given.

        PyBaMM's own ``param.p.prim.U`` bends the curve near x = 0 and 1; here it ends where
        it ends.
        """
        given = pybamm.FunctionParameter(
            "Positive electrode OCP [V]", {"Positive particle stoichiometry": stoichiometry}
        )
        shift = temperature - self.param.T_ref
        return given + shift * self.param.p.prim.dUdT(stoichiometry)

    def element(
        self, element: str, drop: Any, current_density: Any, resistance: Any, capacitance: str
    ) -> Any:
        """Voltage drop across an R||C, a state where it has its capacitance."""
        if element not in self.capacitances:
            return resistance * current_density
        self.rhs[drop] = (current_density - drop / resistance) / pybamm.Parameter(capacitance)
        self.initial_conditions[drop] = pybamm.Scalar(0)
        return drop

    def _potential_at(self, sort: Sort, temperature: Any) -> Any:
        return self.potential(sort.at_contact / self.param.p.prim.c_max, temperature)

    def _oxidation(self, interface: _Interface, temperature: Any) -> Any:
        """Current density of the electrolyte's oxidation on the contact area, anodic."""
        if not self.structure.oxidation:
            return pybamm.Scalar(0)
        return pybamm.FunctionParameter(
            "Positive electrode oxidation current density [A.m-2]",
            {
                "Potential against electrolyte [V]": interface.difference,
                "Interphase thickness [m]": interface.thickness["interphase"],
                "Temperature [K]": temperature,
            },
        )

    def _write_thickness(self, interface: _Interface, oxidation: Any, temperature: Any) -> Any:
        """The interphase's thickness: parabolic growth, and what oxidation adds.

        Returned is the lithium that growth binds on the contact area [mol.m-2.s-1].
        """
        rate = bound = pybamm.Scalar(0)
        if not self.structure.thickens:
            return bound
        thickness = interface.thickness["interphase"]
        if self.structure.growth:
            squared = pybamm.FunctionParameter(
                "Positive interphase growth rate [m2.s-1]",
                {
                    "Potential against electrolyte [V]": interface.difference,
                    "Temperature [K]": temperature,
                },
            )
            rate = squared / (2 * thickness)
            bound = rate * pybamm.Parameter("Positive interphase lithium content [mol.m-3]")
        if self.structure.oxidation:
            volume = pybamm.Parameter("Positive electrode oxidation product volume [m3.mol-1]")
            rate = rate + volume * oxidation / self.param.F
        self.rhs[thickness] = rate
        return bound

    def _write_contact(self, interface: _Interface, entering: tuple[Any, ...]) -> None:
        """How contact and accessible fraction follow the particles' lithium."""
        states = interface.states
        if not states:
            return
        rate = lithiation_rate(self.param, interface.sorts, interface.contact, entering)
        of_lithiation = {"Lithiation rate [s-1]": rate}
        if "change" in states:
            self.rhs[states["change"]] = rate
            self.rhs[states["lasting"]] = pybamm.FunctionParameter(
                "Positive electrode contact breathing rate [s-1]",
                {"Lasting part": states["lasting"], **of_lithiation},
            )
        if "part" in states:
            self.rhs[states["part"]] = pybamm.FunctionParameter(
                "Positive electrode access loss rate [s-1]",
                {"Part that is left": states["part"], **of_lithiation},
            )

    def _write_transport(
        self, interface: _Interface, oxidation: Any, current_density: Any, temperature: Any
    ) -> _Transport:
        """Ions and electrons through the cathode; the unknown is the crossing current."""
        kappa = of_temperature("Positive electrode effective ionic conductivity", temperature)
        sigma = pybamm.Parameter("Positive electrode effective electronic conductivity [S.m-1]")
        thickness, difference = self.param.p.L, interface.difference
        ionic_current = (kappa * sigma / (kappa + sigma)) * (
            pybamm.grad(difference) + current_density / sigma
        )
        self.boundary_conditions[difference] = {
            "left": (current_density / kappa, "Neumann"),
            "right": (-current_density / sigma, "Neumann"),
        }
        first, *others = interface.ways
        self.algebraic[first.crossing] = thickness * (
            pybamm.div(ionic_current) - interface.source(oxidation)
        )
        for way in others:
            self.algebraic[way.crossing] = way.difference - difference
        return _Transport(kappa, sigma, thickness)

    def _write_voltage(
        self,
        interface: _Interface,
        transport: _Transport,
        anode: AnodeState,
        current_density: Any,
        temperature: Any,
    ) -> None:
        """Electrolyte layer and anode in series; potentials through the cell."""
        param, difference = self.param, interface.difference
        kappa, sigma, thickness = transport.kappa, transport.sigma, transport.thickness
        separator_drop = self._layer("separator", "Separator bulk", current_density, temperature)
        if self.structure.grain_boundary:
            separator_drop += self._layer(
                "separator", "Separator grain boundary", current_density, temperature
            )
        anode_drop = self._layer("anode", "Negative interface", current_density, temperature)

        electrolyte_left = -anode.potential - anode_drop
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

    def _layer(self, element: str, what: str, current_density: Any, temperature: Any) -> Any:
        """Voltage drop across a layer on the geometric area."""
        resistance = of_temperature(f"{what} area resistance", temperature, "Ohm.m2")
        drop = pybamm.Variable(f"{what} voltage drop [V]")
        return self.element(
            element, drop, current_density, resistance, f"{what} capacitance [F.m-2]"
        )

    def _write_charge(self, interface: _Interface, oxidation: Any, bound: Any) -> None:
        """The charge that has passed, what drives it, and what side reactions took."""
        param = self.param
        current = param.current_with_time
        self._integrate("Discharge capacity [A.h]", current / 3600)
        self.variables.update(
            {
                "Time [s]": pybamm.t,
                "Time [h]": pybamm.t / 3600,
                "Current [A]": current,
                "Current variable [A]": current,
                "Total current density [A.m-2]": param.current_density_with_time,
                "C-rate": current / param.Q,
            }
        )
        area = interface.contact_area * param.p.L * param.A_cc
        if self.structure.oxidation:
            charge = pybamm.x_average(oxidation) * area / 3600
            self._integrate("Charge taken by oxidation [A.h]", charge)
        if self.structure.growth:
            lithium = pybamm.x_average(bound) * area
            self._integrate("Lithium bound in the interphase [mol]", lithium)

    def _integrate(self, name: str, rate: Any) -> None:
        total = pybamm.Variable(name)
        self.rhs[total] = rate
        self.initial_conditions[total] = pybamm.Scalar(0)
        self.variables[name] = total

    def _offer_states(
        self, interface: _Interface, anode: AnodeState, oxidation: Any, temperature: Any
    ) -> None:
        """Variables of particles and interface, by PyBaMM's names where it has them."""
        param, sorts = self.param, interface.sorts
        sites, salt = param.p.prim.c_max, param.c_e_init
        averages = [pybamm.r_average(sort.concentration) / sites for sort in sorts]
        mean = sum(
            sort.share * pybamm.x_average(average)
            for sort, average in zip(sorts, averages, strict=True)
        )
        material = _ACTIVE_FRACTION * param.p.L * param.A_cc * sites
        self.variables.update(
            {
                "Ambient temperature [K]": temperature,
                "Electrolyte concentration [mol.m-3]": pybamm.concatenation(
                    pybamm.PrimaryBroadcast(salt, "separator"),
                    pybamm.PrimaryBroadcast(salt, _CATHODE),
                ),
                "Maximum positive particle surface stoichiometry": _extreme(
                    pybamm.max, pybamm.maximum, [sort.at_contact / sites for sort in sorts]
                ),
                "Mean positive electrode stoichiometry": mean,
                "Contact fraction": interface.contact,
                "Accessible fraction": interface.accessible,
                "Total lithium in positive electrode [mol]": interface.accessible * material * mean,
                "Oxidation current density [A.m-2]": oxidation,
                "Negative electrode open-circuit potential [V]": anode.potential,
                "Negative electrode mean open-circuit potential [V]": anode.mean_potential,
                "Bulk open-circuit voltage [V]": self.potential(mean, temperature)
                - anode.mean_potential,
                **{
                    f"X-averaged positive {film} thickness [m]": pybamm.x_average(thickness)
                    for film, thickness in interface.thickness.items()
                },
            }
        )
        if "lasting" in interface.states:
            self.variables["Lasting part of the contact"] = interface.states["lasting"]
        for sort, way, average in zip(sorts, interface.ways, averages, strict=True):
            self._offer_sort(sort, way, average, temperature)

    def _offer_sort(self, sort: Sort, way: Crossing, average: Any, temperature: Any) -> None:
        sites, named = self.param.p.prim.c_max, sort.suffix
        self.variables.update(
            {
                f"Positive particle concentration{named} [mol.m-3]": sort.concentration,
                f"Positive particle surface concentration{named} [mol.m-3]": sort.surface,
                f"Positive particle contact concentration{named} [mol.m-3]": sort.at_contact,
                f"Positive electrode surface potential difference{named} [V]": way.jump,
                f"Positive electrode open-circuit potential{named} [V]": way.potential,
                f"Positive electrode surface open-circuit potential{named} [V]": self.potential(
                    sort.surface / sites, temperature
                ),
                "Positive electrode particle-average open-circuit potential"
                f"{named} [V]": self.potential(average, temperature),
                f"Positive electrode exchange current density{named} [A.m-2]": way.exchange,
                f"Contact current density{named} [A.m-2]": way.crossing,
                f"Contact faradaic current density{named} [A.m-2]": way.faradaic,
                **{
                    f"Positive {film} voltage drop{named} [V]": drop
                    for film, drop in way.films.items()
                },
            }
        )

    def _write_events(self, sorts: tuple[Sort, ...]) -> None:
        """Cut-offs, and the range in which the open-circuit potential is known."""
        voltage = self.variables["Voltage [V]"]
        fractions = [sort.at_contact / self.param.p.prim.c_max for sort in sorts]
        lowest = pybamm.Parameter("Lowest valid positive electrode stoichiometry")
        highest = pybamm.Parameter("Highest valid positive electrode stoichiometry")
        self.events += [
            pybamm.Event("Minimum voltage [V]", voltage - self.param.voltage_low_cut),
            pybamm.Event("Maximum voltage [V]", self.param.voltage_high_cut - voltage),
            pybamm.Event(
                "Lowest valid positive electrode stoichiometry",
                _extreme(pybamm.min, pybamm.minimum, fractions) - lowest,
            ),
            pybamm.Event(
                "Highest valid positive electrode stoichiometry",
                highest - _extreme(pybamm.max, pybamm.maximum, fractions),
            ),
        ]


@dataclass(frozen=True)
class _Interface:
    """All sorts of particles with their ways across the interface."""

    sorts: tuple[Sort, ...]
    ways: tuple[Crossing, ...]
    contact: Any
    accessible: Any
    states: dict[str, Any]
    thickness: dict[str, Any]

    @property
    def difference(self) -> Any:
        """Potential of the particles against the electrolyte, common to all sorts."""
        return self.ways[0].difference

    @property
    def contact_area(self) -> Any:
        """Contact area per volume of cathode."""
        touching = sum(sort.area_share * sort.contact_factor for sort in self.sorts)
        return self.contact * self.accessible * _ACTIVE_AREA * touching

    def source(self, oxidation: Any) -> Any:
        """Current that leaves the particles per volume of cathode, oxidation's included."""
        area = self.contact * self.accessible * _ACTIVE_AREA
        return sum(
            area * sort.area_share * sort.contact_factor * (way.crossing + oxidation)
            for sort, way in zip(self.sorts, self.ways, strict=True)
        )


@dataclass(frozen=True)
class _Transport:
    """Effective conductivities and thickness of the cathode."""

    kappa: Any
    sigma: Any
    thickness: Any


def _extreme(over_depth: Any, of_two: Any, fields: list[Any]) -> Any:
    """Smallest or largest value of several fields over the cathode's depth."""
    first, *others = [over_depth(field) for field in fields]
    for other in others:
        first = of_two(first, other)
    return first
