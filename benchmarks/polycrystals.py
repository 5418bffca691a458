"""Conduction through polycrystals: up to 10^8 voxels, and beside pyamg on the same equations.

    python -m benchmarks.polycrystals [CASE ...]

Voronoi grains of 10 um with boundaries of 5 nm that conduct 1e-4 of what grains do; a drop along z,
periodic sides. Every solve in a process of its own: seconds of the clock, seconds of the
processors, the most memory over that of the grains. Loading, compiling and drawing the grains are
done before the clock starts; finding the boundaries and their conductances counts, but for pyamg,
which is given the matrix.

pyamg runs in an environment of its own:

    python -m venv peers && peers/bin/pip install scipy pyamg
    SOLITH_PEERS=peers/bin/python python -m benchmarks.polycrystals

Conjugate gradients with smoothed aggregation, to the same residual as solith (1e-6 of that without
any voltage).
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
from validation.polycrystal_transport import voronoi

__all__ = ["CASES", "Case", "Measured", "measure", "measure_peer"]

RATIO, WIDTH = 1e-4, 5e-9


@dataclass(frozen=True)
class Case:
    """Voxels along every axis, number of grains, and whether pyamg is asked as well."""

    side: int
    grains: int
    peer: bool = False


@dataclass(frozen=True)
class Measured:
    """Seconds by the clock and of the processors, effective conductivity over that of grains,
    spread of the current through planes, iterations, bytes a voxel at the peak."""

    seconds: float
    processor: float
    effective: float
    spread: float
    iterations: int
    memory: float


CASES = {
    "10^6": Case(100, 1000, peer=True),
    "10^7": Case(216, 10_000),
    "10^8": Case(464, 100_000),
}


def measure(name: str) -> Measured:
    """solith on one of the ``CASES``, in a process of its own."""
    return _measure([sys.executable, "-m", __spec__.name, "--solve", name])


def measure_peer(name: str) -> Measured:
    """pyamg on the same equations; what it says where it fails, as RuntimeError."""
    python = os.environ.get("SOLITH_PEERS", sys.executable)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "faces.npz"
        subprocess.run([sys.executable, "-m", __spec__.name, "--write", name, path], check=True)
        script = Path(__file__).with_name("_polycrystal_peer.py")
        return _measure([python, str(script), str(path)])


def _measure(command: list[str]) -> Measured:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["no word"])[-1])
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def _solve(name: str) -> None:
    from solith.transport import solve_polycrystal

    case = CASES[name]
    solve_polycrystal(voronoi((64, 64, 64), 64), 1.0, RATIO, WIDTH)
    polycrystal = voronoi((case.side,) * 3, case.grains)
    own = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    begin, used = time.perf_counter(), time.process_time()
    found = solve_polycrystal(polycrystal, 1.0, RATIO, WIDTH)
    seconds, processor = time.perf_counter() - begin, time.process_time() - used
    memory = (_status("VmHWM") - own) / polycrystal.grains.size
    figures = (
        seconds,
        processor,
        found.effective_conductivity,
        found.flux_balance,
        found.iterations,
        memory,
    )
    print(json.dumps(dict(zip(Measured.__annotations__, figures, strict=True))))


def _write(name: str, path: str) -> None:
    """The conductances of all faces [S m2 over the area of one], as solith solves them."""
    from solith.transport import solve_polycrystal

    case = CASES[name]
    polycrystal = voronoi((case.side,) * 3, case.grains)
    h = polycrystal.voxel_size[0]
    stack = solve_polycrystal(polycrystal, 1.0, RATIO, WIDTH, tolerance=0.1).stack
    faces, _, _ = stack.faces(1.0)
    along: dict[str, NDArray[Any]] = {f"along_{d}": part / h for d, part in enumerate(faces.along)}
    np.savez(path, axis=stack.axis, periodic=np.array(faces.periodic), **along)


def _status(name: str) -> int:
    """A figure of this process's memory, as Linux tells it [bytes]."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def main(names: list[str]) -> None:
    """Measure the cases that are named, or all."""
    for name in names or CASES:
        rows = [("solith", measure(name))]
        if CASES[name].peer:
            rows.append(("pyamg", measure_peer(name)))
        for program, found in rows:
            print(
                f"{name:>5} {program:7} {found.seconds:7.1f} s {found.processor:7.1f} s cpu "
                f"{found.iterations:4} iterations, {found.effective:.5f}, "
                f"spread {found.spread:.1e}, {found.memory:.0f} bytes a voxel",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--solve"]:
        _solve(sys.argv[2])
    elif sys.argv[1:2] == ["--write"]:
        _write(sys.argv[2], sys.argv[3])
    else:
        main(sys.argv[1:])
