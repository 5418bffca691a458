"""A material: its rows of properties and, for electrodes, its open-circuit potential."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solith.core.constants import GAS_CONSTANT
from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import format_quantity
from solith.core.table import html_table, text_table
from solith.materials.measurements import Measurements
from solith.materials.open_circuit_potential import OpenCircuitPotential
from solith.materials.property import Property

__all__ = ["Material"]

_HEADINGS = ("quantity", "printed", "SI", "conditions", "certainty", "source")
_SAME_TEMPERATURE = 1e-6  # K


@dataclass(frozen=True, repr=False)
class Material:
    """Curated facts about one material.

    ``kind`` is "active material", "electrolyte", "coating", "anode", "collector", "polymer" or
    "additive", ``family`` the structural one, for example "garnet". Several rows may hold the
    same quantity, one a measurement; the first one is the preferred one, which cells use.
    """

    name: str
    formula: str
    kind: str
    aliases: tuple[str, ...]
    properties: tuple[Property, ...]
    open_circuit_potential: OpenCircuitPotential | None = None
    family: str = ""

    def value(self, quantity: str) -> float:
        """The preferred value of ``quantity`` in SI units.

        Raises :class:`UnknownNameError` listing the quantities on offer.
        """
        return self.property(quantity).value

    def property(self, quantity: str) -> Property:
        """The preferred row of ``quantity``; raises like :meth:`value`."""
        return self.rows(quantity)[0]

    def rows(self, quantity: str) -> tuple[Property, ...]:
        """All rows of ``quantity``, the preferred one first; raises like :meth:`value`."""
        found = tuple(row for row in self.properties if row.quantity == quantity)
        if not found:
            raise UnknownNameError.among(f"quantity of {self.name}", quantity, self.quantities())
        return found

    def measurements(self, quantity: str) -> Measurements:
        """All rows of ``quantity`` with their spread, and which of them cells use.

        Raises like :meth:`value`.
        """
        return Measurements(quantity, self.rows(quantity))

    def quantities(self) -> tuple[str, ...]:
        """The quantities on offer, in the order of the table."""
        return tuple(dict.fromkeys(row.quantity for row in self.properties))

    def ionic_conductivity(self, temperature: float) -> float:
        """Ionic conductivity [S/m] at ``temperature`` [K], by Arrhenius' law.

        sigma(T) = sigma_ref exp(-E_a/R (1/T - 1/T_ref)), the plain convention: sigma
        itself, not sigma T, has the exponential. sigma_ref and T_ref are those of the
        preferred conductivity row, E_a is the preferred activation energy. At T_ref no
        activation energy is needed.

        Raises :class:`InputError` if the temperature is not positive, if no temperature is
        known for the conductivity, or if the activation energy is missing.
        """
        if not (math.isfinite(temperature) and temperature > 0):
            raise InputError(f"the temperature must be positive, in K; got {temperature:g}")
        reference = self.property("ionic_conductivity")
        known_at = reference.conditions.temperature
        if known_at is None:
            raise InputError(
                f"the ionic conductivity of {self.name} ({reference.printed}) has no temperature"
            )
        if abs(temperature - known_at) < _SAME_TEMPERATURE:
            return reference.value
        if "activation_energy" not in self.quantities():
            raise InputError(
                f"{self.name} has no activation energy: its ionic conductivity is known at "
                f"{known_at:.2f} K only, not at {temperature:.2f} K"
            )
        exponent = -self.value("activation_energy") / GAS_CONSTANT
        return reference.value * math.exp(exponent * (1.0 / temperature - 1.0 / known_at))

    def __repr__(self) -> str:
        return f"Material({self.name!r}, {self.kind}, {len(self.properties)} rows)"

    def __str__(self) -> str:
        lines = [f"{self.name}  {self.formula}  ({self._class()})"]
        if self.aliases:
            lines.append(f"also: {', '.join(self.aliases)}")
        references = [_reference(row) for row in self.properties]
        listed = list(dict.fromkeys(references))
        numbers = [f"[{listed.index(reference) + 1}]" for reference in references]
        lines.append(text_table(_HEADINGS, self._cells(numbers)))
        lines += [f"[{number}] {reference}" for number, reference in enumerate(listed, start=1)]
        lines += [f"note on {r.quantity} {r.printed}: {r.note}" for r in self.properties if r.note]
        lines += self._spreads()
        if self.open_circuit_potential is not None:
            lines += _curve_lines(self.open_circuit_potential)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        title = f"{self.name}, {self.formula} ({self._class()})"
        table = html_table(
            _HEADINGS, self._cells([_cited(r) for r in self.properties]), title=title
        )
        if self.open_circuit_potential is None:
            return table
        lines = [(line,) for line in _curve_lines(self.open_circuit_potential)]
        return table + html_table(("open-circuit potential",), lines)

    def _class(self) -> str:
        return f"{self.kind}, {self.family}" if self.family else self.kind

    def _spreads(self) -> list[str]:
        """A line for every quantity of which there is more than one measurement."""
        several = (self.measurements(quantity) for quantity in self.quantities())
        return [f"{found.quantity}: {found.summary()}" for found in several if len(found) > 1]

    def _cells(self, references: list[str]) -> list[tuple[str, ...]]:
        return [
            (
                row.quantity,
                row.printed,
                format_quantity(row.value, row.unit),
                ", ".join(text for text in (row.composition, str(row.conditions)) if text),
                row.certainty,
                reference,
            )
            for row, reference in zip(self.properties, references, strict=True)
        ]


def _cited(row: Property) -> str:
    return "; ".join(text for text in (_reference(row), row.place, row.note) if text)


def _reference(row: Property) -> str:
    return f"{row.source}, seen in: {row.seen_in}" if row.seen_in else row.source


def _curve_lines(curve: OpenCircuitPotential) -> list[str]:
    lowest, highest = curve.potential_range()
    span = f"{highest:.3f} V at x = {curve.extended_low:.3f} to {lowest:.3f} V vs Li at x"
    covered = f"x = {curve.valid_low:.3f} to {curve.valid_high:.3f}"
    lines = [
        f"open-circuit potential: {span} = {curve.extended_high:.3f}",
        f"source ({curve.certainty}), {covered}: {curve.source}",
    ]
    if curve.is_extended:
        lines.append(f"beyond the source (derived): {curve.extension}")
    return [*lines, f"note: {curve.note}"] if curve.note else lines
