"""Calibrations as tasks, and what calibrated samples take from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.errors import InputError
from solith.core.quantities import in_unit, split_quantity
from solith.study._description import (
    Calibration,
    CalibrationTarget,
    Experiment,
    FreeParameter,
    Output,
    Sample,
    Setting,
    Task,
)
from solith.study._places import read_place
from solith.study._published import Published, find_published
from solith.study.tasks import find_kind

__all__ = ["calibration_task", "goal_of", "settings_for"]


def settings_for(
    sample: Sample, experiment: str, calibrations: Mapping[str, Calibration], before: str = ""
) -> list[Setting]:
    """What a sample's ``experiment`` takes from other tasks, in the order it is put in.

    Places begin with ``cell.``, ``analysis.`` or the name of an input of the experiment. With
    ``before``, a calibration of the sample, only what stands in front of that.
    """
    settings = [Setting(place, output) for place, output in sample.takes.items()]
    for name in sample.calibrated_by:
        if name == before:
            break
        calibration = calibrations[name]
        settings += [
            Setting(item.place, Output(calibration.task, item.name_for(sample.name)))
            for item in calibration.parameters
            if item.taken_by(sample.name)
            and item.experiment in ("", experiment)
            and (sample.name in calibration.samples or not item.per_sample)
        ]
    return settings


def calibration_task(
    calibration: Calibration,
    samples: Mapping[str, Sample],
    experiments: Mapping[str, Experiment],
    calibrations: Mapping[str, Calibration],
) -> Task:
    """The task of a calibration: parameters, targets and the runs that these need, all plain.

    A run is one experiment on one sample; it begins with what the sample takes from the
    calibrations in front of this one. A sample's replicates play no part.
    """
    where = f"calibrations.{calibration.name}"
    runs = _runs(calibration)
    inputs = {
        "name": f"Calibration {calibration.name}",
        "parameters": [
            written
            for place, item in enumerate(calibration.parameters, start=1)
            for written in _parameters(
                item, f"{where}.parameters.{place}", calibration, runs, samples, experiments
            )
        ],
        "targets": [
            _target(item, f"{where}.targets.{place}", sample, runs, samples)
            for place, item in enumerate(calibration.targets, start=1)
            for sample in item.samples
        ],
        "runs": [
            _run(samples[sample], experiments[experiment], where) for sample, experiment in runs
        ],
    }
    settings = [
        Setting(_in_run(number, item.place), item.output)
        for (sample, experiment), number in runs.items()
        for item in settings_for(samples[sample], experiment, calibrations, calibration.name)
        if _takes(experiments[experiment], item.place)
    ]
    return Task(calibration.task, "calibrate", inputs=inputs, settings=tuple(settings))


def goal_of(target: CalibrationTarget, sample: Sample, other: Sample | None) -> Published | None:
    """The published number that a target asks for, or ``None`` where there is none.

    That of a ratio is the ratio of the two published numbers, unless it is given as such.
    """
    if isinstance(target.published, Output):
        return None
    if isinstance(target.published, Published):
        return target.published
    found = find_published(target.published, sample.published_as)
    if other is None or found is None:
        return found
    below = find_published(target.published, other.published_as)
    return None if below is None else found.over(below)


def _runs(calibration: Calibration) -> dict[tuple[str, str], int]:
    pairs: dict[tuple[str, str], int] = {}
    for target in calibration.targets:
        for sample in (*target.samples, *filter(None, [target.ratio_to])):
            pairs.setdefault((sample, target.experiment), len(pairs) + 1)
    return pairs


def _run(sample: Sample, experiment: Experiment, where: str) -> dict[str, Any]:
    inputs = dict(experiment.inputs)
    kind = find_kind(experiment.do)
    if kind.takes("cell") and "cell" not in inputs:
        if sample.cell is None:
            raise InputError(
                f"sample {sample.name!r} has no cell, which {experiment.do!r} needs; "
                f"describe it in [samples.{sample.name}.cell]",
                where=f"{where}.targets",
            )
        from solith.cell import write_cell

        inputs["cell"] = write_cell(sample.cell)
    return {
        "sample": sample.name,
        "experiment": experiment.name,
        "do": experiment.do,
        "inputs": inputs,
        "analysis": dict(experiment.analysis),
    }


def _takes(experiment: Experiment, place: str) -> bool:
    return find_kind(experiment.do).takes("cell") or not place.startswith("cell.")


def _in_run(number: int, place: str) -> str:
    return f"runs.{number}.{place if place.startswith('analysis.') else f'inputs.{place}'}"


def _parameters(
    item: FreeParameter,
    where: str,
    calibration: Calibration,
    runs: Mapping[tuple[str, str], int],
    samples: Mapping[str, Sample],
    experiments: Mapping[str, Experiment],
) -> list[dict[str, Any]]:
    """One parameter as the task takes it, or one for each sample."""
    places: dict[str, list[str]] = {}
    starts: dict[str, float] = {}
    for (sample, experiment), number in runs.items():
        if not _in_trials(item, calibration, samples[sample]):
            continue
        if item.experiment not in ("", experiment):
            continue
        if not _takes(experiments[experiment], item.place):
            continue
        name = item.name_for(sample)
        places.setdefault(name, []).append(_in_run(number, item.place))
        if name not in starts:
            run = _run(samples[sample], experiments[experiment], where)
            starts[name] = _start(item, run, where)
    if not places:
        raise InputError(
            f"no target depends on {item.place!r}: no sample that takes it has a target"
            + (f" in {item.experiment!r}" if item.experiment else ""),
            where=f"{where}.place",
        )
    of_all = {
        "place": item.place,
        "experiment": item.experiment,
        "low": item.low,
        "high": item.high,
        "scale": item.scale,
        "unit": item.unit,
        "prior": list(item.prior) if item.prior is not None else None,
        "where": where,
    }
    return [
        {"name": name, "start": starts[name], "places": places[name], **of_all} for name in places
    ]


def _in_trials(item: FreeParameter, calibration: Calibration, sample: Sample) -> bool:
    """Whether a sample's trials take the parameter; one that ratios refer to need not."""
    if sample.name in calibration.samples:
        return item.taken_by(sample.name)
    if item.per_sample:
        return False
    return sample.name in item.samples or (
        not item.samples and calibration.name in sample.calibrated_by
    )


def _start(item: FreeParameter, run: Mapping[str, Any], where: str) -> float:
    """Where the search begins; the place must be there, and hold a number of this kind."""
    root = run if item.place.startswith("analysis.") else run["inputs"]
    above, _, last = item.place.rpartition(".")
    try:
        if item.start is not None:
            table = read_place(root, above)
            if isinstance(table, Mapping) and last not in table:
                return item.start
        found = read_place(root, item.place)
    except InputError as error:
        raise InputError(f"{item.place!r}: {error}", where=f"{where}.place") from None
    if isinstance(found, bool) or not isinstance(found, (int, float, str)):
        parts = ", ".join(map(str, found)) if isinstance(found, Mapping) else repr(found)
        raise InputError(
            f"{item.place!r} holds no number but {parts}; name the place of one",
            where=f"{where}.place",
        )
    try:
        number, unit = split_quantity(found) if isinstance(found, str) else (float(found), "")
        value = in_unit(number, unit, item.unit)
    except InputError as error:
        raise InputError(f"{item.place!r} holds {found!r}: {error.problem}", where=where) from None
    return value if item.start is None else item.start


def _target(
    target: CalibrationTarget,
    where: str,
    sample: str,
    runs: Mapping[tuple[str, str], int],
    samples: Mapping[str, Sample],
) -> dict[str, Any]:
    other = samples[target.ratio_to] if target.ratio_to else None
    known = goal_of(target, samples[sample], other)
    over = runs[target.ratio_to, target.experiment] if target.ratio_to else None
    cycle = f" of cycle {target.cycle}" if target.cycle is not None else ""
    ratio = f" over {target.ratio_to}" if target.ratio_to else ""
    return {
        "name": f"{sample}/{target.experiment}: {target.value}{cycle}{ratio}",
        "run": runs[sample, target.experiment],
        "over": over,
        "value": target.value,
        "cycle": target.cycle,
        "target": target.published if known is None else known.value,
        "unit": "" if known is None else known.unit,
        "source": "" if known is None else known.source,
        "uncertainty": target.uncertainty,
        "where": where,
    }
