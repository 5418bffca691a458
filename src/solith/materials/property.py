"""One measured, derived or recalled value of one material."""

from __future__ import annotations

from dataclasses import dataclass, field

from solith.materials._dois import doi_in

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
    """Pressed, sintered, film, crystal, theoretical."""

    method: str = ""
    """How it was measured or computed."""

    pressure: float | None = None
    """Pressure of pressing or measuring [Pa], as ``form`` says."""

    pressure_printed: str = ""
    """The pressure as printed in the source, for example ``"360 MPa"``."""

    def __str__(self) -> str:
        told = (self.temperature_printed, self.part, self.form, self.pressure_printed, self.method)
        return ", ".join(text for text in told if text)


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
    """Where in the source the value stands."""

    note: str = ""
    """How a derived value was computed, and what else must be known to use it."""

    seen_in: str = ""
    """The compilation or parameter file that was read; empty if it was the source itself."""

    year: int | None = None
    """Year of publication where it was seen, else the year in the DOI (of the manuscript)."""

    bound: str = ""
    """``"upper"`` if the source prints "below this value" only; such a row is not counted."""

    material: str = ""
    """Name of the material's entry, or the formula in a table of the user's."""

    composition: str = ""
    """What was measured, where that is not the formula of the entry."""

    family: str = ""
    """Structural family of the material, for example ``"garnet"``."""

    @property
    def doi(self) -> str:
        """The DOI in ``source``; empty if it has none."""
        return doi_in(self.source)

    @property
    def counts(self) -> bool:
        """Whether it is a value from a source: neither recalled nor a bound."""
        return self.certainty != "recalled" and not self.bound
