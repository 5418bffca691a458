"""The quantities on offer, their SI units, and how printed values become them and are shown."""

from __future__ import annotations

from solith.core.constants import FARADAY
from solith.core.errors import UnitError, UnknownNameError
from solith.core.quantities import to_si

__all__ = ["SI_UNITS", "show", "show_span", "si_unit", "si_value"]

SI_UNITS = {
    "activation_energy": "J/mol",
    "band_gap": "J",
    "bulk_modulus": "Pa",
    "cost": "USD/kg",
    "density": "kg/m3",
    "electronic_conductivity": "S/m",
    "flexural_strength": "Pa",
    "fracture_toughness": "Pa m^0.5",
    "hardness": "Pa",
    "ionic_conductivity": "S/m",
    "lithium_diffusivity": "m2/s",
    "maximum_concentration": "mol/m3",
    "molar_mass": "kg/mol",
    "molar_volume": "m3/mol",
    "oxidation_potential": "V",
    "poisson_ratio": "",
    "potential_vs_lithium": "V",
    "reduction_potential": "V",
    "relative_permittivity": "",
    "shear_modulus": "Pa",
    "specific_capacity": "C/kg",
    "volume_change": "",
    "yield_strength": "Pa",
    "young_modulus": "Pa",
}
"""SI unit of every quantity that a row may hold; potentials are against lithium."""

_AVOGADRO = 6.02214076e23  # 1/mol, exact
_SMALL = 0.1
_GIGAPASCAL, _MEGAPASCAL = ("GPa", 1e-9), ("MPa", 1e-6)
_SHOWN_IN = {
    "activation_energy": ("eV", 1 / FARADAY),
    "band_gap": ("eV", _AVOGADRO / FARADAY),
    "bulk_modulus": _GIGAPASCAL,
    "density": ("g/cm3", 1e-3),
    "electronic_conductivity": ("S/cm", 1e-2),
    "flexural_strength": _MEGAPASCAL,
    "fracture_toughness": ("MPa m^0.5", 1e-6),
    "hardness": _GIGAPASCAL,
    "ionic_conductivity": ("S/cm", 1e-2),
    "lithium_diffusivity": ("cm2/s", 1e4),
    "molar_mass": ("g/mol", 1e3),
    "molar_volume": ("cm3/mol", 1e6),
    "shear_modulus": _GIGAPASCAL,
    "specific_capacity": ("mAh/g", 1 / 3600),
    "volume_change": ("%", 100.0),
    "yield_strength": _MEGAPASCAL,
    "young_modulus": _GIGAPASCAL,
}


def si_unit(quantity: str) -> str:
    """The SI unit of ``quantity``; :class:`UnknownNameError` if there is no such quantity."""
    if quantity not in SI_UNITS:
        raise UnknownNameError.among("quantity", quantity, SI_UNITS)
    return SI_UNITS[quantity]


def si_value(number: str | float, unit: str, quantity: str) -> float:
    """``number`` printed in ``unit`` as a number of SI units of ``quantity``.

    An activation energy printed in eV is one per particle and becomes one per mole; money is
    in USD/kg and nothing else.
    """
    wanted = si_unit(quantity)
    if unit == "eV" and wanted == "J/mol":
        return float(number) * FARADAY
    if wanted == "USD/kg":
        if unit != wanted:
            raise UnitError(f"'{number} {unit}' has the unit {unit!r}; a cost is in USD/kg")
        return float(number)
    return to_si(f"{number} {unit}".strip(), wanted)


def show(value: float, quantity: str, digits: int = 3) -> str:
    """``value``, in SI units of ``quantity``, in the unit that the field uses for it."""
    unit, factor = _shown_in(quantity)
    return f"{_figures(value * factor, digits)} {unit}".strip()


def show_span(low: float, high: float, quantity: str) -> str:
    """From ``low`` to ``high`` as :func:`show` has them."""
    unit, factor = _shown_in(quantity)
    return f"{_figures(low * factor, 3)} to {_figures(high * factor, 3)} {unit}".strip()


def _figures(number: float, digits: int) -> str:
    """Significant digits; what is below 0.1 with a power of ten ("1.31e-6")."""
    if number == 0 or abs(number) >= _SMALL:
        return f"{number:.{digits}g}"
    mantissa, power = f"{number:.{digits - 1}e}".split("e")
    return f"{float(mantissa):g}e{int(power)}"


def _shown_in(quantity: str) -> tuple[str, float]:
    return _SHOWN_IN.get(quantity, (si_unit(quantity), 1.0))
