"""The space-charge layer between two ionic conductors, by Poisson's and Nernst's equations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.constants import FARADAY, VACUUM_PERMITTIVITY
from solith.core.errors import InputError
from solith.core.provenance import Provenance
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.interface._arguments import Array, numbers, positive, within
from solith.interface._junction import (
    Junction,
    State,
    admittances,
    blocked_capacitance,
    mesh_junction,
    solve_steady,
)
from solith.interface.area_resistance import AreaResistance
from solith.interface.lattice_conductor import LatticeConductor

__all__ = ["SpaceCharge", "solve_space_charge"]

_BULK = 25.0  # Debye lengths beyond the layer, in which its charge falls by 1e-11
_FULL, _EMPTY = 0.99, 0.01  # of the sites, beyond which ions that do not interact are a guess
_STRONG_FIELD = 1e9  # V/m, about what breaks a solid down
_LEAST_POINTS, _MOST_POINTS = 20, 20_000
_HOLDS = 0.99  # of a layer's charge, within its width


@dataclass(frozen=True)
class SpaceCharge:
    r"""The steady state of two conductors that touch, with or without a buffer between.

    Profiles (n,) go from left to right; where conductors meet, a position stands twice, with the
    concentrations of both. ``conductor`` counts them: 0 is the left one.

    * ``position`` [m], 0 at the left conductor's face; ``potential`` [V], electric, 0 in the right
      bulk; ``concentration`` [mol/m3]; ``charge_density`` [C/m3]; ``occupied``, filled part of all
      sites;
    * ``built_in_potential`` [V]: electric potential of the right bulk against the left at rest,
      what levels the ions' electrochemical potential;
    * ``excess_charge`` [C/m2] of each conductor;
    * ``bias`` [V] of the ions' electrochemical potential over F, left bulk against right, and
      ``current_density`` [A/m2] that it drives to the right;
    * ``area_resistance`` [ohm m2]: small-signal, beyond that of both bulks up to the faces; a
      buffer counts with all it has (``buffer_bulk_resistance`` of it would be there without space
      charge). Below 0 where ions accumulate and conduct better than the bulk;
    * ``area_capacitance`` [F/m2]: charge of the left conductor by the potential, if no ion left its
      conductor: both layers in series, and the buffer's dielectric, whose ions stay;
    * ``widths`` [m] within which each outer conductor holds 99 % of its charge, from its face;
    * ``flags``: where the continuum is stretched.
    """

    conductors: tuple[LatticeConductor, ...]
    temperature: float
    bias: float
    position: Array
    conductor: Array
    potential: Array
    concentration: Array
    charge_density: Array
    occupied: Array
    built_in_potential: float
    excess_charge: tuple[float, ...]
    current_density: float
    area_resistance: float
    buffer_bulk_resistance: float
    area_capacitance: float
    widths: tuple[float, float]
    flags: tuple[str, ...]
    _junction: Junction = field(repr=False)
    _state: State = field(repr=False)

    def impedance_at(self, frequencies: ArrayLike | str) -> NDArray[np.complex128]:
        """Z [ohm m2] between the outer ends, bulks included, at ``frequencies`` [Hz]."""
        points = np.atleast_1d(numbers(frequencies, "Hz", "frequencies"))
        if np.any(points < 0):
            raise InputError("must not be below 0 Hz", where="frequencies")
        return np.asarray(1 / admittances(self._junction, self._state, points))

    def impedance(self, frequencies: ArrayLike | str, geometric_area: float | str = 1e-4) -> Record:
        """The same [ohm] of a ``geometric_area`` [m2], as a record for analyses and figures.

        ``frequencies`` [Hz] are above 0. Raises :class:`InputError` for other ones.
        """
        area = positive(geometric_area, "m2", "geometric_area")
        points = np.atleast_1d(numbers(frequencies, "Hz", "frequencies"))
        if np.any(points <= 0):
            raise InputError("must be above 0 Hz", where="frequencies")
        found = self.impedance_at(points) / area
        return Record.from_arrays(
            "impedance",
            name="space charge",
            provenance=Provenance(
                "simulated",
                method="Poisson-Nernst-Planck equations, linearised about the steady state",
                parameters={
                    "conductors": [one.to_mapping() for one in self.conductors],
                    "temperature": f"{self.temperature!r} K",
                    "bias": f"{self.bias!r} V",
                },
                conventions="Im Z is negative for a capacitance",
            ),
            attributes={
                "geometric_area_m2": area,
                "thickness_m": float(self.position[-1] - self.position[0]),
                "temperature_kelvin": self.temperature,
            },
            frequency_hertz=points,
            real_impedance_ohm=found.real,
            imaginary_impedance_ohm=found.imag,
        )

    def as_area_resistance(self) -> AreaResistance:
        """Resistance and capacitance of the layers, the element that a cell takes.

        Raises :class:`InputError` where the layers conduct better than the bulk: a cell leaves
        them out.
        """
        if self.area_resistance < 0:
            raise InputError(
                f"the layers conduct better than the bulk ({self.area_resistance:.3g} ohm m2); "
                "leave them out of the cell",
                where="area_resistance",
            )
        return AreaResistance(self.area_resistance, self.area_capacitance)

    def result(self) -> Result:
        """The numbers as a table, with the profiles in its details, for figures and reports."""
        area, method = "geometric", "Poisson-Nernst-Planck"
        rows = [
            Value("built_in_potential", self.built_in_potential, "V", method=method),
            Value("area_resistance", self.area_resistance, "ohm m2", area=area, method=method),
            Value("area_capacitance", self.area_capacitance, "F/m2", area=area, method=method),
            Value("excess_charge_left", self.excess_charge[0], "C/m2", area=area, method=method),
            Value("width_left", self.widths[0], "m", method=method),
            Value("width_right", self.widths[1], "m", method=method),
            Value("bias", self.bias, "V", method=method),
            Value("current_density", self.current_density, "A/m2", area=area, method=method),
        ]
        rows[1] = Value(**{**rows[1].__dict__, "flags": self.flags})
        details = {
            "position_metre": self.position.tolist(),
            "conductor": self.conductor.tolist(),
            "potential_volt": self.potential.tolist(),
            "concentration_mol_per_m3": self.concentration.tolist(),
            "charge_density_coulomb_per_m3": self.charge_density.tolist(),
            "occupied": self.occupied.tolist(),
            "debye_lengths_metre": [one.debye_length(self.temperature) for one in self.conductors],
        }
        return Result("space charge", tuple(rows), details)


def solve_space_charge(
    left: LatticeConductor,
    right: LatticeConductor,
    buffer: LatticeConductor | None = None,
    buffer_thickness: float | str | None = None,
    *,
    bias: float | str = 0.0,
    temperature: float | str = 298.15,
    left_thickness: float | str | None = None,
    right_thickness: float | str | None = None,
    points: int = 400,
) -> SpaceCharge:
    r"""The space charge where two conductors of lithium ions touch, or a ``buffer`` between them.

    Steady Poisson-Nernst-Planck equations with sites that hold one ion each,

    .. math:: -(\varepsilon \phi')' = \rho(\nu), \qquad
        j = -\frac{\sigma(\nu)}{F} \tilde\mu', \quad j' = 0, \qquad
        \tilde\mu = \mu_{bulk} + RT\nu + F\phi

    with :math:`\rho, \sigma` of :class:`LatticeConductor`; :math:`\phi` and :math:`\tilde\mu` are
    continuous, so that an ion crosses an interface at no cost beyond the layers' own (a charge
    transfer adds to them). At the outer ends the conductors are neutral bulk, ``bias`` [V] lies
    between them. What makes the layer is the difference of the ions' chemical potentials
    (``site_energy``, occupancies), up to an eV; ions flow to where they have less energy until the
    electric potential stops them.

    * ``buffer_thickness`` [m] goes with ``buffer``;
    * ``left_thickness``, ``right_thickness`` [m]: of the bulks up to their ends; by itself, the
      depletion width and 25 Debye lengths. They enter the impedance, not ``area_resistance``;
    * ``points``: edges of the mesh in each conductor. The error falls with their square.

    Finite volumes whose currents vanish in equilibrium to rounding, Newton's method, continuation
    in ``bias``. Measured (``validation/interface_layers.py``): at 400 points profile and
    capacitance within 0.1 % of Gouy and Chapman's, and of Bikerman's, up to steps of 0.4 V.

    The continuum is good where the Debye length is longer than the distance of sites, which it
    hardly ever is in a good conductor (``flags`` say so); there is no elastic energy, no image
    force, no interaction of ions but by the mean potential, no adsorption, no screening electrons.
    De Klerk and Wagemaker (2018, 10.1021/acsaem.8b01141) set up such a model for LiCoO2 and
    graphite on LLZO and LATP and ask whether the layers matter; Braun, Yada and Latz (2015,
    10.1021/acs.jpcc.5b02679, recalled) derive one from thermodynamics; Haruyama et al. (2014,
    10.1021/cm5016959, recalled) found by density-functional theory that ions are drawn from Li3PS4
    to LiCoO2 and that LiNbO3 between them lessens it.

    Raises :class:`InputError` for what cannot be, :class:`ConvergenceError` where Newton's method
    fails.
    """
    warm = positive(temperature, "K", "temperature")
    volts = within(bias, "V", "bias")
    edges = _edges(points)
    conductors = (left, right) if buffer is None else (left, buffer, right)
    for place, one in enumerate(conductors):
        if not isinstance(one, LatticeConductor):
            raise InputError(
                f"expected a LatticeConductor, not {type(one).__name__}",
                where=("left", "right" if buffer is None else "buffer", "right")[place],
            )
    if (buffer is None) != (buffer_thickness is None):
        raise InputError("goes with buffer; give both or none", where="buffer_thickness")
    step = (right.bulk_potential(warm) - left.bulk_potential(warm)) / FARADAY
    energies = [one.bulk_potential(warm) / FARADAY for one in conductors]
    span = max(energies) - min(energies) + abs(volts)
    ends = [
        _own_thickness(one, span, warm) if given is None else positive(given, "m", where)
        for one, given, where in (
            (left, left_thickness, "left_thickness"),
            (right, right_thickness, "right_thickness"),
        )
    ]
    thicknesses = [ends[0], ends[1]]
    if buffer_thickness is not None:
        thicknesses.insert(1, positive(buffer_thickness, "m", "buffer_thickness"))
    junction = mesh_junction(conductors, thicknesses, warm, edges)
    return _described(junction, solve_steady(junction, volts), volts, -step)


def _described(
    junction: Junction, state: State, bias: float, built_in_potential: float
) -> SpaceCharge:
    conductors, places = junction.conductors, range(len(junction.conductors))
    shifts = [junction.shift_in(place, state) for place in places]
    filled = [one.concentration_at(shift) for one, shift in zip(conductors, shifts, strict=True)]
    charge = [one.charge_at(shift) for one, shift in zip(conductors, shifts, strict=True)]
    parts = [junction.part(place) for place in places]
    excess = [float(junction.share(place) @ charge[place]) for place in places]
    last = len(conductors) - 1
    zero = float(state.electric[-1])
    potential = junction.volt * (state.electric - zero)
    occupied = [one / conductors[place].sites for place, one in enumerate(filled)]
    buffer_bulk = sum(junction.bulk_resistance(place) for place in places[1:-1])
    widths = (
        _width(np.flip(junction.share(0) * charge[0]), np.flip(-junction.nodes[parts[0]])),
        _width(
            junction.share(last) * charge[last],
            junction.nodes[parts[last]] - junction.nodes[parts[last].start],
        ),
    )
    return SpaceCharge(
        conductors=conductors,
        temperature=junction.temperature,
        bias=bias,
        position=np.concatenate([junction.nodes[part] for part in parts]),
        conductor=np.concatenate([np.full(len(filled[place]), place) for place in places]),
        potential=np.concatenate([potential[part] for part in parts]),
        concentration=np.concatenate(filled),
        charge_density=np.concatenate(charge),
        occupied=np.concatenate(occupied),
        built_in_potential=built_in_potential,
        excess_charge=tuple(excess),
        current_density=state.current(junction),
        area_resistance=_beyond_bulk(junction, state, bias),
        buffer_bulk_resistance=buffer_bulk,
        area_capacitance=blocked_capacitance(junction, state),
        widths=widths,
        flags=tuple(_flags(junction, state, occupied)),
        _junction=junction,
        _state=state,
    )


def _beyond_bulk(junction: Junction, state: State, bias: float) -> float:
    """Small-signal resistance less that of both outer bulks [ohm m2]."""
    outer = (0, len(junction.conductors) - 1)
    if bias:
        whole = 1 / float(admittances(junction, state, np.zeros(1))[0].real)
        return whole - sum(junction.bulk_resistance(place) for place in outer)
    resistances, _ = junction.resistances(state)
    bulk = np.zeros_like(resistances)
    for place in outer:
        own = junction.owner == place
        bulk[own] = junction.lengths[own] / junction.conductors[place].conductivity
    return float(np.sum(resistances - bulk))


def _width(charges: Array, distances: Array) -> float:
    """Distance from the face that holds most of the charge [m]; 0 where there is none."""
    reach = np.cumsum(np.abs(charges))
    if not reach[-1] > 0:
        return 0.0
    return float(np.interp(_HOLDS * reach[-1], reach, distances))


def _flags(junction: Junction, state: State, occupied: Sequence[Array]) -> list[str]:
    names = ("left", "right") if len(junction.conductors) == 2 else ("left", "buffer", "right")
    told = []
    for place, name in enumerate(names):
        one = junction.conductors[place]
        debye, spacing = one.debye_length(junction.temperature), one.site_spacing
        if debye < spacing:
            told.append(
                f"{name}: the Debye length, {1e9 * debye:.2g} nm, is below the distance of sites, "
                f"{1e9 * spacing:.2g} nm: a continuum is stretched"
            )
        high, low = float(np.max(occupied[place])), float(np.min(occupied[place]))
        bulk = one.concentration / one.sites
        if high > max(_FULL, bulk + (1 - bulk) / 2):
            told.append(f"{name}: all sites are filled but for {100 * (1 - high):.2g} %")
        if low < min(_EMPTY, bulk / 2):
            told.append(f"{name}: all sites are empty but for {100 * low:.2g} %")
        field_strength = np.abs(np.diff(state.electric) / junction.lengths)[junction.owner == place]
        strongest = junction.volt * float(np.max(field_strength))
        if strongest > _STRONG_FIELD:
            told.append(
                f"{name}: the field reaches {1e-9 * strongest:.2g} V/nm, which breaks solids down"
            )
    return told


def _own_thickness(one: LatticeConductor, span: float, temperature: float) -> float:
    """Of a bulk that holds the layer: its depletion width and many Debye lengths [m]."""
    least = FARADAY * min(one.concentration, one.sites - one.concentration)
    depleted = math.sqrt(2 * one.permittivity * VACUUM_PERMITTIVITY * span / least)
    return depleted + _BULK * one.debye_length(temperature)


def _edges(points: int) -> int:
    if isinstance(points, bool) or not isinstance(points, int):
        raise InputError(f"{points!r} is not a whole number", where="points")
    if not _LEAST_POINTS <= points <= _MOST_POINTS:
        raise InputError(
            f"{points} must be from {_LEAST_POINTS} to {_MOST_POINTS:,}", where="points"
        )
    return points
