"""Equivalent circuits written as a string: ``R0-p(R1,CPE1)-W2``.

A hyphen joins in series, ``p(...)`` in parallel, and both nest: ``R0-p(R1-Wo1,C1)`` is Randles'
circuit. An element is its symbol (:data:`solith.analysis.elements.ELEMENTS`) and a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis.elements import ELEMENTS, Element, Parameter
from solith.core.errors import InputError, UnknownNameError

__all__ = ["Circuit", "Leaf", "Node", "parse_circuit"]

Array = NDArray[np.float64]
Complex = NDArray[Any]


@dataclass(frozen=True)
class Leaf:
    """One element in a circuit; its parameters begin at ``first`` among the circuit's."""

    label: str
    element: Element
    first: int

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parameters: ``R1``, or ``CPE1_Q`` and ``CPE1_n``."""
        if len(self.element.parameters) == 1:
            return (self.label,)
        return tuple(f"{self.label}_{part.symbol}" for part in self.element.parameters)


@dataclass(frozen=True)
class Node:
    """``parts`` in series or in parallel."""

    parallel: bool
    parts: tuple[Node | Leaf, ...]


@dataclass(frozen=True)
class Circuit:
    """A circuit: its ``text``, its tree, and its elements in the order of the text."""

    text: str
    root: Node | Leaf
    leaves: tuple[Leaf, ...]

    @cached_property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of all parameters, in the order in which values are given."""
        return tuple(name for leaf in self.leaves for name in leaf.names)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Unit and limits of all parameters."""
        return tuple(part for leaf in self.leaves for part in leaf.element.parameters)

    def impedance(
        self, frequency: Sequence[float] | Array, values: Mapping[str, float] | Sequence[float]
    ) -> Complex:
        """The impedance [ohm] at each ``frequency`` [Hz].

        ``values`` are numbers in SI units by parameter name or in order. Raises
        :class:`InputError` for values that are missing or too many.
        """
        w = 2.0 * np.pi * np.asarray(frequency, dtype=float)
        return self.response(w, self._ordered(values))[0]

    def response(self, w: Array, values: Sequence[float] | Array) -> tuple[Complex, Complex]:
        """Impedance (points,) and its derivatives (parameters, points) at ``w`` [rad/s]."""
        slopes = np.empty((len(self.parameters), len(w)), dtype=complex)
        return _respond(self.root, w, values, slopes), slopes

    @cached_property
    def series_resistors(self) -> tuple[Leaf, ...]:
        """The resistors that stand alone at the outermost level."""
        root = self.root
        outermost = root.parts if isinstance(root, Node) and not root.parallel else (root,)
        return tuple(
            part for part in outermost if isinstance(part, Leaf) and part.element.symbol == "R"
        )

    def has(self, symbol: str) -> bool:
        """Whether an element of this symbol is in the circuit."""
        return any(leaf.element.symbol == symbol for leaf in self.leaves)

    def _ordered(self, values: Mapping[str, float] | Sequence[float]) -> list[float]:
        names = self.parameter_names
        if isinstance(values, Mapping):
            for name in values:
                if name not in names:
                    raise UnknownNameError.among("parameter", name, names)
            missing = [name for name in names if name not in values]
            if missing:
                raise InputError(f"{self.text}: no value for {', '.join(missing)}")
            return [float(values[name]) for name in names]
        if len(values) != len(names):
            raise InputError(
                f"{self.text} takes {len(names)} values ({', '.join(names)}), not {len(values)}"
            )
        return [float(value) for value in values]

    def __str__(self) -> str:
        return self.text


def parse_circuit(text: str) -> Circuit:
    """The circuit that ``text`` writes.

    Raises :class:`InputError` for a text that is no circuit (says where), an element that is
    not known and a label that occurs twice.
    """
    if not isinstance(text, str):
        raise InputError(f"{text!r} is not the text of a circuit such as 'R0-p(R1,CPE1)-W2'")
    return _parsed(re.sub(r"\s+", "", text))


@lru_cache(maxsize=512)
def _parsed(written: str) -> Circuit:
    if written.count("(") > _DEEPEST:
        raise InputError(f"a circuit may hold at most {_DEEPEST} parallel parts")
    root, end, leaves = _series(written, 0, [])
    if end != len(written):
        raise _unreadable(written, end, "'-' or the end")
    labels = [leaf.label for leaf in leaves]
    for label in labels:
        if labels.count(label) > 1:
            raise InputError(f"{label!r} occurs twice in the circuit {written!r}; number each")
    return Circuit(written, root, tuple(leaves))


_DEEPEST = 50
_LABEL = re.compile(r"([A-Za-z]+)(\d*)")


def _series(text: str, start: int, leaves: list[Leaf]) -> tuple[Node | Leaf, int, list[Leaf]]:
    part, end, leaves = _part(text, start, leaves)
    parts = [part]
    while text[end : end + 1] == "-":
        part, end, leaves = _part(text, end + 1, leaves)
        parts.append(part)
    return (parts[0] if len(parts) == 1 else Node(False, tuple(parts))), end, leaves


def _part(text: str, start: int, leaves: list[Leaf]) -> tuple[Node | Leaf, int, list[Leaf]]:
    if text.startswith("p(", start):
        return _parallel(text, start + 2, leaves)
    match = _LABEL.match(text, start)
    if match is None:
        raise _unreadable(text, start, "an element or p(")
    if match.group(1) not in ELEMENTS:
        raise UnknownNameError.among("element", match.group(1), ELEMENTS).inside(
            f"circuit {text!r}"
        )
    first = sum(len(leaf.element.parameters) for leaf in leaves)
    leaf = Leaf(match.group(0), ELEMENTS[match.group(1)], first)
    return leaf, match.end(), [*leaves, leaf]


def _parallel(text: str, start: int, leaves: list[Leaf]) -> tuple[Node, int, list[Leaf]]:
    part, end, leaves = _series(text, start, leaves)
    parts = [part]
    while text[end : end + 1] == ",":
        part, end, leaves = _series(text, end + 1, leaves)
        parts.append(part)
    if text[end : end + 1] != ")":
        raise _unreadable(text, end, "',' or ')'")
    if len(parts) == 1:
        raise _unreadable(text, end, "a second branch after ','")
    return Node(True, tuple(parts)), end + 1, leaves


def _unreadable(text: str, place: int, expected: str) -> InputError:
    found = repr(text[place : place + 8]) if place < len(text) else "the end"
    return InputError(
        f"the circuit {text!r} cannot be read: expected {expected} at character {place + 1}, "
        f"found {found}. Write it like 'R0-p(R1,CPE1)-W2'"
    )


def _respond(part: Node | Leaf, w: Array, values: Sequence[float] | Array, out: Complex) -> Complex:
    """The impedance of a part; the derivatives by its parameters go into their rows of ``out``."""
    if isinstance(part, Leaf):
        end = part.first + len(part.element.parameters)
        impedance, slopes = part.element.law(w, [float(v) for v in values[part.first : end]])
        for row, slope in zip(range(part.first, end), slopes, strict=True):
            out[row] = slope
        return impedance
    inner = [_respond(branch, w, values, out) for branch in part.parts]
    if not part.parallel:
        series: Complex = np.sum(inner, axis=0)
        return series
    whole: Complex = 1.0 / np.sum([1.0 / branch for branch in inner], axis=0)
    for branch, impedance in zip(part.parts, inner, strict=True):
        first, end = _rows(branch)
        out[first:end] *= (whole / impedance) ** 2
    return whole


def _rows(part: Node | Leaf) -> tuple[int, int]:
    if isinstance(part, Leaf):
        return part.first, part.first + len(part.element.parameters)
    return _rows(part.parts[0])[0], _rows(part.parts[-1])[1]
