"""Ten thousand cycles analysed, beside the sums that pandas makes of them.

    python -m benchmarks.cycling

prints seconds and the most memory of each, every case in a process of its own that makes the
record first (10,000 cycles of 1000 rows: charge at constant current, hold, rest, discharge, rest,
slightly noisy). pandas integrates charge and energy of each charge and discharge by its group-by
and nothing else: no rests told from scatter, no flags, no resistances.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from solith.core.record import Record

__all__ = ["Measured", "long_cycling", "measure"]

CYCLES = 10_000
ROWS = {"charge": 400, "hold": 100, "rest": 50, "discharge": 400, "pause": 50}
CASES = ("solith", "solith, uncounted", "solith, json", "pandas")


@dataclass(frozen=True)
class Measured:
    """Seconds of one case, and the most memory of its process [GiB] with the record's own."""

    case: str
    seconds: float
    peak: float
    record: float


def measure(case: str, cycles: int = CYCLES) -> Measured:
    """One of the ``CASES`` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.cycling", case, str(cycles)],
        capture_output=True,
        text=True,
        check=True,
    )
    return Measured(case, **json.loads(done.stdout))


def long_cycling(cycles: int = CYCLES, *, counted: bool = True) -> Record:
    """A cell of 10 ohm and 2 mAh at 1 mA that loses 1e-5 of its capacity a cycle.

    Voltages scatter by 0.1 mV, currents by 1e-4 of the largest.
    """
    generator = np.random.default_rng(7)
    parts = [np.full(rows, place) for place, rows in enumerate(ROWS.values())]
    step = np.concatenate(parts)
    through = np.concatenate([np.linspace(0, 1, rows) for rows in ROWS.values()])
    size = len(step)
    current = np.select(
        [step == 0, step == 1, step == 3], [1e-3, 1e-3 * np.exp(-3 * through), -1e-3], 0.0
    )
    filled = np.select(
        [step == 0, step == 1, step == 2, step == 3],
        [0.93 * through, 0.93 + 0.07 * through, 1.0, 1 - through],
        0.0,
    )
    voltage = np.where(step == 1, 4.2, 3.2 + 0.99 * filled + 10 * current)
    hours = np.select([step == 1, np.isin(step, (2, 4))], [0.2, 0.1], 2.0)
    seconds = 3600 * hours / (np.array(list(ROWS.values()))[step] - 1)
    seconds[np.flatnonzero(np.diff(step)) + 1] = 0.1
    seconds[0] = 0.1
    times, voltages, currents = (np.empty(cycles * size) for _ in range(3))
    start = 0.0
    for number in range(cycles):
        here = slice(number * size, (number + 1) * size)
        times[here] = start + np.cumsum(seconds * (1 - 1e-5 * number))
        start = times[here][-1]
        voltages[here] = voltage + generator.normal(0, 1e-4, size)
        currents[here] = current + generator.normal(0, 1e-7, size)
    columns: dict[str, Any] = {}
    if counted:
        columns["cycle_count"] = np.repeat(np.arange(1.0, cycles + 1), size)
    return Record.from_arrays(
        "cycling",
        name="ten thousand cycles",
        test_time_second=times,
        voltage_volt=voltages,
        current_ampere=currents,
        **columns,
    )


def _analysed(record: Record, case: str) -> float:
    from solith.analysis import analyse_cycling

    begin = time.perf_counter()
    result = analyse_cycling(record)
    if case == "solith, json":
        begin = time.perf_counter()
        result.to_json()
    return time.perf_counter() - begin


def _summed(record: Record) -> float:
    """Charge and energy of each charge and discharge by pandas."""
    import pandas as pd  # type: ignore[import-untyped]

    names = ("cycle_count", "test_time_second", "voltage_volt", "current_ampere")
    frame = pd.DataFrame({name: record.array(name) for name in names})
    begin = time.perf_counter()
    level = 1e-3 * frame["current_ampere"].abs().max()
    way = np.sign(frame["current_ampere"].where(frame["current_ampere"].abs() > level, 0.0))
    keys = [frame["cycle_count"], way]
    before = frame.groupby(keys)[list(names[1:])].shift()
    charge = (
        (frame["current_ampere"] + before["current_ampere"])
        / 2
        * (frame["test_time_second"] - before["test_time_second"])
    )
    energy = charge * (frame["voltage_volt"] + before["voltage_volt"]) / 2
    pd.DataFrame({"charge": charge, "energy": energy}).groupby(keys).sum()
    return time.perf_counter() - begin


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _run(case: str, cycles: int) -> None:
    record = long_cycling(cycles, counted=case != "solith, uncounted")
    own = _peak()
    seconds = _summed(record) if case == "pandas" else _analysed(record, case)
    print(json.dumps({"seconds": seconds, "peak": _peak(), "record": own}))


def main() -> None:
    """Print the table, or measure the one case that is named."""
    if len(sys.argv) > 1:
        _run(sys.argv[1], int(sys.argv[2]))
        return
    print("| case | time | most memory | of it the record |")
    print("| --- | --- | --- | --- |")
    for case in CASES:
        found = measure(case)
        print(
            f"| {case} | {found.seconds:.1f} s | {found.peak:.2f} GiB | {found.record:.2f} GiB |",
            flush=True,
        )


if __name__ == "__main__":
    main()
