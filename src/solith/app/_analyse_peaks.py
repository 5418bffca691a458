"""The table of all peaks of a diffraction pattern, for the terminal and the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.result import Result, Value

__all__ = ["PEAK_HEADS", "peak_rows"]

PEAK_HEADS = ("2 theta (deg)", "spacing (nm)", "width (deg)", "area", "size (nm)", "doubts")
_COLUMNS = (
    ("position_degree", 1.0),
    ("spacing_metre", 1e9),
    ("width_degree", 1.0),
    ("area", 1.0),
    ("size_metre", 1e9),
)


def peak_rows(results: Mapping[str, Result]) -> list[tuple[str, ...]]:
    """One row a peak by its angle, under :data:`PEAK_HEADS`; none where no pattern was analysed."""
    result = results.get("xrd")
    peaks = [] if result is None else result.details["peaks"]
    return [(*(_shown(peak, *column) for column in _COLUMNS), peak["size_flag"]) for peak in peaks]


def _shown(peak: Mapping[str, Any], name: str, scale: float) -> str:
    spread = peak[f"{name}_uncertainty"]
    return Value(name, peak[name] * scale, "", None if spread is None else spread * scale).shown
