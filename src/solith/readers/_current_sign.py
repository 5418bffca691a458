"""Which way a cycler counts current, and the current turned so that charging is positive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["charging_positive", "directions_of"]

_STEPS = ("step_type", "state")
_COUNTERS = (
    ("charging_capacity_ah", "discharging_capacity_ah"),
    ("charge_capacity_ah", "discharge_capacity_ah"),
    ("charging_energy_wh", "discharging_energy_wh"),
)
_DISCHARGE = ("disch", "dchg", "dchag", "放电")
_CHARGE = ("charg", "chg", "充电")
_LETTERS = {"c": 1, "d": -1}
_CLEAR = 0.9
"""Part of the rows of one direction that must agree for the sign to count as told."""


def charging_positive(
    columns: Mapping[str, NDArray[Any]],
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """The columns with ``current_ampere`` positive where the cell charges, and what was done.

    What each row does is told by its step type or state code (``step_type``, ``state``);
    where there is none, by the counters of charge and discharge (``charging_capacity_ah`` and
    ``discharging_capacity_ah``, or their energies). A current without sign then gets one row
    by row, one that counts discharge as positive is turned round. Where nothing tells, the
    current stays and a note says that it is taken to be positive in charging. Columns
    without a current come back as they are. The given arrays are not changed.
    """
    done = dict(columns)
    if "current_ampere" not in done or done["current_ampere"].dtype.kind not in "fiu":
        return done, ()
    current = np.asarray(done["current_ampere"], dtype=float)
    for source, way in (
        ("step types", _by_steps(columns)),
        ("charge and discharge counters", _by_counters(columns, current)),
    ):
        if way is None or not np.any(way[current != 0]):
            continue
        done["current_ampere"], notes = _turned(current, way, source)
        return done, notes
    if not np.any(np.nan_to_num(current)):
        return done, ()
    return done, (
        "nothing in the file tells which current charges the cell; it is taken to be the positive",
    )


def directions_of(texts: NDArray[Any]) -> NDArray[np.intp]:
    """1 for each step type or state code of charging, -1 for discharging, 0 for any other."""
    listed = [str(text) for text in texts]
    known = {text: _direction(text) for text in set(listed)}
    return np.array([known[text] for text in listed], dtype=np.intp)


def _direction(text: str) -> int:
    text = text.strip().lower()
    if text in _LETTERS:
        return _LETTERS[text]
    if any(word in text for word in _DISCHARGE):
        return -1
    return 1 if any(word in text for word in _CHARGE) else 0


def _by_steps(columns: Mapping[str, NDArray[Any]]) -> NDArray[np.intp] | None:
    for name in _STEPS:
        if name in columns and columns[name].dtype.kind not in "fiu":
            way = directions_of(columns[name])
            if np.any(way):
                return way
    return None


def _by_counters(
    columns: Mapping[str, NDArray[Any]], current: NDArray[np.float64]
) -> NDArray[np.intp] | None:
    """The direction in which a counter grew up to each row; 0 where neither did."""
    for names in _COUNTERS:
        if not all(name in columns and columns[name].dtype.kind in "fiu" for name in names):
            continue
        into, out = (_growth(np.asarray(columns[name], dtype=float)) for name in names)
        way = np.sign(into - out).astype(np.intp)
        if np.any(way):
            return _filled(way, current != 0)
    return None


def _growth(counter: NDArray[np.float64]) -> NDArray[np.float64]:
    size = np.abs(np.nan_to_num(counter, posinf=0.0, neginf=0.0))
    return np.maximum(np.diff(size, prepend=size[:1]), 0.0)


def _filled(way: NDArray[np.intp], flows: NDArray[np.bool_]) -> NDArray[np.intp]:
    """A row that only begins a flow of current goes the way of the next one, the last as before.

    A counter grows between two rows; it says nothing about the first row of a step.
    """
    told = np.flatnonzero(way)
    after = np.searchsorted(told, np.arange(len(way)))
    nearest = told[np.minimum(after, len(told) - 1)]
    return np.where((way == 0) & flows, way[nearest], way).astype(np.intp)


def _turned(
    current: NDArray[np.float64], way: NDArray[np.intp], source: str
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    charging, discharging = (_sign(current[way == direction]) for direction in (1, -1))
    if charging is None or discharging is None:
        return current, (
            f"the {source} and the sign of the current contradict each other; the current is "
            "left as the file has it and taken to be positive in charging",
        )
    if charging * discharging > 0:
        bare = int(np.sum((way == 0) & (np.nan_to_num(current) != 0)))
        signed = np.where(way == 0, current, np.copysign(current, way))
        notes = [f"the file's current has no sign; it was given one by the {source}"]
        if bare:
            notes.append(f"{bare} rows have a current but no direction; they are as in the file")
        return signed, tuple(notes)
    if charging < 0 or discharging > 0:
        return 0.0 - current, (  # no -0 for a rest
            f"the file counts discharge as positive (by its {source}); the current was turned "
            "round",
        )
    return current, ()


def _sign(current: NDArray[np.float64]) -> int | None:
    """The sign that nearly all of the currents have, 0 if all are zero, ``None`` if mixed."""
    above, below = int(np.sum(current > 0)), int(np.sum(current < 0))
    if not above + below:
        return 0
    if max(above, below) < _CLEAR * (above + below):
        return None
    return 1 if above > below else -1
