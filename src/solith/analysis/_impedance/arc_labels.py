"""What an arc in a spectrum may mean, judged by its capacitance.

Bulk and grain boundaries fill the pellet, so that their capacitance times thickness over area is
a property of the material [F/cm]; an interface has its capacitance per area [F/cm2].
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Label", "suggest_labels"]


@dataclass(frozen=True)
class _Meaning:
    """A process: the capacitances [F/cm or F/cm2] between which it is usually found."""

    name: str
    fills_pellet: bool
    lowest: float
    highest: float
    source: str


_ELECTROCERAMICS = (
    "Irvine, Sinclair and West, Adv. Mater. 2, 132 (1990), 10.1002/adma.19900020304 "
    "(table of capacitances, recalled)"
)
_DOUBLE_LAYER = (
    "some uF per cm2 of interface, as double layers have (recalled); a composite electrode has "
    "tens to hundreds of times the area of its face"
)

_BULK = _Meaning("bulk", True, 3e-13, 1e-11, _ELECTROCERAMICS)
_BOUNDARY = _Meaning("grain boundary", True, 1e-11, 1e-8, _ELECTROCERAMICS)
_ANODE = _Meaning("anode interface", False, 3e-8, 1e-5, _DOUBLE_LAYER)
_CATHODE = _Meaning("cathode interface", False, 1e-5, 1e-1, _DOUBLE_LAYER)
_LITHIUM = _Meaning("lithium interface", False, 3e-8, 1e-3, _DOUBLE_LAYER)

_MEANINGS: dict[str | None, tuple[_Meaning, ...]] = {
    None: (_BULK, _BOUNDARY, _ANODE, _CATHODE),
    "blocking-pellet": (_BULK, _BOUNDARY),
    "lithium-pellet": (_BULK, _BOUNDARY, _LITHIUM),
    "symmetric-cell": (_BULK, _BOUNDARY, _LITHIUM),
    "composite-half-cell": (_BULK, _BOUNDARY, _ANODE, _CATHODE),
}
"""The processes that are looked for in each type of cell."""


@dataclass(frozen=True)
class Label:
    """A suggestion: ``meaning``, ``confidence`` (high, medium or low), why, and by what source."""

    meaning: str
    confidence: str
    reason: str
    source: str


def suggest_labels(
    capacitances: Mapping[str, float],
    *,
    cell_type: str | None,
    area: float | None,
    thickness: float | None,
) -> dict[str, Label]:
    """A label for each arc by its ``capacitance`` [F].

    ``area`` [m2] is the geometric one, ``thickness`` [m] that of the electrolyte. Where one
    is not known, 1 cm2 and 1 cm stand for it and confidence is low.
    """
    meanings = _MEANINGS[cell_type]
    square = 1.0 if area is None else area * 1e4  # cm2
    length = 1.0 if thickness is None else thickness * 1e2  # cm
    labels = {}
    for name, capacitance in capacitances.items():
        specific = {True: capacitance * length / square, False: capacitance / square}
        nearest, outside = _nearest(meanings, specific)
        meaning = nearest[0]
        unit = "F/cm" if meaning.fills_pellet else "F/cm2"
        known = area is not None and (thickness is not None or not meaning.fills_pellet)
        labels[name] = Label(
            " or ".join(other.name for other in nearest),
            _confidence(nearest, outside, known, cell_type is not None),
            f"{specific[meaning.fills_pellet]:.2g} {unit}"
            + ("" if known else ", area or thickness not known and taken as 1 cm2 and 1 cm")
            + f"; usual {meaning.lowest:.0e} to {meaning.highest:.0e} {unit}",
            meaning.source,
        )
    return labels


def _nearest(
    meanings: Sequence[_Meaning], specific: Mapping[bool, float]
) -> tuple[list[_Meaning], float]:
    """The meanings whose ranges are nearest, and how many decades outside of them."""

    def outside(meaning: _Meaning) -> float:
        value = math.log10(specific[meaning.fills_pellet])
        return max(math.log10(meaning.lowest) - value, value - math.log10(meaning.highest), 0.0)

    least = min(outside(meaning) for meaning in meanings)
    return [meaning for meaning in meanings if outside(meaning) == least], least


def _confidence(nearest: Sequence[_Meaning], outside: float, known: bool, named: bool) -> str:
    """High for bulk alone: only its capacitance follows from the material's permittivity."""
    if outside > 0.0 or not known or len(nearest) > 1:
        return "low"
    return "high" if named and nearest[0] is _BULK else "medium"
