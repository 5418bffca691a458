"""From plain data to a study, with everything checked on the way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.study._checks import (
    check_keys,
    check_name,
    read_choice,
    read_list,
    read_sample_names,
    read_table,
    read_text,
    read_texts,
    read_whole,
)
from solith.study._consistency import check_comparisons, check_tasks
from solith.study._description import ROLES, Comparison, Experiment, Output, Sample, Study, Task
from solith.study._expand import expand, result_task, with_cell_settings
from solith.study._published import Published, check_reference, read_published, read_unit
from solith.study._reading_calibrations import check_calibrated, read_calibrations
from solith.study._reading_samples import read_samples
from solith.study._references import read_references
from solith.study.tasks import KINDS, find_kind

__all__ = ["read_study"]

_STUDY = (
    "name",
    "title",
    "question",
    "answer",
    "notes",
    "samples",
    "experiments",
    "calibrations",
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
    "measured",
    "cycle",
    "ratio_to",
    "roles",
    "synthetic",
)
_AREAS = ("", "geometric", "active", "contact", "cell")


def read_study(mapping: Mapping[str, Any], *, folder: Path = Path()) -> Study:
    """The study that plain data describe; :class:`InputError` for whatever is wrong."""
    check_keys(mapping, _STUDY, "")
    name = check_name(read_text(mapping, "name", ""), "name")
    samples = read_samples(read_table(mapping, "samples", "", {}))
    experiments = _read_experiments(read_table(mapping, "experiments", "", {}), samples)
    calibrations = read_calibrations(
        read_table(mapping, "calibrations", "", {}), samples, experiments
    )
    check_calibrated(samples, calibrations)
    explicit = _read_tasks(read_list(mapping, "tasks", ""), samples)
    study = Study(
        name=name,
        title=read_text(mapping, "title", "", name),
        question=read_text(mapping, "question", "", ""),
        answer=read_texts(mapping, "answer", ""),
        notes=read_texts(mapping, "notes", ""),
        samples=samples,
        experiments=experiments,
        calibrations=calibrations,
        tasks=(
            *expand(samples, experiments, calibrations),
            *(with_cell_settings(task, samples, calibrations) for task in explicit),
        ),
        comparisons=tuple(
            _read_comparison(item, f"compare.{place}", samples, experiments)
            for place, item in enumerate(read_list(mapping, "compare", ""), start=1)
        ),
        folder=folder,
    )
    check_tasks(study)
    check_comparisons(study)
    return study


def _read_experiments(
    table: Mapping[str, Any], samples: Mapping[str, Sample]
) -> dict[str, Experiment]:
    experiments = {}
    for name in table:
        check_name(name, "experiments")
        where = f"experiments.{name}"
        entry = read_table(table, name, "experiments")
        do = read_choice(entry, "do", where, KINDS, "simulate")
        own = ("do", "samples", *(("analysis",) if find_kind(do).gives == "record" else ()))
        check_keys(entry, (*own, *find_kind(do).input_names), where)
        inputs = {key: item for key, item in entry.items() if key not in own}
        analysis = read_table(entry, "analysis", where, {}) if "analysis" in own else {}
        chosen = read_sample_names(entry, where, samples) or _usual_samples(do, samples)
        if not chosen:
            told = "describe the cell of one" if samples else "add [samples.NAME]"
            raise InputError(f"there is no sample to do it with; {told}", where=where)
        experiments[name] = Experiment(
            name,
            do,
            read_references(inputs, where),
            chosen,
            read_references(analysis, f"{where}.analysis"),
        )
    return experiments


def _usual_samples(do: str, samples: Mapping[str, Sample]) -> tuple[str, ...]:
    """All samples; of a kind that needs a cell not those that have only measured files."""
    if not find_kind(do).takes("cell"):
        return tuple(samples)
    return tuple(name for name, item in samples.items() if not item.is_only_measured)


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
        tasks.append(Task(name, do, sample, read_references(inputs, f"{where}.inputs")))
    return tasks


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
    chosen = read_sample_names(entry, where, samples)
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
    ratio_to = read_text(entry, "ratio_to", where, "")
    if ratio_to and ratio_to not in samples:
        raise UnknownNameError.among("sample", ratio_to, samples).inside(f"{where}.ratio_to")
    if "samples" not in entry:
        chosen = tuple(sample for sample in chosen if sample != ratio_to)
    # What a calibration gives is calibrated, whatever it is compared with.
    of_calibration = str(entry.get("task", "")).startswith("calibrate/")
    synthetic = _read_synthetic(entry, where, experiments)
    usual = "calibrated" if of_calibration else "recovered" if synthetic else "predicted"
    roles = read_table(entry, "roles", where, {})
    for sample in roles:
        if sample not in chosen:
            raise UnknownNameError.among("sample", sample, chosen).inside(f"{where}.roles")
        if roles[sample] not in ROLES:
            raise UnknownNameError.among("role", str(roles[sample]), ROLES).inside(
                f"{where}.roles.{sample}"
            )
    value = read_text(entry, "value", where, quantity)
    cycle = read_whole(entry, "cycle", where)
    published = _read_known(entry, where, Output("", value, cycle))
    if isinstance(published, str) and published:
        named = [samples[sample].published_as for sample in chosen]
        check_reference(published, f"{where}.published", named)
    return Comparison(
        quantity=quantity,
        value=value,
        task=task,
        samples=chosen,
        role=read_choice(entry, "role", where, ROLES, usual),
        unit=read_unit(entry, where),
        area=read_choice(entry, "area", where, _AREAS, ""),
        published=published,
        cycle=cycle,
        ratio_to=ratio_to,
        roles=dict(roles),
        synthetic=synthetic,
    )


def _read_synthetic(
    entry: Mapping[str, Any], where: str, experiments: Mapping[str, Experiment]
) -> str:
    """Where the number that a synthetic record was made with comes from; "" where none is."""
    told = read_text(entry, "synthetic", where, "")
    if not told:
        return ""
    for key in ("published", "measured", "ratio_to"):
        if key in entry:
            raise InputError(f"give either synthetic or {key}", where=where)
    name = str(entry.get("experiment", ""))
    if name in experiments and experiments[name].do == "simulate":
        raise InputError(
            f"{name!r} is a simulation of the cell, not a synthetic measurement",
            where=f"{where}.synthetic",
        )
    return told


def _read_known(entry: Mapping[str, Any], where: str, row: Output) -> str | Published | Output:
    """What a row is compared with; of a task the same quantity unless another is named."""
    written = entry.get("published")
    if entry.get("measured", False) is not False:
        if entry["measured"] is not True:
            raise InputError(
                f"{entry['measured']!r} is neither true nor false", where=f"{where}.measured"
            )
        if written is not None:
            raise InputError("give either published or measured", where=where)
        if "experiment" not in entry:
            raise InputError(
                "needs an experiment, beside which the files were measured; "
                "with task, write published = {task = ...}",
                where=f"{where}.measured",
            )
        return Output(f"{{sample}}/{entry['experiment']}/measured/analysis", row.value, row.cycle)
    if isinstance(written, Mapping) and "task" in written:
        check_keys(written, ("task", "value", "cycle"), f"{where}.published")
        found = read_references(written, f"{where}.published")
        return Output(found.task, found.value or row.value, found.cycle or row.cycle)
    return read_published(entry, where)
