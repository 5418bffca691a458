"""Numbers as people read them."""

from __future__ import annotations

import math

__all__ = ["show_number", "show_power", "show_value"]

_MOST_PLACES = 6
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def show_number(value: float | None, digits: int = 4) -> str:
    """``value`` with ``digits`` significant digits, without trailing zeros.

    Very large and very small numbers are written with a power of ten ("1.36 × 10⁻¹⁰");
    what is missing or not finite is "–".

    >>> show_number(151.96), show_number(1.364e-10, 3)
    ('152', '1.36 × 10⁻¹⁰')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    mantissa_text, exponent_text = f"{value:.{digits - 1}e}".split("e")
    exponent = int(exponent_text)
    if -3 <= exponent < 6:
        plain = f"{float(f'{value:.{digits}g}'):.{max(digits - 1 - exponent, 0)}f}"
        return _minus(_trimmed(plain))
    mantissa = _trimmed(mantissa_text)
    return _minus(f"{mantissa} × 10") + str(exponent).translate(_RAISED)


def show_power(exponent: int) -> str:
    """A power of ten.

    >>> show_power(-9)
    '10⁻⁹'
    """
    return "10" + str(exponent).translate(_RAISED)


def show_value(value: float | None, uncertainty: float | None) -> str:
    """A number to the place of its uncertainty's second digit, and the uncertainty.

    >>> show_value(0.69413, 0.0224), show_value(3.14159, None)
    ('0.694 ± 0.022', '3.142')
    """
    if value is None or uncertainty is None or not uncertainty > 0 or not math.isfinite(value):
        return show_number(value)
    places = 1 - math.floor(math.log10(uncertainty))
    if not 0 <= places <= _MOST_PLACES:
        return f"{show_number(value)} ± {show_number(uncertainty, 2)}"
    return _minus(f"{value:.{places}f} ± {uncertainty:.{places}f}")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _minus(text: str) -> str:
    return text.replace("-", "−")
