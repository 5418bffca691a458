"""How fast lithium moves inside the particles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from solith.core.description import Description, Family, quantity
from solith.core.errors import InputError
from solith.core.quantities import to_si

__all__ = ["DIFFUSIVITY", "ConstantDiffusivity", "TabulatedDiffusivity"]

DIFFUSIVITY = Family("diffusivity")


@DIFFUSIVITY.register
@dataclass(frozen=True)
class ConstantDiffusivity(Description):
    """One chemical diffusivity ``value`` [m2/s] at all lithium fractions.

    ``activation_energy`` [J/mol] raises it with temperature.
    """

    law: ClassVar[str] = "constant"
    value: float = quantity("m2/s", above=0)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)


def _column(unit: str) -> Any:
    def convert(given: Any) -> tuple[float, ...]:
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise InputError(f"{given!r} is not a list")
        return tuple(to_si(item, unit) for item in given)

    def write(values: tuple[float, ...]) -> list[str | float]:
        return [f"{value!r} {unit}" if unit else value for value in values]

    return field(metadata={"convert": convert, "write": write})


@DIFFUSIVITY.register
@dataclass(frozen=True)
class TabulatedDiffusivity(Description):
    """Chemical diffusivity ``values`` [m2/s] at rising ``lithium_fractions``.

    Between the points its logarithm is interpolated linearly; outside them it stays at
    the end value.
    """

    law: ClassVar[str] = "table"
    lithium_fractions: tuple[float, ...] = _column("")
    values: tuple[float, ...] = _column("m2/s")
    activation_energy: float = quantity("J/mol", low=0, default=0.0)

    def check(self) -> None:
        if len(self.lithium_fractions) != len(self.values) or len(self.values) < 2:
            raise InputError(
                "lithium_fractions and values must be equally long, with at least 2 points"
            )
        pairs = zip(self.lithium_fractions, self.lithium_fractions[1:], strict=False)
        if any(later <= earlier for earlier, later in pairs):
            raise InputError("lithium_fractions must rise")
        if min(self.values) <= 0:
            raise InputError("values must be above 0 m2/s")
