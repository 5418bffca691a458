"""Processes that work side by side, and what is heard from them."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any

from solith.study._worker import Job, serve

__all__ = ["Heard", "Processes", "cores"]

_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


@dataclass(frozen=True)
class Heard:
    """News of a task: ``what`` is progress, done or failed."""

    task: str
    what: str
    fraction: float = 0.0
    message: str = ""
    seconds: float = 0.0


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    job: Job | None = None


@dataclass
class Processes:
    """At most ``most`` processes, each doing one job at a time; kept for further jobs."""

    most: int
    _workers: list[_Worker] = field(default_factory=list)

    @property
    def free(self) -> int:
        """How many more jobs can be started now."""
        return self.most - sum(worker.job is not None for worker in self._workers)

    def start(self, job: Job) -> None:
        """Hand a job to an idle process, or to a new one."""
        idle = [w for w in self._workers if w.job is None and w.process.is_alive()]
        worker = idle[0] if idle else self._new_worker()
        worker.job = job
        try:
            worker.connection.send(job)
        except OSError:  # it died while idle; `hear` tells of it
            return

    def hear(self, timeout: float) -> list[Heard]:
        """What came within ``timeout`` seconds; a process that died is a failed task."""
        busy = [worker for worker in self._workers if worker.job is not None]
        waited: list[Any] = [worker.connection for worker in busy]
        wait([*waited, *(worker.process.sentinel for worker in busy)], timeout)
        return [heard for worker in busy for heard in self._hear_from(worker)]

    def stop(self) -> None:
        """End all processes at once."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(2)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.connection.close()
        self._workers.clear()

    def _hear_from(self, worker: _Worker) -> list[Heard]:
        # Whether it lives is asked first: what a dead process sent has then arrived.
        alive = worker.process.is_alive()
        news = []
        try:
            while worker.job is not None and worker.connection.poll():
                what, *rest = worker.connection.recv()
                task = worker.job.task
                if what == "progress":
                    news.append(Heard(task, what, fraction=rest[0], message=rest[1]))
                    continue
                worker.job = None
                if what == "done":
                    news.append(Heard(task, what, 1.0, seconds=rest[0]))
                else:
                    news.append(Heard(task, what, message=rest[0]))
        except (EOFError, OSError):
            worker.process.join(1)
            alive = False
        if not alive and worker.job is not None:
            news.append(Heard(worker.job.task, "failed", message=_death(worker.process)))
            worker.job = None
        if not alive:
            worker.connection.close()
            self._workers.remove(worker)
        return news

    def _new_worker(self) -> _Worker:
        context = _context()
        ours, theirs = context.Pipe()
        process: BaseProcess = context.Process(  # type: ignore[attr-defined]
            target=serve, args=(theirs,), daemon=True
        )
        with _one_thread():
            process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker


def cores() -> int:
    """The processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _context() -> BaseContext:
    """A way to start processes that is safe beside threads, and quick where there is one."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["solith.study._worker"])
    return context


def _death(process: BaseProcess) -> str:
    code = process.exitcode
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = "; perhaps memory ran out: try --workers 1" if name == "SIGKILL" else ""
        return f"its process was killed ({name}){hint}"
    return f"its process ended by itself (exit code {code})"


@contextmanager
def _one_thread() -> Iterator[None]:
    """Side by side, each process computes with one thread."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
