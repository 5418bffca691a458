"""Set and reset through the cycles: voltages, two resistances and the on/off ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from solith.analysis._current_voltage.switching import Reading, Scan
from solith.analysis._lines import fit_straight
from solith.core.intervals import NORMAL_95, half_width_95, widening_95
from solith.core.quantities import format_quantity
from solith.core.result import LOWER_BOUND, Value

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

    A cycle that neither sets nor resets in the scan of the side that sets stays in one state,
    told as ``stays`` ("on", "off") by the geometric mean of the typical currents of both states.
    Both its currents are read there, so that its ratio is about 1.
    """
    rows = []
    side = _setting_side(scans)
    border = _border(scans)
    for number in dict.fromkeys(numbers):
        mine = [scan for scan, own in zip(scans, numbers, strict=True) if own == number]
        setting = next((s for s in mine if s.set), None)
        setting = setting or next((s for s in mine if s.switched_on), None)
        resetting = next((s for s in mine if s.reset), None)
        idle, stays = None, ""
        if setting is None:
            idle = next((s for s in mine if s.loop.polarity == side and s.reset is None), None)
            stays = _state_of(idle, border)
        row: dict[str, Any] = {
            "cycle": number,
            "set_voltage_volt": None,
            "reset_voltage_volt": None,
            "reset_abrupt": None,
            "volatile": setting is not None and setting.volatile,
            "stays": stays,
            "flags": [],
        }
        if setting is not None and setting.set is not None:
            row["set_voltage_volt"] = setting.loop.polarity * setting.set.bias
        elif setting is not None:
            row["flags"].append("set without an abrupt rise")
        if resetting is not None and resetting.reset is not None:
            row["reset_voltage_volt"] = resetting.loop.polarity * resetting.reset.bias
            row["reset_abrupt"] = resetting.reset.abrupt
        if stays:
            row["flags"].append(f"not set, {stays} throughout")
            row.update(_states(idle, read, floor, row["flags"]))
        else:
            row.update(_states(setting, read, floor, row["flags"]))
        rows.append(row)
    return rows


def _setting_side(scans: Sequence[Scan]) -> int:
    """The polarity on which most scans set, the first one's where as many do on both."""
    sides = [scan.loop.polarity for scan in scans if scan.set is not None]
    return max(sides, key=sides.count, default=0)


def _border(scans: Sequence[Scan]) -> float | None:
    """The current [A] between the two states; ``None`` where no scan knows both."""
    both = [
        (scan.outward, scan.inward)
        for scan in scans
        if scan.set is not None and not scan.volatile and scan.outward and scan.inward
    ]
    if not both:
        return None
    off = float(np.median([max(out.current, out.uncertainty) for out, _ in both]))
    on = float(np.median([back.current for _, back in both]))
    return math.sqrt(off * on) if 0 < off < on else None


def _state_of(idle: Scan | None, border: float | None) -> str:
    if idle is None or border is None or idle.outward is None or idle.inward is None:
        return ""
    on = {reading.current > border for reading in (idle.outward, idle.inward)}
    return "" if len(on) > 1 else "on" if on.pop() else "off"


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
        "floor_ampere": None,
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
        state["floor_ampere"] = used
    if on is not None and on.limited:
        flags.append("the on current is in compliance")
    state["lower_bound"] = bounded or (on is not None and on.limited)
    least = 0.0 if on is None else _FLOOR * on.uncertainty if floor is None else floor
    if on is not None and bounded and on.current < least:
        flags.append("both currents are at the floor: no ratio")
        state["low_resistance_ohm"] = None
    elif on is not None and on.current > 0:
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

    Means over cycles have the standard uncertainty of the mean, with Student's t folded in;
    they, spread and trend leave out cycles that stay in one state, with a flag. First and last
    ratio are those of the first cycle that switches and the last one that is read, switching
    or not. A device that stays in one state to its end is flagged as stuck since the first
    cycle without the reset (or set) that would have changed it.
    ``on_off_ratio_spread`` is the geometric standard deviation between cycles,
    ``on_off_ratio_trend`` the slope of log10 of the ratio over the cycle's number.
    """
    method = f"at {read:.4g} V ({read_told}) on the side that sets"
    values = [_median(cycles, name, flags) for name in ("set_voltage", "reset_voltage")]
    stuck = _stuck(cycles)
    switching = [row for row in cycles if not row["stays"]]
    idle = len(cycles) - len(switching)
    flags_of_last = (*stuck, *flags)
    if idle:
        left_out = f"{idle} of {len(cycles)} cycles stay in one state: not in the mean"
        flags = (*stuck, left_out, *flags)
    bounded = sum(row["lower_bound"] for row in switching)
    for name in ("low_resistance", "high_resistance"):
        numbers = [row[f"{name}_ohm"] for row in switching if row[f"{name}_ohm"]]
        told = flags
        floored = sum("the off current is at the floor" in row["flags"] for row in switching)
        if name == "high_resistance" and floored:
            told = (f"{LOWER_BOUND}: at the floor in {floored} of {len(cycles)} cycles", *flags)
        values.append(_geometric(name, "ohm", numbers, method, told))
    known = [row for row in switching if row["on_off_ratio"]]
    ratios = [float(row["on_off_ratio"]) for row in known]
    told = flags
    if len(known) < len(switching):
        told = (f"no ratio in {len(switching) - len(known)} of {len(cycles)} cycles", *told)
    if bounded:
        told = (f"{_bound(switching)} in {bounded} of {len(cycles)} cycles", *told)
    values.append(_geometric("on_off_ratio", "", ratios, method, told))
    first = known[0] if known else None
    last = next((row for row in reversed(cycles) if row["on_off_ratio"] or row["stays"]), None)
    values += [
        _ratio_of("first", first, method, flags),
        _ratio_of("last", last, method, flags_of_last),
    ]
    return [*values, *_course(known, ratios, method, told)]


def _ratio_of(end: str, row: dict[str, Any] | None, method: str, flags: tuple[str, ...]) -> Value:
    name = f"on_off_ratio_{end}"
    if row is None:
        return Value(name, None, "", method=method, flags=("no cycle has a ratio", *flags))
    told = (_bound([row]),) if row["lower_bound"] else ()
    if row["stays"]:
        told = (f"cycle {row['cycle']}: {', '.join(row['flags'])}",)
    return Value(
        name,
        row["on_off_ratio"],
        "",
        row["on_off_uncertainty"],
        method=method,
        flags=(*told, *flags),
    )


def _bound(rows: Sequence[dict[str, Any]]) -> str:
    """Why the ratios of cycles are lower bounds, with the floor that sets them."""
    told = []
    floors = [row["floor_ampere"] for row in rows if row["floor_ampere"] and row["on_off_ratio"]]
    if floors:
        floor = format_quantity(float(np.median(floors)), "A", 2)
        told.append(f"off current at the instrument's floor, {floor}, which sets the ratio")
    if any("the on current is in compliance" in row["flags"] for row in rows):
        told.append("on current in compliance")
    return f"{LOWER_BOUND}: {'; '.join(told)}"


def _stuck(cycles: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The flag of a device that no longer changes its state to the end."""
    state = cycles[-1]["stays"] if cycles else ""
    if not state:
        return ()
    since = len(cycles) - 1
    while since and _lasts(cycles[since - 1], state):
        since -= 1
    return (f"stuck {state} since cycle {cycles[since]['cycle']}",)


def _lasts(row: dict[str, Any], state: str) -> bool:
    """Whether a cycle ends in a state without having left it after a set."""
    kept_on = state == "on" and row["reset_voltage_volt"] is None and row["stays"] != "off"
    return row["stays"] == state or kept_on


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
    method = f"geometric mean of {len(numbers)} cycles {method}"
    if not numbers:
        return Value(name, None, unit, method=method, flags=("in no cycle", *flags))
    logs = np.log(np.array(numbers))
    mean, reach = float(np.exp(logs.mean())), half_width_95(logs.tolist())
    error = None if reach is None else mean * reach / NORMAL_95
    return Value(name, mean, unit, error, method=method, flags=flags)


def _course(
    known: Sequence[dict[str, Any]],
    ratios: Sequence[float],
    method: str,
    flags: tuple[str, ...],
) -> list[Value]:
    from scipy.special import stdtr

    spread, slope, error = None, None, None
    few = flags
    if len(ratios) > 1:
        spread = float(np.exp(np.std(np.log(ratios), ddof=1)))
    if len(ratios) > 2:
        x = np.array([float(row["cycle"]) for row in known])
        line = fit_straight(x, np.log10(np.array(ratios)))
        slope, own = line.slope, line.slope_error
        error = own * widening_95(line.freedom)
        if own > 0 and 2 * stdtr(line.freedom, -abs(slope) / own) < _SURE_TREND:
            few = ("the ratio changes through the cycles (5 % test)", *flags)
    else:
        few = ("fewer than three cycles with a ratio", *flags)
    return [
        Value(
            "on_off_ratio_spread",
            spread,
            "",
            method=f"geometric standard deviation between cycles {method}",
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
