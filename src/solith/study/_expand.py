"""Short notation to tasks, and the order in which tasks can run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from solith.core.errors import InputError
from solith.study._analyses import analysis_task
from solith.study._calibration_tasks import calibration_task, settings_for
from solith.study._description import Calibration, Experiment, Output, Sample, Task
from solith.study._measured_tasks import measured_tasks
from solith.study._references import for_sample
from solith.study.tasks import find_kind

__all__ = ["expand", "in_order", "result_task", "with_cell_settings"]


def expand(
    samples: Mapping[str, Sample],
    experiments: Mapping[str, Experiment],
    calibrations: Mapping[str, Calibration],
) -> list[Task]:
    """The tasks of measured files, of calibrations, and of samples x experiments.

    Each pair gives ``SAMPLE/EXPERIMENT``, and, where that is a record, its analysis
    ``SAMPLE/EXPERIMENT/analysis``. With replicates there is a ``SAMPLE/EXPERIMENT/NUMBER``
    (and its analysis) for each, and what would be the result is their summary.
    """
    tasks = [
        task
        for sample in samples.values()
        for task in measured_tasks(sample, experiments, calibrations)
    ]
    tasks += [
        calibration_task(calibration, samples, experiments, calibrations)
        for calibration in calibrations.values()
    ]
    for experiment in experiments.values():
        for name in experiment.samples:
            tasks += _of_pair(experiment, samples[name], calibrations)
    return tasks


def result_task(experiment: Experiment) -> str:
    """The name of the task that holds the result of an experiment, for ``{sample}``."""
    name = f"{{sample}}/{experiment.name}"
    return f"{name}/analysis" if find_kind(experiment.do).gives == "record" else name


def with_cell_settings(
    task: Task, samples: Mapping[str, Sample], calibrations: Mapping[str, Calibration]
) -> Task:
    """A task written by itself, with what its sample's cell takes from other tasks."""
    if not task.sample or not find_kind(task.do).takes("cell") or "cell" in task.inputs:
        return task
    settings = settings_for(samples[task.sample], "", calibrations)
    return Task(task.name, task.do, task.sample, task.inputs, settings=tuple(settings))


def _of_pair(
    experiment: Experiment, sample: Sample, calibrations: Mapping[str, Calibration]
) -> list[Task]:
    name = f"{sample.name}/{experiment.name}"
    if sample.replicates is None or not find_kind(experiment.do).takes("cell"):
        return _one(name, experiment, sample, calibrations)
    tasks: list[Task] = []
    results = []
    for number in range(1, sample.replicates.number + 1):
        varied = sample.replicates.factors(sample.name, number)
        made = _one(f"{name}/{number}", experiment, sample, calibrations, varied)
        results.append(Output(made[-1].name))
        tasks += made
    summary = result_task(experiment).replace("{sample}", sample.name)
    inputs = {"results": results}
    return [*tasks, Task(summary, "summarise", sample.name, inputs, experiment.name)]


def _one(
    name: str,
    experiment: Experiment,
    sample: Sample,
    calibrations: Mapping[str, Calibration],
    varied: tuple[tuple[str, float], ...] = (),
) -> list[Task]:
    kind = find_kind(experiment.do)
    settings = settings_for(sample, experiment.name, calibrations)
    if not kind.takes("cell"):
        settings = [item for item in settings if not item.place.startswith("cell.")]
    of_first = tuple(item for item in settings if not item.place.startswith("analysis."))
    inputs = for_sample(experiment.inputs, sample.name)
    first = Task(name, experiment.do, sample.name, inputs, experiment.name, of_first, varied)
    if kind.gives != "record":
        return [first]
    return [first, analysis_task(first, for_sample(experiment.analysis, sample.name), settings)]


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
