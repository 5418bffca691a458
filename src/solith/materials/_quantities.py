"""The quantities on offer, their SI units, and the conversion of printed values."""

from __future__ import annotations

from solith.core.constants import FARADAY
from solith.core.errors import UnknownNameError
from solith.core.quantities import to_si

SI_UNITS = {
    "activation_energy": "J/mol",
    "band_gap": "J",
    "density": "kg/m3",
    "electronic_conductivity": "S/m",
    "hardness": "Pa",
    "ionic_conductivity": "S/m",
    "lithium_diffusivity": "m2/s",
    "maximum_concentration": "mol/m3",
    "molar_mass": "kg/mol",
    "molar_volume": "m3/mol",
    "poisson_ratio": "",
    "potential_vs_lithium": "V",
    "relative_permittivity": "",
    "specific_capacity": "C/kg",
    "volume_change": "",
    "yield_strength": "Pa",
    "young_modulus": "Pa",
}
"""SI unit of every quantity that a row may hold."""


def si_unit(quantity: str) -> str:
    """The SI unit of ``quantity``; :class:`UnknownNameError` if there is no such quantity."""
    if quantity not in SI_UNITS:
        raise UnknownNameError.among("quantity", quantity, SI_UNITS)
    return SI_UNITS[quantity]


def si_value(number: str | float, unit: str, quantity: str) -> float:
    """``number`` printed in ``unit`` as a number of SI units of ``quantity``.

    An activation energy printed in eV is one per particle and becomes one per mole.
    """
    wanted = si_unit(quantity)
    if unit == "eV" and wanted == "J/mol":
        return float(number) * FARADAY
    return to_si(f"{number} {unit}".strip(), wanted)
