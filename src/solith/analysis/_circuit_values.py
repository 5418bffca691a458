"""What a fitted circuit says: its parameters, its arcs, and how well the data know them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solith.analysis._circuit_arcs import Branch, branches
from solith.analysis._circuit_fit import CircuitFit
from solith.analysis._circuit_knowledge import UNKNOWN, Knowledge, apex_outside
from solith.analysis._spectrum import Spectrum
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
            own.append("not identified by the measured frequencies")
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
    before = _first_resistance(fit)
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


def area_values(fit: CircuitFit, values: list[Value], area: float) -> list[Value]:
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


def total_values(fit: CircuitFit, knowledge: Knowledge, flags: tuple[str, ...]) -> list[Value]:
    """``R_total``, the resistance of ``R0`` and the arcs together, where there are arcs."""
    arcs = branches(fit.circuit)
    if not arcs:
        return []
    leaves = [branch.resistor for branch in arcs]
    leaves += [leaf for leaf in fit.circuit.leaves if leaf.label == "R0"]
    places = sorted({leaf.first for leaf in leaves})
    parts = fit.values[places]
    spread = None
    if knowledge.covariance is not None:
        inner = knowledge.covariance[np.ix_(places, places)]
        spread = float(np.sqrt(max(float(parts @ inner @ parts), 0.0)))
    names = " + ".join(fit.circuit.parameter_names[place] for place in places)
    return [Value("R_total", float(parts.sum()), "ohm", spread, method=names, flags=flags)]


def _by_time(fit: CircuitFit) -> list[Branch]:
    return sorted(branches(fit.circuit), key=lambda branch: branch.shape(fit.values)[1])


def _first_resistance(fit: CircuitFit) -> float:
    inner = {branch.resistor.label for branch in branches(fit.circuit)}
    return sum(
        float(fit.values[leaf.first])
        for leaf in fit.circuit.leaves
        if leaf.element.symbol == "R" and leaf.label not in inner
    )
