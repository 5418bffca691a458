"""Units as people and instruments write them in the headings of a table."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from solith.core.quantities import in_unit

__all__ = ["PER_AREA", "STANDARD_UNITS", "WrittenUnit", "scale_to", "unit_of"]

PER_AREA = "A/m2"

STANDARD_UNITS = {
    "Hz": "hertz",
    "ohm": "ohm",
    "V": "volt",
    "A": "ampere",
    "s": "second",
    "Ah": "ah",
    "Wh": "wh",
    "W": "watt",
    "degC": "celsius",
    "Pa": "pa",
    "N": "newton",
    "deg": "degree",
    "F": "farad",
    "C": "coulomb",
    PER_AREA: "ampere_per_m2",
}
"""The units that columns are converted to, and the word that ends the column's name."""

_PREFIXES = {"": "", "p": "p", "n": "n", "u": "u", "\u03bc": "u", "m": "m", "k": "k", "K": "k"}
_LARGE = {"M": "M", "G": "G"}
_BASES = {
    "Hz": ("Hz", "Hz"),
    "ohm": ("ohm", "ohm"),
    "Ohm": ("ohm", "ohm"),
    "ohms": ("ohm", "ohm"),
    "Ohms": ("ohm", "ohm"),
    "OHM": ("ohm", "ohm"),
    "\u03a9": ("ohm", "ohm"),
    "\u03c9": ("ohm", "ohm"),
    "V": ("V", "V"),
    "A": ("A", "A"),
    "Ah": ("Ah", "Ah"),
    "A.h": ("Ah", "Ah"),
    "Wh": ("Wh", "Wh"),
    "W.h": ("Wh", "Wh"),
    "W": ("W", "W"),
    "Pa": ("Pa", "Pa"),
    "bar": ("bar", "Pa"),
    "N": ("N", "N"),
    "F": ("F", "F"),
    "C": ("C", "C"),
}
_WORDS = {
    "s": "s sec secs second seconds",
    "ms": "ms msec millisecond milliseconds",
    "min": "min mins minute minutes",
    "h": "h hr hrs hour hours",
    "day": "d day days",
    "Hz": "hz hertz",
    "kHz": "khz",
    "MHz": "megahertz",
    "ohm": "ohm ohms",
    "V": "v volt volts",
    "mV": "mv millivolt",
    "A": "a amp amps ampere amperes",
    "mA": "ma milliampere",
    "Ah": "ah amp-hr amp.h",
    "mAh": "mah",
    "Wh": "wh watt-hr",
    "mWh": "mwh",
    "W": "w watt watts",
    "degC": "degc celsius oc \u00b0c",
    "K": "kelvin",
    "Pa": "pa pascal",
    "MPa": "megapascal",
    "psi": "psi",
    "deg": "deg degree degrees \u00b0",
    "rad": "rad radian radians",
    "rad/s": "rad/s rads-1 rad.s-1 rads^-1",
    "N": "newton",
    "F": "farad",
    "C": "coulomb",
}
_DIMENSION = {
    "ms": "s",
    "min": "s",
    "h": "s",
    "day": "s",
    "kHz": "Hz",
    "MHz": "Hz",
    "mV": "V",
    "mA": "A",
    "mAh": "Ah",
    "mWh": "Wh",
    "K": "degC",
    "MPa": "Pa",
    "psi": "Pa",
    "rad": "deg",
    "rad/s": "Hz",
}
_REFERENCE = re.compile(r"\s+(?:vs\b|versus\b|against\b).*", re.IGNORECASE | re.DOTALL)
_CURRENT_DENSITY = re.compile(
    r"(?P<prefix>[pnu\u03bcmkM]?)A"
    r"(?:/(?P<over>[cm]?m)(?:\^|\*\*)?2|[.*\u00b7\u22c5]?(?P<to>[cm]?m)(?:\^|\*\*)?[-\u2212]2)"
)
_LONGEST = 60


@dataclass(frozen=True)
class WrittenUnit:
    """A unit as it is called in solith, and the standard unit of its dimension."""

    unit: str
    standard: str


@lru_cache(maxsize=4096)
def unit_of(text: str) -> WrittenUnit | None:
    """What a unit means: "uA", "kOhm", "V vs. Ref.", "deg C"; ``None`` for what is none.

    Capitals tell milli from mega where they are written as usual; a "C" is a coulomb here, a
    "K" a kelvin.
    """
    if len(text) > _LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", _REFERENCE.sub("", text.strip()))
    plain = plain.replace(" ", "").replace("\u00b5", "\u03bc")
    if plain in _SPELLED:
        return _SPELLED[plain]
    if density := _CURRENT_DENSITY.fullmatch(plain):
        prefix = (_PREFIXES | _LARGE)[density["prefix"]]
        return WrittenUnit(f"{prefix}A/{density['over'] or density['to']}2", PER_AREA)
    return _LOWER.get(plain.lower())


@lru_cache(maxsize=256)
def scale_to(unit: str, standard: str) -> tuple[float, float]:
    """Slope and offset that lead from values in ``unit`` to values in ``standard``."""
    if unit == standard:
        return 1.0, 0.0
    if unit == "rad/s":
        return 0.5 / math.pi, 0.0
    if unit == "rad":
        return 180.0 / math.pi, 0.0
    offset = in_unit(0.0, unit, standard)
    return in_unit(1.0, unit, standard) - offset, offset


def _spelled() -> dict[str, WrittenUnit]:
    table = {"K": WrittenUnit("K", "degC")}
    table |= dict.fromkeys(("1/s", "s-1", "s^-1"), WrittenUnit("Hz", "Hz"))
    for written, (unit, standard) in _BASES.items():
        for prefix, meant in (_PREFIXES | _LARGE).items():
            table[prefix + written] = WrittenUnit(meant + unit, standard)
    table["mO"] = WrittenUnit("mohm", "ohm")
    return table


def _lower() -> dict[str, WrittenUnit]:
    return {
        word: WrittenUnit(unit, _DIMENSION.get(unit, unit))
        for unit, words in _WORDS.items()
        for word in words.split()
    }


_SPELLED = _spelled()
_LOWER = _lower()
