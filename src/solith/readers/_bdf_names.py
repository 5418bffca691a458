"""Names of columns in the Battery Data Format: a label, a machine name, a unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import UnitError
from solith.core.quantities import in_unit
from solith.core.record import unit_of_variable

__all__ = ["Column", "column_of", "label_of"]

_WORDS = {
    "s": "second",
    "V": "volt",
    "A": "ampere",
    "Hz": "hertz",
    "ohm": "ohm",
    "Ah": "ah",
    "Wh": "wh",
    "W": "watt",
    "Pa": "pa",
    "degC": "celsius",
}
"""The word that ends the machine name of a quantity in the format's unit for it."""


_SPELLINGS = {"Ohm": "ohm", "Cel": "degC"}
_SENSOR = re.compile(r"surface_(temperature_t\d+_celsius)")
"""The label "Surface Temperature T1 / degC" stands for ``temperature_t1_celsius``."""


@dataclass(frozen=True)
class Column:
    """One column: its ``heading`` in the file, its machine ``name`` and the name's unit.

    A value in the file times ``slope`` plus ``offset`` is in that unit.
    """

    heading: str
    name: str
    unit: str
    slope: float = 1.0
    offset: float = 0.0

    def converted(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values in the unit of the name."""
        if self.slope == 1.0 and self.offset == 0.0:
            return values
        with np.errstate(over="ignore"):
            return values * self.slope + self.offset


@lru_cache(maxsize=1024)
def column_of(heading: str) -> Column:
    """What a heading means: a label with its unit after a slash, or a machine name."""
    heading = heading.strip()
    label, slash, unit = (part.strip() for part in heading.rpartition(" / "))
    if not slash:
        name = _official(_snake(heading))
        if name.endswith("_millisecond"):
            return Column(heading, f"{name.removesuffix('millisecond')}second", "s", 1e-3)
        return Column(heading, name, unit_of_variable(name))
    if unit == "1":
        return Column(heading, _snake(label), "")
    if unit == "deg":
        return Column(heading, f"{_snake(label)}_degree", "deg")
    for standard, word in _WORDS.items():
        try:
            offset = in_unit(0.0, _SPELLINGS.get(unit, unit), standard)
            slope = in_unit(1.0, _SPELLINGS.get(unit, unit), standard) - offset
        except UnitError:
            continue
        name = _official(f"{_snake(label)}_{word}")
        return Column(heading, name, standard, slope, offset)
    return Column(heading, _snake(f"{label} {unit}"), unit)


def label_of(name: str) -> str:
    """The label that stands for a machine name."""
    words, _, last = name.rpartition("_")
    for unit, word in _WORDS.items():
        if last == word:
            return f"{words.replace('_', ' ').title()} / {unit}"
    return f"{name.replace('_', ' ').title()} / 1"


def _official(name: str) -> str:
    sensor = _SENSOR.fullmatch(name)
    return sensor[1] if sensor else name


def _snake(text: str) -> str:
    return re.sub(r"\W+", "_", text.strip()).strip("_").lower()
