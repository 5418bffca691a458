"""Potentials against a named reference electrode."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si
from solith.materials import find_material

__all__ = [
    "REFERENCES",
    "Potential",
    "potential_against_lithium",
    "read_potential",
    "read_voltage",
]

REFERENCES = {
    "Li": "Li",
    "Li+/Li": "Li",
    "Li/Li+": "Li",
    "Li-In": "In-Li",
    "In-Li": "In-Li",
    "LiIn": "In-Li",
    "In/InLi": "In-Li",
}
"""Reference electrodes by the name after "vs", with the material whose potential they have."""

_PATTERN = re.compile(r"^\s*(?P<value>.+?)\s+vs\.?\s+(?P<reference>\S.*?)\s*$", re.IGNORECASE)

_COUNTER = ("anode", "counter")


@dataclass(frozen=True)
class Potential:
    """A potential of the cathode vs Li+/Li [V], or, ``of_cell``, the cell's voltage [V]."""

    value: float
    of_cell: bool = False

    def in_cell(self, cell: Any) -> float:
        """The voltage of ``cell`` [V]."""
        return self.value if self.of_cell else float(cell.cell_potential(self.value))

    def against_lithium(self, cell: Any) -> float | None:
        """The cathode's potential vs Li+/Li [V], or ``None`` where the anode's varies."""
        if not self.of_cell:
            return self.value
        try:
            return self.value - float(cell.cell_potential(0.0))
        except InputError:
            return None


def read_voltage(text: str) -> Potential:
    """What ``text`` states: "3.8 V vs Li-In", or "4.1 V vs anode", the cell's own voltage."""
    match = _PATTERN.match(text) if isinstance(text, str) else None
    if match is not None and match["reference"].lower() in _COUNTER:
        return Potential(to_si(match["value"], "V"), of_cell=True)
    return Potential(read_potential(text))


def read_potential(text: str) -> float:
    """The potential against Li+/Li [V] that ``text`` states, e.g. "3.8 V vs Li-In"."""
    match = _PATTERN.match(text) if isinstance(text, str) else None
    if match is None:
        raise InputError(
            f"{text!r} names no reference; write a potential such as "
            f"'3.8 V vs Li-In' (references: {', '.join(REFERENCES)})"
        )
    return to_si(match["value"], "V") + potential_against_lithium(match["reference"])


def potential_against_lithium(reference: str) -> float:
    """Potential of a reference electrode against Li+/Li [V]."""
    for name, material in REFERENCES.items():
        if reference.lower() == name.lower():
            return (
                0.0 if material == "Li" else find_material(material).value("potential_vs_lithium")
            )
    raise UnknownNameError.among("reference electrode", reference, REFERENCES)
