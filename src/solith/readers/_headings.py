"""What a heading of a table means: the machine name of its quantity, its unit, its sign."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from solith.readers._heading_units import (
    PER_AREA,
    STANDARD_UNITS,
    WrittenUnit,
    scale_to,
    unit_of,
)

__all__ = [
    "CORE",
    "CURRENT_DENSITY",
    "EXAMPLES",
    "Heading",
    "heading_of",
    "is_core",
    "named",
    "plain_name",
]

CURRENT_DENSITY = f"current_density_{STANDARD_UNITS[PER_AREA]}"
"""The quantity that is a current only with an area, which no table has."""

_QUANTITIES: dict[str, tuple[str, str]] = {
    "frequency_hertz": (
        "Hz",
        "frequency freq f frequenz fr\u00e9quence omega \u03c9 angularfrequency \u9891\u7387",
    ),
    "real_impedance_ohm": (
        "ohm",
        "z' zre zreal re(z) rez real(z) realz realimpedance impedancereal zr z're z'(a) zs' re "
        "real z'real zprime realpartofz realpart realteil wirkwiderstand",
    ),
    "imaginary_impedance_ohm": (
        "ohm",
        "z'' zim zimag zimg im(z) imz imag(z) imagz imaginaryimpedance impedanceimag "
        "impedanceimaginary zi z''(b) zs'' im imag imaginary z''imag zimaginary "
        "zdoubleprime zprimeprime imaginarypart imagimpedance imagin\u00e4rteil "
        "imaginaerteil blindwiderstand",
    ),
    "absolute_impedance_ohm": (
        "ohm",
        "|z| mod zmod modz mod(z) zmodulus modulus magnitude zmag |z|(a) abs(z) absz "
        "absoluteimpedance impedancemodulus impedancemagnitude zabs z impedance",
    ),
    "phase_degree": (
        "deg",
        "phase phasez zphz phase(z) phaseangle zphase theta \u03b8 \u03c6 \u03d5 phi arg(z) argz "
        "phaseofz angle phasenwinkel zphi phaseofimpedance phasedeg",
    ),
    "test_time_second": (
        "s",
        "testtime totaltime elapsedtime timeelapsed cumulativetime runtime experimenttime "
        "testzeit time t zeit correctedtime temps \u65f6\u95f4",
    ),
    "step_time_second": ("s", "steptime stepelapsedtime schrittzeit"),
    "voltage_volt": (
        "V",
        "voltage ecell cellvoltage v e u ewe volts volt potential cellpotential spannung "
        "we(1)potential terminalvoltage cellv vf measuredvoltage workingelectrodepotential "
        "tension \u7535\u538b potentialapplied",
    ),
    "current_ampere": (
        "A",
        "current i amps ampere amperes amp cellcurrent strom we(1)current im measuredcurrent "
        "courant \u7535\u6d41",
    ),
    CURRENT_DENSITY: (PER_AREA, "currentdensity stromdichte j current i strom amperes"),
    "charging_capacity_ah": (
        "Ah",
        "chargecapacity chargingcapacity capacitycharge qcharge chgcap chargecap "
        "ladekapazit\u00e4t",
    ),
    "discharging_capacity_ah": (
        "Ah",
        "dischargecapacity dischargingcapacity capacitydischarge qdischarge dchgcap dischargecap "
        "entladekapazit\u00e4t",
    ),
    "charging_energy_wh": ("Wh", "chargeenergy chargingenergy energycharge"),
    "discharging_energy_wh": ("Wh", "dischargeenergy dischargingenergy energydischarge"),
    "capacity_ah": ("Ah", "capacity cap q kapazit\u00e4t amp-hr"),
    "energy_wh": ("Wh", "energy watt-hr energie"),
    "power_watt": ("W", "power leistung p"),
    "temperature_celsius": ("degC", "temperature temp t celltemperature temperatur"),
    "pressure_pa": ("Pa", "pressure stackpressure p druck"),
    "force_newton": ("N", "force load f kraft"),
    "cycle_count": (
        "",
        "cycle cyclenumber cycleindex cyclecount cycleno cycle# cyc# cyclenr cycleid cyc zyklus "
        "scan scannumber",
    ),
    "sweep_count": (
        "",
        "sweep sweepcount sweepnumber sweepindex loop loopnumber spectrum spectrumnumber "
        "spectrumindex",
    ),
    "step_index": ("", "step stepindex stepnumber stepno step# stepid ns schritt"),
    "step_type": ("", "steptype stepname state"),
}
_CORE_IMPEDANCE = (
    "frequency_hertz",
    "real_impedance_ohm",
    "imaginary_impedance_ohm",
    "absolute_impedance_ohm",
    "phase_degree",
)
CORE = (
    *_CORE_IMPEDANCE,
    "test_time_second",
    "voltage_volt",
    "current_ampere",
    CURRENT_DENSITY,
)
"""The quantities that make a table one of electrochemistry."""

EXAMPLES = {
    "frequency_hertz": "Frequency/Hz",
    "real_impedance_ohm": "Re(Z)/Ohm",
    "imaginary_impedance_ohm": "Im(Z)/Ohm",
    "test_time_second": "Time/s",
    "voltage_volt": "Voltage/V",
    "current_ampere": "Current/A",
}
"""A heading that is understood, for each quantity that a record of a table needs."""

_SIGNED = ("imaginary_impedance_ohm", "phase_degree")
_LONGEST = 120
_BRACKETED = re.compile(r"([^()\[\]{}]*)[(\[{]([^()\[\]{}]*)[)\]}]")
_QUOTES = str.maketrans(
    {
        "\u2032": "'",
        "\u2019": "'",
        "\u2018": "'",
        "\u00b4": "'",
        "`": "'",
        '"': "''",
        "\u201d": "''",
        "\u201c": "''",
        "\u2212": "-",
        "\u2013": "-",
        "\u2014": "-",
    }
)
_MINUS = ("-", "minus", "negative", "neg")


@dataclass(frozen=True)
class Heading:
    """A column's heading in the file, its machine ``name`` and the unit of its values there.

    A value in the file times ``slope`` plus ``offset`` is in ``unit``. ``written`` is the unit
    that the file gives, "" where it gives none. ``rank`` orders headings of one quantity, the
    clearest first. ``minus`` says that the heading itself names the negative of the quantity.
    """

    text: str
    name: str
    unit: str = ""
    written: str = ""
    slope: float = 1.0
    offset: float = 0.0
    rank: int = 0
    minus: bool = False

    @property
    def known(self) -> bool:
        """Whether the quantity is one that solith knows."""
        return self.name in _QUANTITIES


@lru_cache(maxsize=4096)
def heading_of(text: str, unit: str = "") -> Heading:
    """What a heading means; ``unit`` is the one in a row of its own, where there is such a row.

    The unit may stand in brackets, after a slash, a comma, an underscore or a blank. What is
    no known quantity in a fitting unit keeps its own words as its name, and its unit.
    """
    text = text.strip().lstrip("\ufeff").strip()
    unit = unit.strip().strip("()[]{}").strip()[:_LONGEST]
    if not text or len(text) > _LONGEST:
        return Heading(text, plain_name(text[:_LONGEST]), "", unit)
    for label, written in _splits(text, unit):
        found = _known(text, label, written)
        if found is not None:
            return found
    return _auxiliary(text, unit)


def named(text: str, name: str, unit: str = "") -> Heading:
    """A heading whose quantity the format itself defines; its values are in ``unit``."""
    meant = unit_of(unit) if unit else None
    if meant is None:
        return Heading(text, name, unit, unit)
    slope, offset = scale_to(meant.unit, meant.standard)
    return Heading(text, name, meant.standard, unit, slope, offset)


def is_core(headings: Iterable[Heading]) -> bool:
    """Whether headings are those of an electrochemical table: two quantities of :data:`CORE`.

    A frequency that is spelled out is enough by itself.
    """
    core = [heading for heading in headings if heading.name in CORE]
    spelled = any(h.name == "frequency_hertz" and len(h.text) > 3 for h in core)
    return spelled or len({heading.name for heading in core}) > 1


def plain_name(text: str) -> str:
    """Words as a name in snake case; "column" for what has none."""
    name = re.sub(r"\W+", "_", text.strip()).strip("_").lower() or "column"
    return "row_number" if name == "row" else name


def _splits(text: str, unit: str) -> list[tuple[str, str]]:
    """The ways to see a label and a unit in a heading, the likeliest first."""
    if unit:
        return [(text, unit)]
    ways = [(text, "")]
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed:
        ways.append((bracketed[1], bracketed[2]))
    elif text.endswith((")", "]")):
        label, _, rest = text[:-1].rpartition("(" if text.endswith(")") else "[")
        ways.append((label, rest))
    label, slash, rest = text.rpartition("/")
    if slash:
        ways.append((label, rest))
        first, _, more = text.partition("/")
        ways.append((first, more))
    for mark in (",", "_", " "):
        label, found, rest = text.rpartition(mark)
        if found:
            ways.append((label, rest))
    return [(label, written.strip()) for label, written in ways if label.strip()]


def _known(text: str, label: str, written: str) -> Heading | None:
    words, minus = _words(label)
    meant = unit_of(written) if written else None
    for name, rank in _SYNONYMS.get(words, ()):
        standard = _QUANTITIES[name][0]
        if minus and name not in _SIGNED:
            continue
        if not standard:
            scale = (1.0, 0.0) if written in ("", "#", "-", "1") else None
        else:
            scale = _scale(name, words, written, meant)
        if scale is not None:
            shown = "" if written == "#" or ":" in written else written
            return Heading(text, name, standard, shown, *scale, rank, minus)
    return None


def _scale(
    name: str, words: str, written: str, meant: WrittenUnit | None
) -> tuple[float, float] | None:
    """Slope and offset to the quantity's own unit; ``None`` where the unit does not fit it."""
    standard = _QUANTITIES[name][0]
    if words in _ANGULAR and "hz" not in written.lower():
        return scale_to("rad/s", "Hz") if not written or meant is not None else None
    if not written:
        bare = (name in CORE and name != CURRENT_DENSITY) or name in _COUNTERS_OF_TIME
        return (1.0, 0.0) if bare else None
    if standard == "s" and ":" in written:
        return 1.0, 0.0
    if meant is None:
        return None
    if standard == "degC" and meant.unit == "C":
        return 1.0, 0.0
    return scale_to(meant.unit, standard) if meant.standard == standard else None


def _auxiliary(text: str, unit: str) -> Heading:
    """A column under its own words, in the standard unit of its dimension if it has a unit."""
    for label, written in _splits(text, unit):
        marked = unit or text[-1] in ")]}" or text.replace(" ", "").endswith(f"/{written}")
        meant = unit_of(written) if marked or len(written) > 1 else None
        if meant is not None:
            slope, offset = scale_to(meant.unit, meant.standard)
            name = f"{plain_name(label)}_{STANDARD_UNITS[meant.standard]}"
            return Heading(text, name, meant.standard, written, slope, offset)
    bracketed = _BRACKETED.fullmatch(text)
    if not unit and bracketed and "/" in bracketed[2]:
        unit = bracketed[2].strip()
    return Heading(text, plain_name(text), "" if unit == "#" else unit, unit)


def _words(label: str) -> tuple[str, bool]:
    """A label without case, blanks and dots; whether it begins with a minus."""
    words = unicodedata.normalize("NFKC", label).translate(_QUOTES).lower()
    words = re.sub(r"[\s_.<>]+", "", words).replace("[", "(").replace("]", ")").strip("*,;:#/")
    for sign in _MINUS:
        if words.startswith(sign) and len(words) > len(sign):
            return words[len(sign) :].lstrip("*"), True
    return words, False


def _synonyms() -> dict[str, tuple[tuple[str, int], ...]]:
    table: dict[str, list[tuple[str, int]]] = {}
    for name, (_, words) in _QUANTITIES.items():
        for rank, word in enumerate(words.split()):
            table.setdefault(_words(word)[0], []).append((name, rank))
    return {word: tuple(found) for word, found in table.items()}


_SYNONYMS = _synonyms()
_ANGULAR = {"omega", "\u03c9", "angularfrequency"}
_COUNTERS_OF_TIME = ("step_time_second",)
