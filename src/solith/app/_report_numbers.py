"""Numbers, units and names as they stand in a report."""

from __future__ import annotations

from typing import Any

from solith.core.errors import InputError
from solith.core.quantities import in_unit, split_quantity
from solith.figures import show_number

__all__ = ["show_deviation", "show_input", "show_name", "show_unit"]

_DIGITS = 6  # of an input, which somebody wrote down and wants to find again

# The units that people use for an SI unit, the first that leaves the number above one
# (or else the last) is taken.
_FOR_PEOPLE: dict[str, tuple[str, ...]] = {
    "m": ("m", "cm", "mm", "um", "nm"),
    "m2": ("cm2",),
    "S/m": ("S/cm", "mS/cm", "uS/cm", "nS/cm", "pS/cm"),
    "Pa": ("GPa", "MPa", "kPa", "Pa"),
    "ohm m2": ("ohm cm2",),
    "F/m2": ("F/cm2", "mF/cm2", "uF/cm2", "nF/cm2"),
    "F": ("F", "mF", "uF", "nF", "pF"),
    "A": ("A", "mA", "uA", "nA"),
    "A/m2": ("mA/cm2", "uA/cm2"),
    "s": ("h", "min", "s", "ms"),
    "m2/s": ("cm2/s",),
    "m3": ("cm3",),
    "mol/m3": ("mol/L",),
    "J/mol": ("kJ/mol",),
    "1/m": ("1/um",),
    "kg": ("g", "mg", "ug"),
    "kg/m2": ("mg/cm2",),
    "kg/m3": ("g/cm3",),
}


def show_input(value: Any) -> str:
    """A value of a description for a person: "7.5e-09 m" becomes "7.5 nm"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return show_number(float(value), _DIGITS)
    if isinstance(value, (list, tuple)):
        if len(value) <= 6:
            return ", ".join(show_input(item) for item in value)
        return f"{len(value)} values, {show_input(value[0])} to {show_input(value[-1])}"
    return _show_text(str(value))


def show_unit(unit: str, area: str = "") -> str:
    """A unit in the spelling of journals, with the area that it refers to."""
    shown = unit.replace("ohm", "Ω").replace("degC", "°C")
    for plain, pretty in (("m2", "m²"), ("m3", "m³")):
        shown = shown.replace(plain, pretty)
    parts = shown.split("/")
    parts = [f"µ{part[1:]}" if part[:1] == "u" and len(part) > 1 else part for part in parts]
    shown = "/".join(parts)
    return f"{shown} ({_area(area)})" if area else shown


def show_deviation(computed: float | None, published: float | None, unit: str = "") -> str:
    """How far a computed value lies from the published one, with its sign."""
    if computed is None or published is None:
        return "–"
    difference = computed - published
    if published == 0 or unit == "eV":
        return f"{_signed(difference)} {show_unit(unit)}".strip()
    return f"{_signed(100 * difference / abs(published))} %"


def show_name(name: str) -> str:
    """The name of a quantity or field as words."""
    return {"one_c": "current density at 1 C"}.get(name, name.replace("_", " "))


def _show_text(text: str) -> str:
    try:
        number, unit = split_quantity(text)
    except InputError:
        return text
    if not unit:
        return show_number(number, _DIGITS)
    if unit not in _FOR_PEOPLE:
        return f"{show_number(number, _DIGITS)} {show_unit(unit)}"
    scaled = [(in_unit(number, unit, wanted), wanted) for wanted in _FOR_PEOPLE[unit]]
    best = next((pair for pair in scaled if abs(pair[0]) >= 0.9999), scaled[-1])
    if number == 0:
        best = scaled[0]
    return f"{show_number(best[0], _DIGITS)} {show_unit(best[1])}"


def _area(area: str) -> str:
    return "whole cell" if area == "cell" else f"{area} area"


def _signed(number: float) -> str:
    shown = show_number(number, 3)
    return f"+{shown}" if number > 0 else shown
