"""Cycling of cells whose answers are known, clean and with each fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis.cycling import analyse_cycling
from solith.core.record import Record
from solith.core.result import Result
from validation.marks import Mark

__all__ = ["KnownCell", "made", "marks"]

Array = NDArray[np.float64]

COULOMB_PER_MAH = 3.6
TRIALS = 400


@dataclass(frozen=True)
class KnownCell:
    """A cell of open-circuit voltage 3.2 V to 4.2 V, linear in charge, cycled at 1 mA.

    ``fade`` is the part of the first discharge capacity [mAh] lost each cycle, ``efficiency`` the
    part of each charge that comes back, ``resistance`` in ohm. A step's first row comes
    ``first_row`` seconds after its start, its last at its end; ``scatter`` are standard deviations
    of voltage [V], current [A] and of each cycle's capacity and efficiency (parts).
    """

    cycles: int = 12
    rows: int = 200
    capacity: float = 2.0
    efficiency: float = 0.995
    fade: float = 2e-3
    resistance: float = 50.0
    first_row: float = 0.1
    rests: bool = True
    drift: float = 0.0
    offset: float = 0.0
    scatter: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    short: int | None = None
    leak: int | None = None
    noisy: int | None = None
    cut: int | None = None
    stepped: int | None = None
    missing: int | None = None
    seed: int = 0
    current: float = field(default=1e-3)

    def capacities(self) -> Array:
        """Discharge capacity of each cycle without its scatter [mAh]."""
        return np.asarray(self.capacity * (1 - self.fade * np.arange(self.cycles)))


def made(cell: KnownCell) -> Record:
    """The record of such a cell."""
    draw = np.random.default_rng(cell.seed)
    times, volts, amperes = [], [], []
    clock = 0.0
    for number, capacity in enumerate(cell.capacities(), start=1):
        size = capacity * (1 + draw.normal(0, cell.scatter[2]))
        back = cell.efficiency * (1 + draw.normal(0, cell.scatter[3]))
        for part in _cycle(cell, number, size, size / back):
            through, current, voltage, seconds = part
            times.append(clock + cell.first_row + through * (seconds - cell.first_row))
            noise = 5e-3 if number == cell.noisy and current[0] > 0 else 0.0
            volts.append(voltage + draw.normal(0, max(noise, cell.scatter[0]), len(through)))
            amperes.append(current + draw.normal(0, cell.scatter[1], len(through)))
            clock += seconds
    time = np.concatenate(times)
    return Record.from_arrays(
        "cycling",
        name="a known cell",
        test_time_second=time,
        voltage_volt=np.concatenate(volts) + cell.drift * time,
        current_ampere=np.concatenate(amperes) + cell.offset,
    )


Part = tuple[Array, Array, Array, float]


def _cycle(cell: KnownCell, number: int, discharged: float, charged: float) -> Iterator[Part]:
    """Rest, charge, rest, discharge: time through the step (0 to 1), current, voltage, seconds."""
    loss, through = cell.current * cell.resistance, np.linspace(0, 1, cell.rows)
    rest = np.linspace(0, 1, max(cell.rows // 4, 10))
    if cell.rests:
        yield rest, 0 * rest, 3.2 + 0 * rest, 3600.0
    seconds = charged * COULOMB_PER_MAH / cell.current
    current, voltage = np.full(cell.rows, cell.current), 3.2 + through + loss
    if number == cell.short:
        # From the middle on the voltage sags by 120 mV, and three times the charge is taken.
        seconds *= 3
        voltage = 3.2 + loss + np.minimum(2 * through, 1) * 0.6
        voltage -= 0.24 * np.clip(through - 0.5, 0, None)
    if number == cell.cut:
        seconds, voltage = 0.6 * seconds, 3.2 + 0.6 * through + loss
    if number == cell.stepped:
        late = through > 0.5
        current, voltage = (
            current * np.where(late, 1.3, 1.0),
            voltage + np.where(late, 0.3, 0) * loss,
        )
    yield through, current, voltage, seconds
    if cell.rests:
        top = 4.2 - (0.1 * rest if number == cell.leak else 0.0)
        yield rest, 0 * rest, top + 0 * rest, 3600.0
    if number == cell.missing:
        return
    part = {cell.short: 0.5, cell.cut: 0.6}.get(number, 1.0)
    seconds = part * discharged * COULOMB_PER_MAH / cell.current
    yield through, np.full(cell.rows, -cell.current), 4.2 - part * through - loss, seconds


def marks() -> Iterator[Mark]:
    """All marks of this technique."""
    yield clean()
    yield noise()
    yield drift()
    yield from gaps()
    yield from coarse()
    yield from sign()
    yield from faults()
    yield from ends()
    yield from coverage()


# --- values ------------------------------------------------------------------------------


def errors(cell: KnownCell, result: Result) -> dict[str, float]:
    """Relative errors of the first cycle and of what is left after all."""
    loss, size = cell.current * cell.resistance, cell.capacity
    last = 100 * cell.capacities()[-1] / size
    known = {
        "discharge_capacity": size,
        "initial_coulombic_efficiency": 100 * cell.efficiency,
        "mean_charge_voltage": 3.7 + loss,
        "hysteresis": 2 * loss,
        "discharge_energy": 1e-3 * size * (3.7 - loss),
        "charge_resistance": cell.resistance,
        "discharge_resistance": cell.resistance,
        "retention": last,
        "capacity_fade_per_cycle": 100 * cell.fade,
        "mean_coulombic_efficiency": 100 * cell.efficiency,
    }
    return {name: abs((result[name].value or 0.0) / value - 1) for name, value in known.items()}


def _told(off: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {100 * value:.2g} %" for name, value in off.items())


def _flags(result: Result) -> list[str]:
    return sorted(
        {flag for value in result for flag in value.flags}
        | {
            flag
            for row in result.details["cycles"]
            for told in row["flags"].values()
            for flag in told
        }
    )


def clean() -> Mark:
    """Nothing is wrong, and nothing is said to be."""
    cell = KnownCell()
    result = analyse_cycling(made(cell))
    off, flags = errors(cell, result), _flags(result)
    met = max(off.values()) < 1e-3 and flags == _EXTRAPOLATED
    return Mark(
        "cycling, clean: relative errors",
        f"{_told(off)}; flags: {flags}",
        "at most 0.1 %, none but of the extrapolation and the record's end",
        met,
    )


_EXTRAPOLATED = [
    "beyond twice the 12 measured cycles: not extrapolated",
    "the switch of the current is not in the record",  # of the last row
]


def noise() -> Mark:
    """Scatter of 1 mV and 0.1 % of the current, capacities by 0.1 %."""
    cell = KnownCell(scatter=(1e-3, 1e-6, 1e-3, 1e-4), seed=5)
    result = analyse_cycling(made(cell))
    off, flags = errors(cell, result), _flags(result)
    limits = dict.fromkeys(off, 5e-3) | {
        "hysteresis": 0.01,
        "charge_resistance": 0.1,
        "discharge_resistance": 0.1,
        "capacity_fade_per_cycle": 0.25,
    }
    return Mark(
        "cycling, scatter of 1 mV, 0.1 % of the current, 0.1 % of capacity: relative errors",
        f"{_told(off)}; flags: {flags}",
        "0.5 %; resistances 10 %, hysteresis 1 %, fade 25 %; no fault claimed",
        all(off[name] < limit for name, limit in limits.items()) and flags == _EXTRAPOLATED,
    )


def drift() -> Mark:
    """The voltage drifts by 10 mV over the record, the current has an offset of 0.05 %."""
    cell = KnownCell(drift=1e-2 / 2e5, offset=5e-7, scatter=(1e-5, 1e-8, 0.0, 0.0))
    result = analyse_cycling(made(cell))
    off, flags = errors(cell, result), _flags(result)
    told = [flag for flag in flags if flag.startswith("the current at rest averages")]
    return Mark(
        "cycling, voltage drifts by 10 mV, current has an offset of 0.05 %: relative errors",
        f"{_told(off)}; flags: {flags}",
        "0.3 % (hysteresis 1 %: it holds what the voltage drifts between charge and discharge), "
        "and the offset is told with the error that it makes",
        all(value < (0.01 if name == "hysteresis" else 3e-3) for name, value in off.items())
        and bool(told)
        and "off by 0.1 %" in told[0],
    )


# --- gaps and sampling -------------------------------------------------------------------


def gaps() -> Iterator[Mark]:
    """Rows, rests and a half-cycle that are not in the record."""
    cell = KnownCell()
    record = made(cell)
    current = record.array("current_ampere")
    starts = np.flatnonzero((current[1:] > 0) & (current[:-1] == 0)) + 1
    middle = np.zeros(len(record), dtype=bool)
    middle[starts[4] + 60 : starts[4] + 110] = True
    result = analyse_cycling(_without(record, middle))
    off = errors(cell, result)
    row, flags = result.details["cycles"][4], _at(result, 5, "charge_capacity")
    size = cell.capacities()[4] / cell.efficiency
    part = row["charge_capacity"] / size - 1
    yield Mark(
        "cycling, a quarter of the rows of a charge missing",
        f"charge off by {100 * part:.2g} %; the other errors at most "
        f"{100 * max(off.values()):.2g} %; flags: {flags}",
        "0.1 %, and the gap is told with its charge",
        abs(part) < 1e-3 and max(off.values()) < 1e-3 and "gaps of" in str(flags),
    )
    ends = np.zeros(len(record), dtype=bool)
    ends[starts[4] + 150 : starts[4] + 200 + 10] = True
    result = analyse_cycling(_without(record, ends))
    row, flags = result.details["cycles"][4], _at(result, 5, "charge_capacity")
    told = [flag for flag in flags if "may be missed" in flag]
    yield Mark(
        "cycling, the last quarter of a charge missing, with the start of the rest",
        f"charge off by {100 * (row['charge_capacity'] / size - 1):.3g} %; flags: {flags}",
        "told, with a charge that covers what is missing",
        bool(told),
    )
    cell = KnownCell(rests=False)
    off = errors(cell, analyse_cycling(made(cell)))
    off.pop("charge_resistance")  # the first charge has nothing before it
    yield Mark(
        "cycling, no rests: relative errors",
        _told(off),
        "at most 0.1 %",
        max(off.values()) < 1e-3,
    )
    cell = KnownCell(missing=6)
    result = analyse_cycling(made(cell))
    flags = _flags(result)
    told = [flag for flag in flags if "half-cycle missing" in flag]
    yield Mark(
        "cycling, one discharge missing",
        f"flags: {flags}; fade off by "
        f"{100 * errors(cell, result)['capacity_fade_per_cycle']:.2g} %",
        "told",
        bool(told),
    )


def coarse() -> Iterator[Mark]:
    """Twelve rows in a charge, the first one a whole interval after its start."""
    rows = 12
    cell = KnownCell(rows=rows, first_row=7200 / rows)
    result = analyse_cycling(made(cell))
    off = errors(cell, result)
    resistance, size = result["charge_resistance"], result["discharge_capacity"]
    yield Mark(
        "cycling, rows 10 minutes apart",
        f"{_told(off)}; flags of the capacity: {list(size.flags)}; of the resistance: "
        f"{list(resistance.flags)}",
        "'may be missed' with the capacity, 'IR not separated' with the resistance",
        "may be missed" in str(size.flags) and "IR not separated" in str(resistance.flags),
    )


def sign() -> Iterator[Mark]:
    """The current's sign turned round."""
    for what, cell in (
        ("clean", KnownCell()),
        ("scatter of 1 mV", KnownCell(scatter=(1e-3, 1e-6, 1e-3, 1e-4))),
    ):
        record = made(cell)
        record.data["current_ampere"].values[:] *= -1
        result = analyse_cycling(record)
        told = [value for value in result if "negate current_ampere" in str(value.flags)]
        yield Mark(
            f"cycling, current of the wrong sign, {what}: values that say so",
            f"{len(told)} of {len(result)}",
            "all",
            len(told) == len(result),
        )


# --- faults ------------------------------------------------------------------------------


def faults() -> Iterator[Mark]:
    """Each fault is told in the cycle in which it is, and in no other."""
    noisy = (2e-4, 1e-7, 5e-4, 5e-5)
    cases: tuple[tuple[str, dict[str, Any], str, str], ...] = (
        ("internal short in a charge", {"short": 6}, "charge_capacity", "internal (soft) short"),
        ("leak at rest after a charge", {"leak": 6}, "charge_capacity", "without slowing down"),
        ("voltage that scatters by 5 mV", {"noisy": 6}, "charge_capacity", "voltage scatters"),
        ("charge that ends 0.4 V below", {"cut": 6}, "charge_capacity", "the charge ended at"),
        ("current that changes", {"stepped": 6}, "charge_capacity", "the current changes 1 time"),
    )
    for what, fault, quantity, flag in cases:
        right = 0
        also: set[int] = set()
        for seed in range(20):
            result = analyse_cycling(made(KnownCell(scatter=noisy, seed=seed, **fault)))
            told = {
                row["cycle"]
                for row in result.details["cycles"]
                if flag in str(row["flags"].get(quantity, ()))
            }
            right += told == {6}
            also |= told - {6}
        yield Mark(
            f"cycling, {what} in cycle 6 of 12: trials in which it is told there alone",
            f"{right} of 20; elsewhere: {sorted(also) or 'never'}",
            "all",
            right == 20,
        )
    record = made(KnownCell())
    rows = np.sort(np.concatenate([np.arange(len(record)), np.arange(0, len(record), 7)]))
    twice = Record("cycling", record.data.isel(row=rows), record.provenance)
    once, again = analyse_cycling(record), analyse_cycling(twice)
    same = max(
        abs((again[v.quantity].value or 0) / v.value - 1) for v in once if v.value is not None
    )
    flags = [flag for flag in _flags(again) if "repeat" in flag]
    yield Mark(
        "cycling, every seventh row twice",
        f"values change by at most {same:.1g}; flags: {flags}",
        "1e-9, and told",
        same < 1e-9 and bool(flags),
    )


# --- ends of life and rates ----------------------------------------------------------------


def ends() -> Iterator[Mark]:
    """Sudden death, a knee, and formation at another rate; capacities scatter by 0.05 %."""
    places = np.arange(100)
    dies = np.where(places < 17, 1 - 0.003 * places, 0.95 * np.exp(-0.8 * (places - 16.0)))[:28]
    knee = np.where(places < 40, 1 - 0.001 * places, 0.96 - 0.04 * (places - 39))[:60]
    slow = np.concatenate([np.full(3, 1.1), 1 - 0.003 * places])
    cases = (
        ("sudden death after 17 cycles", dies, 0, "sudden death in cycle 18", 0.3, 16.29),
        ("a knee after 40 cycles", knee, 0, "knee about cycle", 0.1, 43.0),
        ("3 cycles at a fifth of the rate before 100", slow, 3, "", 0.3, 66.67),
    )
    for what, parts, others, flag, fade, end in cases:
        record = _of_parts(parts, others)
        result = analyse_cycling(record)
        found, until = result["capacity_fade_per_cycle"], result["cycles_to_80_percent"]
        off = (found.value or 0.0) / fade - 1
        late = (until.value or 0.0) - end
        yield Mark(
            f"cycling, {what}: fade before it, cycles to 80 %",
            f"fade off by {100 * off:.2g} %, cycles to 80 % by {late:.2g} of {end:.4g}; "
            f"flags: {list(until.flags)}",
            "5 %; 0.5 cycles; told",
            abs(off) < 0.05 and abs(late) < 0.5 and (flag in str(until.flags) if flag else True),
        )


def _of_parts(parts: Array, others: int) -> Record:
    """Cycles of parts of 2 mAh at 1 mA, the first ``others`` at 0.2 mA."""
    draw = np.random.default_rng(8)
    along, clock = np.linspace(0, 1, 60), 0.0
    times, volts, amperes = [], [], []
    for number, size in enumerate(2 * parts * (1 + draw.normal(0, 5e-4, len(parts)))):
        current = 2e-4 if number < others else 1e-3
        for way, charge in ((1, size / 0.998), (-1, size)):
            seconds = charge * COULOMB_PER_MAH / current
            times.append(clock + seconds / 60 + along * seconds)
            volts.append(3 + 1.2 * along[::way] + draw.normal(0, 2e-4, 60))
            amperes.append(np.full(60, way * current))
            clock = float(times[-1][-1])
    return Record.from_arrays(
        "cycling",
        test_time_second=np.concatenate(times),
        voltage_volt=np.concatenate(volts),
        current_ampere=np.concatenate(amperes),
    )


# --- coverage ----------------------------------------------------------------------------


def coverage() -> Iterator[Mark]:
    """How often 1.96 standard uncertainties hold the truth."""
    base: dict[str, Any] = {"rows": 12, "scatter": (1e-3, 1e-7, 2e-3, 3e-4)}
    for cycles in (8, 25):
        cell = KnownCell(cycles=cycles, **base)
        known: dict[str, float] = {
            "capacity_fade_per_cycle": 100 * cell.fade,
            "mean_coulombic_efficiency": 100 * cell.efficiency,
            "retention": 100 * float(cell.capacities()[-1]) / cell.capacity,
            "charge_resistance": cell.resistance,
            "discharge_resistance": cell.resistance,
        }
        yield from _covered(f"{cycles} cycles", cell, known, made)
    cell = KnownCell(cycles=25, cut=9, **base)
    yield from _covered(
        "25 cycles, one with a step error", cell, {"capacity_fade_per_cycle": 100 * cell.fade}, made
    )


def _covered(
    what: str, cell: KnownCell, known: Mapping[str, float], make: Callable[[KnownCell], Record]
) -> Iterator[Mark]:
    held = dict.fromkeys(known, 0)
    for seed in range(TRIALS):
        result = analyse_cycling(make(KnownCell(**{**cell.__dict__, "seed": 1000 + seed})))
        for name, truth in known.items():
            value = result[name]
            if value.value is not None and value.uncertainty is not None:
                held[name] += abs(value.value - truth) <= 1.959964 * value.uncertainty
    for name, number in held.items():
        part = 100 * number / TRIALS
        yield Mark(
            f"cycling, {what}: 95 % interval of {name}, {TRIALS} trials",
            f"{part:.1f} %",
            "92-98 %",
            92 <= part <= 98,
        )


def _without(record: Record, rows: NDArray[np.bool_]) -> Record:
    return Record("cycling", record.data.isel(row=np.flatnonzero(~rows)), record.provenance)


def _at(result: Result, cycle: int, quantity: str) -> list[str]:
    row = next(row for row in result.details["cycles"] if row["cycle"] == cycle)
    return list(row["flags"].get(quantity, ()))
