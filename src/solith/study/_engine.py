"""The engine: tasks in order, side by side in processes, done once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from solith.core.catalogue import Entry
from solith.core.errors import InputError, InterruptedRunError, SolithError, StorageError
from solith.core.progress import Progress
from solith.core.provenance import fingerprint_data
from solith.study._description import Output, Study, Task
from solith.study._expand import in_order
from solith.study._folder import RunFolder
from solith.study._inputs import complete_inputs
from solith.study._processes import Heard, Processes, cores
from solith.study._worker import Job, Stored, load
from solith.study.tasks import find_kind

__all__ = ["run_tasks"]

_BEAT = 0.2  # s between looks at whether the run was cancelled
_NOTE_EVERY = 1.0  # s between notes of a task's progress in the catalogue


def run_tasks(
    study: Study, folder: RunFolder, *, progress: Progress, workers: int | None = None
) -> dict[str, str]:
    """Run what is not yet done; returns why tasks failed, by their names.

    A task whose output lies in the folder, readable and made from the same things, is
    not run again. What depends on a failed task is not run; everything else is.
    """
    if workers is not None and workers < 1:
        raise InputError(f"{workers} must be at least 1", where="workers")
    run = _Run(study, folder, progress)
    run.keep_what_is_done()
    processes = Processes(workers or min(cores(), max(len(run.waiting), 1)))
    try:
        while run.waiting or run.running:
            run.drop_what_cannot_run()
            for name in run.ready()[: processes.free]:
                processes.start(run.begin(name))
            if run.running:
                for heard in processes.hear(_BEAT):
                    run.note(heard)
            progress.report(run.fraction)
    except (KeyboardInterrupt, InterruptedRunError):
        raise InterruptedRunError(
            f"interrupted; {len(run.done)} of {len(run.tasks)} tasks are done and kept in "
            f"{folder.path}: the same command goes on from there"
        ) from None
    finally:
        processes.stop()
        folder.clean()
    return run.failures


@dataclass
class _Run:
    study: Study
    folder: RunFolder
    progress: Progress
    tasks: dict[str, Task] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, Task] = field(default_factory=dict)
    running: dict[str, float] = field(default_factory=dict)
    noted: dict[str, float] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    failures: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for task in in_order(self.study.tasks):
            self.tasks[task.name] = task
            self.fingerprints[task.name] = self._fingerprint(task)
        self.waiting.update(self.tasks)

    @property
    def fraction(self) -> float:
        """How much of the run is behind it."""
        ended = len(self.tasks) - len(self.waiting) - len(self.running)
        return (ended + sum(self.running.values())) / len(self.tasks)

    def keep_what_is_done(self) -> None:
        """Take over outputs of an earlier run that are whole and still hold."""
        entries = self.folder.catalogue.entries()
        for name, task in self.tasks.items():
            if self._holds(task, entries.get(name)):
                del self.waiting[name]
                self.done.add(name)
                self.progress.report(self.fraction, f"{name}: kept")

    def ready(self) -> list[str]:
        """The waiting tasks whose inputs are there."""
        return [
            name for name, task in self.waiting.items() if all(n in self.done for n in task.needs())
        ]

    def drop_what_cannot_run(self) -> None:
        """Fail the tasks that wait for a failed one."""
        for name, task in list(self.waiting.items()):
            missing = [needed for needed in task.needs() if needed in self.failures]
            if missing:
                del self.waiting[name]
                self._fail(name, f"not run, because {missing[0]!r} failed")

    def begin(self, name: str) -> Job:
        """Mark a task as running, and make it ready for another process."""
        task = self.waiting.pop(name)
        self.running[name] = 0.0
        self._note(name, "running")
        self.progress.report(self.fraction, f"{name}: started")
        kind = find_kind(task.do)
        inputs = {
            key: self._stored(value) for key, value in complete_inputs(self.study, task).items()
        }
        output = self.folder.output(task)
        used = [kind, *map(find_kind, kind.uses(inputs) if kind.uses is not None else ())]
        return Job(
            name,
            tuple(dict.fromkeys((item.name, item.module, item.source) for item in used)),
            inputs,
            tuple((item.place, self._stored(item.output)) for item in task.settings),
            task.varied,
            output,
        )

    def note(self, heard: Heard) -> None:
        """Take down the news of a task."""
        name = heard.task
        if heard.what == "progress":
            self.running[name] = min(max(heard.fraction, 0.0), 1.0)
            self._note_running(heard)
            self.progress.report(self.fraction, f"{name}: {heard.message}".removesuffix(": "))
            return
        del self.running[name]
        if heard.what == "failed":
            self._fail(name, heard.message)
            return
        self.done.add(name)
        self._note(name, "done", fraction=1.0, seconds=heard.seconds)
        self.progress.report(self.fraction, f"{name}: done in {heard.seconds:.1f} s")

    def _note_running(self, heard: Heard) -> None:
        now = time.monotonic()
        if now - self.noted.get(heard.task, 0.0) > _NOTE_EVERY:
            self.noted[heard.task] = now
            self._note(heard.task, "running", fraction=heard.fraction, message=heard.message)

    def _note(self, name: str, state: str, **facts: Any) -> None:
        # The file is named before it is there: whatever a killed run left can be removed.
        file = self._file(self.tasks[name])
        self.folder.catalogue.note(name, self.fingerprints[name], state, file=file, **facts)

    def _fail(self, name: str, message: str) -> None:
        self.failures[name] = message
        self._note(name, "failed", message=message)
        self.progress.report(self.fraction, f"{name}: failed: {message}")

    def _holds(self, task: Task, entry: Entry | None) -> bool:
        if entry is None or entry.state != "done":
            return False
        if entry.fingerprint != self.fingerprints[task.name]:
            return False
        if not all(needed in self.done for needed in task.needs()):
            return False
        keeps = find_kind(task.do).keeps
        if keeps and not (self.folder.path / entry.file).with_suffix(keeps).is_file():
            return False
        try:
            load(self.folder.path / entry.file)
        except (SolithError, OSError, ValueError):
            return False
        return True

    def _fingerprint(self, task: Task) -> str:
        kind = find_kind(task.do)
        inputs = complete_inputs(self.study, task)
        facts = kind.depends_on(inputs) if kind.depends_on is not None else None
        inputs.pop("folder", None)  # the same study elsewhere is the same study
        try:
            data = self._identified(inputs)
            later = [
                *([item.place, self._identified(item.output)] for item in task.settings),
                *(list(item) for item in task.varied),
            ]
        except KeyError as error:
            raise StorageError(f"{task.name}: the task {error} is not there") from None
        return fingerprint_data([_version(), kind.name, data, facts, *later])

    def _identified(self, value: Any) -> Any:
        if isinstance(value, Output):
            part = {key: item for key, item in value.to_mapping().items() if key != "task"}
            return {"output": self.fingerprints[value.task], **part}
        if isinstance(value, Mapping):
            return {key: self._identified(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._identified(item) for item in value]
        return value

    def _stored(self, value: Any) -> Any:
        if isinstance(value, Output):
            task = self.tasks[value.task]
            keeps = find_kind(task.do).keeps
            return Stored(self.folder.output(task), value.value, value.cycle, keeps)
        if isinstance(value, Mapping):
            return {key: self._stored(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._stored(item) for item in value]
        return value

    def _file(self, task: Task) -> str:
        return self.folder.output(task).relative_to(self.folder.path).as_posix()


def _version() -> str:
    from solith import __version__

    return __version__
