"""Potentials of an electrode against lithium, written with or without their reference."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from solith.core.quantities import to_si

__all__ = ["against_lithium", "potential"]

_NAMES_REFERENCE = re.compile(r"\s+vs\.?\s", re.IGNORECASE)


def against_lithium(value: Any) -> float:
    """The potential [V vs Li] of "4.3 V vs Li", "3.8 V vs Li-In", "4.3 V" or a number."""
    if isinstance(value, str) and _NAMES_REFERENCE.search(value):
        from solith.cell.reference import read_potential

        return read_potential(value)
    return to_si(value, "V")


def potential(*, default: Any = dataclasses.MISSING) -> Any:
    """A field that holds a potential [V vs Li]; with ``default=None`` it may be left out."""

    def convert(value: Any) -> float | None:
        return None if value is None and default is None else against_lithium(value)

    def write(value: float) -> str:
        return f"{value!r} V"

    return dataclasses.field(
        default=default, metadata={"convert": convert, "write": write, "unit": "V"}
    )
