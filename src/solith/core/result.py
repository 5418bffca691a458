"""The result: what an analysis learned, as named values."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from solith.core.errors import StorageError, UnknownNameError
from solith.core.quantities import in_unit
from solith.core.table import html_table, text_table

__all__ = ["LOWER_BOUND", "UPPER_BOUND", "Result", "Value", "bounds_of"]

LOWER_BOUND, UPPER_BOUND = "lower bound", "upper bound"
"""Begin the flag of a value that the true one (its magnitude) lies above, or below."""


_FEWEST_DIGITS, _MOST_DIGITS = 4, 12
_ROUNDING = 1e-12
"""Of a value: below it a deviation is none, of numbers that are the same but for rounding."""


@dataclass(frozen=True)
class Value:
    """One number with what belongs to it.

    ``uncertainty`` is one standard uncertainty in ``unit``. ``area`` names the area a
    resistance, current density or diffusivity refers to (geometric, active or contact),
    or is empty. A value that could not be found is ``None`` and has a flag that says why.
    """

    quantity: str
    value: float | None
    unit: str = ""
    uncertainty: float | None = None
    area: str = ""
    method: str = ""
    source: str = ""
    flags: tuple[str, ...] = ()

    def to(self, unit: str) -> Value:
        """The same value in another unit."""
        scaled = None if self.value is None else in_unit(self.value, self.unit, unit)
        spread = self.uncertainty
        if spread is not None:
            spread = in_unit(spread, self.unit, unit) - in_unit(0.0, self.unit, unit)
        changes = {"value": scaled, "unit": unit, "uncertainty": spread}
        return Value(**{**self.__dict__, **changes})

    def __str__(self) -> str:
        return f"{self.quantity} = {self.shown} {self.unit}".rstrip()

    @property
    def spread(self) -> float | None:
        """The uncertainty, or None where there is none or no more than rounding."""
        spread = self.uncertainty
        if spread is None or spread <= _ROUNDING * abs(self.value or 0.0):
            return None
        return spread

    @property
    def shown(self) -> str:
        """The number for a person, with its uncertainty where it has one.

        Four digits, or as many as two digits of the uncertainty ask for.
        """
        if self.value is None or not math.isfinite(self.value):
            return "-"
        spread = self.spread
        if spread is None:
            return f"{self.value:.4g}"
        digits = _FEWEST_DIGITS
        if 0 < spread < abs(self.value):
            apart = math.floor(math.log10(abs(self.value))) - math.floor(math.log10(spread))
            digits = min(max(digits, apart + 2), _MOST_DIGITS)
        return f"{self.value:.{digits}g} ± {spread:.2g}"


@dataclass(frozen=True)
class Result:
    """Named values, printable as a table, as JSON and in a notebook."""

    name: str
    values: tuple[Value, ...]
    details: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, quantity: str) -> Value:
        for value in self.values:
            if value.quantity == quantity:
                return value
        names = [value.quantity for value in self.values]
        raise UnknownNameError.among("quantity", quantity, names)

    def __contains__(self, quantity: object) -> bool:
        return any(value.quantity == quantity for value in self.values)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __str__(self) -> str:
        return f"{self.name}\n{text_table(_HEADINGS, self._rows())}"

    def _repr_html_(self) -> str:
        return html_table(_HEADINGS, self._rows(), title=self.name)

    def to_json(self) -> str:
        """JSON from which :meth:`from_json` makes an equal result; not finite is null."""
        rows = [{**value.__dict__, "flags": list(value.flags)} for value in self.values]
        data = {"name": self.name, "values": rows, "details": dict(self.details)}
        return json.dumps(finite(data), indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Result:
        """The result written by :meth:`to_json`."""
        try:
            data = json.loads(text)
            values = tuple(Value(**{**row, "flags": tuple(row["flags"])}) for row in data["values"])
            return cls(data["name"], values, data["details"])
        except (ValueError, TypeError, KeyError) as error:
            raise StorageError(f"a result cannot be read: {error}") from None

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                value.quantity,
                value.shown,
                value.unit,
                value.area,
                "; ".join(value.flags),
            )
            for value in self.values
        ]


def bounds_of(value: Value) -> tuple[str, ...]:
    """:data:`LOWER_BOUND`, :data:`UPPER_BOUND`, both or none: what flags say that a value is."""
    return tuple(
        bound
        for bound in (LOWER_BOUND, UPPER_BOUND)
        if any(flag.startswith(bound) for flag in value.flags)
    )


_HEADINGS = ("quantity", "value", "unit", "area", "flags")


def finite(data: Any) -> Any:
    """``data`` with every float that is not finite replaced by ``None``."""
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {str(key): finite(item) for key, item in data.items()}
    if isinstance(data, (list, tuple)):
        return [finite(item) for item in data]
    return data
