"""How edge and white line move through several spectra of X-ray absorption."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._options import require_text
from solith.core.errors import InputError
from solith.core.given import listed, require_result
from solith.core.quantities import to_si
from solith.core.result import Result, Value

__all__ = ["follow_edges"]

Array = NDArray[np.float64]

_MOVES = ("edge_position", "white_line_position")
_UNITS = {"time": "s", "charge": "C", "potential": "V"}
_ORDER = "order"
_LEAST = 2
_FOR_SLOPE = 3


def follow_edges(
    results: Sequence[Result] | Mapping[str, Result],
    *,
    along: str = _ORDER,
    values: Sequence[Any] | None = None,
) -> Result:
    """Edge and white line of each spectrum, and by how much they move from the first to the last.

    ``results`` are those of :func:`solith.analysis.analyse_xanes`, in their order or by name;
    ``along`` is "order", "time" [s], "charge" [C] or "potential" [V], ``values`` of it one for each
    spectrum. Values are ``edge_shift`` and ``white_line_shift`` [eV], last less first, and with
    three spectra or more ``edge_slope`` and ``white_line_slope`` of the straight line (least
    squares) in eV per spectrum, s, C or V. Its uncertainty is of the residuals or of the positions'
    own, whichever is more. That of one calibration of all is in neither, as it moves all alike.
    ``details["spectra"]`` has a row for each.

    Raises :class:`InputError` for fewer than two, for other results, and for another number of
    values.
    """
    given = listed(results, "results")
    names = list(results) if isinstance(results, Mapping) else [one.name for one in map(_ok, given)]
    if len(given) < _LEAST:
        raise InputError(f"{len(given)} spectrum shows no shift; expected at least {_LEAST}")
    for name, result in zip(names, given, strict=True):
        require_result(result)
        if any(quantity not in result for quantity in _MOVES):
            raise InputError("is no result of analyse_xanes", where=str(name))
    at, unit = _axis(along, values, len(given))
    rows = [
        {
            "spectrum": str(name),
            along: place,
            **{quantity: result[quantity].value for quantity in _MOVES},
            "uncertainty": {quantity: result[quantity].uncertainty for quantity in _MOVES},
        }
        for name, place, result in zip(names, at.tolist(), given, strict=True)
    ]
    found: list[Value] = []
    for quantity in _MOVES:
        word = quantity.removesuffix("_position")
        found.append(_shift(word, [result[quantity] for result in given], given))
        if len(given) >= _FOR_SLOPE:
            found.append(_slope(word, [result[quantity] for result in given], given, at, unit))
    details = {
        "technique": "xanes",
        "along": along,
        "spectra": rows,
        "units": {along: unit, **dict.fromkeys(_MOVES, "eV")},
    }
    return Result("edges through several spectra", tuple(found), details)


def _ok(result: Any) -> Result:
    require_result(result)
    return result  # type: ignore[no-any-return]


def _axis(along: str, values: Any, count: int) -> tuple[Array, str]:
    require_text(along, "along")
    if along == _ORDER:
        if values is not None:
            raise InputError("the order has no values; say what they are of", where="along")
        return np.arange(1.0, count + 1.0), ""
    if along not in _UNITS:
        offered = ", ".join((_ORDER, *_UNITS))
        raise InputError(f"{along!r} is not one of {offered}", where="along")
    unit = _UNITS[along]
    given = [] if values is None or isinstance(values, str) else _listed(values)
    if len(given) != count:
        raise InputError(f"expected a {along} for each of the {count} spectra", where="values")
    try:
        return np.array([to_si(one, unit) for one in given]), unit
    except InputError as error:
        raise error.inside("values") from None


def _listed(values: Any) -> list[Any]:
    try:
        return list(values)
    except TypeError:
        return []


def _own(value: Value, result: Result) -> float:
    """The uncertainty [eV] of a position without that of the calibration."""
    shift = result["energy_shift"].uncertainty if "energy_shift" in result else 0.0
    return math.sqrt(max((value.uncertainty or 0.0) ** 2 - (shift or 0.0) ** 2, 0.0))


def _shift(word: str, positions: list[Value], results: Sequence[Result]) -> Value:
    first, last = positions[0], positions[-1]
    method = "last less first spectrum"
    if first.value is None or last.value is None:
        flags = ("the first or the last spectrum has none",)
        return Value(f"{word}_shift", None, "eV", method=method, flags=flags)
    spread = math.hypot(_own(first, results[0]), _own(last, results[-1]))
    return Value(f"{word}_shift", last.value - first.value, "eV", spread, method=method)


def _slope(
    word: str, positions: list[Value], results: Sequence[Result], at: Array, unit: str
) -> Value:
    per = f"eV/{unit}" if unit else "eV"
    method = "straight line" + ("" if unit else ", per spectrum")
    known = [n for n, value in enumerate(positions) if value.value is not None]
    x = at[known]
    if len(known) < _FOR_SLOPE or not float(np.ptp(x)) > 0:
        flags = (f"fewer than {_FOR_SLOPE} spectra, or all at one place",)
        return Value(f"{word}_slope", None, per, method=method, flags=flags)
    y = np.array([positions[n].value for n in known], dtype=float)
    own = np.array([_own(positions[n], results[n]) for n in known])
    away = x - float(np.mean(x))
    squares = float(away @ away)
    slope = float(away @ y) / squares
    left = y - float(np.mean(y)) - slope * away
    by_scatter = math.sqrt(float(left @ left) / (len(known) - 2) / squares)
    by_own = math.sqrt(float((away * own) @ (away * own))) / squares
    return Value(f"{word}_slope", slope, per, max(by_scatter, by_own), method=method)
