"""Symmetric cells with known answers: resistance, plated lithium, growth, and simulated cells.

A made-up ohmic test of ten levels (0.1 to 1 mA/cm2, half an hour each way, rests of ten minutes,
a row every 30 s), 50 ohm cm2 on 0.785 cm2: clean and with one fault at a time. Then intervals over
many noisy tests, and records of the cell model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from solith.analysis.critical_current import find_critical_current
from solith.analysis.symmetric_cycling import analyse_symmetric_cycling
from solith.cell import SymmetricCell, simulate, stepped_current
from solith.cell.protocol import Cycling
from solith.core.constants import FARADAY
from solith.core.intervals import NORMAL_95
from solith.core.record import Record
from solith.core.result import Result
from validation.marks import Mark

__all__ = ["marks"]

Array = NDArray[np.float64]
Columns = dict[str, Array]
Fault = Callable[[np.random.Generator, Columns], Columns]

AREA = 7.85e-5  # m2
RESISTANCE = 50.0  # ohm cm2
HIGHEST = 1.0  # mA/cm2
PLATED = 0.5  # mAh/cm2
TRIALS = 400


def marks() -> Iterator[Mark]:
    """All marks of this module."""
    yield from faults()
    yield coverage_of_resistance()
    yield coverage_of_growth()
    yield coverage_of_thresholds()
    yield from simulated()


def stepped(spacing: float = 30.0) -> Columns:
    """Time [s], voltage [V] and current [A] of the ohmic test; first rows lie at the switches."""
    time, current, clock = [], [], 0.0
    for level in np.arange(1, 11) * HIGHEST / 10:
        for way in (1.0, -1.0):
            for length, density in ((1800.0, way * level), (600.0, 0.0)):
                rows = np.arange(0, length, spacing)
                time.append(clock + rows)
                current.append(np.full(len(rows), density * 10 * AREA))
                clock += length
    amperes = np.concatenate(current)
    return {
        "test_time_second": np.concatenate(time),
        "voltage_volt": amperes * RESISTANCE / AREA / 1e4,
        "current_ampere": amperes,
    }


def recorded(columns: Columns) -> Record:
    """The columns as a record with its area."""
    return Record.from_arrays("cycling", attributes={"geometric_area_m2": AREA}, **columns)


def noisy(rng: np.random.Generator, columns: Columns, part: float = 0.01) -> Columns:
    """Noise of 1 % of the voltage, of 0.5 mV, and of 0.2 % of the current."""
    size = (2, len(columns["voltage_volt"]))
    scatter = rng.normal(size=size)
    voltage, current = columns["voltage_volt"], columns["current_ampere"]
    return columns | {
        "voltage_volt": voltage + (part * np.abs(voltage) + 5e-4) * scatter[0],
        "current_ampere": current * (1 + 2e-3 * scatter[1]),
    }


def drifting(_: np.random.Generator, columns: Columns) -> Columns:
    """The level of the current drifts by 1 %, the offset of the voltage by 1 mV over the test."""
    share = columns["test_time_second"] / columns["test_time_second"][-1]
    return columns | {
        "current_ampere": columns["current_ampere"] * (1 + 0.01 * share),
        "voltage_volt": columns["voltage_volt"] * (1 + 0.01 * share) + 1e-3 * share,
    }


def with_gaps(rng: np.random.Generator, columns: Columns) -> Columns:
    """A tenth of the rows missing, and half of the rests."""
    kept = rng.random(len(columns["test_time_second"])) > 0.1
    rest = columns["current_ampere"] == 0
    number = np.cumsum(np.diff(rest, prepend=False) & rest)
    kept &= ~(rest & (number % 2 == 0))
    return {name: column[kept] for name, column in columns.items()}


def coarse(_: np.random.Generator, __: Columns) -> Columns:
    """A row every five minutes: six a step."""
    return stepped(300.0)


def turned(_: np.random.Generator, columns: Columns) -> Columns:
    """The current counted the other way."""
    return columns | {"current_ampere": -columns["current_ampere"]}


FAULTS: dict[str, tuple[Fault, float, float]] = {
    "clean": (lambda _, columns: columns, 1e-6, 1e-6),
    "noise of 1 % and 0.5 mV": (noisy, 0.5, 0.5),
    "current's level drifts by 1 %, offset by 1 mV": (drifting, 0.5, 1.1),
    "a tenth of the rows and half of the rests missing": (with_gaps, 0.1, 2.5),
    "six rows a step": (coarse, 1e-6, 1e-6),
    "wrong sign of current": (turned, 1e-6, 1e-6),
}
"""Each fault with the largest errors of resistance and plated capacity [%] that are allowed."""


def faults() -> Iterator[Mark]:
    """Errors of the values, one fault at a time."""
    for name, (fault, ohms, charge) in FAULTS.items():
        worst = {"area_resistance": 0.0, "plated_capacity": 0.0, "critical_current_density": 0.0}
        truths = dict(zip(worst, (RESISTANCE, PLATED, HIGHEST), strict=True))
        steps, failed = set(), 0
        for seed in range(20):
            columns = fault(np.random.default_rng(seed), stepped())
            result = find_critical_current(recorded(columns))
            steps.add(len(result.details["steps"]))
            failed += result.details["failure"] != "none"
            for quantity, truth in truths.items():
                error = 100 * abs(_number(result, quantity) / truth - 1)
                worst[quantity] = max(worst[quantity], error)
        yield Mark(
            f"lithium symmetric cell, {name}: largest errors of resistance, plated capacity, "
            "current; steps; false shorts",
            ", ".join(f"{error:.2g} %" for error in worst.values())
            + f"; {'/'.join(map(str, sorted(steps)))}; {failed}",
            f"<= {ohms:g} %, {charge:g} %, 1.1 %; 20; 0",
            worst["area_resistance"] <= ohms
            and worst["plated_capacity"] <= charge
            and worst["critical_current_density"] <= 1.1
            and steps == {20}
            and not failed,
        )


def coverage_of_resistance() -> Mark:
    """Of the resistance's interval, noise of different sizes, rows missing."""
    held = 0
    for seed in range(TRIALS):
        rng = np.random.default_rng([1, seed])
        part = float(10 ** rng.uniform(-3, -1.7))
        columns = with_gaps(rng, noisy(rng, stepped(60.0), part))
        held += _holds(find_critical_current(recorded(columns)), "area_resistance", RESISTANCE)
    return _coverage("area resistance of a stepped test", held)


def coverage_of_growth() -> Mark:
    """Of the growth of resistance per cycle in long cycling."""
    held = 0
    for seed in range(TRIALS):
        rng = np.random.default_rng([2, seed])
        rate = float(rng.uniform(0, 0.5))
        columns = noisy(rng, _long(rng, rate), 0.003)
        result = analyse_symmetric_cycling(recorded(columns))
        held += _holds(result, "resistance_growth_per_cycle", rate)
    return _coverage("growth of resistance per cycle", held)


def _long(rng: np.random.Generator, rate: float) -> Columns:
    """25 cycles at 0.5 mA/cm2, an hour each way; cycles scatter by 0.2 %."""
    per = 30
    rows = np.arange(50 * per)
    half = rows // per
    cycle = half // 2
    ohms = (RESISTANCE + rate * cycle) * (1 + 2e-3 * rng.normal(size=25)[cycle])
    current = np.where(half % 2 == 0, 1.0, -1.0) * 5 * AREA
    return {
        "test_time_second": rows * 3600.0 / per,
        "voltage_volt": current * ohms / AREA / 1e4,
        "current_ampere": current,
    }


def coverage_of_thresholds() -> Mark:
    """Of the critical current density: a threshold anywhere, the short at the first level above."""
    held = 0
    for seed in range(TRIALS):
        rng = np.random.default_rng([3, seed])
        threshold = float(rng.uniform(0.2, 0.95))
        columns = stepped(60.0)
        above = np.abs(columns["current_ampere"]) / AREA / 10 > threshold
        onset = int(np.flatnonzero(above)[0]) + int(rng.integers(6, 20))
        columns["voltage_volt"][onset:] *= 0.05
        result = find_critical_current(recorded(noisy(rng, columns)))
        held += _holds(result, "critical_current_density", threshold)
    return Mark(
        "critical current density, threshold anywhere between two levels: 95 % intervals that hold "
        "it (they are made to hold the whole bracket)",
        f"{100 * held / TRIALS:.1f} %",
        "at least 95 %",
        held >= 0.95 * TRIALS,
    )


def simulated() -> Iterator[Mark]:
    """Records of the cell model give back what made them."""
    for transfer, told in (("30 ohm cm2", "linear kinetics"), ("8 ohm cm2", "linear, less")):
        cell = _cell({"law": "linear", "area_resistance": transfer})
        record = simulate(cell, stepped_current("0.1 mA/cm2", "0.1 mA/cm2", "1 mA/cm2", "2 h"))
        result = find_critical_current(record)
        resistance = 25.0 + 5.0 + 2 * float(transfer.split()[0])
        thickness = 2.0 * 3.6e4 / FARADAY * 0.00694 / 534 * 1e6  # 2 mAh/cm2 in C/m2, um
        errors = [
            100 * abs(_number(result, name) / truth - 1)
            for name, truth in (
                ("area_resistance", resistance),
                ("plated_capacity", 2.0),
                ("plated_thickness", thickness),
            )
        ]
        yield Mark(
            f"simulated symmetric cell, {told}: errors of resistance, capacity, thickness",
            ", ".join(f"{error:.1g} %" for error in errors),
            "<= 0.001 % each",
            max(errors) <= 1e-3,
        )
    film = {
        "thickness": "10 nm",
        "conductivity": "1e-7 S/cm",
        "growth": {"law": "diffusion", "rate": "1e-20 m2/s"},
    }
    cell = _cell({"law": "linear", "area_resistance": "20 ohm cm2"}, film)
    steps = ("charge at 0.5 mA/cm2 for 1 h", "discharge at 0.5 mA/cm2 for 1 h")
    result = analyse_symmetric_cycling(simulate(cell, Cycling(steps, cycles=50)))
    film_at_last = np.sqrt(1e-16 + 1e-20 * 99 * 3600) / 1e-5 * 1e4  # ohm cm2, its middle
    error = 100 * abs(_number(result, "final_resistance") / (70.0 + 2 * film_at_last) - 1)
    yield Mark(
        "simulated symmetric cell, growing interphase: error of the last cycle's resistance",
        f"{error:.2g} %",
        "<= 0.1 %, and no failure",
        error <= 0.1 and result.details["failure"] == "none",
    )


def _cell(transfer: dict[str, str], film: dict[str, object] | None = None) -> SymmetricCell:
    """25 ohm cm2 of electrolyte and 5 of grain boundaries."""
    electrode: dict[str, object] = {"charge_transfer": transfer}
    if film is not None:
        electrode["interphase"] = film
    return SymmetricCell.from_mapping(
        {
            "electrode": electrode,
            "electrolyte": {
                "material": "LGPS",
                "thickness": "500 um",
                "conductivity": "2 mS/cm",
                "activation_energy": "25 kJ/mol",
                "grain_boundary": {"resistance": "5 ohm cm2", "capacitance": "10 nF/cm2"},
            },
            "area": "0.5 cm2",
        }
    )


def _number(result: Result, quantity: str) -> float:
    value = result[quantity].value
    return float("nan") if value is None else value


def _holds(result: Result, quantity: str, truth: float) -> bool:
    value = result[quantity]
    if value.value is None or value.uncertainty is None:
        return False
    return abs(value.value - truth) <= NORMAL_95 * value.uncertainty


def _coverage(what: str, held: int) -> Mark:
    part = 100 * held / TRIALS
    return Mark(
        f"{what}: 95 % intervals that hold the truth",
        f"{part:.1f} % of {TRIALS}",
        "92 to 98 %",
        92 <= part <= 98,
    )
