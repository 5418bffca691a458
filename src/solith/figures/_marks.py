"""Marks for what was measured, where a figure also holds what was simulated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.record import Record
from solith.figures._style import Look

__all__ = ["mark", "marked", "spread_rows"]

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
_MOST = 70  # marks of a curve; more would hide the line that it is compared with


def marked(records: Mapping[str, Record]) -> list[str]:
    """The names of measured records beside simulated ones; none where all are of one origin."""
    measured = [name for name, item in records.items() if item.provenance.origin == "measured"]
    return measured if len(measured) < len(records) else []


def mark(place: int, look: Look) -> dict[str, Any]:
    """An open mark in a curve's colour; ``place`` tells curves of one colour apart."""
    symbol = f"{_SYMBOLS[place % len(_SYMBOLS)]}-open"
    return {"symbol": symbol, "size": 6, "color": look["color"], "line": {"width": 1.3}}


def spread_rows(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.intp]:
    """Rows that lie about evenly along a curve as it is drawn, ends among them."""
    if len(x) <= _MOST:
        return np.arange(len(x))
    steps = [np.diff(values) / (np.nanmax(values) - np.nanmin(values) or 1.0) for values in (x, y)]
    along = np.concatenate([[0.0], np.cumsum(np.nan_to_num(np.hypot(*steps)))])
    wanted = np.linspace(0, along[-1], _MOST)
    return np.unique(np.clip(np.searchsorted(along, wanted), 0, len(x) - 1))
