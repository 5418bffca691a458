"""What diffraction patterns and heat flows tell, by what was asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from solith.analysis import analyse_thermal, compare_pattern, find_peaks
from solith.app._analyse_outcomes import Outcome, attempted
from solith.core.errors import InputError, unknown_name_message
from solith.core.quantities import to_si
from solith.core.record import Record
from solith.core.result import Result

__all__ = ["PATTERN_TECHNIQUES", "OfPatterns", "check_patterns", "pattern_outcomes"]

PATTERN_TECHNIQUES = ("xrd", "dsc")
"""Techniques of spectra that these options belong to."""

_DIRECTIONS = ("up", "down")


@dataclass(frozen=True)
class OfPatterns:
    """Options of diffraction and of heat flow: ``wavelength`` [m], ``instrument_width`` [deg],
    the CIF of a ``structure`` to compare with, ``heating_rate`` [K/s], where heat is released."""

    wavelength: float | None = None
    instrument_width: float = 0.0
    structure: Path | None = None
    heating_rate: float | None = None
    exothermic: str | None = None


def check_patterns(
    *,
    wavelength: str | None = None,
    instrument_width: str | None = None,
    structure: Path | None = None,
    heating_rate: str | None = None,
    exothermic: str | None = None,
) -> OfPatterns:
    """The options; :class:`InputError` names the one that is wrong."""
    if structure is not None and not structure.is_file():
        raise InputError(f"there is no file {structure}", where="--cif")
    if exothermic is not None and exothermic not in _DIRECTIONS:
        told = unknown_name_message("direction", exothermic, _DIRECTIONS)
        raise InputError(told, where="--exothermic")
    width = _above_zero("--instrument-width", instrument_width, "deg")
    return OfPatterns(
        _above_zero("--wavelength", wavelength, "m"),
        0.0 if width is None else width,
        structure,
        _above_zero("--heating-rate", heating_rate, "K/s"),
        exothermic,
    )


def pattern_outcomes(record: Record, asked: OfPatterns) -> dict[str, Outcome]:
    """The analyses of a pattern ("xrd", and "structure" where a CIF is given) or of a heat flow."""
    if record.data.attrs.get("technique") == "dsc":
        heat: dict[str, Any] = {"heating_rate": asked.heating_rate, "exothermic": asked.exothermic}
        return {"dsc": attempted(partial(analyse_thermal, **heat), record)}
    peaks: dict[str, Any] = {
        "wavelength": asked.wavelength,
        "instrument_width": asked.instrument_width,
    }
    found = attempted(partial(find_peaks, **peaks), record)
    outcomes: dict[str, Outcome] = {"xrd": found}
    if asked.structure is not None and isinstance(found, Result):
        outcomes["structure"] = attempted(compare_pattern, found, asked.structure)
    return outcomes


def _above_zero(option: str, text: str | None, unit: str) -> float | None:
    if text is None:
        return None
    try:
        number = to_si(text, unit)
    except InputError as error:
        raise error.inside(option) from None
    if not number > 0:
        raise InputError(f"{text!r} must be above 0", where=option)
    return number
