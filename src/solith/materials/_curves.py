"""The open-circuit potentials: one formula and one description per material.

The formulas use numpy ufuncs and arithmetic only, so that they take floats, arrays and
PyBaMM symbols alike. x is the lithium fraction on the scale of the material's preferred
``maximum_concentration``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from solith.materials.open_circuit_potential import OpenCircuitPotential

NMC532_MAXIMUM = 48239.0
"""Lithium in LiNi0.5Mn0.3Co0.2O2 [mol/m3], one per formula unit: 1 / 20.73 cm3/mol."""

NMC532_SPAN = 35380.0
"""Lithium [mol/m3] between s = 0 and s = 1 of the curve (10.1149/1945-7111/aba5d1)."""

_NMC532_RATIO = NMC532_SPAN / NMC532_MAXIMUM
_NMC532_LOWEST_S = -0.08


def nmc532(x: Any) -> Any:
    """4.3452 - 1.6518 s + ... - 0.5623e-4 exp(109.451 s - 100.006), s = 1 - (1 - x)/0.7334."""
    s = 1.0 - (1.0 - x) / _NMC532_RATIO
    return (
        4.3452
        - 1.6518 * s
        + 1.6225 * s**2
        - 2.0843 * s**3
        + 3.5146 * s**4
        - 2.2166 * s**5
        - 0.5623e-4 * np.exp(109.451 * s - 100.006)
    )


def nmc111(x: Any) -> Any:
    """6.0826 - 6.9922 x + 7.1062 x^2 - 2.5947 x^3 - 5.4549e-5 exp(124.23 x - 114.2593)."""
    return (
        6.0826
        - 6.9922 * x
        + 7.1062 * x**2
        - 2.5947 * x**3
        - 5.4549e-5 * np.exp(124.23 * x - 114.2593)
    )


_LCO_FILLED_FROM = 0.99
_THERMAL_VOLTAGE = 0.025693  # V, RT/F at 298.15 K
_LCO_END = 0.99


def lithium_cobalt_oxide(x: Any) -> Any:
    """Six hyperbolic tangents of Dualfoil, and a drop where the last sites are filled."""
    # z, the part filled of the last hundredth of the sites, is zero before it. Beyond 0.99, the
    # end of the curve, it goes on in a line: a solver's trial may step there.
    z = (x - _LCO_FILLED_FROM + abs(x - _LCO_FILLED_FROM)) / (2 * (1.0 - _LCO_FILLED_FROM))
    filled = (z + _LCO_END - abs(z - _LCO_END)) / 2
    slope = (2.0 - _LCO_END) * _LCO_END / (1.0 - _LCO_END) ** 2
    return (
        -_THERMAL_VOLTAGE * (filled**2 / (1.0 - filled) + slope * (z - filled))
        + 2.16216
        + 0.07645 * np.tanh(30.834 - 54.4806 * x)
        + 2.1581 * np.tanh(52.294 - 50.294 * x)
        - 0.14169 * np.tanh(11.0923 - 19.8543 * x)
        + 0.2051 * np.tanh(1.4684 - 5.4888 * x)
        + 0.2531 * np.tanh((0.56478 - x) / 0.1316)
        - 0.02167 * np.tanh((x - 0.525) / 0.006)
    )


_LFP_EMPTIED_FROM = 0.01
_LFP_END = 0.95


def lithium_iron_phosphate(x: Any) -> Any:
    """3.4077 - 0.020269 x + 0.5 exp(-150 x) - 0.9 exp(-30 (1 - x)), and a rise at the empty end."""
    # z, the part emptied of the last hundredth of the sites; beyond the end of the curve it goes
    # on in a line, as that of LiCoO2.
    z = (_LFP_EMPTIED_FROM - x + abs(_LFP_EMPTIED_FROM - x)) / (2 * _LFP_EMPTIED_FROM)
    emptied = (z + _LFP_END - abs(z - _LFP_END)) / 2
    slope = (2.0 - _LFP_END) * _LFP_END / (1.0 - _LFP_END) ** 2
    return (
        _THERMAL_VOLTAGE * (emptied**2 / (1.0 - emptied) + slope * (z - emptied))
        + 3.4077
        - 0.020269 * x
        + 0.5 * np.exp(-150.0 * x)
        - 0.9 * np.exp(-30.0 * (1.0 - x))
    )


def graphite(x: Any) -> Any:
    """0.063 + 0.8 exp(-75 (x + 0.001)) and six falling steps of hyperbolic tangents."""
    return (
        0.063
        + 0.8 * np.exp(-75.0 * (x + 0.001))
        - 0.0120 * np.tanh((x - 0.127) / 0.016)
        - 0.0118 * np.tanh((x - 0.155) / 0.016)
        - 0.0035 * np.tanh((x - 0.220) / 0.020)
        - 0.0095 * np.tanh((x - 0.190) / 0.013)
        - 0.0145 * np.tanh((x - 0.490) / 0.020)
        - 0.0800 * np.tanh((x - 1.030) / 0.055)
    )


_MOHTAT = "10.1149/1945-7111/aba5d1"

CURVES = {
    "NMC532": OpenCircuitPotential(
        name="NMC532",
        function=nmc532,
        valid_low=1.0 - _NMC532_RATIO,
        valid_high=1.0,
        extended_low=1.0 - _NMC532_RATIO * (1.0 - _NMC532_LOWEST_S),
        extended_high=1.0,
        extension=(
            "The source's scale s = 0 to 1 ends at 4.345 V. Below s = 0 the same formula is "
            "continued to s = -0.08 (4.49 V), because cells are charged to 4.4 V vs Li and "
            "above: there its exponential vanishes and the polynomial is smooth and strictly "
            "falling, so value and all slopes are continuous."
        ),
        source=_MOHTAT,
        place=(
            "read in PyBaMM's parameter file Mohtat2020.py (the same formula in Xu2019.py), which "
            "PyBaMM attributes to this publication; the publication itself was not read"
        ),
        note=(
            "s = 0 to 1 exchanges 35,380 mol/m3, about 204 mAh/g, not the theoretical "
            "278 mAh/g; x = 1 - (35380/48239)(1 - s) is on the theoretical scale and takes "
            "s = 1 for the full host. The file prints no range of validity; its cell, 2.8 to "
            "4.2 V, goes up to s = 0.89. Above that the exponential drops steeply to 2.82 V."
        ),
    ),
    "NMC111": OpenCircuitPotential(
        name="NMC111",
        function=nmc111,
        valid_low=0.385,
        valid_high=0.98,
        extended_low=0.335,
        extended_high=1.0,
        extension=(
            "The same smooth, strictly falling formula, continued to 4.44 V for cells charged "
            "above 4.3 V vs Li, and to the full host at x = 1 (2.44 V)."
        ),
        source=(
            "two public simulation codes: OCP_cathode_NMC111 of a coupled battery input file on "
            "MOOSE, which names no paper, and a cell model that took it from a paper called "
            "Modeling of lithium plating and lithium stripping in lithium-ion batteries; the "
            "original paper was not read"
        ),
        place="the codes, whose coefficients agree",
        note=(
            "No range was printed: 0.385 to 0.98 is where the formula stays between 4.3 and 3.2 V."
        ),
    ),
    "LiCoO2": OpenCircuitPotential(
        name="LiCoO2",
        function=lithium_cobalt_oxide,
        valid_low=0.5,
        valid_high=0.99,
        extended_low=0.43,
        extended_high=0.9999,
        extension=(
            "Below the source's range the same smooth, strictly falling formula, to 4.33 V, "
            "because cells are charged to 4.3 V vs Li. In the last hundredth of the sites, "
            "which the source does not cover, -(RT/F) z^2/(1 - z) with z = 100 (x - 0.99) is "
            "added: an assumed drop, smooth at its start, to 1.3 V at x = 0.9999, so that a "
            "discharge or a sweep to a low potential ends where the host is full."
        ),
        source="10.1149/2.0341915jes (fit of Dualfoil, J. Newman; data of O. Garcia, 2001)",
        place="PyBaMM parameter file Marquis2019.py",
        note=(
            "Used without the factor 1.062 by which that parameter set stretches x; 0.5 to 0.99 is "
            "the range that the file reports for the data behind the fit. The formula's own drop "
            "at the end of discharge lies at x = 1.04, beyond the full host."
        ),
    ),
    "LiFePO4": OpenCircuitPotential(
        name="LiFePO4",
        function=lithium_iron_phosphate,
        valid_low=_LFP_EMPTIED_FROM,
        valid_high=1.0,
        extended_low=_LFP_EMPTIED_FROM * (1.0 - _LFP_END),
        extended_high=1.0,
        extension=(
            "Below a lithium fraction of 0.01 the potential rises by RT/F z^2 / (1 - z), z being "
            "the part emptied of the last hundredth of the sites, to 4.34 V, because cells are "
            "charged to 4.2 V and the source's formula ends at 3.91 V."
        ),
        source=(
            "S. Afshar, K. Morris and A. Khajepour, Efficient electrochemical model for "
            "lithium-ion cells, arXiv:1709.03970 (2017)"
        ),
        place="PyBaMM parameter file Prada2013.py",
        note=(
            "The file prints no range of validity. The plateau falls by 20 mV from end to end; "
            "hysteresis is not in it."
        ),
    ),
    "graphite": OpenCircuitPotential(
        name="graphite",
        function=graphite,
        valid_low=0.0,
        valid_high=1.0,
        extended_low=0.0,
        extended_high=1.0,
        extension="none",
        source=_MOHTAT,
        place=(
            "read in PyBaMM's parameter file Mohtat2020.py, which PyBaMM attributes to this "
            "publication; the publication itself was not read"
        ),
        note=(
            "The file prints no range of validity. Its own maximum concentration, 28,746 mol/m3, "
            "is 6 % below LiC6 at 2.2 g/cm3; x is taken as the fraction of LiC6."
        ),
    ),
}
"""The curves by the name under which the material tables refer to them."""
