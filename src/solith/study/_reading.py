"""From plain data to a study, with everything checked on the way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import in_unit, to_si
from solith.study._checks import (
    check_keys,
    check_name,
    read_choice,
    read_list,
    read_table,
    read_text,
    read_texts,
    read_whole,
)
from solith.study._description import ROLES, Comparison, Experiment, Output, Sample, Study, Task
from solith.study._expand import expand, in_order, result_task
from solith.study._inherit import resolve
from solith.study._inputs import complete_inputs
from solith.study._published import Published, find_published
from solith.study.tasks import KINDS, find_kind

__all__ = ["read_study"]

_STUDY = (
    "name",
    "title",
    "question",
    "notes",
    "samples",
    "experiments",
    "tasks",
    "compare",
)
_COMPARISON = (
    "quantity",
    "value",
    "task",
    "experiment",
    "sample",
    "samples",
    "role",
    "unit",
    "area",
    "published",
    "cycle",
)
_AREAS = ("", "geometric", "active", "contact", "cell")


def read_study(mapping: Mapping[str, Any], *, folder: Path = Path()) -> Study:
    """The study that plain data describe; :class:`InputError` for whatever is wrong."""
    check_keys(mapping, _STUDY, "")
    name = check_name(read_text(mapping, "name", ""), "name")
    samples = _read_samples(read_table(mapping, "samples", "", {}))
    experiments = _read_experiments(read_table(mapping, "experiments", "", {}), samples)
    explicit = _read_tasks(read_list(mapping, "tasks", ""), samples)
    study = Study(
        name=name,
        title=read_text(mapping, "title", "", name),
        question=read_text(mapping, "question", "", ""),
        notes=read_texts(mapping, "notes", ""),
        samples=samples,
        experiments=experiments,
        tasks=(*expand(experiments.values()), *explicit),
        comparisons=tuple(
            _read_comparison(item, f"compare.{place}", samples, experiments)
            for place, item in enumerate(read_list(mapping, "compare", ""), start=1)
        ),
        folder=folder,
    )
    _check_tasks(study)
    _check_comparisons(study)
    return study


def _read_samples(table: Mapping[str, Any]) -> dict[str, Sample]:
    samples = {}
    for name, written in resolve(table).items():
        where = f"samples.{name}"
        cell = None
        if "cell" in written:
            from solith.cell import Cell

            try:
                cell = Cell.from_mapping(written["cell"])
            except InputError as error:
                raise error.inside(f"{where}.cell") from None
        samples[name] = Sample(name, read_text(written, "about", where, ""), cell)
    return samples


def _read_experiments(
    table: Mapping[str, Any], samples: Mapping[str, Sample]
) -> dict[str, Experiment]:
    experiments = {}
    for name in table:
        check_name(name, "experiments")
        where = f"experiments.{name}"
        entry = read_table(table, name, "experiments")
        do = read_choice(entry, "do", where, KINDS, "simulate")
        check_keys(entry, ("do", "samples", *find_kind(do).input_names), where)
        inputs = {key: item for key, item in entry.items() if key not in ("do", "samples")}
        chosen = _read_sample_names(entry, where, samples) or tuple(samples)
        if not chosen:
            raise InputError("there is no sample to do it with; add [samples.NAME]", where=where)
        experiments[name] = Experiment(name, do, _references(inputs, where), chosen)
    return experiments


def _read_sample_names(
    entry: Mapping[str, Any], where: str, samples: Iterable[str]
) -> tuple[str, ...]:
    names = read_texts(entry, "samples", where)
    for place, name in enumerate(names):
        if name not in samples:
            raise UnknownNameError.among("sample", name, samples).inside(f"{where}.samples")
        if name in names[:place]:
            raise InputError(f"{name!r} stands there twice", where=f"{where}.samples")
    return names


def _read_tasks(items: list[Any], samples: Mapping[str, Sample]) -> list[Task]:
    tasks = []
    for place, item in enumerate(items, start=1):
        entry = read_table({str(place): item}, str(place), "tasks")
        name = check_name(read_text(entry, "name", f"tasks.{place}"), f"tasks.{place}", path=True)
        where = f"tasks.{name}"
        check_keys(entry, ("name", "do", "sample", "inputs"), where)
        do = read_text(entry, "do", where)
        if do not in KINDS:
            raise UnknownNameError.among("kind of task", do, KINDS).inside(f"{where}.do")
        sample = read_text(entry, "sample", where, "")
        if sample and sample not in samples:
            raise UnknownNameError.among("sample", sample, samples).inside(f"{where}.sample")
        inputs = read_table(entry, "inputs", where, {})
        tasks.append(Task(name, do, sample, _references(inputs, f"{where}.inputs")))
    return tasks


def _references(value: Any, where: str) -> Any:
    """``value`` with ``{task = "NAME"}`` as outputs; only what JSON can hold is let in."""
    if isinstance(value, Mapping):
        if set(value) == {"task"} and isinstance(value["task"], str):
            return Output(value["task"])
        return {key: _references(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_references(item, f"{where}.{place}") for place, item in enumerate(value, start=1)]
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{value!r} is not a finite number", where=where)
    if not isinstance(value, (str, int, float)):
        raise InputError(f"{value} is a date or time; write a number or a text", where=where)
    return value


def _check_tasks(study: Study) -> None:
    if not study.tasks:
        raise InputError("there is nothing to do; add [experiments.NAME] or [[tasks]]")
    names: set[str] = set()
    for task in study.tasks:
        if task.name.lower() in names:
            raise InputError(f"a second task is named {task.name!r}", where="tasks")
        names.add(task.name.lower())
    known = [task.name for task in study.tasks]
    from_experiment = {task.name for task in expand(study.experiments.values())}
    for task in study.tasks:
        where = f"tasks.{task.name}.inputs"
        if task.name in from_experiment:
            where = f"experiments.{task.name.split('/')[1]}"
        for needed in task.needs():
            if needed not in known:
                raise UnknownNameError.among("task", needed, known).inside(where)
        try:
            find_kind(task.do).check_inputs(complete_inputs(study, task))
        except InputError as error:
            raise error.inside(where) from None
    in_order(study.tasks)


def _read_comparison(
    item: Any,
    where: str,
    samples: Mapping[str, Sample],
    experiments: Mapping[str, Experiment],
) -> Comparison:
    entry = read_table({where: item}, where, "")
    check_keys(entry, _COMPARISON, where)
    quantity = read_text(entry, "quantity", where)
    if ("experiment" in entry) == ("task" in entry):
        raise InputError("give either experiment or task", where=where)
    if "sample" in entry:
        if "samples" in entry:
            raise InputError("give either sample or samples", where=where)
        entry = {**entry, "samples": [read_text(entry, "sample", where)]}
    chosen = _read_sample_names(entry, where, samples)
    if "experiment" in entry:
        name = read_text(entry, "experiment", where)
        if name not in experiments:
            raise UnknownNameError.among("experiment", name, experiments).inside(
                f"{where}.experiment"
            )
        experiment = experiments[name]
        task = result_task(experiment)
        chosen = chosen or experiment.samples
        for sample in chosen:
            if sample not in experiment.samples:
                raise InputError(f"{sample!r} has no experiment {name!r}", where=f"{where}.samples")
    else:
        task = read_text(entry, "task", where)
        chosen = chosen or (tuple(samples) if "{sample}" in task else ())
    return Comparison(
        quantity=quantity,
        value=read_text(entry, "value", where, quantity),
        task=task,
        samples=chosen,
        role=read_choice(entry, "role", where, ROLES, "predicted"),
        unit=_read_unit(entry, where),
        area=read_choice(entry, "area", where, _AREAS, ""),
        published=_read_published(entry, where, chosen),
        cycle=read_whole(entry, "cycle", where),
    )


def _read_unit(entry: Mapping[str, Any], where: str) -> str:
    unit = read_text(entry, "unit", where, "")
    try:
        in_unit(1.0, unit, unit)
    except InputError as error:
        raise error.inside(f"{where}.unit") from None
    return unit


def _read_published(
    entry: Mapping[str, Any], where: str, samples: Iterable[str]
) -> str | Published:
    written = entry.get("published", "")
    where = f"{where}.published"
    if isinstance(written, str):
        if written:
            _check_reference(written, where, samples)
        return written
    table = read_table({"published": written}, "published", where.removesuffix(".published"))
    check_keys(table, ("value", "unit", "source", "note"), where)
    if "value" not in table:
        raise InputError("is missing; give a value for it", where=f"{where}.value")
    number = table["value"]
    if not isinstance(number, (int, float)):
        raise InputError(
            f"{number!r} is not a number; its unit goes into unit", where=f"{where}.value"
        )
    try:
        to_si(number, "")
    except InputError as error:
        raise error.inside(f"{where}.value") from None
    return Published(
        float(number),
        _read_unit(table, where),
        read_text(table, "source", where, ""),
        read_text(table, "note", where, ""),
    )


def _check_reference(reference: str, where: str, samples: Iterable[str]) -> None:
    try:
        found = [find_published(reference, sample) for sample in (*samples, "")]
    except InputError as error:
        raise error.inside(where) from None
    if all(value is None for value in found):
        raise InputError(
            f"the publication has nothing at {reference!r}; look in its file for the place",
            where=where,
        )


def _check_comparisons(study: Study) -> None:
    kinds = {task.name: find_kind(task.do) for task in study.tasks}
    for place, comparison in enumerate(study.comparisons, start=1):
        where = f"compare.{place}"
        for sample in comparison.samples or ("",):
            task = comparison.task_for(sample)
            if task not in kinds:
                raise UnknownNameError.among("task", task, kinds).inside(f"{where}.task")
            if kinds[task].gives != "result":
                raise InputError(
                    f"{task!r} gives a record, not values; compare its analysis",
                    where=f"{where}.task",
                )
            if isinstance(comparison.published, str) and comparison.published:
                published = find_published(comparison.published, sample)
                if published and comparison.unit not in ("", published.unit):
                    raise InputError(
                        f"{comparison.unit!r} is not the published value's own unit, "
                        f"{published.unit!r}; leave unit out",
                        where=f"{where}.unit",
                    )
