"""Numbers as people read them."""

from __future__ import annotations

import math

__all__ = ["show_number"]

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


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _minus(text: str) -> str:
    return text.replace("-", "−")
