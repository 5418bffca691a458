"""What a fitted circuit says: its parameters, its arcs, and how well the data know them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.circuit_arcs import Branch, branches
from solith.analysis._impedance.circuit_fit import CircuitFit
from solith.analysis._impedance.circuit_knowledge import UNKNOWN, Knowledge, apex_outside
from solith.analysis._impedance.spectrum import Spectrum
from solith.analysis.circuit import Leaf, Node
from solith.core.quantities import in_unit
from solith.core.result import Value

__all__ = [
    "CPE_CONVERSIONS",
    "METHOD",
    "arc_values",
    "area_values",
    "parameter_values",
    "total_values",
]

Array = NDArray[np.float64]

CPE_CONVERSIONS = ("hsu-mansfeld", "brug")
"""How the capacitance of an arc is taken from its constant phase element."""

NOT_IDENTIFIED = "not identified by the measured frequencies"

_STEP = 1e-6

METHOD = "complex nonlinear least squares, weights 1/|Z|"


def parameter_values(
    fit: CircuitFit, knowledge: Knowledge, spectrum: Spectrum, flags: tuple[str, ...]
) -> list[Value]:
    """Each parameter of the circuit with its uncertainty; resistances with ``flags`` too."""
    outside = {
        place
        for branch in branches(fit.circuit)
        if apex_outside(fit, branch, spectrum)
        for place in (branch.resistor.first, branch.across.first)
    }
    values = []
    for place, (name, part) in enumerate(
        zip(fit.circuit.parameter_names, fit.circuit.parameters, strict=True)
    ):
        own = list(flags) if part.unit == "ohm" else []
        if fit.limited[place]:
            own.append("ended at its limit")
        elif not fit.sought[place]:
            own.append("held")
        elif not knowledge.spread[place] < UNKNOWN:
            own.append(NOT_IDENTIFIED)
        if place in outside:
            own.append("apex outside the measured frequencies")
        twins = knowledge.twins(fit, place)
        if twins:
            own.append(f"cannot be told apart from {', '.join(twins)}")
        values.append(
            Value(
                name,
                float(fit.values[place]),
                part.unit,
                knowledge.uncertainty(fit, place),
                method=METHOD,
                flags=tuple(own),
            )
        )
    return values


def arc_values(
    fit: CircuitFit, values: list[Value], cpe: str, common: tuple[str, ...] = ()
) -> list[Value]:
    """Capacitance and apex frequency of each arc, with its resistance's flags but ``common``."""
    flags = {
        value.quantity: tuple(flag for flag in value.flags if flag not in common)
        for value in values
    }
    found = []
    before = sum(float(fit.values[leaf.first]) for leaf in fit.circuit.series_resistors)
    for branch in _by_time(fit):
        resistance, time, exponent = branch.shape(fit.values)
        name = branch.resistor.label
        capacitance = time / resistance
        if cpe == "brug":
            # Q^(1/n) = time^1 / R^(1/n), so that this is Brug's formula with Q put in
            series = 1.0 / resistance + (1.0 / before if before > 0 else 0.0)
            size = time / resistance ** (1.0 / exponent)
            capacitance = size * series ** ((exponent - 1.0) / exponent)
        method = f"from the CPE by {cpe}" if branch.across.element.symbol == "CPE" else METHOD
        found += [
            Value(f"{name}_capacitance", float(capacitance), "F", method=method, flags=flags[name]),
            Value(
                f"{name}_frequency",
                float(1.0 / (2.0 * np.pi * time)),
                "Hz",
                method="apex of the arc",
                flags=flags[name],
            ),
        ]
        before += resistance
    return found


def area_values(values: list[Value], area: float) -> list[Value]:
    """The resistances times the ``area`` [m2] of the cell's face."""
    return [
        Value(
            f"{value.quantity}_area_resistance",
            in_unit(value.value * area, "ohm m2", "ohm cm2"),
            "ohm cm2",
            None
            if value.uncertainty is None
            else in_unit(value.uncertainty * area, "ohm m2", "ohm cm2"),
            area="geometric",
            method=value.method,
            flags=value.flags,
        )
        for value in values
        if value.unit == "ohm" and value.value is not None
    ]


def total_values(
    fit: CircuitFit, knowledge: Knowledge, values: list[Value], flags: tuple[str, ...]
) -> list[Value]:
    """``R_total`` [ohm], the resistance at rest but for diffusion and tails, where it is several.

    Capacitors let nothing through, diffusion elements count as nothing, a transmission line
    as ``Rct + Rion/3``.
    """
    places = [leaf.first for leaf in fit.circuit.leaves if leaf.element.symbol in ("R", "TLM")]
    if len(places) < 2 and "TLM" not in fit.circuit.text:
        return []
    total = _at_rest(fit.circuit.root, fit.values, blocked=False)
    slopes = np.zeros(len(fit.values))
    for place in np.flatnonzero(fit.known):
        if fit.circuit.parameters[place].unit == "ohm":
            moved = fit.values.copy()
            moved[place] *= 1.0 + _STEP
            slopes[place] = (_at_rest(fit.circuit.root, moved, blocked=False) - total) / _STEP
    spread = None
    if knowledge.covariance is not None:
        spread = float(np.sqrt(max(float(slopes @ knowledge.covariance @ slopes), 0.0)))
    unknown = [
        value.quantity
        for value in values
        if value.unit == "ohm" and any(NOT_IDENTIFIED in flag for flag in value.flags)
    ]
    if unknown and spread is not None and spread > UNKNOWN * total:
        flags += (f"{', '.join(unknown)} {NOT_IDENTIFIED}",)
    return [Value("R_total", total, "ohm", spread, method="resistance at rest", flags=flags)]


def _at_rest(part: Node | Leaf, values: Array, *, blocked: bool) -> float:
    """The resistance of a part at rest; ``blocked`` says whether a capacitor in it closes it."""
    if isinstance(part, Leaf):
        symbol = part.element.symbol
        if symbol == "R":
            return float(values[part.first])
        if symbol == "TLM":
            return float(values[part.first + 1] + values[part.first] / 3.0)
        return np.inf if blocked and symbol in ("C", "CPE", "TLMB") else 0.0
    if not part.parallel:
        return sum(_at_rest(inner, values, blocked=blocked) for inner in part.parts)
    inner_ones = [_at_rest(inner, values, blocked=True) for inner in part.parts]
    if min(inner_ones) == 0.0:
        return 0.0
    conductance = sum(1.0 / inner for inner in inner_ones)
    return 1.0 / conductance if conductance > 0.0 else (np.inf if blocked else 0.0)


def _by_time(fit: CircuitFit) -> list[Branch]:
    return sorted(branches(fit.circuit), key=lambda branch: branch.shape(fit.values)[1])
