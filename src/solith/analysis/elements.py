"""The elements of equivalent circuits, each declared once.

An element says what it is in one place: its symbol, its parameters with unit and limits, its
equation (in ``w``, the angular frequency [rad/s], ``j`` and the parameters' symbols) and the
source of it. Its code gives impedance and derivatives; a test holds code against equation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ELEMENTS", "Element", "Parameter"]

Array = NDArray[np.float64]
Complex = NDArray[Any]
Law = Callable[[Array, Sequence[float]], tuple[Complex, list[Complex]]]


@dataclass(frozen=True)
class Parameter:
    """A parameter of an element: ``symbol``, SI ``unit``, and the limits of its values.

    A ``logarithmic`` one is above 0 and is sought by its logarithm. A standard start is half
    way between the limits.
    """

    symbol: str
    unit: str
    lowest: float
    highest: float
    logarithmic: bool = True


@dataclass(frozen=True)
class Element:
    """An element: ``symbol`` in circuits, ``name``, parameters, ``equation`` and ``source``.

    ``law(w, values)`` is the impedance [ohm] at the angular frequencies ``w`` [rad/s] and its
    derivatives by each parameter.
    """

    symbol: str
    name: str
    parameters: tuple[Parameter, ...]
    equation: str
    source: str
    law: Law


def _resistor(w: Array, values: Sequence[float]) -> tuple[Complex, list[Complex]]:
    one = np.ones(len(w), dtype=complex)
    return values[0] * one, [one]


def _capacitor(w: Array, values: Sequence[float]) -> tuple[Complex, list[Complex]]:
    impedance = 1.0 / (1j * w * values[0])
    return impedance, [-impedance / values[0]]


def _inductor(w: Array, values: Sequence[float]) -> tuple[Complex, list[Complex]]:
    unit = 1j * w
    return values[0] * unit, [unit]


def _constant_phase(w: Array, values: Sequence[float]) -> tuple[Complex, list[Complex]]:
    size, exponent = values
    logarithm = np.log(w) + 0.5j * np.pi
    impedance = np.exp(-exponent * logarithm) / size
    return impedance, [-impedance / size, -impedance * logarithm]


def _warburg(w: Array, values: Sequence[float]) -> tuple[Complex, list[Complex]]:
    unit = (1.0 - 1.0j) / np.sqrt(w)
    return values[0] * unit, [unit]


def _finite_space(w: Array, values: Sequence[float]) -> tuple[Complex, list[Complex]]:
    resistance, time = values
    root = np.sqrt(1j * w * time)
    tangent = np.tanh(root)
    shape = 1.0 / (root * tangent)
    # d/ds [coth(s)/s] = -coth(s)/s^2 - (coth(s)^2 - 1)/s, and ds/dtime = s / (2 time)
    slope = -shape - (1.0 / tangent**2 - 1.0)
    return resistance * shape, [shape, resistance * slope / (2.0 * time)]


def _finite_length(w: Array, values: Sequence[float]) -> tuple[Complex, list[Complex]]:
    resistance, time = values
    root = np.sqrt(1j * w * time)
    tangent = np.tanh(root)
    shape = tangent / root
    slope = -shape + (1.0 - tangent**2)
    return resistance * shape, [shape, resistance * slope / (2.0 * time)]


def _gerischer(w: Array, values: Sequence[float]) -> tuple[Complex, list[Complex]]:
    resistance, time = values
    inner = 1.0 + 1j * w * time
    shape = 1.0 / np.sqrt(inner)
    return resistance * shape, [shape, -0.5j * resistance * w * shape / inner]


def _blocking_line(w: Array, values: Sequence[float]) -> tuple[Complex, list[Complex]]:
    rail, size, exponent = values
    logarithm = np.log(w) + 0.5j * np.pi
    wall = np.exp(-exponent * logarithm) / size
    impedance, by_rail, by_wall = _line(rail, wall)
    return impedance, [by_rail, -by_wall * wall / size, -by_wall * wall * logarithm]


def _reacting_line(w: Array, values: Sequence[float]) -> tuple[Complex, list[Complex]]:
    rail, transfer, size, exponent = values
    logarithm = np.log(w) + 0.5j * np.pi
    admittance = size * np.exp(exponent * logarithm)
    wall = transfer / (1.0 + transfer * admittance)
    impedance, by_rail, by_wall = _line(rail, wall)
    by_admittance = -by_wall * wall**2
    return impedance, [
        by_rail,
        by_wall * (wall / transfer) ** 2,
        by_admittance * admittance / size,
        by_admittance * admittance * logarithm,
    ]


def _line(rail: float, wall: Complex) -> tuple[Complex, Complex, Complex]:
    """sqrt(rail wall) coth sqrt(rail/wall), and its derivatives by ``rail`` and ``wall``."""
    root = np.sqrt(rail / wall)
    tangent = np.tanh(root)
    impedance = rail / (root * tangent)
    # With f(s) = coth(s)/s: Z = rail f, s^2 = rail/wall, s f'(s) = -f - (coth^2 - 1)
    slope = -1.0 / (root * tangent) - (1.0 / tangent**2 - 1.0)
    return impedance, impedance / rail + 0.5 * slope, -0.5 * rail * slope / wall


_RESISTANCE = Parameter("R", "ohm", 1e-6, 1e12)
_SIZE = Parameter("Q", "S s^n", 1e-15, 1e4)
_EXPONENT = Parameter("n", "", 0.3, 1.0, logarithmic=False)
_TIME = Parameter("tau", "s", 1e-12, 1e8)

_BASICS = "Barsoukov and Macdonald, Impedance Spectroscopy (2005), 10.1002/0471716243"

ELEMENTS: dict[str, Element] = {
    element.symbol: element
    for element in (
        Element("R", "resistor", (_RESISTANCE,), "R", _BASICS, _resistor),
        Element(
            "C",
            "capacitor",
            (Parameter("C", "F", 1e-15, 1e4),),
            "1/(j*w*C)",
            _BASICS,
            _capacitor,
        ),
        Element("L", "inductor", (Parameter("L", "H", 1e-12, 1e2),), "j*w*L", _BASICS, _inductor),
        Element(
            "CPE",
            "constant phase element",
            (_SIZE, _EXPONENT),
            "1/(Q*(j*w)**n)",
            "Brug et al., J. Electroanal. Chem. 176, 275 (1984), 10.1016/S0022-0728(84)80324-1",
            _constant_phase,
        ),
        Element(
            "W",
            "semi-infinite (Warburg) diffusion",
            (Parameter("sigma", "ohm s^-1/2", 1e-8, 1e12),),
            "sigma*(1-j)/sqrt(w)",
            _BASICS,
            _warburg,
        ),
        Element(
            "Wo",
            "diffusion in a finite space, its end closed",
            (_RESISTANCE, _TIME),
            "R*coth(sqrt(j*w*tau))/sqrt(j*w*tau)",
            "Ho, Raistrick and Huggins, J. Electrochem. Soc. 127, 343 (1980), 10.1149/1.2129668",
            _finite_space,
        ),
        Element(
            "Ws",
            "diffusion over a finite length, its end held",
            (_RESISTANCE, _TIME),
            "R*tanh(sqrt(j*w*tau))/sqrt(j*w*tau)",
            _BASICS,
            _finite_length,
        ),
        Element(
            "G",
            "Gerischer element, diffusion with reaction",
            (_RESISTANCE, _TIME),
            "R/sqrt(1+j*w*tau)",
            "Boukamp and Bouwmeester, Solid State Ionics 157, 29 (2003), "
            "10.1016/S0167-2738(02)00185-6",
            _gerischer,
        ),
        Element(
            "TLMB",
            "transmission line of a composite electrode, its walls blocking",
            (Parameter("Rion", "ohm", 1e-6, 1e12), _SIZE, _EXPONENT),
            "sqrt(Rion/(Q*(j*w)**n))*coth(sqrt(Rion*Q*(j*w)**n))",
            "Bisquert et al., J. Phys. Chem. B 104, 2287 (2000), 10.1021/jp993148h",
            _blocking_line,
        ),
        Element(
            "TLM",
            "transmission line of a composite electrode with charge transfer at its walls",
            (
                Parameter("Rion", "ohm", 1e-6, 1e12),
                Parameter("Rct", "ohm", 1e-6, 1e12),
                _SIZE,
                _EXPONENT,
            ),
            "sqrt(Rion*Rct/(1+Rct*Q*(j*w)**n))*coth(sqrt(Rion*(1+Rct*Q*(j*w)**n)/Rct))",
            "Bisquert et al., J. Phys. Chem. B 104, 2287 (2000), 10.1021/jp993148h",
            _reacting_line,
        ),
    )
}
"""The elements by their symbol."""
