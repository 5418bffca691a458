"""Quantities with units at the boundary, plain SI floats inside.

``to_si("38.7 uS/cm", "S/m")`` is ``0.00387``; ``in_unit(0.00387, "S/m", "uS/cm")``
goes back. Roots of units are written "MPa m^0.5", "MPa m^1/2" or "MPa sqrt(m)". A number without
a unit is taken as SI where the caller allows floats; a string without a unit is an error, because
its unit would have to be guessed.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from solith.core.errors import InputError, UnitError

if TYPE_CHECKING:
    import pint

__all__ = ["format_quantity", "in_unit", "no_unit_message", "split_quantity", "to_si"]

_NUMBER = re.compile(
    r"\s*([+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|nan\b|inf\b))\s*(.*?)\s*$",
    re.DOTALL | re.IGNORECASE,
)
_DECIMAL_COMMA = re.compile(r",\s*\d")
_ROOT = re.compile(r"(?:√\s*|\bsqrt\s*)(?:\(([^()]*)\)|([A-Za-zµμΩ]+))")
_FRACTION = re.compile(r"\*\*\s*\(?\s*(-?\d+)\s*/\s*([1-9]\d*)(?![\dA-Za-zµμΩ.])\s*\)?")
_BARE_POWER = re.compile(r"(?<=[A-Za-zµμΩ])(-?\d+)")


def to_si(value: Any, unit: str) -> float:
    """The number of SI units ``unit`` in ``value``.

    ``value`` is a string with a unit ("7.5 nm", "0.785 cm2", "25 degC"), a pint
    quantity, or a number that is already in ``unit``. ``unit`` is the SI unit that the
    caller works in ("m", "m2", "K", "S/m"; "" for a pure number).

    Raises :class:`UnitError` for a missing, unknown or wrong unit and
    :class:`InputError` for what is no finite number.
    """
    if isinstance(value, bool) or value is None:
        raise InputError(f"{value!r} is not a quantity; expected {_expected(unit)}")
    if isinstance(value, (int, float)):
        return _finite(float(value), value, unit)
    if isinstance(value, str):
        number, written_unit = split_quantity(value, unit)
        return _finite(_converted(number, written_unit, unit, value), value, unit)
    if hasattr(value, "magnitude") and hasattr(value, "units"):
        magnitude = float(value.magnitude)
        return _finite(_converted(magnitude, str(value.units), unit, str(value)), value, unit)
    if hasattr(value, "__float__") and not getattr(value, "shape", ()):
        return _finite(float(value), value, unit)
    raise InputError(f"{value!r} is not a quantity; expected {_expected(unit)}")


def in_unit(value: float, unit: str, wanted: str) -> float:
    """``value``, given in ``unit``, as a number of ``wanted`` units."""
    # A pure number may be wanted in per cent.
    return _converted(value, unit or "dimensionless", wanted, f"{value} {unit}".strip())


def format_quantity(value: float | None, unit: str, digits: int = 4) -> str:
    """``value`` and ``unit`` for a person, with ``digits`` significant digits."""
    if value is None or not math.isfinite(value):
        return "-"
    return f"{value:.{digits}g} {unit}".strip()


def split_quantity(text: str, unit: str = "") -> tuple[float, str]:
    """The number and the unit written in ``text``; ``unit`` only serves the message."""
    match = _NUMBER.match(text)
    if match is None:
        raise InputError(f"{text!r} does not begin with a number; expected {_expected(unit)}")
    return float(match.group(1)), match.group(2)


def no_unit_message(value: object, unit: str) -> str:
    """What is said of a quantity that lacks its unit."""
    return f"{value!r} has no unit; expected {_expected(unit)}"


_EXAMPLES = {
    "": "a pure number",
    "m": "a length such as '7.5 nm'",
    "m2": "an area such as '0.785 cm2'",
    "S/m": "a conductivity such as '38.7 uS/cm'",
    "Pa": "a pressure such as '50 MPa'",
    "K": "a temperature such as '298.15 K' or '25 degC'",
    "V": "a potential such as '3.8 V'",
    "A": "a current such as '130 uA'",
    "A/m2": "a current density such as '1.3 mA/cm2'",
    "ohm m2": "an area resistance such as '97 ohm cm2'",
    "F/m2": "an area capacitance such as '10 uF/cm2'",
    "s": "a time such as '2 h'",
    "m2/s": "a diffusivity such as '1e-10 cm2/s'",
    "mol/m3": "a concentration such as '35.4 mol/L'",
    "J/mol": "a molar energy such as '35 kJ/mol'",
    "Hz": "a frequency such as '1 MHz'",
    "1/m": "a surface per volume such as '1 1/um'",
}


def _expected(unit: str) -> str:
    return _EXAMPLES.get(unit, f"a quantity in a unit like {unit!r}")


def _finite(number: float, value: Any, unit: str) -> float:
    if not math.isfinite(number):
        raise InputError(f"{value!r} is not a finite number; expected {_expected(unit)}")
    return number


def _converted(number: float, written: str, wanted: str, shown: str) -> float:
    if not written:
        if not wanted:
            return number
        raise UnitError(no_unit_message(shown, wanted))
    if _DECIMAL_COMMA.match(written):
        raise UnitError(f"{shown!r} has a decimal comma; write a decimal point")
    factor, divisor, offset = _conversion(written, wanted, shown)
    return number * factor / divisor + offset


@lru_cache(maxsize=1024)
def _conversion(written: str, wanted: str, shown: str) -> tuple[float, float, float]:
    import pint

    registry = _registry()
    try:
        source = registry.Unit(_spelled_for_pint(written))
        target = registry.Unit(_spelled_for_pint(wanted))
        if wanted == "J/mol" and source.dimensionality == registry.Unit("eV").dimensionality:
            source = source / registry.Unit("particle")  # an energy in eV is one per particle
        zero = registry.Quantity(0.0, source).to(target).magnitude
        one = registry.Quantity(1.0, source).to(target).magnitude
    except pint.DimensionalityError:
        raise UnitError(
            f"{shown!r} has the unit {written!r}, of the wrong dimension; "
            f"expected {_expected(wanted)}"
        ) from None
    except (pint.UndefinedUnitError, pint.DefinitionSyntaxError, ValueError, TypeError, KeyError):
        raise UnitError(
            f"{shown!r}: the unit {written!r} is not known; expected {_expected(wanted)}"
        ) from None
    except Exception as error:  # pint's tokenizer raises what the text happens to trip
        raise UnitError(
            f"{shown!r}: the unit {written!r} cannot be read ({error}); "
            f"expected {_expected(wanted)}"
        ) from None
    slope = float(f"{one - zero:.14g}")  # drops the noise of chained prefixes
    # 7.5 / 1e9 is 7.5e-9 to the last digit, 7.5 * 1e-9 is not.
    return (slope, 1.0, zero) if slope >= 1 else (1.0, float(f"{1 / slope:.14g}"), zero)


def _spelled_for_pint(unit: str) -> str:
    text = unit.replace("%", "percent").replace("·", "*").replace("Ω", "ohm")
    text = text.replace("²", "**2").replace("³", "**3").replace("^", "**")
    text = _ROOT.sub(r" (\1\2)**0.5", text.replace("½", "**(1/2)"))
    text = _BARE_POWER.sub(r"**\1", text)
    return _FRACTION.sub(lambda m: f"**{int(m[1]) / int(m[2])!r}", text) or "dimensionless"


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[Any]:
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(on_redefinition="ignore")
    registry.define("ampere_hour = ampere * hour = Ah")
    return registry
