"""What a material costs, per mass or per area, and where that was read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from solith.core.description import Description, text
from solith.core.errors import InputError
from solith.core.quantities import to_si

__all__ = ["Price"]

_PRINTED = re.compile(r"\s*(\S+)\s+([A-Za-z]{3})\s*/\s*(\S+)\s*$")


@dataclass(frozen=True)
class Price(Description):
    """A price such as ``"20 USD/kg"`` or ``"10 USD/m2"``, with its source.

    The currency is a code of three letters and is not converted. A price per area is one of the
    layer's geometric area in each cell.
    """

    amount: str = text()
    source: str = text()

    def check(self) -> None:
        """Refuse what is no amount of money per mass or per area, or has no source."""
        if not self.source.strip():
            raise InputError("is empty; give a DOI, or say that it is assumed", where="source")
        if self.per_mass < 0 or self.per_area < 0:
            raise InputError(f"{self.amount!r} must be at least 0", where="amount")

    @property
    def currency(self) -> str:
        """The currency's code."""
        return self._parts()[1]

    @property
    def per_mass(self) -> float:
        """Currency per kg; 0 for a price per area."""
        number, _, unit = self._parts()
        return number / to_si(f"1 {unit}", "kg") if not self._of_area(unit) else 0.0

    @property
    def per_area(self) -> float:
        """Currency per m2; 0 for a price per mass."""
        number, _, unit = self._parts()
        return number / to_si(f"1 {unit}", "m2") if self._of_area(unit) else 0.0

    def _parts(self) -> tuple[float, str, str]:
        refused = InputError(
            f"{self.amount!r} is no price; expected one like '20 USD/kg' or '10 USD/m2'",
            where="amount",
        )
        found = _PRINTED.match(self.amount)
        if found is None:
            raise refused
        printed, currency, unit = found.groups()
        try:
            number = to_si(float(printed), "")
            if not self._of_area(unit):
                to_si(f"1 {unit}", "kg")
        except ValueError:
            raise refused from None
        return number, currency, unit

    @staticmethod
    def _of_area(unit: str) -> bool:
        try:
            to_si(f"1 {unit}", "m2")
        except InputError:
            return False
        return True
