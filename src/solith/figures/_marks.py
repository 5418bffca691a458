"""Marks for what was measured, where a figure also holds what was simulated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.record import Record
from solith.figures._style import Look

__all__ = ["drawn", "marked"]

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
_MOST = 70  # marks of a curve; more would hide the line that it is compared with


def marked(records: Mapping[str, Record]) -> list[str]:
    """The names of measured records beside simulated ones; none where all are of one origin."""
    measured = [name for name, item in records.items() if item.provenance.origin == "measured"]
    return measured if len(measured) < len(records) else []


def drawn(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    name: str,
    measured: list[str],
    look: Look,
) -> dict[str, Any]:
    """How a curve is drawn: open marks for one of the ``measured``, else a line.

    Marks in a curve's colour lie about evenly along it; their symbol tells curves of one
    colour apart.
    """
    if name not in measured:
        return {"x": x, "y": y, "mode": "lines", "line": look}
    rows = _spread_rows(x, y)
    symbol = f"{_SYMBOLS[measured.index(name) % len(_SYMBOLS)]}-open"
    marker = {"symbol": symbol, "size": 6, "color": look["color"], "line": {"width": 1.3}}
    return {"x": x[rows], "y": y[rows], "mode": "markers", "marker": marker}


def _spread_rows(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.intp]:
    """Rows that lie about evenly along a curve as it is drawn, ends among them."""
    if len(x) <= _MOST:
        return np.arange(len(x))
    steps = [np.diff(values) / (np.nanmax(values) - np.nanmin(values) or 1.0) for values in (x, y)]
    along = np.concatenate([[0.0], np.cumsum(np.nan_to_num(np.hypot(*steps)))])
    wanted = np.linspace(0, along[-1], _MOST)
    return np.unique(np.clip(np.searchsorted(along, wanted), 0, len(x) - 1))
