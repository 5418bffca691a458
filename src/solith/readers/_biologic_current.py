"""The current of a BioLogic measurement: found where it is not stored, its sign checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["with_current"]

_REST = 3
_SECONDS_AN_HOUR = 3600.0
_SIGN = (
    "the current is positive where the working electrode is oxidised, as BioLogic counts; that "
    "charges the cell where the working electrode is its positive electrode"
)


def with_current(
    values: dict[str, NDArray[Any]], rows: NDArray[np.intp], technique: str, notes: list[str]
) -> dict[str, NDArray[Any]]:
    """The variables in ``rows`` with ``current_ampere``, where the file tells it.

    A file without a current has the charge passed since the row before
    (``charge_increment_ah``), whose rate is the mean current, or the power; a cell at rest
    carries none. ``notes`` gets from what the current is, and whether its sign is confirmed.
    """
    picked = {name: column[rows] for name, column in values.items()}
    if "current_ampere" not in picked:
        if technique == "ocv" or _rests(picked):
            notes.append("the file has no current; the cell rests throughout, so it is 0")
            picked["current_ampere"] = np.zeros(len(rows))
        elif (current := _derived(values, notes)) is not None:
            picked["current_ampere"] = current[rows]
        else:
            return picked
    current = picked["current_ampere"]
    if current.dtype.kind in "fiu" and np.any(np.nan_to_num(current)):
        notes.append(_SIGN + _check(picked))
    return picked


def _rests(values: dict[str, NDArray[Any]]) -> bool:
    mode = values.get("control_mode")
    return mode is not None and mode.dtype.kind in "fiu" and bool(np.all(mode == _REST))


def _derived(values: dict[str, NDArray[Any]], notes: list[str]) -> NDArray[np.float64] | None:
    numbers = {name: column for name, column in values.items() if column.dtype.kind in "fiu"}
    rate, ratio = _charge_rate(numbers), _power_ratio(numbers)
    if rate is None:
        if ratio is not None:
            notes.append("the file has no current; it is the power divided by the voltage")
        return ratio
    notes.append(
        "the file has no current; it is the mean since the row before, the charge dq divided "
        "by the time"
    )
    gaps = ~np.isfinite(rate)
    if ratio is not None:
        rate[gaps] = ratio[gaps]
    rate[~np.isfinite(rate) & (numbers["charge_increment_ah"] == 0)] = 0.0
    if unknown := int(np.sum(~np.isfinite(rate))):
        notes.append(f"{unknown} rows without a time step have no current")
    return rate


def _charge_rate(numbers: dict[str, NDArray[Any]]) -> NDArray[np.float64] | None:
    if "charge_increment_ah" not in numbers or "test_time_second" not in numbers:
        return None
    step = np.diff(numbers["test_time_second"], prepend=np.nan)
    charge = numbers["charge_increment_ah"] * _SECONDS_AN_HOUR
    return np.where(step > 0, charge / step, np.nan)


def _power_ratio(numbers: dict[str, NDArray[Any]]) -> NDArray[np.float64] | None:
    if "power_watt" not in numbers or "voltage_volt" not in numbers:
        return None
    ratio = numbers["power_watt"] / numbers["voltage_volt"]
    return np.where(np.isfinite(ratio), ratio, np.nan)


def _check(values: dict[str, NDArray[Any]]) -> str:
    """What the file's own flag, or its counted charge, says of the sign."""
    current = values["current_ampere"]
    for name, told in (("oxidation_flag", "flag ox/red"), ("charge_discharge_capacity_ah", "Q")):
        if name not in values or values[name].dtype.kind not in "fiu":
            continue
        if name == "oxidation_flag":
            way = np.where(values[name] > 0, 1, -1)
        else:
            way = _growth(values[name])
        flows = (np.nan_to_num(current) != 0) & (way != 0)
        agreeing, count = int(np.sum((current > 0)[flows] == (way > 0)[flows])), int(flows.sum())
        if count:
            verb = "confirms" if agreeing > count / 2 else "contradicts"
            return f"; the file's {told} {verb} it ({agreeing} of {count} rows agree)"
    return ""


def _growth(counted: NDArray[Any]) -> NDArray[Any]:
    """Whether the charge of the half-cycle grew, by row; 0 where a new half-cycle begins."""
    change = np.diff(counted.astype(float), prepend=np.nan)
    within = np.abs(counted) >= np.abs(np.roll(counted, 1))
    return np.where(within, np.sign(np.nan_to_num(change)), 0)
