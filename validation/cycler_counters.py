"""Charges of real files beside the instruments' own counters, half-cycle by half-cycle.

    python -m validation.cycler_counters

The files lie in the folder that SOLITH_TEST_DATA names, by default ``../shared/data``. A counter
may start again or run on; what it counted in a half-cycle is the sum of its increments over
that half-cycle's rows and the row after them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tests.real_files import DATA

from solith.analysis import analyse_cycling
from solith.analysis._half_cycles import HalfCycle, find_half_cycles
from solith.core.record import Record
from solith.readers import read
from validation.marks import Mark, finish

JDB = "jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr"
COUNTERS = {
    "TestFile.nda": ("charging_capacity_ah", "discharging_capacity_ah"),
    "batmo_bdf.csv": ("charge_capacity_ah", "discharge_capacity_ah"),
    JDB: ("net_capacity_ah", "net_capacity_ah"),
    "maccor_001.txt": ("charging_capacity_ah", "discharging_capacity_ah"),
    "neware_uio.csv": ("charging_capacity_ah", "discharging_capacity_ah"),
    "test_2.ndax": ("charging_capacity_ah", "discharging_capacity_ah"),
}
WITHOUT = {
    "GCPL-0.mpr": "4 rows at rest",
    "MB-0.mpr": "2 rows at rest",
    "PEIS-0.mpr": "an impedance spectrum",
    "sample.bdf.csv": "3 rows without a counter",
}
AGREED = 5e-3


@dataclass(frozen=True)
class Compared:
    """A half-cycle: its charge by the trapezoid rule and by the counter [Ah], current [A]."""

    half: HalfCycle
    found: float
    counted: float
    current: float

    @property
    def off(self) -> float:
        """Relative difference."""
        return self.found / self.counted - 1


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    there = {path.name for path in DATA.glob("cycler/*")}
    yield Mark(
        "files in cycler/",
        f"{len(COUNTERS)} with counters, {len(WITHOUT)} without "
        f"({'; '.join(f'{name}: {why}' for name, why in WITHOUT.items())})",
        "all",
        there == COUNTERS.keys() | WITHOUT.keys(),
    )
    for name in COUNTERS:
        (record,) = read(DATA / "cycler" / name)
        compared = list(compare(record, COUNTERS[name]))
        if name == "test_2.ndax":
            yield from late_clock(name, record, compared)
        else:
            yield agreement(name, record, compared)
    (record,) = read(DATA / "cycler" / "batmo_bdf.csv")
    yield restart(record)
    yield cycle_counts()


def compare(record: Record, columns: tuple[str, str]) -> Iterator[Compared]:
    """Every half-cycle beside its counter."""
    halves, _ = find_half_cycles(record)
    current = record.array("current_ampere")
    for half in halves:
        column = record.array(columns[0 if half.direction > 0 else 1])
        counted = sum(_counted(column, first, last, current) for first, last in half.blocks)
        usual = float(np.median(np.abs(current[half.starts])))
        yield Compared(half, half.charge / 3600, counted, usual)


def _counted(
    column: NDArray[np.float64], first: int, last: int, current: NDArray[np.float64]
) -> float:
    rows = np.arange(first, last + 1)
    steps = column[rows] - column[np.maximum(rows - 1, 0)]
    # A counter that starts again counts from 0.
    restarted = np.abs(column[rows]) < np.abs(column[np.maximum(rows - 1, 0)]) - 1e-15
    signed = bool(np.any(column < 0))
    total = float(np.sum(np.abs(steps) if signed else np.where(restarted, column[rows], steps)))
    if last + 1 < len(column) and abs(current[last + 1]) < 1e-3 * abs(current[last]):
        on = column[last + 1] - column[last]
        total += abs(float(on)) if signed else max(float(on), 0.0)
    return total


def agreement(name: str, record: Record, compared: list[Compared]) -> Mark:
    """Every half-cycle, and the efficiency of every cycle that has both halves once."""
    worst = max(compared, key=lambda one: abs(one.off))
    off, cycles = efficiencies(record, compared)
    return Mark(
        f"{name}: {len(compared)} half-cycles and {cycles} coulombic efficiencies beside the "
        "counters",
        f"at most {100 * abs(worst.off):.2g} % apart (median "
        f"{100 * float(np.median([abs(one.off) for one in compared])):.1g} %), efficiencies "
        f"{100 * off:.2g} %",
        "at most 0.5 %",
        abs(worst.off) <= AGREED and off <= AGREED,
    )


def efficiencies(record: Record, compared: list[Compared]) -> tuple[float, int]:
    """The largest relative difference of an efficiency, and how many were compared."""
    result = analyse_cycling(record)
    counted = {(one.half.cycle, one.half.direction): one.counted for one in compared}
    numbers = [row["cycle"] for row in result.details["cycles"]]
    first = result.details["first"]
    worst, cycles = 0.0, 0
    for row, after in zip(result.details["cycles"], [*numbers[1:], None], strict=True):
        if row["coulombic_efficiency"] is None:
            continue
        across = first == "charge" and row["begins_with"] == "discharge"
        charge = counted[(row["cycle"], 1)]
        discharge = counted[(after if across else row["cycle"], -1)]
        own = discharge / charge if first == "charge" else charge / discharge
        worst = max(worst, abs(row["coulombic_efficiency"] / 100 / own - 1))
        cycles += 1
    return worst, cycles


def late_clock(name: str, record: Record, compared: list[Compared]) -> Iterator[Mark]:
    """A counter that counts more seconds at the start of each step than its clock has."""
    time, current = record.array("test_time_second"), record.array("current_ampere")
    begins, later = [], []
    corrected = []
    for one in compared:
        column = record.array(COUNTERS[name][0 if one.half.direction > 0 else 1])
        for first, last in one.half.blocks:
            rows = np.arange(first, last)
            missed = 3600 * np.diff(column[first : last + 1]) / np.abs(
                (current[rows] + current[rows + 1]) / 2
            ) - np.diff(time[first : last + 1])
            begins.append(float(missed[0]))
            later.extend(missed[1:].tolist())
        extra = 0.3 * one.current * len(one.half.blocks) / 3600
        corrected.append(abs((one.found + extra) / one.counted - 1))
    off = np.array([abs(one.off) for one in compared])
    spread = float(np.std(begins))
    yield Mark(
        f"{name}: {len(compared)} half-cycles beside the counters, as they are",
        f"median {100 * float(np.median(off)):.2g} % apart, {int(np.sum(off <= AGREED))} within "
        f"0.5 %, worst {100 * float(off.max()):.3g} % "
        f"({compared[int(np.argmax(off))].half.charge / compared[int(np.argmax(off))].current:.2g} "
        "s long); in the first interval of each step the counter has "
        f"{float(np.median(begins)):.4f} s (spread {spread:.1g} s) more than the clock times the "
        f"current, in the {len(later)} later ones {float(np.median(later)):.1g} s; the clock "
        "shows no such time between steps, so nothing is added to the charge",
        "0.5 %, or the reason: the counter begins each step 0.3 s before the clock",
        abs(float(np.median(begins)) - 0.3) < 1e-3
        and spread < 0.02
        and abs(float(np.median(later))) < 1e-3,
    )
    yield Mark(
        f"{name}: the same with 0.3 s of current added to each step",
        f"at most {100 * max(corrected):.2g} % apart",
        "at most 0.5 %",
        max(corrected) <= AGREED,
    )


def restart(record: Record) -> Mark:
    """The two discharges of the first cycle, of which the counter's last value has one."""
    first = next(
        one
        for one in compare(record, COUNTERS["batmo_bdf.csv"])
        if (one.half.cycle, one.half.direction) == (1, -1)
    )
    last = float(record.array("discharge_capacity_ah")[first.half.blocks[-1, 1]])
    return Mark(
        "batmo_bdf.csv: the discharge of cycle 1, two steps with a charge between them",
        f"{1e3 * first.found:.1f} mAh; the counter ends at {1e3 * last:.1f} mAh, because it starts "
        f"again with each step; its two ends make {1e3 * first.counted:.1f} mAh",
        "the sum of both ends within 0.5 %",
        abs(first.off) <= AGREED and last < 0.6 * first.found and first.half.runs == 2,
    )


def cycle_counts() -> Mark:
    """Cycles of the file, and by the current alone."""
    (record,) = read(DATA / "cycler" / JDB)
    own, found = (
        len(np.unique(record.array("half_cycle_count"))),
        len(find_half_cycles(record)[0]),
    )
    shown, met = [f"{JDB[:5]} {found} of {own} half-cycles"], found == own
    for name in ("neware_uio.csv", "batmo_bdf.csv", "test_2.ndax", "TestFile.nda"):
        (record,) = read(DATA / "cycler" / name)
        own = len(np.unique(record.array("cycle_count")))
        found = len(analyse_cycling(record).details["cycles"])
        met = met and found == own
        shown.append(f"{name} {found} of {own}")
    return Mark(
        "cycles analysed of those that the file (or the instrument's rule, charge first) counts",
        "; ".join(shown),
        "all",
        met,
    )


if __name__ == "__main__":
    if not DATA.is_dir():
        sys.exit(f"there is no folder {DATA}: set SOLITH_TEST_DATA")
    finish(marks())
