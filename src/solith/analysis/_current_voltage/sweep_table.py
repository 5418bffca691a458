"""The table of a current-voltage curve's sweeps: what happened out from zero bias and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from solith.analysis._current_voltage.back_scan import BackScan
from solith.analysis._current_voltage.current_noise import Compliance
from solith.analysis._current_voltage.switching import Event, Scan

__all__ = ["SIDES", "sweep_row"]

SIDES = {-1: "negative", 1: "positive"}
"""The polarities by name."""

_UNIFORM = 0.475
"""Part of its width that the central 95 % of a uniform distribution reach to either side."""


def sweep_row(
    place: int, scan: Scan, cycle: int, back: BackScan | None, compliance: Compliance | None
) -> dict[str, Any]:
    """What happened in one loop, for ``details["sweeps"]``; rows are counted from 1."""
    side = scan.loop.polarity
    limited = 0
    if compliance is not None:
        limited = sum(int(np.sum(compliance.holds(b.current))) for b in scan.loop.branches)
    row: dict[str, Any] = {
        "sweep": place,
        "cycle": cycle,
        "polarity": SIDES[side],
        "first_row": int(scan.loop.branches[0].rows[0]) + 1,
        "turning_volt": side * max(float(b.bias.max()) for b in scan.loop.branches),
        "rows_in_compliance": limited,
        "set": _event(scan.set, side),
        "reset": _event(scan.reset, side),
        "fallen_back": _event(scan.relaxed, side),
        "other_rises_volt": [side * bias for bias, _ in scan.others],
        "steps_left_out_volt": [side * bias for bias in scan.skipped],
        "volatile": scan.volatile,
        "back_scan": None,
    }
    if scan.set is not None and scan.set.rise is not None:
        row["current_before_ampere"] = side * scan.set.rise.low
        row["current_after_ampere"] = side * scan.set.rise.high
    if back is not None:
        row["back_scan"] = {
            "resistance_ohm": back.resistance,
            "resistance_interval_95": list(back.interval),
            "intercept_ampere": side * back.intercept,
            "intercept_p": back.intercept_p,
            "bend_p": back.bend_p,
            "correlation": back.correlation,
            "rows": back.rows,
            "from_volt": side * back.highest,
            "to_volt": side * back.lowest,
        }
    return row


def _event(event: Event | None, side: int) -> dict[str, Any] | None:
    if event is None:
        return None
    half = _UNIFORM * abs(event.last - event.first)
    return {
        "volt": side * event.bias,
        "between_volt": sorted((side * event.first, side * event.last)),
        "interval_95": [side * event.bias - half, side * event.bias + half],
        "abrupt": event.abrupt,
        "row": event.row + 1,
    }
