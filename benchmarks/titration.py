"""A long titration analysed.

    python -m benchmarks.titration

prints the processor seconds of :func:`solith.analysis.fit_gitt` for titrations of 25 to 1600
pulses (200 rows each, dense after every switch, 0.1 mV of noise, rests of a third of R^2 / D, so
that what earlier pulses left counts), each in a process of its own on one core, the record made
and the modules imported first. Beside it the error of the mean D, so that speed is not bought
with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

from solith.analysis._titration.sphere import surface_rise
from solith.core.record import Record

__all__ = ["Measured", "long_titration", "measure"]

NUMBERS = (25, 100, 400, 1600)
DIFFUSION_TIME = 4000 / 9  # s: (V / S)^2 / D, R^2 / D is 4000 s
PULSE, REST = 300.0, 1300.0  # s
ROWS = 100  # of a pulse, and of a rest
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Measured:
    """Processor seconds for ``pulses`` pulses, and the relative error of the mean D."""

    pulses: int
    seconds: float
    error: float


def measure(pulses: int) -> Measured:
    """The analysis of so many pulses in a process of its own, on one core."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.titration", str(pulses)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | dict.fromkeys(THREADS, "1"),
    )
    return Measured(pulses, **json.loads(done.stdout))


def long_titration(pulses: int, *, noise: float = 1e-4) -> Record:
    """Pulses that change the rested voltage by 2 mV each, with 10 mV of ohmic drop.

    All pulses are alike, so that the response in one is a running sum over those before.
    """
    period = PULSE + REST
    on = np.append(np.geomspace(0.1, 10, 20), np.linspace(10, PULSE, ROWS - 19)[1:])
    off = PULSE + np.append(np.geomspace(0.1, 10, 20), np.linspace(10, REST, ROWS - 19)[1:])
    rows = np.concatenate([on, off])
    since = rows + period * np.arange(pulses)[:, None]
    scale = 9 * DIFFUSION_TIME
    risen = surface_rise(since / scale) - surface_rise((since - PULSE) / scale)
    shift = 2e-3 * np.cumsum(risen, axis=0) * scale / (3 * PULSE)
    first = np.arange(0.0, 1801.0, 60.0)
    time_second = np.concatenate([first, (1800.0 + since).ravel()])
    flowing = np.tile(rows <= PULSE, pulses)
    voltage = np.concatenate([np.zeros(len(first)), shift.ravel() + 0.01 * flowing])
    voltage += 3.6 + noise * np.random.default_rng(3).normal(size=len(voltage))
    return Record.from_arrays(
        "cycling",
        name="a long titration",
        test_time_second=time_second,
        voltage_volt=voltage,
        current_ampere=1e-4 * np.concatenate([np.zeros(len(first)), flowing]),
    )


def _run(pulses: int) -> None:
    from solith.analysis import fit_gitt

    fit_gitt(long_titration(4))  # imports what the analysis needs
    record = long_titration(pulses)
    begin = time.process_time()
    found = fit_gitt(record)["diffusion_time_fit"].value
    seconds = time.process_time() - begin
    assert found is not None
    print(json.dumps({"seconds": seconds, "error": DIFFUSION_TIME / found - 1}))


def main() -> None:
    """Print the table, or measure the one number of pulses that is named."""
    if len(sys.argv) > 1:
        _run(int(sys.argv[1]))
        return
    print("| pulses | time | error of D |")
    print("| --- | --- | --- |")
    for number in NUMBERS:
        found = measure(number)
        print(f"| {number} | {found.seconds:.2f} s | {100 * found.error:+.2f} % |", flush=True)


if __name__ == "__main__":
    main()
