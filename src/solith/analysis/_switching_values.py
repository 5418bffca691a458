"""Set and reset through the cycles: voltages, two resistances and the on/off ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from solith.analysis._switching import Reading, Scan
from solith.core.intervals import NORMAL_95
from solith.core.result import Value

__all__ = ["cycle_rows", "switching_values"]

_FLOOR = 3.0
"""Standard uncertainties of a reading below which the off current is at the floor."""

_UPPER = 2.0
"""Standard uncertainties over the reading that a current at the floor stays below (97.7 %)."""

_SURE_TREND = 0.05


def cycle_rows(
    scans: Sequence[Scan], numbers: Sequence[int], read: float, floor: float | None
) -> list[dict[str, Any]]:
    """One mapping a cycle: its set, its reset, and both states at the read voltage.

    Off and on are read in the scan that sets: on the way out before the rise, and on the way
    in. An off current below ``floor`` is replaced by that; without a given floor, one below
    three standard uncertainties of its reading by the reading (zero if negative) and two of
    them, which it exceeds in 2 % of cases. The ratio is then a lower bound, as it is where
    the on current is limited.
    """
    rows = []
    for number in dict.fromkeys(numbers):
        mine = [scan for scan, own in zip(scans, numbers, strict=True) if own == number]
        setting = next((s for s in mine if s.set), None)
        setting = setting or next((s for s in mine if s.switched_on), None)
        resetting = next((s for s in mine if s.reset), None)
        row: dict[str, Any] = {
            "cycle": number,
            "set_voltage_volt": None,
            "reset_voltage_volt": None,
            "reset_abrupt": None,
            "volatile": setting is not None and setting.volatile,
            "flags": [],
        }
        if setting is not None and setting.set is not None:
            row["set_voltage_volt"] = setting.loop.polarity * setting.set.bias
        elif setting is not None:
            row["flags"].append("set without an abrupt rise")
        if resetting is not None and resetting.reset is not None:
            row["reset_voltage_volt"] = resetting.loop.polarity * resetting.reset.bias
            row["reset_abrupt"] = resetting.reset.abrupt
        row.update(_states(setting, read, floor, row["flags"]))
        rows.append(row)
    return rows


def _states(
    scan: Scan | None, read: float, floor: float | None, flags: list[str]
) -> dict[str, Any]:
    off = None if scan is None else scan.outward
    on = None if scan is None or scan.volatile else scan.inward
    if scan is None:
        flags.append("not set")
    elif scan.volatile:
        flags.append("volatile: off again at the read voltage")
    elif off is None:
        flags.append("set before the read voltage")
    elif on is None:
        flags.append("no back scan at the read voltage")
    side = 1 if scan is None else scan.loop.polarity
    state: dict[str, Any] = {
        "off_current_ampere": None if off is None else side * off.current,
        "on_current_ampere": None if on is None else side * on.current,
        "low_resistance_ohm": None,
        "high_resistance_ohm": None,
        "on_off_ratio": None,
        "on_off_uncertainty": None,
        "lower_bound": False,
    }
    if on is not None and on.current > 0:
        state["low_resistance_ohm"] = read / on.current
    if off is None:
        return state
    bounded = off.current < (_FLOOR * off.uncertainty if floor is None else floor)
    used = off.current
    if bounded:
        used = max(off.current, 0.0) + _UPPER * off.uncertainty if floor is None else floor
    state["high_resistance_ohm"] = read / used
    if bounded:
        flags.append("the off current is at the floor")
    if on is not None and on.limited:
        flags.append("the on current is in compliance")
    state["lower_bound"] = bounded or (on is not None and on.limited)
    if on is not None and on.current > 0:
        state["on_off_ratio"] = on.current / used
        state["on_off_uncertainty"] = on.current / used * _relative(on, None if bounded else off)
    return state


def _relative(on: Reading, off: Reading | None) -> float:
    parts = [reading.uncertainty / reading.current for reading in (on, off) if reading is not None]
    return math.hypot(*parts)


def switching_values(
    cycles: Sequence[dict[str, Any]], read: float, read_told: str, flags: tuple[str, ...]
) -> list[Value]:
    """Medians of set and reset, geometric means of the states, and the ratio's course.

    Means over cycles have the standard uncertainty of the mean, with Student's t folded in.
    ``on_off_ratio_spread`` is the geometric standard deviation between cycles,
    ``on_off_ratio_trend`` the slope of log10 of the ratio over the cycle's number.
    """
    method = f"at {read:.4g} V ({read_told}) on the side that sets"
    values = [_median(cycles, name, flags) for name in ("set_voltage", "reset_voltage")]
    bounded = sum(row["lower_bound"] for row in cycles)
    for name in ("low_resistance", "high_resistance"):
        numbers = [row[f"{name}_ohm"] for row in cycles if row[f"{name}_ohm"]]
        told = flags
        floored = sum("the off current is at the floor" in row["flags"] for row in cycles)
        if name == "high_resistance" and floored:
            told = (f"at the floor in {floored} of {len(cycles)} cycles: a lower bound", *flags)
        values.append(_geometric(name, "ohm", numbers, method, told))
    known = [row for row in cycles if row["on_off_ratio"]]
    ratios = [float(row["on_off_ratio"]) for row in known]
    told = flags
    if len(known) < len(cycles):
        told = (f"no ratio in {len(cycles) - len(known)} of {len(cycles)} cycles", *told)
    if bounded:
        told = (
            f"off current at the floor, or on current in compliance, in {bounded} of "
            f"{len(cycles)} cycles: a lower bound",
            *told,
        )
    values.append(_geometric("on_off_ratio", "", ratios, method, told))
    for end, place in (("first", 0), ("last", -1)):
        row = known[place] if known else None
        values.append(
            Value(
                f"on_off_ratio_{end}",
                None if row is None else row["on_off_ratio"],
                "",
                None if row is None else row["on_off_uncertainty"],
                method=method,
                flags=("no cycle has a ratio", *flags)
                if row is None
                else (*(("a lower bound",) if row["lower_bound"] else ()), *flags),
            )
        )
    return [*values, *_course(known, ratios, method, told)]


def _median(cycles: Sequence[dict[str, Any]], name: str, flags: tuple[str, ...]) -> Value:
    numbers = [row[f"{name}_volt"] for row in cycles if row[f"{name}_volt"] is not None]
    if not numbers:
        return Value(name, None, "V", flags=("in no cycle", *flags))
    if len(numbers) < len(cycles):
        flags = (f"in {len(numbers)} of {len(cycles)} cycles", *flags)
    gradual = sum(row["reset_abrupt"] is False for row in cycles)
    if name == "reset_voltage" and gradual:
        flags = (f"gradual in {gradual} cycles: at the largest current", *flags)
    spread = f", {min(numbers):.4g} to {max(numbers):.4g} V"
    return Value(
        name,
        float(np.median(numbers)),
        "V",
        method=f"median of {len(numbers)} cycles{spread}",
        flags=flags,
    )


def _geometric(
    name: str, unit: str, numbers: Sequence[float], method: str, flags: tuple[str, ...]
) -> Value:
    from scipy.special import stdtrit

    method = f"geometric mean of {len(numbers)} cycles {method}"
    if not numbers:
        return Value(name, None, unit, method=method, flags=("in no cycle", *flags))
    logs = np.log(np.array(numbers))
    mean, error = float(np.exp(logs.mean())), None
    if len(logs) > 1:
        reach = float(stdtrit(len(logs) - 1, 0.975)) / NORMAL_95
        error = mean * reach * float(np.std(logs, ddof=1)) / len(logs) ** 0.5
    return Value(name, mean, unit, error, method=method, flags=flags)


def _course(
    known: Sequence[dict[str, Any]],
    ratios: Sequence[float],
    method: str,
    flags: tuple[str, ...],
) -> list[Value]:
    from scipy.special import stdtr, stdtrit

    spread, slope, error = None, None, None
    few = flags
    if len(ratios) > 1:
        spread = float(np.exp(np.std(np.log(ratios), ddof=1)))
    if len(ratios) > 2:
        x = np.array([float(row["cycle"]) for row in known])
        y = np.log10(np.array(ratios))
        square = float(np.sum((x - x.mean()) ** 2))
        slope = float((x - x.mean()) @ y) / square
        left = y - y.mean() - slope * (x - x.mean())
        own = float(np.sqrt(left @ left / (len(x) - 2) / square))
        error = own * float(stdtrit(len(x) - 2, 0.975)) / NORMAL_95
        if own > 0 and 2 * stdtr(len(x) - 2, -abs(slope) / own) < _SURE_TREND:
            few = ("the ratio changes through the cycles (5 % test)", *flags)
    else:
        few = ("fewer than three cycles with a ratio", *flags)
    return [
        Value(
            "on_off_ratio_spread",
            spread,
            "",
            method="geometric standard deviation",
            flags=flags if spread else ("fewer than two cycles with a ratio", *flags),
        ),
        Value(
            "on_off_ratio_trend",
            slope,
            "",
            error,
            method=f"log10 of the ratio per cycle, least squares; {method}",
            flags=few,
        ),
    ]
