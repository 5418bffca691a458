"""Arcs in series written as a circuit, and a circuit seen as arcs in series."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.arc_model import Arcs
from solith.analysis._impedance.circuit_fit import CircuitFit
from solith.analysis._impedance.spectrum import Spectrum
from solith.analysis.circuit import Circuit, Leaf, Node, parse_circuit

__all__ = [
    "Branch",
    "arcs_in",
    "branches",
    "circuit_of_arcs",
    "in_order",
    "start_of_arcs",
    "with_capacitors",
]

Array = NDArray[np.float64]

_SURE = 5e-3  # of an exponent
_DIFFUSION = ("W", "Wo", "Ws", "G")
_TAILS = {"W": "warburg", "CPE": "cpe", "C": "cpe"}


@dataclass(frozen=True)
class Branch:
    """A resistor with a capacitor or CPE across it, ``p(R,C)`` or ``p(R,CPE)``, in series."""

    resistor: Leaf
    across: Leaf

    def shape(self, values: Array) -> tuple[float, float, float]:
        """Its resistance [ohm], time constant [s] and exponent."""
        resistance, size = values[self.resistor.first], values[self.across.first]
        exponent = 1.0
        if self.across.element.symbol == "CPE":
            exponent = values[self.across.first + 1]
        return resistance, (resistance * size) ** (1.0 / exponent), exponent


def branches(circuit: Circuit) -> list[Branch]:
    """The arcs that stand in series at the outermost level of a circuit.

    Diffusion may lie in series with the resistor of an arc: ``p(R1-W1,CPE1)``.
    """
    return [
        branch for part in _series(circuit) if (branch := _branch(part, _DIFFUSION)) is not None
    ]


def arcs_in(circuit: Circuit) -> tuple[int, str] | None:
    """How many arcs and which tail a circuit is made of; ``None`` if it holds anything else."""
    arcs = resistors = coils = 0
    tail = "none"
    for part in _series(circuit):
        if _branch(part) is not None:
            arcs += 1
        elif isinstance(part, Leaf) and part.element.symbol == "R":
            resistors += 1
        elif isinstance(part, Leaf) and part.element.symbol == "L":
            coils += 1
        elif isinstance(part, Leaf) and part.element.symbol in _TAILS and tail == "none":
            tail = _TAILS[part.element.symbol]
        else:
            return None
    return (arcs, tail) if resistors <= 1 and coils <= 1 else None


def circuit_of_arcs(model: Arcs) -> Circuit:
    """The circuit of a model: ``L0-R0-p(R1,CPE1)-...-W3``."""
    parts = ["L0", "R0"] if model.inductance is not None else ["R0"]
    parts += [f"p(R{number},CPE{number})" for number in range(1, model.number + 1)]
    if model.tail is not None:
        parts.append(f"{'W' if model.warburg else 'CPE'}{model.number + 1}")
    return parse_circuit("-".join(parts))


def start_of_arcs(circuit: Circuit, model: Arcs, spectrum: Spectrum) -> Array:
    """The values of a circuit's parameters that a model of its arcs gives."""
    values = np.empty(len(circuit.parameters))
    arcs = iter(model.arcs)
    for part in _series(circuit):
        branch = _branch(part)
        if branch is not None:
            size, time, exponent = next(arcs)
            _put(values, branch.resistor, np.exp(size))
            _put_size(values, branch.across, exponent * time - size, exponent)
        elif isinstance(part, Leaf) and part.element.symbol == "R":
            _put(values, part, np.exp(model.resistance))
        elif isinstance(part, Leaf) and part.element.symbol == "L":
            small = 1e-3 * abs(spectrum.impedance[0]) / spectrum.angular_frequency[0]
            inductance = model.inductance
            _put(values, part, small if inductance is None else np.exp(inductance))
        elif isinstance(part, Leaf) and model.tail is not None:
            amplitude, exponent = model.tail
            if part.element.symbol == "W":
                # A (j w)^-1/2 is sigma (1 - j) w^-1/2 with A = sqrt(2) sigma
                _put(values, part, np.exp(amplitude) / np.sqrt(2.0))
            else:
                _put_size(values, part, -amplitude, exponent)
    low = np.array([parameter.lowest for parameter in circuit.parameters])
    high = np.array([parameter.highest for parameter in circuit.parameters])
    started: Array = np.clip(values, low, high)
    return started


def with_capacitors(fit: CircuitFit) -> tuple[Circuit, Array] | None:
    """The circuit with capacitors for the CPEs that are ones, and its start; else ``None``.

    A CPE is a capacitor if its exponent ended at 1 and is known to be there.
    """
    covariance = fit.covariance()
    if covariance is None:
        return None
    text, dropped = fit.circuit.text, []
    for leaf in fit.circuit.leaves:
        place = leaf.first + 1
        if leaf.element.symbol != "CPE" or fit.values[place] < 1.0 - _SURE:
            continue
        if covariance[place, place] < _SURE**2:
            text = re.sub(rf"\b{leaf.label}\b", f"C{leaf.label[3:]}", text)
            dropped.append(place)
    return (parse_circuit(text), np.delete(fit.values, dropped)) if dropped else None


def in_order(fit: CircuitFit) -> CircuitFit:
    """The fit with arcs of one kind put in order of rising time constant."""
    places = np.arange(len(fit.values))
    found = [branch for part in _series(fit.circuit) if (branch := _branch(part)) is not None]
    for symbol in ("C", "CPE"):
        same = [branch for branch in found if branch.across.element.symbol == symbol]
        if any(_held(fit, branch) for branch in same):
            continue
        order = sorted(range(len(same)), key=lambda n: same[n].shape(fit.values)[1])
        for target, source in enumerate(order):
            places[_places(same[target])] = _places(same[source])
    return fit if np.array_equal(places, np.arange(len(places))) else fit.permuted(places)


def _held(fit: CircuitFit, branch: Branch) -> bool:
    own = _places(branch)
    return bool(np.any(~fit.sought[own]))


def _places(branch: Branch) -> list[int]:
    across = range(branch.across.first, branch.across.first + len(branch.across.element.parameters))
    return [branch.resistor.first, *across]


def _series(circuit: Circuit) -> tuple[Node | Leaf, ...]:
    root = circuit.root
    return root.parts if isinstance(root, Node) and not root.parallel else (root,)


def _branch(part: Node | Leaf, beside: tuple[str, ...] = ()) -> Branch | None:
    """A part as an arc; elements of ``beside`` may be in series with its resistor."""
    if not isinstance(part, Node) or not part.parallel or len(part.parts) != 2:
        return None
    resistor = across = None
    for inner in part.parts:
        if isinstance(inner, Leaf) and inner.element.symbol in ("C", "CPE"):
            across = inner
        else:
            resistor = _only_resistor(inner, beside)
    return None if resistor is None or across is None else Branch(resistor, across)


def _only_resistor(part: Node | Leaf, beside: tuple[str, ...]) -> Leaf | None:
    leaves = part.parts if isinstance(part, Node) and not part.parallel else (part,)
    if not all(isinstance(leaf, Leaf) for leaf in leaves):
        return None
    resistors = [leaf for leaf in leaves if isinstance(leaf, Leaf) and leaf.element.symbol == "R"]
    others = [
        leaf
        for leaf in leaves
        if isinstance(leaf, Leaf) and leaf.element.symbol not in ("R", *beside)
    ]
    return resistors[0] if len(resistors) == 1 and not others else None


def _put(values: Array, leaf: Leaf, value: float) -> None:
    values[leaf.first] = value


def _put_size(values: Array, leaf: Leaf, logarithm: float, exponent: float) -> None:
    values[leaf.first] = np.exp(logarithm)
    if leaf.element.symbol == "CPE":
        values[leaf.first + 1] = exponent
