"""Short notation to tasks, and the order in which tasks can run."""

from __future__ import annotations

from collections.abc import Iterable

from solith.core.errors import InputError
from solith.study._description import Experiment, Output, Task
from solith.study.tasks import find_kind

__all__ = ["expand", "in_order", "result_task"]


def expand(experiments: Iterable[Experiment]) -> list[Task]:
    """The tasks of samples x experiments.

    Each gives ``SAMPLE/EXPERIMENT``, and, where that is a record, its analysis
    ``SAMPLE/EXPERIMENT/analysis``.
    """
    tasks = []
    for experiment in experiments:
        gives = find_kind(experiment.do).gives
        for sample in experiment.samples:
            name = f"{sample}/{experiment.name}"
            tasks.append(Task(name, experiment.do, sample, experiment.inputs))
            if gives == "record":
                inputs = {"record": Output(name)}
                tasks.append(Task(f"{name}/analysis", "analyse", sample, inputs))
    return tasks


def result_task(experiment: Experiment) -> str:
    """The name of the task that holds the result of an experiment, for ``{sample}``."""
    name = f"{{sample}}/{experiment.name}"
    return f"{name}/analysis" if find_kind(experiment.do).gives == "record" else name


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """The tasks, each after those whose output it takes.

    Raises :class:`InputError` where tasks wait for each other.
    """
    waiting = {task.name: task for task in tasks}
    ordered: dict[str, Task] = {}
    while waiting:
        ready = [
            task
            for task in waiting.values()
            if all(name in ordered or name not in waiting for name in task.needs())
        ]
        if not ready:
            raise InputError(f"tasks wait for each other: {_circle(waiting)}", where="tasks")
        for task in ready:
            ordered[task.name] = waiting.pop(task.name)
    return list(ordered.values())


def _circle(waiting: dict[str, Task]) -> str:
    path = [next(iter(waiting))]
    while True:
        following = next(name for name in waiting[path[-1]].needs() if name in waiting)
        if following in path:
            return " -> ".join([*path[path.index(following) :], following])
        path.append(following)
