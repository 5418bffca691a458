"""Whether the parts of a study fit together: every task can run, every row has its task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.study._description import Comparison, Study, Task, outputs_in
from solith.study._expand import in_order
from solith.study._inputs import complete_inputs
from solith.study._measured_tasks import measured_places
from solith.study._places import multiplied, read_place, with_value
from solith.study._published import find_published
from solith.study.tasks import TaskKind, find_kind

__all__ = ["check_comparisons", "check_tasks"]


def check_tasks(study: Study) -> None:
    """Refuse tasks that cannot run: unknown inputs, missing tasks, circles."""
    if not study.tasks:
        raise InputError("there is nothing to do; add [experiments.NAME] or [[tasks]]")
    tasks: dict[str, Task] = {}
    for task in study.tasks:
        if task.name.lower() in {name.lower() for name in tasks}:
            raise InputError(f"a second task is named {task.name!r}", where="tasks")
        tasks[task.name] = task
    for task in study.tasks:
        where = _where(study, task)
        _check_outputs(task, tasks, where or task.name.replace("calibrate/", "calibrations."))
        try:
            inputs = complete_inputs(study, task)
            find_kind(task.do).check_inputs(inputs)
        except InputError as error:
            raise error.inside(where) from None
        _check_settings(study, task, inputs)
        _check_varied(task, inputs)
    in_order(study.tasks)


def check_comparisons(study: Study) -> None:
    """Refuse rows without a task that gives values, and units that are not the published."""
    kinds = {task.name: find_kind(task.do) for task in study.tasks}
    for place, comparison in enumerate(study.comparisons, start=1):
        where = f"compare.{place}"
        _check_known(comparison, kinds, where)
        for sample in (*(comparison.samples or ("",)), *filter(None, [comparison.ratio_to])):
            task = comparison.task_for(sample)
            if task not in kinds:
                raise UnknownNameError.among("task", task, kinds).inside(f"{where}.task")
            if kinds[task].gives != "result":
                raise InputError(
                    f"{task!r} gives a record, not values; compare its analysis",
                    where=f"{where}.task",
                )
            if comparison.ratio_to or not isinstance(comparison.published, str):
                continue
            if comparison.published:
                named = study.samples[sample].published_as if sample else ""
                published = find_published(comparison.published, named)
                if published and comparison.unit not in ("", published.unit):
                    raise InputError(
                        f"{comparison.unit!r} is not the published value's own unit, "
                        f"{published.unit!r}; leave unit out",
                        where=f"{where}.unit",
                    )


def _check_known(comparison: Comparison, kinds: Mapping[str, TaskKind], where: str) -> None:
    """Refuse a row to compare with a task that no sample has, or that gives no values."""
    samples = comparison.samples or ("",)
    known = [output for sample in samples if (output := comparison.known_for(sample))]
    found = [kinds[output.task] for output in known if output.task in kinds]
    if known and not found:
        raise InputError(
            f"there is no task {known[0].task!r} to compare with; add its measured file to the "
            "sample, or name another task",
            where=where,
        )
    for kind in found:
        if kind.gives != "result":
            raise InputError(
                f"{kind.name!r} gives a record, not values; compare with its analysis", where=where
            )


def _where(study: Study, task: Task) -> str:
    """The part of the study that a task comes from; a calibration's errors name it themselves."""
    if task.name in {calibration.task for calibration in study.calibrations.values()}:
        return ""
    if place := measured_places(study.samples).get(task.name):
        return place
    return f"experiments.{task.experiment}" if task.experiment else f"tasks.{task.name}.inputs"


def _check_outputs(task: Task, tasks: Mapping[str, Task], where: str) -> None:
    outputs = [*outputs_in(task.inputs), *(setting.output for setting in task.settings)]
    for output in outputs:
        if output.task not in tasks:
            raise UnknownNameError.among("task", output.task, tasks).inside(where)
        if output.value and find_kind(tasks[output.task].do).gives != "result":
            raise InputError(
                f"{output.task!r} gives a record, which has no {output.value!r}; take its analysis",
                where=where,
            )


def _check_settings(study: Study, task: Task, inputs: dict[str, Any]) -> None:
    for setting in task.settings:
        try:
            with_value(inputs, setting.place, None)
        except InputError as error:
            if not task.sample:
                raise error.inside(task.name.replace("calibrate/", "calibrations.")) from None
            raise InputError(
                f"{setting.output.task!r} sets {setting.place!r}, but {error}",
                where=f"samples.{task.sample}.calibrated_by",
            ) from None


def _check_varied(task: Task, inputs: dict[str, Any]) -> None:
    if task.settings or not task.varied:
        return
    for place, factor in task.varied:
        inputs = with_value(inputs, place, multiplied(read_place(inputs, place), factor))
    try:
        find_kind(task.do).check_inputs(inputs)
    except InputError as error:
        raise InputError(
            f"one of the cells drawn is impossible: {error}",
            where=f"samples.{task.sample}.replicates",
        ) from None
