"""A stack under load: current, voltage and where the energy goes, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from solith.core.errors import InputError
from solith.core.quantities import split_quantity, to_si
from solith.design._weights import Weights
from solith.design.stack import Stack

__all__ = ["Discharge", "Load", "area_resistances", "highest_power", "read_load"]

_HOUR = 3600.0  # s
_UNITS = {"W/kg": "W/kg", "W/L": "W/m3", "mW/cm2": "W/m2", "mA/cm2": "A/m2"}
"""Units that a load is written in, and their SI."""


@dataclass(frozen=True)
class Discharge:
    r"""A stack's whole discharge at one load, by its resistances; floats, or arrays of samples.

    ``current`` [A/m2] at the terminals and ``voltage`` [V] are those of one cell; energies [J/m2]
    are of all cells per geometric area of the face. With open-circuit voltage U, capacity C, the
    sum of area resistances R and electrons that leak through the separator with the conductance
    g = sigma_e / thickness,

    .. math:: V = \frac{U - jR}{1 + gR}, \quad E = C V \frac{j}{j + gV}, \quad
        E_k = C (j + gV) R_k, \quad E_{leak} = C V \frac{gV}{j + gV}

    which sum to C U. The capacity stays as it is and U is the mean one: what a cut-off voltage
    takes is not in it (:func:`solith.design.simulate_energy` has it). Not a number where the load
    is more than the stack can bear.
    """

    current: Any
    voltage: Any
    delivered: Any
    losses: dict[str, Any]
    open_circuit: Any
    power: Any
    """At the terminals, of all cells [W/m2 of the face]."""


@dataclass(frozen=True)
class Load:
    """A power per mass, volume or area of the face, or a current; ``unit`` is SI, or "C"."""

    number: float
    unit: str
    written: str

    def on(self, stack: Stack, weights: Weights) -> Discharge:
        """The stack's discharge at this load."""
        circuit = _Circuit.of(stack, weights)
        scales = {"W/kg": weights.mass, "W/m3": weights.volume, "W/m2": 1.0}
        if self.unit in scales:
            return circuit.at_power(self.number * scales[self.unit] / stack.cells)
        if self.unit == "C":
            return circuit.at_current(self.number * weights.capacity / _HOUR)
        return circuit.at_current(self.number)


def read_load(load: Any) -> Load:
    """The load that a text tells, such as "300 W/kg", "2 mW/cm2", "3 mA/cm2" or "1 C"."""
    if isinstance(load, Load):
        return load
    told = f"{load!r} is no load; expected a power or a current such as " + ", ".join(
        f"'1 {unit}'" for unit in (*_UNITS, "C")
    )
    if not isinstance(load, str):
        raise InputError(told, where="load")
    try:
        number, unit = split_quantity(load)
    except InputError:
        raise InputError(told, where="load") from None
    found = Load(number, "C", load) if unit == "C" else None
    for si in () if found else _UNITS.values():
        try:
            found = Load(to_si(load, si), si, load)
            break
        except InputError:
            continue
    if found is None:
        raise InputError(told, where="load")
    if not 0 < found.number < np.inf:
        raise InputError(f"{load!r} must be above 0", where="load")
    return found


def area_resistances(stack: Stack) -> dict[str, Any]:
    """Resistances of one cell by the loss that they cause [ohm m2 of geometric area].

    :class:`InputError` without the separator's conductivity; where the stack names no
    ``resistances`` the separator's is the only one.
    """
    separator = stack.separator
    if separator.conductivity is None:
        raise InputError("is missing; a load needs it", where="separator.conductivity")
    found = {"electrolyte_layer": separator.thickness / separator.conductivity}
    if stack.resistances is None:
        return found
    cathode = stack.cathode.layer("cathode", stack.liquid)
    return found | stack.resistances.on_geometric_area(
        cathode.thickness, cathode.shares[0].volume, stack.pressure
    )


def highest_power(stack: Stack, weights: Weights) -> Any:
    """The most that the terminals can give [W/m2 of the face]: U^2 / 4R(1 + gR) of every cell."""
    return stack.cells * _Circuit.of(stack, weights).highest_power()


@dataclass(frozen=True)
class _Circuit:
    """One cell as a voltage, resistances in series, and a leak; energies for ``cells`` of it."""

    voltage: Any
    resistances: dict[str, Any]
    leak: Any
    """Conductance of the separator for electrons [S/m2]."""

    capacity: Any
    cells: int

    @classmethod
    def of(cls, stack: Stack, weights: Weights) -> _Circuit:
        separator = stack.separator
        leak: Any = 0.0
        if separator.electronic_conductivity is not None:
            leak = separator.electronic_conductivity / separator.thickness
        return cls(stack.cell_voltage, area_resistances(stack), leak, weights.capacity, stack.cells)

    @property
    def resistance(self) -> Any:
        return sum(self.resistances.values())

    def highest_power(self) -> Any:
        whole = self.resistance
        with np.errstate(divide="ignore"):
            return np.divide(self.voltage**2, 4 * whole * (1 + self.leak * whole))

    def at_power(self, power: Any) -> Discharge:
        """At the terminals' ``power`` [W/m2] of one cell: j V(j) = P, the smaller current."""
        whole = self.resistance
        asked = power * (1 + self.leak * whole)
        root = np.asarray(self.voltage**2 - 4 * whole * asked)
        root = np.sqrt(np.where(root < 0, np.nan, root))
        return self._with(2 * asked / (self.voltage + root))

    def at_current(self, current: Any) -> Discharge:
        """At the ``current`` density [A/m2] that one cell's terminals give."""
        current = np.asarray(current, float)
        return self._with(np.where(current * self.resistance < self.voltage, current, np.nan))

    def _with(self, current: Any) -> Discharge:
        whole = self.resistance
        voltage = (self.voltage - current * whole) / (1 + self.leak * whole)
        ionic = current + self.leak * voltage
        charge = self.cells * self.capacity
        losses = {name: charge * ionic * own for name, own in self.resistances.items()}
        if not isinstance(self.leak, float) or self.leak > 0:
            losses["leakage"] = charge * voltage * self.leak * voltage / ionic
        return Discharge(
            current,
            voltage,
            charge * voltage * current / ionic,
            losses,
            charge * self.voltage,
            self.cells * current * voltage,
        )
