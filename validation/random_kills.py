"""Random kills during a run: no torn file, and the next run goes on.

    python -m validation.random_kills [--kills 50] [--seed 1] [--real]

Starts a run in a process group of its own and kills the whole group (SIGKILL) at a random
moment, again and again in the same folder; a run that ends by itself is compared with an
undisturbed one, and the next begins in a new folder. After each kill every file is
opened: records, results and the catalogue must be whole. No task that the catalogue
called done may be started again. With ``--real`` the run is ``solith run first-cell``,
otherwise a study of small tasks that write large files.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from solith.core.catalogue import Catalogue
from solith.core.errors import SolithError
from solith.core.progress import Progress
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.core.storage import read_record
from solith.study import Study, run_study, task_kind
from validation.marks import Mark, finish

ROOT = Path(__file__).parents[1]
_STARTED = re.compile(r"^(?:\s*\d+ %\s+)?(\S+): started$", re.MULTILINE)
_EARLY = 0.1  # share of kills before the first task is at work
_SERIES = 8
_LENGTH = 1_000_000


@task_kind("kill-series", gives="record")
def make_series(*, slope: float) -> Record:
    """A record large enough that writing it takes a while."""
    voltage = slope * np.arange(_LENGTH)
    return Record.from_arrays("current-voltage", voltage_volt=voltage, current_ampere=voltage)


@task_kind("kill-sum")
def add_up(*, record: Record) -> Result:
    """The sum of a record's voltages."""
    return Result("sum", (Value("sum", float(record.array("voltage_volt").sum()), "V"),))


@dataclass
class Tally:
    """What the kills did."""

    kills: int = 0
    finished_runs: int = 0
    resumed: int = 0
    kept: int = 0
    parts: int = 0
    faults: list[str] = field(default_factory=list)


def kill_at_random(kills: int, *, seed: int = 1, real: bool = False) -> Tally:
    """Kill runs ``kills`` times and look at what they leave."""
    chance = random.Random(seed)
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        undisturbed = Path(place) / "undisturbed"
        begun = time.monotonic()
        process = _run(undisturbed, real)
        _wait_for_work(undisturbed, process, 600)
        ready = time.monotonic()
        process.wait()
        ended = time.monotonic()
        expected = _outputs(undisturbed)
        folder = Path(place) / "run"
        while tally.kills < kills:
            if chance.random() < _EARLY:
                early, late = chance.uniform(0, ready - begun), 0.0
            else:
                early, late = 600.0, chance.uniform(0, ended - ready)
            _kill_once(folder, early, late, real, expected, tally)
        _finish(folder, real, expected, tally)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true", help="kill `solith run first-cell`")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        listen = Progress(lambda fraction, message: print(message, flush=True))
        run_study(small_study(), options.child, progress=listen, reuse=True, workers=2)
        return
    tally = kill_at_random(options.kills, seed=options.seed, real=options.real)
    for fault in tally.faults:
        print(f"FAULT {fault}")
    what = "solith run first-cell" if options.real else "runs of small tasks that write much"
    finish(
        [
            Mark(
                f"random kills of {what}",
                f"{tally.kills} kills, {len(tally.faults)} torn files or wrong outcomes; "
                f"{tally.resumed} runs went on from a killed one and kept {tally.kept} tasks; "
                f"{tally.finished_runs} ended; {tally.parts} cut-off temporary files cleaned",
                "50 kills, none torn, the next run goes on",
                not tally.faults and tally.kills >= 50 and tally.resumed > 0,
            )
        ]
    )


def small_study() -> Study:
    """Several large records, each with a result."""
    names = [f"series-{number}" for number in range(1, _SERIES + 1)]
    series = [
        {"name": name, "do": "kill-series", "inputs": {"slope": float(place)}}
        for place, name in enumerate(names, start=1)
    ]
    sums = [
        {"name": f"{name}/sum", "do": "kill-sum", "inputs": {"record": {"task": name}}}
        for name in names
    ]
    return Study.from_mapping({"name": "kills", "tasks": [*series, *sums]})


def _kill_once(
    folder: Path, early: float, late: float, real: bool, expected: dict[str, object], tally: Tally
) -> None:
    """Kill at most ``early`` seconds after the start, or ``late`` after work began."""
    done = _done(folder)
    process = _run(folder, real)
    try:
        _wait_for_work(folder, process, early)
        process.wait(late)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        tally.kills += 1
    code = process.wait()
    _check_started(folder, done, tally)
    tally.faults += _torn(folder)
    tally.parts += len(list(folder.rglob(".*.part")))
    if code == 0 or (real and _is_finished(folder)):  # killed when all was written
        _compare(folder, expected, tally)
        shutil.rmtree(folder)
    elif code != -signal.SIGKILL:
        tally.faults.append(f"a run ended with exit code {code}: {_log(folder).read_text()}")
        shutil.rmtree(folder)


def _finish(folder: Path, real: bool, expected: dict[str, object], tally: Tally) -> None:
    done = _done(folder)
    if _run(folder, real).wait() != 0:
        tally.faults.append(f"the last run failed: {_log(folder).read_text()}")
        return
    _check_started(folder, done, tally)
    _compare(folder, expected, tally)
    if list(folder.rglob(".*.part")):
        tally.faults.append("a finished run left temporary files")


def _run(folder: Path, real: bool) -> subprocess.Popen[bytes]:
    small = [sys.executable, "-m", "validation.random_kills", "--child", str(folder)]
    command = [sys.executable, "-m", "solith", "run", "first-cell", "--out", str(folder)]
    with _log(folder).open("wb") as log:
        return subprocess.Popen(
            command if real else small,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait_for_work(folder: Path, process: subprocess.Popen[bytes], most: float) -> None:
    """Until the first task has been started or kept, or ``most`` seconds."""
    end = time.monotonic() + most
    while time.monotonic() < end and process.poll() is None:
        if _log(folder).read_bytes():
            return
        time.sleep(0.01)


def _log(folder: Path) -> Path:
    return folder.with_suffix(".log")


def _done(folder: Path) -> set[str]:
    if not (folder / "catalogue.sqlite").is_file():
        return set()
    entries = Catalogue(folder / "catalogue.sqlite").entries()
    return {name for name, entry in entries.items() if entry.state == "done"}


def _is_finished(folder: Path) -> bool:
    if not (folder / "report.html").is_file():
        return False
    return Catalogue(folder / "catalogue.sqlite").fact("state") == "finished"


def _check_started(folder: Path, done: set[str], tally: Tally) -> None:
    started = set(_STARTED.findall(_log(folder).read_text(encoding="utf-8")))
    if done:
        tally.resumed += 1
        tally.kept += len(done - started)
    tally.faults += [f"{name} was done and was run again" for name in sorted(done & started)]


def _torn(folder: Path) -> list[str]:
    """What in the folder is not whole."""
    faults = []
    for file in sorted((folder / "records").glob("*")):
        if file.name.endswith(".part"):
            continue
        try:
            read_record(file)
        except SolithError as error:
            faults.append(f"torn record: {error}")
    for file in sorted([*folder.glob("*.json"), *(folder / "results").glob("*")]):
        if file.name.endswith(".part"):
            continue
        try:
            json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            faults.append(f"torn JSON: {file.name}: {error}")
    for name, entry in _entries(folder).items():
        if entry == "" or not (folder / entry).is_file():
            faults.append(f"{name} is called done, but its file is not there")
    return faults


def _entries(folder: Path) -> dict[str, str]:
    path = folder / "catalogue.sqlite"
    if not path.is_file():
        return {}
    database = sqlite3.connect(path)
    try:
        answer = database.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        database.close()
    if answer != "ok":
        return {f"catalogue ({answer})": ""}
    done = Catalogue(path).entries().values()
    return {entry.name: entry.file for entry in done if entry.state == "done"}


def _outputs(folder: Path) -> dict[str, object]:
    return {
        file.name: json.loads(file.read_text(encoding="utf-8"))
        for file in (folder / "results").glob("*.json")
    }


def _compare(folder: Path, expected: dict[str, object], tally: Tally) -> None:
    tally.finished_runs += 1
    if not expected or _outputs(folder) != expected:
        tally.faults.append("a run that went on ended with other results than an undisturbed one")


if __name__ == "__main__":
    main()
