"""Where the voltage of a simulated discharge is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._half_cycles import HalfCycle, find_half_cycles
from solith.analysis._options import cycle_among
from solith.analysis._rows import title_of
from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.quantities import to_si
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["find_losses", "has_losses", "loss_values"]

_TOLERANCE = 1e-3
"""Volt by which the parts may miss open-circuit minus cell voltage without a flag."""


def find_losses(record: Record, *, cycle: int | None = None, time: Any = None) -> Result:
    """The voltage lost in each part of a simulated cell [mV], and ``loss_total``.

    Without ``time``: the mean over the discharge of a ``cycle`` (the first one that the
    record holds if not given), integral of loss x abs(I) dt / integral of abs(I) dt. With
    ``time`` (seconds, or a text such as "2 h"): the losses at that moment, linear between
    rows. A loss counts open-circuit minus cell voltage: positive in discharge.

    A loss that is not defined is ``None`` with a flag ("no discharge"). Raises
    :class:`InputError` for a record without a loss budget, a cycle it does not hold and a
    time outside it.
    """
    require_record(record)
    if not has_losses(record):
        raise InputError(
            f"{title_of(record)} holds no losses; a simulated cycling record has them as "
            "variables loss_PART_volt"
        )
    if time is not None:
        if cycle is not None:
            raise InputError("cycle and time cannot both be given; leave one out")
        values = _values_at(record, to_si(time, "s"))
        return Result(f"Losses in {title_of(record)}", tuple(values))
    halves, dropped = find_half_cycles(record)
    numbers = list(dict.fromkeys(half.cycle for half in halves))
    first = numbers[0] if numbers else 1
    cycle = first if cycle is None else cycle_among(cycle, numbers)
    discharges = [h for h in halves if h.cycle == cycle and h.direction < 0 and h.charge > 0]
    values = loss_values(record, discharges[0] if discharges else None, cycle, dropped)
    return Result(f"Losses in {title_of(record)}", tuple(values))


def has_losses(record: Record) -> bool:
    """Whether a record holds a loss budget."""
    return bool(_parts(record))


def loss_values(
    record: Record, discharge: HalfCycle | None, cycle: int, flags: tuple[str, ...] = ()
) -> list[Value]:
    """The mean of each loss over a discharge [mV], weighted by charge."""
    method = f"mean over the discharge of cycle {cycle}, weighted by charge"
    if discharge is None:
        means: dict[str, float | None] = dict.fromkeys(_parts(record))
        return _as_values(means, None, method, ("no discharge", *flags))
    means = {part: discharge.mean(column) for part, column in _parts(record).items()}
    gap = _gap(record)
    return _as_values(means, None if gap is None else discharge.mean(gap), method, flags)


def _values_at(record: Record, time: float) -> list[Value]:
    times = record.array("test_time_second")
    if not times[0] <= time <= times[-1]:
        raise InputError(
            f"{time:g} s is outside {title_of(record)}, which lasts from "
            f"{times[0]:g} s to {times[-1]:g} s",
            where="time",
        )
    losses = {part: float(np.interp(time, times, col)) for part, col in _parts(record).items()}
    gap = _gap(record)
    whole = None if gap is None else float(np.interp(time, times, gap))
    return _as_values(losses, whole, f"at {time:g} s", ())


def _parts(record: Record) -> dict[str, NDArray[np.float64]]:
    """The loss in each part by its name [V]."""
    names = [str(name) for name in record.data.data_vars]
    return {
        name.removeprefix("loss_").removesuffix("_volt"): record.array(name)
        for name in names
        if name.startswith("loss_") and name.endswith("_volt")
    }


def _gap(record: Record) -> NDArray[np.float64] | None:
    """Open-circuit minus cell voltage, which the parts should sum to [V]."""
    if "open_circuit_voltage_volt" not in record.data.variables:
        return None
    return record.array("open_circuit_voltage_volt") - record.array("voltage_volt")


def _as_values(
    losses: Mapping[str, float | None], gap: float | None, method: str, flags: tuple[str, ...]
) -> list[Value]:
    known = [loss for loss in losses.values() if loss is not None]
    total = sum(known) if len(known) == len(losses) else None
    missed = () if total is None or gap is None else _missed(total - gap)
    shown = {f"loss_{part}": loss for part, loss in losses.items()} | {"loss_total": total}
    return [
        Value(
            quantity=name,
            value=None if loss is None else 1e3 * loss,
            unit="mV",
            method=method,
            flags=flags + (missed if name == "loss_total" else ()),
        )
        for name, loss in shown.items()
    ]


def _missed(difference: float) -> tuple[str, ...]:
    if abs(difference) <= _TOLERANCE:
        return ()
    return (f"the parts miss open-circuit minus cell voltage by {1e3 * difference:.3g} mV",)
