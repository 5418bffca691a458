"""The other side of the engine: a process that does one task after another."""

from __future__ import annotations

import importlib
import importlib.util
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from solith.core.errors import InputError, SolithError
from solith.core.progress import Progress
from solith.core.record import Record
from solith.core.result import Result
from solith.core.storage import read_record, write_record, write_text
from solith.study._places import multiplied, read_place, with_value
from solith.study._values import as_input
from solith.study.tasks import KINDS, TaskKind

__all__ = ["Job", "Stored", "load", "serve"]


@dataclass(frozen=True)
class Stored:
    """An output that lies in a file, or one quantity of it.

    ``keeps`` is the ending of a file that lies beside it, or "".
    """

    path: Path
    value: str = ""
    cycle: int | None = None
    keeps: str = ""


@dataclass(frozen=True)
class Job:
    """A task made ready for another process.

    ``kinds`` names its kind, and then those that it calls, each with the module that registers
    it and its file. ``settings`` are put at their places in the inputs, then the numbers at the
    places of ``varied`` multiplied.
    """

    task: str
    kinds: tuple[tuple[str, str, str], ...]
    inputs: Mapping[str, Any]
    settings: tuple[tuple[str, Stored], ...]
    varied: tuple[tuple[str, float], ...]
    output: Path


def serve(connection: Connection) -> None:
    """Do the jobs that come through ``connection`` until it closes.

    Sends ``("progress", fraction, message)`` on the way, and ``("done", seconds)`` or
    ``("failed", message)`` at the end of each.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    os.dup2(2, 1)  # standard output belongs to the parent
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        connection.send(_outcome(job, connection))


def load(path: Path) -> Record | Result:
    """The output stored in a file."""
    if path.suffix == ".nc":
        return read_record(path)
    return Result.from_json(path.read_text(encoding="utf-8"))


def _outcome(job: Job, connection: Connection) -> tuple[str, Any]:
    def listen(fraction: float, message: str) -> None:
        connection.send(("progress", fraction, message))

    started = time.monotonic()
    try:
        _do(job, listen)
    except SolithError as error:
        return "failed", str(error)
    except MemoryError:
        return "failed", "out of memory; run fewer tasks side by side with --workers"
    except Exception as error:  # a kind of task may raise anything
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        return "failed", f"unexpected {type(error).__name__}: {error} ({where})"
    return "done", time.monotonic() - started


def _do(job: Job, listen: Callable[[float, str], None]) -> None:
    kind, *_ = [_kind(*known) for known in job.kinds]
    inputs = _inputs(job)
    if job.settings or job.varied:
        kind.check_inputs(inputs)
    if kind.takes("progress"):
        inputs["progress"] = Progress(listen)
    if kind.takes("output"):
        inputs["output"] = str(job.output)
    output = kind.function(**inputs)
    if isinstance(output, Record) and kind.gives == "record":
        write_record(job.output, output)
    elif isinstance(output, Result) and kind.gives == "result":
        write_text(job.output, output.to_json())
    else:
        raise InputError(
            f"the kind of task {kind.name!r} is registered to give a {kind.gives}, "
            f"but gave a {type(output).__name__}"
        )


def _inputs(job: Job) -> dict[str, Any]:
    inputs = {name: _loaded(value) for name, value in job.inputs.items()}
    for place, stored in job.settings:
        inputs = with_value(inputs, place, _loaded(stored))
    for place, factor in job.varied:
        inputs = with_value(inputs, place, multiplied(read_place(inputs, place), factor))
    return inputs


def _kind(name: str, module: str, source: str) -> TaskKind:
    if name not in KINDS:
        try:
            importlib.import_module(module)
        except ImportError:
            _run_file(module, source)
    if name not in KINDS:
        raise InputError(
            f"the kind of task {name!r} is not known in another process; register it in "
            "a module that can be imported, not in a notebook"
        )
    return KINDS[name]


def _run_file(name: str, source: str) -> None:
    spec = importlib.util.spec_from_file_location(name, source)
    if spec is None or spec.loader is None:
        raise InputError(f"the module {name!r}, which registers a kind of task, cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def _loaded(value: Any) -> Any:
    if isinstance(value, Stored):
        output = load(value.path)
        if not value.value:
            return _with_kept(output, value)
        if not isinstance(output, Result):
            raise InputError(f"{value.path.name} is a record, which has no {value.value!r}")
        return as_input(output, value.value, value.cycle)
    if isinstance(value, Mapping):
        return {key: _loaded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_loaded(item) for item in value]
    return value


def _with_kept(output: Record | Result, stored: Stored) -> Record | Result:
    """The output; of one that keeps a file beside it, with where that lies now."""
    if not stored.keeps or not isinstance(output, Result):
        return output
    kept = str(stored.path.with_suffix(stored.keeps))
    return replace(output, details={**output.details, "volume": kept})


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
