"""Stepped lithium tests with a soft short, a hard short and none: is the right step found?

Made-up tests of plating and stripping, each unlike the last: 6 to 12 levels, one or two cycles at
each, with rests or without, one direction or two, 40 to 200 rows a step, ohmic or Butler-Volmer
kinetics, resistance that drifts by up to 30 % over the test and settles within each step,
asymmetry, offset, noise of 0.1 to 2 % of the voltage, current that drifts and scatters, rows that
are missing, either sign. The short begins anywhere from 5 to 95 % of a step of the third level or
higher. A soft one takes 20 to 60 % of the resistance and gives up to 80 % of that back; a hard one
leaves 0.1 to 8 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis.critical_current import find_critical_current
from solith.core.record import Record
from validation.marks import Mark

__all__ = ["Short", "marks", "stepped_test"]

Array = NDArray[np.float64]

TRIALS = 100
AREA = 1e-4  # m2
KINDS = ("none", "soft short", "hard short")


@dataclass(frozen=True)
class Short:
    """What was put into a test: its kind, the failing step (from 1), its and the last safe current.

    Current densities in mA/cm2; ``time`` in s.
    """

    kind: str
    step: int
    failing: float
    safe: float
    time: float


def marks() -> Iterator[Mark]:
    """One mark for each kind."""
    for place, kind in enumerate(KINDS):
        right = {"step": 0, "kind": 0, "safe": 0}
        wrong: list[str] = []
        for trial in range(TRIALS):
            record, truth = stepped_test(np.random.default_rng([place, trial]), kind)
            result = find_critical_current(record)
            found = result.details["failure"]
            step = result.details["failing_step"] or 0
            value = result["critical_current_density"].value or 0.0
            hits = {
                "step": step == truth.step,
                "kind": found == truth.kind,
                "safe": abs(value - truth.safe) < 0.02 * truth.safe,
            }
            for name, hit in hits.items():
                right[name] += hit
            if not all(hits.values()):
                wrong.append(f"{trial}: {found} in {step}, is {truth.kind} in {truth.step}")
        what = "stepped lithium tests without a short" if kind == "none" else f"{kind}s"
        yield Mark(
            f"{TRIALS} noisy {what}: the right step, kind, and last safe current",
            f"{right['step']}, {right['kind']}, {right['safe']}"
            + (f" ({'; '.join(wrong[:4])})" if wrong else ""),
            f"each of {TRIALS}",
            all(number == TRIALS for number in right.values()),
        )


def stepped_test(rng: np.random.Generator, kind: str) -> tuple[Record, Short]:
    """A random test with a short of this kind, and what was put into it."""
    levels, each = int(rng.integers(6, 13)), int(rng.integers(1, 3))
    densities = float(rng.choice([0.05, 0.1, 0.2])) * np.arange(1, levels + 1)  # mA/cm2
    if rng.random() < 0.25:
        densities = densities[0] * 1.5 ** np.arange(levels)
    ways = (1, -1) if rng.random() < 0.85 else (1,)
    plan = [(density, way) for density in densities for _ in range(each) for way in ways]
    per_step, rests = int(rng.integers(40, 201)), rng.random() < 0.6 or len(ways) == 1
    spacing = 3600.0 / per_step
    first = 2 * each * len(ways)
    failing = int(rng.integers(first, len(plan))) if kind != "none" else len(plan)
    onset = float(rng.uniform(0.05, 0.95)) * per_step
    lost = float(rng.uniform(0.2, 0.6)) if kind == "soft short" else 1 - rng.uniform(0.001, 0.08)
    back, pace = float(rng.uniform(0, 0.8)), float(rng.uniform(0.15, 1.0)) * per_step
    if kind == "hard short":
        back = 0.0

    time: list[Array] = []
    amperes: list[Array] = []
    part: list[Array] = []  # of the resistance that is left
    settling: list[Array] = []
    clock, since = 0.0, -1.0
    began = 0.0
    shape = float(rng.uniform(-0.05, 0.1))
    for number, (density, way) in enumerate(plan):
        rows = np.arange(per_step)
        own = np.ones(per_step)
        if number == failing:
            after = rows >= onset
            own[after] = 1 - lost * (1 - back * (1 - np.exp(-(rows[after] - onset) / pace)))
            began = clock + spacing * onset
            since = per_step - onset
        elif number > failing:
            own = 1 - lost * (1 - back * (1 - np.exp(-(rows + since) / pace)))
            since += per_step
        time.append(clock + spacing * rows)
        amperes.append(np.full(per_step, way * density * 10 * AREA))
        part.append(own)
        settling.append(1 + shape * np.exp(-rows / (0.1 * per_step)))
        clock += 3600.0
        if rests:
            rest = np.arange(10)
            time.append(clock + 60.0 * rest)
            amperes.append(np.zeros(10))
            part.append(np.ones(10))
            settling.append(np.ones(10))
            clock += 600.0
    record = _measured(rng, *(np.concatenate(lists) for lists in (time, amperes, part, settling)))
    if kind == "none":
        return record, Short(kind, 0, 0.0, float(densities[-1]), 0.0)
    failed = plan[failing][0]
    safe = float(max(density for density in densities if density < 0.99 * failed))
    return record, Short(kind, failing + 1, float(failed), safe, began)


def _measured(
    rng: np.random.Generator, time: Array, amperes: Array, part: Array, settling: Array
) -> Record:
    """Voltage of what is left of the resistance, with all that disturbs a measurement."""
    drift = 1 + float(rng.uniform(-0.3, 0.3)) * time / time[-1]
    ohms = float(10 ** rng.uniform(1.3, 3)) * drift * settling  # at 1 cm2
    true = amperes * (1 + float(rng.uniform(-0.01, 0.01)) * time / time[-1])
    exchange = float(rng.uniform(0.3, 3)) * float(np.max(np.abs(amperes)))
    kinetic = np.arcsinh(true / exchange) * exchange if rng.random() < 0.4 else true
    asymmetry = np.where(amperes > 0, 1.0, float(rng.uniform(0.85, 1.15)))
    voltage = part * ohms * asymmetry * (0.5 * true + 0.5 * kinetic)
    noise = float(10 ** rng.uniform(-3, -1.7))
    smallest = np.min(np.abs(voltage[(amperes != 0) & (part == 1)]))
    scatter = noise * (np.abs(voltage) + 0.2 * smallest)
    voltage = voltage + scatter * rng.normal(size=len(time))
    voltage += float(rng.uniform(-0.02, 0.02)) * smallest
    read = true * (1 + 2e-3 * rng.normal(size=len(time)))
    read += 1e-5 * float(np.max(np.abs(amperes))) * rng.normal(size=len(time))
    kept = rng.random(len(time)) > float(rng.uniform(0, 0.08))
    for _ in range(int(rng.integers(0, 4))):
        gap = int(rng.integers(0, len(time)))
        kept[gap : gap + int(rng.integers(2, 8))] = False
    sign = float(rng.choice([-1, 1]))
    return Record.from_arrays(
        "cycling",
        test_time_second=time[kept],
        voltage_volt=voltage[kept],
        current_ampere=sign * read[kept],
        attributes={"geometric_area_m2": AREA},
    )
