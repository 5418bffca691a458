"""What BioLogic calls its columns, and the variables that they become.

A heading is a label and a unit after a slash (``-Im(Z)/Ohm``); binary and text files share
them. Headings and their meaning: column lists of EC-Lab's text exports and of the public
readers galvani 0.5.0 and yadg 7.0.1 (facts only).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from numpy.typing import NDArray

__all__ = ["Columns", "Quantity", "is_known", "quantity_of", "translated"]

Columns = Sequence[tuple[str, NDArray[Any]]]
"""The columns of a file in their order, each with its heading."""


@dataclass(frozen=True)
class Quantity:
    """The variable that a column becomes: its values x ``times`` / ``over`` + ``plus``.

    ``unit`` is given where the name does not end in one; ``change`` says what was done to
    the values ("mA to A"), ``known`` whether the unit is one that this module knows.
    """

    name: str
    unit: str = ""
    times: float = 1.0
    over: float = 1.0
    plus: float = 0.0
    change: str = ""
    known: bool = True

    def converted(self, values: NDArray[Any]) -> NDArray[Any]:
        """The column in the unit of the variable; what is no number stays."""
        if values.dtype.kind not in "fiub":
            return values
        if self.times == self.over == 1.0 and not self.plus:
            return values.astype(float) if values.dtype.kind == "f" else values
        return values.astype(float) * self.times / self.over + self.plus


@lru_cache(maxsize=1024)
def quantity_of(heading: str) -> Quantity:
    """What a heading means; a label that is not known becomes its own words in snake case."""
    heading = _plain(heading)
    label, unit = _split(heading)
    base, sign = _base(label)
    if unit is None:
        raw = heading.rpartition("/")[2].strip() if "/" in heading and label not in _LABELS else ""
        name = base if label in _LABELS else _snake(heading)
        return Quantity(name, unit=raw, known=not raw)
    word, times, over, given = _UNITS[unit]
    plus = _OFFSETS.get(unit, 0.0)
    changes = [f"{unit} to {_SHOWN.get(word, given)}"] if times != over or plus else []
    changes += ["sign turned"] if sign < 0 else []
    return Quantity(f"{base}_{word}", given, sign * times, over, plus, ", ".join(changes))


def is_known(heading: str) -> bool:
    """Whether a heading is one of BioLogic's own, label and unit."""
    heading = _plain(heading)
    label, unit = _split(heading)
    return (label in _LABELS or bool(_PART.fullmatch(label))) and (unit is None) == (label in _BARE)


def translated(
    columns: Columns,
) -> tuple[dict[str, NDArray[Any]], dict[str, str], list[str]]:
    """The variables of a file, the units that their names do not end in, and notes."""
    values: dict[str, NDArray[Any]] = {}
    units: dict[str, str] = {}
    changed: dict[str, list[str]] = {}
    notes: list[str] = []
    seen: Counter[str] = Counter()
    for heading, column in columns:
        quantity = quantity_of(heading)
        seen[quantity.name] += 1
        name = quantity.name
        while name in values:
            name = f"further_{seen[quantity.name] - 1}_{name}"
        values[name] = quantity.converted(column)
        if quantity.unit:
            units[name] = quantity.unit
        if quantity.change:
            changed.setdefault(quantity.change, []).append(heading)
        if name != quantity.name:
            notes.append(f"a further column {heading!r} is kept as {name}")
        if not quantity.known:
            notes.append(f"{heading!r} is kept in its own unit as {name}")
    notes += [f"converted, {change}: {', '.join(headings)}" for change, headings in changed.items()]
    return values, units, notes


_BARE = {
    "control/V/mA": "control",
    "cycle number": "cycle_count",
    "half cycle": "half_cycle_count",
    "z cycle": "z_cycle_count",
    "Ns": "step_index",
    "I Range": "current_range_code",
    "mode": "control_mode",
    "ox/red": "oxidation_flag",
    "error": "error_flag",
    "control changes": "control_change_flag",
    "Ns changes": "step_change_flag",
    "counter inc.": "counter_increment_flag",
    "Acir/Dcir Control": "resistance_control_code",
}
"""Columns without a unit, and the variables that they become."""

_LABELS = {
    **_BARE,
    "time": "test_time",
    "step time": "step_time",
    "Ewe": "voltage",
    "<Ewe>": "mean_voltage",
    "Ece": "counter_electrode_voltage",
    "<Ece>": "mean_counter_electrode_voltage",
    "Ewe-Ece": "cell_voltage",
    "<Ewe-Ece>": "mean_cell_voltage",
    "Ecell": "cell_voltage",
    "<Ecell>": "mean_cell_voltage",
    "<Ecv>": "mean_compliance_voltage",
    "I": "current",
    "<I>": "mean_current",
    "control": "control",
    "freq": "frequency",
    "Phase(Z)": "phase",
    "|Z|": "absolute_impedance",
    "|Ewe|": "voltage_amplitude",
    "|Ece|": "counter_electrode_voltage_amplitude",
    "|I|": "current_amplitude",
    "Cs": "series_capacitance",
    "Cp": "parallel_capacitance",
    "Cs-2": "series_capacitance",
    "Cp-2": "parallel_capacitance",
    "Q charge": "charging_capacity",
    "Q discharge": "discharging_capacity",
    "Q charge/discharge": "charge_discharge_capacity",
    "Capacity": "half_cycle_capacity",
    "(Q-Qo)": "net_capacity",
    "dq": "charge_increment",
    "dQ": "step_capacity",
    "Energy charge": "charging_energy",
    "Energy discharge": "discharging_energy",
    "|Energy|": "absolute_energy",
    "P": "power",
    "Pwe": "power",
    "R": "resistance",
    "Rwe": "resistance",
    "Temperature": "temperature",
    "Pressure": "pressure",
    "Force": "force",
    "Analog IN 1": "analog_in_1",
    "Analog IN 2": "analog_in_2",
    "Analog OUT": "analog_out",
}

_PART = re.compile(r"(Re|-?Im|Phase)\(([ZY])([\w-]*)\)|\|([ZY])([\w-]*)\|")
_PARTS = {"Re": "real", "-Im": "imaginary", "Im": "imaginary", "Phase": "phase_of"}
_BODIES = {"Z": "impedance", "Y": "admittance"}

_UNITS: dict[str, tuple[str, float, float, str]] = {
    "s": ("second", 1, 1, ""),
    "min": ("second", 60, 1, ""),
    "h": ("second", 3600, 1, ""),
    "V": ("volt", 1, 1, ""),
    "mV": ("volt", 1, 1e3, ""),
    "A": ("ampere", 1, 1, ""),
    "mA": ("ampere", 1, 1e3, ""),
    "μA": ("ampere", 1, 1e6, ""),
    "Hz": ("hertz", 1, 1, ""),
    "Ohm": ("ohm", 1, 1, ""),
    "Ohm-1": ("siemens", 1, 1, "S"),
    "deg": ("degree", 1, 1, ""),
    "A.h": ("ah", 1, 1, ""),
    "mA.h": ("ah", 1, 1e3, ""),
    "C": ("coulomb", 1, 1, ""),
    "W": ("watt", 1, 1, ""),
    "W.h": ("wh", 1, 1, ""),
    "mA.h/g": ("per_gram", 1, 1, "mAh/g"),
    "F": ("farad", 1, 1, ""),
    "μF": ("farad", 1, 1e6, ""),
    "nF": ("farad", 1, 1e9, ""),
    "μF-2": ("to_minus_2", 1e12, 1, "1/F**2"),
    "%": ("percent", 1, 1, "%"),
    "°C": ("celsius", 1, 1, ""),
    "K": ("celsius", 1, 1, ""),
    "bar": ("pa", 1e5, 1, ""),
    "mbar": ("pa", 1e2, 1, ""),
    "kPa": ("pa", 1e3, 1, ""),
    "MPa": ("pa", 1e6, 1, ""),
    "Pa": ("pa", 1, 1, ""),
    "N": ("newton", 1, 1, ""),
    "kN": ("newton", 1e3, 1, ""),
}
"""Unit in a heading: how the variable's name ends, its values' factor and divisor, its unit."""

_OFFSETS = {"K": -273.15}
"""What is added to values in a unit whose zero is elsewhere."""

_LONGEST_FIRST = sorted(_UNITS, key=len, reverse=True)

_SHOWN = {
    "second": "s",
    "volt": "V",
    "ampere": "A",
    "ah": "Ah",
    "farad": "F",
    "pa": "Pa",
    "celsius": "degC",
    "newton": "N",
}


def _plain(heading: str) -> str:
    """One way to write a micro sign, and the unit outside the brackets."""
    heading = unicodedata.normalize("NFKC", heading).strip()
    return re.sub(r"^<([^/<>]+)/([^/<>]+)>$", r"<\1>/\2", heading)


def _split(heading: str) -> tuple[str, str | None]:
    if heading in _LABELS:
        return heading, None
    for unit in _LONGEST_FIRST:
        label, slash, rest = heading.rpartition(f"/{unit}")
        if slash and not rest and label.strip():
            return label.strip(), unit
        label, slash, rest = heading.rpartition(f"/ {unit}")
        if slash and not rest and label.strip():
            return label.strip(), unit
    return heading, None


def _base(label: str) -> tuple[str, float]:
    """The name without its unit, and -1 where the values have to be turned."""
    if label in _LABELS:
        return _LABELS[label], 1.0
    if part := _PART.fullmatch(label):
        which, body, where, absolute, of = part.groups()
        kind = _PARTS[which] if which else "absolute"
        end = _snake(where if which else of) if (where or of) else ""
        name = "_".join(filter(None, (kind, _BODIES[body or absolute], end)))
        return name, -1.0 if which == "-Im" else 1.0
    mean = re.fullmatch(r"<(.+)>", label)
    size = re.fullmatch(r"\|(.+)\|", label)
    if mean:
        return f"mean_{_snake(mean[1])}", 1.0
    return (f"absolute_{_snake(size[1])}" if size else _snake(label)), 1.0


def _snake(text: str) -> str:
    name = re.sub(r"\W+", "_", text).strip("_").lower() or "column"
    return f"{name}_number" if name == "row" else name
