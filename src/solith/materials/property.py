"""One measured, derived or recalled value of one material."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["CERTAINTIES", "Conditions", "Property"]

CERTAINTIES = ("read", "derived", "recalled")
"""How a value is known: read in its source, derived from read values, or recalled only."""


@dataclass(frozen=True)
class Conditions:
    """Under which conditions a value holds; an empty text means that none was printed."""

    temperature: float | None = None
    """Temperature [K]; room temperature is taken as 298.15 K."""

    temperature_printed: str = ""
    """The temperature as printed in the source, for example ``"room temperature"``."""

    part: str = ""
    """For conductivities: ``"bulk"`` or ``"total"`` (with grain boundaries)."""

    form: str = ""
    """Pressed, sintered, film, crystal, theoretical, and how it was measured."""

    def __str__(self) -> str:
        return ", ".join(text for text in (self.temperature_printed, self.part, self.form) if text)


@dataclass(frozen=True)
class Property:
    """One row: a quantity of a material with its value in SI units and its provenance."""

    quantity: str
    """What it is, for example ``"ionic_conductivity"``."""

    value: float
    """Value in ``unit``."""

    unit: str
    """SI unit of ``value``, ``uncertainty``, ``low`` and ``high``; empty for pure numbers."""

    printed: str
    """Value and unit as printed in the source, for example ``"38.7 uS/cm"``."""

    source: str
    """DOI or full citation; begins with "recalled, no source read" for recalled values."""

    certainty: str
    """One of :data:`CERTAINTIES`."""

    uncertainty: float | None = None
    """Standard uncertainty, where the source prints one."""

    low: float | None = None
    """Lower end of the range that the source prints."""

    high: float | None = None
    """Upper end of the range that the source prints."""

    conditions: Conditions = field(default_factory=Conditions)
    """Temperature, part and form."""

    place: str = ""
    """Where in the source the value stands, or which copy of it was read."""

    note: str = ""
    """How a derived value was computed, and what else must be known to use it."""
