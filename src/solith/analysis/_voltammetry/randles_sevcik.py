"""The equation of Randles and Sevcik and the tests that its assumptions have to pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._lines import fit_straight
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.intervals import widening_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.result import Result

__all__ = ["IRREVERSIBLE", "REVERSIBLE", "Resistance", "find_resistance", "validity_rows"]

REVERSIBLE = 0.4463
"""i_p / (n F A c sqrt(n F v D / (R T))) of a reversible transfer between dissolved
species at a plane: IUPAC, Pure Appl. Chem. 92, 641 (2020), 10.1515/pac-2018-0109 has 0.446;
the fourth digit from R. S. Nicholson and I. Shain, Anal. Chem. 36, 706 (1964),
10.1021/ac60210a007 (recalled, no source read)."""

IRREVERSIBLE = 0.4958
"""i_p / (n F A c sqrt(alpha F v D / (R T))) of an irreversible transfer whose first electron
is slow: 0.496 in the same recommendations of IUPAC; the fourth digit recalled, as above."""

_SEPARATION = 2.22
"""Separation of reversible peaks in R T / (n F), far from the turning point; recalled. The
rounded 57 mV of one electron at 25 degC is 2.218."""

_WIDTH = {"reversible": 2.20, "irreversible": 1.857}
"""abs(E_p - E_p/2) in R T / (n F) and R T / (alpha F): Nicholson and Shain, recalled; J. Wang,
Analytical Electrochemistry, has 48 mV / (alpha n) at 25 degC for the second."""

_NEAR_HALF = 0.05
_NEAR_SEPARATION = 0.25
_NEAR_WIDTH = 0.10
_NEAR_ONE = 0.10
_SHIFT = 0.20
"""Parts of R T / F or of one within which the tests pass."""


@dataclass(frozen=True)
class Resistance:
    """How the separation of peaks grows with the sum of their currents.

    ``ohm`` is the slope; 1.96 of its ``error`` hold 95 % by Student's t. ``closer`` tells whether
    the logarithm of the scan rate describes the separation better than the current does.
    """

    ohm: float
    error: float
    closer: bool


def find_resistance(results: Sequence[Result], rates: NDArray[np.float64]) -> Resistance | None:
    """The uncompensated resistance from separation against i_pa + abs(i_pc), three rates on."""
    kept = [
        (result["peak_separation"].value, _sum(result), rate)
        for result, rate in zip(results, rates, strict=True)
        if result["peak_separation"].value is not None
    ]
    if len(kept) < 3 or len({rate for *_, rate in kept}) < 3:
        return None
    separation, current, rate = np.array(kept, dtype=float).T
    if np.ptp(current) == 0:
        return None
    line, by_rate = (fit_straight(x, separation) for x in (current, np.log(rate)))
    error = line.slope_error * widening_95(line.freedom)
    return Resistance(line.slope, error, by_rate.squares < line.squares)


def _sum(result: Result) -> float:
    sides = (result["peak_current_anodic"].value, result["peak_current_cathodic"].value)
    return sum(abs(side) for side in sides if side is not None)


def validity_rows(
    results: Sequence[Result],
    exponents: dict[str, float | None],
    temperature: float | None,
    electrons: int,
    transfer: str,
    coefficient: float,
) -> list[dict[str, Any]]:
    """What the equation assumes, test by test: found, expected, passed.

    Tests that a temperature is needed for are left out where it is not known.
    """
    rows = [
        _row(f"exponent {side}", b, f"0.5 within {_NEAR_HALF}", b, 0.5, _NEAR_HALF)
        for side, b in exponents.items()
    ]
    if temperature is not None:
        thermal = GAS_CONSTANT * temperature / FARADAY
        number = coefficient if transfer == "irreversible" else electrons
        rows += _width_rows(results, thermal / number, transfer)
        if transfer == "reversible":
            rows += _separation_rows(results, thermal / electrons)
    if transfer == "reversible":
        ratios = [ratio for ratio in map(_ratio, results) if ratio is not None]
        found = float(np.median(ratios)) if ratios else None
        expected = f"1 within {_NEAR_ONE}"
        rows.append(_row("ratio of peak currents", found, expected, found, 1.0, _NEAR_ONE))
    return rows


def _row(
    test: str,
    found: float | None,
    expected: str,
    number: float | None,
    target: float,
    within: float,
) -> dict[str, Any]:
    passed = number is not None and bool(abs(number - target) <= within)
    return {"test": test, "found": found, "expected": expected, "passed": passed}


def _width_rows(results: Sequence[Result], thermal: float, transfer: str) -> list[dict[str, Any]]:
    wanted = _WIDTH[transfer] * thermal
    rows = []
    for side in ("anodic", "cathodic"):
        widths = [
            value
            for result in results
            if (value := result[f"half_peak_width_{side}"].value) is not None
        ]
        if side == "cathodic" and results and results[0].details["baseline"] == "zero":
            continue  # the reverse peak begins on the tail of the first
        found = float(np.median(widths)) if widths else None
        ratio = None if found is None else found / wanted
        expected = f"{1e3 * wanted:.3g} mV within {100 * _NEAR_WIDTH:.0f} %"
        rows.append(_row(f"half-peak width {side} (V)", found, expected, ratio, 1.0, _NEAR_WIDTH))
    return rows


def _separation_rows(results: Sequence[Result], thermal: float) -> list[dict[str, Any]]:
    found = [value for result in results if (value := result["peak_separation"].value) is not None]
    middle = float(np.median(found)) if found else None
    parts = None if middle is None else middle / thermal
    expected = f"{1e3 * _SEPARATION * thermal:.3g} mV within {1e3 * _NEAR_SEPARATION * thermal:.2g}"
    rows = [
        _row("peak separation (V)", middle, expected, parts, _SEPARATION, _NEAR_SEPARATION),
    ]
    if len(found) > 1:
        shift = float(max(found) - min(found))
        told = f"below {1e3 * _SHIFT * thermal:.2g} mV"
        test = "change of the separation with scan rate (V)"
        rows.append(_row(test, shift, told, shift / thermal, 0.0, _SHIFT))
    return rows


def _ratio(result: Result) -> float | None:
    """Reverse over forward peak current.

    Over baseline zero the reverse peak stands on the tail of the first; R. S. Nicholson, Anal.
    Chem. 38, 1406 (1966), 10.1021/ac60242a030 (recalled), adds 0.485 of the current at the turn
    and 0.086 of the first peak.
    """
    cycle = result.details["cycle"]
    mine = [row for row in result.details["sweeps"] if row["cycle"] == cycle]
    if len(mine) < 2:
        return None
    first, second = (row["direction"] for row in mine[:2])
    forward = result[f"peak_current_{first}"].value
    reverse = result[f"peak_current_{second}"].value
    if forward is None or reverse is None or forward == 0:
        return None
    ratio = abs(reverse / forward)
    if result.details["baseline"] == "zero":
        ratio += 0.485 * abs(mine[0]["end_current_ampere"] / forward) + 0.086
    return float(ratio)
