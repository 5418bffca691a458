"""The model of a thin-film cell: diffusion through flat films, charge transfer at their faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pybamm

from solith.cell._thin_film_kinetics import scaled_current, scaled_overpotential
from solith.cell._thin_film_parameters import (
    LEAST_MOBILE,
    FilmStructure,
    default_film_cell,
    film_mapping,
    film_structure,
)
from solith.core.errors import UnknownNameError

__all__ = ["ThinFilmModel"]

_OPTIONS = {"working electrode": "positive", "surface form": "false"}
_FILM = "positive electrode"
_ELECTROLYTE = "separator"
# How far below nothing mobile lithium is followed, over that at equilibrium: a voltage's
# cut-off at the moment when it runs out comes before.
_NEGATIVE = -0.02
_EXHAUSTED = "no mobile lithium is left at a face of the electrolyte"


class ThinFilmModel(pybamm.lithium_ion.BaseModel):  # type: ignore[misc]
    r"""Lithium | electrolyte | dense film of active material, all of them flat.

    Use it as any PyBaMM lithium-ion model; a positive current discharges. Variables and
    parameters carry PyBaMM's names where PyBaMM has them: its separator is the electrolyte,
    its positive electrode the film.

    Equations (y through the electrolyte from the anode, x through the film from the
    electrolyte, i on the geometric area):

    .. math::
        \partial_t c &= \partial_x (D(c)\,\partial_x c), \qquad
        -D\,\partial_x c|_0 = i_f / F, \quad \partial_x c|_M = 0 \\
        V &= U(c|_0) + \eta_c + \sum_k v_k - U_a - \eta_a - v_a - v_{el}

    with the overpotential :math:`\eta_c` of the current -i, that of the metal
    :math:`\eta_a` of i, and a resistance per layer. In the electrolyte either
    :math:`v_{el} = R i`, or mobile lithium ions and counter charges obey the equations of
    :class:`BinaryElectrolyte` and the difference of lithium's electrochemical potential is

    .. math::
        v_{el} = \frac{RT}{F}\left[ \frac{i}{F (D_+ + D_-)} \int_0^L \frac{dy}{a}
            + \frac{2 D_-}{D_+ + D_-} \ln\frac{a(0)}{a(L)} \right],

    ohmic and concentration part, which is equation 20 of Danilov, Niessen and Notten
    (10.1149/1.3521414, read in a public summary) with its field integrated.

    With ``"surface form": "differential"`` the elements that :class:`FilmStructure` names
    have their capacitances, the electrolyte's beside its whole drop.
    """

    def __init__(
        self,
        options: dict[str, Any] | None = None,
        structure: FilmStructure | None = None,
        name: str = "Thin-film cell",
    ) -> None:
        given = {**_OPTIONS, **(options or {})}
        for option in given:
            if option not in _OPTIONS:
                raise UnknownNameError.among("option of this model", option, _OPTIONS)
        super().__init__(given, name)
        self.structure = film_structure(default_film_cell()) if structure is None else structure
        is_differential = self.options["surface form"] == "differential"
        self.capacitances = self.structure.capacitances if is_differential else ()
        self._calc_esoh = False
        self._write_equations()

    @property
    def default_parameter_values(self) -> pybamm.ParameterValues:
        return pybamm.ParameterValues(film_mapping(default_film_cell()))

    @property
    def default_geometry(self) -> Any:
        kept = (_ELECTROLYTE, _FILM, "current collector")
        geometry = super().default_geometry
        return pybamm.Geometry({name: geometry[name] for name in kept})

    @property
    def default_spatial_methods(self) -> dict[str, Any]:
        # The fluxes at all faces are known; extrapolation that uses them keeps the values
        # there second order.
        order = {"gradient": "quadratic", "value": "quadratic"}
        method = pybamm.FiniteVolume({"extrapolation": {"order": order, "use bcs": True}})
        return {**super().default_spatial_methods, "macroscale": method}

    @property
    def default_var_pts(self) -> dict[str, int]:
        return {**super().default_var_pts, "x_s": 40, "x_p": 40}

    def _write_equations(self) -> None:
        param = self.param
        temperature = param.T_amb_av(pybamm.t)
        self._thermal = param.R * temperature / param.F
        current_density = param.current_density_with_time
        lithium = self._declare_lithium()
        electrolyte = self._write_electrolyte(current_density)
        surface = self._potential(lithium.surface)
        metal = pybamm.Parameter("Negative electrode OCP [V]")
        cathode = self._write_transfer(
            "Positive",
            "charge transfer",
            self.structure.transfer,
            -current_density,
            self._exchange("Positive", lithium.surface, electrolyte.at_cathode),
            surface,
        )
        anode = _NO_TRANSFER
        if self.structure.anode_transfer is not None:
            anode = self._write_transfer(
                "Negative",
                "anode transfer",
                self.structure.anode_transfer,
                current_density,
                self._exchange("Negative", None, electrolyte.at_anode),
                metal,
            )
        self._write_diffusion(lithium, cathode.faradaic)
        drops = {
            name: self._resistance(name, current_density)
            for name in self.structure.layers
            if name != "separator"
        }
        voltage = (
            surface
            + cathode.overpotential
            - metal
            - anode.overpotential
            - electrolyte.drop
            - sum(drops.values())
        )
        self._offer(voltage, lithium, electrolyte, cathode, anode, drops)
        self._write_events(voltage, lithium, electrolyte)

    def _declare_lithium(self) -> _Lithium:
        sites = self.param.p.prim.c_max
        concentration = pybamm.Variable(
            "Positive film concentration [mol.m-3]", _FILM, bounds=(0, sites), scale=1e4
        )
        surface = pybamm.boundary_value(concentration, "left") / sites
        return _Lithium(concentration, surface, pybamm.x_average(concentration) / sites)

    def _write_diffusion(self, lithium: _Lithium, faradaic: Any) -> None:
        """Lithium through the film; ``faradaic`` leaves it [A/m2]."""
        concentration = lithium.concentration
        diffusivity = pybamm.FunctionParameter(
            "Positive particle diffusivity [m2.s-1]",
            {"Positive particle stoichiometry": concentration / self.param.p.prim.c_max},
        )
        # The linear rule is the one by which the finite volumes carry D to their edge: with
        # it the flux that enters is the flux that was asked for, to the last digit.
        at_face = pybamm.boundary_value(diffusivity, "left", order="linear")
        self.rhs[concentration] = pybamm.div(diffusivity * pybamm.grad(concentration))
        self.boundary_conditions[concentration] = {
            "left": (faradaic / (self.param.F * at_face), "Neumann"),
            "right": (pybamm.Scalar(0), "Neumann"),
        }
        self.initial_conditions[concentration] = pybamm.Parameter(
            "Initial concentration in positive electrode [mol.m-3]"
        )

    def _write_electrolyte(self, current_density: Any) -> _Electrolyte:
        if self.structure.binary:
            return self._write_binary(current_density)
        drop = self._resistance("separator", current_density)
        return _Electrolyte(drop, drop, pybamm.Scalar(0), pybamm.Scalar(1), pybamm.Scalar(1))

    def _write_binary(self, current_density: Any) -> _Electrolyte:
        """Mobile lithium in the electrolyte, and the drop across it."""
        equilibrium = pybamm.Parameter("Initial concentration in electrolyte [mol.m-3]")
        total = pybamm.Parameter("Electrolyte total lithium concentration [mol.m-3]")
        lithium = pybamm.Parameter("Electrolyte lithium diffusivity [m2.s-1]")
        counter = pybamm.Parameter("Electrolyte counter charge diffusivity [m2.s-1]")
        dissociation = pybamm.Parameter("Electrolyte dissociation rate [s-1]")
        recombination = pybamm.Parameter("Electrolyte recombination rate [m3.mol-1.s-1]")
        mobile = pybamm.Variable("Electrolyte concentration [mol.m-3]", _ELECTROLYTE, scale=1e4)
        through = current_density
        has_capacitance = "separator" in self.capacitances
        if has_capacitance:
            through = pybamm.Variable("Ionic current density in electrolyte [A.m-2]")
            self.initial_conditions[through] = pybamm.Scalar(0)
        slope = -through / (2 * self.param.F * lithium)
        self.boundary_conditions[mobile] = {
            "left": (slope, "Neumann"),
            "right": (slope, "Neumann"),
        }
        together = lithium + counter
        ambipolar = 2 * lithium * counter / together
        released = dissociation * (total - mobile) - recombination * mobile**2
        self.rhs[mobile] = pybamm.div(ambipolar * pybamm.grad(mobile)) + released
        self.initial_conditions[mobile] = equilibrium
        at_anode = pybamm.boundary_value(mobile, "left") / equilibrium
        at_cathode = pybamm.boundary_value(mobile, "right") / equilibrium
        least = pybamm.Scalar(LEAST_MOBILE)
        fall = pybamm.log(pybamm.maximum(at_anode, least) / pybamm.maximum(at_cathode, least))
        # Where a face runs empty 1/a is beyond any mesh; what the slope there leaves of it
        # is not: integral of -slope/a = fall + integral of (a' - slope)/a.
        excess = pybamm.x_average((_at_nodes(mobile) - slope) / mobile) * self.param.s.L
        ohmic = self._thermal * 2 * lithium / together * (fall + excess)
        concentration = self._thermal * 2 * counter / together * fall
        drop = ohmic + concentration
        self.variables["Electrolyte concentration [mol.m-3]"] = mobile
        self.variables["X-averaged electrolyte concentration [mol.m-3]"] = pybamm.x_average(mobile)
        self.variables["X-averaged dissociation rate [mol.m-3.s-1]"] = pybamm.x_average(released)
        if has_capacitance:
            state = pybamm.Variable("Separator voltage drop [V]")
            self.algebraic[through] = drop - state
            capacitance = pybamm.Parameter("Separator capacitance [F.m-2]")
            self.rhs[state] = (current_density - through) / capacitance
            self.initial_conditions[state] = pybamm.Scalar(0)
            drop = state
        return _Electrolyte(drop, ohmic, concentration, at_anode, at_cathode)

    def _resistance(self, name: str, current_density: Any) -> Any:
        """Voltage drop across a layer, a state where it has its capacitance."""
        resistance = pybamm.Parameter(f"{name.capitalize()} area resistance [Ohm.m2]")
        if name not in self.capacitances:
            return resistance * current_density
        drop = pybamm.Variable(f"{name.capitalize()} voltage drop [V]")
        capacitance = pybamm.Parameter(f"{name.capitalize()} capacitance [F.m-2]")
        self.rhs[drop] = (current_density - drop / resistance) / capacitance
        self.initial_conditions[drop] = pybamm.Scalar(0)
        return drop

    def _exchange(self, where: str, fraction: Any, mobile: Any) -> Any:
        return pybamm.FunctionParameter(
            f"{where} electrode exchange-current density [A.m-2]",
            {
                "Positive electrode surface stoichiometry": pybamm.Scalar(0.5)
                if fraction is None
                else fraction,
                "Relative electrolyte concentration": mobile,
            },
        )

    def _write_transfer(
        self,
        where: str,
        element: str,
        shape: str,
        crossing: Any,
        exchange: Any,
        potential: Any,
    ) -> _Transfer:
        """Overpotential of an anodic current density ``crossing``.

        With a double layer the jump across the interface is a state; ``potential`` is that
        at no current.
        """
        thermal = self._thermal
        alpha = pybamm.Parameter(f"{where} electrode anodic transfer coefficient")
        if element in self.capacitances:
            jump = pybamm.Variable(f"{where} electrode surface potential difference [V]")
            overpotential = jump - potential
            faradaic = exchange * scaled_current(shape, overpotential / thermal, alpha)
            capacitance = pybamm.Parameter(f"{where} electrode double-layer capacity [F.m-2]")
            self.rhs[jump] = (crossing - faradaic) / capacitance
            self.initial_conditions[jump] = self._initial_potential(where)
            return _Transfer(overpotential, faradaic, exchange)
        if shape != "asymmetric":
            scaled = scaled_overpotential(shape, crossing / exchange, alpha)
            return _Transfer(thermal * scaled, crossing, exchange)
        # No closed form: an unknown, on both sides of an equation that is nearly straight.
        scaled = pybamm.Variable(f"{where} electrode scaled overpotential")
        self.algebraic[scaled] = pybamm.arcsinh(
            scaled_current(shape, scaled, alpha) / 2
        ) - pybamm.arcsinh(crossing / (2 * exchange))
        self.initial_conditions[scaled] = pybamm.Scalar(0)
        return _Transfer(thermal * scaled, crossing, exchange)

    def _initial_potential(self, where: str) -> Any:
        if where == "Negative":
            return pybamm.Parameter("Negative electrode OCP [V]")
        start = pybamm.Parameter("Initial concentration in positive electrode [mol.m-3]")
        return self._potential(start / self.param.p.prim.c_max)

    def _potential(self, fraction: Any) -> Any:
        """Open-circuit potential vs Li+/Li, as given."""
        return pybamm.FunctionParameter(
            "Positive electrode OCP [V]", {"Positive particle stoichiometry": fraction}
        )

    def _offer(
        self,
        voltage: Any,
        lithium: _Lithium,
        electrolyte: _Electrolyte,
        cathode: _Transfer,
        anode: _Transfer,
        drops: dict[str, Any],
    ) -> None:
        param = self.param
        current = param.current_with_time
        charge = pybamm.Variable("Discharge capacity [A.h]")
        self.rhs[charge] = current / 3600
        self.initial_conditions[charge] = pybamm.Scalar(0)
        cells = pybamm.Parameter("Number of cells connected in series to make a battery")
        metal = pybamm.Parameter("Negative electrode OCP [V]")
        amount = param.p.L * param.A_cc * param.p.prim.c_max
        self.variables.update(
            {
                "Voltage [V]": voltage,
                "Voltage expression [V]": voltage,
                "Terminal voltage [V]": voltage,
                "Battery voltage [V]": voltage * cells,
                "Discharge capacity [A.h]": charge,
                "Time [s]": pybamm.t,
                "Time [h]": pybamm.t / 3600,
                "Current [A]": current,
                "Current variable [A]": current,
                "Total current density [A.m-2]": param.current_density_with_time,
                "C-rate": current / param.Q,
                "Ambient temperature [K]": param.T_amb_av(pybamm.t),
                "Positive film concentration [mol.m-3]": lithium.concentration,
                "Positive particle surface stoichiometry": lithium.surface,
                "Maximum positive particle surface stoichiometry": lithium.surface,
                "Mean positive electrode stoichiometry": lithium.mean,
                "Total lithium in positive electrode [mol]": amount * lithium.mean,
                "Bulk open-circuit voltage [V]": self._potential(lithium.mean) - metal,
                "Positive electrode overpotential [V]": cathode.overpotential,
                "Positive electrode faradaic current density [A.m-2]": cathode.faradaic,
                "Positive electrode exchange current density [A.m-2]": cathode.exchange,
                "Negative electrode overpotential [V]": anode.overpotential,
                "Negative electrode faradaic current density [A.m-2]": anode.faradaic,
                "Negative electrode exchange current density [A.m-2]": anode.exchange,
                "Separator voltage drop [V]": electrolyte.drop,
                "Electrolyte ohmic drop [V]": electrolyte.ohmic,
                "Electrolyte concentration drop [V]": electrolyte.concentration,
                "Relative electrolyte concentration at anode": electrolyte.at_anode,
                "Relative electrolyte concentration at cathode": electrolyte.at_cathode,
                **{f"{name.capitalize()} voltage drop [V]": drop for name, drop in drops.items()},
            }
        )

    def _write_events(self, voltage: Any, lithium: _Lithium, electrolyte: _Electrolyte) -> None:
        """Cut-offs, and the range in which the equations hold."""
        lowest = pybamm.Parameter("Lowest valid positive electrode stoichiometry")
        highest = pybamm.Parameter("Highest valid positive electrode stoichiometry")
        self.events += [
            pybamm.Event("Minimum voltage [V]", voltage - self.param.voltage_low_cut),
            pybamm.Event("Maximum voltage [V]", self.param.voltage_high_cut - voltage),
            pybamm.Event("Lowest valid positive electrode stoichiometry", lithium.surface - lowest),
            pybamm.Event(
                "Highest valid positive electrode stoichiometry", highest - lithium.surface
            ),
        ]
        if self.structure.binary:
            least = pybamm.minimum(electrolyte.at_anode, electrolyte.at_cathode)
            self.events.append(pybamm.Event(_EXHAUSTED, least - _NEGATIVE))


@dataclass(frozen=True)
class _Lithium:
    """Lithium in the film: concentration, fraction at the electrolyte, mean fraction."""

    concentration: Any
    surface: Any
    mean: Any


@dataclass(frozen=True)
class _Electrolyte:
    """Drops across the electrolyte, and mobile lithium at its faces over the equilibrium's."""

    drop: Any
    ohmic: Any
    concentration: Any
    at_anode: Any
    at_cathode: Any


@dataclass(frozen=True)
class _Transfer:
    """Overpotential, current into the reaction and exchange current density, anodic."""

    overpotential: Any
    faradaic: Any
    exchange: Any


_NO_TRANSFER = _Transfer(pybamm.Scalar(0), pybamm.Scalar(0), pybamm.Scalar(1))


def _at_nodes(field: Any) -> Any:
    """Gradient at the nodes of the electrolyte: the mean of those at a cell's two edges."""
    node = pybamm.SpatialVariable("x_s", domain=_ELECTROLYTE, coord_sys="cartesian")
    edge = pybamm.SpatialVariableEdge("x_s", domain=_ELECTROLYTE, coord_sys="cartesian")
    gradient = pybamm.grad(field)
    return pybamm.div(edge * gradient) - node * pybamm.div(gradient)
