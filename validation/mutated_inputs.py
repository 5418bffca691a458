"""A million mutated files, of all formats: each ends in records or in a reader's error.

    python -m validation.mutated_inputs [--inputs N]

Each input is made from a small valid file and a generator seeded with the format and the
input's number, so that "gamry:4711" names it (:func:`content_of`); it goes through
``solith.read`` as a file. Warnings are errors. An end by any other exception, by a signal, by
a record without rows, by an error that does not name the file, by anything printed, or after
more than 5 s, is a failure. Two worker processes, each with 4 GiB of address space.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing.connection import Connection, wait
from pathlib import Path
from random import Random
from typing import Any

from solith.core.errors import SolithError
from solith.core.record import Record
from solith.readers import read
from validation._mutation_seeds import FORMATS, seeds
from validation._mutations import mutated
from validation.marks import Mark, finish

INPUTS = 1_000_000
SLOW = {"bdf_parquet": 0.02, "netcdf": 0.01, "neware": 0.01, "igor": 0.01, "images": 0.02}
"""Formats that go through a library or take milliseconds, and their share of the inputs."""
LEAST = 5_000
WORKERS = 2
CHUNK = 1_000
SECONDS = 5.0
PATIENCE = 20.0
ADDRESS_SPACE = 4 << 30


@dataclass
class Tally:
    """What became of the inputs of one chunk, or of one format."""

    inputs: int = 0
    records: int = 0
    unknown: int = 0
    slowest: tuple[float, str] = (0.0, "")
    memory: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Joins another tally to this one."""
        self.inputs += other.inputs
        self.records += other.records
        self.unknown += other.unknown
        self.slowest = max(self.slowest, other.slowest)
        self.memory = max(self.memory, other.memory)
        self.failures += other.failures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--inputs", type=int, default=INPUTS, help="how many, of all formats")
    inputs = parser.parse_args().inputs
    start = time.perf_counter()
    tallies = run(plan(inputs))
    whole = Tally()
    for tally in tallies.values():
        whole.add(tally)
    print(f"{time.perf_counter() - start:.0f} s, at most {whole.memory >> 20} MiB in a worker")
    finish([*marks_of(whole), *(mark_of(name, tallies[name], inputs) for name in FORMATS)])


def plan(inputs: int) -> dict[str, int]:
    """How many inputs each format gets."""
    fast = [name for name in FORMATS if name not in SLOW]
    share = (1 - sum(SLOW.values())) / len(fast)
    numbers = {name: round(inputs * SLOW.get(name, share)) for name in FORMATS}
    numbers[fast[0]] += inputs - sum(numbers.values())
    return numbers


def content_of(name: str, number: int) -> bytes:
    """The input with this number of a format."""
    random = Random(f"{name}:{number}")
    own, others = _material(name)
    return mutated(random.choice(own), random, others)


@lru_cache(maxsize=len(FORMATS))
def _material(name: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    found = _seeds()
    return found[name], tuple(content for contents in found.values() for content in contents)


@lru_cache(maxsize=1)
def _seeds() -> dict[str, tuple[bytes, ...]]:
    return seeds()


def marks_of(whole: Tally) -> list[Mark]:
    """The marks over all formats."""
    failed = f"{len(whole.failures)}"
    if whole.failures:
        failed += " (" + ", ".join(name for name, _ in whole.failures[:5]) + ", ...)"
    seconds, slowest = whole.slowest
    return [
        Mark(
            "mutated inputs over all readers",
            f"{whole.inputs}",
            f"at least {INPUTS}",
            whole.inputs >= INPUTS,
        ),
        Mark(
            "that end in neither a record nor a reader's error",
            failed,
            "0",
            not whole.failures,
        ),
        Mark(
            "slowest input",
            f"{seconds:.2f} s ({slowest})",
            f"at most {SECONDS:g} s",
            seconds <= SECONDS,
        ),
        Mark(
            "largest memory of a reading process",
            f"{whole.memory >> 20} MiB",
            f"within {ADDRESS_SPACE >> 30} GiB of address space",
            whole.memory < ADDRESS_SPACE,
        ),
    ]


def mark_of(name: str, tally: Tally, inputs: int) -> Mark:
    """What became of one format's inputs."""
    share = 100 / max(tally.inputs, 1)
    errors = tally.inputs - tally.records - len(tally.failures)
    least = LEAST * inputs // INPUTS
    return Mark(
        f"{name}: mutated inputs, and how they end",
        f"{tally.inputs}: {share * tally.records:.0f} % records, {share * errors:.0f} % errors "
        f"({share * tally.unknown:.0f} % as of unknown format)",
        f"at least {least}",
        tally.inputs >= least,
    )


# --- the watch -----------------------------------------------------------------------


def run(numbers: dict[str, int]) -> dict[str, Tally]:
    """The tallies by format; a worker that hangs or dies is replaced, its input a failure."""
    os.environ.update(POLARS_MAX_THREADS="1", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    chunks = deque(
        (name, first, min(first + CHUNK, numbers[name]))
        for first in range(0, max(numbers.values()), CHUNK)
        for name in FORMATS
        if first < numbers[name]
    )
    tallies = {name: Tally() for name in FORMATS}
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        workers = [Worker(folder) for _ in range(WORKERS)]
        for worker in workers:
            worker.give(chunks)
        while any(worker.chunk for worker in workers):
            wait([worker.pipe for worker in workers if worker.chunk], timeout=1.0)
            for index, worker in enumerate(workers):
                if not worker.chunk:
                    continue
                name, first, end = worker.chunk
                state = worker.answer()
                if isinstance(state, Tally):
                    tallies[name].add(state)
                    for told in state.failures:
                        print(*told, sep=": ", file=sys.stderr, flush=True)
                elif state:
                    number = worker.number.value
                    print(f"{name}:{number}: {state}", file=sys.stderr, flush=True)
                    tallies[name].add(Tally(1, failures=[(f"{name}:{number}", state)]))
                    parts = ((name, first, number), (name, number + 1, end))
                    chunks.extendleft(part for part in parts if part[1] < part[2])
                    workers[index] = worker = Worker(folder)
                else:
                    continue
                worker.give(chunks)
        for worker in workers:
            worker.process.terminate()
            worker.process.join()
    return tallies


class Worker:
    """A process that works on one chunk at a time, and what is known of it."""

    def __init__(self, folder: str) -> None:
        method = multiprocessing.get_context("spawn")
        self.pipe, other = method.Pipe()
        self.number = method.Value("q", 0, lock=False)
        self.began = method.Value("d", 0.0, lock=False)
        self.chunk: tuple[str, int, int] | None = None
        self.process = method.Process(
            target=work, args=(folder, other, self.number, self.began), daemon=True
        )
        self.process.start()
        other.close()

    def give(self, chunks: deque[tuple[str, int, int]]) -> None:
        """The next chunk, if there is one."""
        self.chunk = chunks.popleft() if chunks else None
        if self.chunk:
            self.number.value, self.began.value = self.chunk[1], 0.0
            self.pipe.send(self.chunk)

    def answer(self) -> Tally | str:
        """A chunk's tally; how the process ended; or nothing yet."""
        try:
            if self.pipe.poll():
                tally: Tally = self.pipe.recv()
                return tally
        except (EOFError, ConnectionError):
            self.process.join()
            return f"the process ended with exit code {self.process.exitcode}"
        began = self.began.value  # once: the worker sets it to 0 at any moment
        if began and time.monotonic() - began > PATIENCE:
            self.process.kill()
            self.process.join()
            return f"no end within {PATIENCE:g} s"
        return ""


# --- the work ------------------------------------------------------------------------


def work(folder: str, pipe: Connection, number: Any, began: Any) -> None:
    """Chunks from the pipe, tallies into it."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("error")
    own = Path(folder) / f"{os.getpid()}"
    own.mkdir()
    printed = os.open(own / "printed", os.O_RDWR | os.O_CREAT | os.O_APPEND)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    path = own / "input"
    for content in (content for contents in _seeds().values() for content in contents):
        path.write_bytes(content)
        read(path)  # what is imported on first use is no part of an input's time
    while True:
        name, first, end = pipe.recv()
        tally = Tally()
        for number.value in range(first, end):
            path.write_bytes(content_of(name, number.value))
            began.value = time.monotonic()
            failure = _end_of(path, tally)
            seconds, began.value = time.monotonic() - began.value, 0.0
            told = f"{name}:{number.value}"
            tally.inputs += 1
            tally.slowest = max(tally.slowest, (seconds, told))
            if not failure and seconds > SECONDS:
                failure = f"took {seconds:.1f} s"
            if os.fstat(printed).st_size:
                failure = f"printed {os.pread(printed, 300, 0)!r}"
                os.ftruncate(printed, 0)
            if failure:
                tally.failures.append((told, failure))
        tally.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        pipe.send(tally)


def _end_of(path: Path, tally: Tally) -> str:
    """What is wrong with the way in which reading ends, or nothing."""
    try:
        records = read(path)
    except SolithError as error:
        tally.unknown += "of unknown format" in str(error)
        return "" if str(path) in str(error) else f"the error does not name the file: {error}"
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "readers" in frame.filename]
        at = (ours or frames)[-1]
        return f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})"
    if not records or not all(isinstance(one, Record) and len(one) for one in records):
        return "a record without rows"
    tally.records += 1
    return ""


if __name__ == "__main__":
    main()
