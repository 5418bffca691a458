"""Conduction through voxel volumes, beside taufactor and porespy.

    python -m benchmarks.conduction [VOLUME ...]

Random blobs, a smoothed field cut at a level; the same volume for all, a drop along x, solved
until the currents through all planes agree to the spread that is told. Every solve in a process of
its own: seconds of the clock, seconds of the processors, the most memory over that of the labels.
Loading and compiling are done before the clock starts.

Peers run in an environment of their own, which has other needs than solith's:

    python -m venv peers && peers/bin/pip install torch taufactor porespy openpnm pyamg
    SOLITH_PEERS=peers/bin/python python -m benchmarks.conduction

taufactor 1.2 (over-relaxation in torch, here on the processor) is run to its own criterion, a
spread of 1 %, which spares it time; porespy 3.2 (OpenPNM with algebraic multigrid, the ends at the
centres of the first and last voxels) to the 1e-4 that solith reaches.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CASES", "Case", "Measured", "blobs", "measure", "measure_peer"]

SPREAD = 1e-4
"""The largest spread of the current through planes, over its mean."""


@dataclass(frozen=True)
class Case:
    """A volume: its shape, the part that conducts 1 S/m, and what the rest conducts [S/m]."""

    shape: tuple[int, int, int]
    fraction: float
    other: float = 0.0
    peers: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Measured:
    """Seconds by the clock and of the processors, effective conductivity [S/m], spread of the
    current, bytes a voxel at the peak."""

    seconds: float
    processor: float
    effective: float
    spread: float
    memory: float


CASES = {
    "256^3, 0.4": Case((256,) * 3, 0.4, peers=(("taufactor", 1e-2), ("porespy", SPREAD))),
    "256^3, 0.2": Case((256,) * 3, 0.2),
    "256^3, 0.4, contrast 1000": Case((256,) * 3, 0.4, 1e-3),
    "1024 x 1024 x 100, 0.4": Case((1024, 1024, 100), 0.4),
    "512^3, 0.4": Case((512,) * 3, 0.4),
}


def blobs(shape: tuple[int, int, int], fraction: float, *, radius: float = 4.0) -> NDArray[Any]:
    """Labels: 1 where a smoothed random field is low, a part ``fraction`` of all, else 0."""
    from scipy.ndimage import gaussian_filter

    field = np.random.default_rng(0).standard_normal(shape, np.float32)
    gaussian_filter(field, radius, mode="wrap", output=field)
    level = np.quantile(field.ravel()[::7], fraction)
    return (field < level).astype(np.uint8)


def measure(name: str) -> Measured:
    """solith on one of the ``CASES``, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return _measure(_written(name, folder), CASES[name], [sys.executable, "-m", __spec__.name])


def measure_peer(name: str, peer: str, spread: float) -> Measured:
    """The same by a peer; what it says where it fails, as RuntimeError."""
    python = os.environ.get("SOLITH_PEERS", sys.executable)
    script = Path(__file__).with_name("_conduction_peers.py")
    with tempfile.TemporaryDirectory() as folder:
        path = _written(name, folder)
        return _measure(path, CASES[name], [python, str(script), peer], str(spread))


def _written(name: str, folder: str) -> Path:
    path = Path(folder) / "labels.npy"
    np.save(path, blobs(CASES[name].shape, CASES[name].fraction))
    return path


def _measure(path: Path, case: Case, command: list[str], *more: str) -> Measured:
    command = [*command, str(path), str(case.other), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["no word"])[-1])
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def _solve(path: str, other: str) -> None:
    from solith.transport import solve_conduction

    conductivity = {0: float(other), 1: 1.0}
    for axis in "xyz":
        solve_conduction(blobs((64, 64, 64), 0.5), conductivity, axis)
    labels = np.load(path)
    own = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    begin, used = time.perf_counter(), time.process_time()
    found = solve_conduction(labels, conductivity, "x")
    seconds, processor = time.perf_counter() - begin, time.process_time() - used
    memory = (_status("VmHWM") - own) / labels.size
    figures = (seconds, processor, found.effective_conductivity, found.flux_balance, memory)
    print(json.dumps(dict(zip(Measured.__annotations__, figures, strict=True))))


def _status(name: str) -> int:
    """A figure of this process's memory, as Linux tells it [bytes]."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _row(name: str, program: str, found: Measured, first: Measured) -> str:
    return (
        f"| {name} | {program} | {found.seconds:.1f} s | {found.processor:.1f} s "
        f"| {found.seconds / first.seconds:.0f} | {found.memory:.0f} | {found.spread:.1e} "
        f"| {found.effective:.5f} |"
    )


def main(names: list[str]) -> None:
    """Print the table, or solve the one file that is named."""
    if names and names[0].endswith(".npy"):
        _solve(*names)
        return
    print(
        "| volume, conducting part | program | clock | processors | times solith's "
        "| bytes a voxel | spread | effective |\n" + "| --- " * 8 + "|"
    )
    for name in names or CASES:
        ours = measure(name)
        print(_row(name, "solith", ours, ours), flush=True)
        for peer, spread in CASES[name].peers:
            try:
                found = measure_peer(name, peer, spread)
            except RuntimeError as error:
                print(f"| {name} | {peer} to {spread:g} | {error} | | | | | |", flush=True)
                continue
            print(_row(name, f"{peer} to {spread:g}", found, ours), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
