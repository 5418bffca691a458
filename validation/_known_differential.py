"""dQ/dV, rate table, formation loss and replicates of records whose answers are known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from solith.analysis import (
    find_differential_capacity,
    find_formation_loss,
    find_rate_capability,
    summarise_replicates,
)
from solith.core.record import Record
from solith.core.result import Result, Value
from validation.marks import Mark, finish

Array = NDArray[np.float64]

STEPS = ((3.65, 0.018, 0.9), (3.82, 0.012, 0.5), (4.05, 0.03, 1.0))
"""Potential [V], width [V] and capacity [mAh] of the logistic steps of Q(V)."""

SLOPE = 0.3  # mAh/V under all of them
LOW, HIGH = 3.2, 4.3
GRID = np.linspace(LOW, HIGH, 400001)


def capacity(voltage: Array) -> Array:
    """Q(V) [mAh]."""
    steps = sum(size / (1 + np.exp(-(voltage - at) / wide)) for at, wide, size in STEPS)
    return np.asarray(steps + SLOPE * (voltage - LOW))


def density(voltage: Array) -> Array:
    """dQ/dV [mAh/V], the derivative of :func:`capacity` in closed form."""
    parts = [
        size / (4 * wide) / np.cosh((voltage - at) / (2 * wide)) ** 2 for at, wide, size in STEPS
    ]
    return np.asarray(sum(parts) + SLOPE)


def true_peaks() -> tuple[Array, Array]:
    """Potentials and heights of the maxima of :func:`density`."""
    values = density(GRID)
    at = 1 + np.flatnonzero((values[1:-1] > values[2:]) & (values[1:-1] > values[:-2]))
    return GRID[at], values[at]


def valleys() -> Array:
    """Capacities [mAh from the begin of the charge] at which dV/dQ peaks."""
    values = density(GRID)
    at = 1 + np.flatnonzero((values[1:-1] < values[2:]) & (values[1:-1] < values[:-2]))
    return capacity(GRID[at]) - capacity(np.array([LOW]))


def cycled(
    rows: int = 2000,
    *,
    cycles: int = 1,
    noise: float = 0.0,
    step: float = 0.0,
    drift: float = 0.0,
    hold: bool = False,
    sign: float = 1.0,
    seed: int = 1,
) -> Record:
    """Charge and discharge at 0.1 mA; the voltage has a ``drift`` [V/h] and a resolution [V]."""
    total = float(capacity(np.array([HIGH]))[0] - capacity(np.array([LOW]))[0])
    passed = np.linspace(0, total, rows)
    up = np.interp(passed, capacity(GRID) - capacity(GRID)[0], GRID)
    seconds = passed * 3.6 / 1e-4
    parts = [(seconds, up, np.full(rows, 1e-4))]
    if hold:
        decay = np.linspace(0, 7200, 400)
        parts.append((decay, np.full(400, HIGH), 1e-4 * np.exp(-decay / 1500)))
    parts.append((np.array([1.0, 1800.0]), np.full(2, HIGH), np.zeros(2)))
    parts.append((seconds, up[::-1], np.full(rows, -1e-4)))
    parts.append((np.array([1.0, 1800.0]), np.full(2, LOW), np.zeros(2)))
    times, voltages, currents, counts = [], [], [], []
    end = 0.0
    for number in range(cycles):
        for its_time, voltage, current in parts:
            times.append(end + 1 + its_time)
            voltages.append(voltage)
            currents.append(current)
            counts.append(np.full(len(voltage), number + 1))
            end = float(times[-1][-1])
    time, voltage = np.concatenate(times), np.concatenate(voltages)
    voltage = voltage + drift * time / 3600
    voltage = voltage + noise * np.random.default_rng(seed).normal(size=voltage.size)
    if step:
        voltage = np.round(voltage / step) * step
    return Record.from_arrays(
        "cycling",
        name="known dQ/dV",
        test_time_second=time,
        voltage_volt=voltage,
        current_ampere=sign * np.concatenate(currents),
        cycle_count=np.concatenate(counts),
    )


def errors(result: Result) -> tuple[Array, Array]:
    """Of every peak of every half-cycle: error of the potential [mV], of the height [%]."""
    potentials, heights = true_peaks()
    found = [half["peaks"] for half in result.details["half_cycles"]]
    if any(len(peaks) != len(potentials) for peaks in found):
        return np.array([np.inf]), np.array([np.inf])
    at = np.array([[peak["place"] for peak in peaks] for peaks in found])
    high = np.array([[peak["height"] for peak in peaks] for peaks in found])
    return 1e3 * (at - potentials).ravel(), 100 * (high / heights - 1).ravel()


def closure(result: Result) -> float:
    """The largest part of the capacity that dQ/dV gained or lost [%]."""
    return max(abs(half["closure_percent"]) for half in result.details["half_cycles"])


def accuracy() -> Iterator[Mark]:
    """Peaks of one record each."""
    cases = (
        ("clean", cycled(), 0.05, 1.0),
        ("noise of 1 mV", cycled(noise=1e-3), 3.0, 8.0),
        ("noise of 5 mV", cycled(20000, noise=5e-3), 5.0, 10.0),
        ("coarse: 60 rows in each half-cycle", cycled(60), 0.2, 2.0),
        ("coarse: voltage in steps of 5 mV", cycled(step=5e-3), 1.0, 3.0),
        ("with a hold at constant voltage", cycled(hold=True), 0.05, 1.0),
    )
    for what, record, millivolt, percent in cases:
        result = find_differential_capacity(record)
        potential, height = (float(np.max(np.abs(each))) for each in errors(result))
        smoothing = 1e3 * result.details["half_cycles"][0]["smoothing_volt"]
        lost = closure(result)
        yield Mark(
            f"dQ/dV, {what}: three peaks in charge and discharge, largest errors",
            f"{potential:.3f} mV, height {height:.2f} %, integral {lost:.1e} % from the capacity "
            f"(smoothing {smoothing:.2g} mV)",
            f"within {millivolt:g} mV, {percent:g} %, 1e-6 %",
            potential <= millivolt and height <= percent and lost < 1e-6,
        )


def faults() -> Iterator[Mark]:
    """What is wrong with a record is seen."""
    potentials, _ = true_peaks()
    record = cycled()
    gap = record.without(voltage_volt=(3.79, 3.85))
    half = find_differential_capacity(gap).details["half_cycles"][0]
    inside = [peak for peak in half["peaks"] if 3.78 < peak["place"] < 3.86]
    outside = [peak for peak in half["peaks"] if not 3.78 < peak["place"] < 3.86]
    told = any("no rows between 3.79 and 3.85 V" in flag for flag in half["flags"])
    doubted = all("gap" in " ".join(peak["flags"]) for peak in inside)
    error = max(1e3 * float(np.min(np.abs(potentials - peak["place"]))) for peak in outside)
    yield Mark(
        "dQ/dV, gap: the rows of the middle peak are missing",
        f"{'told' if told else 'not told'}, {len(inside)} peaks in it, "
        f"{'all' if doubted else 'not all'} flagged; the {len(outside)} others "
        f"within {error:.3f} mV",
        "told, no peak in it without a flag, the others within 0.1 mV",
        told and doubted and len(outside) == 2 and error < 0.1,
    )
    rests = record.without(current_ampere=0.0)
    potential, _ = errors(find_differential_capacity(rests))
    worst = float(np.max(np.abs(potential)))
    yield Mark(
        "dQ/dV, gap: rests are missing",
        f"largest error {worst:.3f} mV",
        "within 0.05 mV",
        worst < 0.05,
    )
    swapped = find_differential_capacity(cycled(sign=-1.0))
    warned = [any("sign may be the wrong way" in flag for flag in value.flags) for value in swapped]
    yield Mark(
        "dQ/dV, wrong sign of the current",
        f"{sum(warned)} of {len(warned)} values say so",
        "all",
        all(warned),
    )
    drift = 2e-4
    drifting = cycled(cycles=5, drift=drift, noise=3e-4)
    result = find_differential_capacity(drifting, cycle=range(1, 6))
    time = drifting.array("test_time_second")
    hours = float(np.diff([time[drifting.array("cycle_count") == n][0] for n in (1, 2)])[0]) / 3600
    moved = []
    for way in (1, -1):
        places = np.array(
            [
                [peak["place"] for peak in half["peaks"]]
                for half in result.details["half_cycles"]
                if half["direction"] == way
            ]
        )
        moved += list(np.polyfit(np.arange(5), places, 1)[0])
    yield Mark(
        f"dQ/dV, voltage drifts by {1e3 * drift * hours:.2f} mV a cycle: the peaks move with it",
        f"{1e3 * min(moved):.2f} to {1e3 * max(moved):.2f} mV a cycle",
        "each of six within 0.5 mV a cycle",
        bool(np.all(np.abs(np.array(moved) - drift * hours) < 5e-4)),
    )


def coverage() -> Iterator[Mark]:
    """The intervals hold the truth."""
    potentials, heights = true_peaks()
    capacities = valleys()
    total = float(capacity(np.array([HIGH]))[0] - capacity(np.array([LOW]))[0])
    inside: dict[str, list[bool]] = {"potential": [], "height": [], "capacity of dV/dQ": []}
    for seed in range(150):
        noise, rows = (3e-4, 1e-3, 2e-3)[seed % 3], (1000, 2000, 5000)[seed % 3]
        record = cycled(rows, noise=noise, seed=seed)
        for half in find_differential_capacity(record).details["half_cycles"]:
            for peak in half["peaks"]:
                near = int(np.argmin(np.abs(potentials - peak["place"])))
                miss = abs(peak["place"] - potentials[near])
                inside["potential"].append(miss < 1.96 * peak["place_uncertainty"])
                if not peak["flags"]:
                    miss = abs(peak["height"] - heights[near])
                    inside["height"].append(miss < 1.96 * peak["height_uncertainty"])
            true = capacities if half["direction"] > 0 else total - capacities
            for peak in half["voltage_peaks"]:
                miss = float(np.min(np.abs(true - peak["place"])))
                inside["capacity of dV/dQ"].append(miss < 1.96 * peak["place_uncertainty"])
    for what, hits in inside.items():
        part = 100 * float(np.mean(hits))
        yield Mark(
            f"dQ/dV, 95 % intervals of a peak's {what}, noise of 0.3 to 2 mV",
            f"hold {part:.1f} % of {len(hits)} true values",
            "92 to 98 %",
            92 <= part <= 98,
        )


RATES = (0.1, 0.2, 0.5, 1.0, 2.0, 0.1)  # C
LEFT = (1.0, 0.96, 0.9, 0.8, 0.6, 0.97)  # of 2 mAh
ONE_C = 2e-3  # A
EACH = 5


def rate_test(*, noise: float = 0.0, rows: int = 50, sign: float = 1.0, seed: int = 1) -> Record:
    """Charges at 0.1 C, discharges at falling voltage, five at each rate; capacities scatter."""
    scatter = np.random.default_rng(seed)
    times, voltages, currents, counts = [], [], [], []
    end, number = 0.0, 0
    for rate, left in zip(RATES, LEFT, strict=True):
        for _ in range(EACH):
            number += 1
            size = 2e-3 * 3600 * left * (1 + noise * scatter.normal())
            for current, low, high in (
                (0.1 * ONE_C, 3.0, 4.0),
                (-rate * ONE_C, 3.8 - 0.1 * rate, 3.0),
            ):
                seconds = np.linspace(0, size / abs(current), rows)
                times += [end + 1 + seconds, np.array([end + 61 + seconds[-1]])]
                voltages += [np.linspace(low, high, rows), np.array([high])]
                currents += [np.full(rows, current), np.zeros(1)]
                counts += [np.full(rows + 1, number)]
                end = float(times[-1][-1])
    return Record.from_arrays(
        "cycling",
        name="known rates",
        attributes={"one_c_ampere": ONE_C, "active_mass_kg": 1e-5, "geometric_area_m2": 1e-4},
        test_time_second=np.concatenate(times),
        voltage_volt=np.concatenate(voltages),
        current_ampere=sign * np.concatenate(currents),
        cycle_count=np.concatenate(counts),
    )


def rates() -> Iterator[Mark]:
    """Rate table and Ragone's points of capacities and voltages that are known."""
    for what, record in (
        ("clean", rate_test()),
        ("coarse: 8 rows", rate_test(rows=8)),
        ("gap: every third row missing", _thinned(rate_test())),
        ("voltage noise of 5 mV", _noisy(rate_test(), 5e-3)),
    ):
        result = find_rate_capability(record)
        worst = 0.0
        for row, rate, left in zip(result.details["rates"], RATES, LEFT, strict=True):
            mean = (3.8 - 0.1 * rate + 3.0) / 2
            known = {
                "c_rate": rate,
                "discharge_capacity": 200 * left,
                "discharge_energy": 200 * left * mean,
                "mean_discharge_power": rate * ONE_C * mean / 1e-5,
                "current_density": 2 * rate,
                "areal_energy": 2e-3 * left * mean / 1e-4,
                "relative_capacity": 100 * left,
            }
            worst = max(worst, *(abs(row[name] / value - 1) for name, value in known.items()))
        recovery = result["recovery"].value
        assert recovery is not None
        yield Mark(
            f"rate table and Ragone's points, {what}: six steps, largest error",
            f"{100 * worst:.4f} %, recovery {recovery:.3f} % (true 97)",
            "within 0.1 %",
            worst < 1e-3 and abs(recovery - 97) < 0.1,
        )
    swapped = find_rate_capability(rate_test(sign=-1.0))
    named = [value for value in swapped if value.quantity.startswith("discharge_capacity")]
    warned = [any("wrong way" in flag for flag in value.flags) for value in named]
    yield Mark(
        "rate table, wrong sign of the current",
        f"{sum(warned)} of {len(named)} capacities say so",
        "all",
        all(warned),
    )
    hits = []
    for seed in range(300):
        result = find_rate_capability(rate_test(noise=0.01, rows=8, seed=seed))
        for row, left in zip(result.details["rates"], LEFT, strict=True):
            reach = 1.96 * row["uncertainty"]["discharge_capacity"]
            hits.append(abs(row["discharge_capacity"] - 200 * left) < reach)
    part = 100 * float(np.mean(hits))
    yield Mark(
        "rate table, 95 % intervals of the mean capacity of five cycles that scatter by 1 %",
        f"hold {part:.1f} % of {len(hits)} true values",
        "92 to 98 %",
        92 <= part <= 98,
    )


def _thinned(record: Record) -> Record:
    rows = np.arange(len(record))
    marked = record.data.assign(kept_1=("row", (rows % 3 != 2).astype(float)))
    return Record("cycling", marked, record.provenance, record.name).select(kept_1=1.0)


def _noisy(record: Record, noise: float) -> Record:
    voltage = record.array("voltage_volt")
    voltage = voltage + noise * np.random.default_rng(2).normal(size=voltage.size)
    changed = record.data.assign(voltage_volt=("row", voltage))
    return Record("cycling", changed, record.provenance, record.name)


def formed(seed: int) -> tuple[Record, float]:
    """Twenty cycles: three of formation (80, 95, 98 %), then 99.5 % with scatter; the true loss."""
    scatter = np.random.default_rng(seed)
    efficiencies = [0.8, 0.95, 0.98, *(0.995 + 5e-4 * scatter.normal(size=17))]
    edges, size = [0.0], 7.2
    for efficiency in efficiencies:
        edges += [edges[-1] + size, edges[-1] + size * (1 - efficiency)]
        size *= efficiency
    time, current, voltage, end = [], [], [], 0.0
    for one, other in pairwise(edges):
        passed = np.linspace(0, abs(other - one), 30)
        time.append(end + 60 + passed / 1e-3)
        current.append(np.full(30, 1e-3 * np.sign(other - one)))
        voltage.append(3.5 + np.sign(other - one) * np.linspace(-0.5, 0.5, 30))
        end = float(time[-1][-1])
    record = Record.from_arrays(
        "cycling",
        test_time_second=np.concatenate(time),
        voltage_volt=np.concatenate(voltage),
        current_ampere=np.concatenate(current),
    )
    return record, edges[6] / 3.6


def formation() -> Iterator[Mark]:
    """The number of formation cycles and what they cost."""
    right, worst = 0, 0.0
    for seed in range(100):
        record, true = formed(seed)
        result = find_formation_loss(record)
        right += result["formation_cycles"].value == 3
        loss = find_formation_loss(record, formation_cycles=3)["formation_loss"].value
        assert loss is not None
        worst = max(worst, abs(loss / true - 1))
    yield Mark(
        "formation of three cycles, then 99.5 % with a scatter of 0.05 %, 100 records",
        f"three cycles found in {right}, loss of the three within {100 * worst:.1e} %",
        "at least 95, 1e-6 %",
        right >= 95 and worst < 1e-8,
    )


def replicates() -> Iterator[Mark]:
    """Confidence of the mean and outliers among like cells."""
    scatter = np.random.default_rng(3)
    hits, alarms, seen = [], 0, 0
    trials = 3000
    for trial in range(trials):
        number = 4 + trial % 7
        values = 150 + 2 * scatter.normal(size=number)
        told = _summary(values)
        reach = told["half_width_95"]
        hits.append(abs(told["mean"] - 150) < reach)
        alarms += bool(told["outliers"])
        values[0] = 150 - 100
        seen += 1 in _summary(values)["outliers"]
    yield Mark(
        "replicates, 95 % intervals of the mean of 4 to 10 cells",
        f"hold {100 * np.mean(hits):.1f} % of {trials} true values",
        "92 to 98 %",
        0.92 <= float(np.mean(hits)) <= 0.98,
    )
    yield Mark(
        "replicates, outliers among 4 to 10 cells: false alarms, and a cell with a third of the "
        "capacity (50 spreads off)",
        f"{100 * alarms / trials:.2f} % of {trials} sets, found in {100 * seen / trials:.1f} %",
        "0.5 to 1.6 %, at least 85 %",
        0.005 <= alarms / trials <= 0.016 and seen >= 0.85 * trials,
    )


def _summary(values: Array) -> dict[str, object]:
    results = [Result("cell", (Value("q", float(value), "mAh/g"),)) for value in values]
    told: dict[str, object] = summarise_replicates(results).details["summary"]["q"]
    return told


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from accuracy()
    yield from faults()
    yield from coverage()
    yield from rates()
    yield from formation()
    yield from replicates()


if __name__ == "__main__":
    finish(marks())
